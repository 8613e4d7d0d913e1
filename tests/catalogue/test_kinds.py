"""The kinds as data: what their files may say, and how facts are checked, filtered, shown and described."""

import tomllib
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from app.catalogue import kinds
from app.catalogue.kinds import KINDS, BadKind, find_kind, get_kind, make_labels, units, words
from app.catalogue.kinds.loader import load_kind, read_toml
from app.catalogue.models import Mode, OpeningMode
from app.core.errors import NotFound
from app.web.words import has_words

FOLDER = Path(kinds.__file__).parent
ROOT = FOLDER.parents[2]
KITCHEN = get_kind("kitchen")
STORAGE = get_kind("storage")


def codes(errors) -> dict[str, str]:
    return {key: error.code for key, error in errors.items()}


def test_the_six_kinds_are_there():
    assert list(KINDS) == ["kitchen", "storage", "equipment", "vehicle", "land", "room"]
    assert find_kind("boat") is None
    with pytest.raises(NotFound):
        get_kind("boat")


@pytest.mark.parametrize(
    "kind,facts",
    [
        (
            "kitchen",
            "area workstations meals_per_day throughput power blast_chiller ovens hobs kettle forward_flow step_free",
        ),
        ("kitchen", "allergen_zones declaration max_people"),
        ("storage", "regime target warn alarm max_kg_per_unit dock forklift reading_every step_free"),
        ("equipment", "serials contents power training_required deposit last_check"),
        (
            "vehicle",
            "payload volume pallets seats licence atp_class atp_expiry price_per_km odometer",
        ),
        ("land", "area cadastral_ref water soil_analysis tenure season notice_months certification"),
        ("room", "area seats erp_type erp_category max_people layouts step_free"),
    ],
)
def test_a_kind_has_the_facts_of_its_trade(kind, facts):
    assert set(facts.split()) <= {fact.key for fact in get_kind(kind).facts}


@pytest.mark.parametrize("kind", KINDS.values(), ids=list(KINDS))
def test_a_kind_fits_the_tables_and_the_pictures(kind):
    assert set(kind.modes) <= {mode.value for mode in Mode}
    assert kind.defaults.opening_mode in {mode.value for mode in OpeningMode}
    assert all(len(unit) <= 40 for unit in kind.units)
    sprite = (ROOT / "static/icons.svg").read_text("utf-8")
    assert f'id="i-{kind.icon}"' in sprite
    for subtype in ["", *(s.key for s in kind.subtypes)]:
        assert (ROOT / f"static/illustrations/{kind.picture(subtype)}.svg").is_file()


@pytest.mark.parametrize(
    "raw,code",
    [
        ({"ovens": 4}, None),
        ({"ovens": 0}, None),
        ({"ovens": Decimal(4)}, None),
        ({"ovens": 4.0}, None),
        ({"ovens": "4"}, "fact_type"),
        ({"ovens": True}, "fact_type"),
        ({"ovens": 4.5}, "fact_type"),
        ({"ovens": [4]}, "fact_type"),
        ({"ovens": -1}, "fact_too_small"),
        ({"ovens": 51}, "fact_too_big"),
        ({"ovens": 10**400}, "fact_too_big"),
        ({"power": float("nan")}, "fact_type"),
        ({"power": float("inf")}, "fact_type"),
        ({"power": Decimal("sNaN")}, "fact_type"),
        ({"power": Decimal("1e999")}, "fact_too_big"),
        ({"power": 9.5}, None),
        ({"forward_flow": True}, None),
        ({"forward_flow": 1}, "fact_type"),
        ({"forward_flow": "yes"}, "fact_type"),
        ({"allergen_zones": ["nuts", "gluten", "nuts"]}, None),
        ({"allergen_zones": ["moon"]}, "fact_choice"),
        ({"allergen_zones": "nuts"}, "fact_type"),
        ({"allergen_zones": [["nuts"]]}, "fact_type"),
        ({"declaration": "x" * 80}, None),
        ({"declaration": "x" * 81}, "fact_too_long"),
        ({"declaration": "a\x00b"}, "fact_type"),
        ({"declaration": 7}, "fact_type"),
        ({"moon": 1}, "fact_unknown"),
        ({"ovens": None, "declaration": "", "allergen_zones": []}, None),
    ],
)
def test_facts_are_checked_strictly(raw, code):
    facts, errors = KITCHEN.parse(raw)
    assert set(codes(errors).values()) == ({code} if code else set())
    assert not set(facts) & set(errors)


def test_facts_are_kept_in_the_order_of_the_kind_as_json_values():
    facts, errors = KITCHEN.parse(
        {
            "declaration": "  44-12 ",
            "allergen_zones": ("nuts", "gluten"),
            "area": Decimal("80.12345"),
            "ovens": 2,
        }
    )
    assert not errors
    assert list(facts.items()) == [
        ("area", 80.123),
        ("ovens", 2),
        ("allergen_zones", ["gluten", "nuts"]),
        ("declaration", "44-12"),
    ]


@pytest.mark.parametrize("raw", ["2027-03-31", date(2027, 3, 31)])
def test_dates_are_kept_as_iso(raw):
    facts, errors = get_kind("vehicle").parse({"atp_expiry": raw})
    assert (facts["atp_expiry"], errors) == ("2027-03-31", {})


@pytest.mark.parametrize("raw", ["31/03/2027", "2027-02-30", 20270331, "soon"])
def test_what_is_no_date_is_refused(raw):
    assert codes(get_kind("vehicle").parse({"atp_expiry": raw})[1]) == {"atp_expiry": "fact_type"}


def test_a_required_fact_must_be_said():
    assert codes(STORAGE.parse({})[1]) == {"regime": "fact_missing"}
    assert codes(STORAGE.parse({"regime": ""})[1]) == {"regime": "fact_missing"}


def test_an_alarm_is_never_below_its_warning():
    facts, errors = STORAGE.parse({"regime": "chilled", "target": 3, "warn": 5, "alarm": 4})
    assert codes(errors) == {"alarm": "fact_below"}
    assert errors["alarm"].facts["min"] == 5
    assert "alarm" not in facts


@pytest.mark.parametrize(
    "kind,chosen,facts,subtype",
    [
        ("storage", "frozen", {"regime": "cellar"}, "cellar"),
        ("storage", "frozen", {}, "chilled"),
        ("kitchen", "cannery", {}, "cannery"),
        ("kitchen", "boat", {}, "shared_kitchen"),
        ("kitchen", "", {}, "shared_kitchen"),
    ],
)
def test_the_subtype_follows_the_facts_where_they_decide_it(kind, chosen, facts, subtype):
    assert get_kind(kind).settle_subtype(chosen, facts) == subtype


def test_only_what_is_worth_telling_is_shown():
    facts = {
        "area": 80.0,
        "ovens": 2,
        "forward_flow": False,
        "step_free": False,
        "declaration": "44-12",
        "old": 1,
    }
    assert [fact.key for fact, _ in KITCHEN.display(facts)] == ["area", "ovens", "step_free"]
    assert "declaration" in {fact.key for fact, _ in KITCHEN.display(facts, public=False)}
    assert [group.key for group, _ in KITCHEN.display_groups(facts)] == ["size", "equipment", "access"]


@pytest.mark.parametrize(
    "kind,wish,facts,accepted",
    [
        ("kitchen", {"meals_per_day": 200}, {"meals_per_day": 200}, True),
        ("kitchen", {"meals_per_day": 200}, {"meals_per_day": 199}, False),
        ("kitchen", {"meals_per_day": 200}, {}, False),
        ("kitchen", {"step_free": True}, {"step_free": True}, True),
        ("kitchen", {"step_free": True}, {"step_free": False}, False),
        ("storage", {"regime": "frozen"}, {"regime": "frozen"}, True),
        ("storage", {"regime": "frozen"}, {"regime": "chilled"}, False),
        ("room", {"layouts": "banquet"}, {"layouts": ["meeting", "banquet"]}, True),
        ("room", {"layouts": "banquet"}, {"layouts": ["meeting"]}, False),
    ],
)
def test_a_wish_accepts_what_fulfils_it(kind, wish, facts, accepted):
    (found,), errors = get_kind(kind).read_filters(wish)
    assert not errors
    assert found.accepts(facts) is accepted


def test_empty_wishes_are_none_and_impossible_ones_are_refused():
    assert KITCHEN.read_filters({"step_free": False, "meals_per_day": None, "ovens": "", "moon": 3}) == (
        [],
        {},
    )
    wishes, errors = STORAGE.read_filters({"regime": "lukewarm", "dock": True})
    assert [wish.fact.key for wish in wishes] == ["dock"]
    assert codes(errors) == {"regime": "fact_choice"}


def test_no_private_fact_can_be_searched():
    assert all(fact.public for kind in KINDS.values() for fact in kind.filters)


@pytest.mark.parametrize("kind", KINDS.values(), ids=list(KINDS))
def test_the_schema_says_what_parse_accepts(kind):
    schema = kind.json_schema()
    assert schema["$schema"].endswith("2020-12/schema")
    assert list(schema["properties"]) == [fact.key for fact in kind.facts]
    assert schema["required"] == [fact.key for fact in kind.facts if fact.required]
    assert schema["additionalProperties"] is False


def test_the_schema_of_a_fact_holds_its_bounds_and_choices():
    properties = STORAGE.json_schema()["properties"]
    assert properties["target"] == {
        "title": "Target temperature",
        "type": "number",
        "minimum": -45,
        "maximum": 30,
        "description": "Unit: celsius.",
    }
    assert properties["regime"]["enum"] == ["chilled", "frozen", "ambient", "cellar", "produce"]
    assert "Unit: cents." in get_kind("equipment").json_schema()["properties"]["deposit"]["description"]


def test_the_labels_can_be_translated():
    assert (FOLDER / "labels.py").read_text("utf-8") == make_labels.labels_module(), (
        "run python -m app.catalogue.kinds.make_labels"
    )


# -- broken data files --------------------------------------------------------------------------------------

GOOD = """
key = "boat"
label = "Boat"
plural = "Boats"
icon = "vehicle"
modes = ["exclusive"]
units = ["whole"]
subtypes = [{key = "dinghy", label = "Dinghy"}]

[defaults]
mode = "exclusive"
unit = "whole"
capacity = 1
opening_mode = "always"
step_minutes = 30
min_minutes = 30
max_minutes = 60
buffer_after = 0

[[groups]]
key = "size"
label = "Size"
facts = [
  {key = "length", label = "Length", type = "decimal", min = 1, max = 9},
  {key = "sail", label = "Sail", type = "choice", choices = [{key = "a", label = "A"}, {key = "b", label = "B"}]},
]
"""
COMMON = read_toml(FOLDER / "common.toml")


def load(text: str):
    return load_kind(tomllib.loads(text), COMMON, "boat.toml")


def test_a_new_kind_is_a_new_file():
    assert [fact.key for fact in load(GOOD).facts] == ["length", "sail"]


@pytest.mark.parametrize(
    "old,new,complaint",
    [
        ('label = "Boat"', "", "boat.toml: 'label' is missing"),
        ('key = "boat"', 'key = "ship"', "the key is not the file's name"),
        ('icon = "vehicle"', 'icon = "vehicle"\ncolour = "red"', "unknown colour"),
        ('modes = ["exclusive"]', 'modes = ["always"]', "modes: 'always' is not one of"),
        ('units = ["whole"]', 'units = ["cubit"]', "units: 'cubit' is not one of"),
        ('units = ["whole"]', 'units = ["pallet"]', "the default unit is not among the units"),
        ("min_minutes = 30", "min_minutes = 90", "default durations"),
        ('opening_mode = "always"', 'opening_mode = "never"', "defaults: 'never' is not one of"),
        ('type = "decimal"', 'type = "length"', "boat.toml: length: 'length' is not one of"),
        ("min = 1, max = 9", "min = 10, max = 9", "length: min is above max"),
        ("min = 1, max = 9", "max = 9", "length: a number needs its bounds"),
        ("min = 1, max = 9", 'min = 1, max = 9, unit = "feet"', "'feet' is not one of"),
        ("min = 1, max = 9", 'min = 1, max = 9, filter = "boolean"', "the filter does not fit the type"),
        ("min = 1, max = 9", 'min = 1, max = 9, at_least = "width"', "at_least names no fact"),
        ("min = 1, max = 9", "min = 1, max = 9, minimum = 2", "length: unknown minimum"),
        ('{key = "b", label = "B"}', '{key = "a", label = "B"}', "a choice comes twice"),
        (', {key = "b", label = "B"}', "", "choice facts, which need at least two"),
        ('key = "sail"', 'key = "length"', "a fact comes twice"),
        ('subtypes = [{key = "dinghy", label = "Dinghy"}]', "subtypes = []", "there is no subtype"),
        (
            'icon = "vehicle"',
            'icon = "vehicle"\nsubtype_fact = "sail"',
            "subtype_fact names no required choice",
        ),
        ('icon = "vehicle"', 'icon = "vehicle"\ncommon = ["wings"]', "common: unknown wings"),
    ],
)
def test_a_mistake_in_a_file_stops_the_start_and_names_the_place(old, new, complaint):
    assert old in GOOD
    with pytest.raises(BadKind) as refused:
        load(GOOD.replace(old, new, 1))
    assert complaint in str(refused.value)
    assert "boat.toml" in str(refused.value)


def test_a_missing_or_broken_file_is_named(tmp_path):
    with pytest.raises(BadKind, match=r"boat\.toml"):
        read_toml(tmp_path / "boat.toml")
    (tmp_path / "boat.toml").write_text("key = ", "utf-8")
    with pytest.raises(BadKind, match=r"boat\.toml: Invalid"):
        read_toml(tmp_path / "boat.toml")


# -- words that need no page --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "code", ["missing", "unknown", "type", "too_small", "too_big", "below", "choice", "too_long"]
)
def test_every_refusal_has_a_sentence(code):
    assert has_words(f"fact_{code}")


def test_every_unit_has_words():
    assert set(words._AMOUNTS) == set(words._UNIT_NAMES) == set(units.Unit)
