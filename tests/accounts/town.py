"""A small town in which Anna has used everything there is, so that what is kept of her can be looked for."""

from app.accounts import service
from app.accounts.models import Person, Role
from app.bookings import service as bookings
from app.bookings.links import Verdict, decide_by_link
from app.bookings.models import Booking
from app.calendars import service as calendars
from app.calendars.audiences import Scope
from app.calendars.queries import get_subject
from app.catalogue.models import Resource
from app.core.policy import Actor
from tests.accounts.conftest import PASSWORD, acting
from tests.factories import a_manager, a_member, a_resource, a_site, a_territory, an_organisation, span


class Town:
    """Anna is a member who manages a place of her own, talks with Yann, and has used everything there is."""

    def __init__(self, anna: Person) -> None:
        self.anna = anna
        territory = a_territory(name="PAT de Blain")
        self.owner = an_organisation(territory, name="Ville de Blain")
        self.site = a_site(self.owner, name="Espace Jean-Moulin", hours="Mo-Su 07:00-22:00")
        self.kitchen = a_resource(self.site, name="Cuisine")
        self.ours = an_organisation(territory, name="Les Glaneurs")
        self.admin = a_member(
            self.ours, role=Role.ORG_ADMIN, name="Odile Cachée", email="odile@secret.example"
        )
        self.yann = a_manager(
            self.site, name="Yann Caché", email="yann@secret.example", phone="06 99 88 77 66"
        )
        self.own_site = a_site(self.ours, name="Local des glaneurs", hours="Mo-Su 07:00-22:00")
        self.own_room = a_resource(self.own_site, name="Salle")

    def live(self) -> None:
        anna, admin, yann = self.anna, self.admin, acting(self.yann)
        request = service.request_membership(acting(anna), self.ours.slug, "Je glane depuis deux ans")
        service.approve_membership(acting(admin), request.id)
        service.invite(acting(admin), self.ours.slug, email="invitee@secret.example")
        scope = {
            "site_id": self.own_site.id,
            "territory_id": self.own_site.territory_id,
            "owner_id": self.ours.id,
        }
        service.grant_site_manager(acting(admin), person_id=anna.id, **scope)
        self.booking = self.ask(self.kitchen, acting(anna), "Soupes du marché", "Avec des enfants")
        bookings.write_message(self.booking.id, yann, "Les clés sont chez moi")
        bookings.refuse(self.booking.id, yann, "Travaux ce jour-là")
        theirs = self.ask(self.own_room, acting(admin), "Assemblée")
        decide_by_link(bookings.open_decision_link(theirs.id, anna.id), Verdict.REFUSE, "Salle prise")
        calendars.subscribe(acting(anna), get_subject(Scope.RESOURCE, self.kitchen.public_id))
        service.create_token(acting(anna), "Tableur")
        service.ask_link(anna.email)
        service.sign_in(anna.email, PASSWORD, "192.0.2.7")

    def ask(
        self, resource: Resource, actor: Actor, purpose: str, message: str = "", day: str = "2026-10-06"
    ) -> Booking:
        """Ask for three hours of a morning, for the association."""
        slot = span(f"{day} 09:00", f"{day} 12:00")
        wish = bookings.Request(resource.id, self.ours.id, slot, 1, purpose, message=message)
        return bookings.ask(wish, actor, uid_host="mutualim.test")
