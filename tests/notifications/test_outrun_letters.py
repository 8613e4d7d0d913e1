"""The letter to who asked for a chain, when somebody else changed what it is for."""

from datetime import UTC

import pytest

from app.accounts.queries import load_actor
from app.bookings import service as bookings
from app.supply.gleanings import service as gleanings
from tests.factories import a_member, at
from tests.supply.chains.test_drafts import ORCHARD, ask, call
from tests.supply.chains.test_outrun import SUNDAY, packed
from tests.supply.gleanings.world import a_gleaning
from tests.supply.land import Land

SUBJECT = "À regarder : filière « {} »"


@pytest.fixture
def land(session, frozen):
    frozen.move_to(at("2026-10-05 09:00").astimezone(UTC))
    return Land()


def about_chains(post):
    return [mail for mail in post.run() if mail.subject.startswith("À regarder")]


def test_who_asked_reads_that_somebody_else_put_the_gleaning_off(land, post):
    gleaning = call(land)
    chain = ask(land, 1_500)
    colleague = load_actor(a_member(land.association).id)
    post.run()
    gleanings.change(colleague, gleaning.id, a_gleaning(place=ORCHARD, most_people=9))
    assert about_chains(post) == []  # it still fits
    gleanings.change(colleague, gleaning.id, a_gleaning(place=ORCHARD, **SUNDAY))
    [mail] = about_chains(post)
    assert (mail.to, mail.subject) == (land.treasurer_person.email, SUBJECT.format("Collecte"))
    for told in ("samedi 10 octobre", "dimanche 11 octobre", f"/filieres/{chain.bundle.ref}", "Déplacez"):
        assert told in mail.text, told


def test_who_changed_it_themselves_reads_nothing(land, post):
    gleaning = call(land)
    ask(land, 1_500)
    gleanings.change(land.asker, gleaning.id, a_gleaning(place=ORCHARD, **SUNDAY))
    assert about_chains(post) == []


def test_what_was_mended_before_the_letter_left_is_not_told(land, post):
    gleaning = call(land)
    chain = ask(land, 1_500)
    colleague = load_actor(a_member(land.association).id)
    gleanings.change(colleague, gleaning.id, a_gleaning(place=ORCHARD, **SUNDAY))
    bookings.cancel_bundle(chain.bundle_id, land.asker, "Reporté")
    assert about_chains(post) == []


def test_who_asked_reads_that_the_place_to_pack_was_lost(land, post):
    _purchase, packing = packed(land)
    post.run()
    bookings.cancel(packing.id, land.manager, "Travaux")
    [mail] = about_chains(post)
    assert (mail.to, mail.subject) == (land.treasurer_person.email, SUBJECT.format("Farine"))
    assert "n’est plus gardé" in mail.text
