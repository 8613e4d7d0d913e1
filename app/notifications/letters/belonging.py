"""Letters about belonging: organisations proposed, people who join or leave, roles given and ended."""

from collections.abc import Mapping
from datetime import datetime

from flask_babel import gettext as _

from app.accounts.events import Reader
from app.accounts.words import role_words
from app.core.span import Span
from app.notifications.letters.account import Facts, Writer, until
from app.notifications.letters.letter import Letter, link
from app.web.format import span_words


def organisation_requested(to: Reader, facts: Facts) -> Letter:
    """Ask the coordination to decide on a proposed organisation."""
    return Letter(
        name=to.name,
        subject=_("To answer: %(organisation)s wants to take part") % {"organisation": facts["organisation"]},
        paragraphs=(
            _(
                "%(person)s proposes the organisation “%(organisation)s” and waits for your answer.",
                person=facts["by"],
                organisation=facts["organisation"],
            ),
        ),
        facts=((_("Their e-mail"), facts["by_email"]),),
        action=link(_("See the request and answer"), "accounts.admissions"),
    )


def organisation_admitted(to: Reader, facts: Facts) -> Letter:
    """Welcome an organisation."""
    return Letter(
        name=to.name,
        subject=_("Accepted: “%(organisation)s” can take part") % {"organisation": facts["organisation"]},
        paragraphs=(
            _(
                "The coordination has accepted “%(organisation)s”. "
                "You can now ask for places and equipment in its name.",
                organisation=facts["organisation"],
            ),
        ),
        action=link(_("Find a place"), "availability.find"),
        after=(_("You can also invite your colleagues from the page of your organisation."),),
        second=link(_("See my organisation"), "accounts.organisation", slug=facts["slug"]),
    )


def organisation_refused(to: Reader, facts: Facts) -> Letter:
    """Tell the founders why their organisation cannot take part."""
    return Letter(
        name=to.name,
        subject=_("Answer of the coordination: %(organisation)s") % {"organisation": facts["organisation"]},
        paragraphs=(
            _(
                "The coordination has not accepted “%(organisation)s”. Here is the reason given:",
                organisation=facts["organisation"],
            ),
        ),
        quote=facts["reason"],
        after=(
            _(
                "Your own account remains open. You can ask to join another organisation, or call the coordination."
            ),
        ),
        second=link(_("See all organisations"), "accounts.organisations"),
    )


def membership_requested(to: Reader, facts: Facts) -> Letter:
    """Ask whoever decides to let somebody in."""
    opening = _(
        "%(person)s asks to join “%(organisation)s” and waits for your answer.",
        person=facts["by"],
        organisation=facts["organisation"],
    )
    subject = _("To answer: %(person)s wants to join %(organisation)s")
    return Letter(
        name=to.name,
        subject=subject % {"person": facts["by"], "organisation": facts["organisation"]},
        paragraphs=(opening, _("They write:")) if facts["message"] else (opening,),
        quote=facts["message"],
        facts=((_("Their e-mail"), facts["by_email"]),),
        action=link(_("See the request and answer"), "accounts.members", slug=facts["slug"]),
        after=(_("Say yes only to people you know: they will be able to book in the organisation’s name."),),
    )


def membership_approved(to: Reader, facts: Facts) -> Letter:
    """Tell a person that they now belong to an organisation."""
    return Letter(
        name=to.name,
        subject=_("You now belong to “%(organisation)s”") % {"organisation": facts["organisation"]},
        paragraphs=(
            _(
                "Your request to join “%(organisation)s” is accepted. "
                "You can now ask for places and equipment in its name.",
                organisation=facts["organisation"],
            ),
        ),
        action=link(_("Find a place"), "availability.find"),
        second=link(_("See my organisation"), "accounts.organisation", slug=facts["slug"]),
    )


def membership_refused(to: Reader, facts: Facts) -> Letter:
    """Tell a person that an organisation said no, and why if it did say."""
    opening = _(
        "Your request to join “%(organisation)s” was not accepted.", organisation=facts["organisation"]
    )
    return Letter(
        name=to.name,
        subject=_("Answer to your request: %(organisation)s") % {"organisation": facts["organisation"]},
        paragraphs=(opening, _("Here is the reason given:")) if facts["reason"] else (opening,),
        quote=facts["reason"],
        after=(_("If you think it is a mistake, please call the organisation directly."),),
        second=link(_("See all organisations"), "accounts.organisations"),
    )


def membership_ended(to: Reader, facts: Facts) -> Letter:
    """Tell a person that somebody took them off an organisation."""
    return Letter(
        name=to.name,
        subject=_("You no longer belong to “%(organisation)s”") % {"organisation": facts["organisation"]},
        paragraphs=(
            _(
                "You have been taken off “%(organisation)s”: you can no longer book in its name.",
                organisation=facts["organisation"],
            ),
            _("Your account remains open. If you think it is a mistake, please call the organisation."),
        ),
        second=link(_("See my account"), "accounts.account"),
    )


def invitation(to: Reader, facts: Facts) -> Letter:
    """Invite somebody, who may never have heard of us, into an organisation."""
    subject = _("%(person)s invites you to join %(organisation)s")
    return Letter(
        name=to.name,
        subject=subject % {"person": facts["by"], "organisation": facts["organisation"]},
        paragraphs=(
            _(
                "%(person)s invites you to join “%(organisation)s” on Mutualim, where the food-solidarity "
                "organisations of the territory share kitchens, cold rooms, vehicles and equipment.",
                person=facts["by"],
                organisation=facts["organisation"],
            ),
            _("Your role there: %(role)s.", role=role_words(facts["role"]).lower()),
        ),
        action=link(_("See the invitation"), "accounts.invitation", secret=facts["secret"]),
        after=(
            until(facts),
            _("You do not know these people? Then you have nothing to do: nothing is opened in your name."),
        ),
    )


def manager_named(to: Reader, facts: Facts) -> Letter:
    """Tell a person that they manage a place from now on, and what that asks of them."""
    return Letter(
        name=to.name,
        subject=_("You now manage “%(site)s”") % {"site": facts["place"]},
        paragraphs=(
            _("From now on you are one of the people who manage “%(site)s”.", site=facts["place"]),
            _(
                "You will receive the requests for this place by e-mail, "
                "and you can accept or refuse them in two clicks."
            ),
        ),
        action=link(_("See all that waits for me"), "bookings.inbox"),
    )


def manager_no_more(to: Reader, facts: Facts) -> Letter:
    """Tell a person that they no longer manage a place."""
    return Letter(
        name=to.name,
        subject=_("You no longer manage “%(site)s”") % {"site": facts["place"]},
        paragraphs=(
            _(
                "You are no longer one of the people who manage “%(site)s”. Thank you for your help.",
                site=facts["place"],
            ),
            _("You will no longer receive the requests for this place."),
        ),
    )


def delegation_given(to: Reader, facts: Facts) -> Letter:
    """Tell a person that they decide in somebody's place, and on which days."""
    return Letter(
        name=to.name,
        subject=_("You decide for “%(site)s” by delegation") % {"site": facts["place"]},
        paragraphs=(
            _(
                "%(person)s lets you answer the requests for “%(site)s” in their place, %(days)s.",
                person=facts["by"],
                site=facts["place"],
                days=span_words(_span(facts), facts["place_zone"]),
            ),
            _(
                "On these days you receive the requests by e-mail, and you can accept or refuse them. "
                "Your answers are marked “by delegation of %(person)s”.",
                person=facts["by"],
            ),
        ),
        action=link(_("See all that waits for me"), "bookings.inbox"),
        after=(
            _(
                "If you cannot do it, please tell %(person)s: they can name somebody else.",
                person=facts["by"],
            ),
        ),
    )


def _span(facts: Facts) -> Span:
    return Span(datetime.fromisoformat(facts["start"]), datetime.fromisoformat(facts["end"]))


def delegation_ended(to: Reader, facts: Facts) -> Letter:
    """Tell a person that they no longer decide in somebody's place."""
    return Letter(
        name=to.name,
        subject=_("You no longer decide for “%(site)s”") % {"site": facts["place"]},
        paragraphs=(
            _(
                "The delegation by which you answered the requests for “%(site)s” in the place of %(person)s "
                "has ended before its last day. Thank you for your help.",
                site=facts["place"],
                person=facts["by"],
            ),
        ),
    )


def coordinator_named(to: Reader, facts: Facts) -> Letter:
    """Tell a person that they coordinate a territory from now on."""
    return Letter(
        name=to.name,
        subject=_("You now coordinate “%(territory)s”") % {"territory": facts["place"]},
        paragraphs=(
            _(
                "From now on you are one of the people who coordinate “%(territory)s”.",
                territory=facts["place"],
            ),
            _("You decide which organisations take part, and you can book in their names."),
        ),
        action=link(_("See what waits for an answer"), "accounts.admissions"),
    )


def coordinator_no_more(to: Reader, facts: Facts) -> Letter:
    """Tell a person that they no longer coordinate a territory."""
    return Letter(
        name=to.name,
        subject=_("You no longer coordinate “%(territory)s”") % {"territory": facts["place"]},
        paragraphs=(
            _(
                "You are no longer one of the people who coordinate “%(territory)s”. Thank you for your help.",
                territory=facts["place"],
            ),
        ),
    )


BELONGING: Mapping[str, Writer] = {
    writer.__name__: writer
    for writer in (
        organisation_requested, organisation_admitted, organisation_refused, membership_requested, membership_approved,
        membership_refused, membership_ended, invitation, manager_named, manager_no_more, coordinator_named,
        coordinator_no_more, delegation_given, delegation_ended,
    )
}  # fmt: skip
