"""Lots come to be and go: entered by whoever has them, made of others, destroyed."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import select

from app.accounts.models import Organisation
from app.accounts.service.locks import keep_organisation, keep_person, one_at_a_time
from app.bookings.errors import KeyReused
from app.core import clock
from app.core.ids import new_public_id, plain
from app.core.policy import Actor
from app.infra.db import db
from app.infra.uow import atomic
from app.supply.cargo import Packaging, Regime
from app.supply.chains.queries import find_chain
from app.supply.keys import refuse_other
from app.supply.lots.errors import BadLot, LotPromised, LotShort, LotTwice, NotOurLot
from app.supply.lots.models import Lot, LotSource
from app.supply.lots.queries import (
    corrections_of,
    found,
    grams_entered_for,
    is_promised,
    left_of,
    today_in,
    warm_returns_of,
)
from app.supply.lots.rules import (
    LONGEST_NAME,
    LOT,
    LotState,
    Outcome,
    check_origin,
    check_package,
    check_received_on,
    check_use_by,
    check_weight,
)
from app.supply.lots.service.common import (
    check_edible,
    checked,
    checked_reason,
    lock_lots,
    lock_own_lot,
    tell,
)
from app.supply.lots.service.storing import checked_place, tell_place


@dataclass(frozen=True)
class NewLot:
    """What somebody has: how much of what, from whom, until when it is good, where it is."""

    product: str
    grams: int
    regime: Regime
    received_on: date | None = None  # today, where nobody says
    packaging: Packaging | None = None
    per_package: int | None = None
    origin_id: int | None = None  # an organisation of the territory
    origin: str = ""  # else in words
    use_by: date | None = None
    best_before: date | None = None
    resource_id: int | None = None
    surplus_claim_ref: str | None = None
    bundle_id: int | None = None
    note: str = ""


def enter(
    actor: Actor, organisation_id: int, new: NewLot, key: str | None = None, *, is_more: bool = False
) -> Lot:
    """Enter a lot of an organisation; with the same key it is the same one.

    `is_more`: it is right, and no other one of its chain, even where that carries less than all of them.
    Raise NotOurLot, OrganisationInactive, BadLot, LotTwice, PlaceUnfit, TextTooLong, KeyReused.
    """
    with atomic():
        return _enter(actor, organisation_id, new, key, {}, is_more=is_more)


def make(
    actor: Actor, organisation_id: int, new: NewLot, used: Mapping[int, int], key: str | None = None
) -> Lot:
    """Make a lot of others of the same organisation (ids → grams used): soup of courgettes, crates of a pallet.

    It may weigh more or less than what it is made of. Raise what `enter` does, and LotShort, LotSpoilt, LotGone.
    """
    with atomic():
        return _enter(actor, organisation_id, new, key, used, is_more=True)


def _enter(
    actor: Actor,
    organisation_id: int,
    new: NewLot,
    key: str | None,
    used: Mapping[int, int],
    *,
    is_more: bool,
) -> Lot:
    if not actor.belongs_to(organisation_id):
        raise NotOurLot(organisation=organisation_id)
    session, new = db.session, trimmed(new)
    one_at_a_time(f"lot:{actor.person_id}")
    organisation = keep_organisation(organisation_id)
    person = keep_person(actor.person_id)
    if key and (known := session.scalar(select(Lot).filter_by(person_id=person.id, idempotency_key=key))):
        return _the_same(known, organisation_id, new, used)
    new = _checked(new, organisation)
    if not is_more:
        _check_not_twice(new)
    lot = add(organisation, person.id, new, key)
    _use(lot, used)
    tell(lot, "made" if used else "entered", actor, grams=lot.grams)
    if lot.resource is not None:
        tell_place(lot, actor)
    return lot


def _the_same(known: Lot, organisation_id: int, new: NewLot, used: Mapping[int, int]) -> Lot:
    """Give what was entered under a key; raise KeyReused where that was another lot, not where it was corrected."""
    if corrections_of([known.id])[known.id]:
        refuse_other(known, {"organisation_id": organisation_id})
        return known
    asked = vars(new) | {"organisation_id": organisation_id}
    del asked["resource_id"]  # it may have been moved since
    if new.received_on is None:
        del asked["received_on"]
    refuse_other(known, asked)
    sources = db.session.scalars(select(LotSource).filter_by(lot_id=known.id))
    if {each.source_id: each.grams for each in sources} != dict(used):
        raise KeyReused(field="key")
    return known


def add(organisation: Organisation, person_id: int | None, new: NewLot, key: str | None = None) -> Lot:
    """Write a lot that was looked at."""
    lot = Lot(
        public_id=new_public_id(), territory_id=organisation.territory_id, organisation_id=organisation.id,
        person_id=person_id, state=LotState.HELD, reason="", folded=plain(new.product),
        created_at=clock.now(), idempotency_key=key, **vars(new),
    )  # fmt: skip
    db.session.add(lot)
    db.session.flush()
    return lot


def destroy(actor: Actor, lot_id: int, reason: str) -> None:
    """Note that what is left of a lot was destroyed.

    Raise NotFound, NotOurLot, ReasonMissing, LotPromised, IllegalMove.
    """
    reason = checked_reason(reason)
    with atomic():
        end(lock_own_lot(actor, lot_id), actor, reason)


def end(lot: Lot, actor: Actor, reason: str, most: int | None = None) -> None:
    """Destroy what is left of a lot that is locked, or so many grams of that.

    What a note still promises is not left: the lot goes on for it, and what is destroyed becomes one of its own.
    """
    left = left_of([lot])[lot.id]
    grams = left if most is None else min(left, most)
    if most is None:
        for line, _incident in warm_returns_of(lot.id):  # goes with it: nobody has to say so twice
            line.returned, line.return_reason = Outcome.DESTROYED, reason
    if grams < left or is_promised(lot.id):
        if not grams:
            raise LotPromised(product=lot.product)
        lot = _split(lot, grams, actor)
    lot.state = LotState(LOT.after("destroy", lot.state))
    lot.reason, lot.ended_at, lot.resource_id = reason, clock.now(), None
    tell(lot, "destroyed", actor, grams=grams)


def _split(lot: Lot, grams: int, actor: Actor) -> Lot:
    """Make a lot of its own of a part of one that is locked."""
    same = NewLot(
        product=lot.product, grams=grams, regime=Regime(lot.regime), received_on=lot.received_on,
        packaging=Packaging(lot.packaging) if lot.packaging else None, per_package=lot.per_package,
        origin_id=lot.origin_id, origin=lot.origin, use_by=lot.use_by, best_before=lot.best_before,
        bundle_id=lot.bundle_id, resource_id=lot.resource_id,
    )  # fmt: skip
    part = add(lot.organisation, actor.person_id, same)
    db.session.add(LotSource(lot_id=part.id, source_id=lot.id, grams=grams))
    tell(part, "made", actor, grams=grams)
    if part.resource is not None:
        tell_place(part, actor)
    return part


def _use(lot: Lot, used: Mapping[int, int]) -> None:
    sources = lock_lots(used) if used else []
    check_edible(sources)
    for each in found(sources):
        source, grams = each.lot, used[each.lot.id]
        if source.organisation_id != lot.organisation_id:
            raise NotOurLot(organisation=source.organisation_id)
        if not 0 < grams <= each.free:
            told = {"left": each.free, "asked": grams, "waiting": each.waiting}
            raise LotShort(field="used", product=source.product, **told)
        db.session.add(LotSource(lot_id=lot.id, source_id=source.id, grams=grams))


def _checked(new: NewLot, organisation: Organisation) -> NewLot:
    """Refuse what cannot be a lot; give it with the day it came."""
    today = today_in(organisation.territory)
    new = replace(new, received_on=new.received_on or today)
    check_goods(new, today)
    check_use_by(new.use_by, today)
    checked_place(new.resource_id, new.regime, organisation.territory_id)
    return new


def check_goods(new: NewLot, today: date) -> None:
    """Refuse what no lot can be on a day, whether it is entered or corrected; raise BadLot."""
    if not new.product or len(new.product) > LONGEST_NAME:
        raise BadLot(field="product", reason="product")
    check_weight(new.grams)
    check_package(new.per_package)
    check_origin(new.origin, is_listed=new.origin_id is not None)
    check_received_on(new.received_on or today, today)


def _check_not_twice(new: NewLot) -> None:
    """Refuse more than its chain carries, mistyped or entered already, as far as the kilos tell."""
    chain = find_chain(new.bundle_id) if new.bundle_id is not None else None
    if chain is None:
        return
    one_at_a_time(f"lots-of-chain:{chain.bundle_id}")
    entered = grams_entered_for(chain.bundle_id, new.product)
    if entered + new.grams > chain.grams:
        told = {"entered": entered, "typed": new.grams, "carried": chain.grams}
        raise LotTwice(field="is_more", product=new.product, **told)


def trimmed(new: NewLot) -> NewLot:
    """Give what was typed without spaces that mean nothing."""
    product, origin = " ".join(new.product.split()), " ".join(new.origin.split())
    return replace(new, product=product, origin=origin, note=checked(new.note, "note"))
