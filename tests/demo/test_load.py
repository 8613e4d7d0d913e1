"""The demo loads on any day, tells every story, and promises nothing twice."""

import logging
from datetime import UTC, datetime, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select

from app.accounts.models import Invitation, Membership, Organisation, Person, Territory
from app.accounts.passwords import matches
from app.accounts.queries import load_actor
from app.availability.models import Claim, Closure, Hold, Schedule
from app.availability.opening import OpeningHours
from app.availability.queries import Wish, verdict
from app.availability.rules import Taken, peak
from app.bookings.costs import find_costs
from app.bookings.deposits import find_held
from app.bookings.models import Booking, BookingMessage, Series
from app.bookings.words import borrowed_words
from app.catalogue.kinds import get_kind
from app.catalogue.models import Resource
from app.catalogue.rules import FROM_PRICE
from app.core import clock
from app.core.span import Span
from app.demo.load import PASSWORD, DemoThere, NotEmpty, load
from app.demo.spec import read_spec
from app.infra.audit import history
from app.infra.job_table import Job
from app.payments.announced.models import Announcement
from app.payments.books.checking import broken
from app.payments.documents.models import Document
from app.payments.models import ChargeLine, CostPlan, Due, Payment
from app.payments.service.outlook import look_at
from app.payments.splits.splitting import Role
from app.supply.cargo import KILO
from app.supply.chains.mending import gaps_of, legs_of
from app.supply.chains.models import Chain, ChainDraft
from app.supply.chains.still_fit import unfit_legs
from app.supply.gleanings.models import Gleaning
from app.supply.offers.models import SurplusClaim, SurplusOffer
from app.supply.offers.queries import left_of
from app.supply.purchases.models import GroupPurchase
from tests.factories import a_person

log = logging.getLogger("demo")
PARIS = ZoneInfo("Europe/Paris")
ANCHORS = {
    "a Monday in term": datetime(2026, 11, 23, 9, tzinfo=UTC),
    "school holidays": datetime(2026, 10, 21, 14, 20, tzinfo=UTC),
    "the last day of the year": datetime(2026, 12, 31, 10, tzinfo=UTC),
    "a leap day": datetime(2028, 2, 29, 9, tzinfo=UTC),
    "the national holiday": datetime(2027, 7, 14, 8, 59, tzinfo=UTC),
    "a night": datetime(2027, 3, 28, 0, 30, tzinfo=UTC),  # the clocks change half an hour later
}
DECISIONS = {
    "soon_to_expire": "pending", "beside_another": "pending", "rival_one": "pending", "rival_two": "pending",
    "question_open": "pending", "surplus": "pending", "caterer": "pending", "school_kitchen": "pending", "school_kitchen_first": "pending",
    "counter_proposal": "pending", "freed": "cancelled", "tunnel": "pending", "cannery": "pending", "moved": "pending", "running_now": "approved", "tomorrow": "approved",
    "on_behalf": "approved", "desk": "approved", "crates": "approved", "borrowed": "approved", "visit": "approved", "packing": "approved", "refectory": "approved",
    "hobs": "approved", "cargo_bike": "approved", "nobody_came": "approved", "refused": "refused", "cancelled": "cancelled",
    "cancelled_by_manager": "cancelled", "expired": "expired",
}  # fmt: skip


@pytest.fixture(params=ANCHORS, ids=lambda name: name.replace(" ", "-"))
def loaded(request, session):
    """The demo on one of the days, with the clock stopped there."""
    with clock.stopped(ANCHORS[request.param]):
        report = load("mutualim.test", now=clock.now())
        log.info("demo %-26s %5.2f s  %s  left out %s", request.param, report.seconds, report.counts, report.dropped)  # fmt: skip
        yield report


@pytest.fixture
def quickly(session):
    with clock.stopped(ANCHORS["a Monday in term"]):
        yield load("mutualim.test", now=clock.now())


def scenes(session):
    """Find the staged bookings by the purposes that the data file gives them."""
    keys = {scene.purpose: scene.key for scene in read_spec().scenes}
    return {keys[b.purpose]: b for b in session.scalars(select(Booking).where(Booking.purpose.in_(keys)))}


def test_any_day_will_do(loaded, session):
    check_ground(session)
    check_stories(session)
    check_promises(session)
    check_bundle(session)
    check_series(session)
    check_costs(session)
    check_accounts(session)
    check_papers(session)
    assert loaded.counts["bookings"] > 150


def check_ground(session):
    resources = session.scalars(select(Resource)).all()
    assert len(resources) == 30
    for resource in resources:
        said = {key: value for key, value in resource.facts.items() if key != FROM_PRICE}  # a tariff says it
        facts, errors = get_kind(resource.kind).parse(said)
        assert (facts, errors) == (said, {}), resource.name
        assert resource.description, resource.name
        assert resource.house_rules, resource.name
    for schedule in session.scalars(select(Schedule)):
        assert str(OpeningHours.parse(schedule.expression)) == schedule.expression
        assert schedule.compiled_until > clock.now().date().toordinal() + 560
    statuses = {
        r.name: (r.status, r.visibility)
        for r in resources
        if (r.status, r.visibility) != ("active", "public")
    }
    assert sorted(statuses.values()) == [
        ("active", "hidden"), ("active", "members"), ("out_of_order", "public"), ("to_check", "public"),
    ]  # fmt: skip


def check_stories(session):
    staged, now = scenes(session), clock.now()
    decisions = {key: booking.decision for key, booking in staged.items()}
    expected = dict(DECISIONS)
    if not 7 <= now.astimezone(PARIS).hour < 22:
        expected.pop("running_now")  # nothing is open by night but the stores
    assert decisions == expected
    tomorrow = staged["tomorrow"].start_at.astimezone(PARIS).date()
    assert tomorrow == now.astimezone(PARIS).date() + timedelta(days=1)
    assert staged["soon_to_expire"].expires_at - now < timedelta(hours=4)
    if "running_now" in staged:
        assert staged["running_now"].start_at <= now < staged["running_now"].end_at
    assert staged["rival_one"].span == staged["rival_two"].span
    assert [line.act for line in history("booking", staged["moved"].id)] == ["requested", "approved", "moved"]
    assert [len(staged[key].approvals) for key in ("school_kitchen", "school_kitchen_first")] == [1, 1]
    check_neighbour(session, staged["beside_another"])
    check_talk(session, staged)
    assert "sur la part d’une autre structure" in borrowed_words(staged["borrowed"])
    running = select(func.count(Booking.id)).where(
        Booking.start_at <= now, Booking.end_at > now, Booking.decision == "approved"
    )
    assert session.scalar(running) >= 8  # long stays, whatever the hour


def check_bundle(session):
    """Of one chain an element is accepted, two wait, one is refused; one is on hold as a whole; one fetches flour.

    Something drives all of the way of each, and each element fits.
    """
    flour, courgettes, onions = session.scalars(select(Chain).order_by(Chain.grams))
    check_drafts(session, flour)
    assert [step.role for step in courgettes.steps] == ["collect", "store", "carry", "process"]
    assert [gaps_of(chain, chain.bundle.legs) for chain in (flour, courgettes, onions)] == [[], [], []]
    assert [unfit_legs(chain, legs_of(chain)) for chain in (flour, courgettes, onions)] == [{}, {}, {}]
    assert (onions.cargo.packages, onions.cargo.gross) == (100, 1_450_000)
    held = onions.bundle.legs
    assert [leg.decision for leg in held] == ["pending"] * 4
    assert len({leg.expires_at for leg in held}) == 1
    bundle = courgettes.bundle
    assert bundle.in_order
    legs = sorted(bundle.legs, key=lambda leg: leg.leg_number or 0)
    assert [leg.decision for leg in legs] == ["approved", "pending", "pending", "refused"]
    assert all(leg.expires_at > clock.now() for leg in legs[1:3])
    assert [leg.leg_number for leg in legs] == [1, 2, 3, 4]


def check_drafts(session, flour):
    """A gleaning to come has its chain still to be asked for; that of a purchase was, and is accepted."""
    known = {each.origin: each for each in session.scalars(select(ChainDraft))}
    apples = session.scalars(select(Gleaning).filter_by(product="Pommes à jus")).one()
    assert known[apples.origin].cargo.gross == 1_787_500
    purchase = session.scalars(select(GroupPurchase).filter_by(public_id=flour.origin.ref)).one()
    assert (purchase.state, flour.grams) == ("confirmed", known[purchase.origin].grams)
    assert [leg.decision for leg in flour.bundle.legs] == ["approved"]


def check_costs(session):
    """Of three associations two share what one booking costs, one has not answered; a budget has promised 40 % of it."""
    [plan] = [each for each in session.scalars(select(CostPlan)) if len(each.parties) > 1]
    booking = session.scalar(select(Booking).filter_by(ref=plan.subject_ref))
    costs = find_costs(booking)
    assert costs is not None
    looked = look_at(plan, costs.told)
    by_role = {role: sum(s.cents for s in looked.shares if s.role == role) for role in Role}
    assert (looked.cents, looked.held_cents) == (
        by_role[Role.SUBSIDY] + by_role[Role.PAYER],
        looked.cents * 2 // 5,
    )
    assert len({share.payer_id for share in looked.shares}) == 3
    assert [party.state for party in plan.parties] == ["accepted", "accepted", "invited"]
    held = find_held(booking)
    assert held is not None
    assert (held.deposit.state, held.deposit.method) == ("received", "cheque")


def check_accounts(session):
    """What is over is charged; most was paid, on line too, and something in advance; one use was free, and worth something."""
    assert broken() == []
    methods = {payment.method for payment in session.scalars(select(Payment))}
    assert methods == {"transfer", "card"}
    assert any(payment.free_cents for payment in session.scalars(select(Payment)))
    assert any(due.owed_cents for due in session.scalars(select(Due)))
    lines = session.scalars(select(ChargeLine)).all()
    assert any(line.cents == 0 and line.in_kind_cents for line in lines)
    pairs = {(due.payer_id, due.payee_id) for due in session.scalars(select(Due)) if due.owed_cents}
    assert any((payee, payer) in pairs for payer, payee in pairs)  # two who could settle


def check_papers(session):
    """One who is paid has bills and a receipt, made by a mandate; a transfer is announced and not noted yet."""
    assert {each.kind for each in session.scalars(select(Document))} == {"invoice", "receipt"}
    assert [each.state for each in session.scalars(select(Announcement))] == ["open"]


def check_series(session):
    """One series waits for one answer to many dates, one is reserved."""
    waiting, reserved = session.scalars(select(Series).order_by(Series.id))
    for series, decision in ((waiting, "pending"), (reserved, "approved")):
        dates = session.scalars(select(Booking).where(Booking.series_id == series.id)).all()
        assert len(dates) > 4
        assert {each.decision for each in dates} == {decision}


def check_neighbour(session, booking):
    day = booking.start_at.astimezone(PARIS).date()
    others = session.scalars(
        select(Booking).where(Booking.resource_id == booking.resource_id, Booking.id != booking.id)
    )
    assert [b for b in others if b.start_at.astimezone(PARIS).date() == day and b.decision == "approved"]


def check_talk(session, staged):
    counts = dict(
        session.execute(
            select(BookingMessage.booking_id, func.count()).group_by(BookingMessage.booking_id)
        ).all()
    )
    assert counts[staged["question_open"].id] == 1
    assert counts[staged["tomorrow"].id] == 4
    assert counts[staged["cannery"].id] == 2
    assert not session.scalars(select(BookingMessage).where(BookingMessage.at > clock.now())).all()


def check_promises(session):
    """Sweep every resource: never more taken than there is, by what counts at this moment."""
    live = (Hold.expires_at.is_(None)) | (Hold.expires_at > clock.epoch())
    rows = session.execute(
        select(Claim.resource_id, Resource.capacity, Claim.start_at, Claim.end_at, Claim.qty, Claim.hold_id, Hold.kind)
        .join(Hold).join(Resource, Resource.id == Claim.resource_id).where(live)
        .order_by(Claim.resource_id)
    ).all()  # fmt: skip
    assert len(rows) > 200
    for (_resource, capacity), claims in groupby(rows, key=lambda row: (row[0], row[1])):
        taken = [Taken(*claim[2:]) for claim in claims]
        assert peak(taken, min(c.start for c in taken), max(c.end for c in taken)) <= capacity
    holding = {
        b.hold_id
        for b in session.scalars(select(Booking))
        if b.decision in ("refused", "cancelled", "expired")
    }
    assert holding == {None}


def test_what_waits_at_the_doors(quickly, session):
    requested = session.scalars(select(Membership).filter_by(state="requested")).all()
    answering = {
        m.organisation.name: {a.role for a in m.organisation.memberships if a.state == "active"}
        for m in requested
    }
    assert answering["Épicerie solidaire Le Panier commun"] == {"org_admin", "member"}
    assert answering["Jardins partagés du Canal"] == {"member"}  # nobody there: the coordination answers
    assert [o.name for o in session.scalars(select(Organisation).filter_by(state="pending"))] == [
        "Les Confitures de la Vallée"
    ]
    assert all(i.expires_at > clock.now() for i in session.scalars(select(Invitation)))
    assert session.scalar(select(func.count(Invitation.id))) == 2


def test_a_room_is_closed_next_week_with_a_reason(quickly, session):
    closure = session.scalars(select(Closure)).one()
    assert closure.reason
    monday = clock.now().astimezone(PARIS).date() + timedelta(days=7)
    first = closure.start_at.astimezone(PARIS).date()
    assert monday <= first < monday + timedelta(days=7)
    start = closure.start_at + timedelta(hours=10)
    (refusal,) = verdict(Wish(closure.resource_id or 0, Span(start, start + timedelta(hours=2))))
    assert refusal.code == "closed"


def test_everybody_shown_can_sign_in_and_has_a_role(quickly, session):
    shown = [person for person in read_spec().people if person.shown]
    people = {p.email: p for p in session.scalars(select(Person))}
    assert matches(PASSWORD, people["benevole@demo.example"].password_hash)
    assert len({p.password_hash for p in people.values()}) == 1
    actors = {p.email.partition("@")[0]: load_actor(people[p.email].id) for p in shown}
    assert actors["admin"].is_platform_admin
    assert len(actors["coordination"].coordinated) == 1
    assert len(actors["glaneur"].memberships) == 2
    assert "org_admin" in actors["epicerie"].memberships.values()
    managers = [
        actors[name].managed_sites for name in ("pole", "cantine", "entrepot", "grange", "espace-test")
    ]
    assert len(frozenset().union(*managers)) == 5
    assert len(set(session.scalars(select(Territory)).one().communes)) == 19


def test_letters_only_about_what_still_waits(session):
    with clock.stopped(ANCHORS["a Monday in term"]):
        load("mutualim.test", now=clock.now(), with_mail=True)
    if session.get_bind().dialect.name == "sqlite":
        assert 5 <= session.scalar(select(func.count(Job.id))) <= 60


def test_it_never_loads_twice_nor_into_somebodys_data(session):
    with clock.stopped(ANCHORS["a Monday in term"]):
        a_person()
        with pytest.raises(NotEmpty):
            load("mutualim.test")
        load("mutualim.test", beside=True)
        with pytest.raises(DemoThere):
            load("mutualim.test", beside=True)
    assert session.scalar(select(func.count(Territory.id))) == 1


@pytest.fixture
def run(app, session):
    """Run `flask demo load` with these arguments."""

    def run(*arguments):
        return app.test_cli_runner().invoke(args=["demo", "load", *arguments])

    return run


def test_the_command_tells_what_it_did_and_how_to_sign_in(run):
    first = run("--anchor", "2026-11-23")
    assert first.exit_code == 0, first.output
    assert "Demo loaded in" in first.output
    assert "benevole@demo.example" in first.output
    assert PASSWORD in first.output
    again = run("--if-empty")
    assert (again.exit_code, "Demo loaded" in again.output) == (0, False)
    assert "benevole@demo.example" in again.output
    refused = run("--force")
    assert (refused.exit_code, "already" in refused.output) == (1, True)


def test_the_command_leaves_somebodys_data_alone(run, session):
    a_person()
    assert (run("--if-empty").exit_code, run("--if-empty").output) == (0, "")
    refused = run()
    assert (refused.exit_code, "--force" in refused.output) == (1, True)
    assert session.scalar(select(func.count(Territory.id))) == 0
    assert run("--force", "--anchor", "2026-11-23").exit_code == 0


@pytest.mark.parametrize("anchor", ["tomorrow", "2026-02-30", ""])
def test_a_day_that_is_none_is_refused(run, anchor):
    assert run("--anchor", anchor).exit_code == 2


def test_something_is_offered_and_a_part_of_it_taken(quickly, session):
    offers = {each.product: each for each in session.scalars(select(SurplusOffer))}
    states = {name: (offer.state, left_of(offer) // KILO) for name, offer in offers.items()}
    assert states == {
        "Courgettes": ("open", 184),
        "Pommes à couteau": ("open", 1260),
        "Yaourts nature": ("over", 20),
    }
    parts = session.scalars(
        select(SurplusClaim).join(SurplusOffer).where(SurplusOffer.product == "Courgettes")
    )
    by_weight = {part.grams // KILO: part.state for part in parts}
    assert by_weight == {120: "collected", 96: "claimed"}, (
        "of one a note says what came, and who offers that nothing is left to fetch"
    )
    sold = session.scalars(select(CostPlan).filter_by(subject_kind="surplus")).one()
    assert sold.is_closed, "what was collected is charged"
