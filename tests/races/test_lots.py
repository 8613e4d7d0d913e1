"""Sixteen hand over of one lot at the same moment, sign, refuse and cancel: never more than is left."""

import pytest
from sqlalchemy import select

from app.core import clock
from app.core.errors import DomainError
from app.infra.db import db
from app.supply.cargo import KILO, Regime
from app.supply.lots import queries, service
from app.supply.lots.models import Handover, HandoverLine, Lot
from app.supply.lots.rules import OPEN, NoteState
from tests.races.test_costs import NOW, in_processes
from tests.supply.lots.world import Barn

WRITERS = 16


@pytest.fixture
def scene(fresh_database):
    """A lot of 400 kg, and who is who."""
    with fresh_database.app.app_context(), clock.stopped(NOW):
        return _scene(Barn())


def _scene(barn, **facts):
    lot = barn.enter(received_on=NOW.date(), **facts)
    ids = lot.id, barn.farm.id, barn.ours.id
    db.session.commit()
    return (*ids, barn.farmer, barn.member)


@pytest.mark.race
def test_sixteen_hand_over_parts_of_a_lot_and_never_more_than_there_is(fresh_database, scene):
    lot_id, farm, ours, farmer, _member = scene

    def work(_which: int) -> None:
        with clock.stopped(NOW):
            for _again in range(3):
                try:
                    service.draft(farmer, service.NewNote(farm, {lot_id: 30 * KILO}, ours))
                except DomainError as refused:
                    assert refused.code == "lot_short"  # in a process of its own

    assert in_processes(fresh_database.app, work, WRITERS) == []
    with fresh_database.app.app_context():
        lot = db.session.get_one(Lot, lot_id)
        assert queries.left_of([lot]) == {lot_id: 10 * KILO}


@pytest.mark.race
def test_what_is_signed_refused_and_cancelled_at_once_adds_up(fresh_database, scene):
    lot_id, farm, ours, farmer, member = scene

    def work(which: int) -> None:
        with clock.stopped(NOW):
            for turn in range(3):
                try:
                    note = service.draft(farmer, service.NewNote(farm, {lot_id: 40 * KILO}, ours))
                    service.give(farmer, note.id, "Paule")
                    if (which + turn) % 3 == 0:
                        service.refuse(member, note.id, service.Receipt("Jean", None, "Trop"))
                    elif (which + turn) % 3 == 1:
                        service.cancel(farmer, note.id, "Erreur")
                    else:
                        receipt = service.Receipt("Jean", {lot_id: 25 * KILO}, "Moins")
                        service.receive(member, note.id, receipt)
                except DomainError as refused:
                    assert refused.code == "lot_short"

    assert in_processes(fresh_database.app, work, WRITERS) == []
    with fresh_database.app.app_context():
        lot = db.session.get_one(Lot, lot_id)
        got = sum(each.grams for each in db.session.scalars(select(Lot).where(Lot.id != lot_id)))
        assert queries.left_of([lot]) == {lot_id: 400 * KILO - got}
        assert got % (25 * KILO) == 0
        assert not db.session.scalars(select(Handover).where(Handover.state.in_(OPEN))).all()


@pytest.mark.race
def test_a_note_is_signed_for_once(fresh_database, scene):
    lot_id, farm, ours, farmer, member = scene
    with fresh_database.app.app_context(), clock.stopped(NOW):
        note = service.draft(farmer, service.NewNote(farm, {lot_id: 40 * KILO}, ours))
        service.give(farmer, note.id, "Paule")
        note_id = note.id
        db.session.commit()

    def work(which: int) -> None:
        with clock.stopped(NOW):
            try:
                if which % 3 == 0:
                    service.cancel(farmer, note_id, "Erreur")
                elif which % 3 == 1:
                    service.refuse(member, note_id, service.Receipt("Jean", None, "Trop"))
                else:
                    service.receive(member, note_id, service.Receipt("Jean"))
            except DomainError as refused:
                assert refused.code == "note_moved_on"

    assert in_processes(fresh_database.app, work, WRITERS) == []
    with fresh_database.app.app_context():
        note = db.session.get_one(Handover, note_id)
        made = db.session.scalars(select(Lot).where(Lot.id != lot_id)).all()
        assert len(made) == (1 if note.state == NoteState.RECEIVED else 0)
        assert db.session.query(HandoverLine).count() == 1


@pytest.mark.race
def test_notes_that_are_corrected_at_once_hand_over_no_more_than_there_is(fresh_database, scene):
    lot_id, farm, ours, farmer, _member = scene

    def work(_which: int) -> None:
        with clock.stopped(NOW):
            try:
                note = service.draft(farmer, service.NewNote(farm, {lot_id: 20 * KILO}, ours))
                for kilos in (40, 30, 40):
                    anew = service.NewNote(farm, {lot_id: kilos * KILO}, ours)
                    service.correct_note(farmer, note.id, anew)
            except DomainError as refused:
                assert refused.code == "lot_short"

    assert in_processes(fresh_database.app, work, WRITERS) == []
    with fresh_database.app.app_context():
        [left] = queries.left_of([db.session.get_one(Lot, lot_id)]).values()
        promised = sum(db.session.scalars(select(HandoverLine.grams)))
        assert 0 <= left == 400 * KILO - promised


@pytest.mark.race
def test_what_comes_back_too_warm_is_not_given_again_in_the_same_moment(fresh_database):
    """Six notes of 40 kg come back too warm, all or three quarters of each, while another writer gives what is left."""
    with fresh_database.app.app_context(), clock.stopped(NOW):
        lot_id, farm, ours, farmer, member = _scene(Barn(), regime=Regime.CHILLED)
        notes = [
            service.draft(farmer, service.NewNote(farm, {lot_id: 40 * KILO}, ours, tenths=35)).id
            for _ in range(6)
        ]
        for note_id in notes:
            service.give(farmer, note_id, "Paule")
        db.session.commit()

    def take_back() -> None:
        for turn, note_id in enumerate(notes):
            if turn % 2:
                service.refuse(member, note_id, service.Receipt("Jean", None, "Trop chaud", 120))
            else:
                some = service.Receipt("Jean", {lot_id: 10 * KILO}, "Le reste est trop chaud", 120)
                service.receive(member, note_id, some)

    def work(which: int) -> None:
        with clock.stopped(NOW):
            if which == 0:
                take_back()
                return
            for _again in range(18):
                try:
                    service.draft(farmer, service.NewNote(farm, {lot_id: 30 * KILO}, ours, tenths=35))
                except DomainError as refused:
                    assert refused.code == "lot_short"

    assert in_processes(fresh_database.app, work, 2) == []
    with fresh_database.app.app_context():
        [found] = queries.found([db.session.get_one(Lot, lot_id)])
        assert (found.left, found.waiting) == (220 * KILO, 210 * KILO)  # 30 kg came, 150 kg are promised
        assert found.free == 10 * KILO
