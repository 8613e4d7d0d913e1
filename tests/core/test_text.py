"""Texts without the letters that no database and no file takes."""

import pytest

from app.core.text import writable, writable_within


@pytest.mark.parametrize("letter", ["\0", "\x0b", "\x0c", "\x1f", "\x7f", "\ud800", "\uffff"])
def test_what_no_file_takes_is_dropped(letter):
    assert writable(f"Mairie{letter}X") == "MairieX"


def test_what_is_written_stays():
    text = "1 rue du Four\r\n\t44460 Fégréac – « Été » 😀\N{NO-BREAK SPACE}!"
    assert writable(text) == text


def test_what_was_sent_as_json_is_cleaned_as_deep_as_it_is():
    sent = {"note": "a\x0bb", "legs": [{"purpose": "\x01"}, 3, None, True], "\x0b": "x"}
    assert writable_within(sent) == {"note": "ab", "legs": [{"purpose": ""}, 3, None, True], "\x0b": "x"}
