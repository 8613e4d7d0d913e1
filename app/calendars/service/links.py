"""Making, renewing and ending the private links people subscribe with. The secret is given once, never stored."""

from dataclasses import dataclass

from sqlalchemy import update

from app.accounts.service.locks import keep_person
from app.calendars import queries
from app.calendars.audiences import Audience, narrower
from app.calendars.errors import TooManyLinks
from app.calendars.models import Subscription
from app.calendars.policy import CalendarPermission, Subject, best_audience
from app.core import clock, ids
from app.core.errors import Forbidden, NotFound
from app.core.policy import Actor, require
from app.infra.db import db
from app.infra.uow import atomic

MOST_LINKS = 10  # of one person to one calendar: a phone, a computer, the office's wall…


@dataclass(frozen=True)
class NewLink:
    """A link just made, with the secret that nobody will see again."""

    public_id: str
    secret: str


def subscribe(actor: Actor, subject: Subject, audience: Audience | None = None) -> NewLink:
    """Make a link to a calendar that tells at most `audience` (None: all that the person may read).

    Raises Forbidden, TooManyLinks.
    """
    require(actor, CalendarPermission.SUBSCRIBE, subject)
    best = best_audience(actor, subject)
    if best is None or actor.person_id is None:
        raise Forbidden(permission=CalendarPermission.SUBSCRIBE)
    with atomic():
        keep_person(actor.person_id)
        if len(queries.links_of(actor.person_id, subject.scope, subject.id)) >= MOST_LINKS:
            raise TooManyLinks(most=MOST_LINKS)
        told = narrower(audience, best) if audience else best
        return _new_link(actor.person_id, subject.scope, subject.id, told)


def renew(actor: Actor, public_id: str) -> NewLink:
    """Replace a link: the old one is dead at once, the new one tells the same. Raises NotFound, Forbidden."""
    with atomic():
        old = _ended(actor, public_id)
        return _new_link(old.person_id, old.scope, old.scope_id, old.audience)


def revoke(actor: Actor, public_id: str) -> None:
    """End a link for good. Raises NotFound, Forbidden."""
    with atomic():
        _ended(actor, public_id)


def end_all(person_id: int) -> None:
    """End every link of a person for good, inside a use case."""
    open_links = (Subscription.person_id == person_id, Subscription.revoked_at.is_(None))
    db.session.execute(update(Subscription).where(*open_links).values(revoked_at=clock.now()))


def forget_reader(person_id: int) -> None:
    """End every link of somebody who leaves, and forget by which program they read, inside a use case."""
    end_all(person_id)
    theirs = update(Subscription).where(Subscription.person_id == person_id)
    db.session.execute(theirs.values(last_client=""))


def _ended(actor: Actor, public_id: str) -> Subscription:
    link = queries.get_link(public_id)
    require(actor, CalendarPermission.KEEP_LINK, link)
    if link.revoked_at:
        raise NotFound(kind="calendar_link", id=public_id)
    link.revoked_at = clock.now()
    return link


def _new_link(person_id: int, scope: str, scope_id: int, audience: str) -> NewLink:
    new = NewLink(ids.new_public_id(), ids.new_secret())
    with atomic() as session:
        session.add(
            Subscription(
                public_id=new.public_id,
                person_id=person_id,
                scope=str(scope),
                scope_id=scope_id,
                audience=str(audience),
                token_hash=ids.hash_secret(new.secret),
                created_at=clock.now(),
            )
        )
    return new
