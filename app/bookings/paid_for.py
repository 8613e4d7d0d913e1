"""Bookings and their deposits as the accounts of organisations name them: what was charged, and where it is read."""

from collections.abc import Collection, Mapping

from flask import url_for
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.bookings.costs import SUBJECT
from app.bookings.models import Booking
from app.bookings.words import named_when
from app.catalogue.models import Resource
from app.infra.db import db
from app.payments.deposits.models import Deposit
from app.payments.deposits.rules import HELD
from app.payments.deposits.rules import SUBJECT as DEPOSIT
from app.payments.deposits.words import withheld_name
from app.payments.subjects import Subject, names
from app.web.format import short_day


@names(SUBJECT)
def bookings(refs: Collection[str]) -> Mapping[str, Subject]:
    """Name bookings by their references; who owes for one or is paid for it may read its costs."""
    place = joinedload(Booking.resource).joinedload(Resource.site)
    found = db.session.scalars(select(Booking).options(place).where(Booking.ref.in_(refs)))
    return {
        each.ref: Subject(named_when(each), url_for("bookings.costs", ref=each.ref), _on_the_day(each))
        for each in found
    }


def _on_the_day(booking: Booking) -> str:
    """Name a booking to who carries its payment: what it is of, on which day."""
    on = short_day(booking.start_at, tz=booking.resource.site.timezone)
    return _("%(name)s, %(day)s", name=booking.resource.name, day=on)


@names(DEPOSIT)
def deposits(refs: Collection[str]) -> Mapping[str, Subject]:
    """Name what was withheld of deposits by its reason; both sides may read the page of theirs."""
    found = db.session.scalars(
        select(Deposit).where(Deposit.public_id.in_(refs), Deposit.subject_kind == SUBJECT)
    )
    return {
        each.public_id: Subject(withheld_name(each), url_for("bookings.deposit", ref=each.subject_ref))
        for each in found
    }


@names(HELD)
def held(refs: Collection[str]) -> Mapping[str, Subject]:
    """Name deposits by the booking they are for; both sides may read the page of theirs."""
    found = db.session.execute(
        select(Deposit.public_id, Booking)
        .join(Booking, Booking.ref == Deposit.subject_ref)
        .options(joinedload(Booking.resource).joinedload(Resource.site))
        .where(Deposit.public_id.in_(refs), Deposit.subject_kind == SUBJECT)
    )
    return {
        ref: Subject(named_when(booking), url_for("bookings.deposit", ref=booking.ref))
        for ref, booking in found
    }
