"""What of a tariff stands in one line."""

import pytest

from app.payments.tariffs.headline import Headline, headline_of
from app.payments.tariffs.tariff import Meter, PeakHours, Tariff, TariffLine, VatRegime, When

PEAK = PeakHours(480, 1080, frozenset(range(5)))


def hour(cents, when=When.ALWAYS):
    return TariffLine(Meter.HOUR, cents, when=when)


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ([hour(1200)], Headline(1200, "hour")),
        ([hour(1200, When.PEAK), hour(800, When.OFF_PEAK)], Headline(800, "hour", is_from=True)),
        ([hour(800, When.PEAK), hour(800, When.OFF_PEAK)], Headline(800, "hour")),
        ([hour(900), hour(300, When.PEAK)], Headline(900, "hour", is_from=True)),  # it is added in peak hours
        (
            [hour(1200, When.PEAK), hour(0, When.OFF_PEAK)],
            Headline(1200, "hour"),
        ),  # "from 0" would say nothing
        ([hour(0)], Headline(0, "hour")),
        (
            [TariffLine(Meter.KM, 60), hour(1200, When.PEAK), hour(800, When.OFF_PEAK)],
            Headline(800, "hour", 60, is_from=True),
        ),
        ([TariffLine(Meter.KG, 60)], None),
    ],
)
def test_prices_of_several_hours_are_said_from_the_lowest(lines, said):
    peaks = (PEAK,) if any(line.when is not When.ALWAYS for line in lines) else ()
    assert headline_of(Tariff(tuple(lines), VatRegime.FRANCHISE, peaks=peaks)) == said
