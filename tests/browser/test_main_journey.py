"""The main job from end to end: a free place found, asked for, accepted from the e-mail, seen in the calendar.

With and without JavaScript; `MUTUALIM_TEST_DB=postgres` runs the same on PostgreSQL.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit
from urllib.request import Request, urlopen

import pytest
from icalendar import Calendar
from playwright.sync_api import Page, expect

from tests.browser.town import GLEANERS, KITCHEN, PARIS, PREP, fetch, sign_in

PHONE, DESKTOP = 390, 1280


@dataclass(frozen=True)
class Story:
    """One telling of the journey: what is asked for, what stands against it, which calendar is subscribed to."""

    javascript: bool
    slug: str
    kind: str
    words: str
    taken: tuple[str, int]  # hours and quantity that the gleaners have that day
    wanted: tuple[str, str, int]  # from, to, quantity
    why: str  # what the refusal says
    calendar: str  # the scope of the feed


STORIES = {
    "cleaning, with JavaScript": Story(
        True, PREP, "kitchen", "légumerie", ("08:00-12:00", 1), ("12:30", "15:30", 1), "13:00", "person"
    ),
    "capacity, without JavaScript": Story(
        False, KITCHEN, "kitchen", "labo", ("09:00-12:00", 3), ("10:00", "12:00", 2), "1 poste", "organisation"
    ),
}  # fmt: skip


@pytest.mark.journey
@pytest.mark.parametrize("story", STORIES.values(), ids=STORIES.keys())
def test_from_the_search_to_the_calendar(server, town, visitors, story):
    day = town.free_day(story.slug)
    hours, quantity = story.taken
    taken = town.book("glaneur", story.slug, day, hours, organisation=GLEANERS, quantity=quantity)
    town.approve("pole", taken)
    purpose = f"Soupe de la fête, {day}, {'avec' if story.javascript else 'sans'} script"

    phone = visitors.new(javascript=story.javascript, width=PHONE, height=844)
    sign_in(phone, server.url, "benevole@demo.example")
    find_the_place(phone, story, day)
    see_why_not(phone, story, day)
    start, end = take_an_alternative(phone, story)
    ref = ask(phone, story, purpose)

    feed = subscribe(phone, server.url, story.calendar)
    first = read(feed, ref)
    assert first.status == "TENTATIVE"
    assert (first.start, first.end) == (start, end)
    assert fetch(feed, first.etag).status == 304

    answer_from_the_email(server, visitors, story, purpose, unchanged=(feed, first.etag))
    second = read(feed, ref, first.etag)
    assert (second.status, second.uid) == ("CONFIRMED", first.uid)
    assert second.sequence > first.sequence
    assert fetch(feed, second.etag).status == 304
    server.wait_for_letter("benevole@demo.example", text=f"/reservations/{ref}")

    give_up(phone, ref)
    third = read(feed, ref, second.etag)
    assert (third.status, third.uid) == ("CANCELLED", first.uid)
    assert third.sequence > second.sequence
    assert fetch(feed, third.etag).status == 304
    told = server.wait_for_letter("pole@demo.example", text="Le camion est en panne")
    assert ref in told.text


def find_the_place(page: Page, story: Story, day: date) -> None:
    """Search by kind, words, day and hours; nothing is free then, and the place is shown with another time."""
    page.get_by_role("navigation", name="Menu principal").get_by_role("link", name="Trouver").click()
    form = page.locator("form#find")
    form.locator("[name=type]").select_option(story.kind)
    form.locator("[name=q]").fill(story.words)
    form.locator("[name=date]").fill(day.isoformat())
    form.locator("[name=de]").select_option(story.wanted[0])
    form.locator("[name=a]").select_option(story.wanted[1])
    more = form.locator("details:has([name=quantite])")
    if more.count() and more.get_attribute("open") is None:
        more.locator("summary").first.click()
    form.locator("[name=quantite]").fill(str(story.wanted[2]))
    form.locator("button[type=submit]").click()
    place = page.locator(f"#results h4 a[href^='/ressources/{story.slug}']")
    expect(place).to_be_visible()
    place.click()
    expect(page.locator("h1")).to_be_visible()


def see_why_not(page: Page, story: Story, day: date) -> None:
    """Ask the box of the place about the wanted hours: no, and why."""
    box = page.locator("form.quick")
    box.locator("[name=date]").fill(day.isoformat())
    box.locator("[name=de]").select_option(story.wanted[0])
    box.locator("[name=a]").select_option(story.wanted[1])
    if box.locator("[name=quantite]").count():
        box.locator("[name=quantite]").fill(str(story.wanted[2]))
    if story.javascript:
        box.locator("[name=a]").press("Tab")
    else:
        box.locator("button").click()
    refusal = page.locator("#slot .verdict.bad")
    expect(refusal).to_contain_text(story.why)
    assert urlsplit(page.url).path == f"/ressources/{story.slug}"


def take_an_alternative(page: Page, story: Story) -> tuple[datetime, datetime]:
    """Take the first other time of the same place that is offered; give its span."""
    other = page.locator(f"#slot a.alt[href^='/ressources/{story.slug}']").first
    asked = parse_qs(urlsplit(other.get_attribute("href") or "").query)
    other.click()
    page.locator("#slot .verdict:not(.bad) a[href*='/demander']").click()
    expect(page.locator("form[data-once] [name=date]")).to_have_value(asked["date"][0])
    start, end = (datetime.fromisoformat(f"{asked['date'][0]}T{asked[name][0]}") for name in ("de", "a"))
    return start.replace(tzinfo=PARIS), end.replace(tzinfo=PARIS)


def ask(page: Page, story: Story, purpose: str) -> str:
    """Fill the rest of the form and send it; give the reference."""
    page.fill("[name=purpose]", purpose)
    page.fill("[name=people]", "4")
    page.fill("[name=message]", "Nous apportons nos couteaux.")
    page.locator("form[data-once] .submit-row button").click()
    page.wait_for_url(re.compile(r"/reservations/\w+$"))
    expect(page.locator("#booking .state.wait")).to_be_visible()
    expect(page.locator("#booking")).to_contain_text(purpose)
    return page.url.rpartition("/")[2]


def subscribe(page: Page, url: str, scope: str) -> str:
    """Make a private link through the dialog of one's calendars; give its address."""
    page.goto(f"{url}/compte/agendas")
    page.locator(f"a[href*='scope={scope}']").first.click()
    kept = page.locator("#calendar-links details:has(form[action*='abonnement']) > summary")
    if kept.count():  # a link from another telling: the form is folded
        kept.click()
    page.locator("#calendar-links form[action*='abonnement'] button").click()
    address = page.locator("#fresh-url").input_value()
    assert address.startswith(f"{url}/agendas/"), address
    page.goto(f"{url}/compte/agendas")
    assert address not in page.content()  # shown this once
    return address


@dataclass(frozen=True)
class Entry:
    """One booking as a calendar programme sees it."""

    uid: str
    status: str
    sequence: int
    start: datetime
    end: datetime
    etag: str


def read(feed: str, ref: str, etag: str = "") -> Entry:
    """Read the feed, which changed since `etag`, and find the booking in it."""
    got = fetch(feed, etag)
    assert got.status == 200
    assert got.etag != etag
    calendar = Calendar.from_ical(got.body)
    found = [each for each in calendar.walk("VEVENT") if str(each.get("URL", "")).endswith(f"/{ref}")]
    assert len(found) == 1, f"{len(found)} entries for {ref}"
    event: Any = found[0]
    start, end = (event.decoded(name).astimezone(PARIS) for name in ("DTSTART", "DTEND"))
    return Entry(str(event["UID"]), str(event["STATUS"]), int(event["SEQUENCE"]), start, end, got.etag)


def answer_from_the_email(server, visitors, story: Story, purpose: str, unchanged: tuple[str, str]) -> None:
    """Open the link of the manager's e-mail without signing in: looking changes nothing, the button accepts."""
    letter = server.wait_for_letter("pole@demo.example", text=purpose)
    found = re.search(rf"{server.url}/d/[\w-]+", letter.text)
    assert found, letter.text
    link = found[0]
    for method in ("HEAD", "GET", "GET"):  # what mail scanners do
        with urlopen(Request(link, method=method), timeout=10) as answer:
            assert answer.status == 200
    desk = visitors.new(javascript=story.javascript, width=DESKTOP)
    desk.goto(link)
    expect(desk.locator("main")).to_contain_text(purpose)
    assert fetch(*unchanged).status == 304
    desk.locator("form:has([name=verdict][value=approve]) button").click()
    expect(desk.locator(".state.good")).to_be_visible()
    assert desk.url == link
    assert not [cookie for cookie in desk.context.cookies() if "remember" in cookie.get("name", "")]
    desk.goto(f"{server.url}/a-traiter")
    assert "/connexion" in desk.url  # the link did not sign anybody in
    desk.goto(link)
    expect(desk.locator("form:has([name=verdict])")).to_have_count(0)


def give_up(page: Page, ref: str) -> None:
    """Cancel with a reason, which is asked for first."""
    page.goto(f"{urlsplit(page.url).scheme}://{urlsplit(page.url).netloc}/reservations/{ref}")
    expect(page.locator("#booking .state.good")).to_be_visible()
    page.locator(f"#cancel-{ref} > summary").click()
    form = page.locator(f"form[action='/reservations/{ref}/annuler']")
    form.locator("button").click()
    expect(form.locator("[aria-invalid=true]")).to_be_visible()  # no reason, no cancellation
    form.locator("[name=reason]").fill("Le camion est en panne, nous reviendrons.")
    form.locator("button").click()
    expect(page.locator("#booking .state.dim")).to_be_visible()
    expect(page.locator("#booking")).to_contain_text("Le camion est en panne")
