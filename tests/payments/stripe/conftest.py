"""A played Stripe plugged into the application, a payee who can be paid, and the facts that were told and committed."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.accounts import queries as accounts
from app.accounts.models import Role
from app.core import clock
from app.infra import events as infra_events
from app.infra import jobs
from app.infra.db import db
from app.infra.uow import on_commit
from app.payments.stripe import events, service
from app.payments.stripe.fake import simulated
from app.payments.stripe.fake.client import FakeClient
from app.payments.stripe.fake.objects import Thing
from app.payments.stripe.fake.playing import signed
from app.payments.stripe.fake.world import Memory, World
from app.payments.stripe.gateway import Gateway
from app.payments.stripe.models import StripePayment
from tests.factories import a_member, a_territory, an_organisation
from tests.payments.books import sound

KINDS = [kind for name, kind in vars(events).items() if name.startswith("Stripe")]


@dataclass
class Stage:
    """What a story needs: the world over there, the way to it, what was told here."""

    app: Flask
    way: Gateway
    world: World
    client: FakeClient
    told: list[Any]
    payee_id: int = 0
    account_id: str = ""

    def due(self, **more: Any) -> service.Due:
        """Describe something to pay, held for an hour."""
        given = service.Due(
            key="due:1:1",
            reference="due:1",
            organisation_id=self.payee_id,
            cents=2500,
            label="Cuisine, 3 h",
            held_until=clock.now() + timedelta(hours=1),
            back="/reservations",
        )
        return replace(given, **more)

    def begin(self, **more: Any) -> str:
        """Begin an attempt to pay."""
        return service.begin_payment(self.due(**more))

    def open(self, **more: Any) -> str:
        """Begin an attempt, and open its page; give the page's id."""
        self.begin(**more)
        self.run()
        return self.row().session_id or ""

    def row(self, key: str = "due:1:1") -> StripePayment:
        """Read an attempt as it is now."""
        db.session.expire_all()
        return db.session.scalars(select(StripePayment).filter_by(key=key)).one()

    def run(self) -> None:
        """Do the jobs that are due."""
        jobs.run_due(self.app)

    def hear(self, *which: Thing) -> None:
        """Let webhooks arrive (by default all that were not sent yet, in order), and do what follows."""
        sent = list(which) or self.drain()
        for event in sent:
            service.receive(*signed(event, self.way.signing_secret))
        self.run()

    def drain(self) -> list[Thing]:
        """Take the events that were not sent yet."""
        taken, self.world.events = self.world.events, []
        return taken

    def reconcile(self) -> None:
        """Do what the clock does from time to time."""
        service.reconcile()
        service.queue_look_over()
        self.run()

    def kinds(self) -> list[str]:
        """Name the facts that were told."""
        return [type(each).__name__ for each in self.told]


@pytest.fixture
def told() -> Iterator[list[Any]]:
    """The facts of this room that were told in transactions that were committed."""
    heard: list[Any] = []

    def note(event: Any) -> None:
        on_commit(lambda: heard.append(event))

    for kind in KINDS:
        infra_events.listens(kind)(note)
    yield heard
    for kind in KINDS:
        infra_events._listeners[kind].remove(note)


@pytest.fixture
def empty_stage(app: Flask, session: Any, frozen: Any, told: list[Any]) -> Iterator[Stage]:
    """A played Stripe where nobody has an account. However a story on it ends, every invariant of the books holds."""
    home = Memory()
    way = simulated(home, app.config["MUTUALIM"].base_url)
    client: Any = way._v1._requestor._client
    app.extensions["mutualim.stripe"], app.extensions["mutualim.stripe_simulation"] = way, home
    try:
        yield Stage(app, way, home.world, client, told)
        assert sound()
    finally:
        app.extensions["mutualim.stripe"] = None
        del app.extensions["mutualim.stripe_simulation"]


@pytest.fixture
def stage(empty_stage: Stage) -> Stage:
    """A played Stripe with a payee who can be paid."""
    stage = empty_stage
    payee = an_organisation(a_territory(), name="Les Glaneurs")
    admin = a_member(payee, role=Role.ORG_ADMIN)
    service.begin_account(accounts.load_actor(admin.id), payee.id)
    stage.payee_id = payee.id
    stage.run()
    stage.account_id = next(name for name in stage.world.things if name.startswith("acct_"))
    stage.world.complete_account(stage.account_id)
    stage.hear()
    assert stage.told == []
    stage.client.requests.clear()
    return stage
