"""The directory of organisations, their public pages, proposing and editing them."""

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.accounts import queries, service
from app.accounts.food_aid import FOOD_AID_CLASS, Basis
from app.accounts.food_aid_words import standing_words
from app.accounts.forms import JoinForm, OrganisationForm
from app.accounts.models import Organisation
from app.accounts.places import commune_label
from app.accounts.policy import AccountPermission
from app.accounts.rules import ORGANISATION_KINDS
from app.accounts.views import blueprint
from app.accounts.views.common import refuse
from app.accounts.views.food_aid import local_day
from app.core.errors import DomainError
from app.core.policy import can
from app.web.guards import allowed
from app.web.identity import current_actor
from app.web.page import page

_FORM = "accounts/organisation_form.html"
_PAGE_SIZE = 24


@blueprint.get("/structures")
@allowed(AccountPermission.SEE_DIRECTORY)
def organisations() -> Response:
    """List the organisations, one's own first, and how to join or propose one."""
    words = request.args.get("q", "").strip()[:100]
    number = min(max(1, request.args.get("page", 1, type=int)), 10_000)
    found, total = queries.active_organisations(words=words, page=number, size=_PAGE_SIZE)
    person_id = current_actor().person_id
    return page(
        "accounts/organisations.html",
        "accounts/_directory.html",
        organisations=found,
        total=total,
        words=words,
        number=number,
        pages=-(-total // _PAGE_SIZE),
        page_url=lambda n: url_for("accounts.organisations", q=words or None, page=n),
        memberships=queries.memberships_of(person_id) if person_id else [],
        commune_label=commune_label,
    )


@blueprint.get("/structures/nouvelle")
@allowed(AccountPermission.PROPOSE_ORGANISATION)
def new_organisation() -> Response:
    """Ask for the facts of a new organisation."""
    return page(_FORM, form=_new_form(), organisation=None, natures=_natures())


@blueprint.post("/structures/nouvelle")
@allowed(AccountPermission.PROPOSE_ORGANISATION)
def create_organisation() -> Response:
    """Create an organisation, or propose it to the coordination."""
    form = _new_form()
    if not form.validate():
        return page(_FORM, form=form, organisation=None, natures=_natures(), status=422)
    try:
        territory_id, priority = (
            form.territory.data,
            form.priority_class.data if "priority_class" in form else None,
        )
        made = service.create_organisation(
            current_actor(), territory_id, form.facts(), priority_class=priority
        )
    except DomainError as error:
        return refuse(form, error, _FORM, organisation=None, natures=_natures())
    if made.state == "active":
        flash(_("The organisation is created."), "success")
    else:
        flash(
            _("Thank you. The coordination will look at it; you will receive the answer by e-mail."),
            "success",
        )
    return redirect(url_for("accounts.organisation", slug=made.slug), 303)


@blueprint.get("/structures/<slug>")
@allowed(AccountPermission.SEE_ORGANISATION, load=queries.get_organisation)
def organisation(subject: Organisation) -> Response:
    """Show an organisation to the public, and to its members what they may do."""
    return show(subject)


@blueprint.get("/structures/<slug>/modifier")
@allowed(AccountPermission.EDIT_ORGANISATION, load=queries.get_organisation)
def edit_organisation(subject: Organisation) -> Response:
    """Ask for what should change."""
    form = _edit_form(subject, filled=True)
    return page(_FORM, form=form, organisation=subject, natures=_natures())


@blueprint.post("/structures/<slug>/modifier")
@allowed(AccountPermission.EDIT_ORGANISATION, load=queries.get_organisation)
def save_organisation(subject: Organisation) -> Response:
    """Change an organisation."""
    form, slug = _edit_form(subject), subject.slug
    if not form.validate():
        return page(_FORM, form=form, organisation=subject, natures=_natures(), status=422)
    try:
        priority = form.priority_class.data if "priority_class" in form else None
        service.edit_organisation(current_actor(), slug, form.facts(law=subject), priority_class=priority)
    except DomainError as error:
        subject = queries.get_organisation(slug)
        return refuse(form, error, _FORM, organisation=subject, natures=_natures())
    flash(_("The organisation is saved."), "success")
    return redirect(url_for("accounts.organisation", slug=slug), 303)


def show(subject: Organisation, join: JoinForm | None = None, status: int = 200) -> Response:
    """Render the page of an organisation, with a request form that may have been refused."""
    actor = current_actor()
    sees_members = can(actor, AccountPermission.SEE_MEMBERS, subject)
    return page(
        "accounts/organisation.html",
        status=status,
        organisation=subject,
        commune=commune_label(subject.commune_code),
        food_aid=_food_aid(subject) if actor.is_signed_in else "",
        membership=queries.find_membership(actor.person_id, subject.id),
        members=queries.members_of(subject.id) if sees_members else [],
        waiting=len(queries.requests_to_join(subject.id))
        if can(actor, AccountPermission.MANAGE_MEMBERS, subject)
        else 0,
        join=join or JoinForm(formdata=None),
    )


def _food_aid(subject: Organisation) -> str:
    """Say how it stands with food aid; nothing of those who neither do it nor have anything of it."""
    standing = queries.food_aid_standing(subject.id, local_day(subject))
    does_it = subject.priority_class == FOOD_AID_CLASS
    return standing_words(standing) if does_it or standing.basis not in (Basis.LAW, Basis.NONE) else ""


def _natures() -> dict[str, str]:
    return {kind: " ".join(facts.natures) for kind, facts in ORGANISATION_KINDS.items()}


def _new_form() -> OrganisationForm:
    form = OrganisationForm()
    all_territories = queries.joinable_territories()
    form.territory.choices = [(territory.id, territory.name) for territory in all_territories]
    if request.method == "GET" and all_territories:
        form.territory.data = all_territories[0].id
    actor = current_actor()
    if not (actor.is_platform_admin or actor.coordinated):
        form.without("priority_class")
    elif request.method == "GET":
        form.priority_class.data = "P2"
    return form


def _edit_form(subject: Organisation, *, filled: bool = False) -> OrganisationForm:
    form = OrganisationForm()
    if filled:
        form.show(subject)
    form.without("territory")
    if not can(current_actor(), AccountPermission.CLASSIFY_ORGANISATION, subject):
        form.without("kind", "legal_nature", "priority_class")
    return form
