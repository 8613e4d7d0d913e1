"""GOVERNANCE: what a territory's coordination needs to see; reads every room below, writes nothing."""

from importlib import import_module

from flask import Flask

from app.core.policy import register as add_permissions


def register(app: Flask) -> None:
    """Plug the room into the application."""
    add_permissions(import_module("app.reports.policy").TABLE)
    app.register_blueprint(import_module("app.reports.views").blueprint)
