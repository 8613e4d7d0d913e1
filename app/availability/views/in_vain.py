"""Searches that come to nothing are told to whoever counts what is missing: what was looked for, not by whom."""

from app.availability.events import SearchCameToNothing
from app.availability.feedback import Feedback
from app.availability.finding import Search
from app.availability.shown import Shown
from app.infra.events import emit
from app.web.noticed import is_first_time


def tell_in_vain(search: Search) -> None:
    """Tell that nothing fits a search for a kind or a time, once for each browser; not where it was typed wrong."""
    if search.errors or not (search.kind or search.window or search.day):
        return
    kind = search.kind.key if search.kind else ""
    commune = search.commune.code if search.commune else ""
    regime = next((str(wish.value) for wish in search.filter.facts if wish.fact.key == "regime"), "")
    _tell(kind, commune, regime)


def tell_nowhere_free(shown: Shown, told: Feedback) -> None:
    """Tell that what was found is not free when somebody wants it, or not enough of it, and nothing like it near by."""
    if told.in_vain:
        _tell(shown.kind, shown.commune_code, str(shown.facts.get("regime") or ""))


def _tell(kind: str, commune: str, regime: str) -> None:
    if is_first_time(f"search:{kind}:{commune}:{regime}"):
        emit(SearchCameToNothing(kind, commune, regime))
