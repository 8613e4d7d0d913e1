"""What is too large is refused in words by the real server, not by a connection that breaks."""

import socket
import time
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from tests.browser.town import PREP

WORDS = "Ce que vous avez envoyé est trop volumineux"


def test_a_photo_beyond_measure_ends_in_words(server, town, visitors, tmp_path):
    photo = tmp_path / "film.jpg"
    photo.write_bytes(b"\xff\xd8" + bytes(40_000_000))
    page = visitors.new(who=town.person("pole"))
    page.goto(f"{server.url}/ressources/{PREP}/photos")
    page.locator("input[name=file]").set_input_files(photo)
    page.locator("input[name=file]").evaluate("input => input.form.submit()")
    expect(page.locator("main")).to_contain_text(WORDS, timeout=30_000)


def test_a_form_beyond_measure_ends_in_words(server, town, visitors):
    page = visitors.new(who=town.person("pole"))
    page.goto(f"{server.url}/compte")
    page.locator("input[name=name]").evaluate(
        "input => { input.removeAttribute('maxlength'); input.value = 'a'.repeat(1e7); input.form.submit() }"
    )
    expect(page.locator("main")).to_contain_text(WORDS, timeout=30_000)


@pytest.mark.parametrize("size", [600_000, 3_000_000])
def test_who_sends_slowly_and_reads_afterwards_reads_the_refusal(server, size):
    host, port = urlsplit(server.url).hostname, urlsplit(server.url).port
    with socket.create_connection((host, port), timeout=30) as line:
        head = f"POST /connexion HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: close\r\nContent-Length: {size}\r\n"
        line.sendall(f"{head}Content-Type: application/x-www-form-urlencoded\r\n\r\n".encode())
        for start in range(0, size, 50_000):
            line.sendall(b"a" * min(50_000, size - start))
            time.sleep(0.01)
        answer = b"".join(iter(lambda: line.recv(65_536), b""))
    assert answer.startswith(b"HTTP/1.1 413")
    assert WORDS in answer.decode()
