"""Words for gleanings: what is called for, who comes, where it stands, why something is refused."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext as _n

from app.core import clock
from app.core.span import Span
from app.supply.cargo_words import REGIMES, kilos, load_words, packages_words
from app.supply.gleanings.models import Gleaning
from app.supply.gleanings.policy import GleaningPermission
from app.supply.gleanings.queries import Count
from app.supply.gleanings.rules import State
from app.supply.offers.words import place_words
from app.web.format import span_words
from app.web.words import Facts, refuses, worded


def title_words(gleaning: Gleaning) -> str:
    """Name a gleaning."""
    return _("Gleaning: %(what)s", what=gleaning.product)


def when_words(gleaning: Gleaning) -> str:
    """Say when it is."""
    return span_words(Span(gleaning.start_at, gleaning.end_at), gleaning.territory.timezone)


def standing_words(gleaning: Gleaning, count: Count) -> str:
    """Say in a few words where a call stands."""
    if gleaning.state == State.CANCELLED:
        return _("This gleaning is cancelled")
    if gleaning.real_grams:
        return _("%(kilos)s picked up", kilos=kilos(gleaning.real_grams))
    if not gleaning.may_change_at(clock.now()):
        return _("This gleaning is over")
    if gleaning.has_begun_at(clock.now()):
        return _("This gleaning is under way")
    return places_words(gleaning, count)


def places_words(gleaning: Gleaning, count: Count) -> str:
    """Say how many places are left, and how many people are missing for it to be worth it."""
    missing, left = gleaning.least_people - count.going, gleaning.most_people - count.going
    if missing > 0:
        return _n("%(num)s more person needed", "%(num)s more people needed", missing)
    if left <= 0:
        return _("Full, with a waiting list")
    return _n("%(num)s place left", "%(num)s places left", left)


def going_words(gleaning: Gleaning, count: Count) -> str:
    """Say how many have a place, beside the bar that shows it."""
    return _n(
        "%(num)s person signed up of %(most)s",
        "%(num)s people signed up of %(most)s",
        count.going,
        most=gleaning.most_people,
    )


def free_words(gleaning: Gleaning, count: Count) -> str:
    """Say how many places are free; nothing where none is."""
    left = gleaning.most_people - count.going
    return _n("%(num)s place is free.", "%(num)s places are free.", left) if left > 0 else ""


def part_words(left: int) -> str:
    """Say what a button does that lets some of a group come."""
    return _n("Come with %(num)s, the others wait", "Come with %(num)s, the others wait", left)


def line_words(count: Count) -> str:
    """Say how many are in line; nothing where nobody is."""
    return _n("%(num)s person in line", "%(num)s people in line", count.waiting) if count.waiting else ""


def people_words(people: int) -> str:
    """Count people."""
    return _n("%(num)s person", "%(num)s people", people)


def needed_words(gleaning: Gleaning) -> str:
    """Say how many people are needed."""
    if gleaning.least_people == gleaning.most_people:
        return people_words(gleaning.most_people)
    return _("%(least)s to %(most)s people", least=gleaning.least_people, most=gleaning.most_people)


def age_words(gleaning: Gleaning) -> str:
    """Say from which age on one comes; nothing where anybody does."""
    return _("%(age)s years and older", age=gleaning.min_age) if gleaning.min_age else ""


def harvest_words(gleaning: Gleaning) -> str:
    """Say how it is packed: "125 crates of 60 × 40"."""
    return packages_words(gleaning.packaging, gleaning.harvest.packages)


def gleaning_facts(gleaning: Gleaning, km: str = "") -> list[tuple[str, str, str]]:
    """List what there is to know of a gleaning, with the distance where it is known."""
    rows = [
        (_("When"), when_words(gleaning), "clock"),
        (_("Where"), place_words(gleaning), "pin"),
        (_("Meeting point"), gleaning.meeting_point, "pin"),
        (_("Distance"), km, "map"),
        (_("People needed"), needed_words(gleaning), "users"),
        (_("Minimum age"), age_words(gleaning), "user"),
        (_("Ask for"), gleaning.ask_for, "user"),
        (_("To bring"), gleaning.tools_to_bring, "list"),
        (_("There already"), gleaning.tools_provided, "check"),
        (_("If it rains"), gleaning.rain, "warning"),
        (_("Note"), gleaning.note, "message"),
        (_("Called by"), gleaning.organisation.name, "building"),
    ]
    return [row for row in rows if row[1]]


def load_facts(gleaning: Gleaning) -> list[tuple[str, Any, str]]:
    """List what is picked up, and what it is on the road."""
    label = _("Picked up") if gleaning.real_grams else _("Expected")
    return [
        (label, kilos(gleaning.harvest.grams), "archive"),
        (_("Packed in"), harvest_words(gleaning), "archive"),
        (_("To carry"), load_words(gleaning.harvest), "vehicle"),
        (_("Temperature"), REGIMES[gleaning.regime], "thermometer"),
    ]


@refuses(GleaningPermission.CALL)
def _no_organisation() -> str:
    return _("Organisations of the territory call for gleaners. Join yours, then come back.")


@refuses(GleaningPermission.KEEP)
def _not_yours() -> str:
    return _("Only the organisation that calls for this gleaning can do this. Write to it, or call it.")


@refuses(GleaningPermission.SEE, GleaningPermission.SIGN_UP)
def _elsewhere() -> str:
    return _("Only people of its territory see this gleaning. Look at what is called for around you.")


@worded("sign_up_closed")
def _sign_up_closed(facts: Facts) -> str:
    match facts["state"]:
        case State.CANCELLED:
            return _("This gleaning is cancelled. Look at what else is called for.")
        case State.OPEN:
            return _("It has begun: call the organisation if you come, or do not.")
        case _:
            return _("This gleaning is over. Look at what else is called for.")


@worded("not_all_fit")
def _not_all_fit(facts: Facts) -> str:
    return _n(
        "%(num)s place is free, and you are %(people)s: say whether some of you come, or all wait.",
        "%(num)s places are free, and you are %(people)s: say whether some of you come, or all wait.",
        facts["left"],
        people=facts["people"],
    )


@worded("too_few_places")
def _too_few_places(facts: Facts) -> str:
    if not facts["left"]:
        return _(
            "All places are taken. Come with as many as you said, or let the others sign up to be in line."
        )
    return _n(
        "%(num)s more place is free. Come with fewer, or let the others sign up to be in line.",
        "%(num)s more places are free. Come with fewer, or let the others sign up to be in line.",
        facts["left"],
    )


@worded("bad_group")
def _bad_group(facts: Facts) -> str:
    return _n(
        "You sign up %(num)s person at most. Let the others sign up themselves.",
        "You sign up %(num)s people at most, yourself counted. Let the others sign up themselves.",
        facts["most"],
    )


@worded("fewer_than_going")
def _fewer_than_going(facts: Facts) -> str:
    return _n(
        "%(num)s person has a place already: ask for as many at most, or cancel the gleaning.",
        "%(num)s people have a place already: ask for as many at most, or cancel the gleaning.",
        facts["going"],
    )


@worded("gleaning_not_begun")
def _not_begun(_facts: Facts) -> str:
    return _("It has not begun yet. Come back once it has, to say what came of it.")


@worded("bad_gleaning")
def _bad_gleaning(facts: Facts) -> str:
    match facts["reason"]:
        case "past":
            return _("That time is over. Choose a later one.")
        case "too_far":
            return _n(
                "A gleaning is called at most %(num)s day ahead. Choose an earlier day.",
                "A gleaning is called at most %(num)s days ahead. Choose an earlier day.",
                facts["days"],
            )
        case "people":
            return _(
                "At least one person is needed, and at most %(most)s; not fewer than the least.",
                most=facts["most"],
            )
        case "age":
            return _(
                "An age is between 0 and %(most)s. Leave it empty if anybody can come.", most=facts["most"]
            )
        case _:
            return _("It ends after it begins, on the same day. Choose another end.")
