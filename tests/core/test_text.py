"""Texts without the letters that no database and no file takes."""

import pytest

from app.core.text import writable


@pytest.mark.parametrize("letter", ["\0", "\x0b", "\x0c", "\x1f", "\x7f", "\ud800", "\uffff"])
def test_what_no_file_takes_is_dropped(letter):
    assert writable(f"Mairie{letter}X") == "MairieX"


def test_what_is_written_stays():
    text = "1 rue du Four\r\n\t44460 Fégréac – « Été » 😀\N{NO-BREAK SPACE}!"
    assert writable(text) == text
