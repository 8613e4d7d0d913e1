"""The ways to this room from pages of the rooms below, which ask for them by name in their templates."""

from flask import url_for

from app.catalogue.models import Resource
from app.supply.lots.queries import STORAGE
from app.supply.lots.views import blueprint


def readings_url(resource: Resource) -> str | None:
    """Give the address of the temperatures of a storage place; None for what stores nothing."""
    return url_for("lots.readings", slug=resource.slug) if resource.kind == STORAGE else None


blueprint.app_context_processor(lambda: {"readings_url": readings_url})
