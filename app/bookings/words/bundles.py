"""Bundles in words: how many legs, how many accepted, where the whole stands, why one cannot be."""

from collections.abc import Sequence

from babel.lists import format_list
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import ngettext as _n

from app.accounts.words import doer_words
from app.bookings.announced import seats_short_of
from app.bookings.bundles import Whole
from app.bookings.models import Booking
from app.bookings.rules import APPROVED, CANCELLED, HELD_AS_ONE, PENDING, REFUSED, BundleState
from app.bookings.words.pieces import moment, proposal_state, quantity_words, when_words, zone_of
from app.bookings.words.standing import Standing
from app.catalogue.models import Resource
from app.web.badges import BADGES
from app.web.format import duration
from app.web.words import Facts, worded

MOST_NAMED = 3


def legs_words(number: int) -> str:
    """Count legs."""
    return _n("%(num)s element", "%(num)s elements", number)


def accept_words(number: int) -> str:
    """Word the button that accepts so many legs at once, those that wait for the reader."""
    return _n(
        "Accept the element that waits for you", "Accept the %(num)s elements that wait for you", number
    )


def seats_words(places: Sequence[Resource], people: int | None) -> str:
    """Say that not all who come to several places find a seat in the vehicles among them; empty where they do."""
    most = seats_short_of(places, people)
    if most is None or all(each.kind == "vehicle" for each in places):
        return ""
    return _n(
        "%(asked)s people are announced, and the vehicles take %(num)s passenger besides their drivers: "
        "the others come by other means.",
        "%(asked)s people are announced, and the vehicles take %(num)s passengers besides their drivers: "
        "the others come by other means.",
        most,
        asked=people,
    )


def accepted_words(whole: Whole) -> str:
    """Say how far a bundle has come: "2 éléments sur 3 acceptés"."""
    return _n(
        "%(num)s element of %(total)s accepted",
        "%(num)s elements of %(total)s accepted",
        whole.accepted,
        total=len(whole.legs),
    )


def names_words(legs: Sequence[Booking]) -> str:
    """Name what legs are about, the first of them: "Fourgon, Chambre froide et Cuisine"."""
    names = list(dict.fromkeys(leg.resource.name for leg in legs))
    more = len(names) - MOST_NAMED
    if more > 0:
        names = [*names[:MOST_NAMED], _n("%(num)s more", "%(num)s more", more)]
    return format_list(names, locale=get_locale())


def leg_when(leg: Booking) -> str:
    """Say when, and how many, of a leg."""
    when, count = when_words(leg.span, zone_of(leg)), quantity_words(leg.resource, leg.quantity)
    return _("%(when)s, %(quantity)s", when=when, quantity=count) if count else when


def leg_note(leg: Booking) -> str:
    """Say what is to be known of a leg: who answers by when, or why it cannot be had."""
    owner = leg.resource.site.owner.name
    match leg.decision:
        case "pending" if leg.expires_at:
            by = moment(leg.expires_at, zone_of(leg))
            return _("%(owner)s answers before %(moment)s.", owner=owner, moment=by)
        case "refused":
            return _("%(owner)s cannot accept it: “%(reason)s”", owner=owner, reason=leg.reason)
        case "cancelled":
            return _("Cancelled: “%(reason)s”", reason=leg.reason)
        case "expired":
            return _("%(owner)s has not answered in time.", owner=owner)
    return ""


def bundle_standing(whole: Whole) -> Standing:
    """Say where a bundle stands, to the side that asked."""
    match whole.state:
        case BundleState.WAITING:
            return Standing(_turn(whole.waiting), accepted_words(whole), _kept(whole), _answers_by(whole))
        case BundleState.TO_FIX:
            return _to_fix(whole)
        case BundleState.ACCEPTED:
            return Standing(
                APPROVED,
                _("Everything is accepted"),
                _("How to come in and whom to call is written on the page of each element."),
            )
        case BundleState.GIVEN_UP:
            return Standing(CANCELLED, _("You have given up this request"))
    return Standing("done", _("This request is over"), _("Thank you for sharing the places."))


def _turn(waiting: Sequence[Booking]) -> str:
    """Tell the side that asked whether it is their turn: another slot is proposed for what waits."""
    return proposal_state(answers=True) if any(leg.proposal for leg in waiting) else PENDING


def bundle_seen_by_place(whole: Whole, theirs: Sequence[Booking], *, waits_for_them: bool) -> Standing:
    """Say where a bundle stands to a manager of some of its elements (`theirs`): whose turn it is, theirs first."""
    who = whole.bundle.organisation.name
    if waits_for_them:
        more = _("It is useful to them as a whole: each place answers for its own elements.")
        return Standing(PENDING, _("%(organisation)s waits for your answer", organisation=who), more)
    match whole.state:
        case BundleState.WAITING | BundleState.TO_FIX:
            offered = any(leg.decision == PENDING and leg.proposal for leg in theirs)
            state = proposal_state(answers=False) if offered else PENDING
            return Standing(state, _answered(theirs), _others_turn(whole), _askers_turn(whole))
        case BundleState.ACCEPTED:
            return Standing(APPROVED, _("Everything is accepted"))
        case BundleState.GIVEN_UP:
            return Standing(CANCELLED, _("%(organisation)s has given up this request", organisation=who))
    return Standing("done", _("This request is over"))


def bundle_seen_beside(whole: Whole) -> Standing:
    """Say where a bundle stands to whom it concerns, and who neither asks nor answers: whether it can be counted on."""
    who = whole.bundle.organisation.name
    match whole.state:
        case BundleState.WAITING:
            return Standing(PENDING, accepted_words(whole), _("It is not sure before all of it is accepted."))
        case BundleState.TO_FIX:
            return Standing(PENDING, accepted_words(whole), _askers_turn(whole))
        case BundleState.ACCEPTED:
            return Standing(APPROVED, _("Everything is accepted"))
        case BundleState.GIVEN_UP:
            return Standing(CANCELLED, _("%(organisation)s has given up this request", organisation=who))
    return Standing("done", _("This request is over"))


def _answered(theirs: Sequence[Booking]) -> str:
    if all(leg.decision in (APPROVED, REFUSED) for leg in theirs):
        return _("Your answers are given")
    return _("Nothing of this request waits for you")


def _others_turn(whole: Whole) -> str:
    number = sum(leg.proposal is None for leg in whole.waiting)  # else it is the turn of whoever asked
    return (
        _n(
            "%(num)s element waits for another manager.",
            "%(num)s elements wait for other managers.",
            number,
        )
        if number
        else ""
    )


def _askers_turn(whole: Whole) -> str:
    number, who = len(whole.to_fix), whole.bundle.organisation.name
    return (
        _n(
            "%(organisation)s has %(num)s element to replace or to leave out.",
            "%(organisation)s has %(num)s elements to replace or to leave out.",
            number,
            organisation=who,
        )
        if number
        else ""
    )


def held_words() -> str:
    """Say, before it is sent, how long a request for several resources is kept as one."""
    return _(
        "The answers are awaited together for %(length)s, less where an element begins sooner. "
        "What has no answer by then ends, all at once.",
        length=duration(HELD_AS_ONE),
    )


def _kept(whole: Whole) -> str:
    if all(leg.hold_id for leg in whole.waiting):
        return _("Everything is kept for you while the answers come: nobody else can take it.")
    return _("What is accepted is yours. Some places keep nothing while they answer: others may be faster.")


def _answers_by(whole: Whole) -> str:
    if whole.ends_at is None:
        return ""
    until = moment(whole.ends_at, zone_of(whole.waiting[0]))
    return _("All answers are due before %(moment)s: what waits then ends, all at once.", moment=until)


def _to_fix(whole: Whole) -> Standing:
    what = _n(
        "%(num)s element has to be replaced: choose something else, go on without it, or give everything up.",
        "%(num)s elements have to be replaced: choose something else, go on without them, or give everything up.",
        len(whole.to_fix),
    )
    by = _("What is accepted stays yours meanwhile.")
    if whole.ends_at is not None:
        until = moment(whole.ends_at, zone_of(whole.waiting[0]))
        by = _(
            "The rest waits until %(moment)s, all of it as one. What you choose instead gives every place "
            "its time to answer anew.",
            moment=until,
        )
    return Standing("to_fix", accepted_words(whole), what, by, "bad")


@worded("bad_number_of_legs")
def _bad_number(facts: Facts) -> str:
    return _(
        "A request for several resources has %(least)s to %(most)s elements. Send what is beyond in another request.",
        least=facts.get("least"),
        most=facts.get("most"),
    )


@worded("legs_refused")
def _legs_refused(facts: Facts) -> str:
    return _n(
        "%(num)s element cannot be had, so nothing is sent. Choose another time or place for it, or take it out.",
        "%(num)s elements cannot be had, so nothing is sent. "
        "Choose another time or place for them, or take them out.",
        int(facts.get("refused") or 1),
    )


@worded("leg_taken")
def _leg_taken(facts: Facts) -> str:
    return _(
        "Others have taken “%(name)s” meanwhile, so nothing is accepted yet. Answer each element on its own page.",
        name=facts.get("name") or "",
    )


def answered_words(answered: Sequence[Booking], left: Sequence[Booking], *, accepted: bool) -> str:
    """Say which legs one answer was for, and which it was not (`left`), because they had another one before."""
    half = [leg for leg in answered if leg.decision == PENDING]
    decided = [leg for leg in answered if leg.decision != PENDING]
    said = []
    if decided and accepted and not (half or left):
        said.append(_("Your elements of this request are accepted. The requester is told by e-mail."))
    elif decided and accepted:
        said.append(_("Accepted: %(names)s. The requester is told by e-mail.", names=names_words(decided)))
    elif decided and left:
        said.append(
            _("Refused: %(names)s. The requester reads your reason by e-mail.", names=names_words(decided))
        )
    elif decided:
        said.append(
            _("Your elements of this request are refused. The requester reads your reason by e-mail.")
        )
    if half:
        said.append(
            _(
                "Your approval is noted: %(names)s. One more is needed: whoever can give it is told by e-mail.",
                names=names_words(half),
            )
        )
    if left:
        states = [_("%(name)s (%(state)s)", name=leg.resource.name, state=_state_words(leg)) for leg in left]
        said.append(
            _(
                "This changes nothing for what was answered before: %(left)s.",
                left=format_list(states, locale=get_locale()),
            )
        )
    return " ".join(said)


def _state_words(leg: Booking) -> str:
    return str(BADGES["proposed" if leg.proposal else leg.decision][2])


def _became_words(leg: Facts) -> str:
    told = {"name": leg["name"], "state": str(BADGES[leg["state"]][2])}
    if not (leg["by"] or leg["is_own"]):
        return _("%(name)s (%(state)s)", **told)
    return _("%(name)s (%(state)s, by %(who)s)", who=doer_words(leg["by"], is_own=leg["is_own"]), **told)


@worded("no_leg_waits")
def _no_leg_waits(facts: Facts) -> str:
    if facts.get("legs"):
        return _(
            "Nothing of “%(name)s” waits for your answer any more: %(legs)s.",
            name=facts["purpose"],
            legs="; ".join(_became_words(leg) for leg in facts["legs"]),
        )
    return _("Nothing of this request waits any more: it is answered, over or given up already.")


@worded("leg_not_to_fix")
def _leg_not_to_fix(_facts: Facts) -> str:
    return _("This element has already been replaced or left out, or it still goes on: look at the request.")


@worded("leg_replaced")
def _leg_replaced(_facts: Facts) -> str:
    return _(
        "Who asked has already chosen something else instead. "
        "Write to them if you can help after all: they may ask again."
    )
