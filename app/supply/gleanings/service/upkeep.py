"""What time ends, and what goes when people and organisations do."""

from sqlalchemy import delete, select, update

from app.accounts.events import AccountErased, OrganisationArchived
from app.bookings.rules import TALK_LIFE
from app.core import clock
from app.core.policy import Actor
from app.infra.uow import atomic
from app.supply.chains.service import drop_drafts_of
from app.supply.gleanings import queries
from app.supply.gleanings.models import Gleaning, GleaningSignUp
from app.supply.gleanings.rules import DRAFTED_AS, SIGN_UP_LIFE, State
from app.supply.gleanings.service.calling import end
from app.supply.gleanings.service.common import come_to, lock_gleaning, note, sign_ups
from app.supply.gleanings.service.signing import let_go


def expire_due() -> int:
    """Close the calls whose time has passed; give how many. What came of them can still be said."""
    due = Gleaning.state == State.OPEN, Gleaning.end_at <= clock.now()
    with atomic() as session:
        rows = select(Gleaning).where(*due).order_by(Gleaning.id).with_for_update(skip_locked=True)
        gleanings = session.scalars(rows, execution_options={"populate_existing": True}).all()
        for gleaning in gleanings:
            come_to(gleaning, "expire")
            note(gleaning, "over", Actor())
    return len(gleanings)


def end_all_of(leaver: OrganisationArchived) -> None:
    """Cancel what an organisation that takes part no longer calls for; its chains end by themselves."""
    with atomic():
        for gleaning_id in queries.open_of(leaver.organisation_id):
            gleaning = lock_gleaning(gleaning_id)
            if gleaning.state == State.OPEN:
                end(gleaning, leaver.by, leaver.reason)
        drop_drafts_of(leaver.organisation_id, DRAFTED_AS)


def let_go_of(leaver: AccountErased) -> None:
    """Take somebody who leaves off every list, and let others move up; calls are their organisation's."""
    with atomic() as session:
        for gleaning_id in queries.signed_up_for(leaver.person_id):
            gleaning = lock_gleaning(gleaning_id)
            own = next((each for each in sign_ups(gleaning) if each.person_id == leaver.person_id), None)
            if own is not None and gleaning.takes_people_at(clock.now()):
                let_go(gleaning, own, Actor(person_id=leaver.person_id))
        session.execute(delete(GleaningSignUp).where(GleaningSignUp.person_id == leaver.person_id))
        words = {"note": "", "ask_for": ""} if leaver.messages_too else {}
        mine = update(Gleaning).where(Gleaning.person_id == leaver.person_id)
        session.execute(mine.values({"idempotency_key": None} | words))


def forget_old() -> None:
    """Forget who came, and whom to ask for, 30 days after it; what was written, once it is as old as other talk."""
    now = clock.now()
    with atomic() as session:
        old = queries.over_since(now - SIGN_UP_LIFE)
        session.execute(delete(GleaningSignUp).where(GleaningSignUp.gleaning_id.in_(old)))
        session.execute(update(Gleaning).where(Gleaning.id.in_(old)).values(ask_for=""))
        written = {"note": "", "reason": ""}
        session.execute(update(Gleaning).where(Gleaning.end_at < now - TALK_LIFE).values(written))
