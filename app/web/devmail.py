"""The e-mails of a development installation, to read and click without a mail server. Never in production."""

import re

from flask import Blueprint, Response, current_app
from werkzeug.wrappers import Response as BaseResponse

from app.core.errors import NotFound
from app.infra import mail
from app.web.guards import public
from app.web.page import page
from config import Config

blueprint = Blueprint("devmail", __name__, url_prefix="/dev/courriels")
_NAME = re.compile(r"\d{8}T\d{12}-[0-9a-f]{8}")


def _config() -> Config:
    config: Config = current_app.config["MUTUALIM"]
    return config


@blueprint.get("")
@public
def index() -> Response:
    """List the e-mails that would have left."""
    return page("web/devmail.html", letters=mail.kept(_config().mail_dir)[:200], letter=None)


@blueprint.get("/<name>")
@public
def read(name: str) -> BaseResponse:
    """Show one e-mail, its links live."""
    path = _config().mail_dir / f"{name}.eml"
    if not _NAME.fullmatch(name) or not path.is_file():
        raise NotFound(kind="letter", id=name)
    return page("web/devmail.html", letters=[], letter=mail.read_kept(path))
