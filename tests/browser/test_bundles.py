"""Several resources in one request, with and without script: written, sent, one refused, replaced in one click."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.town import KITCHEN, PREP, VAN

REQUEST = re.compile(r"/demandes/\w+$")


@pytest.mark.parametrize("javascript", [True, False])
def test_a_chain_is_asked_for_together_and_a_lost_element_replaced(server, town, visitors, javascript):
    day = next(free for free in town.free_weeks(PREP, 1))
    purpose = f"Courgettes {'vives' if javascript else 'calmes'}"
    page = visitors.new(javascript=javascript, width=390, who=town.person("benevole"))
    page.goto(f"{server.url}/ressources/{PREP}/demander?date={day}&de=09:00&a=12:00")
    page.fill("[name=purpose]", purpose)
    page.locator("button[name=grouper]").click()
    expect(page.locator("h1")).to_have_text("Demander plusieurs ressources")
    expect(page.locator("[name=purpose]")).to_have_value(purpose)
    page.goto(f"{server.url}/ressources/{KITCHEN}?date={day}&de=13:00&a=16:00")
    page.get_by_role("link", name="Ajouter à ma demande (1)").click()
    page.wait_for_url(f"{server.url}/demander")
    expect(page.locator("[name=e1-de]")).to_have_count(1)
    expect(page.locator("[name=e2-de]")).to_have_count(0)
    page.check("[name=se_suivent]")
    page.select_option("[name=e1-de]", "14:00")
    if javascript:
        expect(page.locator("#slot-1")).to_contain_text("14:00–16:00")
    page.locator(".submit-row button").click()
    page.wait_for_url(REQUEST)
    expect(page.locator("main")).to_contain_text("0 élément sur 2 accepté")
    expect(page.locator("main")).to_contain_text("Ces éléments se suivent")
    request = page.url

    manager = visitors.new(javascript=javascript, who=town.person("pole"))
    manager.goto(request)
    expect(manager.locator("form[action$='/demande/accepter']")).to_have_count(1)
    manager.get_by_role("link", name="Cuisine partagée (labo chaud)").click()
    manager.locator("form[action$='/accepter'] button").first.click()
    expect(manager.locator(".badge", has_text="Acceptée").first).to_be_visible()
    manager.goto(request)
    manager.get_by_role("link", name="Légumerie (épluchage, découpe)").click()
    manager.locator("summary", has_text="Refuser").first.click()
    manager.locator("form[action$='/refuser'] textarea").first.fill("La machine est en panne.")
    manager.locator("form[action$='/refuser'] button").first.click()
    expect(manager.locator("main")).to_contain_text("La machine est en panne.")

    page.reload()
    expect(page.locator("main")).to_contain_text("1 élément est à remplacer")
    expect(page.locator("main")).to_contain_text("La machine est en panne.")
    page.locator("button[name=choix]").first.click()
    page.wait_for_url(REQUEST)
    expect(page.locator("body")).to_contain_text("est demandé à la place")
    page.goto(f"{server.url}/moi")
    expect(page.locator("article", has_text=purpose)).to_have_count(1)


@pytest.mark.parametrize("javascript", [True, False])
def test_an_element_is_moved_by_the_keyboard_alone_and_the_page_stays_there(
    server, town, visitors, javascript
):
    day = next(free for free in town.free_weeks(PREP, 1))
    page = visitors.new(javascript=javascript, width=390, who=town.person("benevole"))
    for slug, start, end in ((PREP, "09:00", "12:00"), (KITCHEN, "13:00", "16:00"), (VAN, "07:00", "08:00")):
        page.goto(f"{server.url}/demander?ressource={slug}&date={day}&de={start}&a={end}")
    page.check("[name=se_suivent]")
    if javascript:
        expect(page.locator("#slot-2")).to_contain_text("Cela commence trop tôt")
        expect(page.locator("#slot-2")).not_to_contain_text("Libre")
    page.locator("#monter-2").focus()
    for place, button in ((2, "monter-1"), (1, "descendre-0"), (2, "descendre-1")):
        page.keyboard.press("Enter")
        expect(page.locator("#moved")).to_contain_text(f"est maintenant en position {place} sur 3")
        expect(page.locator(f"#{button}")).to_be_focused()
        expect(page.locator("legend", has_text="Fourgon")).to_be_in_viewport()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#descendre-0")).to_be_focused()
    if javascript:  # changing one element answers the others anew
        page.select_option("[name=e0-de]", "12:30")
        page.select_option("[name=e0-a]", "13:30")
        expect(page.locator("#slot-1")).to_contain_text("Cela commence trop tôt")
        page.select_option("[name=e0-de]", "07:00")
        page.select_option("[name=e0-a]", "08:00")
        expect(page.locator("#slot-1")).not_to_contain_text("Cela commence trop tôt")
    page.locator("button[name=vider]").click()
