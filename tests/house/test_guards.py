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
    unknown = {
        f"{endpoint}: {view.__guard__}"
        for endpoint, view in app.view_functions.items()
        if getattr(view, "__guard__", "public") != "public" and view.__guard__ not in policy._tables
    }
    assert unknown == set()
