"""What documents there are, and how their sums add up. Pure."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from enum import StrEnum
from fractions import Fraction
from math import floor
from typing import Final

from app.core.money import WHOLE_BP

TERM_DAYS: Final = 30  # what is billed is to be paid within them


class Kind(StrEnum):
    """What a document is. A statement tells what is owed; it is no bill."""

    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"
    RECEIPT = "receipt"
    STATEMENT = "statement"


BILLS: Final = (
    Kind.INVOICE,
    Kind.CREDIT_NOTE,
)  # issued in somebody's name, with the law's facts and Factur-X
PREFIXES: Final[Mapping[Kind, str]] = {
    Kind.INVOICE: "FA",
    Kind.CREDIT_NOTE: "AV",
    Kind.RECEIPT: "RE",
    Kind.STATEMENT: "RC",
}


def number_words(kind: Kind, year: int, number: int) -> str:
    """Write the number of a document: FA-2026-0001."""
    return f"{PREFIXES[kind]}-{year}-{number:04d}"


def due_on(issued_on: date) -> date:
    """Tell until when what is billed on a day is to be paid."""
    return issued_on + timedelta(days=TERM_DAYS)


def net_parts(cents: Sequence[int], vat_bp: int) -> list[int]:
    """Take the VAT out of amounts that have it inside, all at one rate; give what is left of each, in order.

    The sum without VAT is rounded once, half up, and the VAT is the rest: so nothing is a cent away from what is owed,
    and the VAT less than one from rate × sum. The amounts share that sum by largest remainder, the first of equals
    first.
    """
    exact = [Fraction(each * WHOLE_BP, WHOLE_BP + vat_bp) for each in cents]
    total = floor(sum(exact, Fraction()) + Fraction(1, 2))
    parts = [floor(each) for each in exact]
    order = sorted(range(len(exact)), key=lambda place: (parts[place] - exact[place], place))
    for place in order[: total - sum(parts)]:
        parts[place] += 1
    return parts


def month_of(day: date) -> str:
    """Name the month of a day: 2026-11."""
    return f"{day:%Y-%m}"


def first_day(month: str) -> date:
    """Give the first day of a month ("2026-11"); raise ValueError where there is no such month."""
    return date.fromisoformat(f"{month}-01")


def month_before(month: str) -> str:
    """Name the month before."""
    return month_of(first_day(month) - timedelta(days=1))


def month_after(month: str) -> str:
    """Name the month after."""
    return month_of(first_day(month) + timedelta(days=31))
