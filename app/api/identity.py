"""Who asks: the owner of the personal token in the request, and nobody by cookie."""

import re

from flask import g, request

from app.accounts import queries, service
from app.api.errors import AuthorizationUnreadable, TokenUnknown
from app.core.policy import VISITOR
from app.web.identity import act_as

MOST_BYTES = 64 * 1024
_BEARER = re.compile(r"[Bb][Ee][Aa][Rr][Ee][Rr] +([A-Za-z0-9._~+/=-]{1,200})", re.ASCII)


def recognise() -> None:
    """Find the caller before anything else, and bound what they may send."""
    request.max_content_length = MOST_BYTES
    act_as(VISITOR)
    g.account = None
    sent = request.headers.get("Authorization")
    if sent is None:
        return
    bearer = _BEARER.fullmatch(sent.strip())
    if bearer is None:
        raise AuthorizationUnreadable(signed_in=False)
    person_id = service.find_token_owner(bearer[1])
    account = queries.find_account(person_id) if person_id else None
    if account is None:
        raise TokenUnknown(signed_in=False)
    g.account = account
    service.note_visit(account.person_id, account.seen_at)
    act_as(account.actor())


def my_organisations() -> tuple[queries.MyOrganisation, ...]:
    """List the organisations the caller belongs to, oldest membership first."""
    account: queries.Account | None = g.account
    return account.organisations if account else ()


def challenge(code: str) -> str:
    """Write the WWW-Authenticate header of a 401."""
    error = {"token_unknown": "invalid_token", "authorization_unreadable": "invalid_request"}.get(code)
    return 'Bearer realm="Mutualim"' + (f', error="{error}"' if error else "")
