"""An organisation that takes part no longer: what is in the way, what follows, and how it comes back."""

import pytest
from sqlalchemy import select

from app.accounts import queries, service
from app.accounts.errors import (
    OrganisationExists,
    OrganisationInactive,
    SitesRemain,
    StandingChanged,
    UnderWay,
)
from app.accounts.events import MembershipDecided, OrganisationArchived, OrganisationTakenBack
from app.accounts.models import Invitation, Membership, Role
from app.bookings import service as bookings
from app.bookings.errors import AskerGone, OrganisationNotActive
from app.catalogue import service as catalogue
from app.core.errors import Forbidden, ReasonMissing, TextTooLong
from app.core.states import IllegalMove
from app.infra.audit import history
from app.infra.db import db
from app.infra.uow import atomic
from tests.accounts.conftest import ADMIN, PASSWORD, acting
from tests.factories import (
    a_coordinator,
    a_manager,
    a_member,
    a_person,
    a_resource,
    a_site,
    a_territory,
    an_organisation,
    at,
    span,
)

pytestmark = pytest.mark.usefixtures("session", "frozen")


class Town:
    """An association with an administrator and a member, a kitchen of somebody else, and who coordinates."""

    def __init__(self):
        self.territory = a_territory()
        self.ours = an_organisation(self.territory, name="Les Glaneurs", phone="02 40 00 00 00")
        self.admin = a_member(self.ours, role=Role.ORG_ADMIN, name="Odile")
        self.member = a_member(self.ours, name="Paul")
        self.nadia = a_coordinator(self.territory, name="Nadia")
        self.site = a_site(an_organisation(self.territory), hours="Mo-Su 07:00-22:00")
        self.kitchen = a_resource(self.site, name="Cuisine")
        self.yann = a_manager(self.site)

    def ask(self, day="2026-10-06", person=None):
        wish = bookings.Request(
            self.kitchen.id, self.ours.id, span(f"{day} 09:00", f"{day} 12:00"), 1, "Soupes"
        )
        return bookings.ask(wish, acting(person or self.member), uid_host="mutualim.test")

    def archive(self, person=None, reason="Nous cessons.", seen=None):
        seen = seen or service.affairs_of(self.ours.id).fingerprint
        return service.archive_organisation(acting(person or self.admin), self.ours.slug, reason, seen=seen)


@pytest.fixture
def town():
    return Town()


def fresh(row):
    db.session.refresh(row)
    return row


def test_it_takes_part_no_longer(town, heard):
    admin = acting(town.admin)
    town.archive()
    organisation = fresh(town.ours)
    assert (organisation.state, organisation.archive_reason) == ("archived", "Nous cessons.")
    assert organisation.archived_at is not None
    assert not acting(town.member).belongs_to(organisation.id)
    with pytest.raises(OrganisationNotActive):
        bookings.ask(
            bookings.Request(
                town.kitchen.id, organisation.id, span("2026-10-06 09:00", "2026-10-06 12:00"), 1, "Soupes"
            ),
            admin,
            uid_host="mutualim.test",
        )
    told = heard.last(OrganisationArchived)
    assert [to.name for to in told.to] == ["Paul"]
    [line] = history("organisation", organisation.id)
    assert (line.act, line.facts) == ("archived", {"reason": "Nous cessons."})


@pytest.mark.parametrize("who", ["admin", "nadia", "platform"])
def test_by_its_administrators_the_coordination_or_the_platform(town, who):
    person = a_person(is_platform_admin=True) if who == "platform" else getattr(town, who)
    town.archive(person)
    assert fresh(town.ours).archived_by_itself is (who == "admin")


def test_and_by_nobody_else(town):
    for person in (town.member, town.yann, a_person()):
        with pytest.raises(Forbidden):
            town.archive(person)


@pytest.mark.parametrize(("reason", "refusal"), [("  ", ReasonMissing), ("x" * 2001, TextTooLong)])
def test_with_a_reason(town, reason, refusal):
    with pytest.raises(refusal):
        town.archive(reason=reason)


def test_what_is_booked_and_has_not_begun_is_cancelled_with_the_reason(town):
    waiting, reserved = town.ask("2026-10-06"), town.ask("2026-10-07")
    bookings.approve(reserved.id, acting(town.yann))
    town.archive()
    for booking in (fresh(waiting), fresh(reserved)):
        assert (booking.decision, booking.reason, booking.hold_id) == ("cancelled", "Nous cessons.", None)


def test_what_is_over_stays(town, frozen):
    booking = town.ask()
    bookings.approve(booking.id, acting(town.yann))
    frozen.move_to(at("2026-10-06 12:00"))
    town.archive()
    assert fresh(booking).decision == "approved"


def test_what_is_in_use_stands_in_the_way(town, frozen):
    booking = town.ask()
    bookings.approve(booking.id, acting(town.yann))
    frozen.move_to(at("2026-10-06 10:00"))
    with pytest.raises(UnderWay) as refused:
        town.archive()
    assert refused.value.facts == {"what": "Cuisine", "ref": booking.ref}
    assert fresh(town.ours).state == "active"


def test_its_places_stand_in_the_way(town, frozen):
    site = a_site(town.ours, name="Local des glaneurs")
    with pytest.raises(SitesRemain) as refused:
        town.archive()
    assert refused.value.facts == {"places": ["Local des glaneurs"], "slugs": [site.slug]}
    catalogue.archive_site(acting(town.admin), site)
    town.archive()


def test_what_came_after_the_list_was_read_is_read_first(town):
    seen = service.affairs_of(town.ours.id).fingerprint
    town.ask()
    with pytest.raises(StandingChanged):
        town.archive(seen=seen)


def test_who_waits_at_the_door_is_answered(town, heard):
    request = service.request_membership(acting(a_person(name="Zoé")), town.ours.slug, "Bonjour")
    service.invite(acting(town.admin), town.ours.slug, email="invitee@exemple.org")
    town.archive()
    assert db.session.get_one(Membership, request.id).state == "refused"
    assert (heard.last(MembershipDecided).to.name, heard.last(MembershipDecided).reason) == (
        "Zoé",
        "Nous cessons.",
    )
    assert db.session.scalars(select(Invitation)).one().revoked_at is not None


def test_it_is_archived_once(town):
    town.archive()
    with pytest.raises(OrganisationInactive):
        town.archive(town.nadia)


# -- coming back ------------------------------------------------------------------------------------------------


def test_who_archived_itself_may_take_itself_back(town, heard):
    booking = town.ask()
    town.archive()
    service.take_back_organisation(acting(town.admin), town.ours.slug)
    organisation = fresh(town.ours)
    assert (organisation.state, organisation.archived_at, organisation.archive_reason) == ("active", None, "")
    assert acting(town.member).belongs_to(organisation.id)
    assert fresh(booking).decision == "cancelled"
    assert [to.name for to in heard.last(OrganisationTakenBack).to] == ["Paul"]
    assert town.ask().decision == "pending"


def test_what_the_coordination_decided_is_not_undone_by_the_organisation(town):
    town.archive(town.nadia)
    for person in (town.admin, town.member):
        with pytest.raises(Forbidden):
            service.take_back_organisation(acting(person), town.ours.slug)
    service.take_back_organisation(acting(town.nadia), town.ours.slug)
    assert fresh(town.ours).state == "active"


def test_only_what_is_archived_comes_back(town):
    with pytest.raises(IllegalMove):
        service.take_back_organisation(acting(town.nadia), town.ours.slug)


def test_not_beside_another_of_the_same_name(town):
    town.archive()
    an_organisation(town.territory, name="Les glaneurs", search_text="les glaneurs")
    with atomic():
        town.ours.search_text = "les glaneurs"
    with pytest.raises(OrganisationExists):
        service.take_back_organisation(acting(town.admin), town.ours.slug)


def test_its_places_do_not_come_back_before_it(town):
    site = a_site(town.ours)
    catalogue.archive_site(acting(town.admin), site)
    town.archive()
    with pytest.raises(OrganisationInactive):
        catalogue.restore_site(acting(town.nadia), site)
    service.take_back_organisation(acting(town.nadia), town.ours.slug)
    catalogue.restore_site(acting(town.nadia), site)


def test_a_refusal_is_not_taken_back_for_who_has_left(town):
    booking = town.ask()
    bookings.refuse(booking.id, acting(town.yann), "Travaux")
    town.archive()
    with pytest.raises(OrganisationInactive):
        bookings.undo(booking.id, acting(town.yann))
    service.take_back_organisation(acting(town.admin), town.ours.slug)
    farewell = service.Farewell(queries.standing_of(town.member.id).fingerprint, "Parti")
    service.erase_account(acting(town.member), farewell, present=PASSWORD)
    with pytest.raises(AskerGone):
        bookings.undo(booking.id, acting(town.yann))


# -- the pages --------------------------------------------------------------------------------------------------


@pytest.fixture
def browser(client, login):
    def open_as(person):
        with client.session_transaction() as cookie:
            cookie["locale"] = "en"
        login(client, person)
        return client

    return open_as


def text_of(answer):
    return answer.get_data(as_text=True).replace("&#39;", "'").replace("\u00a0", " ")


def test_the_page_lists_what_is_cancelled_and_does_it(town, browser):
    booking = town.ask()
    client, url = browser(town.admin), f"/structures/{town.ours.slug}/archiver"
    page = text_of(client.get(url))
    assert "1 booking to come is cancelled with your reason" in page
    assert f"/reservations/{booking.ref}" in page
    sent = {"seen": service.affairs_of(town.ours.id).fingerprint}
    missing = client.post(url, data=sent)
    assert missing.status_code == 422
    assert "Give a reason" in text_of(missing)
    done = client.post(url, data=sent | {"reason": "Nous cessons."})
    assert (done.status_code, done.location) == (303, f"/structures/{town.ours.slug}")
    shown = text_of(client.get(done.location))
    for words in ("This organisation no longer takes part", "Nous cessons.", "Let it take part again"):
        assert words in shown
    back = client.post(f"/structures/{town.ours.slug}/reprendre")
    assert back.status_code == 303
    assert "You are one of them" in text_of(client.get(back.location))


def test_the_page_that_has_aged_is_shown_afresh(town, browser):
    client, url = browser(town.admin), f"/structures/{town.ours.slug}/archiver"
    seen = service.affairs_of(town.ours.id).fingerprint
    booking = town.ask()
    again = client.post(url, data={"seen": seen, "reason": "Nous cessons."})
    page = text_of(again)
    assert again.status_code == 409
    for words in ("Something has changed", "Nous cessons.", booking.ref):
        assert words in page
    assert service.affairs_of(town.ours.id).fingerprint in page


def test_the_page_names_the_places_in_the_way(town, browser):
    site = a_site(town.ours, name="Local des glaneurs")
    client, url = browser(town.nadia), f"/structures/{town.ours.slug}/archiver"
    page = text_of(client.get(url))
    assert "1 place of this organisation still takes part" in page
    assert f'href="/lieux/{site.slug}/gerer"' in page
    refused = client.post(url, data={"seen": "x", "reason": "Nous cessons."})
    assert refused.status_code == 409
    assert "These places still take part: Local des glaneurs" in text_of(refused)


@pytest.mark.parametrize(
    ("who", "status", "sees_reason", "takes_back"),
    [
        ("admin", 200, True, True),
        ("member", 200, True, False),
        ("yann", 200, False, False),
        (None, 303, False, False),
    ],
)
def test_who_reads_the_page_of_an_archived_organisation(
    town, client, login, who, status, sees_reason, takes_back
):
    town.archive()
    with client.session_transaction() as cookie:
        cookie["locale"] = "en"
    if who:
        login(client, getattr(town, who))
    answer = client.get(f"/structures/{town.ours.slug}")
    page = text_of(answer)
    assert answer.status_code == status
    assert ("Nous cessons." in page) is sees_reason
    assert ("Let it take part again" in page) is takes_back
    assert ("The coordination of the territory can take it back" in page) is (who == "member")
    assert "Archive the organisation" not in page


def test_archived_is_not_in_the_directory(town, client):
    town.archive()
    assert "Les Glaneurs" not in text_of(client.get("/structures"))


def test_an_archived_organisation_is_administered_by_the_platform(town):
    town.archive(town.nadia)
    assert service.take_back_organisation(ADMIN, town.ours.slug).state == "active"
