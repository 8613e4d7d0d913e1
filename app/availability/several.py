"""Many wishes for one resource, as a series has them: checked together, with one read of what is taken around them."""

from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

from app.availability.askers import Asker
from app.availability.errors import Refusal
from app.availability.having import NOTHING, Claims, apart, less
from app.availability.hours import refuse_hours
from app.availability.models import MAX_CLAIM_SECONDS
from app.availability.parts import margin
from app.availability.queries import Wish, fresh_claims, terms_of
from app.availability.quotas import refuse_room
from app.availability.recalls import dated
from app.availability.rules import Taken, Terms, refuse_terms
from app.core import clock

Verdict = tuple[Refusal, ...]
OWN_HOLD = 0  # what the wishes before in the list would take


class Sweep:
    """What is taken of one resource in the order of time, so that each wish looks only at its neighbours."""

    def __init__(self, terms: Terms, claims: Mapping[int, Iterable[Taken]], had: Claims = NOTHING) -> None:
        self.terms, self._had = terms, had
        self._claims = {need.resource_id: sorted(claims.get(need.resource_id, ())) for need in terms.needs}
        self._reach, self._wider = (terms.before + terms.after) * 60, margin(terms)
        self._now = clock.now()

    def refusals(self, wish: Wish, *, override: bool = False) -> tuple[Refusal, ...]:
        """Tell everything against a wish; `override` leaves out the terms and hours, never the capacity."""
        start, end = wish.span.epochs
        found = [] if override else refuse_terms(self.terms, wish.span, wish.qty, self._now)
        if not override and (hours := refuse_hours(self.terms, wish.span)):
            found.append(hours)
        near = self._near(start - self._reach, end + self._reach)
        had = less(self._had, apart(near, [OWN_HOLD])[1]) if self._had else self._had
        if crowd := refuse_room(self.terms, near, start, end, wish.qty, int(self._now.timestamp()), had=had):
            found.append(dated(crowd, self.terms, near, start, end, wish.qty))
        return tuple(found)

    def add(self, wish: Wish) -> None:
        """Count a wish among what is taken: those after it must fit beside it."""
        for need in self.terms.needs:
            before, after = need.before * 60, need.after * 60
            start, end = wish.span.epochs[0] - before, wish.span.epochs[1] + after
            for at in range(
                start, end, MAX_CLAIM_SECONDS
            ):  # no claim is longer, or it would not be found again
                until = min(at + MAX_CLAIM_SECONDS, end)
                margins = before if at == start else 0, after if until == end else 0
                whose = wish.asker.organisation_id
                taken = Taken(at, until, wish.qty * need.qty, OWN_HOLD, "booking", *margins, whose)
                insort(self._claims[need.resource_id], taken)

    def _near(self, since: int, until: int) -> dict[int, list[Taken]]:
        since, until = since - self._wider, until + self._wider
        return {each: _between(own, since, until) for each, own in self._claims.items()}


def _between(claims: Sequence[Taken], since: int, until: int) -> list[Taken]:
    """Pick what overlaps [since, until) of claims in the order of time."""
    first = bisect_left(claims, (since - MAX_CLAIM_SECONDS,))
    last = bisect_left(claims, (until,))
    return [claim for claim in claims[first:last] if claim.end > since]


def window_of(terms: Terms, wishes: Sequence[Wish]) -> tuple[int, int]:
    """Give the one range of time (epoch seconds) in which anything could stand in the way of any of the wishes."""
    reach = (terms.before + terms.after) * 60
    ends = [wish.span.epochs for wish in wishes]
    return min(start for start, _ in ends) - reach, max(end for _, end in ends) + reach


def sweep(
    terms: Terms,
    wishes: Sequence[Wish],
    claims: Mapping[int, Iterable[Taken]],
    *,
    override: bool,
    had: Claims = NOTHING,
) -> list[Verdict]:
    """Tell what stands against each wish, in their order; those that fit count for the ones after them.

    `claims` are those on the resource and on its parts, by resource; what the same holder `had` and lets go is not
    asked anew as to quotas.
    """
    found, known = [], Sweep(terms, claims, had)
    for wish in wishes:
        refusals = known.refusals(wish, override=override)
        if not refusals:
            known.add(wish)
        found.append(refusals)
    return found


def verdicts(wishes: Sequence[Wish], *, had: Claims = NOTHING) -> list[Verdict]:
    """Tell everything against each of many wishes for the same resource (an empty one: it is free), for a preview.

    What the same holder `had` and lets go is not asked anew as to quotas.
    """
    return verdicts_of({0: wishes}, had=had)[0] if wishes else []


def verdicts_each(wishes: Sequence[Wish], *, but: Collection[int] = ()) -> list[Verdict]:
    """Tell everything against each of many wishes, whatever their resources: those for the same one count together.

    What the holds `but` take is left aside, and not asked anew as to quotas.
    """
    several: dict[int, list[Wish]] = defaultdict(list)
    for wish in wishes:
        several[wish.resource_id].append(wish)
    found = {resource_id: iter(each) for resource_id, each in verdicts_of(several, but=but).items()}
    return [next(found[wish.resource_id]) for wish in wishes]


def _terms_of_lists(several: Mapping[int, Sequence[Wish]]) -> dict[int, Terms]:
    """Read the terms of each list of wishes, those of one asker together."""
    firsts = {number: wishes[0] for number, wishes in several.items()}
    wanted: dict[Asker, set[int]] = {}
    for wish in firsts.values():
        wanted.setdefault(wish.asker, set()).add(wish.resource_id)
    terms = {asker: terms_of(ids, asker) for asker, ids in wanted.items()}
    return {number: terms[wish.asker][wish.resource_id] for number, wish in firsts.items()}


def verdicts_of(
    several: Mapping[int, Sequence[Wish]],
    *,
    override: bool = False,
    but: Collection[int] = (),
    had: Claims = NOTHING,
) -> dict[int, list[Verdict]]:
    """Tell everything against the wishes of many lists, each for one resource, with one read of what is taken for all.

    The lists do not count for one another; `override` leaves out the terms and hours, `but` what these holds take: that
    is not asked anew as to quotas, nor is what the same holder `had` and has let go.
    """
    if not several:
        return {}
    terms = _terms_of_lists(several)
    windows = [window_of(terms[number], wishes) for number, wishes in several.items()]
    since, until = min(start for start, _end in windows), max(end for _start, end in windows)
    wider = max(margin(each) for each in terms.values())
    together = {need.resource_id for each in terms.values() for need in each.needs}
    claims, own = apart(fresh_claims(together, since - wider, until + wider), set(but))
    return {
        number: sweep(terms[number], wishes, claims, override=override, had=own or had)
        for number, wishes in several.items()
    }
