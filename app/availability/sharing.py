"""How a capacity is shared: a quota for each of some organisations, lent to others while it is not used."""

from collections.abc import Mapping
from dataclasses import dataclass

KEPT = "quota"  # the kind of a claim that is no hold: what the quotas of others keep
DAY, HOUR = 86_400, 3_600
DEFAULT_RECALL_HOURS = 72
MAX_LEND_DAYS, MIN_RECALL_HOURS, MAX_RECALL_HOURS = 540, 1, 31 * 24


@dataclass(frozen=True, slots=True)
class Quotas:
    """The quotas of one resource, by organisation (ids).

    What is not used of them can be had by others for times at most `lend_days` ahead (None: never), and is called back
    for times at least `recall_hours` ahead.
    """

    shares: Mapping[int, int]
    lend_days: int | None = None
    recall_hours: int = DEFAULT_RECALL_HOURS

    def share_of(self, organisation_id: int) -> int:
        """Tell the quota of an organisation; 0 where it has none."""
        return self.shares.get(organisation_id, 0)

    def others(self, organisation_id: int) -> int:
        """Sum the quotas of all other organisations."""
        return sum(self.shares.values()) - self.share_of(organisation_id)

    def kept_from(self, now: int) -> int:
        """Tell from which instant (epoch seconds) on they are kept: what is nearer is lent."""
        return now + self.lend_days * DAY if self.lend_days is not None else 0

    def lent_at(self, instant: int) -> int | None:
        """Tell when what lies before an instant is lent (epoch seconds); None where it never is."""
        return None if self.lend_days is None else instant - self.lend_days * DAY

    def recalled_from(self, now: int) -> int:
        """Tell the first start (epoch seconds) for which lent capacity can be called back."""
        return now + self.recall_hours * HOUR
