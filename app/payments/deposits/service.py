"""Deposits: asked for, received, given back or withheld.

Whoever calls these holds the lock of the subject, so nobody else changes its deposit meanwhile. What moves money takes
the locks of money after it (docs/money.md), and is `atomic(durable=True)`.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any, Final

from sqlalchemy import select

from app.accounts.models import LegalNature
from app.catalogue.images import make_picture
from app.catalogue.models import Resource
from app.core import clock
from app.core.errors import NotFound, ReasonMissing
from app.core.ids import new_public_id
from app.core.money import EUR, WHOLE_BP
from app.core.policy import Actor, require
from app.infra import audit, files
from app.infra.db import db
from app.infra.events import emit
from app.infra.uow import atomic
from app.payments.books.credited import find_credit
from app.payments.books.postings import DEPOSITED, EntryKind, Method, Pair, Posting
from app.payments.deposits import events
from app.payments.deposits.errors import BadDeposit
from app.payments.deposits.models import Deposit, DepositTerms
from app.payments.deposits.queries import find_payment_by_key, photo_digests
from app.payments.deposits.rules import (
    DEPOSIT,
    LONGEST_REASON,
    MOST_CENTS,
    SUBJECT,
    Occasion,
    State,
    is_in_the_books,
    methods_of,
)
from app.payments.models import Charge, TerritoryMoney
from app.payments.policy import MoneyPermission
from app.payments.queries import dues_of
from app.payments.service import NewCharge, NewLine, credit, post_charge, record_payment, refund
from app.payments.service.locks import lock_payment
from app.payments.service.posting import About, post
from app.payments.splits.keys import alone
from app.payments.splits.splitting import split
from app.payments.tariffs.pricing import PricedLine
from app.payments.tariffs.tariff import Meter, Tariff, TariffLine, VatRegime, When

SHELF: Final = "deposits"
_KEPT_WITHOUT_ROW = timedelta(days=1)  # far longer than a use case lasts


@dataclass(frozen=True)
class NewDeposit:
    """What is asked for: by whom it is handed over, to whom, and by when it is given back."""

    subject_kind: str
    subject_ref: str
    territory_id: int
    payer_id: int
    payee_id: int
    cents: int
    back_by: datetime


@dataclass(frozen=True)
class Kept:
    """What is withheld, and why. `is_cashed`: the cheque was put in to keep it, and the rest of it given back."""

    cents: int
    reason: str
    photo: bytes = b""
    is_cashed: bool = False


# -- what places ask for --------------------------------------------------------------------------------------


def say_deposit(
    actor: Actor, resource_id: int, cents: int, occasion: Occasion, exempt: Collection[str] = ()
) -> DepositTerms:
    """Say what a resource asks for from now on (0: nothing); what was asked for keeps its amount.

    Raise NotFound, Forbidden, BadDeposit.
    """
    if not 0 <= cents <= MOST_CENTS:
        raise BadDeposit(field="amount", reason="amount", most=MOST_CENTS)
    with atomic() as session:
        resource = session.scalar(select(Resource).filter_by(id=resource_id).with_for_update())
        if resource is None:
            raise NotFound(kind="resource")
        require(actor, MoneyPermission.SET_TARIFF, resource)
        terms = session.get(DepositTerms, resource_id) or DepositTerms(resource_id=resource_id)
        terms.cents, terms.occasion, terms.exempt = cents, occasion, sorted(exempt)
        terms.changed_at, terms.changed_by_id = clock.now(), actor.person_id
        session.add(terms)
        session.flush()
        about = {"territory_id": resource.territory_id, "cents": cents}
        audit.record("resource", resource_id, "deposit", actor, **about)
    return terms


# -- along the life of its subject ----------------------------------------------------------------------------


def ask(new: NewDeposit, again: Deposit | None = None) -> Deposit:
    """Ask for a deposit; one that was dropped is asked for `again`, on the terms of today."""
    with atomic() as session:
        deposit = again or Deposit(public_id=new_public_id(), currency=EUR)
        if again is not None:
            DEPOSIT.after("ask_again", again.state)
        for name, value in vars(new).items():
            setattr(deposit, name, value)
        deposit.state, deposit.asked_at, deposit.ended_at = State.REQUIRED, clock.now(), None
        session.add(deposit)
        session.flush()
        _tell(deposit, "asked", Actor(), events.DepositRequired)
    return deposit


def drop(deposit: Deposit) -> None:
    """Ask for it no longer: what it was for does not take place."""
    with atomic():
        _come_to(deposit, "drop", ended=True)
        _tell(deposit, "dropped", Actor())


def put_off(deposit: Deposit, back_by: datetime) -> None:
    """Let it be given back by another moment: what it is for has moved."""
    if deposit.back_by != back_by:
        with atomic() as session:
            deposit.back_by, deposit.reminded_at = back_by, None
            session.flush()


# -- from hand to hand ----------------------------------------------------------------------------------------


def receive(deposit: Deposit, actor: Actor, method: Method) -> None:
    """Note that the payee has it. Raise IllegalMove, BadDeposit."""
    is_public = deposit.payee.legal_nature == LegalNature.PUBLIC
    if method not in methods_of(is_public=is_public):
        reason = "public_cash" if method is Method.CASH else "method"
        raise BadDeposit(field="method", reason=reason)
    with atomic(durable=True):
        _come_to(deposit, "receive")
        deposit.method, deposit.received_at = method, clock.now()
        if is_in_the_books(method):
            _post(deposit, EntryKind.DEPOSIT_RECEIVED, DEPOSITED)
        _tell(deposit, "received", actor, events.DepositReceived, method=method.value)


def take_back(deposit: Deposit, actor: Actor) -> None:
    """Take back what was noted by mistake: it is still to be received. Raise IllegalMove."""
    with atomic(durable=True):
        _come_to(deposit, "take_back")
        _take_out(deposit)
        deposit.method, deposit.received_at, deposit.reminded_at = None, None, None
        _tell(deposit, "taken_back", actor)


def release(deposit: Deposit, actor: Actor) -> None:
    """Note that all of it was given back. Raise IllegalMove."""
    with atomic(durable=True):
        _come_to(deposit, "release", ended=True)
        _take_out(deposit)
        _tell(deposit, "released", actor, events.DepositReleased)


def withhold(deposit: Deposit, actor: Actor, kept: Kept) -> Charge:
    """Keep something of it, with a reason: that is charged, and paid with what was received; the rest goes back.

    A cheque that nobody cashes pays nothing: what is withheld is owed as anything else, and the cheque goes back once
    it is paid. Raise IllegalMove, ReasonMissing, BadDeposit, and the errors of photos.
    """
    reason = kept.reason.strip()
    if not reason:
        raise ReasonMissing(field="reason")
    if not 0 < kept.cents <= deposit.cents:
        raise BadDeposit(field="amount", reason="too_much", most=deposit.cents)
    photo = keep_photo(kept.photo) if kept.photo else None
    with atomic(durable=True) as session:
        _come_to(deposit, "withhold", ended=True)
        method = deposit.how
        deposit.withheld_cents, deposit.reason, deposit.photo = kept.cents, reason[:LONGEST_REASON], photo
        deposit.is_cashed = kept.is_cashed and method is Method.CHEQUE
        charge = post_charge(_charge_of(deposit))
        deposit.charge_id = charge.id
        if deposit.is_cashed:
            _post(deposit, EntryKind.DEPOSIT_RECEIVED, DEPOSITED)
        if _take_out(deposit):
            due_ids = [due.id for due in dues_of(charge.id)]
            record_payment(f"deposit:{deposit.public_id}", due_ids, kept.cents, method)
        session.flush()
        _tell(deposit, "withheld", actor, events.DepositWithheld, cents=kept.cents)
    return charge


def give_up(deposit: Deposit, actor: Actor, reason: str, key: str, cents: int | None = None) -> None:
    """Give back what was withheld wrongly, all of it or so many cents: its charge is credited, with a reason.

    What was received and paid for it goes back. Told twice under one key, it is done once. Raise IllegalMove,
    ReasonMissing, BadDeposit, KeyReused.
    """
    reason, key = reason.strip(), f"deposit:{deposit.public_id}:{key}"
    if not reason:
        raise ReasonMissing(field="reason")
    with atomic(durable=True) as session:
        if find_credit(key) is not None:
            return
        ended = DEPOSIT.after("give_up", deposit.state)
        back = deposit.withheld_cents if cents is None else cents
        if not 0 < back <= deposit.withheld_cents:
            raise BadDeposit(field="amount", reason="too_much", most=deposit.withheld_cents)
        credit(key, deposit.charge_id or 0, reason, back)
        _pay_back(deposit, key, back, reason)
        deposit.withheld_cents -= back
        if not deposit.withheld_cents:
            deposit.state, deposit.ended_at = ended, clock.now()
        session.flush()
        event = events.DepositWithheld if deposit.withheld_cents else events.DepositReleased
        _tell(deposit, "gave_up", actor, event, cents=back, reason=reason)


def _pay_back(deposit: Deposit, key: str, cents: int, reason: str) -> None:
    """Give back what of the deposit had paid for what was withheld; nothing where the cheque was never cashed."""
    paid = find_payment_by_key(f"deposit:{deposit.public_id}")
    if paid is not None:
        free = min(cents, lock_payment(paid.id).free_cents)
        if free > 0:
            refund(key, paid.id, free, reason)


def _take_out(deposit: Deposit) -> bool:
    """Take all of it out of the books, where it is in them; tell whether it was."""
    was_in = deposit.is_cashed or is_in_the_books(deposit.how)
    if was_in:
        _post(deposit, EntryKind.DEPOSIT_RETURNED, DEPOSITED.back())
    return was_in


def _post(deposit: Deposit, kind: EntryKind, posting: Posting) -> None:
    deposit.moves += 1
    legs = posting.legs(Pair(deposit.payer_id, deposit.payee_id), deposit.cents)
    about = About(deposit.currency, deposit.territory_id)
    post(f"deposit:{deposit.public_id}:{deposit.moves}", kind, legs, about, deposit=deposit.public_id)
    db.session.flush()


def _charge_of(deposit: Deposit) -> NewCharge:
    """Charge what is withheld as one line, which has the name of its deposit. It mends a harm: it is outside VAT."""
    cents = deposit.withheld_cents
    priced = PricedLine(
        "", Meter.FLAT, When.ALWAYS, Fraction(1), cents, WHOLE_BP, cents, cents, VatRegime.OUT_OF_SCOPE, 0
    )
    tariff = Tariff((TariffLine(Meter.FLAT, cents),), VatRegime.OUT_OF_SCOPE)
    key = f"deposit:{deposit.public_id}"
    line = NewLine(f"{key}:1", deposit.payee_id, priced, tariff)
    return NewCharge(
        key, deposit.territory_id, deposit.payer_id, SUBJECT, deposit.public_id, (line,),
        split([line.cost], alone(deposit.payer_id)), snapshot={"why": "deposit", "deposit": deposit.public_id},
    )  # fmt: skip


def _come_to(deposit: Deposit, act: str, *, ended: bool = False) -> None:
    deposit.state = DEPOSIT.after(act, deposit.state)
    if ended:
        deposit.ended_at = clock.now()
    db.session.flush()


def _tell(
    deposit: Deposit, act: str, actor: Actor, event: type[events.DepositEvent] | None = None, **facts: Any
) -> None:
    audit.record("deposit", deposit.id, act, actor, territory_id=deposit.territory_id, **facts)
    if event is not None:
        emit(event(deposit.id, actor.person_id))


# -- in the background ----------------------------------------------------------------------------------------


def remind_due() -> int:
    """Remind, once, those who hold what should have been given back; give how many. Not while money is off."""
    with atomic() as session:
        where_on = select(TerritoryMoney.territory_id).where(TerritoryMoney.is_on)
        late = select(Deposit).where(
            Deposit.state == State.RECEIVED,
            Deposit.back_by <= clock.now(),
            Deposit.reminded_at.is_(None),
            Deposit.territory_id.in_(where_on),
        )
        found = session.scalars(late.order_by(Deposit.id).with_for_update(skip_locked=True)).all()
        for deposit in found:
            deposit.reminded_at = clock.now()
            emit(events.DepositOverdue(deposit.id, None))
        session.flush()
    return len(found)


def keep_photo(upload: bytes) -> str:
    """Keep a photo of what happened, without whatever else its file said; give the digest that names it."""
    picture = make_picture(upload)
    files.keep(SHELF, file_name(picture.digest), picture.files["large"])
    return picture.digest


def file_name(digest: str) -> str:
    """Name the file of a photo."""
    return f"{digest}-large.webp"


def sweep_photos() -> int:
    """Delete the files of photos that never came to stand with a deposit; give how many."""
    before = clock.now() - _KEPT_WITHOUT_ROW
    return files.sweep(SHELF, photo_digests(), before.timestamp())
