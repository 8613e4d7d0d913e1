"""What the order of a bundle says about a time while one chooses: the same as on sending, and what would keep it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from flask_babel import gettext as _

from app.availability.alternatives import AT_MOST, Alternative, alternatives
from app.availability.asking import Slot
from app.availability.feedback import Feedback, Option
from app.availability.queries import Wish
from app.availability.rules import Terms
from app.bookings import service
from app.bookings.errors import LegOutOfOrder, LegTooSoon
from app.bookings.legs import find_order
from app.bookings.models import Booking
from app.bookings.order import Order, Step
from app.bookings.views.slots import as_value
from app.core.span import Span
from app.web.format import span_words
from app.web.identity import current_actor
from app.web.words import explain

Why = Callable[[Step], LegOutOfOrder | None]


@dataclass(frozen=True)
class InOrder:
    """A leg that has to keep its place in an order, at a resource with its terms; `why` it would not, at another time.

    Without a `why` it follows nothing, and any time keeps it.
    """

    number: int
    name: str
    terms: Terms
    why: Why | None = None
    gap: timedelta = timedelta(0)
    order: Order | None = None

    @classmethod
    def of(cls, leg: Booking, name: str, terms: Terms) -> "InOrder":
        """Look at a booking that was sent, at the place of that name; most stand alone."""
        order = find_order(leg, current_actor())
        why: Why | None = (lambda own: service.why_out_of_order(order, own)) if order else None
        return cls(leg.leg_number or 0, name, terms, why, timedelta(minutes=leg.leg_gap_minutes), order)

    def keeps(self, span: Span) -> bool:
        """Tell whether a time keeps it in its order."""
        return self.against(span) is None

    def idle_beside(self, span: Span) -> list[Span]:
        """Find when nothing would be booked beside it, at a time; nothing for what follows nothing."""
        return self.order.idle_beside(self._step(span)) if self.order else []

    def add_to(
        self,
        told: Feedback,
        slot: Slot,
        but_hold: int | None = None,
        error: LegOutOfOrder | None = None,
    ) -> Feedback:
        """Answer a slot: as it is, or where the order stands against it (or has just done so) why, and when instead."""
        error = error or self.against(slot.span)
        if error is None:
            return told
        offers = self.offers(slot.span, slot.qty, but_hold)[:AT_MOST]
        items = [self._option(each, slot) for each in offers]
        groups = [{"title": _title(error), "items": items}] if items else []
        why, others = explain(error), told.reasons
        return Feedback("refused", _heading(error), why, alternatives=groups, others=others, reason=why)

    def offers(self, span: Span, quantity: int, but_hold: int | None = None) -> list[Alternative]:
        """List other times that keep the order: the closest, or where this one does not those closest to what would."""
        error = self.against(span)
        aim = (self._towards(error, span) if error else None) or span
        wish = Wish(self.terms.resource_id, aim, quantity, self.terms.asker)
        found = alternatives(wish, but_hold=but_hold, keeps=self.keeps)
        return [each for each in found if not error or each.kind in ("other_time", "other_day")]

    def _option(self, offer: Alternative, asked: Slot) -> Option:
        slot = Slot(offer.span, offer.qty, asked.pack if offer.qty == asked.qty else None)
        return Option(span_words(offer.span, self.terms.timezone), "", as_value(slot, self.terms))

    def against(self, span: Span) -> LegOutOfOrder | None:
        """Tell why it would not keep its place in its order at a time; None where it does."""
        return self.why(self._step(span)) if self.why else None

    def _step(self, span: Span) -> Step:
        return Step(self.number, self.name, span, self.terms.by_day, self.terms.zone, self.gap)

    def _towards(self, error: LegOutOfOrder, span: Span) -> Span | None:
        own = self._step(span)
        if isinstance(error, LegTooSoon):
            return own.moved_by(error.facts["not_before"] - own.latest_start)
        return own.moved_by(error.facts["must_end_by"] - own.earliest_end)


def _heading(error: LegOutOfOrder) -> str:
    return _("It begins too soon") if isinstance(error, LegTooSoon) else _("It ends too late")


def _title(error: LegOutOfOrder) -> str:
    if isinstance(error, LegTooSoon):
        before = error.facts["before"]
        return _("Once “%(name)s” is over", name=before) if before else _("Once what comes before it is over")
    follows = error.facts["follows"]
    if follows is None:
        return _("Over in time for the hand-over")
    return (
        _("Over in time for “%(name)s”", name=follows)
        if follows
        else _("Over in time for what comes after it")
    )
