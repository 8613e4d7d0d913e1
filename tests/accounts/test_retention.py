"""What is kept no longer than needed: accounts nobody uses, logs, contacts of those who take no part any more."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from app.accounts import queries, service
from app.accounts.events import AccountErased, IdleAccountWarned, LeftAlone
from app.accounts.models import OrganisationState, Role
from app.accounts.rules import CONTACT_LIFE, IDLE_LIFE, IDLE_NOTICE, LOG_LIFE, LOGS
from app.core import clock
from app.core.policy import VISITOR
from app.infra import jobs
from app.infra.audit import AuditEntry, record
from app.infra.db import db
from app.infra.uow import atomic
from tests.factories import a_coordinator, a_manager, a_member, a_person, a_site, a_territory, an_organisation

pytestmark = pytest.mark.usefixtures("session")
WHY = "Le compte a été supprimé."


def night():
    service.forget_stale()
    service.erase_idle(WHY)
    service.warn_idle()


def fresh(row):
    db.session.refresh(row)
    return row


@pytest.fixture
def idle(frozen):
    """Somebody who came today, looked at when nearly three years have gone."""
    person = a_person(name="Paul", email="paul@exemple.org", phone="02 40 00 00 00")
    frozen.move_to(frozen.now + IDLE_LIFE - IDLE_NOTICE)
    return person


# -- accounts nobody uses ---------------------------------------------------------------------------------------


def test_a_month_before_the_end_people_are_told_once(idle, frozen, heard):
    night()
    told = heard.last(IdleAccountWarned)
    assert told.to.email == "paul@exemple.org"
    assert told.ends_at == idle.seen_at + IDLE_LIFE
    frozen.tick(days=1)
    night()
    assert len(heard.of(IdleAccountWarned)) == 1
    assert not fresh(idle).erased_at


def test_nobody_is_told_too_early(idle, frozen, heard):
    frozen.tick(minutes=-1)
    night()
    assert heard.of(IdleAccountWarned) == []


def test_a_month_later_the_account_is_erased(idle, frozen, heard):
    night()
    frozen.tick(days=30)
    night()
    assert (fresh(idle).name, idle.phone) == ("", "")
    told = heard.last(AccountErased)
    assert (told.to.email, told.why) == ("paul@exemple.org", "idle")


def test_nobody_is_erased_without_having_been_told_a_month_before(idle, frozen):
    frozen.tick(days=400)  # the nightly work had stopped
    night()
    frozen.tick(days=29)
    night()
    assert not fresh(idle).erased_at
    frozen.tick(days=1)
    night()
    assert fresh(idle).erased_at


def test_who_comes_back_stays(idle, frozen):
    night()
    with atomic():
        service.note_presence(idle.id)
    frozen.tick(days=31)
    night()
    assert not fresh(idle).erased_at
    assert fresh(idle).warned_at is None


def test_an_account_that_nobody_ever_came_back_to_counts_from_its_opening(frozen, heard):
    person = a_person(seen_at=None)
    frozen.move_to(frozen.now + IDLE_LIFE - IDLE_NOTICE)
    night()
    assert [each.to.person_id for each in heard.of(IdleAccountWarned)] == [person.id]


def test_whoever_runs_the_platform_is_left(idle, frozen, heard):
    with atomic():
        idle.is_platform_admin = True
    night()
    frozen.tick(days=60)
    night()
    assert heard.of(IdleAccountWarned) == []
    assert not fresh(idle).erased_at


def test_the_coordination_learns_whom_nobody_answers_for_any_more(frozen, heard):
    territory = a_territory(name="PAT de Blain")
    organisation = an_organisation(territory, name="Les Glaneurs")
    admin = a_member(organisation, role=Role.ORG_ADMIN)
    site = a_site(organisation, name="Local")
    a_manager(site)
    helped = an_organisation(territory, name="Les autres")
    a_member(helped, role=Role.ORG_ADMIN)
    frozen.move_to(frozen.now + IDLE_LIFE - IDLE_NOTICE)
    nadia = a_coordinator(territory)
    a_member(helped, role=Role.ORG_ADMIN)
    night()
    frozen.tick(days=30)
    with atomic():
        service.note_presence(nadia.id)
    night()
    assert fresh(admin).erased_at
    told = [(each.territory, each.organisations, each.places) for each in heard.of(LeftAlone)]
    assert sorted(told) == [("PAT de Blain", (), ("Local",)), ("PAT de Blain", ("Les Glaneurs",), ())]
    assert {to.person_id for each in heard.of(LeftAlone) for to in each.to} == {nadia.id}
    assert queries.administrators_of(organisation.id) == []


def test_without_coordination_the_platform_is_told(frozen, heard):
    admin = a_person(is_platform_admin=True)
    a_coordinator(a_territory())
    frozen.move_to(frozen.now + IDLE_LIFE - IDLE_NOTICE)
    night()
    frozen.tick(days=30)
    night()
    told = heard.last(LeftAlone)
    assert (told.coordination, [to.person_id for to in told.to]) == (True, [admin.id])


def test_the_nightly_job_does_it_and_says_why(app, idle, frozen):
    jobs.perform(app, "accounts.part_with_idle", {})
    frozen.tick(days=30)
    jobs.perform(app, "accounts.part_with_idle", {})
    assert fresh(idle).erased_at


def test_one_that_fails_keeps_nobody_else(frozen, monkeypatch):
    people = [a_person() for _ in range(3)]
    frozen.move_to(frozen.now + IDLE_LIFE - IDLE_NOTICE)
    real, broken = queries.reader_of, people[1].id

    def reader_of(person):
        if person.id == broken:
            raise RuntimeError("no")
        return real(person)

    monkeypatch.setattr(queries, "reader_of", reader_of)
    with pytest.raises(ExceptionGroup, match="1 of 3"):
        service.warn_idle()
    assert [bool(fresh(person).warned_at) for person in people] == [True, False, True]


# -- logs -------------------------------------------------------------------------------------------------------


def lines(*, long_ago):
    """Write a line of every kind; the database compares with its own clock, so the dates are real ones."""
    at = datetime.now(UTC) - (LOG_LIFE + timedelta(days=1) if long_ago else timedelta(days=30))
    with clock.stopped(at), atomic():
        for kind in (*LOGS, "organisation", "booking", "site", "resource", "closure"):
            record(kind, 1, "done", VISITOR)
    return at


def kinds():
    return set(db.session.scalars(select(AuditEntry.subject_kind)))


def test_what_is_only_a_log_goes_after_a_year(session):
    lines(long_ago=True)
    with clock.stopped(datetime.now(UTC)):
        service.forget_stale()
    assert kinds() == {"organisation", "booking", "site", "resource", "closure"}


def test_and_not_before(session):
    lines(long_ago=False)
    with clock.stopped(datetime.now(UTC)):
        service.forget_stale()
    assert set(LOGS) <= kinds()


@pytest.mark.parametrize("long_ago", [True, False])
@pytest.mark.parametrize("kind", [*LOGS, "booking", "site"])
def test_the_database_itself_keeps_everything_else(session, kind, long_ago):
    lines(long_ago=long_ago)
    may_go = long_ago and kind in LOGS
    for statement in ("UPDATE audit_entry SET act = 'undone'", "DELETE FROM audit_entry"):
        asked = text(f"{statement} WHERE subject_kind = :kind")
        refused = not (may_go and statement.startswith("DELETE"))
        try:
            with atomic() as writing, writing.begin_nested():
                writing.execute(asked, {"kind": kind})
        except DBAPIError as error:
            assert "audit_entry_is_append_only" in str(error)
            assert refused
        else:
            assert not refused
    found = select(func.count()).select_from(AuditEntry).filter_by(subject_kind=kind)
    assert db.session.scalar(found) == (0 if may_go else 1)


# -- contacts ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "kept"),
    [
        (OrganisationState.ARCHIVED, False),
        (OrganisationState.REFUSED, False),
        (OrganisationState.ACTIVE, True),
    ],
)
def test_who_has_taken_no_part_for_three_years_has_no_contact(frozen, state, kept):
    contact = {"contact_name": "Odile", "email": "odile@exemple.org", "phone": "02 40 00 00 00"}
    organisation = an_organisation(a_territory(), state=state, archived_at=frozen.now, **contact)
    frozen.move_to(frozen.now + CONTACT_LIFE)
    service.forget_stale()
    assert fresh(organisation).contact_name == "Odile"
    frozen.tick(minutes=1)
    service.forget_stale()
    found = fresh(organisation)
    assert [found.contact_name, found.email, found.phone] == ([*contact.values()] if kept else ["", "", ""])
