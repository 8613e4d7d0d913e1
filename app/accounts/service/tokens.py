"""Personal tokens for the API: made, found again by their hash, revoked one by one."""

from datetime import timedelta

from app.accounts import queries
from app.accounts.events import AccessTokenCreated
from app.accounts.models import AccessToken
from app.accounts.rules import TOKEN_PREFIX
from app.accounts.service.locks import keep_person
from app.core import clock
from app.core.errors import NotFound
from app.core.ids import hash_secret, new_secret
from app.core.policy import Actor
from app.infra.audit import record
from app.infra.db import db
from app.infra.events import emit
from app.infra.uow import atomic

_USE_NOTED_EVERY = timedelta(hours=1)


def create_token(actor: Actor, name: str) -> str:
    """Make a personal token and give its secret, which cannot be shown again."""
    secret = TOKEN_PREFIX + new_secret()
    with atomic() as session:
        person = keep_person(actor.person_id)
        token = AccessToken(
            person=person,
            name=name.strip()[:160] or "API",
            token_hash=hash_secret(secret),
            hint=secret[:8],
            created_at=clock.now(),
        )
        session.add(token)
        session.flush()
        record("access_token", token.id, "created", actor)
        emit(AccessTokenCreated(queries.reader_of(person), token.name))
    return secret


def revoke_token(actor: Actor, token_id: int) -> None:
    """End one of one's own tokens at once; raise NotFound."""
    with atomic() as session:
        token = session.get(AccessToken, token_id)
        if token is None or token.person_id != actor.person_id:
            raise NotFound(token=token_id)
        if not token.revoked_at:
            token.revoked_at = clock.now()
            record("access_token", token.id, "revoked", actor)


def end_tokens(actor: Actor, person_id: int) -> None:
    """End all tokens of a person, inside a use case."""
    for token in queries.access_tokens_of(person_id):
        token.revoked_at = clock.now()
        record("access_token", token.id, "revoked", actor)


def find_token_owner(secret: str) -> int | None:
    """Find whose token this is (a person's id, for `queries.load_actor`), or None; notes the use once an hour."""
    token = queries.find_access_token(hash_secret(secret))
    if token is None:
        return None
    person_id, token_id, seen = token.person_id, token.id, token.last_used_at
    if seen is None or clock.now() - seen > _USE_NOTED_EVERY:
        with atomic():
            db.session.get_one(AccessToken, token_id).last_used_at = clock.now()
    return person_id
