"""The pages of accounts: ways in, words of refusals, what is kept, what is never told."""

import re
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.accounts import queries, service
from app.accounts.events import (
    EmailChangeAsked,
    InvitationSent,
    PasswordResetAsked,
    PersonSignedUp,
    SignedOutEverywhere,
    SignInLinkAsked,
)
from app.accounts.models import Role
from tests.accounts.conftest import PASSWORD, acting, membership_id
from tests.factories import a_coordinator, a_member, a_person, a_territory, an_organisation
from tests.helpers import HTMX, assert_same_after_swap, count_queries

pytestmark = pytest.mark.usefixtures("session", "frozen")


HERE = {"domain": "127.0.0.1"}


def text(response: TestResponse) -> str:
    return response.get_data(as_text=True)


def without_noise(response: TestResponse) -> str:
    return re.sub(r'(name="csrf_token"[^>]*|value="[^"]*@[^"]*")', "", text(response))


def signed_in(client: FlaskClient) -> bool:
    return client.get("/compte").status_code == 200


@pytest.fixture
def territory():
    return a_territory()


@pytest.fixture
def barn(territory):
    return an_organisation(territory, name="La Grange", slug="la-grange", search_text="la grange")


def _sign_in(client: FlaskClient, **more: Any) -> TestResponse:
    data = {"email": "anna@exemple.org", "password": PASSWORD} | more
    return client.post("/connexion", data=data)


# ---------------------------------------------------------------- coming in


def test_signing_in_goes_on_to_where_one_was(client, anna):
    asked = client.get("/structures/nouvelle")
    assert asked.status_code == 303
    assert asked.location == "/connexion?next=/structures/nouvelle"
    assert 'value="/structures/nouvelle"' in text(client.get(asked.location))
    done = _sign_in(client, next="/structures/nouvelle")
    assert (done.status_code, done.location) == (303, "/structures/nouvelle")
    assert signed_in(client)


@pytest.mark.parametrize(
    "target",
    [
        "https://mal.example",
        "//mal.example",
        "/\\mal.example",
        "/\t/mal.example",
        "javascript:alert(1)",
        "",
        "moi",
    ],
)
def test_signing_in_never_leads_elsewhere(client, anna, target):
    assert _sign_in(client, next=target).location == "/moi"


@pytest.mark.parametrize(
    "typed, status",
    [
        ({"password": "faux mot"}, 422),
        ({"email": "inconnu@exemple.org"}, 422),
        ({"email": ""}, 422),
        ({"password": ""}, 422),
        ({"email": "x" * 300}, 422),
        ({"password": "x" * 5000}, 422),
    ],
)
def test_a_refused_sign_in_keeps_the_form(client, anna, typed, status):
    refused = _sign_in(client, **typed)
    assert refused.status_code == status
    assert 'role="alert"' in text(refused)
    assert 'name="next"' in text(refused)
    assert "brouette" not in text(refused)
    assert not signed_in(client)


def test_known_and_unknown_addresses_are_refused_in_the_same_words(client, anna):
    known, unknown = (
        _sign_in(client, password="faux mot"),
        _sign_in(client, email="qui@exemple.org", password="faux mot"),
    )
    assert known.status_code == unknown.status_code
    assert without_noise(known) == without_noise(unknown)


def test_a_visit_is_prolonged_now_and_then_and_no_other_answer_writes_its_cookie(client, anna, frozen):
    def cookies(url):
        with client.get(url) as answer:
            return [
                cookie for cookie in answer.headers.getlist("Set-Cookie") if cookie.startswith("mutualim=")
            ]

    _sign_in(client)
    assert len(cookies("/compte")) == 1  # the safety of its forms
    assert cookies("/compte") == []
    assert cookies("/static/x/logo.svg") == []
    frozen.tick(hours=2)
    assert len(cookies("/compte")) == 1
    assert cookies("/compte") == []


@pytest.mark.parametrize("url", ["/connexion/lien", "/mot-de-passe/oublie"])
def test_asking_for_a_link_tells_nothing(client, anna, url, heard):
    answers = [client.post(url, data={"email": email}) for email in ("anna@exemple.org", "qui@exemple.org")]
    assert {(each.status_code, each.location, text(each)) for each in answers} == {
        (303, answers[0].location, text(answers[0]))
    }
    assert len(heard) == 1


def test_signing_up_tells_nothing(client, anna, heard):
    answers = [
        client.post("/inscription", data={"name": "Paul", "email": email, "password": PASSWORD})
        for email in ("anna@exemple.org", "paul@exemple.org")
    ]
    assert {(each.status_code, each.location) for each in answers} == {(303, "/courriel-envoye/inscription")}
    assert len(heard) == 2


def test_too_many_tries_are_told_with_the_time_to_wait(client, anna):
    for _ in range(5):
        _sign_in(client, password="faux mot")
    stopped = _sign_in(client)
    assert stopped.status_code == 429
    assert "15 min" in text(stopped)
    assert not signed_in(client)


def test_a_new_session_begins_at_sign_in(client, anna):
    with client.session_transaction() as cookie:
        cookie.update(csrf_token="planted", acting_for=999, locale="en", draft_booking={"purpose": "soupe"})
    _sign_in(client)
    with client.session_transaction() as cookie:
        assert "csrf_token" not in cookie
        assert "acting_for" not in cookie
        assert cookie["locale"] == "en"
        assert cookie["draft_booking"] == {"purpose": "soupe"}
        assert cookie.permanent


def test_signing_out_leaves_nothing(client, anna):
    _sign_in(client, remember="y")
    assert client.get_cookie("remember_token", **HERE)
    done = client.post("/deconnexion")
    assert (done.status_code, done.location) == (303, "/")
    assert not signed_in(client)
    assert client.get_cookie("remember_token", **HERE) is None


def test_remembering_survives_the_session_but_not_a_sign_out_everywhere(client, anna):
    _sign_in(client, remember="y")
    kept = client.get_cookie("remember_token", **HERE)
    client.delete_cookie("mutualim", **HERE)
    assert signed_in(client)
    service.sign_out_everywhere(acting(anna))
    client.delete_cookie("mutualim", **HERE)
    client.set_cookie("remember_token", kept.value, **HERE)
    assert not signed_in(client)


def test_sign_out_everywhere_keeps_this_browser_only(app, client, anna):
    elsewhere = app.test_client()
    _sign_in(client)
    _sign_in(elsewhere)
    assert client.post("/compte/deconnecter-partout").status_code == 303
    assert signed_in(client)
    assert not signed_in(elsewhere)


def test_signing_out_everywhere_leaves_programs_alone_unless_told(client, anna, heard):
    token = service.create_token(acting(anna), "Tableur")
    _sign_in(client)
    account = text(client.get("/compte"))
    assert 'href="/compte/jetons"' in account
    assert 'href="/compte/agendas"' in account
    client.post("/compte/deconnecter-partout")
    assert service.find_token_owner(token) == anna.id
    client.post("/compte/deconnecter-partout", data={"links_too": "1"})
    assert service.find_token_owner(token) is None
    assert [e.links_too for e in heard.of(SignedOutEverywhere)] == [False, True]


@pytest.mark.parametrize("planted", ["", "1", "1.", "x.y", "1.99", "999999.0", "-1.0"])
def test_a_session_that_names_nobody_is_a_visitor(client, anna, planted):
    with client.session_transaction() as cookie:
        cookie["_user_id"] = planted
    assert not signed_in(client)


# ---------------------------------------------------------------- links


def test_links_act_on_post_only(client, anna, heard):
    service.ask_link("anna@exemple.org", next_url="/structures")
    url = f"/connexion/lien/{heard.last(SignInLinkAsked).secret}"
    for _ in range(2):
        assert "Anna Le Bris" in text(client.get(url))
        client.head(url)
    assert not signed_in(client)
    done = client.post(url)
    assert (done.status_code, done.location) == (303, "/structures")
    assert signed_in(client)
    assert client.get(url).status_code == 410
    assert client.post(url).status_code == 410


def test_a_new_account_is_confirmed_and_comes_in(client, heard):
    client.post(
        "/inscription",
        data={"name": "Paul", "email": "paul@exemple.org", "password": PASSWORD, "next": "/moi"},
    )
    url = f"/inscription/confirmer/{heard.last(PersonSignedUp).secret}"
    assert "paul@exemple.org" in text(client.get(url))
    assert client.post(url).location == "/moi"
    assert signed_in(client)


def test_a_reset_page_refuses_weak_words_and_then_comes_in(client, anna, heard):
    client.post("/mot-de-passe/oublie", data={"email": "anna@exemple.org"})
    url = f"/mot-de-passe/nouveau/{heard.last(PasswordResetAsked).secret}"
    refused = client.post(url, data={"password": "motdepasse1"})
    assert refused.status_code == 422
    assert "anna@exemple.org" in text(refused)
    token = service.create_token(acting(anna), "Tableur")
    assert 'name="links_too"' in text(client.get(url))
    assert client.post(url, data={"password": "un nouveau mot long"}).status_code == 303
    assert signed_in(client)
    assert service.find_token_owner(token) is None
    assert client.get(url).status_code == 410


@pytest.mark.parametrize(
    "url",
    [
        "/connexion/lien/rien", "/inscription/confirmer/rien", "/mot-de-passe/nouveau/rien", "/invitation/rien",
        "/compte/courriel/confirmer/rien", "/courriel-envoye/rien", "/structures/rien",
    ],
)  # fmt: skip
def test_what_does_not_exist_says_so(client, url):
    assert client.get(url).status_code == 404


def test_an_address_is_changed_from_two_mailboxes(app, client, anna, login, heard):
    login(client, anna)
    asked = client.post("/compte/courriel", data={"change-email": "a@neuf.org", "change-present": PASSWORD})
    assert asked.status_code == 303
    assert "a@neuf.org" in text(client.get("/compte"))
    event = heard.last(EmailChangeAsked)
    elsewhere = app.test_client()
    for secret in (event.new_secret, event.old_secret):
        url = f"/compte/courriel/confirmer/{secret}"
        assert "a@neuf.org" in text(elsewhere.get(url))
        assert elsewhere.post(url).status_code == 303
    assert queries.get_person(anna.id).email == "a@neuf.org"


# ---------------------------------------------------------------- one's account


@pytest.mark.parametrize(
    "url, data, words",
    [
        ("/compte/profil", {"name": "", "phone": "", "locale": "fr"}, "name-error"),
        ("/compte/profil", {"name": "Anna", "phone": "12", "locale": "fr"}, "phone-error"),
        ("/compte/profil", {"name": "Anna", "phone": "", "locale": "zz"}, "locale-error"),
        ("/compte/mot-de-passe", {"password-present": "faux", "password-password": "un autre mot"}, "password-present-error"),
        ("/compte/mot-de-passe", {"password-present": PASSWORD, "password-password": "court"}, "password-password-error"),
        ("/compte/courriel", {"change-email": "non", "change-present": PASSWORD}, "change-email-error"),
        ("/compte/courriel", {"change-email": "b@c.org", "change-present": "faux"}, "change-present-error"),
        ("/compte/jetons", {"name": ""}, "name-error"),
    ],
)  # fmt: skip
def test_a_refusal_stands_at_its_field(client, anna, login, url, data, words):
    login(client, anna)
    refused = client.post(url, data=data)
    assert refused.status_code == 422
    assert f'id="{words}"' in text(refused)


def test_the_language_of_the_account_counts(client, anna, login):
    login(client, anna)
    assert '<html lang="fr">' in text(client.get("/compte"))
    with client.session_transaction() as cookie:
        cookie["locale"] = "fr"
    client.post("/compte/profil", data={"name": "Anna", "phone": "", "locale": "en"})
    assert '<html lang="en">' in text(client.get("/compte"))
    assert "Anna" in text(client.get("/compte"))


def test_a_new_password_keeps_this_browser(client, anna, login):
    login(client, anna)
    done = client.post(
        "/compte/mot-de-passe",
        data={"password-present": PASSWORD, "password-password": "un nouveau mot long"},
    )
    assert done.status_code == 303
    assert signed_in(client)


def test_a_token_is_shown_once(client, anna, login):
    login(client, anna)
    assert client.post("/compte/jetons", data={"name": "Tableur"}).status_code == 303
    shown = client.get("/compte/jetons")
    secret = re.search(r"mut_[\w-]{40,}", text(shown))
    assert secret
    assert shown.headers["Cache-Control"] == "no-store"
    assert service.find_token_owner(secret.group()) == anna.id
    assert secret.group() not in text(client.get("/compte/jetons"))
    token = queries.access_tokens_of(anna.id)[0]
    assert client.post(f"/compte/jetons/{token.id}/revoquer").status_code == 303
    assert service.find_token_owner(secret.group()) is None


def test_the_tokens_of_others_do_not_exist(client, anna, login):
    service.create_token(acting(anna), "Tableur")
    token = queries.access_tokens_of(anna.id)[0]
    login(client, a_person())
    assert client.post(f"/compte/jetons/{token.id}/revoquer").status_code == 404


def test_one_acts_for_one_of_ones_own_organisations(client, anna, login, territory):
    first, second, foreign = (an_organisation(territory) for _ in range(3))
    for organisation in (first, second):
        service.add_member(acting(a_coordinator(territory)), organisation.slug, anna.id)
    login(client, anna)
    assert f"<small>{first.name}</small>" in text(client.get("/compte"))
    chosen = client.post("/agir-pour", data={"organisation": second.id, "next": "/compte"})
    assert (chosen.status_code, chosen.location) == (303, "/compte")
    assert f"<small>{second.name}</small>" in text(client.get("/compte"))
    for wrong in (foreign.id, "x", ""):
        assert client.post("/agir-pour", data={"organisation": wrong}).status_code == 404
    assert f"<small>{second.name}</small>" in text(client.get("/compte"))


def test_who_asks_is_found_in_two_statements(client, anna, login, barn):
    service.add_member(acting(a_coordinator(barn.territory)), barn.slug, anna.id)
    person_id = anna.id
    with count_queries(at_most=2):
        actor = queries.load_actor(person_id)
    assert actor.acting_for == barn.id
    login(client, anna)
    with count_queries(at_most=6):
        client.get("/compte")


def test_static_files_and_health_look_at_no_session(client, anna, login):
    login(client, anna)
    with count_queries(at_most=0), client.get("/static/x/favicon.svg") as answer:
        assert answer.status_code == 200
    assert "Cookie" not in answer.headers.get("Vary", "")


# ---------------------------------------------------------------- organisations


FORM = {"name": "Les Jardins", "kind": "association", "legal_nature": "nonprofit", "commune": ""}


def test_proposing_an_organisation(client, anna, login, territory):
    login(client, anna)
    form = client.get("/structures/nouvelle")
    assert 'name="priority_class"' not in text(form)
    done = client.post("/structures/nouvelle", data=FORM | {"territory": territory.id})
    assert done.location == "/structures/les-jardins"
    assert "Attend la coordination" in text(client.get(done.location))
    assert client.get("/structures/les-jardins/membres").status_code == 403
    assert queries.get_organisation("les-jardins").state == "pending"


@pytest.mark.parametrize(
    "wrong, field",
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 200}, "name"),
        ({"kind": "nonsense"}, "kind"),
        ({"legal_nature": ""}, "legal_nature"),
        ({"legal_nature": "public"}, "legal_nature"),
        ({"territory": "999999"}, "territory"),
        ({"email": "non"}, "email"),
        ({"phone": "12"}, "phone"),
        ({"commune": "Nulle-Part-sur-Rien"}, "commune"),
        ({"name": "La Grange"}, "name"),
    ],
)
def test_a_proposal_that_cannot_be_is_kept_and_explained(client, anna, login, barn, wrong, field):
    login(client, anna)
    refused = client.post("/structures/nouvelle", data=FORM | {"territory": barn.territory_id} | wrong)
    assert refused.status_code in (409, 422)
    assert 'role="alert"' in text(refused)
    assert field == "territory" or f'id="{field}-error"' in text(refused)


def test_a_priority_class_cannot_be_slipped_in(client, anna, login, territory):
    login(client, anna)
    client.post("/structures/nouvelle", data=FORM | {"territory": territory.id, "priority_class": "P0"})
    assert queries.get_organisation("les-jardins").priority_class == "P2"


def test_editing_by_its_administrator_leaves_law_alone(client, login, barn):
    admin = a_member(barn, role=Role.ORG_ADMIN)
    login(client, admin)
    data = {
        "name": "La Grange aux Recettes",
        "kind": "commune",
        "legal_nature": "public",
        "priority_class": "P0",
    }
    assert client.post("/structures/la-grange/modifier", data=data).status_code == 303
    edited = queries.get_organisation("la-grange")
    assert (edited.name, edited.kind, edited.legal_nature, edited.priority_class) == (
        "La Grange aux Recettes", "association", "nonprofit", "P2",
    )  # fmt: skip


def test_a_visitor_reads_facts_but_no_contact(client, barn, anna, login):
    service.edit_organisation(
        acting(a_coordinator(barn.territory)),
        barn.slug,
        service.OrganisationFacts("La Grange", "association", "nonprofit", phone="0240556677"),
    )
    member = a_member(barn)
    assert "02 40 55 66 77" not in text(client.get("/structures/la-grange"))
    login(client, anna)
    page = text(client.get("/structures/la-grange"))
    assert "02 40 55 66 77" in page
    assert member.name not in page


def test_a_waiting_organisation_is_no_public_page(client, anna, login, territory):
    service.create_organisation(
        acting(a_person()), territory.id, service.OrganisationFacts("Secrète", "association", "nonprofit")
    )
    assert client.get("/structures/secrete").status_code == 303  # to sign in
    login(client, anna)
    assert client.get("/structures/secrete").status_code == 403
    assert "Secrète" not in text(client.get("/structures"))


def test_the_directory_swaps_as_it_reloads(client, barn):
    assert_same_after_swap(client, "/structures?q=grange", "directory")
    assert client.get("/structures?page=0").status_code == 200
    assert client.get("/structures?page=abc").status_code == 200


# ---------------------------------------------------------------- members and admissions


def test_a_request_is_sent_once_and_withdrawn(client, anna, login, barn):
    login(client, anna)
    url = "/structures/la-grange/demander"
    assert client.post(url, data={"message": "Bonjour"}).status_code == 303
    assert client.post(url, data={"message": "Bonjour"}).status_code == 303
    page = text(client.get("/structures/la-grange"))
    assert "Votre demande attend une réponse" in page
    request = membership_id(anna, barn)
    assert client.post(f"/compte/demandes/{request}/retirer").status_code == 303
    assert "Demander à rejoindre" in text(client.get("/structures/la-grange"))


@pytest.fixture
def asked(anna, barn):
    return service.request_membership(acting(anna), barn.slug, "Bonjour").id


@pytest.mark.parametrize("back", ["/pat/demandes", "/structures/la-grange/membres"])
def test_decisions_swap_as_they_reload(client, login, barn, asked, back):
    login(client, a_coordinator(barn.territory))
    target = "admissions" if back.startswith("/pat") else "requests"
    assert_same_after_swap(client, back, target)
    url = f"/structures/la-grange/membres/{asked}"
    nameless = client.post(f"{url}/refuser", data={"reason": " ", "back": back}, headers=HTMX)
    assert nameless.status_code == 422
    assert f'id="reason-m{asked}-error"' in text(nameless)
    done = client.post(f"{url}/accepter", data={"back": back}, headers=HTMX)
    assert done.status_code == 200
    assert f'id="{target}"' in text(done)
    assert 'hx-swap-oob="beforeend:#toasts"' in text(done)
    assert_same_after_swap(client, back, target)
    late = client.post(f"{url}/accepter", data={"back": back}, headers=HTMX)
    assert late.status_code == 409
    assert 'role="alert"' in text(late)


@pytest.mark.parametrize("back", ["/pat/demandes", "/structures/la-grange/membres"])
def test_decisions_without_script(client, login, barn, asked, back):
    login(client, a_coordinator(barn.territory))
    url = f"/structures/la-grange/membres/{asked}/refuser"
    nameless = client.post(url, data={"reason": "", "back": back})
    assert nameless.status_code == 422
    assert "<html" in text(nameless)
    assert "<details" in text(nameless)
    done = client.post(url, data={"reason": "Pas cette année", "back": back})
    assert (done.status_code, done.location) == (303, back)
    assert queries.get_membership(asked).state == "refused"


def test_the_coordination_admits_and_refuses_organisations(client, login, territory):
    founder = a_person()
    for name in ("Une", "Deux"):
        facts = service.OrganisationFacts(name, "association", "nonprofit")
        service.create_organisation(acting(founder), territory.id, facts)
    login(client, a_coordinator(territory))
    page = text(client.get("/pat/demandes"))
    assert "Une" in page
    assert '<b class="count">2' in page
    done = client.post("/pat/structures/une/accepter", data={"priority_class": "P1", "back": "/pat/demandes"})
    assert done.location == "/pat/demandes"
    assert queries.get_organisation("une").priority_class == "P1"
    bad = client.post("/pat/structures/deux/accepter", data={"priority_class": "P7"})
    assert bad.status_code == 422
    assert client.post("/pat/structures/deux/refuser", data={"reason": ""}).status_code == 422
    assert client.post("/pat/structures/deux/refuser", data={"reason": "Hors sujet"}).status_code == 303
    assert "Personne n’attend" in text(client.get("/pat/demandes"))


def test_roles_are_given_and_withdrawn(client, login, territory, anna):
    login(client, a_coordinator(territory))
    for email in ("inconnu@exemple.org", "pas une adresse", ""):
        refused = client.post("/pat/roles", data={"email": email, "territory": territory.id})
        assert refused.status_code == 422
        assert 'id="email-error"' in text(refused)
    assert client.post("/pat/roles", data={"email": anna.email, "territory": territory.id}).status_code == 303
    again = client.post("/pat/roles", data={"email": anna.email, "territory": territory.id})
    assert again.status_code == 409
    grant = next(g for g in queries.coordinator_grants([territory.id]) if g.person_id == anna.id)
    assert client.post(f"/pat/roles/{grant.id}/retirer").status_code == 303
    assert anna.id not in {person.id for person in queries.coordinators_of(territory.id)}


def test_a_foreign_territory_cannot_be_slipped_in(client, login, territory, anna):
    login(client, a_coordinator(territory))
    refused = client.post("/pat/roles", data={"email": anna.email, "territory": a_territory().id})
    assert refused.status_code == 422


def test_members_are_managed(client, login, barn, anna):
    admin, member = a_member(barn, role=Role.ORG_ADMIN), a_member(barn)
    login(client, admin)
    own, other = (membership_id(person, barn) for person in (admin, member))
    base = "/structures/la-grange"
    assert client.post(f"{base}/quitter").location == base
    assert "n’aurait plus de responsable" in text(client.get(base))
    assert client.post(f"{base}/membres/{other}/role", data={"role": "org_admin"}).status_code == 303
    assert client.post(f"{base}/membres/{own}/role", data={"role": "nonsense"}).status_code == 303
    assert client.post(f"{base}/membres/{other}/retirer").status_code == 303
    assert [m.person_id for m in queries.members_of(barn.id)] == [admin.id]
    assert client.post(f"/structures/autre/membres/{own}/role", data={"role": "member"}).status_code == 404


@pytest.mark.parametrize("email", ["", "non", "x" * 300])
def test_a_bad_invitation_is_explained(client, login, barn, email):
    login(client, a_member(barn, role=Role.ORG_ADMIN))
    refused = client.post("/structures/la-grange/invitations", data={"email": email, "role": "member"})
    assert refused.status_code == 422
    assert 'id="email-error"' in text(refused)


def test_an_invitation_from_mailbox_to_membership(app, client, login, barn, heard):
    login(client, a_member(barn, role=Role.ORG_ADMIN))
    sent = client.post(
        "/structures/la-grange/invitations", data={"email": "neuf@exemple.org", "role": "member"}
    )
    assert sent.status_code == 303
    url = f"/invitation/{heard.last(InvitationSent).secret}"
    assert "s•••" not in text(client.get(url))
    assert "n•••@exemple.org" in text(client.get(url))  # signed in as somebody else
    guest = app.test_client()
    assert "neuf@exemple.org" in text(guest.get(url))
    assert guest.post(url).status_code == 303  # to sign in: nobody is signed in
    weak = guest.post(f"{url}/compte", data={"name": "Nina", "password": "court"})
    assert weak.status_code == 422
    done = guest.post(f"{url}/compte", data={"name": "Nina", "password": PASSWORD})
    assert done.location == "/structures/la-grange"
    assert "Vous en faites partie" in text(guest.get(done.location))
    assert guest.get(url).status_code == 410


def test_an_invitation_asks_a_known_person_to_sign_in(app, client, anna, barn, heard):
    service.invite(acting(a_member(barn, role=Role.ORG_ADMIN)), barn.slug, email=anna.email)
    url = f"/invitation/{heard.last(InvitationSent).secret}"
    assert f"/connexion?next={url}" in text(client.get(url))
    _sign_in(client)
    assert client.post(url).location == "/structures/la-grange"
    assert acting(anna).belongs_to(barn.id)


@pytest.mark.parametrize(
    "method, url",
    [
        ("get", "/structures/la-grange/membres"), ("get", "/structures/la-grange/modifier"),
        ("post", "/structures/la-grange/modifier"), ("post", "/structures/la-grange/invitations"),
        ("post", "/structures/la-grange/quitter"), ("get", "/pat/demandes"), ("get", "/pat/roles"),
        ("post", "/pat/roles"), ("post", "/pat/structures/la-grange/accepter"),
        ("post", "/structures/la-grange/membres/{asked}/accepter"), ("post", "/structures/la-grange/membres/{asked}/role"),
        ("post", "/structures/la-grange/membres/{asked}/retirer"),
    ],
)  # fmt: skip
def test_whoever_may_not_is_told_whom_to_ask(client, login, barn, asked, method, url):
    stranger = a_person()
    visit = getattr(client, method)
    assert visit(url.format(asked=asked)).status_code == 303  # a visitor signs in first
    login(client, stranger)
    refused = visit(url.format(asked=asked), data={})
    assert refused.status_code == 403
    assert "coordination" in text(refused)


def test_forms_need_their_token(app, anna, session):
    app.config["WTF_CSRF_ENABLED"] = True
    try:
        client = app.test_client()
        assert _sign_in(client).status_code == 400
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', text(client.get("/connexion")))
        assert token
        assert _sign_in(client, csrf_token=token.group(1)).status_code == 303
        for url in ("/deconnexion", "/agir-pour", "/compte/profil", "/compte/deconnecter-partout"):
            assert client.post(url).status_code == 400
    finally:
        app.config["WTF_CSRF_ENABLED"] = False
