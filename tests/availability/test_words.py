"""Every refusal has words in both languages, and the words say why and what instead."""

import ast
import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from app.availability import errors as availability_errors
from app.availability.errors import Refusal
from app.availability.opening.errors import CODES, FEATURES, BadOpeningHours
from app.availability.opening.hours import OpeningHours
from app.availability.queries import Wish, get_terms, verdict
from app.availability.service import take
from app.availability.words.hours import hours_words
from app.availability.words.opening import feature_codes, opening_codes, opening_sentence
from app.availability.words.refusals import Scene, refusal_codes, refusal_sentence, refusal_words
from app.availability.words.times import window_words
from app.catalogue.price_words import cost_words, price_words
from app.catalogue.search import Filter, Price, matching
from app.core.errors import DomainError
from app.infra.db import db
from app.web.i18n import speaking
from app.web.words import has_words
from config import ROOT
from tests.availability.test_examples import STORAGE
from tests.factories import a_resource, a_site, a_territory, an_organisation, at, span

SOURCES = [
    ROOT / "app/availability" / name
    for name in ("rules.py", "quotas.py", "hours.py", "asking.py", "finding.py")
]


def codes_in(*names: str) -> set[Any]:
    """Read the codes of `Refusal("…")` out of the sources, so that a new one cannot be forgotten."""
    found: set[Any] = set()
    for path in SOURCES:
        if path.name not in names:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "Refusal":
                found |= {c.value for c in ast.walk(node.args[0]) if isinstance(c, ast.Constant)}
    return found | ({"taken", "capacity"} if "rules.py" in names else set())


def test_every_refusal_has_words():
    assert codes_in("rules.py", "hours.py", "quotas.py") == refusal_codes()


def test_every_mistake_in_a_field_has_words(app: Flask):
    codes = codes_in("asking.py", "finding.py")
    assert codes
    assert {code for code in codes if re.fullmatch(r"[a-z_]+", code) and not has_words(code)} - {
        "date",
        "fin",
    } == set()


def test_every_error_of_the_room_has_words(app: Flask):
    kinds = [
        v for v in vars(availability_errors).values() if isinstance(v, type) and issubclass(v, DomainError)
    ]
    assert [k.code for k in kinds if not has_words(k.code)] == []
    assert has_words("closure_too_long")
    assert has_words("reason_missing")


def test_every_reason_against_opening_hours_has_words():
    assert opening_codes() == CODES
    assert feature_codes() == FEATURES


@pytest.mark.parametrize(
    "text", ["", "lundi 8h", "Mo-Fr 25:00-26:00", "Mo 08:00", "week 1 Mo 08:00-12:00", "Mo-Fr", "Feb 30 off"]
)
@pytest.mark.parametrize("locale", ["fr", "en"])
def test_opening_hours_are_refused_in_words(app: Flask, text, locale):
    with pytest.raises(BadOpeningHours) as refused:
        OpeningHours.parse(text)
    with app.test_request_context(), speaking(locale):
        words = opening_sentence({"reason": refused.value.code, **refused.value.facts})
    assert words.endswith((".", "!"))
    assert "%(" not in words


@pytest.fixture
def site(session, frozen):
    return a_site(an_organisation(a_territory()))


def said(resource, wanted, qty=1, **scene) -> str:
    terms = get_terms(resource.id)
    refusal = verdict(Wish(resource.id, wanted, qty))[0]
    return refusal_words(
        refusal, Scene(terms, unit=resource.unit, kind=resource.kind, asked=qty, **scene)
    ).sentence


@pytest.fixture
def kitchen(site):
    return a_resource(site, hours="Mo-Sa 07:00-22:00; PH off", buffer_after=45, step_minutes=30)


def french(app: Flask):
    return app.test_request_context(headers={"Accept-Language": "fr"})


def test_the_french_of_hours_buffers_and_taken_slots(app, kitchen):
    take([Wish(kitchen.id, span("2026-10-06 08:00", "2026-10-06 12:00"))])
    with french(app):
        assert said(kitchen, span("2026-10-06 06:30", "2026-10-06 08:00")) == (
            "Fermé à cette heure : ouvert de 07:00 à 22:00 le mardi."
        )
        assert said(kitchen, span("2026-10-06 12:30", "2026-10-06 16:00")) == (
            "En nettoyage jusqu’à 12:45 : choisissez 13:00 ou plus tard."
        )
        assert said(kitchen, span("2026-10-06 09:00", "2026-10-06 12:00")) == "Déjà pris de 09:00 à 12:00."
        assert said(kitchen, span("2026-10-06 07:00", "2026-10-06 08:00"), holder="x").endswith(
            "terminez à 07:00 au plus tard."
        )
        assert said(kitchen, span("2026-11-11 09:00", "2026-11-11 12:00")).startswith(
            "Fermé le mercredi 11 novembre : jour férié ("
        )


def test_the_french_of_schools_stations_and_pallets(app, site):
    school = a_resource(site, hours="SH Mo-Fr 07:00-18:00; PH off")
    stations = a_resource(site, hours="24/7", mode="stations", capacity=4, unit="station")
    cold = a_resource(site, hours="24/7", **STORAGE)
    take([Wish(stations.id, span("2026-10-06 09:00", "2026-10-06 12:00"), 2)])
    take([Wish(stations.id, span("2026-10-06 10:00", "2026-10-06 13:00"), 1)])
    take([Wish(cold.id, span("2026-11-01 00:00", "2026-12-01 00:00"), 10)])
    take([Wish(cold.id, span("2026-11-10 00:00", "2026-11-21 00:00"), 8)])
    with french(app):
        assert said(school, span("2026-10-12 09:00", "2026-10-12 12:00")) == (
            "Fermé le lundi 12 octobre : ouvert pendant les vacances scolaires seulement."
        )
        assert (
            said(stations, span("2026-10-06 11:00", "2026-10-06 12:00"), 2)
            == "1 poste libre de 11:00 à 12:00."
        )
        assert (
            said(stations, span("2026-10-06 09:00", "2026-10-06 10:00"), 3)
            == "2 postes libres de 09:00 à 10:00."
        )
        assert said(cold, span("2026-11-15 00:00", "2026-11-26 00:00"), 8) == (
            "6 palettes libres du dimanche 15 novembre au vendredi 20 novembre inclus."
        )
        assert said(cold, span("2026-11-15 00:00", "2026-11-26 00:00"), 30).startswith(
            "Vous en demandez 30 ; il y a 24 palettes"
        )


@pytest.mark.parametrize("locale", ["fr", "en"])
def test_each_refusal_reads_well_in_both_languages(app, kitchen, locale):
    now, terms = at("2026-09-01 10:00"), get_terms(kitchen.id)
    epoch = int(at("2026-10-06 08:00").timestamp())
    taken = {"from": epoch, "to": epoch + 3600, "free": 1, "total": 4, "holds": [1], "kind": "booking"}
    hours = {
        "day": now.date(),
        "ranges": [[420, 720], [840, 1080]],
        "holiday": None,
        "term": False,
        "next_open": now,
    }
    facts: dict[str, dict[str, Any]] = {
        "not_usable": {"status": "out_of_order"},
        "quantity_too_small": {"asked": 0},
        "over_capacity": {"asked": 9, "total": 4},
        "off_step": {"step": 30, "wall": now.replace(tzinfo=None, minute=10)},
        "too_short": {"minutes": 30, "min": 60},
        "too_long": {"minutes": 900, "max": 720},
        "in_the_past": {"now": now},
        "closed": {"hold_id": 1, "until": epoch},
        "notice_too_short": {"earliest": now + timedelta(days=2), "notice": 2880},
        "outside_hours": hours,
        "beyond_horizon": {"opens": now, "days": 365},
        "taken": taken,
        "capacity": taken,
        "buffer": {"minutes": 45, "until": epoch},
        "quota": taken | {"kept": 3, "opens": now, "never": False},
        "lent": taken | {"share": 3, "may_recall": False, "recall_from": now},
    }
    assert set(facts) == refusal_codes()
    with app.test_request_context(), speaking(locale):
        for code, given in facts.items():
            words = refusal_sentence(Refusal(code, given), terms, unit="station", asked=2)
            assert words[0].isupper() or words[0].isdigit(), code
            assert words.endswith("."), code
            assert "%(" not in words, code
            assert "  " not in words, code
            assert "None" not in words, code


def test_hours_are_told_by_groups_of_days(app, site, kitchen):
    school = a_resource(site, hours="SH Mo-Fr 07:00-18:00; PH off")
    always = a_resource(site, hours="24/7", **STORAGE)
    with french(app):
        words = hours_words(get_terms(kitchen.id))
        assert words.rows == [("Lundi – samedi", "07:00–22:00"), ("Dimanche", "Fermé")]
        assert words.notes == ["Fermé les jours fériés."]
        assert "Pendant les vacances scolaires seulement (zone B)." in hours_words(get_terms(school.id)).notes
        assert hours_words(get_terms(always.id)).rows == []


def test_windows_and_prices_are_told_as_people_say_them(app, kitchen):
    terms = get_terms(kitchen.id)
    with french(app):
        assert window_words(span("2026-09-01 13:00", "2026-09-01 22:00"), terms) == "aujourd’hui, 13:00–22:00"
        assert window_words(span("2026-09-02 13:00", "2026-09-03 00:00"), terms) == "demain, 13:00–24:00"
        assert (
            window_words(span("2026-10-08 13:00", "2026-10-09 10:00"), terms) == "dès jeudi 8 octobre, 13:00"
        )
        assert price_words(0, "hour") is None
        assert (
            str(price_words(120, "unit_day", "pallet")).replace("\xa0", " ")
            == "1,20 € par jour pour 1 palette"
        )


@pytest.mark.parametrize(
    ("per", "unit", "capacity", "words"),
    [
        ("hour", "station", 4, "12,00 € l’heure pour 1 poste"),
        ("half_day", "station", 4, "12,00 € la demi-journée pour 1 poste"),
        ("day", "pallet", 24, "12,00 € par jour pour 1 palette"),
        ("unit_month", "pallet", 24, "12,00 € par mois pour 1 palette"),
        ("hour", "station", 1, "12,00 € l’heure"),
        ("hour", "whole", 3, "12,00 € l’heure"),
        ("use", "station", 4, "12,00 € à chaque fois"),
    ],
)
def test_a_price_is_told_for_one_unit_where_there_are_several(app, per, unit, capacity, words):
    with french(app):
        assert str(price_words(1200, per, unit, capacity)).replace("\xa0", " ") == words


@pytest.mark.parametrize(
    ("cents", "per_km", "words"),
    [(0, None, "None"), (0, 35, "0,35 € le km"), (1200, 35, "12,00 € l’heure, plus 0,35 € le km")],
)
def test_a_price_for_each_kilometre_is_no_gift(app, site, cents, per_km, words):
    van = a_resource(
        site,
        kind="vehicle",
        price_cents=cents,
        price_per="hour",
        facts={"price_per_km": per_km} if per_km else {},
    )
    with french(app):
        assert str(cost_words(van)).replace("\xa0", " ") == words
    assert (van.id in found_at(Price.FREE), van.id in found_at(Price.PRICED)) == (
        words == "None",
        words != "None",
    )


def found_at(price):
    rows = db.session.connection().execute(matching(Filter(price=price)))
    return {row.id for row in rows}
