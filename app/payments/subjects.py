"""What charges are about, in words: the rooms that charge say it, because money knows a kind and a reference alone."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass

from app.payments.models import Charge


@dataclass(frozen=True)
class Subject:
    """What was charged, as a page names it, and where it is found; `url` is None for who may not see it.

    `outside` is what others may read who carry a payment: what it is for, in a few words that name nobody.
    """

    title: str
    url: str | None = None
    outside: str = ""


Namer = Callable[[Collection[str]], Mapping[str, Subject]]
_namers: dict[str, Namer] = {}


def names(kind: str) -> Callable[[Namer], Namer]:
    """Mark a function that names subjects of a kind: references → what they are, those it does not know left out."""

    def register(namer: Namer) -> Namer:
        _namers[kind] = namer
        return namer

    return register


def named(kind: str, refs: Collection[str]) -> Mapping[str, Subject]:
    """Name subjects of a kind by their references; what nobody names is left out."""
    namer = _namers.get(kind)
    return namer(refs) if namer and refs else {}


def subjects_of(charges: Iterable[Charge]) -> dict[int, Subject]:
    """Name what charges are about, by their ids; each kind is asked once, and what nobody names is left out."""
    wanted: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for charge in charges:
        wanted[charge.subject_kind][charge.subject_ref].append(charge.id)
    found: dict[int, Subject] = {}
    for kind, by_ref in wanted.items():
        for ref, subject in named(kind, [*by_ref]).items():
            found |= dict.fromkeys(by_ref.get(ref, ()), subject)
    return found
