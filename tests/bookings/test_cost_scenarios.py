"""The acceptance scenarios of shared costs, with their figures, through bookings from the request to the charge."""

from datetime import timedelta

import pytest

from app.accounts.models import Role
from app.accounts.queries import load_actor
from app.bookings import service
from app.core.money import MILLI
from app.infra.db import db
from app.payments import service as payments
from app.payments.books.checking import broken
from app.payments.books.postings import Account
from app.payments.models import ChargeLine, ChargeShare
from app.payments.queries import balances
from app.payments.splits.keys import KeyKind
from tests.bookings.money import Meter, MoneyWorld, PeakHours, TariffLine, When, owed, tariff
from tests.bookings.pages import text_of
from tests.factories import a_member, a_resource, a_site, an_organisation, span
from tests.payments.books import find_charges

pytestmark = pytest.mark.usefixtures("session", "frozen")
WEEKDAYS = frozenset(range(5))
BY_THE_DAY = {"step_minutes": 1440, "min_minutes": 1440, "max_minutes": 1440 * 200, "opening_mode": "always"}
PALLETS = {
    "kind": "storage",
    "mode": "quantity",
    "capacity": 24,
    "unit": "pallet",
    "hours": "24/7",
    **BY_THE_DAY,
}
STATIONS = {"mode": "stations", "capacity": 4, "unit": "station"}


class Chain(MoneyWorld):
    """Places of several owners, asked for together by a producer whose treasurer shares the cost."""

    def __init__(self) -> None:
        super().__init__()
        self.producer = an_organisation(self.territory, name="Productrice")
        self.asker_person = a_member(self.producer, role=Role.ORG_ADMIN)
        self.asker = load_actor(self.asker_person.id)

    def place(self, owner, terms, **facts):
        resource = a_resource(a_site(owner, hours="24/7"), name=facts.pop("name"), **facts)
        self.price(resource, terms)
        return resource

    def ask_for(self, *legs):
        wanted = service.BundleRequest(self.producer.id, legs, "400 kg de courgettes", in_order=True)
        bundle = service.ask_bundle(wanted, self.asker, uid_host="mutualim.test")
        for leg in bundle.legs:
            manager = load_actor(a_member(leg.resource.site.owner, role=Role.ORG_ADMIN).id)
            service.approve(leg.id, manager)
        return bundle.legs

    @staticmethod
    def place_of(leg):
        """Give who manages the place of a leg."""
        return load_actor(a_member(leg.resource.site.owner, role=Role.ORG_ADMIN).id)

    def share_all(self, legs, kind, parts):
        """Let each leg be shared alike; everybody says yes."""
        people = {who: load_actor(a_member_of(who).id) for who in parts}
        for leg in legs:
            asked = service.share_costs(
                leg.id, self.asker, kind, [payments.Part(each.id, n) for each, n in parts.items()]
            )
            for each in parts:
                if each.id in asked:
                    service.answer_costs(leg.id, people[each], each.id, accepts=True)


def a_member_of(organisation):
    return a_member(organisation, role=Role.TREASURER)


def total(*debts):
    found: dict[tuple[str, str], int] = {}
    for debt in debts:
        for pair, cents in debt.items():
            found[pair] = found.get(pair, 0) + cents
    return found


def lines_of(booking):
    charges = [charge.id for charge in find_charges("booking", booking.ref)]
    return [line.cents for line in db.session.query(ChargeLine).filter(ChargeLine.charge_id.in_(charges))]


def borne(booking):
    charges = [charge.id for charge in find_charges("booking", booking.ref)]
    rows = (
        db.session.query(ChargeShare.payer_id, ChargeShare.cents)
        .join(ChargeLine, ChargeLine.id == ChargeShare.line_id)
        .filter(ChargeLine.charge_id.in_(charges))
    )
    return [(payer, cents) for payer, cents in rows]


def by_hour_and_km(hour, km):
    return tariff((Meter.HOUR, hour), (Meter.KM, km))


class Courgettes(Chain):
    """The chain of scenario S12 with the prices of S13: the EPCI's vans and kitchen, shared 20/50/30 by all of them."""

    def __init__(self) -> None:
        super().__init__()
        self.epci, self.helpers = self.owner, an_organisation(self.territory, name="Association")
        self.grocery = an_organisation(self.territory, name="Épicerie sociale")
        v1 = self.place(self.epci, by_hour_and_km(500, 60), name="V1", kind="vehicle")
        s5 = self.place(self.helpers, tariff((Meter.PALLET_DAY, 120)), name="S5", **PALLETS)
        v2 = self.place(self.helpers, by_hour_and_km(400, 50), name="V2", kind="vehicle")
        k1 = self.kitchen_of(self.epci, "K1")
        self.cooking = span("2026-09-16 08:00", "2026-09-16 16:00")
        self.legs = self.ask_for(
            service.Leg(v1.id, span("2026-09-14 13:00", "2026-09-14 15:00")),
            service.Leg(s5.id, span("2026-09-14 00:00", "2026-09-17 00:00"), 2),
            service.Leg(v2.id, span("2026-09-16 06:00", "2026-09-16 07:00")),
            service.Leg(k1.id, self.cooking),
        )
        self.share_all(self.legs, KeyKind.PERCENT, {self.producer: 2000, self.grocery: 5000, self.epci: 3000})

    def kitchen_of(self, owner, name):
        hours = TariffLine(Meter.HOUR, 1200, when=When.PEAK), TariffLine(Meter.HOUR, 800, when=When.OFF_PEAK)
        terms = tariff(peaks=(PeakHours(480, 1200, WEEKDAYS),), lines=hours)
        return self.place(owner, terms, name=name, **STATIONS)

    def charge(self, legs, frozen):
        """Let the vans be measured, all be over and charged; give what each bears."""
        for leg, km in ((legs[0], 42), (legs[2], 20)):
            service.measure_costs(leg.id, self.place_of(leg), {Meter.KM: km * MILLI})
        frozen.move_to(max(leg.end_at for leg in legs) + timedelta(minutes=1))
        assert service.charge_due() == len(legs)
        whole: dict[int, int] = {}
        for leg in legs:
            for payer, cents in borne(leg):
                whole[payer] = whole.get(payer, 0) + cents
        return whole


@pytest.mark.scenario(13)
@pytest.mark.scenario(14)
def test_a_chain_is_charged_by_place_and_shared_by_percent(frozen, browser):
    chain = Courgettes()
    epci, grocery, legs = chain.epci, chain.grocery, chain.legs
    costs = f"/filieres/{legs[0].bundle.ref}/couts"
    assert "€117.20, and what is measured" in text_of(
        browser(chain.asker_person).get(costs, follow_redirects=True)
    )
    whole = chain.charge(legs, frozen)
    assert [sum(lines_of(leg)) for leg in legs] == [3520, 720, 1400, 9600]
    assert sum(sum(lines_of(leg)) for leg in legs) == 15240
    assert whole == {chain.producer.id: 3048, grocery.id: 7620, epci.id: 4572}
    names = {chain.owner.name: "EPCI"}
    debts = {(a, names.get(b, b)): n for (a, b), n in total(*(owed(leg) for leg in legs)).items()}
    assert debts == {
        ("Productrice", "EPCI"): 2624,
        ("Épicerie sociale", "EPCI"): 6560,
        ("Productrice", "Association"): 424,
        ("Épicerie sociale", "Association"): 1060,
        (epci.name, "Association"): 636,
    }, "what the EPCI bears of its own is in kind, and no bill"
    assert balances(epci.id)["EUR", Account.RECEIVABLE] == 2624 + 6560
    page = browser(chain.asker_person).get(f"/demandes/{legs[0].bundle.ref}/couts")
    body = text_of(page)
    assert page.request.path == f"/demandes/{legs[0].bundle.ref}/couts"
    for piece in ("€152.40", "€35.20", "€7.20", "€14.00", "€96.00", "€26.24", "€65.60", "€39.36", "€6.36"):
        assert piece in body, piece
    assert not broken()


@pytest.fixture
def mended():
    """The kitchen of the chain is lost, and another asked for in its place, at the same price."""
    chain = Courgettes()
    lost, other = chain.legs[3], chain.kitchen_of(chain.epci, "K2")
    service.cancel(lost.id, chain.place_of(lost), "Le four est en panne")
    leg = service.replace_leg(
        lost.id, service.Leg(other.id, chain.cooking), chain.asker, uid_host="mutualim.test"
    )
    chain.legs = [*chain.legs[:3], service.approve(leg.id, chain.place_of(leg))]
    return chain


@pytest.mark.scenario(12)
@pytest.mark.scenario(13)
def test_what_replaces_a_kitchen_is_shared_alike_once_each_has_said_yes_to_it(mended, frozen, browser):
    chain, leg = mended, mended.legs[3]
    plan = chain.costs(leg).plan
    assert [(each.organisation_id, each.weight, each.state) for each in plan.parties] == [
        (chain.producer.id, 2000, "accepted"),
        (chain.grocery.id, 5000, "invited"),
        (chain.epci.id, 3000, "invited"),
    ]
    grocer = a_member_of(chain.grocery)
    page = f"/demandes/{leg.bundle.ref}/couts"
    body = text_of(browser(grocer).get(page))
    assert "Its part as things stand: €48.00." in body
    assert "K2: Épicerie sociale has not answered yet: until then, Productrice bears its part." in body
    assert "V1, S5, V2: Épicerie sociale has accepted its part." in body
    for organisation, cents in ((chain.grocery, 4800), (chain.epci, 2880)):
        actor = load_actor(a_member_of(organisation).id)
        service.answer_bundle_costs(leg.bundle_id, actor, organisation.id, accepts=True, seen_cents=cents)
    assert "Épicerie sociale has accepted its part." in text_of(browser(grocer).get(page))
    assert chain.charge(chain.legs, frozen) == {
        chain.producer.id: 3048, chain.grocery.id: 7620, chain.epci.id: 4572,
    }  # fmt: skip


@pytest.mark.scenario(13)
def test_who_has_not_said_yes_to_what_replaces_it_pays_nothing_of_it(mended, frozen):
    chain = mended
    assert chain.charge(chain.legs, frozen) == {
        chain.producer.id: 1128 + 9600, chain.grocery.id: 2820, chain.epci.id: 1692,
    }  # fmt: skip


def test_who_replaces_it_reads_that_the_others_are_asked(browser):
    chain = Courgettes()
    lost, other = chain.legs[3], chain.kitchen_of(chain.epci, "K2")
    service.cancel(lost.id, chain.place_of(lost), "Le four est en panne")
    chosen = {"choix": f"{other.slug}?date=2026-09-16&de=08:00&a=16:00"}
    client = browser(chain.asker_person)
    answer = client.post(f"/reservations/{lost.ref}/remplacer", data=chosen, follow_redirects=True)
    assert "K2 is asked for instead. Whoever is to share what it costs is asked by e-mail" in text_of(answer)


def test_who_had_declined_is_not_asked_to_share_what_replaces_it():
    chain = Courgettes()
    lost = chain.legs[3]
    parts = [payments.Part(who.id, 1) for who in (chain.producer, chain.helpers)]
    service.share_costs(lost.id, chain.asker, KeyKind.EQUAL, parts)
    helper = load_actor(a_member_of(chain.helpers).id)
    service.answer_costs(lost.id, helper, chain.helpers.id, accepts=False)
    service.cancel(lost.id, chain.place_of(lost), "Le four est en panne")
    other = service.Leg(chain.kitchen_of(chain.epci, "K2").id, chain.cooking)
    leg = service.replace_leg(lost.id, other, chain.asker, uid_host="mutualim.test")
    assert [each.state for each in chain.costs(leg).plan.parties] == ["accepted", "declined"]


def test_a_chain_of_four_payees_the_pat_pays_half_of_logistics_only(frozen):
    chain = Chain()
    owners = [an_organisation(chain.territory, name=name) for name in ("a", "b", "c", "d")]
    others = [an_organisation(chain.territory, name=name) for name in ("x", "y")]
    chain.envelope(5000, most_cents=10_000, kinds=("vehicle", "storage", "kitchen"))
    van = chain.place(owners[0], tariff((Meter.KM, 52)), name="Fourgon", kind="vehicle")
    cold = chain.place(owners[1], tariff((Meter.PALLET_DAY, 420)), name="Froid", **PALLETS)
    kitchen = chain.place(owners[2], tariff((Meter.HOUR, 1400)), name="Cuisine", **STATIONS)
    crates = chain.place(owners[3], tariff((Meter.KG, 45)), name="Récolte", kind="equipment")
    legs = chain.ask_for(
        service.Leg(crates.id, span("2026-09-14 08:00", "2026-09-14 10:00")),
        service.Leg(van.id, span("2026-09-14 10:00", "2026-09-14 12:00")),
        service.Leg(cold.id, span("2026-09-14 00:00", "2026-09-17 00:00"), 2),
        service.Leg(kitchen.id, span("2026-09-17 09:00", "2026-09-17 11:30")),
    )
    kg = {chain.producer: 90 * MILLI, others[0]: 60 * MILLI, others[1]: 30 * MILLI}
    chain.share_all(legs, KeyKind.METERED, kg)
    service.measure_costs(legs[0].id, chain.place_of(legs[0]), {Meter.KG: 180 * MILLI})
    service.measure_costs(legs[1].id, chain.place_of(legs[1]), {Meter.KM: 46 * MILLI})
    frozen.move_to(max(leg.end_at for leg in legs) + timedelta(minutes=1))
    assert service.charge_due() == 4
    who = {chain.pat.name: "PAT", "Productrice": "p"}
    assert {(who.get(a, a), b): cents for (a, b), cents in total(*map(owed, legs)).items()} == {
        ("PAT", "a"): 1196, ("p", "a"): 598, ("x", "a"): 399, ("y", "a"): 199,
        ("PAT", "b"): 1260, ("p", "b"): 630, ("x", "b"): 420, ("y", "b"): 210,
        ("PAT", "c"): 1750, ("p", "c"): 875, ("x", "c"): 583, ("y", "c"): 292,
        ("p", "d"): 4050, ("x", "d"): 2700, ("y", "d"): 1350,
    }  # fmt: skip
    assert not broken()


@pytest.mark.scenario(30)
def test_a_year_of_aid_in_kind_is_told_and_not_posted(frozen):
    world = MoneyWorld()
    free = {world.association.priority_class: 0}
    world.price(world.kitchen, tariff((Meter.HOUR, 1200), coefficients_bp=free))
    for day in range(5, 16):
        if day != 11:  # a Sunday
            slot = span(f"2026-10-{day:02d} 08:00", f"2026-10-{day:02d} 20:00")
            booking = service.approve(world.ask(slot).id, world.manager)
    frozen.move_to(booking.end_at + timedelta(minutes=1))
    service.charge_due()
    lines = db.session.query(ChargeLine).all()
    assert (sum(line.in_kind_cents for line in lines), sum(line.cents for line in lines)) == (
        144_000,
        0,
    )


class WithFreeVan(Chain):
    """A van without a price, then work in three kitchens; the cost of the whole may be shared with a grocery."""

    def __init__(self) -> None:
        super().__init__()
        self.grocery = an_organisation(self.territory, name="Épicerie sociale")
        van = a_resource(a_site(self.owner, hours="24/7"), name="V0", kind="vehicle")
        self.driven = span("2026-09-14 13:00", "2026-09-14 15:00")
        cooked = [span(f"2026-09-{day} 16:00", f"2026-09-{day} 18:00") for day in (14, 15, 16)]
        terms = tariff((Meter.HOUR, 1000))
        kitchens = [self.place(self.owner, terms, name=f"K{day}") for day in range(3)]
        cooking = [service.Leg(each.id, when) for each, when in zip(kitchens, cooked, strict=True)]
        self.legs = self.ask_for(service.Leg(van.id, self.driven), *cooking)
        self.bundle = self.legs[0].bundle
        self.other = self.place(self.owner, tariff((Meter.HOUR, 600)), name="V1", kind="vehicle")

    def parts(self, weight=3):
        return [payments.Part(self.producer.id, 1), payments.Part(self.grocery.id, weight)]

    def share_whole(self):
        service.share_bundle_costs(self.bundle.id, self.asker, KeyKind.WEIGHTS, self.parts())

    def answer(self, *, accepts):
        grocer = load_actor(a_member_of(self.grocery).id)
        service.answer_bundle_costs(self.bundle.id, grocer, self.grocery.id, accepts=accepts)

    def lose(self):
        service.cancel(self.legs[0].id, self.place_of(self.legs[0]), "En panne")

    def replace(self):
        wanted = service.Leg(self.other.id, self.driven)
        return service.replace_leg(self.legs[0].id, wanted, self.asker, uid_host="mutualim.test")

    def shared(self, leg):
        rows = self.costs(leg).plan.parties
        return [(each.organisation_id, each.weight, each.state, each.agreed_cents) for each in rows]

    def told(self, browser):
        return text_of(browser(self.asker_person).get(f"/demandes/{self.bundle.ref}"))


def test_what_replaces_an_element_without_a_price_is_shared_as_the_rest_is(browser, frozen):
    chain = WithFreeVan()
    chain.share_whole()
    chain.answer(accepts=True)
    chain.lose()
    seen = "Shared, once each has said yes: Productrice €3.00, Épicerie sociale €9.00"
    assert seen in chain.told(browser)
    leg = chain.replace()
    assert chain.shared(leg) == [
        (chain.producer.id, 1, "accepted", None),
        (chain.grocery.id, 3, "invited", None),
    ]
    chain.answer(accepts=True)
    service.approve(leg.id, chain.place_of(leg))
    frozen.move_to(leg.end_at + timedelta(minutes=1))
    service.charge_due()
    assert sorted(borne(leg)) == sorted([(chain.producer.id, 300), (chain.grocery.id, 900)])


def test_without_a_key_what_replaces_it_falls_on_who_asks(browser):
    chain = WithFreeVan()
    chain.lose()
    assert "Shared, once" not in chain.told(browser)
    assert [each[0] for each in chain.shared(chain.replace())] == [chain.producer.id]


@pytest.mark.parametrize(
    ("weights", "shared"),
    [
        ((3, None, None), None),  # most are not shared
        ((3, 3, None), 3),
        ((9, 3, 3), 3),
        ((9, 3, None), 9),  # as many of each: the first
    ],
)
def test_the_key_of_the_whole_is_that_of_most_of_what_has_a_price(browser, weights, shared):
    chain = WithFreeVan()
    for leg, weight in zip(chain.legs[1:], weights, strict=True):
        if weight:
            service.share_costs(leg.id, chain.asker, KeyKind.WEIGHTS, chain.parts(weight))
    chain.lose()
    assert ("Shared, once" in chain.told(browser)) is bool(shared)
    assert [each[1] for each in chain.shared(chain.replace())[1:]] == ([shared] if shared else [])


def test_who_had_declined_the_rest_is_not_asked(browser):
    chain = WithFreeVan()
    chain.share_whole()
    chain.answer(accepts=False)
    chain.lose()
    assert "Shared, once" not in chain.told(browser)
    assert [each[2] for each in chain.shared(chain.replace())] == ["accepted", "declined"]
