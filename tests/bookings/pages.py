"""A small territory to browse: a kitchen and a cold room, their manager, an association and its member."""

from typing import Any

from app.accounts.models import Role
from app.bookings import service
from app.bookings.models import Booking
from app.core.policy import Actor
from app.core.span import Span
from tests.factories import a_manager, a_member, a_resource, a_site, a_territory, an_organisation, span

SLOT = {"date": "2026-10-06", "de": "09:00", "a": "12:00"}


class World:
    """Two sides and what they share; `kitchen` may be given other facts."""

    def __init__(self, **facts):
        self.territory = a_territory()
        self.owner = an_organisation(self.territory, priority_class="P0", name="Mairie de Treillières")
        self.site = a_site(
            self.owner,
            hours="Mo-Sa 07:00-22:00; PH off",
            access_notes="Portail bleu, code 4321",
            phone="02 40 12 34 56",
        )
        self.kitchen = a_resource(
            self.site, **{"name": "Cuisine partagée", "house_rules": "Nettoyer"} | facts
        )
        self.association = an_organisation(self.territory, name="Les Glaneurs")
        self.person = a_member(self.association, name="Jeanne Moreau")
        self.boss = a_member(self.association, name="Alix Bernard", role=Role.ORG_ADMIN)
        self.manager_person = a_manager(self.site, name="Anne Le Goff")
        self.member = Actor(
            person_id=self.person.id,
            memberships={self.association.id: "member"},
            acting_for=self.association.id,
        )
        self.manager = Actor(person_id=self.manager_person.id, managed_sites=frozenset({self.site.id}))
        self.slot = span("2026-10-06 09:00", "2026-10-06 12:00")

    def cold_room(self):
        return a_resource(
            self.site, name="Chambre froide", kind="storage", mode="quantity", capacity=24, unit="pallet",
            step_minutes=1440, min_minutes=1440, max_minutes=1440 * 200, opening_mode="always", hours="24/7",
        )  # fmt: skip

    def ask(self, slot: Span | None = None, **facts) -> Booking:
        given: dict[str, Any] = {"purpose": "Soupes", "quantity": 1} | facts
        request = service.Request(self.kitchen.id, self.association.id, slot or self.slot, **given)
        return service.ask(request, self.member, uid_host="mutualim.test")

    def link_of(self, booking: Booking) -> str:
        return service.open_decision_link(booking.id, self.manager_person.id)

    def form(self, **more) -> dict[str, str]:
        return SLOT | {"organisation": str(self.association.id), "purpose": "Soupes", "once": "k" * 20} | more

    @property
    def ask_url(self) -> str:
        return f"/ressources/{self.kitchen.slug}/demander"


def text_of(answer) -> str:
    """Give the body, with its entities for apostrophes read."""
    return answer.get_data(as_text=True).replace("&#39;", "'").replace("&#34;", '"')
