"""What programmes help to pay, and what they do not; whom a waiver binds; what stops nothing else."""

from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from app.accounts.errors import MoneyOpen
from app.accounts.models import Role
from app.accounts.queries import load_actor
from app.accounts.service.archiving import affairs_of, archive_organisation
from app.bookings import service
from app.bookings.costs import find_costs
from app.bookings.errors import HasBegun
from app.bookings.service import Offer
from app.bookings.service import costs as upkeep
from app.bookings.views.estimated import planned
from app.core.policy import Actor
from app.infra.audit import AuditEntry
from app.infra.db import db
from app.payments import service as payments
from app.payments.amount_errors import BadSplitKey
from app.payments.books.checking import findings
from app.payments.books.postings import Method
from app.payments.deposits import service as deposits
from app.payments.deposits.service import NewDeposit
from app.payments.errors import KeyReused, NotCharged, ShareChanged, TakenBackWhole
from app.payments.estimates import costs
from app.payments.queries import dues_of
from app.payments.splits.keys import KeyKind
from app.web.format import zone
from tests.bookings.money import Meter, MoneyWorld, a_resource, owed, span, tariff
from tests.bookings.pages import text_of
from tests.factories import a_member
from tests.payments.books import find_charges

pytestmark = pytest.mark.usefixtures("session", "frozen")


@pytest.fixture
def world():
    return MoneyWorld()


def sound():
    return not any(found.broken for found in findings())


def over(frozen, booking):
    frozen.move_to(booking.end_at + timedelta(hours=1))
    service.charge_due()


def test_an_organisation_has_at_most_so_much_of_an_envelope_over_all_its_bookings(world, frozen):
    """The second booking is charged as the first; PostgreSQL adds cents up to Decimals."""
    world.envelope(most_each_cents=2000)
    first = world.booked()
    second = world.booked(slot=span("2026-10-07 09:00", "2026-10-07 12:00"))
    over(frozen, second)
    assert owed(first)["PAT", world.kitchen.site.owner.name] == 1440
    assert owed(second)["PAT", world.kitchen.site.owner.name] == 560


def test_nobody_helps_to_pay_what_one_uses_of_ones_own(world, frozen):
    envelope = world.envelope()
    owner = world.kitchen.site.owner
    wanted = service.Request(world.kitchen.id, owner.id, world.slot, 1, "Soupes")
    booking = service.ask(wanted, world.actor_for(owner), uid_host="mutualim.test")
    if booking.decision == "pending":
        service.approve(booking.id, world.manager)
    over(frozen, booking)
    assert owed(booking) == {}
    assert (envelope.held_cents, envelope.spent_cents) == (0, 0)


def test_what_one_owner_waives_is_not_given_by_another(world, session):
    booking = world.booked()
    service.waive_costs(booking.id, world.manager, "Partenaire de la commune")
    plan = world.costs(booking).plan
    payments.replan(plan, plan.payee_id, plan.tariff, "kitchen")
    assert plan.waiver_reason == ""


def test_a_place_that_costs_nothing_in_between_takes_nothing_of_the_next_hold(world, session):
    """Priced, free of charge, priced again: what was held for the first is not taken for held for the last."""
    envelope = world.envelope()
    booking = world.booked()
    payments.drop_plan(world.costs(booking).plan)
    assert envelope.held_cents == 0
    upkeep.begin([booking])
    assert envelope.held_cents == 1440


def test_an_absence_that_is_told_releases_the_envelope_and_is_paid_without_it(world, frozen):
    envelope = world.envelope()
    booking = world.booked()
    frozen.move_to(booking.start_at + timedelta(hours=2))
    service.tell_absence(booking.id, world.manager)
    assert envelope.held_cents == 0
    service.forgive_absence(booking.id, world.manager, "Malade")
    over(frozen, booking)
    assert (owed(booking), envelope.held_cents, envelope.spent_cents) == ({}, 0, 0)


def test_one_absence_that_cannot_be_taken_back_stops_no_other(world, frozen, monkeypatch):
    slots = [span(f"2026-10-0{day} 09:00", f"2026-10-0{day} 12:00") for day in (6, 7)]
    bookings = [world.booked(slot=slot) for slot in slots]
    over(frozen, bookings[-1])
    for booking in bookings:
        service.tell_absence(booking.id, world.manager)
        service.forgive_absence(booking.id, world.manager, "Malade")
    [charged], real = find_charges("booking", bookings[0].ref), payments.credit

    def fails_once(key, *rest):
        if key == f"forgiven:{charged.id}":
            raise RuntimeError
        return real(key, *rest)

    monkeypatch.setattr(payments, "credit", fails_once)
    with pytest.raises(ExceptionGroup):
        service.charge_due()
    assert sum(owed(bookings[1]).values()) == 0


def test_one_alone_bears_all_of_it(world):
    booking = world.booked()
    with pytest.raises(BadSplitKey) as refused:
        world.share(booking, KeyKind.SINGLE, 1, 1, 1)
    assert refused.value.facts["reason"] == "several"


def test_the_estimate_promises_only_what_a_programme_gives(world):
    """Of its kinds of resources, and from the envelope of the day of use."""
    world.envelope(kinds=("vehicle",))
    year = payments.NewProgramme(world.territory.id, world.pat.id, "L’an prochain", 4000)
    later = payments.open_programme(year)
    payments.open_envelope(payments.NewEnvelope(later.id, date(2027, 1, 1), date(2028, 1, 1), 100_000))

    def borne(day):
        use = planned(world.kitchen.id, span(f"{day} 09:00", f"{day} 12:00"), zone("Europe/Paris"), 1)
        found = costs([use], world.association).all
        assert found is not None
        return found.borne_cents

    assert borne("2026-10-06") == 0
    assert borne("2027-01-06") == 1440
    booking = world.booked()
    assert not [s for s in world.costs(booking).plan.subsidies if s.hold_key]


# -- what was said yes to -------------------------------------------------------------------------------------


def ask_friend(world, booking, kind=KeyKind.EQUAL, weight=1, own=1, **how):
    """Ask the first friend to share; give the friend and who answers for it."""
    friend = world.friends[0]
    parts = [payments.Part(world.association.id, own), payments.Part(friend.id, weight)]
    service.share_costs(booking.id, world.treasurer, kind, parts, **how)
    return friend, world.friend_actors[0]


def state_of(world, booking, friend):
    party = world.costs(booking).plan.party(friend.id)
    assert party is not None
    return party.state


def test_a_yes_is_to_what_was_read(world):
    booking = world.booked()
    friend, keeper = ask_friend(world, booking)
    ask_friend(world, booking, KeyKind.SINGLE, own=0)
    with pytest.raises(ShareChanged) as refused:
        service.answer_costs(booking.id, keeper, friend.id, accepts=True, seen_cents=1800)
    assert refused.value.facts["cents"] == 3600
    service.answer_costs(booking.id, keeper, friend.id, accepts=True, seen_cents=3600)
    assert state_of(world, booking, friend) == "accepted"


def test_the_part_shown_is_the_part_charged_whatever_ceilings_others_have(world, browser, frozen):
    booking = world.booked()
    friend = world.friends[0]
    parts = [payments.Part(world.association.id, 1, 100), payments.Part(friend.id, 1)]
    service.share_costs(booking.id, world.treasurer, KeyKind.EQUAL, parts, friend.id)
    page = text_of(browser(world.friend_people[0]).get(f"/reservations/{booking.ref}/couts"))
    assert "Its part as things stand: €35.00." in page
    assert "It also bears what the ceilings of others leave." in page
    service.answer_costs(booking.id, world.friend_actors[0], friend.id, accepts=True, seen_cents=3500)
    over(frozen, booking)
    assert owed(booking)[friend.name, world.kitchen.site.owner.name] == 3500


def test_who_takes_what_ceilings_leave_has_none(world):
    booking = world.booked()
    friend = world.friends[0]
    parts = [payments.Part(world.association.id, 1), payments.Part(friend.id, 1, 500)]
    with pytest.raises(BadSplitKey) as refused:
        service.share_costs(booking.id, world.treasurer, KeyKind.EQUAL, parts, friend.id)
    assert refused.value.facts["reason"] == "residual_ceiling"


def test_who_would_bear_more_than_they_said_yes_to_is_asked_again(world, frozen):
    booking = world.booked()
    friend, keeper = ask_friend(world, booking)
    service.answer_costs(booking.id, keeper, friend.id, accepts=True)
    shorter = span("2026-10-06 09:00", "2026-10-06 11:00")
    service.change(booking.id, world.member, shorter, 1)
    assert state_of(world, booking, friend) == "accepted"
    service.change(booking.id, world.member, span("2026-10-06 09:00", "2026-10-06 17:00"), 1)
    assert state_of(world, booking, friend) == "invited"
    assert owed(booking) == {}


# -- what was measured ----------------------------------------------------------------------------------------


@pytest.fixture
def driven(world, frozen):
    """Give a booking that is over, of something that counts kilometres."""
    world.price(world.kitchen, tariff((Meter.KM, 60)))
    booking = world.booked()
    frozen.move_to(booking.end_at + timedelta(hours=1))
    return booking


def due(booking):
    return sum(owed(booking).values())


def test_what_who_used_it_measures_waits_three_days_for_the_place(world, driven, frozen, browser):
    assert service.measure_costs(driven.id, world.member, {Meter.KM: 0}) is None
    assert service.charge_due() == 0
    page = text_of(browser(world.manager_person).get(f"/reservations/{driven.ref}/couts"))
    assert "Measured by who used it" in page
    assert driven.ref in text_of(browser(world.manager_person).get("/a-traiter"))
    service.measure_costs(driven.id, world.manager, {Meter.KM: 42_000})
    assert due(driven) == 2520


def test_what_the_place_does_not_correct_is_charged(world, driven, frozen):
    service.measure_costs(driven.id, world.member, {Meter.KM: 10_000})
    frozen.move_to(driven.end_at + timedelta(days=3))
    assert service.charge_due() == 1
    assert due(driven) == 600


def test_what_nobody_ever_measures_keeps_no_envelope_for_ever(world, frozen):
    envelope = world.envelope()
    world.price(world.kitchen, tariff((Meter.HOUR, 1200), (Meter.KM, 60)))
    booking = world.booked()
    over(frozen, booking)
    assert (due(booking), envelope.held_cents) == (0, 1440)
    frozen.move_to(booking.end_at + timedelta(days=30))
    service.charge_due()
    assert (due(booking), envelope.held_cents, envelope.spent_cents) == (3600, 0, 1440)


# -- putting right --------------------------------------------------------------------------------------------


def test_figures_that_were_wrong_are_charged_anew(world, driven, browser, frozen):
    """42,000 km instead of 42: taken back whole, charged as it was, both to be read."""
    service.measure_costs(driven.id, world.manager, {Meter.KM: 42_000_000})
    assert due(driven) == 2_520_000
    client = browser(world.manager_person)
    url = f"/reservations/{driven.ref}/couts"
    assert "Put right what was charged" in text_of(client.get(url))
    typed = {"km": "42", "reason": ""}
    refused = client.post(f"{url}/corriger", data=typed)
    assert refused.status_code == 422
    assert client.post(f"{url}/corriger", data=typed | {"reason": "Virgule"}).status_code == 303
    assert due(driven) == 2520
    assert [charge.key for charge in find_charges("booking", driven.ref)] == [
        f"booking:{driven.ref}",
        f"booking:{driven.ref}#1",
    ]
    assert sound()
    assert browser(world.person).post(f"{url}/corriger", data=typed).status_code == 403


def test_a_part_of_a_charge_is_taken_back_once_however_often_it_is_sent(world, browser, frozen):
    booking = world.booked()
    over(frozen, booking)
    client, url = browser(world.manager_person), f"/reservations/{booking.ref}/couts/reprendre"
    typed = {"amount": "6,00", "reason": "Four en panne", "once": "x" * 20}
    for _twice in range(2):
        assert client.post(url, data=typed).status_code == 303
    assert due(booking) == 3000
    for wrong in ({"amount": "0"}, {"amount": "99"}, {"reason": ""}):
        answer = client.post(url, data=typed | {"once": "y" * 20} | wrong)
        assert answer.status_code in {409, 422}, wrong
    assert due(booking) == 3000


def test_nobody_helps_to_pay_for_an_absence_that_is_told_after_the_charge(world, frozen):
    envelope = world.envelope()
    booking = world.booked()
    over(frozen, booking)
    assert envelope.spent_cents == 1440
    service.tell_absence(booking.id, world.manager)
    service.charge_due()
    assert envelope.spent_cents == 0
    assert due(booking) == 3600
    service.forgive_absence(booking.id, world.manager, "Malade")
    service.charge_due()
    assert due(booking) == 0
    assert sound()


def test_nobody_bears_more_than_they_said_yes_to_by_a_correction_or_an_absence(world, frozen):
    """What goes beyond is for whoever it is for: here, the absence that no programme helps to pay."""
    world.envelope()
    booking = world.booked()
    friend, keeper = ask_friend(world, booking)
    service.answer_costs(booking.id, keeper, friend.id, accepts=True, seen_cents=1080)
    over(frozen, booking)
    service.tell_absence(booking.id, world.manager)
    service.charge_due()
    [_first, second] = find_charges("booking", booking.ref)
    assert {due.payer_id: due.cents for due in dues_of(second.id)} == {
        friend.id: 1080,
        world.association.id: 2520,
    }


def test_what_was_paid_pays_what_is_charged_anew(world, driven, frozen):
    service.measure_costs(driven.id, world.manager, {Meter.KM: 100_000})
    [charge] = find_charges("booking", driven.ref)
    [due] = dues_of(charge.id)
    payment = payments.record_payment("vir", [due.id], 6000, Method.TRANSFER)
    correct(world, driven, 80)
    anew = find_charges("booking", driven.ref)[1]
    assert anew.snapshot["corrects"] == "Compteur mal lu", "who pays reads it on the bill"
    [again] = dues_of(anew.id)
    assert (again.cents, again.owed_cents, payment.free_cents) == (4800, 0, 1200)
    assert sound()


def test_an_absence_is_forgiven_whole_whatever_was_taken_back_before(world, frozen):
    booking = world.booked()
    over(frozen, booking)
    service.take_costs_back(booking.id, world.manager, "Geste", "once", 100)
    service.tell_absence(booking.id, world.manager)
    service.charge_due()
    service.forgive_absence(booking.id, world.manager, "Malade")
    service.charge_due()
    assert due(booking) == 0
    with pytest.raises(NotCharged):
        service.correct_costs(booking.id, world.manager, payments.Correction("once", "Encore", {}))


# -- what was let off stays off -------------------------------------------------------------------------------


def correct(world, booking, km, key="once", **how):
    correction = payments.Correction(key, "Compteur mal lu", {Meter.KM: km * 1000}, **how)
    return service.correct_costs(booking.id, world.manager, correction)


def let_off(world, booking, cents=None, key="geste"):
    return service.take_costs_back(booking.id, world.manager, "Geste de bienvenue", key, cents)


def test_a_gesture_stays_off_what_is_charged_anew_each_time(world, driven, frozen):
    service.measure_costs(driven.id, world.manager, {Meter.KM: 100_000})
    let_off(world, driven, 2000)
    assert due(driven) == 4000
    correct(world, driven, 90)
    assert due(driven) == 5400 - 2000
    let_off(world, driven, 100, "encore")
    correct(world, driven, 80, "deux")
    assert due(driven) == 4800 - 2100
    correct(world, driven, 20, "trois")
    assert due(driven) == 0, "no more than there is"
    correct(world, driven, 80, "quatre")
    assert due(driven) == 4800 - 2100, "and no less once there is more again"
    assert sound()


def test_a_gesture_is_told_once_however_often_it_is_sent(world, driven):
    service.measure_costs(driven.id, world.manager, {Meter.KM: 100_000})
    for _again in range(2):
        let_off(world, driven, 2000)
    told = select(func.count()).select_from(AuditEntry).where(AuditEntry.act == "taken_back")
    assert db.session.scalar(told) == 1


def test_who_takes_the_rest_pays_no_more_than_agreed_where_there_are_no_ceilings(frozen):
    world = MoneyWorld()
    world.envelope()
    booking = world.ask()
    world.share(booking, KeyKind.EQUAL, 1, 1, 1, residual_id=world.friends[1].id)
    service.approve(booking.id, world.manager)
    over(frozen, booking)
    service.tell_absence(booking.id, world.manager)
    service.charge_due()
    bears = {payer: cents for (payer, _payee), cents in owed(booking).items()}
    assert (bears["Épicerie"], bears["Graines"]) == (720, 720)
    assert bears["Les Glaneurs"] == 3600 - 1440


def test_a_gesture_is_charged_again_where_that_is_said(world, driven):
    service.measure_costs(driven.id, world.manager, {Meter.KM: 100_000})
    let_off(world, driven, 2000)
    correct(world, driven, 90, in_full=True)
    assert due(driven) == 5400


def test_what_was_taken_back_whole_stays_so_unless_it_is_said(world, driven):
    service.measure_costs(driven.id, world.manager, {Meter.KM: 100_000})
    let_off(world, driven)
    with pytest.raises(TakenBackWhole):
        correct(world, driven, 90)
    assert due(driven) == 0
    correct(world, driven, 90, in_full=True)
    assert due(driven) == 5400
    assert sound()


def test_an_absence_charges_again_nothing_that_was_let_off(world, frozen):
    whole, part = world.booked(), world.booked(slot=span("2026-10-07 09:00", "2026-10-07 12:00"))
    over(frozen, part)
    let_off(world, whole)
    let_off(world, part, 600, "part")
    for booking in (whole, part):
        service.tell_absence(booking.id, world.manager)
    service.charge_due()
    assert (due(whole), due(part)) == (0, 3000)
    assert [len(find_charges("booking", each.ref)) for each in (whole, part)] == [1, 2]
    assert upkeep.charge_due() == 0, "neither is looked at again"
    assert not db.session.scalars(upkeep._missed()).all()


def test_charged_anew_twice_by_one_click_is_charged_anew_once(world, driven):
    service.measure_costs(driven.id, world.manager, {Meter.KM: 100_000})
    assert correct(world, driven, 90) == correct(world, driven, 90)
    assert len(find_charges("booking", driven.ref)) == 2
    with pytest.raises(KeyReused):
        correct(world, driven, 70)


def test_what_was_left_out_is_left_out_again(frozen):
    world = MoneyWorld(tariff((Meter.KM, 50), (Meter.KWH, 20)))
    booking = world.booked()
    frozen.move_to(booking.end_at + timedelta(hours=1))
    service.measure_costs(booking.id, world.manager, {Meter.KM: 100_000})
    frozen.move_to(booking.end_at + timedelta(days=31))
    service.charge_due()
    correct(world, booking, 90)
    assert due(booking) == 4500


# -- what has begun -------------------------------------------------------------------------------------------


def test_who_uses_it_does_not_give_up_but_ends_it_sooner(world, browser, frozen):
    booking = world.booked()
    frozen.move_to(booking.end_at - timedelta(minutes=30))
    with pytest.raises(HasBegun):
        service.cancel(booking.id, world.member, "Fini")
    page = text_of(browser(world.person).get(f"/reservations/{booking.ref}"))
    assert f"/reservations/{booking.ref}/annuler" not in page
    service.cancel(booking.id, world.manager, "Panne")
    assert booking.decision == "cancelled"


# -- another place --------------------------------------------------------------------------------------------


def test_what_is_proposed_elsewhere_costs_what_it_was_proposed_at(world, browser, frozen):
    other = a_resource(world.kitchen.site, kind="kitchen")
    world.price(other, tariff((Meter.HOUR, 2000)))
    booking = world.ask()
    frozen.tick(minutes=10)
    world.price(other, tariff((Meter.HOUR, 1000)))
    frozen.tick(minutes=10)
    proposal = service.propose(booking.id, world.manager, Offer(other.id, world.slot, 1))
    frozen.tick(minutes=10)
    world.price(other, tariff((Meter.HOUR, 5000)))
    page = text_of(browser(world.person).get(f"/reservations/{booking.ref}"))
    assert "€30.00" in page
    service.accept_proposal(booking.id, proposal.ref, world.member)
    assert world.costs(booking).plan.tariff.tariff.lines[0].unit_cents == 1000


def test_what_becomes_another_place_while_money_is_off_is_as_if_it_were_asked_for_then(world):
    other = a_resource(world.kitchen.site, kind="kitchen")
    world.price(other, tariff((Meter.HOUR, 2000)))
    booking = world.ask()
    proposal = service.propose(booking.id, world.manager, Offer(other.id, world.slot, 1))
    payments.switch_money(world.coordinator, world.territory.id, is_on=False)
    service.accept_proposal(booking.id, proposal.ref, world.member)
    payments.switch_money(world.coordinator, world.territory.id, is_on=True)
    assert find_costs(booking) is None


# -- leaving --------------------------------------------------------------------------------------------------


def test_an_organisation_with_something_to_settle_is_not_archived(world, frozen):
    booking = world.booked()
    friend, keeper = ask_friend(world, booking)
    service.answer_costs(booking.id, keeper, friend.id, accepts=True)
    boss = load_actor(a_member(friend, role=Role.ORG_ADMIN).id)

    def archive():
        seen = affairs_of(friend.id).fingerprint
        return archive_organisation(boss, friend.slug, "Dissolution", seen=seen)

    with pytest.raises(MoneyOpen) as refused:
        archive()
    assert refused.value.facts["names"] == (world.association.name,)
    over(frozen, booking)
    with pytest.raises(MoneyOpen) as refused:
        archive()
    assert refused.value.facts["names"] == (world.kitchen.site.owner.name,)
    payments.switch_money(world.coordinator, world.territory.id, is_on=False)
    assert archive().state == "archived"


def test_nor_is_who_pays_a_programme_or_has_a_deposit(world, frozen):
    world.envelope()
    boss = load_actor(a_member(world.pat, role=Role.ORG_ADMIN).id)
    with pytest.raises(MoneyOpen) as refused:
        archive_organisation(boss, world.pat.slug, "Fini", seen=affairs_of(world.pat.id).fingerprint)
    assert refused.value.facts["names"] == ("Logistique",)
    friend, other = world.friends
    ids = friend.id, other.id
    held = deposits.ask(NewDeposit("booking", "B1", world.territory.id, *ids, 500, frozen.now))
    deposits.receive(held, Actor(), Method.CHEQUE)
    assert affairs_of(friend.id).money_with == (other.name,)
    assert affairs_of(other.id).money_with == (friend.name,)
