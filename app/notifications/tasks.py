"""What happens after the commit: finding out whom to tell, writing one letter, handing it over.

A job may run twice, so a person may in rare cases read a letter twice; none is lost. Each letter is written from what
is true when it leaves, and not at all when that is no longer what it was queued to say.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

from flask_babel import gettext as _

from app.accounts.events import Reader
from app.accounts.models import Person
from app.bookings.left_out import left_out_of
from app.bookings.missing import look_at_missing
from app.bookings.models import Booking, Series
from app.bookings.policy import BookingPermission
from app.bookings.queries import elsewhere_dates
from app.bookings.rules import APPROVED, LIVE
from app.bookings.service import open_decision_link
from app.bookings.views.strip import Around, around
from app.bookings.words import awaited_words, over_hours_words
from app.core import clock
from app.infra.jobs import Payload, job
from app.infra.mail import deliver
from app.notifications import bundles, queries, service
from app.notifications.letters import asker, manager
from app.notifications.letters.absence import ABSENCE
from app.notifications.letters.account import OWN
from app.notifications.letters.belonging import BELONGING
from app.notifications.letters.farewell import FAREWELL
from app.notifications.letters.food_aid import AUTHORISING
from app.notifications.letters.kept import KEPT
from app.notifications.letters.letter import Letter, message
from app.notifications.letters.passed_over import PASSED
from app.notifications.letters.paying import PAYING
from app.notifications.letters.proposals import PROPOSING, moved_away
from app.notifications.letters.recalls import RECALLS
from app.notifications.letters.series import LETTERS as OF_SERIES
from app.notifications.letters.series import Several
from app.notifications.letters.series_kept import SERIES_KEPT
from app.notifications.letters.series_short import SERIES_SHORT
from app.notifications.letters.settling import SETTLING
from app.notifications.letters.stays import STAYS
from app.notifications.letters.talk import written
from app.notifications.letters.waiting import WAITING
from app.notifications.rules import (
    AWAITED,
    SERIES_AWAITED,
    SERIES_CONFIRMED,
    SERIES_TO_DECIDE,
    SERIES_TRUE_WHILE,
    TO_DECIDE,
    WRITTEN,
    WRITTEN_TO_MANAGER,
    is_still_true,
    is_still_waiting_so,
)
from app.web.i18n import speaking

SERIES_LETTERS = {**OF_SERIES, **SERIES_KEPT, **SERIES_SHORT}
ACCOUNT_LETTERS = {**OWN, **BELONGING, **FAREWELL, **PAYING, **SETTLING, **AUTHORISING}
OF_THE_MOMENT = {
    **KEPT,
    **ABSENCE,
    **PROPOSING,
    **STAYS,
    **RECALLS,
    **PASSED,
}  # these look again whether there is still reason to write


@job("notifications.spread")
def spread(payload: Payload) -> None:
    """Queue the letters about something that happened to a booking."""
    service.spread(payload["occasion"], payload["booking"], payload["actor"])


@job("notifications.spread_message")
def spread_message(payload: Payload) -> None:
    """Queue the letters that carry a message."""
    service.spread_message(payload["booking"], payload["message"])


@job("notifications.write")
def write(payload: Payload) -> None:
    """Write to one person about a booking, if that is still true and still their business."""
    name = payload["letter"]
    booking, person = queries.find_booking(payload["booking"]), queries.find_person(payload["person"])
    if booking is None or person is None or not is_still_true(name, booking.decision):
        return
    if not queries.may(person, BookingPermission.SEE, booking):
        return
    if name in AWAITED and not queries.is_awaited(booking, person):
        return
    secret = _secret(name, booking, person)
    givers = queries.in_whose_place(booking, person) if secret else []
    with speaking(person.locale):
        letter = _letter(name, booking, secret, payload["message"], givers)
        if letter is None:
            return
        signed = replace(letter, name=person.name, signed=queries.territory_name(booking))
        mail = message(signed, person.email, person.locale)
    deliver(mail)


@job("notifications.write_account")
def write_account(payload: Payload) -> None:
    """Write to one person about an account or an organisation, if there is still reason to."""
    to, facts = Reader(**payload["to"]), payload["facts"]
    if not _is_due(payload["letter"], to, facts):
        return
    with speaking(to.locale):
        known = {**facts, "tz": queries.zone_of(to.person_id)}
        mail = message(ACCOUNT_LETTERS[payload["letter"]](to, known), to.email, to.locale)
    deliver(mail)


def _secret(name: str, booking: Booking, person: Person) -> str | None:
    """Make the link to decide at the last moment: it is in the letter and nowhere else, and only for who may decide."""
    if name in TO_DECIDE and queries.may(person, BookingPermission.DECIDE, booking):
        return open_decision_link(booking.id, person.id)
    return None


def _letter(
    name: str, booking: Booking, secret: str | None, message_id: int | None, givers: Sequence[str]
) -> Letter | None:
    if name in (WRITTEN, WRITTEN_TO_MANAGER):
        found = queries.find_message(message_id)
        return (
            written(booking, found, to_manager=name == WRITTEN_TO_MANAGER) if found and found.text else None
        )
    if name in TO_DECIDE:
        return manager.ASKING[name](booking, _surroundings(booking, givers), secret)
    if name in OF_THE_MOMENT:
        return OF_THE_MOMENT[name](booking)
    return (asker.LETTERS.get(name) or manager.NEWS[name])(booking)


def _surroundings(booking: Booking, givers: Sequence[str]) -> manager.Surroundings:
    near = around([booking]).get(booking.id, Around())
    neighbours = [_neighbour(each["when"], each["who"], each["state"]) for each in near.neighbours]
    could_agree = queries.who_could_agree(booking)
    missing = awaited_words(booking, could_agree) if could_agree else over_hours_words(booking)
    return manager.Surroundings(neighbours, near.conflicts, queries.first_words(booking), missing, givers)


def _neighbour(when: str, who: str, state: str) -> str:
    if state == APPROVED:
        return _("%(when)s, %(organisation)s (accepted)", when=when, organisation=who)
    return _("%(when)s, %(organisation)s (also waiting for an answer)", when=when, organisation=who)


def _is_due(letter: str, to: Reader, facts: Payload) -> bool:
    if to.person_id is not None and queries.find_person(to.person_id) is None:
        return False
    if "secret" in facts and not queries.is_good_link(letter, facts["secret"]):
        return False
    if letter in ("organisation_requested", "membership_requested"):
        return queries.still_waits(facts.get("organisation_id"), facts.get("membership_id"))
    if letter == "authorisation_entered":
        return queries.still_to_confirm(facts["authorisation_id"])
    return "expires_at" not in facts or datetime.fromisoformat(facts["expires_at"]) > clock.now()


@job("notifications.spread_moved_away")
def spread_moved_away(payload: Payload) -> None:
    """Queue the letters to those who answered for the place that a booking has left."""
    service.spread_moved_away(payload["booking"], payload["from"], payload["actor"])


@job("notifications.write_moved_away")
def write_moved_away(payload: Payload) -> None:
    """Tell one of them; the booking itself is no longer theirs to see."""
    booking, person = queries.find_booking(payload["booking"]), queries.find_person(payload["person"])
    place = queries.find_resource(payload["from"])
    if booking is None or person is None or place is None:
        return
    with speaking(person.locale):
        signed = replace(moved_away(booking, place), name=person.name, signed=queries.territory_name(booking))
        mail = message(signed, person.email, person.locale)
    deliver(mail)


@job("notifications.write_waiting")
def write_waiting(payload: Payload) -> None:
    """Write to somebody on a waiting list, if what is to be said is still true."""
    name, entry = payload["letter"], queries.find_waiting(payload["waiting"])
    if entry is None or not is_still_waiting_so(name, entry.state):
        return
    person = queries.find_person(entry.person_id)
    if person is None:
        return
    with speaking(person.locale):
        signed = replace(
            WAITING[name](entry), name=person.name, signed=queries.territory_of(entry.territory_id)
        )
        mail = message(signed, person.email, person.locale)
    deliver(mail)


# -- series -------------------------------------------------------------------------------------------------


@job("notifications.spread_series")
def spread_series(payload: Payload) -> None:
    """Queue the letters about an act on several dates of a series."""
    about = {"bookings": payload["bookings"], "missed": payload["missed"]}
    service.spread_series(payload["occasion"], payload["series"], payload["actor"], about)


@job("notifications.write_series")
def write_series(payload: Payload) -> None:
    """Write to one person about several dates, those of which it is still true, if it is still their business."""
    name, person = payload["letter"], queries.find_person(payload["person"])
    series = queries.find_series(payload["series"])
    if series is None or person is None or not queries.may(person, BookingPermission.SEE, series):
        return
    states = SERIES_TRUE_WHILE.get(name, ())
    bookings = [b for b in queries.find_bookings(payload["bookings"]) if b.decision in states]
    missed = look_at_missing(series, [date.fromisoformat(day) for day in payload["missed"]])
    if not bookings and not missed:
        return
    if name in SERIES_AWAITED and not queries.is_awaited(bookings[0], person):
        return
    words, secret = _to_decide(name, series, bookings, person)
    givers = queries.in_whose_place(bookings[0], person) if secret else []
    elsewhere, left_out = _beside(series) if name in SERIES_CONFIRMED else ((), ())
    about = Several(series, bookings, missed, words, secret, givers, elsewhere, left_out)
    with speaking(person.locale):
        letter = SERIES_LETTERS[name](about)
        if letter is None:
            return
        signed = replace(letter, name=person.name, signed=series.organisation.territory.name)
        mail = message(signed, person.email, person.locale)
    deliver(mail)


def _beside(series: Series) -> tuple[Sequence[Booking], Sequence[date]]:
    """Give the dates of a series that go on at other places, and the days left out of it."""
    going_on = [booking for booking in elsewhere_dates(series.id) if booking.decision in LIVE]
    return going_on, left_out_of([series])[series.id]


def _to_decide(name: str, series: Series, bookings: list[Booking], person: Person) -> tuple[str, str | None]:
    """Give what the asker wrote, and the secret of a link by which this person answers all dates at once."""
    if name not in SERIES_TO_DECIDE:
        return "", None
    words, first = queries.first_words(bookings[0]), bookings[0].id
    if not queries.may(person, BookingPermission.DECIDE, series):
        return words, None
    return words, open_decision_link(first, person.id, series.id)


# -- requests for several resources -------------------------------------------------------------------------


@job("notifications.spread_bundle")
def spread_bundle(payload: Payload) -> None:
    """Queue the letters about something that happened to legs of a bundle."""
    bundles.spread_bundle(payload)


@job("notifications.write_bundle")
def write_bundle(payload: Payload) -> None:
    """Write to one person about a bundle as it stands now, if it is still their business."""
    name, person = payload["letter"], queries.find_person(payload["person"])
    whole = bundles.find_whole(payload["bundle"])
    if whole is None or person is None or not queries.may(person, BookingPermission.SEE_BUNDLE, whole.bundle):
        return
    secret = bundles.secret_for(name, whole, person)
    whole = bundles.find_whole(payload["bundle"]) or whole  # the link was written in a transaction of its own
    with speaking(person.locale):
        letter = bundles.letter_for(name, whole, person, secret)
        if letter is None:
            return
        signed = replace(letter, name=person.name, signed=whole.bundle.organisation.territory.name)
        mail = message(signed, person.email, person.locale)
    deliver(mail)
