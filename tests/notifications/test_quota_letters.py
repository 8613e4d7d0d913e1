"""Letters about quotas that end with the organisation that had them, to whoever answers for the places."""

import pytest

from app.accounts import service as accounts
from app.accounts.queries import load_actor
from app.availability.allotting import Allotment, allot
from app.notifications.quiet import quiet
from tests.factories import a_resource, an_organisation
from tests.notifications.conftest import SOPHIE, World

pytestmark = pytest.mark.usefixtures("session", "frozen")


def test_quotas_that_end_are_told_once_to_who_answers_for_their_place(post):
    world = World("fr", mode="quantity", unit="pallet", capacity=4)
    shelf = a_resource(
        world.site, name="Étagères", slug="etageres", mode="quantity", unit="shelf", capacity=6
    )
    bank = an_organisation(world.territory, name="Banque alimentaire", slug="banque")
    with quiet():
        allot(world.manager, world.kitchen, Allotment({bank.public_id: 2}))
        allot(world.manager, shelf, Allotment({bank.public_id: 3, world.glaneurs.public_id: 2}))
    seen = accounts.affairs_of(bank.id).fingerprint
    accounts.archive_organisation(load_actor(world.nadia.id), "banque", "Fermeture", seen=seen)
    [mail] = [each for each in post.run() if each.to == SOPHIE]
    assert mail.subject == "Parts libérées, Espace Jean-Moulin : Banque alimentaire"
    assert "- Cuisine de la salle des fêtes" in mail.text
    assert "- Étagères" in mail.text
    assert "/ressources/cuisine-de-blain/quotas" in mail.text
