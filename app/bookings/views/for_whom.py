"""For whom a page asks: what can be had, and how much of it, is another's business for each organisation."""

from collections.abc import Iterable, Sequence

from flask import request

from app.accounts.models import Organisation
from app.availability.askers import Asker
from app.web.identity import current_actor


def own_first(organisations: Iterable[Organisation]) -> list[Organisation]:
    """Put the organisations one may ask for in the order of the form: one's own first, then by name."""
    own = current_actor().memberships
    return sorted(organisations, key=lambda each: (each.id not in own, each.name))


def chosen_of(organisations: Sequence[Organisation], kept: str = "") -> Organisation | None:
    """Choose among those one may ask for: as typed in the form or the address, as a draft has `kept`, as one acts for.

    Else it is the first, which the form shows chosen.
    """
    known = {str(each.id): each for each in organisations}
    wanted = request.values.get("organisation", ""), kept, str(current_actor().acting_for or "")
    return next((known[each] for each in wanted if each in known), next(iter(organisations), None))


def asker_for(organisation: Organisation | None) -> Asker:
    """Look as an organisation; as the person themselves where they may ask for none."""
    return Asker.on_behalf_of(organisation) if organisation else Asker.of(current_actor())
