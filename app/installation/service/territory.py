"""The territory of the first run: where it lies, how it looks, what it shares."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from app.accounts.models import Territory
from app.accounts.rules import HUES
from app.accounts.service.locks import one_at_a_time
from app.catalogue.communes import get_commune
from app.catalogue.kinds import KINDS
from app.catalogue.rules import school_zone_of, timezone_of
from app.core import clock
from app.core.errors import NotFound
from app.core.ids import new_public_id, slugify
from app.core.policy import Actor, require
from app.infra.audit import record
from app.infra.db import db
from app.infra.uow import atomic
from app.installation import queries
from app.installation.policy import InstallationPermission as P
from app.installation.rules import Place, choose_places


@dataclass(frozen=True)
class TerritoryFacts:
    """What is chosen of a territory; `places` are names of communes or intercommunalities, one each."""

    name: str
    places: Sequence[str]
    hue: str


def set_territory(actor: Actor, facts: TerritoryFacts) -> Territory:
    """Make the territory, or change the one there is; raise Forbidden, PlaceUnknown, PlaceAmbiguous."""
    require(actor, P.SET_UP)
    chosen = choose_places(facts.places, queries.find_places)
    with atomic() as session:
        one_at_a_time("installation")
        territory = queries.find_territory()
        act = "edited" if territory else "created"
        if territory is None:
            territory = Territory(public_id=new_public_id(), slug=_free_slug(facts.name), name=facts.name)
            session.add(territory)
        _write(territory, facts, chosen)
        session.flush()
        record("territory", territory.id, act, actor, territory_id=territory.id, name=territory.name)
        return territory


def choose_kinds(actor: Actor, kinds: Sequence[str]) -> None:
    """Say which kinds the territory offers, all of them or some; raise Forbidden, NotFound."""
    require(actor, P.SET_UP)
    with atomic():
        territory = _territory()
        territory.shared_kinds = (
            None if set(kinds) == set(KINDS) else [kind for kind in KINDS if kind in kinds]
        )
        facts = {"kinds": territory.shared_kinds}
        record("territory", territory.id, "kinds_chosen", actor, territory_id=territory.id, **facts)


def hide_steps(actor: Actor) -> None:
    """Put the list of first steps away for everybody; raise Forbidden, NotFound."""
    require(actor, P.SEE_STEPS)
    with atomic():
        _territory().steps_hidden_at = clock.now()


def _territory() -> Territory:
    territory = queries.find_territory()
    if territory is None:
        raise NotFound(page="territory")
    return territory


def _write(territory: Territory, facts: TerritoryFacts, chosen: Sequence[Place]) -> None:
    codes = sorted({code for place in chosen for code in place.codes})
    departement = get_commune(chosen[0].codes[0]).departement
    territory.name, territory.communes, territory.departement = facts.name, codes, departement
    territory.school_zone, territory.timezone = school_zone_of(departement), timezone_of(departement)
    territory.hue = facts.hue if facts.hue in HUES else HUES[0]


def _free_slug(name: str) -> str:
    slug, number = slugify(name), 1
    taken = set(db.session.scalars(select(Territory.slug)))
    while (candidate := slug if number == 1 else f"{slug}-{number}") in taken:
        number += 1
    return candidate
