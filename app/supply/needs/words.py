"""Words for needs: what is looked for, where it stands, why something is refused."""

from collections.abc import Mapping
from typing import Any, Final

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext as _n

from app.catalogue.communes import find_commune
from app.catalogue.kinds.words import kind_name
from app.supply.cargo_words import REGIMES, kilos
from app.supply.needs.models import Need
from app.supply.needs.policy import NeedPermission
from app.supply.needs.rules import Sort, State
from app.supply.offers.words import CATEGORIES
from app.web.format import clock_time, day
from app.web.words import Facts, refuses, worded

SORTS: Final[Mapping[str, Any]] = {
    Sort.FOOD: _l("Food"),
    Sort.PLACE: _l("A place or a thing"),
}
STATES: Final[Mapping[str, tuple[str, Any]]] = {  # the badge whose look it has, and its words
    State.OPEN: ("pending", _l("looked for")),
    State.ANSWERED: ("approved", _l("found")),
    State.WITHDRAWN: ("cancelled", _l("not looked for any more")),
    State.OVER: ("done", _l("its time is over")),
}


def title_of(need: Need) -> str:
    """Say in a few words what is looked for: "Carrots, 50 kg", "Kitchen", "Storage × 3"."""
    if need.sort == Sort.PLACE:
        name = kind_name(need.kind)
        return _("%(what)s × %(number)s", what=name, number=need.quantity) if need.quantity > 1 else name
    what = need.product or str(CATEGORIES[need.category])
    return _("%(what)s, %(kilos)s", what=what, kilos=kilos(need.grams)) if need.grams else what


def when_words(need: Need) -> str:
    """Say until when food, or on which days and at which hours a place is looked for."""
    zone = need.territory.timezone
    if need.sort == Sort.FOOD:
        moment = _(
            "%(day)s at %(time)s", day=day(need.until_at, tz=zone), time=clock_time(need.until_at, tz=zone)
        )
        return _("Until %(when)s", when=moment)
    if need.first_day is None:
        return ""
    first = day(need.first_day)
    if need.last_day and need.last_day != need.first_day:
        days = _("From %(first)s to %(last)s", first=first, last=day(need.last_day))
    else:
        days = first
    hours = _("%(start)s to %(end)s", start=need.start_time, end=need.end_time) if need.start_time else ""
    return _("%(days)s, %(hours)s", days=days, hours=hours) if hours else days


def where_words(need: Need) -> str:
    """Say around where."""
    commune = find_commune(need.commune_code)
    return _("Within %(km)s km of %(place)s", km=need.radius_km, place=commune.name if commune else "")


def need_facts(need: Need) -> list[tuple[str, str, str]]:
    """List what there is to know of a need."""
    rows = [
        (_("When"), when_words(need), "clock"),
        (_("Where"), where_words(need), "pin"),
        (_("Sort of food"), str(CATEGORIES[need.category]) if need.category else "", "list"),
        (_("Temperature"), str(REGIMES[need.regime]) if need.regime else "", "thermometer"),
        (_("Looked for by"), need.organisation.name, "building"),
    ]
    return [row for row in rows if row[1]]


def answers_words(number: int) -> str:
    """Count who can help."""
    return _n("%(num)s organisation can help", "%(num)s organisations can help", number) if number else ""


@refuses(NeedPermission.POST, NeedPermission.HELP)
def _no_organisation() -> str:
    return _("Needs are posted and answered by organisations of the territory. Join yours, then come back.")


@refuses(NeedPermission.KEEP)
def _not_yours() -> str:
    return _("Only the organisation that looks for this can change it. Write to it, or call it.")


@refuses(NeedPermission.SEE)
def _elsewhere() -> str:
    return _("Only the organisations of its territory see this need. Look at what is looked for around you.")


@worded("not_looking")
def _not_looking(_facts: Facts) -> str:
    return _("You do not act for an organisation that can do this. Choose another one, or join yours first.")


@worded("own_need")
def _own_need(_facts: Facts) -> str:
    return _("Your own organisation looks for this. Have you found it? Say so on its page.")


@worded("need_ended")
def _need_ended(facts: Facts) -> str:
    if facts["state"] == State.ANSWERED:
        return _("They have found it. Look at what else is looked for.")
    return _("This is not looked for any more. Look at what else is looked for.")


@worded("nothing_said")
def _nothing_said(_facts: Facts) -> str:
    return _("Say how you can help: what, when, whom to call.")


@worded("bad_need")
def _bad_need(facts: Facts) -> str:
    match facts["reason"]:
        case "what":
            return _("Say what you look for, or choose a sort of food.")
        case "amount":
            return _("A need is more than nothing and at most 100 tonnes. Check the weight.")
        case "radius":
            return _("Choose among the values offered.")
        case "until":
            return _("That time is over. Choose a later one.")
        case "quantity":
            return _("Type a number between 1 and %(most)s.", most=facts["most"])
        case "hours":
            return _("Choose both hours, or neither.")
        case "when":
            return _("The end comes before the beginning. Check the days and the hours.")
    return _n(
        "A need lasts %(num)s day at most. Choose an earlier end; it can be posted again.",
        "A need lasts %(num)s days at most. Choose an earlier end; it can be posted again.",
        facts.get("days", 0),
    )
