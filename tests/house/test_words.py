"""The French is whole: no sentence missing, guessed, or left out of the file."""

from scripts.translate import problems


def test_every_sentence_has_its_french():
    assert list(problems()) == []
