"""What a request announces and asks for, set against another place that is proposed for it. Pure."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from app.bookings.errors import PlaceTooSmall, TooFewSeats
from app.bookings.models import Booking
from app.catalogue.kinds import Fact, get_kind
from app.catalogue.models import Resource
from app.catalogue.rules import passengers

# Facts for which people chose the place they asked for; a request says nothing of them itself.
_CHOSEN_FOR = {"storage": ("regime",), "vehicle": ("seats", "payload", "atp_class")}


@dataclass(frozen=True)
class Difference:
    """A fact that a proposed place has otherwise than the one asked for; `after` is None where nobody said it."""

    fact: Fact
    before: Any
    after: Any


def find_too_small(booking: Booking, place: Resource) -> PlaceTooSmall | TooFewSeats | None:
    """Find what forbids a vehicle for the passengers a request announces; of a request for several, with the others."""
    if booking.bundle is not None:
        return find_too_few_seats([place, *places_beside(booking)], booking.bundle.people, instead=place.name)
    most, asked = passengers(place.kind, place.facts), booking.people or 0
    if most is None or asked <= most:
        return None
    return PlaceTooSmall(field="ressource", name=place.name, seats=most + 1, most=most, asked=asked)


def seats_short_of(places: Iterable[Resource], people: int | None) -> int | None:
    """Tell how many passengers the vehicles among several places take together, where more people are announced.

    None where they fit, where no vehicle is among them, and where nobody said how many seats one has.
    """
    found = [passengers(each.kind, each.facts) for each in places if each.kind == "vehicle"]
    known = [most for most in found if most is not None]
    if not known or len(known) < len(found) or (people or 0) <= sum(known):
        return None
    return sum(known)


def places_beside(leg: Booking) -> list[Resource]:
    """List what else is asked for with a leg of a bundle."""
    beside = leg.bundle.legs if leg.bundle else ()
    return [other.resource for other in beside if other.leg_number is not None and other.id != leg.id]


def find_too_few_seats(
    places: Collection[Resource], people: int | None, *, instead: str = ""
) -> TooFewSeats | None:
    """Find what forbids to ask for nothing but vehicles: all who come ride in them.

    Where another place is asked for too they may come by themselves: that is said, and forbids nothing. `instead` names
    the vehicle that somebody else would put among them.
    """
    most = seats_short_of(places, people)
    if most is None or any(each.kind != "vehicle" for each in places):
        return None
    if instead:
        return TooFewSeats(field="ressource", name=instead, most=most, asked=people)
    return TooFewSeats(field="people", most=most, asked=people)


def crowded_at(booking: Booking, place: Resource) -> int | None:
    """Tell how many people a place takes at once where a request announces more; None where they fit."""
    most = place.facts.get("max_people")
    return int(most) if most and (booking.people or 0) > int(most) else None


def differences(asked: Resource, place: Resource) -> Sequence[Difference]:
    """List what a place has less of, or otherwise, among what the place asked for was chosen for."""
    kind = get_kind(asked.kind)
    facts = [fact for key in _CHOSEN_FOR.get(kind.key, ()) if (fact := kind.find_fact(key))]
    pairs = [Difference(fact, asked.facts.get(fact.key), place.facts.get(fact.key)) for fact in facts]
    return [each for each in pairs if _is_worse(each)]


def _is_worse(found: Difference) -> bool:
    if found.before is None:
        return False
    if found.after is None:
        return True
    return bool(found.after < found.before if found.fact.is_number else found.after != found.before)
