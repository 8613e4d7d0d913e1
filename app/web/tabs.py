"""Which entry of the main menu a page belongs to, told by its address: that entry is shown as the present one."""

from enum import StrEnum


class Tab(StrEnum):
    """An entry of the main menu."""

    FIND = "find"
    PLANNING = "planning"
    SUPPLY = "supply"  # from field to plate
    MINE = "mine"
    HANDLE = "handle"
    MANAGE = "manage"


_BY_FIRST = {
    "demander": Tab.FIND,
    "planning": Tab.PLANNING,
    "moi": Tab.MINE,
    "reservations": Tab.MINE,
    "demandes": Tab.MINE,
    "filieres": Tab.SUPPLY,
    "series": Tab.MINE,
    "attente": Tab.MINE,
    "surplus": Tab.SUPPLY,
    "besoins": Tab.SUPPLY,
    "glanages": Tab.SUPPLY,
    "achats-groupes": Tab.SUPPLY,
    "lots": Tab.SUPPLY,
    "remises": Tab.SUPPLY,
    "a-traiter": Tab.HANDLE,
    "gerer": Tab.MANAGE,
}
# What anybody may do with a place that is shared; every other page below a place or a resource is for who manages it.
_FOR_ANYBODY = frozenset({"creneau", "demander", "repeter", "attendre", "affiche"})


def tab_of(path: str) -> Tab | None:
    """Tell the entry of a page by its path; None for pages that belong to none."""
    first, *rest = path.strip("/").split("/")
    if first in ("ressources", "lieux"):
        is_managed = rest[-1] not in _FOR_ANYBODY if len(rest) > 1 else rest == ["nouveau"]
        return Tab.MANAGE if is_managed else Tab.FIND
    return _BY_FIRST.get(first)
