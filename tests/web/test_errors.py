"""Where refusals lead."""

from urllib.parse import parse_qs, urlsplit

import pytest

from tests.helpers import HTMX


@pytest.mark.parametrize(
    ("referrer", "back"),
    [
        ("http://127.0.0.1:8000/lieux/halle?vue=mois", "/lieux/halle?vue=mois"),
        ("http://127.0.0.1:8000/", "/"),
        ("http://127.0.0.1:8000", "/"),
        ("http://127.0.0.1:8000//evil.example", "/"),
        ("http://127.0.0.1:8000.evil.example/lieux", "/"),
        ("https://evil.example/lieux", "/"),
        ("http://[", "/"),
        (None, "/"),
    ],
)
def test_a_visitor_who_sends_a_form_comes_back_to_it_after_signing_in(client, referrer, back):
    headers = {"Referer": referrer} if referrer else {}
    answer = client.post("/compte/profil", headers=headers, base_url="http://127.0.0.1:8000")
    assert answer.status_code == 303
    assert parse_qs(urlsplit(answer.location).query)["next"] == [back]
    swapped = client.post("/compte/profil", headers=headers | HTMX, base_url="http://127.0.0.1:8000")
    assert parse_qs(urlsplit(swapped.headers["HX-Redirect"]).query)["next"] == [back]
