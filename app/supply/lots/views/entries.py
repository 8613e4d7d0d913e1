"""The ways to this room from pages of the rooms below, which ask for them by name in their templates."""

from typing import Any

from flask import url_for

from app.accounts.models import Organisation
from app.catalogue.models import Resource, Site
from app.core.policy import can
from app.supply.lots import queries
from app.supply.lots.policy import LotPermission as P
from app.supply.lots.queries import STORAGE
from app.supply.lots.views import blueprint
from app.supply.lots.views.cards import incident_line
from app.web.identity import current_actor


def readings_url(resource: Resource) -> str | None:
    """Give the address of the temperatures of a storage place; None for what stores nothing."""
    return url_for("lots.readings", slug=resource.slug) if resource.kind == STORAGE else None


def incidents_of_resource(resource: Resource) -> list[dict[str, Any]]:
    """Write the open incidents of a storage place, for who may know of them."""
    actor = current_actor()
    if resource.kind != STORAGE or not actor.is_signed_in:
        return []
    return [incident_line(each) for each in queries.open_incidents_at(resource.id, actor)]


def incidents_of_site(site: Site) -> list[dict[str, Any]]:
    """Write the open incidents of the places of a site, for its page on which it is managed."""
    return [incident_line(each) for each in queries.open_incidents_on(site.id)]


def incidents_to_close() -> list[dict[str, Any]]:
    """Write the open incidents that whoever asks answers for."""
    return [incident_line(each) for each in queries.incidents_to_close(current_actor())]


def pack_url(organisation: Organisation) -> str | None:
    """Give the address of the page where its members prepare what they show to whoever checks."""
    if not can(current_actor(), P.PREPARE_PACK, organisation):
        return None
    return url_for("lots.pack", slug=organisation.slug)


_OFFERED = (readings_url, pack_url, incidents_of_resource, incidents_of_site, incidents_to_close)
blueprint.app_context_processor(lambda: {each.__name__: each for each in _OFFERED})
