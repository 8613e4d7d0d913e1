"""What is done in a tab that was opened before somebody else, or oneself in another tab, did it: never silently."""

from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from app.accounts.queries import load_actor
from app.core import clock
from app.core.span import to_wall
from app.infra.db import db
from app.supply.cargo import KILO, Regime
from app.supply.edits import ChangedMeanwhile, last_edit
from app.supply.lots import errors, queries, service
from app.supply.lots.models import Incident, TemperatureReading
from app.supply.lots.rules import IncidentState, NoteState, Outcome
from tests.factories import a_coordinator, a_manager, a_resource, a_site
from tests.helpers import hidden
from tests.supply.lots.world import Barn, close_all

pytestmark = pytest.mark.usefixtures("session", "frozen")


@pytest.fixture
def barn() -> Barn:
    return Barn()


@pytest.fixture
def room(barn):
    """A freezer of the others, which Anne manages, where it was read as too warm with peas in it."""
    site = a_site(barn.others, name="Pôle nourricier")
    barn.people["anne"] = a_manager(site, name="Anne")
    barn.anne = load_actor(barn.people["anne"].id)
    room = a_resource(site, name="Froid", kind="storage", facts={"regime": "frozen"}, slug="froid")
    barn.lot = barn.enter(
        regime=Regime.FROZEN, product="Petits pois", packaging=None, per_package=None, resource_id=room.id
    )
    barn.reading = service.read(barn.anne, room.id, -85)
    return room


def vu(page):
    return page.split('name="vu"')[1].split('value="')[1].split('"')[0]


def text(answer):
    return " ".join(answer.get_data(as_text=True).split())


def test_an_incident_that_was_closed_meanwhile_says_by_whom_and_keeps_what_was_typed(by, barn):
    lot = barn.enter(regime=Regime.FROZEN, product="Petits pois", packaging=None, per_package=None)
    barn.draft(lot, tenths=-100)
    incident = db.session.query(Incident).one()
    assert queries.lots_at_stake(incident.id)
    close_all(barn.farmer, incident.id, Outcome.FIT, "À cœur −18 °C")
    typed = {f"outcome_{lot.public_id}": "destroyed", "measures": "Tout a fondu", "is_sure": "y"}
    for sent in (typed, {"measures": "Tout a fondu"}):  # complete or not: it is too late for either
        answer = by("farm").post(f"/lots/incidents/{incident.public_id}/clore", data=sent)
        assert answer.status_code == 409
        page = text(answer)
        assert "What you sent was not taken" in page
        assert "already closed, by you, today" in page
        assert "do it on the page of the lot" in page
        assert "Tout a fondu" in page
    assert incident.measures == "À cœur −18 °C"
    assert queries.left_of([lot])[lot.id] > 0
    barn.people["nadia"] = a_coordinator(barn.territory, name="Nadia")
    by_others = by("nadia").post(f"/lots/incidents/{incident.public_id}/clore", data=typed)
    assert "already closed, by Farm, today" in text(by_others)
    assert "It cannot be eaten: what is left of it is destroyed" in text(by_others)


def test_a_note_that_is_signed_twice_says_who_signed_and_what_comes_next(by, barn):
    note = barn.give(barn.enter())
    answer = by("farm").post(f"/remises/{note.public_id}/signer", data={"name": "Une autre main"})
    assert answer.status_code == 409
    page = text(answer)
    assert "already signed on the side that gives, by you, today" in page
    assert "the receiver signs next" in page
    assert "Une autre main" in page
    assert note.given_name == "Paule Guérin"


def test_a_note_that_is_received_twice_says_how_warm_it_was_and_keeps_the_other_figure(by, barn):
    note = barn.hand_over(barn.enter())
    [line] = note.lines
    typed = {
        "name": "Jean Ours",
        "temperature": "9,5",
        f"kilos_{line.lot.public_id}": "90",
        "is_received": "y",
    }
    for sent in (typed, typed | {"is_received": ""}):
        answer = by("ours").post(f"/remises/{note.public_id}/recevoir", data=sent)
        assert answer.status_code == 409
        page = text(answer)
        assert "already received, at 6 °C, by you, today" in page
        assert "tell the other organisation" in page
        assert '<b>Temperature when it came</b>: <span class="lines">9,5</span>' in page
    assert note.received_tenths == 60
    refused = by("farm").post(
        f"/remises/{note.public_id}/refuser", data={"name": "N’importe qui", "reason": "Trop chaud"}
    )
    assert "already received, at 6 °C, by Jean Ours" in text(refused)
    assert "Trop chaud" in text(refused)


def test_a_note_that_was_cancelled_in_the_other_tab_is_not_signed_and_says_so(by, barn):
    note = barn.draft(barn.enter())
    service.cancel(barn.farmer, note.id, "Erreur")
    answer = by("farm").post(f"/remises/{note.public_id}/signer", data={"name": "Paule Guérin"})
    assert answer.status_code == 409
    assert "This note was cancelled, by you, today" in text(answer)
    assert "writes a new note" in text(answer)
    assert note.state == NoteState.CANCELLED


def test_each_end_of_a_note_has_its_own_words(by, barn):
    drafted, refused = barn.draft(barn.enter()), barn.give(barn.enter())
    receipt = service.Receipt("Jean Ours", reason="Trop mûres")
    service.refuse(barn.member, refused.id, receipt)
    people = barn.draft(barn.enter(), receiver_id=None, people=12)
    service.give(barn.farmer, people.id, "Paule Guérin")
    for note, act, said in (
        (drafted, "refuser", "Who gives has not signed this note yet"),
        (refused, "annuler", "This note was refused, by Jean Ours"),
        (people, "signer", "already signed as distributed, by you"),
    ):
        data = {"name": "Jean", "reason": "Autre chose"}
        who = "ours" if act == "refuser" else "farm"
        assert said in text(by(who).post(f"/remises/{note.public_id}/{act}", data=data)), act


# -- what was corrected since ---------------------------------------------------------------------------------


def a_note(barn, **facts):
    lot = barn.enter()
    return lot, barn.draft(lot, kilos=20, **facts)


def as_written(barn, note, lot, **facts):
    """Give what the form of a correction sends of a note of one lot as it was drafted."""
    typed = {
        f"kilos_{lot.public_id}": "20", "to": barn.ours.public_id, "temperature": "6", "packages": "500",
        "is_food_aid": "y", "day": "", "time": "12:00", "note": note.note,
    }  # fmt: skip
    return typed | facts


def correct(barn, note, lot, kilos=10, **facts):
    given = {"receiver_id": barn.ours.id, "tenths": 60, "packages": 9} | facts
    service.correct_note(barn.farmer, note.id, service.NewNote(barn.farm.id, {lot.id: kilos * KILO}, **given))


def test_nobody_signs_what_the_page_did_not_show(by, barn):
    barn.authorise(barn.ours)
    lot, note = a_note(barn, is_food_aid=True)
    url = f"/remises/{note.public_id}"
    shown = {"name": "Paule Guérin", "vu": hidden(text(by("farm").get(url)), "vu")}
    correct(barn, note, lot, is_food_aid=True)
    answer = by("farm").post(f"{url}/signer", data=shown)
    assert answer.status_code == 409
    page = text(answer)
    assert "since you opened this page the note was corrected, by you, today" in page
    assert 'value="Paule Guérin"' in page
    assert "10 kg" in page
    assert note.state == NoteState.DRAFTED
    again = shown | {"vu": hidden(page, "vu")}
    assert by("farm").post(f"{url}/signer", data=again | {"name": ""}).status_code == 422
    service.say_no_food_aid(barn.farmer, note.id)
    answer = by("farm").post(f"{url}/signer", data=again)
    assert answer.status_code == 409
    assert (
        by("farm").post(f"{url}/signer", data=again | {"vu": hidden(text(answer), "vu")}).status_code == 303
    )
    assert note.state == NoteState.GIVEN


def test_who_says_not_what_they_read_signs_what_is_written(barn):
    lot, note = a_note(barn)
    seen = last_edit("handover", note.id)
    correct(barn, note, lot)
    with pytest.raises(errors.NoteCorrected) as caught:
        service.give(barn.farmer, note.id, "Paule Guérin", seen)
    assert (caught.value.facts["by"], caught.value.facts["is_own"]) == ("Farm", True)
    assert note.given_at is None
    service.give(barn.farmer, note.id, "Paule Guérin")
    assert note.state == NoteState.GIVEN


def test_an_older_tab_does_not_undo_what_was_corrected_of_a_note(by, barn):
    lot, note = a_note(barn, packages=500, is_food_aid=True)
    url = f"/remises/{note.public_id}/corriger"
    typed = as_written(barn, note, lot, vu=hidden(text(by("farm").get(url)), "vu"))
    assert by("farm").post(url, data=typed | {"packages": "9", "is_food_aid": ""}).status_code == 303
    answer = by("farm").post(url, data=typed | {"temperature": "7"})
    assert answer.status_code == 409
    page = text(answer)
    assert "It now says: 9" in page
    assert "It is no longer ticked" in page
    assert 'value="500"' in page
    assert 'value="7"' in page
    db.session.expire_all()
    assert (note.packages, note.tenths) == (9, 60)
    right = typed | {"temperature": "7", "packages": "9", "is_food_aid": "", "vu": hidden(page, "vu")}
    assert by("farm").post(url, data=right).status_code == 303
    db.session.expire_all()
    assert (note.packages, note.tenths, note.is_food_aid) == (9, 70, False)


def test_a_lot_that_was_put_on_a_note_or_weighed_anew_is_not_taken_off_unseen(barn):
    lot, note = a_note(barn)
    other, seen = barn.enter(), last_edit("handover", note.id)
    both = service.NewNote(barn.farm.id, {lot.id: 20 * KILO, other.id: 5 * KILO}, barn.ours.id, None, 60, 9)
    service.correct_note(barn.farmer, note.id, both)
    older = replace(both, lots={lot.id: 20 * KILO})
    with pytest.raises(ChangedMeanwhile) as caught:
        service.correct_note(barn.farmer, note.id, older, seen=seen)
    assert caught.value.facts["names"] == [f"kilos_{other.public_id}"]
    warmer = replace(both, tenths=70)  # what nobody else corrected
    service.correct_note(barn.farmer, note.id, warmer, seen=seen)
    service.correct_note(barn.farmer, note.id, older)  # a program says nothing of what it saw
    assert [line.lot_id for line in note.lines] == [lot.id]


def test_an_older_tab_does_not_undo_what_was_corrected_of_a_lot(by, barn):
    lot = barn.enter()
    url = f"/lots/{lot.public_id}/corriger"
    typed = {
        "product": "Courgettes", "amount": "400", "regime": "produce", "packaging": "crate_60x40",
        "per_package": "12", "origin_of": "", "origin": "Verger du Don", "received_on": "2026-09-01",
        "vu": hidden(text(by("farm").get(url)), "vu"),
    }  # fmt: skip
    ours = {"amount": "40", "origin": "", "origin_of": barn.ours.public_id}
    assert by("farm").post(url, data=typed | ours).status_code == 303
    answer = by("farm").post(url, data=typed | {"product": "Courges"})
    assert answer.status_code == 409
    page = text(answer)
    assert "It now says: 40" in page
    assert f"It now says: {barn.ours.name}" in page
    assert 'value="Courges"' in page
    db.session.expire_all()
    assert (lot.product, lot.grams, lot.origin_id) == ("Courgettes", 40 * KILO, barn.ours.id)
    right = typed | ours | {"product": "Courges", "vu": hidden(page, "vu")}
    assert by("farm").post(url, data=right).status_code == 303
    db.session.expire_all()
    assert (lot.product, lot.grams) == ("Courges", 40 * KILO)


def test_the_form_has_the_instant_of_a_note_and_keeps_it_to_the_second(by, barn):
    at = clock.now().replace(minute=17, second=42)
    lot, note = a_note(barn, at=at)
    url = f"/remises/{note.public_id}/corriger"
    page = text(by("farm").get(url))
    wall = to_wall(at, ZoneInfo(barn.territory.timezone))
    assert f'value="{wall.date()}"' in page
    assert f'<option selected value="{wall:%H:%M}">' in page
    same = {"day": str(wall.date()), "time": f"{wall:%H:%M}", "vu": hidden(page, "vu")}
    assert (
        by("farm").post(url, data=as_written(barn, note, lot, **same) | {"note": "Quai 2"}).status_code == 303
    )
    db.session.expire_all()
    assert (note.at, note.note) == (at, "Quai 2")
    typed = as_written(barn, note, lot, **same) | {"time": "08:30"}
    correct(barn, note, lot, kilos=20, at=at + timedelta(days=1))
    answer = by("farm").post(url, data=typed)
    assert answer.status_code == 409
    assert f"It now says: {wall:%H:%M}" in text(answer)


def test_nothing_is_destroyed_for_an_alarm_that_was_corrected_since_the_form_was_opened(by, barn, room):
    incident = db.session.query(Incident).one()
    url = f"/lots/incidents/{incident.public_id}"
    typed = {
        "vu": vu(text(by("anne").get(url))), "temperature": "-18,2", "measures": "Tout a fondu", "is_sure": "y",
        f"outcome_{barn.lot.public_id}": "destroyed",
    }  # fmt: skip
    service.correct_reading(barn.anne, barn.reading.id, -185, "Virgule")
    answer = by("anne").post(f"{url}/clore", data=typed)
    assert answer.status_code == 409
    page = text(answer)
    assert "Nothing was closed: since you opened this form, −8.5 °C was corrected to −18.5 °C, by you" in page
    assert "Virgule" in page
    for kept in ("-18,2", "Tout a fondu"):
        assert kept in page
    [verdict] = [each for each in page.split("<input") if 'value="destroyed"' in each]
    assert "checked" in verdict
    assert "Close it as a typing mistake" in page
    assert queries.left_of([barn.lot])[barn.lot.id] > 0
    assert incident.state == IncidentState.OPEN
    answer = by("anne").post(f"{url}/clore", data=typed | {"vu": vu(page)})
    assert answer.status_code == 303  # what was shown was seen


def test_a_service_that_is_told_what_was_seen_refuses_what_was_corrected_later(barn, room):
    incident = db.session.query(Incident).one()
    service.correct_reading(barn.anne, barn.reading.id, -90, "Mal lu")
    last = queries.find_last_correction(incident.id)
    assert last is not None
    outcomes = {barn.lot.id: Outcome.FIT}
    with pytest.raises(errors.MeasuredAnew) as caught:
        service.close(barn.anne, incident.id, service.Closing("Vu", outcomes, -185, seen=0))
    assert (caught.value.facts["was"], caught.value.facts["right"]) == (-85, -90)
    assert db.session.query(TemperatureReading).count() == 1
    service.close(barn.anne, incident.id, service.Closing("Vu", outcomes, -185, seen=last.id))
    assert incident.state == IncidentState.CLOSED


def test_a_temperature_that_was_typed_is_noted_though_another_reading_came_meanwhile(by, barn, room):
    incident = db.session.query(Incident).one()
    service.read(barn.anne, room.id, -185)
    data = {
        f"outcome_{barn.lot.public_id}": "fit", "measures": "Porte refermée.", "temperature": "-19,5",
    }  # fmt: skip
    url = f"/lots/incidents/{incident.public_id}"
    answer = by("anne").post(f"{url}/clore", data=data, follow_redirects=True)
    assert "It is cold again by this reading" not in text(answer)
    assert "−19.5 °C, read on" in text(answer)
    assert [each.tenths for each in queries.readings_in(room.id)] == [-195, -185, -85]


def test_closed_on_a_reading_that_came_meanwhile_it_says_which(by, barn, room):
    incident = db.session.query(Incident).one()
    service.read(barn.anne, room.id, -185)
    data = {
        f"outcome_{barn.lot.public_id}": "fit", "measures": "Porte refermée.", "why_unmeasured": "Pas de sonde",
    }  # fmt: skip
    url = f"/lots/incidents/{incident.public_id}"
    answer = by("anne").post(f"{url}/clore", data=data, follow_redirects=True)
    assert "It is cold again by this reading: −18.5 °C, read on" in text(answer)
    assert incident.why_unmeasured == ""


def test_all_that_was_typed_for_an_incident_that_was_closed_meanwhile_is_listed(by, barn, room):
    incident = db.session.query(Incident).one()
    outcomes = {barn.lot.id: Outcome.DESTROYED}
    service.close(barn.anne, incident.id, service.Closing("Fondu", outcomes, -185))
    data = {
        f"outcome_{barn.lot.public_id}": "destroyed", "measures": "Tout a fondu", "temperature": "-19,5",
        "why_unmeasured": "Sonde douteuse", "is_sure": "y",
    }  # fmt: skip
    answer = by("anne").post(f"/lots/incidents/{incident.public_id}/clore", data=data)
    assert answer.status_code == 409
    listed = text(answer).split("You had typed:")[1].split("</ul>")[0]
    for typed in ("-19,5", "Sonde douteuse", "Tout a fondu", "Petits pois", "It cannot be eaten"):
        assert typed in listed
