"""The first page: what this is, a search, the map of what is shared, the places, how to join."""

from collections import Counter
from typing import Any
from urllib.parse import quote

from flask import Response
from flask_babel import gettext as _
from sqlalchemy import func, select

from app.accounts.queries import territories
from app.availability.cards import commune_name
from app.availability.finding import ZONE
from app.availability.views.blueprint import blueprint
from app.availability.views.map import communes_map
from app.catalogue.kinds import KINDS
from app.catalogue.kinds.words import kinds_name
from app.catalogue.models import Resource, Site, Status
from app.catalogue.queries import offered_kinds
from app.catalogue.search import visible_to
from app.core import clock
from app.core.span import to_wall
from app.infra.db import db
from app.web.guards import public
from app.web.identity import current_actor
from app.web.page import page

MOST_SITES = 12


@blueprint.get("/")
@public
def home() -> Response:
    """Welcome whoever comes by."""
    rows = _shared()
    counts, kinds = Counter[str](), Counter[str]()
    for row in rows:
        counts[row.commune_code] += row.count
        kinds[row.kind] += row.count
    served = territories()
    link = "/ressources?km=5&lieu="
    return page(
        "availability/home.html",
        territory=served[0] if len(served) == 1 else None,
        sites=_sites(rows),
        kinds=[(key, kinds_name(key), kinds[key]) for key in KINDS if kinds[key]],
        kind_options=[("", _("Anything")), *((key, kinds_name(key)) for key in offered_kinds())],
        map=communes_map(counts, lambda name: link + quote(name), label=_("What is shared, by commune"))
        if counts
        else None,
        total=sum(counts.values()),
        first_day=to_wall(clock.now(), ZONE).date().isoformat(),
    )


def _shared() -> list[Any]:
    """Count what this reader may see, by site and kind."""
    statement = (
        select(Site.id, Site.slug, Site.name, Site.commune_code, Resource.kind, func.count().label("count"))
        .join(Resource, Resource.site_id == Site.id)
        .where(Resource.status != Status.ARCHIVED, Site.archived_at.is_(None), visible_to(current_actor()))
        .group_by(Site.id, Site.slug, Site.name, Site.commune_code, Resource.kind)
        .order_by(Site.name)
    )
    return list(db.session.connection().execute(statement).all())


def _sites(rows: list[Any]) -> list[dict[str, Any]]:
    found: dict[int, dict[str, Any]] = {}
    for row in rows:
        site = found.setdefault(
            row.id,
            {
                "slug": row.slug,
                "name": row.name,
                "commune": commune_name(row.commune_code),
                "kinds": [],
                "count": 0,
            },
        )
        site["kinds"].append(row.kind)
        site["count"] += row.count
    return sorted(found.values(), key=lambda site: -int(site["count"]))[:MOST_SITES]
