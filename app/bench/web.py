"""The rows over HTTP: a real server with two workers, closed-loop clients, and fifty races for one slot."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from urllib.parse import urlencode
from uuid import uuid4

from flask import current_app
from sqlalchemy import select

from app.accounts.models import Organisation
from app.accounts.service import create_token
from app.availability.queries import verdict
from app.bench.engine import PARIS, Scene
from app.bench.timing import Pace, Row, percentile
from app.calendars.audiences import Scope
from app.calendars.queries import get_subject
from app.calendars.service import subscribe
from app.catalogue.models import Resource
from app.core.span import Span
from app.infra.db import db
from config import ROOT, Config

CLIENTS = 8
RACERS, ROUNDS = 32, 50
BODIES = 6000
_PORT_WAIT_SECONDS = 120


@dataclass(frozen=True)
class Server:
    """A server under measure: how to reach it, and a personal token to write with."""

    port: int
    token: str

    def connect(self) -> http.client.HTTPConnection:
        """Open a connection that one client keeps."""
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)


Call = Callable[[http.client.HTTPConnection], int]
Figure = tuple[str, float, str]


@contextmanager
def running(token: str) -> Iterator[Server]:
    """Run the configured application in its usual server, two workers of four threads."""
    config: Config = current_app.config["MUTUALIM"]
    port = _free_port()
    environ = os.environ | {
        "PORT": str(port), "BASE_URL": f"http://127.0.0.1:{port}", "WORKERS": "2", "THREADS": "4",
        "EMBEDDED_WORKER": "0", "DATABASE_URL": config.database_url, "LOG_LEVEL": "WARNING",
    }  # fmt: skip
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "serve"]
    process = subprocess.Popen(command, cwd=ROOT, env=environ, stdout=subprocess.DEVNULL)  # noqa: S603  # our own
    try:
        _wait(port)
        yield Server(port, token)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)


def rows(targets: dict[str, float], pace: Pace, seconds: float = 5) -> list[Row]:
    """Measure the pages, the feed and the bookings of the configured database over HTTP."""
    scene = Scene.found()
    token = create_token(scene.actor, "bench")
    organisation = db.session.get_one(Organisation, scene.organisation)
    subject = get_subject(Scope.ORGANISATION, organisation.public_id)
    feed = subscribe(scene.actor, subject).secret
    calls, races = _calls(scene, organisation, token), _race_bodies(scene, organisation.public_id)
    db.session.rollback()
    with running(token) as server:
        measures: list[Callable[[], list[Figure]]] = [
            lambda: _feed_rows(server, feed),  # first: the bookings made below would be events of it
            *(partial(_measured, server, name, call, seconds) for name, call in calls.items()),
            lambda: [_double_bookings(server, races)],
        ]
        found = [pace.around(measure) for measure in measures]
    return [
        Row(name, value, unit, None, targets.get(name), slow)
        for figures, slow in found
        for name, value, unit in figures
    ]


def _calls(scene: Scene, organisation: Organisation, token: str) -> dict[str, Call]:
    span = scene.window().span
    start, end = span.walls(PARIS)
    asked = {"date": start.date().isoformat(), "de": f"{start:%H:%M}", "a": f"{end:%H:%M}"}
    slug = db.session.scalars(select(Resource.slug).filter_by(id=scene.resources[0])).one()
    bodies = iter(_free_bodies(scene, organisation.public_id))
    lock = threading.Lock()

    def create(connection: http.client.HTTPConnection) -> int:
        with lock:
            body = next(bodies)
        return _post(connection, token, body)

    return {
        "search a free window": lambda c: _get(c, f"/ressources?{urlencode(asked)}"),
        "one resource, one week": lambda c: _get(c, f"/ressources/{slug}"),
        "create a booking": create,
    }


def _free_bodies(scene: Scene, organisation: str) -> list[bytes]:
    """Write the bodies of requests for slots that are free, each for another slot."""
    public_ids = dict(db.session.execute(select(Resource.id, Resource.public_id)).tuples().all())
    return [_body(public_ids[wish.resource_id], organisation, wish.span) for wish in scene.free(BODIES)]


def _race_bodies(scene: Scene, organisation: str) -> list[bytes]:
    """Write one request per round: a free slot of a resource that only one can have."""
    alone = dict(
        db.session.execute(select(Resource.id, Resource.public_id).filter_by(capacity=1)).tuples().all()
    )
    found: list[bytes] = []
    while len(found) < ROUNDS:
        wish = scene.wish()
        if wish.resource_id in alone and not verdict(wish):
            found.append(_body(alone[wish.resource_id], organisation, wish.span))
    return found


def _body(resource: str, organisation: str, span: Span) -> bytes:
    start, end = (at.astimezone(PARIS).isoformat() for at in (span.start, span.end))
    facts = {"resource": resource, "organisation": organisation, "start": start, "end": end, "quantity": 1}
    return json.dumps(facts | {"purpose": "Mesure"}).encode()


def _get(connection: http.client.HTTPConnection, path: str, **headers: str) -> int:
    connection.request("GET", path, headers=headers)
    answer = connection.getresponse()
    answer.read()
    return answer.status


def _post(connection: http.client.HTTPConnection, token: str, body: bytes) -> int:
    headers = {
        "Authorization": f"Bearer {token}", "Content-Type": "application/json", "Idempotency-Key": uuid4().hex,
    }  # fmt: skip
    connection.request("POST", "/api/v1/bookings", body, headers)
    answer = connection.getresponse()
    answer.read()
    return answer.status


def _measured(server: Server, name: str, call: Call, seconds: float) -> list[Figure]:
    """Give the median of one client alone, and how many eight clients get answered in a second."""
    alone = _loop(server, call, seconds)
    with ThreadPoolExecutor(CLIENTS) as clients:
        start = time.perf_counter()
        together = list(clients.map(lambda _n: _loop(server, call, seconds), range(CLIENTS)))
        spent = time.perf_counter() - start
    return [
        (f"{name}, p50 of one client", percentile(alone, 50), "ms"),
        (f"{name}, {CLIENTS} clients", sum(map(len, together)) / spent, "/s"),
    ]


def _loop(server: Server, call: Call, seconds: float) -> list[float]:
    """Call again as soon as answered, for some seconds; the times in milliseconds."""
    connection, times = server.connect(), []
    until = time.perf_counter() + seconds
    while time.perf_counter() < until:
        start = time.perf_counter()
        status = call(connection)
        times.append((time.perf_counter() - start) * 1000)
        if status >= HTTPStatus.BAD_REQUEST:
            raise RuntimeError(f"the server answered {status}")
    connection.close()
    return times


def _feed_rows(server: Server, secret: str) -> list[Figure]:
    """Time a feed of a thousand events: written for the first time, then asked again with what it said."""
    connection, path = server.connect(), f"/agendas/{secret}.ics"
    start = time.perf_counter()
    connection.request("GET", path)
    answer = connection.getresponse()
    size, tag = len(answer.read()), answer.headers["ETag"]
    cold = (time.perf_counter() - start) * 1000
    if answer.status != HTTPStatus.OK or not size:
        raise RuntimeError(f"the feed answered {answer.status}")
    whole = percentile([_timed(lambda: _get(connection, path)) for _ in range(50)], 50)
    known = {"If-None-Match": tag}
    unchanged = percentile([_timed(lambda: _get(connection, path, **known)) for _ in range(200)], 50)
    return [
        ("feed of 1,000 events, cold, over HTTP", cold, "ms"),
        ("feed of 1,000 events, whole, over HTTP", whole, "ms"),
        ("feed of 1,000 events, unchanged, over HTTP", unchanged, "ms"),
    ]


def _timed(act: Callable[[], object]) -> float:
    start = time.perf_counter()
    act()
    return (time.perf_counter() - start) * 1000


def _double_bookings(server: Server, bodies: list[bytes]) -> Figure:
    """Let many clients ask for the same slot at once, round after round; count the rounds that promised it twice."""
    doubled = 0
    with ThreadPoolExecutor(RACERS) as racers:
        for body in bodies:
            answers = Counter(
                racers.map(lambda _n, b=body: _post(server.connect(), server.token, b), range(RACERS))
            )
            if set(answers) - {201, 409} or answers[201] < 1:
                raise RuntimeError(f"a race was answered {dict(answers)}")
            doubled += answers[201] > 1
    return f"double bookings in {ROUNDS} races of {RACERS}", float(doubled), "rounds"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(port: int) -> None:
    until = time.monotonic() + _PORT_WAIT_SECONDS
    while time.monotonic() < until:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise TimeoutError("the server did not start")
