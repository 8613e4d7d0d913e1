"""Gleanings as the pages of chains name them."""

from collections.abc import Collection, Mapping

from flask import url_for

from app.core.policy import Actor
from app.supply.chains.views.origins import Way, drafts
from app.supply.gleanings import queries
from app.supply.gleanings.rules import DRAFTED_AS
from app.supply.gleanings.words import title_words


@drafts(DRAFTED_AS)
def _ways(refs: Collection[str], actor: Actor) -> Mapping[str, Way]:
    """Lead to the gleanings that somebody may see."""
    return {
        each.public_id: Way(title_words(each), url_for("gleanings.show", ref=each.public_id))
        for each in queries.seen_among(refs, actor)
    }
