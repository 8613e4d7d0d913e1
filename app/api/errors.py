"""What may be wrong with a request to the API besides what the use cases refuse."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from app.api.requests import SlotBody
from app.core.errors import DomainError, Forbidden, Invalid


@dataclass(frozen=True)
class Problem:
    """One thing wrong: `place` is query, body or header, `name` names it there, `code` and `facts` say why."""

    place: str
    name: str
    code: str
    facts: dict[str, Any] = field(default_factory=dict)


class FieldsRefused(Invalid):
    """The request has the wrong shape; every `problem` is told at once, and `slot` is what it asks for all the same."""

    code = "invalid"

    def __init__(self, problems: Sequence[Problem], slot: SlotBody | None = None) -> None:
        super().__init__()
        self.problems = tuple(problems)
        self.slot = slot


class AuthorizationUnreadable(Forbidden):
    """The Authorization header holds no personal token."""

    code = "authorization_unreadable"


class TokenUnknown(Forbidden):
    """The token is not one of ours, was revoked, or its owner may no longer come in."""

    code = "token_unknown"


class TokenNeeded(Forbidden):
    """This needs a personal token."""

    code = "token_needed"


class BodyUnreadable(DomainError):
    """The body is no JSON."""

    code = "body_unreadable"


class BodyNotJson(DomainError):
    """The body is declared as something other than plain JSON."""

    code = "body_not_json"


def refuse(place: str, name: str, code: str, **facts: Any) -> FieldsRefused:
    """Make the refusal of one field."""
    return FieldsRefused([Problem(place, name, code, facts)])
