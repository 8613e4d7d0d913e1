"""What tests of the pages of chains need: the browsers of those of bookings."""

from tests.bookings.conftest import browser

__all__ = ["browser"]
