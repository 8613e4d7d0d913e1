"""Asking, reading, deciding and giving up through the API."""

from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from app.bookings.models import Booking
from app.bookings.service import Offer, SeriesRequest, ask_series, propose
from app.core.policy import Actor
from app.core.recurrence import Frequency, Hours, Rule
from app.core.span import Span
from app.infra.db import db
from tests.api.world import BY_DAY, Caller, token_of
from tests.factories import a_coordinator, a_manager, a_member, a_person, a_resource, an_organisation


def test_ask_and_read(world, member):
    made = member.post("/bookings", world.wish(people=60, message="Merci"))
    assert made.status_code == 201
    booking = made.json
    assert made.headers["Location"] == f"/api/v1/bookings/{booking['ref']}"
    assert "Idempotent-Replayed" not in made.headers
    assert booking["state"] == "pending"
    assert booking["start"] == "2026-10-06T08:00:00+02:00"
    assert booking["expires_at"] == "2026-09-04T10:00:00+02:00"
    assert booking["organisation"]["id"] == world.ours.public_id
    assert booking["resource"]["id"] == world.kitchen.public_id
    assert booking["people"] == 60
    assert booking["acts"] == ["cancel"]
    assert member.get(f"/bookings/{booking['ref'].lower()}").json == booking


@pytest.mark.parametrize(
    "start", ["2026-10-06T06:00:00Z", "2026-10-06 08:00+02:00", "2026-10-06t07:00:00.000+01:00"]
)
def test_any_offset_is_the_same_instant(world, member, start):
    made = member.post("/bookings", world.wish(start=start, resource=world.kitchen.public_id))
    assert made.json["start"] == "2026-10-06T08:00:00+02:00"


def test_times_are_written_in_the_offset_of_that_day(world, member):
    made = member.post("/bookings", world.wish(start="2026-11-03T07:00:00Z", end="2026-11-03T09:00:00Z"))
    assert made.json["start"] == "2026-11-03T08:00:00+01:00"


def test_yours_at_once(world, member):
    free = a_resource(world.site, name="Salle", kind="room", approval="auto")
    made = member.post("/bookings", world.wish(resource=free.slug))
    assert (made.status_code, made.json["state"], made.json["expires_at"]) == (201, "approved", None)


# -- once ---------------------------------------------------------------------------------------------------


def test_the_same_key_counts_once(world, member, session):
    first = member.post("/bookings", world.wish(), key="f3a9")
    again = member.post("/bookings", world.wish(), key="f3a9")
    assert again.status_code == 201
    assert again.json == first.json
    assert again.headers["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first.headers
    assert session.scalar(select(func.count()).select_from(Booking)) == 1


def test_the_same_key_with_another_body(world, member):
    member.post("/bookings", world.wish(), key="f3a9")
    answer = member.post("/bookings", world.wish(purpose="Autre chose"), key="f3a9")
    assert (answer.status_code, answer.json["code"]) == (422, "key_reused")
    assert answer.json["problems"][0]["in"] == "header"
    assert answer.json["problems"][0]["field"] == "Idempotency-Key"


def test_a_key_is_its_owners(world, member, other):
    member.post("/bookings", world.wish(), key="f3a9")
    assert other.post("/bookings", world.wish(), key="f3a9").status_code == 409


@pytest.mark.parametrize("key", ["é" * 3, "a b", "x" * 81, " "])
def test_a_key_is_one_word(world, member, key):
    answer = member.post("/bookings", world.wish(), key=key.encode().decode("latin-1"))
    assert answer.status_code == 422
    assert answer.json["problems"][0]["field"] == "Idempotency-Key"


# -- refused ------------------------------------------------------------------------------------------------


def test_taken_says_why_and_what_instead(world, member, other):
    like = a_resource(world.site, name="Cuisine du bas")
    member.post("/bookings", world.wish())
    answer = other.post(
        "/bookings", world.wish(start="2026-10-06T12:30:00+02:00", end="2026-10-06T14:30:00+02:00")
    )
    assert (answer.status_code, answer.json["code"]) == (409, "slot_refused")
    refusal = answer.json["refusals"][0]
    assert refusal["code"] == "buffer"
    assert refusal["facts"] == {"minutes": 45, "until": "2026-10-06T12:45:00+02:00"}
    assert "13:00" in refusal["detail"]
    assert answer.json["detail"] == refusal["detail"]
    offers = {(o["kind"], o["resource"]["id"], o["start"]) for o in answer.json["alternatives"]}
    assert ("other_time", world.kitchen.public_id, "2026-10-06T13:00:00+02:00") in offers
    assert ("similar", like.public_id, "2026-10-06T12:30:00+02:00") in offers


def test_a_slot_that_others_have_comes_with_the_page_to_wait_for_it(world, member, other):
    other.post("/bookings", world.wish())
    taken = member.post("/bookings", world.wish()).json
    assert taken["waiting_list"].endswith(
        f"/ressources/{world.kitchen.slug}/attendre?date=2026-10-06&de=08:00&a=12:00"
    )
    outside = member.post("/bookings", world.wish(start="2026-10-06T04:00:00+02:00"))
    assert outside.status_code == 409
    assert "waiting_list" not in outside.json


def test_a_proposal_is_read_until_it_is_answered(world, member, manager):
    ref = member.post("/bookings", world.wish()).json["ref"]
    booking = db.session.scalars(select(Booking).filter_by(ref=ref)).one()
    slot = Span(booking.start_at + timedelta(days=1), booking.end_at + timedelta(days=1))
    boss = a_manager(world.site)
    answers = Actor(person_id=boss.id, managed_sites=frozenset({world.site.id}))
    propose(booking.id, answers, Offer(world.kitchen.id, slot, 1, "Plutôt mercredi ?"))
    read = member.get(f"/bookings/{ref}").json
    assert read["expires_at"] is None
    assert read["proposal"]["start"] == "2026-10-07T08:00:00+02:00"
    assert (read["proposal"]["message"], read["proposal"]["is_binding"]) == ("Plutôt mercredi ?", True)
    assert manager.post(f"/bookings/{ref}/approve").json["proposal"] is None


def test_every_alternative_can_be_had(world, member, other):
    a_resource(world.site, name="Cuisine du bas")
    member.post("/bookings", world.wish())
    for offer in other.post("/bookings", world.wish()).json["alternatives"]:
        taken = {k: offer[k] for k in ("start", "end", "quantity")} | {"resource": offer["resource"]["id"]}
        made = other.post("/bookings", world.wish(**taken))
        assert made.status_code == 201, offer
        other.post(f"/bookings/{made.json['ref']}/cancel", {"reason": "essai"})


@pytest.mark.scenario(number="S09")
def test_capacity_of_pallets(world, member):
    def pallets(first: str, last: str, quantity: int):
        times = {"start": f"{first}T00:00:00+01:00", "end": f"{last}T00:00:00+01:00"}
        return member.post("/bookings", world.wish(resource=world.pallets.slug, quantity=quantity, **times))

    assert pallets("2026-11-01", "2026-12-01", 10).status_code == 201
    assert pallets("2026-11-10", "2026-11-21", 8).status_code == 201
    answer = pallets("2026-11-15", "2026-11-26", 8)
    assert answer.status_code == 409
    refusal = answer.json["refusals"][0]
    assert refusal["code"] == "capacity"
    assert refusal["facts"]["free"] == 6
    assert refusal["facts"]["to"] == "2026-11-21T00:00:00+01:00"
    assert "6 palettes" in refusal["detail"]
    offers = [(o["kind"], o["quantity"], o["start"]) for o in answer.json["alternatives"]]
    assert ("less", 6, "2026-11-15T00:00:00+01:00") in offers
    assert ("other_time", 8, "2026-11-21T00:00:00+01:00") in offers


def test_what_is_asked_for_in_crates_is_counted_in_pallets_where_it_is_refused(world, member):
    store = a_resource(
        world.site, name="Froid de nuit", kind="storage", mode="quantity", capacity=24, unit="pallet",
        packs={"crate_60x40": 32}, **BY_DAY,
    )  # fmt: skip
    days = {"start": "2026-11-01T00:00:00+01:00", "end": "2026-12-01T00:00:00+01:00"}
    place = {"resource": store.slug} | days
    assert member.post("/bookings", world.wish(quantity=22, **place)).status_code == 201
    answer = member.post("/bookings", world.wish(quantity=70, unit="crate_60x40", **place))
    assert (answer.status_code, answer.json["refusals"][0]["code"]) == (409, "capacity")
    offers = [(o["kind"], o["quantity"], o["start"]) for o in answer.json["alternatives"]]
    assert ("less", 2, "2026-11-01T00:00:00+01:00") in offers
    assert ("other_time", 3, "2026-12-01T00:00:00+01:00") in offers
    assert answer.json["waiting_list"].endswith("quantite=3")


@pytest.mark.parametrize(
    "facts, code",
    [
        ({"start": "2026-10-06T06:30:00+02:00"}, "outside_hours"),
        ({"start": "2026-10-04T08:00:00+02:00", "end": "2026-10-04T10:00:00+02:00"}, "outside_hours"),
        ({"start": "2026-10-06T08:10:00+02:00"}, "off_step"),
        ({"end": "2026-10-06T08:30:00+02:00"}, "too_short"),
        ({"end": "2026-10-06T21:30:00+02:00"}, "too_long"),
        ({"start": "2026-08-25T08:00:00+02:00", "end": "2026-08-25T10:00:00+02:00"}, "in_the_past"),
        ({"start": "2027-10-06T08:00:00+02:00", "end": "2027-10-06T10:00:00+02:00"}, "beyond_horizon"),
        ({"quantity": 2}, "over_capacity"),
        ({"quantity": 100_000}, "over_capacity"),
    ],
)
def test_every_reason_is_told(world, member, facts, code):
    answer = member.post("/bookings", world.wish(**facts))
    assert answer.status_code == 409
    assert code in [refusal["code"] for refusal in answer.json["refusals"]]
    assert not {"holds", "hold_id", "resource_id"} & set(str(answer.json))


@pytest.mark.parametrize(
    "wrong, field",
    [
        ({"purpose": ""}, "purpose"),
        ({"purpose": "   "}, "purpose"),
        ({"purpose": None}, "purpose"),
        ({"people": 0}, "people"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_taken_slot_and_a_wrong_field_are_told_in_one_answer(world, member, other, wrong, field):
    member.post("/bookings", world.wish())
    answer = other.post("/bookings", world.wish(**wrong))
    assert answer.status_code == 422
    assert [problem["field"] for problem in answer.json["problems"]] == [field]
    assert [refusal["code"] for refusal in answer.json["refusals"]] == ["taken"]
    assert "other_day" in [offer["kind"] for offer in answer.json["alternatives"]]
    free = other.post(
        "/bookings",
        world.wish(start="2026-10-07T08:00:00+02:00") | wrong | {"end": "2026-10-07T12:00:00+02:00"},
    )
    assert free.status_code == 422
    assert "refusals" not in free.json


def test_a_taken_slot_and_no_organisation(world, member, app, client):
    member.post("/bookings", world.wish())
    answer = Caller(app, client, token_of(a_person())).post("/bookings", world.wish())
    assert answer.json["problems"][0]["code"] == "organisation_missing"
    assert answer.json["refusals"][0]["code"] == "taken"


def test_a_wrong_field_tells_nothing_of_what_may_not_be_known(world, member):
    secret = a_resource(world.site, visibility="hidden", status="out_of_order")
    for name in (secret.public_id, "rien-de-tel"):
        answer = member.post("/bookings", world.wish(resource=name, purpose=""))
        assert (answer.status_code, answer.json.get("refusals")) == (422, None)


def test_an_end_before_the_start_and_a_wrong_field(world, member):
    answer = member.post("/bookings", world.wish(end="2026-10-06T07:00:00+02:00", purpose=""))
    assert {p["field"]: p["code"] for p in answer.json["problems"]} == {
        "purpose": "field_empty", "end": "empty_span",
    }  # fmt: skip


def test_words_are_in_the_readers_language(app, client, world):
    english = Caller(app, client, token_of(world.member), language="en")
    answer = english.post("/bookings", world.wish(start="2026-10-06T06:30:00+02:00"))
    assert answer.headers["Content-Language"] == "en"
    assert answer.json["detail"].startswith("Closed at that time")
    french = Caller(app, client, token_of(world.member), language="fr-FR, de")
    assert (
        french.post("/bookings", world.wish(start="2026-10-06T06:30:00+02:00"))
        .json["detail"]
        .startswith("Fermé")
    )


# -- for whom -----------------------------------------------------------------------------------------------


def test_the_organisation_may_be_left_out_by_who_has_one(world, app, client):
    nobody = Caller(app, client, token_of(a_person()))
    answer = nobody.post("/bookings", world.wish())
    assert (answer.status_code, answer.json["problems"][0]["code"]) == (422, "organisation_missing")


@pytest.mark.parametrize("by", ["public_id", "slug"])
def test_the_organisation_goes_by_id_or_slug(world, member, by):
    made = member.post("/bookings", world.wish(organisation=getattr(world.ours, by)))
    assert made.json["organisation"]["slug"] == world.ours.slug


def test_a_foreign_organisation(world, member):
    answer = member.post("/bookings", world.wish(organisation=world.theirs.slug))
    assert (answer.status_code, answer.json["code"]) == (403, "not_your_organisation")


def test_an_unknown_organisation(world, member):
    assert member.post("/bookings", world.wish(organisation="personne")).status_code == 404


def test_on_behalf(world, app, client):
    coordinator = Caller(app, client, token_of(a_coordinator(world.territory)))
    made = coordinator.post("/bookings", world.wish(organisation=world.theirs.slug))
    assert made.status_code == 201
    assert coordinator.get("/bookings", scope="territories").json["items"][0]["ref"] == made.json["ref"]


@pytest.mark.parametrize("hidden", [{"visibility": "hidden"}, {"status": "archived"}])
def test_what_cannot_be_seen_cannot_be_asked_for(world, member, hidden):
    secret = a_resource(world.site, **hidden)
    assert member.post("/bookings", world.wish(resource=secret.public_id)).status_code == 404


# -- deciding -----------------------------------------------------------------------------------------------


def test_approve(world, member, manager):
    ref = member.post("/bookings", world.wish()).json["ref"]
    assert manager.get(f"/bookings/{ref}").json["acts"] == ["approve", "refuse", "cancel"]
    answer = manager.post(f"/bookings/{ref}/approve")
    assert (answer.status_code, answer.json["state"], answer.json["decided_by"]) == (
        200,
        "approved",
        {"name": "Anne Le Goff"},
    )
    again = manager.post(f"/bookings/{ref}/approve", {"reason": "encore"})
    assert (again.status_code, again.json["code"]) == (409, "already_decided")
    assert again.json["facts"]["state"] == "approved"


def test_refuse_needs_a_reason(world, member, manager):
    ref = member.post("/bookings", world.wish()).json["ref"]
    for body in (None, {}, {"reason": ""}, {"reason": "   "}):
        answer = manager.post(f"/bookings/{ref}/refuse", body)
        assert answer.status_code in (415, 422)
    answer = manager.post(f"/bookings/{ref}/refuse", {"reason": "Travaux"})
    assert (answer.json["state"], answer.json["reason"]) == ("refused", "Travaux")


def test_cancel_by_either_side(world, member, manager):
    for caller in (member, manager):
        ref = member.post("/bookings", world.wish()).json["ref"]
        answer = caller.post(f"/bookings/{ref}/cancel", {"reason": "Empêchement"})
        assert (answer.status_code, answer.json["state"]) == (200, "cancelled")


def test_only_managers_decide(world, member, other):
    ref = member.post("/bookings", world.wish()).json["ref"]
    assert member.post(f"/bookings/{ref}/approve").status_code == 403
    for path in ("", "/approve", "/refuse", "/cancel"):
        call = other.post if path else other.get
        answer = call(f"/bookings/{ref}{path}", **({"body": {"reason": "x"}} if path else {}))
        assert (answer.status_code, answer.json["code"]) == (404, "booking_not_found")


def test_a_slot_lost_meanwhile(world, member, other, manager):
    open_kitchen = a_resource(world.site, name="Sans retenue", holds_request=False)
    refs = [
        caller.post("/bookings", world.wish(resource=open_kitchen.slug)).json["ref"]
        for caller in (member, other)
    ]
    assert manager.post(f"/bookings/{refs[0]}/approve").status_code == 200
    answer = manager.post(f"/bookings/{refs[1]}/approve")
    assert (answer.status_code, answer.json["refusals"][0]["code"]) == (409, "taken")


# -- lists --------------------------------------------------------------------------------------------------


@pytest.fixture
def five(world, member):
    """Five bookings of `member`, a day apart, the latest asked first."""
    return [
        member.post(
            "/bookings",
            world.wish(start=f"2026-10-{day:02}T08:00:00+02:00", end=f"2026-10-{day:02}T10:00:00+02:00"),
        ).json["ref"]
        for day in (10, 9, 8, 7, 6)
    ][::-1]


def test_pages_go_through_everything_once(five, member):
    seen, cursor = [], None
    while True:
        page = member.get("/bookings", limit=2, cursor=cursor).json
        seen += [booking["ref"] for booking in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == five


def test_filters(five, member, manager):
    manager.post(f"/bookings/{five[0]}/approve")
    assert [b["ref"] for b in member.get("/bookings", state="approved").json["items"]] == five[:1]
    between = {"from": "2026-10-07T09:00:00+02:00", "to": "2026-10-09T08:00:00+02:00"}
    assert [b["ref"] for b in member.get("/bookings", **between).json["items"]] == five[1:3]


def test_scopes(five, member, manager, other, world, app, client):
    colleague = Caller(app, client, token_of(a_member(world.ours)))
    expected = {
        (member, "mine"): 5, (member, "organisations"): 5, (member, "sites"): 0, (colleague, "mine"): 0,
        (colleague, "all"): 5, (manager, "sites"): 5, (manager, "mine"): 0, (manager, "all"): 5, (other, "all"): 0,
        (member, "territories"): 0,
    }  # fmt: skip
    assert {key: len(key[0].get("/bookings", scope=key[1]).json["items"]) for key in expected} == expected


def test_two_organisations_ask_which(world, app, client):
    person = a_member(world.ours)
    second = an_organisation(world.territory, name="Autre")
    from app.accounts.models import Membership, MembershipState
    from app.core import clock
    from app.infra.uow import atomic

    with atomic() as session:
        session.add(
            Membership(
                person_id=person.id, organisation_id=second.id, role="member", state=MembershipState.ACTIVE,
                created_at=clock.now(),
            )
        )  # fmt: skip
    caller = Caller(app, client, token_of(person))
    answer = caller.post("/bookings", world.wish())
    assert answer.json["problems"][0]["facts"]["choices"] == [world.ours.slug, second.slug]
    assert caller.post("/bookings", world.wish(organisation=second.slug)).status_code == 201
    assert db.session.scalar(select(func.count()).select_from(Booking)) == 1


def test_an_occurrence_names_its_series(world, member):
    alone = member.post("/bookings", world.wish())
    assert alone.json["series"] is None
    rule = Rule(Frequency.WEEKLY, date(2026, 10, 13), weekdays=(1,), times=2)
    wanted = SeriesRequest(
        world.kitchen.id, world.ours.id, rule, Hours(480, 720, "Europe/Paris"), 1, "Soupes"
    )
    asker = Actor(person_id=world.member.id, memberships={world.ours.id: "member"})
    series = ask_series(wanted, asker, uid_host="mutualim.test")
    found = [each["series"] for each in member.get("/bookings", scope="mine").json["items"]]
    assert found == [
        None,
        *({"ref": series.ref, "day": d, "elsewhere": False} for d in ("2026-10-13", "2026-10-20")),
    ]
