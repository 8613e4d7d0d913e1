"""Why a gleaning cannot be called, changed or joined: facts, no sentences."""

from app.core.errors import Conflict, Invalid


class BadGleaning(Invalid):
    """Something about a call cannot be: `reason` is times, past, too_far (`days`), people (`most`) or age (`most`)."""

    code = "bad_gleaning"


class BadGroup(Invalid):
    """One signs up at least oneself, and at most `most` people."""

    code = "bad_group"


class SignUpClosed(Conflict):
    """Nobody signs up or withdraws any more: `state` is cancelled, over or done, or open where it has begun."""

    code = "sign_up_closed"


class NotAllFit(Conflict):
    """A group is larger (`people`) than what is free (`left`): nobody said whether some come or all wait."""

    code = "not_all_fit"


class TooFewPlaces(Conflict):
    """There is not enough room for so many more: `left` places are free."""

    code = "too_few_places"


class FewerThanGoing(Conflict):
    """A call does not ask for fewer people than have a place: `going`."""

    code = "fewer_than_going"


class NotBegun(Conflict):
    """What came of it, and who came, is said once it has begun."""

    code = "gleaning_not_begun"
