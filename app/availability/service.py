"""The only writer of holds and claims, in one order: lock, drop stale, check, insert, tell (docs/locking.md)."""

from collections.abc import Sequence

from sqlalchemy import bindparam, delete, insert, select, update

from app.availability.errors import SeveralRefused, SlotRefused
from app.availability.events import CapacityFreed
from app.availability.hours import refuse_hours
from app.availability.models import Claim, Closure, Hold, HoldKind, ResourceGuard
from app.availability.queries import Wish, claim_rows, terms_of
from app.availability.rules import Taken, Terms, loads, pieces, refuse_crowd, refuse_terms
from app.availability.several import Verdict, sweep, window_of
from app.catalogue.models import Resource
from app.core import clock
from app.core.errors import NotFound
from app.infra.db import db
from app.infra.events import emit
from app.infra.uow import atomic, is_first

LOCK = (
    select(ResourceGuard.resource_id)
    .where(ResourceGuard.resource_id.in_(bindparam("resources", expanding=True)))
    .order_by(ResourceGuard.resource_id)
    .with_for_update()
)
BUMP = (
    update(ResourceGuard)
    .where(ResourceGuard.resource_id.in_(bindparam("resources", expanding=True)))
    .values(rev=ResourceGuard.rev + 1)
)
INSERT_HOLD = insert(Hold).returning(Hold.id)
INSERT_CLAIM = insert(Claim)
DROP_HOLDS = delete(Hold).where(Hold.id.in_(bindparam("holds", expanding=True)))
DROP_CLAIMS = delete(Claim).where(Claim.hold_id == bindparam("hold"))
RESOURCES_OF = select(Claim.resource_id).where(Claim.hold_id == bindparam("hold")).distinct()
CLOSURES_OVER = (
    select(Closure.hold_id, Closure.start_at, Closure.end_at)
    .join(Resource, (Resource.id == Closure.resource_id) | (Resource.site_id == Closure.site_id))
    .where(
        Resource.id == bindparam("resource"), Closure.lifted_at.is_(None), Closure.end_at > bindparam("now")
    )
)
DROP_CLOSED = delete(Claim).where(
    Claim.resource_id == bindparam("resource"), Claim.hold_id.in_(bindparam("holds", expanding=True))
)
SET_ALONE = (
    update(Claim)
    .where(Claim.resource_id == bindparam("resource"), Claim.start_at >= bindparam("now"))
    .where(Claim.alone != bindparam("is_alone"))
    .values(alone=bindparam("is_alone"))
)
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

    SQLite has locked the whole file at BEGIN IMMEDIATE already. What the use case has locked is not asked for again.
    """
    connection = db.session.connection()
    if connection.dialect.name == "sqlite":
        return
    if free := [each for each in sorted(set(resource_ids)) if is_first(("guard", each))]:
        connection.execute(LOCK, {"resources": free})


def touch(resource_ids: Sequence[int]) -> None:
    """Grow the revision of guards that are locked: whatever calendars show has changed."""
    if resource_ids:
        db.session.connection().execute(BUMP, {"resources": sorted(set(resource_ids))})


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
        for wish in wishes:
            _check(wish, terms[wish.resource_id], override=override)
        hold_id = new_hold(terms[wishes[0].resource_id].territory_id, kind, expires_at)
        _insert_claims(hold_id, wishes, terms)
        touch([wish.resource_id for wish in wishes])
    return hold_id


def take_each(
    wishes: Sequence[Wish], *, expires_at: int | None = None, override: bool = False, keep_free: bool = False
) -> list[int | Verdict]:
    """Take capacity for many wishes for one resource, each with a hold of its own: what a series does.

    All or none (raise SeveralRefused), or with `keep_free` those that are free: the answer has for each wish its
    hold's id, or what stands against it. One read finds all that is in the way.
    """
    with atomic():
        resource_id = wishes[0].resource_id
        lock([resource_id])
        terms = _all_terms(wishes)[resource_id]
        found = sweep(terms, wishes, _fresh_under_lock(terms, *window_of(terms, wishes)), override=override)
        refused = {number: refusals for number, refusals in enumerate(found) if refusals}
        if refused and not keep_free:
            raise SeveralRefused(resource_id, refused, len(wishes))
        free = [wish for wish, refusals in zip(wishes, found, strict=True) if not refusals]
        holds = iter(_insert_each(terms, free, expires_at))
        touch([resource_id])
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
        db.session.connection().execute(SET_EXPIRIES, {"holds": list(hold_ids), "expiry": None})
        touch([resource_id])


def _insert_each(terms: Terms, wishes: Sequence[Wish], expires_at: int | None) -> list[int]:
    if not wishes:
        return []
    connection = db.session.connection()
    hold = {"territory_id": terms.territory_id, "kind": HoldKind.BOOKING.value, "expires_at": expires_at}
    holds = sorted(connection.execute(INSERT_HOLDS, [hold] * len(wishes)).scalars())
    pairs = zip(holds, wishes, strict=True)
    connection.execute(INSERT_CLAIM, [row for hold_id, wish in pairs for row in _rows(hold_id, terms, wish)])
    return holds


def take_beside(own_hold: int | None, wish: Wish, *, expires_at: int) -> int:
    """Take what a wish needs beyond what the same holder has already, so that one of the two can be had in the end.

    Where both lie at one time on one resource only the greater counts: nobody uses both. Terms and hours are the
    caller's business. Give the hold's id; raise SlotRefused.
    """
    with atomic():
        lock([wish.resource_id])
        terms, (start, end) = _all_terms([wish])[wish.resource_id], wish.span.epochs
        around = _taken_under_lock(terms, start, end)
        others = [claim for claim in around if claim.hold_id != own_hold]
        if crowd := refuse_crowd(terms, others, start, end, wish.qty):
            raise SlotRefused(wish.resource_id, (crowd,))
        hold_id = new_hold(terms.territory_id, HoldKind.BOOKING, expires_at)
        own = [claim for claim in around if claim.hold_id == own_hold]
        if more := _beyond(hold_id, terms, wish, own):
            db.session.connection().execute(INSERT_CLAIM, more)
        touch([wish.resource_id])
    return hold_id


def _beyond(hold_id: int, terms: Terms, wish: Wish, own: Sequence[Taken]) -> list[dict[str, int | bool]]:
    return [
        _row(hold_id, terms, piece, wish.qty - load.qty)
        for load in loads(own, *terms.widen(*wish.span.epochs))
        if load.qty < wish.qty
        for piece in pieces(load.start, load.end)
    ]


def put_off(hold_id: int, expires_at: int) -> None:
    """Let a hold end at another moment (epoch seconds); one in the past ends it at once, without any lock.

    What has ended takes nothing any more; whoever looks after the hold releases it when its turn comes.
    """
    with atomic():
        db.session.connection().execute(SET_EXPIRY, {"hold": hold_id, "expiry": expires_at})


def move(
    hold_id: int,
    wishes: Sequence[Wish],
    *,
    expires_at: int | None = None,
    override: bool = False,
    giving_up: Sequence[int] = (),
) -> None:
    """Let a hold take other capacity instead of what it has; on refusal it keeps what it had (the use case undoes).

    What the holds `giving_up` have is dropped first: it is this holder's to take, not a closure's.
    """
    with atomic():
        held = [hold_id, *giving_up]
        lock([*_resources_of_all(held), *(wish.resource_id for wish in wishes)])
        freed = _resources_of_all(held)
        terms = _all_terms(wishes)
        connection = db.session.connection()
        connection.execute(DROP_CLAIMS, {"hold": hold_id})
        _drop(giving_up)
        for wish in wishes:
            _check(wish, terms[wish.resource_id], override=override)
        _insert_claims(hold_id, wishes, terms)
        connection.execute(SET_EXPIRY, {"hold": hold_id, "expiry": expires_at})
        give_to_closures(freed)
        touch([*freed, *(wish.resource_id for wish in wishes)])


def confirm(hold_id: int) -> None:
    """Keep a hold for good: it no longer expires. Raise NotFound when it was dropped meanwhile."""
    with atomic():
        resources = _resources_of(hold_id)
        lock(resources)
        if not resources or not _resources_of(hold_id):
            raise NotFound(kind="hold")
        db.session.connection().execute(SET_EXPIRY, {"hold": hold_id, "expiry": None})
        touch(resources)


def release(hold_id: int, *, keep_hold: bool = False) -> None:
    """Free all that a hold takes; one already dropped is no error. `keep_hold` keeps the row others refer to."""
    with atomic():
        resources = _resources_of(hold_id)
        lock(resources)
        if keep_hold:
            db.session.connection().execute(DROP_CLAIMS, {"hold": hold_id})
        else:
            _drop([hold_id])
        give_to_closures(resources)
        touch(resources)


def _all_terms(wishes: Sequence[Wish]) -> dict[int, Terms]:
    """Read the terms of all resources concerned, for the one organisation that asks."""
    terms = terms_of({wish.resource_id for wish in wishes}, wishes[0].priority)
    if any(wish.resource_id not in terms for wish in wishes):
        raise NotFound(kind="resource")
    return terms


def _check(wish: Wish, terms: Terms, *, override: bool) -> None:
    refusals = [] if override else refuse_terms(terms, wish.span, wish.qty, clock.now())
    if not override and (hours := refuse_hours(terms, wish.span)):
        refusals.append(hours)
    start, end = wish.span.epochs
    if crowd := refuse_crowd(terms, _taken_under_lock(terms, start, end), start, end, wish.qty):
        refusals.append(crowd)
    if refusals:
        raise SlotRefused(wish.resource_id, tuple(refusals))


def _taken_under_lock(terms: Terms, start: int, end: int) -> list[Taken]:
    """Read the neighbours of a wish, dropping the holds that have expired on the way."""
    reach = (terms.before + terms.after) * 60
    return _fresh_under_lock(terms, start - reach, end + reach)


def _fresh_under_lock(terms: Terms, since: int, until: int) -> list[Taken]:
    found, stale, now = [], set(), clock.epoch()
    rows = claim_rows([terms.resource_id], since, until)
    for _resource, *taken, expires_at in rows:
        claim = Taken(*taken)
        if expires_at is not None and expires_at <= now:
            stale.add(claim.hold_id)
        else:
            found.append(claim)
    _drop(sorted(stale))
    return found


def _drop(holds: Sequence[int]) -> None:
    if holds:
        db.session.connection().execute(DROP_HOLDS, {"holds": list(holds)})


def new_hold(territory_id: int, kind: HoldKind, expires_at: int | None) -> int:
    """Open a hold, still without claims; give its id."""
    row = {"territory_id": territory_id, "kind": kind.value, "expires_at": expires_at}
    return int(db.session.connection().execute(INSERT_HOLD, row).scalar_one())


def _insert_claims(hold_id: int, wishes: Sequence[Wish], terms: dict[int, Terms]) -> None:
    rows = [row for wish in wishes for row in _rows(hold_id, terms[wish.resource_id], wish)]
    db.session.connection().execute(INSERT_CLAIM, rows)


def _rows(hold_id: int, terms: Terms, wish: Wish) -> list[dict[str, int | bool]]:
    """Write the claims of one wish; of a long stay only the first and the last piece carry a buffer."""
    rows = [_row(hold_id, terms, piece, wish.qty) for piece in pieces(*terms.widen(*wish.span.epochs))]
    rows[0]["buffer_before"], rows[-1]["buffer_after"] = terms.before, terms.after
    return rows


def _row(hold_id: int, terms: Terms, piece: tuple[int, int], qty: int) -> dict[str, int | bool]:
    return {
        "hold_id": hold_id,
        "territory_id": terms.territory_id,
        "resource_id": terms.resource_id,
        "start_at": piece[0],
        "end_at": piece[1],
        "qty": qty,
        "buffer_before": 0,
        "buffer_after": 0,
        "alone": terms.capacity == 1,
    }


def _resources_of(hold_id: int) -> list[int]:
    return list(db.session.connection().execute(RESOURCES_OF, {"hold": hold_id}).scalars())


def _resources_of_all(hold_ids: Sequence[int]) -> list[int]:
    return list(db.session.connection().execute(RESOURCES_OF_ALL, {"holds": list(hold_ids)}).scalars())


def give_to_closure(hold_id: int, resource_id: int, start: int, end: int) -> None:
    """Let a closure's hold take all of a resource that is free in [start, end); call it with the guard locked."""
    terms = terms_of([resource_id])[resource_id]
    rows = claim_rows([resource_id], start, end)
    taken = [Taken(*claim) for _resource, *claim, _expires_at in rows]
    claims = [
        _row(hold_id, terms, piece, terms.capacity - load.qty)
        for load in loads(taken, start, end)
        if load.qty < terms.capacity
        for piece in pieces(load.start, load.end)
    ]
    if claims:
        db.session.connection().execute(INSERT_CLAIM, claims)


def fit_capacity(resource_id: int) -> None:
    """Bring claims in line with a capacity that is new; call it with the guard locked and the promises checked.

    Closures let go first, and then take all that is free of the new capacity. What began before now stays as it is.
    """
    connection, terms = db.session.connection(), terms_of([resource_id])[resource_id]
    closures = connection.execute(CLOSURES_OVER, {"resource": resource_id, "now": clock.now()}).all()
    connection.execute(DROP_CLOSED, {"resource": resource_id, "holds": [each.hold_id for each in closures]})
    connection.execute(
        SET_ALONE, {"resource": resource_id, "now": clock.epoch(), "is_alone": terms.capacity == 1}
    )
    give_to_closures([resource_id])


def give_to_closures(resource_ids: Sequence[int]) -> None:
    """Give what is free to the closures over it, so that nobody books a closed place; the rest is told as freed."""
    for resource_id in resource_ids:
        params = {"resource": resource_id, "now": clock.now()}
        for hold_id, start_at, end_at in db.session.connection().execute(CLOSURES_OVER, params).all():
            give_to_closure(hold_id, resource_id, int(start_at.timestamp()), int(end_at.timestamp()))
    if resource_ids:
        emit(CapacityFreed(tuple(resource_ids)))
