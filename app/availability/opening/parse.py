"""Reading the accepted subset of OSM opening_hours (`docs/opening-hours.md` describes it) into rules."""

from calendar import monthrange
from typing import Final, cast

from app.availability.opening.errors import MAX_LENGTH, BadOpeningHours
from app.availability.opening.model import (
    ALWAYS,
    EVERY_DAY,
    MONTH_LENGTHS,
    MONTHS,
    WEEKDAYS,
    DateSpan,
    Holiday,
    Rule,
)
from app.availability.opening.ranges import DAY, Ranges, merge
from app.availability.opening.tokens import Kind, Source, Token
from app.availability.opening.vocabulary import suggested_time

_DAY_KINDS: Final = frozenset({"weekday", "holiday"})
_STARTS: Final = ("days", "dates", "hours", "off")
_YEARS: Final = range(1900, 2200)

Days = tuple[frozenset[int], frozenset[Holiday]]


def parse_rules(text: str) -> tuple[Rule, ...]:
    """The rules of a text, in order. Raises BadOpeningHours, which says which piece is wrong and why."""
    source = Source(text)
    if not text.strip(" \t\r\n;"):
        raise source.refuse("empty", 0, "")
    if len(text) > MAX_LENGTH:
        raise source.refuse("too_long", MAX_LENGTH, "")
    return _Reader(source).rules()


class _Reader:
    """Reads tokens from left to right, one method per piece of the grammar."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.tokens = source.tokens()
        self.index = 0

    # -- moving along

    @property
    def here(self) -> Token:
        return self.tokens[self.index]

    @property
    def next(self) -> Token:
        return self.tokens[min(self.index + 1, len(self.tokens) - 1)]

    def take(self) -> Token:
        token = self.here
        self.index += 1
        return token

    def at(self, kind: Kind) -> bool:
        return self.here.kind == kind

    def skip(self, kind: Kind) -> bool:
        if self.here.kind != kind:
            return False
        self.index += 1
        return True

    def need(self, kind: Kind, *expected: str) -> Token:
        if self.here.kind != kind:
            raise self.unexpected(*expected)
        return self.take()

    def refuse(
        self, code: str, token: Token, *, suggestion: str | None = None, feature: str | None = None
    ) -> BadOpeningHours:
        """A refusal that shows everything from `token` to where reading has come."""
        last = self.tokens[max(self.index - 1, 0)]
        end = max(last.position + len(last.text), token.position + len(token.text))
        return self.source.refuse(
            code,
            token.position,
            self.source.text[token.position : end],
            suggestion=suggestion,
            feature=feature,
        )

    def unexpected(self, *expected: str) -> BadOpeningHours:
        return self.source.refuse("unexpected", self.here.position, self.here.text, expected=expected)

    # -- rules

    def rules(self) -> tuple[Rule, ...]:
        rules: list[Rule] = []
        additional = False
        while not self.at("end"):
            if self.skip(";"):
                additional = False
                continue
            rules.append(self.rule(first=not rules, additional=additional))
            additional = self.separator()
        return tuple(rules)

    def separator(self) -> bool:
        """True when a comma announces an additional rule."""
        if self.here.kind in (";", "end"):
            return False
        if self.at(",") and self.next.kind != "end":
            self.take()
            return True
        if self.here.kind in _DAY_KINDS or self.at("month"):
            raise self.refuse("misplaced_days", self.here)
        raise self.unexpected("separator")

    def rule(self, *, first: bool, additional: bool) -> Rule:
        start = self.here
        if start.kind == "always":
            return self.always(first=first)
        dates = self.dates() if start.kind in ("month", "number") else ()
        weekdays, holidays, within = self.days()
        everywhere = not dates and weekdays == EVERY_DAY and within is None and self.here is start
        ranges = self.hours(start)
        if everywhere and ranges and not first:
            raise self.refuse("missing_days", start)
        return Rule(ranges, weekdays, dates, holidays, within, additional=additional and bool(ranges))

    def always(self, *, first: bool) -> Rule:
        token = self.take()
        if not first:
            raise self.refuse("missing_days", token)
        return ALWAYS

    # -- dates

    def dates(self) -> tuple[DateSpan, ...]:
        spans = [self.date_span()]
        while self.at(","):
            if self.next.kind == "number" and len(self.next.text) <= 2:
                self.take()
                spans.append(self.more_days(spans[-1]))
            elif self.next.kind in ("month", "number"):
                self.take()
                spans.append(self.date_span())
            else:
                break
        return tuple(dict.fromkeys(spans))

    def more_days(self, before: DateSpan) -> DateSpan:
        """`26` or `26-28` after `Dec 24,`: other days of the month named just before."""
        start = self.here
        month, year = before.last[0], before.last_year
        first = self.day_number(year, month)
        last = self.day_number(year, month) if self.skip("dash") else first
        return self.span(start, (year, month, first), (year, month, last))

    def date_span(self) -> DateSpan:
        start = self.here
        year = self.year()
        month = self.month()
        if self.at("number"):
            return self.from_day(start, year, month, self.day_number(year, month))
        last_year, last_month = year, month
        if self.skip("dash"):
            last_year = self.year() or year
            last_month = self.month()
            if self.at("number"):
                self.take()
                raise self.refuse("incomplete_date", start)
        return self.whole_months(start, (year, month), (last_year, last_month))

    def from_day(self, start: Token, year: int | None, month: int, day: int) -> DateSpan:
        first = (year, month, day)
        if not self.skip("dash"):
            return self.span(start, first, first)
        if self.at("number") and len(self.here.text) <= 2:
            return self.span(start, first, (year, month, self.day_number(year, month)))
        last_year = self.year()
        last_month = self.month()
        if not self.at("number"):
            raise self.refuse("incomplete_date", start)
        last = (last_month, self.day_number(last_year, last_month))
        if year is not None and last_year is None:
            last_year = year if last >= (month, day) else year + 1
        return self.span(start, first, (last_year, *last), wraps=True)

    def whole_months(
        self, start: Token, first: tuple[int | None, int], last: tuple[int | None, int]
    ) -> DateSpan:
        (year, month), (last_year, last_month) = first, last
        if year is not None and last_year == year and last_month < month:
            last_year = year + 1
        length = MONTH_LENGTHS[last_month - 1] if last_year is None else monthrange(last_year, last_month)[1]
        return self.span(start, (year, month, 1), (last_year, last_month, length), wraps=True)

    def span(
        self,
        start: Token,
        first: tuple[int | None, int, int],
        last: tuple[int | None, int, int],
        *,
        wraps: bool = False,
    ) -> DateSpan:
        (year, *first_day), (last_year, *last_day) = first, last
        if (year is None) != (last_year is None):
            raise self.refuse("incomplete_date", start)
        backwards = (
            last_day < first_day
            if year is None or last_year is None
            else (last_year, last_day) < (year, first_day)
        )
        if backwards and (year is not None or not wraps):
            raise self.refuse("backwards", start)
        return DateSpan((first[1], first[2]), (last[1], last[2]), year, last_year)

    def year(self) -> int | None:
        if not self.at("number"):
            return None
        token = self.take()
        if len(token.text) != 4:
            self.index -= 1
            raise self.bare_hour()
        if int(token.text) not in _YEARS:
            raise self.refuse("bad_date", token)
        if not self.at("month"):
            raise self.refuse("unsupported", token, feature="year")
        return int(token.text)

    def month(self) -> int:
        return MONTHS.index(self.need("month", "month").text) + 1

    def day_number(self, year: int | None, month: int) -> int:
        before, token = self.tokens[self.index - 1], self.need("number", "day_number")
        length = MONTH_LENGTHS[month - 1] if year is None else monthrange(year, month)[1]
        if not 1 <= int(token.text) <= length:
            raise self.refuse("bad_date", before if before.kind == "month" else token)
        return int(token.text)

    # -- days

    def days(self) -> tuple[frozenset[int], frozenset[Holiday], Holiday | None]:
        start = self.here
        if start.kind not in _DAY_KINDS:
            return EVERY_DAY, frozenset(), None
        listed = self.day_list()
        if self.here.kind not in _DAY_KINDS:
            return _simple(*listed)
        narrowed = self.day_list()
        if self.here.kind in _DAY_KINDS:
            self.day_list()
            raise self.refuse("ambiguous_days", start)
        for (weekdays, no_holidays), (no_weekdays, holidays) in ((narrowed, listed), (listed, narrowed)):
            if weekdays and not no_holidays and not no_weekdays and len(holidays) == 1:
                return _inside(weekdays, next(iter(holidays)))
        raise self.refuse("ambiguous_days", start)

    def day_list(self) -> Days:
        weekdays, holidays = self.day_item()
        while self.at(","):
            self.take()
            if self.here.kind not in _DAY_KINDS:
                raise self.unexpected("weekday")
            more, more_holidays = self.day_item()
            weekdays, holidays = weekdays | more, holidays | more_holidays
        return weekdays, holidays

    def day_item(self) -> Days:
        token = self.take()
        if token.kind == "holiday":
            return frozenset(), frozenset({cast("Holiday", token.text)})
        first = last = WEEKDAYS.index(token.text)
        if self.skip("dash"):
            last = WEEKDAYS.index(self.need("weekday", "weekday").text)
        return frozenset(
            day % 7 for day in range(first, last + 1 if last >= first else last + 8)
        ), frozenset()

    # -- hours

    def hours(self, start: Token) -> Ranges:
        if self.skip("off"):
            return ()
        if self.at("time"):
            return self.time_ranges()
        if self.at("number") and len(self.here.text) <= 2:
            raise self.bare_hour()
        if self.here is start:
            raise self.unexpected(*_STARTS)
        if self.here.kind in (";", ",", "end"):
            raise self.refuse("missing_hours", start)
        raise self.unexpected("hours", "off")

    def bare_hour(self) -> BadOpeningHours:
        """`8-18` is read as hours written without their minutes."""
        return self.refuse("bad_time", self.here, suggestion=suggested_time(self.here.text))

    def time_ranges(self) -> Ranges:
        start = self.here
        ranges = [self.time_range()]
        while self.at(",") and self.next.kind == "time":
            self.take()
            ranges.append(self.time_range())
        if self.skip("off"):
            raise self.refuse("hours_with_off", start)
        return merge(ranges)

    def time_range(self) -> tuple[int, int]:
        token = self.here
        start = self.minute(DAY - 1)
        if not self.skip("dash") or not self.at("time"):
            raise self.refuse("incomplete_range", token)
        end = self.minute(2 * DAY)
        if start == end:
            raise self.refuse("empty_range", token)
        return start, end if end > start else end + DAY

    def minute(self, latest: int) -> int:
        token = self.take()
        hours, minutes = map(int, token.text.split(":"))
        if minutes > 59 or hours * 60 + minutes > latest:
            raise self.refuse("bad_time", token)
        return hours * 60 + minutes


def _simple(
    weekdays: frozenset[int],
    holidays: frozenset[Holiday],
) -> tuple[frozenset[int], frozenset[Holiday], Holiday | None]:
    return weekdays, frozenset() if weekdays == EVERY_DAY else holidays, None


def _inside(
    weekdays: frozenset[int],
    holiday: Holiday,
) -> tuple[frozenset[int], frozenset[Holiday], Holiday | None]:
    if weekdays == EVERY_DAY:
        return frozenset(), frozenset({holiday}), None
    return weekdays, frozenset(), holiday
