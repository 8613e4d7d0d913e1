"""The use cases of needs: look for something, help, say that it is found, look no longer; what time ends."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select, update

from app.accounts.events import AccountErased, OrganisationArchived
from app.accounts.models import Organisation
from app.accounts.service.locks import keep_organisation, keep_person, one_at_a_time
from app.bookings.rules import TALK_LIFE
from app.catalogue.kinds import KINDS
from app.core import clock
from app.core.errors import NotFound, TextTooLong
from app.core.ids import new_public_id
from app.core.policy import Actor
from app.core.span import from_wall
from app.infra import audit
from app.infra.db import db
from app.infra.events import emit
from app.infra.uow import atomic
from app.supply.keys import refuse_other
from app.supply.needs.errors import BadNeed, NeedEnded, NothingSaid, NotLooking, OwnNeed
from app.supply.needs.events import HelpOffered
from app.supply.needs.models import Need, NeedAnswer
from app.supply.needs.queries import open_of
from app.supply.needs.rules import (
    LONGEST_NEED,
    LONGEST_PRODUCT,
    LONGEST_TEXT,
    MOST_UNITS,
    NEED,
    Sort,
    State,
)
from app.supply.offers.rules import MOST_GRAMS, RADII, Point


@dataclass(frozen=True, kw_only=True)
class Around:
    """Where something is looked for: around a commune (INSEE code), within so many kilometres."""

    commune_code: str
    point: Point
    radius_km: int

    def columns(self) -> dict[str, Any]:
        """Give what is written down of it."""
        return {
            "commune_code": self.commune_code,
            "lat": self.point.lat,
            "lon": self.point.lon,
            "radius_km": self.radius_km,
        }


@dataclass(frozen=True, kw_only=True)
class Food:
    """Food that is looked for: what, in words or by its sort; `grams` at least, where that matters."""

    product: str
    until_at: datetime
    category: str = ""
    grams: int | None = None
    regime: str = ""

    def columns(self, _zone: ZoneInfo) -> dict[str, Any]:
        """Give what is written down of it; raise BadNeed."""
        product = " ".join(self.product.split())
        if not (product or self.category) or len(product) > LONGEST_PRODUCT:
            raise BadNeed(field="product", reason="what")
        if self.grams is not None and not 0 < self.grams <= MOST_GRAMS:
            raise BadNeed(field="amount", reason="amount")
        return {
            "sort": Sort.FOOD,
            "product": product,
            "category": self.category,
            "grams": self.grams,
            "regime": self.regime,
            "until_at": self.until_at,
        }


@dataclass(frozen=True, kw_only=True)
class Place:
    """A place or a thing that is looked for: its kind, how many, the days, the hours where it is lent by the hour."""

    kind: str
    first_day: date
    last_day: date | None = None
    start_time: str = ""
    end_time: str = ""
    quantity: int = 1
    regime: str = ""

    def columns(self, zone: ZoneInfo) -> dict[str, Any]:
        """Give what is written down of it; raise BadNeed."""
        if self.kind not in KINDS:
            raise BadNeed(field="kind", reason="what")
        if not 0 < self.quantity <= MOST_UNITS:
            raise BadNeed(field="quantity", reason="quantity", most=MOST_UNITS)
        if bool(self.start_time) != bool(self.end_time):
            raise BadNeed(field="end_time", reason="hours")
        last = self.last_day or self.first_day
        if last < self.first_day or (last == self.first_day and self.end_time and not self._is_in_order):
            raise BadNeed(field="last_day" if last < self.first_day else "end_time", reason="when")
        end = datetime(last.year, last.month, last.day) + timedelta(days=1)  # noqa: DTZ001  # a wall time
        return {
            "sort": Sort.PLACE, "kind": self.kind, "quantity": self.quantity, "regime": self.regime,
            "first_day": self.first_day, "last_day": self.last_day, "start_time": self.start_time,
            "end_time": self.end_time, "until_at": from_wall(end, zone),
        }  # fmt: skip

    @property
    def _is_in_order(self) -> bool:
        return self.start_time < self.end_time


@dataclass(frozen=True, kw_only=True)
class NewNeed:
    """What an organisation looks for. Under one `key`, once."""

    organisation_id: int
    what: Food | Place
    around: Around
    note: str = ""
    key: str | None = None


def post(actor: Actor, new: NewNeed) -> Need:
    """Look for something in the name of an organisation.

    Raise NotLooking, OrganisationInactive, BadNeed, TextTooLong, KeyReused.
    """
    if not actor.belongs_to(new.organisation_id):
        raise NotLooking(organisation=new.organisation_id)
    new = replace(new, note=_checked(new.note, "note"))
    if new.around.radius_km not in RADII:
        raise BadNeed(field="radius_km", reason="radius")
    with atomic() as session:
        one_at_a_time(f"need:{actor.person_id}")
        organisation = keep_organisation(new.organisation_id)
        person = keep_person(actor.person_id)
        known = select(Need).filter_by(person_id=person.id, idempotency_key=new.key)
        if new.key and (made := session.scalar(known)):
            return _the_same(made, new)
        need = Need(
            public_id=new_public_id(), territory_id=organisation.territory_id,
            organisation_id=organisation.id, person_id=person.id, note=new.note, state=State.OPEN,
            created_at=clock.now(), idempotency_key=new.key, **_columns(new, organisation),
        )  # fmt: skip
        session.add(need)
        _note(need, "posted", actor)
    return need


def help_with(actor: Actor, need_id: int, organisation_id: int, message: str, key: str | None = None) -> None:
    """Say that an organisation can help, and how; under one key, once.

    Raise NotLooking, OrganisationInactive, OwnNeed, NeedEnded, NothingSaid, TextTooLong.
    """
    if not actor.belongs_to(organisation_id):
        raise NotLooking(organisation=organisation_id)
    message = _checked(message, "message")
    if not message:
        raise NothingSaid(field="message")
    with atomic() as session:
        organisation, person = keep_organisation(organisation_id), keep_person(actor.person_id)
        need = _locked(need_id)
        if organisation.territory_id != need.territory_id:
            raise NotLooking(organisation=organisation_id)
        if need.organisation_id == organisation_id:
            raise OwnNeed
        if key and session.scalar(select(NeedAnswer).filter_by(person_id=person.id, idempotency_key=key)):
            return
        if not need.is_open_at(clock.now()):
            raise NeedEnded(state=need.state)
        answer = NeedAnswer(
            public_id=new_public_id(), need_id=need.id, organisation_id=organisation.id, person_id=person.id,
            message=message, created_at=clock.now(), idempotency_key=key,
        )  # fmt: skip
        session.add(answer)
        _note(need, "help_offered", actor)
        emit(HelpOffered(answer.id, actor.person_id))


def say_found(actor: Actor, need_id: int) -> None:
    """Say that it is found, by whatever way. Raise NotLooking, IllegalMove."""
    with atomic():
        _end(_own(actor, need_id), "answer", "found", actor)


def withdraw(actor: Actor, need_id: int) -> None:
    """Look for it no longer. Raise NotLooking, IllegalMove."""
    with atomic():
        _end(_own(actor, need_id), "withdraw", "withdrawn", actor)


# -- what time ends, and what goes when people and organisations do -------------------------------------------


def expire_due() -> int:
    """Close the needs whose last moment has passed; give how many."""
    due = Need.state == State.OPEN, Need.until_at <= clock.now()
    with atomic() as session:
        rows = select(Need).where(*due).order_by(Need.id).with_for_update(skip_locked=True)
        needs = session.scalars(rows, execution_options={"populate_existing": True}).all()
        for need in needs:
            _end(need, "expire", "over", Actor())
    return len(needs)


def end_all_of(leaver: OrganisationArchived) -> None:
    """Look no longer for what an organisation that takes part no longer looks for."""
    with atomic():
        for need_id in open_of(leaver.organisation_id):
            _end(_locked(need_id), "withdraw", "withdrawn", leaver.by)


def forget_words_of(leaver: AccountErased) -> None:
    """Let go of somebody who leaves: their keys, their words where they want that. Needs are their organisation's."""
    with atomic() as session:
        for table, words in ((Need, "note"), (NeedAnswer, "message")):
            gone = {"idempotency_key": None} | ({words: ""} if leaver.messages_too else {})
            session.execute(update(table).where(table.person_id == leaver.person_id).values(gone))


def forget_old() -> None:
    """Forget what was written once it is as old as other talk."""
    old = Need.ended_at < clock.now() - TALK_LIFE
    with atomic() as session:
        session.execute(update(Need).where(old).values(note=""))
        theirs = NeedAnswer.need_id.in_(select(Need.id).where(old))
        session.execute(update(NeedAnswer).where(theirs).values(message=""))


def _columns(new: NewNeed, organisation: Organisation) -> dict[str, Any]:
    columns = new.what.columns(ZoneInfo(organisation.territory.timezone))
    until_at, now = columns["until_at"], clock.now()
    field = "until_day" if isinstance(new.what, Food) else "first_day"
    if until_at <= now:
        raise BadNeed(field=field, reason="until")
    if until_at - now > LONGEST_NEED:
        raise BadNeed(field=field, reason="too_long", days=LONGEST_NEED // timedelta(days=1))
    return columns | new.around.columns()


def _the_same(made: Need, new: NewNeed) -> Need:
    """Give what was posted under a key before; raise KeyReused where that was something else."""
    said = new.what.columns(ZoneInfo(made.territory.timezone)) | new.around.columns()
    refuse_other(made, said | {"organisation_id": new.organisation_id, "note": new.note})
    return made


def _checked(text: str, field: str) -> str:
    if len(text) > LONGEST_TEXT:
        raise TextTooLong(field=field, max=LONGEST_TEXT)
    return text.strip()


def _locked(need_id: int) -> Need:
    row = select(Need).filter_by(id=need_id).with_for_update()
    need = db.session.scalar(row, execution_options={"populate_existing": True})
    if need is None:
        raise NotFound(kind="need")
    return need


def _own(actor: Actor, need_id: int) -> Need:
    need = _locked(need_id)
    if not actor.belongs_to(need.organisation_id):
        raise NotLooking(organisation=need.organisation_id)
    return need


def _end(need: Need, act: str, noted: str, actor: Actor) -> None:
    need.state, need.ended_at = State(NEED.after(act, need.state)), clock.now()
    _note(need, noted, actor)


def _note(need: Need, act: str, actor: Actor) -> None:
    db.session.flush()
    audit.record("need", need.id, act, actor, territory_id=need.territory_id)
