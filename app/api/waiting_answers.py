"""The shapes of what the API answers about waiting lists."""

from typing import Literal

from app.api.answers import Answer, OrganisationName, ResourceName, Stamp


class Waiting(Answer):
    """Somebody's waiting for a slot: in line for it, or only to be told when it is free.

    `place` is that in line. What is `offered` is kept until `expires_at`. `booking` is what became of it.
    """

    ref: str
    state: Literal["waits", "offered", "taken", "missed", "told", "left", "over"]
    mode: Literal["in_line", "to_tell"]
    resource: ResourceName
    organisation: OrganisationName | None
    start: Stamp
    end: Stamp
    quantity: int
    purpose: str
    people: int | None
    message: str
    place: int | None
    expires_at: Stamp | None
    booking: str | None
    created_at: Stamp
    acts: list[Literal["take", "leave"]]
    url: str


class WaitingList(Answer):
    """What you still wait for, offers first."""

    items: list[Waiting]
