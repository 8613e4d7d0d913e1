"""Words for lots and hand-over notes: what there is, how warm it was, where it stands, why something is refused."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext as _n

from app.accounts.food_aid import Standing
from app.accounts.food_aid_words import remedy_words, warning_words
from app.accounts.models import Territory
from app.accounts.words import person_name
from app.supply.cargo import Regime
from app.supply.cargo_words import REGIMES, kilos, packages_words
from app.supply.lots.limits import LIMITS, Limits, Source, Verdict, strictest
from app.supply.lots.models import Handover, Incident, Lot
from app.supply.lots.policy import LotPermission
from app.supply.lots.queries import today_in
from app.supply.lots.rules import IncidentState, LotState, NoteState, Outcome
from app.web.format import clock_time, day, number
from app.web.words import Facts, refuses, worded

NOTE_STATES: Final[Mapping[str, tuple[str, Any]]] = {  # the badge whose look it has, and its words
    NoteState.DRAFTED: ("pending", _l("to be signed by the giver")),
    NoteState.GIVEN: ("pending", _l("to be signed by the receiver")),
    NoteState.RECEIVED: ("approved", _l("received")),
    NoteState.DISTRIBUTED: ("approved", _l("distributed")),
    NoteState.REFUSED: ("refused", _l("refused")),
    NoteState.CANCELLED: ("cancelled", _l("cancelled")),
}
VERDICTS: Final[Mapping[str, tuple[str, Any]]] = {
    Verdict.FINE: ("approved", _l("cold enough")),
    Verdict.WARNING: ("pending", _l("too warm")),
    Verdict.ALARM: ("refused", _l("alarm")),
}
SOURCES: Final[Mapping[str, Any]] = {
    Source.DECREE: _l("decree of 21 December 2009, annex I"),
    Source.DEEP_FROZEN: _l("directive 89/108/EEC, article 5"),
    Source.USAGE: _l("common practice of the trade"),
    Source.PLACE: _l("said by whoever manages the place"),
}


def degrees(tenths: int) -> str:
    """Write a temperature: "3,5 °C", "−18 °C"."""
    return _("%(number)s °C", number=number(tenths / 10).replace("-", "−"))


def limits_words(limits: Limits) -> list[str]:
    """Say from where on it is too warm, each threshold with its source."""
    warn, alarm = limits.warn, limits.alarm
    return [
        _("Warning from %(degrees)s (%(source)s)", degrees=degrees(warn.tenths), source=SOURCES[warn.source]),
        _("Alarm from %(degrees)s (%(source)s)", degrees=degrees(alarm.tenths), source=SOURCES[alarm.source]),
    ]


def limits_of_lots(lots: Sequence[Lot]) -> Limits:
    """Give the limits of a load: those of what has to be coldest in it."""
    return LIMITS[strictest(Regime(lot.regime) for lot in lots)]


def moment_words(territory: Territory, at: datetime) -> str:
    """Write an instant by the clock of a territory, with its year: it is read years later."""
    tz = territory.timezone
    return _("%(day)s at %(time)s", day=day(at, tz=tz, year=True), time=clock_time(at, tz=tz))


def origin_words(lot: Lot) -> str:
    """Name who a lot came from."""
    return lot.origin_organisation.name if lot.origin_organisation else lot.origin


def place_words(lot: Lot) -> str:
    """Say where a lot is stored; empty where that is nowhere shared."""
    return f"{lot.resource.name}, {lot.resource.site.name}" if lot.resource else ""


def dates_words(lot: Lot) -> str:
    """Say until when a lot is good: its use-by date, else its best-before date."""
    if lot.use_by:
        return _("Use by %(day)s", day=day(lot.use_by))
    return _("Best before %(day)s", day=day(lot.best_before)) if lot.best_before else ""


def standing_words(lot: Lot, left: int) -> str:
    """Say in a few words what is left of a lot."""
    if lot.state == LotState.DESTROYED:
        return _("What was left of it was destroyed")
    return _("%(kilos)s left", kilos=kilos(left)) if left else _("Nothing is left of it")


def state_of(lot: Lot, left: int, *, is_flagged: bool = False) -> tuple[str, str]:
    """Give the badge of a lot and its words."""
    if is_flagged and lot.state == LotState.HELD:
        return "refused", _("cold chain broken: blocked")
    if lot.state == LotState.DESTROYED:
        return "refused", _("destroyed")
    if not left:
        return "done", _("all handed over")
    if lot.is_spoilt_on(today_in(lot.territory)):
        return "refused", _("use-by date past")
    if lot.best_before and lot.best_before < today_in(lot.territory):
        return "pending", _("best-before date past")
    return "approved", _("present")


def lot_facts(lot: Lot) -> list[tuple[str, str, str]]:
    """List what there is to know of a lot."""
    cargo = lot.cargo
    rows = [
        (_("Weight when it came"), kilos(lot.grams), "list"),
        (_("Packed in"), packages_words(lot.packaging or "", cargo.packages) if cargo else "", "archive"),
        (_("Temperature"), str(REGIMES[lot.regime]), "thermometer"),
        (_("Use-by date"), day(lot.use_by, year=True) if lot.use_by else "", "calendar"),
        (_("Best-before date"), day(lot.best_before, year=True) if lot.best_before else "", "calendar"),
        (_("Came on"), day(lot.received_on, year=True), "clock"),
        (_("Stored at"), place_words(lot), "storage"),
        (_("Number"), lot.public_id, "file"),
    ]
    return [row for row in rows if row[1]]


def receiver_words(note: Handover) -> str:
    """Name who receives: an organisation, or so many people."""
    if note.receiver is not None:
        return note.receiver.name
    return _n("Distribution to %(num)s person", "Distribution to %(num)s people", note.people or 0)


def note_facts(note: Handover) -> list[tuple[str, str, str]]:
    """List what there is to know of a hand-over."""
    aid = _("Food aid: given for nothing to who needs it") if note.is_food_aid else ""
    rows = [
        (_("From"), note.giver.name, "building"),
        (_("To"), receiver_words(note), "users"),
        (_("When"), moment_words(note.territory, note.at), "clock"),
        (_("Temperature"), degrees(note.tenths) if note.tenths is not None else "", "thermometer"),
        (_("Packages"), number(note.packages) if note.packages is not None else "", "archive"),
        (_("What for"), aid, "info"),
        (_("Number"), note.public_id, "file"),
    ]
    return [row for row in rows if row[1]]


# -- incidents ------------------------------------------------------------------------------------------------


INCIDENT_STATES: Final[Mapping[str, tuple[str, Any]]] = {
    IncidentState.OPEN: ("refused", _l("open")),
    IncidentState.CLOSED: ("done", _l("closed")),
}
OUTCOMES: Final[Mapping[str, Any]] = {
    Outcome.FIT: _l("They can be eaten: they go on"),
    Outcome.DESTROYED: _l("They cannot be eaten: they are destroyed"),
}


def where_words(incident: Incident) -> str:
    """Say where a cold chain broke: in a place, or at a hand-over."""
    if incident.resource is not None:
        return f"{incident.resource.name}, {incident.resource.site.name}"
    return _("Hand-over by %(name)s", name=incident.organisation.name)


def incident_words(incident: Incident) -> str:
    """Say what was measured, and what the limit is: "−14,5 °C, alarm from −14,9 °C"."""
    told = {"measured": degrees(incident.tenths), "limit": degrees(incident.limit_tenths)}
    return _("%(measured)s, alarm from %(limit)s", **told)


def incident_facts(incident: Incident) -> list[tuple[str, str, str]]:
    """List what there is to know of an incident."""
    closed = moment_words(incident.territory, incident.closed_at) if incident.closed_at else ""
    rows = [
        (_("Where"), where_words(incident), "pin"),
        (_("When"), moment_words(incident.territory, incident.at), "clock"),
        (_("Temperature measured"), degrees(incident.tenths), "thermometer"),
        (_("Alarm from"), degrees(incident.limit_tenths), "warning"),
        (_("Source of the limit"), str(SOURCES[incident.limit_source]), "info"),
        (_("Answers for it"), incident.organisation.name, "building"),
        (_("Closed on"), closed, "check"),
        (_("By"), person_name(incident.closed_by.name) if incident.closed_by else "", "user"),
        (
            _("What becomes of the lots"),
            str(OUTCOMES[incident.outcome]) if incident.outcome else "",
            "archive",
        ),
        (_("Number"), incident.public_id, "file"),
    ]
    return [row for row in rows if row[1]]


# -- refusals -------------------------------------------------------------------------------------------------


@refuses(LotPermission.ENTER)
def _no_organisation() -> str:
    return _("Lots are those of organisations of the territory. Join yours, then come back.")


@refuses(LotPermission.SEE, LotPermission.SEE_NOTE)
def _not_a_side() -> str:
    return _("Only the organisations that had it, and the coordination, see this. Ask the one it came from.")


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


@worded("lot_short")
def _lot_short(facts: Facts) -> str:
    told = {"product": facts["product"], "left": kilos(facts["left"])}
    if not facts["left"]:
        return _("Nothing is left of “%(product)s”: take it off this note.", product=facts["product"])
    return _("Only %(left)s are left of “%(product)s”. Hand over that, or less.", **told)


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


@worded("temperature_missing")
def _temperature_missing(_facts: Facts) -> str:
    return _("Chilled and frozen food is measured when it changes hands: type what the thermometer shows.")


@worded("temperature_odd")
def _temperature_odd(facts: Facts) -> str:
    told = {"coldest": degrees(facts["coldest"]), "warmest": degrees(facts["warmest"])}
    return _("Type what the thermometer shows, between %(coldest)s and %(warmest)s.", **told)


@worded("signature_missing")
def _signature_missing(_facts: Facts) -> str:
    return _("Type the name of who signs: first name and name.")


@worded("received_odd")
def _received_odd(facts: Facts) -> str:
    return _(
        "Type what came, at most %(given)s. If nothing came or nothing can be taken, refuse the hand-over.",
        given=kilos(facts["given"]),
    )


@refuses(LotPermission.SEE_INCIDENT, LotPermission.CLOSE_INCIDENT)
def _not_answering_for_it() -> str:
    return _("Who answers for the place or gave the food closes this, and the coordination. Call them.")


@worded("not_answering")
def _not_answering(_facts: Facts) -> str:
    return _("Only who manages this place, or gave the food, can do this, and the coordination. Call them.")


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
def _inspection_over(_facts: Facts) -> str:
    return _("This link has expired, or was ended. Ask the organisation that gave it to you for a new one.")


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
        case "too_many":
            return _n(
                "A note has %(num)s lot at most: write another one for the rest.",
                "A note has %(num)s lots at most: write another one for the rest.",
                facts["most"],
            )
        case _:
            return _("Type how many kilos of at least one lot are handed over.")
