"""Reads for the public pages: a resource with its site, photos and closures. Prebuilt statements, no lazy loads."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import and_, bindparam, func, or_, select

from app.accounts.models import Organisation
from app.availability.components import CLOSING
from app.availability.models import Closure
from app.catalogue.models import Photo, Resource, Site
from app.core import clock
from app.core.errors import NotFound
from app.infra.db import db


class Shown(NamedTuple):
    """A resource as pages show it, with what they need of its site and owner."""

    id: int
    public_id: str
    territory_id: int
    site_id: int
    slug: str
    kind: str
    subtype: str
    name: str
    description: str
    house_rules: str
    facts: dict[str, Any]
    capacity: int
    unit: str
    mode: str
    approval: str
    auto_up_to: str
    auto_hours: int | None
    holds_request: bool
    answer_hours: int
    price_cents: int
    price_per: str
    free_cancel_hours: int
    late_cancel_percent: int
    windows: dict[str, Any]
    visibility: str
    status: str
    shows_holder: bool
    site_slug: str
    site_name: str
    address: str
    postcode: str
    commune_code: str
    lat: float
    lon: float
    access_notes: str
    phone: str
    email: str
    timezone: str
    school_zone: str | None
    owner_id: int
    owner_name: str


class Picture(NamedTuple):
    """A photo of a resource."""

    public_id: str
    digest: str
    alt: str
    width: int
    height: int


class Closed(NamedTuple):
    """A closure that is not over; `part` names what is closed where it is only a part, or what this one is part of."""

    start_at: datetime
    end_at: datetime
    reason: str
    hold_id: int
    part: str = ""


_R, _S = Resource, Site
_COLUMNS = (
    _R.id,
    _R.public_id,
    _R.territory_id,
    _R.site_id,
    _R.slug,
    _R.kind,
    _R.subtype,
    _R.name,
    _R.description,
    _R.house_rules,
    _R.facts,
    _R.capacity,
    _R.unit,
    _R.mode,
    _R.approval,
    _R.auto_up_to,
    _R.auto_hours,
    _R.holds_request,
    _R.answer_hours,
    _R.price_cents,
    _R.price_per,
    _R.free_cancel_hours,
    _R.late_cancel_percent,
    _R.windows,
    _R.visibility,
    _R.status,
    _R.shows_holder,
    _S.slug,
    _S.name,
    _S.address,
    _S.postcode,
    _S.commune_code,
    _S.lat,
    _S.lon,
    _S.access_notes,
    _S.phone,
    _S.email,
    _S.timezone,
    _S.school_zone,
    _S.owner_id,
    Organisation.name,
)
_SHOWN = (
    select(*_COLUMNS)
    .join(Site, Site.id == Resource.site_id)
    .join(Organisation, Organisation.id == Site.owner_id)
)
BY_SLUG = _SHOWN.where(Resource.slug == bindparam("slug"))
BY_NAME = _SHOWN.where(or_(Resource.slug == bindparam("name"), Resource.public_id == bindparam("name")))
BY_IDS = _SHOWN.where(Resource.id.in_(bindparam("ids", expanding=True)))
PHOTOS = (
    select(Photo.resource_id, Photo.public_id, Photo.digest, Photo.alt, Photo.width, Photo.height)
    .where(Photo.resource_id.in_(bindparam("ids", expanding=True)))
    .order_by(Photo.resource_id, Photo.position, Photo.id)
)
CLOSURES = (
    select(
        Closure.start_at, Closure.end_at, Closure.reason, Closure.hold_id, func.coalesce(Resource.name, "")
    )
    .outerjoin(Resource, and_(Resource.id == Closure.resource_id, Resource.id != bindparam("resource")))
    .where(
        or_(
            Closure.resource_id == bindparam("resource"),
            Closure.resource_id.in_(CLOSING),
            Closure.site_id == bindparam("site"),
        ),
        Closure.lifted_at.is_(None),
        Closure.end_at > bindparam("since"),
    )
    .order_by(Closure.start_at)
    .limit(20)
)
REASON = select(Closure.reason).where(Closure.hold_id == bindparam("hold"))


def get_shown(slug: str) -> Shown:
    """Read a resource by its slug; raise NotFound."""
    row = db.session.connection().execute(BY_SLUG, {"slug": slug}).first()
    if row is None:
        raise NotFound(kind="resource", slug=slug)
    return Shown(*row)


def find_shown(name: str) -> Shown | None:
    """Read a resource by its slug or its public id."""
    row = db.session.connection().execute(BY_NAME, {"name": name}).first()
    return Shown(*row) if row else None


def shown_by_id(resource_ids: Collection[int]) -> dict[int, Shown]:
    """Read several resources, by id."""
    if not resource_ids:
        return {}
    rows = db.session.connection().execute(BY_IDS, {"ids": list(resource_ids)})
    return {row[0]: Shown(*row) for row in rows}


def photos_of(resource_ids: Collection[int]) -> Mapping[int, list[Picture]]:
    """Read the photos of resources, in their order."""
    found: dict[int, list[Picture]] = defaultdict(list)
    if resource_ids:
        for row in db.session.connection().execute(PHOTOS, {"ids": list(resource_ids)}):
            found[row[0] or 0].append(Picture(*row[1:]))
    return found


def closures_ahead(resource_id: int, site_id: int, since: datetime | None = None) -> list[Closed]:
    """Read the closures of a resource, its parts and its site that are not over, the next first."""
    params = {
        "resource": resource_id,
        "resources": [resource_id],
        "site": site_id,
        "since": since or clock.now(),
    }
    return [Closed(*row) for row in db.session.connection().execute(CLOSURES, params)]


def closure_reason(hold_id: int) -> str:
    """Read why a hold closes its place ("" when it is no closure's)."""
    return db.session.connection().execute(REASON, {"hold": hold_id}).scalar() or ""
