"""What must happen once although it is asked for several times at the same moment."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from flask import Flask
from sqlalchemy import func, select

from app.accounts import service
from app.accounts.errors import LinkUsed, WrongCredentials
from app.accounts.events import EmailChangeAsked, SignInLinkAsked
from app.accounts.models import Person, SignInAttempt
from app.core.errors import DomainError, TooMany
from app.infra.db import db
from tests.accounts.conftest import PASSWORD, acting
from tests.conftest import FreshDatabase

AT_ONCE = 8


def _together(app: Flask, act: Callable[[int], Any], times: int = AT_ONCE) -> list[Any]:
    start = Barrier(times)

    def one(number: int) -> Any:
        with app.app_context():
            start.wait()
            try:
                return act(number)
            except DomainError as error:
                return error

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(one, range(times)))


def _open_account(app: Flask) -> int:
    with app.app_context():
        return service.open_verified_account(name="Anna", email="anna@exemple.org", password=PASSWORD)


def test_a_link_is_used_by_one(fresh_database: FreshDatabase, heard):
    app = fresh_database.app
    _open_account(app)
    with app.app_context():
        service.ask_link("anna@exemple.org")
    secret = heard.last(SignInLinkAsked).secret
    answers = _together(app, lambda _: service.use_link(secret))
    assert sum(isinstance(each, tuple) for each in answers) == 1
    assert sum(isinstance(each, LinkUsed) for each in answers) == AT_ONCE - 1


def test_an_address_has_one_account(fresh_database: FreshDatabase):
    app = fresh_database.app
    answers = _together(
        app, lambda _: service.sign_up(name="Paul", email="paul@exemple.org", password=PASSWORD), 4
    )
    assert answers == [None] * 4
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Person)) == 1


def test_both_yeses_at_once_change_the_address_once(fresh_database: FreshDatabase, heard):
    app = fresh_database.app
    person_id = _open_account(app)
    with app.app_context():
        person = db.session.get_one(Person, person_id)
        service.ask_email_change(acting(person), email="anna@neuf.org", password=PASSWORD)
    asked = heard.last(EmailChangeAsked)
    secrets = [asked.old_secret, asked.new_secret]
    answers = _together(app, lambda number: service.confirm_email_change(secrets[number]), 2)
    assert sorted(answers) == [False, True]


def test_tries_sent_together_count_together(fresh_database: FreshDatabase):
    app = fresh_database.app
    _open_account(app)
    answers = _together(app, lambda _: service.sign_in("anna@exemple.org", "faux mot", "192.0.2.1"))
    assert sum(isinstance(each, WrongCredentials) for each in answers) == 5
    assert sum(isinstance(each, TooMany) for each in answers) == AT_ONCE - 5
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(SignInAttempt)) == 5
