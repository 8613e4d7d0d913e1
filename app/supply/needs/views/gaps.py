"""What is missing: for the coordination, what was looked for in vain and what places refused. Counts, no people."""

from collections.abc import Iterable
from typing import Any

from flask import Response as Download
from flask import request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.accounts.identity import reach
from app.accounts.models import Territory
from app.accounts.queries import territories
from app.catalogue.kinds.words import kinds_name
from app.catalogue.naming import label_of
from app.core.errors import NotFound
from app.core.policy import can
from app.infra.tables import as_csv
from app.supply.cargo_words import REGIMES
from app.supply.needs import counting
from app.supply.needs.counting import Unmet
from app.supply.needs.policy import NeedPermission as P
from app.supply.needs.rules import Source
from app.supply.needs.views import blueprint
from app.web.format import day, few
from app.web.guards import allowed
from app.web.i18n import speaking
from app.web.identity import current_actor
from app.web.page import page


def gaps_url() -> str:
    """Give the address of what is missing, for who may read it; nothing for anybody else."""
    actor = current_actor()
    mine = next(iter(territories(reach(actor))), None)
    return url_for("needs.gaps") if can(actor, P.SEE_GAPS, mine) else ""


def _overseen() -> Territory | None:
    """Find the territory asked for, the first of those somebody coordinates where none is."""
    mine, slug = territories(reach(current_actor())), request.args.get("territoire", "")
    found = next((each for each in mine if each.slug == slug or not slug), None)
    if slug and mine and found is None:
        raise NotFound(kind="territory", slug=slug)
    return found


@blueprint.get("/besoins/manques")
@allowed(P.SEE_GAPS, load=_overseen)
def gaps(territory: Territory | None) -> Response:
    """Show what is missing."""
    unmet = counting.unmet_in(territory) if territory else []
    return page(
        "supply/needs/gaps.html",
        territory=territory,
        others=_others(territory),
        tables=[
            (_("By kind"), "kinds", _("Kind"), _shown((_what(u), u.number) for u in unmet)),
            (_("By commune"), "communes", _("Commune"), _shown((_where(u), u.number) for u in unmet)),
            (
                _("By temperature"),
                "regimes",
                _("Temperature"),
                _shown((_regime(u), u.number) for u in unmet if u.regime),
            ),
            (_("By week"), "weeks", _("Week of"), _by_week(unmet)),
        ]
        if unmet
        else [],
        refused=[
            (kinds_name(row.kind), row.site, few(row.refused), few(row.expired))
            for row in counting.refused_in(territory)
        ]
        if territory
        else [],
    )


@blueprint.get("/besoins/manques.csv")
@allowed(P.SEE_GAPS, load=_overseen)
def gaps_table(territory: Territory | None) -> Response:
    """Hand over what was looked for in vain as a table, in French."""
    with speaking("fr"):
        heads = (_("Week of"), _("Kind"), _("Commune"), _("Temperature"), _("How many times"))
        unmet = counting.unmet_in(territory) if territory else ()
        rows = [(u.week.isoformat(), _what(u), _where(u), _regime(u), few(u.number)) for u in unmet]
        table = as_csv(heads, rows)
    answer = Download(table, mimetype="text/csv")
    answer.headers["Content-Disposition"] = 'attachment; filename="manques.csv"'
    return answer


def _what(unmet: Unmet) -> str:
    if unmet.source == Source.PLAN:
        return _("A whole chain")
    return kinds_name(unmet.kind) if unmet.kind else _("Any kind")


def _where(unmet: Unmet) -> str:
    return label_of(unmet.commune_code) or _("No commune said")


def _regime(unmet: Unmet) -> str:
    return str(REGIMES.get(unmet.regime, "")) if unmet.regime else ""


def _shown(pairs: Iterable[tuple[str, int]]) -> list[tuple[str, str]]:
    return [(name, few(number)) for name, number in counting.add_up(pairs)]


def _by_week(unmet: Iterable[Unmet]) -> list[tuple[str, str]]:
    totals = dict(counting.add_up((each.week.isoformat(), each.number) for each in unmet))
    weeks = sorted({each.week for each in unmet}, reverse=True)
    return [(day(week, year=True), few(totals[week.isoformat()])) for week in weeks]


def _others(territory: Territory | None) -> list[dict[str, Any]]:
    """Give the tabs of the territories, where there are several."""
    tabs = [
        {
            "label": each.name,
            "href": url_for("needs.gaps", territoire=each.slug),
            "current": territory is not None and each.id == territory.id,
        }
        for each in territories(reach(current_actor()))
    ]
    return tabs if len(tabs) > 1 else []
