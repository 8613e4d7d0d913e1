"""The shapes of what the API answers. Answers are written by `app.api.writing`; tests hold them against these."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema

from app.api.requests import State

Stamp = Annotated[str, WithJsonSchema({"type": "string", "format": "date-time"})]


class Answer(BaseModel):
    """What the API answers; nothing unsaid."""

    model_config = ConfigDict(extra="forbid")


class Window(Answer):
    """A span of time, its ends with the offset of the place; the end does not count."""

    start: Stamp
    end: Stamp


class Packed(Answer):
    """What is brought in a smaller unit; `room_left` more of it would take no more of the resource."""

    unit: str
    number: int
    room_left: int


class ResourceName(Answer):
    """A resource by its names."""

    id: str
    slug: str
    name: str
    kind: str


class SiteName(Answer):
    """A site by its names."""

    slug: str
    name: str
    timezone: str


class OrganisationName(Answer):
    """An organisation by its names."""

    id: str
    slug: str
    name: str


class PersonName(Answer):
    """A person by name."""

    name: str


class SeriesName(Answer):
    """The series a booking belongs to, the local day its rule gave it, and whether it is at another place."""

    ref: str
    day: str
    elsewhere: bool


class Approvals(Answer):
    """How many people have agreed, of how many who have to; one who refuses ends the request."""

    given: int
    needed: int


class BundleName(Answer):
    """The bundle a booking is a leg of, and its place there; null once it was replaced or let go."""

    ref: str
    leg: int | None


class ProposedSlot(Answer):
    """Another slot proposed in answer to a request, kept until `expires_at`.

    With `is_binding` accepting it is all that is needed; else the place still has to answer.
    """

    ref: str
    resource: ResourceName
    start: Stamp
    end: Stamp
    quantity: int
    message: str
    is_binding: bool
    expires_at: Stamp


class Cancelling(Answer):
    """Up to when the asking side cancels free of charge (null: always), and which percentage stays due after that.

    `moved_late_percent` stays due once cancelled, refused or unanswered: giving it up already cost when it was moved.
    """

    free_until: Stamp | None
    late_percent: int
    due_percent: int
    moved_late_percent: int


class GivenBack(Window):
    """How many units of a booking were called back by a quota, and for which time: it has the rest then."""

    quantity: int


class Booking(Answer):
    """A booking. `acts` are those you may do now; `reason` is that of the last decision.

    `given_back` is what was called back of `quantity`; with `recalls` its yes will call back what is lent,
    and nothing is kept before. A booking that was cancelled because all of it was called back has `is_recalled`.

    `decided_for` is in whose place, by delegation.
    `approvals` counts where several people have to agree, else it is null.
    """

    ref: str
    state: State
    use: str
    resource: ResourceName
    site: SiteName
    organisation: OrganisationName
    requester: PersonName
    start: Stamp
    end: Stamp
    quantity: int
    packed: Packed | None
    given_back: list[GivenBack]
    recalls: bool
    is_recalled: bool
    purpose: str
    people: int | None
    reason: str
    decided_by: PersonName | None
    decided_for: PersonName | None
    decided_at: Stamp | None
    expires_at: Stamp | None
    created_at: Stamp
    changed_at: Stamp
    revision: int
    series: SeriesName | None
    approvals: Approvals | None
    bundle: BundleName | None
    proposal: ProposedSlot | None
    cancelling: Cancelling
    acts: list[Literal["approve", "refuse", "cancel", "accept_proposal", "decline_proposal", "tell_absence"]]
    url: str


class Bundle(Answer):
    """Several resources asked for together. `legs` are those you may see; `size` counts all that are wanted.

    `state` is waiting, to_fix (a leg is to be replaced or let go), accepted, given_up or over. What waits ends as one.
    """

    ref: str
    state: Literal["waiting", "to_fix", "accepted", "given_up", "over"]
    accepted: int
    size: int
    organisation: OrganisationName
    requester: PersonName
    purpose: str
    people: int | None
    in_order: bool
    handover_at: Stamp | None
    expires_at: Stamp | None
    created_at: Stamp
    legs: list[Booking]
    url: str


class BookingPage(Answer):
    """One page of bookings, the earliest first; `next_cursor` is null on the last."""

    items: list[Booking]
    next_cursor: str | None


class Refusal(Answer):
    """One reason against a slot, in words and facts."""

    code: str
    detail: str
    facts: dict[str, Any]


class Alternative(Answer):
    """Another way: `kind` is less, shorter, other_time, other_day (the same hours) or similar (another one near)."""

    kind: Literal["less", "shorter", "other_time", "other_day", "similar"]
    resource: ResourceName
    start: Stamp
    end: Stamp
    quantity: int
    free: int | None
    km: float | None


class SeriesDate(Answer):
    """One date before or without a booking: `start` and `end` are null where the clocks jump over its time."""

    day: str
    state: Literal["free", "refused", "left_out"]
    resource: ResourceName
    start: Stamp | None
    end: Stamp | None
    refusals: list[Refusal]
    alternatives: list[Alternative]


class LegProblem(Answer):
    """Why one leg cannot be had (`leg` is its place in the list, from 0), and what can be had instead."""

    leg: int
    refusals: list[Refusal]
    alternatives: list[Alternative]
    waiting_list: str | None = None


class FieldProblem(Answer):
    """What is wrong with one field; `in` is query, body or header."""

    place: Annotated[Literal["query", "body", "header"], Field(alias="in")]
    field: str
    code: str
    detail: str
    facts: dict[str, Any]


class Later(Answer):
    """What is counted afterwards: the price of one unit of a meter."""

    meter: str
    unit_cents: int


class Estimate(Answer):
    """What a use would cost the caller's organisation; nothing is promised.

    `borne_cents` of it would be borne by programmes, `in_kind_cents` are given rather than paid.
    """

    cents: int
    borne_cents: int
    in_kind_cents: int
    currency: str
    later: list[Later]


class PlanLeg(Answer):
    """One resource of a plan: what for, when, how many of its `unit`; `metres` are driven in all `trips` together."""

    role: Literal["collect", "store", "carry", "process"]
    resource: ResourceName
    site: SiteName
    start: Stamp
    end: Stamp
    quantity: int
    unit: str
    metres: int
    trips: int
    estimate: Estimate | None
    paid_directly: Estimate | None


class ChainPlan(Answer):
    """One way to do it: `plan` is sent back to ask for it; `goals` are those by which it is the best, `why` in words.

    It can be handed over at `ready_at`. `estimate` is null where nothing is reckoned; `paid_directly` is what those
    come to that only show a price, null where none does: it is paid between the two. Both count for the cheapest.
    """

    plan: str
    goals: list[Literal["cheapest", "nearest", "freshest"]]
    why: list[str]
    ready_at: Stamp
    metres: int
    estimate: Estimate | None
    paid_directly: Estimate | None
    legs: list[PlanLeg]


class LegFit(Answer):
    """What fits in the place of a lost leg of a chain, and is free then: `km` away from it as the crow flies.

    It drives `metres` in all `trips` together, null where nobody knows. `why` says why it fits, `lacks` what would be
    missing beside it; `licence_years` is what has to be confirmed of its driver. The estimate is null where nothing is
    reckoned.
    """

    resource: ResourceName
    site: SiteName
    start: Stamp
    end: Stamp
    quantity: int
    unit: str
    km: float
    metres: int | None
    trips: int
    why: list[str]
    lacks: list[str]
    licence_years: int
    estimate: Estimate | None


class Problem(Answer):
    """Why not (RFC 9457): `detail` is a sentence in the reader's language, `code` and `facts` are for programs.

    `waiting_list` is the page on which people can wait for the slot, where only others stand in the way; `plans` are
    those that are free now, where a chain is asked for, and `fits` what fits now, where a leg of one is replaced.
    """

    type: str
    title: str
    status: int
    code: str
    detail: str
    facts: dict[str, Any]
    refusals: list[Refusal] | None = None
    alternatives: list[Alternative] | None = None
    legs: list[LegProblem] | None = None
    dates: list[SeriesDate] | None = None
    plans: list[ChainPlan] | None = None
    fits: list[LegFit] | None = None
    waiting_list: str | None = None
    problems: list[FieldProblem] | None = None
