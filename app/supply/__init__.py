"""FROM FIELD TO PLATE: what producers have too much of, and the chain that takes it to those who need it."""

from flask import Flask

from app.supply.sections import section_tabs


def register(app: Flask) -> None:
    """Plug the room into the application: the tabs of its lists; its rooms within register themselves."""
    app.jinja_env.globals["supply_sections"] = section_tabs
