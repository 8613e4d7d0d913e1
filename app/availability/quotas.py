"""Quotas of organisations inside a shared capacity, seen as claims: what those of others keep counts as taken. Pure.

Peaks, free windows, calendars, search, series and alternatives read a list of what is taken and need not know of quotas
(docs/quotas.md). Where a slot is refused, this module tells whether quotas are the reason.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime

from app.availability.errors import Refusal
from app.availability.having import NOTHING, Claims
from app.availability.lending import lent_to_others
from app.availability.parts import project
from app.availability.rules import (
    DAY_MINUTES,
    Part,
    Taken,
    Terms,
    crowded,
    loads,
    peak,
    refuse_crowd,
    visible,
)
from app.availability.sharing import KEPT, Quotas

# What may be the fault of those who borrow; a closure or an hour is not.
_PHYSICAL = frozenset({"taken", "capacity", "buffer"})


# -- what is kept -------------------------------------------------------------------------------------------


def kept(
    quotas: Quotas, but: int, taken: Sequence[Taken], since: int, until: int, now: int
) -> Iterator[Taken]:
    """Give, as claims, what quotas keep within [since, until) for all organisations but one: what they have not used.

    Nothing is kept of the time that is near enough to be lent.
    """
    since = max(since, quotas.kept_from(now))
    if since >= until:
        return
    for organisation, share in quotas.shares.items():
        if organisation != but:
            own = [claim for claim in taken if claim.organisation == organisation]
            for load in loads(own, since, until):
                if load.qty < share:
                    yield Taken(load.start, load.end, share - load.qty, 0, KEPT, organisation=organisation)


def seen(
    terms: Terms, claims: Claims, since: int, until: int, now: int, *, qty: int = 0, had: Claims = NOTHING
) -> list[Taken]:
    """List what is taken of a resource as its asker sees it: its claims, what its parts lack, what quotas keep.

    Where the asker `had` as much as the `qty` that is wanted, nothing is kept from it: that is not asked anew.
    """
    if not terms.has_quotas:  # the usual case, on the hot path of every check
        return (
            project(terms, claims, since, until) if terms.parts else list(claims.get(terms.resource_id, ()))
        )
    with_kept = {
        need.resource_id: [
            *claims.get(need.resource_id, ()),
            *_beyond_had(
                _kept_of(terms, need, claims, since, until, now),
                had.get(need.resource_id, ()),
                qty * need.qty,
            ),
        ]
        for need in terms.needs
    }
    if not terms.parts:
        return with_kept[terms.resource_id]
    bare, whole = (project(terms, each, since, until) for each in (claims, with_kept))
    return [*bare, *_beyond(bare, whole, since, until)]


def _kept_of(terms: Terms, need: Part, claims: Claims, since: int, until: int, now: int) -> Iterable[Taken]:
    if need.quotas is None:
        return ()
    wider = max(need.before, need.after) * 60 if terms.parts else 0
    taken = claims.get(need.resource_id, ())
    return kept(need.quotas, terms.asker.organisation_id, taken, since - wider, until + wider, now)


def _beyond_had(keeping: Iterable[Taken], had: Sequence[Taken], qty: int) -> Iterable[Taken]:
    """Leave of what is kept only the times at which somebody wants more than they had."""
    if not had:
        return keeping
    return [
        claim._replace(start=load.start, end=load.end)
        for claim in keeping
        for load in loads(had, claim.start, claim.end)
        if load.qty < qty
    ]


def _beyond(bare: Sequence[Taken], whole: Sequence[Taken], since: int, until: int) -> Iterator[Taken]:
    """Give what one list has beyond another, as claims of quotas: the two reasons for a lack stay apart."""
    edges = [claim._replace(qty=0) for claim in (*bare, *whole)]
    less, more = (loads([*each, *edges], since, until) for each in (bare, whole))
    for without, load in zip(less, more, strict=True):
        if load.qty > without.qty:
            part = _part_at(whole, load.start)
            yield Taken(load.start, load.end, load.qty - without.qty, 0, KEPT, part=part)


def _part_at(whole: Iterable[Taken], at: int) -> int:
    """Tell which part (its id) lacks at an instant because of its quotas; 0 where they are the resource's own."""
    here = [claim for claim in whole if claim.start <= at < claim.end and (claim.part or claim.kind == KEPT)]
    return max(here, key=lambda claim: (claim.kind == KEPT, claim.qty)).part if here else 0


# -- why not ------------------------------------------------------------------------------------------------


def refuse_room(
    terms: Terms, claims: Claims, start: int, end: int, qty: int, now: int, *, had: Claims = NOTHING
) -> Refusal | None:
    """Check that `qty` fits all along a wish, parts, quotas and buffers included; say what stands in the way.

    `claims` are those on the resource and its parts, known as far around the wish as its buffers and `margin` reach;
    what its holder `had` of them and lets go is not among them, and is not asked anew as to quotas.
    """
    reach = (terms.before + terms.after) * 60
    taken = seen(terms, claims, start - reach, end + reach, now, qty=qty, had=had)
    if not terms.has_quotas:
        return refuse_crowd(terms, taken, start, end, qty)
    crowd = crowded(taken, *terms.widen(start, end), terms.capacity - qty)
    if not crowd:
        return None
    bare = [claim for claim in taken if claim.kind != KEPT]
    found = refuse_crowd(terms, bare, start, end, qty)
    if found is None:
        refusal = _refuse_kept(terms, taken, crowd, start, end, qty, now)
        refusal.facts["free"] = max(refusal.facts["free"], _least(had, terms, start, end))
        return refusal
    if found.code in _PHYSICAL and (lent := _refuse_lent(terms, claims, found, start, end, qty)):
        return lent
    if found.code == "capacity":
        found.facts["free"] = max(terms.capacity - peak(visible(taken), start, end), 0)
        found.facts["kept"] = peak([claim for claim in taken if claim.kind == KEPT], start, end)
    return found


def _refuse_kept(
    terms: Terms,
    taken: Sequence[Taken],
    crowd: Sequence[tuple[int, int]],
    start: int,
    end: int,
    qty: int,
    now: int,
) -> Refusal:
    """Say how much is left beside the quotas of others, and from when on these are lent."""
    keeping = [
        claim
        for claim in taken
        if claim.kind == KEPT and claim.start < crowd[0][1] and claim.end > crowd[0][0]
    ]
    part = next((claim.part for claim in keeping if claim.part), 0)
    need = next(each for each in terms.needs if each.resource_id == (part or terms.resource_id))
    quotas = need.quotas or next(each.quotas for each in terms.needs if each.quotas)
    opens = quotas.lent_at(crowd[-1][1])
    is_soon_enough = opens is not None and now < opens <= _last_moment(terms, start)
    facts = {
        "from": crowd[0][0],
        "to": crowd[-1][1],
        "free": max(terms.capacity - peak(taken, *terms.widen(start, end)), 0),
        "kept": peak(keeping, *crowd[0]),
        "total": terms.capacity,
        "asked": qty,
        "opens": datetime.fromtimestamp(opens, UTC) if is_soon_enough and opens is not None else None,
        "lent_to": _lent_to(terms, quotas, start, end, now),
        "never": not is_soon_enough
        and qty * need.qty > need.capacity - quotas.others(terms.asker.organisation_id),
    }
    return Refusal("quota", facts | ({"part": part} if part else {}))


def _lent_to(terms: Terms, quotas: Quotas, start: int, end: int, now: int) -> datetime | None:
    """Tell until when quotas are lent now, where that is within the wish; None where all or nothing of it is near.

    What is lent by days is lent until a midnight.
    """
    until = datetime.fromtimestamp(quotas.kept_from(now), terms.zone)
    if terms.by_day:
        until = until.replace(hour=0, minute=0, second=0)
    return until.astimezone(UTC) if start < until.timestamp() < end else None


def _least(had: Claims, terms: Terms, start: int, end: int) -> int:
    """Tell how much of a resource somebody had all along a wish: as much they can keep."""
    own = loads(had.get(terms.resource_id, ()), *terms.widen(start, end))
    return min(load.qty for load in own)


def _last_moment(terms: Terms, start: int) -> int:
    """Tell until when a wish can be asked for: its notice before it begins; by days, before its first day is over."""
    return start - terms.notice * 60 + (DAY_MINUTES * 60 - 1 if terms.by_day else 0)


def _refuse_lent(
    terms: Terms, claims: Claims, found: Refusal, start: int, end: int, qty: int
) -> Refusal | None:
    """Say that what stands in the way is one's own quota, lent to others; None where it is something else.

    What calling it back would do depends on who has it: `app.availability.recalls.dated` adds that.
    """
    lent = lent_to_others(terms, claims, start, end, qty)
    if not lent:
        return None
    facts = {
        "from": found.facts.get("from", start),
        "to": found.facts.get("to", end),
        "free": max(found.facts.get("free", 0), 0),
        "total": terms.capacity,
        "share": min(each.quotas.share_of(terms.asker.organisation_id) for each in lent),
    }
    return Refusal("lent", facts | ({"part": found.facts["part"]} if "part" in found.facts else {}))
