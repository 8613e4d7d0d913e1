"""The public reading side: the home page, finding, the planning, a resource and its week, the answer about one slot."""

from app.availability.views import find, home, planning, quotas, resource
from app.availability.views.blueprint import blueprint

__all__ = ["blueprint", "find", "home", "planning", "quotas", "resource"]
