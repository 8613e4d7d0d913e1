"""The French is whole: no sentence missing, guessed, or left out of the file."""

import re
from pathlib import Path

import pytest

from scripts.translate import french, problems


def test_every_sentence_has_its_french():
    assert list(problems()) == []


def test_another_language_is_spoken_in_one_way():
    """Babel alone would not tell `spoken_language`, by which sentences and badges are kept."""
    rooms = Path(__file__).parents[2] / "app"
    spoken = [str(file) for file in rooms.rglob("*.py") if "force_locale" in file.read_text()]
    assert spoken == [str(rooms / "web" / "i18n.py")]


# Placeholders that stand for names people gave: "Épicerie solidaire", "Les Glaneurs", "Le Pôle", "L’Atelier", "Hôpital".
NAMES = "name|names|organisation|owner|resource|site|place|person|people|giver|deputy|author|reader|before|after|follows"
TO_ELIDE = re.compile(
    rf"(?i)(?<!\w)(?:(?:de|du|à|au|que) |d’|qu’)%\((?:{NAMES})\)s|(?<!\w)(?:de|que) %\(email\)s"
)


def test_no_french_sentence_puts_a_name_where_a_word_before_it_would_have_to_change():
    """Neither "de Les Glaneurs" nor "à Le Pôle" nor "de Épicerie": such a sentence is turned round, or quotes the name."""
    texts = [
        text
        for message in french()
        if message.id
        for text in (message.string if isinstance(message.string, (tuple, list)) else (message.string,))
    ]
    assert [text for text in texts if TO_ELIDE.search(text or "")] == []


@pytest.mark.parametrize(
    ("text", "is_wrong"),
    [
        ("Membres de %(name)s", True),
        ("Ce qui se partage à %(place)s", True),
        ("Confirmez que %(email)s est votre adresse", True),
        ("Membres : %(name)s", False),
        ("Les responsables de « %(organisation)s »", False),
        ("Nous avons écrit à %(email)s", False),
        ("Encore %(num)s jours pour répondre à votre demande", False),
    ],
)
def test_what_would_have_to_change_is_found(text, is_wrong):
    assert bool(TO_ELIDE.search(text)) is is_wrong
