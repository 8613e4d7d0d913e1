"""Legs of chains through the API: what fits in the place of a lost one, why the rest does not, and asking for it."""

import pytest

from app.accounts.models import Role
from app.accounts.queries import load_actor
from app.bookings import service as bookings
from app.infra.db import db
from app.infra.uow import atomic
from app.payments.tariffs.tariff import Meter
from app.supply.chains.models import Chain
from app.supply.chains.planning.world import Place
from app.supply.offers import service as offers
from tests.api.test_chains import WISH, planned
from tests.api.test_chains import _caller as caller
from tests.api.world import validate
from tests.bookings.money import tariff
from tests.factories import a_member, an_organisation
from tests.supply.chains.test_mending import mended, small_van
from tests.supply.offers.world import HERE, an_offer

__all__ = ["mended"]


@pytest.fixture
def asker(app, mended):
    return caller(app, mended.treasurer_person)


@pytest.fixture
def lost(mended):
    """Lose the van that fetches it, with another one that fits and a bicycle that does not."""
    mended.spare = mended.van(mended.town, "FRC", name="Fourgon du bourg")
    mended.price(mended.spare, tariff((Meter.KM, 60)))
    mended.bike = small_van(mended)
    mended.lose(1)
    return f"/chains/{mended.chain.bundle.ref}/legs/1"


def found(asker, lost):
    answer = asker.get(f"{lost}/instead")
    assert answer.status_code == 200, answer.json
    validate("Instead", answer.json)
    return answer.json


def body_of(fit):
    return {name: fit[name] for name in ("start", "end", "quantity")} | {"resource": fit["resource"]["id"]}


@pytest.mark.scenario(number="S12")
def test_s12_what_fits_is_told_with_its_way_and_price_and_why_the_rest_does_not(mended, asker, lost):
    answer = found(asker, lost)
    assert (answer["leg"], answer["role"], answer["without"][:7]) == (1, "collect", "Rien ne")
    [fit] = [each for each in answer["fits"] if each["resource"]["name"] == "Fourgon du bourg"]
    [offered] = [each for each in mended.found(mended.legs[1]).offered if each.resource_id == mended.spare.id]
    assert (fit["metres"], fit["trips"], fit["quantity"]) == (offered.fit.metres, 1, 1)
    assert fit["km"] > 0
    assert "trajet" in fit["why"][0]
    assert fit["estimate"]["cents"] == round(fit["metres"] * 60 / 1000)
    [why] = [each for each in answer["rejected"] if "Vélo-cargo" in each["names"]]
    assert (why["task"], why["reason"], why["number"]) == ("drive", "too_many_trips", 1)
    assert "/filieres/preparer?produit=courgettes" in answer["again_url"]


def test_it_is_asked_for_once(mended, asker, lost):
    [fit] = [each for each in found(asker, lost)["fits"] if each["resource"]["name"] == "Fourgon du bourg"]
    body = body_of(fit)
    first, second = (asker.post(f"{lost}/replace", body, key="k") for _n in range(2))
    assert first.status_code == 200, first.json
    validate("Chain", first.json)
    assert second.headers["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first.headers
    assert first.json == second.json
    step = first.json["steps"][0]
    assert (step["name"], step["metres"], step["state"]) == ("Fourgon du bourg", fit["metres"], "pending")
    assert len(mended.chain.bundle.legs) == 5
    other = asker.post(f"{lost}/replace", body | {"quantity": 2}, key="k")
    assert (other.status_code, other.json["problems"][0]["code"]) == (422, "key_reused")
    anew = asker.post(f"{lost}/replace", body, key="another")
    assert (anew.status_code, anew.json["code"], anew.json.get("fits")) == (409, "leg_not_to_fix", None)


def test_a_key_still_stands_for_what_was_lost_since(mended, asker, lost):
    [fit] = [each for each in found(asker, lost)["fits"] if each["resource"]["name"] == "Fourgon du bourg"]
    assert asker.post(f"{lost}/replace", body_of(fit), key="k").status_code == 200
    db.session.expire_all()
    again = mended.lose(1)
    assert asker.post(f"{lost}/replace", body_of(fit), key="k").headers["Idempotent-Replayed"] == "true"
    assert mended.legs[1].id == again.id


def test_what_does_not_fit_is_refused_with_what_does(mended, asker, lost):
    van = found(asker, lost)["fits"][0]
    refused = asker.post(f"{lost}/replace", body_of(van) | {"resource": mended.bike.public_id})
    assert (refused.status_code, refused.json["code"]) == (409, "leg_unfit")
    assert refused.json["facts"]["reason"] == "too_many_trips"
    assert van in refused.json["fits"]
    with atomic():
        mended.spare.status = "out_of_order"
    gone = asker.post(f"{lost}/replace", body_of(van) | {"resource": mended.spare.public_id})
    assert (gone.status_code, gone.json["code"]) == (409, "slot_refused"), gone.json
    assert gone.json["refusals"]
    assert "Fourgon du bourg" not in [each["resource"]["name"] for each in gone.json["fits"]]


def test_what_goes_on_has_nothing_instead(mended, asker, lost):
    going = lost.removesuffix("1") + "2"
    refused = asker.get(f"{going}/instead")
    assert (refused.status_code, refused.json["code"]) == (409, "leg_not_to_fix")
    assert asker.get(f"{lost}9/instead").status_code == 404


def test_only_who_may_change_the_request_looks_and_asks(app, mended, lost):
    owner = caller(app, a_member(mended.owner, role=Role.ORG_ADMIN))
    slot = {"start": "2026-09-14T13:00:00+02:00", "end": "2026-09-14T15:00:00+02:00"}
    wanted = slot | {"resource": mended.spare.public_id}
    assert owner.get(lost.removesuffix("/legs/1")).status_code == 200
    for refused in (owner.get(f"{lost}/instead"), owner.post(f"{lost}/replace", wanted)):
        assert refused.status_code == 403, refused.json
    stranger = caller(app, a_member(an_organisation(mended.territory)))
    for refused in (stranger.get(f"{lost}/instead"), stranger.post(f"{lost}/replace", wanted)):
        assert refused.status_code == 404, refused.json


def test_a_chain_is_asked_for_from_ones_own_offer(mended, asker):
    bookings.cancel_bundle(mended.chain.bundle_id, mended.asker, "Autrement")
    offer = offers.post(mended.asker, mended.association.id, an_offer())
    wish = WISH | {"offer": offer.public_id}
    [plan] = planned(asker, wish)["plans"]
    asked = asker.post("/chains", wish | {"plan": plan["plan"], "purpose": "400 kg de courgettes"})
    assert asked.status_code == 201, asked.json
    validate("Chain", asked.json)
    assert (asked.json["offer"], asked.json["part"]) == (offer.public_id, None)
    chain = db.session.query(Chain).filter_by(surplus_offer_ref=offer.public_id).one()
    assert chain.start == Place(*HERE.point), "to the metre"


def test_nobody_carries_the_offer_of_others_or_two_things_at_once(mended, asker):
    farm = a_member(mended.owner)
    theirs = offers.post(load_actor(farm.id), mended.owner.id, an_offer())
    refused = asker.post("/chains/plans", WISH | {"offer": theirs.public_id})
    assert (refused.status_code, refused.json["code"]) == (404, "not_found")
    both = asker.post("/chains/plans", WISH | {"offer": theirs.public_id, "part": theirs.public_id})
    assert both.status_code == 422
    assert (both.json["problems"][0]["field"], both.json["problems"][0]["code"]) == ("offer", "part_or_offer")
