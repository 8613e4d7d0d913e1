"""Bundles as pages and letters show them: their legs in order, what is accepted, what is to be replaced."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload
from sqlalchemy.orm.attributes import set_committed_value

from app.bookings.errors import BookingNotFound
from app.bookings.models import Booking, Bundle, Proposal
from app.bookings.queries import whole
from app.bookings.rules import APPROVED, LIVE, PENDING, BundleState, bundle_state
from app.bookings.service.agreeing import waits_for
from app.catalogue.models import Resource, Site
from app.core import clock
from app.core.policy import Actor
from app.infra.audit import lines_about
from app.infra.db import db


@dataclass(frozen=True)
class Whole:
    """A bundle with the legs it still wants, in the order they were asked for, and those it has put aside."""

    bundle: Bundle
    legs: Sequence[Booking]
    aside: Sequence[Booking] = ()
    replaced: Collection[
        int
    ] = ()  # of a bundle that wants nothing any more: legs (ids) that another came in place of

    @classmethod
    def of(cls, bundle: Bundle, legs: Iterable[Booking], replaced: Collection[int] | None = None) -> "Whole":
        """Sort the legs of a bundle; whoever has read already which ones were `replaced` (ids) hands them over."""
        given = sorted(legs, key=lambda leg: (leg.leg_number or 0, leg.id))
        wanted = [leg for leg in given if leg.leg_number is not None]
        if replaced is None:
            replaced = () if wanted else _replaced_among(given)
        return cls(bundle, wanted, [leg for leg in given if leg.leg_number is None], replaced)

    @cached_property
    def state(self) -> BundleState:
        """Tell where it stands now."""
        return bundle_state((leg.decision, leg.end_at <= clock.now()) for leg in self.legs)

    @property
    def is_open(self) -> bool:
        """Tell whether it still waits for somebody."""
        return self.state in (BundleState.WAITING, BundleState.TO_FIX)

    @property
    def accepted(self) -> int:
        """Count the legs that are accepted."""
        return sum(leg.decision == APPROVED for leg in self.legs)

    @property
    def waiting(self) -> list[Booking]:
        """List the legs that wait for an answer."""
        return [leg for leg in self.legs if leg.decision == PENDING]

    @property
    def ends_at(self) -> datetime | None:
        """Give the one moment at which what waits for an answer ends; None where nothing does."""
        return min((leg.expires_at for leg in self.waiting if leg.expires_at), default=None)

    def waiting_for(self, actor: Actor) -> list[Booking]:
        """List the legs that wait for this person's answer, in the order of the request."""
        return [leg for leg in self.waiting if waits_for(leg, actor)]

    @property
    def to_fix(self) -> list[Booking]:
        """List the legs that cannot be had any more and can still be replaced."""
        return [leg for leg in self.legs if leg.decision not in LIVE and leg.end_at > clock.now()]

    @property
    def all_legs(self) -> Sequence[Booking]:
        """List what is wanted and what was put aside."""
        return [*self.legs, *self.aside]

    @property
    def shown(self) -> Sequence[Booking]:
        """List what its page shows: what is wanted, or what was wanted last once nothing is."""
        return self.legs or [leg for leg in self.aside if leg.id not in self.replaced] or self.aside

    @property
    def not_shown(self) -> Sequence[Booking]:
        """List what was replaced or left out of it."""
        return [leg for leg in self.aside if leg not in self.shown]

    @property
    def last_zone(self) -> ZoneInfo:
        """Give the time zone of the place where it ends: there it is handed over."""
        return ZoneInfo(self.shown[-1].resource.site.timezone)

    @property
    def next_leg(self) -> Booking | None:
        """Give the first leg that takes place and is not over."""
        ahead = [leg for leg in self.legs if leg.decision in LIVE and leg.end_at > clock.now()]
        return min(ahead, key=lambda leg: leg.start_at, default=None)


def get_bundle(ref: str) -> Bundle:
    """Get a bundle by its reference, with its legs as pages show them; raise BookingNotFound."""
    found = None
    if re.fullmatch(r"[2-9A-Z]{6,16}", ref.upper()):
        legs = selectinload(Bundle.legs)
        place = legs.joinedload(Booking.resource).joinedload(Resource.site).joinedload(Site.owner)
        people = legs.joinedload(Booking.organisation), legs.joinedload(Booking.decided_by)
        parties = joinedload(Bundle.organisation), joinedload(Bundle.requester)
        offered = legs.joinedload(Booking.proposal)
        there = offered.joinedload(Proposal.resource).joinedload(Resource.site).joinedload(Site.owner)
        made = offered.joinedload(Proposal.made_by), offered.joinedload(Proposal.made_for)
        read = select(Bundle).options(place, there, *made, *people, *parties).filter_by(ref=ref.upper())
        found = db.session.scalars(read).one_or_none()
    if found is None:
        raise BookingNotFound(ref=ref)
    return found


def wholes(bundle_ids: Iterable[int | None]) -> dict[int, Whole]:
    """Read bundles with all their legs, by id, in one statement."""
    wanted = {number for number in bundle_ids if number}
    if not wanted:
        return {}
    rows = whole().where(Booking.bundle_id.in_(wanted))
    legs = defaultdict(list)
    for leg in db.session.scalars(rows.order_by(Booking.id)):
        legs[leg.bundle_id or 0].append(leg)
    given_up = [theirs for theirs in legs.values() if all(leg.leg_number is None for leg in theirs)]
    replaced = _replaced_among([leg for theirs in given_up for leg in theirs])
    found = {}
    for number, theirs in legs.items():
        if bundle := theirs[0].bundle:
            set_committed_value(bundle, "legs", theirs)  # whoever asks it for them reads them no second time
            found[number] = Whole.of(bundle, theirs, replaced)
    return found


def _replaced_among(legs: Sequence[Booking]) -> frozenset[int]:
    """Tell in place of which of some legs (ids) others were asked for."""
    lines = lines_about("booking", [leg.id for leg in legs]) if legs else ()
    return frozenset(line.subject_id for line in lines if line.act == "replaced")
