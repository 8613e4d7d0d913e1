"""The page of one payment: what is paid to whom, the way to Stripe's page, and what became of it.

Whoever has its address may pay: payers pass it on to whoever holds the card. It shows nothing but the due.
"""

from flask import flash, redirect, url_for
from werkzeug.wrappers import Response

from app.core.errors import NotFound
from app.payments.stripe import connection, queries, service
from app.payments.stripe.errors import StripeSilent
from app.payments.stripe.models import StripePayment
from app.payments.stripe.rules import State
from app.payments.stripe.views import blueprint
from app.payments.stripe.words import payment_words
from app.web.guards import public
from app.web.page import page
from app.web.words import explain


def _load(public_id: str) -> StripePayment:
    connection.get()
    return queries.get_payment(public_id)


def _to(public_id: str) -> Response:
    return redirect(url_for("stripe.payment", public_id=public_id), 303)


@blueprint.get("/paiements/<public_id>")
@public
def payment(public_id: str) -> Response:
    """Show a payment."""
    found = _load(public_id)
    return page(
        "payments/payment.html",
        payment=found,
        words=payment_words(found),
        can_pay=found.state in (State.ASKED, State.OPEN),
        is_simulated=connection.get().is_simulated,
    )


@blueprint.get("/paiements/<public_id>/payer")
@public
def pay(public_id: str) -> Response:
    """Lead to Stripe's page, opening it if the job has not yet. It is a link: a form may not lead to another site."""
    row_id = _load(public_id).id
    try:
        service.settle(row_id)
    except (connection.Unreachable, connection.Refused):
        flash(explain(StripeSilent()), "warning")
    found = queries.get_payment(public_id)
    if found.state == State.OPEN and found.url:
        return redirect(found.url, 303)
    return _to(public_id)


@blueprint.get("/paiements/<public_id>/retour")
@public
def paid(public_id: str) -> Response:
    """Settle when somebody comes back from Stripe: coming back does not say that it was paid."""
    row_id = _load(public_id).id
    try:
        service.settle(row_id)
    except (connection.Unreachable, connection.Refused, NotFound):
        flash(explain(StripeSilent()), "warning")
    return _to(public_id)
