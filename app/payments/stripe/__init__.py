"""BEING PAID ONLINE: each organisation's own account at Stripe, pages to pay, refunds. Knows no booking and no ledger.

Other rooms call `service` with a due of theirs (an opaque reference) and listen to `events`.
"""

from importlib import import_module
from typing import Any

from flask import Flask

from app.core.policy import register as add_permissions
from config import Config


def register(app: Flask) -> None:
    """Plug the room into the application; without Stripe's settings its pages are not there."""
    config: Config = app.config["MUTUALIM"]
    add_permissions(import_module("app.payments.stripe.policy").TABLE)
    for part in ("tasks", "words"):
        import_module(f"app.payments.stripe.{part}")
    app.register_blueprint(import_module("app.payments.stripe.views").load())
    app.extensions["mutualim.stripe"] = _gateway(app, config)


def _gateway(app: Flask, config: Config) -> Any:
    """Make the way to Stripe, to a played one, or none: only here is Stripe's library loaded, when it is needed."""
    if config.stripe_simulation:
        return import_module("app.payments.stripe.fake").register(app, config)
    if config.stripe_secret_key:
        gateway = import_module("app.payments.stripe.gateway").Gateway
        return gateway(config.stripe_secret_key, config.stripe_webhook_secret, config.base_url)
    return None
