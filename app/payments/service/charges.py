"""Charging: lines and shares as they were reckoned become what is owed, and two sides of the books."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, insert, select

from app.core import clock
from app.core.ids import new_public_id
from app.core.money import CurrenciesMixed, Money
from app.infra.db import Base, db
from app.infra.uow import atomic, connection
from app.payments.books.postings import EntryKind, Pair, charged
from app.payments.models import Charge, ChargeLine, ChargeShare, Due, Envelope
from app.payments.service.envelopes import envelopes_of, spend
from app.payments.service.locks import add_if_new, lock_envelopes
from app.payments.service.posting import About, post, refuse_other
from app.payments.splits.splitting import CostLine, Share, Split
from app.payments.tariffs.as_json import snapshot
from app.payments.tariffs.pricing import PricedLine
from app.payments.tariffs.tariff import Tariff

_LINES = insert(ChargeLine).returning(ChargeLine.id, sort_by_parameter_order=True)


@dataclass(frozen=True)
class NewLine:
    """A line to charge: `key` tells it from all others for ever, and is what its odd cents are drawn by.

    Where it is waived, the reason is said, and the line is of nothing (app.payments.tariffs.pricing.waived).
    """

    key: str
    payee_id: int
    priced: PricedLine
    tariff: Tariff
    waiver_reason: str = ""

    @property
    def cost(self) -> CostLine:
        """The line as it is shared."""
        return CostLine(self.key, self.payee_id, Money(self.priced.cents, self.tariff.currency))

    def row(self, charge_id: int) -> dict[str, Any]:
        """The line as it is kept."""
        priced = self.priced
        return {
            "charge_id": charge_id,
            "key": self.key,
            "payee_id": self.payee_id,
            "label": priced.label,
            "meter": priced.meter,
            "quantity_milli": priced.quantity_milli,
            "unit_cents": priced.unit_cents,
            "coefficient_bp": priced.coefficient_bp,
            "cents": priced.cents,
            "public_cents": priced.public_cents,
            "in_kind_cents": priced.in_kind_cents,
            "waiver_reason": self.waiver_reason,
            "vat_regime": priced.vat_regime,
            "vat_bp": priced.vat_bp,
            "vat_cents": priced.vat_cents,
            "snapshot": snapshot(self.tariff, priced.quantity, priced.tier),
        }


@dataclass(frozen=True)
class NewCharge:
    """What is charged for a subject, of which payments know nothing more; `key` is the same when it is told again.

    `organisation_id` is for whom it was (subsidies count by it), whoever pays. `hold_keys` are promises of envelopes
    that this charge redeems; `snapshot` is what else was true then (who shared by which key), to be read later.
    """

    key: str
    territory_id: int
    organisation_id: int
    subject_kind: str
    subject_ref: str
    lines: tuple[NewLine, ...]
    split: Split
    hold_keys: tuple[str, ...] = ()
    snapshot: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse what was not reckoned from these lines: a mistake of ours, so no words for people."""
        shared = Counter[str]()
        for share in self.split.shares:
            shared[share.line_id] += share.cents
        if +shared != +Counter({line.key: line.priced.cents for line in self.lines}):
            raise ValueError("the shares do not add up to the lines")
        if any(line.tariff.currency != self.split.currency for line in self.lines):
            raise ValueError("the lines and their shares are of several currencies")


def post_charge(new: NewCharge) -> Charge:
    """Charge: keep lines and shares, spend of envelopes, and write what everybody owes into both sides' books.

    What costs nothing is kept, and nothing is owed. Raise EnvelopeShort, HoldEnded, CurrenciesMixed, NotFound,
    KeyReused.
    """
    with atomic(durable=True):
        envelopes = lock_envelopes({*_spent(new), *envelopes_of(new.hold_keys)})
        _refuse_other_currency(new, envelopes)
        is_new = add_if_new(Charge, {"key": new.key}, _charge_row(new))
        charge = db.session.scalars(select(Charge).filter_by(key=new.key)).one()
        if not is_new:
            _refuse_other_charge(charge, new)
            return charge
        _keep_shares(charge, new)
        spend(envelopes, _spent(new), new.hold_keys)
        _owe(charge, new.split)
    return charge


def _refuse_other_charge(charge: Charge, new: NewCharge) -> None:
    refuse_other(new.key, charge, _same(new))
    cents = select(func.sum(ChargeLine.cents)).where(ChargeLine.charge_id == charge.id)
    there, asked = int(db.session.scalar(cents) or 0), sum(line.priced.cents for line in new.lines)
    refuse_other(new.key, {"cents": there}, {"cents": asked})


def _refuse_other_currency(new: NewCharge, envelopes: Mapping[int, Envelope]) -> None:
    for envelope in envelopes.values():
        if envelope.programme.currency != new.split.currency:
            raise CurrenciesMixed(one=new.split.currency, other=envelope.programme.currency)


def _charge_row(new: NewCharge) -> dict[str, Any]:
    own = {"public_id": new_public_id(), "posted_at": clock.now(), "snapshot": dict(new.snapshot)}
    return own | _same(new)


def _same(new: NewCharge) -> dict[str, Any]:
    """What a charge that is told again has in common with the first time."""
    return {
        "territory_id": new.territory_id,
        "organisation_id": new.organisation_id,
        "subject_kind": new.subject_kind,
        "subject_ref": new.subject_ref,
        "currency": new.split.currency,
    }


def _spent(new: NewCharge) -> Counter[int]:
    parts = Counter[int]()
    for share in new.split.shares:
        if share.envelope_id is not None:
            parts[share.envelope_id] += share.cents
    return parts


def _keep_shares(charge: Charge, new: NewCharge) -> None:
    rows = [line.row(charge.id) for line in new.lines]
    found = connection().execute(_LINES, rows).scalars() if rows else ()
    line_ids = dict(zip((line.key for line in new.lines), found, strict=True))
    _insert(ChargeShare, [_share_row(line_ids[share.line_id], share) for share in new.split.shares])


def _share_row(line_id: int, share: Share) -> dict[str, Any]:
    return {
        "line_id": line_id,
        "payer_id": share.payer_id,
        "role": share.role,
        "envelope_id": share.envelope_id,
        "cents": share.cents,
    }


def _owe(charge: Charge, split: Split) -> None:
    """Write what is owed into the books of both; what one bears of one's own is no bill."""
    dues = sorted((Pair(*pair), amount.cents) for pair, amount in split.dues().items())
    rows = [
        {"public_id": new_public_id(), "charge_id": charge.id, "currency": charge.currency, "cents": cents}
        | pair._asdict()
        for pair, cents in dues
    ]
    _insert(Due, rows)
    posting = charged(charge.subject_kind)
    legs = [leg for pair, cents in dues for leg in posting.legs(pair, cents)]
    post(f"charge:{charge.key}", EntryKind.CHARGE, legs, About.charge(charge))


def _insert(table: type[Base], rows: list[dict[str, Any]]) -> None:
    if rows:
        connection().execute(insert(table), rows)
