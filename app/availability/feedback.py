"""The answer while somebody chooses a time: free, or why not and what instead; always a sentence and a next step.

Used by the resource's page and by the request page: each says by `link` where another slot leads.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from itertools import groupby
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext as _n

from app.availability import quota_notes
from app.availability.alternatives import Alternative, Keeps, alternatives
from app.availability.asking import Asked, Slot, read_day, slot_path, units_asked, wait_path
from app.availability.errors import Refusal
from app.availability.holders import holders
from app.availability.hours import day_bounds
from app.availability.queries import Wish, instant, rules_against, terms_of, verdict, windows_between
from app.availability.rules import WORTH_TELLING, Terms, earliest_start, may_pass, starts
from app.availability.search import Hit, Window, free_in
from app.availability.seasons import first_season
from app.availability.shown import Shown, closure_reason, shown_by_id
from app.availability.words.refusals import Scene, refusal_words
from app.availability.words.times import window_words
from app.catalogue.kinds.words import amount, packed_words
from app.catalogue.models import Approval
from app.catalogue.search import Filter, matching
from app.core import clock
from app.core.policy import Actor
from app.core.span import Span, to_wall
from app.web.format import distance, duration, number, span_words
from app.web.words import sentence

AT_MOST = 3
SIMILAR_WITHIN_KM = 60.0
NEXT_DOOR_KM = 0.05  # shown as 0 km: rather said by the name of the site alone
SOON_DAYS = 14
# Reasons that no other place would change: similar ones are not offered for them.
_OWN_FAULT = frozenset({"quantity_too_small", "in_the_past", "off_step", "too_short", "too_long"})

Link = Callable[[Slot], str]


@dataclass(frozen=True)
class Option:
    """One way on, as a link; to another place, `carry` is its request page and the slot as a form sends it there."""

    label: str
    detail: str
    href: str
    icon: str = "clock"
    carry: tuple[str, str] | None = None


@dataclass(frozen=True)
class Feedback:
    """What the slot_feedback component shows; `kind` is free, approval, warn, refused or none."""

    kind: str
    sentence: str
    detail: str = ""
    icon: str | None = None
    next: tuple[str, str] | None = None
    alternatives: Sequence[dict[str, Any]] = ()
    others: Sequence[str] = field(default_factory=tuple)  # further reasons, after the first
    wait: str = ""  # where one can wait for it, where only others stand in the way
    in_line: bool = False  # others have it; else it opens by itself, and one can only be told
    recall: str = ""  # what calling one's own quota back would do, where that can be done
    notes: Sequence[str] = ()  # of quotas: what is left of one's own, what would be borrowed
    reason: str = ""  # the first one in full, where `sentence` is only its heading
    in_vain: bool = False  # nothing like it is free then, near by

    @property
    def reasons(self) -> tuple[str, ...]:
        """Give every reason against the slot, in words; none when it is free or not yet chosen."""
        return (self.reason or self.sentence, *self.others) if self.kind == "refused" else ()


def feedback(
    shown: Shown,
    terms: Terms,
    asked: Asked,
    actor: Actor,
    *,
    link: Link | None = None,
    but_hold: int | None = None,
    is_less: bool = False,
    keeps: Keeps | None = None,
) -> Feedback:
    """Answer what was typed about one resource. `link` makes the address of another slot (by default, its page).

    Other times are offered only where they keep what else must be so (`keeps`).

    What `is_less` than what `but_hold` has takes nothing: only rules can stand against it.
    """
    if asked.slot is None:
        return _unanswerable(terms, asked, link or _own_page(shown, terms))
    slot = asked.slot
    wish = Wish(shown.id, slot.span, slot.qty, terms.asker)
    refusals = rules_against(terms, wish) if is_less else verdict(wish, terms=terms, but_hold=but_hold)
    if not refusals:
        notes = [
            *quota_notes.own_share(shown, terms, slot, but_hold),
            *quota_notes.borrowed(shown, terms, slot, but_hold),
        ]
        return replace(_free(shown, terms, slot, actor, but_hold), notes=notes)
    return refused(shown, terms, slot, refusals, actor, link=link, but_hold=but_hold, keeps=keeps)


def _own_page(shown: Shown, terms: Terms) -> Link:
    """Make links to the resource's own page, with the slot in its box."""
    return lambda slot: slot_path(shown.slug, slot, terms) + "#slot"


def _unanswerable(terms: Terms, asked: Asked, to: Link) -> Feedback:
    """Say what is missing or wrong; show what is free on the day that was chosen, or what is free first."""
    if asked.errors:
        error = next(iter(asked.errors.values()))
        return Feedback("none", sentence(error.code, error.facts), icon="warning")
    day = None if terms.by_day else read_day(asked.raw["date"])
    is_usable, qty = terms.status in ("active", "to_check"), min(units_asked(asked, terms), terms.capacity)
    if day and is_usable:
        return _open_on(day, terms, qty, to)
    missing = _missing(terms)
    windows = soonest(terms, qty) if asked.is_blank and is_usable else []
    options = _openings(_("Free soonest"), windows, terms, qty, to)
    return Feedback("none", missing, _("We tell you at once whether it is free."), alternatives=options)


def _missing(terms: Terms) -> str:
    if terms.by_month:
        return _("Choose a first and a last month")
    return _("Choose a first and a last day") if terms.by_day else _("Choose a day and times")


def _open_on(day: date, terms: Terms, qty: int, to: Link) -> Feedback:
    """Show what is free on a day whose times are still to be chosen; on a day that is full, what is free after it."""
    if windows := _free_between(terms, *day_bounds(terms, day), qty):
        options = _openings(_("Free that day"), windows, terms, qty, to)
        promise = _("We tell you at once whether it is free.")
        return Feedback("none", _("Choose the times"), promise, alternatives=options)
    later = _openings(_("Free after that"), soonest(terms, qty, day), terms, qty, to)
    return Feedback("warn", _("Nothing is free that day"), _("Choose another day."), alternatives=later)


def _openings(title: str, windows: Sequence[Span], terms: Terms, qty: int, to: Link) -> list[dict[str, Any]]:
    items = [
        Option(window_words(window, terms), "", to(Slot(first_slot(window, terms), qty)), "calendar")
        for window in windows[:AT_MOST]
    ]
    return [{"title": title, "items": items}] if items else []


def soonest(terms: Terms, qty: int, day: date | None = None) -> list[Span]:
    """List the free windows of the fortnight from now, or from a day."""
    since = max(_earliest(terms), day_bounds(terms, day)[0] if day else 0)
    return _free_between(terms, since, since + SOON_DAYS * 86_400, qty)


def _free_between(terms: Terms, since: int, until: int, qty: int) -> list[Span]:
    """List the free windows between two instants, as far as notice and horizon let people ask."""
    since, until = max(since, _earliest(terms)), min(until, clock.epoch() + terms.horizon_days * 86_400)
    return windows_between(terms, since, until, qty=qty) if since < until else []


def _earliest(terms: Terms) -> int:
    return int(earliest_start(terms, clock.now()).timestamp())


def first_slot(window: Span, terms: Terms) -> Span:
    """Give the shortest booking at the start of a free window, on the step; of a season, the first whole months."""
    if terms.by_month and (season := first_season(terms, *window.walls(terms.zone))):
        return Span.of_walls(*season, terms.zone)
    length = timedelta(minutes=terms.min_length)
    bounds = window.epochs
    at = next(iter(starts(bounds, terms, terms.min_length * 60)), bounds[0])
    first = to_wall(instant(at), terms.zone)
    if terms.by_day:
        return Span.of_walls(first, first + length, terms.zone)
    return Span(instant(at), min(instant(at) + length, window.end))


# -- free ---------------------------------------------------------------------------------------------------


def _free(shown: Shown, terms: Terms, slot: Slot, actor: Actor, but_hold: int | None) -> Feedback:
    when = span_words(slot.span, terms.timezone)
    if terms.capacity > 1:
        when = _("%(units)s, %(when)s", units=_units(shown, slot), when=when)
    ask = slot_path(shown.slug, slot, terms, ask=True)
    is_served = is_immediate(shown, actor) or quota_notes.is_at_once(shown, terms, slot, but_hold)
    if is_served and shown.auto_hours is not None:
        detail = _(
            "%(when)s. At once up to %(hours)s hours a month for each organisation; above that, %(owner)s answers.",
            when=when,
            hours=number(shown.auto_hours),
            owner=shown.owner_name,
        )
        return Feedback("approval", _("Free"), detail, next=(_("Ask for this time"), ask), icon="check")
    if is_served:
        return Feedback("free", _("Free: yours at once"), when, next=(_("Book this time"), ask))
    if shown.approval == Approval.AUTO_FOR_MEMBERS and not actor.memberships:
        detail = _("%(when)s. Some organisations book at once, others ask.", when=when)
        return Feedback("approval", _("Free"), detail, next=(_("Ask for this time"), ask), icon="check")
    sentence = _("Free, if %(owner)s agrees", owner=shown.owner_name)
    detail = _("%(when)s. %(answer)s", when=when, answer=answer_words(shown))
    return Feedback("approval", sentence, detail, next=(_("Ask for this time"), ask))


def _units(shown: Shown, slot: Slot) -> str:
    return packed_words(shown.unit, slot.pack) if slot.pack else amount(shown.unit, slot.qty)


def is_immediate(shown: Shown, actor: Actor) -> bool:
    """Tell whether a request of this actor needs nobody's answer, as long as hours at once are left."""
    if shown.approval != Approval.AUTO_FOR_MEMBERS or actor.acting_for is None:
        return shown.approval == Approval.AUTO
    return bool(actor.priority) and actor.priority <= shown.auto_up_to


def answer_words(shown: Shown) -> str:
    """Say how long an answer takes."""
    if shown.approval == Approval.AUTO:
        return _("Answer at once.")
    if shown.approval == Approval.TWO_STEP:
        return _("Two people have to agree.")
    return _("Answer within %(length)s.", length=duration(shown.answer_hours * 60))


# -- refused ------------------------------------------------------------------------------------------------


def refused(
    shown: Shown,
    terms: Terms,
    slot: Slot,
    refusals: Sequence[Refusal],
    actor: Actor,
    *,
    link: Link | None = None,
    but_hold: int | None = None,
    keeps: Keeps | None = None,
) -> Feedback:
    """Say why a slot cannot be had, and what can: also after a lost race, with what the engine refused."""
    to = link or _own_page(shown, terms)
    said = [
        refusal_words(refusal, _scene(shown, terms, slot, refusal, actor)) for refusal in _in_order(refusals)
    ]
    offers = (
        []
        if terms.status not in ("active", "to_check")
        else alternatives(Wish(shown.id, slot.span, slot.qty, terms.asker), but_hold=but_hold, keeps=keeps)
    )
    groups = _groups(shown, terms, offers, to, slot)
    may_be_elsewhere = not {refusal.code for refusal in refusals} & _OWN_FAULT
    elsewhere = _similar(shown, slot, terms, actor) if may_be_elsewhere else []
    groups += elsewhere
    first, recall = said[0], quota_notes.recall(shown, refusals)
    return Feedback(
        "refused",
        first.sentence,
        first.detail,
        first.icon,
        quota_notes.recall_next(shown, terms, slot) if recall else _next(groups),
        groups,
        tuple(other.sentence for other in said[1:]),
        wait_path(shown.slug, slot, terms) if is_worth_telling(refusals) else "",
        is_worth_waiting(refusals),
        recall,
        quota_notes.own_share(shown, terms, slot, but_hold),
        in_vain=may_be_elsewhere and not elsewhere,
    )


def is_worth_waiting(refusals: Sequence[Refusal]) -> bool:
    """Tell whether a slot is refused only because others have it."""
    return bool(refusals) and all(may_pass(refusal) for refusal in refusals)


def is_worth_telling(refusals: Sequence[Refusal]) -> bool:
    """Tell whether somebody could be told when a slot can be had: others have it, or it opens later."""
    return bool(refusals) and all(may_pass(refusal, WORTH_TELLING) for refusal in refusals)


_FIRST = ("not_usable", "over_capacity", "in_the_past")
_LAST = ("notice_too_short", "beyond_horizon", "off_step", "too_short", "too_long")


def _in_order(refusals: Sequence[Refusal]) -> list[Refusal]:
    """Put first what decides: a place out of order, then closures and people, then terms that are easily met."""
    rank = dict.fromkeys(_FIRST, -1) | dict.fromkeys(_LAST, 1)
    return sorted(refusals, key=lambda refusal: rank.get(refusal.code, 0))


def _scene(shown: Shown, terms: Terms, slot: Slot, refusal: Refusal, actor: Actor) -> Scene:
    reason = holder = ""
    if refusal.code == "closed":
        reason = closure_reason(refusal.facts["hold_id"])
    elif refusal.code == "taken":
        named = holders(refusal.facts["holds"], actor, shows_names=shown.shows_holder)
        holder = next((found.name for found in named.values() if found.name), "")
    return Scene(terms, unit=shown.unit, kind=shown.kind, reason=reason, holder=holder, asked=slot.qty)


def _groups(
    shown: Shown, terms: Terms, offers: Sequence[Alternative], to: Link, asked: Slot
) -> list[dict[str, Any]]:
    titles = {
        "less": _("Same time, fewer"),
        "shorter": _("Same time, shorter"),
        "other_time": _("Same place, another time"),
        "other_day": _("Same place, same hours, another day"),
    }
    return [
        {"title": titles[kind], "items": [_option(shown, terms, offer, to, asked) for offer in of_kind]}
        for kind, of_kind in groupby(offers, key=lambda offer: offer.kind)
    ]


def _option(shown: Shown, terms: Terms, offer: Alternative, to: Link, asked: Slot) -> Option:
    href = to(Slot(offer.span, offer.qty, asked.pack if offer.qty == asked.qty else None))
    if offer.kind == "less":
        detail = span_words(offer.span, terms.timezone)
        return Option(amount(shown.unit, offer.qty), detail, href, "users")
    free = (
        _n(
            "%(num)s free out of %(total)s",
            "%(num)s free out of %(total)s",
            offer.free,
            total=terms.capacity,
        )
        if terms.capacity > 1
        else ""
    )
    return Option(span_words(offer.span, terms.timezone), free, href)


def _similar(shown: Shown, slot: Slot, terms: Terms, actor: Actor) -> list[dict[str, Any]]:
    hits = similar(shown, slot.span, slot.qty, terms, actor)
    ids = [hit.resource_id for hit in hits]
    found, own = shown_by_id(ids), terms_of(ids, terms.asker)
    items = [
        _similar_option(found[h.resource_id], own[h.resource_id], h, slot)
        for h in hits
        if h.resource_id in found
    ]
    return [{"title": _("Same time, a similar place"), "items": items}] if items else []


def _similar_option(other: Shown, terms: Terms, hit: Hit, slot: Slot) -> Option:
    where = (
        other.site_name
        if hit.km is None or hit.km < NEXT_DOOR_KM
        else _("%(site)s, %(km)s away", site=other.site_name, km=distance(hit.km))
    )
    pack = slot.pack if slot.pack and terms.packs.get(slot.pack.unit) == slot.pack.per else None
    page = slot_path(other.slug, replace(slot, pack=pack), terms)
    carry = f"/ressources/{other.slug}/demander", page.partition("?")[2]
    return Option(other.name, where, f"{page}#slot", "pin", carry)


def similar(shown: Shown, span: Span, qty: int, terms: Terms, actor: Actor) -> list[Hit]:
    """Find the nearest like resources that are free in the window."""
    return free_in(matching(like(shown, qty, actor)), Window(span, qty, terms.zone))[:AT_MOST]


def like(shown: Shown, qty: int, actor: Actor) -> Filter:
    """Say what could stand in for a resource: near it, the same kind, the same subtype where cold must stay cold.

    Several of a thing are looked for where they are counted alike: twelve shelves are no twelve pallets.
    """
    return Filter(
        kind=shown.kind,
        subtype=shown.subtype if shown.kind == "storage" else None,
        place=(shown.lat, shown.lon),
        radius_km=SIMILAR_WITHIN_KM,
        quantity=qty,
        unit=shown.unit if qty > 1 else None,
        territory_id=shown.territory_id,
        but_resource=shown.id,
        actor=actor,
    )


def _next(groups: Sequence[dict[str, Any]]) -> tuple[str, str] | None:
    """Choose the one step to put on the button: the closest offer of the same place, else the first there is."""
    for group in groups:
        option: Option = group["items"][0]
        return _("Take %(offer)s", offer=option.label), option.href
    return None
