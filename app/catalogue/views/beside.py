"""The pages beside the form of a resource: each has a form of its own, so that none loses what is typed in another."""

from collections.abc import Mapping, Sequence

from flask import url_for
from flask_babel import gettext as _

from app.catalogue.asks import Beside
from app.catalogue.kinds.units import Unit
from app.catalogue.models import Component, Resource
from app.catalogue.part_words import packs_words, parts_words


def pages_beside(
    resource: Resource,
    parts: Mapping[int, Sequence[Component]],
    others: Mapping[int, Sequence[Beside]],
) -> list[Beside]:
    """List the pages beside the form of a resource.

    Given what each of its site is made of (`queries.parts_at`), and what other rooms have there (`asks.pages_of`).
    """
    own = [_composition(resource, parts.get(resource.id, ())), *_units(resource), *_quotas(resource)]
    return [*own, *others.get(resource.id, ())]


def _composition(resource: Resource, parts: Sequence[Component]) -> Beside:
    now = parts_words([(each.part.name, each.qty) for each in parts])
    return Beside(_at("composition", resource), "list", _("What comes with it"), now)


def _units(resource: Resource) -> list[Beside]:
    """What is taken as a whole is not counted: there are no units to choose."""
    if resource.unit == Unit.WHOLE:
        return []
    now = packs_words(resource.unit, resource.packs)
    return [Beside(_at("units", resource), "storage", _("Other units people may ask in"), now)]


def _quotas(resource: Resource) -> list[Beside]:
    """What only one can have at a time has nothing to keep for several."""
    if resource.capacity == 1:
        return []
    href = url_for("availability.quotas", slug=resource.slug)
    return [Beside(href, "users", _("Quotas"), _("How much is always kept for whom"))]


def _at(endpoint: str, resource: Resource) -> str:
    return url_for(f"catalogue.{endpoint}", slug=resource.slug)
