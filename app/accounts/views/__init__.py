"""The pages of accounts."""

from flask import Blueprint

blueprint = Blueprint("accounts", __name__)


def load() -> Blueprint:
    """Give the blueprint with all its routes."""
    from app.accounts.views import (  # noqa: F401, PLC0415  # importing them adds their routes to the blueprint above
        account,
        admissions,
        archiving,
        entrance,
        food_aid,
        invitations,
        leaving,
        links,
        members,
        organisations,
    )

    return blueprint
