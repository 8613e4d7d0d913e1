"""A series with conflicts, resolved date by date; its manager answers once; without script."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.town import GLEANERS, PREP

# What is wider than its box and hidden there: words that nobody can read to their end.
CUT = """() => [...document.querySelectorAll("main *")].filter((each) => each.offsetParent && !each.closest(".vh")
    && each.scrollWidth > each.clientWidth + 1 && getComputedStyle(each).overflowX !== "visible")
    .map((each) => each.textContent)"""
SERIES = re.compile(r"/series/\w+$")


@pytest.mark.parametrize("javascript", [True, False])
def test_a_series_with_two_conflicts_resolved(server, town, visitors, javascript):
    first, second, third = town.free_weeks(PREP, 3)
    for day in (second, third):
        town.book("glaneur", PREP, day, "09:00-12:00", organisation=GLEANERS, purpose="Déjà là")
    page = visitors.new(javascript=javascript, width=390, who=town.person("benevole"))
    page.goto(f"{server.url}/ressources/{PREP}/demander?date={first}&de=09:00&a=12:00")
    page.fill("[name=purpose]", "Soupes en série")
    page.locator("summary", has_text="Répéter").click()
    page.select_option("[name=repete]", "weekly")
    page.fill("[name=jusqu_au]", third.isoformat())
    page.locator("form[data-once] .submit-row button").click()
    expect(page.locator("h1")).to_have_text("Les dates de votre série")
    page.locator("button[value=tout]").click()
    expect(page.locator(".summary[role=alert]")).to_contain_text("la série")
    lost = page.locator("fieldset[id^=f-jour-]").filter(has_not=page.locator("input:checked"))
    names = [str(lost.nth(number).get_attribute("id")) for number in range(lost.count())]
    assert {f"f-jour-{second}", f"f-jour-{third}"} <= set(names)
    for name in names:
        ways = page.locator(f"[id='{name}'] .tick")
        if name == f"f-jour-{second}":
            # later the same day: another day may be one that the town gives to another test
            ways.filter(has_text="13:00–16:00").first.locator("input").check()
        elif name == f"f-jour-{third}":
            there = ways.filter(has=page.locator("input[value*='@']")).first
            place = str(there.text_content()).partition(",")[0].strip()
            there.locator("input").check()
        else:
            ways.filter(has=page.locator("input[value=non]")).locator("input").check()
    assert page.evaluate(CUT) == []
    page.locator(".submit-row button[value=voir]").click()
    expect(page.locator("main")).to_contain_text("c’est lui qui répond, selon ses propres règles")
    expect(page.locator("main")).to_contain_text(place)
    page.locator("button[value=tout]").click()
    page.wait_for_url(SERIES)
    expect(page.locator("main")).to_contain_text("Soupes en série")
    kept = 2  # the first date, and the second at another time
    expect(page.locator("article.booking")).to_have_count(kept + 1)
    expect(page.locator("article.booking", has_text=place)).to_contain_text("Dans un autre lieu")
    manager = visitors.new(javascript=javascript, who=town.person("pole"))
    manager.goto(page.url)
    manager.locator("form[action$='/serie/accepter'] button").click()
    expect(manager.locator("form[action$='/serie/accepter']")).to_have_count(0)
    expect(manager).to_have_url(SERIES)
    page.reload()
    expect(page.locator("article.booking .badge", has_text="Accepté")).to_have_count(kept)
