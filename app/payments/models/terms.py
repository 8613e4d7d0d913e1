"""How an organisation is paid: who it is on bills, where its money goes, and which ways it offers."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import Organisation
from app.infra.db import Base, BigId, Code, Json, Name, Prose


class PayeeTerms(Base):
    """What a payee says of being paid. Its account number is for its payers; others see a part of it."""

    __tablename__ = "payee_terms"

    organisation_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("organisation.id"), primary_key=True, autoincrement=False
    )
    legal_name: Mapped[Name]
    address: Mapped[Prose]
    siret: Mapped[str] = mapped_column(String(14))
    vat_number: Mapped[str] = mapped_column(String(20))
    vat_regime: Mapped[Code]
    methods: Mapped[list[Any]] = mapped_column(Json)  # of app.payments.books.postings.Method
    holder: Mapped[str] = mapped_column(String(70))
    iban: Mapped[str] = mapped_column(String(34))
    bic: Mapped[str] = mapped_column(String(11))
    payfip_url: Mapped[str] = mapped_column(String(300))
    contact_email: Mapped[str] = mapped_column(String(254))
    note: Mapped[Prose]
    changed_at: Mapped[datetime]
    changed_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))

    organisation: Mapped[Organisation] = relationship()
