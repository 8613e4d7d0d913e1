"""The lists of this part of the house, as tabs: each room that has one says so."""

from typing import Any, NamedTuple

from flask import url_for


class _Section(NamedTuple):
    rank: int
    endpoint: str
    label: Any  # lazy
    icon: str


_sections: dict[str, _Section] = {}


def add_section(rank: int, endpoint: str, label: Any, icon: str) -> None:
    """Let the list at an endpoint have a tab; those with a lower rank come first."""
    _sections[endpoint] = _Section(rank, endpoint, label, icon)


def section_tabs(endpoint: str | None) -> list[dict[str, Any]]:
    """Give the tabs, that of an endpoint as the present one."""
    return [
        {
            "label": each.label,
            "href": url_for(each.endpoint),
            "icon": each.icon,
            "current": each.endpoint == endpoint,
        }
        for each in sorted(_sections.values(), key=lambda each: each.rank)
    ]
