"""The way to chains from pages of the rooms below, which ask for it by name in their templates."""

from flask import url_for

from app.core.policy import can
from app.supply.chains.policy import ChainPermission
from app.supply.chains.views import blueprint
from app.web.identity import current_actor


def chains_url() -> str | None:
    """Give the address of the page that proposes chains; None for whoever acts for no organisation."""
    actor = current_actor()
    is_for_them = bool(actor.memberships) and can(actor, ChainPermission.PREPARE)
    return url_for("chains.prepare") if is_for_them else None


blueprint.app_context_processor(lambda: {"chains_url": chains_url})
