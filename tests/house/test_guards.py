"""Every route says who may call it."""

from flask import Flask

from app.core import policy


def test_every_route_is_guarded_or_public(app: Flask):
    bare = [
        f"{rule.rule} ({rule.endpoint})"
        for rule in app.url_map.iter_rules()
        if not hasattr(app.view_functions[rule.endpoint], "__guard__")
    ]
    assert bare == []


def test_every_guard_names_a_permission_of_a_table(app: Flask):
    guards = {endpoint: getattr(view, "__guard__", "public") for endpoint, view in app.view_functions.items()}
    known = {"public", *policy._tables}
    assert {endpoint: guard for endpoint, guard in guards.items() if guard not in known} == {}
