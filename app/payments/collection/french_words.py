"""Amounts in French words, as a public accountant reads them: "deux cent un euros et trois centimes". Pure.

Only French: the paper is for French public accountants, whatever language its author reads.
"""

from typing import Final

_UNITS: Final = (
    "zéro", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix", "onze", "douze",
    "treize", "quatorze", "quinze", "seize", "dix-sept", "dix-huit", "dix-neuf",
)  # fmt: skip
_TENS: Final = (
    "",
    "",
    "vingt",
    "trente",
    "quarante",
    "cinquante",
    "soixante",
    "soixante",
    "quatre-vingt",
    "quatre-vingt",
)
_LARGE: Final = ((10**9, "milliard"), (10**6, "million"))


def amount(cents: int) -> str:
    """Write an amount of euros that is not below zero, and below a billion of them."""
    euros, rest = divmod(cents, 100)
    parts = [_named(euros, "euro")] if euros or not rest else []
    return " et ".join([*parts, *([_named(rest, "centime")] if rest else [])])


def _named(number: int, unit: str) -> str:
    plural = "s" if number > 1 else ""
    if number >= 10**6 and number % 10**6 == 0:  # "un million d'euros"
        return f"{cardinal(number)} d’{unit}{plural}"
    return f"{cardinal(number)} {unit}{plural}"


def cardinal(number: int) -> str:
    """Write a whole number that is not below zero."""
    for size, name in _LARGE:
        if number >= size:
            many, rest = divmod(number, size)
            head = f"{cardinal(many)} {name}{'s' if many > 1 else ''}"
            return f"{head} {cardinal(rest)}" if rest else head
    if number >= 1000:
        many, rest = divmod(number, 1000)
        head = "mille" if many == 1 else f"{_below_thousand(many, is_last=False)} mille"
        return f"{head} {_below_thousand(rest)}" if rest else head
    return _below_thousand(number)


def _below_thousand(number: int, *, is_last: bool = True) -> str:
    """Write a number below a thousand; "cents", "quatre-vingts" have an s only where no number follows."""
    many, rest = divmod(number, 100)
    if not many:
        return _below_hundred(rest, is_last=is_last)
    head = "cent" if many == 1 else f"{_UNITS[many]} cent"
    if rest:
        return f"{head} {_below_hundred(rest, is_last=is_last)}"
    return f"{head}s" if many > 1 and is_last else head


def _below_hundred(number: int, *, is_last: bool) -> str:
    if number < 20:
        return _UNITS[number]
    ten, unit = divmod(number, 10)
    if ten in (7, 9):  # soixante-dix, quatre-vingt-dix: they go on counting from the ten before
        unit += 10
    if unit == 0:
        return f"{_TENS[ten]}s" if ten == 8 and is_last else _TENS[ten]
    joined = " et " if unit in (1, 11) and ten < 8 else "-"
    return f"{_TENS[ten]}{joined}{_UNITS[unit]}"
