"""Letters to those whose booking is kept although its place opens for less time: word for word, to whom, and until when."""

import pytest

from app.availability.closures import lift
from app.availability.models import Closure
from app.bookings import service
from app.bookings.narrowing import Answer, Closing, NewHours, narrow
from app.infra.db import db
from app.notifications.quiet import quiet
from tests.factories import span
from tests.notifications.conftest import JEANNE, NADIA, SOPHIE, World
from tests.notifications.goldens import same_as_golden

pytestmark = pytest.mark.usefixtures("session", "frozen", "one_ref")

REASON = "Le sol de la cuisine est refait.\nLe chauffage marche."


@pytest.fixture(params=["fr", "en"])
def locale(request):
    return request.param


def booked(world, *, approved=True):
    with quiet():
        booking = world.ask()
        if approved:
            service.approve(booking.id, world.manager)
    return booking


def close(world, booking, *, cancel=False, actor=None, **facts):
    given = {
        "thing": world.site,
        "span": span("2026-10-05 00:00", "2026-10-10 00:00"),
        "reason": REASON,
    }
    narrow(Closing(**(given | facts)), actor or world.manager, Answer([booking.ref], cancel=cancel))


def shorten(world, booking, reason="", expression="Mo-Sa 13:00-22:00; PH off", *, cancel=False):
    change = NewHours(thing=world.site, expression=expression, reason=reason)
    narrow(change, world.manager, Answer([booking.ref], cancel=cancel))


def test_a_booking_in_a_closed_place(post, locale):
    world = World(locale)
    close(world, booked(world))
    [mail] = post.run()
    assert mail.to == JEANNE
    same_as_golden(locale, "kept_though_closed", mail)


def test_a_request_in_a_closed_place_still_waits(post, locale):
    world = World(locale)
    close(world, booked(world, approved=False), thing=world.kitchen)
    [mail] = post.run()
    same_as_golden(locale, "kept_though_closed_waiting", mail)


def test_a_booking_outside_new_hours(post, locale):
    world = World(locale)
    shorten(world, booked(world), "Plus personne pour ouvrir le matin.")
    [mail] = post.run()
    assert mail.to == JEANNE
    same_as_golden(locale, "kept_outside_hours", mail)


def test_a_request_outside_new_hours_without_a_reason(post, locale):
    world = World(locale)
    shorten(world, booked(world, approved=False))
    [mail] = post.run()
    same_as_golden(locale, "kept_outside_hours_waiting", mail)


def test_who_is_cancelled_reads_the_reason(post):
    world = World()
    shorten(world, booked(world), "Plus personne pour ouvrir le matin.", cancel=True)
    [mail] = post.run()
    assert mail.to == JEANNE
    assert mail.subject.startswith("Annulé")
    assert "Plus personne pour ouvrir le matin." in mail.text


def test_each_who_asked_is_told_once_and_nobody_of_their_own_act(post):
    world = World()
    world.administrator(world.glaneurs, "bureau@glaneurs.example")
    with quiet():
        booking = world.ask(actor=world.coordinator)  # for the association, which she does not belong to
    close(world, booking)
    assert post.recipients() == ["bureau@glaneurs.example", NADIA]
    with quiet():
        other = world.ask("2026-10-20 08:00", "2026-10-20 12:00", actor=world.manager)
    close(world, other, span=span("2026-10-20 00:00", "2026-10-21 00:00"))
    assert SOPHIE not in post.recipients()


def test_nobody_is_told_of_a_place_that_is_open_again_before_the_letter_leaves(post):
    world = World()
    booking = booked(world)
    close(world, booking)
    lift(db.session.query(Closure).one(), world.manager)
    assert post.run() == []
    shorten(world, booking)
    narrow(NewHours(thing=world.site, expression="24/7"), world.manager)
    assert post.run() == []


def test_nor_of_a_booking_given_up_or_moved_since(post):
    world = World()
    gone = booked(world)
    close(world, gone)
    service.cancel(gone.id, world.member, "Plus besoin")
    assert [(mail.to, mail.subject.split(" :")[0]) for mail in post.run()] == [(SOPHIE, "Annulé")]
    with quiet():
        moved = world.ask("2026-10-20 08:00", "2026-10-20 12:00")
    shorten(world, moved)
    with quiet():
        service.change(moved.id, world.member, span("2026-10-21 14:00", "2026-10-21 16:00"), 1)
    assert post.run() == []


def test_quiet_work_is_not_told(post):
    world = World()
    booking = booked(world)
    with quiet():
        close(world, booking)
    assert post.run() == []
