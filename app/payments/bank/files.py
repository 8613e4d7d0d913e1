"""What banks hand over: CSV tables and CAMT.053, read as lines of money that came. Pure.

Of a line that cannot be read the reason is told with its number; the others are read all the same.
"""

import csv
import io
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Final

MOST_BYTES: Final = 400_000
MOST_LETTERS: Final = 150_000  # of a table: it is sent back with its columns, as a field of a form
MOST_LINES: Final = 2000
COLUMNS: Final = ("day", "amount", "text", "name")  # what is looked for in a table; the last may be missing
_HEADS: Final[Mapping[str, str]] = {
    "day": r"date",
    "amount": r"cr[ée]dit|montant|amount",
    "text": r"libell|motif|d[ée]tail|r[ée]f[ée]rence|communication|label|description",
    "name": r"tiers|nom|contrepartie|[ée]metteur|donneur|name",
}
_DAYS: Final = ("%d/%m/%Y", "%Y-%m-%d", "%d-%m-%Y", "%d.%m.%Y", "%d/%m/%y", "%Y%m%d")
_SPACES: Final = {ord(space): None for space in " \u00a0\u202f€"}


@dataclass(frozen=True)
class Credit:
    """Money that came: on which day, how much, what the bank says of it, from whom."""

    day: date
    cents: int
    text: str
    name: str = ""
    currency: str = "EUR"


@dataclass
class Read:
    """What was read of a file; `wrong` has the number of a line and what is wrong with it (day, amount, short)."""

    credits: list[Credit] = field(default_factory=list)
    wrong: list[tuple[int, str]] = field(default_factory=list)


@dataclass(frozen=True)
class Table:
    """A CSV table: its heads and rows, and which column is guessed to be what."""

    heads: list[str]
    rows: list[list[str]]
    guess: dict[str, int]


class Unreadable(Exception):
    """Not a file that can be read: `reason` is size, encoding, xml, empty."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def text_of(data: bytes) -> str:
    """Decode a file: banks write UTF-8, or Windows' Western letters. Raise Unreadable."""
    if len(data) > MOST_BYTES:
        raise Unreadable("size")
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Unreadable("encoding")


def is_camt(text: str) -> bool:
    """Tell XML from a table."""
    return text.lstrip()[:1] == "<"


# -- tables ---------------------------------------------------------------------------------------------------


def table_of(text: str) -> Table:
    """Read a table, and guess its columns by their heads. Raise Unreadable."""
    if len(text) > MOST_LETTERS:
        raise Unreadable("size")
    lines = [line for line in text.replace("\0", "").splitlines() if line.strip()]
    mark = max(";,\t", key="\n".join(lines[:20]).count)
    try:
        rows = [row for row in csv.reader(io.StringIO("\n".join(lines)), delimiter=mark) if any(row)]
    except csv.Error as error:
        raise Unreadable("encoding") from error
    start = next((number for number, row in enumerate(rows) if _guess(row).keys() >= {"day", "amount"}), 0)
    if len(rows) < start + 2:
        raise Unreadable("empty")
    heads = [head.strip()[:60] for head in rows[start]]
    return Table(heads, rows[start + 1 : start + 1 + MOST_LINES], _guess(heads))


def _guess(heads: Sequence[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for column, pattern in _HEADS.items():
        for alternative in pattern.split("|"):
            fits = (place for place, head in enumerate(heads) if re.search(alternative, head.lower()))
            place = next((each for each in fits if each not in found.values()), None)
            if place is not None:
                found[column] = place
                break
    return found


def credits_of(table: Table, columns: Mapping[str, int]) -> Read:
    """Read what came from a table; what went out, and lines without an amount, are left out."""
    read = Read()
    for number, row in enumerate(table.rows, 2):
        cells = {name: row[place].strip() for name, place in columns.items() if 0 <= place < len(row)}
        if not cells.get("amount", "").strip(" -"):
            continue
        cents, day = _cents(cells["amount"]), _day(cells.get("day", ""))
        if cents is None or day is None:
            read.wrong.append((number, "amount" if cents is None else "day"))
        elif cents > 0:
            read.credits.append(Credit(day, cents, cells.get("text", "")[:500], cells.get("name", "")[:160]))
    return read


def _cents(typed: str) -> int | None:
    """Read an amount with a comma or a point, thousands apart or not."""
    plain = typed.translate(_SPACES).replace("EUR", "").replace("−", "-")
    if "," in plain and "." in plain:
        plain = plain.replace("." if plain.rindex(",") > plain.rindex(".") else ",", "")
    try:
        cents = Decimal(plain.replace(",", ".")) * 100
    except InvalidOperation:
        return None
    return int(cents) if cents.is_finite() and cents == int(cents) and abs(cents) < 10**11 else None


def _day(typed: str) -> date | None:
    for form in _DAYS:
        try:
            return datetime.strptime(typed[:10], form).date()  # noqa: DTZ007  # a day, no instant
        except ValueError:
            continue
    return None


# -- CAMT.053 -------------------------------------------------------------------------------------------------


def read_camt(text: str) -> Read:
    """Read the credits of a CAMT.053 statement. Raise Unreadable: for what is no XML, and for any document type.

    Entities, the way by which XML reads other files or grows without end, are declared only in a document type.
    """
    text = text.replace("\0", "")
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise Unreadable("xml")
    try:
        root = ET.fromstring(re.sub(r"^\s*<\?xml[^>]*\?>", "", text))  # noqa: S314  # see above
    except ET.ParseError as error:
        raise Unreadable("xml") from error
    read = Read()
    for number, entry in enumerate(_all(root, "Ntry"), 1):
        if _text(entry, "CdtDbtInd") == "CRDT" and len(read.credits) < MOST_LINES:
            _take(read, number, entry)
    if not read.credits and not read.wrong:
        raise Unreadable("empty")
    return read


def _take(read: Read, number: int, entry: ET.Element) -> None:
    amount, day = next(_all(entry, "Amt"), None), _day(_text(entry, "BookgDt") or _text(entry, "ValDt"))
    cents = _cents((amount.text or "") if amount is not None else "")
    if not cents or day is None or amount is None:
        read.wrong.append((number, "amount" if not cents else "day"))
        return
    words = [
        _text(entry, "EndToEndId"),
        *(_words(each) for each in _all(entry, "Ustrd")),
        _text(entry, "AddtlNtryInf"),
    ]
    said = " ".join(dict.fromkeys(word for word in words if word and word != "NOTPROVIDED"))
    debtor = next(_all(entry, "Dbtr"), None)
    name = _text(debtor, "Nm") if debtor is not None else ""
    read.credits.append(Credit(day, cents, said[:500], name[:160], amount.get("Ccy", "EUR")[:3]))


def _all(element: ET.Element, name: str) -> Iterator[ET.Element]:
    """Find all elements of a name, in whichever version of the format."""
    return (each for each in element.iter() if each.tag.rpartition("}")[2] == name)


def _text(element: ET.Element, name: str) -> str:
    found = next(_all(element, name), None)
    return _words(found) if found is not None else ""


def _words(element: ET.Element) -> str:
    return " ".join("".join(element.itertext()).split())
