"""Correcting a lot that was mistyped, until something of it went somewhere; its history keeps what it said before."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import select

from app.accounts.models import Organisation
from app.accounts.service.locks import keep_organisation, keep_person
from app.core.errors import NotFound
from app.core.ids import plain
from app.core.policy import Actor
from app.infra.db import db
from app.infra.uow import atomic
from app.supply.edits import refuse_undoing
from app.supply.lots.errors import LotSettled, NotOurLot
from app.supply.lots.models import Lot
from app.supply.lots.queries import find_settled, today_in
from app.supply.lots.service.common import lock_own_lot, tell
from app.supply.lots.service.entering import NewLot, check_goods, trimmed
from app.supply.lots.service.storing import check_kept

_SAID = ("product", "grams", "packaging", "per_package", "regime", "use_by", "best_before", "received_on")


def correct_lot(actor: Actor, lot_id: int, new: NewLot, seen: int | None = None) -> None:
    """Write anew what a lot is, how much, how packed, from whom, since and until when; the rest of `new` is not read.

    A use-by date can turn out to be past: then it says so, and nobody hands it over. `seen` is the last correction
    when it was looked at. Raise NotFound, NotOurLot, OrganisationInactive, LotSettled, ChangedMeanwhile, BadLot,
    PlaceUnfit.
    """
    new = trimmed(new)
    with atomic():
        holder_id = db.session.scalar(select(Lot.organisation_id).filter_by(id=lot_id))
        if holder_id is None:
            raise NotFound(kind="lot")
        if not actor.belongs_to(holder_id):
            raise NotOurLot(organisation=holder_id)
        keep_organisation(holder_id)
        keep_person(actor.person_id)
        lot = lock_own_lot(actor, lot_id)
        if (reason := find_settled(lot.id)) is not None:
            raise LotSettled(product=lot.product, reason=reason)
        new = replace(new, received_on=new.received_on or lot.received_on)
        columns = {name: getattr(new, name) or None for name in _SAID}
        columns |= {"origin_id": new.origin_id, "origin": new.origin}
        refuse_undoing(actor, lot, columns, seen)
        check_goods(new, today_in(lot.territory))
        check_kept(lot.resource, new.regime)
        was, changed = _said_of(lot), [name for name in columns if getattr(lot, name) != columns[name]]
        _write(lot, columns)
        now = _said_of(lot)
        told = [name for name in now if now[name] != was[name]]
        if told:
            facts = {"was": _only(told, was), "now": _only(told, now), "changed": changed}
            tell(lot, "corrected", actor, **facts)


def _write(lot: Lot, columns: Mapping[str, Any]) -> None:
    for name, value in columns.items():
        setattr(lot, name, value)
    lot.folded = plain(lot.product)
    lot.origin_organisation = db.session.get(Organisation, lot.origin_id) if lot.origin_id else None


def _said_of(lot: Lot) -> dict[str, Any]:
    """Give what a lot says, as its history keeps it."""
    said = {name: getattr(lot, name) for name in _SAID}
    origin = lot.origin_organisation.name if lot.origin_organisation else lot.origin
    days = {name: day.isoformat() for name, day in said.items() if isinstance(day, date)}
    return said | days | {"origin": origin}


def _only(names: list[str], said: Mapping[str, Any]) -> dict[str, Any]:
    return {name: said[name] for name in names}
