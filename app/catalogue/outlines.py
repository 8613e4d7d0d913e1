"""Outlines of communes, for the map of a territory drawn by the server without any third party.

`map_of` gives SVG paths in whole units on a drawing of a chosen width, and places points on the same drawing.
The outlines are simplified to about 200 m: right for a territory, too coarse for a plot of land.
"""

import json
import math
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

from app.catalogue.communes import get_commune

_FILE = Path(__file__).parent / "data" / "outlines.zip"
_STEPS_PER_DEGREE = 1_000

Ring = tuple[tuple[float, float], ...]


@lru_cache(maxsize=8)
def _departement(code: str) -> Mapping[str, list[list[int]]]:
    """Encoded rings of a département's communes; a few at a time are kept."""
    with zipfile.ZipFile(_FILE) as archive:
        if f"{code}.json" not in archive.namelist():
            return {}
        communes: dict[str, list[list[int]]] = json.loads(archive.read(f"{code}.json"))
        return communes


def outline(code: str) -> tuple[Ring, ...]:
    """Closed rings of (lat, lon) around a commune; none where no boundary is known. Raises NotFound."""
    rings = _departement(get_commune(code).departement).get(code, [])
    return tuple(_ring(steps) for steps in rings)


def _ring(steps: list[int]) -> Ring:
    x = y = 0
    points: list[tuple[float, float]] = []
    for dx, dy in zip(steps[::2], steps[1::2], strict=True):
        x, y = x + dx, y + dy
        points.append((y / _STEPS_PER_DEGREE, x / _STEPS_PER_DEGREE))
    return (*points, points[0])


@dataclass(frozen=True, slots=True)
class TerritoryMap:
    """A drawing of communes: SVG path data by commune code, on a `width` × `height` drawing.

    `west`, `north` (degrees) and the scales (units per degree) are how `place` puts a point on it.
    """

    width: int
    height: int
    paths: Mapping[str, str]
    west: float
    north: float
    x_scale: float
    y_scale: float

    def place(self, lat: float, lon: float) -> tuple[int, int]:
        """Where a point of the world is on the drawing (it may lie outside)."""
        return round((lon - self.west) * self.x_scale), round((self.north - lat) * self.y_scale)


def map_of(codes: Iterable[str], width: int = 640, margin: int = 8) -> TerritoryMap:
    """Draw the communes of those codes, north up, `width` units wide; NotFound for an unknown code.

    Communes without a known boundary have no path but do count in the extent.
    """
    communes = [get_commune(code) for code in codes]
    rings = {commune.code: outline(commune.code) for commune in communes}
    points = [point for shape in rings.values() for ring in shape for point in ring]
    frame = _frame(points + [commune.point for commune in communes], width, margin)
    paths = {code: "".join(_path(frame, ring) for ring in shape) for code, shape in rings.items() if shape}
    return replace(frame, paths=paths)


def _frame(points: list[tuple[float, float]], width: int, margin: int) -> TerritoryMap:
    """An empty drawing that all points fit in; a single point gets about 10 km around it."""
    lats, lons = zip(*points, strict=True) if points else ((46.6,), (2.4,))
    squeeze = math.cos(
        math.radians((min(lats) + max(lats)) / 2)
    )  # a degree of longitude in degrees of latitude
    across = max((max(lons) - min(lons)) * squeeze, 0.1)
    down = max(max(lats) - min(lats), 0.1)
    scale = (width - 2 * margin) / across
    pad = margin / scale
    west = (min(lons) + max(lons)) / 2 - (across / 2 + pad) / squeeze
    north = (min(lats) + max(lats)) / 2 + down / 2 + pad
    return TerritoryMap(width, round((down + 2 * pad) * scale), {}, west, north, scale * squeeze, scale)


def _path(frame: TerritoryMap, ring: Ring) -> str:
    """One ring in relative steps, which are shorter than positions."""
    placed = [frame.place(*point) for point in ring[:-1]]
    steps = [(x2 - x1, y2 - y1) for (x1, y1), (x2, y2) in pairwise(placed)]
    x, y = placed[0]
    return f"M{x} {y}l" + " ".join(f"{dx} {dy}" for dx, dy in steps if dx or dy) + "z"
