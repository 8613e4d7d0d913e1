"""Loads the demo in one transaction: all of it or nothing."""

from dataclasses import dataclass
from datetime import datetime
from time import perf_counter

from sqlalchemy import select

from app.accounts.models import Organisation, Person, Territory
from app.accounts.passwords import matches
from app.availability.opening import french_calendar
from app.core import clock
from app.demo.accounts import load_accounts
from app.demo.bundles import load_bundles
from app.demo.costs import load_budget, load_costs
from app.demo.food_aid import load_food_aid
from app.demo.gleanings import load_gleanings
from app.demo.lots import load_lots
from app.demo.money import load_tariffs
from app.demo.needs import load_needs
from app.demo.papers import load_papers
from app.demo.people import load_doors, load_people
from app.demo.places import load_closures, load_places, load_quotas
from app.demo.purchases import load_purchases
from app.demo.repeats import load_repeats
from app.demo.spec import read_spec
from app.demo.stories import load_stories, told
from app.demo.surplus import load_surplus
from app.demo.uses import load_uses
from app.demo.world import World
from app.infra.db import db
from app.infra.uow import atomic
from app.notifications.quiet import quiet

PASSWORD = "demo-potimarron"  # noqa: S105  # printed on purpose: everybody may try the demo


class NotEmpty(Exception):
    """The database has people or organisations already; the demo never mixes with them unasked."""


class DemoThere(Exception):
    """The demo is loaded already: a second one would only be the same again."""


@dataclass(frozen=True)
class Report:
    """What was loaded, what no longer fitted the calendar (by reason), and the seconds it took."""

    counts: dict[str, int]
    dropped: dict[str, int]
    seconds: float


def is_empty() -> bool:
    """Tell whether nobody uses this database yet."""
    return not any(
        db.session.scalar(select(table.id).limit(1)) for table in (Territory, Person, Organisation)
    )


def is_there() -> bool:
    """Tell whether the demo has been loaded."""
    slug = read_spec().territory["slug"]
    return db.session.scalar(select(Territory.id).filter_by(slug=slug)) is not None


def password_works() -> bool:
    """Tell whether the usual password still opens the demo's accounts."""
    email = read_spec().people[0].email
    stored = db.session.scalar(select(Person.password_hash).filter_by(email=email))
    return matches(PASSWORD, stored)


def load(
    uid_host: str,
    *,
    now: datetime | None = None,
    password: str = PASSWORD,
    beside: bool = False,
    with_mail: bool = False,
    with_admin: bool = True,
) -> Report:
    """Load the demo around `now`; raise DemoThere, or NotEmpty unless it may lie `beside` other data.

    `with_mail` sends what the staged stories would have people read; the rest of the past stays silent.
    Without `with_admin` none of its people runs the platform: that is for real ones.
    """
    began = perf_counter()
    spec = read_spec()
    world = World(now or clock.now(), uid_host, french_calendar(spec.territory["school_zone"]))
    with atomic(durable=True):
        if is_there():
            raise DemoThere
        if not (beside or is_empty()):
            raise NotEmpty
        with quiet():
            load_people(spec, world, password, with_admin=with_admin)
            load_food_aid(world)
            load_places(spec, world)
            load_tariffs(spec, world)
            load_uses(spec, world)
            load_closures(spec, world)
            load_quotas(spec, world)
        load_stories(spec, world, with_mail=with_mail)
        load_budget(spec, world)
        load_bundles(spec, world)
        load_repeats(spec, world)
        load_costs(spec, world)
        load_accounts(spec, world)
        load_papers(spec, world)
        load_surplus(world)
        load_needs(world)
        load_gleanings(world)
        load_purchases(world)
        load_lots(world)
        with told(wanted=with_mail):
            load_doors(spec, world)
    return Report(dict(world.counts), dict(world.dropped), perf_counter() - began)
