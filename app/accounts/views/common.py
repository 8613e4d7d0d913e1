"""What several pages of accounts do the same way."""

from collections.abc import Callable
from typing import Any

from flask import flash
from werkzeug.wrappers import Response

from app.core.errors import DomainError, Forbidden, NotFound
from app.web.errors import status_of
from app.web.forms import Form
from app.web.page import page
from app.web.words import explain

_FROM_FACTS = object()


def refuse(
    form: Form, error: DomainError, template: str, field: Any = _FROM_FACTS, **context: Any
) -> Response:
    """Show a form again with a service's refusal on the field it is about; what was typed is kept.

    What is not about the form (no such thing, not allowed) is left to the common error page.
    """
    if isinstance(error, Forbidden) or (isinstance(error, NotFound) and "email" not in error.facts):
        raise error
    name = error.facts.get("field") if field is _FROM_FACTS else field
    if name is None and "email" in form and isinstance(error, NotFound):
        name = "email"
    form.refuse(name or "", explain(error))
    status = status_of(error)
    return page(template, form=form, status=422 if status == 404 else status, **context)


def tell(act: Callable[[], object], success: str) -> bool:
    """Do `act` and leave a message for the next page: `success`, or why it was not possible. Tell which."""
    try:
        act()
    except (Forbidden, NotFound):
        raise
    except DomainError as error:
        flash(explain(error), "warning")
        return False
    flash(success, "success")
    return True
