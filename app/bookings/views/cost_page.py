"""What a booking costs as its page shows it: line by line, who bears it, what was taken back, and what can be done."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import url_for
from werkzeug.wrappers import Response

from app.accounts.queries import organisation_names
from app.bookings.cost_forms import (
    METERS,
    CorrectForm,
    MeasuresForm,
    SharingForm,
    TakeBackForm,
    WaiveForm,
    correct_form,
    measures_form,
    sharing_form,
)
from app.bookings.costs import Costs
from app.bookings.goods import Sold
from app.bookings.policy import BookingPermission as P
from app.bookings.views.common import page_of
from app.bookings.views.deposit import deposit_of
from app.bookings.words import named_when
from app.bookings.words.costs import (
    ShareWords,
    changed_words,
    costs_standing,
    is_nothing_due,
    late_label,
    let_off_words,
    line_words,
    party_words,
    put_right_words,
    state_words,
    why_words,
)
from app.core.policy import Actor, can
from app.payments.books.credited import TakenBack, charges_about, taken_back_of
from app.payments.models import PartyState
from app.payments.queries import payers_in, programme_names
from app.payments.service.outlook import Outlook, look_at, offered_to
from app.payments.service.reckoning import counted_by
from app.payments.splits.splitting import Share
from app.payments.tariffs.tariff import Meter
from app.payments.tariffs.told import Why
from app.web.format import money
from app.web.identity import current_actor
from app.web.page import page


def costs_page(
    costs: Costs,
    *,
    sharing: SharingForm | None = None,
    measures: MeasuresForm | None = None,
    waiving: WaiveForm | None = None,
    correcting: CorrectForm | None = None,
    taking_back: TakeBackForm | None = None,
    status: int = 200,
    trouble: str = "",
) -> Response:
    """Show what a booking costs, with the forms as they were typed where one was refused."""
    booking, plan, actor = costs.booking, costs.plan, current_actor()
    outlook = look_at(plan, costs.told)
    is_open = plan.is_priced and not (plan.is_closed or is_nothing_due(costs))
    counted = counted_by(plan)
    may_correct = bool(outlook.dues) and can(actor, P.CORRECT_COSTS, costs)
    return page(
        "bookings/costs.html",
        status=status,
        trouble=trouble,
        booking=booking,
        resource=booking.resource,
        lead=named_when(booking),
        booking_url=page_of(booking) if can(actor, P.SEE, booking) else "",
        all_url=url_for("bookings.bundle_costs", bundle_ref=booking.bundle.ref)
        if booking.bundle is not None and booking.leg_number is not None
        else "",
        deposit=deposit_of(booking),
        **shown(costs, outlook),
        answers=_answers(costs, actor) if is_open else [],
        sharing=(sharing or sharing_form(plan, payers_in(costs.booking.territory_id)))
        if is_open and can(actor, P.SHARE_COSTS, costs)
        else None,
        measures=(measures or measures_form(plan, counted))
        if counted and is_open and can(actor, P.MEASURE, costs)
        else None,
        waived=plan.waiver_reason if is_open and can(actor, P.WAIVE_COSTS, costs) else "",
        waiving=(waiving or WaiveForm(formdata=None))
        if is_open and not plan.waiver_reason and can(actor, P.WAIVE_COSTS, costs)
        else None,
        correcting=correcting or (correcting_form(costs) if may_correct else None),
        taking_back=(taking_back or TakeBackForm(formdata=None)) if may_correct else None,
    )


def shown(costs: Costs, outlook: Outlook) -> dict[str, Any]:
    """Write what a booking costs: where it stands, its lines, who bears them, who was asked."""
    title, words = costs_standing(costs, outlook)
    found = borne_of(costs, outlook) | {
        "title": title,
        "words": words,
        "in_kind": money(outlook.in_kind_cents, outlook.currency) if outlook.in_kind_cents else "",
        "missing": [str(METERS[meter]) for meter in outlook.missing],
    }
    if is_nothing_due(costs):
        return found | {"lines": [], "shares": []}
    if costs.told.why is Why.CANCELLED_LATE and outlook.lines:
        found["lines"] = [found["lines"][0]._replace(label=late_label(costs.told.percent))]
    return found


def borne_of(costs: Costs | Sold, outlook: Outlook) -> dict[str, Any]:
    """Write what each page of a cost shows: its lines, who bears them, who was asked, what was put right."""
    asker = costs.plan.organisation
    others = [each for each in costs.plan.parties if each.organisation_id != asker.id]
    return {
        "lines": [line_words(line, outlook.currency) for line in outlook.lines],
        "total": money(outlook.cents, outlook.currency),
        "shares": _share_words(costs, outlook),
        "parties": [party_words(each, asker.name) for each in others],
        "put_right": put_right_words(costs.zone, taken_back_of(charges_about(costs.plan))),
    }


def correcting_form(costs: Costs, *, as_sent: bool = False) -> CorrectForm | None:
    """Make the form by which it is charged anew: by other figures, or again because it was taken back by mistake.

    None where there is nothing of either.
    """
    meters, said = measured_of(costs), let_off(costs)
    return correct_form(costs.plan, meters, said, as_sent=as_sent) if meters or said else None


def measured_of(costs: Costs) -> list[Meter]:
    """List what is measured of it; nothing of what was not used."""
    return counted_by(costs.plan) if costs.told.why is Why.USED else []


def let_off(costs: Costs) -> str:
    """Say what was taken back by hand of what is charged, and what becomes of it; empty where nothing was."""
    charge_id = costs.plan.charge_id
    there: Sequence[TakenBack] = taken_back_of([charge_id]) if charge_id is not None else ()
    by_hand = [each for each in there if each.is_by_hand]
    return let_off_words(by_hand, is_measured=bool(measured_of(costs)))


def _share_words(costs: Costs | Sold, outlook: Outlook) -> list[ShareWords]:
    """Write who bears what, the shares of all lines together: subsidies first, then who books, then the others."""
    grouped: dict[tuple[Any, ...], list[Share]] = {}
    for share in outlook.shares:
        grouped.setdefault((share.payer_id, share.payee_id, share.role, share.envelope_id), []).append(share)
    names, programmes = _names(outlook), programme_names(_envelope_ids(outlook))
    asker = costs.plan.organisation_id
    found = []
    for shares in sorted(
        grouped.values(), key=lambda s: (s[0].role != "subsidy", s[0].payer_id != asker, names[s[0].payer_id])
    ):
        first, cents = shares[0], sum(share.cents for share in shares)
        why = programmes.get(first.envelope_id or 0) or why_words(first, asker)
        amount, state = money(cents, outlook.currency), state_words(first, cents, outlook)
        found.append(ShareWords(names[first.payer_id], why, names[first.payee_id], amount, state))
    return found


def _names(outlook: Outlook) -> Mapping[int, str]:
    return organisation_names({each for share in outlook.shares for each in (share.payer_id, share.payee_id)})


def _envelope_ids(outlook: Outlook) -> set[int]:
    return {share.envelope_id for share in outlook.shares if share.envelope_id is not None}


def _answers(costs: Costs, actor: Actor) -> list[dict[str, Any]]:
    """List the organisations for which the reader can answer, what they would bear as things stand, and at most."""
    waiting = [
        party
        for party in costs.plan.parties
        if party.state != PartyState.ACCEPTED and actor.keeps_accounts_of(party.organisation_id)
    ]
    return [
        {
            "part": money(cents),
            "cents": cents,
            "changed": changed_words(party, cents),
            "name": party.organisation.name,
            "structure": party.organisation.public_id,
            "most": money(party.ceiling_cents) if party.ceiling_cents is not None else "",
            "takes_rest": party.organisation_id == costs.plan.residual_payer_id,
            "declined": party.state == PartyState.DECLINED,
        }
        for party in waiting
        for cents in (offered_to(costs.plan, costs.told, party),)
    ]
