"""The pages every site owes its readers: who answers for it, what it keeps of people, how accessible it is."""

from typing import Any

from flask import Blueprint, Flask, Response, current_app, url_for

from app.web.guards import public
from app.web.page import page
from app.web.statement import Statement, read_statement, status_words
from config import Config

blueprint = Blueprint("legal", __name__)
_KEY = "mutualim.accessibility"


def _config() -> Config:
    config: Config = current_app.config["MUTUALIM"]
    return config


def _statement() -> Statement:
    statement: Statement = current_app.extensions[_KEY]
    return statement


def missing_facts(config: Config) -> list[str]:
    """Name the settings that the legal pages need and this installation has not given."""
    facts = {
        "PUBLISHER": config.publisher,
        "PUBLISHER_CONTACT": config.publisher_contact,
        "PUBLICATION_DIRECTOR": config.publication_director,
        "HOSTING": config.hosting,
    }
    return [name for name, value in facts.items() if not value]


@blueprint.get("/accessibilite")
@public
def accessibility() -> Response:
    """Show the accessibility statement: status, what was tested, what is wrong, whom to tell, remedies."""
    return _legal_page("web/accessibility.html", statement=_statement(), site=_config().base_url)


@blueprint.get("/mentions-legales")
@public
def notice() -> Response:
    """Show who publishes and hosts this site, and the licence of the software."""
    return _legal_page(
        "web/notice.html", missing=missing_facts(_config()) if _config().is_development else []
    )


@blueprint.get("/confidentialite")
@public
def privacy() -> Response:
    """Show what is kept of people, why, how long, and what they may ask."""
    settings = current_app.config
    device = settings.get(
        "REMEMBER_COOKIE_NAME", "remember_token"
    )  # the name that Flask-Login gives by itself
    return _legal_page(
        "web/privacy.html", cookies={"visit": settings["SESSION_COOKIE_NAME"], "device": device}
    )


def _legal_page(template: str, **context: Any) -> Response:
    return page(template, about=_config(), **context)


def _footer() -> dict[str, str]:
    return {
        "accessibility_status": status_words(_statement().status),
        "source_url": _config().source_url or f"{url_for('legal.notice')}#source",
    }


def init_app(app: Flask) -> None:
    """Serve the pages and give every footer its facts; a statement that cannot be read stops the start."""
    app.extensions[_KEY] = read_statement(app.config["MUTUALIM"].data_dir)
    app.context_processor(_footer)
    app.register_blueprint(blueprint)
