"""The sentences that WTForms says by itself, listed so that translators find them. Nobody imports this."""

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_ngettext as _n

SENTENCES = (
    _l("This field is required."),
    _l("Not a valid choice."),
    _l("Invalid Choice: could not coerce."),
    _l("Not a valid integer value."),
    _l("Not a valid decimal value."),
    _l("Not a valid float value."),
    _l("Not a valid date value."),
    _l("Not a valid datetime value."),
    _l("Not a valid time value."),
    _l("Invalid email address."),
    _l("Invalid input."),
    _l("Field must be equal to %(other_name)s."),
    _l("Number must be at least %(min)s."),
    _l("Number must be at most %(max)s."),
    _l("Number must be between %(min)s and %(max)s."),
)


def counted(n: int) -> tuple[object, ...]:
    """Give those that count."""
    return (
        _n("Field cannot be longer than %(max)d character.", "Field cannot be longer than %(max)d characters.", n),
        _n("Field must be at least %(min)d character long.", "Field must be at least %(min)d characters long.", n),
        _n("'%(value)s' is not a valid choice for this field.", "'%(value)s' are not valid choices for this field.", n),
    )  # fmt: skip
