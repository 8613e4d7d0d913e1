"""The answer under a form is for the organisation that is chosen in it: each has quotas and a window of its own."""

import re

import pytest

from app.availability.allotting import Allotment, allot
from app.catalogue.models import Approval
from tests import factories as f
from tests.api.world import Caller, token_of
from tests.bookings.pages import text_of
from tests.bookings.test_quotas import STORAGE, Cold
from tests.helpers import HTMX, assert_same_after_swap, assert_same_pieces

FREE, KEPT = "Free, if Mairie agrees", "8 pallets left for you"
ASK = "/ressources/froid/demander"
SLOT = {"date": "2026-10-05", "fin": "2026-10-11", "quantite": "18"}


@pytest.fixture
def cold(session, frozen):
    found = Cold(approval=Approval.MANAGER)
    shares = {found.shop.public_id: 10, found.bank.public_id: 6}
    allot(found.manager, found.room, Allotment(shares, lend_days=None))
    return found


def query(organisation, **more):
    return "&".join(f"{k}={v}" for k, v in (SLOT | {"organisation": organisation.id} | more).items())


def selected(page):
    box = page[page.index('<select id="organisation"') :] if '<select id="organisation"' in page else page
    return re.findall(r'<option selected value="(\d+)"', box)[0]


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_the_answer_is_for_the_organisation_in_the_address(cold, browser, headers):
    manager = browser(cold.manager_person)
    told = {
        each.name: text_of(manager.get(f"{ASK}?{query(each)}", headers=headers))
        for each in (cold.shop, cold.other)
    }
    assert FREE in told["Épicerie A"]
    assert FREE not in told["Traiteur C"]
    assert KEPT in told["Traiteur C"]


def test_a_page_shows_chosen_whom_its_answer_is_for(cold, browser):
    manager = browser(cold.manager_person)
    assert selected(text_of(manager.get(f"{ASK}?{query(cold.shop)}"))) == str(cold.shop.id)
    assert_same_after_swap(manager, f"{ASK}?{query(cold.shop)}", "slot")
    assert_same_after_swap(manager, f"{ASK}?{query(cold.other)}", "slot")


def test_choosing_an_organisation_asks_for_a_fresh_answer(cold, browser):
    page = text_of(browser(cold.manager_person).get(f"{ASK}?{query(cold.shop)}"))
    [tag] = re.findall(r'<select[^>]*name="organisation"[^>]*>', page)
    assert f'hx-get="{ASK}"' in tag
    assert re.search(r'hx-params="[^"]*organisation"', tag)
    [slot] = re.findall(r'<input[^>]*name="quantite"[^>]*>', page)
    assert 'hx-include="closest form"' in slot


def test_without_script_the_button_answers_for_the_organisation_chosen(cold, browser):
    manager = browser(cold.manager_person)
    typed = SLOT | {"verifier": "1"}
    assert FREE in text_of(manager.post(ASK, data=typed | {"organisation": str(cold.shop.id)}))
    assert KEPT in text_of(manager.post(ASK, data=typed | {"organisation": str(cold.other.id)}))


def test_an_organisation_one_may_not_ask_for_counts_for_nothing(cold, browser):
    member = browser(cold.people[cold.other.id])
    assert KEPT in text_of(member.get(f"{ASK}?{query(cold.shop)}"))
    assert KEPT in text_of(browser().get(f"{ASK}?{query(cold.shop)}"))  # a visitor


def test_elements_of_several_are_answered_for_the_organisation_chosen(cold, browser):
    f.a_resource(cold.site, name="Réserve", slug="reserve", capacity=5, **STORAGE)
    manager = browser(cold.manager_person)
    parts = {f"e0-{name}": value for name, value in SLOT.items()} | {"e0-ressource": "froid"}
    parts |= {f"e1-{name}": value for name, value in SLOT.items()} | {
        "e1-ressource": "reserve",
        "e1-quantite": "1",
    }
    for organisation, said in ((cold.shop, FREE), (cold.other, KEPT)):
        typed = parts | {"organisation": str(organisation.id)}
        alone = text_of(manager.post("/demander", data=typed | {"verifier": "0"}, headers=HTMX))
        page = text_of(manager.post("/demander", data=typed | {"verifier": "0"}))
        assert said in alone
        assert_same_pieces(page, alone, "slot-0", "/demander")
        again = text_of(manager.post("/demander", data=typed | {"verifier": "tout"}, headers=HTMX))
        assert again.count('id="slot-') == 2
        assert said in again
        assert said in text_of(manager.get("/demander"))  # what is kept of it, looked at again


def test_the_api_offers_instead_what_the_organisation_can_have(cold, app):
    caller = Caller(app, app.test_client(), token_of(cold.manager_person), "en")
    leg = {"resource": "froid", "start": "2026-10-05T00:00:00+02:00", "end": "2026-10-12T00:00:00+02:00"}
    legs = [
        leg | {"quantity": 19},
        leg | {"quantity": 1, "start": "2026-11-02T00:00:00+01:00", "end": "2026-11-03T00:00:00+01:00"},
    ]
    body = {"legs": legs, "purpose": "Palettes", "organisation": cold.shop.public_id}
    told = caller.post("/bookings", body).get_json()
    fewer = [each["quantity"] for each in told["legs"][0]["alternatives"] if each["quantity"] < 19]
    assert fewer == [18]
