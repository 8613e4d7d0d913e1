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


HERE = "http://127.0.0.1:8000"


@pytest.fixture
def with_tokens(app):
    app.config["WTF_CSRF_ENABLED"] = True
    yield
    app.config["WTF_CSRF_ENABLED"] = False


@pytest.mark.parametrize(
    ("referrer", "more", "kept"),
    [
        (f"{HERE}/ressources/halle/demander", {}, True),
        ("https://evil.example/", {}, False),
        (None, {}, False),
        (f"{HERE}/connexion", {"password": "secret words"}, False),
    ],
)
def test_a_form_open_too_long_is_sent_again_with_one_click(client, with_tokens, referrer, more, kept):
    headers = {"Referer": referrer} if referrer else {}
    typed = {"purpose": "\nSoupe <b>", "jours": ["1", "2"], "csrf_token": "old"}
    answer = client.post(
        "/ressources/halle/demander?date=x", data=typed | more, headers=headers, base_url=HERE
    )
    page = answer.get_data(as_text=True)
    assert answer.status_code == 400
    assert ("Rien n’est perdu" in page) is kept
    assert ("Soupe &lt;b&gt;</textarea>" in page) is kept
    assert page.count('<textarea hidden name="jours">') == (2 if kept else 0)
    assert ('action="/ressources/halle/demander?date=x"' in page) is kept
    assert "secret words" not in page
    assert 'value="old"' not in page
