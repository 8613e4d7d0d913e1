"""Sentences for money that cannot be posted, paid or given back: why, and what instead."""

from collections.abc import Mapping
from typing import Any, Final

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.core.money import MILLI
from app.payments.policy import MoneyPermission
from app.web.format import money, number
from app.web.words import Facts, refuses, worded


@refuses(MoneyPermission.SEE_ACCOUNTS, MoneyPermission.KEEP_ACCOUNTS)
def _keeps_no_accounts() -> str:
    return _(
        "Only the treasurers and administrators of this organisation see its accounts. "
        "Ask one of its administrators to do it, or to make you its treasurer."
    )


@worded("money_key_reused")
def _key_reused(facts: Facts) -> str:
    return _(
        "Something else was recorded under the reference “%(key)s” before. Check it, and use another reference.",
        key=facts["key"],
    )


@worded("envelope_short")
def _envelope_short(facts: Facts) -> str:
    return _(
        "The budget “%(name)s” has %(left)s left, and %(asked)s are needed. "
        "Lower the amount, or have the budget raised.",
        name=facts["name"],
        left=money(facts["left"]),
        asked=money(facts["asked"]),
    )


@worded("budget_too_low")
def _budget_too_low(facts: Facts) -> str:
    return _(
        "%(least)s of this budget are promised or spent: it cannot be %(asked)s. Enter at least %(least)s.",
        least=money(facts["least"]),
        asked=money(facts["asked"]),
    )


@worded("budget_changed")
def _budget_changed(facts: Facts) -> str:
    if facts["cents"] is None:
        return _("This budget does not wait for your yes any more. Read below how it stands.")
    return _(
        "Meanwhile another budget is asked: %(amount)s. Read it again below, and answer once more.",
        amount=money(facts["cents"]),
    )


@worded("bad_envelope")
def _bad_envelope(facts: Facts) -> str:
    return str(_OF_AN_ENVELOPE[facts["reason"]])


_OF_AN_ENVELOPE: Final[Mapping[str, Any]] = {
    "period": _l("A budget ends after it begins. Check its two dates."),
    "budget": _l("A budget is not below zero. Enter an amount from 0 upwards."),
    "overlap": _l(
        "There is a budget for a part of this period already. Change that one, or choose other dates."
    ),
}


@worded("hold_ended")
def _hold_ended(facts: Facts) -> str:
    if facts["state"] == "spent":
        return _(
            "What was promised of this budget is spent: it was charged. Cancel the charge to give it back."
        )
    return _("What was promised of this budget was given up. Charge without it, or promise it again.")


@worded("bad_amount")
def _bad_amount(facts: Facts) -> str:
    return _("An amount is more than zero; this one is %(amount)s. Check it.", amount=money(facts["cents"]))


@worded("dues_mixed")
def _dues_mixed(_facts: Facts) -> str:
    return _(
        "A payment is from one organisation to one other, in one currency. Record one payment for each of them."
    )


@worded("credit_too_large")
def _credit_too_large(facts: Facts) -> str:
    return _(
        "At most %(left)s of this charge can still be cancelled, and %(asked)s are asked for. Lower the amount.",
        left=money(facts["left"]),
        asked=money(facts["asked"]),
    )


@worded("payment_disputed")
def _payment_disputed(facts: Facts) -> str:
    return _(
        "%(disputed)s of this payment are in dispute: only %(left)s can be given back until the bank has decided. "
        "Lower the amount, or wait.",
        disputed=money(facts["disputed"]),
        left=money(facts["left"]),
    )


@worded("dispute_closed")
def _dispute_closed(_facts: Facts) -> str:
    return _(
        "This dispute was decided for the payee. If the bank has changed its mind, record a new dispute."
    )


@worded("nothing_owed")
def _nothing_owed(_facts: Facts) -> str:
    return _("Nothing of this is owed any more. There is nothing to pay; your accounts show what was paid.")


@worded("more_than_owed")
def _more_than_owed(facts: Facts) -> str:
    if not facts["left"]:
        return _(
            "You have announced all that you owe. To say another amount, take back what you announced first; "
            "what is beyond it becomes an advance once they note it."
        )
    return _(
        "You have %(amount)s left to pay. If you really sent more, announce what is owed: "
        "what is beyond becomes an advance once they note it.",
        amount=money(facts["left"]),
    )


@worded("payment_under_way")
def _payment_under_way(facts: Facts) -> str:
    if facts["state"] == "started":
        return _(
            "A direct debit of %(amount)s is on its way for this: it takes some days. You have nothing else to do.",
            amount=money(facts["cents"]),
        )
    return _(
        "A page to pay %(amount)s of this on line is open. Pay there, or close it and begin again.",
        amount=money(facts["cents"]),
    )


@worded("costs_charged")
def _costs_charged(_facts: Facts) -> str:
    return _(
        "This was charged: nothing about it changes any more. To take some of it back, ask who is paid for a credit."
    )


@worded("share_answered")
def _share_answered(_facts: Facts) -> str:
    return _(
        "Your organisation has accepted its part. To take it back, ask the organisation that books to share the cost "
        "another way."
    )


@worded("share_changed")
def _share_changed(facts: Facts) -> str:
    return _(
        "Meanwhile this part has become %(amount)s. Read it again below, and answer once more.",
        amount=money(facts["cents"]),
    )


@worded("not_charged")
def _not_charged(_facts: Facts) -> str:
    return _("Nothing is charged for this at the moment: there is nothing to take back.")


@worded("taken_back_whole")
def _taken_back_whole(facts: Facts) -> str:
    return _(
        "All of it was taken back: %(amount)s. It stays so, unless you tick that it is charged again in full.",
        amount=money(facts["cents"]),
    )


@worded("cannot_share")
def _cannot_share(facts: Facts) -> str:
    if facts["reason"] == "not_active":
        return _(
            "%(name)s does not take part any more. Choose another organisation, or leave this line empty.",
            name=facts["name"],
        )
    return str(_NOT_SHARED[facts["reason"]])


_NOT_SHARED: Final[Mapping[str, Any]] = {
    "twice": _l("The same organisation is named twice. Keep one of the two lines."),
    "elsewhere": _l("Only organisations of this territory can share the cost. Choose one in the list."),
}


@worded("cannot_measure")
def _cannot_measure(facts: Facts) -> str:
    return _(
        "This is no figure that could be measured: enter a number from %(least)s to %(most)s.",
        least=number(facts["min"] / MILLI),
        most=number(facts["max"] / MILLI),
    )


@worded("bad_payee_terms")
def _bad_payee_terms(facts: Facts) -> str:
    if facts["reason"] == "wrong":
        return str(_WRONG[facts["field"]])
    if facts["reason"] == "public_cash":
        return _(
            "A public body takes no cash outside a public cash office. Offer a transfer, a cheque or PayFiP."
        )
    return str(_LACKING[facts["field"]])


_WRONG: Final[Mapping[str, Any]] = {
    "siret": _l("This is no SIRET: a digit is wrong or missing. Copy the fourteen digits again."),
    "vat_number": _l("This is no VAT number: it begins with two letters, such as FR. Copy it again."),
    "iban": _l(
        "This is no IBAN: a letter or digit is wrong or missing. Copy it from the papers of your bank."
    ),
    "bic": _l(
        "This is no BIC: it has eight or eleven letters and digits. Copy it from the papers of your bank."
    ),
    "payfip_url": _l(
        "This is no page of PayFiP: its address begins with https://www.payfip.gouv.fr/. Copy it again."
    ),
}
_LACKING: Final[Mapping[str, Any]] = {
    "legal_name": _l("Who pays wants to know whom. Type the name that is on your bills."),
    "iban": _l("To be paid by transfer, type your IBAN; or take the transfer out of what you offer."),
    "address": _l(
        "To be paid by cheque, type the address it is sent to; or take the cheque out of what you offer."
    ),
    "payfip_url": _l(
        "To be paid by PayFiP, type the address of its page; or take PayFiP out of what you offer."
    ),
}


@worded("paid_online")
def _paid_online(_facts: Facts) -> str:
    return _("This was paid on line: it is not a mistake of yours. Give it back instead.")


@worded("set_off")
def _set_off(_facts: Facts) -> str:
    return _("This was set off against a debt the other way round. Undo it on the page of that settlement.")


@worded("paid_by_deposit")
def _paid_by_deposit(_facts: Facts) -> str:
    return _(
        "This was paid with a deposit, of which it was withheld. If that was wrong, put it right on the page of the "
        "deposit: the charge is taken back, and the money goes back."
    )


@worded("taken_over")
def _taken_over(_facts: Facts) -> str:
    return _(
        "This amount took the place of others when all parties agreed to settle. "
        "Take back what was charged in the first place: it becomes an advance."
    )
