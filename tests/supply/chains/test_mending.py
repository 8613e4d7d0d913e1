"""What replaces a lost leg of a chain is fit for what that carries, in time, and brings what it says to the next."""

from datetime import UTC, timedelta
from html import unescape
from typing import Any

import pytest
from sqlalchemy import select

from app.accounts.queries import load_actor
from app.availability.schedules import set_resource_hours
from app.bookings import service as bookings
from app.bookings.service import Leg
from app.catalogue.models import OpeningMode, Resource
from app.infra.db import db
from app.infra.uow import atomic
from app.supply.chains import service as chains
from app.supply.chains.errors import LegUnfit
from app.supply.chains.mending import look
from app.supply.chains.models import ChainDraft
from app.supply.chains.planning.plan import PlannedLeg, Role
from app.supply.chains.planning.world import Place, Reason
from app.supply.gleanings import service as gleanings
from app.supply.offers import service as offers
from tests.bookings.pages import text_of
from tests.bookings.test_bundles import HOST, of
from tests.factories import a_manager, a_resource, a_site, at, span
from tests.supply.gleanings.world import a_gleaning
from tests.supply.land import FARM, WANTED, Land, free_as_in_s12, free_only
from tests.supply.offers.world import an_offer

MONDAY = at("2026-09-14 13:00")


class Mended(Land):
    """The chain of scenario S12, as it is proposed and asked for; `refuse` loses one of its legs."""

    def __init__(self) -> None:
        super().__init__()
        free_as_in_s12(self)
        [plan] = self.propose(WANTED).plans
        self.ask_anew(plan.legs)

    def ask_anew(self, legs, **facts):
        given: dict[str, Any] = {
            "organisation_id": self.association.id,
            "product": "courgettes",
            "cargo": WANTED.cargo,
            "legs": legs,
            "purpose": "400 kg de courgettes",
            "from_place": "La Ferme, Les Touches (44390)",
            "handover_at": WANTED.by,
            "way": chains.Way.of(WANTED, "44205"),
        } | facts
        self.chain = chains.ask_chain(chains.ChainRequest(**given), self.asker, **HOST)

    @property
    def legs(self):
        return {leg.leg_number: leg for leg in of(self.chain.bundle) if leg.leg_number}

    @property
    def steps(self):
        db.session.expire_all()
        return self.chain.steps

    def lose(self, number):
        lost = self.legs[number]
        manager = load_actor(a_manager(lost.resource.site).id)
        bookings.refuse(lost.id, manager, "En panne")
        return lost

    def found(self, lost):
        return look(self.chain, lost, list(self.legs.values()), self.asker)

    def names(self, lost):
        return [each.resource_id for each in self.found(lost).offered if each.resource_id != lost.resource_id]

    def why(self, lost, resource):
        rejected = self.found(lost).rejected
        return next((each.reason for each in rejected if each.resource_id == resource.id), None)

    def replace(self, lost, resource, time=None, quantity=1):
        wanted = Leg(resource.id, time or lost.span, quantity)
        return bookings.replace_leg(lost.id, wanted, self.asker, **HOST)


@pytest.fixture
def mended(session, frozen):
    frozen.move_to(at("2026-09-10 09:00").astimezone(UTC))
    return Mended()


def small_van(mended, name="Vélo-cargo", **facts):
    given = {"payload": 80, "volume": 1} | facts
    return a_resource(
        mended.depot, name=name, kind="vehicle", step_minutes=60, min_minutes=60, buffer_after=0, facts=given
    )


@pytest.mark.scenario(number="S12")
def test_s12_only_what_carries_the_cargo_replaces_its_van(mended):
    bike, unknown = small_van(mended), small_van(mended, "Minibus", payload=None, volume=None)
    trailer = a_resource(
        mended.depot, name="Remorque", kind="vehicle", subtype="trailer", facts={"payload": 900}
    )
    spare = mended.van(mended.town, "FRC", name="Fourgon du bourg")
    lost = mended.lose(1)
    assert mended.names(lost) == [spare.id]
    assert (mended.why(lost, bike), mended.why(lost, unknown)) == (Reason.TOO_MANY_TRIPS, Reason.LOAD_UNKNOWN)
    for each, reason in ((bike, "too_many_trips"), (unknown, "load_unknown"), (trailer, None)):
        with pytest.raises(LegUnfit) as refused:
            mended.replace(lost, each)
        assert reason in (None, refused.value.facts["reason"])
    assert mended.legs[1].id == lost.id


def test_what_replaces_it_says_how_far_it_goes(mended):
    spare = mended.van(mended.town, "FRC", name="Fourgon du bourg")
    lost = mended.lose(1)
    [offer] = [each for each in mended.found(lost).offered if each.resource_id == spare.id]
    assert offer.fit.metres != mended.chain.steps[0].metres
    made = mended.replace(lost, spare, offer.span)
    step = mended.steps[0]
    assert (step.metres, step.trips) == (offer.fit.metres, 1)
    assert (made.foreseen_metres, made.foreseen_grams) == (offer.fit.metres, WANTED.cargo.grams)


def test_it_is_not_fetched_before_it_can_be_loaded(mended):
    spare = mended.van(mended.depot, "FRC", name="Fourgon de secours")
    lost = mended.lose(1)
    saturday = span("2026-09-12 13:00", "2026-09-12 15:00")
    with pytest.raises(LegUnfit) as refused:
        mended.replace(lost, spare, saturday)
    assert refused.value.facts["reason"] == "before_arrival"
    assert all(each.span.start >= MONDAY - timedelta(hours=1) for each in mended.found(lost).offered)
    with pytest.raises(LegUnfit) as refused:  # an hour is no time to drive all that
        mended.replace(lost, spare, span("2026-09-14 13:00", "2026-09-14 14:00"))
    assert refused.value.facts["reason"] == "too_slow"


def test_a_chain_of_which_nobody_knows_when_it_is_loaded_begins_no_sooner_than_it_was_asked_for(mended):
    bookings.cancel_bundle(mended.chain.bundle_id, mended.asker, "Autrement")
    mended.ask_anew(mended.propose(WANTED).plans[0].legs, way=None)
    spare = mended.van(mended.depot, "FRC", name="Fourgon de secours")
    lost = mended.lose(1)
    with pytest.raises(LegUnfit):
        mended.replace(lost, spare, span("2026-09-12 13:00", "2026-09-12 15:00"))
    metres = lost.foreseen_metres
    assert mended.replace(lost, spare).foreseen_metres == metres


def test_a_slow_kitchen_replaces_none(mended):
    slow = a_resource(mended.town, name="Petite cuisine", buffer_after=0, facts={"throughput": 5})
    fast = a_resource(mended.town, name="Grande cuisine", buffer_after=0, facts={"throughput": 200})
    lost = mended.lose(4)
    assert (mended.names(lost), mended.why(lost, slow)) == ([fast.id], Reason.TOO_SLOW)
    with pytest.raises(LegUnfit) as refused:
        mended.replace(lost, slow)
    assert refused.value.facts["reason"] == "too_slow"
    made = mended.replace(lost, fast)
    assert [step.metres for step in mended.chain.steps][2:] == [mended.legs[3].foreseen_metres, 0]
    assert made.leg_number == 4


def test_the_van_has_to_reach_another_kitchen_in_its_time(mended):
    near = a_site(mended.owner, hours="Mo-Su 06:00-20:00", lat=47.365, lon=-1.5)
    far = a_site(mended.owner, hours="Mo-Su 06:00-20:00", lat=47.20, lon=-1.5)
    close = a_resource(near, name="Cuisine proche", buffer_after=0, facts={"throughput": 200})
    away = a_resource(far, name="Cuisine lointaine", buffer_after=0, facts={"throughput": 200})
    lost, before = mended.lose(4), mended.legs[3].foreseen_metres
    assert (mended.names(lost), mended.why(lost, away)) == ([close.id], Reason.NO_LINK)
    [offer] = [each for each in mended.found(lost).offered if each.resource_id == close.id]
    mended.replace(lost, close, offer.span)
    step = mended.steps[2]
    assert step.metres == offer.fit.rides[3] == mended.legs[3].foreseen_metres != before


def test_a_van_that_is_lost_itself_binds_no_kitchen(mended):
    far = a_site(mended.owner, hours="Mo-Su 06:00-20:00", lat=47.30, lon=-1.5)
    away = a_resource(far, name="Cuisine lointaine", buffer_after=0, facts={"throughput": 200})
    lost = mended.lose(4)
    assert mended.why(lost, away) == Reason.NO_LINK
    mended.lose(3)
    assert away.id in mended.names(lost)


def test_a_store_of_another_temperature_replaces_none(mended):
    facts: dict[str, Any] = {
        "kind": "storage",
        "unit": "pallet",
        "mode": "quantity",
        "capacity": 24,
        "step_minutes": 1440,
    }
    terms: dict[str, Any] = {
        "min_minutes": 1440,
        "max_minutes": 525600,
        "buffer_after": 0,
        "opening_mode": OpeningMode.ENDPOINTS,
    }
    freezer = a_resource(mended.depot, name="Congélateur", **facts, **terms, facts={"regime": "frozen"})
    cool = a_resource(mended.depot, name="Autre chambre", **facts, **terms, facts={"regime": "produce"})
    lost = mended.lose(2)
    assert (mended.names(lost), mended.why(lost, freezer)) == ([cool.id], Reason.OTHER_REGIME)
    with pytest.raises(LegUnfit) as refused:
        mended.replace(lost, cool, quantity=1)
    assert refused.value.facts["reason"] == "too_small"
    assert mended.replace(lost, cool, quantity=2).quantity == 2


def test_the_page_offers_what_fits_with_its_way_and_price_and_says_why_the_rest_does_not(mended, browser):
    small_van(mended)
    mended.van(mended.depot, "FRC", name="Fourgon de secours")
    lost = mended.lose(1)
    client = browser(mended.treasurer_person)
    page = text_of(client.get(f"/filieres/{mended.chain.bundle.ref}"))
    assert "Ask for: Fourgon de secours" in page
    assert "Ask for: Vélo-cargo" not in page
    assert "42 km in all, 1 trip" in page
    assert "Vehicles (1): too many trips would be needed (Vélo-cargo)" in page
    assert "/filieres/preparer?produit=courgettes" in page
    assert "commune=Les+Touches" in page
    assert "lieu=La+Ferme&" in unescape(page)
    answer = client.post(
        f"/reservations/{lost.ref}/remplacer",
        data={"choix": f"{_slug('Vélo-cargo')}?date=2026-09-14&de=13:00&a=15:00"},
    )
    assert answer.status_code == 409
    assert "“Vélo-cargo” does not fit in this chain: too many trips would be needed." in text_of(answer)


def _slug(name):
    return db.session.query(Resource).filter_by(name=name).one().slug


def test_when_nothing_fits_the_page_says_why_and_what_instead(mended, browser):
    slow = a_resource(mended.town, name="Petite cuisine", buffer_after=0, facts={"throughput": 5})
    mended.lose(4)
    page = text_of(browser(mended.treasurer_person).get(f"/filieres/{mended.chain.bundle.ref}"))
    assert "Nothing that would fit is free then:" in page
    assert f"Kitchens (1): it would take longer than it may be booked at once ({slow.name})" in page
    assert "Prepare another chain for the same" in page


def test_another_chain_is_for_the_same_gleaning_and_not_before_this_one_is_given_up(mended, browser):
    call = gleanings.call(mended.asker, mended.association.id, a_gleaning(cargo=WANTED.cargo))
    draft = db.session.scalars(select(ChainDraft)).one()
    page = _lost_anew(mended, browser, draft_ref=draft.public_id)
    assert mended.chain.origin == call.origin
    assert f"brouillon={draft.public_id}" in page
    assert "Give this one up first: it carries all that there is." in page


def test_another_chain_is_for_the_same_offer(mended, browser):
    offer = offers.post(mended.asker, mended.association.id, an_offer())
    page = _lost_anew(mended, browser, offer_ref=offer.public_id)
    assert f"offre={offer.public_id}" in page
    assert "Give this one up first" not in page


def _lost_anew(mended, browser, **what_for):
    """Show the page of a chain that was asked for anew, for something, and lost its kitchen."""
    legs = _planned(mended)
    bookings.cancel_bundle(mended.chain.bundle_id, mended.asker, "Autrement")
    mended.ask_anew(legs, **what_for)
    mended.lose(4)
    return unescape(text_of(browser(mended.treasurer_person).get(f"/filieres/{mended.chain.bundle.ref}")))


@pytest.mark.parametrize("seen", [True, False])
def test_the_page_warns_where_nobody_drives(mended, browser, seen):
    legs = [each for each in _planned(mended) if each.role is not Role.CARRY or not seen]
    bookings.cancel_bundle(mended.chain.bundle_id, mended.asker, "Autrement")
    mended.ask_anew(legs)
    page = text_of(browser(mended.treasurer_person).get(f"/filieres/{mended.chain.bundle.ref}"))
    assert ("Nobody drives all of the way" in page) is seen
    assert ("bring it yourselves, or add a vehicle" in page) is seen


def _planned(mended):
    return [
        PlannedLeg(Role(step.role), leg.resource_id, leg.span, leg.quantity, step.metres, step.trips)
        for step, leg in zip(mended.chain.steps, mended.legs.values(), strict=True)
    ]


def test_a_kitchen_that_nothing_reaches_is_offered_last_with_a_warning(mended, browser):
    legs = [each for each in _planned(mended) if each.role is not Role.CARRY]
    bookings.cancel_bundle(mended.chain.bundle_id, mended.asker, "Autrement")
    mended.ask_anew(legs)
    here = a_resource(mended.depot, name="Cuisine du dépôt", buffer_after=0, facts={"throughput": 200})
    there = a_resource(mended.town, name="Cuisine d’en face", buffer_after=0, facts={"throughput": 200})
    lost = mended.lose(3)
    assert mended.names(lost) == [here.id, there.id]
    assert [bool(each.fit.undriven) for each in mended.found(lost).offered][:2] == [False, True]
    assert Place(*FARM) == mended.chain.start


def test_going_on_without_a_van_says_what_nobody_would_drive(mended, browser):
    mended.lose(3)
    page = text_of(browser(mended.treasurer_person).get(f"/filieres/{mended.chain.bundle.ref}"))
    assert "Without it: Nothing drives from" in page
    assert "Nobody drives all of the way" not in page


def test_a_van_is_offered_by_day_where_its_store_may_be_had_at_any_hour(mended):
    spare = mended.van(mended.town, "FRC", name="Fourgon du bourg", hours="24/7")
    lost = mended.lose(3)
    free_only(spare, span("2026-09-16 03:00", "2026-09-16 04:00"))
    with atomic():
        mended.s5.opening_mode = OpeningMode.ALWAYS
    assert mended.names(lost) == []
    with atomic():
        mended.s5.opening_mode = OpeningMode.ENDPOINTS
        set_resource_hours(mended.s5.id, "24/7")
    assert mended.names(lost) == [spare.id]
    assert mended.replace(lost, spare, span("2026-09-16 03:00", "2026-09-16 04:00")).resource_id == spare.id
