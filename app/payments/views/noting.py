"""What a payee does by hand: noting what came, taking a mistake back, giving money back, using an advance."""

from dataclasses import replace
from datetime import datetime, time
from typing import Any

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.accounts.models import Organisation
from app.accounts.views.common import tell
from app.core.errors import DomainError, NotFound
from app.core.ids import new_secret
from app.payments import service
from app.payments.books.lines import due_lines, payment_lines
from app.payments.books.postings import Method, Pair
from app.payments.books.standing import names_of
from app.payments.books.what_became import kept_twice, paid_dues, who_undid, why_given_back
from app.payments.forms import BackForm, NoteForm, RepaidForm, UndoForm
from app.payments.models import Payment
from app.payments.paying_words import noted_words
from app.payments.policy import MoneyPermission as P
from app.payments.queries import open_dues
from app.payments.views import blueprint
from app.payments.views.between import show_between
from app.payments.views.common import any_payment_of, load, payment_of, today, with_whom, zone_of
from app.web.format import money
from app.web.forms import OnceForm
from app.web.guards import allowed
from app.web.identity import current_actor
from app.web.page import page
from app.web.words import explain


def once(form: OnceForm) -> str:
    """Give what tells a form that is sent twice from another one."""
    return (form.once.data or new_secret())[:64]


def came_of(subject: Organisation, form: NoteForm, due_id: int | None = None) -> service.Came:
    """Give what was typed of money that came."""
    at = datetime.combine(form.day.data or today(subject), time(12), zone_of(subject))
    reference = (form.reference.data or "").strip()
    return service.Came(form.amount.cents, Method(form.method.data), at, reference, due_id)


def _back(slug: str, other: str) -> Response:
    return redirect(url_for("payments.between", slug=slug, other=other), 303)


@blueprint.post("/structures/<slug>/comptes/avec/<other>/recu")
@allowed(P.KEEP_ACCOUNTS, load=load)
def note(subject: Organisation) -> Response:
    """Note what came from the other."""
    found = with_whom(subject)
    pair, slug, other = Pair(found.other.id, subject.id), subject.slug, found.other.slug
    owed = {due.public_id: due.id for due in open_dues(pair)}
    form = NoteForm()
    form.fit(found.other, subject)
    form.today = today(subject)
    form.what.choices = [("", ""), *((each, each) for each in owed)]
    if not form.validate():
        return show_between(subject, found, form, 422)
    came = replace(
        came_of(subject, form, owed.get(form.what.data or "")), announcement_ref=form.announced.data or ""
    )
    try:
        made = service.note_payment(current_actor(), pair, came, once(form))
    except NotFound:
        raise
    except DomainError as error:
        form.refuse("amount", explain(error))
        return show_between(load(slug), with_whom(load(slug)), form, 422)
    left = sum(due.owed_cents for due in open_dues(pair))
    flash(noted_words(left, made.free_cents), "success")
    return _back(slug, other)


@blueprint.get("/structures/<slug>/comptes/paiements/<payment_ref>")
@allowed(P.SEE_ACCOUNTS, load=load)
def payment(subject: Organisation) -> Response:
    """Show a payment to who made it, or to whom it came, with what this one can do about it."""
    return _show(subject, any_payment_of(subject))


def _show(
    subject: Organisation,
    row: Payment,
    back: BackForm | None = None,
    undo: UndoForm | None = None,
    repaid: RepaidForm | None = None,
    status: int = 200,
) -> Response:
    leaving = service.going_back(row)
    if back is None:
        back = _back_form(row, formdata=None)
        back.amount.show(max(row.free_cents - sum(each.cents for each in leaving), 0))
    came = row.payee_id == subject.id
    other_id = row.payer_id if came else row.payee_id
    other, line = names_of([other_id])[other_id], payment_lines([row])[0]
    repaid = repaid or RepaidForm(formdata=None)
    repaid.fit(other, subject)
    return page(
        "payments/received.html",
        status=status,
        organisation=subject,
        payment=row,
        came=came,
        other=other,
        line=line,
        undone_by=who_undid(row) if came and line.is_undone else None,
        back=back,
        undo=undo or UndoForm(formdata=None),
        twice=kept_twice(row.id),
        repaid=repaid,
        is_online=service.is_online(row),
        leaving=leaving,
        paid_for=[each for each in due_lines(paid_dues(row.id)) if each.url] if came else [],
        why=why_given_back(row) if leaving else {},
        owed=sum(due.owed_cents for due in open_dues(Pair(row.payer_id, row.payee_id))),
    )


def _back_form(row: Payment, **how: Any) -> BackForm:
    """Make the form to give back, which asks how only where there is a choice."""
    form = BackForm(**how)
    if not (service.is_online(row) and service.can_give_by_hand(row)):
        del form.by
    return form


def _to(slug: str, ref: str) -> Response:
    return redirect(url_for("payments.payment", slug=slug, payment_ref=ref), 303)


@blueprint.post("/structures/<slug>/comptes/paiements/<payment_ref>/annuler")
@allowed(P.KEEP_ACCOUNTS, load=load)
def undo(subject: Organisation) -> Response:
    """Take back what was noted by mistake."""
    row, form, slug = payment_of(subject), UndoForm(), subject.slug
    payment_id, ref, was_for = row.id, row.public_id, row.allocated_cents
    if not form.validate():
        return _show(subject, row, undo=form, status=422)
    tell(
        lambda: service.undo_payment(current_actor(), payment_id, form.reason.data or ""),
        _("Undone: %(amount)s are owed again.", amount=money(was_for, row.currency))
        if was_for
        else _("Undone: the advance is none any more. Nothing was paid with it."),
    )
    return _to(slug, ref)


@blueprint.post("/structures/<slug>/comptes/paiements/<payment_ref>/rendre")
@allowed(P.KEEP_ACCOUNTS, load=load)
def give_back(subject: Organisation) -> Response:
    """Give something of a payment back."""
    row, slug = payment_of(subject), subject.slug
    form, payment_id, ref = _back_form(row), row.id, row.public_id
    if not form.validate():
        return _show(subject, row, back=form, status=422)
    key, reason = once(form), form.why.data or ""
    try:
        is_done = service.give_back(current_actor(), payment_id, form.amount.cents, reason, key, form.method)
    except NotFound:
        raise
    except DomainError as error:
        form.refuse("amount", explain(error))
        subject = load(slug)
        return _show(subject, payment_of(subject), back=form, status=422)
    if is_done:
        flash(_("Noted as given back. Send the money yourself, if you have not."), "success")
    else:
        flash(_("It leaves by Stripe and arrives within some days; your accounts show it then."), "success")
    return _to(slug, ref)


@blueprint.post("/structures/<slug>/comptes/paiements/<payment_ref>/litige")
@allowed(P.KEEP_ACCOUNTS, load=load)
def note_repaid(subject: Organisation) -> Response:
    """Note that who paid gave back what a bank took beyond the payment."""
    row, form, slug = payment_of(subject), RepaidForm(), subject.slug
    payment_id, ref, dispute_ref = row.id, row.public_id, request.form.get("litige", "")[:16]
    form.fit(names_of([row.payer_id])[row.payer_id], subject)
    if not form.validate():
        return _show(subject, row, repaid=form, status=422)
    method = Method(form.method.data)
    tell(
        lambda: service.note_repaid(current_actor(), payment_id, dispute_ref, method),
        _("Noted: nothing is in dispute between you any more."),
    )
    return _to(slug, ref)


@blueprint.post("/structures/<slug>/comptes/paiements/<payment_ref>/affecter")
@allowed(P.KEEP_ACCOUNTS, load=load)
def use_advance(subject: Organisation) -> Response:
    """Use what is left over of a payment for what is owed."""
    row, slug = payment_of(subject), subject.slug
    payment_id, ref = row.id, row.public_id
    tell(
        lambda: service.use_advance(current_actor(), payment_id), _("The advance is used for what was owed.")
    )
    return _to(slug, ref)
