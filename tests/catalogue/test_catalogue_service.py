"""The use cases of the catalogue: what they number, tell, find again, and refuse to break."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from app.accounts.models import OrganisationState, Role
from app.accounts.rules import CONTACT_LIFE
from app.availability import service as time
from app.availability.errors import CapacityBelowUse
from app.availability.models import Schedule
from app.availability.queries import Wish
from app.catalogue import asks, queries, service
from app.catalogue.asks import Promise
from app.catalogue.errors import (
    BadFacts,
    BadTerms,
    EditedMeanwhile,
    NameMissing,
    ResourceArchived,
    SiteArchived,
    StillPromised,
)
from app.catalogue.models import Status
from app.catalogue.policy import CataloguePermission
from app.catalogue.rules import ResourceFacts, SiteFacts, school_zone_of, timezone_of
from app.core.errors import DomainError, Forbidden
from app.core.policy import VISITOR, Actor, can
from app.infra.audit import history
from app.infra.db import db
from app.infra.uow import atomic
from app.web.words import has_words
from tests import factories as f

OPERATOR = Actor(is_platform_admin=True)
PLACE = SiteFacts(name="Pôle nourricier", commune_code="44110")
KITCHEN = ResourceFacts(kind="kitchen", name="Cuisine partagée", subtype="shared_kitchen", mode="stations",
                        capacity=4, unit="station")  # fmt: skip


@pytest.fixture
def owner(session):
    return f.an_organisation(f.a_territory())


@pytest.fixture
def site(owner):
    return service.create_site(OPERATOR, owner, PLACE)


@pytest.fixture
def kitchen(site):
    return service.create_resource(OPERATOR, site, KITCHEN)


def test_a_site_comes_with_hours_a_point_and_its_zones(owner):
    site = service.create_site(OPERATOR, owner, PLACE, expression="Mo-Sa 07:00-22:00; PH off")
    hours = db.session.scalars(select(Schedule).filter_by(site_id=site.id)).one()
    assert (hours.expression, hours.school_zone, hours.timezone) == (
        "Mo-Sa 07:00-22:00; PH off",
        "B",
        "Europe/Paris",
    )
    assert round(site.lat, 2) == 47.44
    assert [line.act for line in history("site", site.id)] == ["created"]


def test_bad_hours_leave_nothing_behind(owner):
    from app.availability.errors import BadExpression

    with pytest.raises(BadExpression):
        service.create_site(OPERATOR, owner, PLACE, expression="lundi")
    assert queries.sites_managed_by(OPERATOR)[1] == 0


def test_every_change_is_numbered_once(site, kitchen, frozen):
    assert (site.revision, kitchen.revision) == (0, 0)
    frozen.tick(hours=1)
    assert service.edit_site(OPERATOR, site, replace(PLACE, access_notes="Portail vert")) == ["access_notes"]
    assert (site.revision, site.changed_at) == (1, frozen.now)
    assert service.edit_site(OPERATOR, site, replace(PLACE, access_notes="Portail vert")) == []
    assert site.revision == 1
    changed = service.edit_resource(OPERATOR, kitchen, replace(KITCHEN, buffer_after=45, capacity=6))
    assert sorted(changed) == ["buffer_after", "capacity"]
    assert (kitchen.revision, kitchen.changed_at) == (1, frozen.now)
    assert history("resource", kitchen.id)[-1].facts == {"changed": changed}


def test_search_words_follow_the_site(site, kitchen):
    assert {"cuisine", "partagee", "pole", "nourricier", "nort-sur-erdre", "44390"} <= set(
        kitchen.search_text.split()
    )
    service.edit_site(OPERATOR, site, replace(PLACE, name="Maison Commune", commune_code="44113"))
    assert {"maison", "nozay"} <= set(kitchen.search_text.split())
    assert "nourricier" not in kitchen.search_text
    service.edit_resource(OPERATOR, kitchen, replace(KITCHEN, name="Labo chaud"))
    assert "labo" in kitchen.search_text
    assert service.refresh_search() == 0


def test_two_managers_do_not_overwrite_each_other(site, kitchen):
    service.edit_site(OPERATOR, site, replace(PLACE, name="A"), revision=0)
    with pytest.raises(EditedMeanwhile) as refused:
        service.edit_site(OPERATOR, site, replace(PLACE, name="B"), revision=0)
    assert refused.value.facts["revision"] == 1
    service.edit_resource(OPERATOR, kitchen, replace(KITCHEN, capacity=5), revision=0)
    with pytest.raises(EditedMeanwhile):
        service.edit_resource(OPERATOR, kitchen, replace(KITCHEN, capacity=6), revision=0)


def test_what_is_promised_is_kept(site, kitchen, frozen):
    time.take([Wish(kitchen.id, f.span("2026-10-06 08:00", "2026-10-06 12:00"), 3)])
    with pytest.raises(CapacityBelowUse):
        service.edit_resource(OPERATOR, kitchen, replace(KITCHEN, capacity=2))
    assert service.edit_resource(OPERATOR, kitchen, replace(KITCHEN, capacity=3)) == ["capacity"]
    for archive in (
        lambda: service.archive_resource(OPERATOR, kitchen),
        lambda: service.archive_site(OPERATOR, site),
    ):
        with pytest.raises(StillPromised) as refused:
            archive()
        assert refused.value.facts["count"] == 1
    assert kitchen.status == Status.ACTIVE
    assert site.archived_at is None
    frozen.move_to(f.at("2026-10-06 12:00"))
    service.archive_site(OPERATOR, site)
    assert (kitchen.status, site.archived_at) == (Status.ARCHIVED, frozen.now)


def test_who_knows_of_bookings_is_asked(kitchen, monkeypatch):
    promise = Promise("ABCD2345", kitchen.id, f.span("2026-10-06 08:00", "2026-10-06 12:00"), "Les Amis")
    monkeypatch.setattr(asks, "_promises", [lambda ids: [promise] if kitchen.id in ids else []])
    with pytest.raises(StillPromised) as refused:
        service.archive_resource(OPERATOR, kitchen)
    assert refused.value.facts["refs"] == ["ABCD2345"]
    monkeypatch.setattr(
        asks, "_waiting", [lambda ids: dict.fromkeys(ids, 2), lambda ids: dict.fromkeys(ids, 1)]
    )
    assert asks.waiting_by_site([7]) == {7: 3}


def test_an_archived_thing_is_restored_before_it_is_used(site, kitchen):
    service.archive_resource(OPERATOR, kitchen)
    service.archive_resource(OPERATOR, kitchen)
    with pytest.raises(ResourceArchived):
        service.edit_resource(OPERATOR, kitchen, KITCHEN)
    service.archive_site(OPERATOR, site)
    with pytest.raises(SiteArchived):
        service.create_resource(OPERATOR, site, KITCHEN)
    with pytest.raises(SiteArchived):
        service.restore_resource(OPERATOR, kitchen)
    service.restore_site(OPERATOR, site)
    service.restore_resource(OPERATOR, kitchen)
    assert kitchen.status == Status.TO_CHECK


@pytest.mark.parametrize(
    ("facts", "error"),
    [
        (replace(KITCHEN, name=" "), NameMissing),
        (replace(KITCHEN, mode="season"), BadTerms),
        (replace(KITCHEN, unit="pallet"), BadTerms),
        (replace(KITCHEN, capacity=0), BadTerms),
        (replace(KITCHEN, min_minutes=45), BadTerms),
        (replace(KITCHEN, max_minutes=30), BadTerms),
        (replace(KITCHEN, status="archived"), BadTerms),
        (replace(KITCHEN, approval="nobody"), BadTerms),
        (replace(KITCHEN, facts={"ovens": "two"}), BadFacts),
        (replace(KITCHEN, facts={"wings": 2}), BadFacts),
    ],
)
def test_what_cannot_be_is_refused(site, facts, error):
    with pytest.raises(error):
        service.create_resource(OPERATOR, site, facts)


def test_what_is_taken_whole_counts_one(site):
    van = ResourceFacts(kind="vehicle", name="Fourgon", mode="exclusive", capacity=7, unit="whole")
    assert service.create_resource(OPERATOR, site, van).capacity == 1


def test_who_creates_a_site_manages_it(owner):
    admin = f.a_member(owner, role=Role.ORG_ADMIN)
    actor = f.actor_of(admin, memberships={owner.id: "org_admin"})
    site = service.create_site(actor, owner, PLACE)
    from app.accounts.queries import managers_of

    assert managers_of(site.id) == [admin]


def test_rights(owner, site, kitchen):
    person = f.a_person()
    one = f.actor_of
    manager = one(person, managed_sites=frozenset({site.id}))
    admin = one(person, memberships={owner.id: "org_admin"})
    member = one(person, memberships={owner.id: "member"})
    coordinator = one(person, coordinated=frozenset({owner.territory_id}))
    elsewhere = one(
        person, coordinated=frozenset({999}), managed_sites=frozenset({999}), memberships={999: "org_admin"}
    )
    for actor in (manager, admin, coordinator, OPERATOR):
        assert can(actor, CataloguePermission.MANAGE_SITE, site)
        assert can(actor, CataloguePermission.MANAGE_SITE, kitchen)
    for actor in (VISITOR, member, elsewhere):
        assert not can(actor, CataloguePermission.MANAGE_SITE, site)
        with pytest.raises(Forbidden):
            service.edit_resource(actor, kitchen, KITCHEN)
        with pytest.raises(Forbidden):
            service.archive_site(actor, site)
    for actor in (admin, coordinator, OPERATOR):
        assert can(actor, CataloguePermission.CREATE_SITE, owner)
    for actor in (VISITOR, member, manager, elsewhere):
        assert not can(actor, CataloguePermission.CREATE_SITE, owner)
    waiting = f.an_organisation(owner.territory, state=OrganisationState.PENDING)
    assert not can(coordinator, CataloguePermission.CREATE_SITE, waiting)


def test_zones_of_france():
    assert [school_zone_of(d) for d in ("44", "33", "75", "2A", "974")] == ["B", "A", "C", None, None]
    assert timezone_of("974") == "Indian/Reunion"
    assert timezone_of("44") == "Europe/Paris"


def test_every_refusal_has_words():
    from app.catalogue import errors

    codes = {
        each.code
        for each in vars(errors).values()
        if isinstance(each, type) and issubclass(each, DomainError) and each.__module__ == errors.__name__
    }
    assert codes
    assert {code for code in codes if not has_words(code)} == set()


def test_how_to_reach_a_place_is_forgotten_long_after_it_was_archived(site, frozen):
    with atomic():
        site.phone, site.email = "02 40 00 00 00", "lieu@exemple.org"
    service.archive_site(OPERATOR, site)
    frozen.move_to(frozen.now + CONTACT_LIFE)
    service.forget_contacts()
    db.session.refresh(site)
    assert site.phone == "02 40 00 00 00"
    frozen.tick(minutes=1)
    service.forget_contacts()
    db.session.refresh(site)
    assert (site.phone, site.email) == ("", "")
