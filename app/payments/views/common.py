"""What the pages of accounts have in common: whose they are, with whom, and which year."""

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import request

from app.accounts.models import Organisation
from app.accounts.queries import get_organisation
from app.core import clock
from app.core.errors import NotFound
from app.core.span import to_wall
from app.payments import queries
from app.payments.books.standing import Between, get_between, get_payment
from app.payments.models import Payment

FIRST_YEAR = 2020


def load(slug: str, **_values: Any) -> Organisation:
    """Find whose accounts are asked for; raise NotFound where nothing of money is shown."""
    organisation = get_organisation(slug)
    if not queries.has_money(organisation.territory_id):
        raise NotFound(page="accounts")
    return organisation


def with_whom(organisation: Organisation) -> Between:
    """Find the other of the page, as the two stand; raise NotFound where there is nothing between them."""
    return get_between(organisation.id, str((request.view_args or {})["other"]))


def payment_of(organisation: Organisation) -> Payment:
    """Find the payment of the page, which came to this organisation; raise NotFound."""
    found = get_payment(str((request.view_args or {})["payment_ref"]))
    if found.payee_id != organisation.id:
        raise NotFound(kind="payment")
    return found


def any_payment_of(organisation: Organisation) -> Payment:
    """Find the payment of the page, which came to this organisation or was made by it; raise NotFound."""
    found = get_payment(str((request.view_args or {})["payment_ref"]))
    if organisation.id not in (found.payer_id, found.payee_id):
        raise NotFound(kind="payment")
    return found


def zone_of(organisation: Organisation) -> ZoneInfo:
    """Give the time zone of an organisation's books."""
    return ZoneInfo(organisation.territory.timezone)


def today(organisation: Organisation) -> date:
    """Tell the day it is there."""
    return to_wall(clock.now(), zone_of(organisation)).date()


def asked_year(organisation: Organisation) -> int:
    """Read which year is asked for; the present one where nothing (or nothing sensible) is."""
    now = today(organisation).year
    year = request.args.get("annee", now, type=int)
    return year if FIRST_YEAR <= year <= now + 1 else now


def year_span(year: int, organisation: Organisation) -> tuple[datetime, datetime]:
    """Give the instants at which a year begins and ends there."""
    zone = zone_of(organisation)
    return datetime(year, 1, 1, tzinfo=zone), datetime(year + 1, 1, 1, tzinfo=zone)
