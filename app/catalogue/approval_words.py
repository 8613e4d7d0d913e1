"""The sentences about who says yes at a place: two approvals, and the people who could give them."""

from babel.lists import format_list
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import ngettext as _n

from app.web.words import Facts, worded


@worded("two_step_impossible")
def _two_step_impossible(facts: Facts) -> str:
    if facts.get("field") != "approval":
        return _needed(facts["resources"])
    if facts["people"] == 1:
        return _(
            "Only one person holds a function at this site, and the same person counts once. On the page of the site, "
            "give a function to somebody else, then choose two approvals again."
        )
    if "technical" in facts["held"]:
        return _(
            "Nobody is an elected official at this site. On the page of the site, say who is, "
            "then choose two approvals again."
        )
    if "elected" in facts["held"]:
        return _(
            "Nobody is a technical manager at this site. On the page of the site, say who is, "
            "then choose two approvals again."
        )
    return _(
        "Two different people have to agree: a technical manager and an elected official. On the page of the site, "
        "say who holds these functions, then choose two approvals again."
    )


def _needed(resources: list[str]) -> str:
    names = format_list(resources, locale=get_locale())
    return _n(
        "Two different people must be able to agree for %(names)s: a technical manager and an elected official. "
        "Give the function to somebody else first, or choose another approval for this resource.",
        "Two different people must be able to agree for %(names)s: a technical manager and an elected official. "
        "Give the function to somebody else first, or choose another approval for these resources.",
        len(resources),
        names=names,
    )
