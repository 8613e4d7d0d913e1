"""Forms made from the kinds: what people type becomes facts, and what is refused is said on its field."""

import pytest
from werkzeug.datastructures import MultiDict
from wtforms import StringField

from app.catalogue.kinds import KINDS, get_kind
from app.catalogue.kinds.fields import (
    fact_form,
    fact_form_data,
    fact_groups,
    filter_fields,
    filter_form,
    read_facts,
    with_facts,
)
from app.catalogue.kinds.words import (
    amount,
    fact_sentence,
    kind_name,
    kinds_name,
    measured,
    shown_facts,
    subtype_name,
    suffix,
    unit_name,
)
from app.web.forms import Form as BaseForm
from app.web.i18n import speaking

KITCHEN, STORAGE, EQUIPMENT = get_kind("kitchen"), get_kind("storage"), get_kind("equipment")


@pytest.fixture(autouse=True)
def french(app):
    with app.test_request_context("/", headers={"Accept-Language": "fr"}):
        yield


def submit(kind, **typed):
    form = fact_form(kind)(MultiDict({f"fact_{key}": value for key, value in typed.items()}))
    valid = form.validate()
    facts, good = read_facts(form, kind)
    errors = {field.name.removeprefix("fact_"): str(field.errors[0]) for field in form if field.errors}
    return facts, valid and good, errors


@pytest.mark.parametrize("kind", KINDS.values(), ids=list(KINDS))
def test_a_form_has_every_fact_in_order_and_can_be_shown(kind):
    form = fact_form(kind)()
    assert [field.name for field in form] == [f"fact_{fact.key}" for fact in kind.facts]
    for heading, fields in fact_groups(form, kind):
        assert heading
        assert all(str(field.label.text) and field() for field, _unit in fields)


def test_numbers_are_typed_as_people_write_them():
    facts, good, errors = submit(KITCHEN, area="80,5", meals_per_day="1 200", power="12.25", ovens="2")
    assert good, errors
    assert {key: value for key, value in facts.items() if value is not False} == {
        "area": 80.5,
        "meals_per_day": 1200,
        "ovens": 2,
        "power": 12.25,
    }


@pytest.mark.parametrize(
    "kind,typed,key,words",
    [
        ("kitchen", {"ovens": "deux"}, "ovens", "un nombre"),
        ("kitchen", {"ovens": "1,5"}, "ovens", "un nombre entier"),
        ("kitchen", {"ovens": "-1"}, "ovens", "au moins 0"),
        ("kitchen", {"ovens": "1e99"}, "ovens", "un nombre"),
        ("kitchen", {"area": "NaN"}, "area", "un nombre"),
        ("kitchen", {"meals_per_day": "99999"}, "meals_per_day", "au plus 10"),
        ("kitchen", {"allergen_zones": "moon"}, "allergen_zones", ""),
        ("kitchen", {"declaration": "x" * 81}, "declaration", ""),
        ("storage", {}, "regime", ""),
        ("storage", {"regime": "lukewarm"}, "regime", ""),
        ("storage", {"regime": "chilled", "warn": "5", "alarm": "3"}, "alarm", "inférieure"),
        ("equipment", {"deposit": "12,505"}, "deposit", "deux décimales"),
        ("vehicle", {"atp_expiry": "demain"}, "atp_expiry", ""),
    ],
)
def test_what_is_refused_is_said_on_its_field(kind, typed, key, words):
    _facts, good, errors = submit(get_kind(kind), **typed)
    assert not good
    assert words in errors[key]


def test_euros_are_kept_in_cents_and_shown_as_euros():
    facts, good, errors = submit(EQUIPMENT, deposit="150,50")
    assert good, errors
    assert facts["deposit"] == 15050
    assert 'value="150,50"' in fact_form(EQUIPMENT)(data=fact_form_data(facts, EQUIPMENT))["fact_deposit"]()


@pytest.mark.parametrize(("locale", "deposit", "area"), [("fr", "12,00", "80,5"), ("en", "12.00", "80.5")])
def test_numbers_are_shown_again_as_the_language_writes_them_and_can_be_sent_back(locale, deposit, area):
    with speaking(locale):
        euros = fact_form(EQUIPMENT)(data={"fact_deposit": 1200})["fact_deposit"]
        square = fact_form(KITCHEN)(data={"fact_area": 80.5})["fact_area"]
        assert (f'value="{deposit}"' in euros(), f'value="{area}"' in square()) == (True, True)
    assert submit(EQUIPMENT, deposit=deposit)[0]["deposit"] == 1200
    assert submit(KITCHEN, area=area)[0]["area"] == 80.5


def test_what_was_typed_stays_when_it_is_refused():
    form = fact_form(KITCHEN)(MultiDict({"fact_ovens": "beaucoup"}))
    assert not form.validate()
    assert 'value="beaucoup"' in form["fact_ovens"]()


def test_kept_facts_fill_the_form_again():
    kept = {"atp_expiry": "2027-03-31", "licence": "B", "payload": 900, "tail_lift": True, "gone": 1}
    kind = get_kind("vehicle")
    form = fact_form(kind)(data=fact_form_data(kept, kind))
    assert 'value="2027-03-31"' in form["fact_atp_expiry"]()
    assert "selected" in form["fact_licence"]()
    assert 'value="900"' in form["fact_payload"]()
    assert "checked" in form["fact_tail_lift"]()


def test_a_required_fact_is_required_in_the_form():
    assert fact_form(STORAGE)()["fact_regime"].flags.required
    assert not fact_form(STORAGE)()["fact_target"].flags.required


@pytest.mark.parametrize("kind", KINDS.values(), ids=list(KINDS))
def test_a_search_form_has_the_filters_of_the_kind(kind):
    assert list(filter_fields(kind)) == [fact.key for fact in kind.filters]
    assert all(field() for field in filter_form(kind)())


def test_a_search_form_feeds_the_wishes():
    form = filter_form(KITCHEN)(MultiDict({"meals_per_day": "200", "step_free": "1", "ovens": ""}))
    assert form.validate()
    wishes, errors = KITCHEN.read_filters(form.data)
    assert not errors
    assert [(wish.fact.key, wish.value) for wish in wishes] == [("meals_per_day", 200), ("step_free", True)]


class NamedForm(BaseForm):
    name = StringField()


def test_a_form_of_the_room_takes_the_facts_in():
    form = with_facts(NamedForm, EQUIPMENT)(MultiDict({"name": "Pressoir", "fact_throughput": "300"}))
    assert form.validate()
    assert (form.name.data, read_facts(form, EQUIPMENT)[0]["throughput"]) == ("Pressoir", 300)
    assert with_facts(NamedForm, EQUIPMENT) is with_facts(NamedForm, EQUIPMENT)


def test_facts_are_told_in_words():
    facts = {"area": 80.5, "meals_per_day": 200, "max_people": 1, "forward_flow": True, "step_free": False}
    told = [(name, value) for _heading, rows in shown_facts("kitchen", facts) for _fact, name, value in rows]
    assert told == [
        ("Surface au sol", "80,5\u00a0m²"),
        ("Personnes au maximum", "1 personne"),
        ("Repas par jour", "200\u00a0repas/jour"),
        ("Marche en avant", "Oui"),
        ("Sans marche", "Non"),
    ]


@pytest.mark.parametrize(
    "kind,facts,words",
    [
        ("storage", {"regime": "frozen"}, "Froid négatif, −18\u00a0°C ou plus froid"),
        ("storage", {"regime": "gone"}, "gone"),
        ("storage", {"target": -18.0}, "−18\u00a0°C"),
        ("room", {"layouts": ["meeting", "banquet"]}, "Autour d’une table, Tables de repas"),
        ("vehicle", {"atp_expiry": "2027-03-31"}, "31 mars 2027"),
        ("vehicle", {"price_per_km": 60}, "0,60\u00a0€/km"),
        ("equipment", {"deposit": 15050}, "150,50\u00a0€"),
        ("land", {"notice_months": 3}, "3 mois"),
        ("land", {"cadastral_ref": "AB 12"}, "AB 12"),
        ("vehicle", {"seats": 9}, "9"),
    ],
)
def test_each_type_of_fact_has_words(kind, facts, words):
    ((_heading, ((_fact, _name, told),)),) = shown_facts(kind, facts)
    assert told == words


@pytest.mark.parametrize(
    "unit,count,words",
    [
        ("pallet", 0, "0 palette"),
        ("pallet", 1, "1 palette"),
        ("pallet", 24, "24 palettes"),
        ("bulk_bin", 3, "3 palox"),
        ("m2", 1500, "1\u202f500 m²"),
        ("whole", 1, "l’ensemble"),
    ],
)
def test_places_are_counted_in_words(unit, count, words):
    assert amount(unit, count) == words


def test_names_follow_the_reader():
    assert (kind_name("kitchen"), kinds_name("room")) == ("Cuisine", "Salles")
    assert (subtype_name("kitchen", "cannery"), subtype_name("kitchen", "")) == ("Conserverie", "Cuisine")
    assert unit_name("crate") == "Bacs"
    assert suffix("meals_per_day") == "repas/jour"
    assert suffix(None) == ""
    assert measured(3, None) == "3"
    with speaking("en"):
        assert (kind_name("kitchen"), amount("pallet", 2)) == ("Kitchen", "2 pallets")


def test_an_api_refusal_has_its_sentence():
    _facts, errors = KITCHEN.parse(
        {"moon": 1, "ovens": 99, "forward_flow": "x", "area": "x", "declaration": 5}
    )
    told = {key: fact_sentence(error) for key, error in errors.items()}
    assert told["moon"] == "Ce type de ressource n’a pas de « moon »."
    assert told["ovens"] == "C’est trop : au plus 50."
    assert told["forward_flow"] == "Répondez par oui ou par non."
