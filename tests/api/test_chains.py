"""Chains through the API: listed and read by who has to do with them."""

from datetime import UTC

import pytest

from app.availability.queries import Wish
from app.availability.service import take
from tests.api.world import Caller, token_of, validate
from tests.factories import a_member, a_resource, a_territory, an_organisation, at, span
from tests.supply.chains.test_prepare_pages import taken
from tests.supply.chains.valley import Valley
from tests.supply.land import Land, free_as_in_s12


@pytest.fixture
def valley(session, frozen):
    return Valley()


def _caller(app, person):
    return Caller(app, app.test_client(), token_of(person))


def test_who_asked_reads_what_it_carries_and_its_legs(app, valley):
    chain, member = valley.ask_for(), _caller(app, a_member(valley.association))
    listed = member.get("/chains").json
    validate("ChainPage", listed)
    (found,) = listed["items"]
    assert found == member.get(f"/chains/{chain.bundle.ref}").json
    validate("Chain", found)
    assert (found["product"], found["grams"], found["load"]["packages"]) == ("courgettes", 400_000, 34)
    assert [(step["leg"], step["role"]) for step in found["steps"]] == [
        (1, "collect"),
        (2, "store"),
        (3, "carry"),
        (4, "process"),
    ]
    assert (found["request"]["state"], len(found["request"]["legs"])) == ("waiting", 4)


def test_nobody_else_does(app, valley):
    chain = valley.ask_for()
    stranger = _caller(app, a_member(an_organisation(a_territory())))
    assert stranger.get("/chains").json["items"] == []
    assert stranger.get(f"/chains/{chain.bundle.ref}").status_code == 404
    assert Caller(app, app.test_client()).get("/chains").status_code == 401
    loose = valley.bundle()
    assert _caller(app, a_member(valley.association)).get(f"/chains/{loose.ref}").status_code == 404


def test_whom_a_chain_concerns_reads_when_and_no_booking(app, valley):
    bank = an_organisation(valley.territory)
    chain, receiver = valley.ask_for(receiver_id=bank.id), _caller(app, a_member(bank))
    (listed,) = receiver.get("/chains").json["items"]
    found = receiver.get(f"/chains/{chain.bundle.ref}").json
    validate("Chain", found)
    assert found == listed
    assert found["request"]["legs"] == []
    told = {key: found["steps"][0][key] for key in ("name", "start", "end", "state")}
    assert told == {
        "name": "Fourgon frigorifique",
        "start": "2026-09-14T13:00:00+02:00",
        "end": "2026-09-14T15:00:00+02:00",
        "state": "pending",
    }


# -- planned, asked for, given up -----------------------------------------------------------------------------

WISH = {
    "product": "Courgettes", "grams": 400_000, "commune": "44205", "start": "2026-09-14T13:00:00+02:00",
    "end": "2026-09-14T18:00:00+02:00", "stored": True, "by": "2026-09-17T14:00:00+02:00",
}  # fmt: skip


@pytest.fixture
def land(session, frozen):
    frozen.move_to(at("2026-09-10 09:00").astimezone(UTC))
    land = Land()
    free_as_in_s12(land)
    return land


@pytest.fixture
def asker(app, land):
    return _caller(app, land.treasurer_person)


@pytest.fixture
def wish(land):
    """The part of an offer that the association took, to be carried."""
    return WISH | {"part": taken(land)[1].public_id}


def planned(asker, wish):
    answer = asker.post("/chains/plans", wish)
    assert answer.status_code == 200, answer.json
    validate("Proposals", answer.json)
    return answer.json


@pytest.mark.scenario(number="S12")
def test_s12_a_wish_is_planned_and_its_plan_asked_for_once(land, asker, wish):
    found = planned(asker, wish)
    [plan] = found["plans"]
    assert [leg["role"] for leg in plan["legs"]] == ["collect", "store", "carry", "process"]
    assert (plan["ready_at"], plan["why"]) == ("2026-09-16T16:00:00+02:00", ["La seule trouvée"])
    assert plan["estimate"]["cents"] == sum(leg["estimate"]["cents"] for leg in plan["legs"])
    assert found["rejected"][0]["detail"]
    body = wish | {"plan": plan["plan"], "purpose": "400 kg de courgettes"}
    first, second = (asker.post("/chains", body, key="k") for _n in range(2))
    assert (first.status_code, second.headers["Idempotent-Replayed"]) == (201, "true"), first.json
    validate("Chain", first.json)
    assert first.json == second.json == asker.get(first.location.removeprefix("/api/v1")).json
    assert (first.json["request"]["size"], first.json["request"]["handover_at"]) == (4, plan["ready_at"])
    other = asker.post("/chains", body | {"purpose": "Autre"}, key="k")
    assert (other.status_code, other.json["problems"][0]["code"]) == (422, "key_reused")


def test_what_is_paid_directly_stands_beside_what_is_reckoned(land, asker, wish):
    dear = a_resource(
        land.town, name="Conserverie", kind="kitchen", buffer_after=0, hours="Mo-Sa 07:00-22:00; PH off",
        facts={"throughput": 200}, price_cents=20_000, price_per="day",
    )  # fmt: skip
    plans = planned(asker, wish)["plans"]
    assert [plan["paid_directly"] and plan["paid_directly"]["cents"] for plan in plans] == [None, 20_000]
    *others, cooks = plans[1]["legs"]
    assert (cooks["resource"]["slug"], cooks["estimate"]) == (dear.slug, None)
    assert cooks["paid_directly"]["cents"] == 20_000
    assert plans[1]["estimate"]["cents"] == sum(leg["estimate"]["cents"] for leg in others)


def test_a_lost_race_says_why_and_what_is_free_now(land, asker, wish):
    [plan] = planned(asker, wish)["plans"]
    take([Wish(land.k1.id, span("2026-09-16 08:00", "2026-09-16 16:00"), 4)], override=True)
    refused = asker.post("/chains", wish | {"plan": plan["plan"], "purpose": "Soupe"})
    assert (refused.status_code, refused.json["code"]) == (409, "legs_refused")
    assert refused.json["legs"][0]["refusals"]
    assert plan["plan"] not in [each["plan"] for each in refused.json["plans"]]


def test_a_plan_is_only_good_for_what_it_was_proposed_for(land, asker, wish):
    [plan] = planned(asker, wish)["plans"]
    for body in (wish | {"grams": 40_000_000, "plan": plan["plan"]}, wish | {"plan": "x"}):
        refused = asker.post("/chains", body | {"purpose": "Soupe"})
        assert (refused.status_code, refused.json["code"]) == (409, "plan_lost")
        assert isinstance(refused.json["plans"], list)


def test_it_is_given_up_by_who_asked_with_a_reason(app, land, asker, wish):
    [plan] = planned(asker, wish)["plans"]
    ref = asker.post("/chains", wish | {"plan": plan["plan"], "purpose": "Soupe"}).json["ref"]
    assert asker.post(f"/chains/{ref}/cancel", {}).json["problems"][0]["field"] == "reason"
    given_up = asker.post(f"/chains/{ref}/cancel", {"reason": "Pluie"})
    assert (given_up.status_code, given_up.json["request"]["state"]) == (200, "given_up")
    again = asker.post(f"/chains/{ref}/cancel", {"reason": "Pluie"})
    assert (again.status_code, again.json["code"]) == (409, "no_leg_waits")
    stranger = _caller(app, a_member(an_organisation(a_territory())))
    assert stranger.post(f"/chains/{ref}/cancel", {"reason": "x"}).status_code == 404


@pytest.mark.parametrize(
    ("wish", "status", "field", "code"),
    [
        ({"grams": 0}, 422, "grams", "too_small"),
        ({"packaging": "box"}, 422, "packaging", "not_one_of"),
        ({"commune": "Nullepart"}, 422, "commune", "commune_unknown"),
        ({"commune": "44390"}, 422, "commune", "commune_ambiguous"),
        ({"end": "2026-09-14T12:00:00+02:00"}, 422, "end", "bad_wish"),
        ({"end": "2026-09-01T12:00:00+02:00"}, 422, "end", "bad_wish"),
        ({"by": "2026-09-14T12:00:00+02:00"}, 422, "by", "bad_wish"),
        ({"goal": "place"}, 422, "goal", "destination_unclear"),
        ({"to_commune": "44205"}, 422, "goal", "destination_unclear"),
        ({"goal": "place", "to_commune": "Nullepart"}, 422, "to_commune", "commune_unknown"),
        ({"goal": "place", "to_site": "personne"}, 404, None, "not_found"),
        ({"part": "ABCDEFGHJKMN"}, 404, None, "not_found"),
        ({"colour": "red"}, 422, "colour", "field_unknown"),
    ],
)
def test_what_is_wrong_with_a_wish_is_told_at_its_field(land, asker, wish, status, field, code):
    for path, more in (("/chains/plans", {}), ("/chains", {"plan": "x", "purpose": "Soupe"})):
        answer = asker.post(path, WISH | more | wish)
        assert answer.status_code == status, answer.json
        told = answer.json["problems"][0] if field else answer.json
        assert (told.get("field"), told["code"]) == (field, code)


def test_nobody_plans_for_others(app, land, asker):
    theirs = an_organisation(land.territory)
    refused = asker.post("/chains/plans", WISH | {"organisation": theirs.slug})
    assert (refused.status_code, refused.json["code"]) == (403, "not_taking_part")
    assert Caller(app, app.test_client()).post("/chains/plans", WISH).status_code == 401
