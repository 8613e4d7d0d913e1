"""What is decided already, in words: which request, how, by whom and when, and what can be done instead."""

from flask_babel import gettext as _

from app.accounts.words import doer_words
from app.bookings.rules import APPROVED, CANCELLED, REFUSED
from app.bookings.words.pieces import moment
from app.catalogue.kinds.words import amount, packed_words
from app.web.badges import BADGES
from app.web.format import span_words
from app.web.words import Facts, worded


@worded("already_decided")
def _already_decided(facts: Facts) -> str:
    if "name" not in facts:  # the description of the API says it of no request in particular
        return _("This request is decided already. Read it again: it says how, by whom and when.")
    told = {
        "what": facts["name"],
        "when": span_words(facts["span"], facts["timezone"]),
        "state": str(BADGES[facts["state"]][2]),
        "instead": _instead(facts["act"], facts["state"], decides=facts["decides"]),
    }
    if facts["by"] is None or facts["at"] is None:
        return _("Nothing was changed. %(what)s, %(when)s: %(state)s. %(instead)s", **told)
    return _(
        "Nothing was changed. %(what)s, %(when)s: %(state)s, by %(who)s, %(moment)s. %(instead)s",
        who=doer_words(facts["by"], is_own=facts["is_own"]),
        moment=moment(facts["at"], facts["timezone"]),
        **told,
    )


def _instead(act: str, state: str, *, decides: bool) -> str:
    """Say what can be done instead of an act, to whom decides or to whom asked."""
    if not decides:
        return _("If you still need it, send a new request.")
    if state == APPROVED and act == "propose":
        return _(
            "Another slot is proposed only while a request waits: whoever asked can still move it, and you can cancel "
            "it with a reason."
        )
    if state == APPROVED and act == "refuse":
        return _("To have the place back, cancel the booking with a reason.")
    if state == APPROVED:
        return _("There is nothing left to answer.")
    if state == REFUSED:
        return _("Within ten minutes you can take the decision back; after that a new request is needed.")
    if state == CANCELLED:
        return _("It was given up: there is nothing left to answer.")
    return _("Its time is over without an answer: whoever asked can send a new request.")


@worded("asked_otherwise")
def _asked_otherwise(facts: Facts) -> str:
    what = _(
        "%(resource)s, %(when)s", resource=facts["name"], when=span_words(facts["span"], facts["timezone"])
    )
    if unit := facts["unit"]:
        pack = facts["pack"]
        count = packed_words(unit, pack) if pack else amount(unit, facts["quantity"])
        what = _("%(when)s, %(quantity)s", when=what, quantity=count)
    return _(
        "Nothing was changed: the request has been modified since you opened the page. It now asks for %(what)s. "
        "Read it again, then answer.",
        what=what,
    )


@worded("nothing_to_undo")
def _nothing_to_undo(facts: Facts) -> str:
    if facts["at"] is None:
        return _("This request waits for an answer: there is no decision to take back.")
    return _(
        "This decision was taken back already, by %(who)s, %(moment)s: the request waits for an answer again.",
        who=doer_words(facts["by"], is_own=facts["is_own"]),
        moment=moment(facts["at"], facts["timezone"]),
    )
