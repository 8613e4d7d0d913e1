"""WHAT PAYERS SAY they have sent: a word to the payee, which changes no ledger. It ends with what was owed.

The pages are those of paying and noting; they call `service` and read `queries`.
"""

from flask import Flask


def register(app: Flask) -> None:
    """Plug the room into the application: it has no pages of its own."""
