"""What of what is owed is covered by what was said to be on its way. Pure."""

from collections.abc import Iterable, Mapping


def covered(owed: Mapping[str, int], sent: Iterable[tuple[str, int]]) -> dict[str, int]:
    """Tell what of each amount owed (by its reference, the oldest first) is on its way: `sent` is what for, how much.

    What is for one of them goes there first; the rest, as it will be once it is noted, to the oldest.
    """
    found = dict.fromkeys(owed, 0)
    for what, cents in sorted(sent, key=lambda each: each[0] not in owed):
        left = cents
        for ref in ([what] if what in owed else []) + [*owed]:
            part = min(left, owed[ref] - found[ref])
            found[ref] += part
            left -= part
    return found
