"""The words of calendars: those inside feeds, in the subscriber's language, and those of refusals."""

import re
from functools import lru_cache

from flask_babel import gettext as _

from app.calendars.audiences import Audience, Phrases
from app.web.i18n import speaking
from app.web.words import Facts, worded

_CLIENTS = (
    (r"Google-Calendar", "Google Agenda"),
    (r"Thunderbird", "Thunderbird"),
    (r"Microsoft[ .]?(Exchange|Office|Outlook)|Outlook", "Outlook"),
    (r"ICSx", "ICSx⁵"),
    (r"DAVx", "DAVx⁵"),
    (r"Nextcloud", "Nextcloud"),
    (r"Evolution", "Evolution"),
    (r"dataaccessd|CalendarAgent|remindd|iCal/|iOS/|macOS/|Mac_OS_X/", "Apple"),
)


@lru_cache(maxsize=4)
def phrases(locale: str) -> Phrases:
    """Give the words feeds are written with in a language (`fr` or `en`), whoever is asking."""
    with speaking(locale):
        return Phrases(
            locale=locale if locale == "en" else "fr",
            busy=_("Busy"),
            cancelled=_("Cancelled (free again)"),
            named="%(organisation)s – %(purpose)s",
            own="%(resource)s – %(purpose)s",
            # The facts are put in later, one event at a time: here the marks must survive.
            pending_title=_("Waiting – %(title)s", title="%(title)s"),
            cancelled_title=_("Cancelled – %(title)s", title="%(title)s"),
            organisation=_("Organisation: %(organisation)s", organisation="%(organisation)s"),
            quantity=_(
                "Quantity: %(quantity)s of %(capacity)s", quantity="%(quantity)s", capacity="%(capacity)s"
            ),
            given_back=_(
                "Given back (quota called back): %(quantity)s, from %(start)s to %(end)s",
                quantity="%(quantity)s",
                start="%(start)s",
                end="%(end)s",
            ),
            people=_("People expected: %(people)s", people="%(people)s"),
            chain=_("Part of the chain %(chain)s", chain="%(chain)s"),
            phone=_("On site: %(phone)s", phone="%(phone)s"),
            state=_("State: %(state)s", state="%(state)s"),
            states=(
                ("pending", _("waiting for an answer")),
                ("approved", _("accepted")),
                ("refused", _("refused")),
                ("expired", _("not answered in time")),
                ("cancelled", _("cancelled")),
            ),
            my_bookings=_("My bookings (Mutualim)"),
            at_site="%(resource)s – %(site)s",
            to_answer=_("To answer – %(site)s", site="%(site)s"),
            tells=tuple((audience.value, tells(audience)) for audience in Audience),
        )


def tells(audience: Audience) -> str:
    """Say what a calendar tells its reader."""
    return {
        Audience.PUBLIC: _("Says when it is taken, nothing more."),
        Audience.MEMBER: _(
            "Says when it is taken. Names organisation and purpose for your own organisations, "
            "and wherever the place shows them to members."
        ),
        Audience.MANAGER: _(
            "Says who has asked for what: organisation, purpose, quantity, state. No personal names."
        ),
        Audience.OWN: _("Says what is booked and where: purpose, quantity, state. No personal names."),
    }[audience]


def label(audience: Audience) -> str:
    """Name in two words how much a link tells."""
    return {
        Audience.PUBLIC: _("Busy only"),
        Audience.MEMBER: _("For members"),
        Audience.MANAGER: _("For managers"),
        Audience.OWN: _("In full"),
    }[audience]


def client_name(user_agent: str) -> str:
    """Name the calendar programme that came, from what it says of itself; empty when it says nothing."""
    for pattern, name in _CLIENTS:
        if re.search(pattern, user_agent):
            return name
    if user_agent.startswith("Mozilla/"):
        return "Web"
    return re.split(r"[/ (;]", user_agent.strip(), maxsplit=1)[0][:40]


@worded("feed_link_revoked")
def _link_revoked(_facts: Facts) -> str:
    return _("This calendar link was ended, or its owner may no longer read the calendar. Ask for a new one.")


@worded("too_many_feed_links")
def _too_many_links(facts: Facts) -> str:
    return _(
        "You already have %(most)s links to this calendar. End one you no longer use, then make another.",
        most=facts["most"],
    )
