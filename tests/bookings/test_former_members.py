"""Whoever has left an organisation acts for it no more: what they had going is looked after by an administrator."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from app.accounts import service as accounts
from app.accounts.models import Membership, MembershipState, Role, RoleGrant
from app.accounts.queries import load_actor
from app.bookings import service
from app.bookings.models import Bundle, Series, Waiting
from app.core.errors import Forbidden
from app.core.recurrence import Frequency, Hours, Rule
from app.infra import jobs
from app.infra.audit import history
from app.infra.db import db
from app.infra.uow import atomic
from tests.bookings.pages import World, text_of
from tests.factories import a_coordinator, a_member, a_resource, an_organisation, span

pytestmark = pytest.mark.usefixtures("session", "frozen")
HOST = {"uid_host": "mutualim.test"}


class Town(World):
    """Jeanne is a member of Les Glaneurs, which Alix administers."""

    @property
    def jeanne(self):
        return load_actor(self.person.id)

    def membership(self):
        return db.session.scalars(select(Membership).filter_by(person_id=self.person.id)).one()

    def takes_off(self):
        accounts.end_membership(load_actor(self.boss.id), self.membership().id)

    def leaves(self):
        accounts.end_membership(self.jeanne, self.membership().id)

    def forgets(self):
        """End the membership as if nothing had been handed over: the rows of before."""
        with atomic():
            self.membership().state = MembershipState.ENDED


@pytest.fixture
def town(session, frozen):
    return Town()


def refused(act, *given, **named) -> bool:
    try:
        act(*given, **named)
    except Forbidden:
        return True
    return False


@pytest.mark.parametrize("end", ["takes_off", "leaves", "forgets"])
def test_a_former_member_does_nothing_any_more(town, browser, end):
    proposed, waiting, accepted = (
        town.ask(span(f"2026-10-{day} 09:00", f"2026-10-{day} 12:00")) for day in ("06", "07", "08")
    )
    offer = service.Offer(town.kitchen.id, span("2026-10-09 09:00", "2026-10-09 12:00"), 1)
    proposal = service.propose(proposed.id, town.manager, offer)
    service.approve(accepted.id, town.manager)
    client, page = browser(town.person), f"/reservations/{accepted.ref}"
    assert "4321" in text_of(client.get(page))
    getattr(town, end)()
    assert client.get(page).status_code == 404
    assert accepted.ref not in text_of(client.get("/moi"))
    assert client.post(f"{page}/annuler", data={"reason": "x"}).status_code == 404
    assert client.get(f"{page}.ics").status_code == 404
    later = span("2026-10-13 09:00", "2026-10-13 12:00")
    assert refused(service.cancel, waiting.id, town.jeanne, "Vengeance")
    assert refused(service.change, waiting.id, town.jeanne, later, 1)
    assert refused(service.accept_proposal, proposed.id, proposal.ref, town.jeanne)
    assert refused(service.decline_proposal, proposed.id, proposal.ref, town.jeanne)
    assert refused(service.write_message, accepted.id, town.jeanne, "Bonjour")


@pytest.mark.parametrize("end", ["takes_off", "leaves"])
def test_an_administrator_looks_after_what_they_had_going(town, end):
    coming, over = town.ask(), town.ask(span("2026-10-07 09:00", "2026-10-07 12:00"))
    service.refuse(over.id, town.manager, "Travaux")
    getattr(town, end)()
    assert (coming.requester_id, over.requester_id) == (town.boss.id, town.person.id)
    line = history("booking", coming.id)[-1]
    assert (line.act, line.actor_id) == (
        "handed_over",
        town.boss.id if end == "takes_off" else town.person.id,
    )
    assert not refused(service.cancel, coming.id, load_actor(town.boss.id), "Plus personne")


def test_who_takes_them_off_looks_after_it(town):
    booking, zoe = town.ask(), a_member(town.association, name="Zoé", role=Role.ORG_ADMIN)
    accounts.end_membership(load_actor(zoe.id), town.membership().id)
    assert booking.requester_id == zoe.id


def test_series_and_bundles_go_along(town):
    rule = Rule(Frequency.WEEKLY, date(2026, 9, 8), weekdays=(1,), times=3)
    hours = Hours(14 * 60, 16 * 60, "Europe/Paris")
    series = service.ask_series(
        service.SeriesRequest(town.kitchen.id, town.association.id, rule, hours, 1, "Soupes"),
        town.jeanne,
        **HOST,
    )
    hall = a_resource(town.site, name="Salle")
    legs = (service.Leg(town.kitchen.id, town.slot), service.Leg(hall.id, town.slot))
    bundle = service.ask_bundle(service.BundleRequest(town.association.id, legs, "Fête"), town.jeanne, **HOST)
    town.takes_off()
    rows: list[Any] = [
        db.session.get_one(Series, series.id),
        db.session.get_one(Bundle, bundle.id),
        *bundle.legs,
    ]
    assert {row.requester_id for row in rows} == {town.boss.id}
    assert series.state == "asked"
    assert refused(service.cancel_bundle, bundle.id, town.jeanne, "x")


def test_what_they_asked_for_another_organisation_stays_theirs(town):
    other = an_organisation(town.territory)
    with atomic() as session:
        session.add(
            Membership(
                person_id=town.person.id, organisation_id=other.id, role=Role.MEMBER,
                state=MembershipState.ACTIVE, created_at=town.membership().created_at,
            )
        )  # fmt: skip
    request = service.Request(town.kitchen.id, other.id, town.slot, 1, "Goûter")
    booking = service.ask(request, town.jeanne, **HOST)
    mine = db.session.scalars(
        select(Membership).filter_by(person_id=town.person.id, organisation_id=town.association.id)
    ).one()
    accounts.end_membership(load_actor(town.boss.id), mine.id)
    assert booking.requester_id == town.person.id
    assert not refused(service.cancel, booking.id, town.jeanne, "Plus besoin")


def test_nothing_is_offered_to_them_any_more(app, town):
    other, third = (an_organisation(town.territory) for _ in range(2))
    theirs, after = load_actor(a_member(other).id), load_actor(a_member(third).id)
    taken = service.ask(service.Request(town.kitchen.id, other.id, town.slot, 1, "x"), theirs, **HOST)
    service.approve(taken.id, town.manager)
    line = service.join(
        service.Want(town.kitchen.id, town.slot, 1, town.association.id, "Soupes"), town.jeanne
    )
    told = service.join(service.Want(town.kitchen.id, town.slot, 1), town.jeanne)
    behind = service.join(service.Want(town.kitchen.id, town.slot, 1, third.id, "Soupes"), after)
    town.takes_off()
    service.cancel(taken.id, theirs, "Libre")
    jobs.run_due(app)
    db.session.expire_all()
    states = {each.id: each.state for each in db.session.scalars(select(Waiting))}
    assert [states[each.id] for each in (line, told, behind)] == ["over", "over", "offered"]


def test_who_asked_on_behalf_acts_as_long_as_they_coordinate(town, browser):
    camille = a_coordinator(town.territory, name="Camille Guérin")
    request = service.Request(town.kitchen.id, town.association.id, town.slot, 1, "Soupes")
    booking = service.ask(request, load_actor(camille.id), **HOST)
    client = browser(camille)
    assert client.get(f"/reservations/{booking.ref}").status_code == 200
    assert booking.ref in text_of(client.get("/moi"))
    with atomic() as session:
        session.delete(session.scalars(select(RoleGrant).filter_by(person_id=camille.id)).one())
    assert client.get(f"/reservations/{booking.ref}").status_code == 404
    assert refused(service.cancel, booking.id, load_actor(camille.id), "x")
