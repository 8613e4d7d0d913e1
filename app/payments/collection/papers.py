"""The papers of a batch, in French whoever makes them: lines as CSV, and the état liquidatif as PDF/A."""

from dataclasses import replace
from datetime import date
from typing import Any, Final

from flask_babel import gettext as _

from app.infra import tables, typeset
from app.payments.collection.french_words import amount
from app.payments.collection.models import CollectionBatch, CollectionLine
from app.payments.documents.bill import read_line
from app.payments.documents.paper import detail
from app.web.format import day, money
from app.web.i18n import speaking

FIELDS: Final = (
    "bordereau", "ligne", "debiteur", "siret", "adresse", "objet", "date", "debut_periode", "fin_periode",
    "montant", "reference", "numero_titre", "detail",
)  # fmt: skip  # docs/money.md says what each is


def as_csv(batch: CollectionBatch) -> str:
    """Write a head and a line for each order: semicolons and decimal commas, as spreadsheets read them in France."""
    with speaking("fr"):
        return tables.as_csv(FIELDS, [_cells(batch, line) for line in batch.lines])


def _cells(batch: CollectionBatch, line: CollectionLine) -> tuple[str, ...]:
    facts, (euros, cents) = line.facts, divmod(line.cents, 100)
    return (
        batch.name, str(line.position), facts["name"], facts["siret"], facts["address"], facts["object"],
        _date(date.fromisoformat(facts["day"])), _date(batch.starts_on), _date(batch.ends_on),
        f"{euros},{cents:02}", facts["reference"], line.order_number, " ; ".join(_details(batch, line)),
    )  # fmt: skip


def _date(value: date) -> str:
    return f"{value:%d/%m/%Y}"


def statement(batch: CollectionBatch) -> bytes:
    """Set the état liquidatif: who owes what for what, the sum in words, and the place to sign."""
    with speaking("fr"):
        return typeset.pdf("payments/print/collection.typ", _facts(batch), batch.made_at)


def _facts(batch: CollectionBatch) -> dict[str, Any]:
    issuer = batch.issuer
    siret = _("SIRET %(number)s", number=issuer["siret"]) if issuer["siret"] else ""
    title = _("Statement for collection no. %(number)s", number=batch.name)
    return {
        "title": title,
        "issuer": [issuer["name"], issuer["address"], siret],
        "period": _(
            "For what was charged from %(first)s to %(last)s",
            first=_date(batch.starts_on),
            last=_date(batch.ends_on),
        ),
        "heads": [_("No."), _("Debtor"), _("Charged for"), _("Reference"), _("Amount")],
        "lines": [_row(batch, line) for line in batch.lines],
        "total": [_("Total"), money(batch.cents, batch.currency)],
        "sum": _("This statement is closed at the sum of %(words)s.", words=amount(batch.cents)),
        "place": _("At ………………………………, on ………………………………"),
        "role": _("The authorising officer,"),
        "foot": f"{issuer['name']} · {title}",
    }


def _row(batch: CollectionBatch, line: CollectionLine) -> list[str]:
    facts = line.facts
    siret = _("SIRET %(number)s", number=facts["siret"]) if facts["siret"] else ""
    debtor = "\n".join(each for each in (facts["name"], siret, facts["address"]) if each)
    what = [facts["object"], day(date.fromisoformat(facts["day"]), year=True), *_details(batch, line)]
    return [str(line.position), debtor, "\n".join(what), facts["reference"], money(line.cents)]


def _details(batch: CollectionBatch, line: CollectionLine) -> list[str]:
    """Say what an amount is made of: how much of what at which price, and what was paid of it before."""
    found = []
    for kept in line.facts.get("lines", ()):
        each = replace(read_line(kept), about="", reference="")
        counted = detail(each, batch.currency, line.facts["name"])
        told = " · ".join(piece for piece in (each.label, counted) if piece)
        cost = money(each.cents, batch.currency)
        found.append(_("%(what)s: %(amount)s", what=told, amount=cost) if told else cost)
    paid = line.facts.get("paid_cents", 0)
    return [*found, _("paid before: %(amount)s", amount=money(paid, batch.currency))] if paid else found
