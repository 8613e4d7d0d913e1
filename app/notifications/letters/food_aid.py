"""Letters about authorisations for food aid: to be confirmed, confirmed, sent back, about to end."""

from collections.abc import Mapping
from datetime import date

from flask_babel import gettext as _

from app.accounts.events import Reader
from app.notifications.letters.account import Facts, Writer
from app.notifications.letters.letter import Letter, Link, link
from app.web.format import day


def authorisation_entered(to: Reader, facts: Facts) -> Letter:
    """Ask the coordination to look at the decision."""
    said = {"organisation": facts["organisation"]}
    return Letter(
        name=to.name,
        subject=_("To confirm: authorisation for food aid of %(organisation)s", **said),
        paragraphs=(
            _("“%(organisation)s” has entered its authorisation for food aid.", **said),
            _("Look it up on the published list or ask for the decision, then confirm it or send it back."),
        ),
        action=_see(_("See what was entered"), facts),
    )


def authorisation_confirmed(to: Reader, facts: Facts) -> Letter:
    """Tell the administrators that it counts."""
    said = {"organisation": facts["organisation"]}
    return Letter(
        name=to.name,
        subject=_("Confirmed: authorisation for food aid of %(organisation)s", **said),
        paragraphs=(
            _(
                "The coordination has confirmed the authorisation for food aid of “%(organisation)s”. "
                "You are told before it ends.",
                **said,
            ),
        ),
        action=_see(_("See it"), facts),
    )


def authorisation_sent_back(to: Reader, facts: Facts) -> Letter:
    """Tell the administrators why it does not count."""
    said = {"organisation": facts["organisation"]}
    return Letter(
        name=to.name,
        subject=_("Sent back: authorisation for food aid of %(organisation)s", **said),
        paragraphs=(
            _(
                "The coordination does not confirm the authorisation for food aid of “%(organisation)s”.",
                **said,
            ),
            _("Here is the reason given:"),
        ),
        quote=facts["reason"],
        action=_see(_("Correct it"), facts),
        after=(_("Until then, food aid cannot be handed to you without a decision of the coordination."),),
    )


def authorisation_ending(to: Reader, facts: Facts) -> Letter:
    """Tell the administrators that it ends, while it can be renewed."""
    said = {
        "organisation": facts["organisation"],
        "day": day(date.fromisoformat(facts["last_day"]), year=True),
    }
    return Letter(
        name=to.name,
        subject=_("Ends on %(day)s: authorisation for food aid of %(organisation)s", **said),
        paragraphs=(
            _("The authorisation for food aid of “%(organisation)s” ends on %(day)s.", **said),
            _("If it is renewed already, enter the new one: the coordination confirms it."),
        ),
        action=_see(_("Enter the new one"), facts),
        after=(
            _(
                "From the day after on, food aid cannot be handed to you without a decision of the coordination."
            ),
        ),
    )


def _see(label: str, facts: Facts) -> Link:
    return link(label, "accounts.authorisation", slug=facts["slug"])


AUTHORISING: Mapping[str, Writer] = {
    writer.__name__: writer
    for writer in (
        authorisation_entered,
        authorisation_confirmed,
        authorisation_sent_back,
        authorisation_ending,
    )
}
