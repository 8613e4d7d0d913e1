"""The shape of what managers type about resources and photos."""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from wtforms import (
    BooleanField,
    FileField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from app.catalogue.kinds import Kind, Unit
from app.catalogue.kinds.fields import EuroField, fact_form, fact_form_data, read_facts
from app.catalogue.kinds.words import label, unit_name
from app.catalogue.lengths import LengthField
from app.catalogue.models import Resource
from app.catalogue.rules import (
    LONGEST_PROSE,
    MAX_ANSWER_HOURS,
    MAX_AUTO_HOURS,
    MAX_BUFFER,
    MAX_CAPACITY,
    MAX_FREE_CANCEL_HOURS,
    MAX_HORIZON_DAYS,
    MAX_LENGTH,
    MAX_NOTICE,
    MAX_PRICE_CENTS,
    PRICE_PER,
    STEPS,
    ResourceFacts,
)
from app.catalogue.windows import read_windows, windows_data, windows_form
from app.catalogue.words import (
    APPROVALS,
    AUTO_UP_TO,
    MODES,
    OPENING_MODES,
    PRICES,
    STATUSES,
    STEP_WORDS,
    VISIBILITIES,
)
from app.web.forms import Form, OnceForm, _l

_NAME = Length(max=160)
_PROSE = Length(max=LONGEST_PROSE)
_CHOSEN = (InputRequired(_l("Choose among the values offered.")),)


def _offered(words: Mapping[Any, Any], values: Iterable[Any] | None = None) -> list[tuple[Any, Any]]:
    return [(value, words[value]) for value in (words if values is None else values)]


# -- resources ----------------------------------------------------------------------------------------------


class TermsForm(windows_form()):  # type: ignore[misc]  # its fields are made from the priority classes
    """What every resource has, whatever its kind; lengths are minutes once read."""

    name = StringField(
        _l("Name"), validators=[DataRequired(_l("Give it the name people will look for.")), _NAME]
    )
    subtype = SelectField(_l("Sort"), validators=_CHOSEN)
    description = TextAreaField(
        _l("Description"), validators=[_PROSE], description=_l("What it is good for, what comes with it.")
    )
    house_rules = TextAreaField(
        _l("House rules"),
        validators=[_PROSE],
        description=_l("Cleaning, keys, waste, what to bring. Whoever asks must have read them."),
    )

    mode = RadioField(_l("How it is shared"), validators=_CHOSEN)
    capacity = IntegerField(
        _l("How many"),
        validators=[
            Optional(), NumberRange(1, MAX_CAPACITY, _l("Enter a whole number from 1 to %(max)s.", max=MAX_CAPACITY)),
        ],
        render_kw={"inputmode": "numeric"},
    )  # fmt: skip
    unit = SelectField(_l("Counted in"), validators=_CHOSEN)

    opening_mode = RadioField(_l("Opening hours"), choices=_offered(OPENING_MODES), validators=_CHOSEN)
    step_minutes = SelectField(
        _l("Bookings start and end"), coerce=int, choices=_offered(STEP_WORDS, STEPS), validators=_CHOSEN
    )
    min_minutes = LengthField(_l("Shortest booking"), least=15, most=MAX_LENGTH)
    max_minutes = LengthField(_l("Longest booking"), least=15, most=MAX_LENGTH)
    buffer_before = LengthField(
        _l("Kept free before"), most=MAX_BUFFER, description=_l("To prepare or open the place.")
    )
    buffer_after = LengthField(
        _l("Kept free after"), most=MAX_BUFFER, description=_l("To clean, air or recharge.")
    )
    min_notice_minutes = LengthField(
        _l("Ask at least … before"), most=MAX_NOTICE, description=_l("0: until the last minute.")
    )
    horizon_days = LengthField(
        _l("Ask at most … before"), units=("days", "weeks"), least=1440, most=MAX_HORIZON_DAYS * 1440
    )

    approval = RadioField(_l("Who says yes"), choices=_offered(APPROVALS), validators=_CHOSEN)
    auto_up_to = SelectField(
        _l("At once for"),
        choices=_offered(AUTO_UP_TO),
        default="P2",
        validators=[Optional()],
        description=_l("Only where some organisations are served at once."),
    )
    auto_hours = IntegerField(
        _l("Hours at once, a month"),
        validators=[
            Optional(),
            NumberRange(1, MAX_AUTO_HOURS, _l("Enter a whole number from 1 to %(max)s.", max=MAX_AUTO_HOURS)),
        ],
        description=_l("For each organisation; above that a manager answers. Nothing: without limit."),
        render_kw={"inputmode": "numeric"},
    )
    holds_request = BooleanField(
        _l("A request keeps its time until it is answered"),
        description=_l("Otherwise several can ask for the same time and you choose."),
    )
    answer_hours = LengthField(
        _l("Answer within"),
        units=("hours", "days"),
        least=60,
        most=MAX_ANSWER_HOURS * 60,
        description=_l("A request without an answer by then ends, and its time is free again."),
    )

    arbitration_hours = LengthField(
        _l("Compare requests for"),
        units=("hours", "days"),
        most=MAX_ANSWER_HOURS * 60,
        description=_l(
            "0: who asks first keeps the time. Otherwise several may ask for the same time meanwhile, "
            "and you see them side by side, food aid first."
        ),
    )

    price_cents = EuroField(
        _l("Price in euros"),
        validators=[
            Optional(),
            NumberRange(0, MAX_PRICE_CENTS, _l("Enter an amount from 0 to 100,000 euros.")),
        ],
        render_kw={"inputmode": "decimal"},
    )
    price_per = SelectField(_l("For"), choices=_offered(PRICES, PRICE_PER), validators=_CHOSEN)

    free_cancel_hours = LengthField(
        _l("Cancelling costs nothing until … before"),
        units=("hours", "days"),
        most=MAX_FREE_CANCEL_HOURS * 60,
        description=_l("0: until it begins."),
    )
    late_cancel_percent = IntegerField(
        _l("After that, part of the price still due"),
        validators=[Optional(), NumberRange(0, 100, _l("Enter a whole number from 0 to 100."))],
        description=_l("0: cancelling never costs anything. What you cancel yourself costs nobody anything."),
        render_kw={"inputmode": "numeric"},
    )

    visibility = RadioField(_l("Who can see it"), choices=_offered(VISIBILITIES), validators=_CHOSEN)
    shows_holder = BooleanField(
        _l("Members may read which organisation has taken a time"),
        description=_l("Visitors only ever see free or taken."),
    )
    status = RadioField(_l("State"), choices=_offered(STATUSES), validators=_CHOSEN)
    revision = HiddenField()


class ResourceForm(TermsForm):
    """A resource of one kind; `resource_form` adds the fields of the kind's facts."""

    kind: Kind

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kind = self.kind
        self.subtype.choices = [(each.key, label(each.label)) for each in kind.subtypes]
        self.unit.choices = [(str(unit), unit_name(unit)) for unit in kind.units]
        self.mode.choices = _offered(MODES, kind.modes)
        if kind.subtype_fact:
            del self.subtype

    def facts(self) -> ResourceFacts | None:
        """Give what was typed in the form the service takes; None when a fact is refused (its field says why)."""
        read, all_good = read_facts(self, self.kind)
        if not all_good:
            return None
        given = {name: self[name].data for name in _SAME_NAME}
        return ResourceFacts(
            **given,
            kind=self.kind.key,
            facts=read,
            subtype=self.subtype.data if "subtype" in self else "",
            auto_up_to=self.auto_up_to.data or "P2",
            auto_hours=self.auto_hours.data,
            capacity=self.capacity.data or 1,
            horizon_days=self.horizon_days.data // 1440,
            answer_hours=self.answer_hours.data // 60,
            arbitration_hours=self.arbitration_hours.data // 60,
            price_cents=int(self.price_cents.data or 0),
            free_cancel_hours=self.free_cancel_hours.data // 60,
            late_cancel_percent=self.late_cancel_percent.data or 0,
            windows=read_windows(self),
        )


_SAME_NAME = (
    "name", "description", "house_rules", "mode", "unit", "opening_mode", "step_minutes", "min_minutes",
    "max_minutes", "buffer_before", "buffer_after", "min_notice_minutes", "approval", "holds_request", "price_per",
    "visibility", "shows_holder", "status",
)  # fmt: skip


@lru_cache(maxsize=32)
def _form_class(kind: Kind) -> type[ResourceForm]:
    return type(f"{kind.key.title()}Form", (ResourceForm, fact_form(kind)), {"kind": kind})


def new_resource_form(kind: Kind) -> ResourceForm:
    """Give the form of a new resource of a kind, filled with what suits most of them."""
    defaults = kind.defaults
    start: dict[str, Any] = {
        name: getattr(defaults, name)
        for name in (
            "mode",
            "capacity",
            "opening_mode",
            "step_minutes",
            "min_minutes",
            "max_minutes",
            "buffer_after",
        )
    }
    start |= {
        "unit": str(defaults.unit if defaults.mode != "exclusive" else Unit.WHOLE),
        "buffer_before": 0, "min_notice_minutes": 0, "horizon_days": 365 * 1440, "approval": "manager",
        "holds_request": True, "answer_hours": 72 * 60, "free_cancel_hours": 0, "arbitration_hours": 0,
        "visibility": "public", "status": "active",
    }  # fmt: skip
    return _form_class(kind)(data=start)


def edit_resource_form(resource: Resource, kind: Kind, *, fresh: bool = False) -> ResourceForm:
    """Give the form of a resource: what was typed (not when `fresh`), else what is known."""
    known = {
        name: getattr(resource, name)
        for name in (
            *_SAME_NAME,
            "capacity",
            "price_cents",
            "late_cancel_percent",
            "revision",
            "subtype",
            "auto_up_to",
            "auto_hours",
        )
    }
    known["horizon_days"] = resource.horizon_days * 1440
    known["answer_hours"] = resource.answer_hours * 60
    known["arbitration_hours"] = resource.arbitration_hours * 60
    known["free_cancel_hours"] = resource.free_cancel_hours * 60
    known |= windows_data(resource.windows)
    typed = {"formdata": None} if fresh else {}
    return _form_class(kind)(data=known | fact_form_data(resource.facts, kind), **typed)


# -- the small ones -----------------------------------------------------------------------------------------


class PhotoForm(OnceForm):
    """A photo to show, with its text."""

    file = FileField(
        _l("Photo"),
        description=_l("JPEG, PNG or WebP, at most 8 MB. Place and date hidden in the file are removed."),
        render_kw={"accept": "image/jpeg,image/png,image/webp"},
    )
    alt = StringField(
        _l("What it shows"),
        validators=[
            DataRequired(
                _l("Say in a few words what the photo shows: it is read aloud to those who do not see it.")
            ),
            Length(max=160),
        ],
        description=_l("For example: the stainless steel worktop and the two ovens."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.file.flags.required = True  # the service says it, after looking at what came


class AltForm(Form):
    """The text of a photo."""

    alt = StringField(_l("What it shows"), validators=[DataRequired(), Length(max=160)])
