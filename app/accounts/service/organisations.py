"""Organisations: proposed, admitted or refused by the coordination, edited."""

from dataclasses import dataclass

from app.accounts import queries
from app.accounts.errors import NatureUnfit, OrganisationExists
from app.accounts.events import (
    MembershipStarted,
    OrganisationDecided,
    OrganisationRenamed,
    OrganisationRequested,
)
from app.accounts.models import Membership, MembershipState, Organisation, OrganisationState, Role
from app.accounts.policy import AccountPermission as P
from app.accounts.rules import (
    ORGANISATION,
    ORGANISATION_KINDS,
    PRIORITY_CLASSES,
    fits_in_law,
    normal_email,
    normal_phone,
)
from app.accounts.service.locks import keep_person, one_at_a_time
from app.core import clock
from app.core.errors import Invalid, ReasonMissing
from app.core.ids import new_public_id, plain, slugify
from app.core.policy import Actor, can, require
from app.infra.audit import record
from app.infra.db import db
from app.infra.events import emit
from app.infra.uow import atomic


@dataclass(frozen=True)
class OrganisationFacts:
    """What is said of an organisation; `commune_code` is INSEE's."""

    name: str
    kind: str
    legal_nature: str
    commune_code: str | None = None
    contact_name: str = ""
    email: str = ""
    phone: str = ""


def create_organisation(
    actor: Actor, territory_id: int, facts: OrganisationFacts, *, priority_class: str | None = None
) -> Organisation:
    """Create an organisation: at once by the coordination, else proposed, with the person as its administrator.

    Raise NatureUnfit, OrganisationExists, BadEmail, BadPhone.
    """
    require(actor, P.PROPOSE_ORGANISATION)
    facts = _checked(facts)
    with atomic() as session:
        one_at_a_time(f"organisations:{territory_id}")
        _refuse_same_name(territory_id, facts.name)
        organisation = Organisation(
            public_id=new_public_id(),
            territory_id=territory_id,
            slug=_free_slug(facts.name),
            state=OrganisationState.PENDING,
            priority_class=ORGANISATION_KINDS[facts.kind].priority,
            created_at=clock.now(),
        )
        _describe(organisation, facts)
        session.add(organisation)
        session.flush()
        record("organisation", organisation.id, "proposed", actor, territory_id=territory_id)
        if can(actor, P.DECIDE_ORGANISATION, organisation):
            _admit(actor, organisation, priority_class)
        else:
            _propose(actor, organisation)
        return organisation


def edit_organisation(
    actor: Actor, slug: str, facts: OrganisationFacts, *, priority_class: str | None = None
) -> Organisation:
    """Change what is said of an organisation; kind, legal nature and class only by the coordination.

    Raise NatureUnfit, OrganisationExists, BadEmail, BadPhone.
    """
    facts = _checked(facts)
    with atomic():
        organisation = _locked(slug)
        require(actor, P.EDIT_ORGANISATION, organisation)
        _refuse_same_name(organisation.territory_id, facts.name, but=organisation.id)
        law = (facts.kind, facts.legal_nature, priority_class or organisation.priority_class)
        if law != (organisation.kind, organisation.legal_nature, organisation.priority_class):
            require(actor, P.CLASSIFY_ORGANISATION, organisation)
            organisation.priority_class = _priority(law[2])
        renamed = organisation.name != facts.name
        _describe(organisation, facts)
        if renamed:
            emit(OrganisationRenamed(organisation.id))
        record("organisation", organisation.id, "edited", actor, territory_id=organisation.territory_id)
        return organisation


def admit_organisation(actor: Actor, slug: str, *, priority_class: str | None = None) -> Organisation:
    """Let a proposed organisation in, in a priority class; raise IllegalMove when it was decided already."""
    with atomic():
        organisation = _locked(slug)
        require(actor, P.DECIDE_ORGANISATION, organisation)
        _admit(actor, organisation, priority_class)
        _tell(organisation, approved=True, reason="")
        for membership in queries.members_of(organisation.id):
            emit(MembershipStarted(membership.person_id, organisation.id, membership.role))
        return organisation


def refuse_organisation(actor: Actor, slug: str, reason: str) -> Organisation:
    """Refuse a proposed organisation with a reason its founder reads; raise ReasonMissing, IllegalMove."""
    if not reason.strip():
        raise ReasonMissing(field="reason")
    with atomic():
        organisation = _locked(slug)
        require(actor, P.DECIDE_ORGANISATION, organisation)
        organisation.state = OrganisationState(ORGANISATION.after("refuse", organisation.state))
        where = organisation.territory_id
        record("organisation", organisation.id, "refused", actor, territory_id=where, reason=reason.strip())
        _tell(organisation, approved=False, reason=reason.strip())
        return organisation


def _checked(facts: OrganisationFacts) -> OrganisationFacts:
    if not fits_in_law(facts.kind, facts.legal_nature):
        possible = ORGANISATION_KINDS[facts.kind].natures if facts.kind in ORGANISATION_KINDS else ()
        raise NatureUnfit(
            field="legal_nature", kind=facts.kind, legal_nature=facts.legal_nature, possible=possible
        )
    if not facts.name.strip():
        raise Invalid(field="name")
    return OrganisationFacts(
        name=" ".join(facts.name.split()),
        kind=facts.kind,
        legal_nature=facts.legal_nature,
        commune_code=facts.commune_code or None,
        contact_name=facts.contact_name.strip(),
        email=normal_email(facts.email) if facts.email.strip() else "",
        phone=normal_phone(facts.phone),
    )


def _describe(organisation: Organisation, facts: OrganisationFacts) -> None:
    organisation.name, organisation.search_text = facts.name, plain(facts.name)
    organisation.kind, organisation.legal_nature = facts.kind, facts.legal_nature
    organisation.commune_code, organisation.contact_name = facts.commune_code, facts.contact_name
    organisation.email, organisation.phone = facts.email, facts.phone


def _refuse_same_name(territory_id: int, name: str, but: int | None = None) -> None:
    same = queries.find_organisation_named(territory_id, name)
    if same and same.id != but:
        raise OrganisationExists(field="name", name=same.name, slug=same.slug, state=same.state)


def _free_slug(name: str) -> str:
    slug, number = slugify(name), 2
    wanted = f"{slug}-1" if slug == "nouvelle" else slug  # /structures/nouvelle is the form
    while queries.organisation_slug_taken(wanted):
        wanted, number = f"{slug}-{number}", number + 1
    return wanted


def _priority(wanted: str) -> str:
    if wanted not in PRIORITY_CLASSES:
        raise Invalid(field="priority_class")
    return wanted


def _propose(actor: Actor, organisation: Organisation) -> None:
    person = keep_person(actor.person_id)
    founder = Membership(
        person_id=person.id,
        organisation_id=organisation.id,
        role=Role.ORG_ADMIN,
        state=MembershipState.ACTIVE,
        created_at=clock.now(),
    )
    db.session.add(founder)
    emit(
        OrganisationRequested(
            organisation.id,
            organisation.name,
            organisation.slug,
            organisation.territory_id,
            queries.reader_of(person),
        )
    )


def _admit(actor: Actor, organisation: Organisation, priority_class: str | None) -> None:
    organisation.state = OrganisationState(ORGANISATION.after("approve", organisation.state))
    organisation.priority_class = _priority(priority_class or organisation.priority_class)
    where, priority = organisation.territory_id, organisation.priority_class
    record("organisation", organisation.id, "admitted", actor, territory_id=where, priority_class=priority)


def _tell(organisation: Organisation, *, approved: bool, reason: str) -> None:
    to = queries.readers(queries.administrators_of(organisation.id))
    emit(OrganisationDecided(organisation.id, organisation.name, organisation.slug, approved, reason, to))


def _locked(slug: str) -> Organisation:
    organisation = queries.get_organisation(slug)
    one_at_a_time(f"organisations:{organisation.territory_id}")
    db.session.refresh(organisation, with_for_update={"of": Organisation})
    return organisation
