"""Drafts of chains: kept true by the rooms above, whose goods they would carry; asked from; ended with these."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select

from app.availability import service as capacity
from app.bookings import guards
from app.bookings import service as bookings
from app.bookings.models import Booking
from app.bookings.rules import LIVE
from app.core import clock
from app.core.ids import new_public_id
from app.core.policy import Actor
from app.infra.db import db
from app.infra.uow import atomic
from app.supply.cargo import Cargo
from app.supply.chains.errors import ChainJustAsked, DraftLost, DraftTooSmall
from app.supply.chains.models import Chain, ChainDraft
from app.supply.chains.queries import chains_from, left_of
from app.supply.chains.rules import Origin


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What a chain is to do: carry this from there, between two instants, up to a place by then where that is known.

    `point` is where it is to the metre. `is_exact`: the weight is not only expected.
    """

    product: str
    cargo: Cargo
    commune_code: str
    place: str
    from_at: datetime
    until_at: datetime
    point: tuple[float, float] | None = None
    to_site_id: int | None = None
    by_at: datetime | None = None
    is_exact: bool = False

    def columns(self) -> dict[str, Any]:
        """Give what is written down of it."""
        cargo, (lat, lon) = self.cargo, self.point or (None, None)
        return {
            "product": self.product, "grams": cargo.grams, "packaging": cargo.packaging,
            "per_package": cargo.per_package, "regime": cargo.regime, "is_exact": self.is_exact,
            "commune_code": self.commune_code, "place": self.place, "lat": lat, "lon": lon,
            "from_at": self.from_at, "until_at": self.until_at, "to_site_id": self.to_site_id, "by_at": self.by_at,
        }  # fmt: skip


def keep_draft(origin: Origin, organisation_id: int, wish: Wish) -> None:
    """Let an organisation have a chain to ask for, or say anew what it is; what it is for is locked by its room."""
    with atomic() as session:
        draft = session.scalar(_of(origin).with_for_update())
        if draft is None:
            kind, ref = origin
            draft = ChainDraft(public_id=new_public_id(), origin_kind=kind, origin_ref=ref)
            session.add(draft)
        draft.organisation_id = organisation_id
        for name, value in wish.columns().items():
            setattr(draft, name, value)


def drop_draft(origin: Origin) -> None:
    """Let there be nothing to ask for any more."""
    with atomic() as session:
        session.execute(delete(ChainDraft).filter_by(origin_kind=origin.kind, origin_ref=origin.ref))


def drop_drafts_of(organisation_id: int, kind: str) -> None:
    """Let an organisation that takes part no longer have nothing to ask for."""
    with atomic() as session:
        session.execute(delete(ChainDraft).filter_by(organisation_id=organisation_id, origin_kind=kind))


def drop_old_drafts() -> None:
    """Forget what can be loaded no longer."""
    with atomic() as session:
        session.execute(delete(ChainDraft).where(ChainDraft.until_at <= clock.now()))


def carry_draft(chain: Chain, ref: str) -> None:
    """Let a chain that is asked for carry a draft, or what is left of it: under its lock, so that it is asked for once.

    Raise DraftLost, DraftTooSmall.
    """
    row = select(ChainDraft).filter_by(public_id=ref).with_for_update()
    draft = db.session.scalar(row, execution_options={"populate_existing": True})
    is_theirs = draft is not None and draft.organisation_id == chain.bundle.organisation_id
    if draft is None or not is_theirs or draft.until_at <= clock.now():
        raise DraftLost(ref=ref)
    left = left_of(draft, chains_from([draft.origin])[draft.origin])
    if chain.grams > left:
        raise DraftTooSmall(left=left, grams=draft.grams)
    chain.origin_kind, chain.origin_ref = draft.origin


# -- giving up what was asked for -----------------------------------------------------------------------------


def guards_of(origin: Origin) -> list[int]:
    """List the guards to lock before something is cancelled whose chains are then given up."""
    chains = chains_from([origin])[origin]
    return sorted({number for chain in chains for number in guards.of_bundle(chain.bundle_id)})


def give_up_chains(origin: Origin, actor: Actor, reason: str) -> None:
    """Give up the chains that were asked for from a draft, with one reason; what has begun goes on.

    The guards are locked before (`guards_of`). Raise ChainJustAsked where one came in between.
    """
    for chain in chains_from([origin])[origin]:
        if not capacity.holds(guards.of_bundle(chain.bundle_id)):
            raise ChainJustAsked(ref=origin.ref)
        if _lies_ahead(chain):
            bookings.cancel_bundle(chain.bundle_id, actor, reason)


def _lies_ahead(chain: Chain) -> bool:
    ahead = Booking.decision.in_(LIVE), Booking.start_at > clock.now()
    legs = select(Booking.id).where(Booking.bundle_id == chain.bundle_id, Booking.leg_number.is_not(None))
    return db.session.scalar(legs.where(*ahead).limit(1)) is not None


def _of(origin: Origin) -> Any:
    return select(ChainDraft).filter_by(origin_kind=origin.kind, origin_ref=origin.ref)
