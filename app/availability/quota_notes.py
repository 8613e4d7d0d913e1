"""What the answer about a slot says of quotas: what is left of one's own, what is borrowed, what can be had back."""

from collections.abc import Sequence

from flask_babel import gettext as _

from app.availability.asking import Slot, slot_path
from app.availability.borrowing import lies_within, loan_for, share_in
from app.availability.errors import Refusal
from app.availability.rules import Terms
from app.availability.shown import Shown
from app.availability.words.quotas import loan_words, recall_words, share_words
from app.catalogue.models import Approval


def own_share(shown: Shown, terms: Terms, slot: Slot, but_hold: int | None) -> list[str]:
    """Say what is left of the asker's own quota, where they have one."""
    share = share_in(terms, slot.span, but_hold=but_hold)
    return [share_words(share, shown.unit)] if share else []


def borrowed(shown: Shown, terms: Terms, slot: Slot, but_hold: int | None) -> list[str]:
    """Say, before anything is sent, how much of a slot would be borrowed."""
    loan = loan_for(terms, slot.span, slot.qty, but_hold=but_hold)
    return [loan_words(loan, shown.unit)] if loan else []


def recall(shown: Shown, refusals: Sequence[Refusal]) -> str:
    """Say what calling one's own quota back would do, where that is all that stands in the way; else nothing."""
    lent = refusals[0] if [refusal.code for refusal in refusals] == ["lent"] else None
    return recall_words(lent.facts, shown.unit) if lent and lent.facts["may_recall"] else ""


def recall_next(shown: Shown, terms: Terms, slot: Slot) -> tuple[str, str]:
    """Lead to where it is called back: the request page."""
    return _("Ask, and call my quota back"), slot_path(shown.slug, slot, terms, ask=True)


def is_at_once(shown: Shown, terms: Terms, slot: Slot, but_hold: int | None) -> bool:
    """Tell whether nobody has to answer because all of it lies within the asker's quota."""
    return shown.approval == Approval.AUTO_WITHIN_QUOTA and lies_within(
        terms, [slot.span], slot.qty, but_holds=[but_hold] if but_hold else ()
    )
