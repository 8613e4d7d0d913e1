"""Answers travel compressed when the browser takes them so, and stay what they are."""

import gzip

import pytest

from app.web.static import static_url


@pytest.fixture
def stylesheet(app):
    with app.app_context():
        return static_url("app.css")


def test_a_static_file_is_compressed_and_kept_for_a_year(app, stylesheet):
    client = app.test_client()
    with (
        client.get(stylesheet) as plain,
        client.get(stylesheet, headers={"Accept-Encoding": "gzip"}) as packed,
    ):
        assert packed.headers["Content-Encoding"] == "gzip"
        assert gzip.decompress(packed.data) == plain.data
        assert "immutable" in packed.headers["Cache-Control"]
        assert "Accept-Encoding" in packed.headers["Vary"]


def test_a_wrong_hash_is_served_but_not_kept(app, stylesheet):
    digest = stylesheet.split("/")[2]
    with app.test_client().get(stylesheet.replace(digest, "0000000000")) as answer:
        assert answer.status_code == 200
        assert "immutable" not in answer.headers.get("Cache-Control", "")


def test_small_answers_and_foreign_paths_are_left_alone(app, session):
    client = app.test_client()
    small = client.get("/sante", headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in small.headers
    assert client.get("/static/0/../../config.py").status_code == 404
