"""Lots and hand-over notes: what is left, what is signed, where it came from and where it went."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.accounts.events import AccountErased, OrganisationArchived
from app.accounts.queries import load_actor
from app.bookings.errors import KeyReused
from app.core import clock
from app.core.errors import DomainError, ReasonMissing
from app.core.states import IllegalMove
from app.infra.audit import AuditEntry
from app.infra.db import db
from app.supply.cargo import KILO, Regime
from app.supply.chains.service import allow_food_aid
from app.supply.lots import errors, queries, service
from app.supply.lots.models import Handover, Incident, Lot
from app.supply.lots.rules import ANSWER_TIME, PROOF_LIFE, LotState, NoteState, Outcome
from app.supply.lots.signatures import on_spot_words
from tests.factories import a_coordinator, a_member, a_resource, a_site, an_organisation
from tests.supply.chains.valley import Valley
from tests.supply.lots.world import TODAY, Barn, close_all

pytestmark = pytest.mark.usefixtures("session", "frozen")

GONE: dict[str, Any] = {
    "name": "Les Glaneurs", "slug": "x", "territory_id": 1, "reason": "Dissoute", "by_itself": False, "to": ()
}  # fmt: skip
LEAVER: dict[str, Any] = {"to": None, "why": "asked", "reason": "", "heirs": {}, "messages_too": True}


@pytest.fixture
def barn() -> Barn:
    return Barn()


def left(lot: Lot) -> int:
    return queries.left_of([db.session.get_one(Lot, lot.id)])[lot.id] // KILO


def lots_of(organisation) -> list[Lot]:
    return [*db.session.scalars(select(Lot).filter_by(organisation_id=organisation.id).order_by(Lot.id))]


def refused(act, *given) -> DomainError:
    with pytest.raises(DomainError) as caught:
        act(*given)
    return caught.value


# -- entering -------------------------------------------------------------------------------------------------


def test_a_lot_is_entered_once_however_often_it_is_sent(barn):
    new = service.NewLot("Pommes", 20 * KILO, Regime.PRODUCE, TODAY, origin="Verger")
    first = service.enter(barn.farmer, barn.farm.id, new, "key")
    assert service.enter(barn.farmer, barn.farm.id, new, "key").id == first.id
    with pytest.raises(KeyReused):
        service.make(barn.farmer, barn.farm.id, new, {first.id: 5 * KILO}, "key")
    assert left(first) == 20


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ({"product": "  "}, "product"),
        ({"grams": 0}, "amount"),
        ({"per_package": 0}, "package"),
        ({"origin": ""}, "origin"),
        ({"use_by": TODAY - timedelta(days=1)}, "use_by"),
        ({"received_on": TODAY + timedelta(days=1)}, "received_on"),
    ],
)
def test_what_cannot_be_a_lot_is_refused_with_its_reason(barn, facts, reason):
    assert refused(lambda: barn.enter(**facts)).facts["reason"] == reason


def test_past_its_best_before_date_it_is_still_a_lot(barn):
    assert left(barn.enter(best_before=TODAY - timedelta(days=9))) == 400


def test_nobody_enters_a_lot_for_others(barn):
    new = service.NewLot("Pommes", 20 * KILO, Regime.PRODUCE, TODAY, origin="Verger")
    assert isinstance(refused(service.enter, barn.member, barn.farm.id, new), errors.NotOurLot)


def test_frozen_goods_are_not_put_in_a_dry_store_and_it_is_said_where_they_could_be(barn):
    site = a_site(barn.farm, name="Pôle nourricier")
    stores = {
        regime: a_resource(site, name=regime.title(), kind="storage", facts={"regime": regime})
        for regime in ("ambient", "frozen", "chilled")
    }
    lot = barn.enter(product="Petits pois", regime=Regime.FROZEN)
    error = refused(service.store, barn.farmer, lot.id, stores["ambient"].id)
    assert isinstance(error, errors.PlaceUnfit)
    assert (error.facts["keeps"], error.facts["fitting"]) == ("ambient", ["Frozen, Pôle nourricier"])
    service.store(barn.farmer, lot.id, stores["frozen"].id)
    assert db.session.get_one(Lot, lot.id).resource_id == stores["frozen"].id
    courgettes = barn.enter(resource_id=stores["chilled"].id)  # colder than it has to be does no harm
    assert courgettes.resource_id == stores["chilled"].id


def test_soup_knows_of_what_it_was_made(barn):
    courgettes = barn.enter()
    new = service.NewLot("Soupe", 90 * KILO, Regime.CHILLED, TODAY, origin_id=barn.farm.id)
    soup = service.make(barn.farmer, barn.farm.id, new, {courgettes.id: 120 * KILO})
    assert left(courgettes) == 280
    assert [each.source_id for each in queries.sources_of(soup.id)] == [courgettes.id]
    error = refused(service.make, barn.farmer, barn.farm.id, new, {courgettes.id: 281 * KILO})
    assert isinstance(error, errors.LotShort)
    assert error.facts["left"] == 280 * KILO


def test_what_was_destroyed_is_left_no_more(barn):
    lot = barn.enter()
    barn.hand_over(lot, kilos=100)
    service.destroy(barn.farmer, lot.id, "Moisissures")
    assert (left(lot), db.session.get_one(Lot, lot.id).state) == (0, LotState.DESTROYED)
    assert isinstance(refused(lambda: barn.draft(lot)), errors.LotGone)


def test_what_was_given_is_signed_for_though_the_rest_was_destroyed(barn):
    lot = barn.enter()
    given, promised = barn.give(lot, kilos=100), barn.draft(lot, kilos=50)
    service.destroy(barn.farmer, lot.id, "Moisissures")
    destroyed = lots_of(barn.farm)[1]
    assert (destroyed.grams, destroyed.state, destroyed.reason) == (
        250 * KILO,
        LotState.DESTROYED,
        "Moisissures",
    )
    assert [each.source_id for each in queries.sources_of(destroyed.id)] == [lot.id]
    service.receive(
        barn.member, given.id, service.Receipt("Jean", {lot.id: 80 * KILO}, "Deux caisses abîmées")
    )
    service.give(barn.farmer, promised.id, "Paule")
    assert left(lot) == 20  # what did not come is the giver's again


def test_what_notes_promise_is_destroyed_only_once_they_are_cancelled(barn):
    lot = barn.enter()
    note = barn.give(lot, kilos=400)
    assert isinstance(refused(service.destroy, barn.farmer, lot.id, "Moisissures"), errors.LotPromised)
    service.cancel(barn.farmer, note.id, "Moisissures")
    service.destroy(barn.farmer, lot.id, "Moisissures")
    assert db.session.get_one(Lot, lot.id).state == LotState.DESTROYED


# -- handing over ---------------------------------------------------------------------------------------------


def test_both_sign_and_the_receiver_has_a_lot_that_knows_where_it_came_from(barn):
    lot = barn.enter(use_by=TODAY + timedelta(days=4))
    note = barn.hand_over(lot, kilos=120)
    note = db.session.get_one(Handover, note.id)
    assert note.state == NoteState.RECEIVED
    assert (note.given_name, note.received_name) == ("Paule Guérin", "Jean Ours")
    assert service.is_intact(note)
    [theirs] = lots_of(barn.ours)
    assert (theirs.grams, theirs.product, theirs.use_by) == (120 * KILO, "Courgettes", lot.use_by)
    assert theirs.origin_id == barn.farm.id
    [source] = queries.sources_of(theirs.id)
    assert source.line is not None
    assert (source.source_id, source.line.handover_id) == (lot.id, note.id)
    assert left(lot) == 280


def test_a_note_that_was_changed_after_it_was_signed_is_found_out(barn):
    note = db.session.get_one(Handover, barn.hand_over(barn.enter()).id)
    with db.session.no_autoflush:
        note.lines[0].grams += 1
        assert not service.is_intact(note)
        note.lines[0].grams -= 1


def test_less_may_come_with_a_reason_and_the_rest_stays_with_the_giver(barn):
    lot = barn.enter()
    note = barn.give(lot, kilos=100)
    less = {lot.id: 80 * KILO}
    assert isinstance(
        refused(service.receive, barn.member, note.id, service.Receipt("Jean", less)), ReasonMissing
    )
    service.receive(barn.member, note.id, service.Receipt("Jean", less, "Deux caisses abîmées"))
    assert left(lot) == 320
    assert [each.grams for each in lots_of(barn.ours)] == [80 * KILO]
    assert service.is_intact(db.session.get_one(Handover, note.id))


def test_nothing_at_all_is_a_refusal_and_more_than_was_given_a_mistake(barn):
    lot = barn.enter()
    note = barn.give(lot, kilos=100)
    for grams in (0, 101 * KILO):
        receipt = service.Receipt("Jean", {lot.id: grams}, "Rien")
        assert isinstance(refused(service.receive, barn.member, note.id, receipt), errors.ReceivedOdd)
    service.refuse(barn.member, note.id, service.Receipt("Jean", None, "Trop chaud"))
    assert (left(lot), lots_of(barn.ours)) == (400, [])
    assert db.session.get_one(Handover, note.id).reason == "Trop chaud"


def test_who_is_there_signs_on_the_telephone_of_the_giver(barn):
    note = barn.give(barn.enter())
    service.receive(barn.farmer, note.id, service.Receipt("Aïcha, bénévole"))
    note = db.session.get_one(Handover, note.id)
    assert (note.received_name, note.received_by_id) == ("Aïcha, bénévole", None)


def test_what_was_signed_on_the_telephone_of_the_giver_is_entered_by_nobody_of_the_giver(barn):
    note = barn.give(barn.enter())
    service.receive(barn.farmer, note.id, service.Receipt("Aïcha, bénévole"))
    assert [each.person_id for each in lots_of(barn.ours)] == [None]


def test_the_receiver_contests_what_was_signed_in_its_name_or_confirms_it(barn):
    lot = barn.enter()
    contested, confirmed = barn.give(lot, kilos=10), barn.give(lot, kilos=10)
    for note in (contested, confirmed):
        service.receive(barn.farmer, note.id, service.Receipt("N’importe qui"))
    for who in (barn.farmer, barn.other):
        assert isinstance(refused(service.contest, who, contested.id, "Non"), errors.NotOurLot)
    assert isinstance(refused(service.contest, barn.member, contested.id, " "), ReasonMissing)
    service.contest(barn.member, contested.id, "Personne n’était là.")
    service.confirm(barn.member, confirmed.id)
    answer = db.session.get_one(Handover, contested.id).answer
    assert answer is not None
    assert (answer.is_right, answer.reason) == (False, "Personne n’était là.")
    assert "contest" in on_spot_words(db.session.get_one(Handover, contested.id))
    assert refused(service.confirm, barn.member, contested.id).facts["reason"] == "answered"
    assert service.is_intact(db.session.get_one(Handover, contested.id))


def test_what_was_signed_long_ago_or_with_an_own_account_is_not_contested(barn):
    lot = barn.enter()
    own, late = barn.hand_over(lot, kilos=10), barn.give(lot, kilos=10)
    service.refuse(barn.farmer, late.id, service.Receipt("Aïcha", None, "Trop chaud"))
    assert refused(service.contest, barn.member, own.id, "Non").facts["reason"] == "own"
    with clock.stopped(clock.now() + ANSWER_TIME):
        assert refused(service.contest, barn.member, late.id, "Non").facts["reason"] == "over"
        service.confirm(barn.member, late.id)


def test_others_sign_nothing(barn):
    note = barn.draft(barn.enter())
    for who in (barn.other, barn.stranger, barn.member):
        assert isinstance(refused(service.give, who, note.id, "X"), errors.NotOurLot)
    service.give(barn.farmer, note.id, "Paule")
    receipt = service.Receipt("X", None, "Y")
    for act in (service.receive, service.refuse):
        assert isinstance(refused(act, barn.other, note.id, receipt), errors.NotOurLot)


def test_nobody_signs_twice_nor_without_a_name(barn):
    note = barn.draft(barn.enter())
    assert isinstance(refused(service.give, barn.farmer, note.id, "  "), errors.SignatureMissing)
    receipt = service.Receipt("Jean")
    assert isinstance(refused(service.receive, barn.member, note.id, receipt), IllegalMove)
    service.give(barn.farmer, note.id, "Paule")
    assert isinstance(refused(service.give, barn.farmer, note.id, "Paule"), IllegalMove)
    service.receive(barn.member, note.id, receipt)
    assert isinstance(refused(service.receive, barn.member, note.id, receipt), IllegalMove)
    assert isinstance(refused(service.cancel, barn.farmer, note.id, "Trop tard"), IllegalMove)


def test_what_goes_to_people_is_counted_and_over_once_the_giver_signed(barn):
    lot = barn.enter()
    note = barn.give(lot, receiver_id=None, people=48)
    assert db.session.get_one(Handover, note.id).state == NoteState.DISTRIBUTED
    assert left(lot) == 300
    receipt = service.Receipt("X")
    assert isinstance(refused(service.receive, barn.farmer, note.id, receipt), errors.NotOurLot | IllegalMove)


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ({"receiver_id": None}, "people"),
        ({"packages": -1}, "packages"),
        ({"at": clock.now() + timedelta(days=900)}, "at"),
    ],
)
def test_what_is_no_hand_over_is_refused_with_its_reason(barn, facts, reason):
    assert refused(lambda: barn.draft(barn.enter(), **facts)).facts["reason"] == reason


def test_who_receives_is_another_organisation_of_the_territory(barn):
    lot = barn.enter()
    for receiver, reason in ((barn.farm, "same_side"), (barn.foreign, "receiver")):
        assert refused(lambda: barn.draft(lot, receiver_id=receiver.id)).facts["reason"] == reason  # noqa: B023


def test_never_more_than_is_left(barn):
    lot = barn.enter()
    first = barn.draft(lot, kilos=300)
    error = refused(lambda: barn.draft(lot, kilos=101))
    assert (error.code, error.facts["left"]) == ("lot_short", 100 * KILO)
    service.cancel(barn.farmer, first.id, "Pas de camion")
    barn.draft(lot, kilos=400)
    assert left(lot) == 0


def test_what_is_chilled_is_measured(barn):
    lot = barn.enter(product="Yaourts", regime=Regime.CHILLED)
    assert isinstance(refused(lambda: barn.draft(lot, tenths=None)), errors.TemperatureMissing)
    assert isinstance(refused(lambda: barn.draft(lot, tenths=2000)), errors.TemperatureOdd)
    assert barn.draft(lot, tenths=35).tenths == 35


def test_nothing_is_handed_over_on_a_day_past_its_use_by_date(barn):
    lot = barn.enter(use_by=TODAY + timedelta(days=1))
    late = clock.now() + timedelta(days=2)
    error = refused(lambda: barn.draft(lot, at=late))
    assert isinstance(error, errors.LotSpoilt)
    assert barn.give(lot, at=clock.now() + timedelta(days=1)).state == NoteState.GIVEN


def test_what_was_given_in_time_is_signed_for_the_day_after(barn):
    note = barn.give(barn.enter(use_by=TODAY))
    with clock.stopped(clock.now() + timedelta(days=1)):
        service.receive(barn.member, note.id, service.Receipt("Jean"))
    assert db.session.get_one(Handover, note.id).state == NoteState.RECEIVED


def test_past_its_use_by_date_nothing_is_given_any_more(barn):
    lot = barn.enter(use_by=TODAY)
    drafted = barn.draft(lot)
    with clock.stopped(clock.now() + timedelta(days=1)):
        for act in (
            lambda: barn.draft(lot),
            lambda: service.give(barn.farmer, drafted.id, "Paule"),
        ):
            assert isinstance(refused(act), errors.LotSpoilt)


# -- leaving, forgetting --------------------------------------------------------------------------------------


def test_an_organisation_that_is_archived_hands_nothing_over_any_more(barn):
    lot = barn.enter()
    given, received = barn.give(lot), barn.hand_over(lot)
    service.end_all_of(OrganisationArchived(**GONE, organisation_id=barn.ours.id, by=barn.coordinator))
    states = [db.session.get_one(Handover, each.id).state for each in (given, received)]
    assert states == [NoteState.CANCELLED, NoteState.RECEIVED]


def test_names_go_with_accounts_and_the_note_still_proves_itself(barn):
    note = barn.hand_over(barn.enter())
    service.forget_words_of(AccountErased(**LEAVER, person_id=barn.farmer.person_id))
    note = db.session.get_one(Handover, note.id, populate_existing=True)
    assert (note.given_name, note.received_name) == ("", "Jean Ours")
    assert service.is_intact(note)


def test_names_are_forgotten_once_nobody_may_ask_for_them(barn):
    note = barn.hand_over(barn.enter(note="Lot 12"))
    with clock.stopped(clock.now() + PROOF_LIFE + timedelta(days=1)):
        service.forget_old()
    note = db.session.get_one(Handover, note.id, populate_existing=True)
    assert (note.given_name, note.received_name) == ("", "")
    assert lots_of(barn.farm)[0].note == ""


def test_reasons_are_forgotten_too_and_the_note_still_proves_itself(barn):
    lot = barn.enter()
    note = barn.give(lot)
    receipt = service.Receipt("Jean", {lot.id: 50 * KILO}, "Mme Dupont n’a pas pu tout prendre")
    service.receive(barn.member, note.id, receipt)
    note = db.session.get_one(Handover, note.id)
    with db.session.no_autoflush:
        note.reason = "Autre chose"
        assert not service.is_intact(note)
    db.session.expire(note)
    with clock.stopped(clock.now() + PROOF_LIFE + timedelta(days=1)):
        service.forget_old()
    note = db.session.get_one(Handover, note.id, populate_existing=True)
    assert (note.reason, service.is_intact(note)) == ("", True)


def test_the_reasons_somebody_wrote_go_with_their_other_words(barn):
    lot = barn.enter()
    cancelled, refused_one = barn.give(lot, kilos=10), barn.give(lot, kilos=10)
    service.cancel(barn.farmer, cancelled.id, "Panne")
    service.refuse(barn.member, refused_one.id, service.Receipt("Jean", None, "Trop chaud"))
    barn.draft(barn.enter(product="Yaourts", regime=Regime.CHILLED), tenths=90)
    incident = db.session.scalars(select(Incident)).one()
    close_all(barn.farmer, incident.id, Outcome.FIT, "3 °C à cœur")
    service.destroy(barn.farmer, lot.id, "Moisissures")
    service.forget_words_of(AccountErased(**LEAVER, person_id=barn.farmer.person_id))
    db.session.expire_all()
    assert [lot.reason, cancelled.reason, incident.measures] == ["", "", ""]
    assert refused_one.reason == "Trop chaud"
    is_ours = AuditEntry.subject_kind.in_(("lot", "handover", "incident"))
    lines = db.session.scalars(select(AuditEntry).where(is_ours))
    assert not [line for line in lines if {"reason", "measures"} & line.facts.keys()]


def test_lists_show_what_is_present_and_all_where_that_is_asked(barn):
    lot, other = barn.enter(), barn.enter(product="Pommes")
    barn.hand_over(lot, kilos=400)
    names = [each.lot.product for each in queries.lots_for(barn.farmer, queries.Sought())[0]]
    assert names == ["Pommes"]
    everything, total = queries.lots_for(barn.farmer, queries.Sought(is_all=True))
    assert (total, [each.left // KILO for each in everything]) == (2, [400, 0])
    found, _ = queries.lots_for(barn.farmer, queries.Sought(product="pom"))
    assert [each.lot.id for each in found] == [other.id]
    assert queries.lots_for(barn.other, queries.Sought(is_all=True))[1] == 0
    assert queries.lots_for(barn.coordinator, queries.Sought(is_all=True))[1] == 3


@pytest.mark.parametrize("typed", ["Épinards", "épinards", "epinards", "BRANCHES épi"])
def test_a_lot_is_found_however_its_accents_are_typed(barn, typed):
    lot = barn.enter(product="Épinards en branches")
    barn.enter(product="Pommes")
    found, _ = queries.lots_for(barn.farmer, queries.Sought(product=typed))
    assert [each.lot.id for each in found] == [lot.id]


# -- food aid -------------------------------------------------------------------------------------------------


def test_food_aid_is_handed_to_who_is_authorised_on_that_day(barn):
    lot = barn.enter(received_on=TODAY - timedelta(days=1))
    note = barn.draft(lot, is_food_aid=True)
    error = refused(lambda: service.give(barn.farmer, note.id, "Paule"))
    assert isinstance(error, errors.NotAuthorised)
    assert error.facts["name"] == barn.ours.name
    barn.authorise(barn.ours)
    service.give(barn.farmer, note.id, "Paule")
    assert note.state == NoteState.GIVEN
    later = barn.draft(lot, is_food_aid=True, at=clock.now() - timedelta(days=1))
    assert isinstance(refused(lambda: service.give(barn.farmer, later.id, "Paule")), errors.NotAuthorised)


def test_the_coordination_may_allow_food_aid_for_a_chain():
    valley = Valley()
    chain, coordinator = valley.ask_for(), load_actor(a_coordinator(valley.territory).id)
    farm = an_organisation(valley.territory)
    farmer = load_actor(a_member(farm).id)
    new = service.NewLot(
        "Courgettes", 400_000, Regime.PRODUCE, TODAY, origin="Verger", bundle_id=chain.bundle_id
    )
    lot = service.enter(farmer, farm.id, new)
    handed = service.NewNote(farm.id, {lot.id: 400_000}, valley.association.id, is_food_aid=True)
    note = service.draft(farmer, handed)
    with pytest.raises(errors.NotAuthorised):
        service.give(farmer, note.id, "Paule")
    allow_food_aid(chain.id, coordinator, "Canicule")
    service.give(farmer, note.id, "Paule")
    assert note.state == NoteState.GIVEN


def test_who_distributes_food_aid_to_people_is_authorised_too(barn):
    note = barn.draft(barn.enter(), receiver_id=None, people=40, is_food_aid=True)
    assert isinstance(refused(lambda: service.give(barn.farmer, note.id, "Paule")), errors.NotAuthorised)
    barn.authorise(barn.farm)
    service.give(barn.farmer, note.id, "Paule")
    assert note.state == NoteState.DISTRIBUTED
