"""Photos: shown under names that say their content, added, described, put in order, taken away."""

from dataclasses import dataclass

from flask import flash, redirect, request, send_file, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.catalogue import queries, service
from app.catalogue.forms import AltForm, PhotoForm
from app.catalogue.images import make_picture
from app.catalogue.models import Photo, Resource, Site
from app.catalogue.pictures import photo_url
from app.catalogue.policy import CataloguePermission as P
from app.catalogue.policy import shows_subject
from app.catalogue.rules import MAX_PHOTO_BYTES, MAX_PHOTOS, PHOTO_SIZES
from app.catalogue.service.photos import SHELF, file_name
from app.catalogue.views import blueprint
from app.catalogue.views.common import refuse, tell
from app.core.errors import DomainError, NotFound
from app.core.policy import VISITOR, can
from app.infra import files
from app.web.guards import allowed
from app.web.identity import current_actor
from app.web.page import page
from app.web.words import explain

_YEAR = 365 * 24 * 3600
_UPLOADS = ("catalogue.add_site_photo", "catalogue.add_resource_photo")
_MOST_UPLOADED = (
    32 * 1024 * 1024
)  # what a phone may send: beyond our own limit, so that the refusal is in words


@blueprint.url_value_preprocessor
def expect_large_photos(endpoint: str | None, _values: dict[str, object] | None) -> None:
    """Let a photo above our limit arrive whole, so that its form can say so and keep the text."""
    if endpoint in _UPLOADS:
        request.max_content_length = _MOST_UPLOADED


# -- showing ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Shown:
    """A photo asked for: one of the rows that stand for its content, the one most people may see."""

    photo: Photo
    size: str

    @property
    def site(self) -> Site:
        return self.photo.site

    @property
    def resource(self) -> Resource | None:
        return self.photo.resource


def _load_file(digest: str, size: str) -> _Shown:
    rows = queries.photos_named(digest) if size in PHOTO_SIZES else []
    if not rows:
        raise NotFound(photo=digest)
    actor = current_actor()
    seen = next((row for row in rows if can(actor, P.SEE_PHOTO, row)), rows[0])
    return _Shown(next((row for row in rows if shows_subject(VISITOR, row)), seen), size)


@blueprint.get("/photos/<digest>/<size>.webp")
@allowed(P.SEE_PHOTO, load=_load_file)
def photo(subject: _Shown) -> Response:
    """Serve a photo; under its name it never changes, so browsers may keep it for a year."""
    path = files.find(SHELF, file_name(subject.photo.digest, subject.size))
    if path is None:
        raise NotFound(photo=subject.photo.digest)
    response = send_file(path, mimetype="image/webp", max_age=_YEAR, etag=subject.photo.digest[:32])
    shared = "public" if shows_subject(VISITOR, subject) else "private"
    response.headers["Cache-Control"] = f"{shared}, max-age={_YEAR}, immutable"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


# -- managing -----------------------------------------------------------------------------------------------


@blueprint.get("/lieux/<slug>/photos")
@allowed(P.MANAGE_SITE, load=queries.get_site)
def site_photos(subject: Site) -> Response:
    """Show the photos of a site, to add to them."""
    return _show(subject, PhotoForm(formdata=None))


@blueprint.post("/lieux/<slug>/photos")
@allowed(P.MANAGE_SITE, load=queries.get_site)
def add_site_photo(subject: Site) -> Response:
    """Add a photo of a site."""
    return _add(subject)


@blueprint.get("/ressources/<slug>/photos")
@allowed(P.MANAGE_SITE, load=queries.get_resource)
def resource_photos(subject: Resource) -> Response:
    """Show the photos of a resource, to add to them."""
    return _show(subject, PhotoForm(formdata=None))


@blueprint.post("/ressources/<slug>/photos")
@allowed(P.MANAGE_SITE, load=queries.get_resource)
def add_resource_photo(subject: Resource) -> Response:
    """Add a photo of a resource."""
    return _add(subject)


@blueprint.post("/photos/<public_id>/decrire")
@allowed(P.MANAGE_SITE, load=queries.get_photo)
def describe_photo(subject: Photo) -> Response:
    """Change the text of a photo."""
    form, back, actor = AltForm(), _photos_url(subject.resource or subject.site), current_actor()
    tell(lambda: service.describe_photo(actor, subject, form.alt.data or ""), _("The text is saved."))
    return redirect(back, 303)


@blueprint.post("/photos/<public_id>/deplacer")
@allowed(P.MANAGE_SITE, load=queries.get_photo)
def move_photo(subject: Photo) -> Response:
    """Move a photo one place earlier (`sens=-1`) or later, or to the front (`sens=debut`)."""
    back, actor = _photos_url(subject.resource or subject.site), current_actor()
    by = {"-1": -1, "1": 1, "debut": -MAX_PHOTOS}.get(request.form.get("sens", ""), 0)
    tell(lambda: service.move_photo(actor, subject, by), _("The photos are in their new order."))
    return redirect(back, 303)


@blueprint.post("/photos/<public_id>/retirer")
@allowed(P.MANAGE_SITE, load=queries.get_photo)
def remove_photo(subject: Photo) -> Response:
    """Take a photo away."""
    back, actor = _photos_url(subject.resource or subject.site), current_actor()
    tell(lambda: service.remove_photo(actor, subject), _("The photo is taken away."))
    return redirect(back, 303)


def _photos_url(subject: Site | Resource) -> str:
    name = "catalogue.site_photos" if isinstance(subject, Site) else "catalogue.resource_photos"
    return url_for(name, slug=subject.slug)


def _add(subject: Site | Resource) -> Response:
    form, back = PhotoForm(), _photos_url(subject)
    upload = request.files.get("file")
    content = upload.read(MAX_PHOTO_BYTES + 1) if upload else b""
    if not form.validate():
        _say_about(content, form)
        return _show(subject, form, 422)
    try:
        service.add_photo(current_actor(), subject, content, form.alt.data or "")
    except DomainError as error:
        return refuse(form, error, lambda status: _show(subject, form, status))
    flash(_("The photo is added."), "success")
    return redirect(back, 303)


def _say_about(content: bytes, form: PhotoForm) -> None:
    """Tell what is wrong with the file too when the text is missing, so that one round of repair is enough."""
    try:
        make_picture(content)
    except DomainError as error:
        form.refuse("file", explain(error))


def _show(subject: Site | Resource, form: PhotoForm, status: int = 200) -> Response:
    site = subject if isinstance(subject, Site) else subject.site
    return page(
        "catalogue/photos.html",
        status=status,
        form=form,
        site=site,
        resource=None if isinstance(subject, Site) else subject,
        photos=[(each, photo_url(each, "small"), photo_url(each, "large")) for each in subject.photos],
        most=MAX_PHOTOS,
        address=_photos_url(subject),
    )
