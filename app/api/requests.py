"""The shapes of what the API is asked: every field with its bounds; what is not named here is refused."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from app.api.instants import read_instant
from app.availability.asking import MOST_UNITS
from app.bookings.forms import MAX_MESSAGE, MOST_PEOPLE
from app.bookings.rules import APPROVED, CANCELLED, EXPIRED, LEAST_LEGS, MOST_LEGS, PENDING, REFUSED
from app.bookings.service import MAX_PURPOSE, MAX_TEXT
from app.catalogue.kinds import KINDS
from app.catalogue.search import LONGEST_TEXT

MOST_ITEMS, USUAL_ITEMS = 100, 20
LONGEST_KEY = 80
MOST_LICENCE_YEARS = 99
STATES = (PENDING, APPROVED, REFUSED, EXPIRED, CANCELLED)


def _instant(typed: object) -> datetime:
    try:
        return read_instant(typed)
    except ValueError as error:
        raise PydanticCustomError(str(error), "no instant") from None


def _clean(text: str) -> str:
    if "\0" in text:
        raise PydanticCustomError("bad_text", "a letter no database takes")
    return text


def _kind(key: str) -> str:
    if key not in KINDS:
        raise PydanticCustomError("not_one_of", "no such kind", {"choices": list(KINDS)})
    return key


def _state(state: str) -> str:
    if state not in STATES:
        raise PydanticCustomError("not_one_of", "no such state", {"choices": list(STATES)})
    return state


Instant = Annotated[
    datetime,
    BeforeValidator(_instant),
    WithJsonSchema({"type": "string", "format": "date-time", "examples": ["2026-10-06T08:00:00+02:00"]}),
]
Clean = AfterValidator(_clean)  # after the bounds, so that these stay in the document
Text = Annotated[str, Clean]
KindKey = Annotated[str, AfterValidator(_kind), WithJsonSchema({"type": "string", "enum": list(KINDS)})]
State = Annotated[str, AfterValidator(_state), WithJsonSchema({"type": "string", "enum": list(STATES)})]
Quantity = Annotated[
    int, Field(ge=1, le=MOST_UNITS, description="How many units (stations, pallets…); 1 for the whole.")
]
Limit = Annotated[int, Field(ge=1, le=MOST_ITEMS, description="How many items at most.")]
Cursor = Annotated[str, Field(max_length=300, description="`next_cursor` of the page before."), Clean]


PackUnit = Literal["half_pallet", "bulk_bin", "crate_60x40", "crate_40x30"]
UnitName = Annotated[
    str,
    Field(
        max_length=40, description="The resource's `unit`, or one of its `packs`: 70 crates take 3 pallets."
    ),
    Clean,
]


class Query(BaseModel):
    """Parameters of an address: typed as text, read by their kind."""

    model_config = ConfigDict(extra="forbid")


class Body(BaseModel):
    """A JSON object: values have their own type ("2" is no number)."""

    model_config = ConfigDict(extra="forbid", strict=True)


class ResourceQuery(Query):
    """What to find. `start` and `end` together keep only what can be booked then, opening hours included."""

    kind: KindKey | None = None
    subtype: Annotated[str, Field(max_length=40), Clean] | None = None
    q: Annotated[
        str, Field(max_length=LONGEST_TEXT, description="Words of the name, the site or the commune."), Clean
    ] = ""
    commune: (
        Annotated[str, Field(max_length=60, description="INSEE code, name or postcode."), Clean] | None
    ) = None
    lat: Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)] | None = None
    lon: Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)] | None = None
    radius_km: (
        Annotated[
            float,
            Field(
                gt=0,
                le=500,
                allow_inf_nan=False,
                description="Around `commune` or `lat`, `lon`; without it they only sort.",
            ),
        ]
        | None
    ) = None
    start: Instant | None = None
    end: Instant | None = None
    quantity: Quantity = 1
    unit: Annotated[
        PackUnit | None, Field(description="A smaller unit that must be accepted, to count `quantity` in.")
    ] = None
    free: Annotated[bool, Field(description="true: free of charge only; false: priced only.")] | None = None
    fact: Annotated[
        list[Text],
        Field(
            max_length=20,
            description="`key:value` of a fact of the kind, such as `meals_per_day:200`; needs `kind`.",
        ),
    ] = []
    limit: Limit = USUAL_ITEMS
    cursor: Cursor | None = None


class FreeQuery(Query):
    """Between when and when (92 days at most), and how many (of `unit`: the resource's own unless said otherwise)."""

    start: Instant
    end: Instant
    quantity: Quantity = 1
    unit: UnitName | None = None


class BookingQuery(Query):
    """Which bookings: `from` and `to` keep those that overlap the time between."""

    model_config = ConfigDict(extra="forbid", validate_by_name=False)

    scope: Annotated[
        Literal["all", "mine", "organisations", "sites", "territories"],
        Field(
            description="My own, my organisations', of my sites, of the territories I coordinate, or all of these."
        ),
    ] = "all"
    state: State | None = None
    since: Annotated[Instant | None, Field(alias="from")] = None
    until: Annotated[Instant | None, Field(alias="to")] = None
    limit: Limit = USUAL_ITEMS
    cursor: Cursor | None = None


LicenceYears = Annotated[
    int,
    Field(
        ge=0,
        le=MOST_LICENCE_YEARS,
        description="For how many years the driver has held the licence, as you confirm it: "
        "needed where the vehicle has `licence_years` among its facts.",
    ),
]


class SlotBody(Body):
    """What is asked for, when and how many (of `unit`: the resource's own unless said otherwise)."""

    resource: Annotated[
        str, Field(min_length=1, max_length=80, description="`id` or `slug` of the resource."), Clean
    ]
    start: Instant
    end: Instant
    quantity: Quantity = 1
    unit: UnitName | None = None


class AskedSlot(SlotBody):
    """A slot that is asked for, with what is confirmed for it."""

    licence_years: LicenceYears = 0


OrganisationName = Annotated[
    str,
    Field(
        min_length=1,
        max_length=80,
        description="`id` or `slug`; may be left out by who belongs to exactly one.",
    ),
    Clean,
]


class BundleBody(Body):
    """A request for several resources, all or none; each place answers for its own `legs`."""

    legs: Annotated[list[AskedSlot], Field(min_length=LEAST_LEGS, max_length=MOST_LEGS)]
    in_order: Annotated[
        bool, Field(description="Each leg begins once the one before it in the list is over.")
    ] = False
    handover_at: Annotated[
        Instant | None,
        Field(description="When what comes of it is handed over, after the last leg; only with `in_order`."),
    ] = None
    organisation: OrganisationName | None = None
    purpose: Annotated[str, Field(min_length=1, max_length=MAX_PURPOSE), Clean]
    people: Annotated[int, Field(ge=1, le=MOST_PEOPLE)] | None = None
    message: Annotated[str, Field(max_length=MAX_MESSAGE), Clean] = ""


class BookingBody(AskedSlot):
    """A request: the slot is held while the manager answers, or yours at once where the place says so."""

    organisation: OrganisationName | None = None
    purpose: Annotated[str, Field(min_length=1, max_length=MAX_PURPOSE), Clean]
    people: Annotated[int, Field(ge=1, le=MOST_PEOPLE)] | None = None
    message: Annotated[str, Field(max_length=MAX_MESSAGE), Clean] = ""
    override: Annotated[
        str,
        Field(
            max_length=MAX_MESSAGE,
            description="A reason: who decides at the place sets its rules of time aside, never its capacity.",
        ),
        Clean,
    ] = ""
    recall: Annotated[
        bool,
        Field(
            description="Call back, at the yes to this, what is lent of the organisation's own quota (409 with `lent`)."
        ),
    ] = False


class KeyHeader(BaseModel):
    """With a key, a request that is sent again is counted once."""

    key: Annotated[
        str | None,
        Field(
            alias="Idempotency-Key",
            max_length=LONGEST_KEY,
            pattern=r"^[!-~]+$",
            description="Any word of your own, new for each request; the same key and body give the same booking.",
        ),
    ] = None


class NoteBody(Body):
    """A note that the requester reads; it may be empty."""

    reason: Annotated[str, Field(max_length=MAX_TEXT), Clean] = ""


ProposalRef = Annotated[
    str,
    Field(
        min_length=1,
        max_length=20,
        description="`ref` of the booking's `proposal`, as you read it: no other one is answered.",
    ),
    Clean,
]


class DeclineBody(NoteBody):
    """Which proposal is declined, and why: the place reads it."""

    proposal: ProposalRef


class AcceptBody(Body):
    """Which proposal is accepted, and what is confirmed for another vehicle."""

    proposal: ProposalRef
    licence_years: LicenceYears = 0


class EmptyBody(Body):
    """Nothing has to be said; an empty body will do."""


class TakeBody(Body):
    """What is confirmed when an offer is taken."""

    licence_years: LicenceYears = 0


class WaitBody(SlotBody):
    """A slot that others have: to be in line for it, for an organisation, or (`tell_only`) only to be told."""

    tell_only: bool = False
    organisation: OrganisationName | None = None
    purpose: Annotated[
        str,
        Field(max_length=MAX_PURPOSE, description="Needed to be in line: asked for it in your name."),
        Clean,
    ] = ""
    people: Annotated[int, Field(ge=1, le=MOST_PEOPLE)] | None = None
    message: Annotated[
        str,
        Field(max_length=MAX_MESSAGE, description="Sent with the request made of what is offered."),
        Clean,
    ] = ""


class SeriesYesBody(NoteBody):
    """A note that the requester reads, and what becomes of the dates that others have taken meanwhile."""

    conflicts: Annotated[
        Literal["all", "free"],
        Field(
            description="`all`: every date that waits or none. `free`: those that are taken go on waiting."
        ),
    ] = "all"


class ReasonBody(Body):
    """Why: the other side reads it."""

    reason: Annotated[str, Field(min_length=1, max_length=MAX_TEXT), Clean]


class CancelBody(ReasonBody):
    """Why, and of a series which dates."""

    scope: Annotated[
        Literal["this", "following", "all"],
        Field(
            description="Of a series: this date alone, this and the following, or all that have not begun."
        ),
    ] = "this"
