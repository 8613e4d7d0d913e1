"""Sixteen ask for what one gleaning has to have carried, with several vans, and it is cancelled meanwhile."""

import pytest
from sqlalchemy import select

from app.accounts.queries import load_actor
from app.bookings.models import Booking
from app.bookings.rules import LIVE
from app.core import clock
from app.core.errors import DomainError
from app.core.span import Span
from app.infra.db import db
from app.supply.cargo import KILO
from app.supply.chains import service as chains
from app.supply.chains.models import Chain, ChainDraft
from app.supply.chains.planning.plan import PlannedLeg, Role
from app.supply.gleanings import service
from app.supply.gleanings.models import Gleaning
from tests.factories import a_resource, a_site, at
from tests.races.test_costs import NOW, in_processes
from tests.supply.gleanings.world import APPLES, Orchard

WRITERS, VANS = 16, 4


@pytest.fixture
def scene(fresh_database):
    """A gleaning of 1 500 kg that is still to be carried, who calls for it, and four vans."""
    with fresh_database.app.app_context(), clock.stopped(NOW):
        orchard = Orchard()
        depot = a_site(orchard.others, hours="Mo-Su 06:00-22:00")
        vans = [a_resource(depot, kind="vehicle", name=f"Fourgon {number}").id for number in range(VANS)]
        gleaning_id = orchard.call().id
        ref = db.session.scalars(select(ChainDraft.public_id)).one()
        caller = load_actor(orchard.people["farm"].id), orchard.farm.id
        db.session.commit()
    return gleaning_id, ref, caller, vans


def ask(scene, which, kilos):
    _gleaning_id, ref, (actor, organisation_id), vans = scene
    when = Span(at("2026-10-10 13:00"), at("2026-10-10 15:00"))
    legs = [PlannedLeg(Role.COLLECT, vans[which % VANS], when)]
    wanted = chains.ChainRequest(
        organisation_id=organisation_id, product="Pommes", cargo=APPLES.of(kilos * KILO), legs=legs,
        purpose=f"Collecte {which}", draft_ref=ref,
    )  # fmt: skip
    chains.ask_chain(wanted, actor, uid_host="mutualim.test")


@pytest.mark.race
def test_sixteen_ask_and_no_more_is_carried_than_there_is(fresh_database, scene):
    def work(which: int) -> None:
        with clock.stopped(NOW):
            try:
                ask(scene, which, 700)
            except DomainError as refused:
                assert refused.code in ("draft_too_small", "legs_refused")

    assert in_processes(fresh_database.app, work, WRITERS) == []
    with fresh_database.app.app_context():
        assert [chain.grams for chain in db.session.scalars(select(Chain))] == [700 * KILO] * 2


@pytest.mark.race
def test_nothing_is_carried_of_what_is_cancelled(fresh_database, scene):
    gleaning_id, _ref, (actor, _organisation_id), _vans = scene

    def work(which: int) -> None:
        with clock.stopped(NOW):
            for _again in range(3 if which == 0 else 1):
                try:
                    if which == 0:
                        service.cancel(actor, gleaning_id, "Il pleut")
                    else:
                        ask(scene, which, 700)
                except DomainError as refused:
                    known = (
                        "draft_too_small",
                        "draft_lost",
                        "legs_refused",
                        "sign_up_closed",
                        "chain_just_asked",
                    )
                    assert refused.code in known

    assert in_processes(fresh_database.app, work, WRITERS) == []
    with fresh_database.app.app_context(), clock.stopped(NOW):
        if (
            db.session.get_one(Gleaning, gleaning_id).state != "cancelled"
        ):  # a chain came in between, each time
            service.cancel(actor, gleaning_id, "Il pleut")
        live = select(Booking.id).where(Booking.decision.in_(LIVE))
        assert [*db.session.scalars(live)] == []
        assert [*db.session.scalars(select(ChainDraft.id))] == []
