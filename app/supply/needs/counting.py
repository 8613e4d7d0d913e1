"""What is missing: searches and plans that came to nothing, counted without anybody's name; what places refused."""

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import case, delete, select

from app.accounts.models import Territory
from app.accounts.queries import territories
from app.accounts.service.locks import one_at_a_time
from app.bookings.models import Booking
from app.bookings.rules import EXPIRED, REFUSED
from app.catalogue.models import Resource, Site
from app.core import clock
from app.core.span import to_wall
from app.infra.db import db
from app.infra.uow import atomic
from app.supply.needs.models import UnmetCount
from app.supply.needs.rules import COUNTS_LIFE, SHOWN, Source


class Unmet(NamedTuple):
    """So many times in a week (its Monday) something was looked for in vain."""

    week: date
    source: str
    kind: str
    commune_code: str
    regime: str
    number: int


class Refused(NamedTuple):
    """How many requests for a kind of resource a place refused, and how many it left without an answer."""

    kind: str
    site: str
    refused: int
    expired: int


def territories_with(commune_code: str) -> list[int]:
    """List the territories (ids) a search concerns: those of its commune; where it names none, the only one."""
    there = territories()
    named = [each.id for each in there if commune_code and commune_code in (each.communes or [])]
    return named or ([there[0].id] if len(there) == 1 else [])


def count_unmet(territory_id: int, source: Source, kind: str, commune_code: str, regime: str) -> None:
    """Count once more that something was looked for in vain this week."""
    with atomic() as session:
        one_at_a_time(f"unmet:{territory_id}")
        territory = session.get_one(Territory, territory_id)
        key = {
            "territory_id": territory_id, "week": monday(clock.now(), ZoneInfo(territory.timezone)),
            "source": source, "kind": kind, "commune_code": commune_code, "regime": regime,
        }  # fmt: skip
        row = session.scalars(select(UnmetCount).filter_by(**key).with_for_update()).one_or_none()
        if row is None:
            session.add(UnmetCount(**key, number=1))
        else:
            row.number += 1


def unmet_in(territory: Territory) -> list[Unmet]:
    """Read what was looked for in vain in the last weeks, the latest first."""
    since = monday(clock.now() - SHOWN, ZoneInfo(territory.timezone))
    columns = (
        UnmetCount.week,
        UnmetCount.source,
        UnmetCount.kind,
        UnmetCount.commune_code,
        UnmetCount.regime,
        UnmetCount.number,
    )
    rows = select(*columns).where(UnmetCount.territory_id == territory.id, UnmetCount.week > since)
    return [Unmet(*row) for row in db.session.execute(rows.order_by(UnmetCount.week.desc(), UnmetCount.id))]


def add_up(pairs: Iterable[tuple[str, int]]) -> list[tuple[str, int]]:
    """Add counts up by name, the largest first."""
    total: Counter[str] = Counter()
    for name, number in pairs:
        total[name] += number
    return sorted(total.items(), key=lambda pair: (-pair[1], pair[0]))


def refused_in(territory: Territory) -> list[Refused]:
    """Count what places refused or left without an answer in the last weeks; the dates of a series count once."""
    request = case((Booking.series_id.is_(None), -Booking.id), else_=Booking.series_id)
    rows = db.session.execute(
        select(Resource.kind, Site.name, Booking.decision, request)
        .join(Booking.resource)
        .join(Resource.site)
        .where(
            Booking.territory_id == territory.id,
            Booking.decision.in_((REFUSED, EXPIRED)),
            Booking.decided_at >= clock.now() - SHOWN,
        )
        .distinct()
    )
    found = Counter((kind, site, decision) for kind, site, decision, _request in rows)
    places = {(kind, site) for kind, site, _decision in found}
    each = [Refused(*place, found[(*place, REFUSED)], found[(*place, EXPIRED)]) for place in places]
    return sorted(each, key=lambda row: (-row.refused - row.expired, row.kind, row.site))


def forget_counts() -> None:
    """Forget what is a year old."""
    with atomic() as session:
        session.execute(delete(UnmetCount).where(UnmetCount.week < (clock.now() - COUNTS_LIFE).date()))


def monday(at: datetime, zone: ZoneInfo) -> date:
    """Give the Monday of the week in which a moment lies."""
    day = to_wall(at, zone).date()
    return day - timedelta(days=day.weekday())
