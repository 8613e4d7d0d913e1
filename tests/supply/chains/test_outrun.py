"""What a chain is for was changed after it had been asked for: who looks after it is warned, and mends it."""

from datetime import UTC, timedelta

import pytest
from sqlalchemy import select

from app.bookings import service as bookings
from app.bookings.models import Booking
from app.infra.db import db
from app.infra.uow import atomic
from app.supply.cargo import Cargo, Packaging, Regime
from app.supply.chains import service as chains
from app.supply.chains.models import Chain
from app.supply.chains.outrun import Misfit, outrun_from
from app.supply.chains.planning.plan import PlannedLeg, Role
from app.supply.chains.planning.world import Place as Spot
from app.supply.chains.service import Way
from app.supply.gleanings import service as gleanings
from app.supply.offers.rules import Point
from app.supply.offers.service import Place
from app.supply.purchases import service as purchases
from tests.bookings.pages import text_of
from tests.factories import a_member, at, span
from tests.supply.chains.test_drafts import ORCHARD, ask, buy, call, the_draft
from tests.supply.chains.test_prepare_pages import PREPARE, choices, fields, links, links_of_form
from tests.supply.gleanings.world import APPLES, a_gleaning
from tests.supply.land import Land
from tests.supply.offers.world import NORT, TOUCHES
from tests.supply.purchases.world import FLOUR, a_purchase

DAY = timedelta(days=1)
HERE, THERE = "This chain does not fit any more", "A chain that was asked for does not fit any more"
SUNDAY = {"start_at": at("2026-10-11 09:00"), "end_at": at("2026-10-11 12:30")}


@pytest.fixture
def land(session, frozen):
    frozen.move_to(at("2026-10-05 09:00").astimezone(UTC))
    return Land()


def change(land, gleaning, **facts):
    gleanings.change(land.asker, gleaning.id, a_gleaning(**({"place": ORCHARD} | facts)))


def misfits(origin):
    return [list(each.misfits) for each in outrun_from(origin)]


def legs_of(chain):
    rows = select(Booking).filter_by(bundle_id=chain.bundle_id).order_by(Booking.leg_number)
    return db.session.scalars(rows).all()


def ask_as_planned(land, origin_page, client, more=""):
    """Ask for what is proposed first for a draft, on the pages."""
    [prepare] = links(client.get(origin_page), f"{PREPARE}?")
    form = client.get(choices(client.get(prepare + more))[0])
    assert client.post(links_of_form(form), data=fields(form)).status_code == 303
    return db.session.scalars(select(Chain)).one()


# -- a gleaning -----------------------------------------------------------------------------------------------


def test_a_gleaning_on_another_day_warns_on_both_pages_until_the_van_is_moved_there(land, browser):
    gleaning = call(land)
    page = f"/glanages/{gleaning.public_id}"
    client, stranger = browser(land.treasurer_person), browser(a_member(land.owner, name="Marie"))
    chain = ask_as_planned(land, page, client, "&pour=stockage&jour=2026-10-14")
    mine = f"/filieres/{chain.bundle.ref}"
    assert misfits(gleaning.origin) == []
    change(land, gleaning, most_people=9)
    assert THERE not in text_of(client.get(page))  # more people carry no more
    change(land, gleaning, most_people=9, **SUNDAY)
    assert misfits(gleaning.origin) == [[Misfit.TIME]]
    there, here = client.get(page), text_of(client.get(mine))
    for said in (
        THERE,
        "It can be loaded now: Sunday 11 October, 12:30–18:30.",
        "Move its elements on its page",
    ):
        assert said in text_of(there), said
    assert mine in links(there, mine)
    assert HERE in here
    assert "Move its elements, each on its own page" in here
    assert THERE not in text_of(stranger.get(page))
    with atomic():  # each place agrees to a day later
        for leg in legs_of(chain):
            leg.start_at, leg.end_at = leg.start_at + DAY, leg.end_at + DAY
    assert misfits(gleaning.origin) == []
    assert THERE not in text_of(client.get(page))
    assert HERE not in text_of(client.get(mine))


def test_given_up_it_is_prepared_anew_for_what_it_is_now(land, browser):
    gleaning = call(land)
    chain = ask(land, 1_500)
    change(land, gleaning, **SUNDAY)
    assert misfits(gleaning.origin) == [[Misfit.TIME]]
    bookings.cancel_bundle(chain.bundle_id, land.asker, "Le glanage est reporté")
    assert misfits(gleaning.origin) == []
    page = browser(land.treasurer_person).get(f"/glanages/{gleaning.public_id}")
    assert THERE not in text_of(page)
    [prepare] = links(page, f"{PREPARE}?")
    assert "date=2026-10-11" in prepare


def test_a_little_more_time_or_a_little_later_is_not_another_plan(land):
    gleaning = call(land)
    ask(land, 1_500)
    change(land, gleaning, start_at=at("2026-10-10 08:00"))
    change(land, gleaning, end_at=at("2026-10-10 13:00"))
    assert misfits(gleaning.origin) == []
    change(land, gleaning, end_at=at("2026-10-10 15:00"))  # the van leaves as the harvest ends
    assert misfits(gleaning.origin) == [[Misfit.TIME]]


@pytest.mark.parametrize(
    ("facts", "misfit", "said"),
    [
        ({"place": Place(NORT, "Le pré", Point(47.44, -1.5))}, Misfit.FROM, "somewhere else than where it is now: Le pré"),
        ({"place": ORCHARD._replace(point=Point(47.6, -1.5))}, Misfit.FROM, "somewhere else than where it is now: Le verger"),
        ({"cargo": Cargo(APPLES.grams, Packaging.CRATE_60X40, 12_000, Regime.CHILLED)}, Misfit.KEPT, "It is kept as was asked for"),
    ],
)  # fmt: skip
def test_another_place_or_temperature_is_another_chain(land, browser, facts, misfit, said):
    gleaning = call(land)
    page, client = f"/glanages/{gleaning.public_id}", browser(land.treasurer_person)
    chain = ask_as_planned(land, page, client, "&pour=stockage&jour=2026-10-14")
    change(land, gleaning, **facts)
    assert misfits(gleaning.origin) == [[misfit]]
    for address in (page, f"/filieres/{chain.bundle.ref}"):
        assert said in text_of(client.get(address))
        assert "ancel everything" in text_of(client.get(address))
        assert "ove its elements" not in text_of(client.get(address))


# -- a group purchase -----------------------------------------------------------------------------------------


def packed(land):
    """Fetch flour from a mill of the territory to where it is packed on Monday, as is proposed."""
    packing = land.ask(span("2026-10-12 09:00", "2026-10-12 12:00"))
    until = purchases.Later(at("2026-10-08 18:00"), packing.ref)
    purchase = purchases.open_purchase(land.asker, land.association.id, a_purchase(later=until))
    site = packing.resource.site
    way = Way(TOUCHES, Spot(47.5, -1.5), the_draft().from_at, the_draft().until_at, Spot(site.lat, site.lon))
    wanted = chains.ChainRequest(
        organisation_id=land.association.id, product="Farine", cargo=FLOUR, purpose="Farine", way=way,
        legs=[PlannedLeg(Role.COLLECT, land.v1.id, span("2026-10-12 06:00", "2026-10-12 09:00"))],
        handover_at=at("2026-10-12 09:00"), draft_ref=the_draft().public_id,
    )  # fmt: skip
    chains.ask_chain(wanted, land.asker, uid_host="mutualim.test")
    assert misfits(purchase.origin) == []
    return purchase, packing


@pytest.mark.parametrize(
    ("moved", "misfit", "said"),
    [
        (span("2026-10-10 09:00", "2026-10-10 12:00"), Misfit.LATE, "It is brought too late"),
        (span("2026-10-15 09:00", "2026-10-15 12:00"), Misfit.EARLY, "long before anybody expects it"),
    ],
)
def test_where_it_is_packed_is_moved_where_bookings_are_and_its_chain_says_so(
    land, browser, moved, misfit, said
):
    purchase, packing = packed(land)
    bookings.change(packing.id, land.member, moved, packing.quantity)
    assert the_draft().by_at == moved.start
    assert misfit in misfits(purchase.origin)[0]
    client = browser(land.treasurer_person)
    page = client.get(f"/achats-groupes/{purchase.public_id}")
    assert THERE in text_of(page)
    assert said in text_of(page)


def test_a_place_to_pack_that_is_lost_is_said_and_the_draft_goes_nowhere(land, browser):
    purchase, packing = packed(land)
    bookings.cancel(packing.id, land.manager, "Travaux")
    assert (the_draft().to_site_id, the_draft().by_at) == (None, None)
    assert misfits(purchase.origin) == [[Misfit.NOWHERE]]
    page = browser(land.treasurer_person).get(f"/achats-groupes/{purchase.public_id}")
    assert "The place to which it is brought is not kept for it any more." in text_of(page)


def test_more_time_to_order_is_less_to_fetch(land):
    purchase = buy(land)
    ask(land, 240, cargo=FLOUR)
    assert misfits(purchase.origin) == []
    purchases.change(land.asker, purchase.id, purchases.Later(at("2026-10-12 18:00")))
    assert misfits(purchase.origin) == [[Misfit.TIME]]


def test_a_draft_follows_where_it_is_packed_before_anybody_asks(land):
    packing = land.ask(span("2026-10-12 09:00", "2026-10-12 12:00"))
    until = purchases.Later(at("2026-10-08 18:00"), packing.ref)
    purchases.open_purchase(land.asker, land.association.id, a_purchase(later=until))
    bookings.change(packing.id, land.member, span("2026-10-13 10:00", "2026-10-13 12:00"), packing.quantity)
    assert the_draft().until_at == at("2026-10-13 10:00")
    bookings.refuse(packing.id, land.manager, "Travaux")
    assert (the_draft().to_site_id, the_draft().until_at) == (None, at("2026-10-15 18:00"))
