"""Attempts to pay: begun, opened at Stripe, settled from whatever it says, given up.

The page somebody comes back to, the webhook and the reconciliation all end in `settle`.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from app.core import clock, ids
from app.core.errors import NotFound
from app.core.money import EUR
from app.infra.events import emit
from app.infra.jobs import enqueue
from app.infra.uow import atomic
from app.payments.stripe import connection, queries
from app.payments.stripe.connection import Page, SessionSeen
from app.payments.stripe.errors import PayeeNotReady, PaymentOver, TooLittle
from app.payments.stripe.events import StripeFeeTaken, StripeNotPaid, StripePaid, StripePaymentStarted
from app.payments.stripe.models import StripeAccount, StripePayment
from app.payments.stripe.rules import LEAST_CENTS, LIVE, PAYMENT, SHORTEST, State, act_of, page_until, step
from app.payments.stripe.service.accounts import refuse_public


@dataclass(frozen=True, slots=True)
class Due:
    """What is to be paid. `label` is read by the payer on Stripe's page: what it is for, never for whom.

    `key` names this attempt, `reference` the due; `back` is the path of ours that the payer comes from.
    """

    key: str
    reference: str
    organisation_id: int
    cents: int
    label: str
    held_until: datetime
    back: str = "/"
    locale: str = "fr"
    currency: str = EUR


def begin_payment(due: Due) -> str:
    """Write an attempt down, to be opened at Stripe after the commit; give its public id.

    One that is under way for the same due is given instead of another. Raise PublicPayee, PayeeNotReady,
    TooLittle, PaymentOver.
    """
    with atomic() as session:
        payee = queries.find_organisation(due.organisation_id)
        if payee is None:
            raise NotFound(kind="organisation", id=due.organisation_id)
        refuse_public(payee)
        account = queries.find_account(payee.id)
        if connection.find() is None or account is None or not account.charges_enabled:
            raise PayeeNotReady(organisation=payee.name)
        if due.cents < LEAST_CENTS:
            raise TooLittle(least=LEAST_CENTS, currency=due.currency)
        queries.lock(StripeAccount, account.id)  # attempts for one payee take turns
        standing = queries.find_payment_by_key(due.key) or queries.find_attempt(due.reference)
        if standing is not None and standing.state in LIVE:
            return standing.public_id
        if standing is not None:
            raise PaymentOver(state=standing.state)
        return _write(session, due, account).public_id


def _write(session: Session, due: Due, account: StripeAccount) -> StripePayment:
    now = clock.now()
    row = StripePayment(
        public_id=ids.new_public_id(),
        key=due.key,
        reference=due.reference,
        organisation_id=due.organisation_id,
        account_id=account.account_id,
        cents=due.cents,
        currency=due.currency,
        label=due.label,
        back=due.back,
        locale=due.locale,
        held_until=due.held_until,
        page_until=page_until(due.held_until, now),
        created_at=now,
    )
    session.add(row)
    session.flush()
    enqueue("stripe.open_page", {"payment": row.id}, dedup_key=f"stripe.page:{row.id}")
    if due.held_until < row.page_until:  # Stripe's page would be open longer than what it is for is held
        enqueue("stripe.close_page", {"payment": row.id}, run_at=due.held_until)
    return row


def open_page(row_id: int) -> None:
    """Open the page at Stripe, once; sent twice, it is the same page.

    When its time is too short by now, nobody was shown it: even if an answer was lost, nobody can have paid.
    """
    row = queries.find_payment(row_id)
    if row is None or row.state != State.ASKED:
        return
    if clock.now() + SHORTEST > row.page_until:
        _end(row_id, "expired")
        return
    page = Page(
        ours=row.public_id,
        key=row.key,
        account_id=row.account_id,
        cents=row.cents,
        currency=row.currency,
        label=row.label,
        locale=row.locale,
        until=row.page_until,
    )
    try:
        seen = connection.get().open_page(page)
    except connection.Refused:
        _end(row_id, "refused")
    else:
        _note(row_id, seen)


def settle(row_id: int, *, closing: bool = False) -> None:
    """Read what became of an attempt, and write it down: as often as one likes, each fact is told once.

    Once what it is for is held no longer (or with `closing`) the page is closed first, so that nobody pays for what may
    be gone a moment later; who was faster has paid.
    """
    row = queries.find_payment(row_id)
    if row is None:
        raise NotFound(kind="stripe_payment", id=row_id)
    closing = closing or clock.now() >= row.held_until
    if row.session_id is not None:
        can_close = closing and row.state in (State.ASKED, State.OPEN)
        read = connection.get().close_page if can_close else connection.get().session
        _note(row_id, read(row.account_id, row.session_id))
    elif closing:
        _end(row_id, "expired")  # nobody was shown its page
    else:
        open_page(row_id)


def settle_session(account_id: str, session_id: str) -> None:
    """Settle what a webhook names, even before the answer that told us its name; ignore what is not ours."""
    seen = connection.get().session(account_id, session_id)
    row_id = queries.find_payment_id(account_id, session_id=session_id, ours=seen.ours)
    if row_id is not None:
        _note(row_id, seen)


def give_up(reference: str) -> None:
    """Close the page of a due that is no longer asked for, after the commit; what comes of it is told as a fact."""
    with atomic():
        live = queries.find_live(reference)
        if live is not None:
            enqueue("stripe.close_page", {"payment": live.id}, dedup_key=f"stripe.close:{live.id}")


def _end(row_id: int, act: str) -> None:
    with atomic(durable=True):
        _move(queries.lock(StripePayment, row_id), act)


def _note(row_id: int, seen: SessionSeen) -> None:
    with atomic(durable=True):
        row = queries.lock(StripePayment, row_id)
        row.session_id, row.url = seen.id, seen.url
        row.intent_id = seen.intent_id or row.intent_id
        act = act_of(seen.status, seen.payment_status, seen.intent_status)
        if act == "paid":
            row.cents = seen.cents or row.cents  # what was paid is what Stripe says
        _move(row, act, by_debit=seen.by_debit)
        if row.state == State.PAID and row.fee_cents is None and seen.fee_cents is not None:
            row.fee_cents = seen.fee_cents
            if seen.fee_cents:
                emit(
                    StripeFeeTaken(row.key, row.reference, row.organisation_id, seen.fee_cents, row.currency)
                )


def _move(row: StripePayment, act: str, *, by_debit: bool = False) -> None:
    """Go where the act leads, and tell it, in this one transaction; an old story changes nothing."""
    now = clock.now()
    row.checked_at = now
    to = step(PAYMENT, act, row.state)
    if to is None:
        return
    row.state = to
    row.ended_at = now if to not in LIVE else None
    whose = row.key, row.reference, row.organisation_id
    match to:
        case State.PAID:
            is_late = now > row.held_until
            emit(StripePaid(*whose, row.cents, row.currency, now, is_late=is_late, by_debit=by_debit))
        case State.PROCESSING:
            emit(StripePaymentStarted(*whose, row.cents, row.currency))
        case State.EXPIRED | State.FAILED | State.REFUSED:
            emit(StripeNotPaid(*whose, reason=to))
