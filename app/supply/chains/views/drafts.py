"""Chains that are still to be asked for: on the list of chains, and on the page of what they are for."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import url_for
from flask_babel import gettext as _

from app.bookings.bundles import Whole, wholes
from app.bookings.policy import named_among, seen_among
from app.bookings.views.bundle_cards import whole_line
from app.bookings.words import Card, names_words
from app.catalogue.naming import label_of
from app.core.policy import Actor
from app.core.span import Span
from app.supply.chains.links import prepare_draft_url
from app.supply.chains.models import Chain, ChainDraft
from app.supply.chains.queries import chains_from, draft_for, drafts_of, left_of
from app.supply.chains.rules import Origin
from app.supply.chains.views.lost import chain_standing, lost_parts
from app.supply.chains.views.origins import ways_back
from app.supply.chains.words import carried_rows, carried_words, product_words
from app.supply.offers.models import SurplusClaim
from app.web.format import span_words


@dataclass(frozen=True)
class Drafted:
    """What there is of chains for something: those that were asked for, and where the next one is prepared."""

    chains: Sequence[Card]
    prepare: str = ""

    @property
    def prepare_label(self) -> str:
        """Say what is prepared."""
        return _("Prepare another chain for the rest") if self.chains else _("Prepare the chain")


def drafted(origin: Origin, actor: Actor) -> Drafted:
    """Read the chains of something that somebody may see; members of the organisation prepare what is left."""
    chains, draft = chains_from([origin])[origin], draft_for(origin)
    known = wholes(chain.bundle_id for chain in chains)
    seen = seen_among(actor, [whole.bundle for whole in known.values()])
    cards = chain_cards([(each, known[each.bundle_id]) for each in chains if each.bundle_id in seen], actor)
    if draft is None or not actor.belongs_to(draft.organisation_id):
        return Drafted(cards)
    left = left_of(draft, chains)
    return Drafted(cards, prepare_draft_url(draft, left) if left else "")


def chain_cards(chains: Sequence[tuple[Chain, Whole]], actor: Actor) -> list[Card]:
    """Write chains as the cards of a list."""
    named = named_among(actor, [leg for _chain, whole in chains for leg in whole.shown])
    lost = lost_parts(chain for chain, _whole in chains)
    return [_card(chain, whole, actor, named, lost) for chain, whole in chains]


def _card(
    chain: Chain, whole: Whole, actor: Actor, named: Collection[int], lost: Mapping[str, SurplusClaim]
) -> Card:
    standing = chain_standing(chain, whole, actor, lost)
    names = names_words([leg for leg in whole.shown if leg.id in named])
    return whole_line(whole, names)._replace(
        href=url_for("chains.show", chain_ref=whole.bundle.ref),
        resource=whole.bundle.purpose,
        site=carried_words(chain),
        when=standing.title,
        state=standing.state,
    )


def to_prepare(actor: Actor) -> list[dict[str, Any]]:
    """List what somebody's organisations have still to ask for."""
    drafts = drafts_of(actor.memberships)
    origins = [each.origin for each in drafts]
    asked, ways = chains_from(origins), ways_back(origins, actor)
    left = [(each, left_of(each, asked[each.origin])) for each in drafts]
    is_one = len(actor.memberships) == 1
    return [
        _row(draft, grams, named=not is_one) | {"origin": ways.get(draft.origin)}
        for draft, grams in left
        if grams
    ]


def _row(draft: ChainDraft, grams: int, *, named: bool) -> dict[str, Any]:
    cargo = draft.cargo.of(grams)
    zone = draft.organisation.territory.timezone
    loading = (_("To be loaded"), span_words(Span(draft.from_at, draft.until_at), zone), "clock")
    to = (_("Brought to"), draft.to_site.name, "pin") if draft.to_site else None
    whose = (_("For"), draft.organisation.name, "building") if named else None
    rows = carried_rows(draft.product, cargo, from_words(draft))[1:]
    return {
        "ref": draft.public_id,
        "title": product_words(draft.product, cargo),
        "standing": _("weighed or ordered") if draft.is_exact else _("expected"),
        "state": "approved" if draft.is_exact else "pending",
        "facts": [*rows, loading, *(row for row in (to, whose) if row)],
        "prepare": prepare_draft_url(draft, grams),
    }


def from_words(draft: ChainDraft) -> str:
    """Say where it is fetched, and that its commune is still to be said where nobody knows it."""
    if not draft.commune_code:
        return _("%(place)s (commune still to be said)", place=draft.place)
    return ", ".join(each for each in (draft.place, label_of(draft.commune_code)) if each)
