"""The shapes of what the API is asked about chains. Weights are whole grams."""

from typing import Annotated, Literal

from pydantic import Field

from app.api.requests import Body, Clean, Instant, LicenceYears, OrganisationName
from app.api.surplus_requests import PackagingName, RegimeName
from app.bookings.forms import MAX_MESSAGE, MOST_PEOPLE
from app.bookings.service import MAX_PURPOSE
from app.supply.chains.rules import MAX_NAME
from app.supply.offers.rules import MOST_GRAMS

CommuneName = Annotated[
    str, Field(min_length=1, max_length=100, description="INSEE code, name or postcode."), Clean
]


class WishBody(Body):
    """What is to be carried, from where and when, and what is to become of it."""

    product: Annotated[str, Field(min_length=1, max_length=MAX_NAME), Clean]
    grams: Annotated[int, Field(ge=1, le=MOST_GRAMS)]
    packaging: PackagingName = "crate_60x40"
    per_package: Annotated[
        int | None, Field(ge=1, le=MOST_GRAMS, description="Grams in one package; left out, as usual.")
    ] = None
    regime: RegimeName = "produce"
    commune: CommuneName
    place: Annotated[str, Field(max_length=MAX_NAME, description="Where exactly, in words."), Clean] = ""
    start: Annotated[Instant, Field(description="It can be collected from then on.")]
    end: Annotated[Instant, Field(description="It can be collected until then: 92 days at most.")]
    goal: Annotated[
        Literal["kitchen", "store", "place"],
        Field(description="It is cooked or preserved, kept, or brought to a place."),
    ] = "kitchen"
    stored: Annotated[
        bool | None, Field(description="Kept in store on the way: yes, no; left out, as is best.")
    ] = None
    to_site: Annotated[
        str | None,
        Field(max_length=80, description="With the goal `place`: `slug` of a site of your organisation."),
        Clean,
    ] = None
    to_commune: Annotated[
        CommuneName | None, Field(description="With the goal `place`, instead of a site.")
    ] = None
    by: Annotated[Instant | None, Field(description="Ready by then; left out, within a week of `end`.")] = (
        None
    )
    part: Annotated[
        str | None,
        Field(max_length=20, description="`ref` of the part of an offer that it is, if it is one."),
        Clean,
    ] = None
    offer: Annotated[
        str | None,
        Field(
            max_length=20,
            description="`ref` of an open offer of your organisation that it is, instead of a part.",
        ),
        Clean,
    ] = None
    organisation: OrganisationName | None = None


class ChainBody(WishBody):
    """A chain that is asked for: the wish as `/chains/plans` was sent it, one of its plans, and the rest."""

    plan: Annotated[str, Field(min_length=1, max_length=4000, description="`plan` of a proposal."), Clean]
    purpose: Annotated[str, Field(min_length=1, max_length=MAX_PURPOSE), Clean]
    people: Annotated[int, Field(ge=1, le=MOST_PEOPLE)] | None = None
    message: Annotated[str, Field(max_length=MAX_MESSAGE), Clean] = ""
    handover_at: Annotated[
        Instant | None, Field(description="When it is handed over; left out, as soon as the plan is ready.")
    ] = None
    receiver: Annotated[
        OrganisationName | None, Field(description="Whom it is for; left out, your organisation.")
    ] = None
    for_food_aid: Annotated[bool | None, Field(description="Left out: where the receiver does food aid.")] = (
        None
    )
    licence_years: LicenceYears = 0
