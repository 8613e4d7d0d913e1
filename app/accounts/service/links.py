"""Links that work once: drawn here, mailed by whoever listens, kept only as a hash."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update

from app.accounts import queries
from app.accounts.models import OneTimeToken, Person, TokenPurpose
from app.accounts.service.locks import own_person
from app.core import clock
from app.core.ids import hash_secret, new_secret
from app.infra.db import db


def issue(person: Person, purpose: TokenPurpose, life: timedelta, **payload: Any) -> tuple[str, datetime]:
    """Draw a link for a person, inside a use case; give its secret and when it ends."""
    secret, expires_at = new_secret(), clock.now() + life
    db.session.add(
        OneTimeToken(
            person=person,
            purpose=purpose,
            token_hash=hash_secret(secret),
            payload=payload,
            created_at=clock.now(),
            expires_at=expires_at,
        )
    )
    return secret, expires_at


def consume(secret: str, *purposes: TokenPurpose) -> OneTimeToken:
    """Use a link up, inside a use case; raise NotFound, LinkUsed or LinkExpired. Of two at once, one wins."""
    owner = select(OneTimeToken.person_id).where(OneTimeToken.token_hash == hash_secret(secret))
    own_person(db.session.scalar(owner))  # the person before the links: the order of whoever leaves
    token = db.session.scalars(
        select(OneTimeToken)
        .where(OneTimeToken.token_hash == hash_secret(secret), OneTimeToken.purpose.in_(purposes))
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    found = queries.checked(token)
    found.used_at = clock.now()
    return found


def void(person_id: int, *purposes: TokenPurpose) -> None:
    """End, inside a use case, the links of a person that are still open."""
    db.session.execute(
        update(OneTimeToken)
        .where(
            OneTimeToken.person_id == person_id,
            OneTimeToken.purpose.in_(purposes),
            OneTimeToken.used_at.is_(None),
        )
        .values(used_at=clock.now())
    )
