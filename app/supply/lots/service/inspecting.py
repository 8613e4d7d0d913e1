"""Letting whoever checks read an evidence pack by a link, for a while."""

from datetime import date

from sqlalchemy import select

from app.accounts.models import Organisation
from app.accounts.service.locks import keep_organisation, keep_person, one_at_a_time
from app.core import clock
from app.core.errors import NotFound
from app.core.ids import hash_secret, new_public_id, new_secret
from app.core.policy import Actor
from app.infra import audit
from app.infra.uow import atomic
from app.supply.lots.errors import NotOurLot, TooManyInspectionLinks
from app.supply.lots.models import InspectionLink
from app.supply.lots.queries import checked_period, links_of
from app.supply.lots.rules import LINK_LIFE, MOST_LINKS


def let_in(actor: Actor, organisation_id: int, first: date, last: date) -> str:
    """Make a link to what an organisation had and did between two days; give its secret, which is shown once.

    Raise NotOurLot, OrganisationInactive, BadPeriod, TooManyInspectionLinks.
    """
    if not actor.belongs_to(organisation_id):
        raise NotOurLot(organisation=organisation_id)
    with atomic() as session:
        one_at_a_time(f"inspection:{organisation_id}")
        organisation = keep_organisation(organisation_id)
        person = keep_person(actor.person_id)
        period = checked_period(organisation, first, last)
        if len(links_of(organisation.id)) >= MOST_LINKS:
            raise TooManyInspectionLinks(most=MOST_LINKS)
        secret = new_secret()
        session.add(
            InspectionLink(
                public_id=new_public_id(), organisation_id=organisation.id, first_day=period.first,
                last_day=period.last, secret_hash=hash_secret(secret), made_by_id=person.id,
                created_at=clock.now(), expires_at=clock.now() + LINK_LIFE,
            )
        )  # fmt: skip
        _tell(organisation, "inspection_link_made", actor)
    return secret


def revoke(actor: Actor, organisation_id: int, ref: str) -> None:
    """End a link before its time, by any member. Raise NotOurLot, NotFound."""
    if not actor.belongs_to(organisation_id):
        raise NotOurLot(organisation=organisation_id)
    with atomic() as session:
        rows = select(InspectionLink).filter_by(public_id=ref, organisation_id=organisation_id)
        link = session.scalar(rows.with_for_update())
        if link is None:
            raise NotFound(kind="inspection_link", ref=ref)
        if link.revoked_at is None:
            link.revoked_at = clock.now()
            _tell(session.get_one(Organisation, organisation_id), "inspection_link_ended", actor)


def _tell(organisation: Organisation, act: str, actor: Actor) -> None:
    audit.record("organisation", organisation.id, act, actor, territory_id=organisation.territory_id)
