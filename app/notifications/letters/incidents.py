"""Letters about a cold chain that broke: to who has the lots, who answers for the place, and the coordination."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from flask_babel import gettext as _

from app.notifications.letters.letter import Letter, link, rows
from app.supply.cargo_words import kilos
from app.supply.lots.models import Incident, Lot
from app.supply.lots.queries import stakes_of
from app.supply.lots.rules import IncidentState, Outcome
from app.supply.lots.words import (
    becomes_words,
    corrections_words,
    incident_facts,
    incident_words,
    where_words,
)


@dataclass(frozen=True)
class About:
    """An incident as it is when its letter is written, with those of its lots that concern who reads it.

    `outcomes` say what becomes of each (ids) of which something was left.
    """

    incident: Incident
    lots: Sequence[Lot]
    outcomes: Mapping[int, str | None]


def incident_opened(about: About) -> Letter | None:
    """Tell whom it concerns that lots are blocked, until somebody says what becomes of them."""
    incident = about.incident
    if incident.state != IncidentState.OPEN:
        return None
    return Letter(
        subject=_(
            "Alarm: %(where)s, %(degrees)s", where=where_words(incident), degrees=incident_words(incident)
        ),
        paragraphs=(
            _("It was too warm: the cold chain is broken."),
            _("Nobody hands these lots over before somebody has said what becomes of them.")
            if about.lots
            else _("No lot was there."),
        ),
        facts=_facts(about),
        action=link(_("See the incident"), "lots.incident", incident_ref=incident.public_id),
    )


def incident_closed(about: About) -> Letter | None:
    """Tell who has the lots what was done, and what becomes of them."""
    incident = about.incident
    if incident.state != IncidentState.CLOSED:
        return None
    becomes = {about.outcomes.get(lot.id) for lot in about.lots} - {None}
    if incident.is_mistyped:
        said = _("A figure had been mistyped: nothing was too warm. The lots can be handed over again.")
    elif becomes == {Outcome.FIT}:
        said = _("The lots can be eaten: they can be handed over again.")
    elif not becomes:
        said = _("Nothing was left of the lots by then.")
    elif len(becomes) > 1:
        said = _(
            "Some of the lots can be eaten, what was left of the others is destroyed: each says so below."
        )
    else:
        said = _("The lots cannot be eaten: what was left of them is destroyed.")
    return Letter(
        subject=_("Incident closed: %(where)s", where=where_words(incident)),
        paragraphs=(said, _("What had happened:") if incident.is_mistyped else _("What was done:")),
        quote=incident.measures,
        facts=_facts(about),
        action=link(_("See the incident"), "lots.incident", incident_ref=incident.public_id),
    )


def incident_corrected(about: About) -> Letter | None:
    """Tell whom it concerns that a figure that had raised the alarm was corrected, and where its lots stand."""
    incident = about.incident
    if not incident.corrections:
        return None
    is_open = incident.state == IncidentState.OPEN
    return Letter(
        subject=_("Reading corrected: %(where)s", where=where_words(incident)),
        paragraphs=(
            corrections_words(incident)[-1],
            _("The incident stays open until who answers for it has said what becomes of it.")
            if is_open
            else _("The incident had been closed before: nothing changes about its lots."),
        ),
        facts=_facts(about),
        action=link(_("See the incident"), "lots.incident", incident_ref=incident.public_id),
    )


def _facts(about: About) -> tuple[tuple[str, str], ...]:
    lots = ", ".join(_lot(about, lot) for lot in about.lots)
    told = [(label, words) for label, words, _icon in incident_facts(about.incident)]
    return rows((_("Lots"), lots), *told)


def _lot(about: About, lot: Lot) -> str:
    incident = about.incident
    grams = stakes_of(incident).get(lot.id, lot.grams) if incident.is_return else lot.grams
    named = f"{lot.product} ({kilos(grams)}, {lot.public_id})"
    becomes = becomes_words(about.incident, about.outcomes.get(lot.id))
    return f"{named} – {becomes}" if becomes and not about.incident.is_mistyped else named


LETTERS: Final[Mapping[str, Callable[[About], Letter | None]]] = {
    writer.__name__: writer for writer in (incident_opened, incident_closed, incident_corrected)
}
