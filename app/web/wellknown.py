"""What programs look for at addresses of their own: crawlers, security researchers, phones' home screens."""

from datetime import timedelta

from flask import Blueprint, Response, abort, current_app, jsonify, redirect
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from app.core import clock
from app.web.guards import public
from app.web.i18n import locale_of_request
from app.web.static import static_url
from config import Config

blueprint = Blueprint("wellknown", __name__)
# Pages behind a door, links that are secrets, and searches without end.
_NOT_FOR_CRAWLERS = (
    "/a-traiter", "/agendas/", "/agir-pour", "/api/", "/communes", "/compte", "/connexion", "/courriel-envoye/", "/d/",
    "/dev/", "/gerer", "/inscription/", "/invitation/", "/moi", "/mot-de-passe/", "/pat", "/planning", "/reservations/",
    "/ressources?*", "/ressources/*?", "/ressources/*/creneau", "/ressources/*/demander", "/surplus", "/besoins",
    "/glanages", "/achats-groupes",
)  # fmt: skip
_SECURITY_LIFE = timedelta(days=180)
_DAY = "public, max-age=86400"


def _text(lines: list[str]) -> Response:
    response = Response("\n".join([*lines, ""]), mimetype="text/plain")
    response.headers["Cache-Control"] = _DAY
    return response


@blueprint.get("/robots.txt")
@public
def robots() -> Response:
    """Tell crawlers which addresses are not for them."""
    return _text(["User-agent: *", *(f"Disallow: {path}" for path in _NOT_FOR_CRAWLERS)])


@blueprint.get("/.well-known/security.txt")
@public
def security() -> Response:
    """Tell whom to write to about a weakness (RFC 9116), where this installation names somebody."""
    config: Config = current_app.config["MUTUALIM"]
    if not config.security_contact:
        abort(404)
    expires = (clock.now() + _SECURITY_LIFE).replace(microsecond=0)
    return _text(
        [
            f"Contact: mailto:{config.security_contact}",
            f"Expires: {expires:%Y-%m-%dT%H:%M:%SZ}",
            "Preferred-Languages: fr, en",
            f"Canonical: {config.base_url}/.well-known/security.txt",
        ]
    )


@blueprint.get("/manifest.webmanifest")
@public
def manifest() -> Response:
    """Let a phone keep Mutualim on its home screen."""
    response = jsonify(
        id="/",
        name="Mutualim",
        short_name="Mutualim",
        description=_("Share the places and tools that feed the territory."),
        lang=locale_of_request(),
        start_url="/",
        scope="/",
        display="standalone",
        background_color="#fbf6ec",
        theme_color="#fbf6ec",
        icons=[_icon("favicon.svg", "image/svg+xml", "any"), _icon("icon-512.png", "image/png", "512x512")],
    )
    response.mimetype = "application/manifest+json"
    response.headers["Cache-Control"] = "private, max-age=86400"  # its words are in the reader's language
    return response


def _icon(path: str, mimetype: str, sizes: str) -> dict[str, str]:
    return {"src": static_url(path), "type": mimetype, "sizes": sizes}


@blueprint.get("/favicon.ico")
@public
def favicon() -> BaseResponse:
    """Send browsers that guess the address of our picture to where it is."""
    return redirect(static_url("icon-180.png"), 302)
