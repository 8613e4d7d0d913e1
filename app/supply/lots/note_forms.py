"""What is typed about hand-overs: on a telephone, at a back door."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from flask_babel import ngettext as _n
from wtforms import BooleanField, DateField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, Optional, ValidationError

from app.accounts.models import Organisation
from app.core import clock
from app.core.span import from_wall, to_wall
from app.supply.cargo import KILO
from app.supply.cargo_fields import KilosField
from app.supply.cargo_words import kilos
from app.supply.edit_words import EditForm, SeenForm
from app.supply.edits import last_edit
from app.supply.lots.fields import CountField, DegreesField, SomeKilosField
from app.supply.lots.models import Handover, HandoverLine
from app.supply.lots.queries import Found
from app.supply.lots.rules import AHEAD, LONGEST_NAME, LONGEST_TEXT, Outcome
from app.supply.lots.service import NewNote, Receipt
from app.supply.lots.words import RETURNS, moment_words
from app.web.forms import OnceForm, TimeField, _l, time_choices, wall_of
from app.web.numbers import typed_number

_DECIMAL = {"inputmode": "decimal", "autocomplete": "off"}
DISTRIBUTION = "distribution"


class NoteForm(EditForm):
    """A hand-over in four fields: to whom, how much, how warm, how many packages. The rest is folded."""

    to = SelectField(_l("To whom"), validators=[InputRequired(_l("Choose to whom it is handed over."))])
    temperature = DegreesField(
        _l("Temperature"), description=_l("Chilled and frozen: always."), render_kw={"autocomplete": "off"}
    )
    packages = CountField(_l("Packages"), render_kw={"inputmode": "numeric", "autocomplete": "off"})
    people = CountField(
        _l("People it is distributed to"),
        description=_l("Only for a distribution: how many, never who."),
        render_kw={"inputmode": "numeric", "autocomplete": "off"},
    )
    day = DateField(_l("Day"), validators=[Optional()], description=_l("Empty: now."))
    time = TimeField(_l("Time"), default="12:00", validators=[Optional()])
    is_food_aid = BooleanField(_l("Food aid: given for nothing to who needs it"), default=True)
    note = TextAreaField(_l("Note"), validators=[Length(max=LONGEST_TEXT)], render_kw={"rows": 2})

    def prepare(self, receivers: Sequence[Organisation]) -> None:
        """Offer those who can receive it."""
        self.to.choices = [
            ("", _("Choose")),
            *((each.public_id, each.name) for each in receivers),
            (DISTRIBUTION, _("A distribution to people")),
        ]

    def begin(self, receiver: Organisation) -> None:
        """Choose who receives what the chain carries, where it can go to them."""
        if any(choice[0] == receiver.public_id for choice in self.to.choices or ()):
            self.to.data = receiver.public_id

    def validate_people(self, field: CountField) -> None:
        """Ask for the number of people where it goes to people, and for none elsewhere."""
        if self.to.data == DISTRIBUTION and not field.count:
            raise ValidationError(_l("Type how many people it is distributed to. Never note who they are."))

    def validate_day(self, field: DateField) -> None:
        """Refuse what is no day of a hand-over, beside what else is wrong."""
        if field.data and abs(field.data - clock.now().date()) > AHEAD:
            raise ValidationError(_l("This day is too far away. Choose the day of the hand-over."))

    @property
    def is_unusual(self) -> bool:
        """Tell whether something of what is folded has to be seen."""
        folded = (self.people, self.day, self.time, self.note)
        return any(each.errors or each.data for each in (self.people, self.day, self.note)) or any(
            each.errors for each in folded
        )

    def kilos_fields(self) -> list[KilosField]:
        """List the fields of the lots."""
        return [each for each in self if isinstance(each, KilosField)]

    def tell_packages(self, lots: Sequence[Found]) -> None:
        """Say how many packages all that is left is; left out, they are counted from the kilos that are typed."""
        packages = packages_of({each.lot.id: each.free for each in lots}, lots)
        if packages is not None:
            self.packages.description = _n(
                "Empty: counted from the kilos, %(num)s for all of it.",
                "Empty: counted from the kilos, %(num)s for all of it.",
                packages,
            )

    def written(self, lots: Sequence[Found], receivers: Sequence[Organisation], zone: ZoneInfo) -> NewNote:
        """Give what was typed; raise NonexistentTime."""
        typed = {each.lot.id: self[f"kilos_{each.lot.public_id}"].grams for each in lots}
        is_shared_out = self.to.data == DISTRIBUTION
        return NewNote(
            giver_id=lots[0].lot.organisation_id,
            lots={lot_id: grams for lot_id, grams in typed.items() if grams},
            receiver_id=next((o.id for o in receivers if o.public_id == self.to.data), None),
            people=self.people.count if is_shared_out else None,
            tenths=self.temperature.tenths,
            packages=packages_of(typed, lots) if self.packages.count is None else self.packages.count,
            at=from_wall(wall_of(self.day.data, self.time.data or "12:00"), zone) if self.day.data else None,
            is_food_aid=bool(self.is_food_aid.data),
            note=self.note.data or "",
        )


class CorrectNoteForm(NoteForm):
    """The same, of a note that nobody has signed: why its temperature was another one, where that raised an alarm."""

    wall: datetime  # when it is for, as it is written, to the minute

    why = TextAreaField(
        _l("Why it was mistyped"),
        validators=[Length(max=LONGEST_TEXT)],
        description=_l("Only where the temperature was wrong: the alarm is then taken back, and says why."),
        render_kw={"rows": 2},
    )

    def tell(self, note: Handover) -> None:
        """Say when it is for, and offer its time as well: an instant of any minute, and the form knows half hours."""
        self.wall = to_wall(note.at, ZoneInfo(note.territory.timezone)).replace(second=0, microsecond=0)
        self.time.choices = sorted({*time_choices(30), (f"{self.wall:%H:%M}",) * 2})
        when = moment_words(note.territory, note.at)
        self.day.description = _("Empty: as it is written, %(when)s.", when=when)

    def show(self, note: Handover, lots: Sequence[Found]) -> None:
        """Fill the form with what is written."""
        self.vu.data = str(last_edit(note.__tablename__, note.id))
        self.day.data, self.time.data = self.wall.date(), f"{self.wall:%H:%M}"
        self.to.data = note.receiver.public_id if note.receiver else DISTRIBUTION
        self.temperature.data = "" if note.tenths is None else typed_number(note.tenths / 10)
        is_counted = note.packages == packages_of({line.lot_id: line.grams for line in note.lines}, lots)
        self.packages.data = "" if note.packages is None or is_counted else str(note.packages)
        self.people.data = "" if note.people is None else str(note.people)
        self.is_food_aid.data, self.note.data = note.is_food_aid, note.note
        grams = {line.lot_id: line.grams for line in note.lines}
        for field, each in zip(self.kilos_fields(), lots, strict=True):
            field.data = typed_number(grams.get(each.lot.id, 0) / KILO)

    def written(self, lots: Sequence[Found], receivers: Sequence[Organisation], zone: ZoneInfo) -> NewNote:
        """Give what was typed, without its instant where that stays, which knows seconds; raise NonexistentTime."""
        new = super().written(lots, receivers, zone)
        stays = new.at is not None and to_wall(new.at, zone) == self.wall
        return replace(new, at=None) if stays else new


def packages_of(grams: Mapping[int, int], lots: Sequence[Found]) -> int | None:
    """Count the packages of so much (grams) of some lots (ids); None where nobody said how one of them is packed."""
    taken = [(each.lot.cargo, grams[each.lot.id]) for each in lots if grams.get(each.lot.id)]
    counts = [cargo.of(weight).packages for cargo, weight in taken if cargo]
    return sum(counts) if taken and len(counts) == len(taken) else None


def note_form(
    lots: Sequence[Found], receivers: Sequence[Organisation], kind: type[NoteForm] = NoteForm, **given: Any
) -> NoteForm:
    """Make the form for a hand-over of some lots of one organisation: a weight for each; it goes to another."""
    fields = {f"kilos_{each.lot.public_id}": _weight(each, is_alone=len(lots) == 1) for each in lots}
    form: NoteForm = type("LotsNoteForm", (kind,), fields)(**given)
    form.prepare([each for each in receivers if each.id != lots[0].lot.organisation_id])
    form.tell_packages(lots)
    return form


class SignForm(SeenForm, OnceForm):
    """A signature: the name of who signs, and what they read."""

    name = StringField(
        _l("Name of who signs"),
        validators=[
            DataRequired(_l("Type the name of who signs: first name and name.")),
            Length(max=LONGEST_NAME),
        ],
        render_kw={"autocomplete": "name"},
    )

    def show(self, note_id: int) -> None:
        """Remember that a note was read as it is now."""
        self.vu.data = str(last_edit(Handover.__tablename__, note_id))


class ReceiveForm(SignForm):
    """The receiver signs: a name, how warm it is, a tick, and what came where that was less."""

    temperature = DegreesField(
        _l("Temperature when it came"),
        description=_l("Measure it yourself. Chilled and frozen: always."),
        render_kw={"autocomplete": "off"},
    )
    is_received = BooleanField(_l("I received what is written here"))
    reason = TextAreaField(_l("Why it is less"), validators=[Length(max=LONGEST_TEXT)], render_kw={"rows": 2})

    def validate_is_received(self, field: BooleanField) -> None:
        """Ask for the tick: nobody signs by mistake."""
        if not field.data:
            raise ValidationError(_l("Tick the box if you received it; else refuse it below."))

    def kilos_fields(self) -> list[KilosField]:
        """List the fields of the lots."""
        return [each for each in self if isinstance(each, KilosField)]

    @property
    def is_less_open(self) -> bool:
        """Tell whether something of what is folded, what came where that was less, has to be seen."""
        return any(each.errors for each in (self.reason, *self.kilos_fields()))

    def receipt(self, note: Handover) -> Receipt:
        """Give what was typed."""
        grams = {line.lot_id: self[f"kilos_{line.lot.public_id}"].grams for line in note.lines}
        return Receipt(self.name.data or "", grams, self.reason.data or "", self.temperature.tenths)


def receive_form(note: Handover, **given: Any) -> ReceiveForm:
    """Make the form with which a note is received: a weight for each lot, all of it at first."""
    fields = {
        f"kilos_{line.lot.public_id}": SomeKilosField(
            line.lot.product,
            description=_("%(kilos)s were given.", kilos=kilos(line.grams)),
            default=typed_number(line.grams / KILO),
            render_kw=_DECIMAL,
        )
        for line in note.lines
    }
    form: ReceiveForm = type("LotsReceiveForm", (ReceiveForm,), fields)(**given)
    return form


class ReturnForm(OnceForm):
    """What became of what came back: in stock again, or destroyed, each of its lots."""

    reason = TextAreaField(
        _l("Reason"),
        validators=[Length(max=LONGEST_TEXT)],
        description=_l("For instance: crates crushed. What is destroyed always has one."),
        render_kw={"rows": 2},
    )

    def returns(self) -> list[RadioField]:
        """List the fields of the lots."""
        return [each for each in self if isinstance(each, RadioField)]

    def said(self, note: Handover) -> dict[int, Outcome]:
        """Give what was typed, by lot (id)."""
        return {line.lot_id: Outcome(self[f"returned_{line.lot.public_id}"].data) for line in unsettled(note)}


def unsettled(note: Handover) -> list[HandoverLine]:
    """List the lines of which something came back, and nobody has said yet what became of it."""
    return [line for line in note.lines if line.came_back_grams and line.returned is None]


def return_form(note: Handover, **given: Any) -> ReturnForm:
    """Make the form with which who gave says what became of what came back."""
    fields = {
        f"returned_{line.lot.public_id}": RadioField(
            _("%(kilos)s, %(product)s", kilos=kilos(line.came_back_grams), product=line.lot.product),
            choices=list(RETURNS.items()),
            validators=[InputRequired(_l("Say what became of it."))],
        )
        for line in unsettled(note)
    }
    form: ReturnForm = type("LotsReturnForm", (ReturnForm,), fields)(**given)
    return form


class RefuseForm(SignForm):
    """The receiver takes nothing of it, because it is too warm perhaps."""

    temperature = DegreesField(
        _l("Temperature when it came"),
        description=_l("If you measured it: what is too warm is then blocked for who gives, too."),
        render_kw={"autocomplete": "off"},
    )
    reason = TextAreaField(
        _l("Reason"),
        validators=[DataRequired(_l("Say why: the other side reads it.")), Length(max=LONGEST_TEXT)],
        render_kw={"rows": 2},
    )

    def receipt(self) -> Receipt:
        """Give what was typed."""
        return Receipt(self.name.data or "", None, self.reason.data or "", self.temperature.tenths)


def _weight(found: Found, *, is_alone: bool) -> KilosField:
    """Give the field of a lot: it may be left out only where there are others."""
    name = found.lot.product
    if not is_alone:
        return SomeKilosField(name, render_kw=_DECIMAL)
    needed = (InputRequired(_l("Type how many kilos of at least one lot are handed over.")),)
    return KilosField(name, validators=needed, render_kw=_DECIMAL)
