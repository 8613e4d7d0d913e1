"""Cutting an opening-hours text into pieces that remember where they stood, for refusals that point at them."""

import re
from dataclasses import dataclass
from typing import Final, Literal

from app.availability.opening.errors import BadOpeningHours
from app.availability.opening.model import MONTHS, WEEKDAYS
from app.availability.opening.vocabulary import FEATURE_WORDS, suggested_time, suggested_word

Kind = Literal["always", "time", "number", "weekday", "month", "holiday", "off", "dash", ";", ",", "end"]

_PIECE: Final = re.compile(
    r"""(?P<space>\s+)
    | (?P<always>24/7)
    | (?P<time>\d{1,2}:\d{2}(?!\d))
    | (?P<odd_time>\d+(?:[hH]\d*|:\d*|\.\d+))
    | (?P<number>\d+)
    | (?P<word>[^\W\d_]+\.?)
    | (?P<dash>[-–—])
    | (?P<fallback>\|\|)
    | (?P<punctuation>[;,])
    | (?P<comment>"[^"]*"?)
    | (?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)
_WORDS: Final[dict[str, tuple[Kind, str]]] = {
    **{name.lower(): ("weekday", name) for name in WEEKDAYS},
    **{name.lower(): ("month", name) for name in MONTHS},
    "ph": ("holiday", "PH"),
    "sh": ("holiday", "SH"),
    "off": ("off", "off"),
    "closed": ("off", "off"),
}
_FEATURE_SIGNS: Final = {"[": "nth_weekday", "(": "sun"}


@dataclass(frozen=True, slots=True)
class Token:
    """One piece: its kind, its text in canonical spelling, and where it began."""

    kind: Kind
    text: str
    position: int


class Source:
    """The text being read; it knows how to refuse a piece of itself."""

    def __init__(self, text: str) -> None:
        self.text = text

    def refuse(
        self,
        code: str,
        at: int,
        fragment: str,
        *,
        expected: tuple[str, ...] = (),
        suggestion: str | None = None,
        feature: str | None = None,
    ) -> BadOpeningHours:
        return BadOpeningHours(
            code,
            at,
            fragment,
            text=self.text,
            expected=expected,
            suggestion=suggestion,
            feature=feature,
        )

    def tokens(self) -> list[Token]:
        """All pieces, ending with one of kind `end`. Raises BadOpeningHours on a piece we do not know."""
        found: list[Token] = []
        for match in _PIECE.finditer(self.text):
            if match.lastgroup != "space":
                found.append(self._token(match, found[-1] if found else None))
        return [*found, Token("end", "", len(self.text))]

    def _token(self, match: re.Match[str], before: Token | None) -> Token:
        piece, at = match.group(), match.start()
        match match.lastgroup:
            case "always":
                return Token("always", piece, at)
            case "time":
                return Token("time", piece, at)
            case "number":
                return Token("number", piece, at)
            case "dash":
                return Token("dash", piece, at)
            case "punctuation":
                return Token(";" if piece == ";" else ",", piece, at)
            case "word":
                return self._word(piece, at)
            case "odd_time":
                raise self.refuse("bad_time", at, piece, suggestion=suggested_time(piece))
            case "fallback" | "comment":
                raise self.refuse("unsupported", at, piece, feature=match.lastgroup)
            case _:
                raise self._odd_sign(piece, at, before)

    def _word(self, piece: str, at: int) -> Token:
        word = piece.rstrip(".").lower()
        if word in _WORDS:
            kind, canonical = _WORDS[word]
            return Token(kind, canonical, at)
        if word in FEATURE_WORDS:
            raise self.refuse("unsupported", at, piece, feature=FEATURE_WORDS[word])
        raise self.refuse("unknown_word", at, piece, suggestion=suggested_word(word))

    def _odd_sign(self, piece: str, at: int, before: Token | None) -> BadOpeningHours:
        if piece == "+":
            after_time = before is not None and before.kind == "time"
            return self.refuse("unsupported", at, piece, feature="open_end" if after_time else "day_offset")
        if piece in _FEATURE_SIGNS:
            return self.refuse("unsupported", at, piece, feature=_FEATURE_SIGNS[piece])
        return self.refuse("unexpected", at, piece, expected=("days", "dates", "hours", "off"))
