"""Calling: posted, changed, cancelled by the organisation that knows of a field."""

from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select

from app.accounts.service.locks import keep_organisation, keep_person, one_at_a_time
from app.core import clock
from app.core.ids import new_public_id
from app.core.policy import Actor
from app.infra.events import emit
from app.infra.uow import atomic
from app.supply.cargo import Cargo
from app.supply.chains.service import drop_draft
from app.supply.edits import refuse_undoing
from app.supply.gleanings import events
from app.supply.gleanings.errors import BadGleaning, FewerThanGoing, SignUpClosed
from app.supply.gleanings.models import Gleaning
from app.supply.gleanings.rules import MOST_AGE, State, check_end, check_people, check_start
from app.supply.gleanings.service.common import come_to, going, lock_own, move_up, note, sign_ups
from app.supply.gleanings.service.drafting import draft, let_carriers_go, lock_carriers
from app.supply.keys import refuse_other
from app.supply.offers.errors import NotTakingPart
from app.supply.offers.rules import Category
from app.supply.offers.service import Place
from app.supply.offers.service.common import checked, checked_line, checked_product, checked_reason

_PROSE: Final = ("tools_provided", "tools_to_bring", "rain", "note")
_LINES: Final = ("meeting_point", "ask_for")


@dataclass(frozen=True)
class Advice:
    """What who comes has to know, in words."""

    meeting_point: str = ""
    ask_for: str = ""
    tools_provided: str = ""
    tools_to_bring: str = ""
    rain: str = ""
    note: str = ""

    def checked(self) -> "Advice":
        """Give it trimmed; raise TextTooLong."""
        words = {name: checked(getattr(self, name), name) for name in _PROSE}
        return Advice(**words, **{name: checked_line(getattr(self, name)) for name in _LINES})


@dataclass(frozen=True)
class NewGleaning:
    """What is called for: what there is to pick up, where and when, how many people, and what they have to know."""

    product: str
    category: Category
    cargo: Cargo
    place: Place
    start_at: datetime
    end_at: datetime
    least_people: int
    most_people: int
    min_age: int | None = None
    advice: Advice = Advice()

    def columns(self) -> dict[str, Any]:
        """Give what is written down of it."""
        cargo, place = self.cargo, self.place
        return asdict(self.advice) | {
            "product": self.product, "category": self.category, "grams": cargo.grams,
            "packaging": cargo.packaging, "per_package": cargo.per_package, "regime": cargo.regime,
            "commune_code": place.commune_code, "place": place.words, "lat": place.point.lat,
            "lon": place.point.lon, "start_at": self.start_at, "end_at": self.end_at,
            "least_people": self.least_people, "most_people": self.most_people, "min_age": self.min_age,
        }  # fmt: skip


def call(actor: Actor, organisation_id: int, new: NewGleaning, key: str | None = None) -> Gleaning:
    """Call for gleaners in the name of an organisation; under one key, once.

    Raise NotTakingPart, OrganisationInactive, BadOffer, BadGleaning, TextTooLong, KeyReused.
    """
    if not actor.belongs_to(organisation_id):
        raise NotTakingPart(organisation=organisation_id)
    with atomic() as session:
        one_at_a_time(f"gleaning:{actor.person_id}")
        organisation = keep_organisation(organisation_id)
        person = keep_person(actor.person_id)
        known = select(Gleaning).filter_by(person_id=person.id, idempotency_key=key)
        if key and (made := session.scalar(known)):
            return _the_same(made, organisation_id, _trimmed(new))
        now, new = clock.now(), _checked(new)
        gleaning = Gleaning(
            public_id=new_public_id(), territory_id=organisation.territory_id, organisation_id=organisation.id,
            person_id=person.id, state=State.OPEN, created_at=now, changed_at=now, revision=0,
            idempotency_key=key, **new.columns(),
        )  # fmt: skip
        session.add(gleaning)
        note(gleaning, "called", actor, people=gleaning.most_people)
        draft(gleaning)
        emit(events.GleaningCalled(gleaning.id, actor.person_id))
    return gleaning


def _the_same(made: Gleaning, organisation_id: int, new: NewGleaning) -> Gleaning:
    """Give what was called for under a key; raise KeyReused where that was another call, not where it changed since."""
    asked = new.columns() if made.revision == 0 else {}
    refuse_other(made, asked | {"organisation_id": organisation_id})
    return made


def change(actor: Actor, gleaning_id: int, new: NewGleaning, seen: int | None = None) -> None:
    """Correct a call; who signed up is told, and who is in line may get a place.

    `seen` is the last correction when it was looked at. Raise NotTakingPart, SignUpClosed, ChangedMeanwhile, BadOffer,
    BadGleaning, FewerThanGoing, TextTooLong.
    """
    with atomic():
        gleaning, now = lock_own(actor, gleaning_id), clock.now()
        if not gleaning.may_change_at(now):
            raise SignUpClosed(state=gleaning.state)
        new = _checked(new, gleaning.start_at)
        if new.end_at <= now:
            raise BadGleaning(field="day", reason="past")
        columns = new.columns()
        refuse_undoing(actor, gleaning, columns, seen)
        those = sign_ups(gleaning)
        if new.most_people < going(those):
            raise FewerThanGoing(field="most_people", going=going(those))
        changed = sorted(name for name, value in columns.items() if getattr(gleaning, name) != value)
        if not changed:
            return
        come_to(gleaning, "change")
        more = new.most_people > gleaning.most_people
        for name in changed:
            setattr(gleaning, name, columns[name])
        note(gleaning, "changed", actor, changed=changed)
        draft(gleaning)
        emit(events.GleaningChanged(gleaning.id, actor.person_id))
        move_up(gleaning, actor, freed=more)


def cancel(actor: Actor, gleaning_id: int, reason: str) -> None:
    """Let it not take place, with a reason that who signed up reads; chains that would carry it are given up.

    Raise NotTakingPart, ReasonMissing, TextTooLong, SignUpClosed, ChainJustAsked.
    """
    reason = checked_reason(reason)
    with atomic():
        lock_carriers(gleaning_id)
        gleaning = lock_own(actor, gleaning_id)
        if not gleaning.may_change_at(clock.now()):
            raise SignUpClosed(state=gleaning.state)
        end(gleaning, actor, reason)
        let_carriers_go(gleaning, actor, reason)


def end(gleaning: Gleaning, actor: Actor, reason: str) -> None:
    """Cancel a gleaning that is locked; nothing of it is to be carried any more."""
    come_to(gleaning, "cancel")
    drop_draft(gleaning.origin)
    gleaning.reason = reason
    note(gleaning, "cancelled", actor, reason=reason)
    emit(events.GleaningCancelled(gleaning.id, actor.person_id))


def _checked(new: NewGleaning, kept: datetime | None = None) -> NewGleaning:
    """Refuse what cannot be called for; give it with its words trimmed. It begins later, or when it did (`kept`)."""
    new = _trimmed(new)
    check_end(new.start_at, new.end_at)
    check_start(new.start_at, clock.now(), kept)
    check_people(new.least_people, new.most_people)
    if new.min_age is not None and not 0 <= new.min_age <= MOST_AGE:
        raise BadGleaning(field="min_age", reason="age", most=MOST_AGE)
    return new


def _trimmed(new: NewGleaning) -> NewGleaning:
    product, words = checked_product(new.product, new.cargo), checked_line(new.place.words)
    place = new.place._replace(words=words)
    return replace(new, product=product, place=place, advice=new.advice.checked())
