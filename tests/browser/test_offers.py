"""Another slot proposed and taken, in the browser: with JavaScript and without it."""

import pytest
from playwright.sync_api import expect

from tests.browser.test_inbox import shown
from tests.browser.town import GLEANERS, PREP, Town


@pytest.mark.journey
@pytest.mark.parametrize("javascript", [True, False])
def test_a_manager_proposes_another_slot_and_who_asked_takes_it(server, town, visitors, javascript):
    day = town.free_day(PREP)
    ref = town.book("glaneur", PREP, day, "08:00-12:00", organisation=GLEANERS, purpose="Courges")
    manager = visitors.new(javascript=javascript, who=town.person("pole"))
    manager.goto(f"{server.url}/reservations/{ref}")
    manager.locator(f"a[href='/reservations/{ref}/proposer']").click()
    manager.locator("[name=de]").select_option("14:00")
    manager.locator("[name=a]").select_option("18:00")
    if javascript:
        expect(manager.locator("#slot")).to_contain_text("Libre : vous pouvez le proposer")
    manager.locator("[name=message]").fill("Le matin, la livraison occupe le quai.")
    manager.locator("form[data-once] button.primary").last.click()
    expect(manager.locator("#state-title")).to_contain_text("un autre créneau est proposé")
    manager.goto(f"{server.url}/a-traiter")
    expect(manager.locator(f"#r-{ref}")).to_have_count(0)
    expect(manager.locator("#proposed")).to_be_visible()

    server.wait_for_letter("glaneur@demo.example", text="la livraison occupe le quai")
    asker = visitors.new(javascript=javascript, width=390, who=town.person("glaneur"))
    asker.goto(f"{server.url}/moi")
    expect(asker.locator(f"form[action='/reservations/{ref}/proposition/accepter'] button")).to_be_visible()
    asker.goto(f"{server.url}/reservations/{ref}")
    asker.locator(f"form[action='/reservations/{ref}/proposition/accepter'] button").click()
    expect(asker.locator("#state-title")).to_contain_text("C’est accepté")
    expect(asker.locator("#booking")).to_contain_text("14:00–18:00")
    if javascript:
        swapped = shown(asker, "#booking")
        asker.reload()
        assert shown(asker, "#booking") == swapped
    server.wait_for_letter("pole@demo.example", subject="Proposition acceptée")
    assert town.person("glaneur").call("GET", f"/bookings/{ref}")["state"] == "approved"


@pytest.mark.journey
@pytest.mark.parametrize("javascript", [True, False])
def test_who_waits_in_line_is_written_to_and_takes_what_is_freed(server, town: Town, visitors, javascript):
    day = town.free_day(PREP)
    ref = town.book("glaneur", PREP, day, "08:00-12:00", organisation=GLEANERS, purpose="Choux")
    town.approve("pole", ref)
    asker = visitors.new(javascript=javascript, width=390, who=town.person("benevole"))
    asker.goto(f"{server.url}/ressources/{PREP}/demander?date={day}&de=08:00&a=12:00")
    asker.locator("[name=purpose]").fill("Ratatouille du vendredi")
    asker.locator("button[name=mode][value=in_line]").click()
    expect(asker.locator("#state-title")).to_contain_text("Votre place dans la file : 1")
    address = asker.url

    town.cancel("glaneur", ref, "La récolte est reportée.")
    server.wait_for_letter("benevole@demo.example", subject="Libre et gardé pour vous", text=address)
    asker.goto(address)
    asker.locator("form[action$='/prendre'] button").click()
    expect(asker.locator("#state-title")).to_contain_text("En attente de réponse")
    expect(asker.locator("#booking")).to_contain_text("Ratatouille du vendredi")
