"""Loads the territory, its people and organisations, and who waits at their doors."""

from app.accounts import service as accounts
from app.accounts.models import Territory
from app.accounts.passwords import hash_password
from app.accounts.rules import check_password
from app.accounts.service import OrganisationFacts
from app.accounts.service.entrance import NewAccount, put_account
from app.catalogue.communes import communes_of_epci
from app.core import ids
from app.core.policy import Actor
from app.demo.spec import Proposal, Spec, Structure
from app.demo.world import SETTLED_DAYS, World
from app.infra.uow import atomic

_OPERATOR = Actor(is_platform_admin=True)
_ADMIN, _COORDINATOR = "admin", "coordination"


def load_people(spec: Spec, world: World, password: str, *, with_admin: bool = True) -> None:
    """Write the territory, everybody with the same password, organisations and who belongs to them."""
    with world.at(world.ago(24 * SETTLED_DAYS)), atomic():
        _territory(spec, world)
        _accounts(spec, world, password, with_admin=with_admin)
        accounts.grant_coordinator(
            _OPERATOR, territory_id=world.territory_id, person_id=world.people[_COORDINATOR]
        )
        names = {person.key: person.name for person in spec.people}
        for structure in spec.structures:
            _organisation(structure, names[structure.people[0]], world)


def _territory(spec: Spec, world: World) -> None:
    facts = dict(spec.territory)
    codes = [commune.code for epci in facts.pop("epci") for commune in communes_of_epci(epci)]
    with atomic() as session:
        territory = Territory(public_id=ids.new_public_id(), communes=sorted(codes), is_demo=True, **facts)
        session.add(territory)
        session.flush()
        world.territory_id = territory.id


def _accounts(spec: Spec, world: World, password: str, *, with_admin: bool) -> None:
    password_hash = hash_password(password)
    for person in spec.people:
        check_password(password, email=person.email, name=person.name)
        world.people[person.key] = put_account(
            NewAccount(person.email, person.name, person.phone, password_hash)
        ).id
        if person.key == _ADMIN and with_admin:
            accounts.open_verified_account(name=person.name, email=person.email, is_admin=True)
    world.counts["people"] = len(spec.people)


def _organisation(structure: Structure, contact_name: str, world: World) -> None:
    coordinator = world.actor(_COORDINATOR)
    facts = OrganisationFacts(
        name=structure.name,
        kind=structure.kind,
        legal_nature=structure.legal_nature,
        commune_code=structure.commune,
        contact_name=contact_name,
        email=structure.email,
        phone=structure.phone,
    )
    made = accounts.create_organisation(
        coordinator, world.territory_id, facts, priority_class=structure.priority
    )
    world.organisations[structure.key], world.slugs[structure.key] = made.id, made.slug
    for role, keys in (("org_admin", structure.admins), ("member", structure.members)):
        for key in keys:
            accounts.add_member(coordinator, made.slug, world.people[key], role)
    world.counts["organisations"] += 1


def load_doors(spec: Spec, world: World) -> None:
    """Let people ask to join, be invited, and propose an organisation: what waits for an answer."""
    with atomic():
        for join in spec.joins:
            with world.at(world.ago(join.hours_ago)):
                accounts.request_membership(
                    world.actor(join.person), world.slugs[join.organisation], join.message
                )
        for invite in spec.invites:
            with world.at(world.ago(invite.hours_ago)):
                accounts.invite(
                    world.actor(invite.by, invite.organisation),
                    world.slugs[invite.organisation],
                    email=invite.email,
                )
        for proposal in spec.proposals:
            _propose(proposal, world)


def _propose(proposal: Proposal, world: World) -> None:
    facts = OrganisationFacts(
        name=proposal.name,
        kind=proposal.kind,
        legal_nature=proposal.legal_nature,
        commune_code=proposal.commune,
        email=proposal.email,
        phone=proposal.phone,
    )
    with world.at(world.ago(proposal.hours_ago)):
        accounts.create_organisation(world.actor(proposal.by), world.territory_id, facts)
