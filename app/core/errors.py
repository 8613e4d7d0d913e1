"""What may be refused: facts with a code, never a sentence. The web layer has the words."""

from typing import Any, ClassVar


class DomainError(Exception):
    """A refusal that a person can understand: `code` names it, `facts` tell why and what instead."""

    code: ClassVar[str] = "refused"

    def __init__(self, **facts: Any) -> None:
        super().__init__(self.code, facts)
        self.facts = facts


class NotFound(DomainError):
    """There is no such thing, or none this person may know of."""

    code = "not_found"


class Forbidden(DomainError):
    """This person may not do this; `permission` says what was asked."""

    code = "forbidden"


class Conflict(DomainError):
    """The world has changed or stands against it: the form is right, the moment is not."""

    code = "conflict"


class Invalid(DomainError):
    """The input cannot be taken as it is; `field` names the piece where there is one."""

    code = "invalid"


class ReasonMissing(Invalid):
    """A refusal, a cancellation, a closure needs a reason: the people concerned read it."""

    code = "reason_missing"


class TextTooLong(Invalid):
    """A text is longer than we keep: `max` characters."""

    code = "text_too_long"


class Gone(DomainError):
    """It existed and was ended on purpose: a used link, a revoked feed."""

    code = "gone"


class TooMany(DomainError):
    """Too many tries; `retry_after` tells the seconds to wait."""

    code = "too_many"
