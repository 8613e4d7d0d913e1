"""Parts of offers as the accounts of organisations name them: what was charged, and where it is read."""

from collections.abc import Collection, Mapping

from flask import url_for
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.infra.db import db
from app.payments.subjects import Subject, names
from app.supply.cargo_words import kilos
from app.supply.offers.goods import SUBJECT
from app.supply.offers.models import SurplusClaim


@names(SUBJECT)
def parts(refs: Collection[str]) -> Mapping[str, Subject]:
    """Name parts by their references; who owes for one or is paid for it may read its cost."""
    wanted = select(SurplusClaim).options(joinedload(SurplusClaim.offer))
    return {
        each.public_id: _named(each)
        for each in db.session.scalars(wanted.where(SurplusClaim.public_id.in_(refs)))
    }


def _named(claim: SurplusClaim) -> Subject:
    said = _("%(kilos)s, %(product)s", kilos=kilos(claim.grams), product=claim.offer.product)
    page = url_for("surplus.costs", ref=claim.offer.public_id, claim_ref=claim.public_id)
    return Subject(said, page, said)
