"""What is typed about a deposit: how it came, what of it is kept and why."""

from typing import Any

from flask_wtf.file import FileField
from wtforms import BooleanField, RadioField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, Optional

from app.accounts.models import LegalNature
from app.bookings.deposits import Held
from app.catalogue.rules import MAX_PHOTO_BYTES
from app.payments.books.postings import Method
from app.payments.deposits.rules import LONGEST_REASON, methods_of
from app.payments.deposits.service import Kept
from app.payments.forms import AmountField
from app.payments.paying_words import METHODS
from app.web.forms import Form, _l


class ReceivedForm(Form):
    """How a deposit was handed over."""

    method = RadioField(_l("How it was handed over"), default=Method.CHEQUE.value)

    def offer(self, held: Held) -> None:
        """Offer what the payee may take."""
        is_public = held.deposit.payee.legal_nature == LegalNature.PUBLIC
        self.method.choices = [(each.value, METHODS[each]) for each in methods_of(is_public=is_public)]


class WithheldForm(Form):
    """What is kept of a deposit, and why."""

    amount = AmountField(
        _l("Amount withheld"),
        validators=[InputRequired(_l("Type an amount."))],
        render_kw={"inputmode": "decimal", "autocomplete": "off"},
    )
    reason = TextAreaField(
        _l("Reason"),
        description=_l("Who handed the deposit over reads it, and sees the photo."),
        validators=[
            DataRequired(_l("Say why: what is withheld is charged with this reason.")),
            Length(max=LONGEST_REASON),
        ],
        render_kw={"rows": 3},
    )
    photo = FileField(
        _l("Photo"),
        description=_l(
            "Of what is broken or dirty, where it can be seen. JPEG, PNG or WebP, at most 8 MB. "
            "Place and date hidden in the file are removed."
        ),
        render_kw={"accept": "image/jpeg,image/png,image/webp"},
    )
    is_cashed = BooleanField(
        _l("The cheque was cashed, and the rest of it given back"),
        description=_l("Otherwise the amount is owed, and the cheque goes back once it is paid."),
        validators=[Optional()],
    )

    def kept(self) -> Kept:
        """Give what was typed."""
        upload: Any = self.photo.data
        content = upload.read(MAX_PHOTO_BYTES + 1) if upload else b""
        return Kept(self.amount.cents, self.reason.data or "", content, is_cashed=bool(self.is_cashed.data))
