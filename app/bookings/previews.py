"""Every date of a series before it is sent: what stands against it, and what could become of it instead."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from app.availability.near import similar_each
from app.availability.rules import Terms
from app.availability.search import Hit
from app.availability.shown import Shown
from app.bookings.occurrences import (
    Choices,
    Occurrence,
    checked,
    fewer_free,
    kept_by,
    plan,
    with_alternatives,
    with_ways,
)
from app.core.policy import Actor
from app.core.recurrence import Hours, Rule
from app.core.span import Span


@dataclass(frozen=True)
class Date:
    """One day of a series: as it is chosen (`each`), and as the rule has it (`plain`), which are mostly the same.

    A day that is left out is looked at as the rule has it: it may be taken again.
    `instead` are other times at the place of the series, `near` similar places that are free at the time of the rule;
    whether they were looked for tells `has_ways`: for a long series only where they are needed, or asked for.
    `fewer` tells how many can be had at the time of the rule where there is not enough for all; 0 elsewhere.
    """

    each: Occurrence
    plain: Occurrence
    is_left_out: bool
    instead: tuple[Span, ...]
    near: Sequence[Hit]
    has_ways: bool
    fewer: int = 0


def look(
    rule: Rule,
    hours: Hours,
    shown: Shown,
    terms: Terms,
    quantity: int,
    choices: Choices,
    actor: Actor,
    opened: Collection[date] = (),
) -> list[Date]:
    """Look at every date of a series with what was chosen; as many statements for a hundred dates as for two.

    Other ways are looked for where a date cannot be had (the first of them), and for the days that are `opened`.
    """
    kept = {day: choice for day, choice in choices.items() if choice is not None}
    planned = plan(rule, hours, terms, kept)
    left_out = {day for day, choice in choices.items() if choice is None}
    wanted = checked([each for each in planned if each.day not in left_out], terms, quantity)
    # Where something else was chosen or the day is left out, the time of the rule and the other ways are still offered.
    first = checked([each for each in plan(rule, hours, terms) if each.day in choices], terms, quantity)
    keeps = kept_by(rule, terms)
    found = with_alternatives(wanted, terms, quantity, opened=set(opened) - set(choices), keeps=keeps)
    others = with_alternatives(first, terms, quantity, beside=found, opened=opened, keeps=keeps)
    by_day, plain_of = {each.day: each for each in found}, {each.day: each for each in others}
    as_ruled = [*others, *(each for each in found if each.day not in kept)]
    near = _near(as_ruled, opened, shown, terms, quantity, actor)
    fewer = fewer_free(as_ruled, terms, quantity)
    dates = []
    for each in planned:
        plain = plain_of.get(each.day) or by_day[each.day]
        own = by_day.get(each.day, plain)
        instead = (*own.instead, *(plain.instead if plain is not own else ()))
        hits, has_ways = near.get(each.day, ()), each.day in near
        less = fewer.get(each.day, 0)
        dates.append(Date(own, plain, each.day in left_out, instead, hits, has_ways, less))
    return dates


def _near(
    as_ruled: Sequence[Occurrence],
    opened: Collection[date],
    shown: Shown,
    terms: Terms,
    quantity: int,
    actor: Actor,
) -> Mapping[date, Sequence[Hit]]:
    """Find similar places for the dates for which other ways are looked for."""
    looked_at = with_ways(as_ruled, opened)
    spans = [each.span for each in looked_at if each.span]
    found = similar_each(shown, spans, quantity, terms, actor)
    return dict(zip((each.day for each in looked_at), found, strict=True))
