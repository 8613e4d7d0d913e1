"""What several pages of the catalogue do the same way."""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import flash
from werkzeug.wrappers import Response

from app.catalogue.errors import EditedMeanwhile
from app.core.errors import DomainError, Forbidden, NotFound
from app.web.errors import status_of
from app.web.forms import Form
from app.web.page import page
from app.web.words import explain

Show = Callable[[int], Response]
T = TypeVar("T")


def refuse(form: Form, error: DomainError, show: Show) -> Response:
    """Show a form again with a service's refusal on the field it is about; what was typed is kept.

    What is not about the form (no such thing, not allowed) is left to the common error page.
    """
    if isinstance(error, Forbidden | NotFound) and "email" not in form:
        raise error
    if isinstance(error, Forbidden):
        raise error
    if isinstance(error, EditedMeanwhile):
        form["revision"].data = str(error.facts["revision"])
    default = "email" if "email" in form and isinstance(error, NotFound) else ""
    form.refuse(error.facts.get("field") or default, explain(error))
    status = status_of(error)
    return show(422 if status == 404 else status)


def tell(act: Callable[[], T], success: str | Callable[[T], str]) -> bool:
    """Do `act` and leave a message for the next page: `success`, or why it was not possible. Tell which.

    `success` may say it of what `act` gives, such as a name.
    """
    try:
        done = act()
    except (Forbidden, NotFound):
        raise
    except DomainError as error:
        flash(explain(error), "warning")
        return False
    flash(success if isinstance(success, str) else success(done), "success")
    return True


def revision_of(form: Form) -> int | None:
    """Read the revision a form was opened on; None when it was tampered with or lost."""
    raw = str(form["revision"].data or "")
    return int(raw) if raw.isdecimal() and len(raw) < 10 else None


def shown(template: str, **context: Any) -> Show:
    """Give the function that renders a form's page with a status."""
    return lambda status: page(template, status=status, **context)
