"""Letters where two people have to agree: who is asked, who is told of the first yes, who is reminded."""

from datetime import date

import pytest

from app.accounts import queries
from app.accounts import service as accounts
from app.accounts.queries import load_actor
from app.accounts.service.roles import Scope
from app.bookings import service
from app.core.recurrence import Frequency, Rule
from app.infra.uow import atomic
from app.notifications.quiet import quiet
from tests.factories import a_manager, span
from tests.notifications.conftest import JEANNE, KARIM, NADIA, SOPHIE
from tests.notifications.goldens import same_as_golden
from tests.notifications.test_series_letters import Weekly

pytestmark = pytest.mark.usefixtures("session", "frozen", "one_ref")

ELSA = "elsa@blain.example"


@pytest.fixture(params=["fr", "en"])
def locale(request):
    return request.param


class Two(Weekly):
    """Sophie answers for the technique, Elsa is elected, Karim is neither."""

    def __init__(self, locale="fr"):
        super().__init__(locale, managed=False, approval="two_step", min_notice_minutes=2 * 24 * 60)
        self.sophie = a_manager(
            self.site, name="Sophie Le Goff", email=SOPHIE, locale=locale, is_technical=True
        )
        self.elsa = a_manager(self.site, name="Elsa Tanguy", email=ELSA, locale=locale, is_elected=True)
        self.second_manager()

    def quiet_ask(self):
        with quiet():
            return self.ask()

    def three_dates(self):
        return self.quiet_series(rule=Rule(Frequency.WEEKLY, date(2026, 10, 6), weekdays=(1,), times=3))


def addressed(mails):
    return sorted(mail.to for mail in mails)


def test_those_whose_yes_counts_are_asked(post, locale):
    Two(locale).ask()
    to_elsa, asked, to_sophie = post.run()
    assert (to_elsa.to, asked.to, to_sophie.to) == (ELSA, JEANNE, SOPHIE)
    same_as_golden(locale, "two_step_requested", asked)
    same_as_golden(locale, "two_step_to_answer", to_sophie)
    assert to_elsa.secret != to_sophie.secret


def test_the_first_yes_is_told_to_who_asked_and_put_to_who_is_missing(post, locale):
    world = Two(locale)
    booking = world.quiet_ask()
    service.approve(booking.id, load_actor(world.sophie.id))
    to_elsa, asked = post.run()
    assert (to_elsa.to, asked.to) == (ELSA, JEANNE)
    same_as_golden(locale, "half_approved", asked)
    same_as_golden(locale, "to_answer_second", to_elsa)


def test_a_yes_taken_back_is_told(post, locale):
    world = Two(locale)
    booking = world.quiet_ask()
    with quiet():
        service.approve(booking.id, load_actor(world.sophie.id))
    service.undo(booking.id, load_actor(world.sophie.id))
    [mail] = post.run()
    same_as_golden(locale, "half_undone", mail)


def test_the_second_yes_is_told_as_any_other(post):
    world = Two("en")
    booking = world.quiet_ask()
    with quiet():
        service.approve(booking.id, load_actor(world.sophie.id))
    service.approve(booking.id, load_actor(world.elsa.id))
    [mail] = post.run()
    assert (mail.to, mail.subject.partition(":")[0]) == (JEANNE, "Accepted")


def test_who_has_still_to_agree_is_reminded(post, locale, frozen):
    world = Two(locale)
    booking = world.quiet_ask()
    with quiet():
        service.approve(booking.id, load_actor(world.sophie.id))
    frozen.tick(hours=72)
    service.remind_due()
    [mail] = post.run()
    assert mail.to == ELSA
    same_as_golden(locale, "to_answer_reminder", mail)


def test_both_are_reminded_where_nobody_has_agreed(post, frozen):
    Two().quiet_ask()
    frozen.tick(hours=72)
    service.remind_due()
    assert addressed(post.run()) == [ELSA, SOPHIE]


def test_a_series_is_told_once(post, locale, frozen):
    world = Two(locale)
    series = world.three_dates()
    service.approve_series(series.id, load_actor(world.sophie.id))
    to_elsa, asked = post.run()
    assert (to_elsa.to, asked.to) == (ELSA, JEANNE)
    same_as_golden(locale, "series_half_approved", asked)
    same_as_golden(locale, "series_to_answer_second", to_elsa)
    frozen.tick(hours=72)
    service.remind_due()
    [mail] = post.run()
    assert mail.to == ELSA
    same_as_golden(locale, "series_to_answer_reminder", mail)


def test_nobody_is_asked_for_what_has_come_meanwhile(post):
    world = Two()
    booking = world.quiet_ask()
    service.approve(booking.id, load_actor(world.sophie.id))
    with quiet():
        service.approve(booking.id, load_actor(world.elsa.id))
    assert addressed(post.run()) == []


def test_where_nobody_can_agree_all_who_answer_are_told(post):
    world = Two("en")
    with atomic() as session:
        for person in (world.sophie, world.elsa):
            session.get_one(type(person), person.id).disabled_at = person.created_at
    world.ask()
    assert addressed(post.run()) == [JEANNE, KARIM]


def test_who_stands_in_for_somebody_is_asked_and_named(post, locale):
    world = Two(locale)
    scope = Scope(world.territory.id, world.site.id, world.owner.id)
    days = span("2026-09-01 00:00", "2026-10-01 00:00")
    accounts.delegate(load_actor(world.elsa.id), scope, world.nadia.id, days)
    [mail] = post.run()
    assert mail.to == NADIA
    assert "Elsa Tanguy" in mail.text
    booking = world.ask()
    mails = {mail.to: mail for mail in post.run()}
    assert sorted(mails) == [ELSA, JEANNE, NADIA, SOPHIE]
    same_as_golden(locale, "to_answer_by_delegation", mails[NADIA])
    with quiet():
        service.approve(booking.id, load_actor(world.sophie.id))
    service.approve(booking.id, load_actor(world.nadia.id), "Bienvenue !")
    [mail] = post.run()
    same_as_golden(locale, "approved_by_delegation", mail)
    [given] = queries.delegations_of(world.site.id)
    accounts.end_delegation(load_actor(world.elsa.id), scope, given.public_id)
    [mail] = post.run()
    assert (mail.to, "Elsa Tanguy" in mail.text) == (NADIA, True)


def test_dates_answered_by_delegation_say_so(post):
    world = Two("en")
    scope = Scope(world.territory.id, world.site.id, world.owner.id)
    with quiet():
        days = span("2026-09-01 00:00", "2026-10-01 00:00")
        accounts.delegate(load_actor(world.elsa.id), scope, world.nadia.id, days)
    series = world.series()
    mails = {mail.to: mail for mail in post.run()}
    assert "You answer by delegation of Elsa Tanguy." in mails[NADIA].text
    service.refuse_series(series.id, load_actor(world.nadia.id), "Travaux")
    [mail] = post.run()
    assert "Nadia Benali, by delegation of Elsa Tanguy" in mail.text
