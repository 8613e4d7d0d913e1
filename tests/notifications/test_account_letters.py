"""Letters about accounts and organisations: what leaves, to whom, and word for word what it says."""

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import text

from app.accounts import service
from app.accounts.events import Reader
from app.accounts.models import OneTimeToken, Role
from app.accounts.queries import load_actor, memberships_of
from app.core import clock
from app.infra import jobs
from app.infra.audit import history
from app.infra.db import db
from app.infra.uow import atomic
from app.notifications.letters.letter import message
from app.notifications.letters.settling import SETTLING
from app.notifications.tasks import ACCOUNT_LETTERS
from app.payments import service as payments
from app.web.i18n import speaking
from tests.factories import a_coordinator, a_member, a_person, a_site, a_territory, an_organisation
from tests.notifications.conftest import Mail
from tests.notifications.goldens import same_as_golden

pytestmark = pytest.mark.usefixtures("session", "frozen")

FACTS = {
    "secret": "SECRET",
    "expires_at": "2026-09-02T08:00:00+00:00",
    "at": "2026-09-01T08:00:00+00:00",
    "tz": "Europe/Paris",
    "site": "Pôle nourricier",
    "resources": [["Chambre froide", "chambre-froide"], ["Étagères", "etageres"]],
    "new_email": "jeanne.moreau@glaneurs.example",
    "old_email": "jeannette@exemple.org",
    "organisation": "Les Glaneurs du Don",
    "slug": "glaneurs",
    "role": "member",
    "reason": "Cette structure existe déjà sous le nom « Glaneurs 44 ».",
    "message": "Bonjour, je glane avec vous depuis deux ans.",
    "by": "Karim Haddad",
    "by_email": "karim@glaneurs.example",
    "place": "Espace Jean-Moulin",
    "token_name": "Tableur du bureau",
    "ends_at": "2026-10-01T02:20:00+00:00",
    "start": "2026-09-30T22:00:00+00:00",
    "end": "2026-10-15T22:00:00+00:00",
    "place_zone": "Europe/Paris",
    "organisations": ["Les Glaneurs du Don", "Épicerie du bourg"],
    "places": ["Espace Jean-Moulin"],
    "coordination": True,
    "programme": "Cuisiner ensemble",
    "changes": [
        ["iban", "FR76 … 189", "FR14 … 606"],
        ["holder", "", "Les Glaneurs du Don"],
        ["address", "1 rue du Four\n44130 Blain", "2 rue du Four\n44130 Blain"],
        ["payfip_url", "https://www.payfip.gouv.fr/", ""],
    ],
    "issuer": "Cuisine du Don",
    "last_day": "2026-10-01",
}
BUDGETS = ("budget_asked", "budget_accepted", "budget_declined", "programme_ended")
PASSWORD = "quatre mots posés ensemble"


@pytest.mark.parametrize("locale", ["fr", "en"])
@pytest.mark.parametrize(
    "name",
    sorted({*ACCOUNT_LETTERS} - {*SETTLING, *BUDGETS, "payment_announced"}),
)  # in test_settling_letters, test_programme_letters
def test_what_it_says(session, name, locale):
    to = Reader(1, "jeanne@glaneurs.example", "Jeanne Moreau", locale)
    facts = FACTS | ({"place": "PAT du pays de Blain"} if name.startswith(("coordinator", "left")) else {})
    with speaking(locale):
        mail = message(ACCOUNT_LETTERS[name](to, facts), to.email, locale)
    same_as_golden(locale, name, Mail(mail.to, mail.subject, mail.text, mail.html or "", {}, None))


def sign_up(email="jeanne@glaneurs.example"):
    service.sign_up(email=email, name="Jeanne Moreau", password=PASSWORD, locale="fr")


def test_signing_up_sends_a_link_that_confirms(post, client):
    a_territory()
    sign_up()
    [mail] = post.run()
    assert (mail.to, mail.subject) == ("jeanne@glaneurs.example", "Confirmez votre adresse de courriel")
    assert "mercredi 2 septembre à 10:00" in mail.text
    assert client.get(f"/inscription/confirmer/{mail.secret}").status_code == 200
    service.verify(mail.secret)


def test_a_known_address_gets_another_letter_and_only_one(post):
    person = a_person(name="Jeanne")
    for _ in range(3):
        sign_up(person.email)
    [mail] = post.run()
    assert (mail.to, mail.subject, mail.secret) == (person.email, "Vous avez déjà un compte", None)


def test_links_to_sign_in_and_to_choose_a_password(post, client):
    person = a_person()
    service.ask_link(person.email)
    [mail] = post.run()
    assert client.get(f"/connexion/lien/{mail.secret}").status_code == 200
    service.ask_reset(person.email)
    [mail] = post.run()
    assert client.get(f"/mot-de-passe/nouveau/{mail.secret}").status_code == 200
    service.reset_password(mail.secret, PASSWORD)
    assert [each.subject for each in post.run()] == ["Votre mot de passe a été changé"]


def test_a_link_that_no_longer_works_is_not_sent(post, frozen):
    person = a_person()
    service.ask_link(person.email)
    frozen.tick(hours=1)
    assert post.run() == []
    service.ask_reset(person.email)
    with atomic() as session:
        session.query(OneTimeToken).update({"used_at": clock.now()})
    assert post.run() == []


def test_a_change_of_address_is_asked_at_both_and_told_at_both(post):
    person = a_person(email="ancienne@exemple.org")
    service.ask_email_change(load_actor(person.id), email="nouvelle@exemple.org", password="")
    old, new = sorted(post.run(), key=lambda mail: mail.to)
    assert (old.to, new.to) == ("ancienne@exemple.org", "nouvelle@exemple.org")
    assert person.name not in new.text
    service.confirm_email_change(old.secret)
    service.confirm_email_change(new.secret)
    old, new = sorted(post.run(), key=lambda mail: mail.to)
    assert (old.to, new.to) == ("ancienne@exemple.org", "nouvelle@exemple.org")
    assert "nouvelle@exemple.org" not in old.text


def test_a_change_to_a_taken_address_tells_its_owner_nothing_of_it(post):
    person, owner = a_person(email="a@exemple.org"), a_person(email="b@exemple.org")
    service.ask_email_change(load_actor(person.id), email=owner.email, password="")
    asked, told = post.run()
    assert (asked.to, told.to, told.secret) == ("a@exemple.org", "b@exemple.org", None)


def test_a_proposed_organisation_goes_to_the_coordination_and_back(post):
    territory = a_territory()
    nadia, founder = a_coordinator(territory, email="nadia@pat.example"), a_person()
    facts = service.OrganisationFacts("Les Glaneurs", "association", "nonprofit")
    organisation = service.create_organisation(load_actor(founder.id), territory.id, facts)
    assert post.recipients() == ["nadia@pat.example"]
    service.admit_organisation(load_actor(nadia.id), organisation.slug)
    assert [mail.to for mail in post.run()] == [founder.email]


def test_an_organisation_already_decided_is_not_put_to_anybody(post):
    territory = a_territory()
    nadia, founder = a_coordinator(territory), a_person()
    facts = service.OrganisationFacts("Les Glaneurs", "association", "nonprofit")
    organisation = service.create_organisation(load_actor(founder.id), territory.id, facts)
    service.refuse_organisation(load_actor(nadia.id), organisation.slug, "Doublon")
    [mail] = post.run()
    assert mail.to == founder.email
    assert "> Doublon" in mail.text


def test_joining_and_being_taken_off(post):
    organisation = an_organisation(a_territory())
    admin = a_member(organisation, role=Role.ORG_ADMIN, email="bureau@exemple.org")
    person = a_person()
    membership = service.request_membership(load_actor(person.id), organisation.slug, "Bonjour")
    assert post.recipients() == ["bureau@exemple.org"]
    service.approve_membership(load_actor(admin.id), membership.id)
    assert post.recipients() == [person.email]
    service.end_membership(load_actor(admin.id), membership.id)
    assert post.recipients() == [person.email]


def test_leaving_by_oneself_is_not_told(post):
    organisation = an_organisation(a_territory())
    person = a_member(organisation)
    [membership] = memberships_of(person.id)
    service.end_membership(load_actor(person.id), membership.id)
    assert post.run() == []


def test_an_invitation_reaches_a_stranger_and_opens(post, client):
    organisation = an_organisation(a_territory(), name="Les Glaneurs")
    admin = a_member(organisation, role=Role.ORG_ADMIN)
    service.invite(load_actor(admin.id), organisation.slug, email="voisine@exemple.org")
    [mail] = post.run()
    assert mail.to == "voisine@exemple.org"
    assert client.get(f"/invitation/{mail.secret}").status_code == 200


def test_roles_are_told_with_the_place(post):
    territory = a_territory(name="PAT de Blain")
    nadia, person = a_coordinator(territory), a_person()
    site = a_site(an_organisation(territory), name="Espace Jean-Moulin")
    scope = {"site_id": site.id, "territory_id": territory.id, "person_id": person.id}
    service.grant_site_manager(load_actor(nadia.id), **scope)
    assert [(mail.to, mail.subject) for mail in post.run()] == [
        (person.email, "Vous gérez maintenant « Espace Jean-Moulin »")
    ]
    service.revoke_site_manager(load_actor(nadia.id), **scope)
    assert [mail.subject for mail in post.run()] == ["Vous ne gérez plus « Espace Jean-Moulin »"]


def test_a_new_token_is_told(post):
    person = a_person()
    secret = service.create_token(load_actor(person.id), "Tableur")
    [mail] = post.run()
    assert mail.to == person.email
    assert secret not in mail.text


def test_people_without_access_are_not_written_to(post):
    person = a_person()
    service.ask_link(person.email)
    with atomic():
        person.disabled_at = clock.now()
    assert post.run() == []


def test_the_queue_forgets_the_secrets_of_letters_that_have_left(post, app):
    person = a_person()
    service.ask_link(person.email)
    table, column = ("job", "payload") if _is_sqlite() else ("procrastinate_jobs", "args")
    kept = text(f"SELECT {column} FROM {table}")
    assert "secret" in str(db.session.execute(kept).all())
    db.session.rollback()
    assert jobs.run_due(app) == 1
    assert "secret" not in str(db.session.execute(kept).all())


def _is_sqlite():
    return db.engine.dialect.name == "sqlite"


@pytest.fixture
def payee():
    return an_organisation(a_territory(), name="Cuisine du Don", email="structure@exemple.org")


def test_each_change_of_where_money_goes_is_told_to_the_contact_there_was(post, payee):
    """Whoever took an account over would change the contact first, and the number a day later."""
    admin = a_member(payee, role=Role.ORG_ADMIN, email="rozenn@exemple.org")
    theirs = load_actor(admin.id)
    first = payments.Terms(
        "Cuisine du Don", "", (), iban="FR7630006000011234567890189", contact_email="vrai@exemple.org"
    )

    def told(terms: payments.Terms) -> dict[str, str]:
        payments.say_terms(theirs, payee.id, terms)
        return {mail.to: mail.text for mail in post.run()}

    assert "FR76 … 189" in told(first)["structure@exemple.org"]
    contact = replace(first, contact_email="voleur@exemple.org")
    sent = told(contact)
    assert set(sent) == {"vrai@exemple.org", "structure@exemple.org", "rozenn@exemple.org"}
    assert "voleur@exemple.org" in sent["vrai@exemple.org"]
    number = replace(contact, iban="FR1420041010050500013M02606")
    sent = told(number)
    assert set(sent) == {"voleur@exemple.org", "structure@exemple.org", "rozenn@exemple.org"}
    assert "FR14 … 606" in sent["structure@exemple.org"]
    cheque = replace(
        number, holder="Voleur", address="1 rue du Voleur", payfip_url="https://payfip.gouv.fr/x"
    )
    assert "rue du Voleur" in told(cheque)["structure@exemple.org"]
    assert told(cheque) == {}
    assert told(replace(cheque, note="Sonnez", bic="AGRIFRPP")) == {}
    kept = [(line.act, line.facts["fields"]) for line in history("organisation", payee.id)]
    assert kept == [
        ("iban_changed", ["legal_name", "iban", "contact_email"]),
        ("payee_terms", ["contact_email"]),
        ("iban_changed", ["iban"]),
        ("payee_terms", ["holder", "address", "payfip_url"]),
        ("payee_terms", []),
        ("payee_terms", []),
    ]


def test_another_account_number_is_audited_and_told_to_the_old_contact(post, payee):
    """Also when the contact is changed in the same breath; nobody is sent a whole number."""
    admin = a_member(payee, role=Role.ORG_ADMIN, email="rozenn@exemple.org")
    before, after = "FR7630006000011234567890189", "FR1420041010050500013M02606"
    first = payments.Terms("Cuisine du Don", "", (), iban=before, contact_email="vrai@exemple.org")
    payments.say_terms(load_actor(admin.id), payee.id, first)
    post.run()
    stolen = replace(first, iban=after, contact_email="voleur@exemple.org")
    payments.say_terms(load_actor(admin.id), payee.id, stolen)
    sent = {mail.to: mail.text for mail in post.run()}
    assert set(sent) == {"vrai@exemple.org", "structure@exemple.org", "rozenn@exemple.org"}
    for letter in sent.values():
        for said in ("FR76 … 189", "FR14 … 606", "voleur@exemple.org"):
            assert said in letter
        assert before not in letter.replace(" ", "")
        assert after not in letter.replace(" ", "")
    [_, line] = history("organisation", payee.id)
    assert (line.act, line.actor_id) == ("iban_changed", admin.id)
    assert line.facts["fields"] == ["iban", "contact_email"]
    assert (line.facts["before"], line.facts["after"]) == ("FR76 … 189", "FR14 … 606")


def test_an_authorisation_for_food_aid_goes_to_and_fro(post):
    territory = a_territory()
    nadia = a_coordinator(territory)
    ours = an_organisation(territory, name="L’Épicerie")
    admin = a_member(ours, role=Role.ORG_ADMIN)
    facts = service.AuthorisationFacts("regional", date(2026, 1, 1), date(2026, 9, 20), "Arrêté 12")
    row = service.enter_authorisation(load_actor(admin.id), ours.slug, facts)
    [asked] = post.run()
    assert asked.to == nadia.email
    assert "habilitation à l’aide alimentaire, L’Épicerie" in asked.subject
    service.confirm_authorisation(load_actor(nadia.id), row.id)
    service.remind_authorisations()
    service.remind_authorisations()
    confirmed, ending = post.run()
    assert {confirmed.to, ending.to} == {admin.email}
    assert confirmed.subject.startswith("Confirmée")
    assert "dimanche 20 septembre" in ending.subject
    again = service.enter_authorisation(load_actor(admin.id), ours.slug, facts)
    service.withdraw_authorisation(load_actor(admin.id), again.id)
    assert post.run() == []  # nothing is left to confirm
