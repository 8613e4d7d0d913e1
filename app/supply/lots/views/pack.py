"""The page where an organisation prepares what it shows to whoever checks: a period, a PDF, a table, and links."""

from datetime import date, timedelta
from typing import Any

from flask import flash, redirect, request, session, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.accounts.models import Organisation
from app.accounts.queries import get_organisation
from app.accounts.words import person_name
from app.core.errors import DomainError, Forbidden, NotFound
from app.supply.lots import pack_papers, pack_table, pack_words, queries, service
from app.supply.lots.forms import PeriodForm
from app.supply.lots.policy import LotPermission as P
from app.supply.lots.queries import Pack, Period
from app.supply.lots.rules import FIRST_DAY, LINK_LIFE
from app.supply.lots.views import blueprint
from app.supply.lots.views.downloads import download
from app.supply.lots.words import moment_words
from app.web.errors import status_of
from app.web.format import number
from app.web.guards import allowed
from app.web.identity import current_actor
from app.web.page import page
from app.web.words import explain

_USUAL = timedelta(days=30)
_MADE = "lots.inspection_link"  # the address of a link is shown once, right after it was made


@blueprint.get("/structures/<slug>/controle")
@allowed(P.PREPARE_PACK, load=get_organisation)
def pack(subject: Organisation) -> Response:
    """Show what there is in a period, and the links that can be read by."""
    form = PeriodForm(formdata=None)
    try:
        period = _period(subject)
    except DomainError as error:
        form.first.data, form.last.data = _typed("du"), _typed("au")
        form.refuse("last", explain(error))
        return _page(subject, form, None, status_of(error))
    form.first.data, form.last.data = period.first, period.last
    return _page(subject, form, queries.pack_of(period))


@blueprint.get("/structures/<slug>/controle/dossier.pdf")
@allowed(P.PREPARE_PACK, load=get_organisation)
def pack_pdf(subject: Organisation) -> Response:
    """Hand it over as a PDF."""
    return hand_over(queries.pack_of(_period(subject)), "pdf")


@blueprint.get("/structures/<slug>/controle/dossier.csv")
@allowed(P.PREPARE_PACK, load=get_organisation)
def pack_csv(subject: Organisation) -> Response:
    """Hand it over as a table."""
    return hand_over(queries.pack_of(_period(subject)), "csv")


@blueprint.post("/structures/<slug>/controle/liens")
@allowed(P.PREPARE_PACK, load=get_organisation)
def let_in(subject: Organisation) -> Response:
    """Make a link for whoever checks."""
    form, slug = PeriodForm(), subject.slug
    if not form.validate():
        return _page(subject, form, None, 422)
    first, last = form.first.data or date.min, form.last.data or date.min
    try:
        secret = service.let_in(current_actor(), subject.id, first, last)
    except (Forbidden, NotFound):
        raise
    except DomainError as error:
        form.refuse(str(error.facts.get("field", "")), explain(error))
        return _page(get_organisation(slug), form, None, status_of(error))
    session[_MADE] = url_for("lots.inspection", token=secret, _external=True)
    flash(_("The link is made. Copy it now: it is shown only once."), "success")
    return redirect(url_for("lots.pack", slug=slug, du=first, au=last, _anchor="links"), 303)


@blueprint.post("/structures/<slug>/controle/liens/<link_ref>/fin")
# The address names the link, too; who may end it is a matter of its organisation.
@allowed(P.PREPARE_PACK, load=lambda slug, link_ref: get_organisation(slug))  # noqa: ARG005
def revoke(subject: Organisation) -> Response:
    """End a link."""
    slug, ref = subject.slug, str((request.view_args or {})["link_ref"])
    service.revoke(current_actor(), subject.id, ref)
    flash(_("Ended: nobody can read by it any more."), "success")
    return redirect(url_for("lots.pack", slug=slug, _anchor="links"), 303)


def hand_over(shown: Pack, kind: str) -> Response:
    """Hand a pack over as a file."""
    period = shown.period
    name = f"dossier-{period.organisation.slug}-{period.first}-{period.last}.{kind}"
    if kind == "pdf":
        return download(pack_papers.pdf(shown), "application/pdf", name)
    return download(pack_table.csv(shown).encode(), "text/csv; charset=utf-8", name)


def counted(shown: Pack) -> list[tuple[str, str, str]]:
    """Say how much there is of each."""
    lots, notes, readings, incidents, kept = (number(total) for total in shown.totals)
    return [
        (_("Lots"), lots, "archive"),
        (_("Hand-overs"), notes, "send"),
        (_("Temperatures"), readings, "thermometer"),
        (_("Incidents"), incidents, "warning"),
        (_("Kept for others"), kept, "storage"),
    ]


def _period(subject: Organisation) -> Period:
    """Read the days from the address; the last thirty, where it says none."""
    today = queries.today_in(subject.territory)
    last = _typed("au") or today
    return queries.checked_period(subject, _typed("du") or last - _USUAL, last)


def _typed(name: str) -> date | None:
    try:
        typed = date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return None
    return typed if typed >= FIRST_DAY else None


def _page(subject: Organisation, form: PeriodForm, shown: Pack | None, status: int = 200) -> Response:
    return page(
        "supply/lots/pack.html",
        status=status,
        organisation=subject,
        form=form,
        days={"du": shown.period.first, "au": shown.period.last} if shown else None,
        period=pack_words.period_words(shown.period) if shown else "",
        rows=counted(shown) if shown else [],
        cut=pack_words.cut_words(shown) if shown else "",
        drawn=pack_words.drawn_words(shown) if shown else "",
        links=[_link(each, subject) for each in queries.links_of(subject.id)],
        made=session.pop(_MADE, ""),
        life=LINK_LIFE.days,
    )


def _link(each: Any, subject: Organisation) -> dict[str, str]:
    return {
        "ref": each.public_id,
        "period": pack_words.period_words(Period(subject, each.first_day, each.last_day)),
        "until": moment_words(subject.territory, each.expires_at),
        "by": person_name(each.made_by.name),
    }
