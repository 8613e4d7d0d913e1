"""Words for kinds, facts and units, in the reader's language."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from babel.dates import format_date
from flask_babel import get_locale, gettext
from flask_babel import gettext as _
from flask_babel import ngettext as _n

from app.catalogue.kinds import get_kind
from app.catalogue.kinds.schema import Fact, FactError, FactType, JsonValue
from app.catalogue.kinds.units import Measure, Unit
from app.catalogue.packs import Pack
from app.web.format import money, number
from app.web.words import Facts, sentence, worded


def label(text: str) -> str:
    """Translate a label of a kind's data file."""
    return gettext(text) if text else ""


def kind_name(kind: str) -> str:
    """Name a kind: "Cuisine"."""
    return label(get_kind(kind).label)


def kinds_name(kind: str) -> str:
    """Name several of a kind: "Cuisines"."""
    return label(get_kind(kind).plural)


def subtype_name(kind: str, subtype: str) -> str:
    """Name a subtype, or its kind where it has none."""
    found = get_kind(kind).find_subtype(subtype)
    return label(found.label) if found else kind_name(kind)


# -- places: what capacity counts ---------------------------------------------------------------------------

_AMOUNTS: Mapping[Unit, Callable[[int], str]] = {
    Unit.WHOLE: lambda _count: _("the whole"),
    Unit.STATION: lambda n: _n("%(num)s station", "%(num)s stations", n),
    Unit.PALLET: lambda n: _n("%(num)s pallet", "%(num)s pallets", n),
    Unit.HALF_PALLET: lambda n: _n("%(num)s half pallet", "%(num)s half pallets", n),
    Unit.BULK_BIN: lambda n: _n("%(num)s bulk bin", "%(num)s bulk bins", n),
    Unit.CRATE: lambda n: _n("%(num)s crate", "%(num)s crates", n),
    Unit.CRATE_60X40: lambda n: _n("%(num)s crate of 60 × 40", "%(num)s crates of 60 × 40", n),
    Unit.CRATE_40X30: lambda n: _n("%(num)s crate of 40 × 30", "%(num)s crates of 40 × 30", n),
    Unit.SHELF: lambda n: _n("%(num)s shelf", "%(num)s shelves", n),
    Unit.LOCKER: lambda n: _n("%(num)s locker", "%(num)s lockers", n),
    Unit.PIECE: lambda n: _n("%(num)s piece", "%(num)s pieces", n),
    Unit.KIT: lambda n: _n("%(num)s kit", "%(num)s kits", n),
    Unit.ROOM: lambda n: _n("%(num)s room", "%(num)s rooms", n),
    Unit.VEHICLE: lambda n: _n("%(num)s vehicle", "%(num)s vehicles", n),
    Unit.PLACE: lambda n: _n("%(num)s place", "%(num)s places", n),
    Unit.BED: lambda n: _n("%(num)s bed", "%(num)s beds", n),
    Unit.PLOT: lambda n: _n("%(num)s plot", "%(num)s plots", n),
    Unit.M2: lambda n: _("%(number)s m²", number=number(n)),
}

_UNIT_NAMES: Mapping[Unit, Callable[[], str]] = {
    Unit.WHOLE: lambda: _("The whole, by one user at a time"),
    Unit.STATION: lambda: _("Stations"),
    Unit.PALLET: lambda: _("Pallets (80 × 120 cm)"),
    Unit.HALF_PALLET: lambda: _("Half pallets (80 × 60 cm)"),
    Unit.BULK_BIN: lambda: _("Bulk bins"),
    Unit.CRATE: lambda: _("Crates"),
    Unit.CRATE_60X40: lambda: _("Crates of 60 × 40 cm"),
    Unit.CRATE_40X30: lambda: _("Crates of 40 × 30 cm"),
    Unit.SHELF: lambda: _("Shelves"),
    Unit.LOCKER: lambda: _("Lockers"),
    Unit.PIECE: lambda: _("Pieces"),
    Unit.KIT: lambda: _("Kits"),
    Unit.ROOM: lambda: _("Separate rooms"),
    Unit.VEHICLE: lambda: _("Identical vehicles"),
    Unit.PLACE: lambda: _("Places"),
    Unit.BED: lambda: _("Garden beds"),
    Unit.PLOT: lambda: _("Plots"),
    Unit.M2: lambda: _("Square metres"),
}


def amount(unit: str, count: int) -> str:
    """Count places: "3 palettes"; "l’ensemble" for what is taken as one."""
    return _AMOUNTS[Unit(unit)](count)


def packed_words(unit: str, pack: Pack) -> str:
    """Count what is brought in another unit: "3 palettes pour 70 caisses de 60 × 40 (place pour 26 de plus)"."""
    units, packed = amount(unit, pack.units), amount(pack.unit, pack.number)
    if not pack.room_left:
        return _("%(units)s for %(packed)s", units=units, packed=packed)
    return _n(
        "%(units)s for %(packed)s (room for %(num)s more)",
        "%(units)s for %(packed)s (room for %(num)s more)",
        pack.room_left,
        units=units,
        packed=packed,
    )


def unit_choices(unit: str, packs: Mapping[str, int]) -> list[tuple[str, str]]:
    """List the units a resource may be asked for in: its own (an empty value), then the smaller ones."""
    smaller = [
        (pack, _("%(name)s, %(per)s to %(one)s", name=unit_name(pack), per=number(per), one=amount(unit, 1)))
        for pack, per in packs.items()
    ]
    return [("", unit_name(unit)), *smaller] if smaller else []


def unit_name(unit: str) -> str:
    """Name what is counted, for the choice of a unit: "Palettes (80 × 120 cm)"."""
    return _UNIT_NAMES[Unit(unit)]()


# -- facts --------------------------------------------------------------------------------------------------

_COUNTED: Mapping[Measure, Callable[[int], str]] = {
    Measure.PERSONS: lambda n: _n("%(num)s person", "%(num)s people", n),
    Measure.PALLETS: _AMOUNTS[Unit.PALLET],
    Measure.HOURS: lambda n: _n("%(num)s hour", "%(num)s hours", n),
    Measure.MONTHS: lambda n: _n("%(num)s month", "%(num)s months", n),
    Measure.YEARS: lambda n: _n("%(num)s year", "%(num)s years", n),
}


def suffix(measure: str | None) -> str:
    """What follows a number in a form: "m²", "repas/jour"; empty for plain numbers."""
    words: Mapping[str, str] = {
        Measure.M2: "m²", Measure.M3: "m³", Measure.CM: "cm", Measure.KM: "km", Measure.KG: "kg",
        Measure.KG_PER_H: _("kg/h"), Measure.L: "L", Measure.KW: "kW", Measure.CELSIUS: "°C",
        Measure.PERSONS: _("people"), Measure.MEALS_PER_DAY: _("meals/day"), Measure.PALLETS: _("pallets"),
        Measure.HOURS: _("hours"), Measure.MONTHS: _("months"), Measure.YEARS: _("years"),
        Measure.EURO: "€", Measure.EURO_PER_KM: _("€/km"),
    }  # fmt: skip
    return words.get(measure or "", "")


def measured(value: float, measure: str | None) -> str:
    """Write a number with its unit: "120 m²", "12 personnes", "−18 °C"."""
    if measure == Measure.EURO:
        return money(int(value))
    if measure == Measure.EURO_PER_KM:
        return _("%(price)s/km", price=money(int(value)))
    counted = _COUNTED.get(Measure(measure)) if measure else None
    if counted:
        return counted(int(value))
    text = number(value).replace("-", "−")
    return f"{text}\u00a0{suffix(measure)}" if measure else text


def value_words(fact: Fact, value: JsonValue) -> str:
    """Write the value of a fact for people."""
    match fact.type:
        case FactType.BOOLEAN:
            return _("Yes") if value else _("No")
        case FactType.CHOICE:
            return _choice(fact, str(value))
        case FactType.CHOICES if isinstance(value, list):
            return ", ".join(_choice(fact, key) for key in value)
        case FactType.DATE:
            return format_date(date.fromisoformat(str(value)), "long", locale=get_locale() or "fr")
        case _ if isinstance(value, (int, float)):
            return measured(value, fact.unit)
    return str(value)


def _choice(fact: Fact, key: str) -> str:
    """A choice's label; a code that the data file no longer knows is shown as it is."""
    found = fact.choice(key)
    return label(found.label) if found else key


def shown_facts(
    kind: str, facts: Mapping[str, Any], *, public: bool = True
) -> list[tuple[str, list[tuple[Fact, str, str]]]]:
    """The facts of a resource as words: [(heading, [(fact, label, value)])]."""
    groups = get_kind(kind).display_groups(facts, public=public)
    return [
        (label(group.label), [(fact, label(fact.label), value_words(fact, value)) for fact, value in pairs])
        for group, pairs in groups
    ]


# -- refusals -----------------------------------------------------------------------------------------------


def fact_sentence(error: FactError) -> str:
    """Say why a fact is refused."""
    return sentence(error.code, error.facts)


@worded("fact_missing")
def _missing(_facts: Facts) -> str:
    return _("Please fill this in.")


@worded("fact_unknown")
def _unknown(facts: Facts) -> str:
    return _("This kind of resource has no “%(fact)s”.", fact=facts["fact"])


@worded("fact_type")
def _wrong_type(facts: Facts) -> str:
    match facts["expected"]:
        case FactType.INTEGER | FactType.MONEY:
            return _("Enter a whole number, like 12.")
        case FactType.DECIMAL:
            return _("Enter a number, like 12 or 3.5.")
        case FactType.DATE:
            return _("Enter a date, like 2027-03-31.")
        case FactType.BOOLEAN:
            return _("Answer yes or no.")
        case FactType.CHOICE | FactType.CHOICES:
            return _("Choose among the values offered.")
    return _("Enter a text.")


@worded("fact_too_small")
def _too_small(facts: Facts) -> str:
    return _("This is too little: at least %(least)s.", least=measured(facts["min"], facts["unit"]))


@worded("fact_too_big")
def _too_big(facts: Facts) -> str:
    return _("This is too much: at most %(most)s.", most=measured(facts["max"], facts["unit"]))


@worded("fact_below")
def _below(facts: Facts) -> str:
    return _(
        "This cannot be below the value before it (%(least)s).", least=measured(facts["min"], facts["unit"])
    )


@worded("fact_choice")
def _not_offered(_facts: Facts) -> str:
    return _("Choose among the values offered.")


@worded("fact_too_long")
def _too_long(facts: Facts) -> str:
    return _("This is too long: at most %(most)s characters.", most=number(facts["max"]))
