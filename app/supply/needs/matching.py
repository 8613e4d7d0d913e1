"""What stands free and fits a need for a place: the finder's own search, with the time filled in."""

from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from app.availability.askers import Asker
from app.availability.asking import Slot
from app.availability.cards import Asking, Card, cards
from app.availability.finding import is_by_day, read_search, run
from app.catalogue.kinds import find_kind
from app.catalogue.naming import label_of
from app.core.policy import Actor
from app.supply.needs.models import Need

AT_MOST: Final = 3


@dataclass(frozen=True)
class Free:
    """What fits: the first few as cards, how many in all, and the address of all of them."""

    cards: list[Card]
    total: int
    url: str


def free_for(need: Need, actor: Actor) -> Free:
    """Find what somebody could ask for so that a need is met."""
    fields = search_fields(need)
    search = read_search(fields, actor, need.territory_id)
    found = run(search)
    asker, quantity = Asker.of(actor), search.filter.quantity
    if search.window:
        asking = Asking(Slot(search.window.span, quantity), qty=quantity, asker=asker)
    else:
        windows = found.windows if search.day else None
        asking = Asking(windows=windows, qty=quantity, asker=asker, day=fields.get("date", ""))
    return Free(cards(found.hits[:AT_MOST], asking), found.total, f"/ressources?{urlencode(fields)}")


def search_fields(need: Need) -> dict[str, str]:
    """Write a need as the fields of the finder."""
    kind = find_kind(need.kind)
    last = need.last_day or need.first_day
    given = {
        "type": need.kind,
        "lieu": label_of(need.commune_code) or "",
        "km": str(need.radius_km),
        "date": need.first_day.isoformat() if need.first_day else "",
        "fin": last.isoformat() if last and (need.last_day or is_by_day(kind)) else "",
        "de": need.start_time,
        "a": need.end_time,
        "quantite": str(need.quantity) if need.quantity > 1 else "",
    }
    if kind and any(fact.key == "regime" for fact in kind.filters):
        given["regime"] = need.regime
    return {name: value for name, value in given.items() if value}
