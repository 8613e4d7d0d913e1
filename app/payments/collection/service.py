"""The use cases of collection: make a batch, withdraw it, say that it was sent, enter the accountant's numbers."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from app.accounts.models import Organisation
from app.core import clock
from app.core.errors import NotFound, ReasonMissing
from app.core.ids import new_public_id
from app.core.money import EUR
from app.core.policy import Actor, require
from app.core.span import to_wall
from app.infra import audit
from app.infra.db import db
from app.infra.uow import atomic
from app.payments.books.lines import DueLine, due_lines
from app.payments.books.postings import Pair
from app.payments.collection.errors import (
    BadPeriod,
    BatchSent,
    BatchWithdrawn,
    NothingToCollect,
    OrderNumberTaken,
    SentBefore,
)
from app.payments.collection.models import CollectionBatch, CollectionLine
from app.payments.collection.policy import CollectionPermission
from app.payments.collection.queries import (
    WITHDRAWN,
    get_batch,
    on_its_way,
    orders_of,
    to_collect,
    who_they_are,
)
from app.payments.documents.bill import Line, plain
from app.payments.documents.service import lines
from app.payments.documents.service.numbering import next_number
from app.payments.service.locks import lock_pairs

SERIES = "collection"


def make_batch(
    actor: Actor, issuer_id: int, starts_on: date, ends_on: date, *, leaves_announced: bool = False
) -> CollectionBatch:
    """Put all that is owed for a period, and is in no batch yet, into a new one; the number is taken last.

    What a payer says is on its way, wholly or in part, can be left for the next one.
    Raise NotFound, Forbidden, BadPeriod, NothingToCollect.
    """
    if ends_on < starts_on:
        raise BadPeriod(field="ends_on")
    with atomic(durable=True) as session:
        issuer = _collecting(actor, issuer_id)
        lock_pairs(Pair(due.payer_id, due.payee_id) for due in to_collect(issuer, starts_on, ends_on))
        # What others have taken or paid meanwhile is not there any more.
        left = on_its_way(issuer) if leaves_announced else {}
        there = to_collect(issuer, starts_on, ends_on)
        dues = [due for due in there if due.id not in left]
        if not dues:
            raise NothingToCollect(on_its_way=bool(there))
        called = who_they_are([issuer.id, *(due.payer_id for due in dues)])
        named = {each.due.id: each for each in due_lines(due.id for due in dues)}
        ref, year = new_public_id(), _today(issuer).year
        made = CollectionBatch(
            public_id=ref, issuer_id=issuer.id, year=year, starts_on=starts_on, ends_on=ends_on, currency=EUR,
            made_at=clock.now(), made_by_id=actor.person_id, issuer=called[issuer.id],
            number=next_number(issuer.id, SERIES, str(year), f"{SERIES}:{ref}"),
        )  # fmt: skip
        made.lines = [
            _line(named[due.id], position, called[due.payer_id], issuer)
            for position, due in enumerate(dues, 1)
        ]
        _tell_what_of(made, lines.owed(dues, ZoneInfo(issuer.territory.timezone)))
        session.add(made)
        session.flush()
        _note(actor, issuer, "collection_batch", made, cents=made.cents)
    return made


def _line(each: DueLine, position: int, debtor: Mapping[str, str], issuer: Organisation) -> CollectionLine:
    """Write down who is to pay what for what, as it is now: the paper says so for ever."""
    day = to_wall(each.posted_at, ZoneInfo(issuer.territory.timezone)).date()
    return CollectionLine(
        due_id=each.due.id, position=position, cents=each.due.owed_cents,
        credited_before_cents=each.due.credited_cents,
        facts={
            **debtor, "object": each.title, "day": day.isoformat(), "reference": f"MUT {each.due.public_id}",
            "paid_cents": each.due.paid_cents,
        },
    )  # fmt: skip


def _tell_what_of(made: CollectionBatch, owed: Iterable[Line]) -> None:
    """Write down what each amount is made of: how much of what at which price."""
    by_reference: dict[str, list[Any]] = defaultdict(list)
    for line in owed:
        by_reference[line.reference].append(plain(asdict(line)))
    for each in made.lines:
        each.facts["lines"] = by_reference[each.facts["reference"]]


def withdraw_batch(actor: Actor, issuer_id: int, batch_ref: str, reason: str) -> None:
    """Withdraw a batch that was made by mistake: its lines are free for the next one. Nothing the second time.

    Raise NotFound, Forbidden, ReasonMissing, BatchSent.
    """
    if not reason.strip():
        raise ReasonMissing(field="reason")
    with atomic() as session:
        issuer = _collecting(actor, issuer_id)
        made = _locked(issuer, batch_ref)
        if made.is_handed_over:
            raise BatchSent(number=made.name)
        if not made.is_withdrawn:
            count, cents = len(made.lines), made.cents
            made.lines = []
            session.flush()
            _note(actor, issuer, WITHDRAWN, made, reason=reason.strip(), lines=count, cents=cents)


def mark_sent(actor: Actor, issuer_id: int, batch_ref: str, sent_on: date) -> None:
    """Say on which day a batch went to the accountant. Raise NotFound, Forbidden, SentBefore, BatchWithdrawn."""
    with atomic():
        issuer = _collecting(actor, issuer_id)
        made = _locked(issuer, batch_ref)
        if made.is_withdrawn:
            raise BatchWithdrawn(number=made.name)
        made_on = to_wall(made.made_at, ZoneInfo(issuer.territory.timezone)).date()
        if not made_on <= sent_on <= _today(issuer):
            raise SentBefore(field="sent_on")
        made.sent_on = sent_on
        db.session.flush()
        _note(actor, issuer, "collection_sent", made, day=sent_on.isoformat())


def number_lines(actor: Actor, issuer_id: int, batch_ref: str, numbers: Mapping[int, str]) -> None:
    """Enter the accountant's numbers of orders, by due; one order may have several lines of one debtor.

    Raise NotFound, Forbidden, OrderNumberTaken, BatchWithdrawn.
    """
    with atomic():
        issuer = _collecting(actor, issuer_id)
        made = _locked(issuer, batch_ref)
        if made.is_withdrawn:
            raise BatchWithdrawn(number=made.name)
        changed = [
            line for line in made.lines if numbers.get(line.due_id, line.order_number) != line.order_number
        ]
        for line in changed:
            line.order_number = numbers[line.due_id]
        db.session.flush()
        _refuse_shared(issuer, {line.order_number for line in changed if line.order_number})
        if changed:
            _note(actor, issuer, "collection_numbered", made, lines=len(changed))


def _refuse_shared(issuer: Organisation, numbers: set[str]) -> None:
    """Raise OrderNumberTaken where a number is of two debtors."""
    for number, debtors in orders_of(issuer.id, numbers).items():
        if len(debtors) > 1:
            raise OrderNumberTaken(number=number, name=debtors[0])


def _collecting(actor: Actor, issuer_id: int) -> Organisation:
    """Get the public body whose accounts the actor keeps; raise NotFound, Forbidden."""
    issuer = db.session.get(Organisation, issuer_id)
    if issuer is None:
        raise NotFound(organisation=issuer_id)
    require(actor, CollectionPermission.COLLECT, issuer)
    return issuer


def _locked(issuer: Organisation, batch_ref: str) -> CollectionBatch:
    """Get a batch of which nobody else says anything meanwhile; raise NotFound."""
    made = get_batch(issuer.id, batch_ref)
    db.session.refresh(made, ["sent_on", "lines"], with_for_update=True)
    return made


def _today(issuer: Organisation) -> date:
    return to_wall(clock.now(), ZoneInfo(issuer.territory.timezone)).date()


def _note(actor: Actor, issuer: Organisation, act: str, made: CollectionBatch, **facts: str | int) -> None:
    audit.record(
        "organisation", issuer.id, act, actor, territory_id=issuer.territory_id, batch=made.name, **facts
    )
