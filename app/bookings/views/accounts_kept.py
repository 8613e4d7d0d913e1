"""What waits for whoever keeps accounts, on their own page: parts of costs, what is owed, what was announced."""

from collections.abc import Iterable

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext as _n

from app.accounts.models import Organisation
from app.bookings.costs import SharedCost
from app.core.policy import Actor
from app.payments.books.standing import owing, with_accounts
from app.payments.queries import asked_of
from app.web.format import day, money, span_words

Line = dict[str, str]


def accounts_of(actor: Actor) -> list[tuple[Organisation, int]]:
    """List the organisations whose accounts the reader keeps, with how many payments are announced to each."""
    return with_accounts(actor.kept_accounts) if actor.kept_accounts else []


def to_settle(
    actor: Actor, accounts: Iterable[tuple[Organisation, int]], shared: Iterable[SharedCost]
) -> list[Line]:
    """List parts of costs and programmes to say yes to, what is to be paid, and what is said to have been sent."""
    if not actor.kept_accounts:
        return []
    asked = [
        _shared(each, _("%(name)s is asked to share this cost", name=each.organisation.name))
        for each in shared
        if each.is_asked
    ]
    return [*asked, *_programmes(actor), *_owed(actor), *_announced(accounts)]


def accepted_line(cost: SharedCost) -> Line:
    """Write one line about a cost of which a part was accepted: the way back to it."""
    return _shared(cost, _("%(name)s shares this cost", name=cost.organisation.name))


def _shared(cost: SharedCost, label: str) -> Line:
    """Write one line about a cost that is shared, with the way to it: to that of a whole request, where it is one."""
    booking = cost.booking
    if booking.bundle is None:
        href = url_for("bookings.costs", ref=booking.ref)
        detail = f"{booking.resource.name}, {span_words(booking.span, booking.resource.site.timezone)}"
    else:
        href = url_for("bookings.bundle_costs", bundle_ref=booking.bundle.ref)
        detail = booking.bundle.purpose
    return {"label": label, "detail": detail, "href": href, "icon": "users"}


def _programmes(actor: Actor) -> list[Line]:
    return [
        {
            "label": _("%(name)s is asked to pay for others", name=each.organisation.name),
            "detail": each.name,
            "href": url_for(
                "payments.programmes", slug=each.organisation.slug, _anchor=f"p-{each.public_id}"
            ),
            "icon": "euro",
        }
        for each in asked_of(actor.kept_accounts)
    ]


def _owed(actor: Actor) -> list[Line]:
    return [
        {
            "label": _(
                "%(name)s owes %(amount)s",
                name=each.organisation.name,
                amount=money(each.cents, each.currency),
            ),
            "detail": _("Since %(day)s: see what for, and pay", day=day(each.since, tz=each.timezone)),
            "href": url_for("payments.accounts", slug=each.organisation.slug, etat="du"),
            "icon": "euro",
        }
        for each in owing(actor.kept_accounts)
    ]


def _announced(accounts: Iterable[tuple[Organisation, int]]) -> list[Line]:
    return [
        {
            "label": _n(
                "%(num)s payment is announced to %(name)s",
                "%(num)s payments are announced to %(name)s",
                count,
                name=each.name,
            ),
            "detail": _n(
                "Look for it on the account, and note it once it is there",
                "Look for them on the account, and note each once it is there",
                count,
            ),
            "href": url_for("payments.accounts", slug=each.slug) + "#theirs",
            "icon": "euro",
        }
        for each, count in accounts
        if count
    ]
