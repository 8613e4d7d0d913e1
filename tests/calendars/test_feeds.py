"""Feeds as calendar programmes see them: states, sequences, rights, links that end."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from icalendar import Calendar
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from app.accounts.models import Membership, Organisation, RoleGrant
from app.accounts.queries import load_actor
from app.accounts.service.organisations import OrganisationFacts, edit_organisation
from app.bookings import service as bookings
from app.bookings.models import Booking
from app.bookings.occurrences import Elsewhere
from app.calendars import queries, service
from app.calendars.audiences import Audience, Scope
from app.calendars.errors import TooManyLinks
from app.calendars.models import FeedFragment, Subscription
from app.calendars.service.pages import WORTH_STORING, memory
from app.core.errors import Forbidden, NotFound
from app.core.policy import Actor
from app.core.recurrence import Frequency, Hours, Rule
from app.infra.db import db
from app.infra.uow import atomic
from tests.calendars.world import World, change, events, only, touch
from tests.factories import a_coordinator, a_person, a_resource, a_site, an_organisation, span
from tests.helpers import count_queries

pytestmark = pytest.mark.usefixtures("session", "frozen")


@pytest.fixture
def world(session, frozen):
    return World()


def test_a_request_is_tentative_then_confirmed_then_cancelled_then_gone(world, client, frozen):
    member, manager = load_actor(world.member.id), load_actor(world.manager.id)
    path = world.link(world.member)
    request = bookings.Request(
        world.kitchen.id, world.ours.id, span("2026-10-06 08:00", "2026-10-06 12:00"), 1, "Soupe"
    )
    booking = bookings.ask(request, member, uid_host="agenda.test")
    seen = [only(client, path)]
    for act in (
        lambda: bookings.approve(booking.id, manager),
        lambda: bookings.cancel(booking.id, member, "Empêchés"),
    ):
        frozen.tick(minutes=5)
        act()
        seen.append(only(client, path))
    assert [event["STATUS"] for event in seen] == ["TENTATIVE", "CONFIRMED", "CANCELLED"]
    assert [event["TRANSP"] for event in seen] == ["OPAQUE", "OPAQUE", "TRANSPARENT"]
    assert len({event["UID"] for event in seen}) == 1
    assert seen[0]["SEQUENCE"] < seen[1]["SEQUENCE"] < seen[2]["SEQUENCE"]
    assert seen[0]["LAST-MODIFIED"].dt < seen[1]["LAST-MODIFIED"].dt < seen[2]["LAST-MODIFIED"].dt
    assert all(event["DTSTAMP"].dt == event["LAST-MODIFIED"].dt for event in seen)
    frozen.tick(days=29)
    assert events(client, path)
    frozen.tick(days=3)
    assert not events(client, path)


@pytest.mark.parametrize("decision", ["refused", "expired"])
def test_what_was_tentative_leaves_as_cancelled(world, client, frozen, decision):
    booking = world.book(decision="pending")
    path = world.link(world.manager)
    assert only(client, path)["STATUS"] == "TENTATIVE"
    touch(booking, decision=decision)
    assert only(client, path)["STATUS"] == "CANCELLED"


@pytest.mark.parametrize("what", ["booking", "kitchen", "site"])
def test_every_change_that_shows_grows_the_sequence_and_the_tag(world, client, frozen, what):
    booking = world.book()
    path = world.link(world.manager)
    before, tag = only(client, path), client.get(path).headers["ETag"]
    frozen.tick(minutes=1)
    rows = {
        "booking": (booking, {"purpose": "Autre"}),
        "kitchen": (world.kitchen, {"name": "Autre"}),
        "site": (world.site, {"name": "Autre"}),
    }
    row, facts = rows[what]
    touch(row, **facts)
    after = only(client, path)
    assert "Autre" in after["SUMMARY"] + after["LOCATION"]
    assert after["SEQUENCE"] > before["SEQUENCE"]
    assert after["LAST-MODIFIED"].dt > before["LAST-MODIFIED"].dt
    assert client.get(path).headers["ETag"] != tag
    assert client.get(path, headers={"If-None-Match": tag}).status_code == 200


def test_an_organisation_renamed_is_a_change_of_its_bookings(world, client, frozen):
    booking, other = (
        world.book(),
        world.book("2026-10-08 08:00", "2026-10-08 12:00", organisation_id=world.theirs.id),
    )
    path = world.link(world.manager)
    before = events(client, path)
    frozen.tick(minutes=1)
    organisation = db.session.get_one(Organisation, world.ours.id)
    facts = OrganisationFacts(
        name="Les Cueilleurs",
        kind=organisation.kind,
        legal_nature=organisation.legal_nature,
        commune_code="44110",
    )
    edit_organisation(load_actor(a_coordinator(world.territory).id), organisation.slug, facts)
    after = events(client, path)
    assert after[booking.uid]["SUMMARY"] == "Les Cueilleurs – Soupe solidaire"
    assert after[booking.uid]["SEQUENCE"] == before[booking.uid]["SEQUENCE"] + 1
    assert after[booking.uid]["LAST-MODIFIED"].dt > before[booking.uid]["LAST-MODIFIED"].dt
    assert after[other.uid] == before[other.uid]


def test_what_moves_out_of_the_window_is_gone_at_the_next_poll(world, client, frozen):
    gone, stays = world.book(), world.book("2026-10-08 08:00", "2026-10-08 12:00")
    path = world.link(world.manager)
    assert set(events(client, path)) == {gone.uid, stays.uid}
    frozen.tick(minutes=1)
    touch(gone, start_at=frozen.now - timedelta(days=100), end_at=frozen.now - timedelta(days=99))
    assert set(events(client, path)) == {stays.uid}
    with atomic() as session:
        session.delete(session.get_one(Booking, stays.id))
    assert not events(client, path)


def test_only_changed_bookings_are_read_again(world, client, frozen):
    rows = []
    for day in range(1, 9):
        rows.append(world.book(f"2026-10-{day:02} 08:00", f"2026-10-{day:02} 12:00"))
        frozen.tick(seconds=1)
    path = world.link(world.manager)
    client.get(path)
    frozen.tick(minutes=1)
    touch(rows[2], purpose="Autre")
    read = []
    reading = queries.slips

    def spied(*arguments):
        found = reading(*arguments)
        read.append(len(found))
        return found

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(queries, "slips", spied)
        assert b"Autre" in client.get(path).data
        assert client.get(path).data.count(b"BEGIN:VEVENT") == 8
    assert read == [2]  # the changed one, and the last one known before


def test_memory_keeps_what_was_read_last_within_bounds():
    memory: Any = service.pages.Memory(3 * 1300)

    def kept(size):
        return service.pages.Kept(
            datetime(2026, 9, 1, tzinfo=UTC), (), datetime(2026, 9, 1, tzinfo=UTC), {}, {}, (b"x" * size,)
        )

    for name in "abcd":
        memory.put(name, kept(1000))
        memory.get("a")
    assert [name for name in "abcd" if memory.get(name)] == ["a", "c", "d"]
    memory.put("a", kept(3000))
    assert [name for name in "abcd" if memory.get(name)] == ["a"]


def test_an_unchanged_feed_costs_two_statements_and_no_bytes(world, client, frozen):
    for day in range(1, 20):
        world.book(f"2026-10-{day:02} 08:00", f"2026-10-{day:02} 12:00")
    path = world.link(world.manager)
    tag = client.get(path).headers["ETag"]
    with count_queries(at_most=2):
        answer = client.get(path, headers={"If-None-Match": tag})
    assert (answer.status_code, answer.data) == (304, b"")
    with count_queries(at_most=3):
        assert client.get(path).data.count(b"BEGIN:VEVENT") == 19


def _book_days(world, number):
    return [world.book(f"2026-10-{day:02} 08:00", f"2026-10-{day:02} 12:00") for day in range(1, number + 1)]


def _stored():
    return db.session.scalars(select(FeedFragment.revision).order_by(FeedFragment.booking_id)).all()


def test_only_what_changed_is_written_again(world, client, frozen):
    rows = _book_days(world, 12)
    path = world.link(world.manager)
    client.get(path)
    for row in rows[2:]:
        touch(row, purpose="Autre")
    with count_queries(at_most=6) as queries_sent:
        assert client.get(path).data.count(b"Autre") == 10
    assert any("INSERT INTO feed_fragment" in statement for statement in queries_sent.statements)
    assert _stored() == [0, 0] + [1] * 10


def test_a_few_changes_are_told_at_once_and_stored_with_more(world, client, frozen):
    rows = _book_days(world, 9)
    path = world.link(world.manager)
    client.get(path)
    touch(rows[3], purpose="Autre")
    with count_queries(at_most=4) as queries_sent:
        assert b"Autre" in client.get(path).data
    assert not any("INSERT" in statement for statement in queries_sent.statements)
    assert _stored() == [0] * 9
    memory.clear()  # a process that starts afresh
    assert b"Autre" in client.get(path).data


def test_other_words_or_another_writer_write_everything_anew(world, client, frozen, monkeypatch):
    _book_days(world, WORTH_STORING)
    path = world.link(world.manager)
    tag = client.get(path).headers["ETag"]
    service.feeds.renderer_of.cache_clear()
    monkeypatch.setattr(service.feeds, "TELLER", 99)
    answer = client.get(path, headers={"If-None-Match": tag})
    service.feeds.renderer_of.cache_clear()
    assert answer.status_code == 200
    assert len(db.session.scalars(select(FeedFragment.renderer).distinct()).all()) == 1
    assert len(_stored()) == WORTH_STORING


def test_a_feed_is_answered_when_nothing_can_be_kept(world, client, frozen, monkeypatch):
    _book_days(world, WORTH_STORING)
    path = world.link(world.manager)

    def busy():
        raise OperationalError("BEGIN IMMEDIATE", {}, Exception("database is locked"))

    monkeypatch.setattr(service.feeds, "atomic", busy)
    monkeypatch.setattr(service.pages, "atomic", busy)
    assert client.get(path).data.count(b"STATUS:CONFIRMED") == WORTH_STORING
    assert not _stored()


def test_the_window_ends_far_ahead_and_sixty_days_back(world, client, frozen):
    shown = [
        world.book("2026-07-03 08:00", "2026-07-05 08:00").uid,
        world.book("2028-02-28 08:00", "2028-02-28 09:00").uid,
    ]
    world.book("2026-07-01 08:00", "2026-07-02 08:00")
    world.book("2028-03-01 08:00", "2028-03-01 09:00")
    assert sorted(events(client, world.link(world.manager))) == sorted(shown)


def test_each_scope_shows_its_bookings(world, client, frozen):
    van = a_resource(world.site, name="Fourgon")
    elsewhere = a_resource(a_site(world.owner), name="Salle")
    mine = world.book().uid
    theirs = world.book(resource_id=van.id, organisation_id=world.theirs.id, requester_id=world.other.id).uid
    far = world.book(resource_id=elsewhere.id, requester_id=world.other.id).uid
    m = world.manager
    assert set(events(client, world.link(m))) == {mine}
    assert set(events(client, world.link(m, Scope.SITE, world.site))) == {mine, theirs}
    assert set(events(client, world.link(world.member, Scope.ORGANISATION, world.ours))) == {mine, far}
    assert set(events(client, world.link(world.member, Scope.PERSON, world.member))) == {mine}


def test_a_sites_feed_leaves_hidden_resources_to_managers(world, client, frozen):
    open_one = world.book().uid
    hidden = world.book(resource_id=a_resource(world.site, visibility="hidden").id).uid
    members = world.book(resource_id=a_resource(world.site, visibility="members").id).uid
    scope = (Scope.SITE, world.site)
    assert set(events(client, world.link(world.manager, *scope))) == {open_one, hidden, members}
    assert set(events(client, world.link(world.member, *scope))) == {open_one, members}
    assert set(events(client, world.link(a_person(), *scope))) == {open_one}


def test_what_waits_at_a_site_leaves_its_feed_once_answered(world, client, frozen):
    world.book()
    van = a_resource(world.site, name="Fourgon", visibility="hidden")
    first = world.book("2026-10-07 08:00", "2026-10-07 12:00", decision="pending")
    second = world.book(resource_id=van.id, decision="pending")
    world.book(resource_id=a_resource(a_site(world.owner)).id, decision="pending")
    path = world.link(world.manager, Scope.PENDING, world.site)
    calendar = Calendar.from_ical(client.get(path).data)
    assert calendar["X-WR-CALNAME"] == "À traiter – Pôle nourricier"
    assert set(events(client, path)) == {first.uid, second.uid}
    assert events(client, path)[first.uid]["STATUS"] == "TENTATIVE"
    touch(first, decision="approved")
    assert set(events(client, path)) == {second.uid}
    touch(second, decision="refused")
    assert events(client, path) == {}


def test_only_who_answers_at_a_site_reads_what_waits_there(world, client, frozen):
    world.book(decision="pending")
    for person in (world.member, world.other, a_person()):
        with pytest.raises(Forbidden):
            world.link(person, Scope.PENDING, world.site)
    path = world.link(world.manager, Scope.PENDING, world.site)
    with atomic() as session:
        session.delete(session.scalars(select(RoleGrant)).one())
    assert client.get(path).status_code == 410


def test_an_empty_calendar_is_a_calendar(world, client, frozen):
    for person, scope, of in (
        (world.manager, Scope.RESOURCE, world.kitchen),
        (world.manager, Scope.SITE, world.site),
        (world.manager, Scope.PENDING, world.site),
        (world.member, Scope.ORGANISATION, world.ours),
        (world.member, Scope.PERSON, world.member),
    ):
        calendar = Calendar.from_ical(client.get(world.link(person, scope, of)).data)
        assert calendar["X-WR-CALNAME"]
        assert not calendar.walk("VEVENT")


# ---------------------------------------------------------------- links


def test_an_unknown_link_is_404_a_dead_one_410_and_nothing_else_is_taken(world, client, frozen):
    path = world.link(world.manager)
    assert client.get("/agendas/nobody-knows-this.ics").status_code == 404
    assert client.head("/agendas/nobody-knows-this.ics").status_code == 404
    for method in ("POST", "PUT", "DELETE", "OPTIONS", "PROPFIND", "PATCH"):
        assert client.open(path, method=method).status_code == 405, method
    (link,) = queries.links_of(world.manager.id)
    service.revoke(load_actor(world.manager.id), link.public_id)
    for answer in (client.get(path), client.head(path)):
        assert answer.status_code == 410
        assert answer.headers["Content-Type"].startswith("text/plain")
    assert service.MOST_LINKS > len(queries.links_of(world.manager.id)) == 0


def test_a_renewed_link_kills_the_old_one_at_once(world, client, frozen):
    path = world.link(world.manager, audience=Audience.PUBLIC)
    (link,) = queries.links_of(world.manager.id)
    new = service.renew(load_actor(world.manager.id), link.public_id)
    assert client.get(path).status_code == 410
    assert client.get(f"/agendas/{new.secret}.ics").status_code == 200
    (kept,) = queries.links_of(world.manager.id)
    assert (kept.public_id, kept.audience) == (new.public_id, "public")
    with pytest.raises(NotFound):
        service.renew(load_actor(world.manager.id), link.public_id)


def test_nobody_touches_the_link_of_another(world, frozen):
    world.link(world.manager)
    (link,) = queries.links_of(world.manager.id)
    for act in (service.renew, service.revoke):
        with pytest.raises(Forbidden):
            act(load_actor(world.member.id), link.public_id)


def test_the_secret_is_not_stored(world, frozen):
    path = world.link(world.manager)
    secret = path.removeprefix("/agendas/").removesuffix(".ics")
    row = db.session.execute(select(Subscription.__table__)).one()
    assert secret not in repr(row)


def test_there_are_only_so_many_links(world, frozen):
    for _n in range(service.MOST_LINKS):
        world.link(world.manager)
    with pytest.raises(TooManyLinks):
        world.link(world.manager)


def test_a_visit_is_noted_once_an_hour(world, client, frozen):
    path = world.link(world.manager)

    def note(agent):
        with count_queries() as sent:
            client.get(path, headers={"User-Agent": agent})
        row = db.session.execute(select(Subscription.last_fetched_at, Subscription.last_client)).one()
        return *row, sum("UPDATE subscription" in statement for statement in sent.statements)

    start = frozen.now
    assert note("Google-Calendar-Importer") == (start, "Google Agenda", 1)
    frozen.tick(minutes=59)
    assert note("Mozilla/5.0 Thunderbird/128.0") == (start, "Google Agenda", 0)
    frozen.tick(minutes=1)
    assert note("Mozilla/5.0 Thunderbird/128.0") == (start + timedelta(hours=1), "Thunderbird", 1)


# ---------------------------------------------------------------- rights, looked at on each visit


def test_members_read_their_own_and_busy_for_the_rest(world, client, frozen):
    mine = world.book().uid
    theirs = world.book(organisation_id=world.theirs.id, requester_id=world.other.id, purpose="Secret").uid
    seen = events(client, world.link(world.member))
    assert seen[mine]["SUMMARY"] == "Les Glaneurs – Soupe solidaire"
    assert seen[theirs]["SUMMARY"] == "Occupé"
    assert "DESCRIPTION" not in seen[theirs]
    touch(world.kitchen, shows_holder=True)
    seen = events(client, world.link(world.member))
    assert seen[theirs]["SUMMARY"] == "Le Panier commun – Secret"


def test_a_public_feed_says_busy_only(world, client, frozen):
    world.book(purpose="Secret", people=40, decision="pending")
    for path in (world.link(a_person()), world.link(world.manager, audience=Audience.PUBLIC)):
        body = client.get(path).data.decode()
        assert "SUMMARY:Occupé\r\n" in body
        assert "CLASS:PUBLIC\r\n" in body
        for word in ("Secret", "Glaneurs", "Jeanne", "/reservations/", "DESCRIPTION:Organ"):
            assert word not in body


def test_no_feed_names_a_person(world, client, frozen):
    world.book(people=12)
    for person, scope, of in (
        (world.manager, Scope.RESOURCE, world.kitchen),
        (world.manager, Scope.SITE, world.site),
        (world.member, Scope.ORGANISATION, world.ours),
        (world.member, Scope.PERSON, world.member),
    ):
        body = client.get(world.link(person, scope, of)).data.decode().replace("\r\n ", "")
        assert "BEGIN:VEVENT" in body
        for word in ("Jeanne", "Moreau", "Le Goff", "ATTENDEE", "ORGANIZER", "VALARM", world.member.email):
            assert word not in body


def test_managers_read_what_they_need(world, client, frozen):
    touch(world.kitchen, capacity=4, mode="stations")
    world.book(quantity=2, people=12, decision="pending")
    event = only(client, world.link(world.manager))
    assert event["SUMMARY"] == "En attente – Les Glaneurs – Soupe solidaire"
    for piece in ("Les Glaneurs", "2 sur 4", "12", "en attente de réponse"):
        assert piece in event["DESCRIPTION"]
    assert event["LOCATION"] == "Cuisine, Pôle nourricier, 1 rue du Test, 44390 Nort-sur-Erdre"
    assert event["CLASS"] == "PRIVATE"


def test_the_subscribers_language_is_used(world, client, frozen, login):
    change(world.manager, locale="en")
    world.book(decision="pending")
    path = world.link(world.manager)
    assert only(client, path)["SUMMARY"] == "Waiting – Les Glaneurs – Soupe solidaire"
    answer = client.get(path, headers={"Accept-Language": "fr"})
    assert b"Waiting" in answer.data
    change(world.manager, locale="fr")
    again = client.get(path, headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 200
    assert "En attente" in again.data.decode()


def test_who_loses_a_right_reads_only_what_is_left(world, client, frozen):
    world.book(purpose="Secret")
    path = world.link(world.manager)
    tag = client.get(path).headers["ETag"]
    with atomic() as session:
        session.delete(session.scalars(select(RoleGrant)).one())
    answer = client.get(path, headers={"If-None-Match": tag})
    assert answer.status_code == 200
    assert b"Secret" not in answer.data
    touch(world.kitchen, visibility="hidden")
    assert client.get(path).status_code == 410


def test_who_leaves_the_organisation_loses_its_calendar(world, client, frozen):
    path = world.link(world.member, Scope.ORGANISATION, world.ours)
    assert client.get(path).status_code == 200
    membership = db.session.scalars(select(Membership).filter_by(person_id=world.member.id)).one()
    change(membership, state="ended")
    assert client.get(path).status_code == 410


def test_a_closed_account_reads_nothing(world, client, frozen):
    path = world.link(world.member, Scope.PERSON, world.member)
    change(world.member, disabled_at=frozen.now)
    assert client.get(path).status_code == 410


def test_a_link_never_tells_more_than_it_was_made_for(world, client, frozen):
    world.book(purpose="Secret")
    member_link = world.link(world.other)
    assert only(client, member_link)["SUMMARY"] == "Occupé"
    with atomic() as session:
        session.add(
            RoleGrant(
                person_id=world.other.id, role="site_manager", site_id=world.site.id, created_at=frozen.now
            )
        )
    assert only(client, member_link)["SUMMARY"] == "Occupé"
    assert "Secret" in only(client, world.link(world.other))["SUMMARY"]


def test_nobody_subscribes_to_what_is_not_theirs(world, frozen):
    for person, scope, of in (
        (world.other, Scope.ORGANISATION, world.ours),
        (world.other, Scope.PERSON, world.member),
        (world.manager, Scope.PERSON, world.member),
        (world.member, Scope.RESOURCE, a_resource(world.site, visibility="hidden")),
        (a_person(), Scope.RESOURCE, a_resource(world.site, visibility="members")),
    ):
        with pytest.raises(Forbidden):
            world.link(person, scope, of)


def test_coordinators_and_owners_read_as_managers(world, client, frozen):
    world.book()
    owner = a_person()
    membership = Membership(
        person_id=owner.id, organisation_id=world.owner.id, role="org_admin", state="active", created_at=frozen.now
    )  # fmt: skip
    with atomic() as session:
        session.add(membership)
    for person in (a_coordinator(world.territory), owner):
        assert only(client, world.link(person))["SUMMARY"] == "Les Glaneurs – Soupe solidaire"


# ---------------------------------------------------------------- what feeds are made of


def test_whole_days_have_no_hours(world, client, frozen):
    world.book("2026-11-01 00:00", "2026-12-01 00:00")
    body = client.get(world.link(world.member, Scope.PERSON, world.member)).data.decode()
    assert "DTSTART;VALUE=DATE:20261101\r\n" in body
    assert "DTEND;VALUE=DATE:20261201\r\n" in body
    assert "TRANSP:TRANSPARENT" in body


def test_places_in_several_zones_keep_their_hours(world, client, frozen):
    island = a_site(world.owner, timezone="Indian/Reunion", name="Île")
    world.book()
    world.book(resource_id=a_resource(island).id, start="2026-10-07 08:00", end="2026-10-07 12:00")
    body = client.get(world.link(world.member, Scope.PERSON, world.member)).data.decode()
    assert "TZID:Europe/Paris" in body
    assert "TZID:Indian/Reunion" in body
    assert "DTSTART;TZID=Indian/Reunion:20261007T100000" in body


def test_old_fragments_and_dead_links_are_swept(world, client, frozen):
    booking = _book_days(world, WORTH_STORING)[0]
    path = world.link(world.manager)
    client.get(path)
    (link,) = queries.links_of(world.manager.id)
    service.revoke(load_actor(world.manager.id), link.public_id)
    service.sweep()
    assert db.session.get(FeedFragment, (booking.id, "manager", "fr"))
    assert client.get(path).status_code == 410
    frozen.tick(days=400)
    service.sweep()
    assert not db.session.scalars(select(FeedFragment)).all()
    assert client.get(path).status_code == 404


def test_a_deleted_subject_is_gone(world, client, frozen):
    empty = a_resource(world.site)
    path = world.link(world.manager, Scope.RESOURCE, empty)
    change(db.session.scalars(select(Subscription)).one(), scope_id=10**9)
    assert client.get(path).status_code == 410


def test_a_visitor_cannot_subscribe(world, frozen):
    with pytest.raises(Forbidden):
        service.subscribe(Actor(), queries.get_subject(Scope.RESOURCE, world.kitchen.public_id))


def test_organisations_in_other_territories_stay_apart(world, client, frozen):
    world.book()
    stranger = an_organisation(world.territory)
    assert not events(client, world.link(a_coordinator(world.territory), Scope.ORGANISATION, stranger))


def test_a_date_of_a_series_elsewhere_is_in_the_feed_of_its_own_place(world, client):
    there = a_resource(a_site(world.owner, hours="24/7"), name="Cuisine d’à côté")
    slot = span("2026-10-13 08:00", "2026-10-13 12:00")
    rule = Rule(Frequency.WEEKLY, date(2026, 10, 6), weekdays=(1,), times=2)
    hours, away = Hours(480, 720, "Europe/Paris"), {date(2026, 10, 13): Elsewhere(there.id, slot)}
    wanted = bookings.SeriesRequest(world.kitchen.id, world.ours.id, rule, hours, 1, "Soupe", choices=away)
    bookings.ask_series(wanted, load_actor(world.member.id), uid_host="agenda.test")
    here, beside = (only(client, world.link(world.member, of=each)) for each in (world.kitchen, there))
    assert here["DTSTART"].dt.day == 6
    assert (beside["DTSTART"].dt, beside["DTEND"].dt) == (slot.start, slot.end)
    assert here["UID"] != beside["UID"]
