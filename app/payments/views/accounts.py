"""The accounts of an organisation: what it owes and is owed, what was paid, its books to take away."""

from flask import Response as Download
from flask import request, url_for
from werkzeug.wrappers import Response

from app.accounts.models import Organisation
from app.core.errors import NotFound
from app.core.policy import can
from app.payments import queries
from app.payments.announced.queries import open_of
from app.payments.books.exporting import FORMATS, file_name, in_kind_csv
from app.payments.books.in_kind import in_kind_lines, in_kind_of
from app.payments.books.lines import Frame, dues_in, payments_in
from app.payments.books.standing import find_terms, standings
from app.payments.deposits.queries import deposits_with
from app.payments.deposits.words import STATES as DEPOSIT_STATES
from app.payments.paying_words import STATES
from app.payments.policy import MoneyPermission as P
from app.payments.views import blueprint
from app.payments.views.between import show_between
from app.payments.views.common import FIRST_YEAR, asked_year, load, today, with_whom, year_span
from app.web.guards import allowed
from app.web.i18n import speaking
from app.web.identity import current_actor
from app.web.page import page


@blueprint.get("/structures/<slug>/comptes")
@allowed(P.SEE_ACCOUNTS, load=load)
def accounts(subject: Organisation) -> Response:
    """Show what an organisation owes and is owed, by whom, since when; and what moved in a year."""
    year, only_open = asked_year(subject), request.args.get("etat") == "du"
    start, end = year_span(year, subject)
    frame = Frame(subject.id, start=start, end=end, only_open=only_open)
    found = standings(subject.id)
    dues, payments = dues_in(frame), [] if only_open else payments_in(frame)
    return page(
        "payments/accounts.html",
        organisation=subject,
        standings=found,
        terms=find_terms(subject.id),
        programmes=queries.programmes_of(subject.id),
        to_answer=queries.asked_of([subject.id]),
        year=year,
        years=[(str(each), str(each)) for each in range(today(subject).year, FIRST_YEAR - 1, -1)],
        only_open=only_open,
        dues=dues,
        payments=payments,
        names={each.other.id: each.other for each in found},
        announced=open_of(subject.id),
        states=STATES,
        deposits=deposits_with(subject.id, start, end),
        deposit_states=DEPOSIT_STATES,
        has_vat=queries.has_vat(subject.id),
        in_kind=in_kind_of(subject.id, year),
    )


@blueprint.get("/structures/<slug>/comptes/export/<form>")
@allowed(P.SEE_ACCOUNTS, load=load)
def export(subject: Organisation) -> Response:
    """Hand over the books of a year: as a table, as the tax authority reads them, or as beancount does."""
    form = str((request.view_args or {})["form"])
    if form not in FORMATS:
        raise NotFound(page="export")
    year = asked_year(subject)
    text = "".join(FORMATS[form](subject, queries.book(subject.id, *year_span(year, subject))))
    answer = Download(text, mimetype="text/csv" if form == "csv" else "text/plain")
    terms = find_terms(subject.id)
    name = file_name(subject, form, year, terms.siret if terms else "")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@blueprint.get("/structures/<slug>/comptes/export/en-nature")
@allowed(P.SEE_ACCOUNTS, load=load)
def export_in_kind(subject: Organisation) -> Response:
    """Hand over what was given and had in kind in a year, for the yearly statement."""
    year = asked_year(subject)
    with speaking("fr"):  # its head and its reasons are French, so is what it names
        table = "".join(in_kind_csv(in_kind_lines(subject.id, year)))
    answer = Download(table, mimetype="text/csv")
    name = f"{subject.slug}-{year}-en-nature.csv"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@blueprint.get("/structures/<slug>/comptes/avec/<other>")
@allowed(P.SEE_ACCOUNTS, load=load)
def between(subject: Organisation) -> Response:
    """Show all there is between two organisations, and let the payee note what came."""
    return show_between(subject, with_whom(subject))


def accounts_url(organisation: Organisation) -> str | None:
    """Give the address of the accounts to whoever may see them, None where nothing of money is shown."""
    if not can(current_actor(), P.SEE_ACCOUNTS, organisation):
        return None
    if not queries.has_money(organisation.territory_id):
        return None
    return url_for("payments.accounts", slug=organisation.slug)


blueprint.app_context_processor(lambda: {"accounts_url": accounts_url})
