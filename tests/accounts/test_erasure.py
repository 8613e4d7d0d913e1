"""Erasing one's account: what is in the way, what goes and what stays, and that nobody comes back."""

import pytest
from sqlalchemy import select

from app.accounts import queries, service
from app.accounts.errors import HeirMissing, LinkUsed, StandingChanged, StillNeeded, UnderWay, WrongPassword
from app.accounts.events import AccountErased, ErasureAsked
from app.accounts.leaving import Farewell, Obstacle
from app.accounts.models import Membership, OrganisationState, Person, Role
from app.bookings import service as bookings
from app.bookings.models import Booking, BookingMessage
from app.calendars.models import Subscription
from app.core.errors import NotFound
from app.core.policy import VISITOR
from app.infra.audit import history
from app.infra.db import db
from app.infra.uow import atomic
from tests.accounts.conftest import ADMIN, PASSWORD, acting, membership_id
from tests.accounts.town import Town
from tests.factories import (
    a_coordinator,
    a_manager,
    a_member,
    a_person,
    a_site,
    a_territory,
    an_organisation,
    at,
)
from tests.helpers import count_queries

pytestmark = pytest.mark.usefixtures("session", "frozen")


@pytest.fixture
def town(anna) -> Town:
    made = Town(anna)
    made.live()
    a_manager(made.own_site)  # so that nobody counts on Anna alone
    return made


def standing(person):
    return queries.standing_of(person.id)


def farewell(person, **said):
    return Farewell(standing(person).fingerprint, said.pop("reason", "Compte supprimé"), **said)


def erase(person, **said):
    service.erase_account(acting(person), farewell(person, **said), present=PASSWORD)


def obstacles(person):
    return [each.obstacle for each in standing(person).in_the_way(at("2026-09-01 10:00"))]


def fresh(row):
    db.session.refresh(row)
    return row


# -- what is in the way ---------------------------------------------------------------------------------------


def test_nothing_is_in_the_way_of_most_people(town):
    assert obstacles(town.anna) == []
    assert standing(town.anna).belongs_to[0].name == "Les Glaneurs"


def test_the_last_administrator_first_makes_another(town):
    [seen] = standing(town.admin).in_the_way(at("2026-09-01 10:00"))
    assert (seen.obstacle, seen.name, seen.alone) == (Obstacle.LAST_ADMINISTRATOR, "Les Glaneurs", False)
    service.change_role(ADMIN, membership_id(town.anna, town.ours), Role.ORG_ADMIN)
    assert obstacles(town.admin) == []


def test_the_only_member_is_told_to_invite_or_to_archive(town):
    lonely = an_organisation(town.owner.territory)
    founder = a_member(lonely, role=Role.ORG_ADMIN)
    [seen] = standing(founder).in_the_way(at("2026-09-01 10:00"))
    assert (seen.obstacle, seen.alone) == (Obstacle.LAST_ADMINISTRATOR, True)


def test_the_only_manager_first_has_another_named(town):
    assert obstacles(town.yann) == [Obstacle.ONLY_MANAGER]
    a_manager(town.site)
    assert obstacles(town.yann) == []


def test_a_manager_who_left_does_not_count_as_another(town, frozen):
    a_manager(town.site, disabled_at=frozen.now)
    assert obstacles(town.yann) == [Obstacle.ONLY_MANAGER]


def test_a_place_that_takes_no_part_keeps_nobody(town, frozen):
    with atomic():
        town.site.archived_at = frozen.now
    assert obstacles(town.yann) == []


def test_a_coordinator_first_hands_over():
    territory = a_territory()
    first = a_coordinator(territory)
    [seen] = standing(first).in_the_way(at("2026-09-01 10:00"))
    assert (seen.obstacle, seen.name, seen.alone) == (Obstacle.COORDINATOR, territory.name, True)
    a_coordinator(territory)
    [seen] = standing(first).in_the_way(at("2026-09-01 10:00"))
    assert (seen.obstacle, seen.alone) == (Obstacle.COORDINATOR, False)


def test_the_platform_is_not_left_without_an_administrator():
    first = a_person(is_platform_admin=True)
    assert obstacles(first) == [Obstacle.LAST_PLATFORM_ADMIN]
    a_person(is_platform_admin=True)
    assert obstacles(first) == []


def test_what_is_in_the_way_is_refused(town):
    with pytest.raises(StillNeeded):
        erase_without_password(town.yann)
    assert fresh(town.yann).name == "Yann Caché"


def erase_without_password(person, **said):
    """Erase the account of somebody of the factories, who has no password."""
    service.erase_account(acting(person), farewell(person, **said), present="")


# -- what goes and what stays ---------------------------------------------------------------------------------


def test_nobody_is_left_in_the_row(town, heard):
    anna = town.anna
    erase(anna)
    person = fresh(anna)
    assert (person.name, person.phone, person.password_hash) == ("", "", None)
    assert person.email.endswith("@compte-supprime.invalid")
    assert person.erased_at == person.disabled_at is not None
    assert queries.load_actor(person.id) == VISITOR
    told = heard.last(AccountErased)
    assert (told.to.email, told.to.name, told.why) == ("anna@exemple.org", "Anna Le Bris", "asked")


def test_every_way_in_ends(town):
    anna, secret = town.anna, service.create_token(acting(town.anna), "Encore un")
    session = anna.get_id()
    erase(anna)
    assert service.find_token_owner(secret) is None
    assert queries.access_tokens_of(anna.id) == []
    links = db.session.scalars(select(Subscription).filter_by(person_id=anna.id)).all()
    assert [(link.revoked_at is not None, link.last_client) for link in links] == [(True, "")]
    assert fresh(anna).get_id() != session
    with pytest.raises(NotFound):
        service.edit_profile(acting_as(anna), name="Anna", phone="", locale="fr")


def acting_as(person):
    """Act as a request that began before the account was erased."""
    return queries.Account(
        person.id, "", "", "", "", "fr", 0, False, True, None, (), frozenset(), frozenset()
    ).actor()


def test_the_address_may_open_another_account(town):
    erase(town.anna)
    again = service.open_verified_account(name="Anna", email="anna@exemple.org", password=PASSWORD)
    assert again != town.anna.id
    assert queries.own_data(again)["bookings"] == []


def test_memberships_and_roles_end(town):
    other = an_organisation(town.owner.territory)
    service.request_membership(acting(town.anna), other.slug, "Bonjour, c'est Anna")
    erase(town.anna)
    rows = db.session.scalars(select(Membership).filter_by(person_id=town.anna.id)).all()
    assert {(row.state, row.message, row.role) for row in rows} == {("ended", "", "member")}
    assert [person.id for person in queries.people_of(town.ours.id)] == [town.admin.id]
    assert town.anna.id not in [person.id for person in queries.managers_of(town.own_site.id)]


def test_a_proposal_that_nobody_stands_for_is_withdrawn(anna):
    facts = service.OrganisationFacts("La Nouvelle", "association", "nonprofit")
    proposed = service.create_organisation(acting(anna), a_territory().id, facts)
    assert [tie.name for tie in standing(anna).proposals] == ["La Nouvelle"]
    erase(anna)
    assert fresh(proposed).state == OrganisationState.ARCHIVED


def test_what_is_over_stays_without_a_name(town, client, login):
    erase(town.anna)
    ref, yann = town.booking.ref, town.yann
    for language, deleted in (("fr", "Compte supprimé"), ("en", "Deleted account")):
        with client.session_transaction() as cookie:
            cookie["locale"] = language
        login(client, fresh(yann))
        page = client.get(f"/reservations/{ref}").get_data(as_text=True)
        assert page.count(deleted) >= 3  # who asked, their message, the history
        assert "Avec des enfants" in page
        assert "Anna" not in page
        assert "compte-supprime.invalid" not in page


def test_ones_own_words_go_too_when_asked(town, client, login):
    erase(town.anna, messages_too=True)
    texts = db.session.scalars(select(BookingMessage.text).filter_by(author_id=town.anna.id)).all()
    assert set(texts) == {""}
    with client.session_transaction() as cookie:
        cookie["locale"] = "en"
    login(client, fresh(town.yann))
    page = client.get(f"/reservations/{town.booking.ref}").get_data(as_text=True)
    assert "Message erased with the account of its author" in page
    assert "Les clés sont chez moi" in page


def test_the_history_says_that_it_happened(town):
    erase(town.anna)
    assert [(each.act, each.facts) for each in history("person", town.anna.id)][-1] == (
        "erased",
        {"why": "asked"},
    )


def test_ones_contact_at_organisations_and_places_is_shown_and_stays(town):
    with atomic():
        town.ours.phone, town.own_site.email = town.anna.phone, town.anna.email
        town.site.email = town.anna.email  # not near her: not hers to change
    assert {each.name for each in standing(town.anna).contacts} == {"Les Glaneurs", "Local des glaneurs"}
    erase(town.anna)
    assert fresh(town.ours).phone == "02 40 11 22 33"


# -- bookings to come -----------------------------------------------------------------------------------------


@pytest.fixture
def coming(town):
    booking = town.ask(town.kitchen, acting(town.anna), "Confitures", day="2026-10-08")
    bookings.approve(booking.id, acting(town.yann))
    return booking


def test_a_booking_to_come_is_not_forgotten(town, coming):
    with pytest.raises(HeirMissing):
        erase(town.anna)
    with pytest.raises(HeirMissing):
        erase(town.anna, heirs={town.ours.id: town.yann.id})
    assert fresh(town.anna).name == "Anna Le Bris"


def test_it_is_cancelled_with_the_reason(town, coming):
    erase(town.anna, heirs={town.ours.id: None}, reason="Le compte a été supprimé.")
    booking = fresh(coming)
    assert (booking.decision, booking.reason, booking.hold_id) == (
        "cancelled",
        "Le compte a été supprimé.",
        None,
    )
    assert [each.act for each in history("booking", coming.id)] == ["requested", "approved", "cancelled"]


def test_or_handed_over_to_another_member(town, coming):
    before = coming.revision
    erase(town.anna, heirs={town.ours.id: town.admin.id})
    booking = fresh(coming)
    assert (booking.decision, booking.requester_id) == ("approved", town.admin.id)
    assert booking.hold_id is not None
    assert booking.revision > before
    bookings.cancel(booking.id, acting(town.admin), "Plus besoin")


def test_what_is_over_is_not_handed_over(town, coming):
    erase(town.anna, heirs={town.ours.id: town.admin.id})
    assert fresh(town.booking).requester_id == town.anna.id


def test_for_an_organisation_of_others_its_administrator_may_take_over(town):
    manager = a_manager(town.site)
    booking = town.ask(town.kitchen, acting(manager), "Pour eux", day="2026-10-09")
    [(tie, _pledges)] = standing(manager).promised
    assert (tie.belongs, [heir.name for heir in tie.heirs]) == (False, [""])  # who it is, is theirs to tell
    erase_without_password(manager, heirs={town.ours.id: town.admin.id})
    assert fresh(booking).requester_id == town.admin.id


def test_what_is_in_use_is_not_cancelled_from_afar(town, coming, frozen):
    frozen.move_to(at("2026-10-08 10:00"))
    with pytest.raises(UnderWay) as refused:
        erase(town.anna, heirs={town.ours.id: None})
    assert refused.value.facts["ref"] == coming.ref
    erase(town.anna, heirs={town.ours.id: town.admin.id})
    assert fresh(coming).requester_id == town.admin.id


def test_what_is_in_use_and_nobody_can_take_over_is_in_the_way(town, frozen):
    lonely = an_organisation(town.owner.territory)
    manager = a_manager(town.site)
    wish = bookings.Request(town.kitchen.id, lonely.id, town.booking.span, 1, "Pour eux")
    bookings.ask(wish, acting(manager), uid_host="mutualim.test")
    booking = db.session.scalars(select(Booking).filter_by(requester_id=manager.id)).one()
    bookings.approve(booking.id, acting(town.yann))
    frozen.move_to(at("2026-10-06 10:00"))
    [seen] = standing(manager).in_the_way(frozen.now)
    assert (seen.obstacle, seen.slug) == (Obstacle.UNDER_WAY, booking.ref)


# -- seeing before ----------------------------------------------------------------------------------------------


def test_what_came_after_the_page_was_seen_is_seen_first(town):
    seen = farewell(town.anna)
    town.ask(town.kitchen, acting(town.anna), "Confitures", day="2026-10-08")
    with pytest.raises(StandingChanged):
        service.erase_account(acting(town.anna), seen, present=PASSWORD)
    assert fresh(town.anna).name == "Anna Le Bris"


def test_the_password_is_asked(town):
    with pytest.raises(WrongPassword):
        service.erase_account(acting(town.anna), farewell(town.anna), present="faux")


def test_without_a_password_a_link_confirms(heard):
    person = a_person(name="Sans mot de passe")
    service.ask_erasure(acting(person), farewell(person, messages_too=True))
    secret = heard.last(ErasureAsked).secret
    service.erase_by_link(secret)
    assert fresh(person).erased_at
    with pytest.raises(NotFound):
        service.erase_by_link(secret)


def test_a_second_link_ends_the_first(heard):
    person = a_person()
    for _ in range(2):
        service.ask_erasure(acting(person), farewell(person))
    first, _second = heard.of(ErasureAsked)
    with pytest.raises(LinkUsed):
        service.erase_by_link(first.secret)


@pytest.mark.parametrize(
    "act",
    [
        lambda person: service.change_password(acting(person), present="", password="un nouveau mot long"),
        lambda person: service.sign_out_everywhere(acting(person)),
    ],
)
def test_who_takes_the_account_back_ends_the_link(heard, act):
    person = a_person()
    service.ask_erasure(acting(person), farewell(person))
    act(person)
    with pytest.raises(LinkUsed):
        service.erase_by_link(heard.last(ErasureAsked).secret)


def test_a_standing_takes_no_more_questions_when_there_is_more(town):
    def questions() -> int:
        with count_queries() as counted:
            queries.standing_of(anna_id)
        return len(counted)

    anna_id = town.anna.id
    town.ask(town.kitchen, acting(town.anna), "Confitures", day="2026-10-08")
    before = questions()
    for number in range(3):
        other = an_organisation(town.owner.territory)
        service.add_member(ADMIN, other.slug, anna_id)
        site = a_site(other)
        service.grant_site_manager(ADMIN, site_id=site.id, territory_id=site.territory_id, person_id=anna_id)
        town.ask(town.kitchen, acting(town.anna), "Encore", day=f"2026-10-{13 + number}")
    assert len(standing(town.anna).ties) == 4
    assert questions() == before


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


def test_the_page_says_what_happens_and_does_it(town, coming, browser):
    client, anna_id, admin_id = browser(town.anna), town.anna.id, town.admin.id
    page = text_of(client.get("/compte/supprimer"))
    for words in (
        "What is erased",
        "What stays",
        "1 booking for Les Glaneurs",
        "Odile Cachée",
        "Nobody: cancel",
    ):
        assert words in page
    sent = {"seen": standing(town.anna).fingerprint, "present": PASSWORD}
    missing = client.post("/compte/supprimer", data=sent)
    assert missing.status_code == 422
    assert "Say who looks after these bookings" in text_of(missing)
    chosen = sent | {f"heir_{town.ours.id}": str(admin_id), "messages_too": "y"}
    wrong = client.post("/compte/supprimer", data=chosen | {"present": "faux"})
    assert wrong.status_code == 422
    assert f'<option selected value="{admin_id}">' in text_of(wrong)
    done = client.post("/compte/supprimer", data=chosen)
    assert (done.status_code, done.location) == (303, "/au-revoir")
    assert "Your account is erased" in text_of(client.get("/au-revoir"))
    assert client.get("/compte").location == "/connexion?next=/compte"
    assert db.session.get_one(Person, anna_id).name == ""


def test_the_page_that_has_aged_is_shown_afresh(town, browser):
    client, seen = browser(town.anna), standing(town.anna).fingerprint
    town.ask(town.kitchen, acting(town.anna), "Confitures", day="2026-10-08")
    chosen = {"seen": seen, "present": PASSWORD, f"heir_{town.ours.id}": "cancel"}
    again = client.post("/compte/supprimer", data=chosen)
    page = text_of(again)
    assert again.status_code == 409
    assert "Something has changed since you opened this page" in page
    assert standing(town.anna).fingerprint in page
    assert '<option selected value="cancel">' in page


def test_the_page_says_what_to_do_first(town, browser):
    client = browser(town.yann)
    page = text_of(client.get("/compte/supprimer"))
    assert "You alone manage “Espace Jean-Moulin”" in page
    assert f'href="/lieux/{town.site.slug}/gerer"' in page
    assert "Erase my account for good" not in page
    refused = client.post("/compte/supprimer", data={"seen": standing(town.yann).fingerprint})
    assert refused.status_code == 409
    assert "Others still count on you" in text_of(refused)


def test_confirming_by_mail(town, browser, heard):
    manager = a_manager(town.site, name="Manon")
    town.ask(town.kitchen, acting(manager), "Pour eux", day="2026-10-09")
    client = browser(manager)
    chosen = {"seen": standing(manager).fingerprint, f"heir_{town.ours.id}": str(town.admin.id)}
    sent = client.post("/compte/supprimer", data=chosen)
    assert (sent.status_code, sent.location) == (303, "/compte")
    url = f"/compte/supprimer/{heard.last(ErasureAsked).secret}"
    page = client.get(url)
    assert page.headers["Cache-Control"] == "no-store"
    assert "Handed over to an administrator of the organisation" in text_of(page)
    assert fresh(manager).name == "Manon"  # looking changes nothing
    assert client.post(url).location == "/au-revoir"
    assert fresh(manager).name == ""
    assert client.get(url).status_code == 404


def test_a_link_whose_page_has_aged_erases_nothing(town, browser, heard):
    manager = a_manager(town.site)
    client = browser(manager)
    client.post("/compte/supprimer", data={"seen": standing(manager).fingerprint})
    url = f"/compte/supprimer/{heard.last(ErasureAsked).secret}"
    town.ask(town.kitchen, acting(manager), "Pour eux", day="2026-10-09")
    assert "Something has changed" in text_of(client.get(url))
    refused = client.post(url)
    assert refused.status_code == 409
    assert "Nothing has been erased" in text_of(refused)
    assert not fresh(manager).erased_at


def test_programs_read_the_same(town, client):
    secret = service.create_token(acting(town.yann), "Tableur")
    erase(town.anna)
    headers = {"Authorization": f"Bearer {secret}", "Accept-Language": "fr"}
    told = client.get(f"/api/v1/bookings/{town.booking.ref}", headers=headers).get_json()
    assert told["requester"] == {"name": "Compte supprimé"}
