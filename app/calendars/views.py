"""Feeds for calendar programmes, and the pages where people get, renew and end their links to them."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, current_app, flash, redirect, request, session, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.bookings.models import Booking
from app.bookings.policy import BookingPermission
from app.bookings.views.common import seen
from app.calendars import queries, service
from app.calendars.audiences import Audience, Scope
from app.calendars.errors import LinkRevoked
from app.calendars.forms import LinkForm
from app.calendars.http import CONTENT_TYPE, respond, safe_file_name
from app.calendars.models import Subscription
from app.calendars.policy import CalendarPermission, best_audience
from app.calendars.words import client_name, label, phrases, tells
from app.core.errors import DomainError, NotFound
from app.core.policy import require
from app.web.errors import status_of
from app.web.format import clock_time, short_day
from app.web.guards import allowed, public
from app.web.htmx import wants_fragment
from app.web.i18n import locale_of_request
from app.web.identity import current_actor
from app.web.page import page
from app.web.words import explain
from config import Config

blueprint = Blueprint("calendars", __name__)

_NEW_LINK = "new_calendar_link"  # where a secret waits to be shown once
_PAGE, _PIECE = "calendars/subscribe.html", "calendars/_subscribe.html"
_GOOGLE = "https://calendar.google.com/calendar/u/0/r/settings/addbyurl"
_OUTLOOK = "https://outlook.office.com/calendar/0/addfromweb?"
_OUTLOOK_COM = "https://outlook.live.com/calendar/0/addfromweb?"


@dataclass(frozen=True)
class FreshLink:
    """A link just made: its address, and the addresses that open it in calendar programmes."""

    public_id: str
    url: str
    webcal: str
    outlook: str
    outlook_com: str
    google: str = _GOOGLE


@dataclass(frozen=True)
class KeptLink:
    """A link as its owner sees it later: without the secret; how much it tells, and who came for it when."""

    public_id: str
    label: str
    history: str


@dataclass(frozen=True)
class Calendar:
    """A calendar on the page of one's links: where its dialog is, whether it can still be read, the links to it."""

    name: str
    scope: str
    href: str
    readable: bool
    links: tuple[KeptLink, ...]


# ---------------------------------------------------------------- for programmes


@blueprint.route("/agendas/<secret>.ics", methods=["GET"], provide_automatic_options=False)
@public
def feed(secret: str) -> Response:
    """Answer a calendar programme. Never a redirect, a cookie or a page: some drop the calendar for it."""
    try:
        opened = service.open_feed(secret, phrases, _base_url())
    except (NotFound, LinkRevoked) as refusal:
        return _refused_feed(status_of(refusal))
    answer = respond(request, opened.edition, opened.head.name, opened.body)
    service.note_fetch(opened, client_name(request.headers.get("User-Agent", "")))
    return answer


@blueprint.get("/reservations/<ref>.ics")
@allowed(BookingPermission.SEE, load=seen)
def save_booking(booking: Booking) -> Response:
    """Give one booking as a file for one's own calendar."""
    body = service.write_booking(current_actor(), booking, phrases(locale_of_request()), _base_url())
    return as_file(body, f"reservation-{booking.ref}")


def _refused_feed(status: int) -> Response:
    # No page: its layout reads the session, and no programme reads pages.
    words = {404: "Unknown calendar.\n", 410: "This calendar link was ended.\n"}[status]
    headers = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex", "Referrer-Policy": "no-referrer"}
    return Response(words, status, headers, content_type="text/plain; charset=utf-8")


def as_file(body: bytes, name: str) -> Response:
    """Give a calendar to be saved under a name of its own."""
    headers = {
        "Content-Disposition": f'attachment; filename="{safe_file_name(name)}"',
        "Cache-Control": "private, no-store",
    }
    return Response(body, headers=headers, content_type=CONTENT_TYPE)


# ---------------------------------------------------------------- for people


def _subject() -> queries.Subject:
    """Find the calendar that `scope` and `id` in the address name; one's own needs no id."""
    try:
        scope = Scope(request.values.get("scope", ""))
    except ValueError as unknown:
        raise NotFound(kind="calendar") from unknown
    public_id, actor = request.values.get("id", ""), current_actor()
    if scope is Scope.PERSON and not public_id:
        require(actor, CalendarPermission.LIST_LINKS)
        return queries.subjects(scope, [actor.person_id or 0])[actor.person_id or 0]
    return queries.get_subject(scope, public_id)


@blueprint.get("/agendas/abonnement")
@allowed(CalendarPermission.SUBSCRIBE, load=_subject)
def subscribe(subject: queries.Subject) -> Response:
    """Show how to get a calendar into one's own, and the links that exist."""
    return _dialog(subject, fresh=_fresh_from_session())


@blueprint.post("/agendas/abonnement")
@allowed(CalendarPermission.SUBSCRIBE, load=_subject)
def create_link(subject: queries.Subject) -> Response:
    """Make a link and show its address, this once."""
    form = LinkForm(_best(subject))
    if not form.validate():
        return _dialog(subject, form=form, status=422)
    try:
        new = service.subscribe(current_actor(), subject, Audience(form.audience.data))
    except DomainError as error:
        form.refuse("", explain(error))
        return _dialog(subject, form=form, status=status_of(error))
    return _show_once(subject, new)


@blueprint.get("/agendas/telecharger")
@allowed(CalendarPermission.SUBSCRIBE, load=_subject)
def download(subject: queries.Subject) -> Response:
    """Give the calendar once, as a file that will not follow changes."""
    opened = service.open_calendar(
        current_actor(), subject.scope, subject.id, phrases(locale_of_request()), _base_url()
    )
    return as_file(opened.body(), opened.head.name)


@blueprint.post("/agendas/liens/<public_id>/reinitialiser")
@allowed(CalendarPermission.KEEP_LINK, load=queries.get_link)
def renew_link(link: Subscription) -> Response:
    """Replace a link that may have got into wrong hands; show the new address, this once."""
    subject = _subject_of(link)
    return _show_once(subject, service.renew(current_actor(), link.public_id))


@blueprint.post("/agendas/liens/<public_id>/revoquer")
@allowed(CalendarPermission.KEEP_LINK, load=queries.get_link)
def revoke_link(link: Subscription) -> Response:
    """End a link."""
    subject = _subject_of(link)
    service.revoke(current_actor(), link.public_id)
    if wants_fragment() and best_audience(current_actor(), subject):
        return _dialog(subject, said=_("The link is ended: nothing can be read with it any more."))
    flash(_("The link is ended: nothing can be read with it any more."), "success")
    return redirect(url_for("calendars.mine"), 303)


@blueprint.get("/compte/agendas")
@allowed(CalendarPermission.LIST_LINKS)
def mine() -> Response:
    """Show one's calendar links, and the calendars one would like to have."""
    actor = current_actor()
    wanted: dict[Scope, set[int]] = {
        Scope.PERSON: {actor.person_id or 0},
        Scope.ORGANISATION: set(actor.memberships),
        Scope.SITE: set(actor.managed_sites),
        Scope.PENDING: set(actor.managed_sites),
        Scope.RESOURCE: set(),
        Scope.CHAIN: set(),
    }
    links = queries.links_of(actor.person_id or 0)
    for link in links:
        wanted[Scope(link.scope)].add(link.scope_id)
    calendars = [
        _calendar(subject, [link for link in links if (link.scope, link.scope_id) == (scope, subject.id)])
        for scope, ids in wanted.items()
        if ids
        for subject in sorted(queries.subjects(scope, ids).values(), key=lambda subject: subject.name)
    ]
    return page("calendars/mine.html", calendars=calendars)


def _calendar(subject: queries.Subject, links: list[Subscription]) -> Calendar:
    readable = best_audience(current_actor(), subject) is not None
    kept = tuple(_kept(link, subject.zone) for link in links)
    return Calendar(_name(subject), subject.scope, _address(subject), readable, kept)


def _dialog(
    subject: queries.Subject,
    fresh: FreshLink | None = None,
    form: LinkForm | None = None,
    status: int = 200,
    said: str = "",
) -> Response:
    links = queries.links_of(current_actor().person_id or 0, subject.scope, subject.id)
    best = _best(subject)
    answer = page(
        _PAGE,
        _PIECE,
        status,
        subject=subject,
        name=_name(subject),
        address=_address(subject),
        download=url_for("calendars.download", **_keys(subject)),
        told=tells(best),
        form=form or LinkForm(best, formdata=None),
        links=[_kept(link, subject.zone) for link in links],
        fresh=fresh,
        said=said,
    )
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def _show_once(subject: queries.Subject, new: service.NewLink) -> Response:
    if wants_fragment():
        return _dialog(subject, fresh=_fresh(new.public_id, new.secret, _name(subject)))
    session[_NEW_LINK] = [new.public_id, new.secret, _name(subject)]
    return redirect(_address(subject), 303)


def _fresh_from_session() -> FreshLink | None:
    """Give the link made just before the redirect; a reload no longer shows it."""
    if request.method == "HEAD" or _NEW_LINK not in session:
        return None
    return _fresh(*session.pop(_NEW_LINK))


def _fresh(public_id: str, secret: str, name: str) -> FreshLink:
    url = _base_url() + url_for("calendars.feed", secret=secret)
    query = urlencode({"url": url, "name": name})
    webcal = "webcal://" + url.partition("://")[2]
    return FreshLink(public_id, url, webcal, _OUTLOOK + query, _OUTLOOK_COM + query)


def _kept(link: Subscription, zone: str) -> KeptLink:
    return KeptLink(link.public_id, label(Audience(link.audience)), _history(link, zone))


def _history(link: Subscription, zone: str) -> str:
    made = short_day(link.created_at, tz=zone)
    if link.last_fetched_at is None:
        return _("Made on %(made)s, not read yet.", made=made)
    day, time = short_day(link.last_fetched_at, tz=zone), clock_time(link.last_fetched_at, tz=zone)
    if not link.last_client:
        return _("Made on %(made)s, last read on %(day)s at %(time)s.", made=made, day=day, time=time)
    return _(
        "Made on %(made)s, last read on %(day)s at %(time)s by %(client)s.",
        made=made, day=day, time=time, client=link.last_client,
    )  # fmt: skip


def _subject_of(link: Subscription) -> queries.Subject:
    scope = Scope(link.scope)
    found = queries.subjects(scope, [link.scope_id]).get(link.scope_id)
    if found is None:
        raise NotFound(kind="calendar")
    return found


def _best(subject: queries.Subject) -> Audience:
    best = best_audience(current_actor(), subject)
    if best is None:
        raise NotFound(kind="calendar")
    return best


def _keys(subject: queries.Subject) -> dict[str, Any]:
    return {"scope": subject.scope.value, "id": subject.public_id}


def _address(subject: queries.Subject) -> str:
    return url_for("calendars.subscribe", **_keys(subject))


def _name(subject: queries.Subject) -> str:
    if subject.scope is Scope.PERSON:
        return _("My bookings")
    if subject.scope is Scope.PENDING:
        return _("To answer – %(site)s", site=subject.name)
    return f"{subject.name} – {subject.site_name}" if subject.scope is Scope.RESOURCE else subject.name


def _base_url() -> str:
    config: Config = current_app.config["MUTUALIM"]
    return config.base_url
