"""Letters about a deposit, word for word: to who hands it over, and to who has it too long."""

from datetime import timedelta

import pytest

from app.accounts.models import Role
from app.accounts.queries import load_actor
from app.bookings import service
from app.core.policy import Actor
from app.notifications.quiet import quiet
from app.payments import service as payments
from app.payments.books.postings import Method
from app.payments.deposits import service as deposits
from app.payments.deposits.rules import Occasion
from app.payments.deposits.service import Kept
from tests.factories import a_coordinator, a_member
from tests.notifications.conftest import JEANNE, World
from tests.notifications.goldens import same_as_golden

pytestmark = pytest.mark.usefixtures("session", "frozen", "one_ref")
OURS = "tresor@glaneurs.example"


@pytest.fixture(params=["fr", "en"])
def locale(request):
    return request.param


class Deposited:
    """A booking of the association at a place that asks for a deposit."""

    def __init__(self, locale):
        self.world = world = World(locale)
        with quiet():
            coordinator = load_actor(a_coordinator(world.territory).id)
            payments.switch_money(coordinator, world.territory.id, is_on=True)
            anybody = Actor(is_platform_admin=True)
            deposits.say_deposit(anybody, world.kitchen.id, 50_000, Occasion.FIRST)
            a_member(world.glaneurs, name="Trésor", email=OURS, role=Role.TREASURER, locale=locale)
            self.booking = world.ask()

    def accept(self):
        service.approve(self.booking.id, self.world.manager)

    def receive(self):
        self.accept()
        service.receive_deposit(self.booking.id, self.world.manager, Method.TRANSFER)


def test_who_asked_and_who_keeps_the_accounts_are_told_of_it(post, locale):
    deposited = Deposited(locale)
    deposited.accept()
    letters = [mail for mail in post.run() if "500" in mail.text]
    assert {mail.to for mail in letters} == {JEANNE, OURS}
    same_as_golden(locale, "deposit_required", next(mail for mail in letters if mail.to == JEANNE))


@pytest.mark.parametrize("act", ["received", "released", "withheld"])
def test_who_handed_it_over_is_told_what_became_of_it(post, locale, act, frozen):
    deposited = Deposited(locale)
    booking_id, manager = deposited.booking.id, deposited.world.manager
    if act == "received":
        with quiet():
            deposited.accept()
        service.receive_deposit(booking_id, manager, Method.TRANSFER)
    else:
        with quiet():
            deposited.receive()
        if act == "released":
            service.release_deposit(booking_id, manager)
        else:
            frozen.move_to(deposited.booking.start_at)
            service.withhold_deposit(booking_id, manager, Kept(12_000, "La hotte est enfoncée."))
    same_as_golden(locale, f"deposit_{act}", post.to(JEANNE))


def test_who_has_it_too_long_is_reminded(post, locale, frozen):
    deposited = Deposited(locale)
    with quiet():
        deposited.receive()
    frozen.move_to(deposited.booking.end_at + timedelta(hours=49))
    deposits.remind_due()
    [mail] = [mail for mail in post.run() if "500" in mail.text]
    same_as_golden(locale, "deposit_overdue", mail)


def test_nobody_is_asked_for_what_is_there_already(post):
    deposited = Deposited("fr")
    deposited.accept()
    with quiet():
        service.receive_deposit(deposited.booking.id, deposited.world.manager, Method.CHEQUE)
    assert [mail for mail in post.run() if "500" in mail.text] == []
