"""A person's own page: what comes next, what waits for whom, what can be asked again."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext as _n
from werkzeug.wrappers import Response

from app.accounts.identity import reach
from app.accounts.models import Membership, OrganisationState
from app.accounts.policy import AccountPermission
from app.accounts.queries import count_admissions, memberships_of
from app.bookings import queries
from app.bookings.bundles import Whole, wholes
from app.bookings.costs import shared_costs
from app.bookings.models import Booking, BookingMessage, Proposal, Waiting
from app.bookings.policy import BookingPermission as P
from app.bookings.proposals import proposals_to_answer
from app.bookings.rules import OFFERED, PENDING, BundleState
from app.bookings.views import blueprint
from app.bookings.views.accounts_kept import accepted_line, accounts_of, to_settle
from app.bookings.views.bundle_cards import whole_line
from app.bookings.views.common import page_of, page_of_bundle, page_of_series
from app.bookings.views.tasks import tasks_of
from app.bookings.waitlist import places_in_line, waiting_of
from app.bookings.words import (
    Card,
    author_words,
    booking_line,
    dates_words,
    excerpt,
    message_text,
    moment,
    names_words,
    proposed_words,
    series_words,
    wait_line,
)
from app.core.policy import Actor, can
from app.web.format import span_words
from app.web.guards import allowed
from app.web.identity import current_actor
from app.web.page import page
from app.web.shell import counts

EXCERPT = 120
AT_FIRST = 5  # cards shown before the rest is folded


@blueprint.get("/moi")
@allowed(P.SEE_OWN)
def mine() -> Response:
    """Show the reader's bookings and those of their organisations."""
    actor = current_actor()
    found = queries.bookings_of(actor)
    to_decide, accounts = queries.count_waiting_for(actor), accounts_of(actor)
    shared = shared_costs(actor.kept_accounts) if actor.kept_accounts else []
    offers, lists = _lists(waiting_of(actor))
    proposals = proposals_to_answer(actor)
    proposed = {proposal.booking_id for proposal in proposals}
    dates = queries.waiting_of({b.series_id for b in found.waiting if b.series_id})
    bundles = wholes(b.bundle_id for b in (*found.coming, *found.waiting, *found.past))
    opened = {number: whole for number, whole in bundles.items() if whole.is_open}
    return page(
        "bookings/mine.html",
        coming=[
            whole_line(bundles[b.bundle_id], _next(bundles[b.bundle_id]))
            if b.bundle_id and b.bundle_id not in opened
            else _card(b)
            for b in _each_bundle_once(found.coming, opened)
        ],
        asked=[whole_line(whole, _next(whole)) for whole in opened.values()]
        + [
            _asked(b, dates.get(b.series_id or 0, 0))
            for b in found.waiting
            if b.bundle_id is None and b.id not in proposed
        ],
        at_first=AT_FIRST,
        past=[_card(b, again=_again(b, actor)) for b in found.past if b.bundle_id not in opened],
        for_me=[
            *offers,
            *_to_fix(opened.values()),
            *tasks_of(bundles.values()),
            *_for_me(actor, found, to_decide, to_settle(actor, accounts, shared)),
        ],
        lists=lists,
        accounts=[each for each, _count in accounts],
        shared=[accepted_line(each) for each in shared if not each.is_asked],
        proposals=[_proposed(proposal) for proposal in proposals],
        steps=_first_steps(actor) if found.is_empty and not to_decide else [],
    )


def _each_bundle_once(bookings: Iterable[Booking], opened: Collection[int]) -> list[Booking]:
    """Keep of each bundle the first leg alone: one card stands for all of it. What is accepted of an open one comes."""
    first: dict[tuple[str, int], Booking] = {}
    for booking in bookings:
        is_whole = booking.bundle_id is not None and booking.bundle_id not in opened
        key = ("bundle", booking.bundle_id or 0) if is_whole else ("booking", booking.id)
        first.setdefault(key, booking)
    return list(first.values())


def _next(whole: Whole) -> str:
    """Say what of a bundle takes place next, and when."""
    leg = whole.next_leg
    if leg is None:
        return ""
    when = span_words(leg.span, leg.resource.site.timezone)
    return _("Next: %(name)s, %(when)s", name=leg.resource.name, when=when)


def _to_fix(wholes: Iterable[Whole]) -> list[dict[str, str]]:
    """List the requests of which an element has to be replaced: they wait for the reader."""
    return [
        {
            "label": _n(
                "%(num)s element of your request has to be replaced",
                "%(num)s elements of your request have to be replaced",
                len(whole.to_fix),
            ),
            "detail": _("%(names)s: see what is free instead", names=names_words(whole.to_fix)),
            "href": page_of_bundle(whole.bundle),
            "icon": "warning",
        }
        for whole in wholes
        if whole.state is BundleState.TO_FIX
    ]


def _card(booking: Booking, **more: Any) -> Card:
    return booking_line(booking, href=page_of(booking), answers=True, **more)


def _proposed(proposal: Proposal) -> dict[str, Any]:
    """Write what is proposed to the reader, with what was asked for, and the way to take it."""
    booking = proposal.booking
    until = moment(proposal.expires_at, proposal.resource.site.timezone)
    owner = proposal.resource.site.owner.name
    what = proposed_words(proposal)
    note = _(
        "%(owner)s proposes instead: %(what)s. Answer before %(moment)s.",
        owner=owner,
        what=what,
        moment=until,
    )
    url = url_for("bookings.accept_proposal", ref=booking.ref)
    return {"card": _card(booking, note=note), "accept_url": url, "ref": proposal.ref}


def _lists(entries: Sequence[Waiting]) -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    """Write what the reader waits for: what is offered now, and the rest with their place in line."""
    places = places_in_line(entries)
    lines = [
        wait_line(each, places.get(each.id, 0), url_for("bookings.waiting", ref=each.ref)) for each in entries
    ]
    offered = [line for line, each in zip(lines, entries, strict=True) if each.state == OFFERED]
    return offered, [line for line in lines if line not in offered]


def _asked(booking: Booking, dates: int) -> Card:
    """Write a request without an answer; the dates of a series that wait are one line."""
    card = _card(booking, note=_until(booking))
    if dates < 2 or booking.series is None:
        return card
    when = _("%(dates)s: %(rule)s", dates=dates_words(dates), rule=series_words(booking.series))
    return card._replace(when=when, href=page_of_series(booking.series))


def _again(booking: Booking, actor: Actor) -> str | None:
    """Give the address of the same request once more, to whoever may ask."""
    if not can(actor, P.ASK, booking.resource):
        return None
    return url_for("bookings.ask", slug=booking.resource.slug, refaire=booking.ref)


def _until(booking: Booking) -> str:
    if booking.decision != PENDING or booking.expires_at is None:
        return ""
    by = moment(booking.expires_at, booking.resource.site.timezone)
    owner = booking.resource.site.owner.name
    return _("%(owner)s answers before %(moment)s.", owner=owner, moment=by)


def _for_me(
    actor: Actor, found: queries.Mine, to_decide: int, settling: list[dict[str, str]]
) -> list[dict[str, str]]:
    """List what waits for the reader: requests to decide, messages to answer."""
    lines = []
    if to_decide:
        label = _n(
            "%(num)s request waits for your answer", "%(num)s requests wait for your answer", to_decide
        )
        lines.append(
            {
                "label": label,
                "detail": _("Accept or refuse in one click"),
                "href": url_for("bookings.inbox"),
                "icon": "bell",
            }
        )
    return lines + _to_admit(actor) + settling + _to_answer(actor, [*found.coming, *found.waiting])


def _to_admit(actor: Actor) -> list[dict[str, str]]:
    waiting = count_admissions(reach(actor)) if can(actor, AccountPermission.ADMIT) else 0
    if not waiting:
        return []
    label = _n(
        "%(num)s request to join the territory waits", "%(num)s requests to join the territory wait", waiting
    )
    detail = _("Organisations and people who would like to take part")
    return [{"label": label, "detail": detail, "href": url_for("accounts.admissions"), "icon": "users"}]


def _to_answer(actor: Actor, live: Sequence[Booking]) -> list[dict[str, str]]:
    by_id = {b.id: b for b in live}
    return [_letter(m, by_id[m.booking_id]) for m in queries.unanswered(actor, live)]


def _letter(message: BookingMessage, booking: Booking) -> dict[str, str]:
    text, name = message_text(message), author_words(message)
    return {
        "label": _("%(name)s wrote to you about %(resource)s", name=name, resource=booking.resource.name),
        "detail": excerpt(text, EXCERPT),
        "href": page_of(booking) + "#messages",
        "icon": "message",
    }


def _first_steps(actor: Actor) -> list[dict[str, Any]]:
    """Lead a newcomer from an account to a first request."""
    asked = [m for m in memberships_of(actor.person_id or 0) if m.organisation_id not in actor.memberships]
    joined = bool(actor.memberships)
    waits = not joined and bool(asked)
    return [
        {
            "label": _("Join your organisation"),
            "text": _who_confirms(asked[0])
            if waits
            else _("An association, a commune, a farm: bookings are made in its name."),
            "done": joined,
            "current": not joined and not waits,
            "href": None if waits else url_for("accounts.organisations"),
            "action": _("Find my organisation"),
        },
        {
            "label": _("Find a place or a tool"),
            "text": _("A kitchen, a cold room, a van: see what is free near you, and when."),
            "done": False,
            "current": joined or waits,
            "href": "/ressources",
            "action": _("Find"),
        },
        {
            "label": _("Send a first request"),
            "text": _("A day, an hour, a few words: somebody real answers you."),
            "done": False,
            "current": False,
            "href": None,
        },
    ]


def _who_confirms(membership: Membership) -> str:
    name = membership.organisation.name
    if membership.organisation.state == OrganisationState.PENDING:
        return _("The coordination looks at %(name)s: we write to you as soon as it is done.", name=name)
    return _("%(name)s has to confirm you: we write to you as soon as it is done.", name=name)


@counts
def nav_counts() -> dict[str, int]:
    """Tell the navigation how many requests wait for the reader."""
    return {"to_decide": queries.count_waiting_for(current_actor())}
