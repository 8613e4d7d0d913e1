"""Why a need cannot be posted, answered or ended: facts, no sentences."""

from app.core.errors import Conflict, Forbidden, Invalid


class NotLooking(Forbidden):
    """The organisation is not one the person acts for, or takes no part in the territory of the need."""

    code = "not_looking"


class BadNeed(Invalid):
    """Something about a need cannot be: `reason` is what, amount, radius, until, too_long, when or quantity."""

    code = "bad_need"


class OwnNeed(Conflict):
    """Who looks does not answer themselves."""

    code = "own_need"


class NeedEnded(Conflict):
    """It is looked for no longer: `state` says why."""

    code = "need_ended"


class NothingSaid(Invalid):
    """An offer of help says how."""

    code = "nothing_said"
