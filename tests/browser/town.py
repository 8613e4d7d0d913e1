"""The demo territory on the running server, as its people use it: signed in once, with free days given out once."""

import json
import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import Request, urlopen
from zoneinfo import ZoneInfo

from playwright.sync_api import APIRequestContext, APIResponse, Page, Playwright, StorageState

if TYPE_CHECKING:
    from tests.browser.conftest import Server

PASSWORD = "demo-potimarron"
PARIS = ZoneInfo("Europe/Paris")
PREP = "legumerie-epluchage-decoupe"  # one user at a time, an hour of cleaning after each, Yann answers
KITCHEN = "cuisine-partagee-labo-chaud"  # four places, three quarters of an hour of cleaning, Yann answers
VAN = "fourgon-isotherme-12-m3-1-200-kg"  # one user at a time, Karim answers
HALL = "salle-atelier-erp-50-pers"  # requests for the same time are compared, Yann answers
GLEANERS = "les-glaneurs-du-gesvre"
FARM = "gaec-du-petit-bois"
GROCERY = "epicerie-solidaire-le-panier-commun"


Form = dict[str, str | float | bool]


def at(day: date, clock: str) -> datetime:
    """Give the instant of a wall time in the territory."""
    hour, minute = clock.split(":")
    return datetime.combine(day, time(int(hour), int(minute)), PARIS)


def csrf_of(answer: APIResponse) -> str:
    """Find the form token in a page."""
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', answer.text())
    assert found, answer.url
    return found[1]


@dataclass
class Person:
    """Somebody of the demo, signed in: the cookies for a window, and a token for the API."""

    email: str
    desk: APIRequestContext
    token: str = ""

    def sign_in(self) -> None:
        """Sign in as the form does."""
        csrf = csrf_of(self.desk.get("/connexion"))
        typed: Form = {"csrf_token": csrf, "email": self.email, "password": PASSWORD}
        answer = self.desk.post("/connexion", form=typed, max_redirects=0)
        assert answer.status == 303, answer.text()

    def cookies(self) -> StorageState:
        """Give what a new window needs to be signed in."""
        return self.desk.storage_state()

    def call(self, method: str, path: str, **body: Any) -> Any:
        """Call the API in one's own name and give its answer."""
        if not self.token:
            form: Form = {
                "csrf_token": csrf_of(self.desk.get("/compte/jetons")),
                "name": "Essais du navigateur",
            }
            found = re.search(r"mut_[\w-]{30,}", self.desk.post("/compte/jetons", form=form).text())
            assert found
            self.token = found[0]
        answer = self.desk.fetch(
            f"/api/v1{path}",
            method=method,
            data=json.dumps(body) if method != "GET" else None,
            headers={"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"},
        )
        assert answer.ok, answer.text()
        return answer.json()


class Town:
    """The people and the free days of the demo territory."""

    def __init__(self, server: "Server", playwright: Playwright) -> None:
        self.server = server
        self._playwright = playwright
        self._people: dict[str, Person] = {}
        self._free: dict[str, list[date]] = {}

    def person(self, name: str) -> Person:
        """Sign somebody of the demo in, the first time they are needed."""
        if name not in self._people:
            desk = self._playwright.request.new_context(
                base_url=self.server.url, extra_http_headers={"Accept-Language": "fr"}
            )
            self._people[name] = Person(f"{name}@demo.example", desk)
            self._people[name].sign_in()
        return self._people[name]

    def free_day(self, slug: str) -> date:
        """Give a day on which nothing at all is booked at a place; the same day is never given twice."""
        return self._free_days(slug).pop(0)

    def free_weeks(self, slug: str, number: int) -> list[date]:
        """Give days a week apart on which nothing at all is booked at a place; none of them is given again."""
        free = self._free_days(slug)
        weeks = ([day + timedelta(weeks=n) for n in range(number)] for day in free)
        found = next(days for days in weeks if set(days) <= set(free))
        free[:] = [day for day in free if day not in found]
        return found

    def _free_days(self, slug: str) -> list[date]:
        if slug not in self._free:
            self._free[slug] = list(self._untouched_days(slug))
        return self._free[slug]

    def _untouched_days(self, slug: str) -> list[date]:
        start = datetime.now(PARIS).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=21)
        end = start + timedelta(days=90)
        opens = "08:00" if slug == HALL else "07:00"
        # all of its places and not only one
        capacity = self.person("pole").call("GET", f"/resources/{slug}")["capacity"]
        query = f"start={quote(start.isoformat())}&end={quote(end.isoformat())}&quantity={capacity}"
        found = self.person("pole").call("GET", f"/resources/{slug}/free?{query}")["items"]
        windows = [
            (datetime.fromisoformat(each["start"]), datetime.fromisoformat(each["end"])) for each in found
        ]
        days = [start.date() + timedelta(days=number) for number in range(90)]
        return [
            day
            for day in days
            if day.weekday() < 6  # a van may be away on Sunday, but nobody hands it over
            and any(first <= at(day, opens) and at(day, "20:00") <= last for first, last in windows)
        ]

    def book(
        self, who: str, slug: str, day: date, hours: str, *, organisation: str, quantity: int = 1, purpose: str = "Essai"
    ) -> str:  # fmt: skip
        """Have somebody ask for "08:00-12:00" of a day; give the reference."""
        start, _, end = hours.partition("-")
        made = self.person(who).call(
            "POST",
            "/bookings",
            resource=slug,
            start=at(day, start).isoformat(),
            end=at(day, end).isoformat(),
            quantity=quantity,
            organisation=organisation,
            purpose=purpose,
        )
        return str(made["ref"])

    def bundle(self, who: str, slugs: list[str], day: date, hours: str, *, organisation: str) -> Any:
        """Have somebody ask for several resources at the same hours of a day; give what the API answers."""
        start, _, end = hours.partition("-")
        slot = {"start": at(day, start).isoformat(), "end": at(day, end).isoformat()}
        legs = [{"resource": slug, **slot} for slug in slugs]
        return self.person(who).call(
            "POST", "/bookings", legs=legs, organisation=organisation, purpose="Essai groupé"
        )

    def wait_in_line(self, who: str, slug: str, day: date, hours: str, purpose: str) -> str:
        """Have somebody join the waiting list for a slot that others have; give the reference."""
        start, _, end = hours.partition("-")
        desk = self.person(who).desk
        asked = desk.get(f"/ressources/{slug}/attendre?date={day}&de={start}&a={end}")
        organisation = re.search(r'name="organisation".*?<option[^>]*value="(\d+)"', asked.text(), re.DOTALL)
        assert organisation, asked.url
        slot: Form = {"date": day.isoformat(), "de": start, "a": end}
        want: Form = {"organisation": organisation[1], "purpose": purpose, "mode": "in_line"}
        form = {"csrf_token": csrf_of(asked)} | slot | want
        joined = desk.post(f"/ressources/{slug}/attendre", form=form)
        assert "/attente/" in joined.url, joined.text()
        return joined.url.rpartition("/")[2]

    def approve(self, who: str, ref: str) -> None:
        """Have a manager accept a request."""
        self.person(who).call("POST", f"/bookings/{ref}/approve")

    def cancel(self, who: str, ref: str, reason: str) -> None:
        """Have somebody give a booking up."""
        self.person(who).call("POST", f"/bookings/{ref}/cancel", reason=reason)

    def close(self) -> None:
        """Forget everybody's cookies."""
        for person in self._people.values():
            person.desk.dispose()


@dataclass(frozen=True)
class Fetched:
    """What a calendar programme got: status, ETag and body."""

    status: int
    etag: str
    body: bytes


def fetch(url: str, etag: str = "") -> Fetched:
    """Read a calendar as a programme does, with the ETag it remembers."""
    headers = {"If-None-Match": etag} if etag else {}
    try:
        with urlopen(Request(url, headers=headers), timeout=10) as answer:
            return Fetched(answer.status, answer.headers["ETag"], answer.read())
    except HTTPError as refusal:  # urllib takes 304 for one
        with refusal:
            return Fetched(refusal.code, refusal.headers.get("ETag", ""), refusal.read())


def sign_in(page: Page, url: str, email: str, password: str = PASSWORD) -> None:
    """Sign in by the form, as people do."""
    page.goto(f"{url}/connexion")
    page.fill("[name=email]", email)
    page.fill("[name=password]", password)
    page.locator("form[action='/connexion'] button[type=submit]").click()
    page.wait_for_url(f"{url}/moi")
