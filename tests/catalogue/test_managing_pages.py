"""The pages where sites and resources are managed: who gets in, what they keep, what they refuse in words."""

import re

import pytest

from app.accounts import queries as accounts
from app.accounts.models import Role
from app.catalogue import queries, service
from app.catalogue.kinds import KINDS
from app.catalogue.models import Photo, Status, Visibility
from app.core import clock
from app.core.ids import new_public_id
from app.core.policy import Actor
from app.infra.uow import atomic
from tests import factories as f
from tests.helpers import count_queries, parse

SITE = {
    "name": "Maison des cuisines", "address": "3 rue de l'Erdre", "commune": "Nort-sur-Erdre (44390)", "postcode": "",
    "description": "Une ancienne école.\r\nDeux cuisines.", "access_notes": "Portail vert", "lat": "47,44", "lon": "-1.5",
    "phone": "0240123456", "email": "Cuisines@Exemple.org", "school_zone": "auto",
}  # fmt: skip
TERMS = {
    "name": "Grande cuisine", "description": "", "house_rules": "", "mode": "stations", "capacity": "4", "unit": "station",
    "opening_mode": "continuous", "step_minutes": "30", "min_minutes": ["2", "hours"], "max_minutes": ["12", "hours"],
    "buffer_before": ["0", "minutes"], "buffer_after": ["45", "minutes"], "min_notice_minutes": ["2", "days"],
    "horizon_days": ["180", "days"], "approval": "manager", "holds_request": "y", "answer_hours": ["3", "days"],
    "price_cents": "12,50", "price_per": "hour", "visibility": "public", "status": "active",
}  # fmt: skip
REQUIRED = {"storage": {"fact_regime": "chilled"}, "land": {"fact_tenure": "precarious"}}


@pytest.fixture
def place(session):
    territory = f.a_territory(communes=["44110", "44113", "44209"])
    owner = f.an_organisation(territory, name="Les Cuisines partagées")
    return owner, f.a_site(owner, name="Pôle nourricier")


@pytest.fixture
def signed_in(client, login):
    def sign_in(person):
        login(client, person)
        return client

    return sign_in


def terms_of(kind_key, **changes):
    kind = KINDS[kind_key]
    given = TERMS | {
        "mode": kind.defaults.mode,
        "unit": str(kind.units[0]),
        "capacity": str(kind.defaults.capacity),
    }
    if kind.defaults.mode == "season":
        given |= {"step_minutes": "1440", "min_minutes": ["30", "days"], "max_minutes": ["365", "days"]}
    return given | {"subtype": kind.subtypes[0].key} | REQUIRED.get(kind_key, {}) | changes


def errors_in(answer):
    html = answer.get_data(as_text=True)
    assert 'class="summary"' in html
    return re.sub(r"<[^>]+>", " ", html[html.index('class="summary"') :].split("</ul>")[0])


# -- sites --------------------------------------------------------------------------------------------------


def test_an_administrator_creates_a_site_and_manages_it(place, signed_in):
    owner, _ = place
    admin = f.a_member(owner, role=Role.ORG_ADMIN)
    client = signed_in(admin)
    assert client.get("/lieux/nouveau").status_code == 200
    answer = client.post("/lieux/nouveau", data=SITE | {"owner": owner.public_id})
    assert answer.status_code == 303
    site = queries.get_site("maison-des-cuisines")
    assert answer.location == "/lieux/maison-des-cuisines/gerer"
    # on the drawing, the name of the site itself would leave it where the site lies near an edge
    assert re.search('class="map-name"[^>]*>Nort-sur-Erdre<', client.get("/lieux/maison-des-cuisines").text)
    assert (site.commune_code, site.postcode, site.lat, site.lon) == ("44110", "44390", 47.44, -1.5)
    assert (site.phone, site.email, site.school_zone) == ("02 40 12 34 56", "cuisines@exemple.org", "B")
    assert site.description == "Une ancienne école.\nDeux cuisines."
    page = client.get(answer.location).get_data(as_text=True)
    assert "Maison des cuisines" in page
    assert admin.name in page


def test_two_sites_of_one_name_have_two_addresses(place, signed_in):
    owner, _ = place
    client = signed_in(f.a_member(owner, role=Role.ORG_ADMIN))
    found = {client.post("/lieux/nouveau", data=SITE | {"owner": owner.public_id}).location for _ in range(3)}
    assert len(found) == 3
    reserved = client.post("/lieux/nouveau", data=SITE | {"owner": owner.public_id, "name": "Nouveau"})
    assert reserved.location == "/lieux/nouveau-nort-sur-erdre/gerer"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"name": "  "}, "nom"),
        ({"name": "x" * 161}, "160"),
        ({"commune": ""}, "commune"),
        ({"commune": "Zzyzx"}, "Zzyzx"),
        ({"commune": "Saint-Martin"}, "Saint-Martin"),
        ({"postcode": "ABC"}, "44390"),
        ({"lat": "abc"}, "12"),
        ({"lat": "47.4", "lon": ""}, "lat"),
        ({"lat": "-1.5", "lon": "47.44"}, "lat"),
        ({"lat": "1e400"}, "12"),
        ({"lat": "99", "lon": "0"}, "90"),
        ({"lat": "43.3", "lon": "5.4"}, "km"),
        ({"phone": "call me"}, ""),
        ({"email": "nobody"}, ""),
        ({"school_zone": "Z"}, ""),
        ({"owner": "UNKNOWN"}, ""),
        ({"description": "x" * 5001}, "5"),
    ],
)
def test_a_site_that_cannot_be_is_refused_in_words_and_nothing_is_lost(place, signed_in, change, said):
    owner, _ = place
    client = signed_in(f.a_member(owner, role=Role.ORG_ADMIN))
    given = SITE | {"owner": owner.public_id} | change
    answer = client.post("/lieux/nouveau", data=given)
    assert answer.status_code == 422
    assert said.casefold() in errors_in(answer).casefold()
    html = answer.get_data(as_text=True)
    for field in ("address", "access_notes"):
        assert given[field].replace("'", "&#39;") in html


def test_a_form_with_odd_bytes_is_no_crash(place, signed_in):
    owner, _ = place
    client = signed_in(f.a_member(owner, role=Role.ORG_ADMIN))
    nul = client.post(
        "/lieux/nouveau", data=SITE | {"owner": owner.public_id, "name": "a\0b", "description": "\0"}
    )
    assert nul.status_code in (303, 400, 422)
    assert (
        client.post("/lieux/nouveau", data=b"\xff\xfe", content_type="application/octet-stream").status_code
        == 422
    )
    assert client.get("/gerer?page=-3").status_code == 200
    assert client.get("/gerer?page=99999999999999999999").status_code == 200
    assert client.get("/gerer?page=x").status_code == 200


def test_editing_a_site_keeps_what_others_saved_meanwhile_from_being_lost(place, signed_in):
    _, site = place
    client = signed_in(f.a_manager(site))
    opened = site.revision
    edit = SITE | {"revision": str(opened)}
    assert client.post(f"/lieux/{site.slug}/modifier", data=edit).status_code == 303
    late = client.post(f"/lieux/{site.slug}/modifier", data=edit | {"name": "Autre nom"})
    assert late.status_code == 409
    html = late.get_data(as_text=True)
    assert "Autre nom" in html
    fresh = re.search(r'name="revision"[^>]*value="(\d+)"', html)
    assert fresh
    again = edit | {"name": "Autre nom", "revision": fresh[1]}
    assert client.post(f"/lieux/{site.slug}/modifier", data=again).status_code == 303
    assert queries.get_site(site.slug).name == "Autre nom"


def test_the_point_follows_the_commune(place, signed_in):
    _, site = place
    client = signed_in(f.a_manager(site))
    form = client.get(f"/lieux/{site.slug}/modifier").get_data(as_text=True)
    values = dict(re.findall(r'<input[^>]*name="(\w+)"[^>]*value="([^"]*)"', form))
    moved = SITE | {"lat": values["lat"], "lon": values["lon"], "commune": "Marseille"}
    assert client.post(f"/lieux/{site.slug}/modifier", data=moved).status_code == 303
    assert round(queries.get_site(site.slug).lat) == 43


def test_a_namesake_near_the_site_is_meant(place, signed_in):
    _, site = place
    client = signed_in(f.a_manager(site))
    answer = client.post(
        f"/lieux/{site.slug}/modifier", data=SITE | {"commune": "Nozay", "lat": "", "lon": ""}
    )
    assert answer.status_code == 303
    assert queries.get_site(site.slug).commune_code == "44113"


# -- resources ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", list(KINDS))
def test_every_kind_can_be_shared_and_edited(place, signed_in, kind):
    _, site = place
    client = signed_in(f.a_manager(site))
    address = f"/lieux/{site.slug}/ressources/nouvelle"
    assert kind in client.get(address).get_data(as_text=True)
    assert client.get(f"{address}?genre={kind}").status_code == 200
    answer = client.post(f"{address}?genre={kind}", data=terms_of(kind))
    assert answer.status_code == 303, errors_in(answer)
    made = queries.get_resource("grande-cuisine")
    assert answer.location == "/ressources/grande-cuisine/photos"
    lengths = (43_200, 525_600) if made.mode == "season" else (120, 720)
    assert (made.kind, made.min_minutes, made.max_minutes, made.buffer_after) == (kind, *lengths, 45)
    assert (made.min_notice_minutes, made.horizon_days, made.answer_hours) == (2880, 180, 72)
    assert (made.price_cents, made.price_per, made.holds_request, made.shows_holder) == (
        1250,
        "hour",
        True,
        False,
    )
    assert made.capacity == (1 if KINDS[kind].defaults.mode == "exclusive" else KINDS[kind].defaults.capacity)
    form = client.get("/ressources/grande-cuisine/modifier").get_data(as_text=True)
    assert 'value="12,50"' in form
    changed = terms_of(kind, name="Petite cuisine", status="to_check", revision=str(made.revision))
    assert client.post("/ressources/grande-cuisine/modifier", data=changed).status_code == 303
    after = queries.get_resource("grande-cuisine")
    assert (after.name, after.status) == ("Petite cuisine", Status.TO_CHECK)
    assert client.get(f"/lieux/{site.slug}/gerer").status_code == 200


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"name": ""}, ""),
        ({"mode": "season"}, ""),
        ({"capacity": "-4"}, "100000"),
        ({"capacity": "99999999999999999999"}, "100000"),
        ({"capacity": "many"}, ""),
        ({"unit": "bottle"}, ""),
        ({"step_minutes": "7"}, ""),
        ({"step_minutes": "x"}, ""),
        ({"min_minutes": ["5", "minutes"]}, "15 min"),
        ({"min_minutes": ["50", "minutes"]}, "30 min"),
        ({"min_minutes": ["a", "hours"]}, "12"),
        ({"min_minutes": ["NaN", "hours"]}, "12"),
        ({"min_minutes": ["1e99", "hours"]}, ""),
        ({"max_minutes": ["1", "hours"]}, "2 h"),
        ({"max_minutes": ["9", "years"]}, ""),
        ({"buffer_after": ["9", "days"]}, "3"),
        ({"min_notice_minutes": ["-1", "days"]}, ""),
        ({"horizon_days": ["900", "days"]}, "540"),
        ({"answer_hours": ["0", "hours"]}, "1 h"),
        ({"price_cents": "-3"}, "100"),
        ({"price_cents": "1.234"}, ""),
        ({"price_per": "lap"}, ""),
        ({"approval": "two_step"}, ""),
        ({"visibility": "x"}, ""),
        ({"status": "archived"}, ""),
        ({"fact_workstations": "many"}, ""),
        ({"fact_area": "-5"}, ""),
    ],
)
def test_terms_that_cannot_be_are_refused_in_words_and_nothing_is_lost(place, signed_in, change, said):
    _, site = place
    client = signed_in(f.a_manager(site))
    address = f"/lieux/{site.slug}/ressources/nouvelle?genre=kitchen"
    given = terms_of("kitchen", mode="stations", description="Une description à garder") | change
    answer = client.post(address, data=given)
    assert answer.status_code == 422
    assert said in errors_in(answer)
    assert "Une description à garder" in answer.get_data(as_text=True)


def test_a_loan_for_use_is_free(place, signed_in):
    _, site = place
    client = signed_in(f.a_manager(site))
    address = f"/lieux/{site.slug}/ressources/nouvelle?genre=land"
    answer = client.post(address, data=terms_of("land", fact_tenure="loan_for_use"))
    assert answer.status_code == 422
    shared = terms_of("land", fact_tenure="loan_for_use", price_cents="", fact_in_return=["harvest_share"])
    answer = client.post(address, data=shared)
    assert answer.status_code == 422
    assert "ne demandez aucune contrepartie" in errors_in(answer)
    assert (
        client.post(address, data=terms_of("land", fact_tenure="loan_for_use", price_cents="")).status_code
        == 303
    )


def test_an_unknown_kind_is_not_found(place, signed_in):
    _, site = place
    client = signed_in(f.a_manager(site))
    assert client.get(f"/lieux/{site.slug}/ressources/nouvelle?genre=boat").status_code == 200
    assert client.post(f"/lieux/{site.slug}/ressources/nouvelle?genre=boat", data=TERMS).status_code == 404


def test_archiving_asks_first_and_can_be_undone(place, signed_in):
    _, site = place
    resource = f.a_resource(site, name="Four à pain")
    client = signed_in(f.a_manager(site))
    assert "Four à pain" in client.get(f"/ressources/{resource.slug}/archiver").get_data(as_text=True)
    assert client.post(f"/ressources/{resource.slug}/archiver").status_code == 303
    assert queries.get_resource(resource.slug).status == Status.ARCHIVED
    assert client.post(f"/ressources/{resource.slug}/modifier", data=terms_of("kitchen")).status_code == 409
    assert client.post(f"/ressources/{resource.slug}/restaurer").status_code == 303
    assert queries.get_resource(resource.slug).status == Status.TO_CHECK
    assert client.post(f"/lieux/{site.slug}/archiver").status_code == 303
    assert client.get("/gerer?vue=archives").get_data(as_text=True).count("Pôle nourricier") == 1
    assert (
        client.post(f"/ressources/{resource.slug}/restaurer").status_code == 303
    )  # refused in words: the site first
    assert queries.get_resource(resource.slug).status == Status.ARCHIVED
    assert client.post(f"/lieux/{site.slug}/restaurer").status_code == 303
    assert queries.get_site(site.slug).archived_at is None


# -- who gets in --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        "/lieux/{site}/gerer", "/lieux/{site}/modifier", "/lieux/{site}/ressources/nouvelle", "/lieux/{site}/photos",
        "/lieux/{site}/archiver", "/ressources/{resource}/modifier", "/ressources/{resource}/photos",
        "/ressources/{resource}/archiver",
    ],
)  # fmt: skip
def test_only_who_answers_for_a_site_manages_it(place, client, login, path):
    owner, site = place
    other = f.a_site(f.an_organisation(owner.territory))
    resource = f.a_resource(site)
    address = path.format(site=site.slug, resource=resource.slug)
    assert client.get(address).status_code == 303  # to sign in
    for person in (f.a_member(owner), f.a_manager(other), f.a_coordinator(f.a_territory())):
        login(client, person)
        assert client.get(address).status_code == 403
        assert client.post(address, data={"name": "x"}).status_code in (403, 405)
    for person in (
        f.a_manager(site),
        f.a_member(owner, role=Role.ORG_ADMIN),
        f.a_coordinator(owner.territory),
    ):
        login(client, person)
        assert client.get(address).status_code == 200
    missing = address.replace(site.slug, "nulle-part").replace(resource.slug, "nulle-part")
    assert client.get(missing).status_code == 404


def test_who_may_create_a_site(place, client, login):
    owner, _ = place
    member, admin = f.a_member(owner), f.a_member(owner, role=Role.ORG_ADMIN)
    assert client.get("/lieux/nouveau").status_code == 303
    login(client, member)
    assert client.get("/lieux/nouveau").status_code == 403
    login(client, admin)
    foreign = f.an_organisation(owner.territory)
    answer = client.post("/lieux/nouveau", data=SITE | {"owner": foreign.public_id})
    assert answer.status_code == 422
    login(client, f.a_coordinator(owner.territory))
    assert client.post("/lieux/nouveau", data=SITE | {"owner": foreign.public_id}).status_code == 303


def test_managers_are_named_by_the_owner(place, client, login):
    owner, site = place
    admin, manager, other = (
        f.a_member(owner, role=Role.ORG_ADMIN),
        f.a_manager(site),
        f.a_member(owner, name="Anne Droit"),
    )
    address = f"/lieux/{site.slug}/gestionnaires"
    login(client, manager)
    for email in (other.email, "inconnue@exemple.org"):
        assert client.post(address, data={"email": email}).status_code == 403
    login(client, admin)
    assert client.post(address, data={"email": "x"}).status_code == 422
    assert client.post(address, data={"email": other.email}).status_code == 303
    assert client.post(address, data={"email": other.email}).status_code == 409
    assert "Anne Droit" in client.get(f"/lieux/{site.slug}/gerer").get_data(as_text=True)
    login(client, other)
    assert client.get(f"/lieux/{site.slug}/gerer").status_code == 200
    login(client, admin)
    assert client.post(f"{address}/retirer", data={"person": other.public_id}).status_code == 303
    assert client.post(f"{address}/retirer", data={"person": other.public_id}).status_code == 404
    login(client, other)
    assert client.get(f"/lieux/{site.slug}/gerer").status_code == 403


def test_naming_a_manager_does_not_tell_who_has_an_account(place, client, login):
    owner, site = place
    known, unknown = f.a_person(name="Anne Secret").email, "inconnue@exemple.org"
    login(client, f.a_member(owner, role=Role.ORG_ADMIN))
    pages = []
    for email in (known, unknown):
        said = client.post(f"/lieux/{site.slug}/gestionnaires", data={"email": email}, follow_redirects=True)
        lines = "\n".join(
            parse(said.text.replace(email, "…")).lines()
        )  # without tokens, which tell the second
        pages.append((said.status_code, len(said.history), lines))
    assert pages[0] == pages[1]
    assert "Nous avons écrit à" in pages[0][2]
    assert "Anne Secret" not in pages[0][2]
    assert {i.email for i in accounts.open_invitations(owner.id)} == {known, unknown}
    tries = [
        client.post(f"/lieux/{site.slug}/gestionnaires", data={"email": unknown}).status_code
        for _ in range(5)
    ]
    assert tries == [303] * 4 + [429]


def test_the_coordination_names_whom_it_wants_but_does_not_try_addresses(place, client, login):
    owner, site = place
    address, stranger = f"/lieux/{site.slug}/gestionnaires", f.a_person(name="Anne Droit")
    login(client, f.a_coordinator(owner.territory))
    assert client.post(address, data={"email": stranger.email}).status_code == 303
    assert "Anne Droit" in client.get(f"/lieux/{site.slug}/gerer").text
    tries = [client.post(address, data={"email": f"x{n}@exemple.org"}).status_code for n in range(6)]
    assert tries == [422] * 5 + [429]


def test_the_public_page_shows_only_what_may_be_seen(place, client, login):
    owner, site = place
    shown = f.a_resource(site, name="Cuisine publique")
    f.a_resource(site, name="Réserve des membres", visibility=Visibility.MEMBERS)
    f.a_resource(site, name="Local caché", visibility=Visibility.HIDDEN)
    f.a_resource(site, name="Vieux four", status=Status.ARCHIVED)
    page = client.get(f"/lieux/{site.slug}").get_data(as_text=True)
    assert shown.name in page
    assert "<svg" in page
    for hidden in ("Réserve des membres", "Local caché", "Vieux four"):
        assert hidden not in page
    login(client, f.a_member(owner))
    page = client.get(f"/lieux/{site.slug}").get_data(as_text=True)
    assert "Réserve des membres" in page
    assert "Local caché" not in page
    login(client, f.a_manager(site))
    assert "Local caché" in client.get(f"/lieux/{site.slug}").get_data(as_text=True)
    service.archive_site(Actor(is_platform_admin=True), site)
    assert client.get(f"/lieux/{site.slug}").status_code == 200
    login(client, f.a_member(owner))
    assert client.get(f"/lieux/{site.slug}").status_code == 403


def test_my_sites_say_what_is_there(place, signed_in):
    owner, site = place
    f.a_resource(site)
    f.a_resource(site, kind="room", status=Status.OUT_OF_ORDER)
    client = signed_in(f.a_manager(site))
    assert "Pôle nourricier" in client.get("/gerer").get_data(as_text=True)
    nobody = signed_in(f.a_member(owner))
    assert "Pôle nourricier" not in nobody.get("/gerer").get_data(as_text=True)


# -- communes -----------------------------------------------------------------------------------------------


def test_communes_are_suggested(client):
    json = client.get("/communes?q=nort", headers={"Accept": "application/json"})
    assert json.json[0]["label"] == "Nort-sur-Erdre (44390)"
    html = client.get("/communes?q=nort", headers={"Accept": "text/html"}).get_data(as_text=True)
    assert '<option value="Nort-sur-Erdre (44390)">' in html
    for odd in ("", "%00", "q" * 5000, "%FF", "((("):
        assert client.get(f"/communes?q={odd}&lat=x&lon=999").status_code in (200, 400)
    near = client.get("/communes?q=nozay&lat=47.5&lon=-1.6", headers={"Accept": "application/json"})
    assert near.json[0]["code"] == "44113"


def test_lists_do_not_ask_more_as_they_grow(place, signed_in):
    owner, site = place
    client = signed_in(f.a_member(owner, role=Role.ORG_ADMIN))
    photo = {"alt": "Vue", "width": 100, "height": 100, "digest": "0" * 64}

    def fill(number):
        for _ in range(number):
            with atomic() as session:
                resource, other = f.a_resource(site), f.a_site(owner)
                session.add(
                    Photo(public_id=new_public_id(), resource_id=resource.id, created_at=clock.now(), **photo)
                )
                session.add(
                    Photo(public_id=new_public_id(), site_id=other.id, created_at=clock.now(), **photo)
                )

    def asked():
        counts = []
        for address in ("/gerer", f"/lieux/{site.slug}/gerer", f"/lieux/{site.slug}"):
            client.get(address)
            with count_queries(at_most=20) as queries_sent:
                assert client.get(address).status_code == 200
            counts.append(len(queries_sent))
        return counts

    fill(2)
    few = asked()
    fill(8)
    assert asked() == few


def test_who_coordinates_names_others_but_not_themself(place, client, login):
    """The coordination decides only in somebody's place: not as a manager it made of itself."""
    owner, site = place
    address, camille = f"/lieux/{site.slug}/gestionnaires", f.a_coordinator(owner.territory)
    login(client, camille)
    refused = client.post(address, data={"email": camille.email})
    assert refused.status_code == 422
    assert "vous donner une délégation" in errors_in(refused)
    assert site.id not in accounts.load_actor(camille.id).managed_sites
    boss = f.a_member(owner, role=Role.ORG_ADMIN)
    login(client, boss)
    assert client.post(address, data={"email": boss.email}).status_code == 303
    assert site.id in accounts.load_actor(boss.id).managed_sites
