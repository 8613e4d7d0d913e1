"""Group purchases as the pages of chains name them."""

from collections.abc import Collection, Mapping

from flask import url_for
from flask_babel import gettext as _

from app.core.policy import Actor
from app.supply.chains.views.origins import Way, drafts
from app.supply.purchases import queries
from app.supply.purchases.rules import DRAFTED_AS


@drafts(DRAFTED_AS)
def _ways(refs: Collection[str], actor: Actor) -> Mapping[str, Way]:
    """Lead to the purchases that somebody may see."""
    return {
        each.public_id: Way(
            _("Group purchase: %(what)s", what=each.product), url_for("purchases.show", ref=each.public_id)
        )
        for each in queries.seen_among(refs, actor)
    }
