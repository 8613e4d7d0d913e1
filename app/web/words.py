"""Sentences for codes: each room words its own refusals, one registry finds them."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any

from flask_babel import gettext as _

from app.core.errors import DomainError

Facts = Mapping[str, Any]
_sentences: dict[str, Callable[[Facts], str]] = {}


def worded(*codes: str) -> Callable[[Callable[[Facts], str]], Callable[[Facts], str]]:
    """Mark a function as the sentence for these codes: it gets the facts, answers why *and* what instead."""

    def register(sentence: Callable[[Facts], str]) -> Callable[[Facts], str]:
        for code in codes:
            known = _sentences.setdefault(code, sentence)
            if known.__module__ != sentence.__module__:
                raise ValueError(f"{code} has words in {known.__module__} and in {sentence.__module__}")
        return sentence

    return register


def sentence(code: str, facts: Facts) -> str:
    """Word a refusal in the reader's language."""
    found = _sentences.get(code)
    return found(facts) if found else _("This is not possible.")


def explain(error: DomainError) -> str:
    """Word an error in the reader's language."""
    return sentence(error.code, error.facts)


def has_words(code: str) -> bool:
    """Tell whether somebody worded this code (a house test asks it of every error)."""
    return code in _sentences


@worded("not_found")
def _not_found(_facts: Facts) -> str:
    return _(
        "We cannot find this page or item. It may have been moved or removed: search for it from the home page."
    )


_whom_to_ask: dict[str, Callable[[], str]] = {}


def refuses(*permissions: StrEnum) -> Callable[[Callable[[], str]], Callable[[], str]]:
    """Mark a function as the sentence for who lacks one of these permissions: who has it, and so whom to ask."""

    def register(sentence: Callable[[], str]) -> Callable[[], str]:
        _whom_to_ask.update((str(permission), sentence) for permission in permissions)
        return sentence

    return register


@worded("forbidden")
def _forbidden(facts: Facts) -> str:
    if not facts.get("signed_in"):
        return _("Sign in to do this.")
    if facts.get("permission") in _whom_to_ask:
        return _whom_to_ask[facts["permission"]]()
    return _(
        "Your account does not allow this. Ask the manager of the site or the coordination of the territory."
    )


@worded("conflict", "illegal_move")
def _conflict(_facts: Facts) -> str:
    return _(
        "Nothing was changed: somebody else was faster, or this was done already. Look at where it stands now."
    )


@worded("invalid")
def _invalid(_facts: Facts) -> str:
    return _("Something in the form cannot be taken as it is. Correct it and send it again.")


@worded("gone")
def _gone(_facts: Facts) -> str:
    return _("This link has been used or has expired. Ask for a new one.")


@worded("too_many")
def _too_many(facts: Facts) -> str:
    minutes = max(1, round(facts.get("retry_after", 60) / 60))
    return _("Too many tries. Wait about %(minutes)s min, then try again.", minutes=minutes)


@worded("reason_missing")
def _reason_missing(_facts: Facts) -> str:
    return _("Give a reason: the people concerned will read it.")


@worded("text_too_long")
def _text_too_long(facts: Facts) -> str:
    return _("This text is too long: at most %(most)s letters.", most=facts["max"])


@worded("nonexistent_time")
def _nonexistent_time(facts: Facts) -> str:
    return _(
        "%(wall)s does not exist that day: the clocks go forward. Choose %(earliest)s or later.",
        wall=facts["wall"].strftime("%H:%M"),
        earliest=facts["earliest"].strftime("%H:%M"),
    )


@worded("empty_span")
def _empty_span(_facts: Facts) -> str:
    return _("The end must come after the start.")
