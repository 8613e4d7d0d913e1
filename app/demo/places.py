"""Loads sites, resources and closures, as those who answer for them would write them."""

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from app.accounts.functions import Function
from app.accounts.models import Organisation
from app.availability.allotting import Allotment, allot
from app.availability.closures import Subject, close
from app.availability.schedules import refresh_compiled
from app.catalogue import service as catalogue
from app.catalogue.kinds import Kind, get_kind
from app.catalogue.kinds.schema import FactType
from app.catalogue.models import Resource, Site
from app.catalogue.rules import ResourceFacts, SiteFacts, licence_years
from app.core.policy import Actor
from app.demo.spec import Place, Shut, Spec, Thing
from app.demo.world import SETTLED_DAYS, World, whole_days
from app.infra.db import db
from app.infra.uow import atomic


def load_places(spec: Spec, world: World) -> None:
    """Write the sites with their managers, and the resources by the first of these."""
    emails = {person.key: person.email for person in spec.people}
    with atomic():
        with world.at(world.ago(24 * SETTLED_DAYS)):
            for place in spec.places:
                _place(place, emails, world)
        with world.at(world.now):
            refresh_compiled()


def load_closures(spec: Spec, world: World) -> None:
    """Close what the stories close next week."""
    for shut in spec.closures:
        with world.at(world.ago(shut.hours_ago)):
            _close(shut, world)


def load_quotas(spec: Spec, world: World) -> None:
    """Give organisations their quotas, of what is booked from now on."""
    with atomic(), world.at(world.now):
        for key, thing in spec.things.items():
            if thing.quotas:
                resource = db.session.get_one(Resource, world.resources[key])
                ids = {world.organisations[each]: qty for each, qty in thing.quotas.items()}
                found = db.session.scalars(select(Organisation).where(Organisation.id.in_(ids)))
                shares = {each.public_id: ids[each.id] for each in found}
                allot(world.manager_of(key), resource, Allotment(shares, thing.lend_days))


def _place(place: Place, emails: dict[str, str], world: World) -> None:
    coordinator = world.actor("coordination")
    owner = db.session.get_one(Organisation, world.organisations[place.owner])
    site = catalogue.create_site(coordinator, owner, SiteFacts(**place.given), expression=place.hours)
    for manager in place.managers:
        functions = frozenset(Function(each) for each in place.functions.get(manager, ()))
        catalogue.add_manager(coordinator, site, emails[manager], functions=functions)
    for thing in place.things:
        world.owners[thing.key] = place.managers
        _thing(thing, site, world.actor(place.managers[0]), world)
    world.counts["sites"] += 1


def _thing(thing: Thing, site: Site, manager: Actor, world: World) -> None:
    made = catalogue.create_resource(manager, site, facts_of(thing, world), expression=thing.hours)
    catalogue.accept_packs(manager, made, thing.packs)
    world.resources[thing.key] = made.id
    world.licences[thing.key] = licence_years(made.kind, made.facts)
    world.counts["resources"] += 1


def facts_of(thing: Thing, world: World) -> ResourceFacts:
    """Write a resource as the service takes it: the kind's defaults, what the file says, dates from today."""
    kind = get_kind(thing.kind)
    defaults = {name: getattr(kind.defaults, name) for name in kind.defaults.__slots__}
    return ResourceFacts(kind=thing.kind, facts=_dated(kind, thing.facts, world), **(defaults | thing.given))


def _dated(kind: Kind, facts: dict[str, Any], world: World) -> dict[str, Any]:
    dates = {fact.key for fact in kind.facts if fact.type is FactType.DATE}
    return {
        key: world.today + timedelta(days=value) if key in dates else value for key, value in facts.items()
    }


def _close(shut: Shut, world: World) -> None:
    resource = db.session.get_one(Resource, world.resources[shut.resource])
    next_monday = world.today + timedelta(days=7 - world.today.weekday())
    span = whole_days(next_monday + timedelta(days=shut.weekday), shut.days)
    close(Subject.of(resource), span, shut.reason, world.actor(shut.by))
    world.counts["closures"] += 1
