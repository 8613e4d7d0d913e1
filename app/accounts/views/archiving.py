"""An organisation that takes part no longer: what follows is read before anything is saved, and it may come back."""

from typing import Any

from flask import flash, redirect, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.accounts import queries, service
from app.accounts.forms import ArchiveForm
from app.accounts.models import Organisation
from app.accounts.policy import AccountPermission
from app.accounts.views import blueprint
from app.accounts.views.common import refuse, tell
from app.core import clock
from app.core.errors import DomainError
from app.web.guards import allowed
from app.web.identity import current_actor
from app.web.page import page

_PAGE = "accounts/archive.html"


@blueprint.get("/structures/<slug>/archiver")
@allowed(AccountPermission.ARCHIVE_ORGANISATION, load=queries.get_organisation)
def archive(subject: Organisation) -> Response:
    """Say what happens when an organisation is archived, and what stands in the way."""
    affairs = service.affairs_of(subject.id)
    form = ArchiveForm(formdata=None, seen=affairs.fingerprint)
    return page(_PAGE, form=form, **_shown(subject, affairs))


@blueprint.post("/structures/<slug>/archiver")
@allowed(AccountPermission.ARCHIVE_ORGANISATION, load=queries.get_organisation)
def archive_now(subject: Organisation) -> Response:
    """Archive an organisation."""
    form, slug, name = ArchiveForm(), subject.slug, subject.name
    if not form.validate():
        return page(_PAGE, form=form, status=422, **_shown(subject, service.affairs_of(subject.id)))
    try:
        service.archive_organisation(current_actor(), slug, form.reason.data or "", seen=form.seen.data or "")
    except DomainError as error:
        subject = queries.get_organisation(slug)
        affairs = service.affairs_of(subject.id)
        form.seen.data = affairs.fingerprint
        return refuse(form, error, _PAGE, **_shown(subject, affairs))
    flash(_("%(name)s is archived. Its members receive your reason.", name=name), "success")
    return redirect(url_for("accounts.organisation", slug=slug), 303)


@blueprint.post("/structures/<slug>/reprendre")
@allowed(AccountPermission.TAKE_BACK_ORGANISATION, load=queries.get_organisation)
def take_back(subject: Organisation) -> Response:
    """Let an archived organisation take part again."""
    slug, name = subject.slug, subject.name
    tell(
        lambda: service.take_back_organisation(current_actor(), slug),
        _("%(name)s takes part again. What was cancelled has to be asked for anew.", name=name),
    )
    return redirect(url_for("accounts.organisation", slug=slug), 303)


def _shown(subject: Organisation, affairs: service.Affairs) -> dict[str, Any]:
    return {
        "organisation": subject,
        "affairs": affairs,
        "members": len(queries.members_of(subject.id)),
        "now": clock.now(),
    }
