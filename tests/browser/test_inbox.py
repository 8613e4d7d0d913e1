"""The manager's desk in a browser: answers are swapped in, and what is then on the page is what a reload shows."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.town import GLEANERS, PREP, VAN
from tests.helpers import parse


def shown(page: Page, selector: str) -> list[str]:
    """Give a piece of the page line by line, without once-only values and what an act leaves behind (the focus)."""
    page.wait_for_function(
        "!document.querySelector('.htmx-request, .htmx-swapping, .htmx-settling, .htmx-added')"
    )
    html = page.locator(selector).evaluate("piece => piece.outerHTML")
    for passing in (' class=""', ' tabindex="-1" data-focus=""', ' data-focus=""'):
        html = html.replace(passing, "")
    return list(parse(html).lines())


def test_answers_are_swapped_in_and_a_reload_shows_the_same(server, town, visitors):
    day = town.free_day(VAN)
    refs = [
        town.book("glaneur", VAN, day, hours, organisation=GLEANERS, purpose=f"Choux {hours}")
        for hours in ("06:00-09:00", "10:00-13:00", "14:00-17:00")
    ]
    page = visitors.new(who=town.person("entrepot"))
    page.goto(f"{server.url}/a-traiter")
    loads: list[str] = []
    page.on("load", lambda at: loads.append(at.url))
    for ref in refs:
        expect(page.locator(f"#r-{ref}")).to_be_visible()

    page.locator(f"#r-{refs[0]} form[action='/reservations/{refs[0]}/accepter'] button").click()
    expect(page.locator(f"#r-{refs[0]}")).to_have_count(0)
    expect(page.locator("#toasts [data-toast]")).to_be_visible()

    page.locator(f"#refuse-{refs[1]} > summary").click()
    refusal = page.locator(f"form[action='/reservations/{refs[1]}/refuser']")
    refusal.locator("button").click()
    expect(refusal.locator("[aria-invalid=true]")).to_be_focused()
    refusal.locator("[name=reason]").fill("Le fourgon est au garage ce matin-là.")
    refusal.locator("button").click()
    expect(page.locator(f"#r-{refs[1]}")).to_have_count(0)

    page.locator(f"#tick-{refs[2]}").check()
    page.locator("#batch button").click()
    expect(page.locator(f"#r-{refs[2]}")).to_have_count(0)
    assert loads == []  # all of it without loading a page

    undone = page.locator(f"form[action='/reservations/{refs[2]}/retablir'] button")
    undone.click()
    expect(page.locator(f"#r-{refs[2]}")).to_be_visible()
    swapped = shown(page, "#inbox")
    page.reload()
    assert shown(page, "#inbox") == swapped
    states = {ref: town.person("glaneur").call("GET", f"/bookings/{ref}")["state"] for ref in refs}
    assert list(states.values()) == ["approved", "refused", "pending"]
    server.wait_for_letter("glaneur@demo.example", text="Le fourgon est au garage")


@pytest.mark.parametrize("javascript", [True, False])
def test_both_sides_talk_on_the_page_of_the_booking(server, town, visitors, javascript):
    day = town.free_day(PREP)
    ref = town.book("glaneur", PREP, day, "08:00-12:00", organisation=GLEANERS, purpose="Poireaux")
    manager = visitors.new(javascript=javascript, who=town.person("pole"))
    manager.goto(f"{server.url}/reservations/{ref}")
    manager.locator("#message").fill("Avez-vous vos éplucheurs ?")
    manager.locator(f"form[action='/reservations/{ref}/messages'] button").click()
    expect(manager.locator("ol.thread")).to_contain_text("Avez-vous vos éplucheurs ?")
    if javascript:
        swapped = shown(manager, "#booking")
        manager.reload()
        assert shown(manager, "#booking") == swapped
    server.wait_for_letter("glaneur@demo.example", text="Avez-vous vos éplucheurs ?")
    asker = visitors.new(javascript=javascript, width=390, who=town.person("glaneur"))
    asker.goto(f"{server.url}/moi")
    asker.locator(f"a[href='/reservations/{ref}#messages']").first.click()
    asker.locator("#message").fill("Oui, six.")
    asker.locator(f"form[action='/reservations/{ref}/messages'] button").click()
    expect(asker.locator("ol.thread .mine")).to_contain_text("Oui, six.")
