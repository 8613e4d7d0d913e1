"""A resource for whoever may see it: what it is, its week, its rules, and the answer about one slot."""

import re
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

import segno
from flask import Response, request, url_for
from flask_babel import gettext as _
from markupsafe import Markup

from app.availability.askers import Asker
from app.availability.asking import Asked, read_slot, says_months
from app.availability.cards import Card, cards, commune_name, photo_url, picture_of
from app.availability.feedback import feedback
from app.availability.holders import holders
from app.availability.hours import may_last_over_midnight, opened, widest_hours
from app.availability.policy import TimePermission
from app.availability.queries import get_terms, instant, taken_by_resource
from app.availability.rules import DAY_MINUTES, Part, Terms, days_ahead
from app.availability.search import Hit
from app.availability.shown import Closed, Picture, Shown, closures_ahead, get_shown, photos_of
from app.availability.views import grid
from app.availability.views.blueprint import blueprint
from app.availability.views.in_vain import tell_nowhere_free
from app.availability.week import BUFFER, WEEKS_BY_DAY, Week, monday, reach, week_of
from app.availability.words import hours_words
from app.availability.words.quotas import lending_words, quotas_words
from app.availability.words.times import month_choices
from app.catalogue.kinds.words import amount, shown_facts, subtype_name, unit_choices, unit_name
from app.catalogue.models import Approval, Status
from app.catalogue.price_words import cost_words
from app.catalogue.search import Filter, matching
from app.catalogue.windows import windows_words
from app.catalogue.words import AT_ONCE_FOR, cancelling_words
from app.core import clock
from app.core.errors import NotFound
from app.core.policy import can
from app.core.span import Span, to_wall
from app.infra.db import db
from app.web.format import duration, span_words
from app.web.forms import time_choices
from app.web.guards import allowed
from app.web.htmx import target_id
from app.web.identity import current_actor
from app.web.page import page

_WEEK = re.compile(r"(\d{4})-W(\d{2})")
SIMILAR = 3
LOOK_AHEAD = 14 * 86_400  # seconds in which the next open day is looked for


def seen(slug: str) -> Shown:
    """Find the resource at this address for this reader; what may not be known of does not exist."""
    shown = get_shown(slug)
    if not can(current_actor(), TimePermission.SEE_RESOURCE, shown):
        raise NotFound(kind="resource", slug=slug)
    return shown


@blueprint.get("/ressources/<slug>")
@allowed(TimePermission.SEE_RESOURCE, load=seen)
def resource(shown: Shown) -> Response:
    """Show a resource; htmx asks for its week alone."""
    if shown.status == Status.ARCHIVED:
        return page("availability/archived.html", r=shown, similar=_like(shown))
    terms = get_terms(shown.id, Asker.of(current_actor()))
    week = _week_facts(shown, terms)
    if target_id() == "semaine":
        return page("availability/resource.html", "availability/_week.html", r=shown, **week)
    asked = read_slot(request.args, terms)
    photos = photos_of([shown.id]).get(shown.id, [])
    return page(
        "availability/resource.html",
        r=shown,
        terms=terms,
        **week,
        **_box(shown, terms, asked),
        **_about(shown, terms),
        photos=[_photo(photo) for photo in photos],
        picture=picture_of(shown, photos, "medium")[0],
        manages=can(current_actor(), TimePermission.MANAGE_TIME, shown),
    )


@blueprint.get("/ressources/<slug>/creneau")
@allowed(TimePermission.SEE_RESOURCE, load=seen)
def slot(shown: Shown) -> Response:
    """Answer about one slot while somebody chooses it."""
    if shown.status == Status.ARCHIVED:
        raise NotFound(kind="resource", slug=shown.slug)
    terms = get_terms(shown.id, Asker.of(current_actor()))
    asked = read_slot(request.args, terms)
    return page(
        "availability/slot.html", "availability/_slot.html", r=shown, terms=terms, **_box(shown, terms, asked)
    )


@blueprint.get("/ressources/<slug>/affiche")
@allowed(TimePermission.SEE_RESOURCE, load=seen)
def door_sheet(shown: Shown) -> Response:
    """Show the sheet to print for the door: a code that leads to the page, the hours, the rules, whom to call."""
    if shown.status == Status.ARCHIVED:
        raise NotFound(kind="resource", slug=shown.slug)
    return page(
        "availability/door.html", r=shown, **_about(shown, get_terms(shown.id, Asker.of(current_actor())))
    )


# -- the quick box ------------------------------------------------------------------------------------------


def _box(shown: Shown, terms: Terms, asked: Asked) -> dict[str, Any]:
    """Give what the box of the slot shows: the fields as typed, their choices, and the answer."""
    first_day, last_day = days_ahead(terms, clock.now())
    told = feedback(shown, terms, asked, current_actor())
    tell_nowhere_free(shown, told)
    return {
        "asked": asked,
        "feedback": told,
        "times": () if terms.by_day else times_of(terms, asked),
        "nights": not terms.by_day and (bool(asked.raw["fin"]) or may_last_over_midnight(terms)),
        "first_day": first_day.isoformat(),
        "last_day": last_day.isoformat(),
        "unit_name": unit_name(shown.unit) if shown.capacity > 1 and not terms.packs else "",
        "units": unit_choices(shown.unit, terms.packs),
        "months": month_choices(terms) if says_months(asked.raw, terms) else [],
    }


def times_of(terms: Terms, asked: Asked) -> list[tuple[str, str]]:
    """List the times a booking may begin or end at, and what was typed if that is another."""
    low, high = widest_hours(terms.expression) if terms.opening_mode == "continuous" else (0, 1440)
    step = min(terms.step, 1440)
    choices = time_choices(max(step, 15), low // step * step, high)
    known = {value for value, _words in choices}
    typed = sorted({asked.raw[name] for name in ("de", "a") if asked.raw[name]} - known)
    return [(value, value) for value in typed] + choices


# -- the week -----------------------------------------------------------------------------------------------


def _week_facts(shown: Shown, terms: Terms) -> dict[str, Any]:
    now = clock.now()
    today = to_wall(now, terms.zone).date()
    soon = _next_open_day(terms, now, today)
    first = _first_day(request.args.get("semaine", ""), request.args.get("date", ""), today, soon)
    since, until = reach(terms, first)
    taken = taken_by_resource([shown.id], since, until, terms={shown.id: terms}).get(shown.id, [])
    week = week_of(terms, first, taken, now)
    closures = closures_ahead(shown.id, shown.site_id)
    scene = grid.Scene(shown, terms, now, _holders(shown, week), {c.hold_id: c.reason for c in closures})
    step = timedelta(weeks=WEEKS_BY_DAY if terms.by_day else 1)
    return {
        "grid": grid.grid(week, scene),
        "agenda_days": grid.agenda(week, scene),
        "week_label": grid.caption(week, terms),
        "previous_week": _week_url(shown, first - step) if first > monday(today) else None,
        "next_week": _week_url(shown, first + step),
        "legend_kinds": _legend(week, scene),
        "this_week": _week_url(shown, monday(today)) if first != monday(today) else None,
        "planning_url": f"/planning?site={shown.site_slug}&date={max(first, today)}&vue=semaine",
        "week_note": _note(shown, terms),
        "closures": [_closure(closure, terms) for closure in closures],
    }


def _next_open_day(terms: Terms, now: datetime, today: date) -> date:
    """Tell the first day from now on with an open hour, so that on a Sunday nobody looks at a week that is over."""
    start = int(now.timestamp())
    windows = opened(terms, start, start + LOOK_AHEAD)
    return to_wall(instant(windows[0][0]), terms.zone).date() if windows else today


def _first_day(week: str, typed: str, today: date, soon: date) -> date:
    """Choose the Monday to show: of the week asked for, else of the day in the box, else of the next open day."""
    found = _WEEK.fullmatch(week)
    try:
        if found and 2000 <= int(found[1]) <= 2100:
            return date.fromisocalendar(int(found[1]), int(found[2]), 1)
        asked = date.fromisoformat(typed)
    except ValueError:
        return monday(soon)
    return monday(asked) if today <= asked <= today + timedelta(days=800) else monday(soon)


def _week_url(shown: Shown, first: date) -> str:
    year, week, _day = first.isocalendar()
    return f"/ressources/{shown.slug}?semaine={year}-W{week:02d}#semaine"


def _holders(shown: Shown, week: Week) -> dict[int, Any]:
    actor = current_actor()
    if not actor.is_signed_in:
        return {}
    manages = can(actor, TimePermission.MANAGE_TIME, shown)
    ids = {claim.hold_id for claim in week.shown if claim.kind == "booking"}
    return holders(ids, actor, shows_names=shown.shows_holder or manages)


def _legend(week: Week, scene: grid.Scene) -> list[str]:
    kinds = {cell.kind for column in week.columns for cell in column} | {
        h.kind for h in scene.holders.values()
    }
    order = ("free", "busy", "pending", "mine", "buffer", "closed", "past")
    return [kind for kind in order if kind in kinds and not (kind == BUFFER and not scene.terms.after)]


def _note(shown: Shown, terms: Terms) -> str:
    """Say what the numbers in the cells count."""
    if terms.capacity == 1 or terms.by_day:
        return ""
    return _(
        "The numbers say how many are free, of %(total)s in all.", total=amount(shown.unit, terms.capacity)
    )


def _closure(closure: Closed, terms: Terms) -> tuple[str, str]:
    when = span_words(Span(closure.start_at, closure.end_at), terms.timezone)
    return _("%(part)s, %(when)s", part=closure.part, when=when) if closure.part else when, closure.reason


# -- the rest of the page -----------------------------------------------------------------------------------


def _about(shown: Shown, terms: Terms) -> dict[str, Any]:
    manages = can(current_actor(), TimePermission.MANAGE_TIME, shown)
    return {
        "kind_label": subtype_name(shown.kind, shown.subtype),
        "commune": commune_name(shown.commune_code),
        "price": cost_words(shown),
        "fact_groups": shown_facts(shown.kind, shown.facts, public=not manages),
        "hours": hours_words(terms),
        "terms_rows": _terms_rows(shown, terms),
        "capacity": amount(shown.unit, shown.capacity) if shown.capacity > 1 else "",
        "qr": _qr(url_for("availability.resource", slug=shown.slug, _external=True)),
    }


def _terms_rows(shown: Shown, terms: Terms) -> list[tuple[str, str, str]]:
    """List the terms of use in words."""
    length = _(
        "%(least)s at least, %(most)s at most",
        least=duration(terms.min_length),
        most=duration(terms.max_length),
    )
    rows = [(_("Answer"), _answer(shown), "message"), (_("How long"), length, "clock")]
    if not terms.by_day:
        rows.append((_("Times"), _("every %(step)s", step=duration(terms.step)), "clock"))
    if terms.quotas:
        shared = _(
            "%(shares)s. %(lending)s",
            shares=quotas_words(terms, shown.unit),
            lending=lending_words(terms.quotas),
        )
        rows.append((_("Quotas"), shared, "users"))
    if terms.notice:
        notice = _("at least %(notice)s before", notice=duration(terms.notice))
        rows.append((_("Notice"), notice, "hourglass"))
    ahead = _("up to %(length)s", length=duration(terms.horizon_days * DAY_MINUTES))
    rows.append((_("How far ahead"), ahead, "calendar"))
    if terms.parts:
        rows.append((_("Comes with it"), ", ".join(_part(part) for part in terms.parts), "list"))
    rows += [(name, words, "users") for name, words in windows_words(shown.windows)]
    if terms.before or terms.after:
        rows.append((_("Kept free around"), _buffers(terms), "broom"))
    if cancelling := cancelling_words(shown.free_cancel_hours, shown.late_cancel_percent):
        rows.append((_("Cancelling"), cancelling, "cross"))
    return rows


def _part(part: Part) -> str:
    return part.name if part.qty == 1 else _("%(name)s (%(num)s)", name=part.name, num=part.qty)


def _answer(shown: Shown) -> str:
    if shown.approval == Approval.AUTO:
        return _("at once")
    if shown.approval == Approval.AUTO_FOR_MEMBERS:
        return str(AT_ONCE_FOR[shown.auto_up_to])
    if shown.approval == Approval.TWO_STEP:
        return _("two people have to agree")
    if shown.approval == Approval.AUTO_WITHIN_QUOTA:
        length = duration(shown.answer_hours * 60)
        return _("at once within one’s own quota, else within %(length)s", length=length)
    return _("within %(length)s", length=duration(shown.answer_hours * 60))


def _buffers(terms: Terms) -> str:
    if not terms.before:
        return _("%(after)s after each use", after=duration(terms.after))
    if not terms.after:
        return _("%(before)s before each use", before=duration(terms.before))
    return _(
        "%(before)s before and %(after)s after", before=duration(terms.before), after=duration(terms.after)
    )


@lru_cache(maxsize=2048)
def _qr(address: str) -> Markup:
    """Draw the address as a QR code: plain SVG, no style and no script."""
    drawn = segno.make(address, error="m").svg_inline(scale=4, omitsize=True)
    return Markup(drawn)  # noqa: S704  # drawn from our own address


def _photo(photo: Picture) -> dict[str, str]:
    return {"url": photo_url(photo, "large"), "thumb": photo_url(photo, "small"), "alt": photo.alt}


def _like(shown: Shown) -> Sequence[Card]:
    """Find what could serve instead of something that is no longer shared: the same kind, the nearest first."""
    wanted = Filter(
        kind=shown.kind,
        place=(shown.lat, shown.lon),
        territory_id=shown.territory_id,
        but_resource=shown.id,
        actor=current_actor(),
    )
    rows = db.session.connection().execute(matching(wanted).order_by("km").limit(SIMILAR))
    return cards([Hit(row.id, row.km) for row in rows])
