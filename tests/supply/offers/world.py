"""A farm with too much, and those who could use it."""

from datetime import timedelta
from typing import Any

from app.accounts.leaving import Farewell
from app.accounts.models import Organisation, Person
from app.accounts.queries import load_actor, standing_of
from app.accounts.service import archive_organisation, erase_account
from app.accounts.service.archiving import affairs_of
from app.core import clock
from app.supply.cargo import KILO, Cargo, Packaging, Regime
from app.supply.offers import service
from app.supply.offers.rules import Category, Point
from tests.factories import a_coordinator, a_member, a_territory, an_organisation

NORT, CHATEAUBRIANT, TOUCHES = "44110", "44036", "44205"
HERE = service.Place(TOUCHES, "Ferme des Touches", Point(47.4431, -1.4306))


def an_offer(**facts: Any) -> service.NewOffer:
    """400 kg of courgettes in crates of 12 kg, for three days, for nothing."""
    given: dict[str, Any] = {
        "product": "Courgettes",
        "category": Category.VEGETABLES,
        "cargo": Cargo(400 * KILO, Packaging.CRATE_60X40, 12 * KILO, Regime.PRODUCE),
        "place": HERE,
        "from_at": clock.now(),
        "until_at": clock.now() + timedelta(days=3),
    }
    return service.NewOffer(**(given | facts))


def weighing(kilos: float) -> Cargo:
    return Cargo(int(kilos * KILO), Packaging.CRATE_60X40, 12 * KILO, Regime.PRODUCE)


class Farm:
    """A farm, two associations of its territory, and one from elsewhere; ids and actors."""

    def __init__(self) -> None:
        self.territory = a_territory(name="PAT d'Erdre")
        self.farm = an_organisation(self.territory, name="GAEC des Touches", commune_code=TOUCHES)
        self.ours = an_organisation(self.territory, name="Les Glaneurs", commune_code=NORT)
        self.others = an_organisation(self.territory, name="L'Épicerie", commune_code=CHATEAUBRIANT)
        self.foreign = an_organisation(a_territory(), name="Loin d'ici")
        self.people = {
            name: a_member(getattr(self, name), name=name.title())
            for name in ("farm", "ours", "others", "foreign")
        }
        self.farmer, self.member, self.other, self.stranger = (
            load_actor(person.id) for person in self.people.values()
        )
        self.coordinator = load_actor(a_coordinator(self.territory).id)

    def post(self, **facts: Any) -> Any:
        return service.post(self.farmer, self.farm.id, an_offer(**facts))

    def take(self, offer: Any, kilos: float | None = None, **facts: Any) -> Any:
        grams = None if kilos is None else int(kilos * KILO)
        return service.take(self.member, offer.id, service.Part(self.ours.id, grams, **facts))


def archive(farm: Farm, organisation: Organisation) -> None:
    """Let the coordination archive one of its organisations."""
    boss = load_actor(a_coordinator(farm.territory).id)
    seen = affairs_of(organisation.id).fingerprint
    archive_organisation(boss, organisation.slug, "Nous cessons.", seen=seen)


def erase(person: Person) -> None:
    """Let somebody erase their account, and their words with it."""
    farewell = Farewell(standing_of(person.id).fingerprint, "Compte supprimé", messages_too=True)
    erase_account(load_actor(person.id), farewell, present="brouette verte 12")
