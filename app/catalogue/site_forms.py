"""The shape of what managers type about sites."""

from collections.abc import Iterable
from decimal import Decimal

from wtforms import (
    EmailField,
    HiddenField,
    SelectField,
    StringField,
    TelField,
    TextAreaField,
)
from wtforms.validators import DataRequired, InputRequired, Length, Optional

from app.accounts.models import Organisation
from app.catalogue.kinds.fields import NumberField
from app.catalogue.models import Site
from app.catalogue.naming import label_of, name_commune
from app.catalogue.rules import (
    LONGEST_PROSE,
    SiteFacts,
)
from app.catalogue.words import (
    SCHOOL_ZONES,
)
from app.web.forms import Form, _l

_NAME = Length(max=160)
_PROSE = Length(max=LONGEST_PROSE)
_CHOSEN = (InputRequired(_l("Choose among the values offered.")),)


class SiteForm(Form):
    """A place: what, where, how to get in, whom to call."""

    name = StringField(
        _l("Name of the site"),
        validators=[DataRequired(_l("Give the site the name people know it by.")), _NAME],
        render_kw={"autocomplete": "off"},
    )
    description = TextAreaField(
        _l("Description"),
        validators=[_PROSE],
        description=_l("What this place is, in a few sentences: they are read by people who do not know it."),
    )
    address = StringField(
        _l("Number and street"), validators=[_NAME], render_kw={"autocomplete": "address-line1"}
    )
    postcode = StringField(
        _l("Postcode"),
        validators=[Length(max=10)],
        description=_l("Empty: that of the commune."),
        render_kw={"autocomplete": "postal-code", "inputmode": "numeric"},
    )
    commune = StringField(
        _l("Commune"),
        validators=[DataRequired(_l("Say in which commune it is.")), Length(max=100)],
        description=_l("Its name or its postcode."),
    )
    lat = NumberField(
        _l("Latitude"), validators=[Optional()], render_kw={"inputmode": "decimal", "autocomplete": "off"}
    )
    lon = NumberField(
        _l("Longitude"), validators=[Optional()], render_kw={"inputmode": "decimal", "autocomplete": "off"}
    )
    access_notes = TextAreaField(
        _l("How to get there and in"),
        validators=[_PROSE],
        description=_l(
            "Entrance, parking, delivery, step-free way. Everybody can read it: no code of a door here."
        ),
    )
    phone = TelField(_l("Phone"), validators=[Length(max=30)], render_kw={"inputmode": "tel"})
    email = EmailField(_l("E-mail"), validators=[Length(max=254)])
    school_zone = SelectField(
        _l("School holidays"),
        validators=_CHOSEN,
        choices=list(SCHOOL_ZONES.items()),
        default="auto",
        description=_l("For places that open or close during school holidays."),
    )
    revision = HiddenField()

    @classmethod
    def of(cls, site: Site) -> "SiteForm":
        """Fill the form with what is known of a site."""
        known = {
            name: getattr(site, name)
            for name in (
                "name",
                "description",
                "address",
                "postcode",
                "access_notes",
                "phone",
                "email",
                "revision",
            )
        }
        point = {"lat": Decimal(str(site.lat)), "lon": Decimal(str(site.lon))}
        zone = site.school_zone or "none"
        return cls(
            formdata=None, data=known | point | {"commune": label_of(site.commune_code), "school_zone": zone}
        )

    def facts(self, near: tuple[float, float] | None = None) -> SiteFacts:
        """Give what was typed in the form the service takes; raise CommuneUnknown or CommuneAmbiguous."""
        commune = name_commune(self.commune.data or "", near)
        zone = self.school_zone.data
        return SiteFacts(
            name=self.name.data or "",
            commune_code=commune.code,
            description=self.description.data or "",
            address=self.address.data or "",
            postcode=self.postcode.data or "",
            lat=None if self.lat.data is None else float(self.lat.data),
            lon=None if self.lon.data is None else float(self.lon.data),
            access_notes=self.access_notes.data or "",
            phone=self.phone.data or "",
            email=self.email.data or "",
            school_zone=None if zone == "none" else zone,
        )


class NewSiteForm(SiteForm):
    """The same with the organisation that shares the place."""

    owner = SelectField(_l("Organisation that shares it"), validators=[InputRequired()])

    def offer(self, owners: Iterable[Organisation], chosen: int | None) -> None:
        """Offer the organisations a person may create a site for; the one acted for is chosen first."""
        owners = list(owners)
        self.owner.choices = [(each.public_id, each.name) for each in owners]
        if not self.owner.data or self.owner.data == "None":
            first = next((each for each in owners if each.id == chosen), owners[0] if owners else None)
            self.owner.data = first.public_id if first else ""
