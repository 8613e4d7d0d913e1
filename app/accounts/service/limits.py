"""Slowing guesses down: every try is written before it is answered, per account and per address."""

from datetime import datetime

from sqlalchemy import ColumnElement, delete, select, update

from app.accounts.models import SignInAttempt
from app.accounts.rules import (
    ACCOUNT_LIMITS,
    ADDRESS_LIMITS,
    ATTEMPT_LIFE,
    Attempt,
    address_bucket,
    seconds_to_wait,
)
from app.accounts.service.locks import one_at_a_time
from app.core import clock
from app.core.errors import TooMany
from app.core.ids import hash_secret
from app.infra.db import db
from app.infra.uow import atomic

_MOST_COUNTED = 400


def count_try(kind: Attempt, account: str, address: str | None) -> int:
    """Write down a try (as failed, until `mark_success`) and give its id; raise TooMany at a limit.

    Writing first means that tries sent together count together: the slow hashing comes after.
    """
    account_hash, bucket = hash_secret(account), address_bucket(address)
    with atomic() as session:
        # Accounts come before addresses in every use case, so that two never wait for each other in a ring.
        one_at_a_time(f"account:{account_hash}", f"address:{bucket}")
        _refuse_beyond_limits(kind, account_hash, bucket)
        attempt = SignInAttempt(
            kind=kind, account_hash=account_hash, address=bucket, at=clock.now(), succeeded=False
        )
        session.add(attempt)
        session.flush()
        return attempt.id


def mark_success(attempt_id: int) -> None:
    """Note inside a use case that the try succeeded: it and earlier failures of the account no longer count."""
    attempt = db.session.get_one(SignInAttempt, attempt_id)
    _forgive(attempt.kind, attempt.account_hash)


def forget_try(attempt_id: int) -> None:
    """Take one try back inside a use case; the failures before it go on counting."""
    db.session.execute(delete(SignInAttempt).where(SignInAttempt.id == attempt_id))


def forgive(kind: Attempt, account: str) -> None:
    """Forget, inside a use case, the failures of an account: its owner has proved to hold the mailbox."""
    _forgive(kind, hash_secret(account))


def _forgive(kind: str, account_hash: str) -> None:
    mine = (SignInAttempt.kind == kind, SignInAttempt.account_hash == account_hash)
    db.session.execute(update(SignInAttempt).where(*mine).values(succeeded=True))


def forget_old_tries() -> None:
    """Delete, inside a use case, tries too old to count."""
    db.session.execute(delete(SignInAttempt).where(SignInAttempt.at < clock.now() - ATTEMPT_LIFE))


def _refuse_beyond_limits(kind: Attempt, account_hash: str, bucket: str) -> None:
    now = clock.now()
    waits = (
        seconds_to_wait(_failures(kind, SignInAttempt.account_hash == account_hash), ACCOUNT_LIMITS, now),
        seconds_to_wait(_failures(kind, SignInAttempt.address == bucket), ADDRESS_LIMITS, now),
    )
    if any(waits):
        raise TooMany(retry_after=max(waits))


def _failures(kind: Attempt, mine: ColumnElement[bool]) -> list[datetime]:
    counted = (
        select(SignInAttempt.at)
        .where(
            mine,
            SignInAttempt.kind == kind,
            SignInAttempt.succeeded.is_(False),
            SignInAttempt.at > clock.now() - ATTEMPT_LIFE,
        )
        .order_by(SignInAttempt.at.desc())
        .limit(_MOST_COUNTED)
    )
    return list(db.session.scalars(counted))
