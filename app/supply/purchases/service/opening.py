"""Opening a purchase, and what of it can be another later: more time, another place, what to bring."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from app.accounts.service.locks import keep_organisation, keep_person, one_at_a_time
from app.bookings.errors import KeyReused
from app.bookings.models import Booking
from app.core import clock
from app.core.ids import new_public_id
from app.core.policy import Actor
from app.infra.db import db
from app.infra.events import emit
from app.infra.uow import atomic
from app.supply.cargo import Cargo
from app.supply.edits import refuse_undoing
from app.supply.keys import refuse_other
from app.supply.offers.errors import NotTakingPart
from app.supply.offers.rules import MOST_CENTS, MOST_GRAMS
from app.supply.offers.service.common import checked, checked_line, checked_product
from app.supply.purchases import events, queries
from app.supply.purchases.errors import BadPurchase, PurchaseClosed
from app.supply.purchases.models import GroupPurchase
from app.supply.purchases.rules import LONGEST, State, check_reachable
from app.supply.purchases.service.common import come_to, lock_own, note
from app.supply.purchases.service.drafting import draft


@dataclass(frozen=True)
class Later:
    """What can be another while it is open. `packing` is the reference of a booking of the organisation, or nothing."""

    deadline_at: datetime
    packing: str = ""
    bring: str = ""
    note: str = ""


@dataclass(frozen=True)
class NewPurchase:
    """What is bought together. `cargo` is the minimum, packed as it is ordered; `price_cents` is for a kilo."""

    product: str
    supplier: str
    price_cents: int
    cargo: Cargo
    later: Later
    most_grams: int | None = None

    def columns(self) -> dict[str, Any]:
        """Give what is written down of it and stays."""
        cargo = self.cargo
        return {
            "product": self.product, "supplier": self.supplier, "price_cents": self.price_cents,
            "packaging": cargo.packaging, "per_package": cargo.per_package, "regime": cargo.regime,
            "least_grams": cargo.grams, "most_grams": self.most_grams,
        }  # fmt: skip


def open_purchase(
    actor: Actor, organisation_id: int, new: NewPurchase, key: str | None = None
) -> GroupPurchase:
    """Open a purchase in the name of an organisation; under one key, once.

    Raise NotTakingPart, OrganisationInactive, BadOffer, BadPurchase, TextTooLong, KeyReused.
    """
    if not actor.belongs_to(organisation_id):
        raise NotTakingPart(organisation=organisation_id)
    with atomic() as session:
        one_at_a_time(f"purchase:{actor.person_id}")
        organisation = keep_organisation(organisation_id)
        person = keep_person(actor.person_id)
        known = select(GroupPurchase).filter_by(person_id=person.id, idempotency_key=key)
        if key and (made := session.scalar(known)):
            return _the_same(made, organisation_id, new)
        new, now = _checked(new), clock.now()
        purchase = GroupPurchase(
            public_id=new_public_id(), territory_id=organisation.territory_id, organisation_id=organisation.id,
            person_id=person.id, state=State.OPEN, created_at=now, changed_at=now, idempotency_key=key,
            **new.columns(), **_settled(organisation.id, new.later),
        )  # fmt: skip
        session.add(purchase)
        note(purchase, "opened", actor, grams=purchase.least_grams)
        draft(purchase)
    return purchase


def _the_same(made: GroupPurchase, organisation_id: int, new: NewPurchase) -> GroupPurchase:
    """Give what was opened under a key; raise KeyReused where that was another purchase.

    What can be changed later counts as long as nothing was.
    """
    asked, later = _trimmed(new).columns() | {"organisation_id": organisation_id}, new.later
    if made.changed_at == made.created_at:
        asked |= _words(later) | {"deadline_at": later.deadline_at}
        if (made.booking.ref if made.booking else "") != later.packing:
            raise KeyReused(field="key")
    refuse_other(made, asked)
    return made


def change(actor: Actor, purchase_id: int, later: Later, seen: int | None = None) -> None:
    """Give more time, choose another place, say what to bring; who ordered is told.

    `seen` is the last correction when it was looked at. Raise NotTakingPart, PurchaseClosed, ChangedMeanwhile,
    BadPurchase, TextTooLong.
    """
    with atomic():
        purchase = lock_own(actor, purchase_id)
        if not purchase.is_open_at(clock.now()):
            raise PurchaseClosed(state=purchase.state)
        columns = _settled(purchase.organisation_id, later)
        refuse_undoing(actor, purchase, columns, seen)
        if later.deadline_at < purchase.deadline_at:
            raise BadPurchase(field="deadline_day", reason="earlier")
        changed = sorted(name for name, value in columns.items() if getattr(purchase, name) != value)
        if not changed:
            return
        come_to(purchase, "change")
        for name in changed:
            setattr(purchase, name, columns[name])
        note(purchase, "changed", actor, changed=changed)
        draft(purchase)
        emit(events.PurchaseChanged(purchase.id, actor.person_id))


def _checked(new: NewPurchase) -> NewPurchase:
    """Refuse what cannot be bought together; give it with its words trimmed."""
    new = _trimmed(new)
    if not new.supplier:
        raise BadPurchase(field="supplier", reason="supplier")
    if not 0 <= new.price_cents <= MOST_CENTS:
        raise BadPurchase(field="price", reason="price", most=MOST_CENTS)
    if new.most_grams is not None and not new.cargo.grams <= new.most_grams <= MOST_GRAMS:
        raise BadPurchase(field="most", reason="most", most=MOST_GRAMS)
    check_reachable(new.cargo.grams, new.most_grams, new.cargo.per_package)
    return new


def _trimmed(new: NewPurchase) -> NewPurchase:
    product, supplier = checked_product(new.product, new.cargo), checked_line(new.supplier)
    return replace(new, product=product, supplier=supplier)


def _settled(organisation_id: int, later: Later) -> dict[str, Any]:
    """Refuse what cannot be settled so; give what is written down of it."""
    now = clock.now()
    if later.deadline_at <= now:
        raise BadPurchase(field="deadline_day", reason="past")
    if later.deadline_at - now > LONGEST:
        raise BadPurchase(field="deadline_day", reason="too_long", days=LONGEST // timedelta(days=1))
    booking = _packing(organisation_id, later) if later.packing else None
    settled = {"deadline_at": later.deadline_at, "booking_id": booking.id if booking else None}
    return _words(later) | settled


def _words(later: Later) -> dict[str, str]:
    return {"bring": checked(later.bring, "bring"), "note": checked(later.note, "note")}


def _packing(organisation_id: int, later: Later) -> Booking:
    """Find the booking in which it is packed: one of the organisation, live, and after the deadline."""
    known = db.session.scalar(select(Booking.id).filter_by(ref=later.packing))
    slots = queries.packing_slots(organisation_id, later.deadline_at)
    found = next((each for each in slots if each.id == known), None)
    if found is None:
        raise BadPurchase(field="packing", reason="packing")
    return found
