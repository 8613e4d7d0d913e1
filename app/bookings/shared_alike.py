"""How what replaces a lost element is shared: as that was; where that had no price, as the rest of its request is."""

from collections import Counter
from collections.abc import Hashable

from sqlalchemy import select

from app.bookings.costs import SUBJECT
from app.bookings.goods import goods_of
from app.bookings.models import Booking
from app.infra.db import db
from app.payments.models import CostPlan
from app.payments.service import plans_of


def model_of(lost: Booking, made: Booking | None = None) -> CostPlan | None:
    """Find a cost that is shared as what is `made` in the place of a lost element is to be; None: it is not shared.

    What had no price never was. Then it is what most of the request is shared like, its goods included.
    """
    own = next(iter(plans_of(SUBJECT, [lost.ref])), None)
    if own is not None and own.is_priced:
        return own if _is_shared(own) else None
    priced = [each for each in _beside(lost, made) if each.is_priced]
    priced.sort(key=_is_shared, reverse=True)  # of as many that are shared and that are not, the former count
    counted = Counter(map(_sharing, priced)).most_common(1)
    most = counted[0][0] if counted else None
    return next((each for each in priced if most is not None and _sharing(each) == most), None)


def _beside(lost: Booking, made: Booking | None) -> list[CostPlan]:
    """Read what all else of a request costs: its elements in their order, its goods."""
    if lost.bundle_id is None:
        return []
    own = {lost.id, made.id if made else lost.id}
    legs = select(Booking.ref).where(Booking.bundle_id == lost.bundle_id, Booking.leg_number.is_not(None))
    refs = db.session.scalars(legs.where(Booking.id.not_in(own))).all()
    return [*plans_of(SUBJECT, refs), *(each.plan for each in goods_of(lost.bundle_id))]


def _is_shared(plan: CostPlan) -> bool:
    return len(plan.parties) > 1


def _sharing(plan: CostPlan) -> Hashable:
    """Tell sharings apart: the key, who weighs how much in it, up to what, and who bears what is left."""
    parts = frozenset((each.organisation_id, each.weight, each.ceiling_cents) for each in plan.parties)
    return (plan.key_kind, plan.residual_payer_id, parts) if _is_shared(plan) else None
