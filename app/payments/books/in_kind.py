"""What organisations give each other in kind: uses that are free of charge, or below the public price; never posted.

It is for what an association states once a year, and for what an authority reports of its support.
"""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Row, Select, and_, case, func, or_, select
from sqlalchemy.orm import aliased

from app.accounts.models import Organisation
from app.infra.db import db
from app.payments.books.credited import credited_cents, lines_cents
from app.payments.models import Charge, ChargeLine, CostPlan, Credit
from app.payments.subjects import Subject, subjects_of
from app.payments.tariffs.told import Why
from app.payments.tariffs.unpriced import NO_PRICE


@dataclass(frozen=True)
class InKind:
    """What was given or had within some time: uses, what they are worth, and how many of them have no price."""

    uses: int
    cents: int
    unpriced: int


@dataclass(frozen=True)
class InKindLine:
    """One thing that was given: on which day, by whom to whom, for what, how much of it."""

    on: date
    is_given: bool
    other: Organisation
    title: str
    line: ChargeLine

    @property
    def cents(self) -> int | None:
        """What it is worth; None where no price is set."""
        return None if self.line.waiver_reason == NO_PRICE else self.line.in_kind_cents


def in_kind_of(organisation_id: int, year: int) -> tuple[InKind | None, InKind | None]:
    """Add up what an organisation gave in a year, and what it was given; None where that is nothing."""
    unpriced = case((ChargeLine.waiver_reason == NO_PRICE, Charge.id))
    is_given = (ChargeLine.payee_id == organisation_id).label("is_given")
    rows = db.session.execute(
        select(
            is_given,
            func.count(Charge.id.distinct()),
            func.sum(ChargeLine.in_kind_cents),
            func.count(unpriced.distinct()),
        )
        .join(Charge, Charge.id == ChargeLine.charge_id)
        .join(CostPlan, CostPlan.charge_id == Charge.id)
        .where(*_within(organisation_id, year))
        .group_by(is_given)
    )
    found = {bool(given): InKind(uses, int(cents), without) for given, uses, cents, without in rows}
    return found.get(True), found.get(False)


def in_kind_lines(organisation_id: int, year: int) -> list[InKindLine]:
    """List what an organisation gave in a year and what it was given, in the order of its days."""
    rows = db.session.execute(_lines(organisation_id, year)).all()
    subjects = subjects_of(row[0] for row in rows)
    found = [_line(organisation_id, row, subjects) for row in rows]
    return sorted(found, key=lambda each: (each.on, each.line.id))


def _line(
    organisation_id: int,
    row: Row[Charge, ChargeLine, Organisation, Organisation],
    subjects: dict[int, Subject],
) -> InKindLine:
    charge, line, giver, taker = row
    is_given = giver.id == organisation_id
    title = subjects[charge.id].title if charge.id in subjects else line.label
    on = date.fromisoformat(charge.snapshot["on"])
    return InKindLine(on, is_given, taker if is_given else giver, title, line)


def _lines(organisation_id: int, year: int) -> Select[Charge, ChargeLine, Organisation, Organisation]:
    giver, taker = aliased(Organisation), aliased(Organisation)
    return (
        select(Charge, ChargeLine, giver, taker)
        .join(ChargeLine, ChargeLine.charge_id == Charge.id)
        .join(CostPlan, CostPlan.charge_id == Charge.id)
        .join(giver, giver.id == ChargeLine.payee_id)
        .join(taker, taker.id == Charge.organisation_id)
        .where(*_within(organisation_id, year))
    )


def _within(organisation_id: int, year: int) -> tuple[ColumnElement[bool], ...]:
    """Find what counts: used within the year, neither put right nor taken back whole since, and not one's own."""
    on = Charge.snapshot["on"].as_string()
    concerns = or_(ChargeLine.payee_id == organisation_id, Charge.organisation_id == organisation_id)
    is_worth = or_(ChargeLine.in_kind_cents > 0, ChargeLine.waiver_reason != "")
    is_used = and_(
        Charge.snapshot["why"].as_string() == Why.USED, on >= f"{year}-01-01", on < f"{year + 1}-01-01"
    )
    is_taken_back = and_(
        select(Credit.id).where(Credit.charge_id == Charge.id).exists(), credited_cents() >= lines_cents()
    )
    return concerns, is_worth, is_used, ~is_taken_back, ChargeLine.payee_id != Charge.organisation_id
