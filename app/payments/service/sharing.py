"""Agreeing who bears what of a cost, before it is charged: the key, who is asked, who says yes; what was measured."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import select

from app.accounts.models import Organisation, OrganisationState
from app.core import clock
from app.core.errors import NotFound, ReasonMissing
from app.core.policy import Actor
from app.infra import audit
from app.infra.db import db
from app.infra.events import emit
from app.infra.uow import atomic
from app.payments.amount_errors import BadSplitKey
from app.payments.errors import CannotMeasure, CannotShare, CostsCharged, ShareAnswered, ShareChanged
from app.payments.events import ShareAccepted, ShareAsked, ShareDeclined
from app.payments.models import CostParty, CostPlan, PartyState
from app.payments.service.outlook import offered, offered_to
from app.payments.service.reckoning import counted_by, terms_of
from app.payments.splits.keys import KeyKind
from app.payments.splits.parties import Party, Terms
from app.payments.tariffs.tariff import MOST_MILLI, Meter
from app.payments.tariffs.told import Told


@dataclass(frozen=True)
class Part:
    """What an organisation is to bear: how much it weighs in the key, and the most cents."""

    organisation_id: int
    weight: int
    ceiling_cents: int | None = None


@dataclass(frozen=True)
class WantedSharing:
    """How somebody would have a cost shared: the key, the parts, and who would bear what ceilings leave."""

    kind: KeyKind
    parts: tuple[Part, ...]
    residual_id: int | None = None

    def terms(self, asker_id: int) -> Terms:
        """Write it as terms; who the cost is for is always among them. Raise CannotShare, BadSplitKey, NobodyBears."""
        ids = [part.organisation_id for part in self.parts]
        if len(set(ids)) < len(ids):
            raise CannotShare(reason="twice", name="")
        given = self.parts if asker_id in ids else (Part(asker_id, 0), *self.parts)
        if any(part.ceiling_cents is not None and part.ceiling_cents < 0 for part in given):
            raise BadSplitKey(reason="ceiling_below_zero")
        parties = tuple(Party(part.organisation_id, part.weight, part.ceiling_cents) for part in given)
        if self.residual_id not in {None, *(each.organisation_id for each in parties)}:
            raise BadSplitKey(reason="nobody")
        terms = Terms(asker_id, self.kind, parties, self.residual_id)
        terms.check()
        return terms


def share(
    plan: CostPlan,
    actor: Actor,
    kind: KeyKind,
    parts: Sequence[Part],
    residual_id: int | None = None,
    *,
    tells: bool = True,
) -> list[int]:
    """Share a cost in another way; give who is asked to say yes to it, which are those who would bear more.

    Whoever shares several costs together tells of all of them at once, and not of each (`tells`).

    Whoever the cost is for is always among them, with a part of 0 if nothing else is said. Raise CostsCharged,
    CannotShare, BadSplitKey, NobodyBears.
    """
    with atomic() as session:
        _refuse_charged(plan)
        before = terms_of(plan)
        after = WantedSharing(kind, tuple(parts), residual_id).terms(plan.organisation_id)
        keep = after.still_agreed(before)
        asked = _asked(before, after, keep)
        _organisations(plan, [part.organisation_id for part in parts if part.organisation_id in asked])
        plan.key_kind, plan.residual_payer_id = kind, residual_id
        _settle(plan, after, keep)
        session.flush()
        _note_shared(plan, actor, after, asked)
        if tells:
            _tell_asked(plan, actor, asked)
    return sorted(asked)


def share_alike(plan: CostPlan, other: CostPlan, actor: Actor, *, replaces: bool) -> list[int]:
    """Share a new cost as another is, in whose place it comes or beside which; give who is asked to say yes to it.

    It is another amount, maybe for another place: no yes to the other holds, but who said yes to one in whose place it
    comes is told how much that was. Who has declined is not asked again, and can still accept. Nothing is shared where
    it has no price.
    """
    if not plan.is_priced or len(other.parties) == 1:
        return []
    with atomic() as session:
        terms = terms_of(other)
        plan.key_kind, plan.residual_payer_id = other.key_kind, other.residual_payer_id
        _settle(plan, terms, keep=set())
        for row in plan.parties:
            before = other.party(row.organisation_id)
            if before and row.organisation_id != plan.organisation_id:
                row.agreed_cents = before.agreed_cents if replaces else None
                row.state = PartyState.DECLINED if before.state == PartyState.DECLINED else row.state
        asked = {each.organisation_id for each in plan.parties if each.state == PartyState.INVITED}
        session.flush()
        _note_shared(plan, actor, terms, asked)
        _tell_asked(plan, actor, asked)
    return sorted(asked)


def _note_shared(plan: CostPlan, actor: Actor, terms: Terms, asked: set[int]) -> None:
    parts = {str(each.organisation_id): each.weight for each in terms.parties}
    facts = {"key": terms.kind.value, "parts": parts, "asked": sorted(asked)}
    audit.record("cost_plan", plan.id, "shared", actor, territory_id=plan.territory_id, **facts)


def _tell_asked(plan: CostPlan, actor: Actor, asked: set[int]) -> None:
    for organisation_id in sorted(asked):
        emit(ShareAsked(plan.id, organisation_id, actor.person_id))


def _asked(before: Terms, after: Terms, keep: set[int]) -> set[int]:
    """List who has to say yes: not again who was asked the same and has not answered."""
    waiting = {each.organisation_id for each in before.parties if not each.has_agreed}
    same = replace(before, parties=_plain(before)) == replace(after, parties=_plain(after))
    return {each.organisation_id for each in after.parties} - keep - (waiting if same else set())


def _plain(terms: Terms) -> tuple[Party, ...]:
    return tuple(
        sorted((replace(each, has_agreed=True) for each in terms.parties), key=lambda p: p.organisation_id)
    )


def _organisations(plan: CostPlan, ids: Sequence[int]) -> None:
    """Raise CannotShare for an organisation that takes no part in the territory."""
    found = {
        each.id: each for each in db.session.scalars(select(Organisation).where(Organisation.id.in_(ids)))
    }
    for organisation_id in ids:
        organisation = found.get(organisation_id)
        if organisation is None or organisation.territory_id != plan.territory_id:
            raise CannotShare(reason="elsewhere", name="")
        if organisation.state != OrganisationState.ACTIVE:
            raise CannotShare(reason="not_active", name=organisation.name)


def _settle(plan: CostPlan, terms: Terms, keep: set[int]) -> None:
    """Bring the rows in line with the terms; who is kept has said yes already."""
    now, wanted = clock.now(), {each.organisation_id: each for each in terms.parties}
    plan.parties = [each for each in plan.parties if each.organisation_id in wanted]
    for organisation_id, party in wanted.items():
        row = plan.party(organisation_id)
        if row is None:
            row = CostParty(organisation_id=organisation_id, state=PartyState.INVITED, asked_at=now)
            plan.parties.append(row)
        row.weight, row.ceiling_cents = party.weight, party.ceiling_cents
        if organisation_id == terms.asker_id:
            row.state, row.answered_at = PartyState.ACCEPTED, now
        elif organisation_id not in keep:
            _invite(row)


def ask_again(plan: CostPlan, told: Told) -> None:
    """Ask those anew who would bear more than what they said yes to: it was moved, or became something dearer."""
    bound = [party for party in plan.parties if _has_agreed(party) and party.agreed_cents is not None]
    if not bound or plan.is_closed:
        return
    with atomic() as session:
        cents = offered(plan, told)
        for party in bound:
            if cents[party.organisation_id] > (party.agreed_cents or 0):
                _invite(party)
                emit(ShareAsked(plan.id, party.organisation_id, None))
        session.flush()


def _has_agreed(party: CostParty) -> bool:
    return party.state == PartyState.ACCEPTED


def _invite(party: CostParty) -> None:
    """Ask for a yes; what it said yes to before stays known, so that it can be told what changed."""
    party.state, party.asked_at = PartyState.INVITED, clock.now()
    party.answered_at = party.answered_by_id = None


def answer_share(
    plan: CostPlan,
    organisation_id: int,
    actor: Actor,
    told: Told,
    *,
    accepts: bool,
    seen_cents: int | None = None,
    tells: bool = True,
) -> int:
    """Say yes or no to a part, for an organisation that was asked; a yes is not taken back by a no.

    A yes is to what was `seen` of it (None: to what it is now); give what that is, in cents. Raise CostsCharged,
    NotFound, ShareAnswered, and ShareChanged where the part is another one by now.
    """
    with atomic() as session:
        _refuse_charged(plan)
        party = plan.party(organisation_id)
        if party is None or organisation_id == plan.organisation_id:
            raise NotFound(kind="cost_party")
        state = PartyState.ACCEPTED if accepts else PartyState.DECLINED
        if party.state == state:
            return party.agreed_cents or 0
        if party.state == PartyState.ACCEPTED:
            raise ShareAnswered
        cents = offered_to(plan, told, party) if accepts else None
        if accepts and seen_cents is not None and seen_cents != cents:
            raise ShareChanged(cents=cents)
        party.agreed_cents = cents
        party.state, party.answered_at, party.answered_by_id = state, clock.now(), actor.person_id
        session.flush()
        facts = {"organisation": organisation_id}
        audit.record("cost_plan", plan.id, state.value, actor, territory_id=plan.territory_id, **facts)
        if tells:
            answered = ShareAccepted if accepts else ShareDeclined
            emit(answered(plan.id, organisation_id, actor.person_id))
    return cents or 0


def measure(plan: CostPlan, actor: Actor, milli: Mapping[Meter, int], *, is_final: bool) -> None:
    """Write down what was measured of a use, in thousandths; entered again, it is corrected.

    It is final once whoever is paid enters it. Raise CostsCharged, CannotMeasure.
    """
    with atomic() as session:
        _refuse_charged(plan)
        counted = counted_by(plan)
        for meter, value in milli.items():
            if meter not in counted or not 0 <= value <= MOST_MILLI:
                raise CannotMeasure(field=meter.value, min=0, max=MOST_MILLI)
        plan.measures = dict(plan.measures) | {meter.value: value for meter, value in milli.items()}
        plan.are_measures_final = is_final
        session.flush()
        read = {meter.value: value for meter, value in milli.items()}
        audit.record("cost_plan", plan.id, "measured", actor, territory_id=plan.territory_id, milli=read)


def waive(plan: CostPlan, actor: Actor, reason: str) -> None:
    """Charge nothing for a use, and say why: what it would cost is given in kind. Raise CostsCharged, ReasonMissing."""
    if not reason.strip():
        raise ReasonMissing(field="reason")
    with atomic() as session:
        _refuse_charged(plan)
        plan.waiver_reason = reason.strip()
        session.flush()
        audit.record(
            "cost_plan", plan.id, "waived", actor, territory_id=plan.territory_id, reason=reason.strip()
        )


def take_waiver_back(plan: CostPlan, actor: Actor) -> None:
    """Charge a use that was to be free; nothing where it was not. Raise CostsCharged."""
    with atomic() as session:
        _refuse_charged(plan)
        if plan.waiver_reason:
            plan.waiver_reason = ""
            session.flush()
            audit.record("cost_plan", plan.id, "waiver_taken_back", actor, territory_id=plan.territory_id)


def _refuse_charged(plan: CostPlan) -> None:
    if plan.is_closed:
        raise CostsCharged
