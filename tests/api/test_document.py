"""The OpenAPI document: valid, whole, and open to everybody."""

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from app.api.openapi import document
from app.api.requests import STATES
from app.api.words import OPERATIONS
from app.bookings.rules import DECISION
from app.catalogue.kinds import KINDS
from tests.api.world import path_of, validate


@pytest.fixture
def spec(client):
    answer = client.get("/api/v1/openapi.json")
    assert (answer.status_code, answer.mimetype) == (200, "application/json")
    return answer.json


def test_it_is_openapi_31(spec):
    assert spec["openapi"].startswith("3.1")
    OpenAPIV31SpecValidator(spec).validate()


def test_it_lists_every_route(app, spec):
    served = {
        path_of(rule)
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("api.") and rule.endpoint != "api.openapi"
    }
    assert served == set(spec["paths"])


def test_every_operation_says_what_can_go_wrong(spec):
    for path, operations in spec["paths"].items():
        for operation in operations.values():
            assert {"401", "422"} <= set(operation["responses"]), path
            for status, answer in operation["responses"].items():
                kind = "application/problem+json" if status >= "400" else "application/json"
                assert list(answer["content"]) == [kind], (path, status)
            assert operation["summary"]


PERSONAL = (
    "bookings",
    "bundles",
    "series",
    "waiting",
    "surplus",
    "chains",
    "needs",
    "gleanings",
    "purchases",
    "lots",
    "handovers",
    "readings",
)


def test_what_needs_a_token_says_so(spec):
    for path, operations in spec["paths"].items():
        for operation in operations.values():
            assert operation["security"] == (
                [{"token": []}] if any(each in path for each in PERSONAL) else [{}, {"token": []}]
            )


def test_parameters_are_announced(spec):
    names = {p["name"] for p in spec["paths"]["/api/v1/resources"]["get"]["parameters"]}
    assert {"kind", "q", "lat", "lon", "radius_km", "start", "end", "quantity", "limit", "cursor"} <= names
    headers = {p["name"]: p["in"] for p in spec["paths"]["/api/v1/bookings"]["post"]["parameters"]}
    assert headers["Idempotency-Key"] == "header"


def test_facts_come_from_the_kinds(spec, app):
    assert {f"{key.title()}Facts" for key in KINDS} <= set(spec["components"]["schemas"])
    with app.app_context():
        validate("KitchenFacts", {})
        assert "meals_per_day" in document()["components"]["schemas"]["KitchenFacts"]["properties"]


def test_states_are_those_of_the_machine():
    assert set(STATES) == {state for (_act, state) in DECISION.moves} | set(DECISION.moves.values())


def test_it_can_be_kept(client, spec):
    tag = client.get("/api/v1/openapi.json").headers["ETag"]
    assert client.get("/api/v1/openapi.json", headers={"If-None-Match": tag}).status_code == 304


def test_the_page_for_people(client, spec):
    answer = client.get("/api/v1/docs")
    assert (answer.status_code, answer.mimetype) == (200, "text/html")
    text = answer.get_data(as_text=True)
    assert all(path in text for path in spec["paths"])
    assert 'id="slot_refused"' in text


def test_every_operation_has_words_for_people(spec):
    ids = {
        operation["operationId"] for operations in spec["paths"].values() for operation in operations.values()
    }
    assert ids == set(OPERATIONS)
