"""What people type instead of the OSM words, so that a refusal can say "write Mo" rather than just "no"."""

import re
from typing import Final

from app.availability.opening.model import MONTHS, WEEKDAYS

# Names a French or English speaker may use, in the order of WEEKDAYS and MONTHS.
_DAY_NAMES: Final = (
    "lundi lun lu monday mon",
    "mardi ma tuesday tue tues",
    "mercredi mer me wednesday wed",
    "jeudi jeu je thursday thu thur thurs",
    "vendredi ven ve friday fri",
    "samedi sam saturday sat",
    "dimanche dim di sunday sun",
)
_MONTH_NAMES: Final = (
    "janvier janv january",
    "février fevrier févr fev february",
    "mars march",
    "avril avr april",
    "mai",
    "juin june",
    "juillet juil july",
    "août aout august",
    "septembre sept september",
    "octobre october",
    "novembre november",
    "décembre decembre déc december",
)
_OTHER_NAMES: Final = {
    "PH": "férié fériés ferie feries jf holiday holidays",
    "SH": "vacances vac scolaires",
    "off": "fermé fermée fermeture ferme",
    "24/7": "toujours always permanent",
}
FEATURE_WORDS: Final = {
    "week": "week",
    "easter": "easter",
    "sunrise": "sun",
    "sunset": "sun",
    "dawn": "sun",
    "dusk": "sun",
    "open": "state",
    "unknown": "state",
}


def _suggestions() -> dict[str, str]:
    pairs = [
        *zip(WEEKDAYS, _DAY_NAMES, strict=True),
        *zip(MONTHS, _MONTH_NAMES, strict=True),
        *_OTHER_NAMES.items(),
    ]
    return {name: osm for osm, names in pairs for name in names.split()}


_SUGGESTIONS: Final = _suggestions()
_LOOSE_TIME: Final = re.compile(r"(\d{1,2})(?:[hH.:](\d{0,2}))?")


def suggested_word(word: str) -> str | None:
    """The OSM word for a French or English name of a day, month or holiday; None when there is no clear one."""
    return _SUGGESTIONS.get(word.lower())


def suggested_time(text: str) -> str | None:
    """`8`, `8h` and `8h30` as OSM writes them; None for anything that is not an hour of the day."""
    found = _LOOSE_TIME.fullmatch(text)
    if not found:
        return None
    hour, minute = int(found[1]), int(found[2] or 0)
    return f"{hour:02d}:{minute:02d}" if hour <= 24 and minute < 60 else None
