"""What every page may ask about money: whether there is any, so that nothing of it shows where there is none."""

from flask import Flask

from app.accounts.identity import reach
from app.payments.queries import has_money
from app.web.identity import current_actor


def init_app(app: Flask) -> None:
    """Let templates ask."""
    app.jinja_env.globals["coordinates_money"] = coordinates_money


def coordinates_money() -> bool:
    """Tell whether the reader coordinates a territory that reckons with money."""
    return any(has_money(territory_id) for territory_id in reach(current_actor()))
