"""Somebody asks for a place while its manager edits it or says what it costs: both are done, one after the other.

The order is forced. SQLite has one writer, so that nothing can come between.
"""

import threading
from contextlib import contextmanager

import pytest

from app.accounts.queries import load_actor
from app.availability import service as availability
from app.bookings import service
from app.catalogue import service as catalogue
from app.catalogue.models import Resource
from app.catalogue.rules import ResourceFacts
from app.core import clock
from app.infra.db import db
from app.payments import service as payments
from app.payments.tariffs.tariff import Meter, Tariff, TariffLine, VatRegime
from tests.databases import KIND
from tests.factories import (
    a_coordinator,
    a_manager,
    a_member,
    a_resource,
    a_site,
    a_territory,
    an_organisation,
    span,
)
from tests.races.test_beside import NOW, PATIENCE, between

pytestmark = [
    pytest.mark.race,
    pytest.mark.skipif(KIND != "postgres", reason="SQLite has one writer"),
]
SLOT = span("2026-09-09 18:00", "2026-09-09 20:00")
PRICE = Tariff((TariffLine(Meter.HOUR, 900),), VatRegime.FRANCHISE)
WHERE = {"edit": (payments, "say_free"), "publish": (availability, "claim_rows")}


@pytest.mark.parametrize("act", ["edit", "publish"])
@pytest.mark.parametrize("is_priced", [False, True])
def test_both_are_done(fresh_database, monkeypatch, act, is_priced):
    answers = {}

    @contextmanager
    def inside():
        with fresh_database.app.app_context(), clock.stopped(NOW):
            yield
            db.session.remove()

    with inside():
        territory = a_territory()
        site = a_site(an_organisation(territory, priority_class="P0"), hours="24/7")
        place, manager = a_resource(site, hours="24/7").id, a_manager(site).id
        association = an_organisation(territory)
        asker, association_id = a_member(association).id, association.id
        payments.switch_money(load_actor(a_coordinator(territory).id), territory.id, is_on=True)
        if is_priced:
            payments.publish_tariff(load_actor(manager), place, PRICE)

    def ask():
        wanted = service.Request(place, association_id, SLOT, purpose="Soupes", quantity=1)
        return service.ask(wanted, load_actor(asker), uid_host="races.test").decision

    def edit():
        resource = db.session.get_one(Resource, place)
        facts = {name: getattr(resource, name) for name in ResourceFacts.__dataclass_fields__}
        catalogue.edit_resource(load_actor(manager), resource, ResourceFacts(**facts | {"name": "Autre"}))
        return resource.name

    def publish():
        return payments.publish_tariff(load_actor(manager), place, PRICE).number

    def begin(name, work):
        def run():
            with inside():
                try:
                    answers[name] = work()
                except Exception as error:  # looked at by the test
                    answers[name] = error

        thread = threading.Thread(target=run, name=name)
        thread.start()
        return thread

    owner, name = WHERE["edit" if act == "edit" and not is_priced else "publish"]
    there, go_on = between(monkeypatch, owner, name, "first")
    first = begin("first", ask)
    assert there.wait(PATIENCE)
    second = begin("second", {"edit": edit, "publish": publish}[act])
    second.join(1)
    go_on.set()
    first.join(PATIENCE)
    second.join(PATIENCE)
    assert answers == {"first": "pending", "second": "Autre" if act == "edit" else 2}
