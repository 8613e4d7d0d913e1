"""Whether the application lives, for whoever watches it."""

from flask import Blueprint
from sqlalchemy import text

from app.infra.db import db
from app.web.guards import public

blueprint = Blueprint("health", __name__)


@blueprint.get("/sante")
@public
def health() -> dict[str, str]:
    """Answer ok when the database answers."""
    db.session.execute(text("SELECT 1"))
    return {"status": "ok"}
