"""A small world whose letters are worth reading, and the mail that leaves it."""

import re
from dataclasses import dataclass
from email import message_from_bytes
from email.policy import default
from typing import Any

import pytest

from app.accounts.models import Role
from app.bookings import service
from app.core import ids
from app.core.policy import Actor
from app.infra import jobs
from tests.factories import (
    a_coordinator,
    a_manager,
    a_member,
    a_person,
    a_resource,
    a_site,
    a_territory,
    an_organisation,
    span,
)  # fmt: skip

REF = "K7M2PQ4X"
JEANNE, SOPHIE, KARIM, NADIA = (
    "jeanne@glaneurs.example",
    "sophie@blain.example",
    "karim@blain.example",
    "nadia@pat.example",
)
_SECRET = re.compile(r"(?<=/)[A-Za-z0-9_-]{43}(?![A-Za-z0-9_-])")


@dataclass
class Mail:
    """One e-mail as it left, secrets of links blotted out; `secret` is the first of them."""

    to: str
    subject: str
    text: str
    html: str
    headers: dict[str, str]
    secret: str | None

    def __str__(self) -> str:
        return f"To: {self.to}\nSubject: {self.subject}\n\n{self.text}"


def read(raw: bytes) -> Mail:
    letter = message_from_bytes(raw, policy=default)
    parts = [letter.get_body((kind,)) for kind in ("plain", "html")]
    text, html = (str(part.get_content()).replace("\r\n", "\n") if part else "" for part in parts)
    found = _SECRET.search(text)
    return Mail(
        str(letter["To"]),
        str(letter["Subject"]),
        _SECRET.sub("SECRET", text),
        _SECRET.sub("SECRET", html),
        {name: str(value) for name, value in letter.items()},
        found.group() if found else None,
    )


class Post:
    """Runs the queue and hands over what left since the last time."""

    def __init__(self, app):
        self.app, self.folder = app, app.config["MUTUALIM"].mail_dir
        self.empty()

    def empty(self):
        for path in self.folder.glob("*.eml") if self.folder.is_dir() else ():
            path.unlink()

    def run(self) -> list[Mail]:
        """Do the due jobs; give the e-mails in order of their recipients."""
        jobs.run_due(self.app)
        found = (
            [read(path.read_bytes()) for path in self.folder.glob("*.eml")] if self.folder.is_dir() else []
        )
        self.empty()
        return sorted(found, key=lambda mail: (mail.to, mail.subject))

    def to(self, address: str) -> Mail:
        """Do the due jobs; give the one e-mail to this address."""
        [mail] = [each for each in self.run() if each.to == address]
        return mail

    def recipients(self) -> list[str]:
        return [mail.to for mail in self.run()]


class World:
    """Blain lends its kitchen, Sophie manages it; Jeanne asks for the association that gleans."""

    def __init__(self, locale="fr", *, managed=True, **facts):
        self.locale = locale
        self.territory = a_territory(name="PAT du pays de Blain", slug="blain")
        self.owner = an_organisation(
            self.territory,
            name="Ville de Blain",
            slug="ville-de-blain",
            priority_class="P0",
            phone="02 40 79 00 08",
        )
        self.site = a_site(
            self.owner, hours="Mo-Sa 07:00-22:00; PH off", name="Espace Jean-Moulin", slug="espace-jean-moulin",
            address="12 rue de la Prée", postcode="44130", commune_code="44015", phone="02 40 79 12 34",
            access_notes="Boîte à clés, code 4826B",
        )  # fmt: skip
        kitchen: dict[str, Any] = {"name": "Cuisine de la salle des fêtes", "slug": "cuisine-de-blain"}
        self.kitchen = a_resource(self.site, **(kitchen | {"buffer_after": 45} | facts))
        self.glaneurs = an_organisation(self.territory, name="Les Glaneurs du Don", slug="glaneurs")
        self.jeanne = a_member(
            self.glaneurs, name="Jeanne Moreau", email=JEANNE, phone="06 12 34 56 78", locale=locale
        )
        self.nadia = a_coordinator(self.territory, name="Nadia Benali", email=NADIA, locale=locale)
        self.member = Actor(person_id=self.jeanne.id, memberships={self.glaneurs.id: "member"})
        self.coordinator = Actor(person_id=self.nadia.id, coordinated=frozenset({self.territory.id}))
        if managed:
            self.sophie = a_manager(self.site, name="Sophie Le Goff", email=SOPHIE, locale=locale)
            self.manager = Actor(person_id=self.sophie.id, managed_sites=frozenset({self.site.id}))

    def second_manager(self):
        return a_manager(self.site, name="Karim Haddad", email=KARIM, locale=self.locale)

    def administrator(self, organisation, email, **facts):
        return a_member(organisation, role=Role.ORG_ADMIN, email=email, name=email.split("@")[0], **facts)

    def ask(self, start="2026-10-06 08:00", end="2026-10-06 12:00", actor=None, **facts):
        given: dict[str, Any] = {
            "quantity": 1,
            "purpose": "Soupes du marché",
            "people": 8,
            "message": "",
        } | facts
        request = service.Request(self.kitchen.id, self.glaneurs.id, span(start, end), **given)
        return service.ask(request, actor or self.member, uid_host="mutualim.test")

    def neighbour(self):
        """Put another, already accepted booking on the same afternoon."""
        other = an_organisation(self.territory, name="Secours alimentaire", slug="secours")
        person = a_person(email="secours@exemple.org")
        request = service.Request(
            self.kitchen.id, other.id, span("2026-10-06 14:00", "2026-10-06 18:00"), 1, "Repas"
        )
        booking = service.ask(
            request, Actor(person_id=person.id, memberships={other.id: "member"}), uid_host="mutualim.test"
        )
        service.approve(booking.id, self.manager)


@pytest.fixture
def post(app, session) -> Post:
    return Post(app)


@pytest.fixture
def one_ref(monkeypatch):
    """Give the next bookings known references, the first of them `REF`."""
    more = [f"K7M2P{number}Y" for number in range(22, 80)]
    refs = iter([REF, *(f"K7M2PQ{number}Y" for number in range(2, 10)), *more])
    monkeypatch.setattr(ids, "new_ref", lambda: next(refs))
