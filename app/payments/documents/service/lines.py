"""The lines of a document: what its recipient bears of what was charged, and why something of it was lowered."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date
from zoneinfo import ZoneInfo

from app.core.span import to_wall
from app.payments.documents import queries
from app.payments.documents.bill import Line
from app.payments.documents.queries import TakenBack
from app.payments.models import Charge, Due
from app.payments.subjects import subjects_of
from app.payments.tariffs.as_json import read_snapshot
from app.payments.tariffs.tariff import VatRegime


def owed(dues: Sequence[Due], zone: ZoneInfo) -> list[Line]:
    """List what is owed, less what was taken back of it before it is on any document."""
    return _lines([due.id for due in dues], zone)


def taken_back(back: Sequence[TakenBack], zone: ZoneInfo, sign: int) -> list[Line]:
    """List what was taken back of what is on a document, above zero or below."""
    credit_ids = {each.credit.id for each in back}
    listed = _lines({each.due.id for each in back}, zone, credit_ids) if back else []
    return [
        replace(line, cents=sign * line.lowered_cents, lowered_cents=0, is_taken_back=True)
        for line in listed
        if line.lowered_cents
    ]


def _lines(due_ids: Collection[int], zone: ZoneInfo, credit_ids: Collection[int] | None = None) -> list[Line]:
    borne = queries.lines_of(due_ids, credit_ids)
    subjects = subjects_of({each.charge.id: each.charge for each in borne}.values())
    reasons = queries.reasons_of(due_ids, credit_ids)
    return [
        Line(
            label=each.line.label,
            about=subjects[each.charge.id].title if each.charge.id in subjects else each.line.label,
            on=_day_of(each.charge, zone),
            meter=each.line.meter,
            quantity_milli=each.line.quantity_milli,
            unit_cents=each.line.unit_cents,
            whole_cents=each.line.cents,
            cents=each.cents - each.credited_cents,
            vat_regime=VatRegime(each.line.vat_regime),
            vat_bp=each.line.vat_bp,
            coefficient_bp=each.line.coefficient_bp,
            lowered_cents=each.credited_cents,
            reasons=tuple(reasons.get((each.due.id, each.line.id), ())),
            corrects=each.charge.snapshot.get("corrects", ""),
            why=each.charge.snapshot.get("why", ""),
            tier=read_snapshot(each.line.snapshot).tier,
            reference=f"MUT {each.due.public_id}",
        )
        for each in borne
        if credit_ids is not None or each.cents != each.credited_cents
    ]


def _day_of(charge: Charge, zone: ZoneInfo) -> date:
    """Tell the day of what was charged, where whoever charged it said so; else that on which it was charged."""
    said = charge.snapshot.get("on")
    return date.fromisoformat(said) if said else to_wall(charge.posted_at, zone).date()
