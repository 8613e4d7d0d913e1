"""The page of what there is between two organisations, which several acts show again."""

from collections.abc import Sequence

from flask import request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.accounts.models import Organisation
from app.payments.announced.queries import open_between
from app.payments.books.lines import DueLine, Frame, dues_in, payments_in
from app.payments.books.standing import Between
from app.payments.forms import NoteForm
from app.payments.paying_words import STATES
from app.payments.views.common import today
from app.web.format import day, money
from app.web.page import page


def show_between(
    subject: Organisation, found: Between, form: NoteForm | None = None, status: int = 200
) -> Response:
    """Render the page of two, with a form that may have been refused."""
    frame = Frame(subject.id, found.other.id)
    dues = dues_in(frame)
    mine = [each for each in dues if each.due.payee_id == subject.id]
    return page(
        "payments/between.html",
        status=status,
        organisation=subject,
        between=found,
        owed_by_us=[each for each in dues if each.due.payer_id == subject.id],
        owed_to_us=mine,
        payments=payments_in(frame),
        announced=open_between(found.other.id, subject.id),
        we_announced=open_between(subject.id, found.other.id),
        form=note_form(subject, found, mine, form) if mine else None,
        states=STATES,
    )


def note_form(
    subject: Organisation, found: Between, dues: Sequence[DueLine], form: NoteForm | None = None
) -> NoteForm:
    """Make the form to note what came, offering what is owed; filled with all of it at first."""
    made = form or NoteForm(formdata=None)
    made.fit(found.other, subject)
    tz = subject.territory.timezone
    made.what.choices = [("", _("What is owed, the oldest first"))] + [
        (each.due.public_id, f"{each.title} · {day(each.posted_at, tz=tz)} · {money(each.due.owed_cents)}")
        for each in dues
        if each.due.owed_cents
    ]
    if form is None:
        made.amount.show(found.theirs.owed_cents)
        made.day.data = today(subject)
        _fill(made, subject, found)
    return made


def _fill(form: NoteForm, subject: Organisation, found: Between) -> None:
    """Fill the form with what the payer has said, where the page is opened for that."""
    ref = request.args.get("annonce", "")
    for said in open_between(found.other.id, subject.id):
        if said.public_id == ref:
            form.amount.show(said.cents)
            form.method.data, form.day.data, form.reference.data = said.method, said.sent_on, said.reference
            form.what.data, form.announced.data = said.due_ref, said.public_id
