"""Letters about bookings: who gets which, in which language and zone, and word for word what they say."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, select

from app.accounts import service as accounts
from app.accounts.leaving import Farewell
from app.accounts.models import RoleGrant
from app.accounts.queries import load_actor, standing_of
from app.bookings import service
from app.bookings.models import Booking, DecisionLink
from app.core import clock
from app.infra.db import db
from app.infra.mail import deliver as really_deliver
from app.infra.uow import atomic
from app.notifications import tasks
from app.notifications.quiet import quiet
from tests.factories import span
from tests.notifications.conftest import JEANNE, KARIM, NADIA, REF, SOPHIE, World
from tests.notifications.goldens import same_as_golden

pytestmark = pytest.mark.usefixtures("session", "frozen", "one_ref")

OTHER_TIME = span("2026-10-07 08:00", "2026-10-07 12:00")
REASON = "La cuisine est en travaux ce jour-là.\nLa semaine suivante est libre."


@pytest.fixture(params=["fr", "en"])
def locale(request):
    return request.param


def test_a_request_is_confirmed_to_who_asks_and_put_to_who_answers(post, locale):
    world = World(locale)
    booking = world.ask(message="Bonjour,\nnous serons huit, avec nos couteaux.")
    asked, answers = post.run()
    assert (asked.to, answers.to) == (JEANNE, SOPHIE)
    same_as_golden(locale, "requested", asked)
    same_as_golden(locale, "to_answer", answers)
    assert booking.ref == REF


def test_a_request_in_company_names_the_neighbours(post, locale):
    world = World(locale)
    with quiet():
        world.neighbour()
    world.ask()
    same_as_golden(locale, "to_answer_with_neighbours", post.to(SOPHIE))


def test_yes(post, locale):
    world = World(locale)
    with quiet():
        booking = world.ask()
    service.approve(booking.id, world.manager, "Merci de rendre les clés à l’accueil.")
    [mail] = post.run()
    same_as_golden(locale, "approved", mail)


def test_yes_at_once_is_told_to_both_sides(post, locale):
    World(locale, approval="auto").ask()
    asked, answers = post.run()
    same_as_golden(locale, "approved_at_once", asked)
    same_as_golden(locale, "booked", answers)


def test_no(post, locale):
    world = World(locale)
    with quiet():
        booking = world.ask()
    service.refuse(booking.id, world.manager, REASON)
    [mail] = post.run()
    same_as_golden(locale, "refused", mail)


def test_cancelled_by_the_manager(post, locale):
    world = World(locale)
    with quiet():
        booking = world.ask()
        service.approve(booking.id, world.manager)
    service.cancel(booking.id, world.manager, REASON)
    [mail] = post.run()
    assert mail.to == JEANNE
    same_as_golden(locale, "cancelled", mail)


def test_cancelled_by_who_asked(post, locale):
    world = World(locale)
    with quiet():
        booking = world.ask()
    service.cancel(booking.id, world.member, "Notre cuisinière est malade.")
    [mail] = post.run()
    assert mail.to == SOPHIE
    same_as_golden(locale, "given_up", mail)


def test_cancelled_by_the_coordination_is_told_to_both(post):
    world = World()
    with quiet():
        booking = world.ask()
    service.cancel(booking.id, world.coordinator, "Doublon")
    assert post.recipients() == [JEANNE, SOPHIE]


def test_nobody_answered(post, locale, frozen):
    world = World(locale)
    with quiet():
        booking = world.ask()
    frozen.move_to(booking.expires_at + timedelta(minutes=1))
    service.expire_due()
    asked, answers = post.run()
    same_as_golden(locale, "expired", asked)
    same_as_golden(locale, "unanswered", answers)


def test_moved_and_waiting_again(post, locale):
    world = World(locale)
    with quiet():
        booking = world.ask()
        service.approve(booking.id, world.manager)
    service.change(booking.id, world.member, OTHER_TIME, 1)
    asked, answers = post.run()
    same_as_golden(locale, "moved_to_answer", asked)
    same_as_golden(locale, "to_answer_again", answers)


def test_moved_and_settled(post, locale):
    world = World(locale, approval="auto")
    with quiet():
        booking = world.ask()
    service.change(booking.id, world.member, OTHER_TIME, 1)
    asked, answers = post.run()
    same_as_golden(locale, "moved", asked)
    same_as_golden(locale, "booked_otherwise", answers)


def test_the_answer_taken_back(post, locale):
    world = World(locale)
    with quiet():
        booking = world.ask()
        service.approve(booking.id, world.manager)
    service.undo(booking.id, world.manager)
    [mail] = post.run()
    same_as_golden(locale, "undone", mail)


def test_handed_over_to_a_colleague(post, locale):
    world = World(locale)
    with quiet():
        booking = world.ask()
        service.approve(booking.id, world.manager)
    karim = world.administrator(world.glaneurs, KARIM, locale=locale, phone="06 98 76 54 32")
    leave(world.jeanne, {world.glaneurs.id: karim.id})
    mails = {mail.to: mail for mail in post.run()}
    assert set(mails) == {JEANNE, KARIM, SOPHIE}
    same_as_golden(locale, "inherited", mails[KARIM])
    same_as_golden(locale, "other_contact", mails[SOPHIE])


def test_handed_over_while_it_waits(post):
    world = World()
    with quiet():
        world.ask()
    karim = world.administrator(world.glaneurs, KARIM)
    leave(world.jeanne, {world.glaneurs.id: karim.id})
    assert "vous répondra avant" in post.to(KARIM).text


def test_cancelled_because_its_author_left(post):
    world = World()
    with quiet():
        world.ask()
    world.administrator(world.glaneurs, KARIM)
    leave(world.jeanne, {world.glaneurs.id: None})
    mails = {mail.to: mail for mail in post.run()}
    assert set(mails) == {JEANNE, KARIM, SOPHIE}  # her farewell, her organisation, the place
    assert mails[JEANNE].subject == "Votre compte est supprimé"
    assert "Compte supprimé a annulé votre réservation" in mails[KARIM].text
    for told in (mails[KARIM], mails[SOPHIE]):
        assert "> Elle est partie." in told.text
        assert "Jeanne" not in told.text
    assert "Demandé par : Compte supprimé" in mails[SOPHIE].text.replace("\u00a0", " ")


def test_an_organisation_that_leaves_tells_members_places_and_the_coordination(post):
    world = World()
    with quiet():
        world.ask()
    karim = world.administrator(world.glaneurs, KARIM)
    seen = accounts.affairs_of(world.glaneurs.id).fingerprint
    accounts.archive_organisation(load_actor(karim.id), "glaneurs", "Nous cessons.", seen=seen)
    subjects = {mail.to: mail.subject for mail in post.run()}
    left = "« Les Glaneurs du Don » ne participe plus"
    assert subjects[NADIA] == left
    assert set(subjects) == {JEANNE, SOPHIE, NADIA}


def leave(person, heirs):
    """Erase the account of somebody without a password."""
    farewell = Farewell(standing_of(person.id).fingerprint, "Elle est partie.", heirs)
    accounts.erase_account(load_actor(person.id), farewell, present="")


def test_messages_go_to_the_other_side(post, locale):
    world = World(locale)
    with quiet():
        booking = world.ask()
    service.write_message(booking.id, world.member, "Y a-t-il un four à vapeur ?")
    [mail] = post.run()
    assert mail.to == SOPHIE
    same_as_golden(locale, "written_to_manager", mail)
    service.write_message(booking.id, world.manager, "Oui, et une sauteuse.\nÀ bientôt !")
    [mail] = post.run()
    assert mail.to == JEANNE
    same_as_golden(locale, "written", mail)


def test_a_message_of_the_coordination_goes_to_both_and_brings_it_into_the_talk(post):
    world = World()
    with quiet():
        booking = world.ask()
    service.write_message(booking.id, world.coordinator, "Puis-je aider ?")
    assert post.recipients() == [JEANNE, SOPHIE]
    service.write_message(booking.id, world.manager, "Non merci.")
    assert post.recipients() == [JEANNE, NADIA]


# -- who --------------------------------------------------------------------------------------------------------------


def test_every_manager_has_a_link_of_their_own(post):
    world = World()
    world.second_manager()
    world.ask()
    mails = [mail for mail in post.run() if mail.to != JEANNE]
    assert [mail.to for mail in mails] == [KARIM, SOPHIE]
    assert mails[0].secret != mails[1].secret
    people = {link.token_hash: link.person.email for link in db.session.query(DecisionLink)}
    assert sorted(people.values()) == [KARIM, SOPHIE]


def test_without_a_manager_the_owner_answers(post):
    world = World(managed=False)
    world.administrator(world.owner, "mairie@blain.example")
    world.ask()
    assert post.to("mairie@blain.example").secret


def test_without_anybody_the_coordination_is_told_to_name_somebody(post, locale):
    World(locale, managed=False).ask()
    mail = post.to(NADIA)
    assert mail.secret is None
    same_as_golden(locale, "to_answer_by_nobody", mail)


def test_who_acts_is_not_told(post):
    world = World()
    karim = world.second_manager()
    with quiet():
        booking = world.ask(actor=load_actor(world.sophie.id))
    service.approve(booking.id, load_actor(karim.id))
    assert post.recipients() == [SOPHIE]


def test_a_booking_made_for_others_is_told_to_their_administrators(post):
    world = World()
    world.administrator(world.glaneurs, "bureau@glaneurs.example")
    world.ask(actor=world.coordinator)
    assert post.recipients() == ["bureau@glaneurs.example", NADIA, SOPHIE]


def test_everybody_reads_their_own_language(post):
    world = World()
    with atomic():
        world.sophie.locale = "en"
    world.ask()
    asked, answers = post.run()
    assert (asked.subject.split(" ")[0], answers.subject.split(" ")[0]) == ("Demande", "To")
    assert 'lang="fr"' in asked.html
    assert 'lang="en"' in answers.html


def test_times_are_those_of_the_place(post):
    world = World()
    with atomic():
        world.site.timezone = "Indian/Reunion"
    world.ask()
    mail = post.to(JEANNE)
    assert "10:00–14:00" in mail.text  # 8 to 12 in Paris
    assert "vendredi 4 septembre à 12:00" in mail.text


# -- when -------------------------------------------------------------------------------------------------------------


def test_what_is_rolled_back_is_not_told(post):
    world = World()
    with pytest.raises(ZeroDivisionError), atomic():
        world.ask()
        raise ZeroDivisionError
    assert post.run() == []


def test_quiet_work_is_not_told(post):
    with quiet():
        World().ask()
    assert post.run() == []


def test_an_answered_request_is_not_put_to_anybody(post):
    world = World()
    booking = world.ask()
    service.approve(booking.id, world.manager)
    [mail] = post.run()
    assert (mail.to, mail.subject.split(" :")[0]) == (JEANNE, "C’est accepté")


def test_people_who_are_gone_are_not_written_to(post):
    world = World()
    world.ask()
    with atomic():
        world.jeanne.disabled_at = clock.now()
    assert post.recipients() == [SOPHIE]


def test_who_no_longer_manages_the_place_is_not_written_to(post, app):
    world = World()
    karim = world.second_manager()
    world.ask()
    tasks.spread(
        {"occasion": "requested", "booking": db.session.scalar(select(Booking.id)), "actor": world.jeanne.id}
    )
    with atomic() as session:
        session.execute(delete(RoleGrant).where(RoleGrant.person_id == karim.id))
    assert post.recipients() == [JEANNE, SOPHIE]


def test_a_letter_that_cannot_leave_stops_no_other_and_leaves_later(post, monkeypatch, frozen):
    def deliver(message):
        if message.to == SOPHIE:
            raise ConnectionError("the mail server does not answer")
        really_deliver(message)

    monkeypatch.setattr("app.notifications.tasks.deliver", deliver)
    World().ask()
    assert post.recipients() == [JEANNE]
    monkeypatch.setattr("app.notifications.tasks.deliver", really_deliver)
    frozen.tick(seconds=11)
    assert post.recipients() == [SOPHIE]


def test_the_same_news_is_queued_once(post):
    world = World()
    with quiet():
        booking = world.ask()
    for _ in range(2):
        service.approve(booking.id, world.manager)
        service.undo(booking.id, world.manager)
    assert [mail.subject.split(" :")[0] for mail in post.run()] == ["La réponse est retirée"]


# -- what -------------------------------------------------------------------------------------------------------------


def test_mail_is_marked_as_automatic_and_can_be_read_with_accents(post):
    World().ask(purpose="Crème brûlée à Nœux")
    mail = post.to(SOPHIE)
    assert mail.headers["Auto-Submitted"] == "auto-generated"
    assert "Reply-To" not in mail.headers
    assert mail.subject.startswith("À traiter")
    assert "Crème brûlée à Nœux" in mail.text


def test_no_letter_holds_a_door_code(post):
    world = World()
    booking = world.ask()
    mails = post.run()
    service.approve(booking.id, world.manager)
    mails += post.run()
    assert len(mails) == 3
    assert all("4826" not in mail.text + mail.html for mail in mails)


def test_what_people_write_stays_text(post):
    World().ask(purpose="<b>Soupe</b>", message="<script>alert(1)</script>")
    html = post.to(SOPHIE).html
    assert "<b>Soupe</b>" not in html
    assert "<script" not in html
    assert "&lt;b&gt;Soupe&lt;/b&gt;" in html


def test_a_place_without_a_phone_gives_its_owner_s(post):
    world = World()
    with atomic():
        world.site.phone = ""
    world.ask()
    assert "02 40 79 00 08" in post.to(JEANNE).text


def test_the_link_of_a_letter_opens_the_request_and_decides_nothing_by_itself(post, client):
    world = World()
    booking = world.ask()
    secret = post.to(SOPHIE).secret
    answer = client.get(f"/d/{secret}")
    assert answer.status_code == 200
    assert "Les Glaneurs du Don" in answer.get_data(as_text=True)
    db.session.expire_all()
    assert booking.decision == "pending"


def test_every_link_of_the_letters_leads_somewhere(post, client, login, frozen):
    world = World()
    booking = world.ask()
    mails = post.run()
    service.refuse(booking.id, world.manager, "Travaux")
    mails += post.run()
    other = world.ask()
    frozen.move_to(other.expires_at + timedelta(minutes=1))
    service.expire_due()
    mails += post.run()
    reader = {JEANNE: world.jeanne, SOPHIE: world.sophie}
    for mail in mails:
        login(client, reader[mail.to])
        addresses = [line for line in mail.text.splitlines() if line.startswith("http")]
        assert addresses
        for address in addresses:
            if "SECRET" not in address:
                status = client.get(address.removeprefix("http://127.0.0.1:8000")).status_code
                assert status == 200, address


def test_nobody_came(post, locale, frozen):
    world = World(locale)
    with quiet():
        booking = world.ask()
        service.approve(booking.id, world.manager)
    frozen.move_to(booking.start_at + timedelta(hours=1))
    service.tell_absence(booking.id, world.manager, "Porte close à 10 h.")
    asked, coordination = post.run()
    assert (asked.to, coordination.to) == (JEANNE, NADIA)
    same_as_golden(locale, "missed", asked)
    same_as_golden(locale, "missed_to_coordination", coordination)
    service.forgive_absence(booking.id, world.coordinator, "La grille était fermée à clé.")
    [mail] = post.run()
    same_as_golden(locale, "forgiven", mail)


@pytest.mark.parametrize("approval", ["manager", "auto"])
def test_moved_late_both_sides_read_what_stays_due(post, locale, frozen, approval):
    world = World(locale, approval=approval, price_cents=1200, free_cancel_hours=48, late_cancel_percent=50)
    with quiet():
        booking = world.ask()
        if approval == "manager":
            service.approve(booking.id, world.manager)
    frozen.move_to(booking.start_at - timedelta(hours=24))
    service.change(booking.id, world.member, span("2026-10-08 08:00", "2026-10-08 12:00"), 1)
    mails = {mail.to: mail for mail in post.run()}
    name = "moved_late" if approval == "manager" else "moved_late_at_once"
    same_as_golden(locale, name, mails[JEANNE])
    same_as_golden(locale, f"{name}_here", mails[SOPHIE])
    if approval == "manager":
        service.approve(booking.id, world.manager)
        same_as_golden(locale, "approved_after_late_move", post.to(JEANNE))


def test_cancelled_late_the_place_reads_what_stays_due(post, locale, frozen):
    world = World(locale, price_cents=1200, free_cancel_hours=48, late_cancel_percent=50)
    with quiet():
        booking = world.ask()
        service.approve(booking.id, world.manager)
    frozen.move_to(booking.start_at - timedelta(hours=3))
    service.cancel(booking.id, world.member, "Notre cuisinière est malade.")
    same_as_golden(locale, "given_up_late", post.to(SOPHIE))


@pytest.mark.parametrize("end", ["refused", "expired"])
def test_a_late_move_that_comes_to_nothing_tells_what_stays_due(post, locale, frozen, end):
    world = World(locale, price_cents=1200, free_cancel_hours=48, late_cancel_percent=50)
    with quiet():
        booking = world.ask()
        service.approve(booking.id, world.manager)
    frozen.move_to(booking.start_at - timedelta(hours=24))
    with quiet():
        service.change(booking.id, world.member, span("2026-10-08 08:00", "2026-10-08 12:00"), 1)
    if end == "refused":
        service.refuse(booking.id, world.manager, "La cuisine est prise.")
    else:
        frozen.move_to(booking.expires_at)
        service.expire_due()
    mails = {mail.to: mail for mail in post.run()}
    same_as_golden(locale, f"{end}_after_late_move", mails[JEANNE])
    if end == "expired":
        same_as_golden(locale, "unanswered_after_late_move", mails[SOPHIE])
