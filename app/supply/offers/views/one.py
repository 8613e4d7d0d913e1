"""One offer: what there is, what is left of it, and what can be done with it."""

from collections.abc import Callable, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from flask import flash, redirect, request, send_file, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.accounts.food_aid_words import remedy_words, warning_words
from app.accounts.policy import AccountPermission
from app.accounts.queries import food_aid_standings, organisations_by_id
from app.core import clock
from app.core.errors import DomainError, Forbidden, NotFound
from app.core.policy import Actor, can
from app.core.span import to_wall
from app.infra import files
from app.payments.models import CostPlan
from app.supply.cargo_words import kilos
from app.supply.offers import goods, queries, service
from app.supply.offers.forms import ReasonForm, TakeForm
from app.supply.offers.handed import NOTHING, Handed, handed_of, refusal_of
from app.supply.offers.models import SurplusClaim
from app.supply.offers.policy import OfferPermission as P
from app.supply.offers.queries import Viewed
from app.supply.offers.rules import LIVE, ClaimState, State
from app.supply.offers.views import blueprint
from app.supply.offers.views.cards import picture_of
from app.supply.offers.views.loading import part_of, seen
from app.supply.offers.views.onward import ways_of, ways_of_offer
from app.supply.offers.words import claim_standing, left_words, offer_facts, price_words, standing_words
from app.web.errors import status_of
from app.web.format import distance, money
from app.web.guards import allowed
from app.web.identity import current_actor
from app.web.page import page
from app.web.words import explain

Cancelling = tuple[str, ReasonForm]  # the part (reference) that is being cancelled, and what was typed


@blueprint.get("/surplus/<ref>")
@allowed(P.SEE, load=seen)
def show(viewed: Viewed) -> Response:
    """Show an offer."""
    return _page(viewed)


@blueprint.get("/surplus/<ref>/photo/<size>.webp")
@allowed(P.SEE, load=seen)
def photo(viewed: Viewed) -> Response:
    """Show the photo of an offer to whoever may see it."""
    size = str((request.view_args or {})["size"])
    path = files.find(service.SHELF, service.file_name(viewed.offer.photo or "", size))
    if path is None:
        raise NotFound(photo=viewed.offer.public_id)
    response = send_file(path, mimetype="image/webp", etag=(viewed.offer.photo or "")[:32])
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


@blueprint.post("/surplus/<ref>/reserver")
@allowed(P.TAKE, load=seen)
def take(viewed: Viewed) -> Response:
    """Take a part of it."""
    form, offer_id = _take_form(viewed, TakeForm()), viewed.offer.id
    if not form.validate():
        return _page(viewed, taking=form, status=422)
    said = _("It is yours to collect. Who offers it is told by e-mail.")
    return _done(viewed, lambda actor: service.take(actor, offer_id, form.part()), said, "parts", taking=form)


@blueprint.post("/surplus/<ref>/retirer")
@allowed(P.KEEP, load=seen)
def withdraw(viewed: Viewed) -> Response:
    """Offer it no longer."""
    form, offer_id = ReasonForm(), viewed.offer.id
    if not form.validate():
        return _page(viewed, withdrawing=form, status=422)
    is_taken = any(each.state in LIVE for each in queries.claims_of(offer_id))
    said = _("Withdrawn. Who took a part of it reads your reason by e-mail.") if is_taken else _("Withdrawn.")
    reason = form.reason.data or ""
    return _done(viewed, lambda actor: service.withdraw(actor, offer_id, reason), said, withdrawing=form)


@blueprint.post("/surplus/<ref>/parts/<claim_ref>/rendre")
@allowed(P.SEE, load=seen)
def give_back(viewed: Viewed) -> Response:
    """Leave one's part to others."""
    claim_id = _claim(viewed).id
    said = _("Given back: others can take it. Who offers it is told by e-mail.")
    return _done(viewed, lambda actor: service.give_back(actor, claim_id), said)


@blueprint.post("/surplus/<ref>/parts/<claim_ref>/annuler")
@allowed(P.KEEP, load=seen)
def cancel_part(viewed: Viewed) -> Response:
    """Not give a part after all."""
    claim, form = _claim(viewed), ReasonForm()
    if not form.validate():
        return _page(viewed, cancelling=(claim.public_id, form), status=422)
    claim_id, reason = claim.id, form.reason.data or ""
    said = _("Cancelled. Who had taken it reads your reason by e-mail.")
    return _done(viewed, lambda actor: service.cancel_part(actor, claim_id, reason), said)


@blueprint.post("/surplus/<ref>/parts/<claim_ref>/remise")
@allowed(P.KEEP, load=seen)
def collect(viewed: Viewed) -> Response:
    """Note that a part was collected."""
    claim_id = _claim(viewed).id
    return _done(
        viewed, lambda actor: service.collect(actor, claim_id), _("Noted. Who took it is told by e-mail.")
    )


@blueprint.post("/surplus/<ref>/parts/<claim_ref>/remise/erreur")
@allowed(P.KEEP, load=seen)
def uncollect(viewed: Viewed) -> Response:
    """Take back that a part was collected."""
    claim_id = _claim(viewed).id
    said = _("Taken back: it is still to be collected.")
    return _done(viewed, lambda actor: service.uncollect(actor, claim_id), said)


@blueprint.post("/surplus/<ref>/parts/<claim_ref>/remise/contester")
@allowed(P.SEE, load=seen)
def deny(viewed: Viewed) -> Response:
    """Say that one's part was not collected, though it is noted so."""
    claim_id = _claim(viewed).id
    said = _("Said: it is still to be collected. Who offers it is told by e-mail.")
    return _done(viewed, lambda actor: service.deny(actor, claim_id), said)


def _claim(viewed: Viewed) -> SurplusClaim:
    return part_of(viewed, str((request.view_args or {})["claim_ref"]))


def _done(
    viewed: Viewed, act: Callable[[Actor], Any], said: str, onto: str | None = None, **typed: Any
) -> Response:
    """Do it, and lead back to the page: to its part of that name, so that what was done is seen without a script."""
    ref = viewed.offer.public_id
    try:
        act(current_actor())
    except (Forbidden, NotFound):
        raise
    except DomainError as error:
        for form in typed.values():
            form.refuse(str(error.facts.get("field", "")), explain(error))
        trouble = "" if typed else explain(error)
        return _page(seen(ref), trouble=trouble, status=status_of(error), **typed)
    flash(said, "success")
    return redirect(url_for("surplus.show", ref=ref, _anchor=onto), 303)


def _take_form(viewed: Viewed, form: TakeForm) -> TakeForm:
    named = [(each.id, each.name) for each in organisations_by_id(viewed.takers)]
    form.prepare(named, current_actor().acting_for)
    return form


def _fresh(viewed: Viewed, left: int, *, has_one: bool) -> TakeForm:
    """Give the form to take a part, filled with all that is left; who has one already says how much more."""
    form = _take_form(viewed, TakeForm(formdata=None))
    if not has_one:
        form.amount.show(left)
    return form


def _page(
    viewed: Viewed,
    *,
    taking: TakeForm | None = None,
    withdrawing: ReasonForm | None = None,
    cancelling: Cancelling | None = None,
    trouble: str = "",
    status: int = 200,
) -> Response:
    offer, actor = viewed.offer, current_actor()
    claims = queries.claims_of(offer.id)
    taken = sum(each.grams for each in claims if each.state in LIVE)
    left, is_open = offer.grams - taken, offer.is_open_at(clock.now())
    is_own, may_take = can(actor, P.KEEP, viewed), can(actor, P.TAKE, viewed)
    sees_all = can(actor, P.SEE_TAKERS, viewed)
    has_one = any(each.organisation_id in viewed.ours and each.state in LIVE for each in claims)
    shown = [each for each in claims if sees_all or each.organisation_id in viewed.ours]
    if taking is None and may_take and is_open and left:
        taking = _fresh(viewed, left, has_one=has_one)
    if taking is not None:
        taking.price.data = str(offer.price_cents)  # as this page says it, whatever an earlier one did
    parts = _parts(viewed, shown, cancelling, is_own=is_own)
    return page(
        "supply/offers/show.html",
        status=status,
        trouble=trouble,
        offer=offer,
        standing=standing_words(offer, left, is_open=is_open),
        left_words=left_words(offer, left),
        left=left,
        left_kilos=kilos(left),
        taken=taken,
        taken_words=kilos(taken),
        facts_rows=offer_facts(offer, left if is_open else offer.grams, _km(viewed)),
        price=price_words(offer.price_cents),
        is_charged=goods.is_charged(offer),
        picture=picture_of(offer, "large"),
        is_open=is_open,
        is_withdrawn=offer.state == State.WITHDRAWN,
        is_own=is_own,
        ways=ways_of_offer(offer, actor) if is_own else [],
        sees_all=sees_all,
        parts=parts,
        next_way=next((way for part in parts for way in part["ways"] if way.is_next), None),
        taking=taking,
        food_aid=_food_aid(viewed) if may_take and is_open and left and offer.is_gift else [],
        withdrawing=(withdrawing or ReasonForm(formdata=None)) if is_own and is_open else None,
    )


def _parts(
    viewed: Viewed, shown: Sequence[SurplusClaim], cancelling: Cancelling | None, *, is_own: bool
) -> list[dict[str, Any]]:
    """Write the parts that somebody may see, each with its cost and the ways on from it."""
    plans = goods.plans_of(shown)
    ways = ways_of(shown, current_actor())
    notes = handed_of([each.public_id for each in shown])
    written = []
    for each in shown:
        plan = plans.get(each.public_id)
        is_charged = plan is not None and plan.is_closed
        handed = notes.get(each.public_id, NOTHING)
        part = _part(each, viewed, cancelling, handed, is_own=is_own, is_charged=is_charged)
        written.append(part | {"cost": _cost(each, plan), "ways": ways.get(each.public_id, ())})
    return written


def _food_aid(viewed: Viewed) -> list[dict[str, str]]:
    """Warn those who could take it and are not authorised for food aid on the first day to collect it."""
    offer = viewed.offer
    on = to_wall(max(clock.now(), offer.from_at), ZoneInfo(offer.territory.timezone)).date()
    standings = food_aid_standings(viewed.takers, on)
    return [
        {
            "warning": warning_words(standings[each.id], each.name),
            "remedy": remedy_words(standings[each.id]),
            "enter_at": url_for("accounts.authorisation", slug=each.slug)
            if can(current_actor(), AccountPermission.KEEP_AUTHORISATION, each)
            else "",
        }
        for each in organisations_by_id(viewed.takers)
        if not standings[each.id].is_good
    ]


def _km(viewed: Viewed) -> str:
    """Say how far it is from the organisation somebody acts for; nothing where it is their own."""
    ours = queries.find_organisation(current_actor().acting_for)
    if ours is None or ours.id == viewed.offer.organisation_id:
        return ""
    km = queries.nearest(queries.points_of([ours]).get(ours.id, ()), viewed.offer.point)
    return distance(km) if km is not None else ""


def _part(
    claim: SurplusClaim,
    viewed: Viewed,
    cancelling: Cancelling | None,
    handed: Handed,
    *,
    is_own: bool,
    is_charged: bool,
) -> dict[str, Any]:
    """Write a part for who may know of it, with what they may do with it."""
    state, words = claim_standing(claim, handed)
    gone = refusal_of(claim, handed)
    is_waiting, is_collected = claim.state == ClaimState.CLAIMED, claim.state == ClaimState.COLLECTED
    return {
        "ref": claim.public_id,
        "name": claim.organisation.name,
        "phone": claim.organisation.phone if is_own else "",
        "kilos": kilos(claim.grams),
        "amount": money(claim.cents) if claim.price_cents and claim.state in LIVE else "",
        "message": claim.message,
        "reason": claim.reason,
        "state": state,
        "words": words,
        "gone": explain(gone) if gone and claim.state in LIVE else "",
        "may_give_back": is_waiting and gone is None and claim.organisation_id in viewed.ours,
        "may_collect": is_own and is_waiting and claim.offer.from_at <= clock.now(),
        "cancelling": _reason_of(claim, cancelling) if is_own and is_waiting and gone is None else None,
        "may_uncollect": is_own and is_collected and gone is None,
        "may_deny": is_collected and not is_charged and gone is None and claim.organisation_id in viewed.ours,
    }


def _cost(claim: SurplusClaim, plan: CostPlan | None) -> dict[str, str]:
    """Say what is charged for a part, where we charge it, and where that is read."""
    if plan is None or claim.state not in LIVE:
        return {}
    priced = goods.goods_of(claim, plan)
    amount = money(goods.cents_of(claim, plan))
    said = (
        _("%(amount)s, charged", amount=amount) if plan.is_closed else _("%(amount)s, agreed", amount=amount)
    )
    return {"words": said, "href": url_for(priced.endpoint, **priced.values)}


def _reason_of(claim: SurplusClaim, cancelling: Cancelling | None) -> ReasonForm:
    """Give the form to cancel a part: the one that was sent, else an empty one. A page has several, each its own id."""
    ref, sent = cancelling or ("", None)
    form = sent if sent is not None and ref == claim.public_id else ReasonForm(formdata=None)
    form.reason.id = f"reason-{claim.public_id}"
    return form
