"""What the pages of the first run share: which step one is at, and who may be there."""

from typing import Any

from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.core.errors import NotFound
from app.core.policy import can
from app.installation import queries
from app.installation.policy import InstallationPermission as P
from app.web.identity import current_actor
from app.web.page import page


def is_administrator() -> bool:
    """Tell whether the reader runs the platform."""
    return can(current_actor(), P.SET_UP)


def only_administrators() -> None:
    """Load nothing: whoever does not run the platform learns nothing of these pages. Raise NotFound."""
    if not is_administrator():
        raise NotFound(page="installation")


def only_before() -> None:
    """Close the first two steps to strangers once somebody runs the platform; raise NotFound."""
    if queries.is_installed() and not is_administrator():
        raise NotFound(page="installation")


def step_page(template: str, number: int, status: int = 200, **context: Any) -> Response:
    """Show a step with the list of all of them."""
    labels = (_("Code"), _("Administrator"), _("Territory"), _("What is shared"), _("Demonstration"))
    steps = [
        {"label": label, "done": at < number, "current": at == number} for at, label in enumerate(labels, 1)
    ]
    return page(template, status=status, steps=steps, **context)
