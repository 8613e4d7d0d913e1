"""Whether a request needs nobody's answer: by the class of the organisation, and by its hours at once that month."""

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from sqlalchemy import select

from app.accounts.models import Organisation
from app.availability.askers import Asker
from app.availability.borrowing import lies_within
from app.availability.queries import get_terms
from app.bookings.conduct import is_trusted
from app.bookings.models import Booking
from app.bookings.rules import LIVE, is_approved_at_once
from app.catalogue.models import Approval, Resource
from app.core.span import Span, from_wall, to_wall
from app.infra.db import db


def is_at_once(
    resource: Resource,
    organisation: Organisation,
    spans: Sequence[Span],
    quantity: int,
    *,
    but: Collection[int] = (),
) -> bool:
    """Tell whether an organisation books these spans without an answer, all of them; `but` leaves bookings out.

    Asked under the guard of the resource, two requests at once cannot both use the last hours of a month, nor what is
    left of a quota.
    """
    if not (by_class(resource, organisation) or by_quota(resource, organisation, spans, quantity, but=but)):
        return False
    if resource.auto_hours is None:
        return True
    zone = ZoneInfo(resource.site.timezone)
    wanted = Counter[date]()
    for span in spans:
        wanted[_month(span.start, zone)] += span.minutes
    most = resource.auto_hours * 60
    return all(
        minutes + _booked(resource, organisation, month, zone, but) <= most
        for month, minutes in wanted.items()
    )


def by_class(resource: Resource, organisation: Organisation) -> bool:
    """Tell whether an organisation of this class is approved at once, as long as it has hours left and comes."""
    by_rule = is_approved_at_once(resource.approval, organisation.priority_class, resource.auto_up_to)
    return by_rule and is_trusted(organisation.id)


def by_quota(
    resource: Resource,
    organisation: Organisation,
    spans: Sequence[Span],
    quantity: int,
    *,
    but: Collection[int] = (),
) -> bool:
    """Tell whether an organisation is approved at once because all of it lies within its quota."""
    if resource.approval != Approval.AUTO_WITHIN_QUOTA or not is_trusted(organisation.id):
        return False
    terms = get_terms(resource.id, Asker.on_behalf_of(organisation))
    held = db.session.scalars(select(Booking.hold_id).where(Booking.id.in_(list(but)))) if but else ()
    return lies_within(terms, spans, quantity, but_holds={each for each in held if each is not None})


def _month(at: datetime, zone: ZoneInfo) -> date:
    """Name the month a booking counts in, the one in which it begins at the place, by its first day."""
    return to_wall(at, zone).date().replace(day=1)


def _booked(
    resource: Resource, organisation: Organisation, month: date, zone: ZoneInfo, but: Collection[int]
) -> int:
    """Sum, in minutes, what the organisation has or has asked for of the resource in a month."""
    after = date(month.year + month.month // 12, month.month % 12 + 1, 1)
    first, end = (from_wall(datetime.combine(day, time()), zone) for day in (month, after))
    rows = db.session.execute(
        select(Booking.start_at, Booking.end_at).where(
            Booking.resource_id == resource.id,
            Booking.organisation_id == organisation.id,
            Booking.decision.in_(LIVE),
            Booking.start_at >= first,
            Booking.start_at < end,
            Booking.id.not_in(list(but)),
        )
    )
    return sum(Span(start, end).minutes for start, end in rows)
