"""An hour at which it happened to be said, looked at or asked for is no hour of loading: only a typed one is."""

from datetime import UTC
from urllib.parse import parse_qs, urlsplit

import pytest

from app.supply.chains import service as chains
from app.supply.chains.links import prepare_draft_url
from app.supply.chains.mending import legs_of
from app.supply.chains.planning.world import HOUR, Wanted
from app.supply.chains.rules import loading_hours
from app.supply.chains.views.instead import again_url
from app.supply.offers import service as offers
from app.supply.purchases import service as purchases
from tests.factories import PARIS, at
from tests.supply.chains.test_drafts import the_draft
from tests.supply.chains.test_mending import Mended
from tests.supply.chains.test_prepare_pages import PREPARE, links
from tests.supply.land import COURGETTES, FARM, Land
from tests.supply.offers.world import an_offer
from tests.supply.purchases.world import a_purchase

FRIDAY = at("2026-09-11 18:00")


@pytest.fixture
def land(session, frozen):
    frozen.move_to(at("2026-09-09 03:00").astimezone(UTC))
    return Land()


def typed(url):
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


def begin(land, browser, from_at):
    """Let the association offer something, collected until Friday; give when its chain is said to begin."""
    offer = offers.post(land.asker, land.association.id, an_offer(from_at=from_at, until_at=FRIDAY))
    return begin_of(land, browser, offer)


def begin_of(land, browser, offer):
    [prepare] = links(browser(land.treasurer_person).get(f"/surplus/{offer.public_id}"), PREPARE)
    found = typed(prepare)
    assert (found["fin"], found["a"]) == ("2026-09-11", "18:00")
    return found["date"], found["de"]


@pytest.mark.parametrize(
    ("from_at", "day", "hour"),
    [
        (None, "2026-09-09", "07:00"),  # "from now", said at three in the morning
        (at("2026-09-09 05:00"), "2026-09-09", "05:00"),
        (at("2026-09-08 05:00"), "2026-09-09", "05:00"),
        (at("2026-09-10 09:00"), "2026-09-10", "09:00"),
    ],
)
def test_only_a_typed_hour_of_an_offer_is_an_hour_of_loading(land, browser, from_at, day, hour):
    assert begin(land, browser, from_at) == (day, hour)


def test_whoever_looks_in_the_night_says_no_hour_either(land, browser, frozen):
    offer = offers.post(land.asker, land.association.id, an_offer(from_at=None, until_at=FRIDAY))
    frozen.move_to(at("2026-09-09 22:30").astimezone(UTC))
    assert begin_of(land, browser, offer) == ("2026-09-10", "07:00")
    frozen.move_to(at("2026-09-10 10:20").astimezone(UTC))
    assert begin_of(land, browser, offer) == ("2026-09-10", "10:20")


def test_a_chain_asked_for_in_the_night_is_loaded_by_day_and_mended_so(land):
    wanted = Wanted(COURGETTES, FARM, at("2026-09-09 03:00"), FRIDAY)
    way = chains.Way.of(wanted, "44205")
    assert (way.from_at, way.until_at) == (at("2026-09-09 07:00"), FRIDAY)
    assert loading_hours(way.from_at, way.until_at, PARIS) == (7 * HOUR, 20 * HOUR)


def test_the_same_is_prepared_anew_by_day_whenever_somebody_asks_for_it(app, session, frozen):
    frozen.move_to(at("2026-09-10 09:00").astimezone(UTC))
    mended = Mended()
    mended.lose(1)
    frozen.move_to(at("2026-09-14 22:30").astimezone(UTC))  # it should have been collected by then
    with app.test_request_context():
        found = typed(again_url(mended.chain, legs_of(mended.chain)))
    assert (found["date"], found["de"], found["fin"], found["a"]) == (
        "2026-09-15", "07:00", "2026-09-21", "20:00",
    )  # fmt: skip


def test_the_deadline_of_a_purchase_is_no_hour_of_loading(app, land):
    later = purchases.Later(at("2026-10-08 00:00"))
    purchases.open_purchase(land.asker, land.association.id, a_purchase(later=later))
    with app.test_request_context():
        found = typed(prepare_draft_url(the_draft(), the_draft().grams))
    assert (found["date"], found["de"], found["fin"], found["a"]) == (
        "2026-10-08", "07:00", "2026-10-14", "20:00",
    )  # fmt: skip
