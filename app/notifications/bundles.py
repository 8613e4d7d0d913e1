"""Requests for several resources: who is told what of them, and what of a request is whose."""

from dataclasses import replace

from flask_babel import gettext as _

from app.accounts.models import Person
from app.bookings.bundles import Whole, wholes
from app.bookings.models import Booking
from app.bookings.policy import BookingPermission
from app.bookings.rules import APPROVED, CANCELLED, EXPIRED, PENDING
from app.bookings.service import open_decision_link
from app.bookings.views.strip import Around, around
from app.bookings.words.called import called_one
from app.infra.jobs import Payload, enqueue
from app.infra.uow import atomic
from app.notifications import queries
from app.notifications.letters import manager
from app.notifications.letters.bundle import LETTERS, Told
from app.notifications.letters.letter import Letter
from app.notifications.rules import BUNDLE_OCCASIONS

TO_ANSWER = "bundle_to_answer"
_ABOUT = {TO_ANSWER: PENDING, "bundle_given_up": CANCELLED, "bundle_unanswered": EXPIRED}


def find_whole(bundle_id: int) -> Whole | None:
    """Find a bundle as it is now, with all its legs."""
    return wholes([bundle_id]).get(bundle_id)


def spread_bundle(payload: Payload) -> None:
    """Queue a letter to everybody who is to know of an occasion, save whoever brought it about.

    Several legs answered at once are one letter: while it waits to be written, no second one is queued.
    """
    whole = find_whole(payload["bundle"])
    if whole is None:
        return
    telling, actor_id = BUNDLE_OCCASIONS[payload["occasion"]], payload["actor"]
    letters = []
    if telling.asker:
        receipt = whole.bundle.requester_id if telling.receipt else None
        asked = queries.who_asked_series(whole.bundle)
        letters += [(telling.asker, p.id) for p in asked if p.id != actor_id or p.id == receipt]
    if telling.manager:
        touched = [leg for leg in (*whole.legs, *whole.aside) if leg.id in payload["bookings"]]
        answering = {p.id for leg in touched for p in queries.who_answers(leg.resource.site)}
        letters += [(telling.manager, person_id) for person_id in sorted(answering) if person_id != actor_id]
    territory_id, bundle_id = whole.bundle.territory_id, whole.bundle.id
    with atomic():
        for letter, person_id in letters:
            about = {"letter": letter, "bundle": bundle_id, "person": person_id}
            key = f"bundle:{letter}:{bundle_id}:{person_id}"
            enqueue("notifications.write_bundle", about, dedup_key=key, territory_id=territory_id)


def secret_for(name: str, whole: Whole, person: Person) -> str | None:
    """Make the link by which this person answers what waits for them; None where they may not, or nothing does."""
    waiting = [leg for leg in _of(whole, person) if leg.decision == PENDING]
    if name != TO_ANSWER or not all(queries.may(person, BookingPermission.DECIDE, leg) for leg in waiting):
        return None
    if not waiting:
        return None
    return open_decision_link(
        waiting[0].id, person.id, bundle_id=whole.bundle.id if len(waiting) > 1 else None
    )


def letter_for(name: str, whole: Whole, person: Person, secret: str | None) -> Letter | None:
    """Write a letter in the present language; None when nothing is left to tell."""
    if name not in _ABOUT:
        return LETTERS[name](Told(whole))
    theirs = _of(whole, person)
    mine = [leg for leg in theirs if leg.decision == _ABOUT[name]]
    if name == TO_ANSWER and not mine:
        booked = [leg for leg in theirs if leg.decision == APPROVED and leg.leg_number]
        return LETTERS["bundle_booked_here"](Told(whole, booked)) if booked else None
    if not mine:
        return None
    if name == TO_ANSWER and len(mine) == 1:
        return _alone(whole, mine[0], secret)
    near = around(mine) if name == TO_ANSWER else {}
    conflicts = [
        _("%(name)s: %(why)s", name=leg.resource.name, why=why)
        for leg in mine
        for why in near.get(leg.id, Around()).conflicts
    ]
    words = next((text for leg in theirs if (text := queries.first_words(leg))), "") if near else ""
    return LETTERS[name](Told(whole, mine, words, secret, conflicts))


def _alone(whole: Whole, leg: Booking, secret: str | None) -> Letter:
    """Ask for an answer to the one leg of a manager as to any request, and say what it is part of."""
    near = around([leg]).get(leg.id, Around())
    neighbours = [
        _("%(when)s, %(organisation)s", when=n["when"], organisation=n["who"]) for n in near.neighbours
    ]
    letter = manager.to_answer(
        leg, manager.Surroundings(neighbours, near.conflicts, queries.first_words(leg)), secret
    )
    first, *others = letter.paragraphs
    return replace(letter, paragraphs=(first, called_one(whole).told, *others))


def _of(whole: Whole, person: Person) -> list[Booking]:
    """List the legs of the places a person answers for."""
    legs = (*whole.legs, *whole.aside)
    sites = {leg.resource.site_id: leg.resource.site for leg in legs}
    theirs = {
        number for number, site in sites.items() if person.id in {p.id for p in queries.who_answers(site)}
    }
    return [leg for leg in legs if leg.resource.site_id in theirs]
