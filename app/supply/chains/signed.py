"""A plan on its way through the browser and back: signed, so that what comes back is what was proposed.

What it was proposed for is signed with it. A plan of ten kilos carries no thousand.
"""

from datetime import timedelta
from typing import Any

from flask import current_app
from itsdangerous import BadData, URLSafeSerializer

from app.core.span import Span
from app.supply.chains.planning.plan import Plan, PlannedLeg, Role
from app.supply.chains.planning.world import at


def sign(plan: Plan, about: str) -> str:
    """Write a plan, and what it was proposed for, as one signed text."""
    legs = [
        [
            leg.role,
            leg.resource_id,
            *leg.span.epochs,
            leg.quantity,
            leg.metres,
            leg.trips,
            leg.gap // timedelta(seconds=1),
        ]
        for leg in plan.legs
    ]
    signed = _signer().dumps([about, legs, int(plan.ready_at.timestamp()), plan.cents, plan.metres])
    return str(signed)


def read_signed(text: str, about: str) -> Plan | None:
    """Read a plan; None for what was not signed here, or was proposed for something else."""
    try:
        wanted, legs, ready, cents, metres = _signer().loads(text)
    except BadData:
        return None
    return Plan(tuple(_leg(*leg) for leg in legs), at(ready), cents, metres) if wanted == about else None


def _leg(role: str, resource_id: int, start: int, end: int, *counts: Any) -> PlannedLeg:
    quantity, metres, trips, gap = counts
    span = Span.of_epochs(start, end)
    return PlannedLeg(Role(role), resource_id, span, quantity, metres, trips, timedelta(seconds=gap))


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(str(current_app.secret_key), salt="chains.plan")
