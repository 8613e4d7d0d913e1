"""What the reader of opening hours accepts, how it writes it back, and how it refuses the rest."""

import random

import pytest

from app.availability.opening import BadOpeningHours, OpeningHours
from app.availability.opening.errors import CODES, FEATURES, MAX_LENGTH

CANONICAL = [
    ("Mo-Sa 7:00-22:00 ; ph off;", "Mo-Sa 07:00-22:00; PH off"),
    ("mo,tu,WE,fr 10:00 – 12:00", "Mo-We,Fr 10:00-12:00"),
    ("08:00-20:00", "Mo-Su 08:00-20:00"),
    ("Mo-Su 00:00-24:00", "24/7"),
    ("24/7; Dec 25 closed", "24/7; Dec 25 off"),
    ("Sa-Mo,We 10:00-12:00", "We,Sa-Mo 10:00-12:00"),
    ("Mo 14:00-18:00,08:00-12:00,11:00-13:00", "Mo 08:00-13:00,14:00-18:00"),
    ("Mo-Fr SH 10:00-12:00", "SH Mo-Fr 10:00-12:00"),
    ("SH Mo-Su 10:00-12:00", "SH 10:00-12:00"),
    ("PH,Mo-Fr 10:00-12:00", "Mo-Fr,PH 10:00-12:00"),
    ("Su,PH off", "Su,PH off"),
    ("Mo-Fr 08:00-12:00, We 14:00-18:00, Th off", "Mo-Fr 08:00-12:00, We 14:00-18:00; Th off"),
    ("Fr 22:00-26:00", "Fr 22:00-02:00"),
    ("Mo 10:00-06:00,01:00-12:00", "Mo 01:00-30:00"),
    ("Jul 1-Aug 31 off", "Jul-Aug off"),
    ("Nov-Feb Mo 10:00-12:00", "Nov-Feb Mo 10:00-12:00"),
    ("Feb 1-28 off", "Feb 1-28 off"),
    ("Dec 24,26-28 off", "Dec 24,Dec 26-28 off"),
    ("Dec 20-Jan 5 off", "Dec 20-Jan 5 off"),
    ("Dec 20-Dec 10 off", "Dec 20-Dec 10 off"),
    ("2026 Dec 24,26 off", "2026 Dec 24,2026 Dec 26 off"),
    ("2026 Dec 30-Jan 2 off", "2026 Dec 30-2027 Jan 2 off"),
    ("2026 Nov-Feb off", "2026 Nov 1-2027 Feb 28 off"),
    ("2028 Feb off", "2028 Feb 1-29 off"),
    ("off", "off"),
    ("; ;Mo 10:00-12:00;;", "Mo 10:00-12:00"),
]


@pytest.mark.parametrize("text, canonical", CANONICAL)
def test_writes_canonical_text(text, canonical):
    hours = OpeningHours.parse(text)
    assert str(hours) == canonical
    assert OpeningHours.parse(canonical) == hours


def test_equal_texts_give_the_same_object():
    assert OpeningHours.parse("Mo 10:00-12:00") is OpeningHours.parse("Mo 10:00-12:00")


@pytest.mark.parametrize(
    "text, public, school",
    [
        ("Mo 10:00-12:00", False, False),
        ("Mo 10:00-12:00; PH off", True, False),
        ("SH Mo 10:00-12:00", False, True),
    ],
)
def test_tells_which_holidays_matter(text, public, school):
    hours = OpeningHours.parse(text)
    assert (hours.uses_public_holidays, hours.uses_school_holidays) == (public, school)


REFUSED = [
    ("", "empty", 0, ""),
    (" ; \n", "empty", 0, ""),
    ("Lundi 10:00-12:00", "unknown_word", 0, "Lundi"),
    ("Mo 10:00-12:00; fériés off", "unknown_word", 16, "fériés"),
    ("Mo-Fr", "missing_hours", 0, "Mo-Fr"),
    ("Mo 08:00-12:00; Jul-Aug; PH off", "missing_hours", 16, "Jul-Aug"),
    ("Mo-Fr 8-18", "bad_time", 6, "8"),
    ("Mo 25:00-26:00", "bad_time", 3, "25:00"),
    ("Mo 24:00-26:00", "bad_time", 3, "24:00"),
    ("Mo 08:60-12:00", "bad_time", 3, "08:60"),
    ("Mo 08:00-48:01", "bad_time", 9, "48:01"),
    ("Mo 8h30-12h", "bad_time", 3, "8h30"),
    ("Mo 08:00", "incomplete_range", 3, "08:00"),
    ("Mo 08:00-", "incomplete_range", 3, "08:00-"),
    ("Mo 08:00-08:00", "empty_range", 3, "08:00-08:00"),
    ("Feb 30 off", "bad_date", 0, "Feb 30"),
    ("2026 Feb 29 off", "bad_date", 5, "Feb 29"),
    ("Dec 24,32 off", "bad_date", 7, "32"),
    ("Dec 0 off", "bad_date", 0, "Dec 0"),
    ("1850 Dec 24 off", "bad_date", 0, "1850"),
    ("Dec 20-10 off", "backwards", 0, "Dec 20-10"),
    ("2026 Dec 24-2025 Jan 1 off", "backwards", 0, "2026 Dec 24-2025 Jan 1"),
    ("Jul 15-Aug off", "incomplete_date", 0, "Jul 15-Aug"),
    ("Jul-Aug 15 off", "incomplete_date", 0, "Jul-Aug 15"),
    ("Dec 24-2027 Jan 3 off", "incomplete_date", 0, "Dec 24-2027 Jan 3"),
    ("Mo 08:00-12:00; 14:00-18:00", "missing_days", 16, "14:00-18:00"),
    ("Mo 08:00-12:00; 24/7", "missing_days", 16, "24/7"),
    ("08:00-12:00 Mo", "misplaced_days", 12, "Mo"),
    ("Mo 12:00-14:00 off", "hours_with_off", 3, "12:00-14:00 off"),
    ("PH,SH Mo-Fr 10:00-12:00", "ambiguous_days", 0, "PH,SH Mo-Fr"),
    ("SH Mo-Fr,PH 10:00-12:00", "ambiguous_days", 0, "SH Mo-Fr,PH"),
    ("SH Mo PH 10:00-12:00", "ambiguous_days", 0, "SH Mo PH"),
    ("Mo-Fr, 10:00-12:00", "unexpected", 7, "10:00"),
    ("Mo-10:00", "unexpected", 3, "10:00"),
    ("Mo off off", "unexpected", 7, "off"),
    ("Mo 10:00-12:00,", "unexpected", 14, ","),
    ("2026 Dec 24-2027 off", "unsupported", 12, "2027"),
    ("Mo €", "unexpected", 3, "€"),
]


@pytest.mark.parametrize("text, code, position, fragment", REFUSED)
def test_refuses_and_points_at_the_piece(text, code, position, fragment):
    with pytest.raises(BadOpeningHours) as refused:
        OpeningHours.parse(text)
    error = refused.value
    assert (error.code, error.position, error.fragment) == (code, position, fragment)
    assert error.code in CODES
    assert error.facts["text"] == text


UNSUPPORTED = [
    ("week 1-10 Mo 10:00-12:00", "week"),
    ("easter off", "easter"),
    ("sunrise-sunset", "sun"),
    ("Mo (sunrise+01:00)-12:00", "sun"),
    ("open", "state"),
    ("2026 Mo 10:00-12:00", "year"),
    ("2026-2028 Jul off", "year"),
    ("Mo[1] 10:00-12:00", "nth_weekday"),
    ("Mo 17:00+", "open_end"),
    ("PH +1 day off", "day_offset"),
    ('Mo 10:00-12:00 "sur rendez-vous"', "comment"),
    ("Mo 10:00-12:00 || off", "fallback"),
]


@pytest.mark.parametrize("text, feature", UNSUPPORTED)
def test_names_the_osm_feature_it_leaves_out(text, feature):
    with pytest.raises(BadOpeningHours) as refused:
        OpeningHours.parse(text)
    assert (refused.value.code, refused.value.feature) == ("unsupported", feature)
    assert feature in FEATURES


@pytest.mark.parametrize(
    "text, suggestion",
    [
        ("mardi 10:00-12:00", "Tu"),
        ("Mon 10:00-12:00", "Mo"),
        ("août off", "Aug"),
        ("vacances 10:00-12:00", "SH"),
        ("Mo fermé", "off"),
        ("Mo 8h30-12:00", "08:30"),
        ("Mo 8-18", "08:00"),
        ("Mo 8.15-18:00", "08:15"),
        ("Mo 99h-100h", None),
        ("bidule", None),
    ],
)
def test_suggests_what_to_write(text, suggestion):
    with pytest.raises(BadOpeningHours) as refused:
        OpeningHours.parse(text)
    assert refused.value.suggestion == suggestion


def test_refuses_a_text_of_unreasonable_length():
    with pytest.raises(BadOpeningHours) as refused:
        OpeningHours.parse("Mo 10:00-12:00;" * (MAX_LENGTH // 10))
    assert refused.value.code == "too_long"


def test_tells_what_it_expected():
    with pytest.raises(BadOpeningHours) as refused:
        OpeningHours.parse("Mo Feb")
    assert refused.value.expected == ("hours", "off")


PIECES = [
    "Mo",
    "Tu-We",
    "Fr-Mo",
    "PH",
    "SH",
    "off",
    "24/7",
    "Jul",
    "Aug-Oct",
    "Dec",
    "24",
    "2026",
    "31",
    "-",
    ",",
    ";",
    ":",
    "08:00",
    "12:00",
    "22:00-06:00",
    "24:00",
    "+",
    "[1]",
    "lundi",
    "8h",
]


def _outcome(text: str) -> str:
    """What becomes of a text; the fragment of a refusal must be a piece of it."""
    try:
        hours = OpeningHours.parse(text)
    except BadOpeningHours as refused:
        return refused.code if refused.fragment.lower() in text.lower() else "fragment is not in the text"
    return "read" if OpeningHours.parse(str(hours)) == hours else "not written back faithfully"


def test_any_mixture_is_read_or_refused_with_a_known_code():
    dice = random.Random(20261019)
    joints = ["", " "]
    mixtures = [dice.choice(joints).join(dice.choices(PIECES, k=dice.randint(1, 8))) for _ in range(4000)]
    outcomes = {_outcome(text) for text in mixtures}
    assert outcomes <= CODES | {"read"}
    assert len(outcomes) > 10
