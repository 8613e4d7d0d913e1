"""The shapes of what the API answers about lots. Weights are whole grams, temperatures tenths of a degree Celsius."""

from typing import Literal

from app.api.answers import Answer, ResourceName, Stamp
from app.api.surplus_answers import Offerer
from app.api.surplus_requests import RegimeName

NoteStateName = Literal["drafted", "given", "received", "distributed", "refused", "cancelled"]


class LotAnswer(Answer):
    """A lot: `left` of its `grams` can be handed over, unless it is `blocked` because a cold chain broke.

    So many more, `waiting`, came back too warm: nobody hands them over before their incident is closed.
    """

    ref: str
    state: Literal["held", "destroyed"]
    product: str
    regime: RegimeName
    grams: int
    left: int
    waiting: int
    blocked: bool
    organisation: Offerer
    origin: str
    place: str | None
    use_by: str | None
    best_before: str | None
    received_on: str
    url: str


class LotStep(Answer):
    """One step back or forward: which lot or note, with whom, how many grams."""

    lot: str | None
    handover: str | None
    state: NoteStateName | None
    organisation: str
    grams: int


class LotWithSteps(LotAnswer):
    """A lot with what it came of, and who got how much of it."""

    back: list[LotStep]
    forward: list[LotStep]


class LotPage(Answer):
    """Lots, the last first; `next_cursor` leads on."""

    items: list[LotAnswer]
    next_cursor: str | None


class HandoverLineAnswer(Answer):
    """How much of a lot was given, and how much of that was received."""

    lot: str
    product: str
    grams: int
    received: int | None


class SignatureAnswer(Answer):
    """When a side signed, and the digest of what it signed; never who."""

    at: Stamp
    digest: str | None


class HandoverAnswer(Answer):
    """A hand-over note; `to` is null where it went to people, of whom only the number is known."""

    ref: str
    state: NoteStateName
    giver: Offerer
    to: Offerer | None
    people: int | None
    at: Stamp
    temperature: int | None
    temperature_received: int | None
    packages: int | None
    food_aid: bool
    lines: list[HandoverLineAnswer]
    given: SignatureAnswer | None
    received: SignatureAnswer | None
    url: str


class HandoverPage(Answer):
    """Hand-over notes, the last first; `next_cursor` leads on."""

    items: list[HandoverAnswer]
    next_cursor: str | None


class Reading(Answer):
    """How warm a storage place was; an `alarm` opened an incident, or goes on with one."""

    resource: ResourceName
    at: Stamp
    temperature: int
    verdict: Literal["fine", "warning", "alarm"]
