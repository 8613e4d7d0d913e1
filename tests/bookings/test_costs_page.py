"""The page of what a booking costs, for all sides; where money is off there is none."""

from datetime import timedelta

import pytest

from app.bookings import queries, service
from app.core.recurrence import Frequency, Hours, Rule
from app.notifications.letters.costs import share_asked
from app.payments import service as payments
from app.payments.splits.keys import KeyKind
from app.payments.subjects import named
from tests.bookings.money import Meter, MoneyWorld, owed, tariff
from tests.bookings.pages import World, text_of
from tests.factories import span
from tests.helpers import count_queries
from tests.payments.books import find_charges

pytestmark = pytest.mark.usefixtures("session", "frozen")


@pytest.fixture
def world():
    return MoneyWorld()


def url(booking, act=""):
    return f"/reservations/{booking.ref}/couts{act}"


def test_with_money_off_there_is_no_page_and_no_word(browser):
    world = World()
    booking = world.ask()
    client = browser(world.boss)
    assert client.get(url(booking)).status_code == 404
    assert "What it costs" not in text_of(client.get(f"/reservations/{booking.ref}"))


def test_switched_off_again_nothing_shows(world, browser):
    booking = world.booked()
    payments.switch_money(world.coordinator, world.territory.id, is_on=False)
    assert browser(world.boss).get(url(booking)).status_code == 404


def test_everybody_concerned_reads_it_and_nobody_else(world, browser):
    world.envelope()
    booking = world.booked()
    world.share(booking, KeyKind.EQUAL, 1, 1, 1)
    assert "/couts" in text_of(browser(world.person).get(f"/reservations/{booking.ref}"))
    for person in (world.person, world.manager_person, world.treasurer_person, world.friend_people[0]):
        body = text_of(browser(person).get(url(booking)))
        for piece in ("€36.00", "€14.40", "€7.20", "Logistique", "Promised by its budget", "Agreed"):
            assert piece in body, piece
    stranger = MoneyWorld().treasurer_person
    assert browser(stranger).get(url(booking)).status_code == 404
    assert browser().get(url(booking)).status_code == 303


def sharing(world, **more):
    first, second = world.friends
    return {
        "key": "percent", "part_own": "50", "who_0": first.public_id, "part_0": "37,5",
        "who_1": second.public_id, "part_1": "12.5", "most_1": "4,00", "line_count": "3",
    } | more  # fmt: skip


def test_the_treasurer_shares_and_the_others_answer(world, browser):
    booking, first = world.booked(), world.friends[0]
    answer = browser(world.treasurer_person).post(url(booking, "/partage"), data=sharing(world))
    assert answer.status_code == 303
    parties = {
        each.organisation_id: (each.weight, each.ceiling_cents) for each in world.costs(booking).plan.parties
    }
    assert parties == {
        world.association.id: (5000, None),
        first.id: (3750, None),
        world.friends[1].id: (1250, 400),
    }
    client = browser(world.friend_people[0])
    body = text_of(client.get(url(booking)))
    assert "Épicerie is asked to share this cost" in body
    assert "Its part as things stand: €13.71." in body, "another has a ceiling"
    assert "Épicerie has not answered yet: until then, Les Glaneurs bears its part." in body
    said = client.post(url(booking, "/reponse"), data={"structure": first.public_id, "reponse": "oui"})
    assert said.status_code == 409, "a yes to no amount is none"
    seen = {"structure": first.public_id, "reponse": "oui", "vu": "1371"}
    said = client.post(url(booking, "/reponse"), data=seen)
    assert said.status_code == 303
    body = text_of(client.get(url(booking)))
    assert "Épicerie has accepted its part." in body
    assert "€13.50" in body


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"part_0": "vingt"}, "Enter a number, 0 or more"),
        ({"part_0": "20"}, "The percentages come to 82.5 %"),
        ({"key": "weights", "part_0": "1.5"}, "Enter a whole number, 0 or more."),
        ({"who_1": "", "who_2": "nobody"}, "Not a valid choice"),
        ({"key": "equal", "most_0": "-4"}, "Enter a number, 0 or more"),
    ],
)
def test_what_cannot_be_shared_is_said_and_kept(world, browser, typed, sentence):
    booking = world.booked()
    answer = browser(world.treasurer_person).post(url(booking, "/partage"), data=sharing(world, **typed))
    assert answer.status_code == 422
    body = text_of(answer)
    assert sentence in body.replace("\u00a0", " ")
    assert 'value="12.5"' in body, "what was typed stays"


def test_the_same_organisation_twice_is_said(world, browser):
    booking, twice = world.booked(), world.friends[0].public_id
    data = sharing(world, key="equal", who_1=twice)
    assert "named twice" in text_of(browser(world.treasurer_person).post(url(booking, "/partage"), data=data))


def test_members_and_managers_do_not_share(world, browser):
    booking = world.booked()
    for person in (world.person, world.manager_person):
        assert browser(person).post(url(booking, "/partage"), data=sharing(world)).status_code == 403
        assert "Save, and ask them" not in text_of(browser(person).get(url(booking)))


def test_what_is_measured_is_entered_and_charged(browser, frozen):
    world = MoneyWorld(tariff((Meter.HOUR, 500), (Meter.KM, 60)))
    booking = world.booked()
    frozen.move_to(booking.end_at + timedelta(minutes=5))
    client = browser(world.person)
    body = text_of(client.get(url(booking)))
    assert "Still to be measured: Kilometres driven." in body
    assert f"{booking.ref}/couts" in text_of(browser(world.manager_person).get("/a-traiter"))
    wrong = client.post(url(booking, "/releve"), data={"km": "-3"})
    assert wrong.status_code == 422
    assert 'value="-3"' in text_of(wrong)
    assert client.post(url(booking, "/releve"), data={"km": "40"}).status_code == 303
    assert "Measured by who used it" in text_of(client.get(url(booking)))
    place = browser(world.manager_person)
    assert place.post(url(booking, "/releve"), data={"km": "42,5"}).status_code == 303
    body = text_of(client.get(url(booking)))
    for piece in ("42.5\u00a0km", "€25.50", "€40.50", "Charged, €40.50 still owed"):
        assert piece in body, piece
    assert client.post(url(booking, "/releve"), data={"km": "1"}).status_code == 409


def test_the_manager_waives_with_a_reason(world, browser, frozen):
    booking, client = world.booked(), browser(world.manager_person)
    assert client.post(url(booking, "/gratuit"), data={"reason": " "}).status_code == 422
    assert browser(world.boss).post(url(booking, "/gratuit"), data={"reason": "x"}).status_code == 403
    assert client.post(url(booking, "/gratuit"), data={"reason": "Fête"}).status_code == 303
    body = text_of(client.get(url(booking)))
    assert "Free of charge, worth €36.00: Fête" in body
    assert "Nothing will be charged for it." in body
    assert "The price is promised" not in body
    frozen.move_to(booking.end_at + timedelta(minutes=5))
    service.charge_due()
    assert find_charges("booking", booking.ref)
    assert owed(booking) == {}


def test_what_is_put_right_says_why_and_what_stays_off(browser, frozen):
    world = MoneyWorld(tariff((Meter.KM, 60)))
    booking = world.booked()
    frozen.move_to(booking.end_at + timedelta(minutes=5))
    service.measure_costs(booking.id, world.manager, {Meter.KM: 100_000})
    place, payer = browser(world.manager_person), browser(world.treasurer_person)
    assert "Charge again what was taken back, too" not in text_of(place.get(url(booking)))
    gesture = {"amount": "20", "reason": "Premier mois", "once": "a"}
    assert place.post(url(booking, "/reprendre"), data=gesture).status_code == 303
    body = text_of(place.get(url(booking)))
    assert "€20.00 were taken back: Premier mois. They stay off the new charge" in body
    typed = {"km": "90", "reason": "Compteur mal lu", "once": "b"}
    for _click in range(2):
        assert place.post(url(booking, "/corriger"), data=typed).status_code == 303
    body = text_of(place.get(url(booking)))
    assert "What had been taken back stays off: €20.00." in body
    assert len(find_charges("booking", booking.ref)) == 2
    body = text_of(payer.get(url(booking)))
    for piece in (
        "€20.00 taken back",
        "Premier mois",
        "charged anew, instead of €40.00",
        "Compteur mal lu",
        "€20.00 stay taken back",
    ):
        assert piece in body, piece
    assert "Put right what was charged" not in body


def test_what_was_taken_back_whole_is_charged_again_by_a_tick_alone(browser, frozen):
    world = MoneyWorld(tariff((Meter.KM, 60)))
    booking = world.booked()
    frozen.move_to(booking.end_at + timedelta(minutes=5))
    service.measure_costs(booking.id, world.manager, {Meter.KM: 100_000})
    service.take_costs_back(booking.id, world.manager, "Fête", "a")
    place, typed = browser(world.manager_person), {"km": "90", "reason": "Compteur", "once": "b"}
    refused = place.post(url(booking, "/corriger"), data=typed)
    assert refused.status_code == 409
    body = text_of(refused)
    assert "All of it was taken back: €60.00." in body
    assert 'value="90"' in body
    assert place.post(url(booking, "/corriger"), data=typed | {"in_full": "y"}).status_code == 303
    assert "Charged, €54.00 still owed" in text_of(place.get(url(booking)))


def test_what_was_taken_back_by_mistake_is_charged_again(world, browser, frozen):
    """Where nothing is measured there is a form for it once something was taken back, and only then."""
    booking = world.booked()
    frozen.move_to(booking.end_at + timedelta(minutes=5))
    service.charge_due()
    place = browser(world.manager_person)
    assert "Charge all of it again" not in text_of(place.get(url(booking)))
    service.take_costs_back(booking.id, world.manager, "Mauvaise ligne", "a")
    body = text_of(place.get(url(booking)))
    assert "It was taken back by mistake" in body
    assert "€36.00 were taken back: Mauvaise ligne. All that had been charged is charged again." in body
    typed = {"reason": "Repris par erreur", "once": "b"}
    for _twice in range(2):
        assert place.post(url(booking, "/corriger"), data=typed).status_code == 303
    body = text_of(place.get(url(booking)))
    assert "Charged, €36.00 still owed" in body
    assert "Repris par erreur" in body
    assert "Charge all of it again" not in body
    assert owed(booking)[world.association.name, world.owner.name] == 36_00
    place.post(url(booking, "/corriger"), data=typed | {"once": "c"})
    assert len(find_charges("booking", booking.ref)) == 2, "there is nothing to charge again"


def test_so_is_an_absence_though_a_use_would_be_measured(browser, frozen):
    world = MoneyWorld(tariff((Meter.HOUR, 1200), (Meter.KM, 60)))
    booking = world.booked()
    frozen.move_to(booking.end_at + timedelta(minutes=5))
    service.tell_absence(booking.id, world.manager, "Personne")
    service.charge_due()
    service.take_costs_back(booking.id, world.manager, "Mauvaise ligne", "a")
    place = browser(world.manager_person)
    assert "Charge all of it again" in text_of(place.get(url(booking)))
    place.post(url(booking, "/corriger"), data={"reason": "Repris par erreur", "once": "b"})
    assert "Charged, €36.00 still owed" in text_of(place.get(url(booking)))


def test_what_an_owner_books_of_its_own_is_no_bill(world, browser, frozen):
    booking = world.booked()
    ids = [payments.Part(world.association.id, 1), payments.Part(world.owner.id, 1)]
    service.share_costs(booking.id, world.treasurer, KeyKind.EQUAL, ids)
    owner = MoneyWorld.actor_for(world.owner)
    service.answer_costs(booking.id, owner, world.owner.id, accepts=True)
    frozen.move_to(booking.end_at + timedelta(minutes=5))
    service.charge_due()
    body = text_of(browser(world.person).get(url(booking)))
    assert "Recorded as in kind, no bill" in body
    assert "Charged, €18.00 still owed" in body


def test_given_up_too_late_shows_what_stays_due(browser):
    world = MoneyWorld(late_cancel_percent=50, free_cancel_hours=24 * 60)
    booking = world.booked()
    service.cancel(booking.id, world.member, "Panne")
    body = text_of(browser(world.person).get(url(booking)))
    assert "Cancelled late: 50 % of the price" in body.replace("\u00a0", " ")
    assert "€18.00" in body


def test_a_refused_request_costs_nothing(world, browser):
    booking = world.ask()
    service.refuse(booking.id, world.manager, "Travaux")
    body = text_of(browser(world.person).get(url(booking)))
    assert "Nothing is to be paid" in body
    assert "€36.00" not in body


def test_accounts_name_what_was_charged_and_lead_to_its_costs(world, browser, frozen):
    booking = world.booked()
    frozen.move_to(booking.end_at + timedelta(minutes=1))
    service.charge_due()
    accounts = text_of(
        browser(world.treasurer_person).get(f"/structures/{world.association.slug}/comptes?etat=tout")
    )
    assert f"{booking.resource.name}: Tuesday 6 October, 09:00–12:00" in accounts
    assert url(booking) in accounts


def test_accounts_say_that_nobody_came(world, browser, frozen):
    booking = world.booked()
    frozen.move_to(booking.end_at + timedelta(minutes=1))
    service.charge_due()
    page = f"/structures/{world.association.slug}/comptes?etat=du"
    assert "absence" not in text_of(browser(world.treasurer_person).get(page))
    service.tell_absence(booking.id, world.manager, "Personne")
    service.charge_due()
    assert "absence: nobody came" in text_of(browser(world.treasurer_person).get(page))


def test_who_carries_a_payment_reads_what_for_and_no_name(world, frozen):
    booking = world.booked()
    assert named("booking", [booking.ref])[booking.ref].outside == "Cuisine partagée, mar. 6 oct."


def test_before_it_is_cancelled_late_its_page_names_the_amount(browser):
    world = MoneyWorld(late_cancel_percent=50, free_cancel_hours=24 * 60)
    booking = world.booked()
    page = f"/reservations/{booking.ref}"
    assert "Cancelling now: €18.00 (50 % of the price) stays due." in text_of(browser(world.person).get(page))
    service.waive_costs(booking.id, world.manager, "Fête")
    assert "Cancelling now: €" not in text_of(browser(world.person).get(page))


def test_who_answers_requests_reads_what_each_costs(world, browser):
    world.ask()
    client = browser(world.manager_person)
    assert "Cost: €36.00" in text_of(client.get("/a-traiter"))
    with count_queries() as one:
        client.get("/a-traiter")
    for day in range(7, 11):
        world.ask(span(f"2026-10-{day:02} 09:00", f"2026-10-{day:02} 10:00"))
    with count_queries() as many:
        page = text_of(client.get("/a-traiter"))
    assert page.count("Cost: €12.00") == 4
    assert len(many) <= len(one)
    payments.switch_money(world.coordinator, world.territory.id, is_on=False)
    assert "Cost:" not in text_of(client.get("/a-traiter"))


def test_the_card_of_a_series_tells_what_all_its_dates_cost(world, browser):
    rule = Rule(Frequency.WEEKLY, world.slot.start.date(), weekdays=(1,), times=3)
    morning = Hours(540, 720, "Europe/Paris")
    wish = service.SeriesRequest(world.kitchen.id, world.association.id, rule, morning, 1, "Soupes")
    service.ask_series(wish, world.member, uid_host="mutualim.test")
    assert "Cost: €108.00" in text_of(browser(world.manager_person).get("/a-traiter"))


def test_what_waits_for_whoever_keeps_accounts_stands_on_their_page(world, browser, frozen):
    """A part to say yes to first, then what is owed; members read neither, and nothing shows where money is off."""
    friend, person = world.friends[0], world.friend_people[0]
    booking = world.booked()
    parts = [payments.Part(each.id, 1) for each in (world.association, friend)]
    service.share_costs(booking.id, world.treasurer, KeyKind.EQUAL, parts)
    asked = text_of(browser(person).get("/moi"))
    assert f"{friend.name} is asked to share this cost" in asked
    assert url(booking) in asked
    service.answer_costs(booking.id, world.friend_actors[0], friend.id, accepts=True)
    borne = text_of(browser(person).get("/moi"))
    assert "is asked to share this cost" not in borne
    assert "Costs that you share" in borne
    assert url(booking) in borne, "the way back to what was accepted"
    assert "is asked to share" not in text_of(browser(world.treasurer_person).get("/moi"))
    frozen.move_to(booking.end_at + timedelta(hours=1))
    service.charge_due()
    page = text_of(browser(person).get("/moi"))
    assert "is asked to share" not in page
    assert f"{friend.name} owes €18.00" in page
    assert f"/structures/{friend.slug}/comptes?etat=du" in page
    assert "owes" not in text_of(browser(world.person).get("/moi"))
    payments.switch_money(world.coordinator, world.territory.id, is_on=False)
    assert "owes" not in text_of(browser(person).get("/moi"))


def test_a_waiver_is_taken_back_before_it_is_charged(world, browser, frozen):
    booking = world.booked()
    service.waive_costs(booking.id, world.manager, "Coup de main")
    client = browser(world.manager_person)
    assert "Charge it after all" in text_of(client.get(url(booking)))
    assert "Charge it after all" not in text_of(browser(world.treasurer_person).get(url(booking)))
    assert browser(world.treasurer_person).post(url(booking, "/gratuit/annuler")).status_code == 403
    assert client.post(url(booking, "/gratuit/annuler")).status_code == 303
    frozen.move_to(booking.end_at + timedelta(hours=1))
    service.charge_due()
    assert owed(booking) == {("Les Glaneurs", "Mairie de Treillières"): 3600}
    assert client.post(url(booking, "/gratuit/annuler")).status_code == 409


def test_the_page_of_a_booking_tells_what_it_costs_itself(world, browser, frozen):
    """Not the list price: it was asked at another tariff, and its hours are counted."""
    booking = world.booked()
    world.price(world.kitchen, tariff((Meter.HOUR, 9900)))
    page = f"/reservations/{booking.ref}"
    for person in (world.person, world.manager_person):
        body = text_of(browser(person).get(page))
        assert "€36.00" in body
        assert "€99.00" not in body
    frozen.move_to(booking.end_at + timedelta(hours=1))
    service.charge_due()
    assert "€36.00" in text_of(browser(world.person).get(page)), "as it was charged"


def test_what_is_given_is_told_with_its_worth(browser):
    every = ("P1", "P2", "P3", "P4")
    world = MoneyWorld(tariff((Meter.HOUR, 1200), coefficients_bp=dict.fromkeys(every, 0)))
    body = text_of(browser(world.person).get(f"/reservations/{world.booked().ref}"))
    assert "Free of charge, worth €36.00" in body


def test_who_has_decided_by_a_link_reads_what_it_costs(world, browser):
    booking = world.ask()
    world.price(world.kitchen, tariff((Meter.HOUR, 9900)))
    secret = world.link_of(booking)
    service.approve(booking.id, world.manager)
    body = text_of(browser().get(f"/d/{secret}"))
    assert "€36.00" in body


def test_a_series_tells_what_all_dates_cost_and_leads_to_each(world, browser):
    rule = Rule(Frequency.WEEKLY, world.slot.start.date(), weekdays=(1,), times=2)
    wish = service.SeriesRequest(
        world.kitchen.id, world.association.id, rule, Hours(540, 720, "Europe/Paris"), 1, "Soupes"
    )
    series = service.ask_series(wish, world.member, uid_host="mutualim.test")
    body = text_of(browser(world.person).get(f"/series/{series.ref}"))
    assert "€72.00" in body
    for booking in queries.occurrences_of(series.id):
        assert url(booking) in body
    payments.switch_money(world.coordinator, world.territory.id, is_on=False)
    without = text_of(browser(world.person).get(f"/series/{series.ref}"))
    assert "/couts" not in without
    assert "Price of all dates" not in without


def test_who_is_asked_anew_reads_what_it_had_accepted(world, browser):
    booking, friend = world.booked(), world.friends[0]
    world.share(booking, KeyKind.WEIGHTS, 2, 1)
    parts = [payments.Part(world.association.id, 1), payments.Part(friend.id, 2)]
    service.share_costs(booking.id, world.treasurer, KeyKind.WEIGHTS, parts)
    client = browser(world.friend_people[0])
    assert "You had accepted €12.00; it is €24.00 now." in text_of(client.get(url(booking)))
    party = world.costs(booking).plan.party(friend.id)
    letter = share_asked(booking, party)
    assert letter is not None
    assert any("12" in each and "24" in each for each in letter.paragraphs)
    answer = {"structure": friend.public_id, "reponse": "oui", "vu": "2400"}
    assert client.post(url(booking, "/reponse"), data=answer).status_code == 303
    assert "You had accepted" not in text_of(client.get(url(booking)))
