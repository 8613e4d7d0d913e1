"""Why something about lots or hand-over notes is refused, and what can be done instead, in words."""

from flask_babel import gettext as _
from flask_babel import ngettext as _n

from app.accounts.food_aid import Standing
from app.accounts.food_aid_words import remedy_words, warning_words
from app.accounts.words import doer_words
from app.bookings.words.pieces import moment
from app.supply.cargo_words import REGIMES, kilos
from app.supply.lots.policy import LotPermission
from app.supply.lots.rules import NoteState, Settled
from app.supply.lots.words import degrees
from app.web.format import day
from app.web.words import Facts, refuses, worded


@refuses(LotPermission.ENTER)
def _no_organisation() -> str:
    return _("Lots are those of organisations of the territory. Join yours, then come back.")


@refuses(LotPermission.SEE, LotPermission.SEE_NOTE)
def _not_a_side() -> str:
    return _(
        "Only the organisations that had it, who manages where it lies, and the coordination see this. "
        "Ask the one it came from."
    )


@refuses(LotPermission.KEEP, LotPermission.GIVE, LotPermission.RECALL)
def _not_yours() -> str:
    return _("Only the members of the organisation whose lot it is can do this. Write to it, or call it.")


@refuses(LotPermission.RECEIVE)
def _not_for_you() -> str:
    return _("Only the organisation it is for can sign for it, or refuse it. Call it, or the one that gives.")


def not_authorised_words(standing: Standing, name: str) -> str:
    """Say why food aid cannot be handed over, and the ways there are."""
    return _(
        "%(why)s %(remedy)s If a chain brings it, the coordination can allow it there. If it is no food aid, say so.",
        why=warning_words(standing, name),
        remedy=remedy_words(standing),
    )


@worded("not_our_lot")
def _not_our_lot(_facts: Facts) -> str:
    return _("You do not act for the organisation whose lot this is. Choose one of yours.")


@worded("not_authorised")
def _not_authorised(facts: Facts) -> str:
    return not_authorised_words(facts["standing"], facts["name"])


@worded("note_corrected")
def _note_corrected(facts: Facts) -> str:
    return _(
        "Nothing was signed: since you opened this page the note was corrected, by %(who)s, %(moment)s. It stands here "
        "as it is now: read it again, then sign.",
        who=doer_words(facts["by"], is_own=facts["is_own"]),
        moment=moment(facts["at"], facts["timezone"]),
    )


@worded("note_moved_on")
def _note_moved_on(facts: Facts) -> str:
    if facts["at"] is None:
        return _("Who gives has not signed this note yet. Let them sign first.")
    told = {
        "who": doer_words(facts["by"], is_own=facts["is_own"]),
        "moment": moment(facts["at"], facts["timezone"]),
    }
    match facts["state"]:
        case NoteState.GIVEN:
            return _(
                "This note was already signed on the side that gives, by %(who)s, %(moment)s: the receiver signs next. "
                "To change something, cancel it and write a new one.",
                **told,
            )
        case NoteState.RECEIVED if facts["tenths"] is not None:
            return _(
                "What it hands over was already received, at %(degrees)s, by %(who)s, %(moment)s. What is signed does "
                "not change any more: where that is wrong, tell the other organisation.",
                degrees=degrees(facts["tenths"]),
                **told,
            )
        case NoteState.RECEIVED:
            return _(
                "What it hands over was already received, by %(who)s, %(moment)s. What is signed does not change any "
                "more: where that is wrong, tell the other organisation.",
                **told,
            )
        case NoteState.DISTRIBUTED:
            return _(
                "It was already signed as distributed, by %(who)s, %(moment)s: nothing is left to sign.",
                **told,
            )
        case NoteState.REFUSED:
            return _(
                "This note was refused, by %(who)s, %(moment)s: all of it stays with who gives. "
                "To hand it over after all, a new note is written.",
                **told,
            )
    return _(
        "This note was cancelled, by %(who)s, %(moment)s: it hands nothing over any more. "
        "To hand it over after all, who gives writes a new note.",
        **told,
    )


@worded("lot_short")
def _lot_short(facts: Facts) -> str:
    told = {"product": facts["product"], "left": kilos(facts["left"])}
    if facts["waiting"]:
        return _lot_warm(kilos(facts["waiting"]), told, is_some_left=facts["left"] > 0)
    if not facts["left"]:
        return _("Nothing is left of “%(product)s”: take it off this note.", product=facts["product"])
    return _("Only %(left)s are left of “%(product)s”. Hand over that, or less.", **told)


def _lot_warm(waiting: str, told: Facts, *, is_some_left: bool) -> str:
    if not is_some_left:
        return _(
            "All that is left of “%(product)s”, %(waiting)s, came back too warm: nobody hands it over before its "
            "incident is closed. The page of the lot leads to it.",
            waiting=waiting,
            **told,
        )
    return _(
        "Only %(left)s of “%(product)s” can be handed over: %(waiting)s more came back too warm and wait until their "
        "incident is closed. Hand over that, or less.",
        waiting=waiting,
        **told,
    )


@worded("lot_twice")
def _lot_twice(facts: Facts) -> str:
    told = {"entered": kilos(facts["entered"]), "carried": kilos(facts["carried"])}
    if not facts["entered"]:
        return _(
            "%(typed)s of “%(product)s” are more than the chain carries: %(carried)s. Check the weight; if there is "
            "really so much, say so.",
            typed=kilos(facts["typed"]),
            product=facts["product"],
            carried=told["carried"],
        )
    return _(
        "%(entered)s of “%(product)s” have been entered for this chain already; it carries %(carried)s. If this is the "
        "same, there is nothing to do: hand it over from the page of the chain. If it is more, say so.",
        product=facts["product"],
        **told,
    )


@worded("lot_spoilt")
def _lot_spoilt(facts: Facts) -> str:
    told = {"product": facts["product"], "day": day(facts["use_by"])}
    return _(
        "The use-by date of “%(product)s” was %(day)s: it cannot be handed over. Note that it was destroyed.",
        **told,
    )


@worded("lot_gone")
def _lot_gone(facts: Facts) -> str:
    return _("“%(product)s” was destroyed: there is nothing to hand over. Choose another lot.", **facts)


@worded("lot_promised")
def _lot_promised(facts: Facts) -> str:
    return _(
        "Notes hand over all of “%(product)s”. Cancel those that nobody has received, then destroy it.",
        **facts,
    )


def settled_words(reason: Settled) -> str:
    """Say why a lot is not corrected any more, and what can be done instead."""
    match reason:
        case Settled.DRAFTED:
            return _(
                "A note that nobody has signed hands some of it over. Cancel that note, then correct the lot."
            )
        case Settled.SIGNED:
            return _(
                "A note with this lot was signed: what both sides read stays as it is. Enter what is right as another "
                "lot, and take what is left of this one out as destroyed, with the reason."
            )
        case Settled.RECEIVED:
            return _(
                "It came by a note, and is as both sides signed it. Agree with who gave it on another note."
            )
        case Settled.MADE:
            return _(
                "Something was made of it already. Correct that, or take what is left out as destroyed, "
                "with the reason."
            )
        case Settled.CONCERNED:
            return _(
                "An incident says what it was when the cold chain broke. Write in the incident what was wrong."
            )
        case Settled.GONE:
            return _(
                "What was left of it was destroyed: it stays as it was. Enter another lot if there is more."
            )


@worded("lot_settled")
def _lot_settled(facts: Facts) -> str:
    return settled_words(facts["reason"])


@worded("temperature_missing")
def _temperature_missing(_facts: Facts) -> str:
    return _("Chilled and frozen food is measured when it changes hands: type what the thermometer shows.")


@worded("signature_missing")
def _signature_missing(_facts: Facts) -> str:
    return _("Type the name of who signs: first name and name.")


@refuses(LotPermission.ANSWER)
def _not_in_your_name() -> str:
    return _("Only the members of the organisation in whose name it was signed say so. Ask one of them.")


@worded("cannot_answer")
def _cannot_answer(facts: Facts) -> str:
    match facts["reason"]:
        case "over":
            return _n(
                "More than %(num)s day has passed since it was signed. Write to who gave, and to the coordination.",
                "More than %(num)s days have passed since it was signed. Write to who gave, and to the coordination.",
                facts["days"],
            )
        case "answered":
            return _("Somebody of yours has answered already: this page says what. Talk with them first.")
        case _:
            return _("It was signed with an account of the receiver. Write to who gave to correct it.")


@worded("received_odd")
def _received_odd(facts: Facts) -> str:
    return _(
        "Type what came, at most %(given)s. If nothing came or nothing can be taken, refuse the hand-over.",
        given=kilos(facts["given"]),
    )


@refuses(LotPermission.PREPARE_PACK)
def _not_a_member() -> str:
    return _("Only the members of this organisation prepare this. Ask one of them for a link.")


@worded("bad_period")
def _bad_period(facts: Facts) -> str:
    return _n(
        "Choose a first day, then a last one that is not to come, %(num)s day later at most.",
        "Choose a first day, then a last one that is not to come, %(num)s days later at most.",
        facts["days"],
    )


@worded("too_many_inspection_links")
def _too_many_inspection_links(facts: Facts) -> str:
    return _n(
        "There is %(num)s link already. End it, then make another.",
        "There are %(num)s links already. End one that nobody needs, then make another.",
        facts["most"],
    )


@worded("inspection_over")
def _inspection_over(facts: Facts) -> str:
    if not facts["organisation"]:
        return _(
            "This link has expired, or was ended. Ask the organisation that gave it to you for a new one."
        )
    told = {"name": facts["organisation"], "moment": moment(facts["at"], facts["timezone"])}
    if facts["ended"]:
        return _(
            "“%(name)s” ended this link, %(moment)s. Ask it for a new one if you still have to check.", **told
        )
    return _(
        "This link expired, %(moment)s. Ask “%(name)s” for a new one if you still have to check.", **told
    )


@worded("place_unfit")
def _place_unfit(facts: Facts) -> str:
    told = {
        "place": facts["place"],
        "keeps": REGIMES[facts["keeps"]] if facts["keeps"] else _("an unknown temperature"),
        "needs": REGIMES[facts["regime"]],
    }
    if not facts["fitting"]:
        return _(
            "“%(place)s” keeps another temperature (%(keeps)s) than this lot needs (%(needs)s), "
            "and no shared place fits. Ask the coordination for one.",
            **told,
        )
    return _(
        "“%(place)s” keeps another temperature (%(keeps)s) than this lot needs (%(needs)s). These fit: %(fitting)s.",
        fitting=", ".join(facts["fitting"]),
        **told,
    )


@worded("bad_lot")
def _bad_lot(facts: Facts) -> str:
    match facts["reason"]:
        case "amount":
            most = kilos(facts["most"])
            return _("A lot is more than nothing and at most %(most)s. Check the weight.", most=most)
        case "package":
            return _("Type what one package holds, for instance 12.")
        case "origin":
            return _("Say who it came from: an organisation of the list, or a name in words, not both.")
        case "use_by":
            return _(
                "This use-by date is past: nobody may eat it, so it is no lot. Check the date, or destroy it."
            )
        case "received_on":
            return _("This day is still to come: enter the lot once it is there.")
        case _:
            return _("Say what it is in a few words, for instance “Courgettes”.")


@worded("bad_handover")
def _bad_handover(facts: Facts) -> str:
    match facts["reason"]:
        case "same_side":
            return _("It is yours already. Choose who receives it.")
        case "receiver":
            return _("Choose an organisation of your territory, or a distribution.")
        case "people":
            return _("Type how many people it is distributed to. Never note who they are.")
        case "packages":
            return _("Type how many packages there are, for instance 34.")
        case "at":
            return _("This day is too far away. Choose the day of the hand-over.")
        case "early":
            told = {"product": facts["product"], "day": day(facts["day"], year=True)}
            return _(
                "“%(product)s” came on %(day)s: it cannot have been handed over before. Check the day of the "
                "hand-over, or the day it came.",
                **told,
            )
        case "too_many":
            return _n(
                "A note has %(num)s lot at most: write another one for the rest.",
                "A note has %(num)s lots at most: write another one for the rest.",
                facts["most"],
            )
        case _:
            return _("Type how many kilos of at least one lot are handed over.")
