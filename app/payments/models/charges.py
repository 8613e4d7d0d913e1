"""What is charged, who bears it, what is owed of it, and what was taken back. Only a due ever changes."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.db import Base, Code, Pk, Prose, PublicId
from app.payments.models.columns import KEPT, Currency, Key, OrganisationId, TerritoryId, one_of
from app.payments.splits.splitting import Role


class Charge(Base):
    """What an organisation is charged for a subject, of which payments know only its kind and its public id."""

    __tablename__ = "charge"
    __table_args__ = (Index("ix_charge_subject", "subject_kind", "subject_ref"), KEPT)

    id: Mapped[Pk]
    public_id: Mapped[PublicId]
    key: Mapped[Key]
    territory_id: Mapped[TerritoryId]
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)  # for whom it was
    subject_kind: Mapped[Code]
    subject_ref: Mapped[str] = mapped_column(String(40))
    currency: Mapped[Currency]
    posted_at: Mapped[datetime]
    snapshot: Mapped[dict[str, Any]]  # how it stood then: the key of the split, ceilings, names


class ChargeLine(Base):
    """One thing that is charged, owed to one organisation, with the tariff and the quantity it was reckoned from."""

    __tablename__ = "charge_line"
    __table_args__ = (
        CheckConstraint("cents >= 0 AND public_cents >= 0 AND in_kind_cents >= 0", name="cents"),
        CheckConstraint("waiver_reason = '' OR cents = 0", name="waiver"),
        CheckConstraint("vat_cents >= 0 AND vat_cents <= cents", name="vat"),
        KEPT,
    )

    id: Mapped[Pk]
    charge_id: Mapped[int] = mapped_column(ForeignKey("charge.id"), index=True)
    key: Mapped[Key]  # what its odd cents were drawn by
    payee_id: Mapped[OrganisationId]
    label: Mapped[str] = mapped_column(String(160))
    meter: Mapped[Code]
    quantity_milli: Mapped[int]
    unit_cents: Mapped[int]
    coefficient_bp: Mapped[int]
    cents: Mapped[int]
    public_cents: Mapped[int]
    in_kind_cents: Mapped[int]  # told, never posted
    waiver_reason: Mapped[Prose]
    vat_regime: Mapped[Code]
    vat_bp: Mapped[int]
    vat_cents: Mapped[int]
    snapshot: Mapped[dict[str, Any]]  # app.payments.tariffs.as_json.snapshot


class ChargeShare(Base):
    """What one organisation bears of a line, and why."""

    __tablename__ = "charge_share"
    __table_args__ = (
        CheckConstraint("cents > 0", name="cents"),
        CheckConstraint(one_of("role", Role), name="role"),
        KEPT,
    )

    id: Mapped[Pk]
    line_id: Mapped[int] = mapped_column(ForeignKey("charge_line.id"), index=True)
    payer_id: Mapped[OrganisationId]
    role: Mapped[Code]
    envelope_id: Mapped[int | None] = mapped_column(ForeignKey("subsidy_envelope.id"), index=True)
    cents: Mapped[int]


class Due(Base):
    """What one organisation owes another for a charge: `owed_cents` of it still."""

    __tablename__ = "due"
    __table_args__ = (
        UniqueConstraint("charge_id", "payer_id", "payee_id"),
        Index("ix_due_pair", "payer_id", "payee_id"),
        CheckConstraint("payer_id <> payee_id", name="pair"),
        CheckConstraint("credited_cents >= 0 AND paid_cents >= 0", name="parts"),
        CheckConstraint("cents > 0 AND credited_cents + paid_cents <= cents", name="cents"),
        KEPT,
    )

    id: Mapped[Pk]
    public_id: Mapped[PublicId]
    charge_id: Mapped[int] = mapped_column(ForeignKey("charge.id"))
    payer_id: Mapped[OrganisationId]
    payee_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    currency: Mapped[Currency]
    cents: Mapped[int]
    credited_cents: Mapped[int] = mapped_column(default=0)
    paid_cents: Mapped[int] = mapped_column(default=0)

    @property
    def owed_cents(self) -> int:
        """What is still owed."""
        return self.cents - self.credited_cents - self.paid_cents


class Credit(Base):
    """A charge taken back, or a part of it: an entry of its own, never an edit."""

    __tablename__ = "credit"
    __table_args__ = (KEPT,)

    id: Mapped[Pk]
    public_id: Mapped[PublicId]
    key: Mapped[Key]
    charge_id: Mapped[int] = mapped_column(ForeignKey("charge.id"), index=True)
    at: Mapped[datetime]
    reason: Mapped[Prose]


class CreditShare(Base):
    """What is taken back of one share."""

    __tablename__ = "credit_share"
    __table_args__ = (
        UniqueConstraint("credit_id", "share_id"),
        CheckConstraint("cents > 0", name="cents"),
        KEPT,
    )

    id: Mapped[Pk]
    credit_id: Mapped[int] = mapped_column(ForeignKey("credit.id"))
    share_id: Mapped[int] = mapped_column(ForeignKey("charge_share.id"), index=True)
    cents: Mapped[int]
