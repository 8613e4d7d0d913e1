"""Pure decisions of the first run: the code as shown and read, the places of a territory, what is left to do."""

import hmac
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from app.core.ids import hash_secret, new_public_id, plain
from app.installation.errors import PlaceAmbiguous, PlaceUnknown

CODE_LETTERS = 16  # 78 bits
MOST_CHOICES = 6


def new_code() -> str:
    """Draw a code as it is shown: four groups of four letters."""
    letters = new_public_id(CODE_LETTERS)
    return "-".join(letters[at : at + 4] for at in range(0, CODE_LETTERS, 4))


def hash_code(typed: str) -> str:
    """Hash a code as typed: case, spaces and hyphens do not matter."""
    return hash_secret(re.sub(r"[^0-9A-Z]", "", typed.upper()[:80]))


def is_code(typed: str, code_hash: str) -> bool:
    """Tell whether this is the code, in a time that tells nothing about it."""
    return hmac.compare_digest(hash_code(typed), code_hash)


@dataclass(frozen=True)
class Place:
    """A commune, or an intercommunality with all its communes; `codes` are INSEE codes."""

    label: str
    names: tuple[str, ...]
    codes: tuple[str, ...]


def choose_places(lines: Iterable[str], find: Callable[[str], Sequence[Place]]) -> list[Place]:
    """Find the places that were written one a line; raise PlaceUnknown, PlaceAmbiguous."""
    return [_choose(line.strip(), find(line.strip())) for line in lines if line.strip()]


def _choose(text: str, found: Sequence[Place]) -> Place:
    if not found:
        raise PlaceUnknown(field="places", text=text[:80])
    exact = [place for place in found if plain(text) in {plain(place.label), *map(plain, place.names)}]
    named = [place for place in exact if plain(place.label) == plain(text)] or exact or list(found)
    if len(named) > 1:
        choices = [place.label for place in named[:MOST_CHOICES]]
        raise PlaceAmbiguous(field="places", text=text[:80], choices=choices)
    return named[0]


@dataclass(frozen=True)
class Progress:
    """What is there already, as the list of first steps needs it."""

    coordinators: int = 0
    sites: int = 0
    resources: int = 0
    schedules: int = 0  # that somebody made their own
    managers: int = 0
    missing_facts: tuple[str, ...] = ()
    has_mail: bool = False


def steps_done(progress: Progress) -> dict[str, bool]:
    """Tell which of the first steps are done, in the order in which they are best taken."""
    return {
        "mail": progress.has_mail,
        "coordination": progress.coordinators > 0,
        "place": progress.sites > 0,
        "resource": progress.resources > 0,
        "hours": progress.schedules > 0,
        "manager": progress.managers > 0,
        "legal": not progress.missing_facts,
    }
