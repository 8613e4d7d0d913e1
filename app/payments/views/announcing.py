"""What a payer says on the page on which it pays: that money is on its way."""

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.accounts.models import Organisation
from app.accounts.views.common import tell
from app.core.ids import new_secret
from app.payments import service
from app.payments.announced.queries import get_announcement
from app.payments.books.postings import Pair
from app.payments.books.standing import names_of
from app.payments.errors import MoreThanOwed, NothingOwed
from app.payments.forms import AnnounceForm
from app.payments.policy import MoneyPermission as P
from app.payments.views import blueprint
from app.payments.views.common import load, today
from app.payments.views.paying import show_pay, to_pay
from app.web.guards import allowed
from app.web.identity import current_actor
from app.web.words import explain


@blueprint.post("/structures/<slug>/comptes/avec/<other>/payer/annonce")
@allowed(P.KEEP_ACCOUNTS, load=load)
def announce(subject: Organisation) -> Response:
    """Say that money is on its way."""
    asked, form, slug = to_pay(subject), AnnounceForm(), subject.slug
    form.today = today(subject)
    form.fit(subject, asked.payee)
    if not form.validate():
        return show_pay(subject, asked, form, 422)
    pair, payee, one = Pair(subject.id, asked.payee.id), asked.payee.slug, asked.one
    name, day = asked.payee.name, form.day.data or today(subject)
    said = service.Said(form.amount.cents, form.method.data, day, (form.reference.data or "").strip(), one)
    key = (form.once.data or new_secret())[:64]
    try:
        service.announce(current_actor(), pair, said, key)
    except MoreThanOwed as error:
        form.refuse("amount", explain(error))
        subject = load(slug)
        return show_pay(subject, to_pay(subject), form, 422)
    except NothingOwed as error:
        flash(explain(error), "warning")
    else:
        flash(
            _("%(name)s is told. Nothing counts as paid until they note that it came.", name=name), "success"
        )
    return _to_page(slug, payee, one)


@blueprint.post("/structures/<slug>/comptes/annonces/<announcement_ref>/retirer")
@allowed(P.KEEP_ACCOUNTS, load=load)
def take_back_announcement(subject: Organisation) -> Response:
    """Take back what was said."""
    ref = str((request.view_args or {})["announcement_ref"])
    said, slug, our_id = get_announcement(subject.id, ref), subject.slug, subject.id
    payee, one = names_of([said.payee_id])[said.payee_id].slug, said.due_ref
    tell(
        lambda: service.take_back_announcement(current_actor(), our_id, ref),
        _("Taken back: nothing is said to be on its way."),
    )
    return _to_page(slug, payee, one)


def _to_page(slug: str, payee: str, one: str) -> Response:
    return redirect(url_for("payments.pay", slug=slug, other=payee, du=one or None), 303)
