"""What other rooms ask of money, and what Stripe tells: it goes into the books, in the transaction that tells it."""

from collections.abc import Collection

from flask import url_for
from flask_babel import gettext as _

from app.accounts.asks import money_open_with, reckons_with_money
from app.accounts.models import Organisation
from app.catalogue.asks import Beside, adds_page, tells_priced
from app.catalogue.models import Resource
from app.core import clock
from app.infra.db import db
from app.infra.events import listens
from app.payments import queries, service
from app.payments.books.standing import open_with
from app.payments.deposits.queries import deposits_open_with
from app.payments.models import TariffVersion
from app.payments.stripe import events
from app.payments.tariffs.words import unit_price


@adds_page
def tariff_pages(resources: Collection[Resource]) -> dict[int, Beside]:
    """Give the page of the tariff of each resource whose territory reckons with money."""
    known = {each.id: each for each in resources}
    return {
        resource_id: Beside(
            url_for("payments.tariffs", slug=known[resource_id].slug),
            "euro",
            _("Tariff"),
            _now(known[resource_id], version),
        )
        for resource_id, version in queries.priced_at(known.keys(), clock.now()).items()
    }


def _now(resource: Resource, version: TariffVersion | None) -> str:
    if version is None and resource.shows_price:
        return _("None yet: the price is only shown")
    tariff = version.tariff if version else None
    if tariff is None:
        return _("Free of charge")
    return ", ".join(unit_price(line.meter, line.unit_cents) for line in tariff.lines)


@tells_priced
def is_priced(resource: Resource) -> bool:
    """Tell whether a tariff says what a resource costs."""
    return queries.priced_at([resource.id], clock.now()).get(resource.id) is not None


@money_open_with.answered_by
def whom_money_is_open_with(organisation_id: int) -> Collection[str]:
    """Name those with whom an organisation has something to settle, where its territory reckons with money."""
    organisation = db.session.get_one(Organisation, organisation_id)
    if not queries.has_money(organisation.territory_id):
        return ()
    return sorted({*open_with(organisation_id), *deposits_open_with(organisation_id)})


@reckons_with_money.answered_by
def has_money(territory_id: int) -> list[bool]:
    """Tell whether a territory reckons with money."""
    return [queries.has_money(territory_id)]


@listens(events.StripePaymentStarted)
def _started(event: events.StripePaymentStarted) -> None:
    service.online_started(event.reference)


@listens(events.StripeNotPaid)
def _not_paid(event: events.StripeNotPaid) -> None:
    service.online_over(event.reference)


@listens(events.StripePaid)
def _paid(event: events.StripePaid) -> None:
    service.online_paid(event.reference, event.key, event.cents, event.at, by_debit=event.by_debit)


@listens(events.StripeFeeTaken)
def _fee(event: events.StripeFeeTaken) -> None:
    service.online_fee(event.reference, event.key, event.cents)


@listens(events.StripeRefunded)
def _refunded(event: events.StripeRefunded) -> None:
    service.online_refunded(event.reference, event.key, event.cents)


@listens(events.StripeRefundFailed)
def _refund_failed(event: events.StripeRefundFailed) -> None:
    if event.was_told:
        service.online_refund_failed(event.reference, event.key)


@listens(events.StripeDisputed)
def _disputed(event: events.StripeDisputed) -> None:
    service.online_disputed(event.reference, event.key, event.cents)


@listens(events.StripeDisputeClosed)
def _dispute_closed(event: events.StripeDisputeClosed) -> None:
    service.online_dispute_closed(event.reference, event.key, is_won=event.is_won)


@listens(events.StripePaidOut)
def _paid_out(event: events.StripePaidOut) -> None:
    cents = event.cents if event.ours_cents is None else event.ours_cents
    is_known = event.ours_cents is not None
    service.payout(f"stripe:{event.key}", event.organisation_id, cents, event.currency, is_known=is_known)


@listens(events.StripePayoutFailed)
def _payout_failed(event: events.StripePayoutFailed) -> None:
    service.payout_back(f"stripe:{event.key}")
