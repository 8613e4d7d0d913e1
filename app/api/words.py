"""The sentences of the API: what is wrong with a request and what to send instead."""

from collections.abc import Mapping

from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.web.format import number
from app.web.words import Facts, worded

OPERATIONS: Mapping[str, LazyString] = {
    "findResources": _l("Finds resources, the nearest first, and tells when each is free next."),
    "getResource": _l("Reads one resource with its hours and terms."),
    "getFreeWindows": _l("Lists when a quantity of a resource can be booked, 92 days at most."),
    "ask": _l(
        "Asks for a slot, with legs for several resources, with repeat again and again: held while the managers "
        "answer, or yours at once."
    ),
    "getBundle": _l("Reads a request for several resources with its elements."),
    "getSeries": _l("Reads a series with its dates."),
    "findBookings": _l("Lists the bookings you have to do with, the earliest first."),
    "getBooking": _l("Reads one booking."),
    "approve": _l("Accepts a request."),
    "refuse": _l("Refuses a request, with a reason."),
    "acceptProposal": _l("Takes the slot that is proposed instead of what was asked for."),
    "declineProposal": _l("Keeps what was asked for instead of what is proposed."),
    "tellAbsence": _l("Notes that nobody came to an accepted booking."),
    "approveSeries": _l("Accepts all dates of a series that wait, or those of them that are free."),
    "refuseSeries": _l("Refuses all dates of a series that wait, with a reason."),
    "wait": _l("Joins the waiting list of a slot that others have, or asks to be told when it is free."),
    "findWaiting": _l("Lists what you still wait for, what is offered to you first."),
    "getWaiting": _l("Reads your place in line, and what is offered to you."),
    "takeOffer": _l("Takes what is offered to you from the waiting list."),
    "leaveLine": _l("Leaves the line, or declines what is offered."),
    "listChains": _l("Lists the chains you have to do with: what each carries, and where it stands."),
    "getChain": _l("Reads one chain: what it carries, what each leg is there for, and its request."),
    "getChainCosts": _l("Reads what each leg and the goods of a chain come to, and who bears how much."),
    "planChain": _l("Finds plans for what is to be carried, each with its cost; nothing is asked for."),
    "askChain": _l("Asks for all legs of a plan, or for none: each is answered by its place."),
    "cancelChain": _l("Gives a chain up, with a reason."),
    "findInsteadOfLeg": _l(
        "Finds what fits in the place of a lost leg of a chain, and why the rest does not."
    ),
    "replaceLeg": _l("Asks for something else in the place of a lost leg of a chain."),
    "findSurplus": _l("Lists what is offered of surplus food around you, the nearest first."),
    "getSurplus": _l("Reads one offer of surplus food, and what is left of it."),
    "postSurplus": _l("Offers what an organisation has too much of."),
    "withdrawSurplus": _l(
        "Offers it no longer, with a reason: what was taken and not collected is cancelled."
    ),
    "takeSurplus": _l("Takes a part of an offer, or all that is left of it."),
    "findNeeds": _l("Lists what organisations around you look for, what ends first comes first."),
    "getNeed": _l("Reads one need."),
    "postNeed": _l("Looks for food or for a place, in the name of an organisation."),
    "closeNeed": _l("Looks for it no longer: it was found, or is not needed any more."),
    "findGleanings": _l("Lists the gleanings to come around you, the first first."),
    "getGleaning": _l("Reads one call for gleaners, and how many people come."),
    "signUp": _l("Signs you up for a gleaning, alone or with others; again, to say another number."),
    "leaveGleaning": _l("Withdraws from a gleaning: the place goes to who is next."),
    "findPurchases": _l("Lists what can be ordered together around you, what ends first first."),
    "getPurchase": _l("Reads one group purchase, and how much of it is ordered."),
    "orderShare": _l("Orders so much for an organisation; again, to order more or less."),
    "withdrawShare": _l("Orders nothing after all, until the deadline."),
    "findLots": _l("Lists the lots you have to do with, the last first, with what is left of each."),
    "getLot": _l("Reads one lot: one step back, one step forward."),
    "findHandovers": _l("Lists the hand-over notes of your organisations, the last first."),
    "getHandover": _l("Reads one hand-over note, with its two signatures."),
    "enterLot": _l("Enters what an organisation has: how much of what, from whom, until when it is good."),
    "storeLot": _l("Says in which storage place a lot is now."),
    "draftHandover": _l("Writes a hand-over note: what it hands over is nobody else’s from now on."),
    "giveHandover": _l("Signs, as yourself, that it was handed over."),
    "receiveHandover": _l("Signs, as yourself, that it came, all of it or less."),
    "refuseHandover": _l("Takes nothing of it, with a reason: all of it stays with the giver."),
    "noteReading": _l("Notes how warm a storage place is now; an alarm blocks the lots in it."),
    "cancel": _l("Cancels from either side, with a reason; of a series one date, the following too, or all."),
}


@worded("token_needed")
def _token_needed(_facts: Facts) -> str:
    return _("Send a personal token as “Authorization: Bearer …”. Make one under “My account”.")


@worded("token_unknown")
def _token_unknown(_facts: Facts) -> str:
    return _(
        "This token opens nothing: it was revoked, or is not complete. Make another one under “My account”."
    )


@worded("authorization_unreadable")
def _authorization_unreadable(_facts: Facts) -> str:
    return _("The Authorization header must read “Bearer” and a personal token.")


@worded("body_unreadable")
def _body_unreadable(_facts: Facts) -> str:
    return _("The body is not valid JSON (UTF-8). Check commas, quotes and brackets.")


@worded("body_not_json")
def _body_not_json(_facts: Facts) -> str:
    return _("Send the body as JSON, with “Content-Type: application/json” and no compression.")


# -- fields -------------------------------------------------------------------------------------------------


@worded("bad_day")
def _bad_day(_facts: Facts) -> str:
    return _("Write a day as 2026-10-06.")


@worded("bad_half_hour")
def _bad_time(_facts: Facts) -> str:
    return _("Write a time of day in half hours, such as 08:30.")


@worded("of_other_sort")
def _of_other_sort(_facts: Facts) -> str:
    return _("This belongs to the other sort of need. Leave it out, or change “sort”.")


@worded("recall_alone")
def _recall_alone(_facts: Facts) -> str:
    return _(
        "A quota is called back for one slot. Ask for that slot alone, without “legs” and without “repeat”."
    )


@worded("days_only_weekly")
def _days_only_weekly(_facts: Facts) -> str:
    return _("Days of the week count only with the frequency “weekly”. Choose it, or leave the days out.")


@worded("date_unanswered")
def _date_unanswered(_facts: Facts) -> str:
    return _("Say what becomes of this date: “skip”, “quantity”, “start” and “end”, or another “resource”.")


@worded("fewer_alone")
def _fewer_alone(_facts: Facts) -> str:
    return _(
        "Fewer are asked for at the usual time and place. Leave “quantity” out of this date, or all else."
    )


@worded("not_fewer")
def _not_fewer(facts: Facts) -> str:
    return _(
        "The series is for %(most)s, and this date would be for no less. Leave its “quantity” out, or lower it.",
        most=facts["most"],
    )


@worded("field_missing")
def _field_missing(_facts: Facts) -> str:
    return _("This field is needed.")


@worded("field_empty")
def _field_empty(_facts: Facts) -> str:
    return _("This field may not be empty.")


@worded("field_unknown")
def _field_unknown(_facts: Facts) -> str:
    return _("There is no such field here. Check its spelling in the documentation.")


@worded("not_object")
def _not_object(_facts: Facts) -> str:
    return _("The body must be a JSON object: {…}.")


@worded("not_text")
def _not_text(_facts: Facts) -> str:
    return _("This must be a text, in quotation marks.")


@worded("bad_text")
def _bad_text(_facts: Facts) -> str:
    return _("This text holds a letter that cannot be kept. Remove it.")


@worded("not_whole_number")
def _not_whole_number(_facts: Facts) -> str:
    return _("This must be a whole number.")


@worded("not_number")
def _not_number(_facts: Facts) -> str:
    return _("This must be a number, like 12 or 3.5.")


@worded("not_yes_or_no")
def _not_yes_or_no(_facts: Facts) -> str:
    return _("This must be true or false.")


@worded("too_small")
def _too_small(facts: Facts) -> str:
    return _("This is too small: at least %(least)s.", least=number(facts["min"]))


@worded("too_big")
def _too_big(facts: Facts) -> str:
    return _("This is too big: at most %(most)s.", most=number(facts["max"]))


@worded("too_many_values")
def _too_many_values(facts: Facts) -> str:
    return _("These are too many values: at most %(most)s.", most=number(facts["max"]))


@worded("too_few_values")
def _too_few_values(facts: Facts) -> str:
    return _("Give more values: at least %(least)s.", least=number(facts["min"]))


@worded("not_list")
def _not_list(_facts: Facts) -> str:
    return _("This must be a list, in square brackets.")


@worded("not_one_of")
def _not_one_of(facts: Facts) -> str:
    return _("This must be one of: %(choices)s.", choices=", ".join(facts["choices"]))


@worded("bad_key")
def _bad_key(_facts: Facts) -> str:
    return _("A key is one word of letters, digits and signs, without accents or spaces.")


@worded("bad_cursor")
def _bad_cursor(_facts: Facts) -> str:
    return _("This is no cursor of ours: send back “next_cursor” as it came, or leave it out to begin again.")


# -- times and places ---------------------------------------------------------------------------------------


@worded("bad_instant")
def _bad_instant(_facts: Facts) -> str:
    return _("This is no instant. Write it like 2026-10-06T08:00:00+02:00, in whole seconds.")


@worded("no_offset")
def _no_offset(_facts: Facts) -> str:
    return _("This instant has no offset, so it could mean several. Add it: +02:00, or Z for UTC.")


@worded("far_instant")
def _far_instant(_facts: Facts) -> str:
    return _("This instant is too far away. Choose one between 2000 and 2099.")


@worded("start_or_end_missing")
def _start_or_end_missing(_facts: Facts) -> str:
    return _("Give both “start” and “end”, or neither.")


@worded("window_too_long")
def _window_too_long(facts: Facts) -> str:
    return _("This is too long: at most %(days)s days at a time.", days=facts["days"])


@worded("lat_or_lon_missing")
def _lat_or_lon_missing(_facts: Facts) -> str:
    return _("Give both “lat” and “lon”, or neither.")


@worded("two_places")
def _two_places(_facts: Facts) -> str:
    return _("Give a commune or a point, not both.")


@worded("place_missing")
def _place_missing(_facts: Facts) -> str:
    return _("A radius needs a place: give “commune”, or “lat” and “lon”.")


@worded("kind_needed")
def _kind_needed(_facts: Facts) -> str:
    return _("Facts belong to a kind: give “kind” too.")


@worded("bad_fact")
def _bad_fact(_facts: Facts) -> str:
    return _("Write a fact as key:value, such as meals_per_day:200.")


@worded("destination_unclear")
def _destination_unclear(_facts: Facts) -> str:
    return _("With the goal “place”, and only then, give “to_site” or “to_commune”, one of the two.")


@worded("part_or_offer")
def _part_or_offer(_facts: Facts) -> str:
    return _("Give “part” or “offer”, not both: a chain carries the one or the other.")


@worded("organisation_missing")
def _organisation_missing(_facts: Facts) -> str:
    return _("Say for which organisation you ask: its id or its short name.")
