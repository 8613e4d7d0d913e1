"""Other words by which what is owed is known: the rooms above that give it numbers say them."""

from collections.abc import Callable, Collection, Iterable, Mapping

from app.payments.bank.matching import says
from app.payments.models import Due

Numbers = Callable[[Collection[int]], Mapping[int, str]]
_numberers: list[Numbers] = []


def numbers(numberer: Numbers) -> Numbers:
    """Mark a function that tells the numbers of dues: ids → numbers, those that have none left out."""
    _numberers.append(numberer)
    return numberer


def numbers_of(due_ids: Collection[int]) -> dict[int, str]:
    """Tell by which numbers some dues are known, those that have none left out."""
    found: dict[int, str] = {}
    for numberer in _numberers:
        found |= numberer(due_ids)
    return found


def named_in(text: str, dues: Iterable[Due]) -> list[Due]:
    """Give those of some dues whose number is in a text, as a word of it."""
    listed = [*dues]
    known = numbers_of([due.id for due in listed]) if text and listed else {}
    return [due for due in listed if due.id in known and says(text, known[due.id])]
