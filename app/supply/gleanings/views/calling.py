"""Calling for gleaners, and correcting a call: one form."""

from collections.abc import Callable

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.accounts.models import Organisation
from app.core.errors import DomainError, Forbidden, NotFound
from app.core.policy import can
from app.supply.edits import ChangedMeanwhile
from app.supply.gleanings import queries, service
from app.supply.gleanings.forms import GleaningForm
from app.supply.gleanings.models import Gleaning
from app.supply.gleanings.policy import GleaningPermission as P
from app.supply.gleanings.queries import Viewed
from app.supply.gleanings.service import NewGleaning
from app.supply.gleanings.views import blueprint
from app.supply.gleanings.views.loading import seen
from app.supply.offers import queries as offers
from app.web.errors import status_of
from app.web.guards import allowed
from app.web.identity import current_actor
from app.web.page import page
from app.web.words import explain


@blueprint.get("/glanages/proposer")
@allowed(P.CALL)
def propose() -> Response:
    """Show the form, filled in as usual, or as an earlier call (`comme`)."""
    ours = _acting_for()
    form, sites = GleaningForm(formdata=None), offers.sites_of(ours.id)
    form.prepare(ours, sites)
    form.begin()
    again = _again(request.args.get("comme", ""))
    if again is not None:
        form.repeat(again, sites)
    return _page(form, ours)


@blueprint.post("/glanages/proposer")
@allowed(P.CALL)
def post() -> Response:
    """Call for it."""
    ours = _acting_for()
    key = (request.form.get("once") or "")[:80] or None

    def act(new: NewGleaning, _seen: int | None) -> str:
        return service.call(current_actor(), ours.id, new, key).public_id

    said = _("Called. The organisations around that are interested in it are told by e-mail.")
    return _save(ours, act, said)


@blueprint.get("/glanages/<ref>/modifier")
@allowed(P.KEEP, load=seen)
def change(viewed: Viewed) -> Response:
    """Show a call in the form, to correct it."""
    gleaning = viewed.gleaning
    return _page(_as_it_stands(gleaning), gleaning.organisation, gleaning)


@blueprint.post("/glanages/<ref>/modifier")
@allowed(P.KEEP, load=seen)
def save(viewed: Viewed) -> Response:
    """Correct it."""
    gleaning, ref = viewed.gleaning, viewed.gleaning.public_id
    gleaning_id = gleaning.id

    def act(new: NewGleaning, seen_edit: int | None) -> str:
        service.change(current_actor(), gleaning_id, new, seen_edit)
        return ref

    return _save(gleaning.organisation, act, _("Saved. Who signed up is told by e-mail."), gleaning)


def _save(
    ours: Organisation,
    act: Callable[[NewGleaning, int | None], str],
    said: str,
    gleaning: Gleaning | None = None,
) -> Response:
    form, sites = GleaningForm(), offers.sites_of(ours.id)
    form.prepare(ours, sites)
    form.kept = gleaning.start_at if gleaning else None
    if not form.validate():
        return _page(form, ours, gleaning, 422)
    try:
        ref = act(form.called(ours, sites), form.seen)
    except (Forbidden, NotFound):
        raise
    except ChangedMeanwhile as error:
        now = seen(gleaning.public_id if gleaning else "").gleaning
        form.refuse_undoing(error, _as_it_stands(now))
        return _page(form, now.organisation, now, status_of(error))
    except DomainError as error:
        form.refuse(str(error.facts.get("field", "")), explain(error))
        again = gleaning and seen(gleaning.public_id).gleaning
        return _page(form, offers.find_organisation(ours.id) or ours, again, status_of(error))
    flash(said, "success")
    return redirect(url_for("gleanings.show", ref=ref), 303)


def _as_it_stands(gleaning: Gleaning) -> GleaningForm:
    """Give the form with a call as it holds now."""
    form, sites = GleaningForm(formdata=None), offers.sites_of(gleaning.organisation_id)
    form.prepare(gleaning.organisation, sites)
    form.show(gleaning, sites)
    return form


def _acting_for() -> Organisation:
    found = offers.find_organisation(current_actor().acting_for)
    if found is None:
        raise NotFound(kind="organisation")
    return found


def _again(ref: str) -> Gleaning | None:
    """Find an earlier call of one's own to begin with; nothing where it is another's, or is not."""
    try:
        viewed = queries.get_viewed(ref[:20], current_actor())
    except NotFound:
        return None
    return viewed.gleaning if can(current_actor(), P.KEEP, viewed) else None


def _page(
    form: GleaningForm, ours: Organisation, gleaning: Gleaning | None = None, status: int = 200
) -> Response:
    return page(
        "supply/gleanings/form.html",
        status=status,
        form=form,
        ours=ours,
        gleaning=gleaning,
        products=offers.products_of(ours.id),
    )
