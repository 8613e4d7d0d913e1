"""What is kept for somebody's answer, proposed or offered: it has a name, stands against archiving, ends with a closure."""

import pytest

from app.availability.holders import holders
from app.availability.queries import Wish, verdict
from app.bookings import service
from app.bookings.models import Waiting
from app.bookings.narrowing import Answer, Closing, NewHours, narrow
from app.bookings.queries import last_reason
from app.bookings.service import Offer, Want
from app.catalogue import service as catalogue
from app.catalogue.errors import StillPromised
from app.core.policy import Actor
from app.infra import jobs
from app.infra.db import db
from tests.bookings.pages import World, text_of
from tests.factories import a_coordinator, a_manager, a_member, a_resource, a_site, an_organisation, span
from tests.helpers import count_queries

pytestmark = pytest.mark.usefixtures("session", "frozen")

THURSDAY = span("2026-10-08 09:00", "2026-10-08 12:00")


class Kept(World):
    """A request for the kitchen, with another time proposed in the cold room's site; and an offer from a line."""

    def __init__(self):
        super().__init__()
        self.annex = a_resource(self.site, name="Annexe")

    def proposed(self):
        booking = self.ask()
        return booking, service.propose(booking.id, self.manager, Offer(self.annex.id, THURSDAY, 1))

    def offered(self, app) -> Waiting:
        taken = self.ask()
        service.approve(taken.id, self.manager)
        organisation = an_organisation(self.territory, name="Secours alimentaire")
        person = a_member(organisation)
        self.helper = Actor(person_id=person.id, memberships={organisation.id: "member"})
        wanted = Want(self.kitchen.id, self.slot, 1, organisation.id, "Repas")
        entry = service.join(wanted, self.helper)
        service.cancel(taken.id, self.member, "Empêchés")
        jobs.run_due(app)
        db.session.expire_all()
        return entry

    def named(self, hold_id, actor, *, shows_names=True):
        return holders([hold_id], actor, shows_names=shows_names).get(hold_id)


@pytest.fixture
def kept():
    return Kept()


def test_what_is_proposed_has_a_name_for_both_sides_only(kept, app):
    booking, proposal = kept.proposed()
    hold_id = proposal.hold_id
    stranger = Actor(person_id=a_member(kept.owner).id, memberships={kept.owner.id: "member"})
    with app.test_request_context():
        for actor, kind in ((kept.manager, "pending"), (kept.member, "mine")):
            with count_queries(at_most=1):
                holder = kept.named(hold_id, actor)
            assert holder.shown.startswith("Proposé\u00a0: Les Glaneurs, réponse avant")
            assert (holder.kind, holder.waits, holder.href) == (kind, True, f"/reservations/{booking.ref}")
        assert kept.named(proposal.hold_id, stranger).shown == ""


def test_what_the_coordination_proposes_elsewhere_is_named_there_without_a_link(kept, app):
    """Who manages the other place reads for whom it is kept; the request is not theirs to see."""
    other = a_site(an_organisation(kept.territory), hours="Mo-Sa 07:00-22:00")
    room, manager = a_resource(other, name="Salle"), a_manager(other)
    coordinator = a_coordinator(kept.territory)
    actor = Actor(person_id=coordinator.id, coordinated=frozenset({kept.territory.id}))
    booking = kept.ask()
    proposal = service.propose(booking.id, actor, Offer(room.id, THURSDAY, 1))
    there = Actor(person_id=manager.id, managed_sites=frozenset({other.id}))
    with app.test_request_context():
        holder = kept.named(proposal.hold_id, there)
    assert holder.shown.startswith("Proposé\u00a0: Les Glaneurs")
    assert holder.href is None


def test_what_is_offered_has_a_name(kept, app):
    entry = kept.offered(app)
    with app.test_request_context():
        for actor, href in ((kept.manager, None), (kept.helper, f"/attente/{entry.ref}")):
            holder = kept.named(entry.hold_id, actor)
            assert holder.shown.startswith(
                "Offert (liste d’attente)\u00a0: Secours alimentaire, à prendre avant"
            )
            assert holder.href == href
        assert kept.named(entry.hold_id, kept.member).shown == ""


def test_the_week_and_the_planning_write_it(kept, browser):
    kept.proposed()
    manager = browser(kept.manager_person)
    for page in (f"/ressources/{kept.annex.slug}?date=2026-10-08", "/planning?date=2026-10-08"):
        assert "Proposed to Les Glaneurs until" in text_of(manager.get(page))


def test_what_is_proposed_stands_against_archiving_by_name_and_with_a_link(kept, browser):
    booking, _proposal = kept.proposed()
    with pytest.raises(StillPromised) as refused:
        catalogue.archive_resource(kept.manager, kept.annex)
    assert refused.value.facts["refs"] == [booking.ref]
    manager = browser(kept.manager_person)
    page = text_of(manager.get(f"/ressources/{kept.annex.slug}/archiver"))
    assert "1 booking or kept slot lies ahead" in page
    assert f'href="/reservations/{booking.ref}"' in page
    assert "Proposed to Les Glaneurs until" in page
    answer = manager.post(f"/ressources/{kept.annex.slug}/archiver", follow_redirects=True)
    assert "A slot is kept here for somebody: Proposed to Les Glaneurs until" in text_of(answer)
    service.withdraw_proposal(booking.id, booking.proposal.ref, kept.manager, "On ferme l'annexe")
    catalogue.archive_resource(kept.manager, kept.annex)


def test_what_is_offered_stands_against_archiving_by_name(kept, app, browser):
    kept.offered(app)
    page = text_of(browser(kept.manager_person).get(f"/ressources/{kept.kitchen.slug}/archiver"))
    assert "Offered to Secours alimentaire (waiting list) until" in page


def ended_by(change, actor):
    """Give the place and the organisation of each slot that ended, where no booking was hit."""
    narrowed = narrow(change, actor)
    assert narrowed.hit == 0
    return [(each.resource, each.whose) for each in narrowed.ended]


@pytest.mark.parametrize("hours", [False, True])
def test_a_closure_ends_what_is_proposed_and_the_request_waits_again(kept, hours):
    booking, proposal = kept.proposed()
    change = (
        NewHours(thing=kept.annex, expression="Mo-Sa 13:00-22:00", reason="Travaux")
        if hours
        else Closing(thing=kept.annex, span=THURSDAY, reason="Travaux")
    )
    assert ended_by(change, kept.manager) == [("Annexe", "Les Glaneurs")]
    assert (proposal.state, proposal.hold_id) == ("withdrawn", None)
    assert booking.decision == "pending"
    assert booking.expires_at is not None
    assert last_reason(booking.id, "proposal_withdrawn") == "Travaux"


def test_a_closure_takes_an_offer_back_and_the_place_in_line_stays(kept, app):
    entry = kept.offered(app)
    closing = Closing(thing=kept.site, span=kept.slot, reason="Travaux")
    assert ended_by(closing, kept.manager) == [("Cuisine partagée", "Secours alimentaire")]
    assert (entry.state, entry.hold_id, entry.expires_at) == ("waits", None, None)
    assert [each.code for each in verdict(Wish(kept.kitchen.id, kept.slot))] == ["closed"]
    jobs.run_due(app)
    db.session.expire_all()
    assert entry.state == "waits"


def test_what_lies_at_another_time_goes_on(kept):
    _booking, proposal = kept.proposed()
    elsewhen = span("2026-10-09 00:00", "2026-10-10 00:00")
    assert ended_by(Closing(thing=kept.annex, span=elsewhen, reason="Travaux"), kept.manager) == []
    assert proposal.state == "open"


def test_the_page_of_closures_says_what_ends(kept, browser):
    booking, _proposal = kept.proposed()
    whole_week = {"what": "", "date": "2026-10-05", "de": "00:00", "fin": "2026-10-10", "a": "24:00"}
    form = whole_week | {"reason": "Travaux"}
    manager, url = browser(kept.manager_person), f"/lieux/{kept.site.slug}/fermetures"
    shown = text_of(manager.post(url, data=form))
    assert "1 slot in this time is only proposed or offered to somebody" in shown
    named = "Annexe, Thursday 8 October, 09:00–12:00, proposed to “Les Glaneurs”"
    assert named in shown
    done = manager.post(url, data=form | {"confirm": "keep", "seen": booking.ref}, follow_redirects=True)
    assert f"1 slot that was proposed or offered to somebody is no longer kept ({named})" in text_of(done)


def test_a_request_whose_time_others_have_got_says_so_and_what_is_free(session, frozen, browser):
    town = World(arbitration_hours=48)
    a_resource(town.site, name="Annexe")
    booking, other = town.ask(), town.ask()
    url = f"/reservations/{booking.ref}"
    asker, manager = browser(town.person), browser(town.manager_person)
    assert "Somebody else has got the slot you asked for" not in text_of(asker.get(url))
    service.approve(other.id, town.manager)
    page = text_of(asker.get(url))
    assert "Somebody else has got the slot you asked for meanwhile" in page
    ways = page[page.index('id="instead"') :]
    assert f'href="/reservations/{booking.ref}/modifier?date=' in ways
    assert f"/demander?refaire={booking.ref}&amp;date=2026-10-06&amp;de=09:00" in ways
    assert "Wait for this slot" in page
    assert "Somebody else has got the slot you asked for" not in text_of(manager.get(url))


def test_an_answer_settles_the_bookings_and_what_is_kept_ends_with_it(kept):
    booking, proposal = kept.proposed()
    closing = Closing(thing=kept.site, span=span("2026-10-05 00:00", "2026-10-10 00:00"), reason="Travaux")
    assert narrow(closing, kept.manager, Answer([booking.ref], cancel=True)) == (
        1,
        [],
    )  # ended with its request
    assert (booking.decision, proposal.state) == ("cancelled", "withdrawn")
