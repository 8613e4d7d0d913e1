"""The page on which a bank statement is read in, and its lines become payments once somebody says yes."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext as _n
from werkzeug.wrappers import Response

from app.accounts.models import Organisation
from app.accounts.views.common import tell
from app.core.errors import NotFound
from app.payments import service
from app.payments.announced.queries import open_to
from app.payments.bank.files import (
    COLUMNS,
    Read,
    Table,
    Unreadable,
    credits_of,
    is_camt,
    read_camt,
    table_of,
    text_of,
)
from app.payments.bank.matching import Debtor, Match, match
from app.payments.books.postings import Pair
from app.payments.books.standing import bank_lines, get_line, neighbours, owing_to, standings
from app.payments.models import BankLine
from app.payments.paying_words import noted_words, unreadable_words, wrong_words
from app.payments.policy import MoneyPermission as P
from app.payments.queries import open_dues
from app.payments.references import numbers_of
from app.payments.views import blueprint
from app.payments.views.common import load, today
from app.web.guards import allowed
from app.web.identity import current_actor
from app.web.page import page


@dataclass(frozen=True)
class Proposal:
    """A line, and who is thought to have paid it."""

    line: BankLine
    match: Match | None
    payer: Organisation | None


@blueprint.get("/structures/<slug>/comptes/banque")
@allowed(P.KEEP_ACCOUNTS, load=load)
def bank(subject: Organisation) -> Response:
    """Show the lines of which nobody has said yet what they are, each with who is thought to have paid it."""
    return _show(subject)


def _show(subject: Organisation, wrong: tuple[str, ...] = (), status: int = 200, error: str = "") -> Response:
    return page(
        "payments/bank.html",
        status=status,
        organisation=subject,
        proposals=[*_proposals(subject)],
        payer_options=[("", _("Choose…")), *_payers(subject)],
        wrong=wrong,
        error=error,
    )


def _proposals(subject: Organisation) -> Iterator[Proposal]:
    debtors, payers = _debtors(subject)
    for line in bank_lines(subject.id):
        found = match(line.cents, f"{line.text} {line.name}", debtors)
        yield Proposal(line, found, payers[found.payer_id] if found else None)


def _debtors(subject: Organisation) -> tuple[list[Debtor], Mapping[int, Organisation]]:
    payers = {each.other.id: each.other for each in standings(subject.id)}
    dues = owing_to(subject.id)
    numbers = numbers_of([due.id for due in dues])
    said: dict[int, list[tuple[str, int, str]]] = {}
    for each in open_to(subject.id):
        said.setdefault(each.payer_id, []).append((each.reference, each.cents, each.due_ref))
    owed: dict[int, list[tuple[str, int]]] = {}
    orders: dict[int, Counter[str]] = {}
    for due in dues:
        owed.setdefault(due.payer_id, []).append((due.public_id, due.owed_cents))
        if due.id in numbers:
            orders.setdefault(due.payer_id, Counter())[numbers[due.id]] += due.owed_cents
    found = [
        Debtor(
            key, payers[key].name, payers[key].public_id, tuple(owing),
            tuple(orders.get(key, Counter()).items()), tuple(said.get(key, ())),
        )
        for key, owing in owed.items()
    ]  # fmt: skip
    return found, payers


@blueprint.post("/structures/<slug>/comptes/banque")
@allowed(P.KEEP_ACCOUNTS, load=load)
def read_statement(subject: Organisation) -> Response:
    """Read a file: XML at once, a table once somebody has said which of its columns is what."""
    sent = request.files.get("fichier")
    try:
        if "contenu" in request.form:
            text = request.form["contenu"]
            read = credits_of(table_of(text), _columns(request.form), today(subject))
            return _take_in(subject, read)
        text = text_of(sent.read() if sent else b"")
        if is_camt(text):
            return _take_in(subject, read_camt(text, today(subject)))
        return _ask_columns(subject, text, table_of(text))
    except Unreadable as error:
        return _show(subject, status=422, error=unreadable_words(error.reason))


def _columns(form: Mapping[str, str]) -> dict[str, int]:
    """Read which column is what; -1 where there is none."""
    chosen = {name: form.get(name, "") for name in COLUMNS}
    return {name: int(place) for name, place in chosen.items() if place.isdecimal() and len(place) < 4}


def _ask_columns(subject: Organisation, text: str, table: Table) -> Response:
    options = [
        ("", _("none")),
        *((str(place), head or str(place + 1)) for place, head in enumerate(table.heads)),
    ]
    return page(
        "payments/bank_columns.html",
        organisation=subject,
        text=text,
        heads=table.heads,
        rows=table.rows[:5],
        options=options,
        guess={name: str(table.guess.get(name, "")) for name in COLUMNS},
    )


def _take_in(subject: Organisation, read: Read) -> Response:
    slug = subject.slug
    added = service.take_in(current_actor(), subject.id, read.credits)
    known = len(read.credits) - added
    if read.credits:
        flash(_n("%(num)s new line", "%(num)s new lines", added), "success" if added else "info")
    if known:
        flash(_n("%(num)s line was there before", "%(num)s lines were there before", known), "info")
    if read.wrong or not read.credits:
        wrong = tuple(wrong_words(*each) for each in read.wrong)
        return _show(load(slug), wrong, 422, "" if wrong else unreadable_words("empty"))
    return redirect(url_for("payments.bank", slug=slug), 303)


def _line(subject: Organisation) -> BankLine:
    return get_line(subject.id, str((request.view_args or {})["line_ref"]))


@blueprint.post("/structures/<slug>/comptes/banque/<line_ref>/noter")
@allowed(P.KEEP_ACCOUNTS, load=load)
def note_line(subject: Organisation) -> Response:
    """Note a line as paid by somebody: what they owe, or an advance."""
    line, slug = _line(subject), subject.slug
    payer_slug = request.form.get("payeur", "")[:120]
    if not payer_slug:
        flash(_("Choose who paid."), "warning")
        return redirect(url_for("payments.bank", slug=slug), 303)
    payer_id = next((each.id for each in neighbours(subject) if each.slug == payer_slug), None)
    if payer_id is None:
        raise NotFound(kind="payer", id=payer_slug)
    line_id, due_ref = line.id, request.form.get("du", "")[:16]
    pair = Pair(payer_id, line.organisation_id)
    made = service.note_line(current_actor(), line_id, payer_id, due_ref)
    flash(noted_words(sum(due.owed_cents for due in open_dues(pair)), made.free_cents), "success")
    return redirect(url_for("payments.bank", slug=slug), 303)


@blueprint.post("/structures/<slug>/comptes/banque/<line_ref>/ignorer")
@allowed(P.KEEP_ACCOUNTS, load=load)
def ignore_line(subject: Organisation) -> Response:
    """Put a line aside: what it says is forgotten."""
    line_id, slug = _line(subject).id, subject.slug
    tell(
        lambda: service.ignore_line(current_actor(), line_id),
        _("Put aside, and forgotten. To have it back, read its file in again."),
    )
    return redirect(url_for("payments.bank", slug=slug), 303)


def _payers(subject: Organisation) -> list[tuple[str, str]]:
    """List who may have paid, to be chosen by hand."""
    return [(each.slug, each.name) for each in neighbours(subject)]
