"""Why an opening-hours text was refused, as a code and facts. The web layer has the words.

Every refusal carries `position` (0-based, in the text as typed), `fragment` (the piece at fault, may be empty at
the end of the text) and `text`. The other facts are None or empty unless listed here.

code              what happened                                                 extra facts
empty             nothing was written
too_long          more than MAX_LENGTH characters
unknown_word      a word we do not know ("lundi", "Mon")                        suggestion ("Mo") where we can guess
unsupported       valid OSM, outside our subset                                 feature: week, easter, sun, state, year,
                                                                                nth_weekday, open_end, day_offset,
                                                                                comment, fallback
unexpected        a piece in the wrong place                                    expected: days, dates, hours, off,
                                                                                separator, day_number, month, weekday
bad_time          not a time of day ("25:00", "8h30", "8:75")                   suggestion ("08:30") where we can guess
incomplete_range  a time without its end ("08:00", "08:00-")
empty_range       a range that starts when it ends ("08:00-08:00")
bad_date          a day that does not exist ("Feb 30", "2026 Feb 29")
backwards         a date range that ends before it starts
incomplete_date   a range between a whole month and a day ("Jul 15-Aug")
missing_hours     days or dates without hours ("Mo-Fr")
missing_days      a second rule that does not say which days it is for
misplaced_days    days written after the hours ("08:00-12:00 Mo")
hours_with_off    "12:00-14:00 off": off closes whole days
ambiguous_days    days and holidays combined in a way that readers disagree about ("PH,SH Mo-Fr")
"""

from typing import Final

MAX_LENGTH: Final = 4000

CODES: Final = frozenset(
    {
        "empty",
        "too_long",
        "unknown_word",
        "unsupported",
        "unexpected",
        "bad_time",
        "incomplete_range",
        "empty_range",
        "bad_date",
        "backwards",
        "incomplete_date",
        "missing_hours",
        "missing_days",
        "misplaced_days",
        "hours_with_off",
        "ambiguous_days",
    },
)
FEATURES: Final = frozenset(
    {
        "week",
        "easter",
        "sun",
        "state",
        "year",
        "nth_weekday",
        "open_end",
        "day_offset",
        "comment",
        "fallback",
    },
)


class BadOpeningHours(ValueError):
    """An opening-hours text outside the accepted subset; see the table of codes at the top of this module."""

    def __init__(
        self,
        code: str,
        position: int,
        fragment: str,
        *,
        text: str = "",
        expected: tuple[str, ...] = (),
        suggestion: str | None = None,
        feature: str | None = None,
    ) -> None:
        super().__init__(code, position, fragment)
        self.code = code
        self.position = position
        self.fragment = fragment
        self.text = text
        self.expected = expected
        self.suggestion = suggestion
        self.feature = feature

    @property
    def facts(self) -> dict[str, object]:
        return {
            "position": self.position,
            "fragment": self.fragment,
            "text": self.text,
            "expected": self.expected,
            "suggestion": self.suggestion,
            "feature": self.feature,
        }
