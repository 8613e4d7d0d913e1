"""What came back to who gave: said in the letter and on the note, and what became of it on the page of the lot."""

import pytest
from sqlalchemy import select

from app.core.errors import DomainError, ReasonMissing
from app.infra.audit import history
from app.infra.db import db
from app.supply.cargo import KILO
from app.supply.lots import errors, queries, service
from app.supply.lots.models import Handover, Lot
from app.supply.lots.rules import LotState, Outcome
from tests.supply.lots.world import Barn


@pytest.fixture
def barn(session, frozen) -> Barn:
    return Barn()


def refused(act, *given) -> DomainError:
    with pytest.raises(DomainError) as caught:
        act(*given)
    return caught.value


def left(lot) -> int:
    return queries.left_of([db.session.get_one(Lot, lot.id)])[lot.id] // KILO


def short_of(barn, lot, kilos=90):
    """Give 100 kg of a lot, of which so many are taken."""
    note = barn.give(lot, kilos=100)
    receipt = service.Receipt("Jean", {lot.id: kilos * KILO}, "Caisses écrasées")
    service.receive(barn.member, note.id, receipt)
    return db.session.get_one(Handover, note.id)


def test_what_came_back_is_in_stock_and_its_giver_says_that_it_was_destroyed(barn):
    lot = barn.enter()
    note = short_of(barn, lot)
    assert (note.lines[0].came_back_grams, left(lot)) == (10 * KILO, 310)
    lost = {lot.id: Outcome.DESTROYED}
    assert isinstance(refused(service.say_what_came_back, barn.farmer, note.id, lost, " "), ReasonMissing)
    assert isinstance(refused(service.say_what_came_back, barn.member, note.id, lost, "x"), errors.NotOurLot)
    service.say_what_came_back(barn.farmer, note.id, lost, "Écrasées, au compost")
    assert left(lot) == 300
    destroyed = db.session.scalars(select(Lot).filter_by(state=LotState.DESTROYED)).one()
    assert (destroyed.grams, destroyed.reason) == (10 * KILO, "Écrasées, au compost")
    told = history("lot", lot.id)[-1]
    assert (told.act, told.facts["grams"], told.facts["note"]) == ("came_back", 10 * KILO, note.public_id)
    service.say_what_came_back(barn.farmer, note.id, lost, "Encore")  # said already: nothing happens
    assert left(lot) == 300


def test_back_in_stock_needs_no_reason_and_what_was_refused_came_back_too(barn):
    lot = barn.enter()
    note = barn.give(lot, kilos=100)
    service.refuse(barn.member, note.id, service.Receipt("Jean", None, "Frigo en panne"))
    service.say_what_came_back(barn.farmer, note.id, {lot.id: Outcome.FIT}, "")
    line = db.session.get_one(Handover, note.id).lines[0]
    assert (line.came_back_grams, line.returned, left(lot)) == (100 * KILO, Outcome.FIT, 400)


def test_what_was_handed_on_since_is_not_destroyed(barn):
    lot = barn.enter()
    note = short_of(barn, lot)
    barn.draft(lot, kilos=310)
    error = refused(service.say_what_came_back, barn.farmer, note.id, {lot.id: Outcome.DESTROYED}, "x")
    assert isinstance(error, errors.LotPromised)


def test_all_that_was_taken_does_not_come_back(barn):
    note = barn.hand_over(barn.enter())
    assert db.session.get_one(Handover, note.id).lines[0].came_back_grams == 0
    assert db.session.get_one(Handover, barn.draft(barn.enter()).id).lines[0].came_back_grams == 0


# -- pages ----------------------------------------------------------------------------------------------------


def text(answer):
    return " ".join(answer.get_data(as_text=True).split())


def test_who_gave_says_on_the_note_what_became_of_it(by, barn):
    lot = barn.enter()
    url = f"/remises/{short_of(barn, lot).public_id}"
    assert "Say what came back" in text(by("farm").get("/lots"))
    page = text(by("farm").get(url))
    assert "10 kg came back: nobody has said yet what became of it" in page
    assert "Some of it came back to you" in page
    assert "Some of it came back to you" not in text(by("ours").get(url))
    data = {f"returned_{lot.public_id}": "destroyed"}
    assert by("farm").post(f"{url}/retour", data={}).status_code == 422
    assert by("farm").post(f"{url}/retour", data=data).status_code == 422
    assert by("farm").post(f"{url}/retour", data=data | {"reason": "Écrasées"}).status_code == 303
    said = "10 kg came back. Destroyed: Écrasées"
    for address in (url, f"/lots/{lot.public_id}"):
        assert said in text(by("farm").get(address))
    assert "Say what came back" not in text(by("farm").get("/lots"))
    assert by("farm").get(f"{url}/bon.pdf").status_code == 200
    assert by("ours").post(f"{url}/retour", data=data).status_code == 403
