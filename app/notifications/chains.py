"""From events to letters, as `listeners` and `tasks`: who offers reads when it is collected, who receives if it is so.

Neither asks nor answers: the letters about bookings are not for them.
"""

from dataclasses import replace

from app.accounts.models import Person
from app.bookings import events
from app.bookings.bundles import Whole
from app.bookings.models import Booking
from app.bookings.rules import APPROVED
from app.infra.events import listens
from app.infra.jobs import Payload, enqueue, job
from app.infra.mail import deliver
from app.infra.uow import atomic
from app.notifications import queries
from app.notifications.bundles import find_whole
from app.notifications.letters.chains import LETTERS, Told
from app.notifications.letters.letter import message
from app.notifications.members import who_acts, who_answers
from app.notifications.quiet import is_quiet
from app.supply.chains.concerned import collecting
from app.supply.chains.events import ChainReaddressed
from app.supply.chains.models import Chain
from app.supply.chains.queries import find_chain
from app.supply.chains.rules import number_of
from app.supply.offers.queries import find_part
from app.web.i18n import speaking

_SPREAD, _WRITE = "notifications.spread_chain", "notifications.write_chain"
ANSWERED, MOVED, LOST = "answered", "moved", "lost"
HANDED_OVER, READDRESSED = "handed_over", "readdressed"


@listens(events.BookingApproved)
def on_approved(event: events.BookingApproved) -> None:
    """Tell that it is sure."""
    _spread(ANSWERED, event)


@listens(events.BookingMoved)
def on_moved(event: events.BookingMoved) -> None:
    """Tell when it is now."""
    _spread(MOVED, event, was_approved=event.was_approved)


@listens(events.ProposalAccepted)
def on_proposal(event: events.ProposalAccepted) -> None:
    """Tell when it is now, and with what."""
    _spread(MOVED, event)


@listens(events.BookingRecalled)
def on_recalled(event: events.BookingRecalled) -> None:
    """Tell what is left of it, or that nothing is."""
    _spread(MOVED, event, was_approved=event.was_approved)


@listens(events.DecisionUndone)
def on_undone(event: events.DecisionUndone) -> None:
    """Tell that it is not sure any more."""
    _spread(MOVED, event, was_approved=event.was_approved)


@listens(events.BookingRefused)
def on_refused(event: events.BookingRefused) -> None:
    """Tell that it cannot be had."""
    _spread(LOST, event)


@listens(events.BookingExpired)
def on_expired(event: events.BookingExpired) -> None:
    """Tell that nobody answered."""
    _spread(LOST, event)


@listens(events.BookingCancelled)
def on_cancelled(event: events.BookingCancelled) -> None:
    """Tell that it does not come, or that all is given up."""
    _spread(LOST, event, was_approved=event.was_approved)


@listens(events.BundleRequested)
def on_requested(event: events.BundleRequested) -> None:
    """Tell of what is reserved at once."""
    _spread_bundle(ANSWERED, event)


@listens(events.BundleMended)
def on_mended(event: events.BundleMended) -> None:
    """Tell of what is reserved at once instead."""
    _spread_bundle(ANSWERED, event)


@listens(events.BundleShortened)
def on_shortened(event: events.BundleShortened) -> None:
    """Tell where it is sure without what was left out."""
    _spread_bundle(ANSWERED, event)


@listens(events.HandoverMoved)
def on_handover_moved(event: events.HandoverMoved) -> None:
    """Tell when it is handed over now."""
    _spread_bundle(HANDED_OVER, event)


@listens(ChainReaddressed)
def on_readdressed(event: ChainReaddressed) -> None:
    """Tell who received it that they do not, and who does that it is sure."""
    if not is_quiet():
        _queue(READDRESSED, event.bundle_id, (), event.actor_id, before=event.before_id)


def _spread(occasion: str, event: events.BookingEvent, *, was_approved: bool = False) -> None:
    bundle_id = None if is_quiet() else queries.bundle_of(event.booking_id)
    if bundle_id is not None:
        was_sure = was_approved and _are_others_sure(bundle_id, event.booking_id)
        _queue(occasion, bundle_id, (event.booking_id,), event.actor_id, was_sure=was_sure)


def _are_others_sure(bundle_id: int, booking_id: int) -> bool:
    """Tell it while the event happens: whoever receives it was told that all is sure if these are, too."""
    whole = find_whole(bundle_id)
    legs = whole.legs if whole else ()
    return all(leg.decision == APPROVED for leg in legs if leg.id != booking_id)


def _spread_bundle(occasion: str, event: events.BundleEvent) -> None:
    if not is_quiet():
        _queue(occasion, event.bundle_id, event.booking_ids, event.actor_id)


def _queue(
    occasion: str, bundle_id: int, booking_ids: tuple[int, ...], actor_id: int | None, **facts: object
) -> None:
    """Find out afterwards whom it concerns: the chain is written after its request."""
    about = {"occasion": occasion, "bundle": bundle_id, "bookings": list(booking_ids), "actor": actor_id}
    enqueue(_SPREAD, about | facts)


@job(_SPREAD)
def spread_chain(payload: Payload) -> None:
    """Queue the letters of an occasion to who offers what a chain carries and to who receives it."""
    chain, whole = find_chain(payload["bundle"]), find_whole(payload["bundle"])
    if chain is None or whole is None:
        return
    occasion = payload["occasion"]
    letters = _to_receivers(chain, payload)
    if any(_collects(chain, whole, leg) for leg in whole.all_legs if leg.id in payload["bookings"]):
        letters += [(f"chain_collection_{occasion}", person) for person in _who_offers(chain)]
    territory_id = whole.bundle.territory_id
    with atomic():
        for letter, person in letters:
            if person.id != payload["actor"]:
                about = {"letter": letter, "bundle": payload["bundle"], "person": person.id}
                key = f"{letter}:{payload['bundle']}:{person.id}"
                enqueue(_WRITE, about, dedup_key=key, territory_id=territory_id)


def _to_receivers(chain: Chain, payload: Payload) -> list[tuple[str, Person]]:
    """List who receives it with what they may have to be told, and who received it before."""
    told = ["chain_handed_over" if payload["occasion"] == HANDED_OVER else "chain_received"]
    if payload.get("was_sure"):
        told.append("chain_unsure")
    letters = [(letter, person) for person in _members(chain.receiver_id) for letter in told]
    before = payload.get("before")
    if before != chain.receiver_id:
        letters += [("chain_readdressed", person) for person in _members(before)]
    return letters


@job(_WRITE)
def write_chain(payload: Payload) -> None:
    """Write to one person about a chain as it stands now, if there is something to tell."""
    chain, whole = find_chain(payload["bundle"]), find_whole(payload["bundle"])
    person = queries.find_person(payload["person"])
    if chain is None or whole is None or person is None:
        return
    legs = {leg.leg_number: leg for leg in whole.legs}
    part = find_part(chain.surplus_claim_ref) if chain.surplus_claim_ref else None
    told = Told(chain, whole, [legs.get(number) for number in collecting(chain)], part)
    with speaking(person.locale):
        letter = LETTERS[payload["letter"]](told)
        if letter is None:
            return
        signed = replace(letter, name=person.name, signed=whole.bundle.organisation.territory.name)
        mail = message(signed, person.email, person.locale)
    deliver(mail)


def _collects(chain: Chain, whole: Whole, leg: Booking) -> bool:
    order = [each.id for each in sorted(whole.all_legs, key=lambda each: each.id)]
    place = order.index(leg.id) + 1
    return number_of(leg.leg_number, place, len(chain.steps)) in collecting(chain)


def _who_offers(chain: Chain) -> list[Person]:
    part = find_part(chain.surplus_claim_ref) if chain.surplus_claim_ref else None
    return who_acts(part.offer.person, part.offer.organisation_id) if part else []


def _members(receiver_id: int | None) -> list[Person]:
    return who_answers(receiver_id) if receiver_id else []
