"""What a booking gives back of a quota called back: reckoned (pure), told before it is done, read from history."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.accounts.models import Organisation
from app.availability.askers import Asker
from app.availability.beside import Lost, besides_of, is_short
from app.availability.booked import Booked, booked_reader
from app.availability.queries import Wish, instant, recall_for
from app.availability.recalls import Cut
from app.bookings.models import Booking, Proposal, Waiting
from app.bookings.rules import CANCELLED, OFFERED, OPEN, PENDING
from app.catalogue.models import Resource
from app.core.span import Span
from app.infra import audit
from app.infra.audit import AuditEntry
from app.infra.db import db

Given = list[
    list[int]
]  # stretches of [start, end, units] (epoch seconds, as people see it), in order, none overlap


def with_given(given: Given, start: int, end: int, units: int, quantity: int) -> Given:
    """Add `units` given back within [start, end) to what a booking of some `quantity` has given back before."""
    every = [*given, [start, end, units]]
    edges = sorted({edge for each in every for edge in each[:2]})
    found: Given = []
    for since, until in pairwise(edges):
        back = min(quantity, sum(each[2] for each in every if each[0] <= since and each[1] >= until))
        if back and found and found[-1][1:] == [since, back]:
            found[-1][1] = until
        elif back:
            found.append([since, until, back])
    return found


def trimmed(given: Given, start: int, end: int, quantity: int) -> tuple[int, int, Given]:
    """Tell when a booking begins and ends with what it has left, and what it still gives back between.

    It is over (its end no later than its start) where nothing is left of it at all.
    """
    kept = list(given)
    while kept and kept[0] == [start, kept[0][1], quantity]:
        start = kept.pop(0)[1]
    while kept and kept[-1] == [kept[-1][0], end, quantity]:
        end = kept.pop()[0]
    return start, end, kept


def clipped(given: Given, start: int, end: int, fewer: int) -> Given:
    """Tell what a booking still gives back once it asks for `fewer` units, and only for [start, end)."""
    within = [[max(since, start), min(until, end), units - fewer] for since, until, units in given]
    return [each for each in within if each[0] < each[1] and each[2] > 0]


def still_given(given: Given, had: Span, units: int, span: Span, quantity: int) -> Given | None:
    """Tell what a booking gives back once it asks for less than it `had`: for a `span` and `quantity` within those.

    None where it asks for more, or where nothing of it is left at its start or end: then it asks for the whole anew.
    """
    if not given or span.start < had.start or span.end > had.end or quantity > units:
        return None
    left = clipped(given, *span.epochs, units - quantity)
    return left if trimmed(left, *span.epochs, quantity) == (*span.epochs, left) else None


def stretches_of(booking: Booking) -> list[tuple[Span, int]]:
    """List when a booking has given back how many units."""
    return [(Span(instant(start), instant(end)), units) for start, end, units in booking.given_back]


@booked_reader
def booked_for(hold_ids: Collection[int]) -> dict[int, Booked]:
    """Tell what holds are booked for, and what was called back of it."""
    b = Booking
    rows = db.session.execute(
        select(b.hold_id, b.start_at, b.end_at, b.quantity, b.given_back).where(b.hold_id.in_(hold_ids))
    )
    return {
        hold_id: Booked(hold_id, *Span(start, end).epochs, quantity, tuple((a, b, n) for a, b, n in given))
        for hold_id, start, end, quantity, given in rows
        if hold_id
    }


def was_called_back(booking: Booking) -> bool:
    """Tell whether a booking is cancelled because all of it was called back: nobody decided that about it."""
    is_over = booking.decision == CANCELLED and booking.decided_by_id is None
    return is_over and booking.recalled_at is not None


@dataclass(frozen=True)
class Recall:
    """Some of a booking given back: how many units and when; `whose` is the organisation that called its quota back.

    Only those who manage the place read the name.
    """

    units: int
    span: Span
    whose: str


@dataclass(frozen=True)
class Giver:
    """Who would give back how much, from when on: told to a manager before the yes."""

    organisation: str
    units: int
    since: datetime
    resource_id: int


@dataclass(frozen=True)
class Kept:
    """What is kept for somebody's answer and ends with the yes: proposed, or offered from a waiting list."""

    organisation: str
    quantity: int
    span: Span
    resource: Resource
    is_offer: bool


@dataclass(frozen=True)
class Outlook:
    """What a yes to a request calls back, and ends; where it is too late, nothing, and for which times it is not."""

    givers: Sequence[Giver]
    kept: Sequence[Kept]
    hours: int
    recall_from: datetime
    is_in_time: bool


def outlook_of(booking: Booking) -> Outlook | None:
    """Look at what a yes to a request would call back; None where it calls nothing back."""
    if not (booking.recalls and booking.decision == PENDING):
        return None
    asker = Asker.on_behalf_of(booking.organisation)
    plan = recall_for(Wish(booking.resource_id, booking.span, booking.quantity, asker))
    if plan is None:
        return None
    cuts = plan.cuts if plan.is_in_time else ()
    return Outlook(_givers(cuts), _kept(cuts), plan.hours, instant(plan.recall_from), plan.is_in_time)


def _givers(cuts: Sequence[Cut]) -> list[Giver]:
    """Name the bookings that give back."""
    holds = [cut.hold_id for cut in cuts]
    found = select(Booking).options(joinedload(Booking.organisation)).where(Booking.hold_id.in_(holds))
    by_hold = {each.hold_id: each for each in db.session.scalars(found)}
    pairs = [(cut, by_hold[cut.hold_id]) for cut in cuts if cut.hold_id in by_hold]
    return [
        Giver(
            each.organisation.name,
            min(cut.units, each.quantity),
            max(instant(cut.since), each.start_at),
            each.resource_id,
        )
        for cut, each in pairs
    ]


def _kept(cuts: Sequence[Cut]) -> list[Kept]:
    """Name what was proposed or offered there, or leans on what is given back, and just ends."""
    holds = [cut.hold_id for cut in cuts]
    holds += _leaning(cuts)
    proposals = (
        select(Proposal)
        .options(joinedload(Proposal.booking).joinedload(Booking.organisation), joinedload(Proposal.resource))
        .where(Proposal.hold_id.in_(holds), Proposal.state == OPEN)
    )
    offers = (
        select(Waiting)
        .options(joinedload(Waiting.organisation), joinedload(Waiting.resource))
        .where(Waiting.hold_id.in_(holds), Waiting.state == OFFERED)
    )
    found = [
        Kept(each.booking.organisation.name, each.quantity, each.span, each.resource, is_offer=False)
        for each in db.session.scalars(proposals)
    ]
    found += [
        Kept(each.organisation.name, each.quantity, each.span, each.resource, is_offer=True)
        for each in db.session.scalars(offers)
        if each.organisation
    ]
    return sorted(found, key=lambda each: each.span.start)


def _leaning(cuts: Sequence[Cut]) -> list[int]:
    """List the holds of what is proposed to those who give back, and would no longer have all of it."""
    by_hold = {cut.hold_id: cut for cut in cuts}
    booked = booked_for(by_hold)
    return [
        each.hold_id
        for each in besides_of(by_hold)
        if each.own_hold_id in booked and is_short(each, _lost(by_hold[each.own_hold_id], booked))
    ]


def _lost(cut: Cut, booked: Mapping[int, Booked]) -> Lost:
    span = booked[cut.hold_id].start, booked[cut.hold_id].end
    return lambda resource_id: cut.on(resource_id, span)


def last_recall(booking_id: int) -> Recall | None:
    """Read what was called back last from a booking."""
    lines = [entry for entry in audit.history("booking", booking_id) if entry.act == "recalled"]
    return recall_of(lines[-1].facts, _name(lines[-1])) if lines else None


def recall_of(facts: dict[str, Any], whose: str = "") -> Recall:
    """Read a line of history; one from before recalls had an end lasts as long as the booking did."""
    until = facts.get("until") or facts["before"]["end"]
    span = Span(datetime.fromisoformat(facts["since"]), datetime.fromisoformat(until))
    return Recall(facts["units"], span, whose)


def has_called_back(booking_id: int) -> bool:
    """Tell whether others gave back what they had borrowed for a booking, since it was last changed."""
    acts = [entry.act for entry in audit.history("booking", booking_id)]
    return "called_back" in acts and "moved" not in acts[acts.index("called_back") :]


def was_recalled(booking_id: int) -> bool:
    """Tell whether what was proposed last for a request was withdrawn because it was called back."""
    lines = [entry for entry in audit.history("booking", booking_id) if entry.act == "proposal_withdrawn"]
    return bool(lines and lines[-1].facts.get("recalled"))


def _name(line: AuditEntry) -> str:
    organisation = db.session.get(Organisation, line.facts.get("whose") or 0)
    return organisation.name if organisation else ""
