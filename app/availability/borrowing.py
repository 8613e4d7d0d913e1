"""Reads around quotas for one slot: what is left of one's own, and how much of it would be, or is, borrowed."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from app.availability.lending import BOOKING, borrowed
from app.availability.queries import claims_around, fresh_claims
from app.availability.rules import Part, Taken, Terms, peak
from app.availability.sharing import Quotas
from app.core.span import Span

NEWEST = 2**62  # the hold of what is not yet asked for: whoever comes last borrows


@dataclass(frozen=True)
class Share:
    """One's own quota, and what can be had of it all along a slot: not used, and not lent to others."""

    total: int
    left: int


@dataclass(frozen=True)
class Loan:
    """How many units are of quotas of others, who call them back with so many hours of notice."""

    qty: int
    hours: int


def share_in(terms: Terms, span: Span, *, but_hold: int | None = None) -> Share | None:
    """Tell what is left of its asker's quota of a resource in a slot; None where they have none."""
    whose = terms.asker.organisation_id
    total = terms.quotas.share_of(whose) if terms.quotas else 0
    if not total:
        return None
    claims = claims_around(terms, span, but_hold=but_hold).get(terms.resource_id, ())
    own = [claim for claim in claims if claim.organisation == whose]
    unused, free = (
        total - peak(own, *terms.widen(*span.epochs)),
        terms.capacity - peak(claims, *terms.widen(*span.epochs)),
    )
    return Share(total, max(0, min(unused, free)))


def lies_within(terms: Terms, spans: Sequence[Span], qty: int, *, but_holds: Collection[int] = ()) -> bool:
    """Tell whether `qty` units lie wholly within what is left of its asker's quota, in each of some spans."""
    whose, reach = terms.asker.organisation_id, (terms.before + terms.after) * 60
    total = terms.quotas.share_of(whose) if terms.quotas else 0
    if not total or not spans:
        return False
    since, until = min(each.epochs[0] for each in spans), max(each.epochs[1] for each in spans)
    claims = fresh_claims([terms.resource_id], since - reach, until + reach).get(terms.resource_id, ())
    own = [claim for claim in claims if claim.organisation == whose and claim.hold_id not in but_holds]
    return all(peak(own, *terms.widen(*each.epochs)) + qty <= total for each in spans)


def loan_for(terms: Terms, span: Span, qty: int, *, but_hold: int | None = None) -> Loan | None:
    """Tell how much of a wish that fits would be borrowed."""
    if not terms.has_quotas:
        return None
    claims = claims_around(terms, span, but_hold=but_hold)
    wished = {need.resource_id: _wished(terms, need, span, qty) for need in terms.needs}
    together = {each: [*claims.get(each, ()), taken] for each, taken in wished.items()}
    return _loan(terms, together, span, NEWEST)


def loan_of(terms: Terms, span: Span, hold_id: int) -> Loan | None:
    """Tell how much of what a hold has is borrowed."""
    return _loan(terms, claims_around(terms, span), span, hold_id) if terms.has_quotas else None


def _wished(terms: Terms, need: Part, span: Span, qty: int) -> Taken:
    start, end = _around(need, span)
    return Taken(start, end, qty * need.qty, NEWEST, BOOKING, organisation=terms.asker.organisation_id)


def _around(need: Part, span: Span) -> tuple[int, int]:
    start, end = span.epochs
    return start - need.before * 60, end + need.after * 60


def _loan(terms: Terms, claims: Mapping[int, Sequence[Taken]], span: Span, hold_id: int) -> Loan | None:
    found: list[tuple[int, Quotas]] = []
    for need in terms.needs:
        if need.quotas:
            lent = borrowed(need, claims.get(need.resource_id, ()), *_around(need, span))
            found.append((-(-lent.get(hold_id, 0) // need.qty), need.quotas))
    qty = max((qty for qty, _quotas in found), default=0)
    return Loan(qty, min(quotas.recall_hours for each, quotas in found if each)) if qty else None
