"""One of everything: a small territory with people on all sides, so that every address of the URL map leads somewhere."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from itertools import pairwise
from typing import Any

from flask import Flask
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from app.accounts import queries
from app.accounts import service as accounts
from app.accounts.models import (
    AccessToken,
    Invitation,
    LegalNature,
    Membership,
    MembershipState,
    OrganisationState,
    Person,
    Role,
    RoleGrant,
    TokenPurpose,
)
from app.accounts.rules import RESET_LIFE
from app.accounts.service.links import issue
from app.accounts.service.roles import Scope as Place
from app.availability import closures
from app.availability.allotting import Allotment, allot
from app.availability.closures import Subject
from app.bookings import service as bookings
from app.calendars import queries as calendar_queries
from app.calendars import service as calendars
from app.calendars.audiences import Scope
from app.catalogue import service as catalogue
from app.core import clock
from app.core.ids import hash_secret
from app.core.policy import Actor
from app.core.recurrence import Frequency, Hours
from app.core.recurrence import Rule as RecurrenceRule
from app.infra.db import Base, db
from app.infra.uow import atomic
from app.payments import service as payments
from app.payments.bank.files import Credit
from app.payments.books.postings import Method, Pair
from app.payments.collection import service as collection
from app.payments.deposits import service as deposits
from app.payments.deposits.rules import Occasion
from app.payments.documents import service as documents
from app.payments.documents.models import Document
from app.payments.documents.tasks import make_file
from app.payments.models import BankLine
from app.payments.service import subsidising
from app.payments.settlement import service as settlements
from app.payments.tariffs.tariff import Meter, Tariff, TariffLine, Tier, VatRegime
from app.supply.cargo import Cargo, Packaging, Regime
from app.supply.chains import service as chains
from app.supply.chains.planning.plan import PlannedLeg
from app.supply.chains.planning.plan import Role as Part
from app.supply.gleanings import service as gleanings
from app.supply.lots import service as lots
from app.supply.lots.models import Incident, InspectionLink
from app.supply.needs import service as needs
from app.supply.offers import service as surplus
from app.supply.offers.rules import Point
from app.supply.purchases import service as purchases
from tests.factories import (
    a_coordinator,
    a_manager,
    a_member,
    a_person,
    a_picture,
    a_resource,
    a_site,
    a_territory,
    an_organisation,
    span,
)
from tests.payments.books import owe
from tests.supply.gleanings.world import a_gleaning
from tests.supply.offers.world import an_offer
from tests.supply.purchases.world import a_purchase

ROLES = ("visitor", "member", "manager", "coordinator", "admin")
SECRET = "s" * 40
Values = Mapping[str, Any]


class Neighbourhood:
    """The world; `people` holds one person per role, `stranger` belongs to another territory."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.connection: Any = db._app_engines[app][
            None
        ]  # the `session` fixture's: its outer transaction holds all
        self._places()
        self._people()
        self._money()
        self._surplus()
        self._bookings()
        self._papers()
        self._accounts()
        self._needs(self.actor("member"))
        self._lots()
        self.proofs = {role: self._proofs(role) for role in self.people}
        self.facts = self._facts()
        db.session.commit()

    # -- what there is ----------------------------------------------------------------------------------------

    def _places(self) -> None:
        self.territory = a_territory(communes=["44110", "44113"])
        self.owner = an_organisation(self.territory, name="Mairie", priority_class="P0")
        self.site = a_site(self.owner, hours="Mo-Sa 07:00-22:00; PH off", name="Pôle nourricier")
        self.kitchen = a_resource(self.site, name="Cuisine", mode="stations", capacity=4, unit="station")
        self.store = a_resource(
            self.site, name="Chambre froide", kind="storage", mode="quantity", capacity=24, unit="pallet",
            step_minutes=1440, min_minutes=1440, max_minutes=1440 * 200, opening_mode="always", hours="24/7",
            facts={"regime": "chilled"},
        )  # fmt: skip
        self.ours = an_organisation(self.territory, name="Les Glaneurs")
        self.waiting = an_organisation(self.territory, name="La Nouvelle", state=OrganisationState.PENDING)
        elsewhere = a_territory()
        self.foreign = an_organisation(elsewhere, name="Loin d'ici")
        self.foreign_site = a_site(self.foreign, name="Lieu d'ailleurs", hours="24/7")
        self.foreign_kitchen = a_resource(self.foreign_site, name="Cuisine d'ailleurs")

    def _people(self) -> None:
        self.people: dict[str, Person | None] = {
            "visitor": None,
            "member": a_member(self.ours, name="Jeanne", role="org_admin"),  # type: ignore[arg-type]
            "manager": a_manager(self.site, name="Anne"),
            "coordinator": a_coordinator(self.territory, name="Camille"),
            "admin": a_person(name="Alix", is_platform_admin=True),
            "stranger": a_member(self.foreign, name="Inconnue"),
        }
        self.second = a_coordinator(self.territory, name="Seconde")

    def _money(self) -> None:
        """Reckon with money: a tariff for the kitchen, and a budget that helps to pay it."""
        payments.switch_money(self.actor("coordinator"), self.territory.id, is_on=True)
        tariff = Tariff(
            (TariffLine(Meter.HOUR, 1250, tiers=(Tier(10_000, 1000),)), TariffLine(Meter.KWH, 30)),
            VatRegime.FRANCHISE,
            coefficients_bp={"P1": 4000},
        )
        payments.publish_tariff(self.actor("manager"), self.kitchen.id, tariff, note="Le gaz")
        wanted = payments.NewProgramme(self.territory.id, self.owner.id, "Aide", 4000)
        self.programme = payments.open_programme(wanted)
        year = payments.NewEnvelope(self.programme.id, date(2026, 1, 1), date(2027, 1, 1), 100_000)
        self.envelope = payments.open_envelope(year)
        ours = payments.NewProgramme(self.territory.id, self.ours.id, "Coup de main", 1000)
        self.asked_programme = subsidising.start_programme(self.actor("coordinator"), ours)
        deposits.say_deposit(self.actor("manager"), self.kitchen.id, 50_000, Occasion.FIRST)

    def actor(self, role: str) -> Actor:
        """Load the actor that this person's requests have."""
        person = self.people[role]
        assert person is not None
        return queries.load_actor(person.id)

    def ask(self, asker: Actor, start: str, end: str) -> Any:
        """Ask for the kitchen, in the name of the organisation."""
        slot = span(start, end)
        wish = bookings.Request(self.kitchen.id, self.ours.id, slot, purpose="Soupes", quantity=1)
        return bookings.ask(wish, asker, uid_host="mutualim.test")

    def repeat(self, asker: Actor, rule: RecurrenceRule, **facts: Any) -> Any:
        """Ask for the kitchen again and again, in the mornings, in the name of the organisation."""
        morning = Hours(9 * 60, 12 * 60, "Europe/Paris")
        wanted = bookings.SeriesRequest(self.kitchen.id, self.ours.id, rule, morning, 1, "Soupes", **facts)
        return bookings.ask_series(wanted, asker, uid_host="mutualim.test")

    def fill(self, start: str, end: str) -> Any:
        """Let the manager's side take all of the kitchen."""
        wish = bookings.Request(self.kitchen.id, self.owner.id, span(start, end), purpose="Fête", quantity=4)
        manager = self.actor("manager")
        return bookings.approve(bookings.ask(wish, manager, uid_host="mutualim.test").id, manager)

    def wait(self, who: Actor, start: str, end: str) -> Any:
        """Wait for the kitchen, in the name of the organisation."""
        wanted = bookings.Want(self.kitchen.id, span(start, end), 1, self.ours.id, "Soupes")
        return bookings.join(wanted, who)

    def _bookings(self) -> None:
        member, manager = self.actor("member"), self.actor("manager")
        allot(manager, self.store, Allotment({self.ours.public_id: 6, self.owner.public_id: 4}, lend_days=90))

        self.booking = self.ask(member, "2026-10-06 09:00", "2026-10-06 12:00")
        approved = self.ask(member, "2026-10-07 09:00", "2026-10-07 12:00")
        self.approved = bookings.approve(approved.id, manager)
        bookings.write_message(self.booking.id, member, "Bonjour")
        self.full = self.fill("2026-10-09 09:00", "2026-10-09 12:00")
        self.in_line = self.wait(member, "2026-10-09 09:00", "2026-10-09 12:00")
        holidays = span("2026-12-24 00:00", "2027-01-02 00:00")
        self.closure = closures.close(Subject.of(self.site), holidays, "Congés", manager)
        days, morning = (
            span("2026-10-13 00:00", "2026-10-14 00:00"),
            span("2026-10-13 09:00", "2026-10-13 12:00"),
        )
        legs = bookings.Leg(self.store.id, days), bookings.Leg(self.kitchen.id, morning)
        wanted = bookings.BundleRequest(self.ours.id, legs, "Courgettes")
        self.bundle = bookings.ask_bundle(wanted, member, uid_host="mutualim.test")
        bookings.refuse(self.bundle.legs[1].id, manager, "Travaux")
        self._chains(member, manager)
        tuesdays = RecurrenceRule(Frequency.WEEKLY, date(2027, 1, 12), weekdays=(1,), times=3)
        self.series = bookings.approve_series(self.repeat(member, tuesdays).id, manager)
        manager_person = self.people["manager"]
        assert manager_person is not None
        self.decision = bookings.open_decision_link(self.booking.id, manager_person.id)

    def _surplus(self) -> None:
        """Let the owner sell courgettes, of which we took a part."""
        owner = a_member(self.owner, name="Paul")
        theirs = Actor(memberships={self.owner.id: "treasurer"})
        said = payments.Terms("Ville", "1 place de la Mairie", (), vat_regime=VatRegime.OUT_OF_SCOPE)
        payments.say_terms(theirs, self.owner.id, said)
        self.offer = surplus.post(
            queries.load_actor(owner.id),
            self.owner.id,
            an_offer(price_cents=50),
            photo=surplus.keep_photo(a_picture("green")),
        )
        self.part = surplus.take(
            self.actor("member"), self.offer.id, surplus.Part(self.ours.id, 120_000, "Mardi")
        )
        self._gleanings(queries.load_actor(owner.id))
        self._purchases(queries.load_actor(owner.id))

    def _gleanings(self, owner: Actor) -> None:
        """Let the owner call for gleaners, of whom we are some."""
        self.gleaning = gleanings.call(owner, self.owner.id, a_gleaning())
        gleanings.sign_up(self.actor("member"), self.gleaning.id, 2)

    def _purchases(self, owner: Actor) -> None:
        """Let the owner organise a purchase of which we order."""
        self.purchase = purchases.open_purchase(owner, self.owner.id, a_purchase())
        wanted = purchases.Wanted(self.ours.id, 24_000, "Mardi")
        self.order = purchases.order(self.actor("member"), self.purchase.id, wanted)

    def _needs(self, member: Actor) -> None:
        """Look for a kitchen; the owner says that it can help."""
        around = needs.Around(commune_code="44110", point=Point(47.44, -1.5), radius_km=20)
        kitchen = needs.Place(
            kind="kitchen", first_day=date(2026, 10, 20), start_time="09:00", end_time="12:00"
        )
        self.need = needs.post(
            member, needs.NewNeed(organisation_id=self.ours.id, what=kitchen, around=around)
        )
        helper = queries.load_actor(a_member(self.owner).id)
        needs.help_with(helper, self.need.id, self.owner.id, "La nôtre est libre")

    def _lots(self) -> None:
        """Let ours have courgettes, of which the owner is to sign for some."""
        member = self.actor("member")
        new = lots.NewLot(
            "Courgettes", 120_000, Regime.PRODUCE, clock.now().date(), origin_id=self.owner.id,
            bundle_id=self.chain.bundle.id, resource_id=None,
        )  # fmt: skip
        self.lot = lots.enter(member, self.ours.id, new)
        given = lots.NewNote(self.ours.id, {self.lot.id: 40_000}, self.owner.id, tenths=60)
        self.note = lots.draft(member, given)
        lots.give(member, self.note.id, "Jeanne")
        cheese = lots.NewLot("Fromage", 9_000, Regime.CHILLED, clock.now().date(), origin="Laiterie")
        warm = lots.enter(member, self.ours.id, cheese)
        bad = lots.NewNote(self.ours.id, {warm.id: 4_000}, self.owner.id, tenths=90)
        keeper = self.actor("manager")
        self.reading = lots.read(keeper, self.store.id, 40)
        lots.correct_reading(keeper, self.reading.id, 30, "Mal lu")
        self.inspection = lots.let_in(member, self.ours.id, date(2026, 8, 1), date(2026, 8, 31))
        self.inspection_link = db.session.query(InspectionLink).one()
        self.incident = db.session.query(Incident).filter_by(handover_id=lots.draft(member, bad).id).one()

    def _chains(self, member: Actor, manager: Actor) -> None:
        """Ask for what carries something; one of its legs was accepted, one refused."""
        planned = (
            PlannedLeg(Part.STORE, self.store.id, span("2026-10-15 00:00", "2026-10-16 00:00")),
            PlannedLeg(Part.PROCESS, self.kitchen.id, span("2026-10-15 09:00", "2026-10-15 12:00")),
        )
        cargo = Cargo(self.part.grams, Packaging.CRATE_60X40, 12_000)
        wanted = chains.ChainRequest(
            organisation_id=self.ours.id,
            cargo=cargo,
            legs=planned,
            product="courgettes",
            from_place="Nozay",
            purpose="400 kg de courgettes",
            claim_ref=self.part.public_id,
        )
        self.chain = chains.ask_chain(wanted, member, uid_host="mutualim.test")
        store, kitchen = self.chain.bundle.legs
        bookings.approve(store.id, manager)
        bookings.refuse(kitchen.id, manager, "Travaux")

    def _accounts(self) -> None:
        """Let the two owe each other something, part of which was paid."""
        member = self.actor("member")
        payments.switch_money(self.actor("coordinator"), self.territory.id, is_on=True)
        owe(self.territory.id, self.ours.id, self.owner.id, 1000)
        back = owe(self.territory.id, self.owner.id, self.ours.id, 500)
        came = payments.Came(200, Method.TRANSFER, clock.now(), "VIR 12", back.id)
        self.came = payments.note_payment(member, Pair(self.owner.id, self.ours.id), came, "noted")
        terms = payments.Terms(
            "Les Glaneurs",
            "1 rue du Test",
            (Method.TRANSFER,),
            siret="44306184100047",
            vat_regime=VatRegime.OUT_OF_SCOPE,
            iban="FR7630006000011234567890189",
        )
        payments.say_terms(member, self.ours.id, terms)
        self._documents(member)
        payments.take_in(member, self.ours.id, [Credit(date(2026, 8, 31), 300, "VIR MAIRIE")])
        self.bank_line = db.session.query(BankLine).one()
        said = payments.Said(700, Method.TRANSFER, date(2026, 8, 31), "MUT X")
        self.announced = payments.announce(member, Pair(self.ours.id, self.owner.id), said, "said")
        self._settlement(member)
        self._collection()

    def _settlement(self, member: Actor) -> None:
        """Let three owe each other, and one of them propose to settle."""
        others = [an_organisation(self.territory, name=name) for name in ("La Marmite", "Le Silo")]
        circle = [self.ours.id, *(each.id for each in others), self.ours.id]
        for payer_id, payee_id in pairwise(circle):
            owe(self.territory.id, payer_id, payee_id, 700)
        self.settlement = settlements.propose(member, self.ours.id, "proposed")

    def _collection(self) -> None:
        """Let a public body, whose treasurer manages the place as well, hand over what it is owed; and be owed more."""
        self.public = an_organisation(self.territory, name="Syndicat", legal_nature=LegalNature.PUBLIC)
        manager = self.people["manager"]
        assert manager is not None
        with atomic() as session:
            belonging = {
                "person_id": manager.id,
                "organisation_id": self.public.id,
                "created_at": clock.now(),
            }
            session.add(Membership(**belonging, role=Role.TREASURER, state=MembershipState.ACTIVE))
        owe(self.territory.id, self.owner.id, self.public.id, 900)
        year = date(2026, 1, 1), date(2026, 12, 31)
        self.batch = collection.make_batch(self.actor("manager"), self.public.id, *year)
        owe(self.territory.id, self.owner.id, self.public.id, 400)

    def _documents(self, member: Actor) -> None:
        """Let ours bill what is owed to it, and keep the file."""
        theirs = Actor(memberships={self.owner.id: "treasurer"})
        payments.say_terms(theirs, self.owner.id, payments.Terms("Ville", "1 place de la Mairie", ()))
        documents.accept_mandate(member, self.ours.id)
        self.run = documents.begin_run(member, self.ours.id)
        [document_id] = documents.take_turn(self.run.id) or []
        make_file(document_id)
        self.document = db.session.get_one(Document, document_id)

    def _papers(self) -> None:
        member, manager = self.actor("member"), self.actor("manager")
        joiner = a_person(name="Camille Petit")
        self.request = accounts.request_membership(queries.load_actor(joiner.id), self.ours.slug, "Bonjour")
        self.invitation = accounts.invite(member, self.ours.slug, email="invitee@exemple.org")
        person = self.people["member"]
        assert person is not None
        with atomic():
            self.invitation.token_hash = hash_secret(SECRET)
            self.reset, _ = issue(person, TokenPurpose.RESET, RESET_LIFE)
        kitchen = calendar_queries.get_subject(Scope.RESOURCE, self.kitchen.public_id)
        self.link = calendars.subscribe(member, kitchen)
        scope = Place(self.site.territory_id, self.site.id, self.site.owner_id)
        october = span("2026-10-01 00:00", "2026-10-16 00:00")
        decision = accounts.AuthorisationFacts("regional", date(2026, 1, 1), date(2026, 9, 20), "Arrêté 12")
        self.authorisation = accounts.enter_authorisation(member, self.ours.slug, decision)
        self.delegation = accounts.delegate(manager, scope, self.second.id, october)
        self.photo = catalogue.add_photo(manager, self.site, a_picture("green"), "La façade")

    def _facts(self) -> dict[str, Any]:
        """Note what fills the addresses, as plain values: rows do not outlive the requests."""
        member = self.people["member"]
        assert member is not None
        token = db.session.query(AccessToken).filter_by(person_id=member.id).one()
        grant = db.session.query(RoleGrant).filter_by(person_id=self.second.id).one()
        other = db.session.query(Membership).filter_by(person_id=self.request.person_id).one()
        assert db.session.query(Invitation).count() == 1
        by_prefix = {  # the first that fits counts
            "/structures/<slug>/comptes/titres": self.public.slug,
            "/structures": self.ours.slug,
            "/pat": self.waiting.slug,
            "/lieux": self.site.slug,
            "/ressources/<slug>/releves": self.store.slug,
            "/ressources": self.kitchen.slug,
        }
        return {
            "slug": by_prefix,
            "public_id": {
                "/lieux": self.closure.public_id,
                "/photos": self.photo.public_id,
                "/agendas": self.link.public_id,
                "/pat/dispositifs": self.programme.public_id,
                "/pat/enveloppes": self.envelope.public_id,
                "/paiements": "ABCDEFGHJKMN",  # there is no Stripe here: a page that is not
            },
            "secret": {
                "/agendas": self.link.secret,
                "/invitation": SECRET,
                "/mot-de-passe": self.reset,
                "/": SECRET,
            },
            "delegation": self.delegation.public_id,
            "authorisation_ref": self.authorisation.public_id,
            "bundle_ref": self.bundle.ref,
            "chain_ref": self.chain.bundle.ref,
            "leg_number": 2,  # the one that was refused
            "series_ref": self.series.ref,
            "waiting_ref": self.in_line.ref,
            "ref": {
                "/attente": self.in_line.ref,
                "/series": self.series.ref,
                "/surplus": self.offer.public_id,
                "/besoins": self.need.public_id,
                "/glanages": self.gleaning.public_id,
                "/achats-groupes": self.purchase.public_id,
                "/reservations/<ref>/caution": self.approved.ref,
                "/": self.booking.ref,
            },
            "other": self.owner.slug,
            "payment_ref": self.came.public_id,
            "programme_ref": self.asked_programme.public_id,
            "envelope_ref": self.envelope.public_id,
            "form": "csv",
            "offer_ref": self.offer.public_id,
            "need_ref": self.need.public_id,
            "claim_ref": self.part.public_id,
            "gleaning_ref": self.gleaning.public_id,
            "purchase_ref": self.purchase.public_id,
            "order_ref": self.order.public_id,
            "lot_ref": self.lot.public_id,
            "note_ref": self.note.public_id,
            "reading_id": self.reading.id,
            "incident_ref": self.incident.public_id,
            "batch_ref": self.batch.public_id,
            "announcement_ref": self.announced.public_id,
            "settlement_ref": self.settlement.public_id,
            "line_ref": self.bank_line.public_id,
            "document_ref": self.document.public_id,
            "run_ref": self.run.public_id,
            "link_ref": self.inspection_link.public_id,
            "token": {"/controle": self.inspection, "/": self.decision},
            "membership_id": other.id,
            "invitation_id": self.invitation.id,
            "token_id": token.id,
            "grant_id": grant.id,
            "name": {
                "/api/v1/resources/<name>/readings": self.store.public_id,
                "/api": self.kitchen.public_id,
                "/dev": "20260901T100000000000-abcdef12",
            },
            "what": "lien",
            "digest": {"/photos": self.photo.digest, "/static": "x"},
            "size": "small",
            "path": "logo.svg",
            "foreign": self.foreign.id,
            "foreign_public_id": self.foreign.public_id,
        }

    def wake(self) -> None:
        """Take the rows up again after requests, each of which ends the session."""
        for row in (*vars(self).values(), *self.people.values()):
            if isinstance(row, Base):
                db.session.add(row)

    # -- addresses and requests -------------------------------------------------------------------------------

    def values_of(self, rule: Rule) -> dict[str, Any]:
        """Give what fills a rule's address; a new kind of value must be added to `_facts`."""
        found = {}
        for name in rule.arguments:
            fact = self.facts[name]
            if isinstance(fact, dict):
                fact = next(value for prefix, value in fact.items() if rule.rule.startswith(prefix))
            found[name] = fact
        return found

    def url(self, rule: Rule, **changes: Any) -> str:
        """Write the address of a rule in this world, with some values changed."""
        with self.app.test_request_context():
            adapter = self.app.create_url_adapter(None)
            assert adapter is not None
            return adapter.build(rule.endpoint, {**self.values_of(rule), **changes}, force_external=False)

    def _proofs(self, role: str) -> dict[str, str]:
        """Make what tells who somebody is: a cookie for pages, a token for the API."""
        client, person = self.app.test_client(), self.people[role]
        with client.session_transaction() as session:
            session["locale"] = "en"
            if person is not None:
                session["_user_id"], session["_fresh"] = person.get_id(), True
        cookie = client.get_cookie("mutualim", domain="127.0.0.1")
        assert cookie is not None
        token = (
            {"Authorization": f"Bearer {accounts.create_token(self.actor(role), 'Sweep')}"} if person else {}
        )
        return {"Cookie": f"mutualim={cookie.value}", **token}

    def send(self, role: str, method: str, url: str, **how: Any) -> TestResponse:
        """Send one request as somebody, then undo whatever it wrote."""
        with self.undoing():
            return self.keep(role, method, url, **how)

    def keep(self, role: str, method: str, url: str, **how: Any) -> TestResponse:
        """Send one request as somebody; what it writes stays for the next one."""
        headers = {"Accept-Language": "en", **how.pop("headers", {})}
        known_by = "Authorization" if url.startswith("/api/") else "Cookie"
        headers |= {name: proof for name, proof in self.proofs[role].items() if name == known_by}
        return self.app.test_client(use_cookies=False).open(url, method=method, headers=headers, **how)

    @contextmanager
    def undoing(self) -> Iterator[None]:
        """Undo, at the end, whatever requests wrote meanwhile."""
        db.session.remove()
        savepoint = self.connection.begin_nested()
        try:
            yield
        finally:
            db.session.remove()
            savepoint.rollback()


def rules(app: Flask, method: str) -> list[Rule]:
    """List the rules of the map that take this method, in a steady order."""
    taking = [rule for rule in app.url_map.iter_rules() if method in (rule.methods or ())]
    return sorted(taking, key=lambda rule: (rule.rule, rule.endpoint))
