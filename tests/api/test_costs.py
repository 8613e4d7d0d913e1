"""What a resource costs by the API: its tariff, and what a free slot would come to."""

import pytest

from app.core.policy import Actor
from app.payments import service as payments
from app.payments.tariffs.as_json import written
from app.payments.tariffs.tariff import Meter, Tariff, TariffLine, VatRegime

KITCHEN = Tariff(
    (TariffLine(Meter.HOUR, 1250), TariffLine(Meter.KWH, 30)),
    VatRegime.FRANCHISE,
    coefficients_bp={"P2": 4000},
)
MORNING = {"start": "2026-10-06T09:00:00+02:00", "end": "2026-10-06T12:15:00+02:00"}


@pytest.fixture
def priced(world):
    coordinator = Actor(coordinated=frozenset({world.territory.id}))
    payments.switch_money(coordinator, world.territory.id, is_on=True)
    manager = Actor(managed_sites=frozenset({world.site.id}))
    payments.publish_tariff(manager, world.kitchen.id, KITCHEN)
    return f"/resources/{world.kitchen.slug}"


def test_without_money_nothing_is_reckoned(world, anybody):
    path = f"/resources/{world.kitchen.slug}"
    assert anybody.get(path).json["tariff"] is None
    assert anybody.get(f"{path}/free", **MORNING).json["estimate"] is None


def test_a_tariff_and_what_a_free_slot_comes_to(priced, anybody, member):
    assert anybody.get(priced).json["tariff"] == written(KITCHEN)
    assert anybody.get(f"{priced}/free", **MORNING).json["estimate"] == {
        "cents": 4063,
        "borne_cents": 0,
        "in_kind_cents": 0,
        "currency": "EUR",
        "later": [{"meter": "kwh", "unit_cents": 30}],
    }
    ours = member.get(f"{priced}/free", **MORNING).json["estimate"]
    assert (ours["cents"], ours["in_kind_cents"]) == (1625, 2438)


def test_what_is_not_free_as_a_whole_has_no_estimate(priced, anybody):
    night = {"start": "2026-10-06T05:00:00+02:00", "end": "2026-10-06T12:00:00+02:00"}
    answer = anybody.get(f"{priced}/free", **night).json
    assert len(answer["items"]) == 1
    assert answer["estimate"] is None
