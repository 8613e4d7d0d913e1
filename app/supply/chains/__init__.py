"""CHAINS: the resources that take food from where it is to those who need it, each after the other.

A chain is a request for several resources in order (app.bookings, docs/bundles.md) that knows what it carries.
"""

from importlib import import_module

from flask import Flask


def register(_app: Flask) -> None:
    """Plug the room into the application."""
    import_module("app.supply.chains.models")
    import_module("app.supply.chains.words")
