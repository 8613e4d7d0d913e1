"""One settlement: what it changes for the organisation that looks, who has agreed, and what can be answered."""

from collections.abc import Callable
from dataclasses import dataclass

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.accounts.models import Organisation
from app.accounts.views.common import tell
from app.core.errors import DomainError, Forbidden, NotFound
from app.payments.policy import MoneyPermission as P
from app.payments.settlement import service
from app.payments.settlement.forms import RefuseForm, UndoForm
from app.payments.settlement.models import Settlement
from app.payments.settlement.queries import get_settlement
from app.payments.settlement.rules import State
from app.payments.settlement.views import blueprint
from app.payments.settlement.words import ANSWERS, STATES, over_words
from app.payments.views.common import load
from app.web.guards import allowed
from app.web.identity import current_actor
from app.web.page import page
from app.web.words import explain


@dataclass(frozen=True)
class Move:
    """What goes to another (below zero) or comes from it."""

    other: Organisation
    cents: int


def _settlement(subject: Organisation) -> Settlement:
    return get_settlement(subject.id, str((request.view_args or {})["settlement_ref"]))


@blueprint.get("/structures/<slug>/comptes/reglement/<settlement_ref>")
@allowed(P.SEE_ACCOUNTS, load=load)
def show(subject: Organisation) -> Response:
    """Show what is owed without and with a settlement; nobody sees what others owe each other."""
    return _show(subject, _settlement(subject))


def _show(
    subject: Organisation,
    made: Settlement,
    undo: UndoForm | None = None,
    refuse: RefuseForm | None = None,
    status: int = 200,
) -> Response:
    named = {each.organisation_id: each.organisation for each in made.parties}
    debts = [(*pair, cents) for pair, cents in made.pairs().items()]
    transfers = [(each.payer_id, each.payee_id, each.cents) for each in made.transfers]
    return page(
        "payments/settlement/settlement.html",
        status=status,
        organisation=subject,
        settlement=made,
        before=_moves(subject, debts, named),
        after=_moves(subject, transfers, named),
        mine=made.party(subject.id),
        undo=undo or UndoForm(formdata=None),
        refuse=refuse or RefuseForm(formdata=None),
        over="" if made.is_open else over_words(made.state),
        states=STATES,
        answered=[(each.organisation.name, ANSWERS[each.answer]) for each in made.parties],
    )


def _moves(
    subject: Organisation, rows: list[tuple[int, int, int]], named: dict[int, Organisation]
) -> list[Move]:
    """List what goes from and to an organisation, of all that goes between parties."""
    found = [Move(named[payee], -cents) for payer, payee, cents in rows if payer == subject.id]
    found += [Move(named[payer], cents) for payer, payee, cents in rows if payee == subject.id]
    return sorted(found, key=lambda each: (each.cents, each.other.name))


@blueprint.post("/structures/<slug>/comptes/reglement/<settlement_ref>/accepter")
@allowed(P.KEEP_ACCOUNTS, load=load)
def accept(subject: Organisation) -> Response:
    """Agree to a proposal."""
    made, slug, our_id = _settlement(subject), subject.slug, subject.id
    number, ref = made.id, made.public_id
    try:
        state = service.accept(current_actor(), number, our_id)
    except (Forbidden, NotFound):
        raise
    except DomainError as error:
        flash(explain(error), "warning")
        return _to(slug, ref)
    if state == State.PROPOSED:
        flash(_("Accepted. It is settled once all have agreed; you are told."), "success")
    else:
        flash(over_words(state), "success" if state == State.POSTED else "warning")
    return _to(slug, ref)


@blueprint.post("/structures/<slug>/comptes/reglement/<settlement_ref>/refuser")
@allowed(P.KEEP_ACCOUNTS, load=load)
def refuse(subject: Organisation) -> Response:
    """Say no to a proposal."""
    form = RefuseForm()
    if not form.validate():
        return _show(subject, _settlement(subject), refuse=form, status=422)
    return _act(
        subject,
        lambda number, our_id: service.refuse(current_actor(), number, our_id, form.reason.data or ""),
        _("Refused: nothing is settled, and all pay as before."),
    )


@blueprint.post("/structures/<slug>/comptes/reglement/<settlement_ref>/retirer")
@allowed(P.KEEP_ACCOUNTS, load=load)
def withdraw(subject: Organisation) -> Response:
    """Take a proposal back."""
    return _act(
        subject,
        lambda number, our_id: service.withdraw(current_actor(), number, our_id),
        _("Withdrawn: all pay as before."),
    )


@blueprint.post("/structures/<slug>/comptes/reglement/<settlement_ref>/annuler")
@allowed(P.KEEP_ACCOUNTS, load=load)
def undo(subject: Organisation) -> Response:
    """Take back what was set off between two."""
    form = UndoForm()
    if not form.validate():
        return _show(subject, _settlement(subject), undo=form, status=422)
    return _act(
        subject,
        lambda number, our_id: service.undo(current_actor(), number, our_id, form.reason.data or ""),
        _("Undone: both owe again what they owed before."),
    )


def _act(subject: Organisation, do: Callable[[int, int], object], said: str) -> Response:
    """Do something with the settlement of the page (its id, ours), tell what came of it, and show it again."""
    made, slug, our_id = _settlement(subject), subject.slug, subject.id
    number, ref = made.id, made.public_id
    tell(lambda: do(number, our_id), said)
    return _to(slug, ref)


def _to(slug: str, ref: str) -> Response:
    return redirect(url_for("settlement.show", slug=slug, settlement_ref=ref), 303)
