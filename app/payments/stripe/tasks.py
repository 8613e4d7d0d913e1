"""What happens after the commit, and again and again: the calls to Stripe. Each may run twice."""

from datetime import timedelta

from app.infra.jobs import Payload, job, periodic
from app.payments.stripe import connection, service


@job("stripe.open_account")
def open_account(payload: Payload) -> None:
    """Make a payee's account at Stripe."""
    if connection.find():
        service.open_account(payload["account"])


@job("stripe.open_page")
def open_page(payload: Payload) -> None:
    """Open a page to pay."""
    if connection.find():
        service.open_page(payload["payment"])


@job("stripe.close_page")
def close_page(payload: Payload) -> None:
    """Close a page to pay: what it was for is not held any longer."""
    if connection.find():
        service.settle(payload["payment"], closing=True)


@job("stripe.settle")
def settle(payload: Payload) -> None:
    """Read what became of an attempt to pay."""
    if connection.find():
        service.settle(payload["payment"])


@job("stripe.send_refund")
def send_refund(payload: Payload) -> None:
    """Give something back."""
    if connection.find():
        service.send_refund(payload["refund"])


@job("stripe.take_event")
def take_event(payload: Payload) -> None:
    """Look at what a webhook is about."""
    if connection.find():
        service.take(payload["event"])


@job("stripe.look_over")
def look_over(payload: Payload) -> None:
    """Read an account, and what is undecided on it."""
    if connection.find():
        service.look_over(payload["account"])


@periodic("stripe.reconcile", every=timedelta(minutes=10))
def reconcile(_payload: Payload) -> None:
    """Look at what is under way."""
    if connection.find():
        service.reconcile()


@periodic("stripe.queue_look_over", every=timedelta(hours=2))
def queue_look_over(_payload: Payload) -> None:
    """Look at every account."""
    if connection.find():
        service.queue_look_over()


@periodic("stripe.forget", every=timedelta(days=1), offset=timedelta(hours=3))
def forget(_payload: Payload) -> None:
    """Forget old raw webhooks."""
    service.forget_bodies()
