"""Letters about how organisations are paid."""

from collections.abc import Mapping
from datetime import date
from typing import Final

from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.accounts.events import Reader
from app.notifications.letters.account import Facts, Writer
from app.notifications.letters.letter import Letter, link, rows
from app.payments.paying_words import method_words
from app.web.format import day, money

_FIELDS: Final[Mapping[str, LazyString]] = {
    "legal_name": _l("Legal name"),
    "holder": _l("Holder of the account"),
    "iban": _l("IBAN"),
    "address": _l("Address"),
    "payfip_url": _l("PayFiP page"),
    "contact_email": _l("E-mail for questions about payments"),
}


def payee_terms_changed(to: Reader, facts: Facts) -> Letter:
    """Warn that payers are told something else of where their money goes: somebody may have taken over an account."""
    return Letter(
        name=to.name,
        subject=_("How “%(organisation)s” is paid has changed") % {"organisation": facts["organisation"]},
        paragraphs=(
            _(
                "Whoever owes “%(organisation)s” something reads this from now on.",
                organisation=facts["organisation"],
            ),
            _("If one of you did this, there is nothing to do."),
        ),
        facts=(
            *((str(_FIELDS[name]), _change(before, after)) for name, before, after in facts["changes"]),
            *rows((_("Changed by"), facts["by"])),
        ),
        action=link(_("See how we are paid"), "payments.terms", slug=facts["slug"]),
        after=(
            _(
                "If nobody of you did, correct it at once, tell your payers, and change the password of that account."
            ),
        ),
    )


def _change(before: str, after: str) -> str:
    """Say what a field is now, and what it was."""
    if not before:
        return _("%(after)s (new)", after=" ".join(after.split()))
    if not after:
        return _("taken away (before: %(before)s)", before=" ".join(before.split()))
    return _("%(after)s (before: %(before)s)", after=" ".join(after.split()), before=" ".join(before.split()))


def payment_announced(to: Reader, facts: Facts) -> Letter:
    """Tell a payee what a payer says is on its way, and that nothing is paid by saying so."""
    return Letter(
        name=to.name,
        subject=_(
            "“%(name)s” says it has sent %(amount)s", name=facts["payer"], amount=money(facts["cents"])
        ),
        paragraphs=(_("“%(name)s” says that this is on its way to you:", name=facts["payer"]),),
        facts=rows(
            (_("Amount"), money(facts["cents"])),
            (_("How"), method_words(facts["method"])),
            (_("Day"), day(date.fromisoformat(facts["day"]), year=True)),
            (_("Reference"), facts["reference"]),
        ),
        action=link(
            _("Note it once it is there"),
            "payments.between",
            slug=facts["slug"],
            other=facts["other"],
            annonce=facts["ref"],
        ),
        after=(_("Nothing counts as paid until you have noted that it came."),),
    )


def programme_asked(to: Reader, facts: Facts) -> Letter:
    """Ask an organisation whether it pays a programme."""
    return Letter(
        name=to.name,
        subject=_("Will you help others to pay? %(programme)s") % {"programme": facts["programme"]},
        paragraphs=(
            _(
                "The coordination asks whether “%(organisation)s” pays the programme “%(programme)s”.",
                organisation=facts["organisation"],
                programme=facts["programme"],
            ),
            _("Nothing is promised in your name before you accept."),
        ),
        action=link(_("Read it and answer"), "payments.programmes", slug=facts["slug"]),
    )


def programme_accepted(to: Reader, facts: Facts) -> Letter:
    """Tell the coordination that a programme is open."""
    words = _(
        "“%(organisation)s” has accepted to pay the programme “%(programme)s”: it helps from now on.",
        organisation=facts["organisation"],
        programme=facts["programme"],
    )
    return _answered(to, _("Accepted: %(programme)s") % {"programme": facts["programme"]}, words)


def programme_declined(to: Reader, facts: Facts) -> Letter:
    """Tell the coordination that nobody pays a programme."""
    words = _(
        "“%(organisation)s” has declined to pay the programme “%(programme)s”: it is closed.",
        organisation=facts["organisation"],
        programme=facts["programme"],
    )
    return _answered(to, _("Declined: %(programme)s") % {"programme": facts["programme"]}, words)


def billing_address_asked(to: Reader, facts: Facts) -> Letter:
    """Ask for the address without which an invoice is not issued."""
    names = {"issuer": facts["issuer"], "organisation": facts["organisation"]}
    return Letter(
        name=to.name,
        subject=_("“%(issuer)s” needs your address for an invoice", issuer=facts["issuer"]),
        paragraphs=(
            _(
                "“%(issuer)s” has an invoice for “%(organisation)s”. The law wants the address of who pays on it, and "
                "only you can enter it.",
                **names,
            ),
            _("A line is enough, as on your other bills. It is then on all invoices that you receive here."),
        ),
        action=link(_("Enter the address"), "payments.terms", slug=facts["slug"]),
    )


def programme_ended(to: Reader, facts: Facts) -> Letter:
    """Tell the coordination that who pays a programme has closed it."""
    words = _(
        "“%(organisation)s” has closed the programme “%(programme)s”: it pays what it has promised, and promises "
        "nothing any more.",
        organisation=facts["organisation"],
        programme=facts["programme"],
    )
    return _answered(to, _("Closed: %(programme)s") % {"programme": facts["programme"]}, words)


def budget_asked(to: Reader, facts: Facts) -> Letter:
    """Ask who pays a programme for a budget, or for a larger one."""
    return Letter(
        name=to.name,
        subject=_("A budget waits for your yes: %(programme)s") % {"programme": facts["programme"]},
        paragraphs=(
            _(
                "The coordination asks whether “%(organisation)s” gives the programme “%(programme)s” this budget.",
                organisation=facts["organisation"],
                programme=facts["programme"],
            ),
            _("Before you accept, nothing is promised in your name beyond what was agreed."),
        ),
        facts=rows(
            (_("Budget asked for"), money(facts["cents"])), (_("Agreed so far"), money(facts["before"]))
        ),
        action=link(_("Read it and answer"), "payments.programmes", slug=facts["slug"]),
    )


def budget_accepted(to: Reader, facts: Facts) -> Letter:
    """Tell the coordination that a budget is agreed."""
    words = _(
        "“%(organisation)s” has accepted a budget of %(amount)s for the programme “%(programme)s”.",
        organisation=facts["organisation"],
        amount=money(facts["cents"]),
        programme=facts["programme"],
    )
    return _answered(to, _("Accepted: %(programme)s") % {"programme": facts["programme"]}, words)


def budget_declined(to: Reader, facts: Facts) -> Letter:
    """Tell the coordination that a budget stays as it was."""
    words = _(
        "“%(organisation)s” has declined a budget of %(amount)s for the programme “%(programme)s”: it stays as it was.",
        organisation=facts["organisation"],
        amount=money(facts["cents"]),
        programme=facts["programme"],
    )
    return _answered(to, _("Declined: %(programme)s") % {"programme": facts["programme"]}, words)


def _answered(to: Reader, title: str, words: str) -> Letter:
    return Letter(
        name=to.name,
        subject=title,
        paragraphs=(words,),
        action=link(_("See the budgets"), "payments.envelopes"),
    )


PAYING: Mapping[str, Writer] = {
    writer.__name__: writer
    for writer in (
        payee_terms_changed,
        payment_announced,
        programme_asked,
        programme_accepted,
        programme_declined,
        billing_address_asked,
        programme_ended,
        budget_asked,
        budget_accepted,
        budget_declined,
    )
}
