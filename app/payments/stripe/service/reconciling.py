"""Reading again whatever is open: what makes up for every lost webhook, lost answer and killed worker."""

from datetime import datetime

from app.core import clock
from app.infra.jobs import enqueue
from app.infra.uow import atomic
from app.payments.stripe import connection, queries
from app.payments.stripe.rules import LOOK_BACK, QUICK, SLOW
from app.payments.stripe.service.accounts import look_at_account
from app.payments.stripe.service.disputes import look_at_dispute, note_dispute
from app.payments.stripe.service.payouts import look_at_payout, note_payout
from app.payments.stripe.service.refunds import look_at_refund, note_refund

_LOOKS = {"refund": look_at_refund, "dispute": look_at_dispute, "payout": look_at_payout}


def reconcile() -> None:
    """Queue a look at every attempt that is under way, and at what Stripe was not told of."""
    now = clock.now()
    payments = queries.open_payments(now - QUICK, now - SLOW)
    refunds, accounts = queries.open_refunds(now - QUICK), queries.unmade_accounts(now - QUICK)
    with atomic():
        for row_id in payments:
            enqueue("stripe.settle", {"payment": row_id}, dedup_key=f"stripe.settle:{row_id}")
        for row_id in refunds:
            enqueue("stripe.send_refund", {"refund": row_id}, dedup_key=f"stripe.refund:{row_id}")
        for row_id in accounts:
            enqueue("stripe.open_account", {"account": row_id}, dedup_key=f"stripe.account:{row_id}")


def queue_look_over() -> None:
    """Queue a look at every account."""
    accounts = queries.known_accounts()
    with atomic():
        for account_id in accounts:
            enqueue("stripe.look_over", {"account": account_id}, dedup_key=f"stripe.look_over:{account_id}")


def look_over(account_id: str) -> None:
    """Read what an account can do, what began on it without us, and what is not decided yet."""
    look_at_account(account_id)
    try:
        _list(account_id, clock.now() - LOOK_BACK)
        for kind, name in queries.undecided(account_id):
            _LOOKS[kind](account_id, name)
    except connection.Refused:  # the payee has left us: their account is marked, the rest is theirs
        return


def _list(account_id: str, since: datetime) -> None:
    way = connection.get()
    for refund in way.refunds(account_id, since):
        note_refund(account_id, refund)
    for dispute in way.disputes(account_id, since):
        note_dispute(account_id, dispute)
    for payout in way.payouts(account_id, since):
        note_payout(account_id, payout)
