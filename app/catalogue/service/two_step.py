"""Where two people must agree there are two who can: looked at whenever that might end.

Whoever changes the managers of a site, or lets a resource ask for two approvals, keeps the other still meanwhile.
"""

from app.accounts.functions import can_agree
from app.accounts.queries import function_holders
from app.accounts.service.locks import one_at_a_time
from app.catalogue.errors import TwoStepImpossible
from app.catalogue.queries import two_step_resources
from app.infra.db import db


def keep_managers(site_id: int) -> None:
    """Wait, inside a use case, until nobody else changes who manages a site; this comes before rows are locked."""
    one_at_a_time(f"managers:{site_id}")


def refuse_if_nobody_can_agree(site_id: int, field: str = "") -> None:
    """Raise TwoStepImpossible when a resource of the site asks for two approvals that no two people could give."""
    db.session.flush()
    asking = two_step_resources(site_id)
    holders = [grant.functions for grant in function_holders([site_id]).get(site_id, ())]
    if asking and not can_agree(holders):
        names = [resource.name for resource in asking]
        held = sorted(frozenset().union(*holders))
        raise TwoStepImpossible(field=field, resources=names, people=len(holders), held=held)
