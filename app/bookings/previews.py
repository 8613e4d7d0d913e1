"""Every date of a series before it is sent: what stands against it, and what could become of it instead."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from app.availability.near import similar_each
from app.availability.rules import Terms
from app.availability.search import Hit
from app.availability.shown import Shown
from app.bookings.occurrences import (
    MOST_WITH_ALTERNATIVES,
    Choices,
    Occurrence,
    checked,
    plan,
    with_alternatives,
)
from app.core.policy import Actor
from app.core.recurrence import Hours, Rule
from app.core.span import Span


@dataclass(frozen=True)
class Date:
    """One day of a series: as it is chosen (`each`), and as the rule has it (`plain`), which are mostly the same.

    A day that is left out is looked at as the rule has it: it may be taken again.
    `instead` are other times at the place of the series, `near` similar places that are free at the time of the rule.
    """

    each: Occurrence
    plain: Occurrence
    is_left_out: bool
    instead: tuple[Span, ...]
    near: Sequence[Hit]


def look(
    rule: Rule, hours: Hours, shown: Shown, terms: Terms, quantity: int, choices: Choices, actor: Actor
) -> list[Date]:
    """Look at every date of a series with what was chosen; as many statements for a hundred dates as for two."""
    kept = {day: choice for day, choice in choices.items() if choice is not None}
    planned = plan(rule, hours, terms, kept)
    left_out = {day for day, choice in choices.items() if choice is None}
    wanted = checked([each for each in planned if each.day not in left_out], terms, quantity)
    # Where something else was chosen or the day is left out, the time of the rule and the other ways are still offered.
    first = checked([each for each in plan(rule, hours, terms) if each.day in choices], terms, quantity)
    found = with_alternatives(wanted, terms, quantity)
    others = with_alternatives(first, terms, quantity, beside=found)
    by_day, plain_of = {each.day: each for each in found}, {each.day: each for each in others}
    near = _near([*others, *(each for each in found if each.day not in kept)], shown, terms, quantity, actor)
    dates = []
    for each in planned:
        plain = plain_of.get(each.day) or by_day[each.day]
        own = by_day.get(each.day, plain)
        instead = (*own.instead, *(plain.instead if plain is not own else ()))
        dates.append(Date(own, plain, each.day in left_out, instead, near.get(each.day, ())))
    return dates


def _near(
    plain: Sequence[Occurrence], shown: Shown, terms: Terms, quantity: int, actor: Actor
) -> Mapping[date, Sequence[Hit]]:
    """Find similar places for the first of the dates whose own place cannot be had."""
    lost = [each for each in plain if each.span and not each.is_free][:MOST_WITH_ALTERNATIVES]
    spans = [each.span for each in lost if each.span]
    found = similar_each(shown, spans, quantity, terms, actor)
    return dict(zip((each.day for each in lost), found, strict=True))
