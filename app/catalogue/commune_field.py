"""The field in which people type a commune, its name or its postcode; those that several share are chosen among."""

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from wtforms import StringField
from wtforms.validators import ValidationError

from app.catalogue.communes import Commune
from app.catalogue.errors import CommuneAmbiguous
from app.catalogue.naming import name_commune
from app.core.errors import DomainError
from app.web.words import explain


class CommuneField(StringField):
    """A commune; where several are meant, their `labels` stand below the field, and one of them is sent after it."""

    labels: Sequence[str] = ()
    chosen = ""

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Take what was typed, and what was chosen of those it may mean."""
        super().process_formdata(valuelist[:1])
        self.chosen = str(valuelist[-1]) if len(valuelist) > 1 else ""

    def named(self, near: tuple[float, float] | None) -> Commune:
        """Find the commune, of namesakes the one close to `near` (lat, lon); raise CommuneUnknown, CommuneAmbiguous.

        What was chosen counts as long as what was typed may mean it.
        """
        try:
            return name_commune(self.data or "", near, self.name)
        except CommuneAmbiguous as error:
            if self.chosen not in error.facts["labels"]:
                self.labels = error.facts["labels"]
                raise
            self.data = self.chosen
            return name_commune(self.chosen, near, self.name)

    def check(self, near: tuple[float, float] | None) -> None:
        """Refuse what names no commune, at the field; offer those that are meant."""
        try:
            self.named(near)
        except CommuneAmbiguous as error:
            said = _("Several communes answer to this. Choose yours below, or write another name.")
            raise ValidationError(said) from error
        except DomainError as error:
            raise ValidationError(explain(error)) from error
