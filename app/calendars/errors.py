"""What the room refuses."""

from app.core.errors import Conflict, Gone


class LinkRevoked(Gone):
    """A feed's link that was ended on purpose, or whose owner may no longer read the calendar."""

    code = "feed_link_revoked"


class TooManyLinks(Conflict):
    """Somebody has as many links to one calendar as we keep; `most` tells how many."""

    code = "too_many_feed_links"
