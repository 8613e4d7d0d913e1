"""A territory to call the API about, and a caller whose answers are held against the OpenAPI document."""

import re
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator, FormatChecker
from werkzeug.routing import Rule

from app.accounts.service import create_token
from app.api.openapi import document
from app.core.policy import Actor
from tests.factories import a_manager, a_member, a_resource, a_site, a_territory, an_organisation

BY_DAY: dict[str, Any] = {
    "step_minutes": 1440,
    "min_minutes": 1440,
    "max_minutes": 1440 * 60,
    "opening_mode": "always",
}


class World:
    """A site with a kitchen and 24 pallets, its manager, two associations with a member each."""

    def __init__(self) -> None:
        self.territory = a_territory()
        self.owner = an_organisation(self.territory, name="Mairie", priority_class="P0")
        self.site = a_site(self.owner, name="Pôle nourricier", hours="Mo-Sa 07:00-22:00; PH off")
        self.kitchen = a_resource(self.site, name="Cuisine", buffer_after=45, facts={"meals_per_day": 200})
        self.pallets = a_resource(
            self.site, name="Chambre froide", kind="storage", subtype="cold_positive", mode="quantity",
            capacity=24, unit="pallet", price_cents=50, price_per="unit_day", **BY_DAY,
        )  # fmt: skip
        self.ours = an_organisation(self.territory, name="Les Glaneurs")
        self.theirs = an_organisation(self.territory, name="Le Panier commun")
        self.member = a_member(self.ours, name="Jeanne Moreau")
        self.other = a_member(self.theirs, name="Loïc Hervé")
        self.manager = a_manager(self.site, name="Anne Le Goff")

    def wish(self, **facts: Any) -> dict[str, Any]:
        """Write the body of a request for the kitchen."""
        return {
            "resource": self.kitchen.slug,
            "start": "2026-10-06T08:00:00+02:00",
            "end": "2026-10-06T12:00:00+02:00",
            "purpose": "Soupe solidaire",
        } | facts


def token_of(person: Any) -> str:
    """Make a personal token."""
    return create_token(Actor(person_id=person.id), "test")


class Caller:
    """Calls the API as somebody; each answer must be one the document announces."""

    def __init__(
        self, app: Flask, client: FlaskClient, token: str | None = None, language: str = "fr"
    ) -> None:
        self.app = app
        self.client = client
        self.headers = {"Accept-Language": language} | ({"Authorization": f"Bearer {token}"} if token else {})

    def get(self, path: str, **query: Any) -> Any:
        return self._call("GET", path, query_string={k: v for k, v in query.items() if v is not None})

    def post(self, path: str, body: Any = None, key: str | None = None, **more: Any) -> Any:
        headers = {"Idempotency-Key": key} if key else {}
        return self._call(
            "POST", path, headers=headers, **({"json": body} if body is not None else {}), **more
        )

    def _call(self, method: str, path: str, headers: dict[str, str] | None = None, **more: Any) -> Any:
        sent = self.headers | (headers or {})
        answer = self.client.open(f"/api/v1{path}", method=method, headers=sent, **more)
        self.check(method, answer)
        return answer

    def check(self, method: str, answer: Any) -> None:
        """Hold an answer against the document."""
        assert "Set-Cookie" not in answer.headers
        if answer.status_code >= 400:
            assert answer.mimetype == "application/problem+json"
            validate("Problem", answer.json)
            assert answer.json["status"] == answer.status_code
            assert answer.json["detail"]
            assert answer.json["detail"] not in ("This is not possible.", "Ce n’est pas possible.")
            for each in answer.json.get("problems") or []:
                assert each["detail"] not in ("This is not possible.", "Ce n’est pas possible."), each
        adapter = self.app.url_map.bind("localhost")
        rule, _values = adapter.match(answer.request.path, method, return_rule=True)
        path = path_of(rule)
        if path in document()["paths"]:
            said = document()["paths"][path][method.lower()]["responses"]
            assert str(answer.status_code) in said or answer.status_code in (400, 413, 415), (
                method,
                path,
                answer.status,
            )


def path_of(rule: Rule) -> str:
    """Write the address of a rule as the document does, whatever kind its values have."""
    return re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)


def validate(name: str, value: Any) -> None:
    """Hold a value against a schema of the document."""
    schema = {"$ref": f"#/components/schemas/{name}", "components": document()["components"]}
    Draft202012Validator(schema, format_checker=FormatChecker()).validate(value)
