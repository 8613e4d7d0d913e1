"""What the use cases share. The row of an offer is locked after those of organisations and people (docs/locking.md)."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import select

from app.core import clock
from app.core.errors import NotFound, ReasonMissing, TextTooLong
from app.core.policy import Actor
from app.infra import audit
from app.infra.db import db
from app.infra.uow import atomic
from app.supply.cargo import Cargo
from app.supply.offers.errors import BadOffer
from app.supply.offers.models import SurplusClaim, SurplusOffer
from app.supply.offers.queries import find_offer
from app.supply.offers.rules import (
    CLAIM,
    LIVE,
    LONGEST_NAME,
    LONGEST_TEXT,
    OFFER,
    ClaimState,
    State,
    check_package,
    check_weight,
)


def lock_offer(offer_id: int) -> SurplusOffer:
    """Get an offer as it is now: neither it nor what is taken of it changes before this use case ends; raise NotFound.

    SQLite has one writer anyway.
    """
    row = select(SurplusOffer).filter_by(id=offer_id).with_for_update()
    offer = db.session.scalar(row, execution_options={"populate_existing": True})
    if offer is None:
        raise NotFound(kind="surplus_offer")
    return offer


def keep_offer(ref: str) -> SurplusOffer | None:
    """Find an offer as it is now; it does not change before the use case of the room above that asks this ends."""
    found = find_offer(ref)
    return lock_offer(found.id) if found else None


def note_told(offer_id: int) -> None:
    """Remember that those whom an offer concerns are told of it now."""
    with atomic():
        lock_offer(offer_id).told_at = clock.now()


def lock_claim(claim_id: int) -> SurplusClaim:
    """Get a part as it is now, with its offer locked; raise NotFound."""
    offer_id = db.session.scalar(select(SurplusClaim.offer_id).filter_by(id=claim_id))
    lock_offer(offer_id or 0)
    return db.session.get_one(SurplusClaim, claim_id, populate_existing=True)


def lock_parts(refs: Collection[str]) -> list[SurplusClaim]:
    """Get parts as they are now, with their offers locked in the order of their ids: two who need the same never wait
    for each other.
    """
    named = SurplusClaim.public_id.in_(refs)
    for offer_id in sorted(set(db.session.scalars(select(SurplusClaim.offer_id).where(named)))):
        lock_offer(offer_id)
    fresh = select(SurplusClaim).where(named).order_by(SurplusClaim.id)
    return [*db.session.scalars(fresh.execution_options(populate_existing=True))]


def live_claims(offer_id: int) -> list[SurplusClaim]:
    """Read the parts that are taken, as they are now."""
    rows = select(SurplusClaim).where(SurplusClaim.offer_id == offer_id, SurplusClaim.state.in_(LIVE))
    fresh = rows.order_by(SurplusClaim.id).execution_options(populate_existing=True)
    return [*db.session.scalars(fresh)]


def come_to(offer: SurplusOffer, act: str) -> None:
    """Move an offer on; raise IllegalMove."""
    offer.state, offer.changed_at = State(OFFER.after(act, offer.state)), clock.now()
    if offer.state != State.OPEN:
        offer.ended_at = clock.now()


def bring_to(claim: SurplusClaim, act: str) -> None:
    """Move a part on; raise IllegalMove."""
    claim.state = ClaimState(CLAIM.after(act, claim.state))
    claim.collected_at = clock.now() if claim.state == ClaimState.COLLECTED else None
    claim.ended_at = None if claim.state in LIVE else clock.now()


def checked(text: str, field: str) -> str:
    """Trim what somebody wrote; raise TextTooLong."""
    if len(text) > LONGEST_TEXT:
        raise TextTooLong(field=field, max=LONGEST_TEXT)
    return text.strip()


def checked_reason(text: str) -> str:
    """Trim a reason that others read; raise ReasonMissing, TextTooLong."""
    if not text.strip():
        raise ReasonMissing(field="reason")
    return checked(text, "reason")


def checked_product(product: str, cargo: Cargo) -> str:
    """Trim the name of what there is; raise BadOffer where it has none, or where there cannot be so much of it."""
    name = " ".join(product.split())
    if not name or len(name) > LONGEST_NAME:
        raise BadOffer(field="product", reason="product")
    check_weight(cargo.grams)
    check_package(cargo.per_package)
    return name


def checked_line(text: str) -> str:
    """Trim a few words that stand on one line."""
    return " ".join(text.split())[:LONGEST_NAME]


def note(offer: SurplusOffer, act: str, actor: Actor, **facts: Any) -> None:
    """Add a line to the history of an offer."""
    db.session.flush()
    audit.record("surplus_offer", offer.id, act, actor, territory_id=offer.territory_id, **facts)
