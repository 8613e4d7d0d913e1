"""What organisations give each other in kind: uses that are free of charge, or below the public price; never posted.

What was charged and taken back as a gesture is given, too: in kind is the public price less what is paid in the end.
It is for what an association states once a year, and for what an authority reports of its support.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Row, ScalarSelect, Select, and_, case, func, or_, select
from sqlalchemy.orm import aliased

from app.accounts.models import Organisation
from app.infra.db import db
from app.payments.books.credited import is_gesture, taken_back_of
from app.payments.models import Charge, ChargeLine, ChargeShare, CostPlan, Credit, CreditShare
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
    """One thing that was given: on which day, by whom to whom, for what, how much; why what was charged went back."""

    on: date
    is_given: bool
    other: Organisation
    title: str
    line: ChargeLine
    let_off_cents: int
    gestures: tuple[str, ...]

    @property
    def cents(self) -> int | None:
        """What it is worth; None where no price is set."""
        is_unknown = self.line.waiver_reason == NO_PRICE
        return None if is_unknown else self.line.in_kind_cents + self.let_off_cents


def in_kind_of(organisation_id: int, year: int) -> tuple[InKind | None, InKind | None]:
    """Add up what an organisation gave in a year, and what it was given; None where that is nothing."""
    unpriced = case((ChargeLine.waiver_reason == NO_PRICE, Charge.id))
    is_given = (ChargeLine.payee_id == organisation_id).label("is_given")
    rows = db.session.execute(
        select(
            is_given,
            func.count(Charge.id.distinct()),
            func.sum(ChargeLine.in_kind_cents + _let_off()),
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
    why: defaultdict[int, dict[str, None]] = defaultdict(dict)
    for back in taken_back_of({row[0].id for row in rows if row[4]}):
        if back.is_by_hand:
            why[back.charge_id][back.reason] = None
    found = [_line(organisation_id, row, subjects, tuple(why[row[0].id])) for row in rows]
    return sorted(found, key=lambda each: (each.on, each.line.id))


def _line(
    organisation_id: int,
    row: Row[Charge, ChargeLine, Organisation, Organisation, int],
    subjects: dict[int, Subject],
    gestures: tuple[str, ...],
) -> InKindLine:
    charge, line, giver, taker, let_off = row
    is_given = giver.id == organisation_id
    title = subjects[charge.id].title if charge.id in subjects else line.label
    on = date.fromisoformat(charge.snapshot["on"])
    other = taker if is_given else giver
    return InKindLine(on, is_given, other, title, line, int(let_off), gestures if let_off else ())


def _lines(organisation_id: int, year: int) -> Select[Charge, ChargeLine, Organisation, Organisation, int]:
    giver, taker = aliased(Organisation), aliased(Organisation)
    return (
        select(Charge, ChargeLine, giver, taker, _let_off())
        .join(ChargeLine, ChargeLine.charge_id == Charge.id)
        .join(CostPlan, CostPlan.charge_id == Charge.id)
        .join(giver, giver.id == ChargeLine.payee_id)
        .join(taker, taker.id == Charge.organisation_id)
        .where(*_within(organisation_id, year))
    )


def _let_off() -> ScalarSelect[int]:
    """Add up what was taken back by hand of the line that a query looks at."""
    return (
        select(func.coalesce(func.sum(CreditShare.cents), 0))
        .join(Credit, and_(Credit.id == CreditShare.credit_id, is_gesture()))
        .join(ChargeShare, ChargeShare.id == CreditShare.share_id)
        .where(ChargeShare.line_id == ChargeLine.id)
        .correlate(ChargeLine)
        .scalar_subquery()
    )


def _within(organisation_id: int, year: int) -> tuple[ColumnElement[bool], ...]:
    """Find what counts: used within the year, not taken back since because it was no use, and not one's own."""
    on = Charge.snapshot["on"].as_string()
    concerns = or_(ChargeLine.payee_id == organisation_id, Charge.organisation_id == organisation_id)
    is_worth = or_(ChargeLine.in_kind_cents > 0, ChargeLine.waiver_reason != "", _let_off() > 0)
    is_used = and_(
        Charge.snapshot["why"].as_string() == Why.USED, on >= f"{year}-01-01", on < f"{year + 1}-01-01"
    )
    is_no_use = select(Credit.id).where(Credit.charge_id == Charge.id, ~is_gesture()).exists()
    return concerns, is_worth, is_used, ~is_no_use, ChargeLine.payee_id != Charge.organisation_id
