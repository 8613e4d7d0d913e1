"""What else waits for somebody on their own page: rooms above, which this one does not know, say what."""

from collections.abc import Callable, Collection

from app.bookings.bundles import Whole

Task = dict[str, str]  # its label, detail, href and icon
Teller = Callable[[Collection[Whole]], list[Task]]
_tellers: list[Teller] = []


def adds_tasks(teller: Teller) -> Teller:
    """Mark a function that lists what has to be done about requests for several resources of who reads."""
    if teller not in _tellers:
        _tellers.append(teller)
    return teller


def tasks_of(wholes: Collection[Whole]) -> list[Task]:
    """List what has to be done about them."""
    return [task for teller in _tellers for task in teller(wholes)] if wholes else []
