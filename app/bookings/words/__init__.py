"""The sentences of bookings: why not and what instead, where a request stands, what happened to it."""

from app.bookings.words import errors  # registers the sentences
from app.bookings.words.agreeing import approvals_words, awaited_words
from app.bookings.words.bundles import (
    accepted_words,
    bundle_seen_by_place,
    bundle_standing,
    leg_note,
    leg_when,
    legs_words,
    names_words,
)
from app.bookings.words.cancelling import late_move_words, moved_late_words, terms_words
from app.bookings.words.cards import Card, booking_line
from app.bookings.words.history import history_words
from app.bookings.words.pieces import (
    answer_words,
    asker_words,
    author_words,
    booked_words,
    cost_words,
    deadline,
    decided_by_words,
    message_text,
    moment,
    over_hours_words,
    priority_words,
    quantity_words,
    when_words,
)
from app.bookings.words.proposals import (
    proposal_rows,
    proposal_standing,
    proposed_to_words,
    proposed_words,
)
from app.bookings.words.quotas import borrowed_words, recalled_words
from app.bookings.words.series import (
    counted_words,
    dates_closed_words,
    dates_taken_words,
    dates_words,
    elsewhere_standing_words,
    elsewhere_words,
    of_series_words,
    rule_words,
    sent_words,
    series_words,
    weekday_name,
)
from app.bookings.words.standing import Standing, standing
from app.bookings.words.waiting import offered_to_words, queue_words, wait_line, wait_standing, wanted_words

__all__ = [
    "Card",
    "Standing",
    "accepted_words",
    "answer_words",
    "approvals_words",
    "asker_words",
    "author_words",
    "awaited_words",
    "booked_words",
    "booking_line",
    "borrowed_words",
    "bundle_seen_by_place",
    "bundle_standing",
    "cost_words",
    "counted_words",
    "dates_closed_words",
    "dates_taken_words",
    "dates_words",
    "deadline",
    "decided_by_words",
    "elsewhere_standing_words",
    "elsewhere_words",
    "errors",
    "history_words",
    "late_move_words",
    "leg_note",
    "leg_when",
    "legs_words",
    "message_text",
    "moment",
    "moved_late_words",
    "names_words",
    "of_series_words",
    "offered_to_words",
    "over_hours_words",
    "priority_words",
    "proposal_rows",
    "proposal_standing",
    "proposed_to_words",
    "proposed_words",
    "quantity_words",
    "queue_words",
    "recalled_words",
    "rule_words",
    "sent_words",
    "series_words",
    "standing",
    "terms_words",
    "wait_line",
    "wait_standing",
    "wanted_words",
    "weekday_name",
    "when_words",
]
