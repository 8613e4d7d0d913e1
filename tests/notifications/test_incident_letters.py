"""Letters about a cold chain that broke, word for word: who has the lots, who answers for it, the coordination."""

from itertools import count

import pytest
from sqlalchemy import select

from app.infra.db import db
from app.notifications.quiet import quiet
from app.supply.cargo import KILO, Regime
from app.supply.lots import service
from app.supply.lots.models import Incident, TemperatureReading
from app.supply.lots.rules import Outcome
from app.supply.lots.service import breaking, entering
from tests.factories import a_coordinator, a_resource, a_site
from tests.notifications.goldens import same_as_golden
from tests.notifications.test_surplus_letters import JEANNE, PAUL, Farm
from tests.supply.lots.world import TODAY, close_all

pytestmark = pytest.mark.usefixtures("session", "frozen")


@pytest.fixture(params=["fr", "en"])
def locale(request):
    return request.param


@pytest.fixture(autouse=True)
def known_refs(monkeypatch):
    numbers = count(1)
    for module in (entering, breaking):
        monkeypatch.setattr(module, "new_public_id", lambda: f"K7M2PQ4X{next(numbers)}")


class Room(Farm):
    """Paul's cold room, in which Jeanne's association keeps cheese."""

    def __init__(self, locale="fr"):
        super().__init__(locale)
        site = a_site(self.farm, name="Ferme des Touches")
        self.room = a_resource(site, name="Chambre froide", kind="storage", facts={"regime": "chilled"})
        cheese = service.NewLot(
            "Fromage", 30 * KILO, Regime.CHILLED, TODAY, origin="Laiterie du Don", resource_id=self.room.id
        )
        self.cheese = service.enter(self.jeanne, self.ours.id, cheese)

    def warm(self):
        service.read(self.paul, self.room.id, 80)
        return db.session.scalars(select(Incident)).one()


def test_who_has_the_lots_is_told_of_the_alarm(post, locale):
    Room(locale).warm()
    same_as_golden(locale, "incident_opened", post.to(JEANNE))


def test_the_coordination_is_told_and_who_noted_it_is_not(post):
    room = Room()
    a_coordinator(room.territory, email="camille@pat.example")
    room.warm()
    assert sorted(post.recipients()) == ["camille@pat.example", JEANNE]
    assert PAUL not in post.recipients()


def test_who_has_the_lots_reads_what_was_done(post, locale):
    room = Room(locale)
    with quiet():
        incident = room.warm()
    close_all(room.paul, incident.id, Outcome.FIT, "Compresseur réparé à 10 h 40, 3,1 °C à cœur.")
    same_as_golden(locale, "incident_closed", post.to(JEANNE))


def test_who_has_the_lots_reads_that_a_figure_was_mistyped(post, locale):
    room = Room(locale)
    with quiet():
        incident = room.warm()
    reading = db.session.scalars(select(TemperatureReading).filter_by(incident_id=incident.id)).one()
    with quiet():
        service.correct_reading(room.paul, reading.id, 38, "80 noté au lieu de 3,8.")
    service.close_as_mistyped(room.paul, incident.id)
    same_as_golden(locale, "incident_mistyped", post.to(JEANNE))


def test_who_has_the_lots_reads_that_the_figure_was_corrected_before_anybody_decides(post, locale):
    room = Room(locale)
    with quiet():
        incident = room.warm()
    reading = db.session.scalars(select(TemperatureReading).filter_by(incident_id=incident.id)).one()
    service.correct_reading(room.paul, reading.id, 38, "80 noté au lieu de 3,8.")
    same_as_golden(locale, "incident_corrected", post.to(JEANNE))
