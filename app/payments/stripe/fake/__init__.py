"""A played Stripe: for tests, and for demonstrations in which payments are simulated. Never in production.

It answers where the library would open a connection, so everything above it is the real thing.
"""

from importlib import import_module

from flask import Flask

from app.payments.stripe.fake.client import FakeClient
from app.payments.stripe.fake.world import Memory, Shelf
from app.payments.stripe.gateway import Gateway
from config import Config

KEY, SIGNING_SECRET = "sk_test_simulation0000", "whsec_simulation0000"  # guard nothing: there is no money


def register(app: Flask, config: Config) -> Gateway:
    """Plug the played Stripe in, with pages for what payers and payees do there."""
    import_module("app.payments.stripe.fake.tasks")
    app.register_blueprint(import_module("app.payments.stripe.fake.views").blueprint)
    home = Shelf(config.data_dir)
    app.extensions["mutualim.stripe_simulation"] = home
    return simulated(home, config.base_url)


def simulated(home: Memory | Shelf, base_url: str) -> Gateway:
    """Make a way to the played Stripe."""
    return Gateway(KEY, SIGNING_SECRET, base_url, http=FakeClient(home, base_url))
