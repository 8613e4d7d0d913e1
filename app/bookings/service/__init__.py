"""The use cases of bookings, series and bundles: ask, decide, change, cancel, talk, note. The only writer."""

from app.bookings.proposals import Offer
from app.bookings.service.asking import Request, ask, lock_for, refuse_licence
from app.bookings.service.bundle_acts import approve_legs, cancel_bundle, refuse_legs
from app.bookings.service.bundles import BundleRequest, Leg, ask_bundle, let_leg_go, replace_leg
from app.bookings.service.changing import cancel, change
from app.bookings.service.common import MAX_PURPOSE, MAX_TEXT, get_for
from app.bookings.service.costs import (
    charge_due,
    correct_costs,
    measure_costs,
    take_costs_back,
    take_waiver_back,
    waive_costs,
)
from app.bookings.service.deciding import approve, expire_due, open_decision_link, refuse, undo
from app.bookings.service.deposits import (
    give_up_deposit,
    receive_deposit,
    release_deposit,
    take_deposit_back,
    withhold_deposit,
)
from app.bookings.service.ending import tell_ends
from app.bookings.service.extending import extend_due
from app.bookings.service.handing_over import move_handover
from app.bookings.service.holding import check_proposable
from app.bookings.service.keeping import forgive_absence, tell_absence
from app.bookings.service.measuring import remind_measures
from app.bookings.service.ordering import find_disorder, why_out_of_order, why_too_soon
from app.bookings.service.proposing import (
    accept_proposal,
    decline_proposal,
    propose,
    sweep_proposals,
    withdraw_proposal,
)
from app.bookings.service.reminding import remind_due
from app.bookings.service.scopes import Scope
from app.bookings.service.series import SeriesRequest, ask_series
from app.bookings.service.series_acts import (
    approve_series,
    cancel_dates,
    cancel_series,
    change_series,
    look_at_change,
    refuse_series,
)
from app.bookings.service.sharing import answer_bundle_costs, answer_costs, share_bundle_costs, share_costs
from app.bookings.service.talking import write_message
from app.bookings.service.waiting import (
    end_missed_offers,
    join,
    leave,
    offer_freed,
    sweep_waiting,
    take_offer,
)
from app.bookings.waitlist import Want

__all__ = [
    "MAX_PURPOSE",
    "MAX_TEXT",
    "BundleRequest",
    "Leg",
    "Offer",
    "Request",
    "Scope",
    "SeriesRequest",
    "Want",
    "accept_proposal",
    "answer_bundle_costs",
    "answer_costs",
    "approve",
    "approve_legs",
    "approve_series",
    "ask",
    "ask_bundle",
    "ask_series",
    "cancel",
    "cancel_bundle",
    "cancel_dates",
    "cancel_series",
    "change",
    "change_series",
    "charge_due",
    "check_proposable",
    "correct_costs",
    "decline_proposal",
    "end_missed_offers",
    "expire_due",
    "extend_due",
    "find_disorder",
    "forgive_absence",
    "get_for",
    "give_up_deposit",
    "join",
    "leave",
    "let_leg_go",
    "lock_for",
    "look_at_change",
    "measure_costs",
    "move_handover",
    "offer_freed",
    "open_decision_link",
    "propose",
    "receive_deposit",
    "refuse",
    "refuse_legs",
    "refuse_licence",
    "refuse_series",
    "release_deposit",
    "remind_due",
    "remind_measures",
    "replace_leg",
    "share_bundle_costs",
    "share_costs",
    "sweep_proposals",
    "sweep_waiting",
    "take_costs_back",
    "take_deposit_back",
    "take_offer",
    "take_waiver_back",
    "tell_absence",
    "tell_ends",
    "undo",
    "waive_costs",
    "why_out_of_order",
    "why_too_soon",
    "withdraw_proposal",
    "withhold_deposit",
    "write_message",
]
