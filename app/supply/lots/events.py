"""Facts that happened to hand-over notes, for mail."""

from dataclasses import dataclass


@dataclass(frozen=True)
class NoteEvent:
    """Something happened to a note; `actor_id` did it."""

    note_id: int
    actor_id: int | None


@dataclass(frozen=True)
class NoteGiven(NoteEvent):
    """The giver signed: the receiver is to sign, too."""


@dataclass(frozen=True)
class NoteReceived(NoteEvent):
    """The receiver signed, for all of it or less."""


@dataclass(frozen=True)
class NoteRefused(NoteEvent):
    """The receiver took nothing, with a reason."""


@dataclass(frozen=True)
class NoteContested(NoteEvent):
    """The receiver says that it did not sign what was signed in its name on the giver's telephone."""


@dataclass(frozen=True)
class NoteCancelled(NoteEvent):
    """The giver, or what happened to its lots, ended it after it was signed."""


@dataclass(frozen=True)
class IncidentEvent:
    """Something happened to an incident; `actor_id` did it."""

    incident_id: int
    actor_id: int | None


@dataclass(frozen=True)
class IncidentOpened(IncidentEvent):
    """A cold chain broke; or more lots are affected (`lot_ids`) of one that is open."""

    lot_ids: tuple[int, ...]


@dataclass(frozen=True)
class IncidentClosed(IncidentEvent):
    """It was said what was done, and what becomes of its lots."""


@dataclass(frozen=True)
class ReadingCorrected(IncidentEvent):
    """A figure that raised it had been mistyped (`correction_id` says what it really was); it goes on as it was."""

    correction_id: int


@dataclass(frozen=True)
class LotRecalled:
    """Whoever has something that came of a lot is to put it aside, and why; `organisation_ids` have some of it."""

    lot_id: int
    actor_id: int | None
    reason: str
    organisation_ids: tuple[int, ...]
