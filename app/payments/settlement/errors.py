"""Why debts cannot be set off or settled together: facts, no sentences."""

from app.core.errors import Conflict, Forbidden


class PublicDebts(Forbidden):
    """What a public body (`name`) owes or is owed goes through its accountant: it is never set off."""

    code = "public_debts"


class NothingToSetOff(Conflict):
    """The two do not owe each other anything that could be set off."""

    code = "nothing_to_set_off"


class SetOffChanged(Conflict):
    """What can be set off is not what was shown any more: `cents` now."""

    code = "set_off_changed"


class NothingToSettle(Conflict):
    """No transfer would be saved among those with whom the organisation has debts."""

    code = "nothing_to_settle"


class AlreadyProposed(Conflict):
    """One of the parties has another proposal to answer; `is_own` where it is whoever asks."""

    code = "already_proposed"


class SettlementOver(Conflict):
    """It is decided already: `state`."""

    code = "settlement_over"


class AgreedByAll(Conflict):
    """What several have agreed to is not undone by one of them."""

    code = "agreed_by_all"


class SetOffUsed(Conflict):
    """Something of what was set off was given back in money since: it cannot be undone as if nothing had been."""

    code = "set_off_used"


class OtherAnswer(Conflict):
    """Who proposed does not refuse but withdraws, the others the other way round; `is_own` where one has proposed."""

    code = "other_answer"
