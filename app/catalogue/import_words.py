"""How an import reports: what kind of file it saw, what is wrong in which cell, what became of the rows."""

from collections.abc import Callable, Iterator, Mapping

from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext as _n

from app.catalogue.scdl import FileReason, Problem, Sheet
from app.catalogue.service.imports import Outcome, RowDone
from app.core.errors import DomainError
from app.web.words import Facts, explain, sentence, worded

_DELIMITERS: Mapping[str, LazyString] = {
    ";": _l("semicolon"), ",": _l("comma"), "\t": _l("tab"), "|": _l("vertical bar"),
}  # fmt: skip
_LONGEST_VALUE = 60


def sheet_lines(sheet: Sheet) -> Iterator[str]:
    """Say how the file was read, and which columns are not used."""
    delimiter = _DELIMITERS[sheet.delimiter]
    rows = _n("%(num)s row", "%(num)s rows", len(sheet.rows))
    yield _("%(rows)s, encoding %(encoding)s, separator: %(delimiter)s.", rows=rows, encoding=sheet.encoding,
            delimiter=delimiter)  # fmt: skip
    if sheet.unknown:
        yield _(
            "Columns that are not in the schema and are left out: %(names)s.", names=", ".join(sheet.unknown)
        )


def problem_lines(row: RowDone) -> Iterator[str]:
    """Say what is wrong in a row, a line per cell; warnings say what is done instead."""
    for problem in row.problems:
        mark = "✖" if problem.fatal else "⚠"
        column, said = problem.column or row.name, problem_words(problem)
        value = problem.value[:_LONGEST_VALUE] + ("…" if len(problem.value) > _LONGEST_VALUE else "")
        if value:
            line = _("Row %(number)s, %(column)s “%(value)s”: %(said)s", number=problem.row, column=column,
                     value=value, said=said)  # fmt: skip
        else:
            line = _("Row %(number)s, %(column)s: %(said)s", number=problem.row, column=column, said=said)
        yield f"{mark} {line}"


def problem_words(problem: Problem) -> str:
    """Say why a value is wrong and what is accepted."""
    said = sentence(problem.code, problem.facts)
    return said if problem.fatal else f"{said} {_INSTEAD.get(problem.column, str)()}".strip()


def sum_lines(counts: Mapping[Outcome, int], *, dry_run: bool) -> Iterator[str]:
    """Say what became of the rows, and what to do next."""
    yield ""
    for outcome in Outcome:
        if counts.get(outcome):
            yield f"  {_OUTCOMES[outcome](counts[outcome])}"
    if dry_run:
        yield _("This was a trial: nothing was written.")
    elif counts.get(Outcome.REFUSED):
        yield _("Correct the rows above and import the file again: what is in already will not be doubled.")


_OUTCOMES: Mapping[Outcome, Callable[[int], str]] = {
    Outcome.CREATED: lambda n: _n("%(num)s site created", "%(num)s sites created", n),
    Outcome.UPDATED: lambda n: _n("%(num)s site updated", "%(num)s sites updated", n),
    Outcome.UNCHANGED: lambda n: _n("%(num)s site unchanged", "%(num)s sites unchanged", n),
    Outcome.ARCHIVED: lambda n: _n(
        "%(num)s archived site left alone", "%(num)s archived sites left alone", n
    ),
    Outcome.REFUSED: lambda n: _n("%(num)s row refused", "%(num)s rows refused", n),
}

_INSTEAD: Mapping[str, Callable[[], str]] = {
    "EQUIP_OUVERTURE": lambda: _("The site takes the usual hours (Monday to Friday 8:00 to 18:00)."),
    "EQUIP_TEL": lambda: _("The site comes in without a phone number."),
    "EQUIP_EMAIL": lambda: _("The site comes in without an e-mail address."),
    "ADR_CODEPOSTAL": lambda: _("The site takes the postcode of the commune."),
}


# -- sentences ----------------------------------------------------------------------------------------------


@worded("bad_import_file")
def _bad_file(facts: Facts) -> str:
    reasons: Mapping[str, Callable[[], str]] = {
        FileReason.EMPTY: lambda: _("The file is empty."),
        FileReason.TOO_LARGE: lambda: _(
            "The file is above %(most)s MB. Cut it into several.", most=facts["most"] // (1024 * 1024)
        ),
        FileReason.SPREADSHEET: lambda: _(
            "This is a spreadsheet file (Excel, LibreOffice). Save it as CSV, UTF-8, and import that."
        ),
        FileReason.BINARY: lambda: _("This is not a text file. Export the table as CSV and import that."),
        FileReason.BROKEN: lambda: _(
            "The file breaks off at line %(line)s: a quotation mark is opened and not closed, or closed too early. "
            "Correct that line, or export the table as CSV again.",
            line=facts["line"],
        ),
        FileReason.COLUMNS: lambda: _(
            "The first line must name the columns. Missing: %(missing)s. Found: %(seen)s.",
            missing=", ".join(facts["missing"]), seen=", ".join(facts["seen"]) or _("nothing"),
        ),
        FileReason.NO_ROW: lambda: _("The file names its columns but has no row."),
    }  # fmt: skip
    return reasons[facts["reason"]]()


@worded("import_missing")
def _missing(_facts: Facts) -> str:
    return _("Please fill this in.")


@worded("import_duplicate")
def _duplicate(facts: Facts) -> str:
    return _("Row %(row)s has the same identifier: each site needs its own.", row=facts["row"])


@worded("import_insee_unknown")
def _insee_unknown(_facts: Facts) -> str:
    return _("No commune has this code. An INSEE code has five characters, like 44110.")


@worded("import_commune_unknown")
def _commune_unknown(_facts: Facts) -> str:
    return _(
        "We cannot tell which commune this is. Give its INSEE code in ADR_INSEE, or its name and postcode."
    )


@worded("import_not_degrees")
def _not_degrees(_facts: Facts) -> str:
    return _("Give decimal degrees (WGS 84), like 47.4399.")


@worded("import_no_point")
def _no_point(_facts: Facts) -> str:
    return _("No coordinates: the site is shown at the town hall of its commune.")


@worded("import_owner_unknown")
def _owner_unknown(_facts: Facts) -> str:
    return _(
        "The territory has no organisation of this name. Create it first, or say which one owns the sites with --owner."
    )


@worded("import_hours")
def _hours(facts: Facts) -> str:
    why = facts["why"]
    return explain(why) if isinstance(why, DomainError) else ""
