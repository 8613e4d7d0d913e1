"""Signing up: alone or with others, in line where it is full; never more people than there are places."""

from app.accounts.service.locks import keep_person
from app.core import clock
from app.core.errors import NotFound
from app.core.ids import new_public_id
from app.core.policy import Actor
from app.infra.db import db
from app.infra.uow import atomic
from app.supply.gleanings import queries
from app.supply.gleanings.errors import BadGroup, NotAllFit, SignUpClosed, TooFewPlaces
from app.supply.gleanings.models import Gleaning, GleaningSignUp
from app.supply.gleanings.rules import MOST_TOGETHER, Place
from app.supply.gleanings.service.common import going, let_come, lock_gleaning, move_up, note, sign_ups
from app.supply.offers.errors import NotTakingPart


def sign_up(actor: Actor, gleaning_id: int, people: int, *, split: bool | None = None) -> GleaningSignUp:
    """Come, so many people in all; again, to say another number. Where there is no room left, in line.

    Where there is room for some of them, `split` says whether these come and the others wait, or all wait. Raise
    NotTakingPart, SignUpClosed, BadGroup, NotAllFit (it does not say), TooFewPlaces (who has a place comes with more
    than there is room for).
    """
    with atomic():
        person = keep_person(actor.person_id)
        gleaning = _open(gleaning_id)
        if not queries.is_of(actor, gleaning.territory_id):
            raise NotTakingPart(territory=gleaning.territory_id)
        most = min(MOST_TOGETHER, gleaning.most_people)
        if not 0 < people <= most:
            raise BadGroup(field="others", most=most)
        those = sign_ups(gleaning)
        left = gleaning.most_people - going(those)
        own = next((each for each in those if each.person_id == person.id), None)
        if own is not None and own.is_going:
            _come_with(gleaning, own, people, left, actor)
            return own
        if split is None and 0 < left < people:
            raise NotAllFit(field="others", left=left, people=people)
        if own is None:
            own = _add(gleaning, actor, people)
        own.people = people
        if left > 0 and (split or people <= left):
            let_come(own, min(people, left))
        note(gleaning, "signed_up", actor, people=own.all_people, waiting=own.in_line)
    return own


def _come_with(gleaning: Gleaning, own: GleaningSignUp, people: int, left: int, actor: Actor) -> None:
    """Let somebody who has a place say another number; those of them who wait keep their turn."""
    more = people - own.people
    if more > left and not own.waiting:
        raise TooFewPlaces(field="others", left=left)
    own.waiting = max(more, 0)
    own.people = min(people, own.people)
    move_up(gleaning, actor, freed=more < 0)


def withdraw(actor: Actor, gleaning_id: int) -> bool:
    """Not come after all: the place goes to who is next in line. Tell whether there was one.

    Raise NotFound, SignUpClosed.
    """
    with atomic():
        gleaning = _open(gleaning_id)
        own = next((each for each in sign_ups(gleaning) if each.person_id == actor.person_id), None)
        if own is None:
            raise NotFound(kind="gleaning_sign_up")
        let_go(gleaning, own, actor)
    return own.is_going


def let_go(gleaning: Gleaning, own: GleaningSignUp, actor: Actor) -> None:
    """Take somebody off the list of a gleaning that is locked, and let others move up."""
    note(gleaning, "left", actor, people=own.all_people)
    db.session.delete(own)
    move_up(gleaning, actor, freed=own.is_going)


def _open(gleaning_id: int) -> Gleaning:
    gleaning = lock_gleaning(gleaning_id)
    if not gleaning.takes_people_at(clock.now()):
        raise SignUpClosed(state=gleaning.state)
    return gleaning


def _add(gleaning: Gleaning, actor: Actor, people: int) -> GleaningSignUp:
    """Put somebody at the end of the line."""
    own = GleaningSignUp(
        public_id=new_public_id(), gleaning_id=gleaning.id, person_id=actor.person_id, people=people,
        place=Place.WAITING, waiting=0, created_at=clock.now(),
    )  # fmt: skip
    db.session.add(own)
    return own
