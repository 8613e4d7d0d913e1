"""One hand-over note: what is handed over, how warm it was, and its two signatures."""

from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from flask import flash, redirect, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.accounts.queries import get_person
from app.accounts.views.common import tell
from app.core.errors import DomainError, Forbidden, NotFound
from app.core.policy import Actor, can
from app.supply.cargo_words import REGIMES, kilos
from app.supply.lots import queries, service
from app.supply.lots.errors import NoteCorrected
from app.supply.lots.food_aid import lacking
from app.supply.lots.forms import ReasonForm
from app.supply.lots.models import Handover
from app.supply.lots.note_forms import (
    ReceiveForm,
    RefuseForm,
    ReturnForm,
    SignForm,
    receive_form,
    return_form,
    unsettled,
)
from app.supply.lots.paper import note_pdf
from app.supply.lots.policy import LotPermission as P
from app.supply.lots.refusals import not_authorised_words
from app.supply.lots.rules import NOTE, NoteState
from app.supply.lots.signatures import signatures_of
from app.supply.lots.views import blueprint
from app.supply.lots.views.cards import goods_words
from app.supply.lots.views.downloads import download
from app.supply.lots.views.loading import seen_note
from app.supply.lots.views.note_incidents import broken_of, closed_of
from app.supply.lots.words import (
    NOTE_STATES,
    dates_words,
    incident_words,
    limits_of_lots,
    limits_words,
    note_facts,
    receiver_words,
    returned_words,
    verdicts_of,
)
from app.supply.offers.queries import parts_of
from app.supply.offers.rules import LIVE
from app.web.errors import status_of
from app.web.forms import Form
from app.web.guards import allowed
from app.web.identity import current_actor
from app.web.page import page
from app.web.words import explain


@dataclass(frozen=True)
class _Typed:
    """The form that was sent and cannot be taken as it is."""

    giving: SignForm | None = None
    receiving: ReceiveForm | None = None
    refusing: RefuseForm | None = None
    cancelling: ReasonForm | None = None
    contesting: ReasonForm | None = None
    returning: ReturnForm | None = None

    @property
    def form(self) -> Form | None:
        """Give it."""
        return next(filter(None, vars(self).values()), None)


@blueprint.get("/remises/<note_ref>")
@allowed(P.SEE_NOTE, load=seen_note)
def note(found: Handover) -> Response:
    """Show a hand-over note."""
    return _page(found)


@blueprint.get("/remises/<note_ref>/bon.pdf")
@allowed(P.SEE_NOTE, load=seen_note)
def paper(found: Handover) -> Response:
    """Hand the note over as a sheet of paper, with the signatures it has."""
    return download(note_pdf(found), "application/pdf", f"bon-de-remise-{found.public_id}.pdf")


@blueprint.post("/remises/<note_ref>/signer")
@allowed(P.GIVE, load=seen_note)
def give(found: Handover) -> Response:
    """Sign as the giver."""
    form, note_id = SignForm(), found.id
    said = (
        _("Signed. It is noted as distributed.")
        if found.is_distribution
        else _("Signed. Let the other side sign here, or on its own account: it is told by e-mail.")
    )
    return _done(
        found,
        lambda actor: _sign(actor, note_id, form),
        said,
        _Typed(giving=form),
        step="distribute" if found.is_distribution else "give",
    )


def _sign(actor: Actor, note_id: int, form: SignForm) -> None:
    """Sign as the giver what the form was shown with; a refusal because that is not what holds shows what does."""
    try:
        service.give(actor, note_id, form.name.data or "", form.seen)
    except NoteCorrected:
        form.show(note_id)
        raise


@blueprint.post("/remises/<note_ref>/hors-aide-alimentaire")
@allowed(P.GIVE, load=seen_note)
def say_no_food_aid(found: Handover) -> Response:
    """Say that it is no food aid after all."""
    note_id, ref = found.id, found.public_id
    said = (
        _("Noted: it is no food aid. Nobody signs before the incident of the cold chain is closed.")
        if queries.notes_held_up([found])
        else _("Noted: it is no food aid. You can sign.")
    )
    tell(lambda: service.say_no_food_aid(current_actor(), note_id), said)
    return redirect(url_for("lots.note", note_ref=ref), 303)


@blueprint.post("/remises/<note_ref>/recevoir")
@allowed(P.RECEIVE, load=seen_note)
def receive(found: Handover) -> Response:
    """Sign as the receiver."""
    form, note_id, said = (
        receive_form(found),
        found.id,
        _("Received: it is a lot of the receiver’s from now on."),
    )
    answer = _done(
        found,
        lambda actor: service.receive(actor, note_id, form.receipt(found)),
        said,
        _Typed(receiving=form),
        step="receive",
    )
    return _warned(note_id, answer)


@blueprint.post("/remises/<note_ref>/refuser")
@allowed(P.RECEIVE, load=seen_note)
def refuse(found: Handover) -> Response:
    """Take nothing of it."""
    form, note_id, said = RefuseForm(), found.id, _("Refused: all of it stays with who gives.")
    answer = _done(
        found,
        lambda actor: service.refuse(actor, note_id, form.receipt()),
        said,
        _Typed(refusing=form),
        step="refuse",
    )
    return _warned(note_id, answer)


@blueprint.post("/remises/<note_ref>/annuler")
@allowed(P.GIVE, load=seen_note)
def cancel(found: Handover) -> Response:
    """Give it up."""
    form, note_id, said = ReasonForm(), found.id, _("Cancelled: its lots can be handed over to others.")
    return _done(
        found,
        lambda actor: service.cancel(actor, note_id, form.reason.data or ""),
        said,
        _Typed(cancelling=form),
        step="cancel",
    )


@blueprint.post("/remises/<note_ref>/confirmer")
@allowed(P.ANSWER, load=seen_note)
def confirm(found: Handover) -> Response:
    """Say that what was signed in the receiver's name is right."""
    note_id, said = found.id, _("Confirmed: the note says so.")
    return _done(found, lambda actor: service.confirm(actor, note_id), said, _Typed())


@blueprint.post("/remises/<note_ref>/contester")
@allowed(P.ANSWER, load=seen_note)
def contest(found: Handover) -> Response:
    """Say that it is not."""
    form, note_id, said = (
        ReasonForm(),
        found.id,
        _("Contested: the note says so, and who gave is told by e-mail."),
    )
    return _done(
        found,
        lambda actor: service.contest(actor, note_id, form.reason.data or ""),
        said,
        _Typed(contesting=form),
    )


@blueprint.post("/remises/<note_ref>/retour")
@allowed(P.GIVE, load=seen_note)
def say_what_came_back(found: Handover) -> Response:
    """Say what became of what came back."""
    form, note_id, said = return_form(found), found.id, _("Noted, also on the page of each lot.")
    return _done(
        found,
        lambda actor: service.say_what_came_back(actor, note_id, form.said(found), form.reason.data or ""),
        said,
        _Typed(returning=form),
    )


def _warned(note_id: int, answer: Response) -> Response:
    """Say as well that what was signed for, or came back, is too warm: it is blocked."""
    incident = (
        queries.find_open_incident_of_note(note_id) if answer.status_code == HTTPStatus.SEE_OTHER else None
    )
    if incident is not None:
        measured = incident_words(incident)
        flash(
            _(
                "Alarm: %(measured)s. What is too warm is blocked until its incident is closed.",
                measured=measured,
            ),
            "error",
        )
    return answer


def _done(
    found: Handover, act: Callable[[Actor], Any], said: str, typed: _Typed, *, step: str = ""
) -> Response:
    """Do an act with what was typed. Who comes too late for a `step` of the note is told so, whatever else is wrong."""
    ref, form, actor = found.public_id, typed.form, current_actor()
    try:
        if step:
            service.check_open(found, step, actor)
        if form is not None and not form.validate():
            return _page(found, typed, 422)
        act(actor)
    except (Forbidden, NotFound):
        raise
    except DomainError as error:
        if form is None:
            flash(explain(error), "error")
        else:
            form.refuse(str(error.facts.get("field", "")), explain(error))
        return _page(seen_note(ref), typed, status_of(error))
    flash(said, "success")
    return redirect(url_for("lots.note", note_ref=ref), 303)


def _page(found: Handover, typed: _Typed | None = None, status: int = 200) -> Response:
    state, words = NOTE_STATES[found.state]
    limits, typed = limits_of_lots([line.lot for line in found.lines]), typed or _Typed()
    flagged = queries.incidents_of([line.lot_id for line in found.lines])
    forms = _forms(found, typed, is_blocked=bool(flagged))
    return page(
        "supply/lots/note.html",
        status=status,
        note=found,
        title=goods_words(found),
        receiver=receiver_words(found),
        state=state,
        state_words=words,
        facts_rows=note_facts(found),
        verdicts=verdicts_of(found),
        limits=limits_words(limits),
        rows=[_row(line) for line in found.lines],
        signatures=signatures_of(found),
        is_intact=service.is_intact(found),
        broken=broken_of(found, flagged),
        closed=closed_of(found),
        warning=_warning(found),
        freed=_freed(found),
        correcting=_correcting(found),
        left=None if typed.form in forms.values() else typed.form,
        **forms,
    )


def missing_words(ref: str) -> str:
    """Say what a note that was just written lacks before it can be signed; nothing where it can be."""
    found = queries.get_note(ref)
    if queries.find_open_incident_of_note(found.id) is not None:
        return _("It is too warm: an incident is open, and nobody signs before it is closed.")
    warning = _warning(found)
    return _("It cannot be signed yet. %(why)s", why=warning) if warning else ""


def _warning(found: Handover) -> str:
    """Say before it is signed what stands against it as food aid."""
    standing = lacking(found) if found.state == NoteState.DRAFTED else None
    return not_authorised_words(standing, (found.receiver or found.giver).name) if standing else ""


def _freed(found: Handover) -> list[str]:
    """Tell who gives of parts that ended while the note was written: their offer counts these kilos as free."""
    if found.state != NoteState.DRAFTED or not can(current_actor(), P.GIVE, found):
        return []
    refs = {line.lot.surplus_claim_ref for line in found.lines if line.lot.surplus_claim_ref}
    return [
        _(
            "The part of “%(product)s” that “%(who)s” had taken has ended: its offer counts these kilos as free. "
            "Sign only if they go all the same, and then offer so much less.",
            product=part.offer.product,
            who=part.organisation.name,
        )
        for part in parts_of(refs)
        if part.state not in LIVE
    ]


def _correcting(found: Handover) -> str:
    """Give the address where who gives corrects the note, as long as nobody has signed it."""
    may = can(current_actor(), P.GIVE, found) and NOTE.allows("correct", found.state)
    return url_for("lots.correct_note", note_ref=found.public_id) if may else ""


def _row(line: Any) -> dict[str, Any]:
    lot = line.lot
    return {
        "product": lot.product,
        "href": url_for("lots.show", lot_ref=lot.public_id) if can(current_actor(), P.SEE, lot) else "",
        "ref": lot.public_id,
        "kilos": kilos(line.grams),
        "came": kilos(line.received_grams) if line.received_grams is not None else "",
        "back": returned_words(line),
        "dates": dates_words(lot),
        "regime": REGIMES[lot.regime],
    }


def _forms(found: Handover, typed: _Typed, *, is_blocked: bool) -> dict[str, Any]:
    """Give the forms of what somebody can do now: those that were sent, else fresh ones with their own name.

    Nobody signs for what the incident of a cold chain blocks.
    """
    actor = current_actor()
    gives, takes = can(actor, P.GIVE, found), can(actor, P.RECEIVE, found)
    is_given = found.state == NoteState.GIVEN
    ours = actor.belongs_to(found.receiver_id)
    forms = {
        "giving": (typed.giving or _giving(found))
        if gives and found.state == NoteState.DRAFTED and (typed.giving or not (is_blocked or lacking(found)))
        else None,
        "receiving": (typed.receiving or _named(receive_form(found, formdata=None), is_own=ours))
        if takes and is_given and (typed.receiving or not is_blocked)
        else None,
        "refusing": (typed.refusing or _named(RefuseForm(formdata=None), is_own=ours))
        if takes and is_given
        else None,
        "cancelling": (typed.cancelling or ReasonForm(formdata=None))
        if gives and NOTE.allows("cancel", found.state)
        else None,
        "returning": (typed.returning or return_form(found, formdata=None))
        if gives and unsettled(found) and queries.find_open_incident_of_return(found) is None
        else None,
        "contesting": (typed.contesting or ReasonForm(formdata=None))
        if can(actor, P.ANSWER, found) and found.is_on_the_spot and found.answer is None
        else None,
    }
    for prefix, form in forms.items():
        for field in form or ():
            field.id = f"{prefix}-{field.name}"
    return forms


def _giving(found: Handover) -> SignForm:
    """Give the form with which a note is signed as it is shown."""
    form: SignForm = _named(SignForm(formdata=None), is_own=True)
    form.show(found.id)
    return form


def _named(form: Any, *, is_own: bool) -> Any:
    """Fill in the name of whoever is signed in, where it is they who sign."""
    if is_own:
        form.name.data = get_person(current_actor().person_id or 0).name
    return form
