"""The list of first steps, on the coordination's page until it is put away."""

from typing import Any

from flask import current_app, redirect, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.core.policy import can
from app.installation import queries, service
from app.installation.policy import InstallationPermission as P
from app.installation.rules import Progress, steps_done
from app.installation.views import blueprint
from app.web.guards import allowed
from app.web.identity import current_actor
from app.web.legal import missing_facts
from config import Config


@blueprint.post("/installation/etapes/ranger")
@allowed(P.SEE_STEPS)
def hide_steps() -> Response:
    """Put the list away."""
    service.hide_steps(current_actor())
    return redirect(url_for("accounts.admissions"), 303)


def first_steps() -> dict[str, Any] | None:
    """Give the list of first steps to whoever may take them, None once it was put away."""
    territory = queries.find_territory() if can(current_actor(), P.SEE_STEPS) else None
    if territory is None or territory.steps_hidden_at:
        return None
    config: Config = current_app.config["MUTUALIM"]
    lacking = tuple(missing_facts(config))
    progress = queries.progress_of(territory, lacking, has_mail=config.mail_url is not None)
    return {
        "items": _lines(progress),
        "demo": queries.find_demo() is not None,
        "is_admin": can(current_actor(), P.SET_UP),
    }


def _lines(progress: Progress) -> list[dict[str, Any]]:
    words = _words(progress)
    done = steps_done(progress)
    next_step = next((key for key, is_done in done.items() if not is_done), "")
    return [{**words[key], "done": done[key], "current": key == next_step} for key in done]


def _words(progress: Progress) -> dict[str, dict[str, str]]:
    sites = url_for("catalogue.managed_sites")
    return {
        "mail": {
            "label": _("Connect a mail server"),
            "text": ""
            if progress.has_mail
            else _("Setting of the server: MAIL_URL. Until then no e-mail leaves."),
        },
        "coordination": {
            "label": _("Invite the coordination"),
            "text": _("The person opens an account, then you give the role."),
            "href": url_for("accounts.roles"),
            "action": _("Give a role"),
        },
        "place": {
            "label": _("Add the first place"),
            "text": _("It belongs to an organisation: propose that first."),
            "href": url_for("catalogue.new_site"),
            "action": _("Add a site"),
        },
        "resource": {
            "label": _("Add its first resource"),
            "text": _("A kitchen, a cold room, a van…"),
            "href": sites,
            "action": _("My sites"),
        },
        "hours": {
            "label": _("Say when it is open"),
            "text": _("Until you do: Monday to Friday, 8:00 to 18:00, closed on public holidays."),
            "href": sites,
            "action": _("My sites"),
        },
        "manager": {
            "label": _("Invite a site manager"),
            "text": _("Requests go to this person, who answers from an e-mail."),
            "href": sites,
            "action": _("My sites"),
        },
        "legal": {
            "label": _("Complete the legal notice"),
            "text": _(
                "Settings of the server still missing: %(names)s", names=", ".join(progress.missing_facts)
            )
            if progress.missing_facts
            else "",
        },
    }


blueprint.app_context_processor(lambda: {"first_steps": first_steps})
