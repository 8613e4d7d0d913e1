"""Taking, moving, freeing, giving back capacity, in one order: lock, drop stale, check, insert, tell (docs/locking.md).

Besides this module only closures (`closures`, `giving`) and `recomposing` write claims, under guards locked here.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import bindparam, delete, insert, select, update

from app.availability.beside import beyond
from app.availability.booked import Booked
from app.availability.claims import Row, hold_row, insert_claims, lessened, new_hold, rows_left, rows_of
from app.availability.components import part_ids, whole_ids
from app.availability.errors import PartsChanged, SeveralRefused, SlotRefused
from app.availability.giving import give_to_closures
from app.availability.having import NOTHING, Claims, apart, less
from app.availability.models import Claim, Hold, HoldKind, ResourceGuard
from app.availability.parts import margin
from app.availability.queries import Wish, claim_rows, claims_of, rules_against, terms_of
from app.availability.quotas import refuse_room
from app.availability.recalls import Cut, dated
from app.availability.rules import Part, Taken, Terms
from app.availability.several import Verdict, sweep, window_of
from app.core import clock
from app.core.errors import NotFound
from app.infra.prepared import PreparedFor
from app.infra.uow import atomic, connection, is_done, is_first

LOCK = (
    select(ResourceGuard.resource_id)
    .where(ResourceGuard.resource_id.in_(bindparam("resources", expanding=True)))
    .order_by(ResourceGuard.resource_id)
    .with_for_update()
)
BUMP = PreparedFor(update(ResourceGuard).values(rev=ResourceGuard.rev + 1), ResourceGuard.resource_id)
DROP_HOLDS = delete(Hold).where(Hold.id.in_(bindparam("holds", expanding=True)))
DROP_CLAIMS = delete(Claim).where(Claim.hold_id == bindparam("hold"))
DROP_SOME = delete(Claim).where(Claim.id.in_(bindparam("claims", expanding=True)))
CLAIMS_OF = select(Claim.__table__).where(Claim.hold_id == bindparam("hold"))
RESOURCES_OF = select(Claim.resource_id).where(Claim.hold_id == bindparam("hold")).distinct()
INSERT_HOLDS = insert(Hold).returning(Hold.id)
RESOURCES_OF_ALL = (
    select(Claim.resource_id).where(Claim.hold_id.in_(bindparam("holds", expanding=True))).distinct()
)
SET_EXPIRIES = (
    update(Hold).where(Hold.id.in_(bindparam("holds", expanding=True))).values(expires_at=bindparam("expiry"))
)
SET_EXPIRY = update(Hold).where(Hold.id == bindparam("hold")).values(expires_at=bindparam("expiry"))


def lock(resource_ids: Sequence[int]) -> None:
    """Lock the guards of all resources concerned, in one total order, before anything else is read or written.

    Parts are locked with the resources that are made of them. SQLite has locked the whole file at BEGIN IMMEDIATE
    already. What the use case has locked is not asked for again.
    """
    if connection().dialect.name == "sqlite":
        return
    if new := [each for each in set(resource_ids) if is_first(("whole", each))]:
        free = [each for each in sorted({*new, *part_ids(new)}) if is_first(("guard", each))]
        connection().execute(LOCK, {"resources": free})


def holds(resource_ids: Iterable[int]) -> bool:
    """Tell whether the use case around has locked the guards of all these; on SQLite always: it has the whole file."""
    if connection().dialect.name == "sqlite":
        return True
    return all(is_done(("guard", each)) for each in resource_ids)


def guards_around(resource_id: int) -> list[int]:
    """List the guards to lock before anything is called back of a resource: of its parts, and of all that takes any.

    There it may be lent.
    """
    own = [resource_id, *part_ids([resource_id])]
    return sorted({*own, *whole_ids(own)})


def touch(resource_ids: Sequence[int]) -> None:
    """Grow the revision of guards that are locked: whatever calendars show has changed."""
    if resource_ids:
        BUMP.run(connection(), sorted(set(resource_ids)))


def take(
    wishes: Sequence[Wish],
    kind: HoldKind = HoldKind.BOOKING,
    *,
    expires_at: int | None = None,
    override: bool = False,
) -> int:
    """Take capacity for all wishes or none; give the hold's id. Raise SlotRefused with every reason.

    `override` leaves out the terms and hours (a manager's decision); capacity is never left out.
    """
    with atomic():
        lock([wish.resource_id for wish in wishes])
        terms = _all_terms(wishes)
        _check_all(wishes, terms, override=override)
        whose, territory_id = wishes[0].asker.organisation_id, terms[wishes[0].resource_id].territory_id
        hold_id = new_hold(territory_id, kind, expires_at, whose)
        _insert_claims(hold_id, wishes, terms)
        _touch_all(terms)
    return hold_id


def take_each(
    wishes: Sequence[Wish],
    *,
    expires_at: int | None = None,
    override: bool = False,
    keep_free: bool = False,
    had: Claims = NOTHING,
) -> list[int | Verdict]:
    """Take capacity for many wishes for one resource, each with a hold of its own: what a series does.

    All or none (raise SeveralRefused), or with `keep_free` those that are free: the answer has for each wish its
    hold's id, or what stands against it. One read finds all that is in the way. What the same holder `had`, and has
    just let go, is not asked anew as to quotas.
    """
    with atomic():
        resource_id = wishes[0].resource_id
        lock([resource_id])
        terms = _all_terms(wishes)[resource_id]
        claims = _fresh_under_lock(terms, *window_of(terms, wishes))
        found = sweep(terms, wishes, claims, override=override, had=had)
        refused = {number: refusals for number, refusals in enumerate(found) if refusals}
        if refused and not keep_free:
            raise SeveralRefused(resource_id, refused, len(wishes))
        free = [wish for wish, refusals in zip(wishes, found, strict=True) if not refusals]
        holds = iter(_insert_each(terms, free, expires_at))
        _touch_all({resource_id: terms})
        return [refusals or next(holds) for refusals in found]


def release_each(hold_ids: Sequence[int]) -> None:
    """Free all that many holds take; those already dropped are no error."""
    with atomic():
        resources = _resources_of_all(hold_ids)
        lock(resources)
        _drop(hold_ids)
        give_to_closures(resources)
        touch(resources)


def confirm_each(hold_ids: Sequence[int], resource_id: int) -> None:
    """Keep many holds of one resource for good: they no longer expire."""
    with atomic():
        lock([resource_id])
        connection().execute(SET_EXPIRIES, {"holds": list(hold_ids), "expiry": None})
        touch([resource_id, *part_ids([resource_id])])


def _insert_each(terms: Terms, wishes: Sequence[Wish], expires_at: int | None) -> list[int]:
    if not wishes:
        return []
    hold = hold_row(terms.territory_id, HoldKind.BOOKING, expires_at, terms.asker.organisation_id)
    holds = sorted(connection().execute(INSERT_HOLDS, [hold] * len(wishes)).scalars())
    pairs = zip(holds, wishes, strict=True)
    insert_claims([row for hold_id, wish in pairs for row in _rows(hold_id, terms, wish)])
    return holds


def take_beside(own_hold: int | None, wish: Wish, *, expires_at: int) -> int:
    """Take what a wish needs beyond what the same holder has already, so that one of the two can be had in the end.

    Where both lie at one time on one resource only the greater counts: nobody uses both. Terms and hours are the
    caller's business. Give the hold's id; raise SlotRefused.
    """
    with atomic():
        lock([wish.resource_id])
        terms, (start, end) = _all_terms([wish])[wish.resource_id], wish.span.epochs
        reach = (terms.before + terms.after) * 60
        held = [] if own_hold is None else [own_hold]
        others, own = apart(_fresh_under_lock(terms, start - reach, end + reach), held)
        if crowd := refuse_room(terms, others, start, end, wish.qty, clock.epoch(), had=own):
            raise SlotRefused(wish.resource_id, (crowd,))
        hold_id = new_hold(terms.territory_id, HoldKind.BOOKING, expires_at, wish.asker.organisation_id)
        insert_claims(beyond(_rows(hold_id, terms, wish), own))
        _touch_all({wish.resource_id: terms})
    return hold_id


def put_off(hold_id: int, expires_at: int) -> None:
    """Let a hold end at another moment (epoch seconds); one in the past ends it at once, without any lock.

    What has ended takes nothing any more; whoever looks after the hold releases it when its turn comes.
    """
    with atomic():
        connection().execute(SET_EXPIRY, {"hold": hold_id, "expiry": expires_at})


def move(
    hold_id: int,
    wishes: Sequence[Wish],
    *,
    expires_at: int | None = None,
    override: bool = False,
    giving_up: Sequence[int] = (),
) -> None:
    """Let a hold take other capacity instead of what it has; on refusal it keeps what it had (the use case undoes).

    What the holds `giving_up` have is dropped first: it is this holder's to take, not a closure's. What all of them
    have already is not asked anew as to quotas: whoever is above their own must be able to give back.
    """
    with atomic():
        held = [hold_id, *giving_up]
        lock([*_resources_of_all(held), *(wish.resource_id for wish in wishes)])
        freed = _resources_of_all(held)
        terms = _all_terms(wishes)
        had = claims_of(held) if any(each.has_quotas for each in terms.values()) else NOTHING
        connection().execute(DROP_CLAIMS, {"hold": hold_id})
        _drop(giving_up)
        _check_all(wishes, terms, override=override, had=had)
        _insert_claims(hold_id, wishes, terms)
        connection().execute(SET_EXPIRY, {"hold": hold_id, "expiry": expires_at})
        give_to_closures(freed)
        _touch_all(terms, freed)


def keep_less(booked: Booked, wish: Wish, *, expires_at: int | None, override: bool = False) -> bool:
    """Let a hold keep of what it has only a wish, less what was called back of it: what it is `booked` for from now on.

    Its terms and hours are checked (not with `override`), nothing else: it takes nothing. False, and nothing is done,
    where it would.
    """
    with atomic():
        freed = _resources_of(booked.hold_id)
        lock([*freed, wish.resource_id])
        terms = _all_terms([wish])[wish.resource_id]
        rows = [row for need in terms.needs for row in rows_left(booked, terms, need)]
        if beyond(rows, claims_of([booked.hold_id])):
            return False
        if not override and (refusals := rules_against(terms, wish)):
            raise SlotRefused(wish.resource_id, tuple(refusals))
        connection().execute(DROP_CLAIMS, {"hold": booked.hold_id})
        insert_claims(rows)
        connection().execute(SET_EXPIRY, {"hold": booked.hold_id, "expiry": expires_at})
        give_to_closures(freed)
        _touch_all({wish.resource_id: terms}, freed)
    return True


def confirm(hold_id: int) -> None:
    """Keep a hold for good: it no longer expires. Raise NotFound when it was dropped meanwhile."""
    with atomic():
        resources = _resources_of(hold_id)
        lock(resources)
        if not resources or not _resources_of(hold_id):
            raise NotFound(kind="hold")
        connection().execute(SET_EXPIRY, {"hold": hold_id, "expiry": None})
        touch(resources)


def release(hold_id: int, *, keep_hold: bool = False) -> None:
    """Free all that a hold takes; one already dropped is no error. `keep_hold` keeps the row others refer to."""
    with atomic():
        resources = _resources_of(hold_id)
        lock(resources)
        if keep_hold:
            connection().execute(DROP_CLAIMS, {"hold": hold_id})
        else:
            _drop([hold_id])
        give_to_closures(resources)
        touch(resources)


def give_back(cut: Cut, span: tuple[int, int]) -> None:
    """Let a hold, of a stay of some span, keep what a cut leaves it; call it with the guards locked.

    Nothing is checked: what is left is part of what it had.
    """
    found = [row._asdict() for row in connection().execute(CLAIMS_OF, {"hold": cut.hold_id})]
    dropped, rows = list[int](), list[Row]()
    for claim in found:
        pieces = lessened(claim, *cut.on(claim["resource_id"], span))
        if pieces != [claim]:
            dropped.append(claim["id"])
            rows += [{name: value for name, value in each.items() if name != "id"} for each in pieces]
    connection().execute(DROP_SOME, {"claims": dropped})
    insert_claims(rows)
    concerned = sorted({claim["resource_id"] for claim in found})
    give_to_closures(concerned)
    touch(concerned)


def _all_terms(wishes: Sequence[Wish]) -> dict[int, Terms]:
    """Read the terms of all resources concerned, for the one organisation that asks."""
    terms = terms_of({wish.resource_id for wish in wishes}, wishes[0].asker)
    if any(wish.resource_id not in terms for wish in wishes):
        raise NotFound(kind="resource")
    _refuse_unlocked(part for each in terms.values() for part in each.parts)
    return terms


def _refuse_unlocked(parts: Iterable[Part]) -> None:
    """Raise PartsChanged for parts that were added between reading what to lock and having the locks."""
    if connection().dialect.name != "sqlite" and any(is_first(("guard", part.resource_id)) for part in parts):
        raise PartsChanged


def _touch_all(terms: Mapping[int, Terms], others: Iterable[int] = ()) -> None:
    touch([*others, *(need.resource_id for each in terms.values() for need in each.needs)])


def _check_all(
    wishes: Sequence[Wish], terms: Mapping[int, Terms], *, override: bool, had: Claims = NOTHING
) -> None:
    """Check wishes in their order; those before count for the ones after them."""
    known: dict[int, list[Taken]] = defaultdict(list)
    for wish in wishes:
        own = terms[wish.resource_id]
        _check(wish, own, known, override=override, had=less(had, known))
        for row in _rows(0, own, wish) if len(wishes) > 1 else ():
            known[row["resource_id"]].append(_as_taken(row, wish.asker.organisation_id))


def _check(wish: Wish, terms: Terms, known: Claims, *, override: bool, had: Claims) -> None:
    refusals = [] if override else rules_against(terms, wish)
    start, end = wish.span.epochs
    claims = _claims_under_lock(terms, start, end, known)
    if crowd := refuse_room(terms, claims, start, end, wish.qty, clock.epoch(), had=had):
        refusals.append(dated(crowd, terms, claims, start, end, wish.qty))
    if refusals:
        raise SlotRefused(wish.resource_id, tuple(refusals))


def _as_taken(row: Mapping[str, Any], whose: int) -> Taken:
    margins = row["buffer_before"] * 60, row["buffer_after"] * 60
    return Taken(
        row["start_at"], row["end_at"], row["qty"], row["hold_id"], HoldKind.BOOKING, *margins, whose
    )


def _claims_under_lock(terms: Terms, start: int, end: int, known: Claims) -> Claims:
    """Read the neighbours of a wish, dropping the holds that have expired on the way; `known` come on top."""
    reach = (terms.before + terms.after) * 60
    found = _fresh_under_lock(terms, start - reach, end + reach)
    return {each: [*found.get(each, ()), *known.get(each, ())] for each in {*found, *known}}


def _fresh_under_lock(terms: Terms, since: int, until: int) -> dict[int, list[Taken]]:
    """Read the claims on a resource and on its parts, by resource, and drop the holds that have expired."""
    found, stale, now = defaultdict(list), set(), clock.epoch()
    wider = margin(terms)
    for resource_id, *taken, expires_at in claim_rows(
        [need.resource_id for need in terms.needs], since - wider, until + wider
    ):
        claim = Taken(*taken)
        if expires_at is not None and expires_at <= now:
            stale.add(claim.hold_id)
        else:
            found[resource_id].append(claim)
    _drop(sorted(stale))
    return found


def _drop(holds: Sequence[int]) -> None:
    if holds:
        connection().execute(DROP_HOLDS, {"holds": list(holds)})


def _insert_claims(hold_id: int, wishes: Sequence[Wish], terms: dict[int, Terms]) -> None:
    insert_claims([row for wish in wishes for row in _rows(hold_id, terms[wish.resource_id], wish)])


def _rows(hold_id: int, terms: Terms, wish: Wish) -> list[Row]:
    """Write the claims of one wish, on the resource and on each of its parts."""
    return [row for need in terms.needs for row in rows_of(hold_id, terms, need, wish.span.epochs, wish.qty)]


def _resources_of(hold_id: int) -> list[int]:
    return list(connection().execute(RESOURCES_OF, {"hold": hold_id}).scalars())


def _resources_of_all(hold_ids: Sequence[int]) -> list[int]:
    return list(connection().execute(RESOURCES_OF_ALL, {"holds": list(hold_ids)}).scalars())
