"""Offers from the day they are posted to the day they end: who offers, who takes, how much is left."""

import os
from datetime import date, timedelta

import pytest

from app.accounts.queries import own_data
from app.bookings.errors import KeyReused
from app.core import clock
from app.core.errors import NotFound, ReasonMissing, TextTooLong
from app.core.policy import can
from app.core.states import IllegalMove
from app.infra import audit, files
from app.infra.db import db
from app.supply.cargo import KILO, Regime
from app.supply.offers import queries, service
from app.supply.offers.errors import (
    BadOffer,
    LessThanTaken,
    NothingTaken,
    NotTakingPart,
    OfferEnded,
    OwnOffer,
    PriceChanged,
    TooEarly,
    TooLittleLeft,
)
from app.supply.offers.policy import OfferPermission as P
from app.supply.offers.rules import Category, ClaimState, Interest, Point, State
from tests.factories import a_picture, a_site, an_organisation
from tests.supply.offers.world import HERE, Farm, an_offer, archive, erase, weighing

pytestmark = pytest.mark.usefixtures("session", "frozen")


@pytest.fixture
def farm() -> Farm:
    return Farm()


def left(offer):
    return queries.left_of(offer) // KILO


def board(farm, **sought):
    return [each.offer.product for each in queries.board([farm.territory.id], queries.Sought(**sought))]


# -- offering -------------------------------------------------------------------------------------------------


def test_what_is_posted_is_there_for_the_territory(farm):
    offer = farm.post()
    assert (offer.state, left(offer), offer.cargo.packages, offer.cargo.pallets) == (State.OPEN, 400, 34, 2)
    viewed = {
        name: queries.get_viewed(offer.public_id, getattr(farm, name))
        for name in ("farmer", "member", "stranger", "coordinator")
    }
    seen = {name: can(getattr(farm, name), P.SEE, each) for name, each in viewed.items()}
    assert seen == {"farmer": True, "member": True, "stranger": False, "coordinator": True}
    takes = {name: can(getattr(farm, name), P.TAKE, each) for name, each in viewed.items()}
    assert takes == {"farmer": False, "member": True, "stranger": False, "coordinator": False}
    reads_who = {name: can(getattr(farm, name), P.SEE_TAKERS, each) for name, each in viewed.items()}
    assert reads_who == {"farmer": True, "member": False, "stranger": False, "coordinator": True}


def test_only_its_members_offer_for_an_organisation(farm):
    with pytest.raises(NotTakingPart):
        service.post(farm.member, farm.farm.id, an_offer())


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"product": "  "}, "product"),
        ({"cargo": weighing(200_000)}, "amount"),
        ({"price_cents": 1_000_000}, "price"),
        ({"until_at": "now"}, "until_day"),
        ({"until_at": "late"}, "until_day"),
        ({"use_by": date(2026, 9, 2)}, "use_by"),
    ],
)
def test_what_cannot_be_offered_says_what_is_wrong(farm, facts, field):
    moments = {"now": clock.now(), "late": clock.now() + timedelta(days=91)}
    with pytest.raises(BadOffer) as refused:
        farm.post(
            **{
                name: moments.get(value, value) if isinstance(value, str) else value
                for name, value in facts.items()
            }
        )
    assert refused.value.facts["field"] == field


def test_posted_twice_under_one_key_it_is_one_offer(farm):
    first, second = (service.post(farm.farmer, farm.farm.id, an_offer(), "once") for _ in range(2))
    assert first is second
    assert board(farm) == ["Courgettes"]


def test_its_photo_is_kept_without_its_file_and_goes_a_month_after_it(farm, frozen):
    offer = service.post(farm.farmer, farm.farm.id, an_offer(), photo=service.keep_photo(a_picture("green")))
    name = service.file_name(str(offer.photo), "small")
    assert files.find(service.SHELF, name)
    frozen.tick(days=3)
    service.expire_due()
    frozen.tick(days=31)
    service.forget_old()
    db.session.expire_all()
    assert offer.photo is None
    path = files.find(service.SHELF, name)
    assert path
    os.utime(path, (0, 0))
    assert service.sweep_photos() == 1
    assert files.find(service.SHELF, name) is None


def test_it_is_corrected_and_never_smaller_than_what_was_taken(farm):
    offer = farm.post()
    farm.take(offer, 120)
    with pytest.raises(LessThanTaken) as refused:
        service.change(farm.farmer, offer.id, an_offer(cargo=weighing(100)))
    assert refused.value.facts["taken"] == 120 * KILO
    service.change(farm.farmer, offer.id, an_offer(cargo=weighing(120), product="Courgettes rondes"))
    assert (left(offer), offer.product) == (0, "Courgettes rondes")
    changed = audit.history("surplus_offer", offer.id)[-1].facts["changed"]
    assert changed == ["grams", "product"]
    with pytest.raises(NotTakingPart):
        service.change(farm.member, offer.id, an_offer())


def test_what_is_withdrawn_ends_what_was_not_collected(farm):
    offer = farm.post()
    brought, waiting = farm.take(offer, 100), farm.take(offer, 50)
    service.collect(farm.farmer, brought.id)
    with pytest.raises(ReasonMissing):
        service.withdraw(farm.farmer, offer.id, " ")
    service.withdraw(farm.farmer, offer.id, "La chambre froide est tombée en panne.")
    assert (offer.state, brought.state, waiting.state) == (
        State.WITHDRAWN,
        ClaimState.COLLECTED,
        ClaimState.CANCELLED,
    )
    assert waiting.reason == offer.reason
    with pytest.raises(OfferEnded):
        farm.take(offer, 1)
    with pytest.raises(IllegalMove):
        service.withdraw(farm.farmer, offer.id, "Encore")


def test_its_last_moment_ends_it_and_what_was_taken_can_still_be_collected(farm, frozen):
    offer = farm.post()
    part = farm.take(offer, 100)
    frozen.tick(days=3)
    with pytest.raises(OfferEnded):
        farm.take(offer, 1)
    assert board(farm) == []
    assert [service.expire_due(), service.expire_due()] == [1, 0]
    assert offer.state == State.OVER
    service.collect(farm.farmer, part.id)
    assert part.state == ClaimState.COLLECTED


# -- taking ---------------------------------------------------------------------------------------------------


def test_all_or_a_part_is_taken_and_never_more_than_there_is(farm):
    offer = farm.post()
    farm.take(offer, 120.5)
    assert queries.left_of(offer) == 279_500
    with pytest.raises(TooLittleLeft) as refused:
        farm.take(offer, 280)
    assert refused.value.facts["left"] == 279_500
    rest = farm.take(offer)
    assert (rest.grams, left(offer), board(farm)) == (279_500, 0, [])
    with pytest.raises(TooLittleLeft):
        farm.take(offer)


@pytest.mark.parametrize("kilos", [0, -1])
def test_a_part_is_more_than_nothing(farm, kilos):
    with pytest.raises(NothingTaken):
        farm.take(farm.post(), kilos)


def test_neither_its_own_organisation_nor_one_from_elsewhere_takes_it(farm):
    offer = farm.post()
    with pytest.raises(OwnOffer):
        service.take(farm.farmer, offer.id, service.Part(farm.farm.id))
    with pytest.raises(NotTakingPart):
        service.take(farm.stranger, offer.id, service.Part(farm.foreign.id))
    with pytest.raises(NotTakingPart):
        service.take(farm.member, offer.id, service.Part(farm.others.id))
    with pytest.raises(TextTooLong):
        farm.take(offer, 1, message="x" * 1001)


def test_taken_twice_under_one_key_it_is_one_part(farm):
    offer = farm.post()
    first, second = (farm.take(offer, 100, key="once") for _ in range(2))
    assert (first.id, left(offer)) == (second.id, 300)
    with pytest.raises(KeyReused):
        farm.take(offer, 50, key="once")


def test_a_part_is_given_back_by_who_took_it_and_cancelled_by_who_offers(farm):
    offer = farm.post()
    mine, other = farm.take(offer, 100), farm.take(offer, 100)
    with pytest.raises(NotTakingPart):
        service.give_back(farm.other, mine.id)
    service.give_back(farm.member, mine.id)
    assert (mine.state, left(offer)) == (ClaimState.GIVEN_BACK, 300)
    with pytest.raises(NotTakingPart):
        service.cancel_part(farm.member, other.id, "Non")
    service.cancel_part(farm.farmer, other.id, "Abîmé par la pluie")
    assert (other.state, left(offer)) == (ClaimState.CANCELLED, 400)
    with pytest.raises(IllegalMove):
        service.give_back(farm.member, other.id)
    with pytest.raises(NotFound):
        service.collect(farm.farmer, 0)


def test_what_was_collected_is_not_given_back_unless_that_was_a_mistake(farm):
    part = farm.take(farm.post(), 100)
    service.collect(farm.farmer, part.id)
    assert part.collected_at == clock.now()
    with pytest.raises(IllegalMove):
        service.give_back(farm.member, part.id)
    service.uncollect(farm.farmer, part.id)
    assert (part.state, part.collected_at) == (ClaimState.CLAIMED, None)


# -- finding --------------------------------------------------------------------------------------------------


def test_nothing_is_collected_before_it_can_be(farm, frozen):
    part = farm.take(farm.post(from_at=clock.now() + timedelta(hours=2)))
    with pytest.raises(TooEarly):
        service.collect(farm.farmer, part.id)
    frozen.tick(hours=2)
    service.collect(farm.farmer, part.id)
    assert part.state == ClaimState.COLLECTED


def test_who_took_a_part_says_that_it_was_not_collected(farm):
    part = farm.take(farm.post())
    service.collect(farm.farmer, part.id)
    with pytest.raises(NotTakingPart):
        service.deny(farm.other, part.id)
    service.deny(farm.member, part.id)
    assert (part.state, part.collected_at) == (ClaimState.CLAIMED, None)
    with pytest.raises(IllegalMove):
        service.deny(farm.member, part.id)


def test_the_nearest_comes_first_and_filters_leave_out_the_rest(farm):
    far = service.Place("44036", "", Point(47.7211, -1.3764))
    farm.post(product="Lait", category=Category.DAIRY, place=far, price_cents=80)
    farm.post()
    near = queries.points_of([farm.ours])[farm.ours.id]
    assert board(farm, near=near) == ["Courgettes", "Lait"]
    assert board(farm, near=near, radius_km=10) == ["Courgettes"]
    assert board(farm, category=Category.DAIRY) == ["Lait"]
    assert board(farm, only_gifts=True) == ["Courgettes"]
    assert board(farm, regime=Regime.FROZEN) == []


def test_an_organisation_is_where_its_places_are_else_in_its_commune(farm):
    assert queries.points_of([farm.ours])[farm.ours.id] == (Point(47.4398, -1.5012),)
    a_site(farm.ours, lat=47.5, lon=-1.4)
    assert queries.points_of([farm.ours])[farm.ours.id] == (Point(47.5, -1.4),)


@pytest.mark.scenario(number="S27")
def test_who_is_within_thirty_kilometres_is_told_and_who_is_farther_is_not(farm):
    """Châteaubriant is just beyond 30 km of Les Touches."""
    offer = farm.post(place=HERE)
    assert queries.concerned_by(offer) == [farm.ours.id]


def test_who_says_what_they_want_is_told_of_that(farm):
    offer = farm.post()
    service.say_interest(farm.other, farm.others.id, Interest(radius_km=50))
    assert queries.concerned_by(offer) == [farm.ours.id, farm.others.id]
    service.say_interest(farm.member, farm.ours.id, Interest(categories=frozenset({Category.BREAD})))
    service.say_interest(farm.other, farm.others.id, Interest(radius_km=50, is_wanted=False))
    assert queries.concerned_by(offer) == []
    assert queries.interest_of(farm.ours.id).categories == {"bread"}
    with pytest.raises(NotTakingPart):
        service.say_interest(farm.member, farm.others.id, Interest())


def test_who_is_nowhere_is_not_told(farm):
    an_organisation(farm.territory, commune_code=None)
    assert queries.concerned_by(farm.post()) == [farm.ours.id]


# -- leaving --------------------------------------------------------------------------------------------------


def test_an_organisation_that_leaves_withdraws_what_it_offers(farm):
    offer = farm.post()
    part = farm.take(offer, 100)
    archive(farm, farm.farm)
    assert (offer.state, offer.reason, part.state) == (
        State.WITHDRAWN,
        "Nous cessons.",
        ClaimState.CANCELLED,
    )


def test_an_organisation_that_leaves_gives_back_what_it_took(farm):
    offer = farm.post()
    part = farm.take(offer, 100)
    archive(farm, farm.ours)
    assert (offer.state, part.state, left(offer)) == (State.OPEN, ClaimState.GIVEN_BACK, 400)


def test_who_leaves_takes_their_words_and_the_offer_stays(farm):
    offer = farm.post(note="Appelez Paul")
    part = farm.take(offer, 100, message="Je viens mardi", key="once")
    member = farm.people["ours"]
    told = own_data(member.id)
    assert [each["message"] for each in told["surplus_parts_taken"]] == ["Je viens mardi"]
    assert [each["note"] for each in own_data(farm.people["farm"].id)["surplus_offers"]] == ["Appelez Paul"]
    erase(member)
    db.session.expire_all()
    assert (part.message, part.idempotency_key, part.state) == ("", None, ClaimState.CLAIMED)
    assert offer.note == "Appelez Paul"


def test_a_corrected_price_holds_for_what_is_still_free(farm, frozen):
    offer = farm.post(price_cents=40)
    first = farm.take(offer, 200)
    assert not service.change(farm.farmer, offer.id, an_offer(price_cents=300)), (
        "nothing changes for who took a part"
    )
    second = farm.take(offer, 50)
    assert [(each.price_cents, each.cents) for each in (first, second)] == [(40, 8_000), (300, 15_000)]
    assert service.change(farm.farmer, offer.id, an_offer(price_cents=300, product="Courges")), (
        "who took one is told"
    )


def test_nobody_takes_a_part_at_another_price_than_they_saw(farm):
    offer = farm.post(price_cents=40)
    service.change(farm.farmer, offer.id, an_offer(price_cents=300))
    with pytest.raises(PriceChanged) as refused:
        farm.take(offer, 200, price_cents=40)
    assert refused.value.facts == {"price_cents": 300}
    assert farm.take(offer, 200, price_cents=300).cents == 60_000
