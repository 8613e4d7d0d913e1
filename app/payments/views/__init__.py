"""The pages of money; where a territory has not switched it on, there are none."""

from flask import Blueprint

blueprint = Blueprint("payments", __name__)


def load() -> Blueprint:
    """Give the blueprint with all its routes."""
    from app.payments.views import accounts, bank, noting, paying, terms  # noqa: F401, PLC0415  # they add routes

    return blueprint
