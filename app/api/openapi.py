"""The one SpecTree: it checks requests by the shapes of `requests`, and writes the OpenAPI document from all shapes.

Answers are written by hand for speed, so they are held against their shapes in tests only.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from flask import Request, current_app
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails, from_json
from spectree import Response, SecurityScheme, SecuritySchemeData, SpecTree
from spectree.models import SecureType
from spectree.plugins.base import Context
from spectree.plugins.flask_plugin import FlaskPlugin
from spectree.utils import get_multidict_items

from app.api import answers
from app.api.errors import BodyNotJson, BodyUnreadable, FieldsRefused, Problem
from app.api.reading import read_span
from app.api.repeating import SeriesBody
from app.api.requests import BookingBody, BundleBody, SlotBody
from app.catalogue.kinds import KINDS
from app.core.text import writable_within

VERSION = "1.0.0"
TOKEN = "token"  # noqa: S105  # the name of the security scheme
PERSONAL: list[dict[str, list[str]]] = [{TOKEN: []}]
ANYBODY: list[dict[str, list[str]]] = [{}, {TOKEN: []}]
_JSON_TYPE = re.compile(r"application/([\w.-]+\+)?json")
_INTRODUCTION = """\
Resources, free windows and bookings of a territory; surplus, chains, needs, gleanings, group purchases and lots.

Send a personal token (made under "My account") as `Authorization: Bearer …`; resources shown to everybody need none.
Instants are RFC 3339 with an offset, both ways. Errors are problems (RFC 9457): `code` and `facts` are for programs,
`detail` is a sentence in the language of `Accept-Language` (French or English). A slot that cannot be had is a 409 with
every reason in `refusals` and what can be had instead in `alternatives`; a 422 has them too, beside its `problems`."""
_NAMES = {
    "missing": "field_missing",
    "extra_forbidden": "field_unknown",
    "string_type": "not_text",
    "string_unicode": "bad_text",
    "string_too_short": "field_empty",
    "string_too_long": "text_too_long",
    "string_pattern_mismatch": "bad_key",
    "int_type": "not_whole_number",
    "int_parsing": "not_whole_number",
    "int_parsing_size": "not_whole_number",
    "int_from_float": "not_whole_number",
    "float_type": "not_number",
    "float_parsing": "not_number",
    "finite_number": "not_number",
    "bool_type": "not_yes_or_no",
    "bool_parsing": "not_yes_or_no",
    "greater_than_equal": "too_small",
    "greater_than": "too_small",
    "less_than_equal": "too_big",
    "literal_error": "not_one_of",
    "too_long": "too_many_values",
    "too_short": "too_few_values",
    "list_type": "not_list",
    "model_type": "not_object",
}
_BOUNDS = {
    "ge": "min",
    "gt": "min",
    "le": "max",
    "max_length": "max",
    "min_length": "min",
    "choices": "choices",
}


class Checks(FlaskPlugin):
    """How requests are read: strictly, all at once, with our own words for what is wrong."""

    def request_validation(  # the signature is the library's; we have no forms and no cookies
        self,
        request: Request,
        query: Any,
        json: Any,
        form: Any,  # noqa: ARG002
        headers: Any,
        cookies: Any,  # noqa: ARG002
    ) -> None:
        """Read query, body and headers into their shapes; raise FieldsRefused with every problem."""
        problems: list[Problem] = []
        body = _body(request, json) if json else None
        if json is BookingBody and isinstance(body, dict) and "legs" in body:
            json = BundleBody  # the same address asks for one resource, for several, or again and again
        elif json is BookingBody and isinstance(body, dict) and "repeat" in body:
            json = SeriesBody
        if json in (BundleBody, SeriesBody) and isinstance(body, dict) and body.pop("recall", False):
            problems.append(Problem("body", "recall", "recall_alone"))
        found = Context(
            query=_checked("query", query or _NoQuery, get_multidict_items(request.args, query), problems),
            json=_checked("body", json, body, problems) if json else None,
            form=None,
            headers=_checked("header", headers, dict(request.headers), problems) if headers else None,
            cookies=None,
        )
        if problems:
            asks = json is not None and issubclass(json, SlotBody)
            raise _refused_with_slot(problems, body) if asks else FieldsRefused(problems)
        request.context = found  # type: ignore[attr-defined]  # where SpecTree looks for it

    def validate_response(
        self,
        resp: Any,
        resp_model: Response | None,
        skip_validation: bool,  # noqa: FBT001
        force_resp_serialize: bool,  # noqa: FBT001
    ) -> tuple[Any, Any]:
        """Hold the answer against its shape in tests; trust it otherwise."""
        response, error = super().validate_response(
            resp, resp_model, skip_validation or not current_app.testing, force_resp_serialize
        )
        if error:
            raise error
        return response, None


class _NoQuery(BaseModel, extra="forbid"):
    """An address without parameters."""


def _checked(place: str, shape: type[BaseModel], raw: object, problems: list[Problem]) -> BaseModel | None:
    try:
        return shape.model_validate(raw)
    except ValidationError as error:
        problems += [_problem(place, each) for each in error.errors(include_url=False, include_input=False)]
        return None


def _refused_with_slot(problems: Sequence[Problem], body: object) -> FieldsRefused:
    """Refuse a body with all that is wrong about its slot too, where that much of it can be read."""
    given = body if isinstance(body, dict) else {}
    try:
        slot = SlotBody.model_validate({name: given[name] for name in SlotBody.model_fields if name in given})
        read_span(slot.start, slot.end, "body")
    except ValidationError:
        return FieldsRefused(problems)
    except FieldsRefused as error:
        return FieldsRefused([*problems, *error.problems])
    return FieldsRefused(problems, slot)


def _problem(place: str, error: ErrorDetails) -> Problem:
    kind, context = error["type"], error.get("ctx", {})
    facts = {_BOUNDS[name]: value for name, value in context.items() if name in _BOUNDS}
    if kind == "literal_error":
        facts["choices"] = re.findall(r"'([^']*)'", context["expected"])
    name = ".".join(str(piece) for piece in error["loc"])
    return Problem(place, name, _NAMES.get(kind, kind), facts)


def _body(request: Request, shape: type[BaseModel]) -> object:
    """Parse the body: UTF-8 JSON and nothing else; an empty one counts as {} where no field is required.

    Letters that no database and no file takes are dropped, as from the forms of pages.
    """
    data = request.get_data(cache=False)
    if not data.strip() and not any(field.is_required() for field in shape.model_fields.values()):
        return {}
    if not _JSON_TYPE.fullmatch(request.mimetype) or request.content_encoding:
        raise BodyNotJson(sent=request.mimetype)
    try:
        return writable_within(from_json(data, allow_inf_nan=False))
    except ValueError:
        raise BodyUnreadable from None


api = SpecTree(
    backend=Checks,
    mode="strict",
    annotations=True,
    title="Mutualim",
    version=VERSION,
    description=_INTRODUCTION,
    license={"name": "AGPL-3.0-or-later"},
    page_templates={},
    servers=[{"url": "/"}],
    security_schemes=[
        SecurityScheme(
            name=TOKEN,
            data=SecuritySchemeData(type=SecureType.HTTP, scheme="bearer", description="A personal token."),
        )
    ],
    validation_error_model=answers.Problem,
    naming_strategy=lambda shape: shape.__name__,
    nested_naming_strategy=lambda _parent, child: child,
)


def says(answer: type[BaseModel], *statuses: int, created: bool = False, **more: Any) -> Response:
    """List what a route answers: its shape on success, and the problems besides those every route may have."""
    problems = {f"HTTP_{status}": answers.Problem for status in (*statuses, 401, 422)}
    return Response(**{"HTTP_201" if created else "HTTP_200": answer}, **problems, **more)


@lru_cache(maxsize=1)
def document() -> dict[str, Any]:
    """Give the OpenAPI document; made once per process, inside an application."""
    spec: dict[str, Any] = api.spec
    _name_problems(spec["paths"].values())
    _say_all_bodies(spec)
    spec["components"]["schemas"] |= {f"{key.title()}Facts": _facts_schema(key) for key in KINDS}
    return spec


def _name_problems(paths: Iterable[Mapping[str, Any]]) -> None:
    for path in paths:
        for operation in path.values():
            for status, answer in operation["responses"].items():
                if status >= "400" and "application/json" in answer.get("content", {}):
                    answer["content"] = {"application/problem+json": answer["content"]["application/json"]}


def _say_all_bodies(spec: dict[str, Any]) -> None:
    """Announce that the address of a request takes one resource, several, or one again and again."""
    schemas = spec["components"]["schemas"]
    for body in (BundleBody, SeriesBody):
        shape = body.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas |= shape.pop("$defs", {}) | {body.__name__: shape}
    asked = spec["paths"]["/api/v1/bookings"]["post"]["requestBody"]["content"]["application/json"]
    names = (BookingBody.__name__, BundleBody.__name__, SeriesBody.__name__)
    asked["schema"] = {"oneOf": [{"$ref": f"#/components/schemas/{name}"} for name in names]}


def _facts_schema(key: str) -> dict[str, Any]:
    """Describe the facts of a kind as answers hold them: the public ones, each where it is known."""
    kind = KINDS[key]
    schema = kind.json_schema()
    public = {fact.key for fact in kind.facts if fact.public}
    properties = {name: shape for name, shape in schema["properties"].items() if name in public}
    return {
        "title": schema["title"],
        "type": "object",
        "properties": properties,
        "additionalProperties": False,
    }
