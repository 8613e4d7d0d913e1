"""The map of communes with what is shared in each, drawn by the server."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from flask_babel import gettext as _

from app.accounts.models import Territory
from app.accounts.queries import territories
from app.catalogue.communes import Commune, find_commune
from app.catalogue.outlines import TerritoryMap, map_of

WIDTH = 480
_CROWD = 60  # units of the drawing within which names would touch


def communes_map(counts: Mapping[str, int], href: Callable[[str], str], *, label: str) -> dict[str, Any]:
    """Make the territory_map component's facts: communes with a count are links made by `href` (of their name)."""
    codes = sorted({*counts, *_territory_codes()})
    known = [commune for code in codes if (commune := find_commune(code))]
    drawing = _drawing(tuple(commune.code for commune in known))
    return {
        "label": label,
        "view_box": f"0 0 {drawing.width} {drawing.height}",
        "areas": [{"d": path, "count": counts.get(code, 0)} for code, path in drawing.paths.items()],
        "places": _places(known, drawing, counts, href),
        "credit": _("Communes: INSEE, IGN, Licence Ouverte 2.0"),
    }


def _places(
    known: list[Commune], drawing: TerritoryMap, counts: Mapping[str, int], href: Callable[[str], str]
) -> list[dict[str, Any]]:
    """Place the communes that have something; names of close ones are put on different sides."""
    placed: list[dict[str, Any]] = []
    for commune in sorted(known, key=lambda each: -counts.get(each.code, 0)):
        if not counts.get(commune.code):
            continue
        x, y = drawing.place(*commune.point)
        below = any(0 <= other["y"] - y < _CROWD and abs(other["x"] - x) < 2 * _CROWD for other in placed)
        placed.append(
            {
                "name": commune.name,
                "x": x,
                "y": y,
                "count": counts[commune.code],
                "href": href(commune.label),
                "up": below,
            }
        )
    return sorted(placed, key=lambda place: str(place["name"]))


def _territory_codes() -> list[str]:
    """List the communes of the territories this installation serves, while they still fit on one map."""
    codes = [str(code) for territory in territories() for code in _codes(territory)]
    return codes if len(codes) <= 120 else []


def _codes(territory: Territory) -> list[Any]:
    return territory.communes or []


@lru_cache(maxsize=64)
def _drawing(codes: tuple[str, ...]) -> TerritoryMap:
    return map_of(codes, WIDTH)
