"""Who may do what with lots and hand-over notes."""

from enum import StrEnum
from typing import Any

from app.core.policy import Actor, Table, platform_admin, signed_in


class LotPermission(StrEnum):
    """What can be asked of the room of lots."""

    SEE_OWN = "lots.see_own"
    ENTER = "lots.enter"  # a lot, or a note, of one's own organisation
    SEE = "lots.see"
    KEEP = "lots.keep"  # store, hand over or destroy a lot
    SEE_NOTE = "lots.see_note"
    GIVE = "lots.give"  # sign as the giver, or give the note up
    RECEIVE = "lots.receive"  # sign as the receiver, or refuse


def acts_for_somebody(actor: Actor, _subject: Any) -> bool:
    """Hold for the members of any active organisation."""
    return bool(actor.memberships)


def holds(actor: Actor, lot: Any) -> bool:
    """Hold for the members of the organisation whose lot it is."""
    return actor.belongs_to(lot.organisation_id)


def coordinates(actor: Actor, subject: Any) -> bool:
    """Hold for the coordination of the territory."""
    return subject.territory_id in actor.coordinated


def gives(actor: Actor, note: Any) -> bool:
    """Hold for the members of the organisation that hands over."""
    return actor.belongs_to(note.giver_id)


def receives(actor: Actor, note: Any) -> bool:
    """Hold for the members of the organisation that receives."""
    return note.receiver_id is not None and actor.belongs_to(note.receiver_id)


def is_for_somebody(_actor: Actor, note: Any) -> bool:
    """Hold where an organisation receives it: whoever is there can then sign on the giver's telephone."""
    return note.receiver_id is not None


TABLE: Table = {
    LotPermission.SEE_OWN: [[signed_in]],
    LotPermission.ENTER: [[acts_for_somebody]],
    LotPermission.SEE: [[holds], [coordinates], [platform_admin]],
    LotPermission.KEEP: [[holds]],
    LotPermission.SEE_NOTE: [[gives], [receives], [coordinates], [platform_admin]],
    LotPermission.GIVE: [[gives]],
    LotPermission.RECEIVE: [[receives], [gives, is_for_somebody]],
}
