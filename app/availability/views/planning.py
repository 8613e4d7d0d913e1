"""The planning: many resources beside one another, one day or one week."""

from datetime import date
from typing import Any

from flask import Response, request
from flask_babel import gettext as _

from app.availability.finding import RADII, USUAL_RADIUS, ZONE, Search
from app.availability.gathering import gathering
from app.availability.planning import Wanted, plan, read_wanted, usual_day, whose
from app.availability.views.blueprint import blueprint
from app.availability.views.find import within_words
from app.availability.views.grid import range_words
from app.availability.views.timeline import Scene, day_table, week_table
from app.availability.words.times import day_words
from app.catalogue.kinds.words import kinds_name
from app.catalogue.queries import offered_kinds
from app.core import clock
from app.core.span import to_wall
from app.web.guards import public
from app.web.identity import current_actor
from app.web.page import page

MOST_PLACES = 60  # more than one chooses from a list


@blueprint.get("/planning")
@public
def planning() -> Response:
    """Show when things are free and taken: to each reader what they may see."""
    actor = current_actor()
    wanted = read_wanted(request.args, actor)
    number = request.args.get("page", "1")
    found = plan(wanted, actor, int(number) if number.isdecimal() and len(number) < 6 else 1)
    today = to_wall(clock.now(), ZONE).date()
    gathered = gathering()
    scene = Scene(found, wanted.days, today, lambda day: wanted.url(date=day.isoformat(), vue=""), gathered)
    return page(
        "availability/planning.html",
        wanted=wanted,
        plan=found,
        gathered=gathered.elements if gathered else 0,
        table=(week_table if wanted.by_week else day_table)(scene),
        caption=_caption(wanted),
        page_url=lambda number: wanted.url(page=str(number)),
        **_links(wanted, today),
        **_fields(wanted),
    )


def _caption(wanted: Wanted) -> str:
    return range_words(wanted.days[0], wanted.days[-1]) if wanted.by_week else day_words(wanted.day)


def _links(wanted: Wanted, today: date) -> dict[str, Any]:
    """Give the addresses around this one: the days before and after, the other views, the list."""
    before, after = wanted.step(-1), wanted.step(1)
    back = "" if usual_day(today, by_week=wanted.by_week) == today else today.isoformat()
    return {
        "previous": wanted.url(date=before.isoformat()) if before else None,
        "next": wanted.url(date=after.isoformat()) if after else None,
        "today": wanted.url(date=back) if today not in wanted.days else None,
        "views": [
            {"label": _("Day"), "href": wanted.url(vue=""), "current": not wanted.by_week},
            {"label": _("Week"), "href": wanted.url(vue="semaine"), "current": wanted.by_week},
        ],
        "list_url": wanted.search.url(date=wanted.day.isoformat() if wanted.raw["date"] else ""),
    }


def _fields(wanted: Wanted) -> dict[str, Any]:
    """Give the choices of the filters; those that leave no choice are left out."""
    territories = {each.territory_slug: each.territory for each in wanted.choices}
    named = {"gere": _("Those I look after"), "structure": _("Those of my organisation")}
    owned = [(name, named[name]) for name in whose(current_actor())]
    places = [(each.slug, each.name) for each in wanted.choices]
    return {
        "kinds": [("", _("Everything")), *((key, kinds_name(key)) for key in offered_kinds())],
        "radii": [(str(km), _("%(km)s km", km=km)) for km in RADII] + [("tout", _("any distance"))],
        "radius": wanted.raw["km"] or str(USUAL_RADIUS),
        "territories": [("", _("All territories")), *territories.items()] if len(territories) > 1 else [],
        "places": [("", _("All places")), *places] if 1 < len(places) <= MOST_PLACES else [],
        "owned": [("", _("All")), *owned] if owned else [],
        "chips": [
            (words, wanted.url(**{name: ""})) for name, words in _counting(wanted, named).items() if words
        ],
    }


def _counting(wanted: Wanted, named: dict[str, str]) -> dict[str, str]:
    """Say which filters count, by the field that one would empty to let them go."""
    raw, search = wanted.raw, wanted.search
    return {
        "type": kinds_name(search.kind.key) if search.kind else "",
        "lieu": _near(search),
        "territoire": next(
            (e.territory for e in wanted.choices if e.territory_slug == raw["territoire"]), ""
        ),
        "site": next((each.name for each in wanted.choices if each.slug == raw["site"]), ""),
        "qui": named.get(raw["qui"], ""),
    }


def _near(search: Search) -> str:
    if not search.commune:
        return ""
    if search.filter.radius_km is None:
        return _("Nearest to %(place)s first", place=search.commune.name)
    return within_words(search)
