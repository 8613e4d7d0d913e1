"""Reads of gleanings: what is called for around, who signed up, how many places are left."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple

from sqlalchemy import and_, case, func, or_, select
from sqlalchemy.orm import joinedload

from app.accounts.models import Organisation
from app.core import clock
from app.core.errors import NotFound
from app.core.policy import Actor
from app.infra.db import db
from app.supply.gleanings.models import Gleaning, GleaningSignUp
from app.supply.gleanings.rules import Place, State
from app.supply.offers.queries import nearest
from app.supply.offers.rules import Point

_MOST_OWN: Final = 30


class Count(NamedTuple):
    """How many people have a place, and how many are in line."""

    going: int = 0
    waiting: int = 0


@dataclass(frozen=True)
class Viewed:
    """A gleaning as somebody sees it: whether they are of its territory, and how they signed up."""

    gleaning: Gleaning
    takes_part: bool
    own: GleaningSignUp | None


@dataclass(frozen=True)
class Found:
    """A gleaning on a list: who comes, and how far away it is, where that is known."""

    gleaning: Gleaning
    count: Count
    km: float | None = None

    @property
    def left(self) -> int:
        """How many places are free."""
        return self.gleaning.most_people - self.count.going


def get_viewed(ref: str, actor: Actor) -> Viewed:
    """Find a gleaning as a person sees it; raise NotFound."""
    wanted = select(Gleaning).where(Gleaning.public_id == ref).options(*_WHOLE)
    gleaning = db.session.scalar(wanted)
    if gleaning is None:
        raise NotFound(kind="gleaning", ref=ref)
    takes_part = is_of(actor, gleaning.territory_id)
    return Viewed(gleaning, takes_part, find_sign_up(gleaning.id, actor.person_id))


def seen_among(refs: Collection[str], actor: Actor) -> list[Gleaning]:
    """List those of some gleanings whose territory somebody is of."""
    gleanings = db.session.scalars(select(Gleaning).where(Gleaning.public_id.in_(refs))).all()
    known = {number: is_of(actor, number) for number in {each.territory_id for each in gleanings}}
    return [each for each in gleanings if known[each.territory_id]]


def is_of(actor: Actor, territory_id: int) -> bool:
    """Tell whether somebody is of a territory: by an organisation, or as its coordination."""
    if territory_id in actor.coordinated:
        return True
    ours = select(Organisation.id).where(
        Organisation.id.in_(actor.memberships), Organisation.territory_id == territory_id
    )
    return db.session.scalar(ours.limit(1)) is not None


def find_sign_up(gleaning_id: int, person_id: int | None) -> GleaningSignUp | None:
    """Find how a person signed up."""
    wanted = select(GleaningSignUp).filter_by(gleaning_id=gleaning_id, person_id=person_id)
    return db.session.scalar(wanted) if person_id else None


def sign_ups_of(gleaning_id: int) -> Sequence[GleaningSignUp]:
    """List who signed up, in the order in which they did."""
    rows = select(GleaningSignUp).filter_by(gleaning_id=gleaning_id)
    return db.session.scalars(
        rows.options(joinedload(GleaningSignUp.person)).order_by(GleaningSignUp.id)
    ).all()


def counts_of(gleaning_ids: Collection[int]) -> dict[int, Count]:
    """Count the people of gleanings."""
    going = case((GleaningSignUp.place == Place.GOING, GleaningSignUp.people), else_=0)
    everybody = GleaningSignUp.people + GleaningSignUp.waiting
    rows = (
        select(GleaningSignUp.gleaning_id, func.sum(going), func.sum(everybody - going))
        .where(GleaningSignUp.gleaning_id.in_(gleaning_ids))
        .group_by(GleaningSignUp.gleaning_id)
    )
    return {each: Count(int(going), int(waiting)) for each, going, waiting in db.session.execute(rows)}


def count_of(gleaning_id: int) -> Count:
    """Count the people of one gleaning."""
    return counts_of([gleaning_id]).get(gleaning_id, Count())


def calls_around(territory_ids: Collection[int], near: Collection[Point] = ()) -> list[Found]:
    """List the gleanings to come of territories, the first first."""
    rows = select(Gleaning).where(
        Gleaning.territory_id.in_(territory_ids), Gleaning.state == State.OPEN, Gleaning.end_at > clock.now()
    )
    gleanings = db.session.scalars(rows.options(*_WHOLE).order_by(Gleaning.start_at, Gleaning.id)).all()
    counts = counts_of([each.id for each in gleanings])
    return [Found(each, counts.get(each.id, Count()), nearest(near, each.point)) for each in gleanings]


def called_by(organisation_ids: Collection[int]) -> list[Found]:
    """List what organisations called for, what is open first, then the newest."""
    mine = select(Gleaning).where(Gleaning.organisation_id.in_(organisation_ids)).options(*_WHOLE)
    is_open = Gleaning.state == State.OPEN
    gleanings = db.session.scalars(mine.order_by(is_open.desc(), Gleaning.id.desc()).limit(_MOST_OWN)).all()
    counts = counts_of([each.id for each in gleanings])
    return [Found(each, counts.get(each.id, Count())) for each in gleanings]


def joined_by(person_id: int | None) -> Sequence[GleaningSignUp]:
    """List what a person signed up for and is not over, the first first."""
    rows = (
        select(GleaningSignUp)
        .join(GleaningSignUp.gleaning)
        .where(
            GleaningSignUp.person_id == person_id, Gleaning.state == State.OPEN, Gleaning.end_at > clock.now()
        )
        .options(joinedload(GleaningSignUp.gleaning).options(*_WHOLE))
        .order_by(Gleaning.start_at, Gleaning.id)
    )
    return db.session.scalars(rows.limit(_MOST_OWN)).all()


# -- upkeep ---------------------------------------------------------------------------------------------------


def open_of(organisation_id: int) -> list[int]:
    """List the gleanings (ids) that an organisation calls for."""
    rows = select(Gleaning.id).filter_by(organisation_id=organisation_id, state=State.OPEN)
    return [*db.session.scalars(rows.order_by(Gleaning.id))]


def signed_up_for(person_id: int) -> list[int]:
    """List the gleanings (ids) for which a person signed up, past ones too."""
    rows = select(GleaningSignUp.gleaning_id).filter_by(person_id=person_id)
    return [*db.session.scalars(rows.order_by(GleaningSignUp.gleaning_id))]


def over_since(before: datetime) -> list[int]:
    """List the gleanings (ids) that were over before an instant and whose sign-ups or contact are still there."""
    anybody = select(GleaningSignUp.id).where(GleaningSignUp.gleaning_id == Gleaning.id).exists()
    kept = and_(Gleaning.end_at < before, or_(anybody, Gleaning.ask_for != ""))
    return [*db.session.scalars(select(Gleaning.id).where(kept).order_by(Gleaning.id))]


_WHOLE: Final = (joinedload(Gleaning.organisation), joinedload(Gleaning.territory))
