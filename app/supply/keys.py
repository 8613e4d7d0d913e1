"""What was made under an idempotency key is given again for what made it, and for nothing else."""

from collections.abc import Mapping
from typing import Any

from app.bookings.errors import KeyReused


def refuse_other(made: Any, asked: Mapping[str, Any]) -> None:
    """Raise KeyReused where what is asked (by column) is not what was made."""
    if any(getattr(made, name) != asked[name] for name in asked):
        raise KeyReused(field="key")
