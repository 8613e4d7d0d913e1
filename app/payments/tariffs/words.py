"""Tariffs in plain words: what is counted, for how much, when, for whom."""

from collections.abc import Mapping
from typing import Final

from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.accounts.words import PRIORITIES
from app.core.money import MILLI, WHOLE_BP
from app.payments.tariffs.tariff import EVERY_DAY, Meter, PeakHours, Tariff, TariffLine, VatRegime, When
from app.payments.tariffs.told import Why
from app.web.format import money, number, weekday_name

METERS: Final[Mapping[Meter, LazyString]] = {
    Meter.HOUR: _l("an hour"),
    Meter.HALF_DAY: _l("a half day begun (they meet at 13:00)"),
    Meter.DAY: _l("a day, parts of it included"),
    Meter.STARTED_DAY: _l("a day of the calendar that is begun"),
    Meter.STARTED_PERIOD: _l("a period of 24 hours that is begun"),
    Meter.MONTH: _l("a month"),
    Meter.PALLET_DAY: _l("a unit (a pallet, a place) and day"),
    Meter.KG: _l("a kilogram"),
    Meter.KM: _l("a kilometre driven"),
    Meter.KWH: _l("a kilowatt-hour"),
    Meter.PERSON: _l("a person"),
    Meter.USE: _l("each time"),
    Meter.FLAT: _l("once for all that is charged together"),
}
_PRICES: Final[Mapping[Meter, LazyString]] = {
    Meter.HOUR: _l("%(price)s an hour"),
    Meter.HALF_DAY: _l("%(price)s a half day begun"),
    Meter.DAY: _l("%(price)s a day"),
    Meter.STARTED_DAY: _l("%(price)s a day of the calendar that is begun"),
    Meter.STARTED_PERIOD: _l("%(price)s a period of 24 hours that is begun"),
    Meter.MONTH: _l("%(price)s a month"),
    Meter.PALLET_DAY: _l("%(price)s a unit and day"),
    Meter.KG: _l("%(price)s a kilogram"),
    Meter.KM: _l("%(price)s a kilometre driven"),
    Meter.KWH: _l("%(price)s a kilowatt-hour"),
    Meter.PERSON: _l("%(price)s a person"),
    Meter.USE: _l("%(price)s each time"),
    Meter.FLAT: _l("%(price)s once for all that is charged together"),
}
_UNITS: Final[Mapping[Meter, LazyString]] = {
    Meter.HOUR: _l("%(number)s h"),
    Meter.KG: _l("%(number)s kg"),
    Meter.KM: _l("%(number)s km"),
    Meter.KWH: _l("%(number)s kWh"),
}
WHEN: Final[Mapping[When, LazyString]] = {
    When.ALWAYS: _l("at all hours"),
    When.PEAK: _l("in peak hours"),
    When.OFF_PEAK: _l("outside peak hours"),
}
VAT: Final[Mapping[VatRegime, LazyString]] = {
    VatRegime.FRANCHISE: _l("VAT not applicable, article 293 B of the French tax code (CGI)"),
    VatRegime.EXEMPT: _l("Exempt from VAT, article 261, 7-1° of the CGI (non-profit organisation)"),
    VatRegime.GROUP: _l("Exempt from VAT, article 261 B of the CGI (means shared at cost)"),
    VatRegime.STANDARD: _l("Subject to VAT"),
    VatRegime.OUT_OF_SCOPE: _l("Outside the scope of VAT"),
}
WEEKDAYS: Final = (
    _l("Monday"), _l("Tuesday"), _l("Wednesday"), _l("Thursday"), _l("Friday"), _l("Saturday"), _l("Sunday"),
)  # fmt: skip


def quantity(meter: Meter, milli: int) -> str:
    """Write how much a meter counts: "1,5 h", "42 km", or the number alone."""
    counted = number(milli / MILLI)
    words = _UNITS.get(meter)
    return str(words) % {"number": counted} if words else counted


def unit_price(meter: Meter, cents: int) -> str:
    """Write the price of one unit: "12,00 € l'heure"."""
    return str(_PRICES[meter]) % {"price": money(cents)}


def tier_words(meter: Meter, above_milli: int, up_to_milli: int | None) -> str:
    """Say between which quantities a price holds: "jusqu’à 100 km", "au-delà de 100 km"."""
    above = quantity(meter, above_milli)
    if up_to_milli is None:
        return _("beyond %(much)s", much=above)
    most = quantity(meter, up_to_milli)
    return (
        _("from %(much)s to %(most)s", much=above, most=most)
        if above_milli
        else _("up to %(most)s", most=most)
    )


def not_used_words(why: str) -> str:
    """Say why something is charged though it was not used; nothing where it was, or where nobody said."""
    words = _NOT_USED.get(why)
    return str(words) if words else ""


_NOT_USED: Final[Mapping[str, LazyString]] = {
    Why.CANCELLED_LATE: _l("cancelled late"),
    Why.ABSENT: _l("absence: nobody came"),
}


def line_words(line: TariffLine) -> tuple[str, list[str]]:
    """Say a line: its price for one unit, and what else holds for it."""
    more = [line.label] if line.label else []
    if line.when is not When.ALWAYS:
        more.append(str(WHEN[line.when]))
    if line.included_milli:
        more.append(_("%(much)s included", much=quantity(line.meter, line.included_milli)))
    if line.step_milli:
        more.append(_("rounded up to a multiple of %(much)s", much=quantity(line.meter, line.step_milli)))
    if line.minimum_milli:
        more.append(_("at least %(much)s", much=quantity(line.meter, line.minimum_milli)))
    more += [
        _(
            "beyond %(much)s: %(price)s",
            much=quantity(line.meter, tier.above_milli),
            price=unit_price(line.meter, tier.unit_cents),
        )
        for tier in line.tiers
    ]
    return unit_price(line.meter, line.unit_cents), more


def peak_words(peak: PeakHours) -> str:
    """Say peak hours: "lundi, mardi, de 08:00 à 18:00"."""
    days = (
        _("every day")
        if peak.weekdays == EVERY_DAY
        else ", ".join(weekday_name(day) for day in sorted(peak.weekdays))
    )
    return _("%(days)s, from %(start)s to %(end)s", days=days, start=_clock(peak.start), end=_clock(peak.end))


def class_words(tariff: Tariff) -> list[tuple[str, str]]:
    """Say what each class pays of the prices, those that pay something else than the whole."""
    return [
        (
            str(PRIORITIES[each]),
            _("free of charge") if not bp else _("%(part)s %% of the price", part=percent(bp)),
        )
        for each, bp in sorted(tariff.coefficients_bp.items())
        if bp != WHOLE_BP
    ]


def vat_words(tariff: Tariff) -> str:
    """Say what VAT there is in the prices."""
    if tariff.vat_regime is VatRegime.STANDARD:
        return _("VAT of %(rate)s %% included", rate=percent(tariff.vat_bp))
    return str(VAT[tariff.vat_regime])


def percent(bp: int) -> str:
    """Write basis points as a percentage, without its sign."""
    return number(bp / 100)


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"
