"""The French is whole: no sentence missing, guessed, or left out of the file."""

from pathlib import Path

from scripts.translate import problems


def test_every_sentence_has_its_french():
    assert list(problems()) == []


def test_another_language_is_spoken_in_one_way():
    """Babel alone would not tell `spoken_language`, by which sentences and badges are kept."""
    rooms = Path(__file__).parents[2] / "app"
    spoken = [str(file) for file in rooms.rglob("*.py") if "force_locale" in file.read_text()]
    assert spoken == [str(rooms / "web" / "i18n.py")]
