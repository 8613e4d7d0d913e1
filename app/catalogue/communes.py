"""The communes of France: finding one by name or postcode, and measuring how far two places are.

The table (`data/README.md`) is read once per process, at first use, in less than a tenth of a second. It is
kept as columns, most populous commune first, and a `Commune` is made only when somebody asks for it.
Points are WGS 84 degrees, distances kilometres as the crow flies.
"""

import gzip
import json
import math
import re
from bisect import bisect_right
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import NamedTuple, TypedDict

from app.core.errors import NotFound
from app.core.ids import plain

ATTRIBUTION = "INSEE, IGN, La Poste, DGCL — Licence Ouverte 2.0"

_FILE = Path(__file__).parent / "data" / "communes.json.gz"
_POINT_SCALE = 10_000
_EARTH_RADIUS_KM = 6371.0
_KM_PER_DEGREE = math.pi * _EARTH_RADIUS_KM / 180
_MOST_MATCHES = 2_000  # "s" matches half of France: only the most populous are then sorted by distance
_ABBREVIATIONS = {"st": "saint", "ste": "sainte", "s": "sur"}


class Commune(NamedTuple):
    """A commune as the official list knows it; `epci` is its intercommunality's code ("" if none)."""

    code: str
    name: str
    postcodes: tuple[str, ...]
    departement: str
    epci: str
    population: int
    lat: float
    lon: float

    @property
    def label(self) -> str:
        """The name with what tells it from its namesakes: "Nozay (44170)"."""
        return f"{self.name} ({self.postcodes[0] if self.postcodes else self.departement})"

    @property
    def point(self) -> tuple[float, float]:
        """(lat, lon) of the town hall."""
        return self.lat, self.lon


class _Columns(TypedDict):
    """The file: lists of one length, and the names of what communes belong to."""

    code: list[str]
    name: list[str]
    postcodes: list[str]
    departement: list[str]
    epci: list[str]
    population: list[int]
    lat: list[int]
    lon: list[int]
    epcis: dict[str, str]
    departements: dict[str, str]


class _Table:
    """The columns, and the text in which names and postcodes are searched."""

    def __init__(self, columns: _Columns) -> None:
        self.columns = columns
        self.row_of = {code: row for row, code in enumerate(columns["code"])}
        names = _words(plain("\n".join(columns["name"]))).split("\n")
        # One line per commune, each word after a space, the name closed by a bar: " nort sur erdre | 44390".
        self.text = "".join(
            f"\n {name} | {codes} " for name, codes in zip(names, columns["postcodes"], strict=True)
        )
        self.starts = [match.start() for match in re.finditer("\n", self.text)]

    def commune(self, row: int) -> Commune:
        columns = self.columns
        return Commune(
            columns["code"][row],
            columns["name"][row],
            tuple(columns["postcodes"][row].split()),
            columns["departement"][row],
            columns["epci"][row],
            columns["population"][row],
            columns["lat"][row] / _POINT_SCALE,
            columns["lon"][row] / _POINT_SCALE,
        )

    def rows_holding(self, piece: str) -> Iterator[int]:
        """Rows whose line holds the piece, most populous first, each once."""
        at = self.text.find(piece)
        while at >= 0:
            row = bisect_right(self.starts, at) - 1
            yield row
            at = self.text.find(piece, self.starts[row + 1]) if row + 1 < len(self.starts) else -1

    def line(self, row: int) -> str:
        end = self.starts[row + 1] if row + 1 < len(self.starts) else len(self.text)
        return self.text[self.starts[row] : end]

    def sort_by_distance(self, ranks: dict[int, int], near: tuple[float, float]) -> list[int]:
        """Rows by rank, then distance (squared, on a flat map: enough to sort by)."""
        lats, lons = self.columns["lat"], self.columns["lon"]
        lat, lon = near[0] * _POINT_SCALE, near[1] * _POINT_SCALE
        squeeze = math.cos(math.radians(near[0])) ** 2
        return sorted(
            ranks, key=lambda row: (ranks[row], (lats[row] - lat) ** 2 + (lons[row] - lon) ** 2 * squeeze)
        )


@lru_cache(maxsize=1)
def _table() -> _Table:
    with gzip.open(_FILE, "rt", encoding="utf-8") as text:
        return _Table(json.load(text))


def _words(text: str) -> str:
    """Leave only words: "nort s/ erdre" and "l'huisserie" are searched as people say them."""
    return re.sub(r"[^\w\n]+", " ", text).replace("_", " ")


# -- one commune --------------------------------------------------------------------------------------------


def find_commune(code: str) -> Commune | None:
    """The commune of that INSEE code ("44110"), or None."""
    row = _table().row_of.get(code)
    return None if row is None else _table().commune(row)


def get_commune(code: str) -> Commune:
    """The commune of that INSEE code; raises NotFound."""
    commune = find_commune(code)
    if commune is None:
        raise NotFound(kind="commune", code=code)
    return commune


# -- searching ----------------------------------------------------------------------------------------------


def search_communes(text: str, limit: int = 10, near: tuple[float, float] | None = None) -> list[Commune]:
    """Communes whose name or postcode has words beginning like those typed, the likeliest first.

    Accents, case, hyphens and "St" for "Saint" do not matter; words and digits combine ("nozay 44"). A name
    typed in full comes first, then names beginning so, then the rest; within each the most populous first, or
    the nearest to `near` (lat, lon) when it is given.
    """
    words = _query_words(text)
    if not words or limit < 1:
        return []
    table = _table()
    if near is None:
        rows: list[int] = list(islice(_ranked(table, words), limit))
    else:
        rows = _nearest(table, words, near)[:limit]
    return [table.commune(row) for row in rows]


def _query_words(text: str) -> list[str]:
    words = _words(plain(text[:100]).replace("\n", " ")).split()
    return [_ABBREVIATIONS.get(word, word) for word in words[:-1]] + words[-1:]


def _ranked(table: _Table, words: list[str]) -> Iterator[int]:
    """Matching rows, best first, lazily: a popular prefix stops after the first few."""
    seen: set[int] = set()
    for _rank, rows in _groups(table, words):
        for row in rows:
            if row not in seen:
                seen.add(row)
                yield row


def _groups(table: _Table, words: list[str]) -> Iterator[tuple[int, Iterator[int]]]:
    phrase = " ".join(words)
    yield 0, table.rows_holding(f"\n {phrase} |")
    yield 1, table.rows_holding(f"\n {phrase}")
    longest = max(words, key=len)
    others = [f" {word}" for word in words if word is not longest]
    yield (
        2,
        (row for row in table.rows_holding(f" {longest}") if all(word in table.line(row) for word in others)),
    )


def _nearest(table: _Table, words: list[str], near: tuple[float, float]) -> list[int]:
    ranks: dict[int, int] = {}
    for rank, rows in _groups(table, words):
        for row in islice(rows, _MOST_MATCHES):
            ranks.setdefault(row, min(rank, 1))
    return table.sort_by_distance(ranks, near)


# -- intercommunalities and départements --------------------------------------------------------------------


def communes_of_epci(code: str) -> list[Commune]:
    """The member communes of an intercommunality, most populous first; empty for an unknown code."""
    table = _table()
    return [table.commune(row) for row, epci in enumerate(table.columns["epci"]) if epci == code and code]


def search_epcis(text: str, limit: int = 8) -> list[tuple[str, str]]:
    """Intercommunalities (code, name) whose name has words beginning like all those typed, shortest name first."""
    words = [f" {word}" for word in _words(plain(text[:100]).replace("\n", " ")).split()]
    if not words:
        return []
    found = [
        (code, name)
        for code, name in _table().columns["epcis"].items()
        if all(word in f" {_words(plain(name))}" for word in words)
    ]
    return sorted(found, key=lambda each: (len(each[1]), each[1]))[:limit]


def find_epci_name(code: str) -> str | None:
    """The official name of an intercommunality ("CC d'Erdre et Gesvres"), or None."""
    return _table().columns["epcis"].get(code)


def find_departement_name(code: str) -> str | None:
    """The name of a département ("44" → "Loire-Atlantique"), or None."""
    return _table().columns["departements"].get(code)


# -- distances ----------------------------------------------------------------------------------------------


def distance_km(lat1: float, lon1: float, lat2: float, lon2: float) -> float:
    """Great-circle distance in kilometres."""
    rise = math.sin(math.radians(lat2 - lat1) / 2) ** 2
    turn = math.sin(math.radians(lon2 - lon1) / 2) ** 2
    both = rise + math.cos(math.radians(lat1)) * math.cos(math.radians(lat2)) * turn
    return 2 * _EARTH_RADIUS_KM * math.asin(min(1.0, math.sqrt(both)))


class Box(NamedTuple):
    """A rectangle of the map, in degrees: what an index can answer before distances are measured."""

    south: float
    west: float
    north: float
    east: float


def bounding_box(lat: float, lon: float, radius_km: float) -> Box:
    """The smallest rectangle that holds the circle; all longitudes where the circle reaches a pole."""
    dlat = radius_km / _KM_PER_DEGREE
    if abs(lat) + dlat >= 90:
        return Box(max(-90.0, lat - dlat), -180.0, min(90.0, lat + dlat), 180.0)
    dlon = math.degrees(math.asin(math.sin(radius_km / _EARTH_RADIUS_KM) / math.cos(math.radians(lat))))
    return Box(lat - dlat, lon - dlon, lat + dlat, lon + dlon)
