"""The page that proposes chains: what is wanted, up to three ways to do it, and why there are no others."""

from datetime import date, timedelta
from typing import Any

from flask import url_for
from werkzeug.wrappers import Response

from app.infra.events import emit
from app.supply.cargo import KILO
from app.supply.chains.events import PlanCameToNothing
from app.supply.chains.forms import KITCHEN, SENT
from app.supply.chains.planning.world import Wanted
from app.supply.chains.policy import ChainPermission
from app.supply.chains.views import blueprint
from app.supply.chains.views.origins import Way, ways_back
from app.supply.chains.views.plan_cards import cards, rejections
from app.supply.chains.views.sharing import goods_words
from app.supply.chains.views.wanted import Preparing
from app.supply.chains.words import carried_rows, product_words
from app.web.guards import allowed
from app.web.identity import current_actor
from app.web.noticed import is_first_time
from app.web.numbers import typed_number
from app.web.page import page

_A_WEEK = timedelta(days=7)


@blueprint.get("/filieres/preparer")
@allowed(ChainPermission.PREPARE)
def prepare() -> Response:
    """Show the form; with enough in the address, the chains that are proposed."""
    asked = Preparing.of_request()
    if asked is None:
        return page("supply/chains/prepare.html", sought=None)
    wanted = asked.wanted if asked.is_asked else None
    if wanted is None:
        return page(
            "supply/chains/prepare.html", sought=asked, origin=_origin(asked), form=asked.form, carried=None
        )
    found = asked.proposals
    if not found.plans:
        _tell_in_vain(asked, wanted)
    return page(
        "supply/chains/prepare.html",
        sought=asked,
        origin=_origin(asked),
        goods=goods_words(asked.part),
        form=asked.form,
        carried=carried_rows(asked.form.produit.data or "", wanted.cargo, asked.form.from_place),
        title=product_words(asked.form.produit.data or "", wanted.cargo),
        plans=[
            each | {"url": _choose(asked, each["plan"])} for each in cards(found, wanted.cargo, asked.ours)
        ],
        rejected=rejections(found, processed=wanted.processed),
        instead=_instead(asked) if not found.plans else {},
    )


def _origin(asked: Preparing) -> Way | None:
    draft = asked.draft
    return ways_back([draft.origin], current_actor()).get(draft.origin) if draft else None


def _tell_in_vain(asked: Preparing, wanted: Wanted) -> None:
    """Tell whoever counts what is missing that there is no chain, once for each browser: of what, not for whom."""
    code, regime = asked.form.commune_code, wanted.cargo.regime
    if is_first_time(f"chain:{code}:{regime}"):
        emit(PlanCameToNothing(asked.ours.territory_id, code, regime))


def _choose(asked: Preparing, plan: Any) -> str:
    args: dict[str, Any] = asked.args | {"plan": asked.sign(plan)}
    return url_for("chains.choose", **args)


def _instead(asked: Preparing) -> dict[str, str]:
    """Give the addresses that ask for less, or leave more time, or let it wait or go straight on."""
    form = asked.form
    half = typed_number(form.kilos.grams / 2 / KILO)
    later = {"fin": form.fin.data, "jour": form.jour.data}
    longer = {name: (day + _A_WEEK).isoformat() for name, day in later.items() if isinstance(day, date)}
    ways = {"longer": longer, "half": {"kilos": half}}
    if form.attente.data:
        ways["either"] = {"attente": ""}
    if form.pour.data == KITCHEN:
        ways["stored"] = {"pour": "stockage"}
    return {name: _again(asked, changed) for name, changed in ways.items()}


def _again(asked: Preparing, changed: dict[str, str]) -> str:
    args: dict[str, Any] = asked.args | changed | {SENT: "1"}
    return url_for("chains.prepare", **args)
