"""The public reading side: the home page, finding, a resource and its week, the answer about one slot."""

from app.availability.views import find, home, resource
from app.availability.views.blueprint import blueprint

__all__ = ["blueprint", "find", "home", "resource"]
