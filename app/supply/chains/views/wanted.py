"""What a chain is wanted for, as the address says it, and what is proposed for it."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256

from flask import request
from werkzeug.datastructures import MultiDict

from app.accounts.models import Organisation
from app.accounts.queries import organisations_by_id
from app.bookings.views.for_whom import chosen_of
from app.catalogue.commune_field import CommuneField
from app.infra.db import compact_json
from app.supply.chains.candidates import propose
from app.supply.chains.forms import REQUIRED, SENT, WantedForm
from app.supply.chains.models import ChainDraft
from app.supply.chains.planning.plan import Plan
from app.supply.chains.planning.world import Proposals, Wanted
from app.supply.chains.queries import draft_to_ask, offer_to_carry, part_to_carry, spot_of
from app.supply.chains.signed import read_signed, sign
from app.supply.offers import queries as offers
from app.supply.offers.models import SurplusClaim, SurplusOffer
from app.web.identity import current_actor

_LONGEST = 200


@dataclass
class Preparing:
    """What is wanted, by whom: the form as the address fills it, and what it is, if it is something that is known.

    That is the part of an offer, an offer of who asks (`own`), or the draft of a chain. `lost` are the fields of the
    address that name what is not theirs, or not there any more.
    """

    organisations: Sequence[Organisation]
    ours: Organisation
    form: WantedForm
    part: SurplusClaim | None
    own: SurplusOffer | None = None
    draft: ChainDraft | None = None
    lost: frozenset[str] = frozenset()

    @classmethod
    def of_request(cls) -> "Preparing | None":
        """Read it; None for whoever acts for no organisation."""
        actor = current_actor()
        named = {name: request.args.get(name, "")[:20] for name in ("part", "offre", "brouillon")}
        part = part_to_carry(named["part"], actor)
        own = None if part else offer_to_carry(named["offre"], actor)
        draft = draft_to_ask(named["brouillon"], actor)
        known = {"part": part, "offre": part or own, "brouillon": draft}
        bound = {each.organisation_id for each in known.values() if each is not None}
        theirs = organisations_by_id(actor.memberships)
        organisations = [each for each in theirs if bound <= {each.id}]
        ours = chosen_of(organisations)
        if ours is None:
            return None
        lost = frozenset(name for name, ref in named.items() if ref and known[name] is None)
        return cls(organisations, ours, _form(organisations, ours), part, own, draft, lost)

    @property
    def offer(self) -> SurplusOffer | None:
        """Give the offer of which something is carried."""
        return self.part.offer if self.part else self.own

    @property
    def args(self) -> dict[str, str]:
        """Give the fields of the address as they were typed."""
        known = {name: text for name in self.form.data if (text := self._typed(name))}
        if self.part is None:
            known.pop("part", None)
        if self.draft is None:
            known.pop("brouillon", None)
        if self.own is None:
            known.pop("offre", None)
        return known | {"organisation": str(self.ours.id)}

    def _typed(self, name: str) -> str:
        """Give what the address says of a field; of communes that share a name, the one that was chosen."""
        field = self.form[name]
        text = field.data if isinstance(field, CommuneField) else request.args.get(name)
        return str(text or "")[:_LONGEST]

    @property
    def is_asked(self) -> bool:
        """Tell whether enough is said to look for chains, or somebody wants to."""
        return SENT in request.args or all(request.args.get(name) for name in REQUIRED)

    @cached_property
    def wanted(self) -> Wanted | None:
        """Give what is wanted; None where something of it is missing or wrong, which stands beside its field."""
        return self.form.read(spot_of(self.offer or self.draft, self.form.commune_code))

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
