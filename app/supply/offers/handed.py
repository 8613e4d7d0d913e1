"""What of parts was handed over, by signed notes: a room above, which this one does not know, reads them."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from app.supply.offers.errors import PartHandedOver
from app.supply.offers.models import SurplusClaim
from app.supply.offers.rules import ClaimState


@dataclass(frozen=True, slots=True)
class Handed:
    """So many grams of a part are given or on their way, with notes that the giver signed; so many were signed for."""

    given: int = 0
    received: int = 0

    def __add__(self, other: "Handed") -> "Handed":
        """Add what another note says."""
        return Handed(self.given + other.given, self.received + other.received)


NOTHING = Handed()
Reader = Callable[[Collection[str]], Mapping[str, Handed]]
_readers: list[Reader] = []


def reads_notes(reader: Reader) -> Reader:
    """Mark a function that reads what of parts, by their public references, was handed over."""
    if reader not in _readers:
        _readers.append(reader)
    return reader


def handed_of(refs: Collection[str]) -> Mapping[str, Handed]:
    """Read what of parts was handed over; of which no note says so is not in it."""
    found: dict[str, Handed] = {}
    for reader in _readers if refs else ():
        for ref, handed in reader(refs).items():
            found[ref] = found.get(ref, NOTHING) + handed
    return found


def refuse_handed(claim: SurplusClaim) -> None:
    """Raise PartHandedOver where notes say that a part is gone: some of it, of one noted as collected all of it."""
    if (refusal := refusal_of(claim, handed_of([claim.public_id]).get(claim.public_id, NOTHING))) is not None:
        raise refusal


def refusal_of(claim: SurplusClaim, handed: Handed) -> PartHandedOver | None:
    """Tell why a part can neither be given back nor be said not to have been collected, where notes say so."""
    if claim.state == ClaimState.COLLECTED and handed.received < claim.grams:
        return None  # somebody noted it by hand, of less: the other side may say so
    return PartHandedOver(grams=handed.given, is_received=bool(handed.received)) if handed.given else None
