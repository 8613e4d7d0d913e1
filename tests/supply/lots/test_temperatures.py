"""Temperatures: what they say, what an alarm stops, and who says what becomes of the lots (scenario S11)."""

from datetime import UTC

import pytest
from sqlalchemy import select

from app.accounts.models import Person, Role
from app.accounts.queries import load_actor
from app.bookings.errors import KeyReused
from app.core import clock
from app.core.errors import DomainError, ReasonMissing
from app.core.states import IllegalMove
from app.infra.db import db
from app.infra.uow import atomic
from app.supply.cargo import KILO, Regime
from app.supply.chains.planning.world import Reason, Rejected, Task
from app.supply.lots import errors, queries, service
from app.supply.lots.limits import LIMITS, Source, Threshold, Verdict, limits_of, strictest
from app.supply.lots.models import Handover, Incident, Lot
from app.supply.lots.rules import FRESH, IncidentState, LotState, NoteState, Outcome
from app.supply.lots.unfit import broken_among
from tests.factories import a_manager, a_member, a_resource, a_site, at
from tests.supply.land import WANTED, Land, free_as_in_s12
from tests.supply.lots.world import Barn, close_all

FINE, WARNING, ALARM = Verdict


@pytest.mark.parametrize(
    ("regime", "facts", "told"),
    [
        (Regime.FROZEN, {"target": -18}, {-180: FINE, -165: WARNING, -150: WARNING, -145: ALARM}),
        (Regime.CHILLED, {"target": 4}, {35: FINE, 40: FINE, 50: WARNING, 60: WARNING, 65: ALARM}),
        (Regime.CHILLED, {"warn": 4, "alarm": 6}, {39: FINE, 40: WARNING, 60: ALARM}),
        (Regime.CHILLED, {"warn": 9, "alarm": 5}, {40: FINE, 41: WARNING, 50: ALARM}),  # never laxer than law
        (Regime.CHILLED, {"alarm": 3}, {29: FINE, 30: ALARM}),
        (Regime.PRODUCE, {}, {80: FINE, 81: WARNING, 121: ALARM}),
        (Regime.AMBIENT, {}, {250: FINE, 260: WARNING, 301: ALARM}),
        (Regime.CELLAR, {"warn": None, "alarm": "?"}, {120: FINE, 121: WARNING, 181: ALARM}),
    ],
)
def test_what_a_temperature_says(regime, facts, told):
    limits = limits_of(regime, facts)
    assert {tenths: limits.verdict(tenths) for tenths in told} == told


def test_each_threshold_names_its_source():
    assert LIMITS[Regime.CHILLED].warn == Threshold(41, Source.DECREE)
    assert LIMITS[Regime.FROZEN].alarm == Threshold(-149, Source.DEEP_FROZEN)
    assert limits_of(Regime.CHILLED, {"alarm": 6.5}).alarm == Threshold(65, Source.PLACE)


def test_a_load_is_as_cold_as_what_has_to_be_coldest_in_it():
    assert strictest([Regime.PRODUCE, Regime.FROZEN, Regime.AMBIENT]) == Regime.FROZEN


# -- incidents ------------------------------------------------------------------------------------------------


@pytest.fixture
def barn(session, frozen) -> Barn:
    return Barn()


@pytest.fixture
def room(barn):
    """The frozen room of the others, which Anne manages."""
    site = a_site(barn.others, name="Pôle nourricier")
    barn.people["anne"] = a_manager(site, name="Anne")
    barn.anne = load_actor(barn.people["anne"].id)
    return a_resource(
        site, name="Froid négatif", kind="storage", facts={"regime": "frozen", "target": -18}, slug="froid"
    )


def peas(barn, room=None, **facts):
    place = room.id if room else None
    return barn.enter(product="Petits pois", regime=Regime.FROZEN, resource_id=place, **facts)


def incidents():
    return [*db.session.scalars(select(Incident).order_by(Incident.id))]


def refused(act, *given) -> DomainError:
    with pytest.raises(DomainError) as caught:
        act(*given)
    return caught.value


def test_a_warning_is_noted_and_an_alarm_blocks_the_lots_that_are_there(barn, room):
    lot, elsewhere = peas(barn, room), peas(barn)
    assert service.read(barn.anne, room.id, -165).verdict == WARNING
    assert incidents() == []
    assert service.read(barn.anne, room.id, -145).verdict == ALARM
    [incident] = incidents()
    assert (incident.tenths, incident.limit_tenths, incident.organisation_id) == (-145, -149, barn.others.id)
    assert [each.id for each in queries.affected_by(incident.id)] == [lot.id]
    error = refused(lambda: barn.draft(lot, tenths=-190))
    assert (error.code, error.facts["incident"]) == ("lot_flagged", incident.public_id)
    barn.draft(elsewhere, tenths=-190)
    service.store(barn.farmer, lot.id, None)  # out of the warm room: that is allowed


def test_warmer_still_it_is_the_same_incident_with_what_came_in_since(barn, room):
    peas(barn, room)
    second = peas(barn)
    service.read(barn.anne, room.id, -145)
    with atomic():
        second.resource_id = room.id  # in the same moment
    service.read(barn.anne, room.id, -120)
    [incident] = incidents()
    assert incident.tenths == -120
    assert second.id in [each.id for each in queries.affected_by(incident.id)]


def test_what_is_about_to_leave_is_still_there_when_it_gets_too_warm(barn, room):
    drafted, given = peas(barn, room), peas(barn, room)
    handed, received = peas(barn, room), peas(barn, room)
    note = barn.draft(drafted, kilos=400, tenths=-190)
    barn.give(given, kilos=400, tenths=-190)
    barn.hand_over(handed, kilos=400, tenths=-190)
    barn.hand_over(received, kilos=399, tenths=-190)
    service.read(barn.anne, room.id, -145)
    [incident] = incidents()
    affected = [each.id for each in queries.affected_by(incident.id)]
    assert affected == [drafted.id, given.id, received.id]
    assert refused(service.give, barn.farmer, note.id, "Paule").code == "lot_flagged"


def test_nothing_is_put_where_the_cold_chain_broke_and_it_is_said_where_it_could_be(barn, room):
    cellar = a_resource(room.site, name="Coffre", kind="storage", facts={"regime": "frozen"})
    service.read(barn.anne, room.id, -145)
    [incident] = incidents()
    lot = peas(barn)
    for act in (lambda: service.store(barn.farmer, lot.id, room.id), lambda: peas(barn, room)):
        error = refused(act)
        assert isinstance(error, errors.PlaceBroken)
        assert error.facts["incident"] == incident.public_id
        assert error.facts["fitting"] == [f"Coffre, {room.site.name}"]
    service.store(barn.farmer, lot.id, cellar.id)
    close_all(barn.anne, incident.id, Outcome.FIT, "Porte refermée.")
    service.store(barn.farmer, lot.id, room.id)
    assert db.session.get_one(Lot, lot.id).resource_id == room.id


def test_a_reading_is_noted_once_however_often_it_is_sent(barn, room):
    first = service.read(barn.anne, room.id, -190, "key")
    assert service.read(barn.anne, room.id, -190, "key").id == first.id
    service.correct_reading(barn.anne, first.id, -191, "Mal lu")
    assert service.read(barn.anne, room.id, -190, "key").id == first.id
    with pytest.raises(KeyReused):
        service.read(barn.anne, room.id, 80, "key")


def test_what_is_fit_goes_on_and_what_is_not_is_destroyed(barn, room):
    lot = peas(barn, room)
    service.read(barn.anne, room.id, -145)
    [first] = incidents()
    assert isinstance(refused(close_all, barn.anne, first.id, Outcome.FIT, " "), ReasonMissing)
    close_all(barn.anne, first.id, Outcome.FIT, "À cœur −17 °C, porte refermée.")
    given = barn.give(lot, tenths=-190)
    service.read(barn.anne, room.id, -100)
    receipt = service.Receipt("Jean", tenths=-190)
    assert refused(service.receive, barn.member, given.id, receipt).code == "lot_flagged"
    second = incidents()[1]
    close_all(barn.coordinator, second.id, Outcome.DESTROYED, "Décongelé.")
    assert db.session.get_one(Lot, lot.id).state == LotState.DESTROYED
    assert db.session.get_one(Handover, given.id).state == NoteState.CANCELLED
    assert isinstance(refused(close_all, barn.anne, second.id, Outcome.FIT, "x"), IllegalMove)


def test_each_lot_has_its_own_verdict(barn, room):
    kept, lost = peas(barn, room), peas(barn, room)
    notes = {lot.id: barn.give(lot, tenths=-190).id for lot in (kept, lost)}
    service.read(barn.anne, room.id, -100)
    [incident] = incidents()
    one = service.Closing("Décongelé en partie.", {kept.id: Outcome.FIT}, why_unmeasured="Éteint")
    error = refused(service.close, barn.anne, incident.id, one)
    assert (error.code, error.facts["field"]) == ("outcome_missing", f"outcome_{lost.public_id}")
    both = {kept.id: Outcome.FIT, lost.id: Outcome.DESTROYED}
    service.close(barn.anne, incident.id, service.Closing("Trié.", both, why_unmeasured="Éteint"))
    outcomes = queries.get_incident(incident.public_id).outcomes
    assert outcomes == {kept.id: Outcome.FIT, lost.id: Outcome.DESTROYED}
    assert db.session.get_one(Lot, lost.id).state == LotState.DESTROYED
    states = {lot_id: db.session.get_one(Handover, note).state for lot_id, note in notes.items()}
    assert states == {kept.id: NoteState.GIVEN, lost.id: NoteState.CANCELLED}
    assert db.session.get_one(Incident, incident.id).why_unmeasured == "Éteint"


def test_a_place_is_closed_out_of_its_incident_once_it_is_cold_again(barn, room, frozen):
    service.read(barn.anne, room.id, -100)
    [incident] = incidents()
    done = service.Closing("Réparé.")
    assert isinstance(refused(service.close, barn.anne, incident.id, done), errors.NotColdAgain)
    warm = service.Closing("Réparé.", tenths=-175)
    assert isinstance(refused(service.close, barn.anne, incident.id, warm), errors.NotColdAgain)
    service.read(barn.anne, room.id, -190)
    frozen.move_to(clock.now() + FRESH)
    assert isinstance(refused(service.close, barn.anne, incident.id, done), errors.NotColdAgain)  # of old
    service.close(barn.anne, incident.id, service.Closing("Réparé.", tenths=-185))
    assert [each.tenths for each in queries.readings_in(room.id)] == [-185, -190, -100]
    service.read(barn.anne, room.id, -100)
    second = incidents()[1]
    service.read(barn.anne, room.id, -190)
    service.close(barn.anne, second.id, done)
    assert db.session.get_one(Incident, second.id).state == IncidentState.CLOSED


def test_still_too_warm_a_place_is_closed_with_a_reason_and_the_figure_is_kept(barn, room):
    service.read(barn.anne, room.id, -145)
    said = service.Closing("Vidé.", tenths=50, why_unmeasured="Éteint, réparation lundi")
    service.close(barn.anne, incidents()[0].id, said)
    [incident] = incidents()
    assert (incident.tenths, incident.state) == (50, IncidentState.CLOSED)


def test_only_who_answers_for_the_place_notes_and_closes(barn, room):
    peas(barn, room)
    for who in (barn.farmer, barn.member, barn.stranger):
        assert isinstance(refused(service.read, who, room.id, -190), errors.NotAnswering)
    service.read(barn.anne, room.id, -145)
    for who in (barn.farmer, barn.member, barn.stranger):
        error = refused(close_all, who, incidents()[0].id, Outcome.FIT, "x")
        assert isinstance(error, errors.NotAnswering)


def test_too_warm_at_a_hand_over_nobody_signs_before_the_giver_says_what_was_done(barn):
    yoghurt, courgettes = barn.enter(product="Yaourts", regime=Regime.CHILLED), barn.enter()
    note = barn.draft(yoghurt, courgettes, tenths=90)
    [incident] = incidents()
    assert (incident.handover_id, incident.limit_tenths) == (note.id, 61)
    assert [each.id for each in queries.affected_by(incident.id)] == [
        yoghurt.id
    ]  # courgettes bear nine degrees
    assert refused(service.give, barn.farmer, note.id, "Paule").code == "lot_flagged"
    close_all(barn.farmer, incident.id, Outcome.FIT, "Sonde mal placée : 3 °C à cœur.")
    service.give(barn.farmer, note.id, "Paule")
    assert db.session.get_one(Incident, incident.id).state == IncidentState.CLOSED


def test_what_has_to_be_cold_is_measured_by_who_receives_it_too(barn):
    yoghurt, courgettes = barn.enter(product="Yaourts", regime=Regime.CHILLED), barn.enter()
    note = barn.give(yoghurt, courgettes, tenths=35)
    for tenths, code in ((None, "temperature_missing"), (5000, "temperature_odd")):
        error = refused(service.receive, barn.member, note.id, service.Receipt("Jean", tenths=tenths))
        assert (error.code, error.facts["field"]) == (code, "temperature")
    only = service.Receipt("Jean", {yoghurt.id: 0}, "Pas de place au froid")
    service.receive(barn.member, note.id, only)  # nothing came that has to be cold
    assert db.session.get_one(Handover, note.id).received_tenths is None
    assert service.is_intact(db.session.get_one(Handover, note.id))


@pytest.mark.parametrize(("came", "alarms"), [(40, 0), (50, 0), (60, 0), (65, 1)])
def test_too_warm_when_it_came_what_came_is_blocked_until_who_has_it_says_what_becomes_of_it(
    barn, came, alarms
):
    lot = barn.enter(product="Yaourts", regime=Regime.CHILLED)
    note = barn.hand_over(lot, kilos=10, tenths=35, came=came)
    assert len(incidents()) == alarms
    assert db.session.get_one(Handover, note.id).state == NoteState.RECEIVED
    for incident in incidents():
        assert (incident.tenths, incident.limit_tenths, incident.organisation_id) == (65, 61, barn.ours.id)
        [theirs] = queries.affected_by(incident.id)
        assert (theirs.organisation_id, theirs.grams) == (barn.ours.id, 10 * KILO)
        with pytest.raises(errors.NotAnswering):
            close_all(barn.farmer, incident.id, Outcome.FIT, "x")
        close_all(barn.member, incident.id, Outcome.DESTROYED, "Jetés.")
        assert db.session.get_one(Lot, theirs.id).state == LotState.DESTROYED
        assert queries.left_of([lot])[lot.id] == 390 * KILO


def test_refused_because_it_was_too_warm_it_is_blocked_for_who_has_it_again(barn):
    lot, courgettes = barn.enter(product="Yaourts", regime=Regime.CHILLED), barn.enter()
    note = barn.give(lot, courgettes, kilos=10, tenths=35)
    odd = service.Receipt("Jean", None, "Trop chaud", 5000)
    assert isinstance(refused(service.refuse, barn.member, note.id, odd), errors.TemperatureOdd)
    service.refuse(barn.member, note.id, service.Receipt("Jean", None, "Trop chaud", 120))
    assert db.session.get_one(Handover, note.id).received_tenths == 120
    [incident] = incidents()
    assert (incident.tenths, incident.organisation_id) == (120, barn.farm.id)
    assert [each.id for each in queries.affected_by(incident.id)] == [lot.id]
    short = refused(lambda: barn.draft(lot, kilos=391, tenths=35))
    assert (short.code, short.facts["left"], short.facts["waiting"]) == ("lot_short", 390 * KILO, 10 * KILO)
    fit = {lot.id: Outcome.FIT}
    assert refused(service.say_what_came_back, barn.farmer, note.id, fit, "").code == "lot_flagged"
    close_all(barn.farmer, incident.id, Outcome.DESTROYED, "Jetés.")
    assert queries.left_of([lot])[lot.id] == 390 * KILO  # what never left the cold room is as it was
    said = {line.lot_id: line.returned for line in db.session.get_one(Handover, note.id).lines}
    assert said == {lot.id: Outcome.DESTROYED, courgettes.id: None}
    service.say_what_came_back(barn.farmer, note.id, {courgettes.id: Outcome.FIT}, "")


@pytest.mark.parametrize("tenths", [None, 60])
def test_refused_and_cold_enough_or_not_measured_it_is_free_again(barn, tenths):
    lot = barn.enter(product="Yaourts", regime=Regime.CHILLED)
    note = barn.give(lot, kilos=10, tenths=35)
    service.refuse(barn.member, note.id, service.Receipt("Jean", None, "Pas de place", tenths))
    assert incidents() == []
    barn.draft(lot, kilos=400, tenths=35)


def test_taken_in_part_and_too_warm_each_side_answers_for_what_it_has(barn):
    lot = barn.enter(product="Yaourts", regime=Regime.CHILLED)
    note = barn.give(lot, kilos=10, tenths=35)
    receipt = service.Receipt("Jean", {lot.id: 4 * KILO}, "Le reste est trop chaud", 120)
    service.receive(barn.member, note.id, receipt)
    back, came = incidents()
    assert (back.organisation_id, came.organisation_id) == (barn.farm.id, barn.ours.id)
    assert [each.id for each in queries.affected_by(back.id)] == [lot.id]
    assert queries.incidents_on_note(note.id) == [back, came]
    close_all(barn.farmer, back.id, Outcome.DESTROYED, "Jetés.")
    assert queries.left_of([lot])[lot.id] == 390 * KILO
    destroyed = db.session.scalars(select(Lot).filter_by(state=LotState.DESTROYED)).one()
    assert destroyed.grams == 6 * KILO


def test_a_note_proves_how_warm_it_was_on_both_sides(barn):
    lot = barn.enter(product="Yaourts", regime=Regime.CHILLED)
    note = db.session.get_one(Handover, barn.hand_over(lot, kilos=10, tenths=35, came=40).id)
    assert service.is_intact(note)
    note.received_tenths = 30
    assert not service.is_intact(note)
    db.session.rollback()


def test_of_a_hand_over_that_was_too_warm_only_what_it_hands_over_is_destroyed(barn):
    lot = barn.enter(product="Yaourts", regime=Regime.CHILLED)
    cold, warm = barn.draft(lot, kilos=100, tenths=30), barn.draft(lot, kilos=10, tenths=90)
    [incident] = incidents()
    close_all(barn.farmer, incident.id, Outcome.DESTROYED, "Jetés.")
    destroyed = db.session.scalars(select(Lot).filter_by(state=LotState.DESTROYED)).one()
    assert (destroyed.grams, destroyed.reason) == (10 * KILO, "Jetés.")
    assert queries.left_of([lot])[lot.id] == 290 * KILO
    service.give(barn.farmer, cold.id, "Paule")
    assert db.session.get_one(Handover, warm.id).state == NoteState.CANCELLED


def test_what_was_destroyed_before_the_incident_was_closed_does_not_stand_in_its_way(barn):
    lot = barn.enter(product="Yaourts", regime=Regime.CHILLED)
    barn.draft(lot, kilos=390, tenths=30)
    warm = barn.draft(lot, kilos=10, tenths=90)
    service.cancel(barn.farmer, warm.id, "Trop chaud")
    service.destroy(barn.farmer, lot.id, "Trop chaud")
    close_all(barn.farmer, incidents()[0].id, Outcome.DESTROYED, "Jetés.")
    assert incidents()[0].state == IncidentState.CLOSED


def test_what_was_too_warm_and_all_there_was_is_destroyed_as_it_is(barn):
    lot = barn.enter(product="Yaourts", regime=Regime.CHILLED)
    barn.draft(lot, kilos=400, tenths=90)
    close_all(barn.farmer, incidents()[0].id, Outcome.DESTROYED, "Jetés.")
    assert db.session.scalars(select(Lot.state)).all() == [LotState.DESTROYED]


def test_a_kitchen_has_no_temperature_to_read(barn, room):
    kitchen = a_resource(room.site)
    assert refused(service.read, barn.anne, kitchen.id, 40).code == "not_found"
    unknown = a_resource(room.site, kind="storage", facts={})
    assert isinstance(refused(service.read, barn.anne, unknown.id, 40), errors.NotAStore)
    assert isinstance(refused(service.read, barn.anne, room.id, None), errors.TemperatureMissing)


# -- pages ----------------------------------------------------------------------------------------------------


def text(answer):
    return " ".join(answer.get_data(as_text=True).split())


def test_a_reading_is_one_field_and_says_what_it_means(by, barn, room):
    lot = peas(barn, room)
    url = "/ressources/froid/releves"
    assert "Warning from −17.9 °C (decree of 21 December 2009, annex I)" in text(by("anne").get(url))
    assert url in text(by("anne").get(f"/lieux/{room.site.slug}/gerer"))
    assert by("anne").post(url, data={"temperature": "froid"}).status_code == 422
    assert by("anne").post(url, data={"temperature": "-14,5"}).status_code == 303
    page = text(by("anne").get(url))
    assert "alarm</span>" in page
    [incident] = incidents()
    address = f"/lots/incidents/{incident.public_id}"
    assert address in page
    assert address in text(by("farm").get("/lots"))
    assert address in text(by("farm").get(f"/lots/{lot.public_id}"))
    assert "Close the incident" not in text(by("farm").get(address))
    assert by("ours").get(address).status_code == 404
    assert "Petits pois" in page
    assert f"/lots/{lot.public_id}" in page  # Anne decides what becomes of what lies in the room
    assert by("farm").get(url).status_code == 403
    data = {f"outcome_{lot.public_id}": "fit", "measures": "À cœur −17 °C."}
    assert by("anne").post(f"{address}/clore", data={"measures": "x"}).status_code == 422
    for typed in ({}, {"temperature": "-17"}):
        answer = by("anne").post(f"{address}/clore", data=data | typed)
        assert (answer.status_code, "Still too warm" in text(answer)) == (422, True)
        assert "À cœur −17 °C." in text(answer)
    assert by("anne").post(f"{address}/clore", data=data | {"temperature": "-19"}).status_code == 303
    assert "−19 °C" in text(by("anne").get(url))
    assert "À cœur −17 °C." in text(by("farm").get(address))


def test_a_note_that_is_too_warm_leads_to_its_incident(by, barn):
    lot = barn.enter(product="Yaourts", regime=Regime.CHILLED, grams=9 * KILO)
    note = barn.draft(lot, kilos=9, tenths=90)
    [incident] = incidents()
    page = text(by("farm").get(f"/remises/{note.public_id}"))
    address = f"/lots/incidents/{incident.public_id}"
    assert address in page
    assert address in text(by("ours").get(f"/remises/{note.public_id}"))
    assert "Yaourts" in text(by("ours").get(address))  # it was to receive them
    assert by("others").get(address).status_code == 404
    answer = by("farm").post(f"/remises/{note.public_id}/signer", data={"name": "Paule"})
    assert answer.status_code == 409
    assert "nobody hands it over before incident" in text(answer)


def test_who_receives_types_how_warm_it_is_and_both_figures_are_shown(by, barn):
    lot = barn.enter(product="Yaourts", regime=Regime.CHILLED, grams=9 * KILO)
    url = f"/remises/{barn.give(lot, kilos=9, tenths=35).public_id}"
    data = {"name": "Jean", "is_received": "y", f"kilos_{lot.public_id}": "9"}
    page = text(by("ours").get(url))
    assert 'name="temperature"' in page
    assert "when given: cold enough" in page
    answer = by("ours").post(f"{url}/recevoir", data=data)
    assert (answer.status_code, "type what the thermometer shows" in text(answer)) == (422, True)
    assert 'value="Jean"' in text(answer)
    assert by("ours").post(f"{url}/recevoir", data=data | {"temperature": "6,5"}).status_code == 303
    page = text(by("farm").get(url))
    assert "Temperature when given" in page
    assert "when received: alarm" in page
    [incident] = incidents()
    address = f"/lots/incidents/{incident.public_id}"
    assert address in page
    assert "Reception by Les Glaneurs" in text(by("farm").get(address))  # who gave knows of it
    assert by("farm").get(f"{url}/bon.pdf").status_code == 200


def test_who_refuses_may_type_how_warm_it_is_and_who_gave_is_led_to_the_incident(by, barn):
    lot = barn.enter(product="Yaourts", regime=Regime.CHILLED, grams=9 * KILO)
    url = f"/remises/{barn.give(lot, kilos=9, tenths=35).public_id}"
    data = {"name": "Jean", "temperature": "12", "reason": ""}
    answer = by("ours").post(f"{url}/refuser", data=data)
    assert (answer.status_code, 'value="12"' in text(answer)) == (422, True)
    assert by("ours").post(f"{url}/refuser", data=data | {"reason": "Trop chaud"}).status_code == 303
    page = text(by("farm").get(url))
    assert f"/lots/incidents/{incidents()[0].public_id}" in page
    assert f"{url}/retour" not in page
    close_all(barn.farmer, incidents()[0].id, Outcome.FIT, "3 °C à cœur.")
    assert "3 °C à cœur." in text(by("farm").get(url))


def test_closing_asks_for_no_more_than_there_is_to_say_and_twice_before_destroying(by, barn, room):
    service.read(barn.anne, room.id, -145)
    address = f"/lots/incidents/{incidents()[0].public_id}"
    page = text(by("anne").get(address))
    assert "What the thermometer shows now" in page
    assert "it is destroyed" not in page
    assert "does not come back" not in page
    service.read(barn.anne, room.id, -190)
    assert "What the thermometer shows now" not in text(by("anne").get(address))
    assert by("anne").post(f"{address}/clore", data={"measures": "Réparé."}).status_code == 303
    lot = barn.enter(product="Yaourts", regime=Regime.CHILLED)
    barn.draft(lot, kilos=10, tenths=90)
    address = f"/lots/incidents/{incidents()[1].public_id}"
    assert "What the thermometer shows now" not in text(by("farm").get(address))  # a hand-over is over
    data = {f"outcome_{lot.public_id}": "destroyed", "measures": "Jetés."}
    answer = by("farm").post(f"{address}/clore", data=data)
    assert (answer.status_code, "Tick the box" in text(answer)) == (422, True)
    assert by("farm").post(f"{address}/clore", data=data | {"is_sure": "y"}).status_code == 303
    assert "It cannot be eaten" in text(by("farm").get(address))


def test_an_open_incident_stands_where_it_matters_and_nowhere_else(by, barn, room, client):
    peas(barn, room)
    service.read(barn.anne, room.id, -145)
    [incident] = incidents()
    address = f"/lots/incidents/{incident.public_id}"
    barn.people["camille"] = db.session.get_one(Person, barn.coordinator.person_id)
    barn.people["boss"] = a_member(barn.others, role=Role.ORG_ADMIN)
    seen = {
        "/ressources/froid": {"anne": True, "farm": True, "camille": True, "boss": True, "ours": False},
        f"/lieux/{room.site.slug}/gerer": {"anne": True, "camille": True},
        "/a-traiter": {"anne": True},
        "/lots": {"farm": True, "ours": False, "others": False},
    }
    for url, readers in seen.items():
        for name, sees in readers.items():
            assert (address in text(by(name).get(url))) == sees, (url, name)
    assert address not in text(client.get("/ressources/froid"))
    page = text(by("camille").get("/pat"))
    assert "1 cold chain broke" in page
    assert 'href="/lots#incidents"' in page
    assert address in text(by("camille").get("/lots"))
    close_all(barn.anne, incident.id, Outcome.FIT, "Porte refermée.")
    assert "cold chain broke" not in text(by("camille").get("/pat"))
    assert address not in text(by("anne").get("/a-traiter"))


def test_no_chain_is_led_through_a_place_whose_cold_chain_broke(session, frozen):
    frozen.move_to(at("2026-09-10 09:00").astimezone(UTC))
    land = Land()
    free_as_in_s12(land)
    assert land.s5.id in {leg.resource_id for leg in land.propose(WANTED).plans[0].legs}
    keeper = load_actor(a_manager(land.depot).id)
    service.read(keeper, land.s5.id, 80)
    assert broken_among([land.s5.id, land.k1.id]) == {land.s5.id}
    found = land.propose(WANTED)
    assert Rejected(land.s5.id, Task.STORE, Reason.UNFIT) in found.rejected
    assert not any(leg.resource_id == land.s5.id for plan in found.plans for leg in plan.legs)
    close_all(keeper, incidents()[0].id, Outcome.FIT, "Porte refermée")
    assert land.s5.id in {leg.resource_id for leg in land.propose(WANTED).plans[0].legs}
