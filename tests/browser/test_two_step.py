"""Two people agree in a browser, with and without JavaScript: the first sees 1/2, the second completes it."""

from datetime import datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_inbox import shown
from tests.browser.town import Town

SCHOOL_KITCHEN = "cuisine-centrale-scolaire"
FIRST, SECOND = "Repas partagé des aînés, 90 couverts", "Conserves de tomates avec les jeunes du quartier"


def ask(town: Town, purpose: str) -> str:
    """Have an association ask for the school kitchen the next time it is free; give the reference."""
    asker = town.person("isabelle.morin")
    free = asker.call("GET", f"/resources/{SCHOOL_KITCHEN}")["next_free"]
    assert free, "the school kitchen opens in every school holiday"
    slot = {"start": free["start"], "end": four_hours_after(free["start"])}
    made = asker.call("POST", "/bookings", resource=SCHOOL_KITCHEN, purpose=purpose, **slot)
    return str(made["ref"])


def agree(page: Page, ref: str) -> None:
    page.locator(f"form[action='/reservations/{ref}/accepter'] button").click()


@pytest.mark.parametrize("purpose", [FIRST, SECOND])
def test_the_demo_has_requests_that_one_person_agreed_to(town, purpose):
    found = town.person("elue").call("GET", "/bookings?scope=sites&state=pending&limit=100")["items"]
    [staged] = [each for each in found if each["purpose"] == purpose]
    assert staged["approvals"] == {"given": 1, "needed": 2}


@pytest.mark.parametrize("javascript", [True, False])
@pytest.mark.parametrize(("first", "second"), [("cantine", "elue"), ("elue", "cantine")])
def test_the_second_of_two_completes_what_the_first_began(server, town, visitors, javascript, first, second):
    ref = ask(town, f"Essai à deux {first} {javascript}")
    town.approve(first, ref)
    asker = town.person("isabelle.morin")
    assert asker.call("GET", f"/bookings/{ref}")["approvals"] == {"given": 1, "needed": 2}
    theirs = visitors.new(javascript=javascript, width=390, who=asker)
    theirs.goto(f"{server.url}/reservations/{ref}")
    expect(theirs.locator("section.state")).to_contain_text("Un accord sur deux : il manque celui")

    page = visitors.new(javascript=javascript, who=town.person(second))
    page.goto(f"{server.url}/a-traiter")
    expect(page.locator(f"#r-{ref}")).to_contain_text("Accords : 1/2")
    agree(page, ref)
    expect(page.locator(f"#r-{ref}")).to_have_count(0)
    assert asker.call("GET", f"/bookings/{ref}")["state"] == "approved"
    theirs.reload()
    expect(theirs.locator("section.state")).to_contain_text("C’est accepté")
    town.cancel("isabelle.morin", ref, "Essai terminé")


@pytest.mark.parametrize("javascript", [True, False])
def test_the_first_takes_a_yes_back(server, town, visitors, javascript):
    person = town.person("cantine")
    ref = ask(town, f"Essai {javascript}")
    page = visitors.new(javascript=javascript, who=person)
    page.goto(f"{server.url}/reservations/{ref}")
    agree(page, ref)
    expect(page.locator("section.state")).to_contain_text("Un accord sur deux")
    expect(page.locator(f"form[action='/reservations/{ref}/accepter']")).to_have_count(0)
    if javascript:
        swapped = shown(page, "#booking")
        page.reload()
        assert shown(page, "#booking") == swapped
    server.wait_for_letter("elue@demo.example", subject="Second accord attendu", text=ref)
    page.get_by_role("button", name="Reprendre mon accord").click()
    expect(page.locator(f"form[action='/reservations/{ref}/accepter'] button")).to_be_visible()
    assert person.call("GET", f"/bookings/{ref}")["approvals"] == {"given": 0, "needed": 2}
    town.cancel("isabelle.morin", ref, "Essai terminé")


def four_hours_after(start: str) -> str:
    return (datetime.fromisoformat(start) + timedelta(hours=4)).isoformat()
