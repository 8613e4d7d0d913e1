"""The pages of a series: asking with a look at every date, answering all, changing and stopping several."""

import re
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select

from app.availability.closures import Subject, close
from app.bookings import service
from app.bookings.answers import waiting_at
from app.bookings.models import Booking, Series
from app.bookings.narrowing import Answer, NewHours, narrow
from app.bookings.service import Scope
from app.infra.db import db
from app.infra.uow import atomic
from tests.bookings.pages import text_of
from tests.bookings.test_series import NEXT, Town, of
from tests.factories import a_resource, at, span

WEEKLY = {"date": "2026-09-08", "repete": "weekly", "jusqu_au": "2026-12-15", "sauf_vacances": "y"}


@pytest.fixture
def town(session, frozen):
    frozen.move_to(at("2026-09-01 10:00"))
    return Town()


def repeat_url(town):
    return f"/ressources/{town.kitchen.slug}/repeter"


def close_13_october(town):
    shut = span("2026-10-13 00:00", "2026-10-14 00:00")
    close(Subject.of(town.kitchen), shut, "Travaux", town.manager)


def lines(page):
    return re.findall(r'<fieldset class="field choices" id="f-(jour-[\d-]+)"', page)


def test_every_date_is_shown_before_anything_is_sent(town, browser):
    close_13_october(town)
    page = text_of(browser(town.person).post(town.ask_url, data=town.form(**WEEKLY)))
    assert len(lines(page)) == 13
    assert "12 dates are free" in page
    assert "Keep only the 12 free dates" in page
    assert "2 days in the school holidays are left out" in page
    assert "<li>Tuesday 20 October</li><li>Tuesday 27 October</li>" in page
    assert len(times_of(page, "2026-10-13")) == 3
    assert db.session.scalar(select(Series)) is None


def test_the_dates_belong_to_finding_in_the_main_menu(town, browser):
    boss = browser(town.boss)  # who runs an organisation has the entry “Manage”, too
    shown = text_of(boss.post(repeat_url(town), data=town.form(**WEEKLY, envoyer="voir")))
    assert re.findall(r'<a href="([^"]+)" aria-current="page"', shown) == ["/ressources"]


def test_keeping_the_free_ones_makes_twelve_bookings_and_one_page(town, browser):
    close_13_october(town)
    client = browser(town.person)
    answer = client.post(repeat_url(town), data=town.form(**WEEKLY, envoyer="libres"))
    series = db.session.scalars(select(Series)).one()
    assert (answer.status_code, answer.location) == (303, f"/series/{series.ref}")
    assert len(of(series)) == 12
    shown = text_of(client.get(answer.location))
    assert "12 dates" in shown
    assert "Every week: Tuesday" in shown
    assert "except school holidays" in shown


def test_a_conflict_is_resolved_line_by_line(town, browser):
    close_13_october(town)
    client = browser(town.person)
    refused = client.post(repeat_url(town), data=town.form(**WEEKLY, envoyer="tout"))
    assert refused.status_code == 409
    page = text_of(refused)
    assert "1 date of the series cannot be had, so nothing is sent" in page
    [value, *_] = times_of(page, "2026-10-13")
    typed = town.form(**WEEKLY, envoyer="tout") | {"jour-2026-10-13": value, "jour-2026-09-08": "non"}
    assert client.post(repeat_url(town), data=typed).status_code == 303
    made = of(db.session.scalars(select(Series)).one())
    assert len(made) == 12
    assert made[0].recurrence_id == date(2026, 9, 15)


def test_nonsense_in_a_choice_counts_for_nothing(town, browser):
    odd = {
        "jour-2026-99-99": "non",
        "jour-2026-09-15": "9999999999-1000000000",
        "jour-x": "1",
        "envoyer": "tout",
    }
    answer = browser(town.person).post(repeat_url(town), data=town.form(**WEEKLY) | odd)
    assert answer.status_code == 303


@pytest.mark.parametrize(
    "typed, field",
    [
        ({"jusqu_au": "2026-09-01"}, "jusqu_au"),
        ({"fois": "3"}, "fois"),
        ({"jusqu_au": "bientôt"}, "jusqu_au"),
        ({"tous_les": "99"}, "tous_les"),
        ({"jours": "9"}, "jours"),
        ({"jours": "abc"}, "jours"),
        ({"repete": "", "jusqu_au": "", "sauf_vacances": "", "tous_les": "2"}, "repete"),
        ({"repete": ""}, "repete"),
        ({"repete": "daily", "jours": "1"}, "jours"),
        ({"repete": "monthly_date", "jours": "1"}, "jours"),
        ({"repete": "fortnightly"}, "repete"),
    ],
)
def test_a_rule_that_cannot_be_is_refused_in_its_field_and_kept(town, browser, typed, field):
    answer = browser(town.person).post(town.ask_url, data=town.form(**WEEKLY | typed))
    assert answer.status_code == 422
    assert f'id="{field}-error"' in text_of(answer)


def test_the_way_back_keeps_what_was_typed(town, browser):
    page = text_of(browser(town.person).post(repeat_url(town), data=town.form(**WEEKLY, envoyer="retour")))
    assert '<option selected value="weekly">' in page
    assert 'value="2026-12-15"' in page


def test_a_visitor_finds_the_repetition_after_signing_in(town, browser):
    client = browser()
    assert client.post(town.ask_url, data=town.form(**WEEKLY, jours="3")).status_code == 303
    with client.session_transaction() as cookie:
        draft = cookie["draft_ask"]
    assert (draft["repete"], draft["jusqu_au"], draft["jours"], draft["sauf_vacances"]) == (
        "weekly",
        "2026-12-15",
        [3],
        True,
    )


def test_a_visitor_cannot_send(town, browser):
    assert browser().post(repeat_url(town), data=town.form(**WEEKLY, envoyer="tout")).status_code in (
        302,
        303,
    )
    assert db.session.scalar(select(Series)) is None


def test_the_inbox_has_one_card_for_a_series_and_one_act_answers_it(town, browser):
    series = town.series(NEXT)
    town.ask(span("2026-09-09 09:00", "2026-09-09 12:00"))
    client = browser(town.manager_person)
    page = text_of(client.get("/a-traiter"))
    assert page.count('<article class="request') == 2
    assert "6 dates: Every week: Tuesday" in page
    named = re.findall(r'<button[^>]+aria-label="([^"]+)"[^>]*><svg.*?</svg><span>([^<]+)</span>', page)
    assert len(named) == 2
    assert all(name.startswith(seen) for name, seen in named)  # whoever speaks says what they see
    first = of(series)[0]
    assert f"/reservations/{first.ref}/serie/accepter" in page
    answer = client.post(f"/reservations/{first.ref}/serie/accepter", data={"retour": "a-traiter"})
    assert answer.status_code == 303
    assert {booking.decision for booking in of(series)} == {"approved"}


def test_the_page_of_a_series_has_the_acts_of_each_side(town, browser):
    series = town.series(NEXT)
    decides = text_of(browser(town.manager_person).get(f"/series/{series.ref}"))
    assert "Accept the 6 dates that wait" in decides
    assert "Refuse all dates that wait" in decides
    asked = text_of(browser(town.person).get(f"/series/{series.ref}"))
    assert "Accept the" not in asked
    assert "Stop the series" in asked
    assert "portee=all" in asked


def test_ticked_in_the_inbox_a_series_is_accepted_whole(town, browser):
    series = town.series(NEXT)
    browser(town.manager_person).post("/a-traiter", data={"ref": of(series)[0].ref})
    assert {booking.decision for booking in of(series)} == {"approved"}


def test_refusing_all_needs_a_reason(town, browser):
    series = town.series(NEXT)
    url = f"/reservations/{of(series)[0].ref}/serie/refuser"
    client = browser(town.manager_person)
    assert client.post(url, data={"reason": ""}).status_code == 422
    assert client.post(url, data={"reason": "Travaux"}).status_code == 303
    assert {booking.decision for booking in of(series)} == {"refused"}
    again = client.post(url, data={"reason": "Travaux"})
    assert again.status_code == 409
    assert "No date of this series is concerned any more" in text_of(again)


def test_one_date_alone_is_answered_on_its_page(town, browser):
    series = town.series(NEXT)
    second = of(series)[1]
    client = browser(town.manager_person)
    page = text_of(client.get(f"/reservations/{second.ref}"))
    assert "Accept the 6 dates that wait" in page
    client.post(f"/reservations/{second.ref}/accepter")
    assert [b.decision for b in of(series)].count("approved") == 1


def test_times_change_for_several_and_the_day_stays(town, browser):
    series = town.series(NEXT)
    third = of(series)[2]
    client = browser(town.person)
    assert "This date and the following" in text_of(client.get(f"/reservations/{third.ref}/modifier"))
    typed = {"date": "2026-09-22", "de": "14:00", "a": "16:00", "quantite": "1", "portee": "following"}
    wrong = client.post(f"/reservations/{third.ref}/modifier", data=typed | {"date": "2026-09-28"})
    assert wrong.status_code == 422
    answer = client.post(f"/reservations/{third.ref}/modifier", data=typed)
    assert answer.status_code == 303
    assert answer.location.startswith("/series/")
    later = db.session.get_one(Booking, third.id).series
    assert [b.span.minutes for b in of(later)] == [120] * 4
    assert [b.span.minutes for b in of(series)] == [180] * 2


def test_times_that_are_not_free_for_all_are_refused_in_words_that_fit(town, browser):
    shut = span("2026-09-15 14:00", "2026-09-15 16:00")
    close(Subject.of(town.kitchen), shut, "Travaux", town.manager)
    first = of(town.series(NEXT))[0]
    typed = {"date": "2026-09-08", "de": "14:00", "a": "16:00", "quantite": "1", "portee": "all"}
    answer = browser(town.person).post(f"/reservations/{first.ref}/modifier", data=typed)
    page = text_of(answer)
    assert answer.status_code == 409
    said = "1 date cannot be had so, and all are changed or none"
    assert said in page[page.index('role="alert"') :]
    assert page.count(said) == 1
    assert "leave" not in page[page.index('role="alert"') : page.index("submit-row")]


def test_a_series_is_stopped_from_one_of_its_dates(town, browser):
    series = town.series(NEXT)
    third = of(series)[2]
    url = f"/reservations/{third.ref}/serie/annuler"
    client = browser(town.person)
    assert client.post(url, data={"reason": "", "portee": "following"}).status_code == 422
    assert client.post(url, data={"reason": "Fini", "portee": "following"}).status_code == 303
    assert [b.decision for b in of(series)] == ["pending"] * 2 + ["cancelled"] * 4


def test_a_booking_without_a_series_has_none_of_its_acts(town, browser):
    alone = town.ask(span("2026-09-09 09:00", "2026-09-09 12:00"))
    client = browser(town.manager_person)
    assert "Part of a series" not in text_of(client.get(f"/reservations/{alone.ref}"))
    for act in ("accepter", "refuser", "annuler"):
        assert client.post(f"/reservations/{alone.ref}/serie/{act}", data={"reason": "x"}).status_code == 404


def test_a_series_is_shown_to_its_parties_only(town, browser):
    series = town.series(NEXT)
    service.cancel_series(of(series)[0].id, Scope.FOLLOWING, town.member, "Fini")
    assert browser(town.manager_person).get(f"/series/{series.ref}").status_code == 200
    assert browser(Town().person).get(f"/series/{series.ref}").status_code == 404
    assert browser().get(f"/series/{series.ref}").status_code in (302, 303)
    assert browser(town.person).get("/series/zz").status_code == 404


def test_dates_that_wait_are_one_line_and_one_request_everywhere(town, browser):
    client = browser(town.person)
    client.post(repeat_url(town), data=town.form(**WEEKLY, envoyer="libres"))
    series = db.session.scalars(select(Series)).one()
    mine = text_of(client.get("/moi"))
    assert mine.count('class="row-card booking"') == 1
    assert f'href="/series/{series.ref}"' in mine
    assert "13 dates" in mine
    assert waiting_at([town.site.id]) == {town.site.id: 1}


def test_a_series_counts_the_dates_that_go_on_and_shows_what_was_given_up_apart(town, browser):
    series = town.series(NEXT)
    bookings = of(series)
    service.cancel_series(bookings[2].id, Scope.FOLLOWING, town.member, "Fini")
    page = text_of(browser(town.person).get(f"/series/{series.ref}"))
    assert "2 dates" in page
    assert f"See {len(bookings) - 2} dates that are cancelled or refused" in page
    coming = page[page.index('id="coming"') : page.index("cancelled or refused")]
    assert [f"/reservations/{each.ref}" in coming for each in bookings] == [
        True, True, *[False] * (len(bookings) - 2)
    ]  # fmt: skip


def test_what_is_left_out_is_counted_beside_the_dates_everywhere(town, browser):
    close_13_october(town)
    client = browser(town.person)
    client.post(repeat_url(town), data=town.form(**WEEKLY, envoyer="libres"))
    series = db.session.scalars(select(Series)).one()
    page = text_of(client.get(f"/series/{series.ref}"))
    assert "12 dates (1 left out)" in page
    assert "Tuesday 13 October 2026" in page
    assert "12 dates (1 left out): Every week" in text_of(browser(town.manager_person).get("/a-traiter"))


def test_what_waits_of_an_ended_series_is_answered_date_by_date(town, browser):
    series = town.series(NEXT)
    service.refuse_series(series.id, town.manager, "Travaux")
    first, second, *_ = of(series)
    for booking in (first, second):
        service.undo(booking.id, town.manager)
    client = browser(town.manager_person)
    page = text_of(client.get("/a-traiter"))
    assert "/serie/accepter" not in page
    assert all(f"/reservations/{booking.ref}/accepter" in page for booking in (first, second))
    client.post("/a-traiter", data={"ref": first.ref})
    assert [b.decision for b in of(series)][:2] == ["approved", "pending"]


def test_a_lone_date_that_waits_has_the_acts_of_a_booking(town, browser):
    series = town.series(NEXT)
    service.approve_series(series.id, town.manager)
    third = of(series)[2]
    service.change(third.id, town.member, span("2026-09-22 14:00", "2026-09-22 16:00"), 1)
    page = text_of(browser(town.manager_person).get("/a-traiter"))
    assert f"/reservations/{third.ref}/accepter" in page
    assert "/serie/accepter" not in page


def test_a_series_from_long_ago_is_refused_in_its_field(town, browser):
    client = browser(town.person)
    typed = town.form(**WEEKLY | {"date": "2000-01-01", "repete": "daily", "jusqu_au": ""})
    for url in (town.ask_url, repeat_url(town)):
        answer = client.post(url, data=typed)
        assert answer.status_code == 422
        page = text_of(answer)
        assert 'id="date-error"' in page
        assert "The first day of the series is over" in page
        assert lines(page) == []


@pytest.mark.parametrize("until", ["bientôt", "2026-09-01"])
def test_all_that_is_wrong_with_a_repetition_is_said_at_once(town, browser, until):
    typed = town.form(**WEEKLY | {"jusqu_au": until, "fois": "0", "purpose": ""})
    page = text_of(browser(town.person).post(town.ask_url, data=typed))
    assert all(f'id="{field}-error"' in page for field in ("jusqu_au", "fois", "purpose"))


def test_a_day_that_is_none_is_refused_in_the_words_of_the_reader(town, browser):
    client = browser(town.person)
    with client.session_transaction() as cookie:
        cookie["locale"] = "fr"
    page = text_of(client.post(town.ask_url, data=town.form(**WEEKLY, jours="abc")))
    assert "Choisissez au moins un jour de la semaine" in page
    assert "coerce" not in page


def test_a_first_day_that_is_not_one_of_the_dates_is_said(town, browser):
    client = browser(town.person)
    page = text_of(client.post(town.ask_url, data=town.form(**WEEKLY, jours="3")))
    assert (
        "The day you chose (Tuesday 8 September) is not one of the dates: they begin on Thursday 10" in page
    )
    assert "is not one of the dates" not in text_of(client.post(town.ask_url, data=town.form(**WEEKLY)))


def taken_meanwhile(town):
    """Give a series that keeps nothing while it waits, whose third date others have had granted since."""
    with atomic():
        town.kitchen.holds_request = False
    series = town.series(NEXT)
    service.approve(town.ask(of(series)[2].span).id, town.manager)
    return series


def test_the_card_of_a_series_looks_at_all_its_dates(town, browser):
    series = taken_meanwhile(town)
    client = browser(town.manager_person)
    page = text_of(client.get("/a-traiter"))
    assert "Nothing stands against it now" not in page
    assert "Others have taken 1 of these dates meanwhile (Tue 22 Sep" in page
    assert "Accept the 5 free dates" in page
    url = f"/reservations/{of(series)[0].ref}/serie/accepter"
    whole = client.post(url, data={"retour": "a-traiter"})
    assert whole.status_code == 409
    assert "Accept the dates that are free, or refuse the series." in text_of(whole)
    assert client.post(url, data={"retour": "a-traiter", "libres": "1"}).status_code == 303
    assert [b.decision for b in of(series)].count("approved") == 5


def test_a_decision_link_accepts_the_free_dates(town, browser):
    series = taken_meanwhile(town)
    secret = service.open_decision_link(of(series)[0].id, town.manager_person.id, series.id)
    client = browser()
    assert "Accept the 5 free dates" in text_of(client.get(f"/d/{secret}"))
    assert client.post(f"/d/{secret}", data={"verdict": "approve", "libres": "1"}).status_code == 303
    assert [b.decision for b in of(series)].count("approved") == 5


def test_the_card_says_on_which_dates_the_place_is_closed(town, browser):
    series = town.series(NEXT)
    narrow(
        NewHours(thing=town.site, expression="Mo-Sa 13:00-22:00"),
        town.manager,
        Answer([booking.ref for booking in of(series)], cancel=False),
    )
    page = text_of(browser(town.manager_person).get("/a-traiter"))
    assert "The place is closed at the time of 6 dates (Tue 8 Sep" in page
    assert "Accept the 6 dates" in page


def test_the_pages_of_a_series_and_of_its_dates_offer_the_free_ones(town, browser):
    series = taken_meanwhile(town)
    client = browser(town.manager_person)
    for url in (f"/series/{series.ref}", f"/reservations/{of(series)[1].ref}"):
        page = text_of(client.get(url))
        assert "Accept the 5 free dates" in page
        assert "Others have taken 1 of these dates meanwhile" in page


def test_the_acts_of_a_series_stay_on_its_page(town, browser):
    series = town.series(NEXT)
    here, first = f"/series/{series.ref}", of(series)[0]
    for person, act, label in (
        (town.manager_person, "refuser", "Refuse all dates that wait"),
        (town.person, "annuler", "Give up all dates that have not begun?"),
    ):
        client = browser(person)
        page = text_of(client.get(here))
        assert "This date and the following" not in page
        assert 'hx-target="#booking"' not in page
        url, sent = f"/reservations/{first.ref}/serie/{act}", {"retour": "serie", "portee": "all"}
        wrong = client.post(url, data=sent | {"reason": ""})
        assert wrong.status_code == 422
        assert label in text_of(wrong)
        assert "<title>Series" in text_of(wrong)
    done = client.post(url, data=sent | {"reason": "Fini"})
    assert (done.status_code, done.location) == (303, here)
    again = client.post(url, data=sent | {"reason": "Fini"})
    assert (again.status_code, "<title>Series" in text_of(again)) == (409, True)


def test_a_forgotten_reason_keeps_which_dates_were_chosen(town, browser):
    series = town.series(NEXT)
    url = f"/reservations/{of(series)[2].ref}/serie/annuler"
    page = text_of(browser(town.person).post(url, data={"reason": "", "portee": "all"}))
    assert '<option value="all" selected>' in page


def options(page, day):
    """Give the values offered for one date, and the one that is chosen."""
    found = page[page.index(f'id="f-jour-{day}"') :]
    found = found[: found.index("</fieldset>")]
    return re.findall(r'type="radio"[^>]* value="([^"]*)"', found), re.findall(
        r'value="([^"]*)" checked', found
    )


def test_an_alternative_taken_leaves_the_others_to_choose(town, browser):
    close_13_october(town)
    client = browser(town.person)
    offered, _chosen = options(text_of(client.post(town.ask_url, data=town.form(**WEEKLY))), "2026-10-13")
    [first, second, third] = [value for value in offered if "-" in value]
    typed = town.form(**WEEKLY) | {"jour-2026-10-13": second, "envoyer": "voir"}
    offered, chosen = options(text_of(client.post(repeat_url(town), data=typed)), "2026-10-13")
    assert set(offered) == {first, second, third, "non"}
    assert chosen == [second]


def test_a_free_date_put_elsewhere_can_be_put_back(town, browser):
    start, end = span("2026-09-16 09:00", "2026-09-16 12:00").epochs
    typed = town.form(**WEEKLY) | {"jour-2026-09-15": f"{start}-{end}"}
    offered, chosen = options(text_of(browser(town.person).post(repeat_url(town), data=typed)), "2026-09-15")
    assert (offered, chosen) == (["", f"{start}-{end}", "non"], [f"{start}-{end}"])


def test_what_was_chosen_for_a_date_outlives_a_change_of_the_request(town, browser):
    client = browser(town.person)
    typed = town.form(**WEEKLY, envoyer="retour") | {"jour-2026-09-15": "non", "jour-x": "non"}
    back = text_of(client.post(repeat_url(town), data=typed))
    assert '<input type="hidden" name="jour-2026-09-15" value="non">' in back
    assert "jour-x" not in back
    again = town.form(**WEEKLY) | {"jour-2026-09-15": "non"}
    assert options(text_of(client.post(town.ask_url, data=again)), "2026-09-15")[1] == ["non"]


def test_a_visitor_who_sends_the_dates_finds_them_after_signing_in(town, browser, login):
    client = browser()
    typed = town.form(**WEEKLY, envoyer="tout") | {"jour-2026-09-15": "non"}
    answer = client.post(repeat_url(town), data=typed)
    assert (answer.status_code, "brouillon" in answer.location) == (303, True)
    login(client, town.person)
    page = text_of(client.get(f"{town.ask_url}?brouillon=1"))
    assert '<option selected value="weekly">' in page
    assert '<input type="hidden" name="jour-2026-09-15" value="non">' in page
    assert db.session.scalar(select(Series)) is None


@pytest.mark.parametrize(
    "approval, said, label",
    [
        ("auto", "Either all dates you keep are booked, or none.", "Book these dates"),
        ("manager", "Either all dates you keep are asked for, or none.", "Ask for these dates"),
    ],
)
@pytest.mark.parametrize(
    "end, goes_on",
    [
        ({"jusqu_au": "2026-12-15"}, False),
        ({"jusqu_au": "", "fois": "5"}, False),
        ({"jusqu_au": ""}, True),
    ],
)
def test_the_look_at_the_dates_promises_what_is_true(
    session, frozen, browser, approval, said, label, end, goes_on
):
    frozen.move_to(at("2026-09-01 10:00"))
    town = Town(approval=approval)
    page = text_of(browser(town.person).post(town.ask_url, data=town.form(**WEEKLY | end)))
    assert said in page
    assert label in page
    assert ("Dates further ahead are added by themselves" in page) is goes_on


def test_a_change_form_sent_untouched_changes_nothing_and_says_so(town, browser):
    series = town.series(NEXT)
    service.approve_series(series.id, town.manager)
    typed = {"date": "2026-09-22", "de": "09:00", "a": "12:00", "quantite": "1", "portee": "all"}
    answer = browser(town.person).post(f"/reservations/{of(series)[2].ref}/modifier", data=typed)
    assert answer.status_code == 422
    assert "This is the present time and quantity" in text_of(answer)
    assert {booking.decision for booking in of(series)} == {"approved"}


def line_of(page, day):
    """Give what is shown of one date, before what becomes of it."""
    upto = page.index(f'id="f-jour-{day}"')
    return page[page.rindex('<ul class="checks">', 0, upto) : upto]


@pytest.mark.parametrize("act, status", [("voir", 200), ("tout", 409)])
def test_a_taken_date_that_is_left_out_keeps_its_reason_and_its_other_ways(town, browser, act, status):
    close_13_october(town)
    shut = span("2026-10-06 00:00", "2026-10-07 00:00")
    close(Subject.of(town.kitchen), shut, "Travaux", town.manager)
    typed = town.form(**WEEKLY) | {"jour-2026-10-13": "non", "envoyer": act}
    answer = browser(town.person).post(repeat_url(town), data=typed)
    page = text_of(answer)
    line, (offered, chosen) = line_of(page, "2026-10-13"), options(page, "2026-10-13")
    assert (answer.status_code, chosen) == (status, ["non"])
    assert "left out" in line
    assert "Closed until" in line
    assert 'class="ok"' not in line
    assert [value for value in offered if "-" in value]
    assert "1 is not: choose another time or place" in page


def test_a_free_date_that_is_left_out_looks_left_out_and_can_be_taken_again(town, browser):
    typed = town.form(**WEEKLY) | {"jour-2026-10-13": "non", "envoyer": "voir"}
    page = text_of(browser(town.person).post(repeat_url(town), data=typed))
    line, (offered, chosen) = line_of(page, "2026-10-13"), options(page, "2026-10-13")
    assert ("left out" in line, 'class="ok"' in line) == (True, False)
    assert (offered, chosen) == (["", "non"], ["non"])


# -- other ways for any date ----------------------------------------------------------------------------------

DAILY = {"repete": "daily", "fois": "20"}


def times_of(page, day):
    return [value for value in options(page, day)[0] if re.fullmatch(r"\d+-\d+", value)]


def closed_for_weeks(town):
    close(Subject.of(town.kitchen), span("2026-10-06 00:00", "2026-10-24 00:00"), "Travaux", town.manager)


def test_no_time_is_offered_for_two_dates(town, browser):
    shut = span("2026-10-06 00:00", "2026-10-09 00:00")
    close(Subject.of(town.kitchen), shut, "Travaux", town.manager)
    page = text_of(browser(town.person).post(town.ask_url, data=town.form(repete="daily", fois="3")))
    offered = [times_of(page, f"2026-10-0{day}") for day in (6, 7, 8)]
    assert all(offered)
    every = [value for times in offered for value in times]
    assert len(set(every)) == len(every)


def test_dates_beyond_the_first_twelve_are_looked_at_on_demand(town, browser):
    closed_for_weeks(town)
    client, daily = browser(town.person), town.form(**DAILY)
    page = text_of(client.post(town.ask_url, data=daily))
    assert times_of(page, "2026-10-06")
    may_open = re.findall(r'name="autrement" value="([\d-]+)"[^>]* aria-label', page)
    assert "2026-10-06" not in may_open
    assert "2026-10-21" in may_open
    assert times_of(page, "2026-10-21") == []
    answer = client.post(repeat_url(town), data=daily | {"autrement": "2026-10-21"})
    page = text_of(answer)
    assert answer.status_code == 200
    assert '<input type="hidden" name="autrement" value="2026-10-21">' in page
    assert '<fieldset class="field choices" id="f-jour-2026-10-21" tabindex="-1" data-focus>' in page
    assert page.count('<details class="fold small" open>') == 1
    value = times_of(page, "2026-10-21")[0]
    more = daily | {"autrement": ["2026-10-21", "2026-10-22"], "jour-2026-10-21": value}
    page = text_of(client.post(repeat_url(town), data=more))
    assert options(page, "2026-10-21")[1] == [value]
    assert times_of(page, "2026-10-22")
    assert value not in times_of(page, "2026-10-22")


def test_a_free_date_is_shifted_or_sent_elsewhere_on_demand(town, browser):
    other = a_resource(town.site, slug="du-bas", name="Cuisine du bas")
    client, weekly = browser(town.person), town.form(**WEEKLY)
    page = text_of(client.post(town.ask_url, data=weekly))
    assert options(page, "2026-09-15")[0] == ["", "non"]
    assert "Another time or place" in page
    page = text_of(client.post(repeat_url(town), data=weekly | {"autrement": "2026-09-15"}))
    offered = options(page, "2026-09-15")[0]
    start, end = span("2026-09-15 09:00", "2026-09-15 12:00").epochs
    elsewhere = f"{other.slug}@{start}-{end}"
    assert (offered[0], offered[-1]) == ("", "non")
    assert elsewhere in offered
    assert f"{start}-{end}" not in offered
    chosen = {"jour-2026-09-15": times_of(page, "2026-09-15")[0], "jour-2026-09-22": "non"}
    assert client.post(repeat_url(town), data=weekly | chosen | {"envoyer": "tout"}).status_code == 303
    moved = next(
        each for each in of(db.session.scalars(select(Series)).one()) if each.recurrence_id.day == 15
    )
    assert moved.start_at != span("2026-09-15 09:00", "2026-09-15 12:00").start


def test_a_shifted_date_keeps_its_other_ways(town, browser):
    client = browser(town.person)
    typed = town.form(**WEEKLY) | {"autrement": "2026-09-15"}
    offered = times_of(text_of(client.post(repeat_url(town), data=typed)), "2026-09-15")
    page = text_of(client.post(repeat_url(town), data=typed | {"jour-2026-09-15": offered[1]}))
    found, chosen = options(page, "2026-09-15")
    assert chosen == [offered[1]]
    assert set(offered) | {"", "non"} == set(found)


@pytest.mark.parametrize("typed", ["hier", "2026-02-30", "20261006", "2031-01-01", "٢٠٢٦-١٠-٠٦"])
def test_a_day_that_is_none_opens_nothing(town, browser, typed):
    answer = browser(town.person).post(repeat_url(town), data=town.form(**WEEKLY) | {"autrement": typed})
    assert answer.status_code == 200
    assert options(text_of(answer), "2026-09-15")[0] == ["", "non"]


def test_a_date_without_any_other_way_says_so(town, browser):
    shut = span("2026-09-02 00:00", "2026-12-31 00:00")
    close(Subject.of(town.kitchen), shut, "Travaux", town.manager)
    page = text_of(browser(town.person).post(town.ask_url, data=town.form(**WEEKLY)))
    assert "No other time is free here near that day." in page
    assert "No similar place near is free at that time." in page


# -- fewer, and what is typed freely --------------------------------------------------------------------------

TUESDAYS = {"date": "2026-10-06", "repete": "weekly", "fois": "3", "quantite": "2"}


@pytest.fixture
def stations(session, frozen):
    """A kitchen with two stations, of which one is taken on 13 October."""
    frozen.move_to(at("2026-09-01 10:00"))
    town = Town(mode="stations", capacity=2, unit="station")
    town.ask(span("2026-10-13 09:00", "2026-10-13 12:00"))
    return town


def test_how_many_are_asked_for_is_said_again(stations, browser):
    page = text_of(browser(stations.person).post(stations.ask_url, data=stations.form(**TUESDAYS)))
    assert "3 times · 2 stations" in page


def test_fewer_are_offered_where_there_is_not_enough_and_taken(stations, browser):
    client = browser(stations.person)
    page = text_of(client.post(stations.ask_url, data=stations.form(**TUESDAYS)))
    assert "1 station is free: take 1 station" in page
    assert page.count("is free: take") == 1
    assert options(page, "2026-10-13")[0][0] == "x1"
    typed = stations.form(**TUESDAYS) | {"jour-2026-10-13": "x1"}
    page = text_of(client.post(repeat_url(stations), data=typed | {"envoyer": "voir"}))
    assert "3 dates are free" in page
    assert options(page, "2026-10-13")[1] == ["x1"]
    assert "&nbsp;· 1 station" in page
    sent = client.post(repeat_url(stations), data=typed | {"envoyer": "tout"})
    assert sent.status_code == 303
    assert [each.quantity for each in of(db.session.scalars(select(Series)).one())] == [2, 1, 2]


@pytest.mark.parametrize("value", ["x2", "x3", "x0", "x", "x99999999"])
def test_what_is_not_fewer_counts_for_nothing(stations, browser, value):
    typed = stations.form(**TUESDAYS) | {"jour-2026-10-06": value, "envoyer": "voir"}
    page = text_of(browser(stations.person).post(repeat_url(stations), data=typed))
    assert "2 dates are free" in page
    assert options(page, "2026-10-06")[1] == [""]


def test_a_whole_kitchen_stands_in_for_several_stations(stations, browser):
    barn = a_resource(stations.site, name="Cuisine de la Grange")
    client = browser(stations.person)
    page = text_of(client.post(stations.ask_url, data=stations.form(**TUESDAYS)))
    assert "Cuisine de la Grange as a whole" in page
    [value] = [each for each in options(page, "2026-10-13")[0] if "@" in each]
    typed = stations.form(**TUESDAYS) | {"jour-2026-10-13": value, "envoyer": "tout"}
    assert client.post(repeat_url(stations), data=typed).status_code == 303
    [booking] = db.session.scalars(select(Booking).filter_by(resource_id=barn.id))
    assert booking.quantity == 1


def typed_for(page, name):
    """Give what a field for another day or time has."""
    found = page[page.index(f'name="{name}"') :]
    field, options = found[: found.index(">")], found[: found.index("</div>")]
    values = re.findall(r'value="([^"]*)"', field) or re.findall(r'value="([^"]*)" selected', options)
    return values[0]


def test_another_time_and_place_are_typed_freely(town, browser):
    close_13_october(town)
    other = a_resource(town.site, slug="du-bas", name="Cuisine du bas")
    client = browser(town.person)
    assert 'name="autre-date-2026-10-13"' in text_of(client.post(town.ask_url, data=town.form(**WEEKLY)))
    typed = {
        "autre-date-2026-10-13": "2026-10-14",
        "autre-de-2026-10-13": "18:00",
        "autre-a-2026-10-13": "20:00",
    }
    there = typed | {"autre-lieu-2026-10-13": other.slug, "jour-2026-10-13": "non"}
    page = text_of(client.post(repeat_url(town), data=town.form(**WEEKLY) | there | {"envoyer": "voir"}))
    start, end = span("2026-10-14 18:00", "2026-10-14 20:00").epochs
    assert options(page, "2026-10-13")[1] == [f"du-bas@{start}-{end}"]
    assert "Wednesday 14 October, 18:00–20:00" in page
    assert "Another place, another time" in page
    assert typed_for(page, "autre-de-2026-10-13") == ""  # it is among what is ticked now
    assert (
        client.post(repeat_url(town), data=town.form(**WEEKLY) | typed | {"envoyer": "tout"}).status_code
        == 303
    )
    spans = [each.span for each in of(db.session.scalars(select(Series)).one())]
    assert span("2026-10-14 18:00", "2026-10-14 20:00") in spans


@pytest.mark.parametrize(
    "typed, said",
    [
        ({"de": "18:00", "a": "17:00"}, "The end must come after the start"),
        ({"date": "demain"}, "demain"),
        ({"de": "tôt"}, "tôt"),
    ],
)
def test_what_cannot_be_read_is_said_kept_and_nothing_is_sent(town, browser, typed, said):
    fields = {f"autre-{name}-2026-09-15": value for name, value in typed.items()}
    answer = browser(town.person).post(
        repeat_url(town), data=town.form(**WEEKLY) | fields | {"envoyer": "tout"}
    )
    page = text_of(answer)
    assert answer.status_code == 422
    assert "Nothing is sent" in page
    assert said in page[page.index('id="wrong-2026-09-15"') :]
    assert {name: typed_for(page, name) for name in fields} == fields
    assert db.session.scalar(select(Series)) is None
    back = browser(town.person).post(
        repeat_url(town), data=town.form(**WEEKLY) | fields | {"envoyer": "retour"}
    )
    assert all(
        f'<input type="hidden" name="{name}" value="{value}">' in text_of(back)
        for name, value in fields.items()
    )


def test_what_is_typed_and_cannot_be_had_stays_beside_the_reason(town, browser):
    close_13_october(town)
    client, day = browser(town.person), "2026-10-13"
    typed = {f"autre-date-{day}": day, f"autre-de-{day}": "18:00", f"autre-a-{day}": "20:00"}
    opened = town.form(**WEEKLY) | {"autrement": ["2026-10-13", "2026-10-06", "2026-10-13"]}
    page = text_of(client.post(repeat_url(town), data=opened | typed))
    assert {name: typed_for(page, name) for name in typed} == typed
    beside = page[page.index(f'id="wrong-{day}"') : page.index(f'name="autre-date-{day}"')]
    assert re.search(r"<span>[^<]+</span></p>", beside)
    assert re.findall(r'id="f-jour-([\d-]+)"[^>]* data-focus', page) == [day]
    checked = text_of(client.post(repeat_url(town), data=town.form(**WEEKLY) | typed | {"envoyer": "voir"}))
    assert re.findall(r'id="f-jour-([\d-]+)"[^>]* data-focus', checked) == [day]
    sent = client.post(repeat_url(town), data=town.form(**WEEKLY) | typed | {"envoyer": "tout"})
    assert sent.status_code == 409
    assert {name: typed_for(text_of(sent), name) for name in typed} == typed


def test_once_looked_at_what_is_typed_goes_when_something_else_is_ticked(town, browser):
    close_13_october(town)
    client, day = browser(town.person), "2026-10-13"
    start, end = span("2026-10-13 18:00", "2026-10-13 20:00").epochs
    typed = {f"autre-de-{day}": "18:00", f"autre-a-{day}": "20:00"}
    seen = typed | {f"vu-{day}": f"{start}-{end}"}
    page = text_of(client.post(repeat_url(town), data=town.form(**WEEKLY) | typed))
    assert f'<input type="hidden" name="vu-{day}" value="{start}-{end}">' in page
    out = text_of(client.post(repeat_url(town), data=town.form(**WEEKLY) | seen | {f"jour-{day}": "non"}))
    assert "left out" in out
    assert typed_for(out, f"autre-de-{day}") == ""
    anew = seen | {f"jour-{day}": "non", f"autre-de-{day}": "17:00"}
    assert "17:00–20:00" in text_of(client.post(repeat_url(town), data=town.form(**WEEKLY) | anew))


def test_a_series_without_school_holidays_is_offered_no_day_in_them(town, browser):
    """Of zone B: from 17 October to 2 November 2026."""
    shut = span("2026-10-07 00:00", "2026-10-17 00:00")
    close(Subject.of(town.kitchen), shut, "Travaux", town.manager)
    page = text_of(browser(town.person).post(town.ask_url, data=town.form(**WEEKLY)))
    spans = [value for value in options(page, "2026-10-13")[0] if value and value != "non"]
    days = {datetime.fromtimestamp(int(value.split("-")[0]), UTC).date().isoformat() for value in spans}
    assert days
    assert not [each for each in days if "2026-10-17" <= each < "2026-11-02"]
