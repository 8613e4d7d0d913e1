"""Step 5: the demo beside the territory, and its erasure."""

from flask import current_app, flash, redirect, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.core.errors import Conflict
from app.installation import queries, service
from app.installation.forms import DemoForm
from app.installation.policy import InstallationPermission as P
from app.installation.views import blueprint
from app.installation.views.common import only_administrators, step_page
from app.web.guards import allowed
from app.web.identity import current_actor
from app.web.words import explain
from config import Config

_PAGE = "installation/demo.html"


@blueprint.get("/installation/demonstration")
@allowed(P.SET_UP, load=only_administrators)
def demo(_subject: None) -> Response:
    """Offer the demo, or its erasure where it is loaded."""
    return step_page(_PAGE, 5, form=DemoForm(), loaded=queries.find_demo() is not None)


@blueprint.post("/installation/demonstration")
@allowed(P.SET_UP, load=only_administrators)
def demo_now(_subject: None) -> Response:
    """Load the demo when it was asked for, and go on to the first steps."""
    form = DemoForm()
    if not form.validate():
        return step_page(_PAGE, 5, 422, form=form, loaded=queries.find_demo() is not None)
    if form.demo.data == "yes":
        config: Config = current_app.config["MUTUALIM"]
        try:
            service.put_demo(current_actor(), config.uid_host)
            flash(_("The demonstration is here: its places appear beside yours."), "success")
        except Conflict as error:
            flash(explain(error), "warning")
    return redirect(url_for("accounts.admissions"), 303)


@blueprint.post("/installation/demonstration/effacer")
@allowed(P.SET_UP, load=only_administrators)
def erase_demo(_subject: None) -> Response:
    """Erase the demo in one act."""
    try:
        service.erase_demo(current_actor())
    except Conflict as error:
        flash(explain(error), "warning")
        return redirect(url_for("installation.demo"), 303)
    flash(_("The demonstration is erased. What real people made is still here."), "success")
    return redirect(url_for("accounts.admissions"), 303)
