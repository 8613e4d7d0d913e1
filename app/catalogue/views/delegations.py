"""Delegations of a site: who decides in whose place and when; giving one, ending one."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response
from wtforms import EmailField, StringField
from wtforms.validators import DataRequired, Length
from wtforms.widgets import DateInput

from app.accounts import queries as accounts
from app.accounts import service as accounts_service
from app.accounts.models import Delegation
from app.accounts.policy import AccountPermission
from app.accounts.service.roles import Scope
from app.accounts.words import person_name
from app.catalogue import queries
from app.catalogue.models import Site
from app.catalogue.policy import CataloguePermission as P
from app.catalogue.views import blueprint
from app.catalogue.views.common import refuse, tell
from app.core import clock
from app.core.errors import DomainError
from app.core.policy import can
from app.core.span import Span
from app.web.format import span_words
from app.web.forms import Form, _l
from app.web.guards import allowed
from app.web.identity import current_actor
from app.web.page import page


class DelegationForm(Form):
    """Who decides in one's place, from which day to which."""

    email = EmailField(
        _l("E-mail of the person"),
        validators=[DataRequired(_l("Type an e-mail address.")), Length(max=254)],
        description=_l("A member of the owner, another manager of the site, or the coordination."),
    )
    first = StringField(
        _l("First day"),
        widget=DateInput(),
        validators=[DataRequired(_l("Give the first day.")), Length(max=40)],
    )
    last = StringField(
        _l("Last day (included)"),
        widget=DateInput(),
        validators=[DataRequired(_l("Give the last day.")), Length(max=40)],
    )

    def read(self, tz: str) -> Span | None:
        """Read the days at a place, both included; None when they are none, which is attached to their fields."""
        first, last = _day(self.first.data), _day(self.last.data)
        for field, found in ((self.first, first), (self.last, last)):
            if field.data and found is None:
                self.refuse(field.name, _("This is no date. Write it like 2026-10-01."))
        if first is None or last is None:
            return None
        if last < first:
            self.refuse("last", _("The last day comes before the first. Choose a later one."))
            return None
        midnight, zone = time(), ZoneInfo(tz)
        end = last + timedelta(days=1)
        return Span.of_walls(datetime.combine(first, midnight), datetime.combine(end, midnight), zone)


def _day(typed: str | None) -> date | None:
    try:
        found = date.fromisoformat((typed or "").strip())
    except ValueError:
        return None
    return found if 2000 < found.year < 2100 else None  # the days of a calendar that people mean


@dataclass(frozen=True)
class Listed:
    """A delegation in words; `may_end` tells that the present reader can end it."""

    public_id: str
    deputy: str
    giver: str
    days: str
    state: str  # now, later, over
    may_end: bool


@dataclass(frozen=True)
class Given:
    """A delegation with its site, whose managers look after it."""

    delegation: Delegation
    site: Site


def _given(slug: str, delegation: str) -> Given:
    found = queries.get_site(slug)
    return Given(accounts.get_delegation(found.id, delegation), found)


@blueprint.get("/lieux/<slug>/delegations")
@allowed(P.MANAGE_SITE, load=queries.get_site)
def delegations(subject: Site) -> Response:
    """Show who decides at a site by delegation, and let who answers for it delegate."""
    return _shown(subject, DelegationForm(formdata=None))


@blueprint.post("/lieux/<slug>/delegations")
@allowed(P.DELEGATE, load=queries.get_site)
def delegate(subject: Site) -> Response:
    """Let somebody decide in the reader's place."""
    form, slug, scope, actor = DelegationForm(), subject.slug, _scope(subject), current_actor()
    span = form.read(subject.timezone) if form.validate() else None
    if span is None:
        return _shown(subject, form, 422)
    tz = subject.timezone
    try:
        deputy = accounts_service.deputy_for(actor, scope, form.email.data or "", request.remote_addr)
        name = deputy.name
        accounts_service.delegate(actor, scope, deputy.id, span)
    except DomainError as error:
        return refuse(form, error, lambda status: _shown(queries.get_site(slug), form, status))
    flash(_("%(name)s decides in your place %(days)s.", name=name, days=span_words(span, tz)), "success")
    return redirect(url_for("catalogue.delegations", slug=slug), 303)


@blueprint.post("/lieux/<slug>/delegations/<delegation>/fin")
@allowed(P.MANAGE_SITE, load=_given)
def end_delegation(subject: Given) -> Response:
    """End a delegation before its last day."""
    slug, scope, actor = subject.site.slug, _scope(subject.site), current_actor()
    public_id = subject.delegation.public_id
    tell(
        lambda: accounts_service.end_delegation(actor, scope, public_id),
        _("The delegation is ended. What was decided meanwhile stays."),
    )
    return redirect(url_for("catalogue.delegations", slug=slug), 303)


def _scope(subject: Site) -> Scope:
    return Scope(subject.territory_id, subject.id, subject.owner_id)


def _shown(subject: Site, form: DelegationForm, status: int = 200) -> Response:
    found = [_listed(each, subject) for each in accounts.delegations_of(subject.id)]
    return page(
        "catalogue/delegations.html",
        status=status,
        site=subject,
        form=form,
        may_delegate=can(current_actor(), P.DELEGATE, subject) and subject.archived_at is None,
        going=[each for each in found if each.state != "over"],
        over=[each for each in found if each.state == "over"],
    )


def _listed(delegation: Delegation, subject: Site) -> Listed:
    now, actor = clock.now(), current_actor()
    span = Span(delegation.start_at, delegation.end_at)
    is_over = delegation.ended_at is not None or span.end <= now
    theirs = delegation.giver_id == actor.person_id
    return Listed(
        public_id=delegation.public_id,
        deputy=person_name(delegation.deputy.name),
        giver=person_name(delegation.giver.name),
        days=span_words(span, subject.timezone),
        state="over" if is_over else "later" if span.start > now else "now",
        may_end=not is_over and (theirs or can(actor, AccountPermission.GRANT_SITE, _scope(subject))),
    )
