"""What is typed about offers: what there is, the part one takes, what one wants to be told of."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask_wtf.file import FileField
from wtforms import (
    BooleanField,
    HiddenField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, InputRequired, Length, Optional, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from app.accounts.models import Organisation
from app.catalogue.commune_field import CommuneField
from app.catalogue.communes import find_commune
from app.catalogue.models import Site
from app.catalogue.naming import label_of, name_commune
from app.catalogue.rules import MAX_PHOTO_BYTES
from app.core import clock
from app.core.span import from_wall, to_wall
from app.supply.cargo import KILO, Cargo, Packaging, Regime
from app.supply.cargo_fields import CHOSEN, DECIMAL, KilosField, LineField, PackageField
from app.supply.cargo_words import PACKAGINGS, REGIMES
from app.supply.edit_words import EditForm
from app.supply.edits import last_edit
from app.supply.offers.models import Goods, SurplusOffer
from app.supply.offers.rules import (
    LONGEST_TEXT,
    RADII,
    USUAL_REGIMES,
    Category,
    Interest,
    Point,
    check_package,
    check_weight,
)
from app.supply.offers.service import NewOffer, Part, Place
from app.supply.offers.service.common import checked_line
from app.supply.offers.words import CATEGORIES
from app.web.forms import DayField, Form, OnceForm, TimeField, _l, told_here, wall_of
from app.web.numbers import read_number, typed_number

_USUAL_DAYS, _USUAL_END = 3, "18:00"
_LONGEST_PRICE = 10  # digits
IN_COMMUNE, ELSEWHERE = "commune", "elsewhere"


class PriceField(StringField):
    """What a kilo costs, which may be nothing; `cents` once it is valid."""

    cents = 0

    def pre_validate(self, _form: Any) -> None:
        """Read the amount; nothing typed is nothing to pay."""
        number = read_number(self.data or "0")
        if number is None or number * 100 != int(number * 100) or not 0 <= number < 10_000_000:
            raise ValidationError(_l("Type an amount, for instance 0,80; 0 for a gift."))
        self.cents = int(number * 100)


class Ticks(SelectMultipleField):
    """Several choices, each with a box of its own."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class GoodsForm(EditForm):
    """So many kilos of something, how it is packed and kept, and where: a few fields, and the rest as usual."""

    product = LineField(
        _l("What it is"),
        [DataRequired(_l("Say what it is in a few words, for instance “Courgettes”."))],
    )
    category = SelectField(_l("Sort of food"), choices=list(CATEGORIES.items()), validators=CHOSEN)
    amount = KilosField(
        _l("How many kilos"),
        validators=[InputRequired(_l("Type how many kilos there are."))],
        render_kw=DECIMAL,
    )
    where = SelectField(_l("Where it is collected"), validators=CHOSEN)
    packaging = SelectField(_l("How it is packed"), choices=list(PACKAGINGS.items()), validators=CHOSEN)
    per_package = PackageField()
    regime = SelectField(
        _l("Temperature"),
        choices=[("", _l("As usual for this sort of food")), *REGIMES.items()],
        validators=[Optional()],
    )
    commune = CommuneField(
        _l("Another commune"), validators=[Length(max=100)], description=_l("Its name or its postcode.")
    )
    place = LineField(_l("Where exactly"), description=_l("For instance “the yard behind the market hall”."))

    def prepare(self, organisation: Organisation, sites: Sequence[Site]) -> None:
        """Offer the places of the organisation, and its commune."""
        self.ours = organisation
        known = find_commune(organisation.commune_code or "")
        here = [(IN_COMMUNE, known.label)] if known else []
        self.where.choices = (
            [(each.public_id, each.name) for each in sites]
            + here
            + [(ELSEWHERE, _l("Elsewhere (say where below)"))]
        )

    def validate_amount(self, field: KilosField) -> None:
        """Refuse more than there can be."""
        if not field.errors:
            with told_here():
                check_weight(field.grams)

    def validate_per_package(self, field: PackageField) -> None:
        """Refuse packages that cannot be."""
        if not field.errors and self.packaging.data in set(Packaging):
            with told_here():
                check_package(field.holds(Packaging(self.packaging.data)))

    def validate_commune(self, field: CommuneField) -> None:
        """Refuse what names no commune, beside what else is wrong."""
        if self._is_elsewhere:
            field.check(_near(self.ours))

    @property
    def _is_elsewhere(self) -> bool:
        """Tell whether a commune counts: what was typed says more than the place that stands in the list by itself."""
        return bool((self.commune.data or "").strip()) or self.where.data == ELSEWHERE

    def fill(self, goods: Goods, sites: Sequence[Site]) -> None:
        """Fill the form with what there was before."""
        self.product.data, self.category.data = goods.product, goods.category
        self.amount.show(goods.grams)
        self.packaging.data, self.regime.data = goods.packaging, goods.regime
        self.per_package.data = typed_number(goods.per_package / KILO)
        site = next((each for each in sites if (each.lat, each.lon) == tuple(goods.point)), None)
        if site is not None:
            self.where.data = site.public_id
            self.place.data = "" if goods.place == _words_of(site) else goods.place
        else:
            self.where.data, self.commune.data = ELSEWHERE, label_of(goods.commune_code)
            self.place.data = goods.place

    def cargo(self) -> Cargo:
        """Give how much there is, and how it is packed and kept."""
        packaging = Packaging(self.packaging.data)
        regime = Regime(self.regime.data) if self.regime.data else USUAL_REGIMES[Category(self.category.data)]
        return Cargo(self.amount.grams, packaging, self.per_package.holds(packaging), regime)

    def placed(self, organisation: Organisation, sites: Sequence[Site]) -> Place:
        """Give where it is; raise CommuneUnknown, CommuneAmbiguous."""
        words, site = self.place.data or "", next((s for s in sites if s.public_id == self.where.data), None)
        if self._is_elsewhere:
            commune = self.commune.named(_near(organisation))
            return Place(commune.code, words, Point(*commune.point))
        if site is not None:
            return Place(
                site.commune_code,
                words or _words_of(site),
                Point(site.lat, site.lon),
            )
        own = find_commune(organisation.commune_code or "") or name_commune("")
        return Place(own.code, words, Point(*own.point))


def _near(organisation: Organisation) -> tuple[float, float] | None:
    found = find_commune(organisation.commune_code or "")
    return found.point if found else None


def _words_of(site: Site) -> str:
    """Say where a place is, for who said nothing more."""
    return checked_line(f"{site.name}, {site.address}".strip(", "))


def on_the_list(wall: datetime) -> str:
    """Give the time of a list of half hours that holds a wall time."""
    return f"{wall.hour:02d}:{wall.minute // 30 * 30:02d}"


class OfferForm(GoodsForm):
    """What somebody has too much of: a few fields, and the rest folded with what is usual."""

    until_day = DayField(
        _l("To be collected by"), validators=[InputRequired(_l("Choose the last day to collect it."))]
    )
    until_time = TimeField(_l("Time"), default=_USUAL_END, validators=CHOSEN)
    price = PriceField(
        _l("Price for a kilo"), default="0", description=_l("0: it is a gift."), render_kw=DECIMAL
    )
    photo = FileField(
        _l("Photo"),
        description=_l("JPEG, PNG or WebP, at most 8 MB. Place and date hidden in the file are removed."),
        render_kw={"accept": "image/jpeg,image/png,image/webp"},
    )
    kept = HiddenField()  # the digest of a photo that was sent before, with what had to be corrected
    from_day = DayField(_l("Not before"), validators=[Optional()])
    from_time = TimeField(_l("Not before what time"), default="08:00", validators=[Optional()])
    use_by = DayField(_l("Use-by date"), validators=[Optional()])
    note = TextAreaField(
        _l("Note"),
        validators=[Length(max=LONGEST_TEXT)],
        description=_l("Quality, what to bring, whom to call."),
        render_kw={"rows": 3},
    )

    def validate_until_day(self, field: DayField) -> None:
        """Refuse a day that is over, beside what else is wrong; the hour is looked at once all can be read."""
        if field.data and field.data < to_wall(clock.now(), ZoneInfo(self.ours.territory.timezone)).date():
            raise ValidationError(_l("This day is over. Choose today or a later one."))

    def begin(self, zone: ZoneInfo) -> None:
        """Fill the form with what is usual: from now on, for three days."""
        day = to_wall(clock.now(), zone).date() + timedelta(days=_USUAL_DAYS)
        self.until_day.data, self.until_time.data = day, _USUAL_END
        self.where.data = next((each[0] for each in self.where.choices or ()), ELSEWHERE)

    def show(self, offer: SurplusOffer, sites: Sequence[Site], zone: ZoneInfo) -> None:
        """Fill the form with an offer as it stands."""
        self.repeat(offer, sites)
        self.vu.data = str(last_edit(offer.__tablename__, offer.id))
        until = to_wall(offer.until_at, zone)
        self.until_day.data, self.until_time.data = until.date(), on_the_list(until)
        start = to_wall(offer.from_at, zone)
        if offer.from_at > clock.now():
            self.from_day.data, self.from_time.data = start.date(), on_the_list(start)
        self.use_by.data = offer.use_by

    def repeat(self, offer: SurplusOffer, sites: Sequence[Site]) -> None:
        """Fill the form with what was offered before, except when."""
        self.fill(offer, sites)
        self.note.data = offer.note
        self.price.data = typed_number(offer.price_cents / 100, 2) if offer.price_cents else "0"

    @property
    def is_unusual(self) -> bool:
        """Tell whether something of what is folded has to be seen."""
        folded = (self.packaging, self.per_package, self.regime, self.commune, self.place, self.from_day)
        more = (self.from_time, self.use_by, self.note)
        is_wrong = any(each.errors for each in (*folded, *more))
        return is_wrong or self.where.data == ELSEWHERE or bool(self.use_by.data or self.note.data)

    def offered(
        self, organisation: Organisation, sites: Sequence[Site], before: SurplusOffer | None = None
    ) -> NewOffer:
        """Give what was typed; raise CommuneUnknown, CommuneAmbiguous, NonexistentTime.

        Without a first day it begins at once, or has begun when it had `before`.
        """
        zone = ZoneInfo(organisation.territory.timezone)
        from_at = None
        if self.from_day.data:
            from_at = from_wall(wall_of(self.from_day.data, self.from_time.data), zone)
        elif before:
            from_at = before.from_at if before.from_at <= clock.now() else before.created_at
        return NewOffer(
            self.product.data or "",
            Category(self.category.data),
            self.cargo(),
            self.placed(organisation, sites),
            from_at,
            from_wall(wall_of(self.until_day.data, self.until_time.data), zone),
            self.use_by.data,
            self.price.cents,
            self.note.data or "",
        )

    def upload(self) -> bytes:
        """Give the photo, nothing where there is none."""
        upload: Any = self.photo.data
        return upload.read(MAX_PHOTO_BYTES + 1) if upload else b""


class TakeForm(OnceForm):
    """Taking a part: all that is left, or fewer kilos."""

    organisation = SelectField(_l("For which organisation"), validators=CHOSEN)
    price = HiddenField()  # in cents for a kilo, as whoever takes it reads it
    amount = KilosField(
        _l("How many kilos"),
        validators=[InputRequired(_l("Type how many kilos you take, for instance 40."))],
        render_kw=DECIMAL,
    )
    message = TextAreaField(
        _l("Message"),
        validators=[Length(max=LONGEST_TEXT)],
        description=_l("When you come, who comes, how to reach you."),
        render_kw={"rows": 2},
    )

    def prepare(self, organisations: Sequence[tuple[int, str]], chosen: int | None) -> None:
        """Offer those one may take it for; the one acted for is chosen first."""
        self.organisation.choices = [(str(number), name) for number, name in organisations]
        ids = [number for number, _name in organisations]
        if not self.organisation.raw_data and ids:
            self.organisation.data = str(chosen if chosen in ids else ids[0])

    def part(self) -> Part:
        """Give what was typed."""
        key = (self.once.data or "")[:80] or None
        read = self.price.data or ""
        price = int(read) if read.isdecimal() and read.isascii() and len(read) < _LONGEST_PRICE else None
        return Part(int(self.organisation.data), self.amount.grams, self.message.data or "", key, price)


class ReasonForm(Form):
    """Why something is not given after all."""

    reason = TextAreaField(
        _l("Reason"),
        validators=[DataRequired(_l("Say why: who took a part of it reads it.")), Length(max=LONGEST_TEXT)],
        render_kw={"rows": 2},
    )


class AlertsForm(Form):
    """Of what an organisation is told."""

    is_wanted = BooleanField(_l("Write to us when something is offered"))
    radius_km = SelectField(_l("Within"), choices=[(str(km), f"{km} km") for km in RADII], validators=CHOSEN)
    categories = Ticks(
        _l("What interests us"),
        choices=list(CATEGORIES.items()),
        validators=[Optional()],
        description=_l("None ticked: all of it."),
    )

    def show(self, interest: Interest) -> None:
        """Fill the form with what holds now."""
        self.is_wanted.data, self.categories.data = interest.is_wanted, sorted(interest.categories)
        self.radius_km.data = str(min(RADII, key=lambda km: abs(km - interest.radius_km)))

    def interest(self) -> Interest:
        """Give what was typed."""
        chosen = frozenset(self.categories.data or CATEGORIES)
        return Interest(int(self.radius_km.data), chosen, bool(self.is_wanted.data))
