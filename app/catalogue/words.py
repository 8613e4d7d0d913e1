"""The sentences of the catalogue: why something was refused and what to do instead, how terms and changes read."""

from collections.abc import Callable, Mapping
from typing import Any

from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext as _n

from app.catalogue.kinds.words import fact_sentence
from app.web.format import day, duration, number
from app.web.words import Facts, worded

MODES: Mapping[str, LazyString] = {
    "exclusive": _l("One user at a time"),
    "stations": _l("Several users side by side, each with one or more places"),
    "quantity": _l("A stock that several users share out"),
    "season": _l("By the season: people ask for months, from the first to the last"),
    "seats": _l("By seats: each asks for as many as there are people"),
}
OPENING_MODES: Mapping[str, LazyString] = {
    "continuous": _l("The whole booking lies within the opening hours"),
    "endpoints": _l("Only the start and the end lie within the opening hours (fetching, bringing back)"),
    "always": _l("At any time, whatever the opening hours"),
}
APPROVALS: Mapping[str, LazyString] = {
    "manager": _l("A manager answers every request"),
    "auto_for_members": _l("At once for some organisations, on request for the others"),
    "auto_within_quota": _l("At once within the organisation’s quota, on request for the rest"),
    "auto": _l("At once for everybody"),
    "two_step": _l("Two different people agree: one technical, one elected"),
}
APPROVALS_SHORT: Mapping[str, LazyString] = {
    "manager": _l("A manager answers"),
    "auto_for_members": _l("At once for some"),
    "auto_within_quota": _l("At once within quotas"),
    "auto": _l("At once"),
    "two_step": _l("Two people agree"),
}
AUTO_UP_TO: Mapping[str, LazyString] = {
    "P0": _l("Owners of shared places only"),
    "P1": _l("Owners and food aid"),
    "P2": _l("Owners, food aid and partners of the territory"),
    "P3": _l("The same, producers and the social economy"),
    "P4": _l("All organisations, commercial use too"),
}
AT_ONCE_FOR: Mapping[str, LazyString] = {
    "P0": _l("at once for owners of places"),
    "P1": _l("at once for food aid"),
    "P2": _l("at once for partners"),
    "P3": _l("at once for partners and producers"),
    "P4": _l("at once"),
}
FUNCTIONS: Mapping[str, LazyString] = {
    "technical": _l("Technical manager"),
    "elected": _l("Elected official"),
}
STATUSES: Mapping[str, LazyString] = {
    "active": _l("In service"),
    "to_check": _l("To be checked: it can still be asked for"),
    "out_of_order": _l("Out of order: nobody can ask for it"),
}
VISIBILITIES: Mapping[str, LazyString] = {
    "public": _l("Everybody"),
    "members": _l("Members of organisations of the territory"),
    "hidden": _l("Only those who manage it"),
}
PRICES: Mapping[str, LazyString] = {
    "use": _l("each time"),
    "hour": _l("an hour"),
    "half_day": _l("a half day"),
    "day": _l("a day"),
    "week": _l("a week"),
    "month": _l("a month"),
    "season": _l("a season"),
    "unit_day": _l("a day for each place or piece"),
    "unit_month": _l("a month for each place or piece"),
}
STEP_WORDS: Mapping[int, LazyString] = {
    15: _l("every quarter of an hour"),
    30: _l("every half hour"),
    60: _l("every hour"),
    120: _l("every two hours"),
    240: _l("every four hours"),
    1440: _l("by whole days"),
}
SCHOOL_ZONES: Mapping[str, LazyString] = {
    "auto": _l("That of the commune"),
    "A": _l("Zone A"),
    "B": _l("Zone B"),
    "C": _l("Zone C"),
    "none": _l("Does not follow school holidays"),
}

# How the audit's codes of fields read, "" for what is not worth a word.
FIELDS: Mapping[str, LazyString] = {
    "name": _l("name"),
    "description": _l("description"),
    "address": _l("address"),
    "postcode": _l("postcode"),
    "commune_code": _l("commune"),
    "lat": _l("point on the map"),
    "lon": _l("point on the map"),
    "access_notes": _l("access"),
    "phone": _l("phone"),
    "email": _l("e-mail"),
    "timezone": _l("time zone"),
    "school_zone": _l("school holidays"),
    "subtype": _l("sort"),
    "facts": _l("characteristics"),
    "house_rules": _l("house rules"),
    "capacity": _l("capacity"),
    "unit": _l("capacity"),
    "packs": _l("units accepted"),
    "mode": _l("way of sharing"),
    "opening_mode": _l("opening hours"),
    "step_minutes": _l("length of bookings"),
    "min_minutes": _l("length of bookings"),
    "max_minutes": _l("length of bookings"),
    "buffer_before": _l("time to prepare"),
    "buffer_after": _l("time to clean"),
    "min_notice_minutes": _l("notice"),
    "horizon_days": _l("notice"),
    "windows": _l("notice"),
    "approval": _l("approval"),
    "auto_up_to": _l("approval"),
    "auto_hours": _l("approval"),
    "holds_request": _l("approval"),
    "answer_hours": _l("approval"),
    "arbitration_hours": _l("approval"),
    "price_cents": _l("price"),
    "price_per": _l("price"),
    "free_cancel_hours": _l("cancellation"),
    "late_cancel_percent": _l("cancellation"),
    "visibility": _l("visibility"),
    "status": _l("state"),
    "shows_holder": _l("visibility"),
}


# -- terms --------------------------------------------------------------------------------------------------


def cancelling_words(hours: int, percent: int) -> str | None:
    """Say what giving up a booking costs: nothing until a while before it begins, then a part of the price."""
    if not percent:
        return None
    if not hours:
        return _(
            "free of charge until it begins; after that %(percent)s %% of the price stays due",
            percent=percent,
        )
    return _(
        "free of charge until %(length)s before; after that %(percent)s %% of the price stays due",
        length=duration(hours * 60),
        percent=percent,
    )


def lengths_words(least: int, most: int) -> str:
    """Write how long a booking may last: "1 h to 12 h"."""
    return _("%(least)s to %(most)s", least=duration(least), most=duration(most))


def buffers_words(before: int, after: int) -> str | None:
    """Write the time kept free around a booking; None where there is none."""
    if before and after:
        return _("%(before)s before, %(after)s after", before=duration(before), after=duration(after))
    if before:
        return _("%(length)s before", length=duration(before))
    return _("%(length)s after", length=duration(after)) if after else None


# -- history ------------------------------------------------------------------------------------------------

_NAMED = 4  # communes in a sentence
_ACTS: Mapping[tuple[str, str], Callable[[str], str]] = {
    ("site", "created"): lambda _name: _("The site was created."),
    ("site", "edited"): lambda fields: _("The site was changed: %(fields)s.", fields=fields),
    ("site", "archived"): lambda _name: _("The site was archived."),
    ("site", "restored"): lambda _name: _("The site was restored."),
    ("site", "imported"): lambda _name: _("The site was updated from a file."),
    ("site", "manager_added"): lambda _name: _("A manager was added."),
    ("site", "manager_removed"): lambda _name: _("A manager was removed."),
    ("site", "delegated"): lambda _name: _("Somebody was let decide in the place of a manager."),
    ("site", "delegation_ended"): lambda _name: _("A delegation was ended before its last day."),
    ("site", "functions_changed"): lambda _name: _("The functions of a manager were changed."),
    ("site", "photo_added"): lambda _name: _("A photo of the site was added."),
    ("site", "photo_described"): lambda _name: _("The text of a photo of the site was changed."),
    ("site", "photo_moved"): lambda _name: _("The photos of the site were put in another order."),
    ("site", "photo_removed"): lambda _name: _("A photo of the site was taken away."),
    ("site", "hours_changed"): lambda _name: _("The opening hours were changed."),
    ("resource", "hours_changed"): lambda name: _("The opening hours of “%(name)s” were changed.", name=name),
    ("resource", "created"): lambda name: _("“%(name)s” was created.", name=name),
    ("resource", "allotted"): lambda name: _("The quotas of “%(name)s” were changed.", name=name),
    ("resource", "quota_ended"): lambda name: _("An organisation left: its quota of “%(name)s” ended.", name=name),
    ("resource", "composed"): lambda name: _("What comes with “%(name)s” was changed.", name=name),
    ("resource", "archived"): lambda name: _("“%(name)s” was archived.", name=name),
    ("resource", "restored"): lambda name: _("“%(name)s” was restored.", name=name),
    ("resource", "photo_added"): lambda name: _("A photo of “%(name)s” was added.", name=name),
    ("resource", "photo_described"): lambda name: _("The text of a photo of “%(name)s” was changed.", name=name),
    ("resource", "photo_moved"): lambda name: _("The photos of “%(name)s” were put in another order.", name=name),
    ("resource", "tariff"): lambda name: _("The tariff of “%(name)s” was changed.", name=name),
    ("resource", "deposit"): lambda name: _("The deposit of “%(name)s” was changed.", name=name),
    ("resource", "photo_removed"): lambda name: _("A photo of “%(name)s” was taken away.", name=name),
}  # fmt: skip


def history_words(kind: str, act: str, resource: str | None, facts: Mapping[str, Any]) -> str:
    """Say one line of a site's history."""
    fields = ", ".join(dict.fromkeys(str(FIELDS.get(name, name)) for name in facts.get("changed", [])))
    if (kind, act) == ("resource", "edited"):
        return _("“%(name)s” was changed: %(fields)s.", name=resource, fields=fields)
    return _ACTS.get((kind, act), _something)(fields if act == "edited" else str(resource))


def _something(_name: str) -> str:
    return _("Something else was changed.")


# -- refusals -----------------------------------------------------------------------------------------------


@worded("bad_facts")
def _bad_facts(facts: Facts) -> str:
    first = next(iter(facts.get("errors", {}).values()), None)
    return fact_sentence(first) if first else _("Some characteristics cannot be taken as they are.")


@worded("loan_is_free")
def _loan_is_free(_facts: Facts) -> str:
    return _(
        "A loan for use (prêt à usage) is free of charge by nature (French Civil Code, articles 1875 and 1876): "
        "neither rent nor a share of the costs or of the harvest. Set the price to 0 and ask nothing in return, "
        "or choose another form of agreement."
    )


@worded("name_missing")
def _name_missing(facts: Facts) -> str:
    return _("Give a name of at most %(longest)s characters.", longest=facts["longest"])


@worded("bad_postcode")
def _bad_postcode(_facts: Facts) -> str:
    return _("A postcode has five digits, like 44390.")


@worded("bad_point")
def _bad_point(facts: Facts) -> str:
    match facts["reason"]:
        case "half":
            return _("Give both the latitude and the longitude, or neither.")
        case "swapped":
            return _(
                "Latitude and longitude seem to be exchanged: in France the latitude is the one near 47."
            )
        case "far":
            return _(
                "This point is %(km)s km from the commune. Check the coordinates, or leave them empty.",
                km=number(facts["km"]),
            )
    return _("A latitude lies between -90 and 90, a longitude between -180 and 180.")


@worded("commune_unknown")
def _commune_unknown(facts: Facts) -> str:
    typed = facts["typed"]
    if not typed:
        return _("Type a commune: its name or its postcode.")
    return _("We know no commune called “%(typed)s”. Write its name or its postcode.", typed=typed)


@worded("commune_ambiguous")
def _commune_ambiguous(facts: Facts) -> str:
    labels = ", ".join(facts["labels"][:_NAMED])
    return _("Several communes answer to this. Write one of them in full: %(labels)s.", labels=labels)


@worded("edited_meanwhile")
def _edited_meanwhile(_facts: Facts) -> str:
    return _(
        "Somebody else saved a change while you were writing. What you typed is kept: "
        "check it, then save again to replace theirs."
    )


@worded("priced_elsewhere")
def _priced_elsewhere(_facts: Facts) -> str:
    return _(
        "What this costs is said by its tariff now: somebody asked for it, or published one, while this form was open. "
        "Save again (the price typed here is left out), then publish a version under “Tariff”."
    )


@worded("still_promised")
def _still_promised(facts: Facts) -> str:
    zone, kept = facts["timezone"], facts.get("kept", ())
    if kept and len(kept) == facts["count"]:
        return _(
            "A slot is kept here for somebody: %(who)s. "
            "Wait until then, or withdraw what is proposed on the page of the request.",
            who=kept[0],
        )
    return _n(
        "%(num)s booking lies ahead, until %(last)s. Cancel it first, or wait until it is over.",
        "%(num)s bookings lie ahead, from %(first)s to %(last)s. Cancel them first, or wait until they are over.",
        facts["count"], first=day(facts["first"], tz=zone), last=day(facts["last"], tz=zone, year=True),
    )  # fmt: skip


@worded("site_archived")
def _site_archived(_facts: Facts) -> str:
    return _("This site is archived. Restore it first.")


@worded("resource_archived")
def _resource_archived(_facts: Facts) -> str:
    return _("This resource is archived. Restore it first, then change it.")


@worded("photo_missing")
def _photo_missing(_facts: Facts) -> str:
    return _("Choose a photo on your device.")


@worded("photo_too_large")
def _photo_too_large(facts: Facts) -> str:
    most = facts["most"] // (1024 * 1024)
    return _("This photo is too heavy: at most %(most)s MB. Send a smaller copy of it.", most=most)


@worded("not_a_photo")
def _not_a_photo(facts: Facts) -> str:
    if facts.get("seen") == "HEIC":
        return _(
            "This is a HEIC photo, which browsers cannot show. "
            "On an iPhone choose “Most compatible” in the camera settings, or send it as JPEG."
        )
    if facts.get("seen"):
        return _("This is a %(format)s file. Send a photo in JPEG, PNG or WebP.", format=facts["seen"])
    return _("This file is not a photo we can read, or it is damaged. Send a photo in JPEG, PNG or WebP.")


@worded("photo_too_many_pixels")
def _photo_too_many_pixels(facts: Facts) -> str:
    most = facts["most"]
    return _(
        "This picture has too many pixels: at most %(most)s million. Send a smaller copy of it.", most=most
    )


@worded("photo_too_small")
def _photo_too_small(facts: Facts) -> str:
    return _("This picture is too small: at least %(least)s pixels on each side.", least=facts["least"])


@worded("too_many_photos")
def _too_many_photos(facts: Facts) -> str:
    return _("There are %(most)s photos already. Take one away before adding another.", most=facts["most"])


@worded("alt_missing")
def _alt_missing(facts: Facts) -> str:
    return _(
        "Say in a few words what the photo shows (at most %(longest)s characters): "
        "it is read aloud to those who do not see it.",
        longest=facts["longest"],
    )
