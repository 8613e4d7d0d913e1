"""The request for a plan as its page has it: what is wanted, what is typed, and what of its cost can be shared."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from app.accounts.models import Organisation
from app.availability.shown import Shown
from app.bookings.licence import licence_words, most_years
from app.core.errors import DomainError
from app.core.policy import can
from app.core.span import to_wall
from app.payments.policy import MoneyPermission
from app.payments.previews import Foreseen
from app.payments.queries import payers_in
from app.payments.service import WantedSharing
from app.supply.cargo import Cargo
from app.supply.chains.forms import ChainForm
from app.supply.chains.plan_costs import places_of, uses_of
from app.supply.chains.planning.plan import Plan
from app.supply.chains.service import ChainRequest, Way
from app.supply.chains.views.sharing import SharingDesk, shareable
from app.supply.chains.views.wanted import Preparing
from app.web.identity import current_actor

_HALF_HOUR = 30


@dataclass
class Desk:
    """The request as the page has it: what is wanted, the form, and the plan that is chosen, if it can be read."""

    asked: Preparing
    form: ChainForm
    plan: Plan | None
    places: dict[int, Shown] = field(init=False)
    receivers: dict[str, Organisation] = field(init=False)  # whom it can be for, by their references
    costs: list[Foreseen] = field(default_factory=list)  # what of it can be shared
    sharing: SharingDesk | None = None  # for who keeps the accounts, where there is something to share

    def __post_init__(self) -> None:
        self.places = places_of([self.plan] if self.plan else [])
        if not all(leg.resource_id in self.places for leg in (self.plan.legs if self.plan else ())):
            self.plan = None  # a place that is shared no longer
        self.form.offer([(self.asked.ours.id, self.asked.ours.name)])
        known = payers_in(self.asked.ours.territory_id)
        self.form.offer_receivers(self.asked.ours, known)
        self.receivers = {each.public_id: each for each in known}
        self.years = most_years(self.places.values()) if self.plan else 0
        self.form.licence_years.years = self.years
        self.form.licence_years.label.text = licence_words(self.years)
        if self.plan is not None:
            uses = uses_of(self.plan, self.cargo, self.places, self.form.people.data)
            self.costs = shareable(uses, self.asked.ours, self.asked.part)
        if can(current_actor(), MoneyPermission.KEEP_ACCOUNTS, self.asked.ours):
            sharing = SharingDesk(self.costs, self.asked.ours, known)
            is_kept = self.plan is None and sharing.is_wanted  # for the plan that is chosen instead
            self.sharing = sharing if self.costs or is_kept else None

    @property
    def cargo(self) -> Cargo:
        return self.asked.form.cargo

    @property
    def receiver(self) -> Organisation:
        """Whom it is for: who asks, where nobody else is chosen."""
        return self.receivers.get(self.form.receiver.data or "") or self.asked.ours

    @property
    def zone(self) -> ZoneInfo:
        """By whose clock it is handed over: that of the last place."""
        last = self.places[self.plan.legs[-1].resource_id] if self.plan else None
        return ZoneInfo(last.timezone) if last else self.asked.form.zone

    def say_handover(self) -> None:
        """Put when it is ready in the fields, rounded up, where they say nothing or something sooner."""
        if self.plan is None:
            return
        form, ready = self.form, self.plan.ready_at
        try:
            typed = form.read_handover(self.zone)
        except (DomainError, ValueError):
            typed = None
        if typed is None or typed < ready:
            wall = _rounded_up(to_wall(ready, self.zone))
            form.remise_jour.data, form.remise_heure.data = wall.date().isoformat(), f"{wall:%H:%M}"

    def request(self, plan: Plan, sharing: WantedSharing | None) -> ChainRequest:
        """Give what was typed; raise NonexistentTime."""
        form, asked = self.form, self.asked
        return ChainRequest(
            organisation_id=asked.ours.id,
            product=asked.form.produit.data or "",
            cargo=self.cargo,
            legs=plan.legs,
            purpose=form.purpose.data or "",
            from_place=asked.form.from_place,
            handover_at=form.read_handover(self.zone),
            people=form.people.data,
            message=form.message.data or "",
            licence_years=form.licence_years.data,
            receiver_id=self.receiver.id,
            for_food_aid=bool(form.for_food_aid.data),
            claim_ref=asked.part.public_id if asked.part else None,
            draft_ref=asked.draft.public_id if asked.draft else None,
            offer_ref=asked.own.public_id if asked.own else None,
            way=Way.of(asked.wanted, asked.form.commune_code) if asked.wanted else None,
            sharing=sharing,
            key=form.key,
        )


def _rounded_up(wall: datetime) -> datetime:
    over = timedelta(minutes=wall.minute % _HALF_HOUR, seconds=wall.second)
    return wall - over + timedelta(minutes=_HALF_HOUR) if over else wall
