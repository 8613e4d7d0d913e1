"""Quotas in words: one's own, what is left of it, what is borrowed of others'."""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext as _n

from app.availability.borrowing import Loan, Share
from app.availability.rules import Terms
from app.availability.sharing import Quotas
from app.catalogue.kinds.words import amount
from app.web.format import duration


def share_words(share: Share, unit: str) -> str:
    """Say what is left of one's own quota in a slot."""
    return _n(
        "Your quota: %(total)s, of which %(num)s is free in this slot.",
        "Your quota: %(total)s, of which %(num)s are free in this slot.",
        share.left,
        total=amount(unit, share.total),
    )


def loan_words(loan: Loan, unit: str) -> str:
    """Say how much is borrowed, and that it may be called back."""
    return _(
        "%(units)s on the quota of another organisation, which can call that back with %(notice)s of notice.",
        units=amount(unit, loan.qty),
        notice=duration(loan.hours * 60),
    )


def recall_words(facts: Mapping[str, Any], unit: str) -> str:
    """Say what calling one's quota back does to others, before it is done."""
    return _n(
        "Call my quota back: %(num)s booking of others gives back %(units)s in all.",
        "Call my quota back: %(num)s bookings of others give back %(units)s in all.",
        int(facts["bookings"]),
        units=amount(unit, facts["units"]),
    )


def quotas_words(terms: Terms, unit: str) -> str:
    """Say how a capacity is shared: one's own quota first, where one has one; empty where there are none."""
    if terms.quotas is None:
        return ""
    own, total = terms.quotas.share_of(terms.asker.organisation_id), sum(terms.quotas.shares.values())
    common = amount(unit, terms.capacity - total)
    if own:
        return _(
            "%(own)s are yours, %(others)s of other organisations, %(common)s common to all",
            own=amount(unit, own),
            others=amount(unit, total - own),
            common=common,
        )
    return _(
        "%(total)s of some organisations, %(common)s common to all", total=amount(unit, total), common=common
    )


def lending_words(quotas: Quotas) -> str:
    """Say from when on what is not used is lent."""
    if quotas.lend_days is None:
        return _("What is not used of quotas is not lent.")
    return _n(
        "What is not used of quotas can be borrowed from %(num)s day before.",
        "What is not used of quotas can be borrowed from %(num)s days before.",
        quotas.lend_days,
    )
