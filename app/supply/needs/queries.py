"""Reads of what is looked for, who answered, and which needs an offer fits."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import joinedload

from app.accounts.models import Organisation
from app.core import clock
from app.core.errors import NotFound
from app.core.policy import Actor
from app.infra.db import db
from app.supply.needs.models import Need, NeedAnswer
from app.supply.needs.rules import Offered, Sort, State, fits
from app.supply.offers.models import SurplusOffer
from app.supply.offers.queries import Found, Sought, board, nearest

_MOST_OWN: Final = 30


@dataclass(frozen=True)
class Viewed:
    """A need as somebody sees it: `ours` are the organisations of its territory (ids) that they belong to."""

    need: Need
    ours: frozenset[int]

    @property
    def helpers(self) -> frozenset[int]:
        """In whose name they may help."""
        return self.ours - {self.need.organisation_id}


@dataclass(frozen=True)
class Filters:
    """What of all that is looked for somebody wants to see; nothing said, all of it."""

    sort: str = ""
    category: str = ""
    kind: str = ""


@dataclass(frozen=True)
class Counted:
    """A need with how many have answered it."""

    need: Need
    answers: int


def get_viewed(ref: str, actor: Actor) -> Viewed:
    """Find a need as a person sees it; raise NotFound."""
    need = db.session.scalar(select(Need).where(Need.public_id == ref).options(*_WHOLE))
    if need is None:
        raise NotFound(kind="need", ref=ref)
    here = select(Organisation.id).where(
        Organisation.id.in_(actor.memberships), Organisation.territory_id == need.territory_id
    )
    return Viewed(need, frozenset(db.session.scalars(here)))


def answers_of(need_id: int) -> Sequence[NeedAnswer]:
    """List who can help, the first first."""
    rows = select(NeedAnswer).filter_by(need_id=need_id).options(joinedload(NeedAnswer.organisation))
    return db.session.scalars(rows.order_by(NeedAnswer.id)).all()


def open_needs(territory_ids: Collection[int], filters: Filters, but: Collection[int] = ()) -> list[Counted]:
    """List what is looked for now, but for what some organisations (ids) look for; what ends first comes first."""
    wanted = [Need.state == State.OPEN, Need.until_at > clock.now(), Need.organisation_id.not_in(but)]
    for column, value in (
        (Need.sort, filters.sort),
        (Need.category, filters.category),
        (Need.kind, filters.kind),
    ):
        if value:
            wanted.append(column == value)
    rows = select(Need).where(Need.territory_id.in_(territory_ids), *wanted).options(*_WHOLE)
    return _counted(db.session.scalars(rows.order_by(Need.until_at, Need.id)).all())


def needs_by(organisation_ids: Collection[int]) -> list[Counted]:
    """List what organisations look for, the open ones first, then the newest."""
    rows = select(Need).where(Need.organisation_id.in_(organisation_ids)).options(*_WHOLE)
    is_open = Need.state == State.OPEN
    return _counted(db.session.scalars(rows.order_by(is_open.desc(), Need.id.desc()).limit(_MOST_OWN)).all())


def fitting_offers(need: Need) -> list[Found]:
    """List what is offered now and fits a need, the nearest first."""
    sought = Sought(need.category, need.regime, near=(need.point,), radius_km=need.radius_km)
    return [
        found
        for found in board([need.territory_id], sought)
        if found.offer.organisation_id != need.organisation_id
        and fits(need.wanted, _offered(found.offer, found.km))
    ]


def needs_for(offer: SurplusOffer) -> list[Need]:
    """List the open needs that an offer fits."""
    wanted = and_(
        Need.sort == Sort.FOOD,
        Need.state == State.OPEN,
        Need.until_at > clock.now(),
        Need.territory_id == offer.territory_id,
        Need.organisation_id != offer.organisation_id,
    )
    rows = select(Need).where(wanted).options(*_WHOLE).order_by(Need.id)
    return [
        need
        for need in db.session.scalars(rows)
        if fits(need.wanted, _offered(offer, nearest([need.point], offer.point)))
    ]


def open_of(organisation_id: int) -> Sequence[int]:
    """List the open needs (ids) of an organisation."""
    rows = select(Need.id).filter_by(organisation_id=organisation_id, state=State.OPEN)
    return db.session.scalars(rows.order_by(Need.id)).all()


def _offered(offer: SurplusOffer, km: float | None) -> Offered:
    return Offered(offer.product, offer.category, offer.regime, km, offer.from_at)


def _counted(needs: Sequence[Need]) -> list[Counted]:
    number: ColumnElement[int] = func.count(NeedAnswer.id)
    rows = select(NeedAnswer.need_id, number).where(NeedAnswer.need_id.in_([each.id for each in needs]))
    # dict() of rows is no dict of numbers for the type checker
    answers = {need_id: count for need_id, count in db.session.execute(rows.group_by(NeedAnswer.need_id))}  # noqa: C416
    return [Counted(each, answers.get(each.id, 0)) for each in needs]


_WHOLE: Final = (joinedload(Need.organisation), joinedload(Need.territory))
