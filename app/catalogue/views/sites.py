"""The public page of a site; creating and editing one."""

from dataclasses import replace

from flask import flash, redirect, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.catalogue import asks, queries, service
from app.catalogue.communes import find_commune
from app.catalogue.maps import Spot, drawn_map
from app.catalogue.models import Resource, Site
from app.catalogue.pictures import photo_url
from app.catalogue.policy import CataloguePermission as P
from app.catalogue.rules import SiteFacts
from app.catalogue.site_forms import NewSiteForm, SiteForm
from app.catalogue.views import blueprint
from app.catalogue.views.cards import resource_cards
from app.catalogue.views.common import refuse, revision_of, shown
from app.core.errors import DomainError
from app.core.policy import can
from app.web.guards import allowed
from app.web.identity import current_actor
from app.web.page import page

_FORM = "catalogue/site_form.html"


@blueprint.get("/lieux/nouveau")
@allowed(P.CREATE_SITE)
def new_site() -> Response:
    """Ask for the facts of a new site."""
    form = NewSiteForm()
    form.offer(queries.owners_for(current_actor()), current_actor().acting_for)
    return shown(_FORM, form=form, site=None, near=_near(form))(200)


@blueprint.post("/lieux/nouveau")
@allowed(P.CREATE_SITE)
def create_site() -> Response:
    """Create a site, then go on to what is shared there."""
    form, actor = NewSiteForm(), current_actor()
    form.offer(queries.owners_for(actor), actor.acting_for)
    show = shown(_FORM, form=form, site=None, near=_near(form))
    if not form.validate():
        return show(422)
    owner = queries.find_owner(form.owner.data)
    if owner is None:
        form.refuse("owner", _("Choose among the values offered."))
        return show(422)
    try:
        site = service.create_site(actor, owner, form.facts(_near(form)))
    except DomainError as error:
        return refuse(form, error, show)
    flash(_("“%(name)s” is created. Now add what you share there.", name=site.name), "success")
    return redirect(url_for("catalogue.manage_site", slug=site.slug), 303)


@blueprint.get("/lieux/<slug>")
@allowed(P.SEE_SITE, load=queries.get_site)
def site(subject: Site) -> Response:
    """Show a site: where it is, how to get in, what is shared there, whom to call."""
    actor = current_actor()
    resources = [r for r in queries.resources_of(subject.id) if can(actor, P.SEE_RESOURCE, r)]
    return page(
        "catalogue/site.html",
        site=subject,
        commune=find_commune(subject.commune_code),
        cards=resource_cards(resources),
        map=_map(subject, resources),
        hours=asks.hours_of(subject.id),
        photos=[
            {"url": photo_url(p, "large" if i else "medium"), "alt": p.alt, "thumb": photo_url(p, "small")}
            for i, p in enumerate(subject.photos)
        ],
        kinds=list(dict.fromkeys(r.kind for r in resources)),
        may_manage=can(actor, P.MANAGE_SITE, subject),
    )


@blueprint.get("/lieux/<slug>/modifier")
@allowed(P.MANAGE_SITE, load=queries.get_site)
def edit_site(subject: Site) -> Response:
    """Ask for what should change."""
    return page(_FORM, form=SiteForm.of(subject), site=subject, near=(subject.lat, subject.lon))


@blueprint.post("/lieux/<slug>/modifier")
@allowed(P.MANAGE_SITE, load=queries.get_site)
def save_site(subject: Site) -> Response:
    """Change a site."""
    form, slug = SiteForm(), subject.slug
    show = shown(_FORM, form=form, site=subject, near=(subject.lat, subject.lon))
    if not form.validate():
        return show(422)
    try:
        facts = _followed(form.facts((subject.lat, subject.lon)), subject)
        changed = service.edit_site(current_actor(), subject, facts, revision=revision_of(form))
    except DomainError as error:
        return refuse(form, error, show)
    flash(_("The site is saved.") if changed else _("Nothing was changed."), "success" if changed else "info")
    return redirect(url_for("catalogue.manage_site", slug=slug), 303)


def _near(form: NewSiteForm) -> tuple[float, float] | None:
    """Tell around which point the new site probably lies: where its owner is."""
    owner = queries.find_owner(form.owner.data or "")
    commune = find_commune((owner.commune_code if owner else None) or "")
    return commune.point if commune else None


def _followed(facts: SiteFacts, subject: Site) -> SiteFacts:
    """Let the point follow into another commune, unless it was set by hand along with it."""
    same_point = (facts.lat, facts.lon) == (subject.lat, subject.lon)
    moved = same_point and facts.commune_code != subject.commune_code
    return replace(facts, lat=None, lon=None) if moved else facts


def _map(subject: Site, resources: list[Resource]) -> dict[str, object] | None:
    """Draw where the site is. Its commune names the spot: short, it stays on the drawing, whose label has the site."""
    commune = find_commune(subject.commune_code)
    codes = queries.territory_of(subject).communes or [subject.commune_code]
    name = commune.name if commune else subject.name
    spot = Spot(name, subject.lat, subject.lon, count=len(resources), here=True)
    label = _("Map of the territory with %(name)s", name=subject.name)
    return drawn_map(label, dict.fromkeys([*codes, subject.commune_code]), [spot])
