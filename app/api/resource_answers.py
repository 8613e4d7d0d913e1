"""The shapes of what the API answers about resources: what they are, when they are free, what a use costs."""

from typing import Annotated, Any

from pydantic import WithJsonSchema

from app.api.answers import Answer, Estimate, Window

Facts = Annotated[
    dict[str, Any],
    WithJsonSchema(
        {"type": "object", "description": "Facts of the kind; see the schemas named after the kinds."}
    ),
]
Tariff = Annotated[
    dict[str, Any],
    WithJsonSchema(
        {
            "type": "object",
            "description": "What a use costs, by meter: amounts in cents, quantities in thousandths, percentages in "
            "basis points; docs/money.md describes it.",
        }
    ),
]


class Commune(Answer):
    """A commune by its INSEE code."""

    code: str
    name: str


class Owner(Answer):
    """Who answers for the place."""

    name: str


class Site(Answer):
    """Where a resource is."""

    slug: str
    name: str
    address: str
    postcode: str
    commune: Commune
    lat: float
    lon: float
    timezone: str
    owner: Owner


class Price(Answer):
    """What it costs; shown only."""

    cents: int
    currency: str
    per: str


class Resource(Answer):
    """A resource as a list shows it. `price` is null when it is free of charge, `km` when no place was asked."""

    id: str
    slug: str
    name: str
    kind: str
    subtype: str
    status: str
    site: Site
    km: float | None
    capacity: int
    unit: str
    mode: str
    facts: Facts
    price: Price | None
    next_free: Window | None
    url: str


class PartOfIt(Answer):
    """What one unit of a resource takes of another."""

    name: str
    quantity: int


class Hours(Answer):
    """Opening hours in the syntax of OpenStreetMap; `binds` is continuous, endpoints or always."""

    expression: str
    school_zone: str | None
    binds: str


class Terms(Answer):
    """What binds bookings; lengths in minutes. `notice` and `horizon_days` are those of your own priority class.

    `windows` has what differs by class (P0 … P4): horizon_days, notice_minutes.
    """

    step: int
    min_length: int
    max_length: int
    buffer_before: int
    buffer_after: int
    notice: int
    horizon_days: int
    windows: dict[str, dict[str, int]]
    approval: str
    auto_up_to: str | None
    auto_hours: int | None
    answer_hours: int
    holds_request: bool
    free_cancel_hours: int
    late_cancel_percent: int


class Quota(Answer):
    """How many units are the caller's own, of other organisations, common to all.

    What others do not use is lent for times at most `lend_days` ahead (null: never), and called back for times at least
    `recall_hours` ahead.
    """

    own: int
    others: int
    common: int
    lend_days: int | None
    recall_hours: int


class ResourceDetail(Resource):
    """A resource with all that its page says; `packs` are smaller units: how many fill one.

    `tariff` is null where nothing is reckoned: free of charge, or in a territory that does not reckon with money.
    """

    description: str
    house_rules: str
    packs: dict[str, int]
    quota: Quota | None
    parts: list[PartOfIt]
    hours: Hours
    terms: Terms
    tariff: Tariff | None


class ResourcePage(Answer):
    """One page of resources, the nearest first; `next_cursor` is null on the last."""

    items: list[Resource]
    next_cursor: str | None


class FreeWindows(Answer):
    """When a quantity can be booked: any booking that respects the terms fits inside a window.

    `estimate` is of a booking of all that was asked about; null where not all of it is free, or nothing is reckoned.
    """

    resource: str
    quantity: int
    items: list[Window]
    estimate: Estimate | None
