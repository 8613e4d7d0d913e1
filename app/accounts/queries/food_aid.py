"""Reading who may do food aid: authorisations as they were entered, and how organisations stand on a day."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import contains_eager, joinedload

from app.accounts.food_aid import (
    FOOD_AID_CLASS,
    REMINDED,
    AuthorisationState,
    Basis,
    Standing,
    Term,
    standing_on,
)
from app.accounts.models import FoodAidAuthorisation, LegalNature, Organisation
from app.accounts.queries.account import active_organisation
from app.core.errors import NotFound
from app.infra.db import db


@dataclass(frozen=True)
class Overseen:
    """An organisation as the coordination looks at it; `waiting` is what it has to confirm."""

    organisation: Organisation
    standing: Standing
    waiting: FoodAidAuthorisation | None = None

    @property
    def is_remarkable(self) -> bool:
        """Tell whether there is something to do about it."""
        return self.waiting is not None or self.standing.ends_soon or not self.standing.is_good


def authorisations_of(organisation_id: int) -> Sequence[FoodAidAuthorisation]:
    """List what was entered of an organisation's authorisations, the latest first; nothing of what was withdrawn."""
    people = joinedload(FoodAidAuthorisation.entered_by), joinedload(FoodAidAuthorisation.decided_by)
    rows = select(FoodAidAuthorisation).options(*people).filter_by(organisation_id=organisation_id)
    return db.session.scalars(
        rows.where(FoodAidAuthorisation.state != AuthorisationState.WITHDRAWN).order_by(
            FoodAidAuthorisation.valid_until.desc(), FoodAidAuthorisation.id.desc()
        )
    ).all()


def get_authorisation(organisation_id: int, ref: str) -> FoodAidAuthorisation:
    """Get an authorisation of an organisation by its reference; raise NotFound."""
    wanted = select(FoodAidAuthorisation).filter_by(organisation_id=organisation_id, public_id=ref)
    found = db.session.scalars(wanted).one_or_none()
    if found is None:
        raise NotFound(kind="food_aid_authorisation", ref=ref)
    return found


def food_aid_standing(organisation_id: int, on: date) -> Standing:
    """Tell how an organisation stands on a day; one that is not there has nothing."""
    return food_aid_standings([organisation_id], on).get(organisation_id, Standing(Basis.NONE, on))


def food_aid_standings(organisation_ids: Collection[int], on: date) -> dict[int, Standing]:
    """Tell how organisations stand on a day, in one statement."""
    columns = Organisation.id, Organisation.legal_nature, *_TERM
    rows = db.session.execute(
        select(*columns)
        .outerjoin(FoodAidAuthorisation, FoodAidAuthorisation.organisation_id == Organisation.id)
        .where(Organisation.id.in_(organisation_ids))
    )
    natures: dict[int, str] = {}
    terms: dict[int, list[Term]] = defaultdict(list)
    for organisation_id, nature, state, first, last in rows:
        natures[organisation_id] = nature
        if state is not None:
            terms[organisation_id].append(Term(state, first, last))
    return {
        number: standing_on(on, is_public=nature == LegalNature.PUBLIC, terms=terms[number])
        for number, nature in natures.items()
    }


def overseen_food_aid(territory_id: int, on: date) -> list[Overseen]:
    """List by name who does food aid in a territory and needs a look: who lacks it, has it not for long, waits."""
    row = FoodAidAuthorisation
    waits = select(row.organisation_id).where(row.state == AuthorisationState.ENTERED)
    rows = db.session.execute(
        select(Organisation, row)
        .outerjoin(row, row.organisation_id == Organisation.id)
        .where(Organisation.territory_id == territory_id, active_organisation())
        .where((Organisation.priority_class == FOOD_AID_CLASS) | Organisation.id.in_(waits))
        .order_by(Organisation.name, Organisation.id, row.id)
    )
    entered: dict[Organisation, list[FoodAidAuthorisation | None]] = defaultdict(list)
    for organisation, authorisation in rows:
        entered[organisation].append(authorisation)
    looked_at = [
        _overseen(organisation, [each for each in found if each is not None], on)
        for organisation, found in entered.items()
    ]
    return [each for each in looked_at if each.is_remarkable]


def _overseen(organisation: Organisation, entered: Sequence[FoodAidAuthorisation], on: date) -> Overseen:
    terms = [Term(each.state, each.valid_from, each.valid_until) for each in entered]
    is_public = organisation.legal_nature == LegalNature.PUBLIC
    waiting = next((each for each in entered if each.state == AuthorisationState.ENTERED), None)
    return Overseen(organisation, standing_on(on, is_public=is_public, terms=terms), waiting)


def ending_by(on: date) -> Sequence[FoodAidAuthorisation]:
    """List the confirmed authorisations that end within the time of the first reminder."""
    last = on + timedelta(days=REMINDED[0])
    return db.session.scalars(
        select(FoodAidAuthorisation)
        .join(FoodAidAuthorisation.organisation)
        .options(contains_eager(FoodAidAuthorisation.organisation))
        .where(
            FoodAidAuthorisation.state == AuthorisationState.CONFIRMED,
            FoodAidAuthorisation.valid_until.between(on, last),
            active_organisation(),
        )
        .order_by(FoodAidAuthorisation.id)
    ).all()


_TERM = FoodAidAuthorisation.state, FoodAidAuthorisation.valid_from, FoodAidAuthorisation.valid_until
