"""Tables of who owes what, by what they are about. All that is written here stays: see `kept`."""

from app.payments.models.bank import BankLine, BankLineState
from app.payments.models.charges import Charge, ChargeLine, ChargeShare, Credit, CreditShare, Due
from app.payments.models.ledger import LedgerEntry, LedgerLeg, LedgerSeal, PairGuard
from app.payments.models.online import OnlinePart, OnlinePayment, OnlineState
from app.payments.models.paid import Allocation, Dispute, DisputeState, Payment, Refund, RefundState
from app.payments.models.plans import CostParty, CostPlan, PartyState, PlanSubsidy
from app.payments.models.subsidies import (
    FOOD,
    PROGRAMME,
    Envelope,
    EnvelopeHold,
    HoldState,
    Programme,
    ProgrammeState,
)
from app.payments.models.tariffs import TariffVersion, TerritoryMoney
from app.payments.models.terms import PayeeTerms

__all__ = [
    "FOOD",
    "PROGRAMME",
    "Allocation",
    "BankLine",
    "BankLineState",
    "Charge",
    "ChargeLine",
    "ChargeShare",
    "CostParty",
    "CostPlan",
    "Credit",
    "CreditShare",
    "Dispute",
    "DisputeState",
    "Due",
    "Envelope",
    "EnvelopeHold",
    "HoldState",
    "LedgerEntry",
    "LedgerLeg",
    "LedgerSeal",
    "OnlinePart",
    "OnlinePayment",
    "OnlineState",
    "PairGuard",
    "PartyState",
    "PayeeTerms",
    "Payment",
    "PlanSubsidy",
    "Programme",
    "ProgrammeState",
    "Refund",
    "RefundState",
    "TariffVersion",
    "TerritoryMoney",
]
