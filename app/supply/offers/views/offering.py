"""Offering something, and correcting what is offered: one form."""

from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.accounts.models import Organisation
from app.core.errors import DomainError, Forbidden, NotFound
from app.core.policy import Actor, can
from app.supply.cargo_words import kilos
from app.supply.edits import ChangedMeanwhile
from app.supply.offers import queries, service
from app.supply.offers.forms import OfferForm
from app.supply.offers.models import SurplusOffer
from app.supply.offers.policy import OfferPermission as P
from app.supply.offers.queries import Viewed
from app.supply.offers.service import NewOffer
from app.supply.offers.views import blueprint
from app.supply.offers.views.loading import seen
from app.web.errors import status_of
from app.web.guards import allowed
from app.web.identity import current_actor
from app.web.page import page
from app.web.words import explain

_MOST_UPLOADED = 32 * 1024 * 1024  # beyond our own limit, so that the refusal is in words
Done = tuple[str, str]  # the reference of an offer, and what is said of it
_UPLOADS = ("surplus.post", "surplus.save")


@blueprint.url_value_preprocessor
def expect_large_photos(endpoint: str | None, _values: dict[str, object] | None) -> None:
    """Let a photo above our limit arrive whole, so that its form can say so and keep the text."""
    if endpoint in _UPLOADS:
        request.max_content_length = _MOST_UPLOADED


@blueprint.get("/surplus/proposer")
@allowed(P.POST)
def propose() -> Response:
    """Show the form, filled in as usual, or as an earlier offer (`comme`)."""
    ours = _acting_for(current_actor())
    form, sites = OfferForm(formdata=None), queries.sites_of(ours.id)
    form.prepare(ours, sites)
    form.begin(ZoneInfo(ours.territory.timezone))
    again = _again(request.args.get("comme", ""))
    if again is not None:
        form.repeat(again, sites)
    return _page(form, ours)


@blueprint.post("/surplus/proposer")
@allowed(P.POST)
def post() -> Response:
    """Offer it."""
    ours = _acting_for(current_actor())
    key = (request.form.get("once") or "")[:80] or None

    def act(new: NewOffer, photo: str | None, _seen: int | None) -> Done:
        said = _("Offered. The organisations around that are interested in it are told by e-mail.")
        return service.post(current_actor(), ours.id, new, key, photo).public_id, said

    return _save(ours, act)


@blueprint.get("/surplus/<ref>/modifier")
@allowed(P.KEEP, load=seen)
def change(viewed: Viewed) -> Response:
    """Show an offer in the form, to correct it."""
    offer = viewed.offer
    return _page(_as_it_stands(offer), offer.organisation, offer)


@blueprint.post("/surplus/<ref>/modifier")
@allowed(P.KEEP, load=seen)
def save(viewed: Viewed) -> Response:
    """Correct it."""
    offer, ref = viewed.offer, viewed.offer.public_id
    offer_id = offer.id

    def act(new: NewOffer, photo: str | None, seen_edit: int | None) -> Done:
        is_told = service.change(current_actor(), offer_id, new, photo, seen_edit)
        return ref, _("Saved. Who took a part of it is told by e-mail.") if is_told else _("Saved.")

    return _save(offer.organisation, act, offer)


def _save(
    ours: Organisation,
    act: Callable[[NewOffer, str | None, int | None], Done],
    offer: SurplusOffer | None = None,
) -> Response:
    form, sites = OfferForm(), queries.sites_of(ours.id)
    form.prepare(ours, sites)
    is_valid = form.validate()
    _keep_photo(form)
    if not is_valid or form.errors:
        return _page(form, ours, offer, 422)
    try:
        ref, said = act(form.offered(ours, sites, offer), form.kept.data or None, form.seen)
    except (Forbidden, NotFound):
        raise
    except ChangedMeanwhile as error:
        now = seen(offer.public_id if offer else "").offer
        form.refuse_undoing(error, _as_it_stands(now))
        return _page(form, now.organisation, now, status_of(error))
    except DomainError as error:
        form.refuse(str(error.facts.get("field", "")), explain(error))
        return _page(form, _again_loaded(ours), offer and seen(offer.public_id).offer, status_of(error))
    flash(said, "success")
    return redirect(url_for("surplus.show", ref=ref), 303)


def _as_it_stands(offer: SurplusOffer) -> OfferForm:
    """Give the form with an offer as it holds now."""
    form, sites = OfferForm(formdata=None), queries.sites_of(offer.organisation_id)
    form.prepare(offer.organisation, sites)
    form.show(offer, sites, ZoneInfo(offer.territory.timezone))
    return form


def _keep_photo(form: OfferForm) -> None:
    """Keep the photo that was sent, so that whatever has to be corrected it need not be chosen again."""
    content, known = form.upload(), form.kept.data or ""
    try:
        known = service.keep_photo(content) if content else known
    except DomainError as error:
        known = ""
        form.refuse("photo", explain(error))
    form.kept.data = known if service.is_kept(known) else ""


def _acting_for(actor: Actor) -> Organisation:
    found = queries.find_organisation(actor.acting_for)
    if found is None:
        raise NotFound(kind="organisation")
    return found


def _again_loaded(ours: Organisation) -> Organisation:
    return queries.find_organisation(ours.id) or ours


def _again(ref: str) -> SurplusOffer | None:
    """Find an earlier offer of one's own to begin with; nothing where it is another's, or is not."""
    try:
        viewed = queries.get_viewed(ref[:20], current_actor())
    except NotFound:
        return None
    return viewed.offer if can(current_actor(), P.KEEP, viewed) else None


def _page(
    form: OfferForm, ours: Organisation, offer: SurplusOffer | None = None, status: int = 200
) -> Response:
    facts: dict[str, Any] = {"form": form, "ours": ours, "products": queries.products_of(ours.id)}
    if offer is None:
        return page("supply/offers/form.html", status=status, **facts, offer=None, taken=0)
    taken = offer.grams - queries.left_of(offer)
    return page(
        "supply/offers/form.html", status=status, **facts, offer=offer, taken=taken, taken_words=kilos(taken)
    )
