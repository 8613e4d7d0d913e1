"""Food aid carried by a chain: its receiver is authorised on the day of the hand-over, or the coordination allows it."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from app.accounts import queries as accounts
from app.accounts import service as organisations
from app.accounts.food_aid import Basis
from app.accounts.models import LegalNature
from app.accounts.service import AuthorisationFacts
from app.bookings import service as bookings
from app.bookings.bundles import Whole
from app.core.errors import Forbidden, NotFound, ReasonMissing
from app.core.span import Span
from app.infra.audit import history
from app.infra.uow import atomic
from app.supply.authorised import held_by, is_overridden
from app.supply.chains import service
from app.supply.chains.errors import AlreadyAllowed
from app.supply.chains.food_aid import standing_of_receiver
from tests.bookings.pages import text_of
from tests.factories import a_coordinator, a_territory, an_organisation
from tests.supply.chains.valley import Valley

HANDED_OVER = date(2026, 9, 17)


@pytest.fixture
def valley(session, frozen):
    made = Valley()
    with atomic():
        made.association.priority_class = "P1"
    return made


@pytest.fixture
def nadia(valley):
    return a_coordinator(valley.territory, name="Nadia")


def authorise(valley, nadia, last=date(2026, 12, 31)):
    facts = AuthorisationFacts("regional", date(2026, 1, 1), last, "Arrêté 12")
    organisations.enter_authorisation(accounts.load_actor(nadia.id), valley.association.slug, facts)


def test_who_does_food_aid_asks_for_food_aid(valley):
    assert valley.ask_for().for_food_aid
    with atomic():
        valley.association.priority_class = "P2"
    week = timedelta(days=7)
    later = [replace(leg, span=Span(leg.span.start + week, leg.span.end + week)) for leg in valley.plan()]
    chain = valley.ask_for(legs=later, handover_at=None)
    assert not chain.for_food_aid


def test_the_page_warns_until_the_receiver_is_authorised_on_the_day(valley, nadia, browser):
    chain = valley.ask_for()
    path = f"/filieres/{chain.bundle.ref}"
    for person in (valley.person, valley.driver_person, nadia):
        assert "No authorisation for food aid of" in text_of(browser(person).get(path))
    authorise(valley, nadia, last=date(2026, 9, 16))
    assert held_by(valley.association.id, HANDED_OVER).basis == Basis.ENDED
    page = text_of(browser(valley.person).get(path))
    assert "ended on Wednesday 16 September 2026; it is needed on Thursday 17 September 2026" in page
    authorise(valley, nadia)
    assert held_by(valley.association.id, HANDED_OVER).is_good
    assert "food-aid" not in text_of(browser(valley.person).get(path))


def test_the_coordination_allows_it_with_a_reason_and_takes_that_back(valley, nadia):
    chain, coordinator = valley.ask_for(), accounts.load_actor(nadia.id)
    with pytest.raises(Forbidden):
        service.allow_food_aid(chain.id, valley.member, "Moi")
    with pytest.raises(ReasonMissing):
        service.allow_food_aid(chain.id, coordinator, " ")
    service.allow_food_aid(chain.id, coordinator, "Le renouvellement est signé.")
    assert is_overridden(chain, chain.destination.id)
    with pytest.raises(AlreadyAllowed):
        service.allow_food_aid(chain.id, coordinator, "Encore")
    service.take_back_override(chain.id, coordinator)
    assert not is_overridden(chain, chain.destination.id)
    lines = history("bundle", chain.bundle_id)[-2:]
    assert [line.act for line in lines] == ["food_aid_allowed", "food_aid_not_allowed"]
    assert lines[0].facts["reason"] == "Le renouvellement est signé."


def test_the_page_says_who_allowed_it_when_and_why(valley, nadia, browser):
    chain = valley.ask_for()
    path = f"/filieres/{chain.bundle.ref}"
    client = browser(nadia)
    wrong = client.post(f"{path}/aide-alimentaire", data={"reason": ""})
    assert wrong.status_code == 422
    assert "it stays written on the page" in text_of(wrong)
    assert client.post(f"{path}/aide-alimentaire", data={"reason": "Signé hier."}).status_code == 303
    page = text_of(browser(valley.driver_person).get(path))
    for said in (
        "The coordination allows it all the same:",
        "Signé hier.",
        "Nadia, Tuesday 1 September 2026",
    ):
        assert said in page, said
    assert "aide-alimentaire/retirer" not in page
    assert browser(valley.person).post(f"{path}/aide-alimentaire/retirer").status_code == 403
    assert browser(nadia).post(f"{path}/aide-alimentaire/retirer").status_code == 303
    assert "Allow it all the same" in text_of(browser(nadia).get(path))


def test_what_is_allowed_twice_says_who_was_first_and_keeps_the_other_reason(valley, nadia, browser):
    path = f"/filieres/{valley.ask_for().bundle.ref}/aide-alimentaire"
    other = a_coordinator(valley.territory, name="Lucie")
    assert browser(nadia).post(path, data={"reason": "Signé hier."}).status_code == 303
    for who, by in ((nadia, "you"), (other, "Nadia")):
        answer = browser(who).post(path, data={"reason": "Accord oral."})
        assert answer.status_code == 409
        page = text_of(answer)
        for said in (
            f"It was already allowed, by {by}, today",
            "take it back first",
            "Accord oral.",
            "Signé hier.",
        ):
            assert said in page, said


def weeks_later(valley, number):
    later = number * timedelta(days=7)
    return [replace(leg, span=Span(leg.span.start + later, leg.span.end + later)) for leg in valley.plan()]


def test_it_may_be_for_another_organisation_which_is_judged_then(valley):
    ccas = an_organisation(valley.territory, legal_nature=LegalNature.PUBLIC, name="CCAS")
    chain = valley.ask_for(receiver_id=ccas.id, for_food_aid=True)
    standing = standing_of_receiver(chain, Whole.of(chain.bundle, chain.bundle.legs))
    assert (chain.destination, standing and standing.basis) == (ccas, Basis.LAW)
    sold = valley.ask_for(weeks_later(valley, 1), receiver_id=ccas.id, for_food_aid=False, handover_at=None)
    assert standing_of_receiver(sold, Whole.of(sold.bundle, sold.bundle.legs)) is None
    foreign = an_organisation(a_territory())
    with pytest.raises(NotFound):
        valley.ask_for(weeks_later(valley, 2), receiver_id=foreign.id, handover_at=None)


def test_what_is_allowed_is_allowed_to_whom_it_is_for(valley, nadia):
    other = an_organisation(valley.territory)
    chain = valley.ask_for(receiver_id=other.id, for_food_aid=True)
    service.allow_food_aid(chain.id, accounts.load_actor(nadia.id), "Canicule")
    assert [is_overridden(chain, each.id) for each in (other, valley.association)] == [True, False]


def test_who_asked_says_otherwise_whom_it_is_for(valley, nadia, browser):
    chain = valley.ask_for()
    bank = an_organisation(valley.territory, name="Banque alimentaire")
    service.allow_food_aid(chain.id, accounts.load_actor(nadia.id), "Vu avec la DREETS")
    url = f"/filieres/{chain.bundle.ref}/destinataire"
    client = browser(valley.person)
    answer = client.post(url, data={"receiver": bank.public_id, "for_food_aid": "y"})
    assert answer.status_code == 303
    page = text_of(client.get(f"/filieres/{chain.bundle.ref}"))
    for said in (
        "No authorisation for food aid of “Banque alimentaire” is known.",
        "For “Banque alimentaire”, as food aid",
        "The coordination allows it as food aid without an authorisation",
    ):
        assert said in page, said
    assert "Vu avec la DREETS" not in page.split("What happened")[0]  # it was allowed to another
    client.post(url, data={"receiver": ""})
    page = text_of(client.get(f"/filieres/{chain.bundle.ref}"))
    assert "For “Les Glaneurs”, not as food aid" in page
    assert "is known" not in page
    lines = [line.act for line in history("bundle", chain.bundle_id)]
    assert lines[-2:] == ["readdressed", "readdressed"]


def test_a_place_and_a_chain_that_is_given_up_change_nothing(valley, browser):
    chain = valley.ask_for()
    url = f"/filieres/{chain.bundle.ref}/destinataire"
    assert browser(valley.driver_person).post(url, data={"receiver": ""}).status_code == 403
    bookings.cancel_bundle(chain.bundle_id, valley.member, "Plus besoin")
    refused = browser(valley.person).post(url, data={"receiver": ""})
    assert refused.status_code == 409
    assert "This chain is over" in text_of(refused)
