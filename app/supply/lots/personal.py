"""What accounts ask of this room: what is kept of a person."""

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import contains_eager, joinedload

from app.accounts.asks import gives_own, names_things
from app.accounts.queries.own import write_instant
from app.infra.db import db
from app.supply.lots.models import (
    Handover,
    HandoverAnswer,
    Incident,
    InspectionLink,
    Lot,
    ReadingCorrection,
    TemperatureReading,
)


@names_things("lot")
def lot_refs(ids: Collection[int]) -> Mapping[int, str]:
    """Name lots by their reference."""
    return _refs(Lot, ids)


@names_things("handover")
def note_refs(ids: Collection[int]) -> Mapping[int, str]:
    """Name hand-over notes by their reference."""
    return _refs(Handover, ids)


def _refs(table: type[Lot | Handover | Incident], ids: Collection[int]) -> Mapping[int, str]:
    rows = db.session.execute(select(table.id, table.public_id).where(table.id.in_(ids)))
    return {row.id: row.public_id for row in rows}


@gives_own("lots_entered")
def entered_by(person_id: int) -> list[dict[str, Any]]:
    """Tell of the lots a person entered in the name of organisations."""
    rows = select(Lot).options(joinedload(Lot.organisation)).filter_by(person_id=person_id).order_by(Lot.id)
    return [
        {
            "ref": each.public_id, "organisation": each.organisation.name, "product": each.product,
            "grams": each.grams, "note": each.note, "at": write_instant(each.created_at),
        }
        for each in db.session.scalars(rows)
    ]  # fmt: skip


@gives_own("handovers")
def handed_by(person_id: int) -> list[dict[str, Any]]:
    """Tell of the hand-over notes a person wrote or signed, with the name they signed with."""
    theirs = or_(
        Handover.person_id == person_id,
        Handover.given_by_id == person_id,
        Handover.received_by_id == person_id,
    )
    rows = select(Handover).options(joinedload(Handover.giver)).where(theirs).order_by(Handover.id)
    return [
        {
            "ref": each.public_id, "giver": each.giver.name, "state": each.state,
            "note": each.note if each.person_id == person_id else "",
            "gave_as": each.given_name if each.given_by_id == person_id else "",
            "received_as": each.received_name if each.received_by_id == person_id else "",
            "at": write_instant(each.created_at),
        }
        for each in db.session.scalars(rows)
    ]  # fmt: skip


@gives_own("handovers_answered")
def answered_by(person_id: int) -> list[dict[str, Any]]:
    """Tell what a person said of signatures in the name of their organisations."""
    rows = select(Handover).join(Handover.answer).options(contains_eager(Handover.answer))
    theirs = rows.where(HandoverAnswer.person_id == person_id).order_by(Handover.id)
    return [
        {
            "ref": each.public_id, "confirmed": each.answer.is_right, "reason": each.answer.reason,
            "at": write_instant(each.answer.at),
        }
        for each in db.session.scalars(theirs)
        if each.answer is not None
    ]  # fmt: skip


@names_things("incident")
def incident_refs(ids: Collection[int]) -> Mapping[int, str]:
    """Name incidents by their reference."""
    return _refs(Incident, ids)


@gives_own("temperatures_noted")
def noted_by(person_id: int) -> list[dict[str, Any]]:
    """Tell of the temperatures a person noted, and of the incidents they closed."""
    rows = (
        select(TemperatureReading)
        .options(joinedload(TemperatureReading.resource))
        .filter_by(person_id=person_id)
        .order_by(TemperatureReading.id)
    )
    closed = select(Incident).filter_by(closed_by_id=person_id).order_by(Incident.id)
    return [
        {"place": each.resource.name, "tenths": each.tenths, "at": write_instant(each.at)}
        for each in db.session.scalars(rows)
    ] + [
        {"incident": each.public_id, "measures": each.measures, "at": write_instant(each.closed_at)}
        for each in db.session.scalars(closed)
    ]


@gives_own("temperatures_corrected")
def corrected_by(person_id: int) -> list[dict[str, Any]]:
    """Tell of the readings a person corrected or confirmed."""
    rows = select(ReadingCorrection).filter_by(person_id=person_id).order_by(ReadingCorrection.id)
    return [
        {"was": each.was_tenths, "tenths": each.tenths, "reason": each.reason, "at": write_instant(each.at)}
        for each in db.session.scalars(rows)
    ]


@gives_own("inspection_links")
def let_in_by(person_id: int) -> list[dict[str, Any]]:
    """Tell of the links for whoever checks that a person made; never by which address."""
    rows = select(InspectionLink).options(joinedload(InspectionLink.organisation))
    made = rows.filter_by(made_by_id=person_id).order_by(InspectionLink.id)
    return [
        {"organisation": each.organisation.name, "at": write_instant(each.created_at)}
        for each in db.session.scalars(made)
    ]
