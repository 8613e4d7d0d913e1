"""The drawing of a territory with its places on it, as the map component takes it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from app.catalogue.communes import ATTRIBUTION, find_commune
from app.catalogue.outlines import TerritoryMap, map_of


@dataclass(frozen=True)
class Spot:
    """A place on the map: `count` resources there, `href` to its page; `here` marks the one the page is about."""

    name: str
    lat: float
    lon: float
    count: int = 0
    href: str = ""
    here: bool = False


_WIDTH = 380  # units, about the pixels it is shown in beside a text: names stay readable


@lru_cache(maxsize=64)
def _drawing(codes: tuple[str, ...]) -> TerritoryMap:
    return map_of(codes, _WIDTH)


def drawn_map(label: str, codes: Iterable[str], spots: Sequence[Spot]) -> dict[str, Any] | None:
    """Draw the communes (INSEE codes) with the spots on them; None where no commune is known."""
    known = tuple(code for code in codes if find_commune(code))
    if not known:
        return None
    drawing = _drawing(known)
    places = [_placed(drawing, spot) for spot in spots]
    return {
        "label": label,
        "view_box": f"0 0 {drawing.width} {drawing.height}",
        "areas": [{"d": path} for path in drawing.paths.values()],
        "places": places,
        "credit": ATTRIBUTION,
    }


def _placed(drawing: TerritoryMap, spot: Spot) -> dict[str, Any]:
    x, y = drawing.place(spot.lat, spot.lon)
    x, y = min(max(x, 0), drawing.width), min(max(y, 0), drawing.height)
    place = {"name": spot.name, "x": x, "y": y, "count": spot.count, "href": spot.href, "here": spot.here}
    return place | {"up": y > drawing.height - 48}
