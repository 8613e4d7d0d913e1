"""The planning in a browser: by keyboard, by dragging, by touch, on a phone, and without JavaScript."""

import re
from datetime import date, timedelta

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.town import GLEANERS, PREP

FOCUSED = "document.activeElement"


@pytest.fixture(scope="module")
def day(town) -> date:
    """A day on which the vegetable kitchen is taken from nine to twelve."""
    free = town.free_day(PREP)
    ref = town.book("glaneur", PREP, free, "09:00-12:00", organisation=GLEANERS)
    town.approve("pole", ref)
    return free


def row(page: Page) -> Locator:
    return page.locator("[data-plan] tbody tr").filter(has=page.locator(f"th a[href$='{PREP}']"))


def url_of(server, day: date, more: str = "") -> str:
    return f"{server.url}/planning?date={day}&type=kitchen{more}"


def test_arrows_move_between_links_and_page_keys_change_the_day(server, town, visitors, day):
    page = visitors.new(who=town.person("pole"))
    page.goto(url_of(server, day))
    stops = page.locator("[data-plan] a[tabindex='0']")
    expect(stops).to_have_count(1)  # one stop of the Tab key
    first = page.locator("[data-plan] tbody a").first
    first.focus()
    expect(row(page).locator(".busy a")).to_have_text(re.compile("Glaneurs"))
    for _row in range(page.locator("[data-plan] tbody tr").count()):
        if page.evaluate(f"{FOCUSED}.closest('tr').querySelector('th a').href").endswith(PREP):
            break
        page.keyboard.press("ArrowDown")
    name = row(page).locator("th a")
    expect(name).to_be_focused()
    before = row(page).locator("td a").evaluate_all("all => all.findIndex(a => a.closest('.busy'))")
    for _link in range(before + 1):
        page.keyboard.press("ArrowRight")
    expect(row(page).locator(".busy a")).to_be_focused()
    page.keyboard.press("End")
    expect(row(page).locator("td a").last).to_be_focused()
    expect(stops).to_have_count(1)
    page.keyboard.press("Home")
    expect(name).to_be_focused()
    page.keyboard.press("PageDown")
    page.wait_for_url(re.compile(str(day + timedelta(days=1))))
    expect(name).to_be_focused()
    page.keyboard.press("PageUp")
    page.wait_for_url(re.compile(str(day)))
    expect(name).to_be_focused()


def free(page: Page) -> tuple[Locator, dict[str, float]]:
    """Find the free afternoon, and tell where it is and how wide half an hour of it."""
    stretch = row(page).locator("td.free a").last
    stretch.scroll_into_view_if_needed()
    box = stretch.bounding_box()
    assert box
    start, end = (int(stretch.get_attribute(f"data-{name}") or 0) for name in ("from", "to"))
    return stretch, {"x": box["x"], "y": box["y"] + box["height"] / 2, "minute": box["width"] / (end - start), "from": start}  # fmt: skip


def x_of(place: dict[str, float], clock: str) -> float:
    hour, minute = map(int, clock.split(":"))
    return place["x"] + (hour * 60 + minute - place["from"]) * place["minute"]


def test_dragging_chooses_the_hours(server, town, visitors, day):
    page = visitors.new(who=town.person("glaneur"))
    page.goto(url_of(server, day))
    _stretch, place = free(page)
    page.mouse.move(x_of(place, "14:10"), place["y"])
    page.mouse.down()
    page.mouse.move(x_of(place, "15:20"), place["y"], steps=4)
    page.mouse.move(x_of(place, "17:20"), place["y"], steps=4)
    expect(page.locator(".pick")).to_have_text("14:00–17:30")
    page.mouse.up()
    page.wait_for_url(re.compile(f"{PREP}/demander"))
    assert f"date={day}" in page.url
    expect(page.locator("[name=de]")).to_have_value("14:00")
    expect(page.locator("[name=a]")).to_have_value("17:30")


def test_a_click_asks_for_the_time_under_the_pointer(server, town, visitors, day):
    page = visitors.new(who=town.person("glaneur"))
    page.goto(url_of(server, day))
    _stretch, place = free(page)
    page.mouse.click(x_of(place, "15:35"), place["y"])
    page.wait_for_url(re.compile(f"{PREP}/demander"))
    expect(page.locator("[name=de]")).to_have_value("15:30")


def test_a_finger_that_stays_chooses_and_one_that_moves_scrolls(server, town, visitors, day):
    page = visitors.new(who=town.person("glaneur"), width=800, height=1000)  # the table is wider than that
    screen = page.context.new_cdp_session(page)
    screen.send("Emulation.setTouchEmulationEnabled", {"enabled": True})
    page.goto(url_of(server, day))
    scroll = page.locator(".scroll")
    scroll.evaluate("box => (box.scrollLeft = 200)")
    _stretch, place = free(page)

    def touch(kind: str, clock: str = "") -> None:
        points = [{"x": x_of(place, clock), "y": place["y"]}] if clock else []
        screen.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    touch("touchStart", "15:10")
    for clock in ("15:05", "14:50", "14:30"):
        touch("touchMove", clock)
    touch("touchEnd")
    expect(page.locator(".pick")).to_have_count(0)
    assert "/planning" in page.url
    _stretch, place = free(page)
    touch("touchStart", "14:10")
    expect(page.locator(".pick")).to_be_visible()
    for clock in ("15:40", "16:50", "17:20"):
        touch("touchMove", clock)
    expect(page.locator(".pick")).to_have_text("14:00–17:30")
    touch("touchEnd")
    page.wait_for_url(re.compile(f"{PREP}/demander"))
    expect(page.locator("[name=de]")).to_have_value("14:00")
    expect(page.locator("[name=a]")).to_have_value("17:30")


def test_a_day_is_one_press_away_and_the_keyboard_opens_the_request(server, town, visitors, day):
    page = visitors.new(who=town.person("glaneur"))
    page.goto(url_of(server, day))
    stretch, _place = free(page)
    stretch.focus()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(f"{PREP}/demander"))
    expect(page.locator("[name=date]")).to_have_value(str(day))


def test_on_a_phone_it_is_a_list_of_free_times(server, town, visitors, day):
    page = visitors.new(who=town.person("glaneur"), width=390, height=844)
    page.goto(url_of(server, day))
    expect(page.locator("[data-plan] thead")).to_be_hidden()
    expect(row(page).locator("td.outside").first).to_be_hidden()
    times = row(page).locator("td.free a")
    expect(times.last).to_contain_text("13:00–")
    box = times.last.bounding_box()
    assert box
    assert box["height"] >= 44
    times.last.click()
    page.wait_for_url(re.compile(f"{PREP}/demander"))
    expect(page.locator("[name=de]")).to_have_value("13:00")


def test_everything_works_without_javascript(server, visitors, day):
    page = visitors.new(javascript=False)
    page.goto(url_of(server, day))
    page.locator(".week-nav [rel=next]").click()
    expect(page).to_have_url(re.compile(str(day + timedelta(days=1))))
    page.locator("nav.tabs a", has_text="Semaine").click()
    expect(page).to_have_url(re.compile("vue=semaine"))
    page.locator("details.fold summary").click()
    page.locator("[name=lieu]").fill("Nozay")
    page.locator("details.fold button").click()
    expect(page).to_have_url(re.compile("lieu=Nozay"))
    expect(page).to_have_url(re.compile("vue=semaine"))
    expect(page.locator(".chips")).to_contain_text("Nozay")
    page.goto(url_of(server, day))
    row(page).locator("td.free a").last.click()
    expect(page).to_have_url(re.compile("13:00"))


def test_its_pieces_have_names_and_roles(server, visitors, day):
    page = visitors.new()
    page.goto(url_of(server, day))
    expect(page.get_by_role("heading", level=1)).to_have_text("Planning")
    expect(page.get_by_role("heading", level=2)).to_have_count(1)
    table = page.get_by_role("table")
    expect(table).to_have_count(1)
    expect(page.get_by_role("navigation", name="Changer de jour")).to_be_visible()
    expect(page.get_by_role("link", name="Jour suivant")).to_be_visible()
    expect(table.get_by_role("rowheader")).to_have_count(table.locator("tbody tr").count())
    expect(row(page).get_by_role("link", name=re.compile(r"Libre 13:00–"))).to_be_visible()
    expect(row(page).get_by_role("cell", name="Nettoyage")).not_to_have_count(0)
