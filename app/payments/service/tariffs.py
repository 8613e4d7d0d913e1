"""Switching money on for a territory, and saying what using a resource costs.

Where money is on, what the catalogue shows in one line follows from the tariff in force.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import func, select

from app.catalogue.errors import LoanIsFree
from app.catalogue.models import Resource
from app.catalogue.service import ShownPrice, hold_still, show_price
from app.core import clock
from app.core.errors import NotFound
from app.core.ids import new_public_id
from app.core.policy import Actor, require
from app.infra import audit
from app.infra.db import db
from app.infra.jobs import enqueue
from app.infra.uow import atomic
from app.payments import queries
from app.payments.models import TariffVersion, TerritoryMoney
from app.payments.policy import MoneyPermission
from app.payments.tariffs.as_json import written
from app.payments.tariffs.headline import headline_of
from app.payments.tariffs.tariff import Tariff

SHOW_PRICE: Final = "payments.show_price"  # app.payments.tasks does it


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
        session.flush()
        if is_on:
            show_prices(queries.priced_resources(territory_id))


def publish_tariff(
    actor: Actor,
    resource_id: int,
    tariff: Tariff | None,
    *,
    starts_at: datetime | None = None,
    note: str = "",
) -> TariffVersion:
    """Say what using a resource costs from an instant on (None: from now); without a tariff, nothing.

    What was asked for before keeps the version it was asked with. Raise NotFound, Forbidden, LoanIsFree.
    """
    with atomic() as session:
        resource = session.get(Resource, resource_id)
        if resource is None:
            raise NotFound(kind="resource")
        require(actor, MoneyPermission.SET_TARIFF, resource)
        hold_still(resource)
        if tariff is not None:
            _refuse_rent(resource, tariff)
        now = clock.now()
        if starts_at is not None and starts_at > now:
            _say_free([resource])  # until then it is what it was shown as
        version = _new_version(resource, tariff, starts_at or now, note.strip(), actor)
        session.add(version)
        session.flush()
        facts = {"number": version.number}
        audit.record("resource", resource_id, "tariff", actor, territory_id=resource.territory_id, **facts)
        if version.starts_at > now:
            enqueue(SHOW_PRICE, {"resource_id": resource_id}, run_at=version.starts_at)
        else:
            show_prices([resource_id])
    return version


def _new_version(
    resource: Resource, tariff: Tariff | None, starts_at: datetime, note: str, actor: Actor
) -> TariffVersion:
    return TariffVersion(
        public_id=new_public_id(),
        resource_id=resource.id,
        number=_last_number(resource.id) + 1,
        starts_at=starts_at,
        terms=None if tariff is None else written(tariff),
        note=note,
        made_at=clock.now(),
        made_by_id=actor.person_id,
    )


def price_goods(tariff: Tariff) -> TariffVersion:
    """Write down what goods cost, for what is taken of them: whatever is offered at another price keeps its own."""
    now = clock.now()
    with atomic() as session:
        version = TariffVersion(
            public_id=new_public_id(), number=1, starts_at=now, terms=written(tariff), note="", made_at=now
        )
        session.add(version)
        session.flush()
    return version


def say_free(resource_ids: Collection[int], at: datetime) -> Mapping[int, TariffVersion]:
    """Write down that what is shown as free of charge, and has no tariff, is free; give what holds of each at `at`.

    What is asked for keeps it. What is shown with a price is left out: that is paid without us. Their guards are locked
    (app.availability), so that no tariff is published meanwhile.
    """
    with atomic() as session:
        wanted = select(Resource).where(Resource.id.in_(resource_ids)).order_by(Resource.id)
        _say_free(session.scalars(wanted).all())
        return queries.tariffs_at(resource_ids, at)


def _say_free(resources: Sequence[Resource]) -> None:
    shown = [each for each in resources if not each.shows_price]
    said = select(TariffVersion.resource_id).where(TariffVersion.resource_id.in_([each.id for each in shown]))
    known, now = set(db.session.scalars(said)), clock.now()
    db.session.add_all(
        TariffVersion(
            public_id=new_public_id(),
            resource_id=each.id,
            number=1,
            starts_at=each.created_at,
            note="",
            made_at=now,
        )
        for each in shown
        if each.id not in known
    )
    db.session.flush()


def show_prices(resource_ids: Collection[int]) -> None:
    """Let the catalogue say in one line what the tariffs in force are; nothing changes where money is off.

    Where a tariff cannot be said so, what is shown stays.
    """
    with atomic() as session:
        for resource_id, version in queries.tariffs_at(resource_ids, clock.now()).items():
            resource = session.get_one(Resource, resource_id)
            headline = headline_of(version.tariff)
            if headline and queries.has_money(resource.territory_id):
                price = ShownPrice(headline.cents, headline.per, headline.km_cents, is_from=headline.is_from)
                show_price(resource, price)


def _refuse_rent(resource: Resource, tariff: Tariff) -> None:
    """Raise LoanIsFree where land that is lent for use would cost something."""
    is_lent = resource.kind == "land" and resource.facts.get("tenure") == "loan_for_use"
    if is_lent and any(line.unit_cents or line.tiers for line in tariff.lines):
        raise LoanIsFree(field="lines")


def _last_number(resource_id: int) -> int:
    numbers = select(func.max(TariffVersion.number)).where(TariffVersion.resource_id == resource_id)
    return db.session.scalar(numbers) or 0
