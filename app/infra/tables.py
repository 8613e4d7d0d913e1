"""Tables handed over as CSV, as spreadsheets read them in France: semicolons, and a mark that tells the encoding."""

import csv
import io
from collections.abc import Iterable, Sequence


def as_csv(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Write a head and a line for each row."""
    out = io.StringIO()
    sheet = csv.writer(out, delimiter=";", lineterminator="\r\n")
    sheet.writerow(heads)
    sheet.writerows([harmless(each) for each in row] for row in rows)
    return f"\ufeff{out.getvalue()}"


def harmless(words: str) -> str:
    """Keep a spreadsheet from taking words for a formula; a number below zero stays one."""
    is_number = words[:1] == "-" and words[1:].replace(",", "", 1).isdecimal()
    return f"'{words}" if words[:1] in "=+-@\t\r" and words and not is_number else words
