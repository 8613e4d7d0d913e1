"""The farm and its neighbours, with something to hand over."""

from datetime import date, timedelta
from typing import Any

from app.accounts.food_aid import Level
from app.accounts.service import AuthorisationFacts, enter_authorisation
from app.supply.cargo import KILO, Packaging, Regime
from app.supply.lots import queries, service
from app.supply.lots.rules import Outcome
from tests.supply.offers.world import Farm

TODAY = date(2026, 9, 1)


def close_all(actor: Any, incident_id: int, outcome: Outcome, measures: str) -> None:
    """Close an incident, saying the same of all that is left of its lots; nobody reads the thermometer again."""
    outcomes = {lot.id: outcome for lot in queries.lots_at_stake(incident_id)}
    why = "Pas de thermomètre"
    service.close(actor, incident_id, service.Closing(measures, outcomes, why_unmeasured=why))


class Barn(Farm):
    """A farm that has 400 kg of courgettes, two associations of its territory, and one from elsewhere."""

    lot: Any  # what a test begins with
    soup: Any

    def enter(self, **facts: Any) -> Any:
        given: dict[str, Any] = {
            "product": "Courgettes",
            "grams": 400 * KILO,
            "regime": Regime.PRODUCE,
            "received_on": TODAY,
            "packaging": Packaging.CRATE_60X40,
            "per_package": 12 * KILO,
            "origin": "Verger du Don",
        }
        return service.enter(self.farmer, self.farm.id, service.NewLot(**(given | facts)))

    def authorise(self, organisation: Any) -> None:
        """Let the State let an organisation do food aid for a year."""
        facts = AuthorisationFacts(Level.REGIONAL, TODAY, TODAY + timedelta(days=365), "R24-1")
        enter_authorisation(self.coordinator, organisation.slug, facts)

    def draft(self, *lots: Any, kilos: float = 100, **facts: Any) -> Any:
        given: dict[str, Any] = {"receiver_id": self.ours.id, "tenths": 60, "packages": 9}
        handed = {lot.id: int(kilos * KILO) for lot in lots}
        return service.draft(self.farmer, service.NewNote(self.farm.id, handed, **(given | facts)))

    def give(self, *lots: Any, **facts: Any) -> Any:
        note = self.draft(*lots, **facts)
        service.give(self.farmer, note.id, "Paule Guérin")
        return note

    def hand_over(self, *lots: Any, came: int | None = None, **facts: Any) -> Any:
        """Hand lots over, as warm when they come (`came`, tenths) as when they were given, or not."""
        note = self.give(*lots, **facts)
        warm = note.tenths if came is None else came
        service.receive(self.member, note.id, service.Receipt("Jean Ours", tenths=warm))
        return note
