"""The page of a note while a cold chain is broken, and after; what an incident and a lot say of unsigned notes."""

from io import BytesIO

import pytest
from pypdf import PdfReader
from sqlalchemy import select

from app.infra.db import db
from app.supply.cargo import KILO, Packaging, Regime
from app.supply.cargo_words import REGIMES, packages_words
from app.supply.lots import queries, service
from app.supply.lots.models import Incident
from app.supply.lots.paper import note_pdf
from app.supply.lots.rules import Outcome
from app.supply.lots.words import degrees
from app.web.format import number
from app.web.i18n import speaking
from tests.supply.lots.world import Barn, close_all

pytestmark = pytest.mark.usefixtures("session", "frozen")


@pytest.fixture
def barn() -> Barn:
    return Barn()


def text(answer):
    return " ".join(answer.get_data(as_text=True).split())


def yoghurt(barn, **facts):
    return barn.enter(product="Yaourts", regime=Regime.CHILLED, **facts)


def incident():
    return db.session.scalars(select(Incident).order_by(Incident.id.desc())).first()


STANDS = "Nobody signs before the incident is closed"


def test_while_its_incident_is_open_a_note_has_no_form_that_cannot_work(by, barn):
    note = barn.draft(yoghurt(barn), tenths=120)
    url = f"/remises/{note.public_id}"
    page = text(by("farm").get(url))
    assert STANDS in page
    assert f'href="/lots/incidents/{incident().public_id}"' in page
    assert 'id="sign"' not in page
    assert f'href="{url}/corriger"' in page
    assert 'id="cancel"' in page
    assert by("farm").post(f"{url}/signer", data={"name": "Paule"}).status_code == 409


def test_what_is_given_is_only_refused_while_the_incident_of_its_lot_is_open(by, barn):
    lot = yoghurt(barn)
    given, _warm = (
        barn.give(lot, kilos=50, tenths=30),
        barn.draft(lot, tenths=120, receiver_id=barn.others.id),
    )
    page = text(by("ours").get(f"/remises/{given.public_id}"))
    assert STANDS in page
    assert 'id="receive"' not in page
    assert 'id="refuse"' in page
    assert f"/lots/incidents/{incident().public_id}" not in page  # it is no concern of theirs


def test_once_it_is_closed_a_note_says_so_and_is_signed(by, barn):
    note = barn.draft(yoghurt(barn), tenths=120)
    url, broken = f"/remises/{note.public_id}", incident()
    close_all(barn.farmer, broken.id, Outcome.FIT, "Sonde mal placée : 3 °C à cœur.")
    page = text(by("farm").get(url))
    assert STANDS not in page
    assert "Incident closed on" in page
    assert "It can be eaten: it goes on" in page
    assert "Sonde mal placée" in page
    assert f'href="/lots/incidents/{broken.public_id}"' in page
    assert 'id="sign"' in page


def test_too_warm_when_it_came_blocks_what_came_until_the_incident_is_closed(by, barn):
    note = barn.hand_over(yoghurt(barn), tenths=30, came=120)
    url = f"/remises/{note.public_id}"
    assert "While the incident is open, nobody hands over what it affects" in text(by("ours").get(url))
    close_all(barn.member, incident().id, Outcome.FIT, "3 °C à cœur.")
    for who in ("ours", "farm"):
        page = text(by(who).get(url))
        assert "While the incident is open" not in page
        assert "Incident closed on" in page


def test_what_a_note_that_nobody_signed_promises_is_not_nothing(by, barn):
    lot = yoghurt(barn, grams=200 * KILO)
    barn.draft(lot, kilos=200, tenths=120)
    page = text(by("farm").get(f"/lots/incidents/{incident().public_id}"))
    assert "Nothing is left of it" not in page
    assert "200 kg on a note that is not signed yet" in page
    assert "Yaourts, 200 kg" in page
    other = barn.enter()
    barn.draft(other, kilos=150)
    assert "250 kg left, and 150 kg on a note that is not signed yet" in text(
        by("farm").get(f"/lots/{other.public_id}")
    )


def test_who_gives_is_not_among_those_it_goes_to(by, barn):
    lot = barn.enter()
    note = barn.draft(lot)
    own = f'value="{barn.farm.public_id}"'
    for url in (f"/remises/nouvelle?lot={lot.public_id}", f"/remises/{note.public_id}/corriger"):
        page = text(by("farm").get(url))
        assert own not in page
        assert f'value="{barn.ours.public_id}"' in page


def test_what_was_refused_is_asked_about_before_it_is_handed_over_again(by, barn):
    lot = barn.enter(grams=50 * KILO)
    note = barn.give(lot, kilos=50)
    service.refuse(barn.member, note.id, service.Receipt("Jean", None, "Pourries"))
    url = f"/lots/{lot.public_id}"
    page = text(by("farm").get(url))
    assert "50 kg were refused: Pourries" in page
    assert f'href="/remises/{note.public_id}#returned"' in page
    assert "came back: say what became of it" in page
    assert "/remises/nouvelle" not in page
    assert "came back: say what became of it" in text(by("farm").get("/lots"))
    service.say_what_came_back(barn.farmer, note.id, {lot.id: Outcome.FIT}, "")
    page = text(by("farm").get(url))
    assert "Say what became of it" not in page
    assert f"/remises/nouvelle?lot={lot.public_id}" in page
    [found] = queries.found([lot])
    assert (found.unsaid, found.promised) == (0, 0)


def test_the_rest_of_a_lot_is_handed_over_while_a_part_that_came_back_waits_for_a_word(by, barn):
    lot = barn.enter()
    note = barn.give(lot, kilos=100)
    receipt = service.Receipt("Jean", {lot.id: 90 * KILO}, "Écrasées")
    service.receive(barn.member, note.id, receipt)
    page = text(by("farm").get(f"/lots/{lot.public_id}"))
    assert "10 kg were not taken: Écrasées" in page
    assert f"/remises/nouvelle?lot={lot.public_id}" in page
    assert "present" in page


def test_the_cell_of_a_lot_that_came_back_in_part_stays_one_on_a_telephone(by, barn):
    lot = barn.enter()
    note = barn.give(lot, kilos=100)
    service.receive(barn.member, note.id, service.Receipt("Jean", {lot.id: 90 * KILO}, "Écrasées"))
    page = text(by("farm").get(f"/remises/{note.public_id}"))
    cell = page.split('<td data-label="What">')[1].split("</td>")[0]
    assert cell.startswith("<div>")
    assert cell.endswith("</div>")
    assert "10 kg came back" in cell


def test_a_note_on_paper_has_its_number_once_on_top(barn):
    note = barn.draft(barn.enter())
    text = PdfReader(BytesIO(note_pdf(note))).pages[0].extract_text()
    assert text.count(note.public_id) == 2  # in the title, and at the foot


def test_many_packages_are_counted_as_kilos_are(app):
    with app.test_request_context(), speaking("fr"):
        assert packages_words(Packaging.BAG, 8334) == f"{number(8334)} sacs"
        assert packages_words(Packaging.CRATE_60X40, 1) == "1 caisse 60 × 40"


def test_a_number_and_its_degrees_stay_on_one_line(app):
    with app.test_request_context(), speaking("fr"):
        assert degrees(-185) == "−18,5\N{NO-BREAK SPACE}°C"
        assert all("\N{NO-BREAK SPACE}°C" in str(each) for each in REGIMES.values() if "°C" in str(each))
