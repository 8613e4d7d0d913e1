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
from app.supply.offers import service as offers
from app.supply.offers.models import SurplusClaim
from app.supply.offers.rules import ClaimState
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


@pytest.fixture
def parts(fresh_database):
    """Two offers, of each of which both sides' organisation took two parts; notes with a lot of each, signed or not."""
    with fresh_database.app.app_context(), clock.stopped(NOW):
        return _parts(Barn())


def _parts(barn):
    offers_there = [barn.post() for _each in range(2)]
    notes, claims = [], []
    for turn in range(WRITERS):
        taken = [barn.take(offer, 10) for offer in offers_there]
        lots = [
            barn.enter(
                grams=10 * KILO, received_on=NOW.date(), origin="", origin_id=barn.farm.id,
                surplus_claim_ref=part.public_id,
            )
            for part in taken[:: 1 if turn % 2 else -1]
        ]  # fmt: skip
        note = barn.draft(*lots, kilos=10, at=NOW)
        notes.append(note.id)
        claims.append([part.id for part in taken])
    db.session.commit()
    return notes, claims, barn.farmer, barn.member


@pytest.mark.race
def test_parts_are_given_back_or_signed_for_and_never_both(fresh_database, parts):
    notes, claims, farmer, member = parts

    def work(which: int) -> None:
        note_id, (first, second) = notes[which // 2 * 2], claims[which // 2 * 2]
        with clock.stopped(NOW):
            try:
                if which % 2:
                    offers.give_back(member, first)
                    offers.give_back(member, second)
                else:
                    service.give(farmer, note_id, "Paule")
                    service.receive(member, note_id, service.Receipt("Jean", tenths=60))
            except DomainError as refused:
                assert refused.code == "part_handed_over"

    assert in_processes(fresh_database.app, work, WRITERS) == []
    with fresh_database.app.app_context():
        for at in range(0, WRITERS, 2):
            states = [db.session.get_one(SurplusClaim, each).state for each in claims[at]]
            assert set(states) <= {ClaimState.COLLECTED, ClaimState.GIVEN_BACK}


@pytest.mark.race
def test_notes_with_parts_of_the_same_offers_are_signed_for_at_once(fresh_database, parts):
    notes, claims, farmer, member = parts

    def work(which: int) -> None:
        with clock.stopped(NOW):
            service.give(farmer, notes[which], "Paule")
            service.receive(member, notes[which], service.Receipt("Jean", tenths=60))

    assert in_processes(fresh_database.app, work, WRITERS) == []
    with fresh_database.app.app_context():
        taken = [db.session.get_one(SurplusClaim, each) for pair in claims for each in pair]
        assert {part.state for part in taken} == {ClaimState.COLLECTED}
