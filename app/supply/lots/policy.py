"""Who may do what with lots and hand-over notes."""

from enum import StrEnum
from typing import Any

from app.accounts.policy import belongs
from app.catalogue.policy import CataloguePermission
from app.core.policy import Actor, Table, can, platform_admin, signed_in
from app.supply.lots.service import answers, may_correct


class LotPermission(StrEnum):
    """What can be asked of the room of lots."""

    SEE_OWN = "lots.see_own"
    ENTER = "lots.enter"  # a lot, or a note, of one's own organisation
    SEE = "lots.see"
    KEEP = "lots.keep"  # store, hand over or destroy a lot
    RECALL = "lots.recall"  # see where all of it went, and alert who has it
    SEE_NOTE = "lots.see_note"
    GIVE = "lots.give"  # sign as the giver, or give the note up
    RECEIVE = "lots.receive"  # sign as the receiver, or refuse
    ANSWER = "lots.answer"  # confirm or contest what was signed in the receiver's name
    SEE_INCIDENT = "lots.see_incident"
    PREPARE_PACK = "lots.prepare_pack"  # what an organisation shows to whoever checks
    CORRECT_READING = "lots.correct_reading"  # say what the thermometer really showed, or that it is right
    CLOSE_INCIDENT = "lots.close_incident"  # say what was done, and what becomes of its lots


def acts_for_somebody(actor: Actor, _subject: Any) -> bool:
    """Hold for the members of any active organisation."""
    return bool(actor.memberships)


def holds(actor: Actor, lot: Any) -> bool:
    """Hold for the members of the organisation whose lot it is."""
    return actor.belongs_to(lot.organisation_id)


def keeps_it(actor: Actor, lot: Any) -> bool:
    """Hold for who manages the place where a lot lies: its fate is decided there when the cold chain breaks."""
    return lot.resource is not None and can(actor, CataloguePermission.MANAGE_SITE, lot.resource)


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


def answers_for_it(actor: Actor, affected: Any) -> bool:
    """Hold for who answers for the place or the hand-over where the cold chain broke, and for the coordination."""
    return answers(actor, affected.incident)


def is_a_side(actor: Actor, affected: Any) -> bool:
    """Hold for the members of both sides of the hand-over at which it was too warm."""
    note = affected.incident.handover
    return note is not None and (gives(actor, note) or receives(actor, note))


def holds_some(actor: Actor, affected: Any) -> bool:
    """Hold for the members of the organisations whose lots an incident affects."""
    return any(actor.belongs_to(lot.organisation_id) for lot in affected.lots)


def may_look_again(actor: Actor, reading: Any) -> bool:
    """Hold for who noted a reading, and for who manages the place it is of."""
    return may_correct(actor, reading)


TABLE: Table = {
    LotPermission.SEE_OWN: [[signed_in]],
    LotPermission.ENTER: [[acts_for_somebody]],
    LotPermission.SEE: [[holds], [keeps_it], [coordinates], [platform_admin]],
    LotPermission.KEEP: [[holds]],
    LotPermission.RECALL: [[holds], [coordinates]],
    LotPermission.SEE_NOTE: [[gives], [receives], [coordinates], [platform_admin]],
    LotPermission.GIVE: [[gives]],
    LotPermission.RECEIVE: [[receives], [gives, is_for_somebody]],
    LotPermission.ANSWER: [[receives]],
    LotPermission.SEE_INCIDENT: [[answers_for_it], [holds_some], [is_a_side], [platform_admin]],
    LotPermission.PREPARE_PACK: [[belongs]],
    LotPermission.CORRECT_READING: [[may_look_again]],
    LotPermission.CLOSE_INCIDENT: [[answers_for_it]],
}
