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
from typing import Final

from app.core.money import EUR

MOST_BYTES: Final = 400_000
MOST_LETTERS: Final = 150_000  # of a table: it is sent back with its columns, as a field of a form
MOST_LINES: Final = 2000
FIRST_DAY: Final = date(2020, 1, 1)  # no book of ours is about days before
# What is looked for in a table; all but the first two may be missing. `side` says of each amount whether it came.
COLUMNS: Final = ("side", "day", "amount", "text", "name")
_HEADS: Final[Mapping[str, str]] = {
    "side": r"^sens|^d/c|d[ée]bit ?/ ?cr[ée]dit",
    "day": r"date",
    "amount": r"cr[ée]dit|montant|amount",
    "text": r"libell|motif|d[ée]tail|r[ée]f[ée]rence|communication|label|description",
    "name": r"tiers|nom|contrepartie|[ée]metteur|donneur|name",
}
_DAYS: Final = ("%d/%m/%Y", "%Y-%m-%d", "%d-%m-%Y", "%d.%m.%Y", "%d/%m/%y", "%Y%m%d")
_SPACES: Final = {ord(space): None for space in " \u00a0\u202f€"}
_AMOUNT: Final = re.compile(r"([+-]?)(\d{1,9})(?:[.,](\d{1,2})0*)?", re.ASCII)


@dataclass(frozen=True)
class Credit:
    """Money that came: on which day, how much, what the bank says of it, from whom."""

    day: date
    cents: int
    text: str
    name: str = ""
    currency: str = EUR


@dataclass
class Read:
    """What was read of a file; `wrong` has the number of a line and what is wrong with it.

    That is its day (none, or one still to come: `future`) or its amount, its `currency` (only euros are read), or that
    it is a `batch` of several payers.
    """

    credits: list[Credit] = field(default_factory=list)
    wrong: list[tuple[int, str]] = field(default_factory=list)


@dataclass(frozen=True)
class Table:
    """A CSV table: its heads and rows, which line of the file each row is, and which column is guessed to be what."""

    heads: list[str]
    rows: list[list[str]]
    numbers: list[int]
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
    lines = text.replace("\0", "").splitlines()
    mark = max(";,\t", key="\n".join([line for line in lines if line.strip()][:20]).count)
    reader = csv.reader(io.StringIO("\n".join(lines)), delimiter=mark)
    try:
        rows = [(reader.line_num, row) for row in reader if any(cell.strip() for cell in row)]
    except csv.Error as error:
        raise Unreadable("encoding") from error
    start = next((place for place, (_, row) in enumerate(rows) if _guess(row).keys() >= {"day", "amount"}), 0)
    if len(rows) < start + 2:
        raise Unreadable("empty")
    heads, found = [head.strip()[:60] for head in rows[start][1]], rows[start + 1 :]
    _refuse_long(len(found))
    return Table(heads, [row for _, row in found], [number for number, _ in found], _guess(heads))


def _refuse_long(lines: int) -> None:
    """Raise Unreadable rather than cut lines off without a word."""
    if lines > MOST_LINES:
        raise Unreadable("size")


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


def credits_of(table: Table, columns: Mapping[str, int], until: date = date.max) -> Read:
    """Read what came from a table, up to a day; what went out, and lines without an amount, are left out."""
    read = Read()
    for number, row in zip(table.numbers, table.rows, strict=True):
        cells = {name: row[place].strip() for name, place in columns.items() if 0 <= place < len(row)}
        if not cells.get("amount", "").strip(" -") or cells.get("side", "").lower().startswith(("d", "-")):
            continue
        cents, day = _cents(cells["amount"]), _day(cells.get("day", ""))
        wrong = _wrong_day(day, until)
        if cents is None:
            read.wrong.append((number, "amount"))
        elif day is None or wrong:
            read.wrong.append((number, wrong))
        elif cents > 0:
            read.credits.append(Credit(day, cents, cells.get("text", "")[:500], cells.get("name", "")[:160]))
    return read


def _cents(typed: str) -> int | None:
    """Read an amount with a comma or a point, thousands apart or not; None where it is written in any other way."""
    plain = typed.translate(_SPACES).replace("EUR", "").replace("−", "-")
    if "," in plain and "." in plain:
        plain = plain.replace("." if plain.rindex(",") > plain.rindex(".") else ",", "")
    found = _AMOUNT.fullmatch(plain)
    if found is None:
        return None
    sign, whole, part = found.groups(default="")
    cents = int(whole) * 100 + int(part.ljust(2, "0"))
    return -cents if sign == "-" else cents


def _day(typed: str) -> date | None:
    for form in _DAYS:
        try:
            return datetime.strptime(typed[:10], form).date()  # noqa: DTZ007  # a day, no instant
        except ValueError:
            continue
    return None


def _wrong_day(day: date | None, until: date) -> str:
    """Say what is wrong with a day on which money is said to have come; empty where it is fine."""
    if day is None or day < FIRST_DAY:
        return "day"
    return "future" if day > until else ""


# -- CAMT.053 -------------------------------------------------------------------------------------------------


def read_camt(text: str, until: date = date.max) -> Read:
    """Read the credits of a CAMT.053 statement, up to a day. Raise Unreadable: for no XML, and any document type.

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
        if _text(entry, "CdtDbtInd") == "CRDT":
            _take(read, number, entry, until)
    if not read.credits and not read.wrong:
        raise Unreadable("empty")
    _refuse_long(len(read.credits))
    return read


def _take(read: Read, number: int, entry: ET.Element, until: date) -> None:
    """Read what came with an entry: of several payers, what each of them paid.

    Where it does not say that, nobody can be told to have paid all of it.
    """
    amount, day = _amount(entry), _day(_text(entry, "BookgDt") or _text(entry, "ValDt"))
    payers, wrong = [*_all(entry, "TxDtls")], _wrong_day(day, until)
    if day is None or wrong:
        read.wrong.append((number, wrong))
    elif amount is None:
        read.wrong.append((number, "amount"))
    elif amount[1] != EUR:
        read.wrong.append((number, "currency"))
    elif len(payers) < 2:
        read.credits.append(_credit(day, amount[0], entry))
    else:
        parts = [(each, _amount(each)) for each in payers]
        paid = [(each, part[0]) for each, part in parts if part is not None and part[1] == EUR]
        if len(paid) < len(payers) or sum(cents for _, cents in paid) != amount[0]:
            read.wrong.append((number, "batch"))
        else:
            read.credits += [_credit(day, cents, each) for each, cents in paid]


def _amount(element: ET.Element) -> tuple[int, str] | None:
    """Read what an entry, or one payment of it, is about, and its currency; None where nothing came."""
    own = (each for each in element if _is(each, "Amt"))
    told = (
        amount
        for name in ("TxAmt", "InstdAmt")
        for each in _all(element, name)
        for amount in _all(each, "Amt")
    )
    found = next(own, None)
    found = next(told, None) if found is None else found
    cents = _cents(found.text or "") if found is not None else None
    if found is None or not cents or cents < 0:
        return None
    return cents, found.get("Ccy", EUR)


def _credit(day: date, cents: int, element: ET.Element) -> Credit:
    words = [
        _text(element, "EndToEndId"),
        *(_words(each) for each in _all(element, "Ustrd")),
        _text(element, "AddtlNtryInf"),
    ]
    said = " ".join(dict.fromkeys(word for word in words if word and word != "NOTPROVIDED"))
    debtor = next(_all(element, "Dbtr"), None)
    name = _text(debtor, "Nm") if debtor is not None else ""
    return Credit(day, cents, said[:500], name[:160])


def _is(element: ET.Element, name: str) -> bool:
    """Tell whether an element has a name, in whichever version of the format."""
    return element.tag.rpartition("}")[2] == name


def _all(element: ET.Element, name: str) -> Iterator[ET.Element]:
    """Find all elements of a name, at any depth."""
    return (each for each in element.iter() if _is(each, name))


def _text(element: ET.Element, name: str) -> str:
    found = next(_all(element, name), None)
    return _words(found) if found is not None else ""


def _words(element: ET.Element) -> str:
    return " ".join("".join(element.itertext()).split())
