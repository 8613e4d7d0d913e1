"""Why something about temperatures and incidents is refused, and what can be done instead, in words."""

from flask_babel import gettext as _
from flask_babel import ngettext as _n

from app.accounts.words import doer_words
from app.bookings.words.pieces import moment
from app.supply.lots.policy import LotPermission
from app.supply.lots.words import degrees
from app.web.words import Facts, refuses, worded


@worded("incident_closed")
def _incident_closed(facts: Facts) -> str:
    told = {
        "who": doer_words(facts["by"], is_own=facts["is_own"]),
        "moment": moment(facts["at"], facts["timezone"]),
    }
    if facts["mistyped"]:
        return _(
            "This incident was closed as a typing mistake, by %(who)s, %(moment)s: nothing was too warm, and no lot is "
            "blocked by it. Where something has to be destroyed all the same, do it on the page of the lot.",
            **told,
        )
    return _(
        "This incident was already closed, by %(who)s, %(moment)s: what was said of each lot then stands below, and "
        "holds. Where a lot has to be destroyed all the same, do it on the page of the lot.",
        **told,
    )


@worded("measured_anew")
def _measured_anew(facts: Facts) -> str:
    told = {
        "was": degrees(facts["was"]),
        "right": degrees(facts["right"]),
        "who": doer_words(facts["by"], is_own=facts["is_own"]),
        "moment": moment(facts["at"], facts["timezone"]),
        "reason": facts["reason"] or "–",
    }
    return _(
        "Nothing was closed: since you opened this form, %(was)s was corrected to %(right)s, by %(who)s, %(moment)s "
        "(%(reason)s). What you typed is still here. Look again at what becomes of each lot, then close the incident; "
        "where it was only mistyped, close it as a typing mistake.",
        **told,
    )


@worded("temperature_odd")
def _temperature_odd(facts: Facts) -> str:
    told = {"coldest": degrees(facts["coldest"]), "warmest": degrees(facts["warmest"])}
    return _("Type what the thermometer shows, between %(coldest)s and %(warmest)s.", **told)


@refuses(LotPermission.SEE_INCIDENT, LotPermission.CLOSE_INCIDENT)
def _not_answering_for_it() -> str:
    return _("Who answers for the place or gave the food closes this, and the coordination. Call them.")


@worded("not_answering")
def _not_answering(_facts: Facts) -> str:
    return _("Only who manages this place, or gave the food, can do this, and the coordination. Call them.")


@refuses(LotPermission.CORRECT_READING)
def _not_your_reading() -> str:
    return _("Only who noted this reading, or manages the place, corrects it. Call them.")


@worded("reading_settled")
def _reading_settled(facts: Facts) -> str:
    return _n(
        "A reading is corrected within %(num)s hour. Note how warm it is now, and say in the incident what was wrong.",
        "A reading is corrected within %(num)s hours. Note how warm it is now, and say in the incident what was wrong.",
        facts["hours"],
    )


@worded("reading_counts")
def _reading_counts(facts: Facts) -> str:
    if facts["mistyped"]:
        return _(
            "Incident %(incident)s was closed as a typing mistake, on what this reading was corrected to: it stays as "
            "it is. Too warm after all? Note how warm it is now: that opens an incident.",
            **facts,
        )
    return _(
        "Incident %(incident)s was closed on this reading: it stays as it is. Note how warm it is now.",
        **facts,
    )


@worded("not_a_store")
def _not_a_store(facts: Facts) -> str:
    return _(
        "Nobody said which temperature “%(place)s” keeps. Say it among its facts, then note readings.",
        **facts,
    )


@worded("lot_flagged")
def _lot_flagged(facts: Facts) -> str:
    return _(
        "The cold chain of “%(product)s” broke: nobody hands it over before incident %(incident)s is closed. "
        "Who answers for it says whether it can be eaten.",
        **facts,
    )


@worded("outcome_missing")
def _outcome_missing(facts: Facts) -> str:
    return _("Say what becomes of “%(product)s”: it can be eaten, or it is destroyed.", **facts)


@worded("not_cold_again")
def _not_cold_again(facts: Facts) -> str:
    return _(
        "“%(place)s” is closed out of its incident once it is in range: type what the thermometer shows now. "
        "Still too warm, or nothing to be read? Say why it is closed all the same.",
        **facts,
    )


@worded("still_alarm")
def _still_alarm(_facts: Facts) -> str:
    return _(
        "What was measured is still an alarm. Correct the reading that was mistyped, or say what was done and what "
        "becomes of the lots."
    )


@worded("place_broken")
def _place_broken(facts: Facts) -> str:
    refused = _(
        "The cold chain of “%(place)s” broke: nothing is put there before incident %(incident)s is closed.",
        **facts,
    )
    if facts["fitting"]:
        instead = _("These fit meanwhile: %(fitting)s.", fitting=", ".join(facts["fitting"]))
    else:
        instead = _("No other shared place fits. Ask the coordination for one.")
    return f"{refused} {instead}"
