"""What a chain is wanted for, as the address says it, and what is proposed for it."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import Any

from flask import request
from werkzeug.datastructures import MultiDict

from app.accounts.models import Organisation
from app.bookings.views.for_whom import chosen_of
from app.core.policy import Actor
from app.infra.db import compact_json
from app.supply.chains.candidates import propose
from app.supply.chains.forms import REQUIRED, SENT, WantedForm
from app.supply.chains.models import ChainDraft
from app.supply.chains.planning.plan import Plan
from app.supply.chains.planning.world import Place, Proposals, Wanted
from app.supply.chains.queries import find_draft
from app.supply.chains.views.signed import read_signed, sign
from app.supply.offers import queries as offers
from app.supply.offers.models import SurplusClaim
from app.supply.offers.rules import ClaimState
from app.web.identity import current_actor

_LONGEST = 200


@dataclass
class Preparing:
    """What is wanted, by whom: the form as the address fills it; the part of an offer or the draft that it is."""

    organisations: Sequence[Organisation]
    ours: Organisation
    form: WantedForm
    part: SurplusClaim | None
    is_part_lost: bool = False
    draft: ChainDraft | None = None
    is_draft_lost: bool = False

    @classmethod
    def of_request(cls) -> "Preparing | None":
        """Read it; None for whoever acts for no organisation."""
        actor = current_actor()
        typed = request.args.get("part", "")[:20]
        part = _part(typed, actor)
        named = request.args.get("brouillon", "")[:20]
        draft = _draft(named, actor)
        own = offers.organisations_named(actor.memberships)
        theirs = {each.organisation_id for each in (part, draft) if each is not None}
        organisations = [each for each in own if theirs <= {each.id}]
        ours = chosen_of(organisations)
        if ours is None:
            return None
        lost = {"is_part_lost": bool(typed) and part is None, "is_draft_lost": bool(named) and draft is None}
        return cls(organisations, ours, _form(organisations, ours), part, draft=draft, **lost)

    @property
    def args(self) -> dict[str, str]:
        """Give the fields of the address as they were typed."""
        known = {name: text for name in self.form.data if (text := request.args.get(name, "")[:_LONGEST])}
        if self.part is None:
            known.pop("part", None)
        if self.draft is None:
            known.pop("brouillon", None)
        return known | {"organisation": str(self.ours.id)}

    @property
    def is_asked(self) -> bool:
        """Tell whether enough is said to look for chains, or somebody wants to."""
        return SENT in request.args or all(request.args.get(name) for name in REQUIRED)

    @cached_property
    def wanted(self) -> Wanted | None:
        """Give what is wanted; None where something of it is missing or wrong, which stands beside its field."""
        return self.form.read(self._exactly)

    @property
    def _exactly(self) -> Place | None:
        """Tell where it is to the metre, as long as its commune was not changed."""
        known = self.part.offer if self.part else self.draft
        if known is None or known.point is None or self.form.commune_code != known.commune_code:
            return None
        return Place(*known.point)

    @cached_property
    def proposals(self) -> Proposals:
        """Look for chains; nothing is, before all is said."""
        if self.wanted is None:
            return Proposals(())
        return propose(self.wanted, self.ours, current_actor())

    @cached_property
    def _about(self) -> str:
        """Tell what is wanted apart from all else, as a plan is signed with it."""
        return sha256(compact_json(self.args).encode()).hexdigest()[:24]

    def sign(self, plan: Plan) -> str:
        """Write a plan for this, to be read back."""
        return sign(plan, self._about)

    def read(self, text: str) -> Plan | None:
        """Read a plan that was proposed for this; None for any other."""
        return read_signed(text, self._about)


def _form(organisations: Sequence[Organisation], ours: Organisation) -> WantedForm:
    typed = MultiDict([(name, text[:_LONGEST]) for name, text in request.args.items(multi=True)])
    form = WantedForm(formdata=typed or None)
    form.prepare(organisations, ours, offers.sites_of(ours.id))
    if not request.args.get("date"):
        form.begin()
    return form


def _draft(ref: str, actor: Actor) -> ChainDraft | None:
    """Find the draft that an address names, while it is theirs and can be asked for."""
    found = find_draft(ref) if ref else None
    return found if found is not None and actor.belongs_to(found.organisation_id) else None


def _part(ref: str, actor: Actor) -> SurplusClaim | None:
    """Find the part of an offer that an address names, while it is theirs and still to be collected."""
    found: Any = offers.find_part(ref) if ref else None
    is_theirs = found is not None and actor.belongs_to(found.organisation_id)
    return found if is_theirs and found.state == ClaimState.CLAIMED else None
