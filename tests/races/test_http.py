"""Many ask for the same thing at the same moment over HTTP: nobody is promised twice, and the others are told so."""

import http.client
import json
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Barrier
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.accounts.service import create_token
from app.bookings.models import Booking
from app.core import clock
from app.core.policy import Actor
from app.infra.db import db
from tests.browser.conftest import start_server, stop_server
from tests.conftest import dispose, make_app
from tests.databases import Databases
from tests.databases import test_config as config_for
from tests.factories import PARIS, a_member, a_resource, a_site, a_territory, an_organisation
from tests.races.writers import broken_promises

pytestmark = pytest.mark.race


@dataclass(frozen=True)
class Place:
    """A running server, who may ask there, and what for."""

    app: Flask
    host: str
    tokens: tuple[str, ...]
    kitchen: str
    pallets: str

    def ask(
        self, token: str, body: dict[str, Any], gate: Barrier, key: str = ""
    ) -> tuple[int, dict[str, Any]]:
        """Send one request at the same moment as the others; give the status and what was answered."""
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        connection = http.client.HTTPConnection(self.host, timeout=60)
        connection.connect()
        gate.wait(timeout=30)
        sent = headers | ({"Idempotency-Key": key} if key else {})
        connection.request("POST", "/api/v1/bookings", json.dumps(body), sent)
        answer = connection.getresponse()
        said = json.loads(answer.read()) | {"replayed": answer.headers.get("Idempotent-Replayed")}
        connection.close()
        return answer.status, said

    def all_at_once(self, bodies: list[dict[str, Any]], key: str = "") -> list[tuple[int, dict[str, Any]]]:
        """Send all these requests at the same moment, by several people."""
        gate = Barrier(len(bodies))
        tokens = [self.tokens[0] if key else self.tokens[n % len(self.tokens)] for n in range(len(bodies))]
        with ThreadPoolExecutor(len(bodies)) as pool:
            return list(pool.map(self.ask, tokens, bodies, [gate] * len(bodies), [key] * len(bodies)))


def _body(resource: str, days: int, hours: int = 4, **facts: Any) -> dict[str, Any]:
    at = 8 if hours < 24 else 0
    day = (clock.now().astimezone(PARIS) + timedelta(days=30)).replace(tzinfo=None)
    start = day.replace(hour=at, minute=0, second=0, microsecond=0) + timedelta(days=days)
    end = start + timedelta(hours=hours)
    times = {"start": start.replace(tzinfo=PARIS).isoformat(), "end": end.replace(tzinfo=PARIS).isoformat()}
    return {"resource": resource, "purpose": "Course"} | times | facts


@pytest.fixture(scope="module")
def place(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """One server for all races here: each has days of its own."""
    url, folder = databases.new(), tmp_path_factory.mktemp("races")
    app = make_app(config_for(url, folder))
    with app.app_context():
        territory = a_territory()
        site = a_site(an_organisation(territory), hours="24/7")
        kitchen = a_resource(site, name="Cuisine", buffer_after=45)
        pallets = a_resource(
            site, name="Palettes", mode="quantity", capacity=24, unit="pallet",
            step_minutes=1440, min_minutes=1440, max_minutes=1440 * 60,
        )  # fmt: skip
        people = [a_member(an_organisation(territory)) for _ in range(5)]
        tokens = tuple(create_token(Actor(person_id=person.id), "race") for person in people)
        names = kitchen.public_id, pallets.public_id
        db.session.remove()
    server, process = start_server(url, folder / "server", workers=2)
    try:
        yield Place(app, urlsplit(server.url).netloc, tokens, *names)
    finally:
        stop_server(process)
        dispose(app)
        databases.drop(url)


def _kept(place: Place, first_day: int, days: int = 1) -> int:
    """Count what was kept of a race, and look for broken promises everywhere."""
    since = datetime.fromisoformat(_body("", first_day, hours=24)["start"])
    until = since + timedelta(days=days)
    kept = select(func.count()).where(Booking.start_at >= since, Booking.start_at < until)
    with place.app.app_context():
        assert broken_promises() == []
        found = db.session.scalar(kept) or 0
        db.session.remove()
        return found


@pytest.mark.scenario(number="S29")
def test_fifty_want_one_slot(place):
    for day in range(3):
        answers = place.all_at_once([_body(place.kitchen, day)] * 50)
        assert Counter(status for status, _said in answers) == {201: 1, 409: 49}
        for status, said in answers:
            if status == 409:
                assert said["code"] == "slot_refused"
                assert [refusal["code"] for refusal in said["refusals"]] == ["taken"]
                assert said["alternatives"]
    assert _kept(place, 0, 3) == 3


@pytest.mark.scenario(number="S29")
def test_thirty_want_a_pallet_of_twenty_four(place):
    answers = place.all_at_once([_body(place.pallets, 10, hours=24)] * 30)
    assert Counter(status for status, _said in answers) == {201: 24, 409: 6}
    refused = [said for status, said in answers if status == 409]
    assert {refusal["facts"]["free"] for said in refused for refusal in said["refusals"]} == {0}
    assert _kept(place, 10) == 24


def test_twenty_sendings_of_one_request_count_once(place):
    answers = place.all_at_once([_body(place.kitchen, 20)] * 20, key="once-and-only-once")
    assert [status for status, _said in answers] == [201] * 20
    assert len({said["ref"] for _status, said in answers}) == 1
    assert Counter(said["replayed"] for _status, said in answers) == {None: 1, "true": 19}
    assert _kept(place, 20) == 1


def test_one_key_for_two_things_at_once(place):
    """The second is refused in words, even where both come at the same moment."""
    for day in range(30, 35):
        bodies = [_body(place.kitchen, day), _body(place.pallets, day, hours=24)] * 4
        answers = place.all_at_once(bodies, key=f"key-{day}")
        statuses = Counter(status for status, _said in answers)
        assert statuses == {201: 4, 422: 4}, [said for status, said in answers if status not in (201, 422)]
    assert _kept(place, 30, 5) == 5
