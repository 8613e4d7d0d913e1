"""The pure decisions of the first run."""

import re

import pytest

from app.installation import queries
from app.installation.errors import PlaceAmbiguous, PlaceUnknown
from app.installation.rules import Progress, choose_places, hash_code, is_code, new_code, steps_done


def test_a_code_is_easy_to_type_and_hard_to_guess():
    code = new_code()
    assert re.fullmatch(r"(?:[2-9A-Z]{4}-){3}[2-9A-Z]{4}", code)
    assert code != new_code()
    assert is_code(code, hash_code(code))
    assert is_code(f" {code.lower().replace('-', ' ')} ", hash_code(code))
    assert not is_code(code[:-1], hash_code(code))
    assert not is_code("", "")


@pytest.mark.parametrize(
    ("text", "label", "communes"),
    [
        ("Nort-sur-Erdre", "Nort-sur-Erdre (44110)", 1),
        ("nort sur erdre (44390)", None, 1),
        ("Erdre et Gesvres", None, 12),
        ("CC d'Erdre et Gesvres", None, 12),
    ],
)
def test_places_are_found_as_people_write_them(text, label, communes):
    (place,) = choose_places([text, "  "], queries.find_places)
    assert len(place.codes) == communes
    assert label is None or place.codes == ("44110",)


def test_places_that_are_not_one():
    with pytest.raises(PlaceUnknown) as unknown:
        choose_places(["Nulle-Part-les-Oies"], queries.find_places)
    assert unknown.value.facts["text"] == "Nulle-Part-les-Oies"
    with pytest.raises(PlaceAmbiguous) as several:
        choose_places(["Nozay"], queries.find_places)
    assert "Nozay (44170)" in several.value.facts["choices"]
    (place,) = choose_places(["Nozay (44170)"], queries.find_places)
    assert place.codes == ("44113",)


def test_steps_are_done_one_by_one():
    assert not any(steps_done(Progress(missing_facts=("PUBLISHER",))).values())
    assert all(steps_done(Progress(1, 1, 1, 1, 1, (), has_mail=True)).values())
    assert [key for key, done in steps_done(Progress(sites=1)).items() if done] == ["place", "legal"]
