"""Land for a season: strictly free under a loan for use, a waiting list where seasons overlap, told before it ends."""

from datetime import timedelta

import pytest

from app.bookings import service
from app.catalogue import service as catalogue
from app.catalogue.errors import LoanIsFree
from app.catalogue.rules import ResourceFacts
from app.core.span import Span
from app.infra.audit import history
from app.infra.uow import atomic
from tests.bookings.pages import World, text_of
from tests.factories import a_member, a_resource, an_organisation, at, span

pytestmark = pytest.mark.usefixtures("session", "frozen")

SEASON = span("2027-03-01 00:00", "2027-11-01 00:00")  # 1 March to 31 October
OVERLAP = {"date": "2027-05-01", "fin": "2027-09-30"}


class Fields(World):
    """A field lent for use, and somebody who has it for the season."""

    def __init__(self):
        super().__init__()
        self.field = a_resource(
            self.site, name="Parcelle du moulin", kind="land", subtype="land_plot", step_minutes=1440,
            min_minutes=1440 * 30, max_minutes=1440 * 400, opening_mode="always", hours="24/7", horizon_days=500,
            facts={"tenure": "loan_for_use", "area": 800},
        )  # fmt: skip
        request = service.Request(self.field.id, self.association.id, SEASON, 1, "Pommes de terre")
        self.stay = service.ask(request, self.member, uid_host="mutualim.test")
        service.approve(self.stay.id, self.manager)


@pytest.fixture
def fields(session, frozen):
    return Fields()


@pytest.mark.scenario(number="S15")
@pytest.mark.parametrize("per", ["season", "month", "use", "unit_day"])
@pytest.mark.parametrize("act", ["create", "edit"])
def test_a_loan_for_use_takes_no_price_whatever_it_is_for(fields, act, per):
    paid = ResourceFacts(
        "land", "Parcelle du moulin", facts={"tenure": "loan_for_use"}, mode="exclusive", step_minutes=1440,
        min_minutes=1440, max_minutes=1440 * 400, opening_mode="always", price_cents=1, price_per=per,
    )  # fmt: skip
    with pytest.raises(LoanIsFree):
        if act == "create":
            catalogue.create_resource(fields.manager, fields.site, paid)
        else:
            catalogue.edit_resource(fields.manager, fields.field, paid)


@pytest.mark.scenario(number="S15")
@pytest.mark.parametrize("asked", ["harvest_share", "cost_share"])
@pytest.mark.parametrize("tenure", ["loan_for_use", "precarious"])
def test_a_loan_for_use_takes_no_share_of_costs_or_harvest(fields, tenure, asked):
    shared = ResourceFacts(
        "land", "Parcelle du moulin", facts={"tenure": tenure, "in_return": [asked]}, mode="season",
        step_minutes=1440, min_minutes=43_200, max_minutes=1440 * 400, opening_mode="always",
    )  # fmt: skip
    if tenure == "precarious":
        assert catalogue.create_resource(fields.manager, fields.site, shared).facts["in_return"] == [asked]
        return
    with pytest.raises(LoanIsFree) as refused:
        catalogue.create_resource(fields.manager, fields.site, shared)
    assert refused.value.facts["field"] == "fact_in_return"


@pytest.mark.scenario(number="S15")
def test_a_season_that_overlaps_is_offered_the_waiting_list(fields, browser):
    other = an_organisation(fields.territory, name="Jardins du Canal")
    person = a_member(other)
    slug = fields.field.slug
    page = browser(person)
    answer = text_of(page.get(f"/ressources/{slug}/creneau", query_string=OVERLAP))
    assert f"/ressources/{slug}/attendre?date=2027-05-01&amp;fin=2027-09-30" in answer
    form = OVERLAP | {"organisation": str(other.id), "purpose": "Courges", "mode": "in_line"}
    joined = page.post(f"/ressources/{slug}/attendre", data=form, follow_redirects=True)
    assert "Your place in line: 1" in text_of(joined)
    service.cancel(fields.stay.id, fields.member, "Nous partons")
    service.offer_freed(fields.field.id)
    assert "kept for you until" in text_of(page.get("/moi"))


@pytest.mark.scenario(number="S15")
def test_both_sides_are_told_once_sixty_days_before_the_end(fields, frozen):
    frozen.move_to(SEASON.end - timedelta(days=61))
    assert service.tell_ends() == 0
    frozen.tick(days=1)
    assert (service.tell_ends(), service.tell_ends()) == (1, 0)
    assert history("booking", fields.stay.id)[-1].act == "end_reminded"


def test_another_end_is_told_again_and_a_short_stay_not_at_all(fields, frozen):
    request = service.Request(
        fields.field.id,
        fields.association.id,
        Span(SEASON.end, SEASON.end + timedelta(days=45)),
        1,
        "Engrais vert",
    )
    frozen.move_to(at("2026-12-01 10:00"))
    short = service.ask(request, fields.member, uid_host="mutualim.test")
    service.approve(short.id, fields.manager)
    frozen.move_to(SEASON.end - timedelta(days=50))
    assert service.tell_ends() == 1
    with atomic():
        fields.stay.end_at = SEASON.end - timedelta(days=10)
    assert service.tell_ends() == 1
    assert [line.act for line in history("booking", fields.stay.id)].count("end_reminded") == 2
