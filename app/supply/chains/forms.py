"""What is typed about a chain: what is to be carried from where and when, what is to become of it, who asks for it."""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from wtforms import BooleanField, HiddenField, SelectField, StringField
from wtforms.validators import DataRequired, InputRequired, Length, Optional, ValidationError

from app.accounts.models import Organisation
from app.bookings.bundle_forms import HandoverFields
from app.bookings.forms import WhyFields
from app.bookings.licence import LicenceField
from app.catalogue.commune_field import CommuneField
from app.catalogue.communes import find_commune
from app.catalogue.models import Site
from app.core import clock
from app.core.errors import DomainError
from app.core.span import from_wall, to_wall
from app.supply.cargo import Cargo, Packaging, Regime
from app.supply.cargo_fields import DECIMAL, KilosField, PackageField
from app.supply.cargo_words import PACKAGINGS, REGIMES
from app.supply.chains.errors import BadWish
from app.supply.chains.planning.world import Place, Wanted
from app.supply.chains.rules import loading_of
from app.supply.chains.words import from_words
from app.web.forms import DayField, Form, TimeField, _l, wall_of
from app.web.words import explain

KITCHEN, STORE, BROUGHT = "cuisine", "stockage", "lieu"
ELSEWHERE = "ailleurs"
REQUIRED: Final = ("produit", "kilos", "commune", "date", "fin")
SENT = "chercher"
_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d|24:00", re.ASCII)


class MomentField(TimeField):
    """A time of day from a list; one that an address brings stays as it is, to the minute."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Take what was chosen, or what an address says."""
        super().process_formdata(valuelist)
        typed = str(self.data or "")
        known: list[Any] = list(self.choices or ())
        if _TIME.fullmatch(typed) and (typed, typed) not in known:
            self.choices = sorted([*known, (typed, typed)])


class WantedForm(Form):
    """What a chain is wanted for. It travels in the address, so that it can be kept and sent to others."""

    class Meta(Form.Meta):
        csrf = False

    produit = StringField(
        _l("What is to be carried"),
        validators=[
            DataRequired(_l("Say what is to be carried: courgettes, apples, bread…")),
            Length(max=160),
        ],
        render_kw={"autocomplete": "off"},
    )
    kilos = KilosField(
        _l("How many kilos"),
        validators=[InputRequired(_l("Type how many kilos there are."))],
        render_kw=DECIMAL,
    )
    temperature = SelectField(_l("Temperature"), choices=list(REGIMES.items()), default=Regime.PRODUCE)
    conditionnement = SelectField(
        _l("How it is packed"),
        choices=list(PACKAGINGS.items()),
        default=Packaging.CRATE_60X40,
    )
    par = PackageField()
    commune = CommuneField(
        _l("In which commune it is"),
        validators=[InputRequired(_l("Type the commune from which it is fetched.")), Length(max=100)],
        description=_l("Its name or its postcode."),
    )
    lieu = StringField(
        _l("Where exactly"),
        validators=[Length(max=160)],
        description=_l("For instance “the yard behind the market hall”."),
        render_kw={"autocomplete": "off"},
    )
    date = DayField(
        _l("Can be collected from"), validators=[InputRequired(_l("Choose the first day to collect it."))]
    )
    de = MomentField(_l("From what time"), default="08:00")
    fin = DayField(
        _l("To be collected by"), validators=[InputRequired(_l("Choose the last day to collect it."))]
    )
    a = MomentField(_l("Until what time"), default="18:00")
    pour = SelectField(
        _l("What is to become of it"),
        choices=[
            (KITCHEN, _l("Cooked or preserved in a kitchen")),
            (STORE, _l("Kept in store")),
            (BROUGHT, _l("Brought to a place")),
        ],
        default=KITCHEN,
    )
    attente = SelectField(
        _l("Kept cold on the way"),
        choices=[("", _l("As is best")), ("oui", _l("Yes, in store")), ("non", _l("No, straight on"))],
        validators=[Optional()],
    )
    vers = SelectField(_l("Brought to"), validators=[Optional()])
    vers_commune = CommuneField(
        _l("Another commune to bring it to"),
        validators=[Length(max=100)],
        description=_l("Its name or its postcode."),
    )
    jour = DayField(_l("Ready by"), validators=[Optional()], description=_l("Empty: within a week."))
    heure = MomentField(_l("At what time"), default="18:00", validators=[Optional()])
    organisation = SelectField(_l("For which organisation?"), validate_choice=False)
    part = HiddenField()
    brouillon = HiddenField()
    offre = HiddenField()

    is_cut = False  # not all of the time is looked at in which it can be collected

    def prepare(
        self, organisations: Sequence[Organisation], ours: Organisation, sites: Sequence[Site]
    ) -> None:
        """Offer the organisations one may ask for, and the places of the one that asks."""
        self.ours, self.sites = ours, sites
        self.organisation.choices = [(str(each.id), each.name) for each in organisations]
        self.organisation.data = str(ours.id)
        here = [(each.public_id, each.name) for each in sites]
        self.vers.choices = [*here, (ELSEWHERE, _l("Elsewhere (say where below)"))]
        if not self.vers.data:
            self.vers.data = self.vers.choices[0][0]

    @property
    def zone(self) -> ZoneInfo:
        """By which clock times are typed."""
        return ZoneInfo(self.ours.territory.timezone)

    def begin(self) -> None:
        """Fill the form with what is usual: from tomorrow, for two days."""
        day = to_wall(clock.now(), self.zone).date()
        self.date.data, self.fin.data = day + timedelta(days=1), day + timedelta(days=2)

    def validate_commune(self, field: CommuneField) -> None:
        """Refuse what names no commune."""
        field.check(self._near)

    def validate_vers_commune(self, field: CommuneField) -> None:
        """Refuse what names no commune, where it counts."""
        if self.is_elsewhere:
            field.check(self._near)

    @property
    def _near(self) -> tuple[float, float] | None:
        found = find_commune(self.ours.commune_code or "")
        return found.point if found else None

    @property
    def is_elsewhere(self) -> bool:
        """Tell whether it is brought to a commune: what was typed says more than the place that stands in the list."""
        is_typed = bool((self.vers_commune.data or "").strip()) or self.vers.data == ELSEWHERE
        return self.pour.data == BROUGHT and is_typed

    @property
    def from_place(self) -> str:
        """Say where it is fetched."""
        return from_words(self.lieu.data or "", self.commune.data or "")

    @property
    def is_unusual(self) -> bool:
        """Tell whether something of what is folded has to be seen."""
        return any(each.errors for each in (self.conditionnement, self.par, self.lieu, self.attente))

    @property
    def commune_code(self) -> str:
        """Give the code of the commune that was typed; nothing where it names none."""
        try:
            return self.commune.named(self._near).code
        except DomainError:
            return ""

    def read(self, exactly: Place | None = None) -> Wanted | None:
        """Give what is wanted; None where something is wrong, which is attached to its field.

        It is in the middle of its commune, where nobody knows `exactly`.
        """
        if not self.validate():
            return None
        try:
            since = self._moment(self.date.data, self.de, "de")
            until = self._moment(self.fin.data, self.a, "a")
            by = self._moment(self.jour.data, self.heure, "heure") if self.jour.data else None
        except ValidationError:
            return None
        try:
            times = loading_of(since, until, by, clock.now(), self.zone)
        except BadWish as error:
            self.refuse(str(error.facts["field"]), explain(error))
            return None
        self.is_cut = times.is_cut
        to = self._to() if self.pour.data == BROUGHT else None
        stored = {"oui": True, "non": False}.get(self.attente.data or "")
        if self.pour.data == STORE:
            stored = None
        place = exactly or Place(*self.commune.named(self._near).point)
        processed = self.pour.data == KITCHEN
        span = times.from_at, times.until_at
        return Wanted(self.cargo, place, *span, processed, stored, to, times.by, times.hours, self.zone)

    def _moment(self, day: Any, time: TimeField, field: str) -> datetime:
        try:
            return from_wall(wall_of(day, time.data), self.zone)
        except DomainError as error:
            self.refuse(field, explain(error))
            raise ValidationError from error

    @property
    def cargo(self) -> Cargo:
        """What is to be carried, once all is valid."""
        packaging = Packaging(self.conditionnement.data)
        return Cargo(self.kilos.grams, packaging, self.par.holds(packaging), Regime(self.temperature.data))

    def _to(self) -> Place:
        if self.is_elsewhere:
            return Place(*self.vers_commune.named(self._near).point)
        site = next(each for each in self.sites if each.public_id == self.vers.data)
        return Place(site.lat, site.lon)


class ReceiverFields(Form):
    """Whom a chain is for, and whether what comes of it is food aid."""

    receiver = SelectField(
        _l("Whom it is for"), description=_l("Who receives what comes of it."), validators=[Optional()]
    )
    for_food_aid = BooleanField(_l("It is food aid: given for nothing to people who need it"))

    def offer_receivers(self, ours: Organisation, known: Iterable[Organisation]) -> None:
        """Offer all organisations of the territory; who asks comes first."""
        others = [(each.public_id, each.name) for each in known if each.id != ours.id]
        self.receiver.choices = [("", ours.name), *others]


class ReceiverForm(ReceiverFields):
    """Saying afterwards whom a chain is for."""


class ChainForm(HandoverFields, WhyFields, ReceiverFields):
    """Asking for the legs of a plan: whom for, what for, when it is handed over, who drives."""

    plan = HiddenField()
    seen_for = HiddenField()  # for whom, ticked or not, the page has said how they stand with food aid
    licence_years = LicenceField()
