"""A real server on a port of its own, a real Chromium; a page that complains in its console fails its test."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, Response, expect, sync_playwright

from app.infra import mail
from config import ROOT
from tests.browser.town import Person, Town
from tests.databases import Databases, open_databases

FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
]  # fmt: skip
# Milliseconds: two processes of a run share the machine, and a page may wait for the other's.
PATIENCE = 20_000
expect.set_options(timeout=PATIENCE // 2)
# What the browser logs about an answer that the application meant: a refusal in words.
# And what htmx says when a newer request of the same form takes the place of one under way (`hx-sync="this:replace"`).
_MEANT = (
    *(f"status of {status}" for status in (400, 401, 403, 404, 409, 410, 413, 422, 429)),
    "htmx:afterRequest",
    "htmx:sendAbort",
)


@dataclass(frozen=True, slots=True)
class Server:
    """A running installation: its address, its mail folder and its environment (for commands)."""

    url: str
    data_dir: Path
    environ: dict[str, str]

    def command(self, *words: str) -> str:
        """Run a `flask` command on this installation and give what it prints."""
        line = [sys.executable, "-m", "flask", "--app", "wsgi", *words]
        done = subprocess.run(line, cwd=ROOT, env=self.environ, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def letters(self, to: str | None = None) -> list[mail.Kept]:
        """Read the e-mails that left, newest first."""
        return [letter for letter in mail.kept(self.data_dir / "mail") if to is None or to in letter.to]

    def wait_for_letter(
        self, to: str, subject: str = "", seconds: float = 15, after: int = 0, text: str = ""
    ) -> mail.Kept:
        """Wait until more than `after` e-mails to `to` with this in subject and text are there; give the newest."""
        end = time.monotonic() + seconds
        while True:
            found = [each for each in self.letters(to) if subject in each.subject and text in each.text]
            if len(found) > after:
                return found[0]
            assert time.monotonic() < end, f"no e-mail to {to} with {subject or text!r}: {self.letters()}"
            time.sleep(0.1)


def free_port() -> int:
    """Find a port on the loopback address that nobody listens on, nor will: each process of a run has its own numbers.

    Between finding a port and listening on it passes a second, in which another process could find the same. The last
    bit says nothing: some systems hand out ports of one parity.
    """
    processes = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    own = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port: int = probe.getsockname()[1]
        if port // 2 % processes == own:
            return port


def chromium() -> str:
    """Find the browser, or say how to get it."""
    names = (os.environ.get("CHROMIUM", ""), "chromium", "chromium-browser", "google-chrome")
    path = next((found for name in names if name and (found := shutil.which(name))), None)
    if path is None:
        pytest.fail("Chromium is missing: run `make chromium`, or apt install chromium")
    return path


def start_server(url: str, data_dir: Path, *, workers: int = 1) -> tuple[Server, "subprocess.Popen[bytes]"]:
    """Start granian on this database, its job worker inside, and wait until it answers."""
    port = free_port()
    environ = {
        **os.environ,
        "MUTUALIM_ENV": "development",
        "DATABASE_URL": url,
        "DATA_DIR": str(data_dir),
        "HOST": "127.0.0.1",
        "PORT": str(port),
        "WORKERS": str(workers),
        "LOG_LEVEL": "WARNING",
        "STRIPE_SIMULATION": "1",
        "BASE_URL": f"http://127.0.0.1:{port}",
    }
    server = Server(f"http://127.0.0.1:{port}", data_dir, environ)
    process = subprocess.Popen(
        [sys.executable, "-m", "flask", "--app", "wsgi", "serve"],
        cwd=ROOT,
        env=environ,
        start_new_session=True,
    )
    end = time.monotonic() + 90  # two starts of Python, on a machine that does other things
    while process.poll() is None and time.monotonic() < end:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return server, process
        time.sleep(0.1)
    stop_server(process)
    raise RuntimeError("the server did not start")


def stop_server(process: "subprocess.Popen[bytes]") -> None:
    """Ask the server to leave; insist after a while."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(5)


@pytest.fixture(scope="session")
def databases() -> Iterator[Databases]:
    opened = open_databases()
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def server(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with the demo territory, shared by the tests of this process: each takes its own people and days."""
    url, data_dir = databases.new(), tmp_path_factory.mktemp("server")
    running, process = start_server(url, data_dir)
    try:
        running.command("demo", "load")
        yield running
    finally:
        stop_server(process)
        databases.drop(url)


@pytest.fixture
def empty_server(databases: Databases, tmp_path: Path) -> Iterator[Server]:
    """A server of the test's own, with nothing in it: the first run."""
    url = databases.new()
    running, process = start_server(url, tmp_path)
    try:
        yield running
    finally:
        stop_server(process)
        databases.drop(url)


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    opened = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def town(server: Server, playwright: Playwright) -> Iterator[Town]:
    """The people of the demo on that server, signed in, and its free days."""
    opened = Town(server, playwright)
    yield opened
    opened.close()


class Visitors:
    """Opens windows of separate people, and remembers what their consoles complained about."""

    def __init__(self, browser: Browser) -> None:
        self.browser = browser
        self.complaints: list[str] = []
        self.contexts: list[BrowserContext] = []

    def new(
        self,
        *,
        javascript: bool = True,
        width: int = 1280,
        height: int = 900,
        who: Person | None = None,
        locale: str = "fr-FR",
    ) -> Page:
        """Open the window of another person; `who` (of the town) is signed in already."""
        context = self.browser.new_context(
            java_script_enabled=javascript,
            locale=locale,
            storage_state=who.cookies() if who else None,
            timezone_id="Europe/Paris",
            viewport={"width": width, "height": height},
            reduced_motion="reduce",
        )
        context.set_default_timeout(PATIENCE)
        self.contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: self._note(message.type, message.text))
        page.on("pageerror", lambda error: self._note("error", str(error)))
        page.on("response", self._look_at)
        return page

    def _look_at(self, answer: Response) -> None:
        missing = answer.status == 404 and answer.request.resource_type != "document"
        if missing or answer.status >= 500:
            self._note("error", f"{answer.status} {answer.url}")

    def _note(self, kind: str, text: str) -> None:
        if kind in ("error", "warning") and not any(meant in text for meant in _MEANT):
            self.complaints.append(f"{kind}: {text}")

    def close(self) -> None:
        for context in self.contexts:
            context.close()


@pytest.fixture
def visitors(browser: Browser) -> Iterator[Visitors]:
    """Windows for several people: `visitors.new()`, `visitors.new(javascript=False, width=390)`."""
    opened = Visitors(browser)
    yield opened
    opened.close()
    assert opened.complaints == []


@pytest.fixture
def page(visitors: Visitors) -> Page:
    """One window with JavaScript."""
    return visitors.new()


@pytest.fixture
def page_nojs(visitors: Visitors) -> Page:
    """One window without JavaScript."""
    return visitors.new(javascript=False)
