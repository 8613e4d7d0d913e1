"""The use cases of money: charge, pay, give back. Every act has a stable key: told twice, it is done once."""

from app.payments.service.charges import NewCharge, NewLine, post_charge
from app.payments.service.credits import credit
from app.payments.service.disputes import dispute_lost, dispute_opened, dispute_won
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
from app.payments.service.numbering import next_number
from app.payments.service.paying import allocate, fee, payout, record_payment
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

__all__ = [
    "NewCharge",
    "NewEnvelope",
    "NewLine",
    "NewPlan",
    "NewProgramme",
    "Part",
    "allocate",
    "answer_share",
    "change_budget",
    "charge_plan",
    "credit",
    "dispute_lost",
    "dispute_opened",
    "dispute_won",
    "drop_plan",
    "fee",
    "give_up",
    "hold_envelope",
    "lock_subsidies",
    "make_plan",
    "measure",
    "next_number",
    "open_envelope",
    "open_programme",
    "payout",
    "plans_of",
    "post_charge",
    "promise",
    "publish_tariff",
    "record_payment",
    "refund",
    "refund_failed",
    "release_envelope",
    "replan",
    "share",
    "show_prices",
    "switch_money",
    "waive",
]
