"""Letters about gleanings: called near by; changed or cancelled for who signed up; a place for who was in line."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from flask_babel import gettext as _
from flask_babel import ngettext as _n

from app.accounts.models import Organisation
from app.core import clock
from app.notifications.letters.facts import short
from app.notifications.letters.letter import Letter, Link, link, rows
from app.supply.gleanings.models import Gleaning, GleaningSignUp
from app.supply.gleanings.rules import State
from app.supply.gleanings.words import gleaning_facts, load_facts, people_words, when_words
from app.web.format import distance

Facts = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class About:
    """A gleaning as it is when its letter is written; `reader` and `km` are those of whom it may concern."""

    gleaning: Gleaning
    own: GleaningSignUp | None = None
    reader: Organisation | None = None
    km: float | None = None
    left: int = 0  # places that are free

    @property
    def what(self) -> str:
        """Name it so that a subject can be read on a phone."""
        return short(self.gleaning.product)

    @property
    def day(self) -> str:
        """Say when it is."""
        return when_words(self.gleaning)


def gleaning_called(about: About) -> Letter | None:
    """Tell an organisation of a gleaning close to it."""
    gleaning = about.gleaning
    if about.reader is None or not gleaning.takes_people_at(clock.now()):
        return None
    by = gleaning.organisation.name
    return Letter(
        subject=_("Gleaning near you: %(what)s, %(when)s", what=about.what, when=about.day),
        paragraphs=(_("“%(name)s” calls for people to pick up what would be left there.", name=by),),
        facts=_facts(about),
        action=_see(gleaning, _("See it and sign up")),
        after=(
            _("Pass it on: whoever belongs to an organisation of the territory signs up for themselves."),
            _("You read this because it is close to “%(name)s”.", name=about.reader.name),
        ),
        second=link(
            _("Choose what you are told of, or stop these e-mails"), "surplus.alerts", slug=about.reader.slug
        ),
    )


def gleaning_changed(about: About) -> Letter | None:
    """Tell who signed up what the call says now."""
    if about.own is None or about.gleaning.state != State.OPEN:
        return None
    by = about.gleaning.organisation.name
    return Letter(
        subject=_("Changed: gleaning of %(when)s, %(what)s", what=about.what, when=about.day),
        paragraphs=(_("“%(name)s” has corrected the call for which you signed up. It says now:", name=by),),
        facts=_facts(about),
        action=_see(about.gleaning, _("See the gleaning")),
        after=(_leave(about.own),),
    )


def gleaning_cancelled(about: About) -> Letter | None:
    """Tell who signed up that it does not take place, and why."""
    gleaning = about.gleaning
    if about.own is None or gleaning.state != State.CANCELLED:
        return None
    by = gleaning.organisation.name
    return Letter(
        subject=_("Cancelled: gleaning of %(when)s, %(what)s", what=about.what, when=about.day),
        paragraphs=(
            _("The gleaning for which you signed up does not take place."),
            _("“%(name)s” gives this reason:", name=by),
        ),
        quote=gleaning.reason,
        facts=_short_facts(about),
        action=link(_("See what else is called for"), "gleanings.board"),
    )


def gleaning_place(about: About) -> Letter | None:
    """Tell who was in line that a place is theirs."""
    if about.own is None or not about.own.is_going or about.gleaning.state != State.OPEN:
        return None
    return Letter(
        subject=_("A place for you: gleaning of %(when)s, %(what)s", what=about.what, when=about.day),
        paragraphs=(_come(about.own),),
        facts=_facts(about),
        action=_see(about.gleaning, _("See the gleaning")),
        after=(_("You cannot come any more? Withdraw there: your place goes to who is next."),),
    )


def gleaning_part(about: About) -> Letter | None:
    """Tell who is in line with more people than there is room for that some of them could come."""
    gleaning, own, left = about.gleaning, about.own, about.left
    if own is None or own.is_going or not 0 < left < own.people or not gleaning.takes_people_at(clock.now()):
        return None
    free = _n("%(num)s place is free", "%(num)s places are free", left)
    return Letter(
        subject=_("%(free)s: gleaning of %(when)s, %(what)s", free=free, what=about.what, when=about.day),
        paragraphs=(
            _(
                "You are in line with %(people)s, and there is not room for all of you yet.",
                people=own.people,
            ),
            _("Some of you can come: the others keep your turn. Who is first takes these places."),
        ),
        facts=_facts(about),
        action=_see(gleaning, _("Choose whether some of you come")),
    )


def _leave(own: GleaningSignUp) -> str:
    """Say what becomes of a place, or a turn in line, that one does not want any more."""
    if own.is_going:
        return _("It does not suit you any more? Withdraw there: your place goes to who is next.")
    return _("It does not suit you any more? Withdraw there: you leave the line.")


def _come(own: GleaningSignUp) -> str:
    """Say that a place is theirs, or some are."""
    if not own.waiting:
        return _("You were in line. A place has become free: you are signed up now.")
    return _(
        "Places have become free: %(people)s of you are signed up now, %(others)s are still in line.",
        people=own.people,
        others=own.waiting,
    )


def _facts(about: About) -> Facts:
    """List what whoever could come has to know, with somebody to call."""
    gleaning = about.gleaning
    km = distance(about.km) if about.km is not None else ""
    told = [(label, text) for label, text, _icon in gleaning_facts(gleaning, km)]
    load = [(label, str(text)) for label, text, _icon in load_facts(gleaning)]
    return rows(
        (_("What"), gleaning.product), *told, *_own(about), *load[:1],
        (_("Phone"), gleaning.organisation.phone), (_("Number"), gleaning.public_id),
    )  # fmt: skip


def _short_facts(about: About) -> Facts:
    gleaning = about.gleaning
    return rows(
        (_("What"), gleaning.product), (_("When"), about.day), *_own(about),
        (_("Phone"), gleaning.organisation.phone), (_("Number"), gleaning.public_id),
    )  # fmt: skip


def _own(about: About) -> Facts:
    return ((_("Signed up"), people_words(about.own.all_people)),) if about.own else ()


def _see(gleaning: Gleaning, label: str) -> Link:
    return link(label, "gleanings.show", ref=gleaning.public_id)


LETTERS: Final[Mapping[str, Callable[[About], Letter | None]]] = {
    writer.__name__: writer
    for writer in (gleaning_called, gleaning_changed, gleaning_cancelled, gleaning_place, gleaning_part)
}
