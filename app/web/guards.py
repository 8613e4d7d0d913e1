"""Every route says who may call it: @allowed(permission) or @public. A test fails on a route that says neither."""

from collections.abc import Callable
from enum import StrEnum
from functools import wraps
from typing import Any, TypeVar

from app.core.policy import require
from app.web.identity import current_actor

View = TypeVar("View", bound=Callable[..., Any])


def public(view: View) -> View:
    """Open a route to everybody; what it shows must be fit for a passer-by."""
    view.__guard__ = "public"  # type: ignore[attr-defined]  # functions take attributes; mypy has no word for it
    return view


def allowed(permission: StrEnum, load: Callable[..., Any] | None = None) -> Callable[[View], View]:
    """Open a route to whoever holds `permission` on the subject that `load(**url values)` finds.

    With `load`, the view receives the subject instead of the URL values. `load` raises NotFound itself.
    """

    def guard(view: View) -> View:
        @wraps(view)
        def guarded(**values: Any) -> Any:
            if load is None:
                require(current_actor(), permission)
                return view(**values)
            subject = load(**values)
            require(current_actor(), permission, subject)
            return view(subject)

        guarded.__guard__ = permission  # type: ignore[attr-defined]
        return guarded  # type: ignore[return-value]

    return guard
