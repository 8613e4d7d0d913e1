"""Borrowing what others do not use of their quotas, and having it back: all or nothing, only what is needed."""

from typing import Any

import pytest

from app.accounts.queries import load_actor
from app.availability.allotting import Allotment, allot
from app.availability.askers import Asker
from app.availability.closures import Subject, close
from app.availability.errors import SlotRefused
from app.availability.queries import Wish, fresh_claims, verdict
from app.availability.rules import peak
from app.bookings import service
from app.bookings.models import Booking
from app.bookings.views.strip import around
from app.catalogue.models import Approval
from app.core.span import Span
from app.infra.audit import history
from tests import factories as f
from tests.bookings.pages import text_of

STORAGE: dict[str, Any] = {
    "kind": "storage", "mode": "quantity", "unit": "pallet", "step_minutes": 1440, "min_minutes": 1440,
    "max_minutes": 1440 * 100, "opening_mode": "always",
}  # fmt: skip
WEEK = f.span("2026-10-05 00:00", "2026-10-12 00:00")
MONTH = f.span("2026-09-14 00:00", "2026-10-14 00:00")


class Cold:
    """A cold room of 24 pallets: 10 of a shop, 6 of a bank, lent from 60 days before, called back with 3 days' notice."""

    def __init__(self, **facts):
        self.territory = f.a_territory(communes=["44110"])
        self.owner = f.an_organisation(self.territory, name="Mairie")
        self.site = f.a_site(self.owner, hours="24/7")
        self.room = f.a_resource(
            self.site, name="Chambre froide", slug="froid", capacity=24,
            **(STORAGE | {"approval": Approval.AUTO} | facts),
        )  # fmt: skip
        self.manager_person = f.a_manager(self.site)
        self.manager = load_actor(self.manager_person.id)
        self.shop, self.bank, self.other = (
            f.an_organisation(self.territory, name=name) for name in ("Épicerie A", "Banque B", "Traiteur C")
        )
        self.people = {each.id: f.a_member(each) for each in (self.shop, self.bank, self.other)}
        shares = {self.shop.public_id: 10, self.bank.public_id: 6}
        allot(self.manager, self.room, Allotment(shares, lend_days=60))

    def ask(self, organisation, qty, span: Span = WEEK, *, resource=None, **more) -> Booking:
        actor = load_actor(self.people[organisation.id].id)
        wanted = service.Request((resource or self.room).id, organisation.id, span, qty, "Palettes", **more)
        return service.ask(wanted, actor, uid_host="mutualim.test")

    def peak(self, span: Span = WEEK, resource=None) -> int:
        number = (resource or self.room).id
        return peak(fresh_claims([number], *span.epochs).get(number, ()), *span.epochs)


@pytest.fixture
def cold(session, frozen):
    return Cold()


def refused(cold, *args, **more):
    with pytest.raises(SlotRefused) as found:
        cold.ask(*args, **more)
    [refusal] = found.value.refusals
    return refusal


def last(booking):
    return history("booking", booking.id)[-1]


def test_without_the_act_nothing_is_taken_from_anybody(cold):
    cold.ask(cold.other, 20)
    refusal = refused(cold, cold.shop, 10)
    assert (refusal.code, refusal.facts["may_recall"], refusal.facts["units"]) == ("lent", True, 6)
    assert cold.peak() == 20


def test_what_is_above_ones_own_quota_is_not_called_back(cold):
    cold.ask(cold.other, 20)
    assert refused(cold, cold.shop, 11, recall=True).code == "capacity"
    assert refused(cold, cold.other, 5, recall=True).code == "capacity"
    assert cold.peak() == 20


def test_what_closures_hold_is_not_called_back(cold):
    theirs = cold.ask(cold.other, 20)
    close(Subject.of(cold.room), f.span("2026-10-07 00:00", "2026-10-08 00:00"), "Travaux", cold.manager)
    assert refused(cold, cold.shop, 10, recall=True).code == "closed"
    assert theirs.quantity == 20


def test_the_day_that_a_manager_sees_is_what_is_taken_and_quotas_are_told_apart(session, frozen):
    cold = Cold(approval=Approval.MANAGER, holds_request=False)
    service.approve(cold.ask(cold.other, 4).id, cold.manager)
    waits = cold.ask(cold.other, 4)
    assert around([waits])[waits.id].conflicts == []
    allot(cold.manager, cold.room, Allotment({cold.shop.public_id: 20}))
    [told] = around([waits])[waits.id].conflicts
    assert "20 palettes font partie des quotas" in told
    with pytest.raises(SlotRefused) as found:
        service.approve(waits.id, cold.manager)
    assert [each.code for each in found.value.refusals] == ["quota"]


def test_nothing_is_called_back_where_nothing_is_lent(cold):
    mine = cold.ask(cold.shop, 10, recall=True)
    assert [line.act for line in history("booking", mine.id)] == ["approved_at_once"]


def test_borrowing_waits_for_its_moment(session, cold, frozen):
    allot(cold.manager, cold.room, Allotment({cold.shop.public_id: 10}, lend_days=7))
    waits = service.join(
        service.Want(cold.room.id, WEEK, 24, cold.other.id, "Palettes"),
        load_actor(cold.people[cold.other.id].id),
    )
    service.sweep_waiting()
    session.refresh(waits)
    assert waits.state == "waits"
    frozen.move_to(f.at("2026-10-05 00:00"))
    assert verdict(Wish(cold.room.id, WEEK, 24, Asker.on_behalf_of(cold.other))) == ()


# -- pages --------------------------------------------------------------------------------------------------

FORM = {"date": "2026-10-05", "fin": "2026-10-11", "quantite": "10", "purpose": "Surplus", "once": "k" * 20}


def test_members_read_their_share_and_what_they_would_borrow(cold, browser):
    shop = browser(cold.people[cold.shop.id])
    page = text_of(shop.get("/ressources/froid?date=2026-10-05&fin=2026-10-11&quantite=4"))
    assert "10 pallets are yours" in page
    assert "Your quota: 10 pallets, of which 10 are free in this slot." in page
    other = browser(cold.people[cold.other.id])
    page = text_of(other.get("/ressources/froid/demander?date=2026-10-05&fin=2026-10-11&quantite=11"))
    assert "3 pallets on the quota of another organisation" in page
    assert "with 3 days of notice" in page
    booking = cold.ask(cold.other, 11)
    page = text_of(other.get(f"/reservations/{booking.ref}"))
    assert "3 pallets on the quota of another organisation" in page


def test_the_owner_calls_back_on_the_ask_page_without_script(cold, browser):
    theirs = cold.ask(cold.other, 24)
    shop = browser(cold.people[cold.shop.id])
    form = FORM | {"organisation": str(cold.shop.id)}
    refusal = shop.post("/ressources/froid/demander", data=form)
    assert refusal.status_code == 409
    assert "Some of your quota (10 pallets) is lent to others" in text_of(refusal)
    assert "Call my quota back: 1 booking of others gives back 10 pallets in all." in text_of(refusal)
    assert 'name="recall"' in text_of(refusal)
    done = shop.post("/ressources/froid/demander", data=form | {"recall": "y"})
    assert done.status_code == 303
    told = text_of(browser(cold.people[cold.other.id]).get(f"/reservations/{theirs.ref}"))
    assert "For the quota of another organisation. Called back: 10 pallets, from Monday 5 October" in told
    assert "24 pallets, of which given back (quota called back): 10 pallets, from Monday 5 October" in told
    assert "Épicerie A" not in told


def test_the_page_of_the_resource_leads_there(cold, browser):
    cold.ask(cold.other, 24)
    shop = browser(cold.people[cold.shop.id])
    page = text_of(shop.get("/ressources/froid?date=2026-10-05&fin=2026-10-11&quantite=10"))
    assert "Ask, and call my quota back" in page


def test_whoever_had_borrowed_reads_that_nothing_is_left(cold, browser):
    theirs = cold.ask(cold.other, 8)
    newest = cold.ask(cold.other, 8)
    cold.ask(cold.bank, 6)
    cold.ask(cold.shop, 10, recall=True)
    assert (theirs.decision, newest.decision) == ("approved", "cancelled")
    page = text_of(browser(cold.people[cold.other.id]).get(f"/reservations/{newest.ref}"))
    assert "Called back by the quota of another organisation" in page
    assert "Nothing is due" in page


# -- at once within one's quota -----------------------------------------------------------------------------


@pytest.fixture
def answered(session, frozen):
    return Cold(approval=Approval.AUTO_WITHIN_QUOTA)


def test_what_lies_within_ones_quota_needs_no_answer(answered):
    assert answered.ask(answered.shop, 6).decision == "approved"
    assert answered.ask(answered.shop, 4).decision == "approved"
    assert answered.ask(answered.shop, 1).decision == "pending"
    assert answered.ask(answered.other, 1).decision == "pending"


def test_only_what_lies_wholly_within_it(answered):
    assert answered.ask(answered.shop, 11).decision == "pending"
    day = f.span("2026-10-06 00:00", "2026-10-07 00:00")
    assert answered.ask(answered.bank, 4, day).decision == "approved"
    assert answered.ask(answered.bank, 3).decision == "pending"


def test_moving_a_booking_does_not_count_it_twice(answered):
    mine = answered.ask(answered.shop, 6)
    actor = load_actor(answered.people[answered.shop.id].id)
    assert service.change(mine.id, actor, WEEK, 10).decision == "approved"
    assert service.change(mine.id, actor, WEEK, 11).decision == "pending"


def test_pages_say_whether_it_is_at_once(answered, browser):
    shop = browser(answered.people[answered.shop.id])
    asked = "date=2026-10-05&fin=2026-10-11&quantite="
    assert "Free: yours at once" in text_of(shop.get(f"/ressources/froid?{asked}10"))
    assert "Free, if Mairie agrees" in text_of(shop.get(f"/ressources/froid?{asked}11"))
    assert "at once within one’s own quota" in text_of(shop.get("/ressources/froid"))
    assert "No answer to wait for" in text_of(shop.get(f"/ressources/froid/demander?{asked}10"))
    assert "No answer to wait for" not in text_of(shop.get(f"/ressources/froid/demander?{asked}11"))


@pytest.mark.parametrize("path", ["demander", "repeter"])
def test_a_series_calls_nothing_back_and_says_so(cold, browser, path):
    cold.ask(cold.other, 24)
    typed = {
        "date": "2026-10-05",
        "fin": "2026-10-05",
        "quantite": "10",
        "purpose": "Palettes",
        "once": "k" * 20,
    }
    typed |= {"organisation": str(cold.shop.id), "recall": "y", "repete": "weekly", "fois": "3"}
    answer = browser(cold.people[cold.shop.id]).post(f"/ressources/froid/{path}", data=typed)
    page = text_of(answer)
    assert answer.status_code == 422
    assert "A quota is called back for one slot alone." in page
    assert 'name="recall"' in page  # to be unticked, where it is lent
    assert cold.peak() == 24
