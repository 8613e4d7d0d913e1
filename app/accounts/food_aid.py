"""Food aid: which organisations may receive food that is handed on as food aid, on which day. Pure.

In French law what the public gives to food aid, food included, goes to public bodies as they are and to private ones
that the State has authorised (code de l'action sociale et des familles, article L. 266-2): at the national level by two
ministers, at the regional one by the prefect of the region (articles R. 266-2 to R. 266-10). A union or federation is
authorised for those of its members, too, that it names (article R. 266-4, IV). From when until when is said by the
decision; nobody is authorised for good.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final, NamedTuple

from app.accounts.errors import BadAuthorisation
from app.core.states import Machine


class Level(StrEnum):
    """Whose decision it is, or that it is that of a network."""

    NATIONAL = "national"
    REGIONAL = "regional"
    NETWORK = "network"  # a union or federation is authorised, and has named this member


class AuthorisationState(StrEnum):
    """Where what was entered of an authorisation stands."""

    ENTERED = "entered"
    CONFIRMED = "confirmed"  # by the coordination, who has seen the decision
    SENT_BACK = "sent_back"  # by the coordination, with a reason
    WITHDRAWN = "withdrawn"  # by who entered it: it was wrong


AUTHORISATION: Final = Machine(
    "food_aid_authorisation",
    {
        ("confirm", AuthorisationState.ENTERED): AuthorisationState.CONFIRMED,
        ("send_back", AuthorisationState.ENTERED): AuthorisationState.SENT_BACK,
        ("send_back", AuthorisationState.CONFIRMED): AuthorisationState.SENT_BACK,  # the State took it back
        ("withdraw", AuthorisationState.ENTERED): AuthorisationState.WITHDRAWN,
        ("withdraw", AuthorisationState.CONFIRMED): AuthorisationState.WITHDRAWN,
        ("withdraw", AuthorisationState.SENT_BACK): AuthorisationState.WITHDRAWN,
    },
)
FOOD_AID_CLASS: Final = "P1"  # the priority class of those who do food aid
LONGEST: Final = timedelta(days=366 * 10)  # beyond it a date was mistyped
REMINDED: Final = (30, 7)  # days before the end


def check_named(level: str, reference: str, network: str) -> None:
    """Refuse an authorisation that nobody could look up: by its decision, of a network by its name."""
    if level == Level.NETWORK and not network.strip():
        raise BadAuthorisation(field="network", reason="network")
    if level != Level.NETWORK and not reference.strip():
        raise BadAuthorisation(field="reference", reason="reference")


def check_days(first: date, last: date) -> None:
    """Refuse an authorisation that ends before it begins, or lasts longer than any does."""
    if last < first:
        raise BadAuthorisation(field="valid_until", reason="order")
    if last - first > LONGEST:
        raise BadAuthorisation(field="valid_until", reason="too_long")


class Basis(StrEnum):
    """On what somebody stands on a day."""

    LAW = "law"  # a public body
    HELD = "held"
    WAITS = "waits"  # entered, and the coordination has not confirmed it
    EARLY = "early"  # confirmed, from a later day on
    ENDED = "ended"
    NONE = "none"


class Term(NamedTuple):
    """What counts of an authorisation: where it stands, its first and its last day."""

    state: str
    first: date
    last: date

    def covers(self, on: date) -> bool:
        """Tell whether a day is one of its days."""
        return self.first <= on <= self.last


@dataclass(frozen=True, slots=True)
class Standing:
    """How an organisation stands on a day; `day` is the last one that is covered, or the first one that will be."""

    basis: Basis
    on: date
    day: date | None = None

    @property
    def is_good(self) -> bool:
        """Tell whether food may be handed to it as food aid."""
        return self.basis in (Basis.LAW, Basis.HELD)

    @property
    def ends_soon(self) -> bool:
        """Tell whether it ends within the time of the first reminder."""
        return self.basis == Basis.HELD and self.day is not None and (self.day - self.on).days <= REMINDED[0]


def standing_on(on: date, *, is_public: bool, terms: Iterable[Term]) -> Standing:
    """Tell how an organisation with these authorisations stands on a day."""
    if is_public:
        return Standing(Basis.LAW, on)
    known = list(terms)
    confirmed = [each for each in known if each.state == AuthorisationState.CONFIRMED]
    if held := [each.last for each in confirmed if each.covers(on)]:
        return Standing(Basis.HELD, on, _without_gap(max(held), confirmed))
    if any(each.state == AuthorisationState.ENTERED and each.covers(on) for each in known):
        return Standing(Basis.WAITS, on)
    if early := [each.first for each in confirmed if each.first > on]:
        return Standing(Basis.EARLY, on, min(early))
    if over := [each.last for each in confirmed]:
        return Standing(Basis.ENDED, on, max(over))
    return Standing(Basis.NONE, on)


def _without_gap(last: date, confirmed: Iterable[Term]) -> date:
    """Go on to the end of what follows without a day between: what was renewed does not end."""
    for each in sorted(confirmed, key=lambda each: each.first):
        if each.first <= last + timedelta(days=1):
            last = max(last, each.last)
    return last


def reminder_due(days_left: int, reminded_days: int | None) -> int | None:
    """Tell which reminder is due so many days before the end, having sent one before; None where none is."""
    due = [days for days in REMINDED if 0 <= days_left <= days]
    wanted = min(due, default=None)
    return wanted if wanted is not None and (reminded_days is None or wanted < reminded_days) else None
