"""The shapes of what the API is asked about needs, and what they mean to the room of needs."""

from typing import Annotated, Final, Literal

from pydantic import AfterValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from app.accounts.models import Organisation
from app.api.chain_requests import CommuneName
from app.api.errors import FieldsRefused, Problem
from app.api.reading import commune_near
from app.api.repeating import Day
from app.api.requests import (
    USUAL_ITEMS,
    Body,
    Clean,
    Cursor,
    Instant,
    KindKey,
    Limit,
    OrganisationName,
    Query,
)
from app.api.surplus_requests import CategoryName, RegimeName
from app.supply.needs.rules import LONGEST_PRODUCT, LONGEST_TEXT, MOST_UNITS
from app.supply.needs.service import Around, Food, NewNeed, Place
from app.supply.offers.rules import MOST_GRAMS, RADII, USUAL_RADIUS, Point
from app.web.forms import time_choices

_TIMES: Final = frozenset(time for time, _label in time_choices(30))
_OF_FOOD: Final = ("product", "category", "grams", "end")
_OF_PLACES: Final = ("kind", "quantity", "first_day", "last_day", "start_time", "end_time")
_NEEDED: Final = {"food": ("end",), "place": ("kind", "first_day")}


class NeedQuery(Query):
    """What is of interest; nothing said, all that is looked for now."""

    sort: Literal["food", "place"] | None = None
    category: CategoryName | None = None
    kind: Annotated[str, Field(max_length=40, description="Key of a kind of resource."), Clean] | None = None
    limit: Limit = USUAL_ITEMS
    cursor: Cursor | None = None


def _time(typed: str) -> str:
    if typed not in _TIMES:
        raise PydanticCustomError("bad_half_hour", "no time of ours")
    return typed


def _radius(km: int) -> int:
    if km not in RADII:
        raise PydanticCustomError("not_one_of", "no such radius", {"choices": [str(each) for each in RADII]})
    return km


Time = Annotated[str, AfterValidator(_time), WithJsonSchema({"type": "string", "examples": ["08:30"]})]
Radius = Annotated[int, AfterValidator(_radius), WithJsonSchema({"type": "integer", "enum": list(RADII)})]


class NeedBody(Body):
    """What an organisation looks for: food (`product` or `category`, `grams`, `end`), or a place.

    Of a place: its `kind`, how many, `first_day` to `last_day`, hours by its clock where it is lent by the hour.
    """

    sort: Literal["food", "place"]
    product: Annotated[str, Field(max_length=LONGEST_PRODUCT), Clean] = ""
    category: CategoryName | None = None
    grams: Annotated[int | None, Field(ge=1, le=MOST_GRAMS, description="At least so much.")] = None
    end: Annotated[Instant | None, Field(description="Food is looked for until then.")] = None
    kind: KindKey | None = None
    quantity: Annotated[int, Field(ge=1, le=MOST_UNITS)] = 1
    first_day: Day | None = None
    last_day: Annotated[Day | None, Field(description="Left out, the first day alone.")] = None
    start_time: Time | None = None
    end_time: Time | None = None
    regime: RegimeName | None = None
    commune: CommuneName
    radius_km: Radius = USUAL_RADIUS
    note: Annotated[str, Field(max_length=LONGEST_TEXT), Clean] = ""
    organisation: OrganisationName | None = None


class CloseBody(Body):
    """Why it is looked for no longer: it was `found`, by whatever way, or is not needed any more."""

    found: bool


def read_need(body: NeedBody, ours: Organisation, key: str | None) -> NewNeed:
    """Read what is looked for; raise FieldsRefused, CommuneUnknown, CommuneAmbiguous."""
    _refuse_mixed(body)
    commune = commune_near(body.commune, ours.commune_code)
    point = Point(*commune.point)
    around = Around(commune_code=commune.code, point=point, radius_km=body.radius_km)
    return NewNeed(organisation_id=ours.id, what=_what(body), around=around, note=body.note, key=key)


def _refuse_mixed(body: NeedBody) -> None:
    """Refuse a sort without what it needs, or with what belongs to the other one: all of it at once."""
    others = _OF_PLACES if body.sort == "food" else _OF_FOOD
    missing = [name for name in _NEEDED[body.sort] if getattr(body, name) is None]
    problems = [Problem("body", name, "field_missing") for name in missing]
    problems += [Problem("body", name, "of_other_sort") for name in others if name in body.model_fields_set]
    if problems:
        raise FieldsRefused(problems)


def _what(body: NeedBody) -> Food | Place:
    regime = body.regime or ""
    if body.end is not None:
        grams, category = body.grams, body.category or ""
        return Food(product=body.product, category=category, grams=grams, regime=regime, until_at=body.end)
    assert body.kind  # noqa: S101  # `_refuse_mixed` saw to it
    assert body.first_day  # noqa: S101  # `_refuse_mixed` saw to this, too
    return Place(
        kind=body.kind, first_day=body.first_day, last_day=body.last_day, start_time=body.start_time or "",
        end_time=body.end_time or "", quantity=body.quantity, regime=regime,
    )  # fmt: skip
