"""The page that adds up what the elements of a request cost, and shares them together: each is charged for itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.accounts.views.common import tell
from app.bookings import service
from app.bookings.bundles import get_bundle
from app.bookings.cost_forms import SharingForm, sharing_form
from app.bookings.costs import Costs, find_all_costs
from app.bookings.errors import BookingNotFound
from app.bookings.goods import Sold, goods_of
from app.bookings.models import Booking, Bundle
from app.bookings.paid_directly import all_paid_directly, paid_directly, total_of, unreckoned_among
from app.bookings.policy import BookingPermission as P
from app.bookings.rules import LOST
from app.bookings.views import blueprint
from app.bookings.views.borne import borne_rows
from app.bookings.views.bundles import whole_of
from app.bookings.views.common import page_of, page_of_bundle
from app.bookings.views.dressed import dress_of
from app.bookings.words import cost_words, when_words
from app.bookings.words.costs import (
    costs_standing,
    foreseen_words,
    goods_standing,
    is_nothing_due,
    party_words,
    total_words,
)
from app.core.errors import DomainError, Forbidden, NotFound
from app.core.policy import can
from app.payments.models import CostParty, PartyState
from app.payments.queries import payers_in
from app.payments.service.outlook import Outlook, Total, look_at, offered_to, total_in
from app.payments.tariffs.estimate_words import aside_words, estimate_fact
from app.web.errors import status_of
from app.web.format import money
from app.web.guards import allowed
from app.web.identity import current_actor
from app.web.page import page
from app.web.words import explain


@dataclass(frozen=True)
class BundleCosts:
    """A request for several resources, and what its elements and its goods cost, as far as the reader may see it."""

    bundle: Bundle
    elements: list[Costs]
    goods: list[Sold]
    unreckoned: list[Booking]  # what can still take place without us, as far as the reader may see it
    is_whole: bool = True  # nothing of it is kept from the reader

    @property
    def costs(self) -> list[Costs | Sold]:
        """All of it: what is carried comes first."""
        return [*self.goods, *self.elements]

    @property
    def shared(self) -> list[Costs | Sold]:
        """What has a price and is not charged yet: it can be shared, and answered."""
        wanted = [each for each in self.elements if each.booking.decision not in LOST]
        parts: list[Costs | Sold] = [*self.goods, *(each for each in wanted if not is_nothing_due(each))]
        return [each for each in parts if each.plan.is_priced and not each.plan.is_closed]


def seen_bundle_costs(bundle_ref: str) -> BundleCosts:
    """Load what a request costs; whoever may see none of it is told the same as where there is nothing."""
    actor = current_actor()
    if not actor.is_signed_in:
        raise Forbidden(signed_in=False)
    bundle = get_bundle(bundle_ref)
    wanted = [leg for leg in bundle.legs if leg.leg_number is not None]
    elements, goods = find_all_costs(wanted), goods_of(bundle.id)
    seen = [each for each in elements if can(actor, P.SEE_COSTS, each)]
    seen_goods = [each for each in goods if can(actor, P.SEE_GOODS_COSTS, each)]
    is_whole = len(seen) + len(seen_goods) == len(elements) + len(goods)
    unreckoned = [each for each in unreckoned_among(wanted, elements) if can(actor, P.SEE, each)]
    subject = BundleCosts(bundle, seen, seen_goods, unreckoned, is_whole)
    if not subject.costs or not can(actor, P.SEE_BUNDLE_COSTS, subject):
        raise BookingNotFound(ref=bundle_ref)
    return subject


@blueprint.get("/demandes/<bundle_ref>/couts")
@allowed(P.SEE_BUNDLE_COSTS, load=seen_bundle_costs)
def bundle_costs(subject: BundleCosts) -> Response:
    """Show what each element costs, and who bears how much of all of them; a page of its own goes before."""
    dress = dress_of(whole_of(subject.bundle))
    return redirect(dress.costs_url) if dress else costs_page(subject)


@blueprint.post("/demandes/<bundle_ref>/couts/partage")
@allowed(P.SEE_BUNDLE_COSTS, load=seen_bundle_costs)
def share_bundle_costs(subject: BundleCosts) -> Response:
    """Share all elements alike, and ask each organisation once."""
    if not _may_share(subject):
        raise Forbidden(permission=str(P.SHARE_COSTS), signed_in=True)
    known = payers_in(subject.bundle.territory_id)
    form, ids = sharing_form(subject.shared[0].plan, known), {each.public_id: each.id for each in known}
    wanted = form.read(subject.bundle.organisation_id, ids)
    if wanted is None:
        return costs_page(subject, form, status=422)
    ref = subject.bundle.ref
    try:
        service.share_bundle_costs(
            subject.bundle.id, current_actor(), wanted.kind, wanted.parts, wanted.residual_id
        )
    except (Forbidden, NotFound):
        raise
    except DomainError as error:
        form.refuse(str(error.facts.get("field", "")), explain(error))
        return costs_page(seen_bundle_costs(ref), form, status=status_of(error))
    flash(_("Saved. Whoever bears more than before is asked by e-mail, once for all elements."), "success")
    return redirect(url_for("bookings.bundle_costs", bundle_ref=ref), 303)


@blueprint.post("/demandes/<bundle_ref>/couts/reponse")
@allowed(P.SEE_BUNDLE_COSTS, load=seen_bundle_costs)
def answer_bundle_costs(subject: BundleCosts) -> Response:
    """Say yes or no to what is asked of an organisation; or yes after all to what it had declined."""
    bundle_id, ref, accepts = subject.bundle.id, subject.bundle.ref, request.form.get("reponse") == "oui"
    known = {
        party.organisation.public_id: party.organisation_id
        for each in subject.shared
        for party in each.plan.parties
    }
    organisation = known.get(request.form.get("structure", ""))
    if organisation is None:
        raise NotFound(kind="cost_party")
    said = _("Accepted. Your organisation bears these parts.") if accepts else _("Declined.")
    seen, was = request.form.get("vu", -1, type=int), PartyState.INVITED
    if accepts and request.form.get("etait") == PartyState.DECLINED:
        was = PartyState.DECLINED
    tell(
        lambda: service.answer_bundle_costs(
            bundle_id, current_actor(), organisation, accepts=accepts, seen_cents=seen, was=was
        ),
        said,
    )
    return redirect(url_for("bookings.bundle_costs", bundle_ref=ref), 303)


# -- the page -----------------------------------------------------------------------------------------------


def _may_share(subject: BundleCosts) -> bool:
    actor, shared = current_actor(), subject.shared
    return bool(shared) and all(can(actor, P.SHARE_COSTS, each) for each in shared)


def costs_page(subject: BundleCosts, sharing: SharingForm | None = None, status: int = 200) -> Response:
    """Render what a request costs, as the present reader may know it, with the form that was refused, if any."""
    elements = [each for each in subject.elements if not is_nothing_due(each)]
    due: list[Costs | Sold] = [*subject.goods, *elements]
    looked = [(each, look_at(each.plan, each.told)) for each in due]
    currency = looked[0][1].currency if looked else "EUR"
    bundle, form = subject.bundle, sharing
    if form is None and _may_share(subject):
        form = sharing_form(subject.shared[0].plan, payers_in(bundle.territory_id))
    is_seen = can(current_actor(), P.SEE_BUNDLE, bundle)
    return page(
        "bookings/bundle_costs.html",
        status=status,
        bundle=bundle,
        bundle_url=page_of_bundle(bundle) if is_seen else "",
        dress=dress_of(whole_of(bundle)) if is_seen else None,
        legs=[
            *(_part_words(costs, outlook) for costs, outlook in looked),
            *map(_unreckoned_words, subject.unreckoned),
        ],
        total=_in_all([outlook for _costs, outlook in looked], subject.unreckoned, currency),
        is_whole=subject.is_whole,
        borne=borne_rows((share for _costs, outlook in looked for share in outlook.shares), currency),
        parties=_parties(subject),
        answers=_answers(subject, currency),
        sharing=form,
    )


def _unreckoned_words(leg: Booking) -> dict[str, Any]:
    """Write an element for which nothing is reckoned: free of charge, or at the price that is shown, without us."""
    found, price = paid_directly(leg), cost_words(leg.resource)
    return {
        "name": leg.resource.name,
        "when": when_words(leg.span, leg.resource.site.timezone),
        "href": page_of(leg),
        "state": "–",
        "amount": estimate_fact(found, {}) or price,
        "foreseen": _("%(price)s, as shown: paid directly to the place", price=price) if found else "",
    }


@dataclass(frozen=True)
class Answer:
    """What an organisation can say of elements that it is asked to share, or of those it has declined."""

    structure: str
    name: str
    state: PartyState
    parts: list[tuple[str, str]]  # each element and what it would bear of it
    cents: int
    total: str


def _answers(subject: BundleCosts, currency: str) -> list[Answer]:
    """List for whom the reader can answer, and what they would bear as things stand: what is asked first."""
    actor = current_actor()
    found: dict[tuple[PartyState, str], list[tuple[Costs | Sold, CostParty, int]]] = {}
    for costs in subject.shared:
        waiting = [
            party
            for party in costs.plan.parties
            if party.state != PartyState.ACCEPTED and actor.keeps_accounts_of(party.organisation_id)
        ]
        for party in waiting:
            key = PartyState(party.state), party.organisation.public_id
            found.setdefault(key, []).append((costs, party, offered_to(costs.plan, costs.told, party)))
    return [
        Answer(
            structure,
            parts[0][1].organisation.name,
            state,
            [(costs.name, money(cents, currency)) for costs, _party, cents in parts],
            total := sum(cents for _costs, _party, cents in parts),
            money(total, currency),
        )
        for (state, structure), parts in sorted(
            found.items(), key=lambda item: item[0][0] != PartyState.INVITED
        )
    ]


def _parties(subject: BundleCosts) -> list[str]:
    """Say where each organisation stands that was asked to share what is not charged yet: once where that is alike."""
    said: dict[int, dict[str, list[str]]] = {}
    for each in subject.shared:
        for party in each.plan.parties:
            if party.organisation_id != each.plan.organisation_id:
                words = party_words(party, each.plan.organisation.name)
                said.setdefault(party.organisation_id, {}).setdefault(words, []).append(each.name)
    return [
        words if len(theirs) == 1 else _("%(name)s: %(why)s", name=", ".join(names), why=words)
        for theirs in said.values()
        for words, names in theirs.items()
    ]


def _in_all(outlooks: Sequence[Outlook], unreckoned: Sequence[Booking], currency: str) -> str:
    """Add them up, and what is paid directly, which is told apart; what is measured afterwards comes on top."""
    aside = all_paid_directly(unreckoned)
    total = total_in([*(each.total for each in outlooks), *total_of(aside)])
    return " · ".join([total_words(total or Total(0, 0, currency)), *aside_words(aside)])


def _part_words(costs: Costs | Sold, outlook: Outlook) -> dict[str, Any]:
    if isinstance(costs, Sold):
        href, state = url_for(costs.endpoint, **costs.values), goods_standing(costs)
    else:
        href = url_for("bookings.costs", ref=costs.booking.ref)
        state = costs_standing(costs, outlook)[0]
    return {
        "name": costs.name,
        "when": when_words(costs.span, costs.zone),
        "href": href,
        "state": state,
        "amount": money(outlook.cents, outlook.currency) if outlook.cents else total_words(outlook.total),
        "foreseen": foreseen_words(outlook.foreseen),
    }
