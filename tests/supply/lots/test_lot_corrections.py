"""Correcting a lot that was mistyped, until something of it went somewhere; what it said before stays readable."""

from datetime import date, timedelta
from typing import Any

import pytest

from app.core.errors import DomainError
from app.core.ids import plain
from app.supply.cargo import KILO, Packaging, Regime
from app.supply.lots import errors, queries, service
from app.supply.lots.models import Lot
from app.supply.lots.rules import Outcome, Settled
from tests.factories import a_resource, a_site
from tests.supply.chains.valley import Valley
from tests.supply.lots.world import TODAY, Barn, close_all

pytestmark = pytest.mark.usefixtures("session", "frozen")


@pytest.fixture
def barn() -> Barn:
    return Barn()


def right(**facts):
    given: dict[str, Any] = {
        "product": "Courgettes", "grams": 200 * KILO, "regime": Regime.PRODUCE, "received_on": TODAY,
        "packaging": Packaging.CRATE_60X40, "per_package": 12 * KILO, "origin": "Verger du Don",
    }  # fmt: skip
    return service.NewLot(**(given | facts))


def refused(act, *given) -> DomainError:
    with pytest.raises(DomainError) as caught:
        act(*given)
    return caught.value


def correct(barn, lot, **facts):
    service.correct_lot(barn.farmer, lot.id, right(**facts))


def changes(lot):
    return [(each.was, each.now) for each in queries.corrections_of([lot.id])[lot.id]]


def why_settled(barn, lot):
    error = refused(correct, barn, lot)
    assert isinstance(error, errors.LotSettled)
    assert queries.find_settled(lot.id) is error.facts["reason"]
    return error.facts["reason"]


def test_what_was_mistyped_is_corrected_and_what_it_said_stays_known(barn):
    lot = barn.enter(product="Carotes", grams=5_000 * KILO)
    yesterday = TODAY - timedelta(days=1)
    use_by = date(2026, 9, 5)
    correct(
        barn, lot, product="Carottes", packaging=Packaging.BAG, per_package=10 * KILO, use_by=use_by,
        origin="", origin_id=barn.ours.id, received_on=yesterday,
    )  # fmt: skip
    assert (lot.product, lot.folded, lot.grams) == ("Carottes", plain("Carottes"), 200 * KILO)
    assert (lot.packaging, lot.per_package, lot.use_by) == (Packaging.BAG, 10 * KILO, use_by)
    assert (lot.origin_id, lot.origin, lot.received_on) == (barn.ours.id, "", yesterday)
    [(was, now)] = changes(lot)
    assert was == {
        "product": "Carotes", "grams": 5_000 * KILO, "packaging": "crate_60x40", "per_package": 12 * KILO,
        "use_by": None, "origin": "Verger du Don", "received_on": "2026-09-01",
    }  # fmt: skip
    assert (now["grams"], now["origin"], now["use_by"]) == (200 * KILO, barn.ours.name, "2026-09-05")
    by = queries.corrections_of([lot.id])[lot.id][0].by
    assert by is not None
    assert by.id == barn.farmer.person_id


def test_what_is_saved_unchanged_is_no_correction(barn):
    lot = barn.enter(grams=200 * KILO)
    correct(barn, lot)
    assert changes(lot) == []


def test_only_its_holder_corrects_it(barn):
    lot = barn.enter()
    assert isinstance(refused(service.correct_lot, barn.member, lot.id, right()), errors.NotOurLot)
    assert isinstance(refused(service.correct_lot, barn.coordinator, lot.id, right()), errors.NotOurLot)


def test_what_cannot_be_is_refused_as_when_it_is_entered(barn):
    lot = barn.enter()
    tomorrow = TODAY + timedelta(days=1)
    for facts in ({"grams": 0}, {"product": " "}, {"origin": ""}, {"received_on": tomorrow}):
        assert isinstance(refused_with(barn, lot, facts), errors.BadLot)
    dry = a_resource(a_site(barn.farm), kind="storage", facts={"regime": "ambient"})
    service.store(barn.farmer, (other := barn.enter(regime=Regime.AMBIENT)).id, dry.id)
    assert isinstance(refused_with(barn, other, {"regime": Regime.FROZEN}), errors.PlaceUnfit)


def refused_with(barn, lot, facts):
    return refused(lambda: correct(barn, lot, **facts))


def test_a_use_by_date_that_is_past_is_told_as_it_is(barn):
    lot = barn.enter(use_by=date(2027, 8, 30))
    correct(barn, lot, use_by=date(2026, 8, 30))
    assert lot.is_spoilt_on(TODAY)


def test_nothing_is_corrected_once_something_of_it_went_somewhere(barn):
    drafted, given, given_up, back, used, gone = (barn.enter() for _ in range(6))
    barn.draft(drafted)
    barn.give(given)
    service.cancel(barn.farmer, barn.give(given_up).id, "Erreur")
    service.refuse(barn.member, barn.give(back).id, service.Receipt("Jean", reason="Flétri"))
    soup = service.make(barn.farmer, barn.farm.id, right(product="Soupe"), {used.id: 50 * KILO})
    service.destroy(barn.farmer, gone.id, "Pourri")
    assert why_settled(barn, drafted) is Settled.DRAFTED
    assert {why_settled(barn, each) for each in (given, given_up, back)} == {Settled.SIGNED}
    assert why_settled(barn, used) is Settled.MADE
    assert why_settled(barn, gone) is Settled.GONE
    correct(barn, soup, product="Soupe de courgettes", origin="", origin_id=barn.farm.id)
    assert soup.product == "Soupe de courgettes"


def test_a_note_that_was_given_up_unsigned_does_not_stand_in_the_way(barn):
    lot = barn.enter()
    service.cancel(barn.farmer, barn.draft(lot).id, "Erreur")
    correct(barn, lot)
    assert lot.grams == 200 * KILO


def test_what_came_by_a_note_is_as_both_sides_signed_it(barn, session):
    barn.hand_over(barn.enter())
    theirs = session.query(Lot).filter_by(organisation_id=barn.ours.id).one()
    error = refused(service.correct_lot, barn.member, theirs.id, right())
    assert error.facts["reason"] is Settled.RECEIVED


def test_what_an_incident_concerned_is_not_corrected_any_more(barn):
    lot = barn.enter(product="Yaourts", regime=Regime.CHILLED)
    note = barn.draft(lot, tenths=120)
    incident = queries.find_open_incident_of_note(note.id)
    assert incident is not None
    service.cancel(barn.farmer, note.id, "Trop chaud")
    assert why_settled(barn, lot) is Settled.CONCERNED
    close_all(barn.farmer, incident.id, Outcome.FIT, "Mesuré à cœur")
    assert why_settled(barn, lot) is Settled.CONCERNED


def test_what_was_entered_under_a_key_is_the_same_one_once_it_is_corrected(barn):
    typed = right(grams=5_000 * KILO)
    lot = service.enter(barn.farmer, barn.farm.id, typed, "k1")
    correct(barn, lot)
    assert service.enter(barn.farmer, barn.farm.id, typed, "k1").id == lot.id


def test_what_came_before_its_chain_collects_it_is_noticed():
    valley = Valley()
    chain = valley.ask_for()
    whole_day = queries.collected_on(chain.bundle_id)
    assert whole_day == date(2026, 9, 14)
