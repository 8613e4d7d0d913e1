"""The order of the legs of a bundle in words: which comes too soon, from when it can be; when it is handed over."""

from flask_babel import gettext as _

from app.bookings.models import Bundle
from app.bookings.words.pieces import moment
from app.web.format import duration
from app.web.words import Facts, worded


def handover_words(bundle: Bundle, tz: str) -> str:
    """Say when what comes of a bundle is handed over; empty where nothing was said."""
    return moment(bundle.handover_at, tz) if bundle.handover_at else ""


def _at(facts: Facts, name: str) -> str:
    return moment(facts[name], facts["timezone"])


@worded("leg_too_soon")
def _leg_too_soon(facts: Facts) -> str:
    told = {"name": facts["name"], "before": facts["before"], "moment": _at(facts, "not_before")}
    if facts["gap_minutes"]:
        return _too_close(told, facts)
    if not facts["before"]:  # a place the reader may not know of
        return _(
            "“%(name)s” begins too soon: what comes before it is not over before %(moment)s. "
            "Choose a time from then on, or have what comes before it changed first.",
            **told,
        )
    if facts["is_sent"]:
        return _(
            "“%(name)s” begins too soon: “%(before)s”, which comes before it, is not over before %(moment)s. "
            "Choose a time from then on, or have what comes before it changed first.",
            **told,
        )
    if facts["up_to"] is None:
        return _(
            "“%(name)s” begins too soon: “%(before)s”, which comes before it, is not over before %(moment)s. "
            "Choose a time from then on, or an earlier one for what comes before it.",
            **told,
        )
    return _(
        "“%(name)s” begins too soon: “%(before)s”, which comes before it, is not over before %(moment)s. "
        "Choose a time from then on, or move it up in the list.",
        **told,
    )


def _too_close(told: dict[str, str], facts: Facts) -> str:
    told |= {"gap": duration(facts["gap_minutes"])}
    if not facts["before"]:
        return _(
            "“%(name)s” begins too soon: at least %(gap)s are needed between what comes before it and its own start, "
            "so it can begin at %(moment)s. Choose a time from then on, or have what comes before it changed first.",
            **told,
        )
    return _(
        "“%(name)s” begins too soon: at least %(gap)s are needed between “%(before)s” and its own start, "
        "so it can begin at %(moment)s. Choose a time from then on, or have what comes before it changed first.",
        **told,
    )


@worded("leg_too_late")
def _leg_too_late(facts: Facts) -> str:
    by = _at(facts, "must_end_by")
    if facts["gap_minutes"]:
        return _too_close_before(by, facts)
    if facts["follows"] is None:
        return _(
            "“%(name)s” would not be over when everything is handed over: %(moment)s. "
            "Choose a time that ends by then.",
            name=facts["name"],
            moment=by,
        )
    if not facts["follows"]:
        return _(
            "“%(name)s” would not be over when what comes after it begins: %(moment)s. "
            "Choose a time that ends by then, or have what follows changed first.",
            name=facts["name"],
            moment=by,
        )
    return _(
        "“%(name)s” would not be over when “%(follows)s”, which comes after it, begins: %(moment)s. "
        "Choose a time that ends by then, or have what follows changed first.",
        name=facts["name"],
        follows=facts["follows"],
        moment=by,
    )


def _too_close_before(by: str, facts: Facts) -> str:
    told = {"name": facts["name"], "gap": duration(facts["gap_minutes"]), "moment": by}
    if not facts["follows"]:
        return _(
            "“%(name)s” would end too late: at least %(gap)s are needed between it and what comes after it. "
            "It has to be over by: %(moment)s. Choose a time that ends by then, or have what follows changed first.",
            **told,
        )
    return _(
        "“%(name)s” would end too late: at least %(gap)s are needed between it and “%(follows)s”. "
        "It has to be over by: %(moment)s. Choose a time that ends by then, or have what follows changed first.",
        follows=facts["follows"],
        **told,
    )


@worded("handover_too_soon")
def _handover_too_soon(facts: Facts) -> str:
    return _(
        "The hand-over comes too soon: “%(before)s” is not over before %(moment)s. Choose a moment from then on.",
        before=facts["before"],
        moment=_at(facts, "not_before"),
    )


@worded("handover_too_late")
def _handover_too_late(facts: Facts) -> str:
    return _(
        "The hand-over is more than a year after “%(before)s” is over. "
        "Choose a moment by %(moment)s: look at the year.",
        before=facts["before"],
        moment=_at(facts, "not_after"),
    )


@worded("handover_needs_order")
def _handover_needs_order(_facts: Facts) -> str:
    return _(
        "A hand-over comes at the end of elements that follow one another: tick “The elements follow one another”, "
        "or leave it out."
    )
