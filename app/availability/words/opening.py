"""Sentences for opening hours that cannot be read: which piece, why, and what to write instead."""

from collections.abc import Callable, Mapping
from typing import Any

from flask_babel import gettext as _

from app.web.words import Facts, worded


@worded("bad_opening_hours")
def opening_sentence(facts: Facts) -> str:
    """Say why opening hours were refused."""
    return _SENTENCES[facts["reason"]](facts)


def opening_codes() -> frozenset[str]:
    """List the reasons that have words."""
    return frozenset(_SENTENCES)


def feature_codes() -> frozenset[str]:
    """List the features outside our subset that have words."""
    return frozenset(_FEATURES)


def _unknown_word(facts: Facts) -> str:
    if facts.get("suggestion"):
        return _(
            "“%(piece)s” is not understood here: write %(instead)s.",
            piece=facts["fragment"],
            instead=facts["suggestion"],
        )
    return _(
        "“%(piece)s” is not understood. Days are Mo Tu We Th Fr Sa Su, PH for public holidays, SH for school holidays.",
        piece=facts["fragment"],
    )


def _bad_time(facts: Facts) -> str:
    if facts.get("suggestion"):
        return _(
            "“%(piece)s” is no time: write %(instead)s.", piece=facts["fragment"], instead=facts["suggestion"]
        )
    return _(
        "“%(piece)s” is no time of day: write it like 08:30, from 00:00 to 24:00.", piece=facts["fragment"]
    )


def _unexpected(facts: Facts) -> str:
    wanted = ", ".join(_EXPECTED[name]() for name in facts.get("expected") or () if name in _EXPECTED)
    if not facts["fragment"]:
        return _("Something is missing at the end: %(wanted)s.", wanted=wanted)
    return _(
        "“%(piece)s” comes in the wrong place: here belongs %(wanted)s.",
        piece=facts["fragment"],
        wanted=wanted,
    )


def _unsupported(facts: Facts) -> str:
    name = _FEATURES.get(facts.get("feature") or "", lambda: facts["fragment"])()
    return _("We cannot keep %(feature)s. Use the week and its exceptions instead.", feature=name)


_EXPECTED: Mapping[str, Callable[[], str]] = {
    "days": lambda: _("days (Mo-Fr)"),
    "dates": lambda: _("dates (Jul 14)"),
    "hours": lambda: _("hours (08:00-18:00)"),
    "off": lambda: _("the word off"),
    "separator": lambda: _("a semicolon"),
    "day_number": lambda: _("the number of a day"),
    "month": lambda: _("a month (Jan to Dec)"),
    "weekday": lambda: _("a weekday (Mo to Su)"),
}
_FEATURES: Mapping[str, Callable[[], str]] = {
    "week": lambda: _("numbers of weeks"),
    "easter": lambda: _("days counted from Easter"),
    "sun": lambda: _("sunrise and sunset"),
    "state": lambda: _("“open”, “closed” or “unknown”"),
    "year": lambda: _("that range of years"),
    "nth_weekday": lambda: _("the n-th weekday of a month"),
    "open_end": lambda: _("an open end (18:00+)"),
    "day_offset": lambda: _("days before or after a holiday"),
    "comment": lambda: _("comments in quotation marks"),
    "fallback": lambda: _("alternatives (||)"),
}
_SENTENCES: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "empty": lambda _f: _("Write the opening hours, or choose “closed” for every day."),
    "too_long": lambda _f: _("These opening hours are too long to keep. Leave out old dates."),
    "unknown_word": _unknown_word,
    "unsupported": _unsupported,
    "unexpected": _unexpected,
    "bad_time": _bad_time,
    "incomplete_range": lambda _f: _("A time stands alone: write from when to when, like 08:00-12:00."),
    "empty_range": lambda _f: _(
        "The hours end when they begin. Write a later end, or 00:00-24:00 for a whole day."
    ),
    "bad_date": lambda f: _("“%(piece)s” is no day of the calendar.", piece=f["fragment"]),
    "backwards": lambda f: _(
        "“%(piece)s” ends before it begins: put the earlier date first.", piece=f["fragment"]
    ),
    "incomplete_date": lambda f: _(
        "“%(piece)s” lacks a day: write both, like Jul 15-Aug 31.", piece=f["fragment"]
    ),
    "missing_hours": lambda f: _("“%(piece)s” has no hours: add them, or the word off.", piece=f["fragment"]),
    "missing_days": lambda _f: _("Say which days the second rule is for, like “; Sa 09:00-12:00”."),
    "misplaced_days": lambda f: _(
        "Write the days before the hours: “%(piece)s” comes too late.", piece=f["fragment"]
    ),
    "hours_with_off": lambda _f: _("“off” closes whole days: write the hours that are open instead."),
    "ambiguous_days": lambda f: _(
        "“%(piece)s” can be read in two ways: write one rule for each.", piece=f["fragment"]
    ),
}


@worded("bad_range")
def _bad_range(facts: Facts) -> str:
    return _(
        "“%(piece)s” is not understood: write the hours like 08:00-12:00, 13:30-18:00.", piece=facts["piece"]
    )
