"""Steps 1 and 2: the code of the server's log, and the administrator."""

from flask import redirect, request, session, url_for
from werkzeug.wrappers import Response

from app.accounts.identity import enter
from app.core.errors import DomainError, NotFound
from app.installation import queries, service
from app.installation.forms import AdministratorForm, CodeForm
from app.installation.views import blueprint
from app.installation.views.common import is_administrator, only_before, step_page
from app.web.errors import status_of
from app.web.guards import public
from app.web.i18n import locale_of_request
from app.web.words import explain

_PROOF = "installation"
_CODE, _ADMINISTRATOR = "installation/code.html", "installation/administrator.html"


def _has_proof() -> bool:
    code = queries.find_code()
    return code is not None and session.get(_PROOF) == code.public_id


blueprint.app_context_processor(lambda: {"is_installed": queries.is_installed})


@blueprint.get("/installation")
@public
def begin() -> Response:
    """Ask for the code; whoever has shown it, or runs the platform, goes on."""
    only_before()
    if is_administrator():
        return redirect(url_for("installation.territory"), 303)
    return step_page(_CODE, 1, form=CodeForm(), proved=_has_proof())


@blueprint.post("/installation")
@public
def begin_now() -> Response:
    """Check the code."""
    only_before()
    form = CodeForm()
    if not form.validate():
        return step_page(_CODE, 1, 422, form=form, proved=False)
    try:
        session[_PROOF] = service.check_code(form.code.data or "", request.remote_addr)
    except NotFound:
        raise
    except DomainError as error:
        form.refuse("code", explain(error))
        return step_page(_CODE, 1, status_of(error), form=form, proved=False)
    return redirect(url_for("installation.administrator"), 303)


@blueprint.get("/installation/administrateur")
@public
def administrator() -> Response:
    """Ask who runs the platform; afterwards, say that it is done."""
    only_before()
    if not is_administrator() and not _has_proof():
        return redirect(url_for("installation.begin"), 303)
    return step_page(_ADMINISTRATOR, 2, form=AdministratorForm(), done=is_administrator())


@blueprint.post("/installation/administrateur")
@public
def administrator_now() -> Response:
    """Open the account that runs the platform and sign in."""
    only_before()
    if is_administrator():
        return redirect(url_for("installation.territory"), 303)
    form = AdministratorForm()
    if not form.validate():
        return step_page(_ADMINISTRATOR, 2, 422, form=form, done=False)
    try:
        person_id = service.open_administrator(
            str(session.get(_PROOF, "")),
            name=form.name.data or "",
            email=form.email.data or "",
            password=form.password.data or "",
            locale=locale_of_request(),
        )
    except NotFound:
        raise
    except DomainError as error:
        form.refuse(str(error.facts.get("field", "")), explain(error))
        return step_page(_ADMINISTRATOR, 2, status_of(error), form=form, done=False)
    enter(person_id)
    return redirect(url_for("installation.territory"), 303)
