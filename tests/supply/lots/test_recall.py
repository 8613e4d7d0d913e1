"""A recall: all that came of a lot, however many hands it passed through, and who is told."""

import pytest
from sqlalchemy import select

from app.core.errors import ReasonMissing
from app.infra.db import db
from app.supply.cargo import KILO, Regime
from app.supply.lots import errors, queries, service
from app.supply.lots.models import Lot
from tests.supply.lots.world import TODAY, Barn

WHY = "Listeria : ne rien remettre."


@pytest.fixture
def barn(session, frozen) -> Barn:
    """Courgettes go to ours, which cooks soup of them, which goes to others and to people."""
    barn = Barn()
    barn.lot = barn.enter()
    barn.hand_over(barn.lot, kilos=200)
    [theirs] = db.session.scalars(select(Lot).filter_by(organisation_id=barn.ours.id)).all()
    new = service.NewLot("Soupe", 150 * KILO, Regime.CHILLED, TODAY, origin_id=barn.ours.id)
    barn.soup = service.make(barn.member, barn.ours.id, new, {theirs.id: 180 * KILO})
    note = service.NewNote(barn.ours.id, {barn.soup.id: 50 * KILO}, barn.others.id, tenths=30)
    passed = service.draft(barn.member, note)
    service.give(barn.member, passed.id, "Jean")
    service.receive(barn.other, passed.id, service.Receipt("Luc", tenths=40))
    eaten = service.NewNote(barn.ours.id, {barn.soup.id: 20 * KILO}, None, people=40, tenths=30)
    service.give(barn.member, service.draft(barn.member, eaten).id, "Jean")
    barn.enter(product="Sans rapport")
    return barn


def test_a_lot_is_followed_to_the_end(barn):
    spread = queries.spread_of(barn.lot)
    whose = [(each.lot.product, each.lot.organisation.name, each.left // KILO) for each in spread.lots]
    assert whose == [
        ("Courgettes", "GAEC des Touches", 200),
        ("Courgettes", "Les Glaneurs", 20),
        ("Soupe", "Les Glaneurs", 80),
        ("Soupe", "L'Épicerie", 50),
    ]
    assert [each.handover.people for each in spread.distributed] == [40]


def test_only_who_has_it_and_the_coordination_recall(barn):
    for who in (barn.other, barn.stranger):
        with pytest.raises(errors.NotOurLot):
            service.recall(who, barn.lot.id, WHY)
    with pytest.raises(ReasonMissing):
        service.recall(barn.farmer, barn.lot.id, " ")
    assert service.recall(barn.farmer, barn.lot.id, WHY) == 3
    assert service.recall(barn.coordinator, barn.soup.id, WHY) == 2


def test_the_page_names_them_all_and_alerts_them(barn, client, login):
    login(client, barn.people["farm"])
    url = f"/lots/{barn.lot.public_id}/rappel"
    assert url in client.get(f"/lots/{barn.lot.public_id}").get_data(as_text=True)
    page = client.get(url).get_data(as_text=True)
    assert "Épicerie" in page
    assert "Distribution à 40" in page
    assert client.post(url, data={"reason": ""}).status_code == 422
    assert client.post(url, data={"reason": WHY}).status_code == 303
    login(client, barn.people["others"])
    assert client.get(url).status_code == 404
