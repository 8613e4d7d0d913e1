"""No page asks the database more often because there is more to show.

Every page of the URL map is opened in a small neighbourhood and in the same one grown by several of everything: sites,
resources, photos, bookings, messages, closures, people, requests, invitations, links. The statements are counted.
"""

from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask

from app.accounts import queries
from app.accounts import service as accounts
from app.accounts.models import (
    Grant,
    Membership,
    MembershipState,
    Organisation,
    OrganisationState,
    Role,
    RoleGrant,
)
from app.accounts.service.roles import Scope as Place
from app.availability import closures
from app.availability.closures import Subject
from app.bookings import service as bookings
from app.bookings.occurrences import Elsewhere
from app.calendars import queries as calendar_queries
from app.calendars import service as calendars
from app.calendars.audiences import Scope
from app.catalogue import service as catalogue
from app.core import clock
from app.core.policy import Actor
from app.core.recurrence import Frequency
from app.core.recurrence import Rule as Recurrence
from app.infra.db import db
from app.payments import service as payments
from app.payments.bank.files import Credit
from app.payments.books.postings import Method, Pair
from app.payments.documents import service as documents
from app.supply.cargo import Regime
from app.supply.gleanings import service as gleanings
from app.supply.lots import service as lots
from app.supply.needs import service as needs
from app.supply.offers import service as surplus
from app.supply.offers.rules import Point
from app.supply.purchases import service as purchases
from tests.factories import _save, a_member, a_person, a_picture, a_resource, a_site, an_organisation, span
from tests.helpers import count_queries
from tests.house.neighbourhood import Neighbourhood, rules
from tests.payments.books import owe
from tests.supply.gleanings.world import a_gleaning
from tests.supply.offers.world import an_offer
from tests.supply.purchases.world import a_purchase

# More than any page needs today; a page that comes near it should be looked at.
# The inbox: requests, messages, the days around, what they rival with, series, proposals, what was decided, what to
# measure, deposits, what they cost.
MOST = 23
MORE = {  # by how an address begins
    "/compte/mes-donnees": 47,  # one statement per table that knows a person
    "/a-traiter": 30,  # how many wait in all, which of them are chains and what does not fit in these, and the incidents that are open
    "/moi": 30,  # what waits of every room: notes, those that an incident holds up, incidents, chains whose part is not given any more; which places one has are too warm
    "/demandes/": 28,  # whom it concerns beside who asked; how what replaces a lost element is shared: the plan of that, its parties and programmes
    "/api/v1/chains/": 29,  # what fits in the place of a lost leg: its ways, prices and terms, and whether it is free
    "/filieres/": 50,  # a leg to be replaced: what fits, its ways and prices; whether the others fit; the part and its offer; food aid; lots, notes and what holds them up
}
VARIANTS = (
    "/ressources?type=kitchen",
    "/ressources?vue=carte",
    "/ressources?lieu=Nort-sur-Erdre&km=20",
    "/ressources?date=2026-10-08&de=09:00&a=12:00",
    "/gerer?vue=archives",
    "/planning?date=2026-10-07",
    "/planning?date=2026-10-07&vue=semaine",
    "/filieres/preparer?produit=Courgettes&kilos=40&commune=Nort-sur-Erdre%20(44390)&date=2026-10-06&fin=2026-10-07&pour=stockage",
)


class Growth:
    """Adds some of everything to a neighbourhood; what its pages list must be among it."""

    def __init__(self, world: Neighbourhood) -> None:
        self.world = world
        self.days = (date(2026, 10, 12) + timedelta(days=number) for number in range(60))

    def add(self, number: int) -> None:
        self.world.wake()
        for _time in range(number):
            self._organisation()
            self._site()
            self._bookings(self._open_day())
            self._people()
        db.session.commit()

    def _open_day(self) -> date:
        return next(
            day
            for day in self.days
            if day.weekday() < 5 and not date(2026, 10, 30) < day < date(2026, 11, 12)
        )

    def _organisation(self) -> None:
        world, person = self.world, self.world.people["member"]
        assert person is not None
        an_organisation(world.territory, state=OrganisationState.PENDING)
        joined = an_organisation(world.territory)
        self._offers(joined.id)
        self._authorisations(joined.slug)
        self._needs(joined.id)
        belonging = {"person_id": person.id, "organisation_id": joined.id, "created_at": clock.now()}
        _save(Membership(**belonging, role=Role.MEMBER, state=MembershipState.ACTIVE))
        self._accounts(joined.id)

    def _needs(self, other_id: int) -> None:
        """Let both look for something, and the one who joined help."""
        world, member = self.world, self.world.actor("member")
        other = queries.load_actor(a_member(db.session.get_one(Organisation, other_id)).id)
        around = needs.Around(commune_code="44110", point=Point(47.44, -1.5), radius_km=20)
        kitchen = needs.Place(kind="kitchen", first_day=date(2026, 10, 20))
        for actor, number in ((member, world.ours.id), (other, other_id)):
            needs.post(actor, needs.NewNeed(organisation_id=number, what=kitchen, around=around))
        needs.help_with(other, world.need.id, other_id, "Nous")

    def _authorisations(self, slug: str) -> None:
        """Let both say that they are authorised for food aid."""
        decision = accounts.AuthorisationFacts("regional", date(2026, 1, 1), date(2026, 9, 20), "Arrêté 12")
        coordinator = self.world.actor("coordinator")
        for each in (slug, self.world.ours.slug):
            accounts.enter_authorisation(coordinator, each, decision)

    def _offers(self, other_id: int) -> None:
        """Let the one who joined offer something of which we take a part, and we too; the same with gleanings and purchases."""
        world, member = self.world, self.world.actor("member")
        other = queries.load_actor(a_member(db.session.get_one(Organisation, other_id)).id)
        theirs = surplus.post(other, other_id, an_offer(product=f"Salades {other_id}"))
        surplus.take(member, theirs.id, surplus.Part(world.ours.id, 1000))
        surplus.take(other, world.offer.id, surplus.Part(other_id, 1000))
        surplus.post(member, world.ours.id, an_offer())
        self._lots(other_id)
        gleanings.sign_up(member, gleanings.call(other, other_id, a_gleaning()).id, 1)
        gleanings.sign_up(other, world.gleaning.id, 1)
        gleanings.call(member, world.ours.id, a_gleaning())
        bought = purchases.open_purchase(other, other_id, a_purchase())
        purchases.order(member, bought.id, purchases.Wanted(world.ours.id, 12_000))
        purchases.order(other, world.purchase.id, purchases.Wanted(other_id, 12_000))
        purchases.open_purchase(member, world.ours.id, a_purchase())

    def _lots(self, other_id: int) -> None:
        """Let ours have one more lot, and hand some of it and of the one it always had over to the one who joined."""
        world, member = self.world, self.world.actor("member")
        new = lots.NewLot(
            f"Salades {other_id}",
            9_000,
            Regime.PRODUCE,
            clock.now().date(),
            origin="Verger",
            bundle_id=world.chain.bundle.id,
        )
        lot = lots.enter(member, world.ours.id, new)
        given = lots.NewNote(world.ours.id, {lot.id: 5_000, world.lot.id: 1_000}, other_id)
        lots.give(member, lots.draft(member, given).id, "Jeanne")
        keeper = world.actor("manager")
        lots.correct_reading(keeper, lots.read(keeper, world.store.id, 40).id, 30, "Mal lu")
        soup = lots.NewLot("Soupe", 500, Regime.CHILLED, clock.now().date(), origin_id=world.ours.id)
        lots.make(member, world.ours.id, soup, {world.lot.id: 500})

    def _accounts(self, other_id: int) -> None:
        """Let our organisation owe and be owed more: by the one it always had to do with, and by another one."""
        world, member = self.world, self.world.actor("member")
        ours, owner, territory = world.ours.id, world.owner.id, world.territory.id
        for payer, payee in ((ours, owner), (owner, ours), (ours, other_id), (other_id, ours)):
            owe(territory, payer, payee, 1000)
        came = payments.Came(300, Method.CHEQUE, clock.now())
        payments.note_payment(member, Pair(owner, ours), came, f"noted-{other_id}")
        payments.take_in(member, ours, [Credit(date(2026, 9, 1), 1000, f"VIR {other_id}")])
        theirs = Actor(memberships={other_id: "treasurer"})
        payments.say_terms(theirs, other_id, payments.Terms("Autre", "1 rue du Lavoir", ()))
        documents.issue(ours, other_id)

    def _site(self) -> None:
        world, person = self.world, self.world.people["manager"]
        assert person is not None
        site = a_site(world.owner, hours="Mo-Sa 07:00-22:00; PH off")
        _save(
            RoleGrant(person_id=person.id, role=Grant.SITE_MANAGER, site_id=site.id, created_at=clock.now())
        )
        manager = world.actor("manager")
        for resource in (a_resource(site), a_resource(world.site)):
            catalogue.add_photo(manager, resource, a_picture("teal"), "Le plan de travail")
            subject = calendar_queries.get_subject(Scope.RESOURCE, resource.public_id)
            calendars.subscribe(world.actor("member"), subject)
            calendars.subscribe(manager, subject)
        catalogue.add_photo(manager, world.site, a_picture("olive"), "La cour")
        closed = span("2027-02-01 00:00", "2027-02-03 00:00")
        closures.close(Subject.of(resource), closed, "Travaux", manager)

    def _bookings(self, day: date) -> None:
        world = self.world
        member, manager = world.actor("member"), world.actor("manager")
        world.ask(member, f"{day} 08:00", f"{day} 10:00")
        approved = world.ask(member, f"{day} 11:00", f"{day} 13:00")
        bookings.approve(approved.id, manager)
        refused = world.ask(member, f"{day} 14:00", f"{day} 16:00")
        bookings.refuse(refused.id, manager, "Travaux")
        bookings.write_message(world.booking.id, member, "Encore un mot")
        proposed = world.ask(member, f"{day} 16:00", f"{day} 17:00")
        instead = bookings.Offer(
            world.kitchen.id, span(f"{day} 18:00", f"{day} 19:00"), 1, "Plutôt le soir ?"
        )
        bookings.propose(proposed.id, manager, instead)
        world.fill(f"{day} 20:00", f"{day} 21:00")
        world.wait(member, f"{day} 20:00", f"{day} 21:00")

    def _people(self) -> None:
        world, member = self.world, self.world.actor("member")
        asking, joining, coordinating = a_person(), a_person(), a_person()
        accounts.request_membership(queries.load_actor(asking.id), world.ours.slug, "Bonjour")
        accounts.add_member(member, world.ours.slug, joining.id)
        accounts.invite(member, world.ours.slug, email=f"invite{joining.id}@exemple.org")
        accounts.create_token(member, "Tableur")
        admin, territory = world.actor("admin"), world.territory.id
        scope = Place(world.site.territory_id, world.site.id, world.site.owner_id)
        october = span("2026-10-01 00:00", "2026-10-16 00:00")
        accounts.delegate(world.actor("manager"), scope, coordinating.id, october)
        accounts.grant_coordinator(admin, territory_id=territory, person_id=coordinating.id)
        accounts.grant_site_manager(
            admin, site_id=world.site.id, territory_id=territory, person_id=coordinating.id
        )


@pytest.fixture
def world(app: Flask, session: Any, frozen: Any) -> Neighbourhood:
    return Neighbourhood(app)


def statements(world: Neighbourhood, role: str, urls: list[str]) -> dict[str, str]:
    """Open each page twice (the first fills what is remembered between requests); list what the second asks."""
    sent = {}
    for url in urls:
        with world.send(role, "GET", url) as first:
            shows = first.status_code == 200 and first.mimetype in ("text/html", "application/json")
        if shows:
            with count_queries() as counted:
                world.send(role, "GET", url).close()
            sent[url] = str(counted)
    return sent


def most(url: str) -> int:
    return next((number for start, number in MORE.items() if url.startswith(start)), MOST)


def count(told: str) -> int:
    return len(told.split("\n\n")) if told else 0


@pytest.mark.parametrize("role", ["visitor", "member", "manager", "coordinator"])
def test_pages_do_not_ask_more_when_there_is_more(world, role):
    growth = Growth(world)
    growth.add(1)
    urls = [*(world.url(rule) for rule in rules(world.app, "GET")), *VARIANTS]
    before = statements(world, role, urls)
    growth.add(4)
    after = statements(world, role, urls)
    assert before.keys() == after.keys()
    grown = [
        f"{url}: {count(before[url])} statements, then {count(told)}\n{told}"
        for url, told in after.items()
        if count(told) > count(before[url])
    ]
    assert not grown, "\n\n".join(grown)
    assert {url: count(told) for url, told in after.items() if count(told) > most(url)} == {}


def weeks(first: date, number: int) -> list[date]:
    return [first + timedelta(weeks=each) for each in range(number)]


def a_series(world: Neighbourhood, there: int, first: date, number: int) -> str:
    """Ask for so many Tuesdays; every third is at another place."""
    rule = Recurrence(Frequency.WEEKLY, first, weekdays=(1,), times=number)
    away = weeks(first, number)[1::3]
    choices = {day: Elsewhere(there, span(f"{day} 09:00", f"{day} 12:00")) for day in away}
    return str(world.repeat(world.actor("member"), rule, choices=choices).ref)


@pytest.mark.parametrize("role", ["member", "manager", "coordinator"])
def test_a_series_asks_no_more_for_many_dates_than_for_few(world, role):
    world.wake()
    there = a_resource(world.site, mode="stations", capacity=4, unit="station").id
    short, long = (
        a_series(world, there, day, n) for day, n in ((date(2027, 1, 12), 4), (date(2027, 3, 2), 16))
    )
    db.session.commit()
    sent = statements(world, role, [f"/series/{short}", f"/series/{long}"])
    few, many = (count(told) for told in sent.values())
    assert few == many <= MOST, "\n\n".join(sent.values())


def test_the_dates_of_a_series_are_looked_at_together(world):
    """Few dates or many, free or taken, chosen elsewhere or not: the preview reads the same number of times."""
    world.wake()
    there = a_resource(world.site, mode="stations", capacity=4, unit="station")
    first = date(2027, 3, 2)
    for day in weeks(first, 16)[::2]:
        world.fill(f"{day} 09:00", f"{day} 12:00")
    url = f"/ressources/{world.kitchen.slug}/repeter"
    typed = {
        "date": str(first),
        "de": "09:00",
        "a": "12:00",
        "quantite": "1",
        "repete": "weekly",
        "purpose": "x",
    }
    typed |= {"organisation": str(world.ours.id), "envoyer": "voir", "once": "k" * 20}
    slot = span("2027-03-02 09:00", "2027-03-02 12:00").epochs
    typed[f"jour-{first}"] = f"{there.slug}@{slot[0]}-{slot[1]}"
    db.session.commit()
    told = []
    for number in (3, 3, 16):  # the first fills what is remembered between requests
        with count_queries() as counted:
            answer = world.send("member", "POST", url, data=typed | {"fois": str(number)})
        assert answer.get_data(as_text=True).count('<fieldset class="field choices" id="f-jour-') == number
        told.append(str(counted))
    assert count(told[1]) == count(told[2]), "\n\n".join(told[1:])


def test_the_lists_really_grow(world):
    """Without rows to list, the counts above would prove nothing."""
    lists = {
        "member": (
            "{ours}/comptes/documents",
            "/moi",
            "/structures",
            "/compte",
            "/compte/agendas",
            "/compte/jetons",
        ),
        "manager": (
            "/a-traiter",
            "/gerer",
            "{site}/gerer",
            "{site}/fermetures",
            "{site}/photos",
            "{site}/delegations",
        ),
        "coordinator": ("/pat", "/pat/demandes", "/pat/roles"),
        "visitor": ("/", "/ressources", "/planning", "{site}"),
    }
    growth = Growth(world)
    growth.add(1)
    site = f"/lieux/{world.facts['slug']['/lieux']}"
    ours = f"/structures/{world.facts['slug']['/structures']}"
    urls = [(role, path.format(site=site, ours=ours)) for role, paths in lists.items() for path in paths]
    small = {pair: len(world.send(pair[0], "GET", pair[1]).get_data()) for pair in urls}
    growth.add(4)
    same = [
        pair for pair, size in small.items() if len(world.send(pair[0], "GET", pair[1]).get_data()) <= size
    ]
    assert same == []
