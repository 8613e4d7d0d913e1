"""The shapes of what the API is asked about surplus, gleanings and group purchases."""

from typing import Annotated, Literal

from pydantic import Field

from app.api.requests import USUAL_ITEMS, Body, Clean, Cursor, Limit, OrganisationName, Query
from app.supply.gleanings.rules import MOST_TOGETHER
from app.supply.offers.rules import LONGEST_TEXT, MOST_GRAMS
from app.supply.purchases.rules import FAR_ABOVE

CategoryName = Literal[
    "vegetables", "fruit", "bread", "dairy", "meat", "fish", "prepared", "dry_goods", "drinks", "other"
]
PackagingName = Literal["crate_60x40", "crate_40x30", "bulk_bin", "bag"]
RegimeName = Literal["ambient", "cellar", "produce", "chilled", "frozen"]


class SurplusQuery(Query):
    """What is looked for; nothing said, all that is offered now."""

    category: CategoryName | None = None
    regime: RegimeName | None = None
    gift: Annotated[bool, Field(description="true: only what nothing is to be paid for.")] = False
    commune: (
        Annotated[str, Field(max_length=60, description="INSEE code, name or postcode."), Clean] | None
    ) = None
    radius_km: Annotated[
        float | None,
        Field(
            gt=0, le=500, allow_inf_nan=False, description="Around `commune`, else around your organisation."
        ),
    ] = None
    limit: Limit = USUAL_ITEMS
    cursor: Cursor | None = None


class ListQuery(Query):
    """A list that is read page by page."""

    limit: Limit = USUAL_ITEMS
    cursor: Cursor | None = None


class PartBody(Body):
    """A part of an offer that your organisation takes."""

    grams: Annotated[
        int | None, Field(ge=1, le=MOST_GRAMS, description="How much, in grams; left out, all that is left.")
    ] = None
    price_cents: Annotated[
        int | None,
        Field(
            ge=0,
            description="For a kilo, as you have read it: 409 where it changed since. Left out, as it is now.",
        ),
    ] = None
    organisation: OrganisationName | None = None
    message: Annotated[str, Field(max_length=LONGEST_TEXT), Clean] = ""


class PeopleBody(Body):
    """How many people come to a gleaning, yourself counted."""

    people: Annotated[int, Field(ge=1, le=MOST_TOGETHER)] = 1
    split: Annotated[
        bool | None,
        Field(
            description="Where there is room for some of you: true, these come and the others wait; "
            "false, all wait; left out, 409 `not_all_fit` says how many places are free."
        ),
    ] = None


class ShareBody(Body):
    """How much your organisation orders of a group purchase, by whole packages."""

    grams: Annotated[int, Field(ge=1, le=MOST_GRAMS)]
    organisation: OrganisationName | None = None
    message: Annotated[str, Field(max_length=LONGEST_TEXT), Clean] = ""
    sure: Annotated[
        bool,
        Field(
            description=f"Needed for more than {FAR_ABOVE} times the minimum: 409 `far_above_minimum` without."
        ),
    ] = False


class NoShareBody(Body):
    """Which of your organisations orders nothing after all."""

    organisation: OrganisationName | None = None
