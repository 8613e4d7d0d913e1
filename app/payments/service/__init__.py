"""The use cases of money: charge, pay, give back. Every act has a stable key: told twice, it is done once."""

from app.payments.service.bank import forget_lines, ignore_line, note_line, take_in
from app.payments.service.charges import NewCharge, NewLine, post_charge
from app.payments.service.credits import credit
from app.payments.service.disputes import dispute_lost, dispute_opened, dispute_repaid, dispute_won
from app.payments.service.envelopes import (
    NewEnvelope,
    NewProgramme,
    change_budget,
    hold_envelope,
    lock_subsidies,
    open_envelope,
    open_programme,
    release_envelope,
)
from app.payments.service.noting import Came, give_back, note_payment, undo_payment, use_advance
from app.payments.service.numbering import next_number
from app.payments.service.online import (
    Shown,
    online_dispute_closed,
    online_disputed,
    online_fee,
    online_over,
    online_paid,
    online_refund_failed,
    online_refunded,
    online_started,
    pay_online,
    stop_paying_online,
)
from app.payments.service.paying import allocate, fee, payout, payout_back, record_payment
from app.payments.service.plans import (
    NewPlan,
    charge_plan,
    drop_plan,
    give_up,
    make_plan,
    plans_of,
    promise,
    replan,
)
from app.payments.service.refunds import refund, refund_failed
from app.payments.service.sharing import Part, answer_share, measure, share, waive
from app.payments.service.tariffs import publish_tariff, show_prices, switch_money
from app.payments.service.terms import Terms, say_terms

__all__ = [
    "Came",
    "NewCharge",
    "NewEnvelope",
    "NewLine",
    "NewPlan",
    "NewProgramme",
    "Part",
    "Shown",
    "Terms",
    "allocate",
    "answer_share",
    "change_budget",
    "charge_plan",
    "credit",
    "dispute_lost",
    "dispute_opened",
    "dispute_repaid",
    "dispute_won",
    "drop_plan",
    "fee",
    "forget_lines",
    "give_back",
    "give_up",
    "hold_envelope",
    "ignore_line",
    "lock_subsidies",
    "make_plan",
    "measure",
    "next_number",
    "note_line",
    "note_payment",
    "online_dispute_closed",
    "online_disputed",
    "online_fee",
    "online_over",
    "online_paid",
    "online_refund_failed",
    "online_refunded",
    "online_started",
    "open_envelope",
    "open_programme",
    "pay_online",
    "payout",
    "payout_back",
    "plans_of",
    "post_charge",
    "promise",
    "publish_tariff",
    "record_payment",
    "refund",
    "refund_failed",
    "release_envelope",
    "replan",
    "say_terms",
    "share",
    "show_prices",
    "stop_paying_online",
    "switch_money",
    "take_in",
    "undo_payment",
    "use_advance",
    "waive",
]
