"""Entering a lot: from nothing, from a chain, from a part of an offer, or made of another lot."""

from dataclasses import dataclass
from typing import Any

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.accounts.models import Organisation
from app.bookings.models import Bundle
from app.core.errors import DomainError, Forbidden, NotFound
from app.core.policy import Actor, can
from app.supply.cargo_words import kilos
from app.supply.chains.models import Chain
from app.supply.lots import queries, service
from app.supply.lots.forms import LotForm, MadeForm
from app.supply.lots.policy import LotPermission as P
from app.supply.lots.queries import Found
from app.supply.lots.views import blueprint
from app.supply.lots.views.chain import entered_lines
from app.supply.lots.views.loading import find_seen_chain
from app.web.errors import status_of
from app.web.guards import allowed
from app.web.identity import current_actor
from app.web.page import page
from app.web.words import explain


@dataclass(frozen=True)
class _Begun:
    """What the form begins with: a chain that carries it, or the lot it is made of."""

    chain: tuple[Bundle, Chain] | None = None
    source: Found | None = None

    @property
    def args(self) -> dict[str, str]:
        """Give what the address says of it."""
        if self.chain is not None:
            return {"filiere": self.chain[0].ref}
        return {"de": self.source.lot.public_id} if self.source else {}

    @property
    def facts(self) -> dict[str, Any]:
        """Give what the lot knows by it."""
        if self.chain is not None:
            bundle, chain = self.chain
            return {"bundle_id": bundle.id, "surplus_claim_ref": chain.surplus_claim_ref}
        return {"bundle_id": self.source.lot.bundle_id} if self.source else {}


@blueprint.get("/lots/nouveau")
@allowed(P.ENTER)
def begin() -> Response:
    """Show the form, filled with what is known."""
    begun, ours = _begun(), _ours(current_actor())
    form = _form(begun, ours, formdata=None)
    form.begin(_first(ours), queries.today_in(ours[0].territory))
    if begun.chain is not None:
        form.carry(begun.chain[1], queries.find_giver_of(begun.chain[1]))
    if begun.source is not None:
        form.make_of(begun.source)
    return _page(form, begun, ours)


@blueprint.post("/lots/nouveau")
@allowed(P.ENTER)
def enter() -> Response:
    """Enter it."""
    begun, ours = _begun(), _ours(current_actor())
    form = _form(begun, ours)
    if not form.validate():
        return _page(form, begun, ours, 422)
    try:
        lot = _enter(form, begun, ours)
    except (Forbidden, NotFound):
        raise
    except DomainError as error:
        form.refuse(str(error.facts.get("field", "")), explain(error))
        return _page(form, _begun(), _ours(current_actor()), status_of(error))
    flash(_("Entered."), "success")
    return redirect(url_for("lots.show", lot_ref=lot), 303)


def _enter(form: LotForm, begun: _Begun, ours: list[Organisation]) -> str:
    holder = next(each for each in ours if each.public_id == form.organisation.data)
    origins = queries.organisations_in(holder.territory_id)
    new = form.entered(origins, queries.stores_in(holder.territory_id), **begun.facts)
    key = (form.once.data or "")[:80] or None
    if isinstance(form, MadeForm) and begun.source is not None:
        used = {begun.source.lot.id: form.used.grams}
        return service.make(current_actor(), holder.id, new, used, key).public_id
    is_more = bool(form.is_more.data)
    return service.enter(current_actor(), holder.id, new, key, is_more=is_more).public_id


def _begun() -> _Begun:
    """Read from the address what the form begins with; what somebody may not use is as if it were not there."""
    ref, source = request.args.get("filiere", ""), request.args.get("de", "")[:20]
    chain = find_seen_chain(ref) if ref else None
    if chain is not None:
        return _Begun(chain)
    found = queries.lots_named([source], list(current_actor().memberships)) if source else []
    return _Begun(None, found[0] if found and can(current_actor(), P.KEEP, found[0].lot) else None)


def _ours(actor: Actor) -> list[Organisation]:
    return [*queries.organisations_by_id(list(actor.memberships))]


def _first(ours: list[Organisation]) -> Organisation:
    acting = current_actor().acting_for
    return next((each for each in ours if each.id == acting), ours[0])


def _form(begun: _Begun, ours: list[Organisation], **given: Any) -> LotForm:
    form: LotForm = MadeForm(**given) if begun.source else LotForm(**given)
    if begun.source is not None:
        ours = [begun.source.lot.organisation]
    first = _first(ours)
    form.prepare(ours, queries.organisations_in(first.territory_id), queries.stores_in(first.territory_id))
    return form


def _page(form: LotForm, begun: _Begun, ours: list[Organisation], status: int = 200) -> Response:
    source = begun.source
    entered = entered_lines(begun.chain[0]) if begun.chain else []
    if not entered:
        form.tell_first()
    return page(
        "supply/lots/form.html",
        status=status,
        form=form,
        args=begun.args,
        chain=begun.chain[0] if begun.chain else None,
        source=source.lot if source else None,
        left=kilos(source.free) if source else "",
        entered=entered,
        products=queries.products_of([each.id for each in ours]),
        ours=ours,
    )
