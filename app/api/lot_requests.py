"""What is asked of the API about lots and hand-over notes."""

from typing import Annotated

from pydantic import Field

from app.api.repeating import Day
from app.api.requests import (
    USUAL_ITEMS,
    Body,
    Clean,
    Cursor,
    Instant,
    Limit,
    OrganisationName,
    Query,
    ReasonBody,
)
from app.api.surplus_requests import PackagingName, RegimeName
from app.supply.lots.rules import (
    LONGEST_NAME,
    LONGEST_NOTE,
    LONGEST_TEXT,
    MOST_GRAMS,
    MOST_PACKAGES,
    MOST_PEOPLE,
)

ResourceRef = Annotated[
    str, Field(min_length=1, max_length=80, description="`id` or `slug` of the resource."), Clean
]


class LotQuery(Query):
    """Which lots; nothing said, all of which something is left."""

    product: Annotated[str, Field(max_length=160, description="A piece of what it is."), Clean] | None = None
    all: Annotated[bool, Field(description="true: those of which nothing is left, too.")] = False
    limit: Limit = USUAL_ITEMS
    cursor: Cursor | None = None


class HandoverQuery(Query):
    """Which notes: all, page by page."""

    limit: Limit = USUAL_ITEMS
    cursor: Cursor | None = None


Temperature = Annotated[int, Field(description="Tenths of a degree Celsius: 35 is 3.5 °C.")]


class LotBody(Body):
    """What an organisation has: how much of what, from whom, until when it is good, where it is."""

    product: Annotated[str, Field(min_length=1, max_length=LONGEST_NAME), Clean]
    grams: Annotated[int, Field(ge=1, le=MOST_GRAMS)]
    regime: RegimeName
    origin: Annotated[
        str, Field(max_length=LONGEST_NAME, description="Who it came from, in words…"), Clean
    ] = ""
    origin_organisation: Annotated[
        OrganisationName | None, Field(description="…or an organisation of the territory.")
    ] = None
    received_on: Annotated[Day | None, Field(description="Left out, today.")] = None
    packaging: PackagingName | None = None
    per_package: Annotated[int | None, Field(ge=1, le=MOST_GRAMS, description="Grams in one package.")] = None
    use_by: Day | None = None
    best_before: Day | None = None
    resource: Annotated[ResourceRef | None, Field(description="In which storage place it is.")] = None
    chain: Annotated[
        str | None, Field(max_length=20, description="`ref` of the chain it came by."), Clean
    ] = None
    is_more: Annotated[
        bool,
        Field(description="true: it is another lot, or really so much, even where its chain carries less."),
    ] = False
    note: Annotated[str, Field(max_length=LONGEST_TEXT), Clean] = ""
    organisation: OrganisationName | None = None


class StoreBody(Body):
    """In which storage place a lot is from now on; null, in none that is shared here."""

    resource: ResourceRef | None


class LinePart(Body):
    """So much of a lot."""

    lot: Annotated[str, Field(min_length=1, max_length=20, description="`ref` of the lot."), Clean]
    grams: Annotated[int, Field(ge=0, le=MOST_GRAMS)]


class HandoverBody(Body):
    """Who gives what to whom: lots, how warm, in how many packages. Without `to` it goes to `people`, never who."""

    lots: Annotated[list[LinePart], Field(min_length=1, max_length=LONGEST_NOTE)]
    to: OrganisationName | None = None
    people: Annotated[int, Field(ge=1, le=MOST_PEOPLE)] | None = None
    temperature: Temperature | None = None
    packages: Annotated[int, Field(ge=0, le=MOST_PACKAGES)] | None = None
    at: Annotated[Instant | None, Field(description="Left out, now.")] = None
    food_aid: bool = False
    note: Annotated[str, Field(max_length=LONGEST_TEXT), Clean] = ""
    organisation: OrganisationName | None = None


class ReceiptBody(Body):
    """What came, where it was not all of it, and why."""

    lots: Annotated[list[LinePart], Field(max_length=LONGEST_NOTE)] = []  # noqa: RUF012  # pydantic copies it
    reason: Annotated[str, Field(max_length=LONGEST_TEXT, description="Needed where it was less."), Clean] = (
        ""
    )
    temperature: Annotated[
        Temperature | None, Field(description="As you measured it: needed for what is chilled or frozen.")
    ] = None


class RefusalBody(ReasonBody):
    """Why nothing of it is taken, and how warm it came."""

    temperature: Annotated[
        Temperature | None,
        Field(description="As you measured it, if you did: an alarm blocks what goes back to the giver."),
    ] = None


class ReadingBody(Body):
    """How warm a storage place is now."""

    temperature: Temperature
