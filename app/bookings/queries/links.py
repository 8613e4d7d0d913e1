"""Reads of the links in e-mails that decide."""

import re
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.accounts.queries import load_actor
from app.bookings.legs import bundle_waits
from app.bookings.models import Booking, DecisionLink
from app.bookings.queries.series import waiting_of
from app.bookings.rules import PENDING
from app.bookings.turns import (
    waits_for,
)
from app.catalogue.models import Resource, Site
from app.core import ids
from app.core.errors import NotFound
from app.infra.db import db

_SECRET = re.compile(r"[A-Za-z0-9_-]{20,100}")


def find_link(secret: str) -> DecisionLink | None:
    """Find the stored side of a decision link, with its booking as pages show it."""
    if not _SECRET.fullmatch(secret):
        return None
    booking = joinedload(DecisionLink.booking)
    return db.session.scalars(
        select(DecisionLink)
        .options(
            joinedload(DecisionLink.person),
            booking.joinedload(Booking.resource).joinedload(Resource.site).joinedload(Site.owner),
            booking.joinedload(Booking.organisation),
            booking.joinedload(Booking.requester),
            booking.joinedload(Booking.decided_by),
            booking.joinedload(Booking.decided_for),
            booking.selectinload(Booking.approvals),
            booking.undefer(Booking.takes_shared),
        )
        .where(DecisionLink.token_hash == ids.hash_secret(secret))
    ).one_or_none()


def get_link(secret: str) -> DecisionLink:
    """Get the stored side of a decision link; raise NotFound."""
    link = find_link(secret)
    if link is None:
        raise NotFound(kind="decision_link")
    return link


def is_open(link: DecisionLink, now: datetime) -> bool:
    """Tell whether a link can still decide: it was not used, and something it is about waits for its reader."""
    return link.used_at is None and link.expires_at > now and _waits(link)


def _waits(link: DecisionLink) -> bool:
    """Tell whether what a link is about waits; of a bundle, only the legs its reader answers for count."""
    if link.bundle_id is not None:
        return bundle_waits(link.bundle_id, waits_for(load_actor(link.person_id)))
    if link.booking.decision == PENDING:
        return True
    return link.series_id is not None and bool(waiting_of([link.series_id]))
