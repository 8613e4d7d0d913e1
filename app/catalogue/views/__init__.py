"""The pages where the catalogue is shown by site, and managed."""

from flask import Blueprint

blueprint = Blueprint("catalogue", __name__)


def load() -> Blueprint:
    """Give the blueprint with all its routes."""
    from app.catalogue.views import (  # noqa: F401, PLC0415  # importing them adds their routes to the blueprint above
        communes,
        composition,
        delegations,
        managing,
        photos,
        resources,
        sites,
    )

    return blueprint
