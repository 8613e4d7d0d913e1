"""Dates of a series at another place: chosen in the preview, answered there, and what acts on the series do to them."""

import re
from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import select

from app.availability.errors import SeveralRefused
from app.availability.models import Claim
from app.bookings import service
from app.bookings.errors import DateElsewhere, NothingLeftToDo, NothingToRepeat, NotRepeated
from app.bookings.models import Booking, BookingMessage, Series
from app.bookings.occurrences import Elsewhere
from app.bookings.queries import elsewhere_dates
from app.bookings.service import Scope
from app.core.policy import Actor
from app.infra.audit import history
from app.infra.db import db
from tests.bookings.pages import text_of
from tests.bookings.test_series import HOST, NEXT, S07, Town, decisions, of
from tests.factories import a_manager, a_resource, a_site, at, span

OCTOBER_13 = date(2026, 10, 13)
THERE = span("2026-10-13 09:00", "2026-10-13 12:00")
TWO = replace(NEXT, first=date(2026, 10, 6), times=2)  # the second of them is at the other place


class TwoPlaces(Town):
    """The same, with a second kitchen near by that somebody else answers for."""

    def __init__(self, there=None, **facts):
        super().__init__(**facts)
        self.site_there = a_site(self.owner, hours="Mo-Sa 07:00-22:00; PH off", name="Salle des fêtes")
        self.kitchen_there = a_resource(self.site_there, name="Cuisine des fêtes", **(there or {}))
        self.manager_person_there = a_manager(self.site_there, name="Sophie Landais")
        self.manager_there = Actor(
            person_id=self.manager_person_there.id, managed_sites=frozenset({self.site_there.id})
        )

    def away(self, rule=NEXT, **facts):
        """Ask for a series with its date of 13 October at the other place."""
        choices = {OCTOBER_13: Elsewhere(self.kitchen_there.id, THERE)}
        series = self.series(rule, **{"choices": choices} | facts)
        [booking] = elsewhere_dates(series.id)
        return series, booking


@pytest.fixture
def town(session, frozen):
    frozen.move_to(at("2026-09-01 10:00"))
    return TwoPlaces()


def claims_of(resource):
    return db.session.query(Claim).filter_by(resource_id=resource.id).count()


def test_a_date_is_asked_for_at_another_place(town):
    town.close_13_october()
    series, booking = town.away(S07, message="Bonjour")
    assert len(of(series)) == 12
    assert (booking.resource_id, booking.span, booking.recurrence_id) == (
        town.kitchen_there.id,
        THERE,
        OCTOBER_13,
    )
    assert (booking.series_id, booking.elsewhere_of_id, booking.decision) == (None, series.id, "pending")
    assert (claims_of(town.kitchen_there), town.claims()) == (1, 12 + 1)  # and the closure
    messages = db.session.scalars(select(BookingMessage).filter_by(booking_id=booking.id)).all()
    assert [message.text for message in messages] == ["Bonjour"]
    assert history("booking", booking.id)[0].facts["elsewhere_of"] == series.ref
    assert history("series", series.id)[0].facts == {"occurrences": 12, "elsewhere": 1}


def test_the_other_place_answers_by_its_own_rule(session, frozen):
    frozen.move_to(at("2026-09-01 10:00"))
    town = TwoPlaces(there={"approval": "auto"})
    series, booking = town.away()
    assert (booking.decision, set(decisions(series))) == ("approved", {"pending"})


def test_all_or_nothing_holds_over_both_places(town):
    town.close_13_october()
    other = service.Request(town.kitchen_there.id, town.association.id, THERE, 1, "Déjà là")
    service.ask(other, town.member, **HOST)
    with pytest.raises(SeveralRefused) as refused:
        town.series(S07, choices={OCTOBER_13: Elsewhere(town.kitchen_there.id, THERE)})
    assert refused.value.facts["refused"] == 1
    assert refused.value.facts["total"] == 13
    assert [each[0].code for each in refused.value.refusals.values()] == ["taken"]
    assert db.session.scalar(select(Series)) is None
    kept = town.series(S07, choices={OCTOBER_13: Elsewhere(town.kitchen_there.id, THERE)}, keep_free=True)
    assert (len(of(kept)), len(elsewhere_dates(kept.id))) == (12, 0)


def test_what_is_refused_at_both_places_is_told_together(town):
    town.ask(span("2026-10-06 09:00", "2026-10-06 12:00"))
    other = service.Request(town.kitchen_there.id, town.association.id, THERE, 1, "Déjà là")
    service.ask(other, town.member, **HOST)
    with pytest.raises(SeveralRefused) as refused:
        town.series(choices={OCTOBER_13: Elsewhere(town.kitchen_there.id, THERE)})
    assert refused.value.facts["refused"] == 2
    assert db.session.scalar(select(Booking).filter_by(elsewhere_of_id=None, purpose="Soupes")) is not None
    assert claims_of(town.kitchen_there) == 1


def test_a_series_needs_a_date_at_its_own_place(town):
    one = NEXT.__class__(NEXT.frequency, OCTOBER_13, weekdays=(1,), times=1)
    with pytest.raises(NothingToRepeat):
        town.series(one, choices={OCTOBER_13: Elsewhere(town.kitchen_there.id, THERE)})
    assert claims_of(town.kitchen_there) == 0


def test_the_own_place_chosen_for_a_date_is_only_another_time(town):
    later = span("2026-10-13 14:00", "2026-10-13 17:00")
    series = town.series(choices={OCTOBER_13: Elsewhere(town.kitchen.id, later)})
    assert [booking.span for booking in of(series)][-1] == later


def test_each_place_decides_about_its_own(town):
    series, booking = town.away()
    service.approve_series(series.id, town.manager)
    assert (set(decisions(series)), booking.decision) == ({"approved"}, "pending")
    service.approve(booking.id, town.manager_there)
    assert booking.decision == "approved"


def test_the_same_key_tells_places_apart(town):
    first, _booking = town.away(key="k" * 20)
    assert town.away(key="k" * 20)[0].id == first.id


@pytest.mark.parametrize("scope", [Scope.FOLLOWING, Scope.ALL])
def test_giving_up_the_series_gives_the_date_up_for_who_asked(town, scope):
    series, booking = town.away()
    service.cancel_series(of(series)[2].id, scope, town.member, "Plus besoin")
    assert (booking.decision, booking.reason, claims_of(town.kitchen_there)) == (
        "cancelled",
        "Plus besoin",
        0,
    )


def test_what_comes_before_is_spared(town):
    choices = {
        date(2026, 9, 15): Elsewhere(town.kitchen_there.id, span("2026-09-15 09:00", "2026-09-15 12:00"))
    }
    series = town.series(choices=choices)
    [booking] = elsewhere_dates(series.id)
    service.cancel_series(of(series)[-1].id, Scope.FOLLOWING, town.member, "Plus besoin")
    assert booking.decision == "pending"


def test_the_manager_of_one_place_does_not_give_up_what_is_at_the_other(town):
    series, booking = town.away()
    service.cancel_series(of(series)[0].id, Scope.ALL, town.manager, "Travaux")
    assert (set(decisions(series)), booking.decision) == ({"cancelled"}, "pending")


def test_what_is_ahead_elsewhere_is_given_up_when_the_own_dates_are_over(town, frozen, browser):
    series, booking = town.away(TWO)
    service.approve_series(series.id, town.manager)
    service.approve(booking.id, town.manager_there)
    frozen.move_to(at("2026-10-07 10:00"))
    [own] = of(series)
    client = browser(town.person)
    address = f"/reservations/{own.ref}/serie/annuler"
    assert address in client.get(f"/series/{series.ref}").text
    client.post(address, data={"portee": "all", "reason": "Plus besoin"})
    db.session.refresh(booking)
    assert (own.decision, booking.decision, series.state) == ("approved", "cancelled", "ended")
    assert claims_of(town.kitchen_there) == 0
    assert address not in client.get(f"/series/{series.ref}").text
    with pytest.raises(NothingLeftToDo):
        service.cancel_series(own.id, Scope.ALL, town.member, "Encore")


@pytest.mark.parametrize("scope", [Scope.FOLLOWING, Scope.ALL])
def test_what_is_no_date_of_the_series_says_so(town, scope):
    _series, away = town.away()
    alone = town.ask(span("2026-09-09 14:00", "2026-09-09 16:00"))
    with pytest.raises(DateElsewhere):
        service.cancel_series(away.id, scope, town.member, "Plus besoin")
    with pytest.raises(NotRepeated):
        service.cancel_series(alone.id, scope, town.member, "Plus besoin")
    assert (away.decision, alone.decision) == ("pending", "pending")


def test_new_times_leave_it_where_it_is_and_it_follows_a_split(town):
    series, booking = town.away()
    later = service.change_series(
        of(series)[3].id, Scope.FOLLOWING, town.member, span("2026-09-29 14:00", "2026-09-29 16:00"), 1
    )
    db.session.refresh(booking)
    assert (booking.span, booking.elsewhere_of_id) == (THERE, later.id)


def test_the_preview_offers_the_nearest_place_and_sends_it(town, browser):
    town.close_13_october()
    client = browser(town.person)
    weekly = {"date": "2026-09-08", "repete": "weekly", "jusqu_au": "2026-12-15", "sauf_vacances": "y"}
    url = f"/ressources/{town.kitchen.slug}/repeter"
    page = text_of(client.post(url, data=town.form(**weekly, envoyer="tout")))
    lost = page[page.index('id="f-jour-2026-10-13"') :]
    lost = lost[: lost.index("</fieldset>")]
    [value] = re.findall(rf' value="({town.kitchen_there.slug}@\d+-\d+)"', lost)
    assert lost.index("Another time, here") < lost.index("Another place, same time")
    assert "Cuisine des fêtes, Salle des fêtes" in lost
    chosen = town.form(**weekly) | {"jour-2026-10-13": value}
    looked = text_of(client.post(url, data=chosen | {"envoyer": "voir"}))
    assert f' value="{value}" checked>' in looked
    assert "that place answers for them, under its own rules" in looked
    assert "13 dates are free" in looked
    sent = client.post(url, data=chosen | {"envoyer": "tout"})
    assert sent.status_code == 303
    shown = text_of(client.get(sent.location))
    assert "1 more date at another place" in shown
    assert "Cuisine des fêtes" in shown
    [booking] = elsewhere_dates(db.session.scalars(select(Series)).one().id)
    own = text_of(client.get(f"/reservations/{booking.ref}"))
    assert "One date of a series that takes place elsewhere: Cuisine partagée" in own
    assert sent.location in own
    theirs = text_of(browser(town.manager_person_there).get(f"/reservations/{booking.ref}"))
    assert "One date of a series that takes place elsewhere" in theirs
    assert sent.location not in theirs
    hidden = text_of(browser(town.manager_person).get(sent.location))
    assert "Cuisine des fêtes" not in hidden


@pytest.mark.parametrize("value", ["nulle-part@1791871200-1791882000", "@1791871200-1791882000"])
def test_a_place_that_is_none_counts_for_nothing(town, browser, value):
    weekly = {
        "date": "2026-10-06",
        "repete": "weekly",
        "fois": "2",
        "jour-2026-10-13": value,
        "envoyer": "voir",
    }
    answer = browser(town.person).post(f"/ressources/{town.kitchen.slug}/repeter", data=town.form(**weekly))
    assert answer.status_code == 200
    assert "2 dates are free" in text_of(answer)


def test_what_is_taken_at_the_chosen_place_is_said(town, browser):
    other = service.Request(town.kitchen_there.id, town.association.id, THERE, 1, "Déjà là")
    service.ask(other, town.member, **HOST)
    value = f"{town.kitchen_there.slug}@{THERE.epochs[0]}-{THERE.epochs[1]}"
    weekly = {
        "date": "2026-10-06",
        "repete": "weekly",
        "fois": "2",
        "jour-2026-10-13": value,
        "envoyer": "tout",
    }
    answer = browser(town.person).post(f"/ressources/{town.kitchen.slug}/repeter", data=town.form(**weekly))
    assert answer.status_code == 409
    assert "1 date of the series cannot be had" in text_of(answer)
