"""Asking for a place: as a visitor, without a mouse, and when somebody else was faster."""

import re
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.browser.town import KITCHEN, PREP, at

SENT = re.compile(r"/reservations/\w+$")


def tab_to(page: Page, selector: str, at_most: int = 120) -> None:
    """Press Tab until what matches has the focus."""
    for _press in range(at_most):
        page.keyboard.press("Tab")
        if page.evaluate("wanted => document.activeElement.matches(wanted)", selector):
            return
    pytest.fail(f"{at_most} times Tab do not lead to {selector}")


@pytest.mark.parametrize("javascript", [True, False])
def test_a_visitor_signs_in_and_finds_the_request_as_typed(server, town, visitors, javascript):
    day = town.free_day(PREP)
    page = visitors.new(javascript=javascript, width=390)
    page.goto(f"{server.url}/ressources/{PREP}/demander?date={day}&de=09:00&a=13:00")
    page.fill("[name=purpose]", "Compote de coings")
    page.fill("[name=people]", "5")
    page.fill("[name=message]", "Première visite : où se garer ?")
    page.locator("form[data-once] .submit-row button").click()
    page.wait_for_url("**/connexion?**")
    page.fill("[name=email]", "benevole@demo.example")
    page.fill("[name=password]", "demo-potimarron")
    page.locator("form[action='/connexion'] button[type=submit]").click()
    page.wait_for_url("**/demander?brouillon=1")
    for name, value in {
        "date": day.isoformat(), "de": "09:00", "a": "13:00", "purpose": "Compote de coings", "people": "5",
        "message": "Première visite : où se garer ?",
    }.items():  # fmt: skip
        expect(page.locator(f"form[data-once] [name={name}]")).to_have_value(value)
    page.locator("form[data-once] .submit-row button").click()
    page.wait_for_url(SENT)
    expect(page.locator("#booking")).to_contain_text("Compote de coings")
    expect(page.locator("ol.thread")).to_contain_text("où se garer")


def test_the_whole_request_without_a_mouse(server, town, visitors):
    day = town.free_day(PREP)
    year, week, weekday = day.isocalendar()
    page = visitors.new(who=town.person("glaneur"))
    page.goto(f"{server.url}/ressources/{PREP}?semaine={year}-W{week:02}")
    page.keyboard.press("Tab")
    expect(page.locator("a.skip")).to_be_focused()
    tab_to(page, "table[data-week] a[data-col]")
    # arrows lead to the day and to 09:00; with Shift they take four hours
    for _column in range(6):
        if page.evaluate("+document.activeElement.dataset.col") >= weekday - 1:
            break
        page.keyboard.press("ArrowRight")
    assert parse_qs(urlsplit(focused_href(page)).query)["date"] == [day.isoformat()]
    for _row in range(30):
        [start] = parse_qs(urlsplit(focused_href(page)).query)["de"]
        if start == "09:00":
            break
        page.keyboard.press("ArrowDown" if start < "09:00" else "ArrowUp")
    for _row in range(30):
        if page.evaluate("document.activeElement.dataset.end") >= "13:00":
            break
        page.keyboard.press("Shift+ArrowDown")
    assert page.locator("a.sel").count() > 1
    page.keyboard.press("Enter")
    page.wait_for_url("**/demander?**")
    expect(page.locator("form[data-once] [name=date]")).to_have_value(day.isoformat())
    expect(page.locator("form[data-once] [name=de]")).to_have_value("09:00")
    expect(page.locator("form[data-once] [name=a]")).to_have_value("13:00")
    tab_to(page, "[name=organisation]")
    page.keyboard.type("Les Gl")
    tab_to(page, "[name=purpose]")
    page.keyboard.type("Choux glanés, sans souris")
    tab_to(page, "form[data-once] .submit-row button")
    page.keyboard.press("Enter")
    page.wait_for_url(SENT)
    expect(page.locator("#booking")).to_contain_text("Choux glanés, sans souris")
    expect(page.locator("#booking")).to_contain_text("09:00–13:00")


def focused_href(page: Page) -> str:
    """Give the address of the link that has the focus."""
    return str(page.evaluate("document.activeElement.href"))


@pytest.mark.parametrize("javascript", [True, False])
def test_the_second_of_two_keeps_its_form_and_is_offered_other_times(server, town, visitors, javascript):
    day = town.free_day(PREP)
    pages = []
    for who, width in (("glaneur", 1280), ("benevole", 390)):
        page = visitors.new(javascript=javascript, width=width, who=town.person(who))
        page.goto(f"{server.url}/ressources/{PREP}/demander?date={day}&de=10:00&a=14:00")
        expect(page.locator("#slot .verdict:not(.bad)")).to_be_visible()
        page.fill("[name=purpose]", f"Ratatouille de {who}")
        page.fill("[name=message]", "Merci d’avance")
        pages.append(page)
    first, second = pages
    first.locator("form[data-once] .submit-row button").click()
    first.wait_for_url(SENT)
    with second.expect_response(lambda answer: answer.request.method == "POST") as posted:
        second.locator("form[data-once] .submit-row button").click()
    assert posted.value.status == 409
    expect(second.locator("#slot .verdict.bad")).to_be_visible()
    for name, value in {
        "date": day.isoformat(), "de": "10:00", "a": "14:00", "purpose": "Ratatouille de benevole",
        "message": "Merci d’avance",
    }.items():  # fmt: skip
        expect(second.locator(f"form[data-once] [name={name}]")).to_have_value(value)
    if javascript:
        expect(second.locator(".summary[role=alert]")).to_be_focused()
    # of the day that is ours: the same hours of another day may be another test's
    other = second.locator(f"#slot button.alt[value*='{day}']").first
    offered, asked = other.bounding_box(), second.locator("[name=purpose]").bounding_box()
    assert offered
    assert asked
    assert offered["y"] < asked["y"]
    other.click()
    expect(second.locator("#slot .verdict:not(.bad)")).to_be_visible()
    expect(second.locator("[name=purpose]")).to_have_value("Ratatouille de benevole")
    second.locator("form[data-once] .submit-row button").click()
    second.wait_for_url(SENT)
    expect(second.locator("#booking")).to_contain_text("Ratatouille de benevole")


@pytest.mark.parametrize("javascript", [True, False])
def test_a_double_click_books_once(server, town, visitors, javascript):
    day = town.free_day(KITCHEN)
    page = visitors.new(javascript=javascript, who=town.person("benevole"))
    page.goto(f"{server.url}/ressources/{KITCHEN}/demander?date={day}&de=08:00&a=11:00")
    page.fill("[name=purpose]", "Une seule fois")
    page.locator("form[data-once] .submit-row button").dblclick()
    page.wait_for_url(SENT)
    start, end = quote(at(day, "00:00").isoformat()), quote(at(day, "23:30").isoformat())
    found = town.person("benevole").call("GET", f"/bookings?scope=mine&from={start}&to={end}")["items"]
    mine = [each["ref"] for each in found if each["purpose"] == "Une seule fois"]
    assert mine == [page.url.rpartition("/")[2]]


@pytest.mark.parametrize("javascript", [True, False])
def test_enter_sends_and_a_refusal_tells_everything_at_once(server, town, visitors, javascript):
    day = town.free_day(PREP)
    start, end = at(day, "09:00").isoformat(), at(day, "12:00").isoformat()
    taken = {"resource": PREP, "start": start, "end": end, "purpose": "Premier"}
    town.person("epicerie").call("POST", "/bookings", **taken)
    page = visitors.new(javascript=javascript, width=390, who=town.person("benevole"))
    page.goto(f"{server.url}/ressources/{PREP}/demander?date={day}&de=09:00&a=12:00")
    expect(page.locator("#slot .verdict.bad")).to_be_visible()
    page.focus("[name=people]")
    page.keyboard.type("8")
    page.keyboard.press("Enter")  # not the first of the other times, which are buttons of the form too
    summary = page.locator(".summary[role=alert]")
    expect(summary.locator("a")).to_have_count(2)
    expect(summary.locator("a[href='#slot']")).to_be_visible()
    expect(page.locator("[name=date]")).to_have_value(day.isoformat())
    summary.locator("a[href='#purpose']").click()
    expect(page.locator("[name=purpose]")).to_be_focused()
    page.keyboard.type("Veloutés, sans souris")
    page.locator(f"#slot button.alt[value*='{day}']").first.press("Enter")
    answer = page.locator("#slot .verdict:not(.bad)")
    expect(answer).to_be_in_viewport()
    expect(page.locator("[name=purpose]")).to_have_value("Veloutés, sans souris")
    page.locator("[name=purpose]").press("Enter")
    page.wait_for_url(SENT)
    expect(page.locator("#booking")).to_contain_text("Veloutés, sans souris")
