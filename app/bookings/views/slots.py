"""Choosing a time inside a form: the times offered, the answer while one chooses, other times as buttons."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode

from flask_babel import gettext as _

from app.availability.alternatives import Keeps
from app.availability.asking import FIELDS, Asked, Slot, says_months, slot_params
from app.availability.errors import Refusal
from app.availability.feedback import Feedback, feedback, refused
from app.availability.hours import hours_between, may_last_over_midnight
from app.availability.rules import DAY_MINUTES, Terms, days_ahead, earliest_start
from app.availability.shown import Shown
from app.availability.words.times import month_choices
from app.bookings.forms import SlotFields
from app.bookings.models import Booking
from app.bookings.queries import spans_like
from app.catalogue.kinds.words import unit_choices, unit_name
from app.catalogue.models import Resource
from app.core import clock
from app.web.identity import current_actor

LOOK_AHEAD_DAYS = 28
AGAIN_WEEKS = 26  # how far ahead the next week without the same booking is looked for


def legal_times(terms: Terms) -> list[tuple[str, str]]:
    """List the times that can begin or end a booking: on the step, within the widest hours of the coming weeks."""
    first, last = _widest(terms)
    step = min(terms.step, DAY_MINUTES)
    return [
        (_time(minute), _time(minute))
        for minute in range(0, DAY_MINUTES + 1, step)
        if first <= minute <= last
    ]


def _widest(terms: Terms) -> tuple[int, int]:
    if terms.opening_mode == "always" or terms.by_day:
        return 0, DAY_MINUTES
    now = clock.epoch()
    opened = hours_between(terms, now, now + LOOK_AHEAD_DAYS * 86_400)[
        1:
    ]  # the first may be cut by the present
    starts = [_minute(start, terms) for start, _end in opened]
    ends = [_minute(end, terms) or DAY_MINUTES for _start, end in opened]
    if not starts or any(e < s for s, e in zip(starts, ends, strict=True)):  # open through midnight
        return 0, DAY_MINUTES
    return min(starts), max(ends)


def _minute(at: int, terms: Terms) -> int:
    wall = datetime.fromtimestamp(at, terms.zone)
    return wall.hour * 60 + wall.minute


def _time(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


def answer(
    shown: Shown,
    terms: Terms,
    asked: Asked,
    but_hold: int | None = None,
    *,
    is_less: bool = False,
    keeps: Keeps | None = None,
) -> Feedback:
    """Answer the slot in a form; other times of the same place come as values of its buttons."""
    return feedback(
        shown,
        terms,
        asked,
        current_actor(),
        link=lambda slot: as_value(slot, terms),
        but_hold=but_hold,
        is_less=is_less,
        keeps=keeps,
    )


def answer_refused(
    shown: Shown,
    terms: Terms,
    slot: Slot,
    refusals: Sequence[Refusal],
    but_hold: int | None = None,
    *,
    keeps: Keeps | None = None,
) -> Feedback:
    """Answer a slot that was just refused on sending: somebody was faster, or it was never possible."""
    return refused(
        shown,
        terms,
        slot,
        refusals,
        current_actor(),
        link=lambda s: as_value(s, terms),
        but_hold=but_hold,
        keeps=keeps,
    )


def as_value(slot: Slot, terms: Terms) -> str:
    """Write a slot as the value of a button."""
    return urlencode(slot_params(slot, terms), safe=":")


def choose(form: SlotFields, value: str) -> None:
    """Fill a form with the slot of the button that was pressed; the quantity stays where it says none."""
    chosen = {name: text[:40] for name, text in parse_qsl(value[:300]) if name in FIELDS}
    if "quantite" not in chosen:
        chosen |= {"quantite": form.quantite.data or "", "unite": form.unite.data or ""}
    form.fill(chosen)


def again(booking: Booking, terms: Terms) -> dict[str, str]:
    """Propose the slot of an earlier booking once more: the same weekday and times, the next week it can be had.

    Weeks in which the organisation already has the place are passed over: nobody means to ask twice.
    """
    start, _end = booking.span.walls(terms.zone)
    earliest = earliest_start(terms, clock.now())
    weeks = max(1, -(-(earliest.replace(tzinfo=None) - start) // timedelta(weeks=1)))
    had = spans_like(booking, earliest)
    spans = [booking.span.days_later(7 * (weeks + more), terms.zone) for more in range(AGAIN_WEEKS)]
    free = (span for span in spans if span and not any(span.overlaps(other) for other in had))
    span = next(free, spans[0])
    return slot_params(Slot(span, booking.quantity, booking.pack), terms) if span else {}


def slot_fields(form: SlotFields, resource: Resource, terms: Terms, url: str) -> dict[str, Any]:
    """Fit the slot fields of a form on the page at `url` to a resource, and give what their template needs."""
    packs = unit_choices(resource.unit, terms.packs)
    months = month_choices(terms) if says_months(form.raw(), terms) else []
    form.fit(terms, legal_times(terms), unit_name(resource.unit), packs, months)
    first_day = days_ahead(terms, clock.now())[0].isoformat()
    return {
        "form": form,
        "by_day": terms.by_day,
        "instead": _instead(terms, first_day, by_month=bool(months)),
        "counted": resource.capacity > 1 or bool(packs),
        "in_units": bool(packs) or bool(form.unite.errors),
        "nights": bool(form.fin.data) or may_last_over_midnight(terms),
        "live": answering(url),
        "slot_url": f"{url}#slot",
    }


def _instead(terms: Terms, first_day: str, *, by_month: bool) -> tuple[str, str] | None:
    """Give the button that leads from months to days and back, where a season is asked for: its value and words."""
    if not terms.by_month:
        return None
    return (
        (f"date={first_day}", _("Choose days instead")) if by_month else ("fin=", _("Choose months instead"))
    )


def answering(url: str) -> dict[str, Any]:
    """Give the attributes by which a field asks for a fresh answer while one chooses: a slot, and for whom."""
    return {
        "hx-get": url,
        "hx-trigger": "change, input changed delay:300ms",
        "hx-target": "#slot",
        "hx-swap": "outerHTML",
        "hx-include": "closest form",
        "hx-params": ",".join((*FIELDS, "organisation")),
        "hx-sync": "closest form:queue last",
    }
