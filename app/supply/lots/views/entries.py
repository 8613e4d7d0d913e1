"""The ways to this room from pages of the rooms below, which ask for them by name in their templates."""

from flask import url_for

from app.accounts.models import Organisation
from app.catalogue.models import Resource
from app.core.policy import can
from app.supply.lots.policy import LotPermission as P
from app.supply.lots.queries import STORAGE
from app.supply.lots.views import blueprint
from app.web.identity import current_actor


def readings_url(resource: Resource) -> str | None:
    """Give the address of the temperatures of a storage place; None for what stores nothing."""
    return url_for("lots.readings", slug=resource.slug) if resource.kind == STORAGE else None


def pack_url(organisation: Organisation) -> str | None:
    """Give the address of the page where its members prepare what they show to whoever checks."""
    if not can(current_actor(), P.PREPARE_PACK, organisation):
        return None
    return url_for("lots.pack", slug=organisation.slug)


blueprint.app_context_processor(lambda: {"readings_url": readings_url, "pack_url": pack_url})
