"""The page on which an organisation reads how to pay another: everything that this one offers, and nothing else."""

from dataclasses import dataclass
from io import BytesIO
from textwrap import shorten

import segno
from flask import Response as Picture
from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.accounts.models import LegalNature, Organisation
from app.accounts.views.common import tell
from app.core.errors import DomainError, Forbidden, NotFound
from app.infra.db import db
from app.payments import queries, service
from app.payments.announced.models import Announcement
from app.payments.announced.queries import open_between
from app.payments.announced.rules import covered
from app.payments.bank.epc import epc_code
from app.payments.bank.numbers import grouped
from app.payments.books.lines import Frame, dues_in
from app.payments.books.postings import Method, Pair
from app.payments.books.standing import Between, find_terms
from app.payments.errors import NothingOwed
from app.payments.forms import AnnounceForm
from app.payments.models import Charge, Due, PayeeTerms
from app.payments.policy import MoneyPermission as P
from app.payments.references import numbers_of
from app.payments.stripe import connection
from app.payments.stripe import queries as stripe
from app.payments.stripe.rules import LEAST_CENTS
from app.payments.stripe.words import too_little_words
from app.payments.subjects import subjects_of
from app.payments.views import blueprint
from app.payments.views.common import load, today, with_whom
from app.payments.ways import is_possible
from app.web.guards import allowed
from app.web.i18n import spoken_language
from app.web.identity import current_actor
from app.web.page import page
from app.web.words import explain

_LONGEST_LABEL = 90  # letters; a reference follows, and Stripe's page takes 120


@dataclass(frozen=True)
class ToPay:
    """What is to be paid to whom: one due, or all there are, with the word by which the payee knows it again."""

    payer: Organisation
    between: Between
    dues: list[Due]
    one: str  # the due that was chosen; else empty
    announced: list[Announcement]  # what they say is on its way to the payee
    announced_cents: int  # what of `dues` that covers

    @property
    def payee(self) -> Organisation:
        """Who is to be paid."""
        return self.between.other

    @property
    def cents(self) -> int:
        """How much is owed."""
        return sum(due.owed_cents for due in self.dues)

    @property
    def left_cents(self) -> int:
        """How much of it is neither paid nor on its way."""
        return self.cents - self.announced_cents

    @property
    def reference(self) -> str:
        """What is written with a transfer, and found again on the payee's account."""
        return f"MUT {self.one or self.payer.public_id}"


def to_pay(subject: Organisation) -> ToPay:
    """Tell what the page is about: one due, or all that is owed; raise NotFound."""
    found, one = with_whom(subject), request.values.get("du", "")[:16]
    dues, announced = (
        queries.open_dues(Pair(subject.id, found.other.id)),
        open_between(subject.id, found.other.id),
    )
    on_its_way = covered(
        {due.public_id: due.owed_cents for due in dues}, [(each.due_ref, each.cents) for each in announced]
    )
    if one:
        dues = [due for due in dues if due.public_id == one]
        if not dues and not _was_owed(subject, found, one):
            raise NotFound(kind="due", id=one)
    return ToPay(subject, found, dues, one, announced, sum(on_its_way[due.public_id] for due in dues))


def _was_owed(subject: Organisation, found: Between, one: str) -> bool:
    return any(each.due.public_id == one for each in dues_in(Frame(subject.id, found.other.id)))


@blueprint.get("/structures/<slug>/comptes/avec/<other>/payer")
@allowed(P.SEE_ACCOUNTS, load=load)
def pay(subject: Organisation) -> Response:
    """Show how what is owed to the other can be paid."""
    return show_pay(subject, to_pay(subject))


def show_pay(
    subject: Organisation, asked: ToPay, form: AnnounceForm | None = None, status: int = 200
) -> Response:
    """Render the page on which something is paid, with a form that may have been refused."""
    terms = find_terms(asked.payee.id)
    methods = _offered(asked, terms)
    is_public = asked.payee.legal_nature == LegalNature.PUBLIC
    can_pay_online = not is_public and connection.find() is not None and stripe.can_be_paid(asked.payee.id)
    lines = {each.due.id: each for each in dues_in(Frame(subject.id, asked.payee.id, only_open=True))}
    return page(
        "payments/pay.html",
        status=status,
        organisation=subject,
        asked=asked,
        lines=[lines[due.id] for due in asked.dues if due.id in lines],
        numbers=numbers_of([due.id for due in asked.dues]),
        terms=terms,
        methods=methods,
        iban=grouped(terms.iban) if terms and Method.TRANSFER in methods else "",
        is_public=is_public,
        payer_is_public=subject.legal_nature == LegalNature.PUBLIC,
        can_pay_online=can_pay_online,
        too_little=too_little_words(LEAST_CENTS) if asked.cents < LEAST_CENTS else "",
        under_way=queries.live_attempts(due.id for due in asked.dues),
        has_code=_code(asked, terms) is not None,
        form=form or _announce_form(subject, asked),
    )


def _announce_form(subject: Organisation, asked: ToPay) -> AnnounceForm:
    """Fill the form with what is owed and was not said to be on its way before."""
    form = AnnounceForm(formdata=None)
    form.fit(subject, asked.payee)
    form.amount.show(asked.left_cents)
    form.day.data, form.reference.data = today(subject), asked.reference
    return form


def _offered(asked: ToPay, terms: PayeeTerms | None) -> list[Method]:
    """List what the payee offers and is open to the payer."""
    methods = [Method(each) for each in terms.methods] if terms else []
    return [each for each in methods if is_possible(each, asked.payer, asked.payee)]


@blueprint.get("/structures/<slug>/comptes/avec/<other>/payer/code.svg")
@allowed(P.SEE_ACCOUNTS, load=load)
def transfer_code(subject: Organisation) -> Response:
    """Draw the code that a bank's application reads, with the account, the amount and the reference of a transfer."""
    asked = to_pay(subject)
    code = _code(asked, find_terms(asked.payee.id))
    if code is None:
        raise NotFound(page="transfer_code")
    out = BytesIO()
    code.save(out, kind="svg", scale=4, border=4, light="white", xmldecl=False, svgclass=None, lineclass=None)
    answer = Picture(out.getvalue(), mimetype="image/svg+xml")
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def _code(asked: ToPay, terms: PayeeTerms | None) -> segno.QRCode | None:
    if terms is None or Method.TRANSFER not in _offered(asked, terms):
        return None
    return epc_code(
        terms.holder or terms.legal_name, terms.iban, terms.bic, asked.left_cents, asked.reference
    )


@blueprint.post("/structures/<slug>/comptes/avec/<other>/payer/en-ligne")
@allowed(P.KEEP_ACCOUNTS, load=load)
def pay_online(subject: Organisation) -> Response:
    """Begin to pay on line, and lead to the page of the payment; public bodies are refused, whoever asks."""
    connection.get()
    asked = to_pay(subject)
    back = url_for("payments.pay", slug=subject.slug, other=asked.payee.slug, du=asked.one or None)
    shown = service.Shown(_label(asked), back, spoken_language())
    due_ids = [due.id for due in asked.dues]
    try:
        if not due_ids:
            raise NothingOwed
        page_id = service.pay_online(current_actor(), due_ids, shown)
    except (Forbidden, NotFound):
        raise
    except DomainError as error:
        flash(explain(error), "warning")
        return redirect(back, 303)
    return redirect(url_for("stripe.payment", public_id=page_id), 303)


def _label(asked: ToPay) -> str:
    """Say to who reads the page of the payment what it is for, without naming anybody."""
    if len(asked.dues) > 1:
        return _("%(count)s amounts owed", count=len(asked.dues))
    charges = [db.session.get_one(Charge, due.charge_id) for due in asked.dues]
    what = [each.outside for each in subjects_of(charges).values() if each.outside]
    return " · ".join([shorten(each, _LONGEST_LABEL, placeholder="…") for each in what] + [asked.reference])


@blueprint.post("/structures/<slug>/comptes/avec/<other>/payer/fermer")
@allowed(P.KEEP_ACCOUNTS, load=load)
def stop_paying(subject: Organisation) -> Response:
    """Close the page on which this is being paid."""
    connection.get()
    asked = to_pay(subject)
    back = url_for("payments.pay", slug=subject.slug, other=asked.payee.slug, du=asked.one or None)
    due_ids = [due.id for due in asked.dues]
    tell(
        lambda: service.stop_paying_online(current_actor(), due_ids),
        _("The page is being closed. Begin again in a minute."),
    )
    return redirect(back, 303)
