"""Organisations and who belongs to them."""

import pytest

from app.accounts import queries, service
from app.accounts.errors import (
    AlreadyGranted,
    AlreadyMember,
    InvitationForAnother,
    LastAdministrator,
    LinkExpired,
    LinkUsed,
    NamesThemself,
    NatureUnfit,
    OrganisationExists,
    OrganisationInactive,
    PersonUnknown,
)
from app.accounts.events import (
    InvitationSent,
    MembershipDecided,
    MembershipEnded,
    MembershipRequested,
    MembershipStarted,
    OrganisationDecided,
    OrganisationRequested,
    RoleGranted,
    RoleRevoked,
)
from app.accounts.models import Role
from app.accounts.service import OrganisationFacts
from app.core.errors import Forbidden, Invalid, NotFound, ReasonMissing, TooMany
from app.core.policy import VISITOR
from app.core.states import IllegalMove
from app.infra.audit import history
from tests.accounts.conftest import ADMIN, PASSWORD, acting, membership_id
from tests.factories import a_coordinator, a_member, a_person, a_site, a_territory, an_organisation

pytestmark = pytest.mark.usefixtures("session", "frozen")
GARDENS = OrganisationFacts("Jardins partagés du Canal", "association", "nonprofit")


@pytest.fixture
def territory():
    return a_territory()


@pytest.fixture
def coordination(territory):
    return acting(a_coordinator(territory))


@pytest.fixture
def barn(territory):
    return an_organisation(territory, name="La Grange", slug="la-grange")


def test_a_proposed_organisation_waits_and_gives_no_rights_yet(territory, heard):
    founder = a_person()
    proposed = service.create_organisation(acting(founder), territory.id, GARDENS)
    assert (proposed.state, proposed.slug) == ("pending", "jardins-partages-du-canal")
    assert (proposed.priority_class, proposed.search_text) == ("P2", "jardins partages du canal")
    assert heard.last(OrganisationRequested).by.person_id == founder.id
    assert acting(founder).memberships == {}
    assert queries.active_organisations() == ([], 0)
    assert queries.count_admissions([territory.id]) == 1


def test_the_coordination_admits_in_a_priority_class(territory, coordination, heard):
    founder = a_person()
    proposed = service.create_organisation(acting(founder), territory.id, GARDENS)
    admitted = service.admit_organisation(coordination, proposed.slug, priority_class="P1")
    assert (admitted.state, admitted.priority_class) == ("active", "P1")
    assert acting(founder).administers(admitted.id)
    told = heard.last(OrganisationDecided)
    assert told.approved
    assert [reader.person_id for reader in told.to] == [founder.id]
    assert heard.last(MembershipStarted).person_id == founder.id
    assert [line.act for line in history("organisation", admitted.id)] == ["proposed", "admitted"]
    with pytest.raises(IllegalMove):
        service.refuse_organisation(coordination, proposed.slug, "Trop tard")


def test_a_refusal_has_a_reason_and_the_name_is_free_again(territory, coordination, heard):
    proposed = service.create_organisation(acting(a_person()), territory.id, GARDENS)
    with pytest.raises(ReasonMissing):
        service.refuse_organisation(coordination, proposed.slug, "  ")
    service.refuse_organisation(coordination, proposed.slug, "Hors du territoire")
    assert heard.last(OrganisationDecided).reason == "Hors du territoire"
    again = service.create_organisation(acting(a_person()), territory.id, GARDENS)
    assert again.slug == "jardins-partages-du-canal-2"


def test_only_the_coordination_of_this_territory_decides(territory):
    proposed = service.create_organisation(acting(a_person()), territory.id, GARDENS)
    elsewhere = acting(a_coordinator(a_territory()))
    for actor in (elsewhere, acting(a_person()), VISITOR):
        with pytest.raises(Forbidden):
            service.admit_organisation(actor, proposed.slug)


def test_the_coordination_creates_at_once(territory, coordination):
    made = service.create_organisation(coordination, territory.id, GARDENS, priority_class="P3")
    assert (made.state, made.priority_class) == ("active", "P3")
    assert queries.members_of(made.id) == []


@pytest.mark.parametrize("name", ["Jardins partagés du Canal", "  JARDINS   partagés du canal"])
def test_a_name_is_taken_once_in_a_territory(territory, name):
    service.create_organisation(ADMIN, territory.id, GARDENS)
    with pytest.raises(OrganisationExists):
        service.create_organisation(ADMIN, territory.id, OrganisationFacts(name, "association", "nonprofit"))
    elsewhere = service.create_organisation(ADMIN, a_territory().id, GARDENS)
    assert elsewhere.slug == "jardins-partages-du-canal-2"


def test_the_address_of_the_form_stays_free(territory):
    made = service.create_organisation(
        ADMIN, territory.id, OrganisationFacts("Nouvelle", "association", "nonprofit")
    )
    assert made.slug != "nouvelle"


@pytest.mark.parametrize(
    "facts, error",
    [
        (OrganisationFacts("X", "commune", "company"), NatureUnfit),
        (OrganisationFacts("X", "nonsense", "public"), NatureUnfit),
        (OrganisationFacts("  ", "association", "nonprofit"), Invalid),
        (OrganisationFacts("X", "association", "nonprofit", email="pas une adresse"), Invalid),
        (OrganisationFacts("X", "association", "nonprofit", phone="12"), Invalid),
    ],
)
def test_facts_that_cannot_be(territory, facts, error):
    with pytest.raises(error):
        service.create_organisation(ADMIN, territory.id, facts)


def test_an_administrator_edits_but_does_not_classify(barn, coordination):
    admin = acting(a_member(barn, role=Role.ORG_ADMIN))
    facts = OrganisationFacts("La Grange aux Recettes", "association", "nonprofit", phone="0240556677")
    assert service.edit_organisation(admin, barn.slug, facts).phone == "02 40 55 66 77"
    with pytest.raises(Forbidden):
        service.edit_organisation(admin, barn.slug, facts, priority_class="P1")
    with pytest.raises(Forbidden):
        service.edit_organisation(admin, barn.slug, OrganisationFacts("La Grange", "health", "public"))
    assert (
        service.edit_organisation(coordination, barn.slug, facts, priority_class="P1").priority_class == "P1"
    )
    with pytest.raises(Invalid):
        service.edit_organisation(coordination, barn.slug, facts, priority_class="P9")


def test_a_member_does_not_edit(barn):
    with pytest.raises(Forbidden):
        service.edit_organisation(acting(a_member(barn)), barn.slug, GARDENS)


def test_the_directory_is_searched_as_people_type(territory):
    service.create_organisation(
        ADMIN, territory.id, OrganisationFacts("Épicerie du Don", "social_grocery", "nonprofit")
    )
    service.create_organisation(ADMIN, territory.id, GARDENS)
    assert [o.name for o in queries.active_organisations(words="epicerie don")[0]] == ["Épicerie du Don"]
    assert queries.active_organisations(words="100%") == ([], 0)
    assert queries.active_organisations(size=1)[1] == 2


# ---------------------------------------------------------------- joining


def test_a_request_is_answered_by_the_administrators(barn, heard):
    admin, asking = a_member(barn, role=Role.ORG_ADMIN), a_person()
    request = service.request_membership(acting(asking), barn.slug, " Bonjour ")
    assert [reader.person_id for reader in heard.last(MembershipRequested).to] == [admin.id]
    assert heard.last(MembershipRequested).message == "Bonjour"
    assert not acting(asking).belongs_to(barn.id)
    service.approve_membership(acting(admin), request.id)
    assert acting(asking).memberships == {barn.id: "member"}
    assert heard.last(MembershipDecided).approved
    with pytest.raises(IllegalMove):
        service.approve_membership(acting(admin), request.id)


def test_without_administrator_the_coordination_is_asked(barn, territory, heard):
    coordinator = a_coordinator(territory)
    request = service.request_membership(acting(a_person()), barn.slug)
    assert [reader.person_id for reader in heard.last(MembershipRequested).to] == [coordinator.id]
    assert [each.id for each in queries.requests_in([territory.id])] == [request.id]
    service.approve_membership(acting(coordinator), request.id, Role.ORG_ADMIN)
    assert [person.id for person in queries.administrators_of(barn.id)] == [request.person_id]


def test_a_refused_person_may_ask_again(barn, coordination, heard):
    asking = a_person()
    request = service.request_membership(acting(asking), barn.slug)
    with pytest.raises(ReasonMissing):
        service.refuse_membership(coordination, request.id, "")
    service.refuse_membership(coordination, request.id, "Nous ne vous connaissons pas")
    assert heard.last(MembershipDecided).reason == "Nous ne vous connaissons pas"
    assert service.request_membership(acting(asking), barn.slug).id == request.id


def test_a_request_is_made_once_and_can_be_withdrawn(barn):
    asking = a_person()
    request = service.request_membership(acting(asking), barn.slug)
    with pytest.raises(AlreadyMember):
        service.request_membership(acting(asking), barn.slug)
    with pytest.raises(NotFound):
        service.withdraw_request(acting(a_person()), request.id)
    service.withdraw_request(acting(asking), request.id)
    assert queries.requests_to_join(barn.id) == []


def test_members_and_strangers_decide_nothing(barn):
    request = service.request_membership(acting(a_person()), barn.slug)
    other = an_organisation(barn.territory)
    for person in (a_member(barn), a_member(other, role=Role.ORG_ADMIN), a_person()):
        with pytest.raises(Forbidden):
            service.approve_membership(acting(person), request.id)


def test_a_waiting_organisation_cannot_be_joined(territory):
    proposed = service.create_organisation(acting(a_person()), territory.id, GARDENS)
    with pytest.raises(OrganisationInactive):
        service.request_membership(acting(a_person()), proposed.slug)


# ---------------------------------------------------------------- invitations


def test_an_invitation_lets_its_address_in(barn, heard):
    admin, guest = a_member(barn, role=Role.ORG_ADMIN), a_person()
    service.invite(acting(admin), barn.slug, email=guest.email.upper(), role=Role.ORG_ADMIN)
    sent = heard.last(InvitationSent)
    assert (sent.to.person_id, sent.by, sent.role) == (guest.id, admin.name, "org_admin")
    with pytest.raises(InvitationForAnother) as refused:
        service.accept_invitation(acting(a_person()), sent.secret)
    assert guest.email not in str(refused.value.facts)
    service.accept_invitation(acting(guest), sent.secret)
    assert acting(guest).administers(barn.id)
    with pytest.raises(LinkUsed):
        service.accept_invitation(acting(guest), sent.secret)


def test_an_invitation_opens_an_account_on_the_way(barn, heard):
    admin = a_member(barn, role=Role.ORG_ADMIN)
    service.invite(acting(admin), barn.slug, email="neuf@exemple.org")
    secret = heard.last(InvitationSent).secret
    person_id = service.join_by_invitation(secret, name="Nina Neuf", password=PASSWORD)
    assert service.sign_in("neuf@exemple.org", PASSWORD) == person_id
    assert queries.load_actor(person_id).memberships == {barn.id: "member"}
    with pytest.raises(LinkUsed):
        service.join_by_invitation(secret, name="Encore", password=PASSWORD)


def test_who_has_an_account_signs_in_to_accept(barn, heard):
    guest = a_person()
    service.invite(acting(a_member(barn, role=Role.ORG_ADMIN)), barn.slug, email=guest.email)
    with pytest.raises(InvitationForAnother):
        service.join_by_invitation(heard.last(InvitationSent).secret, name="Intrus", password=PASSWORD)


def test_invitations_end(barn, heard, frozen):
    admin = acting(a_member(barn, role=Role.ORG_ADMIN))
    service.invite(admin, barn.slug, email="a@exemple.org")
    service.invite(admin, barn.slug, email="a@exemple.org")
    replaced, present = heard.of(InvitationSent)
    with pytest.raises(LinkUsed):
        queries.get_invitation(replaced.secret)
    service.revoke_invitation(admin, barn.slug, present.invitation_id)
    with pytest.raises(LinkUsed):
        queries.get_invitation(present.secret)
    late = service.invite(admin, barn.slug, email="b@exemple.org")
    assert [each.id for each in queries.open_invitations(barn.id)] == [late.id]
    frozen.tick(days=15)
    with pytest.raises(LinkExpired):
        queries.get_invitation(heard.last(InvitationSent).secret)
    with pytest.raises(NotFound):
        queries.get_invitation("rien de tel")


def test_a_member_is_not_invited_again_and_members_do_not_invite(barn):
    admin, member = a_member(barn, role=Role.ORG_ADMIN), a_member(barn)
    with pytest.raises(AlreadyMember):
        service.invite(acting(admin), barn.slug, email=member.email)
    with pytest.raises(Forbidden):
        service.invite(acting(member), barn.slug, email="x@exemple.org")


# ---------------------------------------------------------------- roles and leaving


def test_an_organisation_keeps_an_administrator(barn, heard):
    admin, member = a_member(barn, role=Role.ORG_ADMIN), a_member(barn)
    own = membership_id(admin, barn)
    with pytest.raises(LastAdministrator):
        service.end_membership(acting(admin), own)
    with pytest.raises(LastAdministrator):
        service.change_role(acting(admin), own, Role.MEMBER)
    service.change_role(acting(admin), membership_id(member, barn), Role.ORG_ADMIN)
    service.end_membership(acting(admin), own)
    assert not acting(admin).belongs_to(barn.id)
    assert heard.last(MembershipEnded).by_other is False
    assert [line.act for line in history("membership", own)] == ["ended"]


def test_who_coordinates_makes_no_administrator_of_themself_where_there_is_one(barn, territory):
    """They would answer for its places so, in nobody's place (docs/approval.md)."""
    camille = a_coordinator(territory)
    service.add_member(acting(camille), barn.slug, camille.id)
    own = membership_id(camille, barn)
    admin = a_member(barn, role=Role.ORG_ADMIN)
    with pytest.raises(NamesThemself):
        service.change_role(acting(camille), own, Role.ORG_ADMIN)
    service.end_membership(acting(camille), own)
    with pytest.raises(NamesThemself):
        service.invite(acting(camille), barn.slug, email=camille.email, role=Role.ORG_ADMIN)
    with pytest.raises(NamesThemself):
        service.add_member(acting(camille), barn.slug, camille.id, Role.ORG_ADMIN)
    service.add_member(acting(admin), barn.slug, camille.id, Role.ORG_ADMIN)
    assert acting(camille).administers(barn.id)


def test_an_organisation_without_an_administrator_has_a_way_in(barn, territory):
    camille = a_coordinator(territory)
    service.add_member(acting(camille), barn.slug, camille.id, Role.ORG_ADMIN)
    assert acting(camille).administers(barn.id)


def test_a_member_leaves_and_is_taken_off(barn, heard):
    admin, one, two = a_member(barn, role=Role.ORG_ADMIN), a_member(barn), a_member(barn)
    first, second = (membership_id(person, barn) for person in (one, two))
    with pytest.raises(Forbidden):
        service.end_membership(acting(one), second)
    service.end_membership(acting(one), first)
    service.end_membership(acting(admin), second)
    assert heard.last(MembershipEnded).by_other is True
    assert [each.person_id for each in queries.members_of(barn.id)] == [admin.id]


@pytest.mark.parametrize("role", ["", "king", "site_manager"])
def test_a_role_that_does_not_exist(barn, role):
    admin, member = a_member(barn, role=Role.ORG_ADMIN), a_member(barn)
    with pytest.raises(Invalid):
        service.change_role(acting(admin), membership_id(member, barn), role)


def test_the_coordination_names_site_managers_and_coordinators(barn, territory, coordination, heard):
    site, person = a_site(barn), a_person()
    place = {"site_id": site.id, "territory_id": territory.id}
    service.grant_site_manager(coordination, **place, person_id=person.id)
    assert [each.id for each in queries.managers_of(site.id)] == [person.id]
    assert acting(person).managed_sites == {site.id}
    assert heard.last(RoleGranted).site_id == site.id
    with pytest.raises(AlreadyGranted):
        service.grant_site_manager(coordination, **place, person_id=person.id)
    service.grant_coordinator(coordination, territory_id=territory.id, person_id=person.id)
    assert person in queries.coordinators_of(territory.id)
    service.revoke_site_manager(coordination, **place, person_id=person.id)
    service.revoke_coordinator(coordination, territory_id=territory.id, person_id=person.id)
    assert (acting(person).managed_sites, acting(person).coordinated) == (frozenset(), frozenset())
    assert len(heard.of(RoleRevoked)) == 2
    with pytest.raises(NotFound):
        service.revoke_coordinator(coordination, territory_id=territory.id, person_id=person.id)


def test_nobody_else_names_them(barn, territory):
    person = a_person()
    for actor in (acting(a_member(barn, role=Role.ORG_ADMIN)), acting(a_coordinator(a_territory())), VISITOR):
        with pytest.raises(Forbidden):
            service.grant_coordinator(actor, territory_id=territory.id, person_id=person.id)


def test_only_confirmed_people_are_given_roles(frozen, territory, coordination):
    waiting = a_person(verified_at=None)
    for email in (waiting.email, "inconnu@exemple.org"):
        with pytest.raises(PersonUnknown):
            service.person_to_grant(coordination, email, territory.id)


def test_only_the_coordination_learns_who_has_an_account_and_misses_are_counted(
    frozen, barn, territory, coordination
):
    known = a_person().email
    for actor in (acting(a_member(barn, role=Role.ORG_ADMIN)), acting(a_coordinator(a_territory())), VISITOR):
        with pytest.raises(Forbidden):
            service.person_to_grant(actor, known, territory.id)
    for number in range(5):
        with pytest.raises(PersonUnknown):
            service.person_to_grant(coordination, f"x{number}@exemple.org", territory.id)
        frozen.tick(seconds=1)
        if number < 4:
            assert service.person_to_grant(coordination, known, territory.id).email == known
    with pytest.raises(TooMany):
        service.person_to_grant(coordination, known, territory.id)
