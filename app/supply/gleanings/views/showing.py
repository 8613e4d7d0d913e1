"""The page of one gleaning, for whoever looks at it, with what was typed and refused."""

from collections.abc import Sequence
from typing import Any

from werkzeug.wrappers import Response

from app.core import clock
from app.core.policy import can
from app.supply.chains.views.drafts import drafted
from app.supply.chains.views.outrun import warned_from
from app.supply.gleanings import queries
from app.supply.gleanings.forms import AttendanceForm, HarvestForm, ReasonForm, SignUpForm
from app.supply.gleanings.models import Gleaning, GleaningSignUp
from app.supply.gleanings.policy import GleaningPermission as P
from app.supply.gleanings.queries import Count, Viewed
from app.supply.gleanings.rules import State
from app.supply.gleanings.words import (
    free_words,
    gleaning_facts,
    going_words,
    line_words,
    load_facts,
    part_words,
    people_words,
    standing_words,
    title_words,
)
from app.supply.offers import queries as offers
from app.web.format import distance
from app.web.identity import current_actor
from app.web.page import page


def show_gleaning(viewed: Viewed, *, trouble: str = "", status: int = 200, **typed: Any) -> Response:
    """Show a gleaning; `typed` are forms that were refused: signing, cancelling, harvesting, attending."""
    gleaning, actor, now = viewed.gleaning, current_actor(), clock.now()
    those = queries.sign_ups_of(gleaning.id)
    count = _count(those)
    is_own, begun = can(actor, P.KEEP, viewed), gleaning.has_begun_at(now)
    takes_people = gleaning.takes_people_at(now)
    may_sign = takes_people and can(actor, P.SIGN_UP, viewed)
    return page(
        "supply/gleanings/show.html",
        status=status,
        trouble=trouble,
        gleaning=gleaning,
        title=title_words(gleaning),
        standing=standing_words(gleaning, count),
        is_cancelled=gleaning.state == State.CANCELLED,
        is_over=gleaning.state != State.CANCELLED and now >= gleaning.end_at,
        may_change=is_own and gleaning.may_change_at(now),
        count=count,
        going=going_words(gleaning, count),
        line=line_words(count),
        free=free_words(gleaning, count) if may_sign else "",
        part=_part(gleaning, count, viewed.own, typed.get("signing")) if may_sign else "",
        facts_rows=gleaning_facts(gleaning, _km(gleaning)),
        load_rows=load_facts(gleaning),
        own=_own(viewed.own, those),
        signing=typed.get("signing") or (_signing(viewed.own) if may_sign else None),
        may_leave=takes_people and viewed.own is not None,
        is_own=is_own,
        people=[_person(each) for each in those] if is_own else [],
        drafted=drafted(gleaning.origin, actor),
        warned=warned_from(gleaning.origin, actor),
        harvesting=(typed.get("harvesting") or _harvesting(gleaning)) if is_own and begun else None,
        attending=(typed.get("attending") or attending(those)) if is_own and begun and those else None,
        cancelling=typed.get("cancelling") or ReasonForm(formdata=None),
    )


def attending(those: Sequence[GleaningSignUp], form: AttendanceForm | None = None) -> AttendanceForm:
    """Give the form of who came: all who had a place, until something was noted."""
    going = [each for each in those if each.is_going]
    form = form or AttendanceForm(formdata=None)
    form.came.choices = [
        (each.public_id, f"{each.person.name}, {people_words(each.people)}") for each in going
    ]
    if form.came.data is None:
        form.came.data = [each.public_id for each in going if each.came is not False]
    return form


def _count(those: Sequence[GleaningSignUp]) -> Count:
    going = sum(each.people for each in those if each.is_going)
    return Count(going, sum(each.in_line for each in those))


def _own(own: GleaningSignUp | None, those: Sequence[GleaningSignUp]) -> dict[str, Any] | None:
    """Write how somebody signed up themselves, with their turn where they are in line."""
    if own is None:
        return None
    ahead = [each for each in those if each.in_line and each.id <= own.id]
    return {
        "is_going": own.is_going,
        "people": people_words(own.people),
        "waiting": people_words(own.waiting) if own.waiting else "",
        "turn": len(ahead),
    }


def _part(gleaning: Gleaning, count: Count, own: GleaningSignUp | None, typed: SignUpForm | None) -> str:
    """Say what the button does that lets some of a group come; nothing where all fit, or none, or nobody asked."""
    left, people = gleaning.most_people - count.going, own.in_line if own and not own.is_going else 0
    if typed is not None and not (own and own.is_going):
        people = typed.people
    return part_words(left) if 0 < left < people else ""


def _signing(own: GleaningSignUp | None) -> SignUpForm:
    form = SignUpForm(formdata=None)
    if own is not None:
        form.others.data = own.all_people - 1
    return form


def _person(each: GleaningSignUp) -> dict[str, Any]:
    return {
        "name": each.person.name,
        "phone": each.person.phone,
        "people": people_words(each.people),
        "waiting": people_words(each.in_line) if each.is_going and each.waiting else "",
        "is_going": each.is_going,
    }


def _harvesting(gleaning: Gleaning) -> HarvestForm:
    form = HarvestForm(formdata=None)
    form.amount.show(gleaning.real_grams or 0)
    return form


def _km(gleaning: Gleaning) -> str:
    """Say how far it is from the organisation somebody acts for; nothing where it is their own."""
    ours = offers.find_organisation(current_actor().acting_for)
    if ours is None or ours.id == gleaning.organisation_id:
        return ""
    km = offers.nearest(offers.points_of([ours]).get(ours.id, ()), gleaning.point)
    return distance(km) if km is not None else ""
