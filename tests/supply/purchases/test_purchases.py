"""Group purchases: opened, ordered by whole packages until the deadline; confirmed, or cancelled and all released."""

import pytest

from app.accounts.queries import load_actor, own_data
from app.bookings import service as bookings
from app.bookings.errors import KeyReused
from app.bookings.rules import APPROVED, CANCELLED
from app.core.errors import NotFound, ReasonMissing
from app.core.states import IllegalMove
from app.infra.db import db
from app.supply.cargo import KILO, Cargo, Packaging, cost_cents
from app.supply.offers.errors import BadOffer, NothingTaken, NotTakingPart
from app.supply.purchases import queries, service
from app.supply.purchases.errors import (
    BadPurchase,
    FarAboveMinimum,
    PurchaseClosed,
    TooMuchOrdered,
    WrongStep,
)
from app.supply.purchases.rules import OrderState, State
from tests.factories import a_member, at
from tests.supply.offers.world import archive, erase
from tests.supply.purchases.world import FLOUR, SHORT, Market, a_purchase, in_days, later

pytestmark = pytest.mark.usefixtures("session", "frozen")


@pytest.fixture
def market() -> Market:
    return Market()


def after_the_deadline(frozen):
    frozen.move_to(at("2026-09-08 18:01"))
    return service.close_due(SHORT)


@pytest.mark.parametrize(
    ("grams", "price", "cents"),
    [(12_000, 125, 1500), (1_500, 33, 50), (500, 1, 1), (499, 1, 0), (12_000, 0, 0)],
)
def test_what_an_order_costs(grams, price, cents):
    assert cost_cents(grams, price) == cents


# -- opening --------------------------------------------------------------------------------------------------


def test_the_same_key_opens_once(market):
    first, second = (
        service.open_purchase(market.member, market.ours.id, a_purchase(), "once") for _again in range(2)
    )
    assert first.id == second.id


@pytest.mark.parametrize(
    "facts",
    [
        {"supplier": "Moulin du Don"},
        {"price_cents": 120},
        {"cargo": FLOUR.of(360 * KILO)},
        {"most_grams": 480 * KILO},
        {"later": later(deadline_at=at("2026-09-07 18:00"))},
        {"later": later(bring="Sacs")},
        {"later": later(packing="NOBOOKING")},
    ],
)
def test_the_same_key_with_another_purchase_is_refused(market, frozen, facts):
    def open_once(**facts):
        return service.open_purchase(market.member, market.ours.id, a_purchase(**facts), "once")

    made = open_once(supplier="Moulin de la  Fosse")
    with pytest.raises(KeyReused):
        open_once(**facts)
    assert open_once().id == made.id  # trimmed alike
    frozen.tick(minutes=1)
    service.change(market.member, made.id, later(bring="Bacs", packing=market.book().ref))
    assert open_once().id == made.id  # sent again late


@pytest.mark.parametrize(
    ("facts", "field", "reason"),
    [
        ({"supplier": " "}, "supplier", "supplier"),
        ({"price_cents": -1}, "price", "price"),
        ({"most_grams": 100 * KILO}, "most", "most"),
        ({"later": later(deadline_at=at("2026-08-01 12:00"))}, "deadline_day", "past"),
        ({"later": later(deadline_at=at("2027-08-01 12:00"))}, "deadline_day", "too_long"),
        ({"later": later(packing="NOBOOKING")}, "packing", "packing"),
    ],
)
def test_what_cannot_be_bought_together_is_refused(market, facts, field, reason):
    with pytest.raises(BadPurchase) as refused:
        market.open(**facts)
    assert (refused.value.facts["field"], refused.value.facts["reason"]) == (field, reason)


def test_what_has_no_name_is_refused(market):
    with pytest.raises(BadOffer):
        market.open(product=" ")


def test_it_is_packed_in_a_booking_of_who_organises_after_the_deadline(market):
    booking = market.book()
    assert market.open(later=later(packing=booking.ref)).booking_id == booking.id
    with pytest.raises(BadPurchase):  # it begins before the deadline
        market.open(later=later(packing=booking.ref, deadline_at=at("2026-09-10 15:00")))
    with pytest.raises(BadPurchase):  # it is not theirs
        service.open_purchase(market.farmer, market.farm.id, a_purchase(later=later(packing=booking.ref)))


# -- ordering -------------------------------------------------------------------------------------------------


def test_an_organisation_orders_and_orders_another_weight(market):
    purchase = market.open()
    first = market.order(purchase, 24)
    assert market.order(purchase, 36, message="Sacs").id == first.id
    assert (first.grams, first.message, queries.ordered_of([purchase.id])) == (
        36 * KILO,
        "Sacs",
        {purchase.id: 36 * KILO},
    )


def test_it_is_ordered_by_whole_packages(market):
    purchase = market.open()
    with pytest.raises(WrongStep) as refused:
        market.order(purchase, 40)
    facts = refused.value.facts
    assert (facts["step"], facts["fewer"], facts["more"]) == (12 * KILO, 36 * KILO, 48 * KILO)
    with pytest.raises(NothingTaken):
        market.order(purchase, 0)


def test_no_more_is_ordered_than_there_is(market):
    purchase = market.open(most_grams=250 * KILO)
    market.order(purchase, 204)
    with pytest.raises(TooMuchOrdered) as refused:
        market.order(purchase, 60, "others")
    assert refused.value.facts["left"] == 36 * KILO
    market.order(purchase, 36, "others")
    market.order(purchase, 192)  # one's own order counts once
    market.order(purchase, 48, "others")


def test_who_withdrew_orders_again(market):
    purchase = market.open()
    order = market.order(purchase, 24)
    with pytest.raises(NotTakingPart):
        service.withdraw(market.other, order.id)
    service.withdraw(market.farmer, order.id)
    assert (order.state, queries.ordered_of([purchase.id])) == (OrderState.WITHDRAWN, {})
    with pytest.raises(IllegalMove):
        service.withdraw(market.farmer, order.id)
    assert market.order(purchase, 12).state == OrderState.ORDERED


def test_strangers_do_not_order(market):
    purchase = market.open()
    for actor, organisation in ((market.stranger, market.foreign), (market.stranger, market.farm)):
        with pytest.raises(NotTakingPart):
            service.order(actor, purchase.id, service.Wanted(organisation.id, 12 * KILO))
    with pytest.raises(NotFound):
        service.order(market.farmer, 0, service.Wanted(market.farm.id, 12 * KILO))
    with pytest.raises(NotFound):
        service.withdraw(market.farmer, 0)


# -- changing -------------------------------------------------------------------------------------------------


def test_more_time_is_given_and_never_less(market):
    purchase, booking = market.open(), market.book()
    service.change(
        market.member,
        purchase.id,
        later(deadline_at=at("2026-09-09 18:00"), packing=booking.ref, bring="Caisses"),
    )
    assert (purchase.deadline_at, purchase.booking_id, purchase.bring) == (
        at("2026-09-09 18:00"),
        booking.id,
        "Caisses",
    )
    with pytest.raises(BadPurchase) as refused:
        service.change(market.member, purchase.id, later())
    assert refused.value.facts["reason"] == "earlier"
    with pytest.raises(NotTakingPart):
        service.change(market.farmer, purchase.id, later(deadline_at=at("2026-09-10 18:00")))


# -- the deadline ---------------------------------------------------------------------------------------------


def test_at_the_minimum_it_is_confirmed_and_its_place_is_kept(market, frozen):
    booking = market.book()
    purchase = market.open(later=later(packing=booking.ref))
    order = market.order(purchase, 240)
    assert service.close_due(SHORT) == 0
    assert after_the_deadline(frozen) == 1
    assert (purchase.state, order.state, booking.decision) == (State.CONFIRMED, OrderState.ORDERED, APPROVED)
    assert service.close_due(SHORT) == 0


def test_under_the_minimum_it_is_cancelled_and_all_is_released(market, frozen):
    booking = market.book()
    purchase = market.open(later=later(packing=booking.ref))
    order, withdrawn = market.order(purchase, 228), market.order(purchase, 12, "others")
    service.withdraw(market.other, withdrawn.id)
    after_the_deadline(frozen)
    assert (purchase.state, purchase.reason, order.state) == (State.CANCELLED, "", OrderState.ENDED)
    assert withdrawn.state == OrderState.WITHDRAWN
    assert (booking.decision, booking.reason) == (CANCELLED, SHORT)


def test_a_place_that_was_lost_meanwhile_is_no_trouble(market, frozen):

    booking = market.book()
    purchase = market.open(later=later(packing=booking.ref))
    bookings.cancel(booking.id, market.member, "Trop tôt")
    after_the_deadline(frozen)
    assert (purchase.state, booking.reason) == (State.CANCELLED, "Trop tôt")


def test_nothing_is_ordered_or_changed_after_the_deadline(market, frozen):
    purchase = market.open()
    order = market.order(purchase, 24)
    frozen.move_to(at("2026-09-08 18:00"))
    for act in (
        lambda: market.order(purchase, 240),
        lambda: service.withdraw(market.farmer, order.id),
        lambda: service.change(market.member, purchase.id, later(deadline_at=in_days(9))),
        lambda: service.hand_out(market.member, order.id),
    ):
        with pytest.raises(PurchaseClosed):
            act()


def test_who_organises_gives_it_up_with_a_reason(market, frozen):
    booking = market.book()
    purchase = market.open(later=later(packing=booking.ref))
    order = market.order(purchase, 240)
    with pytest.raises(ReasonMissing):
        service.cancel(market.member, purchase.id, " ")
    with pytest.raises(NotTakingPart):
        service.cancel(market.farmer, purchase.id, "Non")
    after_the_deadline(frozen)
    service.cancel(market.member, purchase.id, "Le moulin est fermé.")
    assert (purchase.state, order.state, booking.decision, booking.reason) == (
        State.CANCELLED,
        OrderState.ENDED,
        CANCELLED,
        "Le moulin est fermé.",
    )
    with pytest.raises(PurchaseClosed):
        service.cancel(market.member, purchase.id, "Encore")


def test_what_was_ordered_is_handed_out(market, frozen):
    purchase = market.open()
    order = market.order(purchase, 240)
    after_the_deadline(frozen)
    with pytest.raises(NotTakingPart):
        service.hand_out(market.farmer, order.id)
    service.hand_out(market.member, order.id)
    assert order.state == OrderState.HANDED_OUT
    service.take_back(market.member, order.id)
    service.hand_out(market.member, order.id)
    service.cancel(market.member, purchase.id, "Le reste n’est pas venu.")
    assert order.state == OrderState.HANDED_OUT


# -- leaving --------------------------------------------------------------------------------------------------


def test_a_place_that_a_colleague_asked_for_is_released_too(market, frozen):
    booking, colleague = market.book(), load_actor(a_member(market.ours, name="Collègue").id)
    wanted = a_purchase(later=later(packing=booking.ref))
    purchase = service.open_purchase(colleague, market.ours.id, wanted)
    after_the_deadline(frozen)
    assert (purchase.state, booking.decision) == (State.CANCELLED, CANCELLED)


def test_one_that_cannot_be_closed_keeps_no_other_open(market, frozen, monkeypatch):
    booking = market.book()
    stuck, other = market.open(later=later(packing=booking.ref)), market.open(product="Riz")

    def fail(*_args):
        raise RuntimeError

    monkeypatch.setattr(bookings, "cancel", fail)
    with pytest.raises(ExceptionGroup):
        after_the_deadline(frozen)
    db.session.expire_all()
    assert (stuck.state, other.state) == (State.OPEN, State.CANCELLED)


def test_an_archived_organisation_cancels_what_it_organises_and_its_place(market):
    booking = market.book()
    purchase = market.open(later=later(packing=booking.ref))
    order = market.order(purchase, 24)
    archive(market, market.ours)
    assert (purchase.state, purchase.reason, order.state) == (
        State.CANCELLED,
        "Nous cessons.",
        OrderState.ENDED,
    )
    assert booking.decision == CANCELLED


def test_an_archived_organisation_withdraws_what_it_ordered(market):
    purchase = market.open()
    order, theirs = market.order(purchase, 24, "others"), market.order(purchase, 12)
    archive(market, market.others)
    assert (purchase.state, order.state, theirs.state) == (
        State.OPEN,
        OrderState.WITHDRAWN,
        OrderState.ORDERED,
    )


def test_who_leaves_takes_their_words_and_the_order_stays(market):
    purchase = market.open(later=later(note="Appelez Jeanne"))
    order = market.order(purchase, 24, message="Je passe mardi")
    person = market.people["farm"]
    assert [each["message"] for each in own_data(person.id)["group_purchase_orders"]] == ["Je passe mardi"]
    assert len(own_data(market.people["ours"].id)["group_purchases"]) == 1
    erase(person)
    db.session.expire_all()
    assert (order.message, order.state, purchase.note) == ("", OrderState.ORDERED, "Appelez Jeanne")


def test_what_was_written_is_forgotten_three_years_later(market, frozen):
    purchase = market.open(later=later(note="Oui", bring="Sacs"))
    order = market.order(purchase, 24, message="Merci")
    after_the_deadline(frozen)
    service.forget_old()
    db.session.expire_all()
    assert (purchase.note, order.message) == ("Oui", "Merci")
    frozen.tick(days=3 * 366)
    service.forget_old()
    db.session.expire_all()
    assert (purchase.note, purchase.bring, order.message) == ("", "", "")


# -- what makes no sense --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("least", "most", "step", "nearest"),
    [(101, 103, 5, (100, 105)), (3, 4, 5, (0, 5)), (240, 250, 12, None), (241, 250, 12, (240, 252))],
)
def test_a_minimum_that_packages_never_reach_is_refused(market, least, most, step, nearest):
    cargo = Cargo(least * KILO, Packaging.BAG, step * KILO)
    if nearest is None:
        assert market.open(cargo=cargo, most_grams=most * KILO).most_grams == most * KILO
        return
    with pytest.raises(BadPurchase) as refused:
        market.open(cargo=cargo, most_grams=most * KILO)
    facts = refused.value.facts
    assert (facts["reason"], facts["least"], facts["most"]) == ("never", *(each * KILO for each in nearest))


def test_far_more_than_the_minimum_is_confirmed(market):
    purchase = market.open()
    market.order(purchase, 2_400)
    with pytest.raises(FarAboveMinimum) as refused:
        market.order(purchase, 2_412)
    assert (refused.value.facts["times"], refused.value.facts["cents"]) == (10, 301_500)
    market.order(purchase, 2_412, is_sure=True)
    assert market.order(purchase, 2_412, message="Comme avant").grams == 2_412 * KILO, "it was confirmed"
