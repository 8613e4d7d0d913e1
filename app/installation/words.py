"""The sentences of the first run."""

from collections.abc import Mapping
from typing import Any

from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.web.words import worded

Facts = Mapping[str, Any]

HUES: Mapping[str, LazyString] = {
    "garden": _l("Garden green"),
    "sea": _l("Sea blue"),
    "plum": _l("Plum"),
    "brick": _l("Brick red"),
}


@worded("wrong_installation_code")
def _wrong_code(_facts: Facts) -> str:
    return _(
        "This is not the code that the server showed at its last start. Look for it in the server's log, "
        "or run “flask installation code” on the server: it shows a new one."
    )


@worded("territory_place_unknown")
def _place_unknown(facts: Facts) -> str:
    return _(
        "We know no commune and no intercommunality called “%(text)s”. Check the spelling, or type a postcode.",
        text=facts.get("text", ""),
    )


@worded("territory_place_ambiguous")
def _place_ambiguous(facts: Facts) -> str:
    return _(
        "“%(text)s” can be several places. Write one of these instead: %(choices)s.",
        text=facts.get("text", ""),
        choices=" · ".join(facts.get("choices", ())),
    )


@worded("demo_in_use")
def _demo_in_use(facts: Facts) -> str:
    return _(
        "Real people made this in the demonstration's territory, and it would go with it: %(names)s. "
        "Make it again in your own territory and archive it here, then erase the demonstration.",
        names=" · ".join(facts.get("names", ())),
    )


@worded("demo_already")
def _demo_already(_facts: Facts) -> str:
    return _("The demonstration is here already. To have a fresh one, erase it first.")
