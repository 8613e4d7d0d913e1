"""Sites and resources as the card components take them."""

from collections.abc import Iterable, Mapping
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext as _n

from app.catalogue.communes import find_commune
from app.catalogue.kinds import get_kind
from app.catalogue.kinds.words import amount, kind_name, subtype_name
from app.catalogue.kinds.words import label as kind_label
from app.catalogue.models import Resource, Site
from app.catalogue.pictures import resource_picture, site_picture
from app.catalogue.price_words import cost_words
from app.catalogue.queries import Census
from app.catalogue.words import APPROVALS_SHORT, buffers_words, lengths_words
from app.web.format import duration

_NOBODY = Census({}, ())


def resource_path(resource: Resource) -> str:
    """Write the address of a resource's own page, which a room above shows."""
    return f"/ressources/{resource.slug}"


def resource_cards(resources: Iterable[Resource]) -> list[dict[str, Any]]:
    """Give the cards of what is shared at a site, on its page: they need not say where."""
    return [
        {
            "href": resource_path(resource),
            "name": resource.name,
            "kind": resource.kind,
            "kind_label": subtype_name(resource.kind, resource.subtype),
            "picture": resource_picture(resource)[0],
            "picture_alt": resource_picture(resource)[1],
            "chips": [(capacity_words(resource),)] if resource.capacity > 1 else [],
            "price": cost_words(resource),
            "status": resource.status,
        }
        for resource in resources
    ]


def capacity_words(resource: Resource) -> str:
    """Write what can be taken at the same time: "24 palettes"; one thing is taken whole."""
    return amount(resource.unit, resource.capacity) if resource.capacity > 1 else _("One user at a time")


def managed_cards(
    sites: Iterable[Site], censuses: Mapping[int, Census], waiting: Mapping[int, int]
) -> list[dict[str, Any]]:
    """Give the cards of the sites somebody manages: what is there, in what state, what waits."""
    return [_managed_card(site, censuses.get(site.id, _NOBODY), waiting.get(site.id, 0)) for site in sites]


def _managed_card(site: Site, census: Census, waiting: int) -> dict[str, Any]:
    commune = find_commune(site.commune_code)
    picture, alt = site_picture(site, census.kinds)
    to_look_at = census.by_status.get("to_check", 0) + census.by_status.get("out_of_order", 0)
    return {
        "href": url_for("catalogue.manage_site", slug=site.slug),
        "name": site.name,
        "owner": site.owner.name,
        "commune": commune.name if commune else "",
        "picture": picture,
        "picture_alt": alt,
        "kinds": [(kind_label(get_kind(key).plural), get_kind(key).icon) for key in census.kinds],
        "count": _n("%(num)s resource", "%(num)s resources", census.total) if census.total else "",
        "to_look_at": _n("%(num)s to look at", "%(num)s to look at", to_look_at) if to_look_at else "",
        "waiting": waiting,
        "archived": site.archived_at is not None,
    }


def terms_rows(resource: Resource) -> dict[str, Any]:
    """Give a resource with its terms in words, for who manages it."""
    return {
        "resource": resource,
        "href": resource_path(resource),
        "picture": resource_picture(resource)[0],
        "kind": f"{kind_name(resource.kind)} · {subtype_name(resource.kind, resource.subtype)}",
        "capacity": capacity_words(resource),
        "lengths": lengths_words(resource.min_minutes, resource.max_minutes),
        "buffers": buffers_words(resource.buffer_before, resource.buffer_after) or duration(0),
        "notice": duration(resource.min_notice_minutes),
        "approval": str(APPROVALS_SHORT.get(resource.approval, resource.approval)),
        "price": cost_words(resource) or _("Free of charge"),
        "photos": len(resource.photos),
    }
