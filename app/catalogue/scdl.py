"""Reading the French open-data schema of public facilities (SCDL « équipements »): from bytes to rows and problems.

Nothing here touches the database. A file of any usual encoding and separator is read; what is wrong is told by row
and column, so that whoever made the file can repair it.
"""

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from charset_normalizer import from_bytes

from app.accounts.errors import BadEmail, BadPhone
from app.accounts.rules import normal_email, normal_phone
from app.catalogue.communes import Commune, distance_km, find_commune, search_communes
from app.catalogue.errors import BadPoint
from app.catalogue.rules import SiteFacts, check_point
from app.core.errors import Invalid
from app.core.ids import plain

MAX_FILE_BYTES = 20 * 1024 * 1024
COLUMNS = (
    "COLL_NOM", "COLL_SIRET", "COLL_INSEE", "EQUIP_UID", "EQUIP_THEME", "EQUIP_CODE", "EQUIP_TYPE", "EQUIP_NOM",
    "ADR_NUMERO", "ADR_NOMVOIE", "ADR_CODEPOSTAL", "ADR_COMMUNE", "ADR_INSEE", "ADR_CLE_INTEROP", "ERP_ID",
    "ERP_TYPE", "ERP_CATEGORIE", "EQUIP_LAT", "EQUIP_LONG", "EQUIP_OUVERTURE", "EQUIP_ACCES", "EQUIP_TEL",
    "EQUIP_EMAIL", "EQUIP_WEB",
)  # fmt: skip
REQUIRED = ("EQUIP_UID", "EQUIP_NOM")
_PLACE = ("ADR_INSEE", "ADR_COMMUNE", "ADR_CODEPOSTAL", "EQUIP_UID")
_DELIMITERS = (";", ",", "\t", "|")
_OLD_ENCODINGS = ["cp1252", "mac_roman"]
_LONGEST = {"EQUIP_UID": 80, "EQUIP_NOM": 160}
_NO_NUMBER = "99999"  # the schema's word for a street without numbers


class FileReason(StrEnum):
    """Why a whole file cannot be read."""

    EMPTY = "empty"
    TOO_LARGE = "too_large"
    SPREADSHEET = "spreadsheet"
    BINARY = "binary"
    BROKEN = "broken"
    COLUMNS = "columns"
    NO_ROW = "no_row"


class BadFile(Invalid):
    """A file that cannot be read at all; `reason` says why, `line`, `missing` or `seen` where it helps."""

    code = "bad_import_file"


@dataclass(frozen=True)
class Problem:
    """What is wrong with one value: the row (as a spreadsheet numbers it), the column, the value, why.

    `fatal` ones keep the row out; the others are told, and the row comes in without that value.
    """

    row: int
    column: str
    value: str
    code: str
    facts: Mapping[str, object] = field(default_factory=dict)
    fatal: bool = True


@dataclass(frozen=True)
class SiteRow:
    """A row fit to be imported; `hours` is what the file says, not yet checked."""

    number: int
    uid: str
    collectivity: str
    facts: SiteFacts
    hours: str | None


@dataclass(frozen=True)
class Sheet:
    """A file that could be read: how it was written, its rows as values by column name."""

    encoding: str
    delimiter: str
    unknown: tuple[str, ...]
    rows: Sequence[tuple[int, Mapping[str, str]]]


# -- the file -----------------------------------------------------------------------------------------------


def read_sheet(content: bytes) -> Sheet:
    """Read a file of any usual encoding and separator; raise BadFile."""
    if len(content) > MAX_FILE_BYTES:
        raise BadFile(reason=FileReason.TOO_LARGE, most=MAX_FILE_BYTES)
    text, encoding = _decoded(content)
    lines = text.lstrip("\r\n").splitlines()
    if not lines:
        raise BadFile(reason=FileReason.EMPTY)
    delimiter = max(_DELIMITERS, key=lambda mark: len(_known(lines[0], mark)))
    header, rows = _parsed(text.lstrip("\r\n"), delimiter)
    missing = [name for name in REQUIRED if name not in header]
    if missing:
        raise BadFile(reason=FileReason.COLUMNS, missing=missing, seen=[name for name in header if name][:12])
    if not rows:
        raise BadFile(reason=FileReason.NO_ROW)
    unknown = tuple(name for name in header if name and name not in COLUMNS)
    return Sheet(encoding, delimiter, unknown, rows)


def _decoded(content: bytes) -> tuple[str, str]:
    if content.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise BadFile(reason=FileReason.SPREADSHEET)
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _strict(content, "utf-16")
    if b"\0" in content:
        raise BadFile(reason=FileReason.BINARY)
    try:
        return content.decode("utf-8-sig"), "utf-8"
    except UnicodeDecodeError:
        best = from_bytes(content, cp_isolation=_OLD_ENCODINGS).best()
        return (str(best), best.encoding) if best else (content.decode("latin-1"), "latin-1")


def _strict(content: bytes, encoding: str) -> tuple[str, str]:
    try:
        return content.decode(encoding), encoding
    except UnicodeDecodeError as error:
        raise BadFile(reason=FileReason.BINARY) from error


def _name(raw: str) -> str:
    return re.sub(r"[^A-Z0-9]+", "_", plain(raw).upper()).strip("_")


def _known(line: str, delimiter: str) -> set[str]:
    return {_name(cell) for cell in line.split(delimiter)} & set(COLUMNS)


def _parsed(text: str, delimiter: str) -> tuple[list[str], list[tuple[int, dict[str, str]]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows: list[tuple[int, dict[str, str]]] = []
    try:
        header = [_name(cell) for cell in next(reader, [])]
        for number, cells in enumerate(reader, 2):
            if any(cell.strip() for cell in cells):
                values = zip(header, (" ".join(cell.split()) for cell in cells), strict=False)
                rows.append((number, {name: value for name, value in values if name}))
    except csv.Error as error:
        raise BadFile(reason=FileReason.BROKEN, line=reader.line_num) from error
    return header, rows


# -- one row ------------------------------------------------------------------------------------------------


def read_rows(sheet: Sheet) -> Iterator[tuple[SiteRow | None, list[Problem]]]:
    """Read row by row: what is fit to import (or None) and everything wrong with it."""
    seen: dict[str, int] = {}
    for number, values in sheet.rows:
        row, problems = _Row(number, values).read()
        uid = values.get("EQUIP_UID", "")
        if uid and uid in seen:
            problems.append(Problem(number, "EQUIP_UID", uid, "import_duplicate", {"row": seen[uid]}))
            row = None
        seen.setdefault(uid, number)
        yield row, problems


class _Row:
    """One row while it is read, collecting problems instead of stopping at the first."""

    def __init__(self, number: int, values: Mapping[str, str]) -> None:
        self.number, self.values = number, values
        self.problems: list[Problem] = []

    def read(self) -> tuple[SiteRow | None, list[Problem]]:
        uid, name = self._required("EQUIP_UID"), self._required("EQUIP_NOM")
        commune = self._commune()
        lat, lon = self._point(commune)
        facts = SiteFacts(
            name=name,
            commune_code=commune.code if commune else "",
            description=self._description(),
            address=self._address(),
            postcode=self._postcode(),
            lat=lat,
            lon=lon,
            access_notes=self._get("EQUIP_ACCES"),
            phone=self._phone(),
            email=self._email(),
        )
        fit = not any(problem.fatal for problem in self.problems)
        hours = self._get("EQUIP_OUVERTURE") or None
        row = SiteRow(self.number, uid, self._get("COLL_NOM"), facts, hours)
        return (row if fit else None), self.problems

    def _get(self, column: str) -> str:
        return self.values.get(column, "")

    def _wrong(self, column: str, code: str, *, fatal: bool = True, **facts: object) -> None:
        self.problems.append(Problem(self.number, column, self._get(column), code, facts, fatal))

    def _required(self, column: str) -> str:
        value = self._get(column)
        if not value:
            self._wrong(column, "import_missing")
        elif len(value) > _LONGEST[column]:
            self._wrong(column, "text_too_long", longest=_LONGEST[column])
        return value

    def _commune(self) -> Commune | None:
        """Find the commune by its code, else by name and postcode, else by how the identifier begins."""
        code, name, postcode = (
            self._get(column) for column in ("ADR_INSEE", "ADR_COMMUNE", "ADR_CODEPOSTAL")
        )
        if code:
            found = find_commune(code.upper().zfill(5))
            if found is None:
                self._wrong("ADR_INSEE", "import_insee_unknown")
            return found
        by_name = _named(name, postcode)
        by_uid = find_commune(self._get("EQUIP_UID")[:5].upper())
        if by_name or (by_uid and not name):
            return by_name or by_uid
        column = "ADR_COMMUNE" if name or not postcode else "ADR_CODEPOSTAL"
        self._wrong(column, "import_commune_unknown" if name or postcode else "import_missing")
        return None

    def _point(self, commune: Commune | None) -> tuple[float | None, float | None]:
        lat, lon = self._degrees("EQUIP_LAT"), self._degrees("EQUIP_LONG")
        if lat is None or lon is None:
            blank = not self._get("EQUIP_LAT") and not self._get("EQUIP_LONG")
            if blank:
                self._wrong("EQUIP_LAT", "import_no_point", fatal=False)
            elif not any(p.column in ("EQUIP_LAT", "EQUIP_LONG") for p in self.problems):
                self._wrong("EQUIP_LAT" if lat is None else "EQUIP_LONG", "bad_point", reason="half")
            return None, None
        if commune:
            try:
                check_point(lat, lon, distance_km(lat, lon, *commune.point))
            except BadPoint as error:
                self._wrong("EQUIP_LAT", error.code, **error.facts)
        return lat, lon

    def _degrees(self, column: str) -> float | None:
        raw = self._get(column).replace(",", ".")
        if not raw:
            return None
        if re.fullmatch(r"[+-]?[0-9]{1,3}(\.[0-9]{0,20})?", raw):
            return float(raw)
        self._wrong(column, "import_not_degrees")
        return None

    def _postcode(self) -> str:
        raw = re.sub(r"\s|\.0$", "", self._get("ADR_CODEPOSTAL"))
        if not raw:
            return ""
        padded = raw.zfill(5)  # spreadsheets eat the leading zero of 01000
        if re.fullmatch(r"[0-9]{5}", padded):
            return padded
        self._wrong("ADR_CODEPOSTAL", "bad_postcode", fatal=False)
        return ""

    def _address(self) -> str:
        number = self._get("ADR_NUMERO")
        parts = ["" if number == _NO_NUMBER else number, self._get("ADR_NOMVOIE")]
        return " ".join(part for part in parts if part)[:160]

    def _description(self) -> str:
        lines = [self._get("EQUIP_TYPE"), self._get("EQUIP_WEB")]
        return "\n".join(line for line in lines if line and plain(line) != plain(self._get("EQUIP_NOM")))

    def _phone(self) -> str:
        try:
            return normal_phone(self._get("EQUIP_TEL"))
        except BadPhone:
            self._wrong("EQUIP_TEL", "bad_phone", fatal=False)
            return ""

    def _email(self) -> str:
        raw = self._get("EQUIP_EMAIL")
        try:
            return normal_email(raw) if raw else ""
        except BadEmail:
            self._wrong("EQUIP_EMAIL", "bad_email", fatal=False)
            return ""


def _named(name: str, postcode: str) -> Commune | None:
    """Find the one commune of this name, helped by its postcode; a postcode alone when one commune has it."""
    postcode = re.sub(r"\D", "", postcode).zfill(5) if postcode else ""
    found = search_communes(f"{name} {postcode}".strip(), 40) or (search_communes(name, 40) if name else [])
    same = [commune for commune in found if plain(commune.name) == plain(name)] or found
    here = [commune for commune in same if postcode in commune.postcodes] or same
    return here[0] if len(here) == 1 else None
