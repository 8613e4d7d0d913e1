"""The pages of being paid online, and the door for Stripe's webhooks."""

from flask import Blueprint

blueprint = Blueprint("stripe", __name__)


def load() -> Blueprint:
    """Give the blueprint with all its routes."""
    from app.payments.stripe.views import accounts, payments, webhook  # noqa: F401, PLC0415  # they add routes

    return blueprint
