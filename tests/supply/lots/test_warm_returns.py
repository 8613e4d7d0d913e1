"""What came back too warm waits until somebody says what becomes of it; the rest of its lot goes on."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from app.core.errors import DomainError
from app.infra.db import db
from app.supply.cargo import KILO, Regime
from app.supply.lots import queries, service
from app.supply.lots.models import Handover, Incident
from app.supply.lots.rules import Outcome
from tests.supply.lots.world import TODAY, Barn, close_all


@pytest.fixture
def barn(session, frozen) -> Barn:
    return Barn()


def incidents():
    return [*db.session.scalars(select(Incident).order_by(Incident.id))]


def refused(act, *given) -> DomainError:
    with pytest.raises(DomainError) as caught:
        act(*given)
    return caught.value


def test_the_kilos_that_never_left_are_given_and_used_while_those_that_came_back_too_warm_wait(barn):
    lot = barn.enter(product="Yaourts", regime=Regime.CHILLED)
    before, warm = barn.give(lot, kilos=50, tenths=35), barn.give(lot, kilos=30, tenths=35)
    service.refuse(barn.member, warm.id, service.Receipt("Jean", None, "Trop chaud", 120))
    [found] = queries.found([lot])
    assert (found.left, found.waiting, found.free) == (350 * KILO, 30 * KILO, 320 * KILO)
    assert not found.is_blocked
    service.receive(barn.member, before.id, service.Receipt("Jean", tenths=40))  # they were not too warm
    fromage = service.NewLot("Fromage", 5 * KILO, Regime.CHILLED, TODAY, origin="Ferme")
    short = refused(service.make, barn.farmer, barn.farm.id, fromage, {lot.id: 321 * KILO})
    assert (short.facts["left"], short.facts["waiting"]) == (320 * KILO, 30 * KILO)
    service.make(barn.farmer, barn.farm.id, fromage, {lot.id: 20 * KILO})
    note = barn.draft(lot, kilos=100, tenths=35)
    more = service.NewNote(barn.farm.id, {lot.id: 301 * KILO}, barn.ours.id, tenths=35)
    assert refused(service.correct_note, barn.farmer, note.id, more).facts["left"] == 300 * KILO
    service.correct_note(barn.farmer, note.id, replace(more, lots={lot.id: 300 * KILO}))
    [found] = queries.found([lot])
    assert (found.left, found.waiting, found.free, found.is_blocked) == (30 * KILO, 30 * KILO, 0, True)
    close_all(barn.farmer, incidents()[0].id, Outcome.FIT, "3 °C à cœur.")
    barn.draft(lot, kilos=30, tenths=35)


def test_what_came_back_too_warm_twice_waits_for_each_incident_by_itself(barn):
    lot = barn.enter(product="Yaourts", regime=Regime.CHILLED)
    for kilos in (30, 20):
        note = barn.give(lot, kilos=kilos, tenths=35)
        service.refuse(barn.member, note.id, service.Receipt("Jean", None, "Trop chaud", 120))
    first, second = incidents()
    assert queries.free_of([lot]) == {lot.id: 350 * KILO}
    close_all(barn.farmer, first.id, Outcome.DESTROYED, "Jetés.")
    assert (queries.left_of([lot]), queries.free_of([lot])) == ({lot.id: 370 * KILO}, {lot.id: 350 * KILO})
    close_all(barn.farmer, second.id, Outcome.FIT, "3 °C à cœur.")
    assert queries.free_of([lot]) == {lot.id: 370 * KILO}


def test_a_return_that_was_cold_is_not_destroyed_at_the_cost_of_one_that_waits(barn):
    lot = barn.enter(product="Yaourts", regime=Regime.CHILLED, grams=100 * KILO)
    warm, cold = barn.give(lot, kilos=50, tenths=35), barn.give(lot, kilos=50, tenths=35)
    service.refuse(barn.member, warm.id, service.Receipt("Jean", None, "Trop chaud", 120))
    service.refuse(barn.member, cold.id, service.Receipt("Jean", None, "Pas de place", 40))
    barn.draft(lot, kilos=50, tenths=35)  # what came back cold is promised again
    lost = {lot.id: Outcome.DESTROYED}
    assert refused(service.say_what_came_back, barn.farmer, cold.id, lost, "x").code == "lot_promised"


def test_what_is_destroyed_with_the_rest_of_its_lot_waits_no_longer(barn):
    lot = barn.enter(product="Yaourts", regime=Regime.CHILLED)
    warm = barn.give(lot, kilos=50, tenths=35)
    service.refuse(barn.member, warm.id, service.Receipt("Jean", None, "Trop chaud", 120))
    promised = barn.draft(lot, kilos=300, tenths=35)
    service.destroy(barn.farmer, lot.id, "Trop chaud")
    [line] = db.session.get_one(Handover, warm.id).lines
    assert (line.returned, line.return_reason) == (Outcome.DESTROYED, "Trop chaud")
    service.cancel(barn.farmer, promised.id, "Reporté")
    assert queries.free_of([lot]) == {lot.id: 300 * KILO}


# -- pages ----------------------------------------------------------------------------------------------------


def text(answer):
    return " ".join(answer.get_data(as_text=True).split())


def test_the_page_of_a_lot_says_how_many_kilos_wait_and_why_and_lets_the_rest_be_given(by, barn):
    lot = barn.enter(product="Yaourts", regime=Regime.CHILLED, grams=9 * KILO)
    note = barn.give(lot, kilos=4, tenths=35)
    service.refuse(barn.member, note.id, service.Receipt("Jean", None, "Trop chaud", 120))
    url, address = f"/lots/{lot.public_id}", f"/lots/incidents/{incidents()[0].public_id}"
    page = text(by("farm").get(url))
    assert "4 kg came back too warm: nobody hands them over" in page
    assert "12 °C, alarm from 6.1 °C. The other 5 kg can be handed over meanwhile." in page
    assert "9 kg left, of which 4 kg are blocked: too warm" in page
    assert address in page
    assert f"/remises/nouvelle?lot={lot.public_id}" in page
    form = text(by("farm").get(f"/remises/nouvelle?lot={lot.public_id}"))
    assert 'value="5"' in form
    data = {"to": barn.ours.public_id, "temperature": "3", "once": "n1", f"kilos_{lot.public_id}": "6"}
    answer = by("farm").post(f"/remises/nouvelle?lot={lot.public_id}", data=data)
    assert answer.status_code == 409
    assert "Only 5 kg of “Yaourts” can be handed over: 4 kg more came back too warm" in text(answer)
    assert f"Yaourts, 4 kg (lot {lot.public_id})" in text(by("farm").get(address))
    barn.draft(lot, kilos=5, tenths=35)
    page = text(by("farm").get(url))
    assert "cold chain broken: blocked" in page
    assert "can be handed over meanwhile" not in page
    assert f"/remises/nouvelle?lot={lot.public_id}" not in page
    answer = by("farm").post("/remises/nouvelle", query_string={"lot": lot.public_id}, data=data)
    assert answer.status_code == 409  # nothing of it can be chosen


def test_what_an_open_incident_stands_in_the_way_of_is_no_task_before_it_is_closed(by, barn):
    lot = barn.enter(product="Yaourts", regime=Regime.CHILLED, grams=100 * KILO)
    note = barn.give(lot, kilos=100, tenths=35)
    short = service.Receipt("Jean", {lot.id: 95 * KILO}, "Trop chaud", 120)
    service.receive(barn.member, note.id, short)
    drafted = barn.draft(barn.enter(product="Crème", regime=Regime.CHILLED), kilos=10, tenths=120)
    tasks = ("Say what came back", "Sign: 10 kg")
    for page in ("/lots", "/moi"):
        shown = text(by("farm").get(page))
        assert not any(task in shown for task in tasks), page
        assert ">Sign<" not in shown
        for each in incidents():
            if each.organisation_id == barn.farm.id:
                assert f"/lots/incidents/{each.public_id}" in shown, page
    for each in incidents():
        closing = barn.farmer if each.organisation_id == barn.farm.id else barn.member
        close_all(closing, each.id, Outcome.FIT, "3 °C à cœur.")
    shown = text(by("farm").get("/moi"))
    assert "Sign: 10 kg, Crème" in shown
    assert f"/remises/{drafted.public_id}" in text(by("farm").get("/lots"))


def test_what_is_to_be_said_of_a_return_is_how_much_came_back(by, barn):
    lot = barn.enter()
    note = barn.give(lot, kilos=100)
    service.receive(barn.member, note.id, service.Receipt("Jean", {lot.id: 95 * KILO}, "Écrasées", 60))
    assert "Say what came back: 5 kg, Courgettes" in text(by("farm").get("/moi"))


def test_who_says_that_a_note_is_no_food_aid_reads_that_an_incident_still_forbids_to_sign(by, barn):
    lot = barn.enter(product="Yaourts", regime=Regime.CHILLED)
    note = barn.draft(lot, kilos=10, tenths=120)
    url = f"/remises/{note.public_id}"
    page = text(by("farm").post(f"{url}/hors-aide-alimentaire", follow_redirects=True))
    assert "Noted: it is no food aid. Nobody signs before the incident of the cold chain is closed." in page
    assert "You can sign." not in page
    close_all(barn.farmer, incidents()[0].id, Outcome.FIT, "3 °C à cœur.")
    page = text(by("farm").post(f"{url}/hors-aide-alimentaire", follow_redirects=True))
    assert "Noted: it is no food aid. You can sign." in page
