"""Sentences for errors of time and capacity that reach people through forms and error pages."""

from flask_babel import gettext as _
from flask_babel import ngettext as _n

from app.availability.words.times import day_words
from app.catalogue.kinds.words import amount
from app.core.span import to_wall
from app.web.format import number, zone
from app.web.words import Facts, worded

_PARIS = zone("Europe/Paris")


@worded("slot_refused")
def _slot_refused(_facts: Facts) -> str:
    return _("This time is no longer possible. Choose another one: we show you the nearest.")


@worded("parts_changed")
def _parts_changed(_facts: Facts) -> str:
    return _("What it is made of was changed at this very moment. Nothing is taken: please try once more.")


@worded("parts_taken")
def _parts_taken(facts: Facts) -> str:
    return _(
        "“%(part)s” would be taken too often on %(day)s: "
        "bookings that exist already need %(peak)s, there are %(total)s. "
        "Nothing is changed. Move or cancel one of these bookings first.",
        part=facts["part"],
        day=day_words(to_wall(facts["at"], _PARIS).date()),
        peak=facts["peak"],
        total=facts["total"],
    )


@worded("capacity_below_use")
def _capacity_below_use(facts: Facts) -> str:
    return _n(
        "%(num)s is promised on %(day)s: the capacity cannot go below that. Move or cancel that booking first.",
        "%(num)s are promised on %(day)s: the capacity cannot go below that. Move or cancel bookings first.",
        facts["peak"],
        day=day_words(to_wall(facts["at"], _PARIS).date()),
    )


@worded("bad_quota")
def _bad_quota(facts: Facts) -> str:
    if facts["reason"] == "taken_as_one":
        return _("This resource is taken as one: there is nothing to share out in quotas.")
    return _(
        "Enter a whole number from %(least)s to %(most)s.",
        least=number(facts["min"]),
        most=number(facts["max"]),
    )


@worded("quotas_over_capacity")
def _quotas_over_capacity(facts: Facts) -> str:
    return _(
        "These quotas come to %(total)s, and there are only %(capacity)s in all. Lower one of them.",
        total=amount(str(facts["unit"]), facts["total"]),
        capacity=number(facts["capacity"]),
    )


@worded("capacity_below_quotas")
def _capacity_below_quotas(facts: Facts) -> str:
    return _(
        "Organisations have quotas of %(total)s in all: the capacity cannot be %(asked)s. Lower the quotas first.",
        total=number(facts["total"]),
        asked=number(facts["asked"]),
    )


@worded("closure_too_long")
def _closure_too_long(facts: Facts) -> str:
    return _n(
        "A closure lasts %(num)s day at most. Close for less, or archive the place.",
        "A closure lasts %(num)s days at most. Close for less, or archive the place.",
        facts["max_days"],
    )


# -- what was typed -----------------------------------------------------------------------------------------


@worded("bad_date")
def _bad_date(_facts: Facts) -> str:
    return _("This is no date. Write it like 2026-10-06 or 06/10/2026.")


@worded("bad_time")
def _bad_time(_facts: Facts) -> str:
    return _("This is no time of day. Write it like 08:30.")


@worded("bad_quantity")
def _bad_quantity(facts: Facts) -> str:
    return _("Enter a whole number from 1 to %(most)s.", most=number(facts["max"]))


@worded("unit_not_accepted")
def _unit_not_accepted(_facts: Facts) -> str:
    return _("This place does not count in that unit. Choose one in the list.")


@worded("date_missing")
def _date_missing(_facts: Facts) -> str:
    return _("Choose a day.")


@worded("time_missing")
def _time_missing(_facts: Facts) -> str:
    return _("Choose a time.")


@worded("end_before_start")
def _end_before_start(facts: Facts) -> str:
    if facts.get("same_day"):
        return _("The end must come after the start. For a night, also give the day it ends.")
    return _("The end must come after the start.")


@worded("last_before_first")
def _last_before_first(_facts: Facts) -> str:
    return _("The last day cannot come before the first.")


@worded("place_unknown")
def _place_unknown(facts: Facts) -> str:
    return _("We know no commune called “%(typed)s”. Write its name or its postcode.", typed=facts["typed"])


@worded("bad_radius")
def _bad_radius(_facts: Facts) -> str:
    return _("Choose a distance in the list.")


@worded("kind_unknown")
def _kind_unknown(_facts: Facts) -> str:
    return _("Choose a kind in the list.")


@worded("several_refused")
def _several_refused(facts: Facts) -> str:
    return _n(
        "%(num)s date of the series cannot be had, so nothing is changed. Choose another time for it, or leave it out.",
        "%(num)s dates of the series cannot be had, so nothing is changed. "
        "Choose another time for them, or leave them out.",
        int(facts["refused"]),
    )
