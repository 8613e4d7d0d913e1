"""Correcting what was mistyped: notes that nobody has signed, readings, and the alarms that only a wrong figure raised."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.accounts.queries import load_actor
from app.core import clock
from app.core.errors import DomainError, ReasonMissing
from app.core.states import IllegalMove
from app.infra.audit import history
from app.infra.db import db
from app.supply.cargo import KILO, Regime
from app.supply.lots import errors, queries, service
from app.supply.lots.models import Handover, Incident, LotSource, TemperatureReading
from app.supply.lots.rules import CORRECTION_TIME, IncidentState, Outcome
from tests.factories import a_manager, a_resource, a_site
from tests.supply.lots.world import TODAY, Barn, close_all


@pytest.fixture
def barn(session, frozen) -> Barn:
    return Barn()


@pytest.fixture
def room(barn):
    """The cold room of the others, which Anne and Marc manage."""
    site = a_site(barn.others, name="Pôle nourricier")
    for name in ("anne", "marc"):
        barn.people[name] = a_manager(site, name=name.title())
    barn.anne, barn.marc = (load_actor(barn.people[name].id) for name in ("anne", "marc"))
    return a_resource(site, name="Froid", kind="storage", facts={"regime": "chilled"}, slug="froid")


def refused(act, *given) -> DomainError:
    with pytest.raises(DomainError) as caught:
        act(*given)
    return caught.value


def incidents():
    return [*db.session.scalars(select(Incident).order_by(Incident.id))]


def left(lot) -> int:
    return queries.left_of([lot])[lot.id] // KILO


def yoghurt(barn, **facts):
    return barn.enter(product="Yaourts", regime=Regime.CHILLED, **facts)


def anew(barn, lots, **facts):
    given = {"receiver_id": barn.ours.id, "tenths": 60, "packages": 9} | facts
    return service.NewNote(barn.farm.id, {lot.id: kilos * KILO for lot, kilos in lots.items()}, **given)


# -- notes ----------------------------------------------------------------------------------------------------


def test_a_draft_is_corrected_as_long_as_nobody_has_signed(barn):
    lot, other = barn.enter(), barn.enter()
    note = barn.draft(lot, kilos=400)
    new = anew(barn, {lot: 300, other: 50}, receiver_id=barn.others.id, tenths=70, at=clock.now())
    service.correct_note(barn.farmer, note.id, new)
    note = db.session.get_one(Handover, note.id)
    assert {line.lot_id: line.grams // KILO for line in note.lines} == {lot.id: 300, other.id: 50}
    assert (note.receiver_id, note.tenths, left(lot), left(other)) == (barn.others.id, 70, 100, 350)
    service.correct_note(barn.farmer, note.id, anew(barn, {other: 400}))
    assert (left(lot), left(other)) == (400, 0)
    last = history("handover", note.id)[-1]
    assert (last.act, last.facts["was"]["grams"]) == ("corrected", 350 * KILO)
    assert refused(service.correct_note, barn.farmer, note.id, anew(barn, {other: 401})).code == "lot_short"
    assert isinstance(
        refused(service.correct_note, barn.member, note.id, anew(barn, {other: 9})), errors.NotOurLot
    )
    service.give(barn.farmer, note.id, "Paule")
    assert isinstance(refused(service.correct_note, barn.farmer, note.id, anew(barn, {lot: 9})), IllegalMove)


def test_an_alarm_that_only_a_mistyped_figure_raised_is_taken_back_with_its_reason(barn):
    lot = yoghurt(barn)
    note = barn.draft(lot, tenths=350)
    new = anew(barn, {lot: 100}, tenths=35)
    assert isinstance(refused(service.correct_note, barn.farmer, note.id, new), ReasonMissing)
    service.correct_note(barn.farmer, note.id, new, "Virgule oubliée")
    [incident] = incidents()
    assert (incident.state, incident.is_mistyped, incident.measures, incident.tenths) == (
        IncidentState.CLOSED,
        True,
        "Virgule oubliée",
        350,
    )
    assert history("incident", incident.id)[-1].act == "mistyped"
    service.give(barn.farmer, note.id, "Paule")


def test_too_warm_all_the_same_it_stays_blocked_and_colder_goods_can_go_without_it(barn):
    lot, courgettes = yoghurt(barn), barn.enter()
    note = barn.draft(lot, courgettes, tenths=99)
    new = anew(barn, {lot: 100}, tenths=80)
    assert refused(service.correct_note, barn.farmer, note.id, new, "Mal lu").code == "lot_flagged"
    assert refused(service.correct_note, barn.farmer, note.id, anew(barn, {lot: 9}, tenths=None)).code == (
        "temperature_missing"
    )
    service.correct_note(barn.farmer, note.id, anew(barn, {courgettes: 100}, tenths=80), "Mal lu")
    [incident] = incidents()
    assert (incident.state, incident.tenths) == (IncidentState.OPEN, 80)
    assert [each.id for each in queries.affected_by(incident.id)] == [lot.id]
    service.give(barn.farmer, note.id, "Paule")


def test_a_draft_that_was_corrected_can_be_too_warm(barn):
    lot, second = yoghurt(barn), yoghurt(barn)
    note = barn.draft(lot, tenths=35)
    service.correct_note(barn.farmer, note.id, anew(barn, {lot: 100}, tenths=90))
    close_all(barn.farmer, incidents()[0].id, Outcome.FIT, "Sonde mal placée")
    service.correct_note(barn.farmer, note.id, anew(barn, {lot: 50}, tenths=90))  # said to be fit already
    assert len(incidents()) == 1
    service.correct_note(barn.farmer, note.id, anew(barn, {lot: 50, second: 9}, tenths=90))
    assert [each.id for each in queries.affected_by(incidents()[1].id)] == [second.id]


# -- readings -------------------------------------------------------------------------------------------------


def test_a_mistyped_reading_is_corrected_and_who_answers_takes_its_alarm_back(barn, room):
    lot = yoghurt(barn, resource_id=room.id)
    reading = service.read(barn.anne, room.id, 400)
    assert isinstance(refused(service.correct_reading, barn.anne, reading.id, 40, " "), ReasonMissing)
    service.correct_reading(barn.marc, reading.id, 40, "40 tapé au lieu de 4,0")
    reading = queries.get_reading(reading.id)
    [correction] = reading.corrections
    assert (reading.tenths, reading.verdict, correction.was_tenths, correction.person_id) == (
        40,
        "fine",
        400,
        barn.marc.person_id,
    )
    [incident] = incidents()
    assert (incident.state, incident.right_tenths) == (IncidentState.OPEN, 40)
    assert refused(lambda: barn.draft(lot, tenths=40)).code == "lot_flagged"
    error = refused(service.close_as_mistyped, barn.farmer, incident.id)
    assert isinstance(error, errors.NotAnswering)
    service.close_as_mistyped(barn.anne, incident.id)
    assert isinstance(refused(service.close_as_mistyped, barn.anne, incident.id), IllegalMove)
    assert (incident.state, incident.is_mistyped, incident.measures) == (
        IncidentState.CLOSED,
        True,
        "40 tapé au lieu de 4,0",
    )
    barn.draft(lot, tenths=40)


def test_what_was_measured_besides_keeps_the_alarm(barn, room):
    wrong = service.read(barn.anne, room.id, 700)
    right = service.read(barn.anne, room.id, 70)
    service.correct_reading(barn.anne, wrong.id, 69, "Virgule")
    assert (incidents()[0].state, incidents()[0].tenths) == (IncidentState.OPEN, 70)
    service.correct_reading(barn.anne, right.id, 30, "Mal lu")
    assert (incidents()[0].state, incidents()[0].tenths) == (IncidentState.OPEN, 69)
    assert isinstance(refused(service.close_as_mistyped, barn.anne, incidents()[0].id), errors.StillAlarm)
    service.correct_reading(barn.anne, wrong.id, 39, "Mal lu aussi")
    service.close_as_mistyped(barn.anne, incidents()[0].id)
    assert (incidents()[0].is_mistyped, incidents()[0].measures) == (True, "Mal lu aussi")
    assert [each.was_tenths for each in queries.get_reading(wrong.id).corrections] == [700, 69]


def test_a_figure_that_was_too_good_raises_the_alarm_when_it_is_corrected(barn, room):
    reading = service.read(barn.anne, room.id, 7)
    lot = yoghurt(barn, resource_id=room.id)
    service.correct_reading(barn.anne, reading.id, 70, "7,0 et non 0,7")
    assert [each.id for each in queries.affected_by(incidents()[0].id)] == [lot.id]
    service.correct_reading(barn.anne, reading.id, 20, "2,0")
    assert incidents()[0].right_tenths == 20
    service.read(barn.anne, room.id, 65)
    assert (incidents()[0].right_tenths, incidents()[0].tenths) == (None, 65)


def test_a_reading_corrected_upwards_concerns_what_stood_there_when_it_was_read(barn, room, frozen):
    def later():
        frozen.move_to(clock.now() + timedelta(hours=1))

    names = ("kept", "moved", "given", "used", "left", "gone", "lost")
    lots = {name: yoghurt(barn, resource_id=room.id) for name in names}
    barn.hand_over(lots["kept"], kilos=100, tenths=30)
    service.store(barn.farmer, lots["left"].id, None)
    barn.hand_over(lots["gone"], kilos=400, tenths=30)
    later()
    reading = service.read(barn.anne, room.id, 7)
    later()
    service.store(barn.farmer, lots["moved"].id, None)
    barn.hand_over(lots["given"], kilos=400, tenths=30)
    soup = service.NewLot("Sauce", 300 * KILO, Regime.CHILLED, TODAY, origin="Ferme")
    made = service.make(barn.farmer, barn.farm.id, soup, {lots["used"].id: 400 * KILO})
    service.destroy(barn.farmer, lots["lost"].id, "Tombés")
    yoghurt(barn, resource_id=room.id)  # came in when it was cold again
    later()
    service.correct_reading(barn.anne, reading.id, 70, "7,0 et non 0,7")
    [incident] = incidents()
    flagged = {each.id for each in queries.affected_by(incident.id)}
    [theirs] = db.session.scalars(select(LotSource.lot_id).filter_by(source_id=lots["given"].id))
    assert flagged == {lots["kept"].id, lots["moved"].id, lots["given"].id, made.id, theirs}


def test_an_alarm_that_was_taken_back_by_mistake_is_raised_by_a_fresh_reading(barn, room):
    lot = yoghurt(barn, resource_id=room.id)
    reading = service.read(barn.anne, room.id, 145)
    service.correct_reading(barn.anne, reading.id, 45, "4,5 et non 14,5")
    service.close_as_mistyped(barn.anne, incidents()[0].id)
    error = refused(service.correct_reading, barn.anne, reading.id, 145, "14,5 après tout")
    assert isinstance(error, errors.ReadingCounts)
    assert error.facts == {"incident": incidents()[0].public_id, "mistyped": True}
    assert queries.get_reading(reading.id).tenths == 45
    service.confirm_reading(barn.anne, reading.id)
    service.read(barn.anne, room.id, 145)
    first, second = incidents()
    assert (first.is_mistyped, first.right_tenths) == (True, 45)
    assert (second.state, second.tenths) == (IncidentState.OPEN, 145)
    assert refused(lambda: barn.draft(lot, tenths=40)).facts["incident"] == second.public_id


def test_a_reading_on_which_an_incident_was_closed_is_not_corrected_its_alarm_is(barn, room, frozen):
    alarm = service.read(barn.anne, room.id, 90)
    frozen.move_to(clock.now() + timedelta(minutes=5))
    passing = service.read(barn.anne, room.id, 35)
    frozen.move_to(clock.now() + timedelta(minutes=5))
    counts = service.read(barn.anne, room.id, 31)
    frozen.move_to(clock.now() + timedelta(minutes=5))
    [incident] = incidents()
    service.close(barn.anne, incident.id, service.Closing("Porte refermée."))
    frozen.move_to(clock.now() + timedelta(minutes=5))
    later = service.read(barn.anne, room.id, 30)
    error = refused(service.correct_reading, barn.anne, counts.id, 80, "Mal lu")
    assert isinstance(error, errors.ReadingCounts)
    assert error.facts == {"incident": incident.public_id, "mistyped": False}
    service.correct_reading(barn.anne, alarm.id, 40, "4,0 et non 9,0")
    for reading in (passing, later):
        service.correct_reading(barn.anne, reading.id, 33, "Mal lu")
    assert queries.closing_readings([incident.id])[incident.id].tenths == 31
    assert (incident.right_tenths, incident.is_mistyped) == (40, False)


def test_closed_without_a_reading_it_stays_so_when_the_alarm_is_corrected(barn, room):
    alarm = service.read(barn.anne, room.id, 90)
    [incident] = incidents()
    close_all(barn.anne, incident.id, Outcome.FIT, "Vidée.")
    service.correct_reading(barn.anne, alarm.id, 40, "Mal lu")
    assert queries.closing_readings([incident.id]) == {}
    assert incident.right_tenths == 40


def test_what_somebody_closed_stays_closed(barn, room):
    reading = service.read(barn.anne, room.id, 90)
    close_all(barn.anne, incidents()[0].id, Outcome.FIT, "Porte refermée.")
    service.correct_reading(barn.anne, reading.id, 95, "Mal lu")
    [incident] = incidents()
    assert (incident.measures, incident.is_mistyped) == ("Porte refermée.", False)


def test_a_reading_is_confirmed_or_corrected_by_who_may_and_for_a_while(barn, room, frozen):
    reading = service.read(barn.anne, room.id, 90)
    service.confirm_reading(barn.anne, reading.id)
    assert queries.get_reading(reading.id).corrections[0].is_confirmed
    assert incidents()[0].state == IncidentState.OPEN
    assert isinstance(refused(service.confirm_reading, barn.farmer, reading.id), errors.NotAnswering)
    frozen.move_to(clock.now() + CORRECTION_TIME - timedelta(seconds=1))
    service.confirm_reading(barn.anne, reading.id)
    frozen.move_to(clock.now() + timedelta(seconds=1))
    error = refused(service.correct_reading, barn.anne, reading.id, 40, "Mal lu")
    assert isinstance(error, errors.ReadingSettled)
    assert error.facts["hours"] == 24


# -- pages ----------------------------------------------------------------------------------------------------


def text(answer):
    return " ".join(answer.get_data(as_text=True).split())


def test_a_draft_is_corrected_on_a_page_that_has_all_that_was_written(by, barn):
    lot = yoghurt(barn)
    note = barn.draft(lot, tenths=350, note="Quai 2")
    url = f"/remises/{note.public_id}"
    assert f"{url}/corriger" in text(by("farm").get(url))
    assert f"{url}/corriger" not in text(by("ours").get(url))
    page = text(by("farm").get(f"{url}/corriger"))
    for typed in ('value="100"', 'value="35"', "counted from the kilos", "Quai 2", "Why it was mistyped"):
        assert typed in page
    data = {
        f"kilos_{lot.public_id}": "90", "to": barn.ours.public_id, "temperature": "3,5", "packages": "9",
        "day": "", "time": "12:00",
    }  # fmt: skip
    assert by("farm").post(f"{url}/corriger", data=data).status_code == 422
    written = db.session.get_one(Handover, note.id).at
    assert by("farm").post(f"{url}/corriger", data=data | {"why": "Virgule"}).status_code == 303
    assert db.session.get_one(Handover, note.id).at == written
    page = text(by("farm").get(f"/lots/incidents/{incidents()[0].public_id}"))
    assert "Typing mistake" in page
    assert "Virgule" in page
    assert by("ours").post(f"{url}/corriger", data=data).status_code == 403
    service.give(barn.farmer, note.id, "Paule")
    assert by("farm").get(f"{url}/corriger").status_code == 303
    assert by("farm").post(f"{url}/corriger", data=data).status_code == 409


def test_a_reading_is_corrected_from_the_list_and_the_old_figure_stays_visible(by, barn, room):
    reading = service.read(barn.anne, room.id, 400)
    url = f"/ressources/froid/releves/{reading.id}"
    assert url in text(by("anne").get("/ressources/froid/releves"))
    assert 'value="40"' in text(by("anne").get(url))
    assert by("anne").post(url, data={"temperature": "4"}).status_code == 422
    assert by("anne").post(url, data={"temperature": "4", "reason": "Virgule"}).status_code == 303
    page = text(by("marc").get("/ressources/froid/releves"))
    assert "<s>40 °C</s> 4 °C" in page
    assert "Corrected by Anne" in page
    assert "Virgule" in page
    assert by("marc").post(f"{url}/confirmer").status_code == 303
    assert "Confirmed by Marc" in text(by("marc").get(url))
    assert by("farm").get(url).status_code == 403
    assert by("anne").get("/ressources/froid/releves/99999").status_code == 404
    assert db.session.get_one(TemperatureReading, reading.id).tenths == 40


def test_an_incident_follows_its_corrected_reading_and_is_closed_by_who_answers(by, barn, room):
    lot = yoghurt(barn, resource_id=room.id)
    reading = service.read(barn.anne, room.id, 74)
    [incident] = incidents()
    url = f"/lots/incidents/{incident.public_id}"
    assert "Nothing was too warm?" not in text(by("anne").get(url))
    assert by("anne").post(f"{url}/faute-de-frappe").status_code == 303
    assert incidents()[0].state == IncidentState.OPEN
    answer = by("marc").post(
        f"/ressources/froid/releves/{reading.id}", data={"temperature": "4,7", "reason": "Lu de travers"}
    )
    assert answer.location == url
    page = text(by("anne").get(url))
    assert "7.4 °C, corrected to 4.7 °C, alarm from 6.1 °C" in page
    assert "7.4 °C corrected to 4.7 °C on Tuesday 1 September 2026" in page
    assert "by Marc: Lu de travers" in page
    assert "Nothing was too warm?" in page
    page = text(by("farm").get(url))
    assert "by Marc: Lu de travers" in page
    assert "Nothing was too warm?" not in page
    assert by("farm").post(f"{url}/faute-de-frappe").status_code == 403
    assert by("anne").post(f"{url}/faute-de-frappe").status_code == 303
    page = text(by("farm").get(url))
    assert "Typing mistake: nothing was too warm" in page
    assert "Lu de travers" in page
    barn.draft(lot, tenths=40)


def test_form_and_closed_page_say_which_reading_counts(by, barn, room, frozen):
    lot = yoghurt(barn, resource_id=room.id)
    service.read(barn.anne, room.id, 90)
    frozen.move_to(clock.now() + timedelta(minutes=30))
    service.read(barn.marc, room.id, 31)
    url = f"/lots/incidents/{incidents()[0].public_id}"
    read = "3.1 °C, read on Tuesday 1 September 2026 at 10:30 by Marc"
    page = text(by("anne").get(url))
    assert f"It is cold again by this reading: {read}." in page
    assert 'name="temperature"' not in page
    data = {f"outcome_{lot.public_id}": "fit", "measures": "Porte refermée."}
    assert by("anne").post(f"{url}/clore", data=data).status_code == 303
    frozen.move_to(clock.now() + timedelta(minutes=1))
    service.read(barn.anne, room.id, 20)  # what comes later says nothing of it
    page = text(by("farm").get(url))
    assert "Closed on the reading" in page
    assert read in page


def test_the_page_of_a_reading_that_counts_says_why_it_stays_and_keeps_what_was_typed(by, barn, room):
    service.read(barn.anne, room.id, 90)
    counts = service.read(barn.anne, room.id, 31)
    [incident] = incidents()
    service.close(barn.anne, incident.id, service.Closing("Porte refermée."))
    url = f"/ressources/froid/releves/{counts.id}"
    page = text(by("anne").get(url))
    assert f"Incident {incident.public_id} was closed on this reading: it stays as it is." in page
    assert 'name="reason"' not in page
    answer = by("anne").post(url, data={"temperature": "8", "reason": "Relu de près"})
    assert answer.status_code == 409
    listed = text(answer).split("You had typed:")[1].split("</ul>")[0]
    assert "Relu de près" in listed
    assert db.session.get_one(TemperatureReading, counts.id).tenths == 31
