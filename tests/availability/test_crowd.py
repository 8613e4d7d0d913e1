"""Where too much is taken: against a count of every instant."""

import random
from itertools import pairwise

from app.availability.rules import Taken, crowded


def _taken_at(taken: list[Taken], at: int) -> int:
    return sum(claim.qty for claim in taken if claim.start <= at < claim.end)


def test_every_crowded_instant_is_found_and_no_other():
    dice, found_some = random.Random(11), 0
    for _ in range(2000):
        taken = [
            Taken(start, start + dice.randrange(1, 9), dice.choice((-1, 1, 1, 2, 3)), number, "booking")
            for number, start in enumerate(dice.sample(range(20), dice.randrange(6)))
        ]
        start, room = dice.randrange(10), dice.randrange(-1, 5)
        end = start + dice.randrange(1, 12)
        stretches = crowded(taken, start, end, room)
        inside = {at for first, last in stretches for at in range(first, last)}
        assert inside == {at for at in range(start, end) if _taken_at(taken, at) > room}
        assert all(last < nxt for (_, last), (nxt, _) in pairwise(stretches))
        found_some += bool(inside)
    assert 500 < found_some < 1900
