"""Chains that are still to be asked for: what a gleaning or a group purchase will need carried."""

from datetime import UTC, timedelta
from urllib.parse import urlsplit

import pytest
from sqlalchemy import select

from app.accounts.models import Role as AccountRole
from app.accounts.queries import load_actor
from app.bookings.models import Booking
from app.bookings.service import approve_legs, cancel_bundle
from app.infra.db import db
from app.supply.cargo import KILO
from app.supply.chains import service as chains
from app.supply.chains.errors import DraftLost, DraftTooSmall
from app.supply.chains.models import Chain, ChainDraft
from app.supply.chains.planning.plan import PlannedLeg, Role
from app.supply.gleanings import service as gleanings
from app.supply.offers.rules import Point
from app.supply.offers.service import Place
from app.supply.purchases import service as purchases
from tests.bookings.pages import text_of
from tests.factories import a_member, an_organisation, at, span
from tests.helpers import count_queries
from tests.supply.chains.test_prepare_pages import PREPARE, choices, fields, links, links_of_form
from tests.supply.gleanings.world import APPLES, a_gleaning
from tests.supply.land import FARM, Land
from tests.supply.offers.world import TOUCHES, archive
from tests.supply.purchases.world import FLOUR, SHORT, a_purchase

ORCHARD = Place(TOUCHES, "Le verger", Point(*FARM))
LOADED = span("2026-10-10 13:00", "2026-10-10 15:00")


@pytest.fixture
def land(session, frozen):
    frozen.move_to(at("2026-10-05 09:00").astimezone(UTC))
    return Land()


def call(land, **facts):
    return gleanings.call(land.asker, land.association.id, a_gleaning(place=ORCHARD, **facts))


def buy(land, **facts):
    """Open a purchase of flour, whose deadline is Thursday."""
    until = purchases.Later(at("2026-10-08 18:00"))
    return purchases.open_purchase(land.asker, land.association.id, a_purchase(later=until, **facts))


def order(land, purchase, kilos):
    wanted = purchases.Wanted(land.association.id, kilos * KILO)
    return purchases.order(land.asker, purchase.id, wanted)


def drafts():
    return db.session.scalars(select(ChainDraft).execution_options(populate_existing=True)).all()


def the_draft():
    [draft] = drafts()
    return draft


def ask(land, kilos, *, draft=None, cargo=APPLES, van=None, when=LOADED):
    """Ask for a van that fetches so much of a draft."""
    wanted = chains.ChainRequest(
        organisation_id=land.association.id, product="Pommes", cargo=cargo.of(kilos * KILO), purpose="Collecte",
        legs=[PlannedLeg(Role.COLLECT, (van or land.v1).id, when, metres=42_000, trips=2)],
        draft_ref=draft or the_draft().public_id,
    )  # fmt: skip
    return chains.ask_chain(wanted, land.asker, uid_host="mutualim.test")


def owner(land):
    return load_actor(a_member(land.owner, role=AccountRole.ORG_ADMIN).id)


def legs_of(chain):
    return {leg.decision for leg in db.session.scalars(select(Booking).filter_by(bundle_id=chain.bundle_id))}


# -- a gleaning -----------------------------------------------------------------------------------------------


@pytest.mark.scenario(number="S27")
def test_s27_a_gleaning_drafts_a_chain_that_is_asked_for_and_known_on_both_sides(land, browser):
    gleaning = call(land)
    client = browser(land.treasurer_person)
    listed = client.get("/filieres")
    for told in (
        "To be prepared", "1,500 kg, Pommes", "expected", "125 crates of 60 × 40", "4 pallets, 1,787.5 kg with the packaging",
        "Saturday 10 October, 12:30–18:30", "Gleaning: Pommes",
    ):  # fmt: skip
        assert told in text_of(listed), told
    [prepare] = [each for each in links(listed, PREPARE) if "brouillon=" in each]
    assert links(client.get(f"/glanages/{gleaning.public_id}"), f"{PREPARE}?") == [prepare]
    page = client.get(f"{prepare}&pour=stockage&jour=2026-10-14")
    for told in (
        "125 crates of 60 × 40",
        "4 pallets, 1,787.5 kg with the packaging",
        "in all, 2 trips",
        "Drafted for:",
    ):
        assert told in text_of(page), told
    form = client.get(choices(page)[0])
    asked = client.post(links_of_form(form), data=fields(form))
    chain = db.session.scalars(select(Chain)).one()
    assert (asked.status_code, urlsplit(asked.location).path) == (303, f"/filieres/{chain.bundle.ref}")
    assert chain.origin == gleaning.origin
    assert links(client.get(asked.location), "/glanages/") == [f"/glanages/{gleaning.public_id}"]
    shown = client.get(f"/glanages/{gleaning.public_id}")
    assert f"/filieres/{chain.bundle.ref}" in text_of(shown)
    assert links(shown, f"{PREPARE}?") == []
    assert "To be prepared" not in text_of(client.get("/filieres"))


def test_a_draft_is_for_the_members_of_the_organisation(land, browser):
    gleaning = call(land)
    stranger = browser(a_member(land.owner, name="Marie"))
    assert "To be prepared" not in text_of(stranger.get("/filieres"))
    assert links(stranger.get(f"/glanages/{gleaning.public_id}"), f"{PREPARE}?") == []
    page = text_of(stranger.get(f"{PREPARE}?brouillon={the_draft().public_id}"))
    assert "is over or cancelled" in page


def test_a_draft_follows_its_gleaning_and_is_exact_once_it_was_weighed(land, frozen):
    gleaning = call(land)
    assert (the_draft().from_at, the_draft().until_at) == (at("2026-10-10 12:30"), at("2026-10-10 18:30"))
    changed = a_gleaning(place=ORCHARD, cargo=APPLES.of(900 * KILO), end_at=at("2026-10-10 13:00"))
    gleanings.change(land.asker, gleaning.id, changed)
    draft = the_draft()
    assert (draft.grams, draft.from_at, draft.is_exact) == (900 * KILO, at("2026-10-10 13:00"), False)
    frozen.move_to(at("2026-10-10 13:30").astimezone(UTC))
    gleanings.harvest(land.asker, gleaning.id, 960 * KILO)
    draft = the_draft()
    assert (draft.grams, draft.from_at, draft.is_exact) == (960 * KILO, at("2026-10-10 13:00"), True)


def test_what_no_chain_carries_yet_is_still_to_be_asked_for(land, browser, frozen):
    gleaning, client = call(land), browser(land.treasurer_person)
    ask(land, 900)
    assert "600 kg, Pommes" in text_of(client.get("/filieres"))
    assert "Prepare another chain for the rest" in text_of(client.get(f"/glanages/{gleaning.public_id}"))
    with pytest.raises(DraftTooSmall) as refused:
        ask(land, 700, van=land.v2)
    assert refused.value.facts == {"left": 600 * KILO, "grams": 1_500 * KILO}
    frozen.move_to(at("2026-10-10 13:00").astimezone(UTC))
    gleanings.harvest(land.asker, gleaning.id, 900 * KILO)
    assert "To be prepared" not in text_of(client.get("/filieres"))


def test_a_chain_that_is_given_up_leaves_its_draft_to_be_asked_for_again(land, browser):
    call(land)
    chain = ask(land, 1_500)
    client = browser(land.treasurer_person)
    assert "To be prepared" not in text_of(client.get("/filieres"))
    cancel_bundle(chain.bundle_id, land.asker, "Trop tard")
    assert "1,500 kg, Pommes" in text_of(client.get("/filieres"))


def test_cancelling_the_gleaning_ends_its_draft_and_gives_its_chain_up(land):
    gleaning = call(land)
    chain, ref = ask(land, 1_500), the_draft().public_id
    gleanings.cancel(land.asker, gleaning.id, "Il pleut")
    assert drafts() == []
    assert legs_of(chain) == {"cancelled"}
    with pytest.raises(DraftLost):
        ask(land, 100, draft=ref)


def test_a_draft_is_over_when_it_can_be_loaded_no_longer(land, browser, frozen):
    call(land)
    ref = the_draft().public_id
    frozen.move_to(at("2026-10-10 18:30").astimezone(UTC))
    assert "To be prepared" not in text_of(browser(land.treasurer_person).get("/filieres"))
    with pytest.raises(DraftLost):
        ask(land, 100, draft=ref, when=span("2026-10-12 09:00", "2026-10-12 11:00"))
    chains.drop_old_drafts()
    assert drafts() == []


def test_an_archived_organisation_has_nothing_to_ask_for(land, frozen):
    gleaning = call(land)
    call(land, product="Poires")
    buy(land)
    frozen.move_to(at("2026-10-10 13:00").astimezone(UTC))
    gleanings.harvest(land.asker, gleaning.id, 900 * KILO)
    assert len(drafts()) == 3
    archive(land, land.association)
    assert drafts() == []


# -- a group purchase -----------------------------------------------------------------------------------------


def test_a_purchase_drafts_the_minimum_then_what_is_ordered_and_is_exact_once_it_is_confirmed(land, frozen):
    purchase = buy(land)
    assert (the_draft().grams, the_draft().is_exact) == (240 * KILO, False)
    order(land, purchase, 300)
    assert the_draft().grams == 300 * KILO
    frozen.move_to(at("2026-10-08 18:01").astimezone(UTC))
    assert purchases.close_due(SHORT) == 1
    draft = the_draft()
    assert (draft.grams, draft.is_exact) == (300 * KILO, True)
    assert (draft.from_at, draft.until_at) == (at("2026-10-08 18:00"), at("2026-10-15 18:00"))


def test_a_purchase_goes_to_where_it_is_packed_by_the_time_it_is(land, browser):
    packing = land.ask(span("2026-10-12 09:00", "2026-10-12 12:00"))
    until = purchases.Later(at("2026-10-08 18:00"), packing.ref)
    purchases.open_purchase(land.asker, land.association.id, a_purchase(later=until))
    draft = the_draft()
    assert (draft.to_site_id, draft.by_at) == (packing.resource.site_id, at("2026-10-12 09:00"))
    listed = browser(land.treasurer_person).get("/filieres")
    assert packing.resource.site.name in text_of(listed)
    [prepare] = [each for each in links(listed, PREPARE) if "brouillon=" in each]
    for said in ("pour=lieu", "vers=ailleurs", "vers_commune=", "jour=2026-10-12", "heure=09:00"):
        assert said in prepare.replace("%3A", ":"), said


def test_a_supplier_that_is_no_organisation_here_leaves_the_commune_to_be_said(land, browser):
    buy(land)
    assert (the_draft().commune_code, the_draft().place) == ("", "Moulin de la Fosse")
    client = browser(land.treasurer_person)
    listed = client.get("/filieres")
    assert "Moulin de la Fosse (commune still to be said)" in text_of(listed)
    [prepare] = [each for each in links(listed, PREPARE) if "brouillon=" in each]
    assert "&commune=" not in prepare
    said = "Say in which commune it is fetched (“Moulin de la Fosse”)"
    asked = client.get(prepare)
    assert (said in text_of(asked), fields(asked)["kilos"]) == (True, "240")
    assert said not in text_of(client.get(f"{prepare}&commune=44205"))


def test_a_supplier_of_the_territory_gives_its_commune(land):
    an_organisation(land.territory, name="Moulin de la Fosse", commune_code=TOUCHES)
    buy(land)
    assert the_draft().commune_code == TOUCHES


def test_its_chain_is_shown_and_given_up_with_it_everyone_told(land, browser):
    purchase, client = buy(land), browser(land.treasurer_person)
    chain = ask(land, 240, cargo=FLOUR)
    page = f"/achats-groupes/{purchase.public_id}"
    assert f"/filieres/{chain.bundle.ref}" in text_of(client.get(page))
    assert "Group purchase: Farine" in text_of(client.get(f"/filieres/{chain.bundle.ref}"))
    purchases.cancel(land.asker, purchase.id, "Le moulin ferme")
    assert (legs_of(chain), drafts()) == ({"cancelled"}, [])
    assert "Le moulin ferme" in text_of(client.get(f"/filieres/{chain.bundle.ref}"))


def test_under_the_minimum_the_chain_is_released_too(land, frozen):
    purchase = buy(land)
    order(land, purchase, 120)
    chain = ask(land, 240, cargo=FLOUR)
    approve_legs(chain.bundle_id, owner(land))
    assert legs_of(chain) == {"approved"}
    frozen.move_to(at("2026-10-08 18:01").astimezone(UTC))
    assert purchases.close_due(SHORT) == 1
    assert (purchase.state, legs_of(chain), drafts()) == ("cancelled", {"cancelled"}, [])


def test_what_has_begun_goes_on(land, frozen):
    purchase = buy(land)
    order(land, purchase, 240)
    chain = ask(land, 240, cargo=FLOUR)
    approve_legs(chain.bundle_id, owner(land))
    frozen.move_to(at("2026-10-08 18:01").astimezone(UTC))
    purchases.close_due(SHORT)
    frozen.move_to(LOADED.start + timedelta(minutes=5))
    purchases.cancel(land.asker, purchase.id, "Trop cher")
    assert legs_of(chain) == {"approved"}


def test_a_list_of_many_asks_no_more_than_one_of_few(land, browser):
    client = browser(land.treasurer_person)
    call(land)
    client.get("/filieres")
    with count_queries() as few:
        client.get("/filieres")
    for number in range(5):
        call(land, product=f"Pommes {number}")
    with count_queries() as many:
        client.get("/filieres")
    assert len(many) <= len(few)
