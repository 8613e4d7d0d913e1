"""Taking a charge back, or a part of it: what was paid for it becomes free, and what an envelope paid returns to it."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import func, select

from app.core import clock
from app.core.errors import ReasonMissing
from app.core.ids import new_public_id
from app.infra.db import db
from app.infra.uow import atomic
from app.payments.books.postings import CREDITED, FREED, EntryKind, Leg, Pair
from app.payments.errors import CreditTooLarge
from app.payments.models import Charge, ChargeLine, ChargeShare, Credit, CreditShare, Due, Payment
from app.payments.service.allocating import allocations_of, move
from app.payments.service.envelopes import give_back
from app.payments.service.locks import fresh_dues, lock_charge, lock_envelopes, lock_pairs
from app.payments.service.pages import close_pages
from app.payments.service.posting import About, positive, post, refuse_other
from app.payments.splits.splitting import Role, Share, refund

Left = dict[int, tuple[Share, int]]  # by the number of the share: what of it was not taken back yet


def credit(key: str, charge_id: int, reason: str, cents: int | None = None) -> Credit:
    """Take a charge back, all that is left of it or so many cents, shared by what each still bears.

    What was paid too much by that is free: `refund` gives it back, or `allocate` uses it for something else.
    Told twice under one key, it is done once. Raise NotFound, ReasonMissing, BadAmount, CreditTooLarge, KeyReused.
    """
    if not reason.strip():
        raise ReasonMissing(field="reason")
    with atomic(durable=True) as session:
        charge = lock_charge(charge_id)
        made = session.scalar(select(Credit).filter_by(key=key))
        if made is not None:
            _refuse_other_credit(made, charge_id, cents)
            return made
        left = _left(charge)
        parts = _taken_back(left, cents)
        envelopes = lock_envelopes(left[each][0].envelope_id for each in parts)
        lock_pairs(_pair(left[each][0]) for each in parts if not left[each][0].is_own)
        made = Credit(
            public_id=new_public_id(), key=key, charge_id=charge_id, at=clock.now(), reason=reason.strip()
        )
        session.add(made)
        session.flush()
        session.add_all(
            CreditShare(credit_id=made.id, share_id=share, cents=part) for share, part in parts.items()
        )
        give_back(envelopes, _by_envelope(left, parts))
        _Crediting(charge, made).write(_by_pair(left, parts))
    return made


def _refuse_other_credit(made: Credit, charge_id: int, cents: int | None) -> None:
    """Raise KeyReused where another charge, or another part of it, was taken back under the same key."""
    refuse_other(made.key, made, {"charge_id": charge_id})
    if cents is not None:
        taken = db.session.scalar(select(func.sum(CreditShare.cents)).where(CreditShare.credit_id == made.id))
        refuse_other(made.key, {"cents": int(taken or 0)}, {"cents": cents})


def _left(charge: Charge) -> Left:
    """Read what of each share of a locked charge was not taken back yet."""
    credited = func.coalesce(func.sum(CreditShare.cents), 0)
    rows = (
        select(ChargeShare, ChargeLine.key, ChargeLine.payee_id, credited)
        .join(ChargeLine, ChargeLine.id == ChargeShare.line_id)
        .outerjoin(CreditShare, CreditShare.share_id == ChargeShare.id)
        .where(ChargeLine.charge_id == charge.id)
        .group_by(ChargeShare.id, ChargeLine.key, ChargeLine.payee_id)
        .order_by(ChargeShare.id)
    )
    return {
        row.id: (
            Share(key, payee_id, row.payer_id, row.cents, Role(row.role), row.envelope_id),
            row.cents - int(gone),
        )
        for row, key, payee_id, gone in db.session.execute(rows)
    }


def _taken_back(left: Left, cents: int | None) -> dict[int, int]:
    """Tell what is taken back of each share."""
    total = sum(there for _, there in left.values())
    wanted = total if cents is None else positive(cents)
    if wanted > total:
        raise CreditTooLarge(asked=wanted, left=total)
    parts = refund(wanted, {share: there for share, there in left.values() if there})
    return {number: parts[share] for number, (share, _) in left.items() if parts.get(share)}


def _pair(share: Share) -> Pair:
    return Pair(share.payer_id, share.payee_id)


def _by_envelope(left: Left, parts: Mapping[int, int]) -> Counter[int]:
    found = Counter[int]()
    for number, cents in parts.items():
        envelope_id = left[number][0].envelope_id
        if envelope_id is not None:
            found[envelope_id] += cents
    return found


def _by_pair(left: Left, parts: Mapping[int, int]) -> Counter[Pair]:
    found = Counter[Pair]()
    for number, cents in parts.items():
        if not left[number][0].is_own:
            found[_pair(left[number][0])] += cents
    return found


@dataclass(frozen=True)
class _Crediting:
    """A credit in the making, its charge and its pairs locked."""

    charge: Charge
    made: Credit

    def write(self, by_pair: Mapping[Pair, int]) -> None:
        """Write the other side of the charge, and free what was paid of it."""
        numbers = db.session.scalars(select(Due.id).filter_by(charge_id=self.charge.id)).all()
        dues = [due for due in fresh_dues(numbers) if by_pair[Pair(due.payer_id, due.payee_id)]]
        legs: list[Leg] = []
        for due in dues:
            legs += CREDITED.legs(Pair(due.payer_id, due.payee_id), by_pair[Pair(due.payer_id, due.payee_id)])
        self._post(f"credit:{self.made.key}", legs)
        close_pages(due.id for due in dues)
        for due in dues:
            self._free(due, by_pair[Pair(due.payer_id, due.payee_id)])

    def _free(self, due: Due, cents: int) -> None:
        """Let what was paid be no more than what is left of a due; then lower it."""
        over = due.paid_cents + due.credited_cents + cents - due.cents
        for payment, there in allocations_of(due) if over > 0 else ():
            part = min(over, there)
            over -= part
            if part:
                legs = FREED.legs(Pair(due.payer_id, due.payee_id), part)
                key = f"credit:{self.made.key}/{due.id}/{payment.id}"
                move(payment, {due.id: part}, self._post(key, legs, payment), -1)
        due.credited_cents += cents
        db.session.flush()

    def _post(self, key: str, legs: list[Leg], payment: Payment | None = None) -> int | None:
        return post(key, EntryKind.CREDIT, legs, About.charge(self.charge, payment))
