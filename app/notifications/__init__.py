"""TELLING PEOPLE: listens to events and queues mail; nobody imports it, save the demo to keep it quiet."""

from importlib import import_module

from flask import Flask


def register(app: Flask) -> None:
    """Plug the room into the application."""
    import_module("app.notifications.tasks")
    import_module("app.notifications.listeners")
    import_module("app.notifications.offers")
    import_module("app.notifications.costs")
    import_module("app.notifications.paying")
    import_module("app.notifications.documents")
    import_module("app.notifications.settling")
    import_module("app.notifications.deposits")
    import_module("app.notifications.surplus")
    import_module("app.notifications.chains")
    import_module("app.notifications.outrun")
    import_module("app.notifications.food_aid")
    import_module("app.notifications.needs")
    import_module("app.notifications.gleanings")
    import_module("app.notifications.purchases")
    import_module("app.notifications.handovers")
    import_module("app.notifications.incidents")
    import_module("app.notifications.recalled")
