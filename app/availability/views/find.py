"""Finding: filters in the address, results that follow while one types, and help when nothing fits."""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from flask import Response, request
from flask_babel import gettext as _
from sqlalchemy import func, select

from app.availability.askers import Asker
from app.availability.asking import Slot
from app.availability.cards import Asking, Card, cards
from app.availability.finding import (
    RADII,
    USUAL_RADIUS,
    ZONE,
    Found,
    NearMisses,
    Relaxed,
    Search,
    near_misses,
    read_search,
    relaxations,
    run,
)
from app.availability.views.blueprint import blueprint
from app.availability.views.in_vain import tell_in_vain
from app.availability.views.map import communes_map
from app.catalogue.kinds.units import PACKS
from app.catalogue.kinds.words import (
    amount,
    kind_name,
    kinds_name,
    label,
    suffix,
    unit_name,
    value_words,
)
from app.catalogue.models import Resource, Site
from app.catalogue.queries import offered_kinds
from app.catalogue.search import matching
from app.core import clock
from app.core.span import to_wall
from app.infra.db import db
from app.web.format import day, span_words
from app.web.forms import time_choices
from app.web.guards import public
from app.web.htmx import wants_fragment, with_address
from app.web.identity import current_actor
from app.web.page import page


@blueprint.get("/ressources")
@public
def find() -> Response:
    """Search, or show everything where nothing is asked."""
    search = read_search(request.args, current_actor())
    number = request.args.get("page", "1")
    found = run(search, int(number) if number.isdecimal() and len(number) < 6 else 1)
    if not found.total:
        tell_in_vain(search)
    context = {**_results(search, found), **_fields(search)}
    response = page("availability/find.html", "availability/_results.html", **context)
    return with_address(response, _address(search, found.page)) if wants_fragment() else response


def _address(search: Search, number: int) -> str:
    return search.url(page=str(number)) if number > 1 else search.url()


# -- results ------------------------------------------------------------------------------------------------


def _results(search: Search, found: Found) -> dict[str, Any]:
    asking = _asking(search, found)
    as_map = search.raw["vue"] == "carte"
    return {
        "search": search,
        "found": found,
        "cards": [] if as_map else cards(found.hits, asking),
        "chips": _chips(search),
        "page_url": lambda number: search.url(page=str(number)),
        "views": _views(search, as_map=as_map),
        "map": _map(search, found) if as_map and found.total else None,
        "swap_facts": wants_fragment()
        and request.args.get("champs", "") != (search.kind.key if search.kind else ""),
        **(_nothing(search) if not found.total else {}),
    }


def _asking(search: Search, found: Found) -> Asking:
    qty = search.filter.quantity
    if search.window:
        return Asking(
            Slot(search.window.span, qty),
            qty=qty,
            asker=Asker.of(search.filter.actor),
            packed=search.packed,
        )
    day = search.raw["date"] if search.day else ""
    windows = found.windows if search.day else None
    return Asking(
        windows=windows, qty=qty, asker=Asker.of(search.filter.actor), day=day, packed=search.packed
    )


def _nothing(search: Search) -> dict[str, Any]:
    """Say which filter to let go, and what almost fits."""
    missed = near_misses(search)
    return {
        "relaxed": [(_relaxed_words(search, each), each.total, each.url) for each in relaxations(search)],
        "farther": cards(missed.farther, _asking(search, Found((), 0))),
        "other_time": _other_time(search, missed),
    }


def _other_time(search: Search, missed: NearMisses) -> list[Card]:
    asking = Asking(
        windows=missed.windows,
        qty=search.filter.quantity,
        asker=Asker.of(search.filter.actor),
        packed=search.packed,
    )
    return cards(missed.other_time, asking)


def _relaxed_words(search: Search, each: Relaxed) -> str:
    words: Mapping[str, Callable[[], str]] = {
        "q": lambda: _("without the words “%(text)s”", text=search.raw["q"]),
        "type": lambda: _("in every kind"),
        "lieu": lambda: _("at any distance"),
        "prix": lambda: _("at any price"),
        "quantite": lambda: _("for a smaller quantity"),
        "date": lambda: _("at any time"),
    }
    if each.name in words:
        return words[each.name]()
    return _("without “%(fact)s”", fact=_fact_name(search, each.name))


def _views(search: Search, *, as_map: bool) -> list[dict[str, Any]]:
    return [
        {"label": _("List"), "href": search.url("vue"), "current": not as_map, "icon": "list"},
        {"label": _("Map"), "href": search.url(vue="carte"), "current": as_map, "icon": "map"},
        {"label": _("Planning"), "href": _planning_url(search), "current": False, "icon": "calendar"},
    ]


def _planning_url(search: Search) -> str:
    """Write the address of the planning of what is looked for, as far as it has the same filters."""
    kept = {name: search.raw[name] for name in ("type", "lieu", "km", "date") if search.raw[name]}
    return "/planning" + (f"?{urlencode(kept)}" if kept else "")


def _map(search: Search, found: Found) -> dict[str, Any]:
    """Draw where the results are; each commune leads to its part of the list."""
    ids = found.all_ids
    statement = select(Site.commune_code, func.count()).join(Resource, Resource.site_id == Site.id)
    if ids is None:
        statement = statement.where(Resource.id.in_(select(matching(search.filter).subquery().c.id)))
    else:
        statement = statement.where(Resource.id.in_(ids))
    rows = db.session.connection().execute(statement.group_by(Site.commune_code))
    counts = {code: count for code, count in rows}  # noqa: C416  # rows are no pairs to the type checker
    return communes_map(
        counts, lambda name: search.url("vue", lieu=name, km="5"), label=_("Where the results are")
    )


# -- filters ------------------------------------------------------------------------------------------------


def _chips(search: Search) -> list[tuple[str, str]]:
    """List the filters that count, each with the address of the search without it."""
    words: Mapping[str, Callable[[], str]] = {
        "q": lambda: _("“%(text)s”", text=search.raw["q"]),
        "type": lambda: kind_name(search.kind.key) if search.kind else "",
        "lieu": lambda: within_words(search),
        "prix": lambda: _("Free of charge") if search.raw["prix"] == "gratuit" else _("With a price"),
        "quantite": lambda: (
            amount(*search.packed)
            if search.packed
            else _("At least %(number)s", number=search.filter.quantity)
        ),
        "date": lambda: _when_words(search),
    }
    return [
        (words[name]() if name in words else _fact_name(search, name), search.url(name))
        for name in search.active
    ]


def within_words(search: Search) -> str:
    """Say how near to where a search looks."""
    commune, radius = search.commune, search.filter.radius_km
    return _("Within %(km)s km of %(place)s", km=round(radius or 0), place=commune.name if commune else "")


def _when_words(search: Search) -> str:
    if search.window:
        return span_words(search.window.span, str(ZONE))
    return day(search.day.start, tz=str(ZONE)) if search.day else ""


def _fact_name(search: Search, key: str) -> str:
    wish = next(wish for wish in search.filter.facts if wish.fact.key == key)
    name = label(wish.fact.filter_label or wish.fact.label)
    if wish.value is True:
        return name
    value = value_words(wish.fact, [str(wish.value)] if wish.fact.type == "choices" else wish.value)
    return _("%(fact)s: %(value)s", fact=name, value=value)


def _fields(search: Search) -> dict[str, Any]:
    return {
        "kinds": [("", _("Everything"))] + [(key, kinds_name(key)) for key in offered_kinds()],
        "radii": [(str(km), _("%(km)s km", km=km)) for km in RADII] + [("tout", _("any distance"))],
        "radius": search.raw["km"] or str(USUAL_RADIUS),
        "prices": [("", _("All")), ("gratuit", _("Free of charge")), ("payant", _("With a price"))],
        "units": [("", "—"), *((str(unit), unit_name(unit)) for unit in PACKS)],
        "times": [("", "—"), *time_choices(30, 0, 1440)],
        "first_day": to_wall(clock.now(), ZONE).date().isoformat(),
        "fact_fields": _fact_fields(search),
        "more_open": bool(search.filter.facts or search.raw["quantite"] or search.raw["prix"]),
    }


def _fact_fields(search: Search) -> list[dict[str, Any]]:
    """Give the fields of the kind's facts: a tick, a choice or a number with its unit."""
    if search.kind is None or search.facts is None:
        return []
    fields = []
    for fact in search.kind.filters:
        bound = search.facts[fact.key]
        given: dict[str, Any] = {
            "name": fact.key,
            "label": label(fact.filter_label or fact.label),
            "value": search.raw.get(fact.key, ""),
        }
        given["error"] = str(bound.errors[0]) if bound.errors else ""
        if fact.choices:
            options = [("", _("All")), *((choice.key, label(choice.label)) for choice in fact.choices)]
            fields.append({**given, "shape": "select", "options": options})
        else:
            shape = "tick" if fact.type == "boolean" else "number"
            fields.append({**given, "shape": shape, "suffix": suffix(fact.unit), "checked": bool(bound.data)})
    return fields
