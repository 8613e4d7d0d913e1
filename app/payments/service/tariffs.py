"""Switching money on for a territory, and saying what using a resource costs."""

from datetime import datetime

from sqlalchemy import func, select

from app.catalogue.models import Resource
from app.core import clock
from app.core.errors import NotFound
from app.core.ids import new_public_id
from app.core.policy import Actor, require
from app.infra import audit
from app.infra.db import db
from app.infra.uow import atomic
from app.payments.models import TariffVersion, TerritoryMoney
from app.payments.policy import MoneyPermission
from app.payments.tariff_json import written
from app.payments.tariffs import Tariff


def switch_money(actor: Actor, territory_id: int, *, is_on: bool) -> None:
    """Let a territory reckon with money, or no longer; what is owed stays owed."""
    with atomic() as session:
        row = session.get(TerritoryMoney, territory_id) or TerritoryMoney(
            territory_id=territory_id, is_on=False
        )
        require(actor, MoneyPermission.SWITCH, row)
        if row.is_on == is_on:
            return
        row.is_on, row.changed_at, row.changed_by_id = is_on, clock.now(), actor.person_id
        session.add(row)
        act = "switched_on" if is_on else "switched_off"
        audit.record("territory_money", territory_id, act, actor, territory_id=territory_id)


def publish_tariff(
    actor: Actor,
    resource_id: int,
    tariff: Tariff | None,
    *,
    starts_at: datetime | None = None,
    note: str = "",
) -> TariffVersion:
    """Say what using a resource costs from an instant on (None: from now); without a tariff, nothing.

    What was asked for before keeps the version it was asked with. Raise NotFound, Forbidden.
    """
    with atomic() as session:
        resource = session.scalar(select(Resource).filter_by(id=resource_id).with_for_update())
        if resource is None:
            raise NotFound(kind="resource")
        require(actor, MoneyPermission.SET_TARIFF, resource)
        version = TariffVersion(
            public_id=new_public_id(),
            resource_id=resource_id,
            number=_last_number(resource_id) + 1,
            starts_at=starts_at or clock.now(),
            terms=None if tariff is None else written(tariff),
            note=note.strip(),
            made_at=clock.now(),
            made_by_id=actor.person_id,
        )
        session.add(version)
        session.flush()
        audit.record(
            "resource",
            resource_id,
            "tariff",
            actor,
            territory_id=resource.territory_id,
            number=version.number,
        )
    return version


def _last_number(resource_id: int) -> int:
    numbers = select(func.max(TariffVersion.number)).where(TariffVersion.resource_id == resource_id)
    return db.session.scalar(numbers) or 0
