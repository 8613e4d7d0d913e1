"""Deciding from an e-mail: looking changes nothing, the link works once, as the manager it was sent to."""

import pytest
from sqlalchemy import delete, select

from app.accounts.models import RoleGrant
from app.bookings import service
from app.bookings.links import Verdict, decide_by_link
from app.bookings.models import Booking, DecisionLink
from app.core.errors import Conflict
from app.infra.audit import history
from app.infra.db import db
from app.infra.uow import atomic
from tests.bookings.pages import text_of
from tests.factories import span
from tests.helpers import count_queries

pytestmark = pytest.mark.usefixtures("session", "frozen")


@pytest.fixture
def booking(shared):
    return shared.ask(message="Avec des enfants")


@pytest.fixture
def link(shared, booking):
    return f"/d/{shared.link_of(booking)}"


def decision(booking) -> str:
    return db.session.scalar(select(Booking.decision).filter_by(id=booking.id)) or ""


def state_of_link() -> tuple:
    return db.session.execute(select(DecisionLink.used_at, DecisionLink.expires_at)).one()


def test_looking_changes_nothing(shared, booking, link, browser):
    before = (decision(booking), state_of_link(), len(history("booking", booking.id)))
    shared.ask(span("2026-10-06 14:00", "2026-10-06 18:00"), purpose="Confitures")
    client = browser()
    with count_queries() as queries:
        for _ in range(3):
            page = client.get(link)
            assert client.head(link).status_code == 200
    assert not [q for q in queries.statements if not q.lstrip().upper().startswith("SELECT")]
    assert (decision(booking), state_of_link(), len(history("booking", booking.id))) == before
    text = text_of(page)
    for piece in (
        "Les Glaneurs",
        "Jeanne Moreau",
        "Avec des enfants",
        "14:00–18:00",
        "You answer as Anne Le Goff",
    ):
        assert piece in text
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert page.headers["X-Robots-Tag"].startswith("noindex")
    assert page.headers["Cache-Control"] == "no-store"


def test_accepting_from_the_e_mail(shared, booking, link, browser):
    client = browser()
    answer = client.post(link, data={"verdict": "approve"})
    assert (answer.status_code, answer.location) == (303, link)
    assert decision(booking) == "approved"
    assert history("booking", booking.id)[-1].actor_id == shared.manager_person.id
    page = text_of(client.get(link))
    assert "Decided by Anne Le Goff" in page
    assert "Undo (10 minutes)" in page
    again = client.post(link, data={"verdict": "refuse", "reason": "Finalement non"})
    assert again.status_code == 409
    assert "already been used" in text_of(again)
    assert decision(booking) == "approved"


def test_refusing_from_the_e_mail_needs_a_reason(booking, link, browser):
    client = browser()
    for reason in ("", "  ", "x" * 4001):
        answer = client.post(link, data={"verdict": "refuse", "reason": reason})
        assert answer.status_code == 422
        assert decision(booking) == "pending"
    assert state_of_link()[0] is None  # the link was not spent by what failed
    assert client.post(link, data={"verdict": "refuse", "reason": "Travaux"}).status_code == 303
    assert decision(booking) == "refused"


@pytest.mark.parametrize("data", [{}, {"verdict": "maybe"}, {"verdict": ""}])
def test_a_verdict_is_needed(booking, link, browser, data):
    assert browser().post(link, data=data).status_code == 422
    assert decision(booking) == "pending"


def test_taking_it_back_lets_the_link_decide_again(booking, link, browser, frozen):
    client = browser()
    client.post(link, data={"verdict": "approve"})
    assert client.post(f"{link}/annuler").status_code == 303
    assert decision(booking) == "pending"
    client.post(link, data={"verdict": "refuse", "reason": "Erreur"})
    assert decision(booking) == "refused"
    frozen.tick(minutes=11)
    assert client.post(f"{link}/annuler").status_code == 409
    assert decision(booking) == "refused"


def test_taking_back_before_deciding_is_refused(booking, link, browser):
    assert browser().post(f"{link}/annuler").status_code == 409
    assert decision(booking) == "pending"


def test_a_decided_request_says_who_and_when(shared, booking, link, browser):
    service.refuse(booking.id, shared.manager, "Travaux")
    page = text_of(browser().get(link))
    assert "Decided by Anne Le Goff, today, 10:00" in page
    answer = browser().post(link, data={"verdict": "approve"})
    assert (answer.status_code, decision(booking)) == (409, "refused")
    assert state_of_link()[0] is None


def test_a_cancelled_request_says_so(shared, booking, link, browser):
    service.cancel(booking.id, shared.member, "Empêchement")
    assert "Cancelled by Jeanne Moreau" in text_of(browser().get(link))
    assert browser().post(link, data={"verdict": "approve"}).status_code == 409


def test_an_expired_link_is_gone(booking, link, browser, frozen):
    frozen.tick(days=15)
    assert browser().get(link).status_code == 410
    assert browser().post(link, data={"verdict": "approve"}).status_code == 410
    assert decision(booking) == "pending"


def test_only_while_the_person_still_manages(shared, booking, link, browser):
    with atomic() as session:
        session.execute(delete(RoleGrant).where(RoleGrant.person_id == shared.manager_person.id))
    page = browser().get(link)
    assert page.status_code == 403
    assert "no longer manages this place" in text_of(page)
    assert "Jeanne Moreau" not in text_of(page)
    assert browser().post(link, data={"verdict": "approve"}).status_code == 403
    assert decision(booking) == "pending"


def test_a_disabled_account_decides_nothing(shared, booking, link, browser, frozen):
    with atomic():
        shared.manager_person.disabled_at = frozen.now
    assert browser().post(link, data={"verdict": "approve"}).status_code == 403
    assert decision(booking) == "pending"


@pytest.mark.parametrize("token", ["x", "a" * 43, "%00" * 20, "é" * 30, "a" * 5000])
def test_unknown_links_are_not_found(browser, token):
    client = browser()
    for answer in (client.get(f"/d/{token}"), client.post(f"/d/{token}", data={"verdict": "approve"})):
        assert answer.status_code in (400, 404)


def test_spending_and_deciding_are_one(shared, booking, link):
    secret = link.removeprefix("/d/")
    service.approve(booking.id, shared.manager)
    with pytest.raises(Conflict):
        decide_by_link(secret, Verdict.APPROVE)
    assert state_of_link()[0] is None


def test_it_works_without_cookies_or_tokens_of_forms(app, booking, link, browser):
    app.config["WTF_CSRF_ENABLED"] = True
    try:
        client = app.test_client(use_cookies=False)
        assert client.post(link, data={"verdict": "approve"}).status_code == 303
        assert client.post(f"/reservations/{booking.ref}/accepter").status_code == 400
    finally:
        app.config["WTF_CSRF_ENABLED"] = False
    assert decision(booking) == "approved"


def test_whoever_answers_from_an_email_still_comes(shared, booking, frozen):
    secret = shared.link_of(booking)
    frozen.tick(days=2)
    decide_by_link(secret, Verdict.APPROVE)
    assert db.session.get_one(type(shared.manager_person), shared.manager_person.id).seen_at == frozen.now
