"""Quotas of a resource, said by its manager: kept, refused in words, shown with who uses them, ended with who leaves."""

from typing import Any

import pytest
from sqlalchemy import select

from app.accounts import service as accounts
from app.accounts.queries import load_actor
from app.availability.allotting import Allotment, allot, end_quotas_of
from app.availability.askers import Asker
from app.availability.errors import BadQuota, CapacityBelowQuotas, QuotasOverCapacity, SlotRefused
from app.availability.models import Claim, Hold, Quota, QuotaTerms
from app.availability.queries import Wish, get_terms, taken_by_resource, verdict
from app.availability.search import Window, free_in, next_free
from app.availability.service import take, take_beside, take_each
from app.availability.several import verdicts
from app.availability.sharing import Quotas
from app.availability.words.refusals import Scene, refusal_words
from app.catalogue import service as catalogue
from app.catalogue.errors import EditedMeanwhile
from app.catalogue.rules import ResourceFacts
from app.catalogue.search import Filter, matching
from app.core.errors import Forbidden, NotFound
from app.infra.audit import history
from app.infra.uow import atomic
from app.web.i18n import speaking
from tests import factories as f

WEEK = f.span("2026-10-05 00:00", "2026-10-12 00:00")
STORAGE: dict[str, Any] = {
    "kind": "storage", "mode": "quantity", "unit": "pallet", "step_minutes": 1440, "min_minutes": 1440,
    "max_minutes": 1440 * 100, "opening_mode": "always",
}  # fmt: skip


class Place:
    """A cold room of 24 pallets, of which a shop has 10 and a food bank 6; a third organisation has no quota."""

    def __init__(self, **lending):
        self.territory = f.a_territory(communes=["44110"])
        self.owner = f.an_organisation(self.territory, name="Mairie")
        self.site = f.a_site(self.owner, hours="24/7")
        self.cold = f.a_resource(self.site, name="Chambre froide", slug="froid", capacity=24, **STORAGE)
        self.shop = f.an_organisation(self.territory, name="Épicerie A")
        self.bank = f.an_organisation(self.territory, name="Banque B")
        self.other = f.an_organisation(self.territory, name="Traiteur C")
        self.manager_person = f.a_manager(self.site)
        self.manager = load_actor(self.manager_person.id)
        self.allot({self.shop.public_id: 10, self.bank.public_id: 6}, **lending)

    def allot(self, shares, **lending):
        return allot(self.manager, self.cold, Allotment(shares, **lending))

    def wish(self, organisation, qty, span=WEEK):
        return Wish(self.cold.id, span, qty, Asker.on_behalf_of(organisation))


@pytest.fixture
def place(session, frozen):
    return Place()


@pytest.fixture
def manager(place, client, login):
    login(client, place.manager_person)
    return client


def codes(wish):
    return [refusal.code for refusal in verdict(wish)]


def test_each_can_count_on_their_quota_and_the_rest_is_common(session, place):
    take([place.wish(place.other, 8)])
    assert codes(place.wish(place.other, 1)) == ["quota"]
    with pytest.raises(SlotRefused) as refused:
        take([place.wish(place.bank, 7)])
    assert [refusal.code for refusal in refused.value.refusals] == ["quota"]
    take([place.wish(place.bank, 6)])
    take([place.wish(place.shop, 10)])
    assert codes(place.wish(place.shop, 1)) == ["capacity"]
    whose = select(Claim.qty, Hold.organisation_id).join(Hold, Hold.id == Claim.hold_id).order_by(Claim.id)
    expected = [(8, place.other.id), (6, place.bank.id), (10, place.shop.id)]
    assert [tuple(row) for row in session.execute(whose)] == expected


def test_every_way_of_looking_knows_the_quotas(place):
    def found(qty, who):
        return bool(free_in(matching(Filter()), Window(WEEK, qty, f.PARIS, Asker.on_behalf_of(who))))

    assert [found(qty, place.other) for qty in (8, 9)] == [True, False]
    assert [found(qty, place.shop) for qty in (18, 19)] == [True, False]
    assert next_free([place.cold.id], 9) == {}
    assert next_free([place.cold.id], 14, Asker.on_behalf_of(place.bank))
    assert max(claim.qty for claim in taken_by_resource([place.cold.id], *WEEK.epochs)[place.cold.id]) == 10
    series = [place.wish(place.other, 5), place.wish(place.other, 5)]
    assert [[r.code for r in each] for each in verdicts(series)] == [[], ["quota"]]
    taken = take_each(series, keep_free=True)
    assert isinstance(taken[0], int)
    assert not isinstance(taken[1], int)


def test_what_one_has_already_counts_once_when_something_else_is_proposed(place):
    own = take([place.wish(place.other, 8)])
    assert take_beside(own, place.wish(place.other, 8), expires_at=2**31)
    with pytest.raises(SlotRefused):
        take_beside(own, place.wish(place.other, 9), expires_at=2**31)


def detail_of(place, organisation, qty, span=WEEK):
    wish = place.wish(organisation, qty, span)
    [refusal] = verdict(wish)
    words = refusal_words(refusal, Scene(get_terms(place.cold.id, wish.asker), unit="pallet", asked=qty))
    return f"{words.sentence} {words.detail}"


def test_a_refusal_says_what_quotas_keep_and_never_to_ask_for_less_than_nothing(app, place, frozen):
    with app.test_request_context(), speaking("en"):
        take([place.wish(place.other, 8)])
        said = detail_of(place, place.other, 1)
        assert "Nothing is left for you" in said
        assert "ask for less" not in said
        take([place.wish(place.shop, 7)])  # 3 of the 10 of the shop, and the 6 of the bank, are kept
        said = detail_of(place, place.other, 20)
        assert "there are 24 in all, of which 9 are kept by quotas of others" in said


def test_a_slot_that_is_near_in_part_is_told_until_when_it_is_lent(app, place, frozen):
    place.allot({place.shop.public_id: 10}, lend_days=7)
    frozen.move_to(f.at("2026-10-01 10:00"))
    with app.test_request_context(), speaking("en"):
        said = detail_of(place, place.other, 24)
    assert "is lent only until Wednesday 7 October included: choose days up to then." in said


def test_what_is_near_is_lent(place, frozen):
    place.allot({place.shop.public_id: 10}, lend_days=7)
    assert codes(place.wish(place.other, 24)) == ["quota"]
    frozen.move_to(f.at("2026-10-05 00:00"))
    assert codes(place.wish(place.other, 24)) == []


def test_a_kit_takes_of_the_quotas_of_its_pool(place):
    kit = f.a_resource(place.site, capacity=6, **(STORAGE | {"unit": "piece"}))
    f.made_of(kit, place.cold, qty=4)
    terms = get_terms(kit.id)
    assert terms.parts[0].quotas == Quotas({place.shop.id: 10, place.bank.id: 6}, None, 72)
    asker = Asker.on_behalf_of(place.other)
    take([Wish(kit.id, WEEK, 2, asker)])
    [refusal] = verdict(Wish(kit.id, WEEK, 1, asker))
    assert (refusal.code, refusal.facts["part"]) == ("quota", place.cold.id)
    take([Wish(kit.id, WEEK, 2, Asker.on_behalf_of(place.shop))])
    assert codes(place.wish(place.other, 1)) == ["quota"]
    assert codes(place.wish(place.shop, 2)) == []


# -- setting them -------------------------------------------------------------------------------------------


def test_quotas_over_the_capacity_are_refused(place):
    with pytest.raises(QuotasOverCapacity) as refused:
        place.allot({place.shop.public_id: 20, place.bank.public_id: 5})
    assert refused.value.facts == {"total": 25, "capacity": 24, "unit": "pallet"}


@pytest.mark.parametrize("lending", [{"lend_days": -1}, {"lend_days": 9999}, {"recall_hours": 0}])
def test_a_way_of_lending_that_cannot_be_is_refused(place, lending):
    with pytest.raises(BadQuota):
        place.allot({place.shop.public_id: 5}, **lending)


def test_what_is_taken_as_one_has_no_quotas(place):
    van = f.a_resource(place.site, kind="vehicle")
    with pytest.raises(BadQuota) as refused:
        allot(place.manager, van, Allotment({place.shop.public_id: 1}))
    assert refused.value.facts["reason"] == "taken_as_one"


def test_only_those_who_manage_give_quotas_to_those_of_the_territory(place):
    with pytest.raises(Forbidden):
        allot(load_actor(f.a_member(place.shop).id), place.cold, Allotment({}))
    foreign = f.an_organisation(f.a_territory())
    with pytest.raises(NotFound):
        place.allot({foreign.public_id: 1})


def test_only_what_is_more_than_nothing_is_kept_and_noted(session, place):
    assert place.allot({place.shop.public_id: 10, place.bank.public_id: 0}, lend_days=3, recall_hours=24)
    assert [(q.organisation_id, q.qty) for q in session.scalars(select(Quota))] == [(place.shop.id, 10)]
    assert not place.allot({place.shop.public_id: 10}, lend_days=3, recall_hours=24)
    line = history("resource", place.cold.id)[-1]
    assert (line.act, line.facts) == (
        "allotted", {"quotas": {"Épicerie A": 10}, "lend_days": 3, "recall_hours": 24},
    )  # fmt: skip
    assert place.allot({})
    assert session.scalars(select(QuotaTerms)).all() == []


def test_the_capacity_stays_above_the_quotas(place):
    given = ResourceFacts(name="Chambre froide", capacity=15, facts={"regime": "chilled"}, **STORAGE)
    with pytest.raises(CapacityBelowQuotas) as refused:
        catalogue.edit_resource(place.manager, place.cold, given)
    assert refused.value.facts == {"field": "capacity", "total": 16, "asked": 15}


def test_somebody_elses_change_is_not_overwritten(place):
    with pytest.raises(EditedMeanwhile):
        allot(place.manager, place.cold, Allotment({}), revision=place.cold.revision - 1)


def test_what_is_booked_already_stays(place):
    take([place.wish(place.other, 8)])
    place.allot({place.shop.public_id: 24})
    assert codes(place.wish(place.other, 1)) == ["quota"]
    assert codes(place.wish(place.shop, 16)) == []
    assert codes(place.wish(place.shop, 24)) == ["lent"]


def test_who_leaves_leaves_their_quota(session, place):
    coordinator, revision = load_actor(f.a_coordinator(place.territory).id), place.cold.revision
    seen = accounts.affairs_of(place.shop.id).fingerprint
    accounts.archive_organisation(coordinator, place.shop.slug, "Fermeture", seen=seen)
    assert list(session.scalars(select(Quota.organisation_id))) == [place.bank.id]
    assert codes(place.wish(place.other, 18)) == []
    line = history("resource", place.cold.id)[-1]
    assert (line.act, line.facts["organisation"]) == ("quota_ended", "Épicerie A")
    with pytest.raises(EditedMeanwhile):  # a form that still shows the quota
        allot(place.manager, place.cold, Allotment({place.bank.public_id: 7}), revision=revision)


def test_where_nothing_is_left_nothing_is_lent_either(session, place):
    with atomic():
        for each in (place.shop, place.bank):
            end_quotas_of(each.id, each.name, place.manager)
    assert list(session.scalars(select(QuotaTerms))) == []
    assert codes(place.wish(place.other, 24)) == []


# -- the page -----------------------------------------------------------------------------------------------


def test_the_page_shows_who_has_what_and_who_uses_it(place, manager):
    take([place.wish(place.shop, 4, f.span("2026-09-02 00:00", "2026-09-20 00:00"))])
    take([place.wish(place.other, 7, f.span("2026-09-08 00:00", "2026-09-10 00:00"))])
    page = manager.get("/ressources/froid/quotas").text
    assert "24 palettes au total" in page
    assert f'name="share_{place.shop.public_id}"' in page
    assert page.index("<b>Épicerie A</b>") < page.index("<b>Traiteur C</b>")
    assert "Jusqu’à dimanche" in page
    assert '/ressources/froid/quotas"' in manager.get(f"/lieux/{place.site.slug}/gerer").text
    assert '/ressources/froid/quotas"' in manager.get("/ressources/froid/modifier").text


def test_a_manager_sets_quotas_without_script(session, place, manager):
    form = {
        f"share_{place.shop.public_id}": "12", f"share_{place.bank.public_id}": "",
        "new_0": place.other.public_id, "new_qty_0": "3", "lend_days": "5", "recall_hours": "48",
        "revision": str(place.cold.revision),
    }  # fmt: skip
    answer = manager.post("/ressources/froid/quotas", data=form)
    assert answer.status_code == 303
    assert "ce qui est réservé reste" in manager.get(answer.location).text
    assert get_terms(place.cold.id).quotas == Quotas({place.shop.id: 12, place.other.id: 3}, 5, 48)


def test_too_much_is_refused_in_words_and_what_was_typed_stays(place, manager):
    answer = manager.post(
        "/ressources/froid/quotas",
        data={f"share_{place.shop.public_id}": "20", "new_0": place.other.public_id, "new_qty_0": "5"},
    )
    assert answer.status_code == 422
    assert "Ces quotas font 31 palettes au total, et il n’y en a que 24." in answer.text.replace("\xa0", " ")
    assert 'value="20"' in answer.text


@pytest.mark.parametrize(
    "lines, field, said",
    [
        ([("other", "3"), ("other", "5")], "new_1", "Cette organisation a déjà une ligne au-dessus"),
        ([("", "3")], "new_0", "Choisissez l’organisation à laquelle va ce nombre"),
        ([("other", "")], "new_qty_0", "Donnez un nombre supérieur à 0"),
        ([("other", "0")], "new_qty_0", "Donnez un nombre supérieur à 0"),
    ],
)
def test_a_line_that_says_half_or_twice_is_refused_at_its_field_and_kept(
    session, place, manager, lines, field, said
):
    form = {"lend_days": "5", "recall_hours": "48", "revision": str(place.cold.revision)}
    for number, (who, qty) in enumerate(lines):
        form |= {f"new_{number}": place.other.public_id if who else "", f"new_qty_{number}": qty}
    answer = manager.post("/ressources/froid/quotas", data=form)
    assert answer.status_code == 422
    assert said in answer.text
    assert f'href="#{field}"' in answer.text or f'href="#f-{field}"' in answer.text
    for who, qty in lines:
        assert not qty or f'value="{qty}"' in answer.text
        assert not who or f'<option selected value="{place.other.public_id}">' in answer.text
    assert get_terms(place.cold.id).quotas == Quotas({place.shop.id: 10, place.bank.id: 6}, None, 72)


def test_what_is_taken_as_one_says_so(place, manager):
    van = f.a_resource(place.site, kind="vehicle", slug="fourgon")
    assert "Cette ressource se prend en entier" in manager.get(f"/ressources/{van.slug}/quotas").text
    assert "/ressources/fourgon/quotas" not in manager.get("/ressources/fourgon/modifier").text


def test_the_page_is_for_those_who_manage(place, client, login):
    login(client, f.a_member(place.shop))
    assert client.get("/ressources/froid/quotas").status_code == 403
