"""Deciding from an e-mail, without signing in. GET and HEAD only look: mail scanners follow every link."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from flask import redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.bookings import queries
from app.bookings.against import against_dates
from app.bookings.arbitration import Comparison, compare_with
from app.bookings.bundles import wholes
from app.bookings.forms import LinkForm, LinkProposeForm
from app.bookings.links import (
    Verdict,
    actor_of,
    decide_by_link,
    propose_by_link,
    still_manages,
    undo_by_link,
)
from app.bookings.models import Booking, DecisionLink
from app.bookings.rules import APPROVED, PENDING, REFUSED
from app.bookings.service.agreeing import why_not_yes
from app.bookings.views import blueprint
from app.bookings.views.booking_context import fact_rows, missing_words
from app.bookings.views.common import can_be_undone, reasons
from app.bookings.views.contest import contest_words, heading
from app.bookings.views.costs_seen import cost_seen
from app.bookings.views.inbox import legs_card
from app.bookings.views.misfits import misfits_in
from app.bookings.views.propose import Counter
from app.bookings.views.request_cards import request_words
from app.bookings.views.strip import around
from app.bookings.words import Standing, decided_by_words, moment, proposal_standing, standing
from app.bookings.words.called import called_one
from app.core import clock
from app.core.errors import DomainError, NotFound
from app.web.errors import status_of
from app.web.guards import public
from app.web.page import page
from app.web.security import csrf
from app.web.words import explain


@blueprint.get("/d/<token>")
@public
def decide_by_link_page(token: str) -> Response:
    """Show the request a link is about, and what became of it."""
    return _page(queries.get_link(token), LinkForm(formdata=None))


@blueprint.post("/d/<token>")
@csrf.exempt  # nobody can forge a request without the secret in its address
@public
def decide(token: str) -> Response:
    """Accept or refuse as the manager the link was sent to."""
    link, form = queries.get_link(token), LinkForm()
    verdict = next((v for v in Verdict if v == form.verdict.data), None)
    if not form.validate() or verdict is None:
        return _page(
            link, form, (_("Choose to accept or to refuse."),) if verdict is None else (), status=422
        )
    return _act(
        token,
        form,
        lambda: decide_by_link(token, verdict, form.reason.data or "", keep_free=bool(form.libres.data)),
    )


@blueprint.post("/d/<token>/annuler")
@csrf.exempt
@public
def undo_by_link_now(token: str) -> Response:
    """Take back what this link decided, within ten minutes."""
    queries.get_link(token)
    return _act(token, LinkForm(formdata=None), lambda: undo_by_link(token))


def _act(token: str, form: LinkForm, use_case: Any) -> Response:
    try:
        use_case()
    except DomainError as error:
        if isinstance(error, NotFound):
            raise
        link = queries.get_link(token)
        return _page(link, form, reasons(error, link.booking), status=status_of(error))
    return _sealed(redirect(url_for("bookings.decide_by_link_page", token=token), 303))


@blueprint.get("/d/<token>/proposer")
@public
def propose_by_link_page(token: str) -> Response:
    """Show what can be proposed instead, to the manager the link was sent to."""
    return _counter(token, Counter.open)


@blueprint.post("/d/<token>/proposer")
@csrf.exempt
@public
def propose_by_link_now(token: str) -> Response:
    """Propose it, or answer another slot without proposing it."""
    return _counter(token, Counter.take)


def _counter(token: str, step: Callable[[Counter], Response]) -> Response:
    """Do a step of proposing by a link that can still decide on one request; else show what became of it."""
    link = queries.get_link(token)
    if not may_propose(link):
        return _sealed(redirect(url_for("bookings.decide_by_link_page", token=token), 303))
    counter = Counter(
        link.booking,
        actor_of(link),
        LinkProposeForm,
        url=url_for("bookings.propose_by_link_page", token=token),
        back=url_for("bookings.decide_by_link_page", token=token),
        propose=lambda offer: propose_by_link(token, offer),
    )
    return _sealed(step(counter))


def may_propose(link: DecisionLink) -> bool:
    """Tell whether a link can be spent on proposing another slot: it is open, and about one request."""
    return _is_of_one(link) and queries.is_open(link, clock.now()) and still_manages(link)


def _is_of_one(link: DecisionLink) -> bool:
    return link.series_id is None and link.bundle_id is None and link.booking.proposal is None


def _page(link: DecisionLink, form: LinkForm, sentences: tuple[str, ...] = (), status: int = 200) -> Response:
    booking, trusted = link.booking, still_manages(link)
    is_open = trusted and queries.is_open(link, clock.now())
    if not trusted:
        status = 403
    elif link.expires_at <= clock.now() and not link.used_at and status == 200:
        status = 410
    return _sealed(
        page(
            "bookings/link.html",
            status=status,
            page_mode="bare",
            form=form,
            sentences=sentences,
            is_open=is_open,
            trusted=trusted,
            token=request.view_args["token"] if request.view_args else "",
            reader=link.person.name,
            **(_shown(link, booking, is_open=is_open) if trusted else {}),
        )
    )


def _shown(link: DecisionLink, booking: Booking, *, is_open: bool) -> dict[str, Any]:
    actor = actor_of(link)
    against_yes = why_not_yes(booking, actor) if is_open else None
    whole = wholes([booking.bundle_id]).get(booking.bundle_id or 0)
    legs = whole.waiting_for(actor) if whole and link.bundle_id else []
    all_near = around(legs or [booking]) if is_open else {}
    near = all_near.get(booking.id)
    dates = against_dates([link.series_id]).get(link.series_id) if link.series_id else None
    together = [*(dates.waiting if dates else ()), *(legs if len(legs) > 1 else ())]
    compared = compare_with(booking, *together) if is_open else Comparison()
    contests = compared.contests_of(booking)
    return {
        "booking": booking,
        "q": (
            legs_card(whole, booking, all_near, actor, called_one(whole).part, misfits_in([whole], actor))
            if whole
            else request_words(booking, near, dates)
        )
        | contest_words(booking, compared, together)
        | ({"can_accept": False} if against_yes else {}),
        "contests": [heading(each, lists_all=True) for each in contests],
        "may_propose": is_open and _is_of_one(link),
        "not_yes": explain(against_yes) if against_yes else "",
        "facts_rows": fact_rows(booking, cost_seen(booking, actor)),
        "messages": [m for m in queries.messages_of(booking.id) if m.author_id == booking.requester_id][:3],
        "standing": outcome(link, is_open=is_open),
        "can_undo": link.used_at is not None
        and link.series_id is None
        and link.bundle_id is None
        and (
            booking.decided_by_id == link.person_id or booking.decision == PENDING or bool(booking.approvals)
        )
        and can_be_undone(booking, actor),
    }


def outcome(link: DecisionLink, *, is_open: bool) -> Standing:
    """Say what became of a request, to the manager who opens a link: who decided and when, or that it waits."""
    booking, tz = link.booking, link.booking.resource.site.timezone
    if booking.proposal:
        return proposal_standing(booking, booking.proposal, answers=False)
    said = standing(booking, decides=True, missing=missing_words(booking))
    if (
        booking.decision == PENDING
        and link.used_at
        and any(y.person_id == link.person_id for y in booking.approvals)
    ):
        return replace(said, title=_("Your approval is noted"))
    if booking.decision == PENDING and not is_open:
        return Standing(
            PENDING,
            _("This link cannot be used any more"),
            _("The request still waits: sign in to answer it."),
            said.by,
        )
    if booking.decision in (APPROVED, REFUSED) and booking.decided_by:
        at = moment(booking.decided_at or booking.changed_at, tz)
        by = _("Decided by %(name)s, %(moment)s", name=decided_by_words(booking), moment=at)
        if link.bundle_id is not None:
            answered = _("Already answered: nothing of this request waits for you any more")
            return Standing(said.state, answered, said.title, by, said.kind)
        return Standing(said.state, said.title, said.next, by, said.kind)
    return said


def _sealed(response: Response) -> Response:
    """Keep the address of the page from search engines, caches and other sites."""
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    response.headers["Cache-Control"] = "no-store"
    return response
