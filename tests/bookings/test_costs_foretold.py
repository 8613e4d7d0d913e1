"""What a page says a booking would cost at another time or place is what it costs once it is there."""

import re

import pytest

from app.bookings import service
from app.bookings.queries import get_booking
from app.payments.service import subsidising
from app.payments.service.outlook import look_at
from app.payments.splits.keys import KeyKind
from tests.bookings.money import Meter, MoneyWorld, ShareRole, span, tariff
from tests.bookings.pages import text_of
from tests.bookings.test_costs import fresh
from tests.factories import a_resource

pytestmark = pytest.mark.usefixtures("session", "frozen")

THURSDAY = {"date": "2026-10-08", "de": "09:00", "a": "11:00", "quantite": "1"}  # two hours instead of three
SLOT = span("2026-10-08 09:00", "2026-10-08 11:00")


@pytest.fixture
def world(session, frozen):
    return MoneyWorld()


def said(page: str) -> list[str]:
    """Give the sentences of a page about what something would cost."""
    return re.findall(r"(?:Estimated cost:|Reduced price for)[^<]*(?=<)", page)


def read(client, url, **query) -> str:
    return " ".join(text_of(client.get(url, query_string=query)).split())


def parts(world, booking) -> tuple[int, int]:
    """Tell what a booking costs as it is shown, and what programmes bear of it."""
    costs = world.costs(get_booking(booking.ref))
    outlook = look_at(costs.plan, costs.told)
    return outlook.cents, sum(share.cents for share in outlook.shares if share.role is ShareRole.SUBSIDY)


def propose(world, booking, place=None):
    offer = service.Offer((place or world.kitchen).id, SLOT, 1, "Plutôt jeudi ?")
    return service.propose(booking.id, world.manager, offer)


def test_what_helps_to_pay_helps_to_pay_it_at_another_time(world, browser):
    envelope = world.envelope()
    booking = world.booked()
    assert fresh(envelope).held_cents == 1440
    page = read(browser(world.person), f"/reservations/{booking.ref}/modifier", **THURSDAY)
    assert said(page) == ["Estimated cost: €24.00, of which €9.60 borne by PAT; you pay €14.40"]
    service.change(booking.id, world.member, SLOT, 1)
    assert parts(world, booking) == (2400, 960)
    assert fresh(envelope).held_cents == 0, "the manager has to answer again"
    service.approve(booking.id, world.manager)
    assert (parts(world, booking), fresh(envelope).held_cents) == ((2400, 960), 960)


def test_a_programme_begun_since_is_not_promised_to_what_was_asked_for_before(world, browser):
    booking = world.ask()
    world.envelope()
    page = read(browser(world.person), f"/reservations/{booking.ref}/modifier", **THURSDAY)
    assert said(page) == ["Estimated cost: €24.00"]
    proposal = propose(world, booking)
    assert "€24.00" in read(browser(world.person), f"/reservations/{booking.ref}")
    assert "borne by" not in read(browser(world.person), f"/reservations/{booking.ref}")
    service.accept_proposal(booking.id, proposal.ref, world.member)
    assert parts(world, booking) == (2400, 0)


def test_what_was_promised_stands_when_the_programme_has_changed_or_ended(world, browser):
    envelope = world.envelope()
    booking = world.ask()
    subsidising.close_programme(world.coordinator, envelope.programme_id)
    page = read(browser(world.person), f"/reservations/{booking.ref}/modifier", **THURSDAY)
    assert said(page) == ["Estimated cost: €24.00, of which €9.60 borne by PAT; you pay €14.40"]
    proposal = propose(world, booking)
    service.accept_proposal(booking.id, proposal.ref, world.member)
    assert (parts(world, booking), fresh(envelope).held_cents) == ((2400, 960), 960)


def test_what_is_held_for_it_is_left_for_it_and_never_more_than_is_left(world, browser):
    envelope = world.envelope(budget=1000)
    booking = world.booked()
    assert fresh(envelope).left_cents == 0
    url = f"/reservations/{booking.ref}/modifier"
    longer = THURSDAY | {"a": "17:00"}  # €96.00, of which €38.40 would be helped
    page = read(browser(world.person), url, **longer)
    assert said(page) == ["Estimated cost: €96.00, of which €10.00 borne by PAT; you pay €86.00"]
    assert "borne by" not in read(browser(world.person), world.ask_url, **THURSDAY)
    service.change(booking.id, world.member, span("2026-10-08 09:00", "2026-10-08 17:00"), 1)
    service.approve(booking.id, world.manager)
    assert (parts(world, booking), fresh(envelope).held_cents) == ((9600, 1000), 1000)


def test_the_manager_reads_who_pays_what(world, browser):
    world.price(
        world.kitchen, tariff((Meter.HOUR, 1200), coefficients_bp={world.association.priority_class: 5000})
    )
    world.envelope()
    url = f"/reservations/{world.ask().ref}/proposer"
    page = read(browser(world.manager_person), url, **THURSDAY)
    whole = "Estimated cost: €12.00, of which €4.80 borne by PAT and €7.20 by Les Glaneurs"
    assert said(page) == [whole, "Reduced price for Les Glaneurs, already counted: €12.00 less"]
    assert "you pay" not in page


def test_what_is_shared_is_left_for_all_who_share_it(world, browser):
    world.envelope()
    booking = world.booked()
    world.share(booking, KeyKind.EQUAL, 1, 1, 1)
    page = read(browser(world.person), f"/reservations/{booking.ref}/modifier", **THURSDAY)
    who = "Les Glaneurs, Épicerie and Graines"
    assert said(page) == [f"Estimated cost: €24.00, of which €9.60 borne by PAT and €14.40 by {who}"]


def test_another_place_is_helped_by_what_is_open_then_up_to_what_is_left(world, browser):
    other = a_resource(world.site, name="Annexe", slug="annexe")
    world.price(other, tariff((Meter.HOUR, 2000)))
    booking, envelope = world.ask(), world.envelope(budget=1500)
    url = f"/reservations/{booking.ref}/proposer"
    page = read(browser(world.manager_person), url, **THURSDAY | {"ressource": "annexe"})
    assert said(page) == ["Estimated cost: €40.00, of which €15.00 borne by PAT and €25.00 by Les Glaneurs"]
    proposal = propose(world, booking, other)
    seen = read(browser(world.person), f"/reservations/{booking.ref}")
    assert "€40.00, of which €15.00 borne by PAT; you pay €25.00" in seen
    service.accept_proposal(booking.id, proposal.ref, world.member)
    assert (parts(world, booking), fresh(envelope).held_cents) == ((4000, 1500), 1500)


def test_what_was_measured_of_it_stays_measured(frozen, browser):
    world = MoneyWorld(tariff((Meter.HOUR, 500), (Meter.KM, 60)))
    world.envelope()
    booking = world.booked()
    service.measure_costs(booking.id, world.manager, {Meter.KM: 10_000})
    page = read(browser(world.person), f"/reservations/{booking.ref}/modifier", **THURSDAY)
    assert said(page) == ["Estimated cost: €16.00, of which €6.40 borne by PAT; you pay €9.60"]
    service.change(booking.id, world.member, SLOT, 1)
    assert parts(world, booking) == (1600, 640)
