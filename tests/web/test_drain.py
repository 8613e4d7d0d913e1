"""A refusal waits until everything has been sent, within bounds."""

from io import BytesIO

import pytest
from werkzeug.test import EnvironBuilder

from app.web.drain import MOST_READ, Drained


class Sent(BytesIO):
    """A body; tells how far it was read."""

    @property
    def read_to(self) -> int:
        return self.tell()


def answered(inner, body: bytes, length: int | None = None) -> Sent:
    environ, sent = EnvironBuilder(method="POST").get_environ(), Sent(body)
    environ |= {"CONTENT_LENGTH": str(len(body) if length is None else length), "wsgi.input": sent}
    assert Drained(inner)(environ, lambda *_args: None) == [b"done"]
    return sent


def refuses(_environ, _start):
    return [b"done"]


def reads_some(environ, _start):
    stream = environ["wsgi.input"]
    assert stream.readline() == b"a\n"
    assert next(iter(stream)) == b"b\n"
    assert stream.read(2) == b"cc"
    return [b"done"]


@pytest.mark.parametrize("inner", [refuses, reads_some])
def test_what_the_application_left_is_read(inner):
    body = b"a\nb\n" + b"c" * 200_000
    assert answered(inner, body).read_to == len(body)
    assert answered(inner, body + b"next request", len(body)).read_to == len(body)


def test_a_sender_who_hangs_up_keeps_nobody():
    assert answered(refuses, b"abc", 1000).read_to == 3


@pytest.mark.parametrize("length", [MOST_READ + 1, 0])
def test_too_much_or_nothing_is_not_read(length):
    assert answered(refuses, b"abc", length).read_to == 0


@pytest.mark.parametrize("size", [600_000, 10_000_000])
def test_a_long_form_is_refused_in_words(client, size):
    refused = client.post("/connexion", data={"email": "a" * size})
    assert refused.status_code == 413
    assert "trop volumineux" in refused.text
