"""Finding the gleaning a page is about, for who may know of it."""

from app.core.errors import Forbidden, NotFound
from app.core.policy import can
from app.supply.gleanings.policy import GleaningPermission as P
from app.supply.gleanings.queries import Viewed, get_viewed
from app.web.identity import current_actor


def seen(ref: str) -> Viewed:
    """Load a gleaning; whoever may not see it is told the same as where there is none."""
    actor = current_actor()
    if not actor.is_signed_in:
        raise Forbidden(signed_in=False)
    viewed = get_viewed(ref, actor)
    if not can(actor, P.SEE, viewed):
        raise NotFound(kind="gleaning", ref=ref)
    return viewed
