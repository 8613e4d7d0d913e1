"""Who may have paid a line of the bank, and what for: by its reference, its amount, the name. Pure."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum


class Certainty(StrEnum):
    """How sure a match is: the reference says it, amount and name agree, or only one of them."""

    SURE = "sure"
    LIKELY = "likely"
    POSSIBLE = "possible"


@dataclass(frozen=True)
class Debtor:
    """Who owes something: `dues` are what is owed, by the word that is in their reference."""

    payer_id: int
    name: str
    ref: str
    dues: tuple[tuple[str, int], ...]  # public id, cents
    orders: tuple[tuple[str, int], ...] = ()  # number by which an accountant collects, cents
    announced: tuple[tuple[str, int, str], ...] = ()  # what they say is on its way: reference, cents, due

    @property
    def cents(self) -> int:
        """All that is owed."""
        return sum(cents for _, cents in self.dues)


@dataclass(frozen=True)
class Match:
    """Who is thought to have paid, for which due (empty: all of them), and how sure that is."""

    payer_id: int
    due_ref: str
    certainty: Certainty


_COMMON = frozenset(
    {"ASSOCIATION", "ASSO", "LES", "DES", "AUX", "POUR", "COMMUNE", "VILLE", "MAIRIE", "SARL", "GAEC"}
)


def match(cents: int, text: str, debtors: Sequence[Debtor]) -> Match | None:
    """Find who paid, or None where nothing speaks for anybody, or the same for several."""
    letters = _letters(text)
    named_so = [found for debtor in debtors for found in [_said(debtor, letters)] if found is not None]
    if named_so:
        return named_so[0] if len(named_so) == 1 else None
    for debtor in debtors:
        if any(owed == cents and says(text, number) for number, owed in debtor.orders):
            return Match(debtor.payer_id, "", Certainty.SURE)
    said = [(debtor, *each) for debtor in debtors for each in debtor.announced if each[1] == cents]
    for debtor, reference, _, due in said:
        if says(text, reference):
            return Match(debtor.payer_id, due, Certainty.SURE)
    if len({debtor.payer_id for debtor, *_ in said}) == 1:
        return Match(said[0][0].payer_id, said[0][3], Certainty.LIKELY)
    named = [each for each in debtors if _is_named(each.name, text)]
    fitting = [(each, due) for each in debtors for due in [_due_of(each, cents)] if due is not None]
    both = [(each, due) for each, due in fitting if each in named]
    for candidates, certainty in ((both, Certainty.LIKELY), (fitting, Certainty.POSSIBLE)):
        if len(candidates) == 1:
            debtor, due = candidates[0]
            return Match(debtor.payer_id, due, certainty)
    return Match(named[0].payer_id, "", Certainty.POSSIBLE) if len(named) == 1 else None


def says(text: str, number: str) -> bool:
    """Tell whether a text has a number, as words of their own: "12" is not in "2012"."""
    there, wanted = [*_words(text)], [*_words(number)]
    places = range(len(there) - len(wanted) + 1)
    return bool(wanted) and any(there[place : place + len(wanted)] == wanted for place in places)


def _said(debtor: Debtor, letters: str) -> Match | None:
    """Tell what of a debtor is in a text by its reference: one due, or what is owed altogether."""
    refs = [ref for ref, _ in debtor.dues if ref in letters]
    if refs or debtor.ref in letters:
        return Match(debtor.payer_id, refs[0] if len(refs) == 1 else "", Certainty.SURE)
    return None


def _due_of(debtor: Debtor, cents: int) -> str | None:
    """Tell which due has this amount: "" for all of them together, None for none."""
    if debtor.cents == cents:
        return ""
    return next((ref for ref, owed in debtor.dues if owed == cents), None)


def _is_named(name: str, text: str) -> bool:
    """Tell whether every telling word of a name is in a text."""
    words = [word for word in _words(name) if len(word) > 2 and word not in _COMMON]
    return bool(words) and set(words) <= set(_words(text))


def _words(text: str) -> Iterable[str]:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().upper()
    return re.findall(r"[A-Z0-9]+", plain)


def _letters(text: str) -> str:
    return "".join(_words(text))
