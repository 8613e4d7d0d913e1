"""An evidence pack as one table to be sorted, in French whoever asks: docs/traceability.md says what each column is."""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from app.accounts.words import person_name
from app.infra.tables import as_csv
from app.supply.cargo import KILO
from app.supply.cargo_words import REGIMES
from app.supply.lots.lot_words import corrections_words
from app.supply.lots.models import Incident, Lot
from app.supply.lots.pack_words import (
    incident_state,
    incident_story,
    lot_place,
    note_state,
    reading_corrections,
    stay_words,
    wall_of,
)
from app.supply.lots.paper import LANGUAGE
from app.supply.lots.queries import Pack, stakes_of
from app.supply.lots.signatures import on_spot_words
from app.supply.lots.words import (
    VERDICTS,
    becomes_words,
    incident_words,
    origin_words,
    receiver_words,
    returned_words,
    state_of,
    store_words,
    where_words,
)
from app.web.i18n import speaking

FIELDS: Final = (
    "nature", "date", "heure", "numero", "lot", "produit", "kg", "regime", "dlc", "ddm", "temperature_c",
    "temperature_reception_c", "de", "a", "lieu", "etat", "precisions", "date_fin", "heure_fin", "clos_par",
)  # fmt: skip


def csv(pack: Pack) -> str:
    """Write everything: a line for each lot, line of a note, reading, lot of an incident, stay of a lot of others."""
    with speaking(LANGUAGE):
        rows = [
            *_lot_rows(pack),
            *_note_rows(pack),
            *_reading_rows(pack),
            *_incident_rows(pack),
            *_kept_rows(pack),
        ]
        return as_csv(FIELDS, [[row.get(name, "") for name in FIELDS] for row in rows])


def _lot_rows(pack: Pack) -> Iterator[dict[str, str]]:
    for found in pack.lots:
        lot = found.lot
        yield {
            "nature": "lot",
            "date": lot.received_on.isoformat(),
            "numero": lot.public_id,
            **_of(lot, lot.grams),
            "de": origin_words(lot),
            "a": lot.organisation.name,
            "lieu": lot_place(pack, lot),
            "etat": state_of(found)[1],
            "precisions": _joined(lot.reason or lot.note, *corrections_words(lot, pack.corrected[lot.id])),
        }


def _note_rows(pack: Pack) -> Iterator[dict[str, str]]:
    for note in pack.notes:
        signed = (note.given_name, note.received_name, on_spot_words(note))
        for line in note.lines:
            yield {
                "nature": "remise",
                **_when(pack, note.at),
                "numero": note.public_id,
                **_of(line.lot, line.moved_grams),
                "temperature_c": _celsius(note.tenths),
                "temperature_reception_c": _celsius(note.received_tenths),
                "de": note.giver.name,
                "a": receiver_words(note),
                "etat": note_state(note),
                "precisions": _joined(*signed, note.reason, returned_words(line)),
            }


def _reading_rows(pack: Pack) -> Iterator[dict[str, str]]:
    for each in pack.readings:
        yield {
            "nature": "temperature",
            **_when(pack, each.at),
            "temperature_c": _celsius(each.tenths),
            "de": each.resource.site.owner.name,
            "lieu": store_words(each.resource),
            "etat": str(VERDICTS[each.verdict][1]),
            "precisions": _joined(reading_corrections(pack.period, each)),
        }


def _incident_rows(pack: Pack) -> Iterator[dict[str, str]]:
    for incident, rows in pack.incidents:
        told = _incident_row(pack, incident)
        back = stakes_of(incident) if incident.is_return else {}
        for row in rows:
            state = becomes_words(incident, row.outcome) or told["etat"]
            grams = back.get(row.lot_id, row.lot.grams)
            yield {**told, **_of(row.lot, grams), "a": row.lot.organisation.name, "etat": state}
        if not rows:
            yield told


def _incident_row(pack: Pack, incident: Incident) -> dict[str, str]:
    return {
        "nature": "incident",
        **_when(pack, incident.at),
        "numero": incident.public_id,
        "temperature_c": _celsius(incident.tenths),
        "lieu": where_words(incident),
        "etat": incident_state(incident),
        "precisions": _joined(incident_words(incident), *incident_story(pack, incident)),
        **_end(pack, incident.closed_at),
        "clos_par": person_name(incident.closed_by.name) if incident.closed_by else "",
    }


def _kept_rows(pack: Pack) -> Iterator[dict[str, str]]:
    for each in pack.kept:
        yield {
            "nature": "garde",
            **_when(pack, each.since),
            "numero": each.lot.public_id,
            **_of(each.lot, each.lot.grams),
            "de": each.lot.organisation.name,
            "a": pack.period.organisation.name,
            "lieu": store_words(each.place),
            "etat": stay_words(each),
            **_end(pack, each.until),
        }


def _of(lot: Lot, grams: int) -> dict[str, str]:
    return {
        "lot": lot.public_id,
        "produit": lot.product,
        "kg": f"{grams / KILO:.3f}".rstrip("0").rstrip(".").replace(".", ","),
        "regime": str(REGIMES[lot.regime]),
        "dlc": lot.use_by.isoformat() if lot.use_by else "",
        "ddm": lot.best_before.isoformat() if lot.best_before else "",
    }


def _celsius(tenths: int | None) -> str:
    return f"{tenths / 10:.1f}".replace(".", ",") if tenths is not None else ""


def _when(pack: Pack, at: datetime) -> dict[str, str]:
    wall = wall_of(pack.period, at)
    return {"date": wall.date().isoformat(), "heure": f"{wall:%H:%M}"}


def _end(pack: Pack, at: datetime | None) -> dict[str, str]:
    return {f"{name}_fin": words for name, words in _when(pack, at).items()} if at else {}


def _joined(*said: str) -> str:
    return " ; ".join(each for each in said if each)
