"""Letters about debts that are set off between two, or settled with several."""

from collections.abc import Mapping
from datetime import datetime

from flask_babel import gettext as _

from app.accounts.events import Reader
from app.notifications.letters.account import Facts, Writer
from app.notifications.letters.letter import Letter, Link, instant, link, rows
from app.payments.settlement.words import over_words
from app.web.format import money


def debts_set_off(to: Reader, facts: Facts) -> Letter:
    """Tell that the other has set off what both owed."""
    return Letter(
        name=to.name,
        subject=_("Set off with “%(name)s”: %(amount)s", name=facts["by"], amount=_amount(facts)),
        paragraphs=(
            _(
                "“%(name)s” has set off what it and “%(organisation)s” owed each other: %(amount)s on each side, the "
                "oldest first. Neither of you pays them any more.",
                name=facts["by"],
                organisation=facts["organisation"],
                amount=_amount(facts),
            ),
            _("The law gives each side the right to it (article 1347 of the French civil code)."),
        ),
        action=_see(facts),
        after=(_("If something of it is wrong, undo it there: both owe again what they owed."),),
    )


def set_off_undone(to: Reader, facts: Facts) -> Letter:
    """Tell that the other has taken a set-off back."""
    return Letter(
        name=to.name,
        subject=_("No longer set off with “%(name)s”: %(amount)s", name=facts["by"], amount=_amount(facts)),
        paragraphs=(
            _(
                "“%(name)s” has taken back what was set off with “%(organisation)s”: both owe again what they owed "
                "before. It gives this reason:",
                name=facts["by"],
                organisation=facts["organisation"],
            ),
        ),
        quote=facts["reason"],
        facts=rows((_("Amount on each side"), _amount(facts))),
        action=_see(facts),
    )


def settlement_proposed(to: Reader, facts: Facts) -> Letter:
    """Ask whether an organisation settles with several."""
    return Letter(
        name=to.name,
        subject=_("Will you settle with several? “%(name)s” proposes it", name=facts["by"]),
        paragraphs=(
            _(
                "“%(name)s” proposes to settle at once what the organisations below owe each other, with as few "
                "transfers as possible. For “%(organisation)s” it comes to the same amount.",
                name=facts["by"],
                organisation=facts["organisation"],
            ),
            _("Nothing moves unless all accept."),
        ),
        facts=_figures(facts),
        action=link(
            _("Read it and answer"), "settlement.show", slug=facts["slug"], settlement_ref=facts["ref"]
        ),
        after=(
            _(
                "Without an answer from all by %(instant)s, it lapses. It also lapses as soon as something of it is "
                "paid in another way.",
                instant=instant(datetime.fromisoformat(facts["until"]), facts["timezone"]),
            ),
        ),
    )


def settlement_posted(to: Reader, facts: Facts) -> Letter:
    """Tell that all have agreed, and what is owed now."""
    nothing = not facts["after"]["pays"] and not facts["after"]["receives"]
    return Letter(
        name=to.name,
        subject=_("Settled with several: all have accepted"),
        paragraphs=(
            _(
                "All have accepted: what they owed each other is settled, and only the transfers below are left for "
                "“%(organisation)s”.",
                organisation=facts["organisation"],
            )
            if not nothing
            else _(
                "All have accepted: what they owed each other is settled, and nothing is left to pay or to receive for "
                "“%(organisation)s”.",
                organisation=facts["organisation"],
            ),
        ),
        facts=_figures(facts),
        action=_see(facts),
        after=() if nothing else (_("Pay and note them as anything else: your accounts show them."),),
    )


def settlement_ended(to: Reader, facts: Facts) -> Letter:
    """Tell that a proposal came to nothing."""
    is_answer = facts["state"] == "refused" and facts["by"]
    return Letter(
        name=to.name,
        subject=_("Not settled with several: all pay as before"),
        paragraphs=(
            _("“%(name)s” has refused to settle with several.", name=facts["by"])
            if is_answer
            else over_words(facts["state"]),
            _("What “%(organisation)s” owes and is owed is as it was.", organisation=facts["organisation"]),
            *((_("The reason given:"),) if facts["reason"] else ()),
        ),
        quote=facts["reason"],
        facts=rows((_("Parties"), _parties(facts))),
        action=_see(facts),
    )


def _see(facts: Facts) -> Link:
    return link(_("See it"), "settlement.show", slug=facts["slug"], settlement_ref=facts["ref"])


def _amount(facts: Facts) -> str:
    return money(sum(cents for _name, cents in facts["before"]["pays"]))


def _figures(facts: Facts) -> tuple[tuple[str, str], ...]:
    before, after = facts["before"], facts["after"]
    return rows(
        (_("You owe without it"), _lines(before["pays"])),
        (_("You are owed without it"), _lines(before["receives"])),
        (_("You owe once settled"), _lines(after["pays"])),
        (_("You are owed once settled"), _lines(after["receives"])),
        (_("Parties"), _parties(facts)),
    )


def _lines(amounts: list[list[object]]) -> str:
    return "\n".join(_named(str(name), int(str(cents))) for name, cents in amounts)


def _named(name: str, cents: int) -> str:
    return _("%(name)s: %(amount)s", name=name, amount=money(cents))


def _parties(facts: Facts) -> str:
    return "\n".join([facts["organisation"], *facts["parties"]])


SETTLING: Mapping[str, Writer] = {
    writer.__name__: writer
    for writer in (debts_set_off, set_off_undone, settlement_proposed, settlement_posted, settlement_ended)
}
