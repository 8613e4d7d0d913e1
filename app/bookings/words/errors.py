"""The refusals of bookings in words: why not, and what instead."""

from flask_babel import gettext as _
from flask_babel import ngettext as _n

from app.bookings.words.pieces import moment, priority_words
from app.bookings.words.quotas import too_late_words
from app.web.format import span_words
from app.web.words import Facts, worded


@worded("purpose_missing")
def _purpose_missing(_facts: Facts) -> str:
    return _("Say in a few words what you will do there: it helps the manager to answer quickly.")


@worded("too_many_passengers")
def _too_many_passengers(facts: Facts) -> str:
    return _n(
        "It has %(seats)s seats with the driver's: %(num)s passenger at most, and you announce %(asked)s. "
        "Ask for a larger vehicle, or go twice.",
        "It has %(seats)s seats with the driver's: %(num)s passengers at most, and you announce %(asked)s. "
        "Ask for a larger vehicle, or go twice.",
        facts["most"],
        seats=facts["seats"],
        asked=facts["asked"],
    )


@worded("too_few_seats")
def _too_few_seats(facts: Facts) -> str:
    if "name" in facts:
        return _(
            "With “%(name)s”, the vehicles of this request take %(most)s passengers besides their drivers; "
            "it announces %(asked)s. Propose a larger vehicle, or another time for the one they asked for.",
            name=facts["name"],
            most=facts["most"],
            asked=facts["asked"],
        )
    return _n(
        "Together these vehicles take %(num)s passenger besides their drivers, and you announce %(asked)s. "
        "Add a vehicle, choose a larger one, or go twice.",
        "Together these vehicles take %(num)s passengers besides their drivers, and you announce %(asked)s. "
        "Add a vehicle, choose a larger one, or go twice.",
        facts["most"],
        asked=facts["asked"],
    )


@worded("place_too_small")
def _place_too_small(facts: Facts) -> str:
    return _n(
        "The request announces %(num)s passenger, and “%(name)s” has %(seats)s seats with the driver's. "
        "Propose a larger vehicle, or another time for the one they asked for.",
        "The request announces %(num)s passengers, and “%(name)s” has %(seats)s seats with the driver's. "
        "Propose a larger vehicle, or another time for the one they asked for.",
        facts["asked"],
        name=facts["name"],
        seats=facts["seats"],
    )


@worded("licence_not_confirmed")
def _licence_not_confirmed(facts: Facts) -> str:
    return _n(
        "Whoever drives “%(name)s” must have held their licence for at least %(num)s year, and this is not confirmed. "
        "Confirm it if it is so; otherwise let somebody else drive, or choose another vehicle.",
        "Whoever drives “%(name)s” must have held their licence for at least %(num)s years, and this is not confirmed. "
        "Confirm it if it is so; otherwise let somebody else drive, or choose another vehicle.",
        facts["years"],
        name=facts["name"],
    )


@worded("not_your_organisation")
def _not_your_organisation(_facts: Facts) -> str:
    return _("You cannot ask for this organisation. Choose one of yours, or ask to join it first.")


@worded("organisation_not_active")
def _organisation_not_active(facts: Facts) -> str:
    return _(
        "%(name)s does not take part here yet. Choose another organisation, or ask the coordination of the territory.",
        name=facts.get("name") or _("This organisation"),
    )


@worded("key_reused")
def _key_reused(_facts: Facts) -> str:
    return _(
        "This has already been sent with other answers. Look at what came of it, or send this one as something new."
    )


@worded("already_over")
def _already_over(_facts: Facts) -> str:
    return _(
        "This booking is over: nothing can be changed any more. Write a message if something needs to be said."
    )


@worded("has_begun")
def _has_begun(facts: Facts) -> str:
    if facts.get("given_up"):
        return _(
            "This booking has begun: it cannot be given up any more. Choose “Change” and an earlier end, and the rest "
            "is free for others."
        )
    if facts["longer"]:
        return _(
            "This booking has begun, and more time needs an answer first. Ask for the time after it as a request of "
            "its own, or choose an end before the present one."
        )
    return _(
        "This booking has begun: only its end can change, to a time still to come. For another day, start or quantity, "
        "make a new request."
    )


@worded("nobody_came")
def _nobody_came(_facts: Facts) -> str:
    return _(
        "It was noted that nobody came: this booking stays as it was. If somebody was there, write a message; for "
        "another time, make a new request."
    )


@worded("bookings_hit")
def _bookings_hit(facts: Facts) -> str:
    if facts.get("lacks") == "reason":
        return _(
            "Give a reason of at most %(most)s letters: the people concerned will read it.", most=facts["max"]
        )
    return _("Bookings are in the way. Look at the list, then choose whether to keep them or to cancel them.")


@worded("no_function")
def _no_function(_facts: Facts) -> str:
    return _(
        "A technical manager and an elected official have to agree here, and you hold neither function at this site. "
        "You can refuse the request, or have a function given to you on the page of the site."
    )


@worded("out_of_turn")
def _out_of_turn(facts: Facts) -> str:
    told = {
        "organisation": facts["organisation"],
        "class": priority_words(str(facts["priority"])),
        "resource": facts["resource"],
        "when": span_words(facts["span"], str(facts["timezone"])),
    }
    if facts["field"] == "message":
        return _(
            "“%(organisation)s” waits for %(resource)s, %(when)s, and comes before by the priority of the place "
            "(%(class)s). To propose it all the same, write why in your message: both organisations read it.",
            **told,
        )
    return _(
        "“%(organisation)s” comes before for %(resource)s, %(when)s, by the priority of the place (%(class)s). "
        "To accept this request all the same, write why: both organisations read it.",
        **told,
    )


@worded("already_agreed")
def _already_agreed(_facts: Facts) -> str:
    return _(
        "You have agreed already, and the same person counts once. Somebody else has to agree too; "
        "you can still refuse the request."
    )


@worded("function_given")
def _function_given(facts: Facts) -> str:
    if "elected" in facts["awaited"]:
        return _("The technical side has agreed already. An elected official has to agree now.")
    return _("An elected official has agreed already. A technical manager has to agree now.")


@worded("not_your_yes")
def _not_your_yes(_facts: Facts) -> str:
    return _(
        "Two people agreed here, and each takes back only their own yes. "
        "You can cancel the booking, or write to those who agreed."
    )


@worded("absence_not_told")
def _absence_not_told(facts: Facts) -> str:
    if facts.get("early"):
        return _("This booking has not begun yet. Note that nobody came once its time has come.")
    return _(
        "This booking is over for more than a month: nothing is noted any more. Write a message instead."
    )


@worded("asker_gone")
def _asker_gone(_facts: Facts) -> str:
    return _(
        "Who asked has erased their account since: nobody waits for this answer. Somebody else may ask again."
    )


@worded("too_late_to_undo")
def _too_late_to_undo(_facts: Facts) -> str:
    return _(
        "A decision can be taken back for ten minutes only. Cancel the booking, or write to the other side."
    )


@worded("cannot_give_back")
def _cannot_give_back(_facts: Facts) -> str:
    return _(
        "This yes called back what others had borrowed, and they have been told. It cannot be taken back: cancel the "
        "booking with a reason, or write to the other side."
    )


@worded("nothing_changed")
def _nothing_changed(_facts: Facts) -> str:
    return _("This is the present time and quantity. Choose others, or keep the booking as it is.")


@worded("booking_not_found")
def _booking_not_found(_facts: Facts) -> str:
    return _("There is no such booking, or it is not yours to see. Your own are under “My bookings”.")


@worded("decision_link_used")
def _decision_link_used(_facts: Facts) -> str:
    return _(
        "This link has already been used: the answer is given. Sign in to see the request or to change the answer."
    )


@worded("decision_link_expired")
def _decision_link_expired(_facts: Facts) -> str:
    return _(
        "This link is too old to decide with. Sign in: the request is under “To handle” if it still waits."
    )


@worded("proposal_waits")
def _proposal_waits(_facts: Facts) -> str:
    return _(
        "A proposal for this request waits for an answer already. Withdraw it, or propose something else in its place."
    )


@worded("proposal_over")
def _proposal_over(_facts: Facts) -> str:
    return _(
        "The time to accept this proposal is over. Your request waits for an answer again; write to the place if the "
        "proposed slot still suits you."
    )


@worded("not_your_place")
def _not_your_place(_facts: Facts) -> str:
    return _(
        "You can only propose places you answer for. Choose one of yours, or ask the coordination to mediate."
    )


@worded("series_place_fixed")
def _series_place_fixed(_facts: Facts) -> str:
    return _(
        "One date of a series stays at the place of the series. Propose another time there, or refuse this date and "
        "say which place would be free."
    )


@worded("answer_too_late")
def _answer_too_late(facts: Facts) -> str:
    return _(
        "This request could be answered until %(moment)s: it now ends without an answer. If the place still agrees, "
        "write to whoever asked: they can send a new request, for this time or another one.",
        moment=moment(facts["until"], facts["timezone"]),
    )


@worded("recall_too_late")
def _recall_too_late(facts: Facts) -> str:
    return too_late_words(int(facts["hours"]), moment(facts["recall_from"], facts["timezone"]))


@worded("moved_meanwhile")
def _moved_meanwhile(_facts: Facts) -> str:
    return _(
        "This booking has just moved to another place. Reload the page to see where it stands, then try again."
    )


@worded("slot_is_free")
def _slot_is_free(_facts: Facts) -> str:
    return _("This slot is free: there is nothing to wait for. Ask for it now.")


@worded("offer_over")
def _offer_over(_facts: Facts) -> str:
    return _(
        "This offer is over: the slot was kept for as long as we could, and the next in line had their turn. "
        "You can join the list again."
    )


@worded("waits_too_much")
def _waits_too_much(facts: Facts) -> str:
    return _(
        "You wait for %(most)s slots already. Leave a list you no longer need first.", most=facts["most"]
    )
