"""Letters about series: one for each act on several dates, word for word."""

from datetime import date, timedelta
from typing import Any

import pytest

from app.availability.allotting import Allotment, allot
from app.availability.closures import Subject, close
from app.bookings import service
from app.bookings.models import Booking
from app.bookings.narrowing import Answer, Closing, NewHours, narrow
from app.bookings.occurrences import Elsewhere
from app.bookings.service import Scope, SeriesRequest
from app.core.recurrence import Frequency, Hours, Rule
from app.infra.db import db
from app.infra.uow import atomic
from app.notifications.quiet import quiet
from tests.factories import a_manager, a_resource, a_site, an_organisation, at, span
from tests.notifications.conftest import JEANNE, SOPHIE, World
from tests.notifications.goldens import same_as_golden

pytestmark = pytest.mark.usefixtures("session", "frozen", "one_ref")

RULE = Rule(Frequency.WEEKLY, date(2026, 10, 6), weekdays=(1,), times=4, but_holidays=True)


@pytest.fixture(params=["fr", "en"])
def locale(request):
    return request.param


class Weekly(World):
    def series(self, rule=RULE, **facts):
        given: dict[str, Any] = {"people": 8, "message": "Bonjour, nous serons huit."} | facts
        hours = Hours(480, 720, "Europe/Paris")
        wanted = SeriesRequest(self.kitchen.id, self.glaneurs.id, rule, hours, 1, "Soupes du marché", **given)
        return service.ask_series(wanted, self.member, uid_host="mutualim.test")

    def quiet_series(self, **facts):
        with quiet():
            return self.series(**facts)


def first_of(series):
    return db.session.query(Booking).filter_by(series_id=series.id).order_by(Booking.start_at).first()


def test_asked(post, locale):
    Weekly(locale).series()
    asked, answers = post.run()
    assert (asked.to, answers.to) == (JEANNE, SOPHIE)
    same_as_golden(locale, "series_requested", asked)
    same_as_golden(locale, "series_to_answer", answers)


@pytest.mark.parametrize("approval", ["manager", "auto"])
def test_a_date_elsewhere_is_told_with_the_series_and_to_its_own_place(post, locale, approval):
    world = Weekly(locale, approval=approval)
    site = a_site(world.kitchen.site.owner, name="Salle de Casson", hours="24/7", phone="02 40 79 56 78")
    there = a_resource(site, name="Cuisine de Casson", approval=approval)
    a_manager(site, name="Anne Le Goff", email="anne@casson.test", locale=locale)
    slot = span("2026-10-13 08:00", "2026-10-13 12:00")
    world.series(choices={date(2026, 10, 13): Elsewhere(there.id, slot)})
    mails = {mail.to: mail for mail in post.run()}
    assert set(mails) == {JEANNE, SOPHIE, "anne@casson.test"}
    name = "requested" if approval == "manager" else "booked"
    same_as_golden(locale, f"series_{name}_with_one_elsewhere", mails[JEANNE])
    name = "to_answer" if approval == "manager" else "booked"
    same_as_golden(locale, f"{name}_elsewhere", mails["anne@casson.test"])
    assert "Cuisine de Casson" not in mails[SOPHIE].text


def test_a_date_that_waits_elsewhere_and_one_left_out_are_told_beside_what_is_booked(post, locale):
    world = Weekly(locale, approval="auto")
    site = a_site(world.kitchen.site.owner, name="Salle de Casson", hours="24/7", phone="02 40 79 56 78")
    there = a_resource(site, name="Cuisine de Casson")
    slot = span("2026-10-13 08:00", "2026-10-13 12:00")
    world.series(choices={date(2026, 10, 13): Elsewhere(there.id, slot), date(2026, 11, 3): None})
    same_as_golden(locale, "series_booked_with_one_waiting_elsewhere", post.to(JEANNE))


def test_yes(post, locale):
    world = Weekly(locale)
    series = world.quiet_series()
    service.approve_series(series.id, world.manager, "Clés à l’accueil.")
    [mail] = post.run()
    same_as_golden(locale, "series_approved", mail)


def test_yes_at_once(post, locale):
    Weekly(locale, approval="auto").series()
    asked, answers = post.run()
    same_as_golden(locale, "series_booked", asked)
    same_as_golden(locale, "series_booked_here", answers)


def test_no(post, locale):
    world = Weekly(locale)
    series = world.quiet_series()
    service.refuse_series(series.id, world.manager, "La cuisine est en travaux.")
    [mail] = post.run()
    same_as_golden(locale, "series_refused", mail)


def test_given_up_by_either_side(post, locale):
    world = Weekly(locale)
    first = first_of(world.quiet_series())
    service.cancel_series(first.id, Scope.ALL, world.member, "Nous avons trouvé plus près.")
    [mail] = post.run()
    same_as_golden(locale, "series_given_up", mail)
    first = first_of(world.quiet_series())
    service.cancel_series(first.id, Scope.ALL, world.manager, "La cuisine ferme.")
    [mail] = post.run()
    same_as_golden(locale, "series_cancelled", mail)


def test_new_times(post, locale):
    world = Weekly(locale)
    first = first_of(world.quiet_series())
    service.change_series(first.id, Scope.ALL, world.member, span("2026-10-06 14:00", "2026-10-06 16:00"), 1)
    asked, answers = post.run()
    same_as_golden(locale, "series_moved", asked)
    assert answers.secret


def test_new_times_without_an_answer(post, locale):
    world = Weekly(locale, approval="auto")
    first = first_of(world.quiet_series())
    service.change_series(first.id, Scope.ALL, world.member, span("2026-10-06 14:00", "2026-10-06 16:00"), 1)
    _asked, answers = post.run()
    same_as_golden(locale, "series_moved_here", answers)


def test_unanswered(post, locale, frozen):
    world = Weekly(locale)
    first = first_of(world.quiet_series())
    frozen.move_to(first.expires_at + timedelta(minutes=1))
    service.expire_due()
    asked, answers = post.run()
    same_as_golden(locale, "series_expired", asked)
    same_as_golden(locale, "series_unanswered", answers)


def test_dates_that_could_not_be_added(post, locale, frozen):
    world = Weekly(locale, approval="auto", horizon_days=60)
    world.quiet_series(rule=Rule(Frequency.WEEKLY, date(2026, 10, 6), weekdays=(1,)))
    with quiet():
        close(
            Subject.of(world.kitchen), span("2026-11-10 00:00", "2026-11-11 00:00"), "Travaux", world.manager
        )
    frozen.move_to(at("2026-10-10 03:00"))
    service.extend_due(uid_host="mutualim.test")
    [mail] = post.run()
    same_as_golden(locale, "series_fell_short", mail)


def test_the_next_dates_wait_where_the_rule_no_longer_books_them(post, locale, frozen):
    world = Weekly(locale, approval="auto", horizon_days=60)
    world.quiet_series(rule=Rule(Frequency.WEEKLY, date(2026, 10, 6), weekdays=(1,)))
    with quiet(), atomic():
        world.kitchen.approval = "manager"
    frozen.move_to(at("2026-10-10 03:00"))
    service.extend_due(uid_host="mutualim.test")
    asked, answers = post.run()
    same_as_golden(locale, "series_asks_again", asked)
    assert (answers.to, bool(answers.secret)) == (SOPHIE, True)


def test_dates_kept_by_quotas_say_from_when_they_can_be_borrowed(post, locale, frozen):
    world = Weekly(locale, mode="quantity", unit="pallet", capacity=4, approval="auto", horizon_days=60)
    bank = an_organisation(world.territory, name="Banque alimentaire")
    world.quiet_series(rule=Rule(Frequency.WEEKLY, date(2026, 10, 6), weekdays=(1,)))
    allot(world.manager, world.kitchen, Allotment({bank.public_id: 4}, lend_days=14))
    frozen.move_to(at("2026-10-10 03:00"))
    service.extend_due(uid_host="mutualim.test")
    [mail] = post.run()
    same_as_golden(locale, "series_kept_by_quotas", mail)


def test_the_link_of_the_letter_answers_all_dates(post, client):
    world = Weekly("en")
    series = world.series()
    secret = post.to(SOPHIE).secret
    assert "4 dates" in client.get(f"/d/{secret}").get_data(as_text=True)
    answer = client.post(f"/d/{secret}", data={"verdict": "approve"})
    assert answer.status_code == 303
    found = db.session.query(Booking).filter_by(series_id=series.id)
    assert {booking.decision for booking in found} == {"approved"}
    assert client.get(f"/d/{secret}").status_code == 200


def hit(world, change, *, cancel):
    series = world.quiet_series()
    with quiet():
        service.approve_series(series.id, world.manager)
    bookings = db.session.query(Booking).filter_by(series_id=series.id).all()
    narrow(change, world.manager, Answer([booking.ref for booking in bookings], cancel=cancel))
    return series


def closure(world):
    return Closing(thing=world.site, span=span("2026-10-05 00:00", "2026-10-14 00:00"), reason="Travaux.")


def morning(world):
    return NewHours(
        thing=world.site, expression="Mo-Sa 13:00-22:00; PH off", reason="Personne pour ouvrir le matin."
    )


@pytest.mark.parametrize(
    "change, letter", [(closure, "series_kept_though_closed"), (morning, "series_kept_outside_hours")]
)
def test_dates_that_are_kept_are_told_in_one_letter(post, locale, change, letter):
    world = Weekly(locale)
    hit(world, change(world), cancel=False)
    [mail] = post.run()
    assert mail.to == JEANNE
    same_as_golden(locale, letter, mail)


def test_dates_that_a_closure_cancels_are_told_in_one_letter_and_the_series_goes_on(post):
    world = Weekly()
    series = hit(world, closure(world), cancel=True)
    [mail] = post.run()
    assert (mail.to, mail.subject) == (JEANNE, "Annulé : Cuisine de la salle des fêtes, 2 dates")
    assert "Travaux." in mail.text
    assert series.state == "granted"
    found = db.session.query(Booking).filter_by(series_id=series.id).order_by(Booking.start_at)
    assert [booking.decision for booking in found] == ["cancelled", "cancelled", "approved", "approved"]


@pytest.mark.parametrize(
    "answered, said", [(0, "elles attendent toujours"), (1, "venez à celles qui sont acceptées")]
)
def test_dates_that_wait_are_told_to_wait_still(post, answered, said):
    world = Weekly()
    series = world.quiet_series()
    bookings = db.session.query(Booking).filter_by(series_id=series.id).order_by(Booking.start_at).all()
    with quiet():
        for booking in bookings[:answered]:
            service.approve(booking.id, world.manager)
    narrow(morning(world), world.manager, Answer([booking.ref for booking in bookings], cancel=False))
    [mail] = post.run()
    assert said in mail.text


def test_dates_of_a_place_that_is_open_again_before_the_letter_leaves_are_not_told(post):
    world = Weekly()
    hit(world, morning(world), cancel=False)
    narrow(NewHours(thing=world.site, expression="24/7"), world.manager)
    assert post.run() == []
