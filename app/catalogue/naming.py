"""From what somebody typed to one commune: a suggestion taken as it is, a full name, a postcode."""

from app.catalogue.communes import Commune, distance_km, find_commune, search_communes
from app.catalogue.errors import CommuneAmbiguous, CommuneUnknown
from app.core.ids import plain

_LOOK_AT = 60
MOST_NAMED = 12
_NEARBY_KM = 80.0


def name_commune(typed: str, near: tuple[float, float] | None = None, field: str = "commune") -> Commune:
    """Find the commune somebody means; of namesakes the one close to `near` (lat, lon).

    Raises CommuneUnknown, or CommuneAmbiguous with the labels to choose from.
    """
    text = " ".join(typed.split())
    found = search_communes(text, _LOOK_AT, near)
    by_code = find_commune(text.upper())
    if not found and by_code:
        return by_code
    if not found:
        raise CommuneUnknown(field=field, typed=text[:60])
    labelled = [commune for commune in found if plain(commune.label) == plain(text)]
    named = [commune for commune in found if plain(commune.name) == plain(text)]
    chosen = labelled or named or found
    exact = bool(labelled or named)
    if len(chosen) == 1 or (near and exact and distance_km(*near, *chosen[0].point) < _NEARBY_KM):
        return chosen[0]
    raise CommuneAmbiguous(
        field=field, typed=text[:60], labels=[commune.label for commune in chosen[:MOST_NAMED]]
    )


def find_code(typed: str) -> str | None:
    """Find the code of the commune somebody means, the most populous of namesakes; None where there is none."""
    found = search_communes(typed, 1)
    return found[0].code if found else None


def label_of(code: str) -> str | None:
    """Write the commune of a code for people: "Nozay (44170)"; None where there is none."""
    commune = find_commune(code)
    return commune.label if commune else None
