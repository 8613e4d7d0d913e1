"""Authorisations for food aid: entered by who answers for the organisation, confirmed by the coordination."""

from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from app.accounts import queries
from app.accounts.errors import AuthorisationNotNeeded, BadAuthorisation
from app.accounts.events import AuthorisationDecided, AuthorisationEnding, AuthorisationEntered
from app.accounts.food_aid import (
    AUTHORISATION,
    AuthorisationState,
    Level,
    check_days,
    check_named,
    reminder_due,
)
from app.accounts.models import FoodAidAuthorisation, LegalNature, Organisation
from app.accounts.policy import AccountPermission as P
from app.accounts.service.locks import keep_organisation, keep_person
from app.core import clock
from app.core.errors import ReasonMissing, TextTooLong
from app.core.ids import new_public_id
from app.core.policy import Actor, can, require
from app.core.span import to_wall
from app.infra.audit import record
from app.infra.db import db
from app.infra.events import emit
from app.infra.uow import atomic

_LONGEST_NAME, _LONGEST_REASON = 160, 2000


@dataclass(frozen=True)
class AuthorisationFacts:
    """What is said of an authorisation: days are the first and the last one."""

    level: str
    valid_from: date
    valid_until: date
    reference: str = ""
    network: str = ""


def enter_authorisation(actor: Actor, slug: str, facts: AuthorisationFacts) -> FoodAidAuthorisation:
    """Say that an organisation is authorised; what the coordination enters is confirmed by that.

    Raise AuthorisationNotNeeded, BadAuthorisation, OrganisationInactive.
    """
    facts = _checked(facts)
    with atomic() as session:
        organisation = keep_organisation(queries.get_organisation(slug).id)
        require(actor, P.KEEP_AUTHORISATION, organisation)
        if organisation.legal_nature == LegalNature.PUBLIC:
            raise AuthorisationNotNeeded(name=organisation.name)
        row = FoodAidAuthorisation(
            public_id=new_public_id(), organisation_id=organisation.id, level=facts.level,
            reference=facts.reference, network=facts.network, valid_from=facts.valid_from,
            valid_until=facts.valid_until, state=AuthorisationState.ENTERED, entered_at=clock.now(),
            entered_by_id=keep_person(actor.person_id).id,
        )  # fmt: skip
        session.add(row)
        session.flush()
        _note(actor, organisation, "authorisation_entered", row)
        if can(actor, P.CONFIRM_AUTHORISATION, organisation):
            _come_to(row, "confirm", actor)
        else:
            facts_of = organisation.id, organisation.name, organisation.slug, organisation.territory_id
            emit(AuthorisationEntered(row.id, *facts_of))
    return row


def confirm_authorisation(actor: Actor, authorisation_id: int) -> None:
    """Say that the decision was seen and is as it was entered. Raise IllegalMove."""
    with atomic():
        row, organisation = _locked(authorisation_id)
        require(actor, P.CONFIRM_AUTHORISATION, organisation)
        _come_to(row, "confirm", actor)
        _note(actor, organisation, "authorisation_confirmed", row)
        _tell(organisation, row)


def send_back_authorisation(actor: Actor, authorisation_id: int, reason: str) -> None:
    """Not let it count, or no longer, with a reason that its administrators read.

    Raise ReasonMissing, TextTooLong, IllegalMove.
    """
    if not reason.strip():
        raise ReasonMissing(field="reason")
    if len(reason) > _LONGEST_REASON:
        raise TextTooLong(field="reason", max=_LONGEST_REASON)
    with atomic():
        row, organisation = _locked(authorisation_id)
        require(actor, P.CONFIRM_AUTHORISATION, organisation)
        _come_to(row, "send_back", actor)
        row.reason = reason.strip()
        _note(actor, organisation, "authorisation_sent_back", row, reason=row.reason)
        _tell(organisation, row)


def withdraw_authorisation(actor: Actor, authorisation_id: int) -> None:
    """Take back what was entered by mistake. Raise IllegalMove."""
    with atomic():
        row, organisation = _locked(authorisation_id)
        require(actor, P.KEEP_AUTHORISATION, organisation)
        row.state = AuthorisationState(AUTHORISATION.after("withdraw", row.state))
        _note(actor, organisation, "authorisation_withdrawn", row)


def remind_authorisations() -> int:
    """Tell administrators, once thirty days before and once seven, what ends with nothing after it; give how many."""
    told = 0
    with atomic() as session:
        for row in queries.ending_by(clock.now().date()):
            session.refresh(row, with_for_update=True)
            organisation = row.organisation
            today = to_wall(clock.now(), ZoneInfo(organisation.territory.timezone)).date()
            due = reminder_due((row.valid_until - today).days, row.reminded_days)
            if due is None or not queries.food_aid_standing(organisation.id, today).ends_soon:
                continue
            row.reminded_days, told = due, told + 1
            to = queries.readers(queries.administrators_of(organisation.id))
            emit(
                AuthorisationEnding(
                    organisation.id, organisation.name, organisation.slug, row.valid_until, to
                )
            )
    return told


def _checked(facts: AuthorisationFacts) -> AuthorisationFacts:
    reference, network = (" ".join(each.split()) for each in (facts.reference, facts.network))
    if facts.level not in set(Level):
        raise BadAuthorisation(field="level", reason="level")
    for field, text in (("reference", reference), ("network", network)):
        if len(text) > _LONGEST_NAME:
            raise TextTooLong(field=field, max=_LONGEST_NAME)
    check_named(facts.level, reference, network)
    check_days(facts.valid_from, facts.valid_until)
    kept = network if facts.level == Level.NETWORK else ""
    return AuthorisationFacts(facts.level, facts.valid_from, facts.valid_until, reference, kept)


def _locked(authorisation_id: int) -> tuple[FoodAidAuthorisation, Organisation]:
    row = db.session.get_one(
        FoodAidAuthorisation, authorisation_id, with_for_update=True, populate_existing=True
    )
    return row, db.session.get_one(Organisation, row.organisation_id)


def _come_to(row: FoodAidAuthorisation, act: str, actor: Actor) -> None:
    row.state = AuthorisationState(AUTHORISATION.after(act, row.state))
    row.decided_at, row.decided_by_id, row.reason = clock.now(), keep_person(actor.person_id).id, ""
    row.reminded_days = None


def _note(
    actor: Actor, organisation: Organisation, act: str, row: FoodAidAuthorisation, **facts: str
) -> None:
    db.session.flush()
    about = {"authorisation": row.public_id, **facts}
    record("organisation", organisation.id, act, actor, territory_id=organisation.territory_id, **about)


def _tell(organisation: Organisation, row: FoodAidAuthorisation) -> None:
    to = queries.readers(queries.administrators_of(organisation.id))
    confirmed = row.state == AuthorisationState.CONFIRMED
    emit(
        AuthorisationDecided(organisation.id, organisation.name, organisation.slug, confirmed, row.reason, to)
    )
