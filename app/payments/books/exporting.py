"""The books of one organisation as text that other programs read: CSV, the French FEC, beancount.

Numbers of entries count the organisation's own from its first one. Amounts are written with all their cents. Dates are
those of the organisation's territory.
"""

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from app.accounts.models import Organisation
from app.core.money import MILLI, WHOLE_BP
from app.infra.tables import harmless
from app.payments.books import chart
from app.payments.books.in_kind import InKindLine
from app.payments.books.postings import Account
from app.payments.queries import BookLine
from app.payments.tariffs.tariff import Meter
from app.payments.tariffs.unpriced import NO_PRICE

Book = Callable[[Organisation, Iterable[BookLine]], Iterator[str]]

FEC_FIELDS: Final = (
    "JournalCode", "JournalLib", "EcritureNum", "EcritureDate", "CompteNum", "CompteLib", "CompAuxNum", "CompAuxLib",
    "PieceRef", "PieceDate", "EcritureLib", "Debit", "Credit", "EcritureLet", "DateLet", "ValidDate",
    "Montantdevise", "Idevise",
)  # fmt: skip
CSV_FIELDS: Final = (
    "Numéro", "Date", "Nature", "Pièce", "Compte", "Libellé du compte", "Tiers", "Débit", "Crédit", "Devise",
)  # fmt: skip

COUNTED_IN: Final[Mapping[Meter, str]] = {
    Meter.HOUR: "heures",
    Meter.HALF_DAY: "demi-journées",
    Meter.DAY: "jours",
    Meter.STARTED_DAY: "jours entamés",
    Meter.STARTED_PERIOD: "périodes de 24 h entamées",
    Meter.MONTH: "mois",
    Meter.PALLET_DAY: "unités × jours",
    Meter.KG: "kg",
    Meter.KM: "km",
    Meter.KWH: "kWh",
    Meter.PERSON: "personnes",
    Meter.USE: "fois",
    Meter.FLAT: "forfait",
}
IN_KIND_FIELDS: Final = ("Date", "Sens", "Tiers", "Objet", "Compté en", "Quantité", "Valeur", "Motif")


def as_csv(organisation: Organisation, lines: Iterable[BookLine]) -> Iterator[str]:
    """Write one line per leg, with a head, as a French spreadsheet opens it: a mark of UTF-8, semicolons, commas.

    What a spreadsheet would take for a formula has an apostrophe before it.
    """
    yield "\ufeff" + _row(CSV_FIELDS)
    for line in lines:
        number, name, _ = chart.place(line)
        debit, credit = _sides(line.cents, ",")
        yield _row(
            (
                str(line.number), _day(organisation, line).isoformat(), chart.words(line), harmless(line.piece),
                number, name, harmless(_name(line)), debit, credit, line.currency,
            )
        )  # fmt: skip


def as_fec(organisation: Organisation, lines: Iterable[BookLine]) -> Iterator[str]:
    """Write the eighteen fields of the FEC (article A. 47 A-1 of the LPF), separated by tabs.

    Amounts have their VAT in them, which the label says: VAT is to be posted apart before it is handed to anybody.
    """
    yield "\t".join(FEC_FIELDS) + "\r\n"
    for line in lines:
        number, name, _ = chart.place(line)
        day = f"{_day(organisation, line):%Y%m%d}"
        came_on = f"{_day_of_piece(organisation, line):%Y%m%d}"
        debit, credit = (side or "0,00" for side in _sides(line.cents, ","))
        other = (line.counterparty.public_id, _name(line)) if line.counterparty else ("", "")
        foreign = ("", "") if line.currency == "EUR" else (_amount(line.cents, ","), line.currency)
        fields = (
            "MUT", "Mutualisation", str(line.number), day, number, name, *other,
            line.piece, came_on, chart.words(line), debit, credit, "", "", day, *foreign,
        )  # fmt: skip
        yield "\t".join(" ".join(field.split()) for field in fields) + "\r\n"


def as_beancount(organisation: Organisation, lines: Iterable[BookLine]) -> Iterator[str]:
    """Write accounts that are opened at their first use, then transactions."""
    opened, last = set[str](), 0
    for line in lines:
        day, account = _day(organisation, line), _beancount_account(line)
        if line.number != last:
            last = line.number
            yield f'\n{day} * "{_quoted(_name(line))}" "{_quoted(line.entry.kind)} {_quoted(line.entry.key)}"\n'
        opened.add(account)
        yield f"  {account}  {_amount(line.cents, '.')} {line.currency}\n"
    if opened:
        yield "\n"
    for account in sorted(opened):
        yield f"1970-01-01 open {account}\n"


def in_kind_csv(lines: Iterable[InKindLine]) -> Iterator[str]:
    """Write what was given and had in kind, with a head; without a value where no price is set: how much is told."""
    yield "\ufeff" + _row(IN_KIND_FIELDS)
    for each in lines:
        quantity = f"{each.line.quantity_milli / MILLI:.3f}".replace(".", ",")
        value = "" if each.cents is None else _amount(each.cents, ",")
        yield _row(
            (
                each.on.isoformat(), "donné" if each.is_given else "reçu", harmless(each.other.name),
                harmless(each.title), COUNTED_IN[Meter(each.line.meter)], quantity, value, harmless(_why(each)),
            )
        )  # fmt: skip


def _why(each: InKindLine) -> str:
    """Say why it was not paid for, or not wholly."""
    if each.line.waiver_reason == NO_PRICE:
        return "Gratuit : aucun prix n’est fixé"
    reasons = [each.line.waiver_reason] if each.line.waiver_reason else []
    if each.line.in_kind_cents and not reasons:
        percent = f"{100 * each.line.coefficient_bp / WHOLE_BP:g}".replace(".", ",")
        reasons.append(f"Tarif de sa catégorie : {percent} % du prix public")
    return " ; ".join((*reasons, *each.gestures))


ENDINGS: Final[Mapping[str, str]] = {"csv": "csv", "fec": "txt", "beancount": "beancount"}
FORMATS: Final[Mapping[str, Book]] = {"csv": as_csv, "fec": as_fec, "beancount": as_beancount}


def file_name(organisation: Organisation, form: str, year: int, siret: str) -> str:
    """Name the file of a year: a FEC as the tax authority wants it, where the SIREN is known."""
    if form == "fec" and siret:
        return f"{siret[:9]}FEC{year}1231.txt"
    mark = f"-{form}" if ENDINGS[form] != form else ""
    return f"{organisation.slug}-{year}{mark}.{ENDINGS[form]}"


def _day(organisation: Organisation, line: BookLine) -> date:
    return line.entry.at.astimezone(ZoneInfo(organisation.territory.timezone)).date()


def _day_of_piece(organisation: Organisation, line: BookLine) -> date:
    """Tell when money came, which may be before it was written down; else when that was."""
    came_at = datetime.fromisoformat(line.entry.facts.get("came_at") or line.entry.at.isoformat())
    return came_at.astimezone(ZoneInfo(organisation.territory.timezone)).date()


def _name(line: BookLine) -> str:
    return line.counterparty.name if line.counterparty else ""


def _amount(cents: int, mark: str) -> str:
    whole, part = divmod(abs(cents), 100)
    return f"{'-' if cents < 0 else ''}{whole}{mark}{part:02}"


def _sides(cents: int, mark: str) -> tuple[str, str]:
    """Write an amount as a debit or a credit, the other one empty."""
    return (_amount(cents, mark), "") if cents > 0 else ("", _amount(-cents, mark))


def _beancount_account(line: BookLine) -> str:
    """Name the account of beancount: each counterparty has one of its own where that matters."""
    base = chart.place(line).beancount
    if line.counterparty is None or line.account in (Account.CASH, Account.CLEARING):
        return base
    return f"{base}:{line.counterparty.public_id}"


def _quoted(words: str) -> str:
    return " ".join(words.replace("\\", "\\\\").replace('"', '\\"').split())


def _row(fields: Iterable[str]) -> str:
    line = io.StringIO()
    csv.writer(line, delimiter=";").writerow(fields)
    return line.getvalue()
