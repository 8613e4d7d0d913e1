"""Managing sites: one's own, the page of each with everything that can be set, who else manages it, archiving."""

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.accounts import queries as accounts
from app.accounts.functions import Function, Functions, can_agree
from app.accounts.policy import AccountPermission
from app.accounts.service.roles import Scope
from app.catalogue import asks, queries, service
from app.catalogue.communes import find_commune
from app.catalogue.manager_forms import FunctionsForm, ManagerForm
from app.catalogue.models import Site
from app.catalogue.policy import CataloguePermission as P
from app.catalogue.views import blueprint
from app.catalogue.views.beside import pages_beside
from app.catalogue.views.cards import managed_cards, terms_rows
from app.catalogue.views.common import refuse, tell
from app.catalogue.words import FUNCTIONS, history_words
from app.core.errors import DomainError
from app.core.policy import can
from app.web.guards import allowed
from app.web.identity import current_actor
from app.web.page import page

_PAGE_SIZE = 24


@blueprint.get("/gerer")
@allowed(P.LIST_MANAGED)
def managed_sites() -> Response:
    """List the sites somebody answers for, with what waits at each."""
    number = min(max(1, request.args.get("page", 1, type=int)), 10_000)
    archived = request.args.get("vue") == "archives"
    sites, total = queries.sites_managed_by(current_actor(), page=number, size=_PAGE_SIZE, archived=archived)
    ids = [site.id for site in sites]
    return page(
        "catalogue/managed_sites.html",
        cards=managed_cards(sites, queries.census_of(ids), asks.waiting_by_site(ids)),
        total=total,
        number=number,
        pages=-(-total // _PAGE_SIZE),
        page_url=lambda n: url_for("catalogue.managed_sites", page=n, vue="archives" if archived else None),
        archived=archived,
        may_create=can(current_actor(), P.CREATE_SITE),
    )


@blueprint.get("/lieux/<slug>/gerer")
@allowed(P.MANAGE_SITE, load=queries.get_site)
def manage_site(subject: Site) -> Response:
    """Show everything that can be set at a site."""
    return _manage(subject, ManagerForm(formdata=None))


@blueprint.post("/lieux/<slug>/gestionnaires")
@allowed(P.MANAGE_SITE, load=queries.get_site)
def add_manager(subject: Site) -> Response:
    """Let a person manage the site."""
    form, slug, owner = ManagerForm(), subject.slug, subject.owner.name
    if not form.validate():
        return _manage(subject, form, 422)
    email = form.email.data or ""
    try:
        functions = frozenset(Function(each) for each in form.functions.data or ())
        name = service.add_manager(current_actor(), subject, email, request.remote_addr, functions=functions)
    except DomainError as error:
        return refuse(form, error, lambda status: _manage(subject, form, status))
    if name is None:
        sentence = _(
            "We have written to %(email)s: an invitation to join %(organisation)s. "
            "Once they have joined, name them here again.",
            email=email,
            organisation=owner,
        )
        flash(sentence, "success")
    else:
        flash(_("%(name)s now manages this site and receives its requests.", name=name), "success")
    return redirect(url_for("catalogue.manage_site", slug=slug, _anchor="managers"), 303)


@blueprint.post("/lieux/<slug>/gestionnaires/retirer")
@allowed(P.MANAGE_SITE, load=queries.get_site)
def remove_manager(subject: Site) -> Response:
    """End a person's management of the site."""
    slug, actor = subject.slug, current_actor()
    person = request.form.get("person", "")[:16]
    tell(
        lambda: service.remove_manager(actor, subject, person),
        lambda name: _("%(name)s no longer manages this site.", name=name),
    )
    return redirect(url_for("catalogue.manage_site", slug=slug, _anchor="managers"), 303)


@blueprint.post("/lieux/<slug>/gestionnaires/fonctions")
@allowed(P.MANAGE_SITE, load=queries.get_site)
def change_functions(subject: Site) -> Response:
    """Say which functions a manager of the site holds."""
    slug, actor, form = subject.slug, current_actor(), FunctionsForm()
    person = request.form.get("person", "")[:16]
    if not form.validate():
        flash(_("Choose among the values offered."), "warning")
        return redirect(url_for("catalogue.manage_site", slug=slug, _anchor="managers"), 303)
    functions = frozenset(Function(each) for each in form.functions.data or ())
    tell(
        lambda: service.change_functions(actor, subject, person, functions),
        lambda name: _("The functions of %(name)s are saved.", name=name),
    )
    return redirect(url_for("catalogue.manage_site", slug=slug, _anchor="managers"), 303)


@blueprint.get("/lieux/<slug>/archiver")
@allowed(P.MANAGE_SITE, load=queries.get_site)
def confirm_archive_site(subject: Site) -> Response:
    """Say what archiving means and what stands against it."""
    resources = queries.resources_of(subject.id)
    return page(
        "catalogue/archive.html",
        site=subject,
        resource=None,
        number=len(resources),
        promises=asks.promises_of([resource.id for resource in resources]),
    )


@blueprint.post("/lieux/<slug>/archiver")
@allowed(P.MANAGE_SITE, load=queries.get_site)
def archive_site(subject: Site) -> Response:
    """Take a site out of the catalogue."""
    slug, actor = subject.slug, current_actor()
    done = tell(
        lambda: service.archive_site(actor, subject),
        _("The site is archived. Its bookings stay readable, and you can restore it."),
    )
    target = "catalogue.manage_site" if done else "catalogue.confirm_archive_site"
    return redirect(url_for(target, slug=slug), 303)


@blueprint.post("/lieux/<slug>/restaurer")
@allowed(P.MANAGE_SITE, load=queries.get_site)
def restore_site(subject: Site) -> Response:
    """Bring an archived site back."""
    slug, actor = subject.slug, current_actor()
    tell(
        lambda: service.restore_site(actor, subject), _("The site is back. Restore its resources one by one.")
    )
    return redirect(url_for("catalogue.manage_site", slug=slug), 303)


def _manage(subject: Site, form: ManagerForm, status: int = 200) -> Response:
    actor = current_actor()
    scope = Scope(subject.territory_id, subject.id, subject.owner_id)
    grants = accounts.manager_grants(subject.id)
    parts = queries.parts_at(subject.id)
    resources = queries.resources_of(subject.id)
    pages = asks.pages_of(resources)
    return page(
        "catalogue/manage_site.html",
        status=status,
        site=subject,
        commune=find_commune(subject.commune_code),
        rows=[{**terms_rows(each), "beside": pages_beside(each, parts, pages)} for each in resources],
        archived=[terms_rows(resource) for resource in queries.resources_of(subject.id, archived=True)],
        hours=asks.hours_of(subject.id),
        waiting=asks.waiting_by_site([subject.id]).get(subject.id, 0),
        managers=[(grant.person, _held(grant.functions)) for grant in grants if not grant.person.disabled_at],
        function_names=list(FUNCTIONS.items()),
        nobody_agrees=_nobody_agrees(
            subject, [grant.functions for grant in grants if not grant.person.disabled_at]
        ),
        may_grant=can(actor, AccountPermission.GRANT_SITE, scope),
        form=form,
        history=[
            (line, history_words(line.entry.subject_kind, line.entry.act, line.resource, line.entry.facts))
            for line in queries.history_of(subject, limit=12)
        ],
    )


def _held(functions: Functions) -> list[tuple[str, str]]:
    """Give the functions of a manager in a steady order, with their names."""
    return [(key, str(name)) for key, name in FUNCTIONS.items() if key in functions]


def _nobody_agrees(subject: Site, held: list[Functions]) -> list[str]:
    """Name what asks for two approvals though nobody can give both any more (somebody has left)."""
    asking = queries.two_step_resources(subject.id)
    return [] if can_agree(held) else [resource.name for resource in asking]
