"""The use cases of the first run: one code, one administrator, a territory, a demo that leaves without a trace."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from app.accounts import queries as accounts
from app.accounts.models import Membership, Organisation, OrganisationState, Person, RoleGrant, Territory
from app.accounts.service.organisations import OrganisationFacts, create_organisation
from app.availability.models import Claim, Closure, Hold, Schedule
from app.availability.schedules import USUAL_HOURS
from app.bookings import service as bookings
from app.bookings.errors import OrganisationNotActive
from app.bookings.models import Booking
from app.catalogue.kinds import KINDS
from app.catalogue.models import Component, Resource, Site
from app.catalogue.queries import offered_kinds, owners_for
from app.core import clock
from app.core.errors import Forbidden, NotFound, TooMany
from app.core.policy import VISITOR, Actor
from app.core.span import Span
from app.infra.db import db
from app.infra.uow import atomic
from app.installation import queries, service
from app.installation.errors import DemoAlready, DemoInUse, WrongCode
from app.installation.service import TerritoryFacts
from app.payments.books.checking import broken
from app.payments.models import LedgerEntry
from tests.factories import a_manager, a_member, a_resource, a_site, a_territory, an_organisation, made_of
from tests.payments.books import owe

ADMIN = {"name": "Alix Morel", "email": "alix@exemple.org", "password": "brouette verte 12"}
ERDRE = TerritoryFacts("PAT de l'Erdre", ["Erdre et Gesvres", "Nozay (44170)"], "sea")


@pytest.fixture
def admin(session: Any) -> Actor:
    code = service.renew_code()
    assert code
    person_id = service.open_administrator(service.check_code(code), **ADMIN)
    return accounts.load_actor(person_id)


def test_a_new_code_ends_the_one_before(session):
    first, second = service.renew_code(), service.renew_code()
    assert first
    assert second
    with pytest.raises(WrongCode):
        service.check_code(first)
    kept = service.check_code(second)
    assert service.check_code(second) == kept  # until it is used, however often
    service.renew_code()
    with pytest.raises(WrongCode):
        service.open_administrator(kept, **ADMIN)


def test_once_somebody_runs_it_there_is_no_code(admin):
    assert admin.is_platform_admin
    assert queries.find_code() is None
    assert service.renew_code() is None
    with pytest.raises(NotFound):
        service.check_code("AAAA-BBBB-CCCC-DDDD")
    with pytest.raises(NotFound):
        service.open_administrator("x", **ADMIN | {"email": "autre@exemple.org"})


def test_guesses_are_slowed_down_by_address_only(session):
    code = service.renew_code()
    assert code
    for _time in range(5):
        with pytest.raises(WrongCode):
            service.check_code("AAAA-BBBB-CCCC-DDDD", "192.0.2.1")
    with pytest.raises(TooMany):
        service.check_code(code, "192.0.2.1")
    assert service.check_code(code, "198.51.100.7")


def test_the_territory_is_made_once_and_changed_after(admin):
    made = service.set_territory(admin, ERDRE)
    assert len(made.communes) == 13
    assert (made.departement, made.school_zone, made.timezone) == ("44", "B", "Europe/Paris")
    assert accounts.shown_hue() == "sea"
    again = service.set_territory(admin, TerritoryFacts("PAT Erdre", ["Saint-Denis (97400)"], "nonsense"))
    assert again.id == made.id
    assert (again.timezone, again.school_zone, again.hue) == ("Indian/Reunion", None, "garden")
    assert db.session.scalar(select(func.count(Territory.id))) == 1


def test_only_whoever_runs_the_platform_sets_it_up(admin):
    for act in (
        lambda: service.set_territory(VISITOR, ERDRE),
        lambda: service.choose_kinds(VISITOR, ["kitchen"]),
        lambda: service.put_demo(VISITOR, "mutualim.test"),
        lambda: service.erase_demo(VISITOR),
        lambda: service.hide_steps(VISITOR),
    ):
        with pytest.raises(Forbidden):
            act()


def test_kinds_that_nobody_shares_are_not_offered(admin):
    with pytest.raises(NotFound):
        service.choose_kinds(admin, ["kitchen"])
    service.set_territory(admin, ERDRE)
    service.choose_kinds(admin, ["storage", "kitchen"])
    assert offered_kinds() == [kind for kind in KINDS if kind in ("kitchen", "storage")]
    service.choose_kinds(admin, list(KINDS))
    assert offered_kinds() == list(KINDS)


def test_progress_is_counted_in_the_territory(admin):
    territory = service.set_territory(admin, ERDRE)
    assert queries.progress_of(territory, (), has_mail=False).sites == 0
    site = a_site(an_organisation(territory), hours=USUAL_HOURS)
    a_resource(site)
    a_manager(site)
    a_site(an_organisation(a_territory()), hours="24/7")
    progress = queries.progress_of(territory, (), has_mail=False)
    assert (progress.sites, progress.resources, progress.managers, progress.coordinators) == (1, 1, 1, 0)
    assert progress.schedules == 0  # everybody has the usual hours from the start
    a_site(an_organisation(territory), hours="Sa 09:00-12:00")
    assert queries.progress_of(territory, (), has_mail=False).schedules == 1


def in_days(number: int) -> Span:
    """Three hours from a whole hour on, that many days from now."""
    start = clock.now().replace(minute=0, second=0, microsecond=0) + timedelta(days=number)
    return Span(start, start + timedelta(hours=3))


def _numbers() -> dict[str, int]:
    tables = (Site, Resource, Component, Booking, Hold, Claim, Closure, Schedule, Membership, RoleGrant)
    return {
        table.__tablename__: db.session.scalar(select(func.count()).select_from(table)) or 0
        for table in tables
    }


def test_the_demo_goes_in_one_act_and_leaves_what_real_people_made(admin):
    territory = service.set_territory(admin, ERDRE)
    kitchen = a_resource(a_site(an_organisation(territory), hours="24/7"), name="Cuisine vraie")
    real = a_member(an_organisation(territory, name="Les Vrais"), name="Jeanne")
    real_id, mine = real.id, real.memberships[0].organisation_id
    before = _numbers()
    service.put_demo(admin, "mutualim.test")
    with pytest.raises(DemoAlready):
        service.put_demo(admin, "mutualim.test")
    assert accounts.shown_hue() == "sea"
    assert db.session.scalar(select(func.count(Person.id)).where(Person.is_platform_admin)) == 1

    guest = db.session.scalars(
        select(Membership)
        .join(Organisation)
        .join(Territory)
        .where(Territory.is_demo, Membership.state == "active", Organisation.state == "active")
        .order_by(Membership.id)
    ).first()
    assert guest
    theirs = bookings.Request(
        kitchen.id,
        guest.organisation_id,
        in_days(8),
        purpose="Essai",
        quantity=1,
    )
    ours = bookings.Request(kitchen.id, mine, in_days(9), purpose="Soupes", quantity=1)
    guest_id = guest.person_id
    with pytest.raises(OrganisationNotActive):  # the demo's organisations never take what is real
        bookings.ask(theirs, accounts.load_actor(guest_id), uid_host="mutualim.test")
    kept = bookings.ask(ours, accounts.load_actor(real_id), uid_host="mutualim.test").id
    shown = select(Resource).join(Territory, Territory.id == Resource.territory_id).where(Territory.is_demo)
    made_of(*db.session.scalars(shown.order_by(Resource.id).limit(3)))

    assert service.erase_demo(admin).rows > 500
    db.session.expire_all()
    after = _numbers()
    assert db.session.scalars(select(Booking.id)).all() == [kept]
    assert {**before, "booking": 1, "hold": after["hold"], "claim": after["claim"]} == after
    assert (after["hold"], after["claim"]) == (before["hold"] + 1, before["claim"] + 1)
    assert [each.name for each in accounts.territories()] == ["PAT de l'Erdre"]
    assert accounts.find_account(guest_id) is None
    assert accounts.find_account(real_id) is not None
    assert not db.session.scalars(select(Person).where(Person.email.like("%demo.example"))).all()
    with pytest.raises(NotFound):
        service.erase_demo(admin)
    service.put_demo(admin, "mutualim.test")  # and it can come back
    assert queries.find_demo() is not None


def test_the_demo_takes_nothing_with_it_that_real_people_made_there(admin):
    territory = service.set_territory(admin, ERDRE)
    service.put_demo(admin, "mutualim.test")
    assert [each.name for each in accounts.joinable_territories()] == [territory.name]
    demo = queries.find_demo()
    assert demo
    demo_id = demo.id
    stray = create_organisation(admin, demo_id, OrganisationFacts("Vraie asso", "association", "nonprofit"))
    assert all(owner.territory_id == territory.id for owner in owners_for(admin))
    with pytest.raises(DemoInUse) as refused:
        service.erase_demo(admin)
    assert refused.value.facts["names"] == ["Vraie asso"]
    assert queries.find_demo()
    stray_id = stray.id
    with atomic() as session:
        session.get_one(Organisation, stray_id).state = OrganisationState.ARCHIVED
    assert service.erase_demo(admin).rows > 500


def test_what_the_demo_owed_stays_in_its_books(admin):
    """The database lets nothing of money go: it stays with the shells of the organisations, and is sound."""
    service.set_territory(admin, ERDRE)
    service.put_demo(admin, "mutualim.test")
    payer, payee = db.session.scalars(select(Organisation).join(Territory).where(Territory.is_demo).limit(2))
    owe(payer.territory_id, payer.id, payee.id, 1000)
    written = db.session.scalar(select(func.count(LedgerEntry.id)))
    assert service.erase_demo(admin).rows > 500
    assert db.session.scalar(select(func.count(LedgerEntry.id))) == written
    assert broken() == []
