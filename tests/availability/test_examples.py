"""The worked examples of the rules of time and capacity (Europe/Paris, now = 2026-09-01 10:00)."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app.availability.alternatives import alternatives
from app.availability.errors import SlotRefused
from app.availability.models import Claim
from app.availability.queries import Wish, verdict
from app.availability.service import release, take
from app.catalogue.models import Resource
from app.core.span import Span
from app.infra.uow import atomic
from tests.factories import a_resource, a_site, a_territory, an_organisation, at, span

pytestmark = pytest.mark.usefixtures("session", "frozen")

STORAGE = {
    "kind": "storage",
    "mode": "quantity",
    "capacity": 24,
    "unit": "pallet",
    "step_minutes": 1440,
    "min_minutes": 1440,
    "max_minutes": 1440 * 200,
    "opening_mode": "always",
    "horizon_days": 400,
}


@pytest.fixture
def site():
    return a_site(an_organisation(a_territory()))


@pytest.fixture
def kitchen(site):
    return a_resource(site, hours="Mo-Sa 07:00-22:00; PH off", buffer_after=45, step_minutes=30)


@pytest.fixture
def stations(site):
    facts = {"mode": "stations", "capacity": 4, "unit": "station", "buffer_after": 45}
    return a_resource(site, hours="Mo-Sa 07:00-22:00; PH off", **facts)


@pytest.fixture
def cold_room(site):
    return a_resource(site, hours="24/7", **STORAGE)


def codes(resource: Resource, wanted: Span, qty: int = 1) -> list[str]:
    return [refusal.code for refusal in verdict(Wish(resource.id, wanted, qty))]


def test_cleaning_is_named_and_the_next_time_offered(kitchen):
    take([Wish(kitchen.id, span("2026-10-06 08:00", "2026-10-06 12:00"))])
    wish = Wish(kitchen.id, span("2026-10-06 12:30", "2026-10-06 16:00"))
    (refusal,) = verdict(wish)
    assert refusal.code == "buffer"
    assert refusal.facts["until"] == int(at("2026-10-06 12:45").timestamp())
    offers = alternatives(wish)
    assert span("2026-10-06 13:00", "2026-10-06 16:00") in [o.span for o in offers if o.kind == "shorter"]
    assert [o.span for o in offers if o.kind == "other_time"][0] == span(
        "2026-10-06 13:00", "2026-10-06 16:30"
    )
    assert not codes(kitchen, span("2026-10-06 13:00", "2026-10-06 16:00"))


def test_a_buffer_changed_later_leaves_what_was_promised(kitchen):
    take([Wish(kitchen.id, span("2026-10-06 08:00", "2026-10-06 12:00"))])
    with atomic():
        kitchen.buffer_after = 120
    (refusal,) = verdict(Wish(kitchen.id, span("2026-10-06 12:30", "2026-10-06 16:00")))
    assert (refusal.code, refusal.facts["until"]) == ("buffer", int(at("2026-10-06 12:45").timestamp()))
    (overlap,) = verdict(Wish(kitchen.id, span("2026-10-06 11:30", "2026-10-06 16:00")))
    assert (overlap.code, overlap.facts["to"]) == ("taken", int(at("2026-10-06 12:00").timestamp()))


def test_a_booking_ends_in_time_to_clean_before_the_next(kitchen):
    take([Wish(kitchen.id, span("2026-10-06 16:30", "2026-10-06 18:00"))])
    (refusal,) = verdict(Wish(kitchen.id, span("2026-10-06 13:00", "2026-10-06 16:00")))
    assert (refusal.code, refusal.facts["must_end_by"]) == ("buffer", int(at("2026-10-06 15:45").timestamp()))


def test_the_buffer_may_run_past_closing_time(kitchen):
    assert not codes(kitchen, span("2026-10-06 18:00", "2026-10-06 22:00"))


def test_before_opening_the_hours_are_told(kitchen):
    (refusal,) = verdict(Wish(kitchen.id, span("2026-10-06 06:30", "2026-10-06 09:00")))
    assert refusal.code == "outside_hours"
    assert refusal.facts["ranges"] == [[420, 1320]]
    assert refusal.facts["next_open"] == at("2026-10-06 07:00")


@pytest.mark.parametrize(
    "day, free",
    [
        ("2026-10-19", True), ("2026-10-12", False), ("2026-11-02", False), ("2026-11-11", False),
        ("2027-03-03", True), ("2027-02-10", False), ("2027-05-06", False), ("2027-05-07", True),
    ],
)  # fmt: skip
def test_a_school_kitchen_opens_in_its_zones_holidays(site, day, free):
    school = a_resource(site, hours="SH Mo-Fr 07:00-18:00; PH off", horizon_days=400)
    found = codes(school, span(f"{day} 09:00", f"{day} 12:00"))
    assert found == ([] if free else ["outside_hours"])


def test_stations_are_counted_over_time(stations):
    take([Wish(stations.id, span("2026-10-06 09:00", "2026-10-06 12:00"), 2)])
    take([Wish(stations.id, span("2026-10-06 10:00", "2026-10-06 13:00"), 1)])
    wanted = span("2026-10-06 11:00", "2026-10-06 12:00")
    (refusal,) = verdict(Wish(stations.id, wanted, 2))
    assert (refusal.code, refusal.facts["free"]) == ("capacity", 1)
    assert (refusal.facts["from"], refusal.facts["to"]) == wanted.epochs
    assert not codes(stations, wanted, 1)
    assert codes(stations, wanted, 4) == ["capacity"]
    assert [(o.kind, o.qty) for o in alternatives(Wish(stations.id, wanted, 2))][0] == ("less", 1)


@pytest.mark.scenario(number="S09")
def test_pallets_over_days_offer_fewer_or_later(cold_room):
    take([Wish(cold_room.id, span("2026-11-01 00:00", "2026-12-01 00:00"), 10)])
    take([Wish(cold_room.id, span("2026-11-10 00:00", "2026-11-21 00:00"), 8)])
    wish = Wish(cold_room.id, span("2026-11-15 00:00", "2026-11-26 00:00"), 8)
    (refusal,) = verdict(wish)
    assert (refusal.code, refusal.facts["free"], refusal.facts["total"]) == ("capacity", 6, 24)
    assert (refusal.facts["from"], refusal.facts["to"]) == span("2026-11-15 00:00", "2026-11-21 00:00").epochs
    offers = alternatives(wish)
    assert (offers[0].kind, offers[0].qty) == ("less", 6)
    later = next(o for o in offers if o.kind == "other_time")
    assert later.span.start == at("2026-11-21 00:00")
    assert later.free == 14


def test_the_night_the_clocks_go_back_lasts_nine_hours(site):
    van = a_resource(site, hours="24/7")
    night = span("2026-10-24 22:00", "2026-10-25 06:00")
    assert night.seconds == 9 * 3600
    assert not codes(van, night)


def test_a_long_stay_is_cut_into_weeks_and_found_whole(cold_room, session):
    hold = take([Wish(cold_room.id, span("2026-10-01 00:00", "2026-12-01 00:00"), 24)])
    claims = session.execute(
        select(func.count(), func.max(Claim.end_at - Claim.start_at)).filter_by(hold_id=hold)
    ).one()
    assert claims[0] == 9
    assert claims[1] <= 604_800
    assert codes(cold_room, span("2026-10-30 00:00", "2026-10-31 00:00")) == ["capacity"]
    release(hold)
    assert not codes(cold_room, span("2026-10-30 00:00", "2026-10-31 00:00"))


def test_taking_what_is_taken_says_why(kitchen):
    wish = Wish(kitchen.id, span("2026-10-06 08:00", "2026-10-06 12:00"))
    take([wish])
    with pytest.raises(SlotRefused) as refused:
        take([wish])
    assert refused.value.refusals[0].code == "taken"


def test_an_expired_hold_gives_way(kitchen, frozen):
    wish = Wish(kitchen.id, span("2026-10-06 08:00", "2026-10-06 12:00"))
    take([wish], expires_at=int((frozen.now + timedelta(hours=1)).timestamp()))
    assert codes(kitchen, wish.span) == ["taken"]
    frozen.tick(hours=2)
    take([wish])


@pytest.mark.parametrize(
    "start, end, code",
    [
        ("2026-10-06 08:10", "2026-10-06 12:00", "off_step"),
        ("2026-10-06 08:00", "2026-10-06 08:30", "too_short"),
        ("2026-08-31 08:00", "2026-08-31 12:00", "in_the_past"),
        ("2026-09-01 12:00", "2026-09-01 14:00", "notice_too_short"),
        ("2027-10-06 08:00", "2027-10-06 12:00", "beyond_horizon"),
    ],
)
def test_terms_are_kept(site, start, end, code):
    kitchen = a_resource(site, hours="24/7", min_notice_minutes=2880)
    assert codes(kitchen, span(start, end)) == [code]
