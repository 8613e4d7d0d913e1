"""Archiving an organisation that takes part no longer, and taking it back.

What it has booked and not begun is cancelled with the reason, after whoever archives has read the list: an organisation
that leaves will not come, and others need the room. What is in use at this moment stands in the way instead: goods
taken out of the books would still be in the cold room. So do its places: somebody must answer for them.
"""

from dataclasses import dataclass
from hashlib import sha256

from app.accounts import asks, queries
from app.accounts.asks import Place, Pledge, Whose
from app.accounts.errors import (
    MoneyOpen,
    OrganisationExists,
    OrganisationInactive,
    SitesRemain,
    StandingChanged,
    UnderWay,
)
from app.accounts.events import MembershipDecided, OrganisationArchived, OrganisationTakenBack, Reader
from app.accounts.leaving import under_way
from app.accounts.models import MembershipState, Organisation, OrganisationState
from app.accounts.policy import AccountPermission as P
from app.accounts.rules import MEMBERSHIP, ORGANISATION
from app.accounts.service.locks import one_at_a_time
from app.core import clock
from app.core.errors import ReasonMissing, TextTooLong
from app.core.policy import Actor, require
from app.infra.audit import record
from app.infra.db import db
from app.infra.events import emit
from app.infra.uow import atomic

MAX_REASON = 2000


@dataclass(frozen=True)
class Affairs:
    """What an organisation has going: the places it owns that take part, its bookings that are not over, its debts."""

    places: tuple[Place, ...]
    pledges: tuple[Pledge, ...]
    money_with: tuple[str, ...] = ()

    @property
    def fingerprint(self) -> str:
        """Name these very affairs: others must be looked at again."""
        return sha256(repr((self.places, self.pledges)).encode()).hexdigest()[:32]

    @property
    def in_use(self) -> list[Pledge]:
        """List the bookings that have begun."""
        return under_way(self.pledges, clock.now())


def affairs_of(organisation_id: int) -> Affairs:
    """Read what an organisation has going, afresh."""
    pledges = asks.pledges_of.ask(Whose(organisation_id=organisation_id))
    money_with = tuple(asks.money_open_with.ask(organisation_id))
    return Affairs(tuple(asks.places_owned.ask(organisation_id)), tuple(pledges), money_with)


def archive_organisation(actor: Actor, slug: str, reason: str, *, seen: str) -> Organisation:
    """Let an organisation take part no longer; `seen` is the fingerprint of the affairs that were shown.

    Raise ReasonMissing, TextTooLong, IllegalMove, SitesRemain, UnderWay, MoneyOpen, StandingChanged.
    """
    reason = _checked(reason)
    with atomic():
        organisation = queries.get_organisation(slug)
        require(actor, P.ARCHIVE_ORGANISATION, organisation)
        affairs = _stand_still(organisation)
        _check(affairs, seen)
        organisation.state = OrganisationState(ORGANISATION.after("archive", organisation.state))
        organisation.archived_at, organisation.archive_reason = clock.now(), reason
        organisation.archived_by_itself = actor.administers(organisation.id)
        db.session.flush()
        _answer_who_waits(actor, organisation, reason)
        _note(actor, organisation, "archived", reason=reason)
        _tell(actor, organisation)
        return organisation


def take_back_organisation(actor: Actor, slug: str) -> Organisation:
    """Let an archived organisation take part again; what was cancelled stays so.

    Raise IllegalMove, OrganisationExists.
    """
    with atomic():
        organisation = queries.get_organisation(slug)
        require(actor, P.TAKE_BACK_ORGANISATION, organisation)
        one_at_a_time(f"organisations:{organisation.territory_id}")
        db.session.refresh(organisation, with_for_update={"of": Organisation})
        state = OrganisationState(ORGANISATION.after("take_back", organisation.state))
        same = queries.find_organisation_named(organisation.territory_id, organisation.name)
        if same:
            raise OrganisationExists(name=same.name, slug=same.slug, state=same.state)
        organisation.state, organisation.archived_at = state, None
        organisation.archive_reason, organisation.archived_by_itself = "", False
        db.session.flush()
        _note(actor, organisation, "taken_back")
        emit(OrganisationTakenBack(*_facts(organisation), _others(actor, organisation)))
        return organisation


def _checked(reason: str) -> str:
    if not reason.strip():
        raise ReasonMissing(field="reason")
    if len(reason) > MAX_REASON:
        raise TextTooLong(field="reason", max=MAX_REASON)
    return reason.strip()


def _stand_still(organisation: Organisation) -> Affairs:
    """Take every lock that keeps the affairs of an organisation as they are (app.accounts.service.locks), read them."""
    one_at_a_time(f"organisations:{organisation.territory_id}", f"members:{organisation.id}")
    asks.keep_still([pledge.resource_id for pledge in affairs_of(organisation.id).pledges])
    db.session.refresh(organisation, with_for_update={"of": Organisation, "key_share": True})
    if organisation.state != OrganisationState.ACTIVE:
        raise OrganisationInactive(name=organisation.name, state=organisation.state)
    return affairs_of(organisation.id)


def _check(affairs: Affairs, seen: str) -> None:
    if affairs.places:
        places = [place.name for place in affairs.places]
        raise SitesRemain(places=places, slugs=[place.slug for place in affairs.places])
    if affairs.in_use:
        raise UnderWay(what=affairs.in_use[0].resource, ref=affairs.in_use[0].ref)
    if affairs.money_with:
        raise MoneyOpen(names=affairs.money_with)
    if affairs.fingerprint != seen:
        raise StandingChanged


def _answer_who_waits(actor: Actor, organisation: Organisation, reason: str) -> None:
    """Refuse the requests to join, and end the invitations: nobody will be there to open the door."""
    for membership in queries.requests_to_join(organisation.id):
        membership.state = MembershipState(MEMBERSHIP.after("refuse", membership.state))
        membership.decided_at, membership.decided_by_id = clock.now(), actor.person_id
        about = {"organisation": organisation.id, "person": membership.person_id, "reason": reason}
        record("membership", membership.id, "refused", actor, territory_id=organisation.territory_id, **about)
        to = queries.reader_of(membership.person)
        emit(MembershipDecided(membership.id, *_facts(organisation), False, reason, to))
    for invitation in queries.open_invitations(organisation.id):
        invitation.revoked_at = clock.now()


def _tell(actor: Actor, organisation: Organisation) -> None:
    emit(
        OrganisationArchived(
            *_facts(organisation),
            territory_id=organisation.territory_id,
            reason=organisation.archive_reason,
            by=actor,
            by_itself=organisation.archived_by_itself,
            to=_others(actor, organisation),
        )
    )


def _facts(organisation: Organisation) -> tuple[int, str, str]:
    return organisation.id, organisation.name, organisation.slug


def _others(actor: Actor, organisation: Organisation) -> tuple[Reader, ...]:
    members = queries.members_of(organisation.id)
    return queries.readers(each.person for each in members if each.person_id != actor.person_id)


def _note(actor: Actor, organisation: Organisation, act: str, **facts: str) -> None:
    record("organisation", organisation.id, act, actor, territory_id=organisation.territory_id, **facts)
