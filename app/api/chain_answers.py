"""The shapes of what the API answers about chains. Weights are whole grams."""

from typing import Literal

from app.api.answers import Answer, Bundle, ChainPlan, Estimate, LegFit, OrganisationName, Stamp
from app.api.requests import State
from app.api.surplus_answers import Load, Offerer
from app.api.surplus_requests import RegimeName


class Step(Answer):
    """What a leg is there for, by its number; `metres` are driven in all `trips` together, the way back included.

    `name` is what is booked for it, null where you may not know that; `state` is that of its booking. A leg that was
    left out has neither these nor times.
    """

    leg: int
    role: Literal["collect", "store", "carry", "process"]
    metres: int
    trips: int
    name: str | None
    start: Stamp | None
    end: Stamp | None
    state: State | None


class Chain(Answer):
    """A request for several resources in order, and what it carries; `part` is the part of an offer that it is.

    `offer` is an offer of who asked that it carries. It is handed over to `receiver`: who asked, where nobody else is
    named.
    """

    ref: str
    product: str
    grams: int
    regime: RegimeName
    load: Load
    from_place: str
    part: str | None
    offer: str | None
    receiver: Offerer
    for_food_aid: bool
    steps: list[Step]
    request: Bundle
    url: str


class ChainPage(Answer):
    """Your chains: those that take place last come first, fifty at most."""

    items: list[Chain]


class ChainCost(Answer):
    """What a leg of a chain comes to, or the goods that it carries (`leg` is null); `is_foreseen` until it is measured.

    What is only shown as a price is not charged through us: it is `paid_directly`, and not in `cents`.
    """

    leg: int | None
    name: str
    cents: int
    is_foreseen: bool
    is_charged: bool
    paid_directly: Estimate | None


class Borne(Answer):
    """What one organisation bears of what is paid to another; what would be its own (`is_own`) is recorded in kind."""

    payer: OrganisationName
    payee: OrganisationName
    cents: int
    is_own: bool


class ChainCosts(Answer):
    """What a chain comes to, and who bears it, as far as you may see it: not `is_whole` where some of it is not yours.

    Amounts are cents of `currency`.
    """

    currency: str
    cents: int
    paid_directly: Estimate | None
    is_whole: bool
    items: list[ChainCost]
    borne: list[Borne]


class Rejection(Answer):
    """So many resources are in no plan, for one reason: `names` are some of them, `detail` says it in words."""

    task: Literal["drive", "store", "process"]
    reason: str
    number: int
    names: list[str]
    detail: str


class Proposals(Answer):
    """What a search found: plans, the cheapest first, and what was rejected, most first.

    `missing` says of what there is nothing at all, where nothing was found; `is_whole` is false where not all was
    looked at.
    """

    load: Load
    plans: list[ChainPlan]
    rejected: list[Rejection]
    missing: list[str]
    is_whole: bool


class Instead(Answer):
    """What can be asked for in the place of a lost leg, the best first, and why the rest cannot.

    `without` says what nobody would drive if the chain went on without it; empty: nothing. The same is prepared anew at
    `again_url`; `again_first` says what comes before that.
    """

    leg: int
    role: Literal["collect", "store", "carry", "process"]
    fits: list[LegFit]
    rejected: list[Rejection]
    without: str
    again_url: str
    again_first: str
