"""Where the routes of this room hang."""

from flask import Blueprint

blueprint = Blueprint("availability", __name__)
