"""Who may do what with bookings."""

from collections.abc import Collection
from enum import StrEnum
from typing import Any

from app.availability.policy import TimePermission
from app.bookings.concerned import concerned_by, concerned_by_each, met_among
from app.bookings.models import Booking, Bundle, Series, Waiting
from app.catalogue.models import Site
from app.core.policy import Actor, Table, can, platform_admin, signed_in


class BookingPermission(StrEnum):
    """What can be asked for around bookings."""

    ASK = "bookings.ask"
    SEE = "bookings.see"
    SEE_OWN = "bookings.see_own"
    DECIDE = "bookings.decide"
    DECIDE_SOME = "bookings.decide_some"
    PROPOSE = "bookings.propose"
    ANSWER_PROPOSAL = "bookings.answer_proposal"
    WAIT = "bookings.wait"
    SEE_WAITING = "bookings.see_waiting"
    CHANGE = "bookings.change"
    CANCEL = "bookings.cancel"
    TALK = "bookings.talk"
    CLOSE = "bookings.close"
    SEE_BUNDLE = "bookings.see_bundle"
    CHANGE_BUNDLE = "bookings.change_bundle"
    CANCEL_BUNDLE = "bookings.cancel_bundle"
    FORGIVE = "bookings.forgive"
    SEE_COSTS = "bookings.see_costs"
    SEE_GOODS_COSTS = "bookings.see_goods_costs"
    SHARE_COSTS = "bookings.share_costs"
    MEASURE = "bookings.measure"
    WAIVE_COSTS = "bookings.waive_costs"
    CORRECT_COSTS = "bookings.correct_costs"
    SEE_BUNDLE_COSTS = "bookings.see_bundle_costs"
    SEE_DEPOSIT = "bookings.see_deposit"
    KEEP_DEPOSIT = "bookings.keep_deposit"  # note that it came, went back, or was withheld


def _site(subject: Any) -> Site:
    if isinstance(subject, Booking | Series):
        return subject.resource.site
    site: Site = getattr(subject, "site", subject)  # of a resource, of a closure; else the subject is one
    return site


def manages_site(actor: Actor, subject: Any) -> bool:
    """Hold for managers of the subject's site and administrators of its owner."""
    site = _site(subject)
    return site.id in actor.managed_sites or actor.administers(site.owner_id)


def stands_in(actor: Actor, subject: Any) -> bool:
    """Hold for who decides today, by delegation, in the place of somebody who answers for the subject's site."""
    return _site(subject).id in actor.delegations


def in_whose_place(actor: Actor, subject: Any) -> int | None:
    """Tell in whose place somebody decides alone; None for who answers for the site."""
    if manages_site(actor, subject):
        return None
    return next(iter(actor.delegations.get(_site(subject).id, ())), None)


def manages_something(actor: Actor, _subject: Any) -> bool:
    """Hold for whoever answers for some site (an inbox may be empty, but it is theirs), themselves or as a deputy."""
    return bool(actor.managed_sites or actor.delegations) or "org_admin" in actor.memberships.values()


def coordinates_something(actor: Actor, _subject: Any) -> bool:
    """Hold for coordinators: the navigation leads them to the inbox too, empty unless they manage a site."""
    return bool(actor.coordinated) or actor.is_platform_admin


def manages_a_leg(actor: Actor, bundle: Bundle) -> bool:
    """Hold for whoever answers for a place that a bundle asks for, or did."""
    return any(manages_site(actor, leg) or stands_in(actor, leg) for leg in bundle.legs)


def is_party(actor: Actor, booking: Booking | Series | Bundle) -> bool:
    """Hold for the members of the organisation that books, and for who asked on its behalf."""
    return actor.belongs_to(booking.organisation_id) or _asked_and_may(actor, booking)


def _asked_and_may(actor: Actor, booking: Booking | Series | Bundle) -> bool:
    """Hold for the requester while they could still ask for it: as a member, for the coordination, or for the place.

    Whoever has left the organisation, or no longer has the role in which they asked, is a stranger to it.
    """
    if actor.person_id != booking.requester_id:
        return False
    if actor.belongs_to(booking.organisation_id) or coordinates(actor, booking):
        return True
    places = booking.legs if isinstance(booking, Bundle) else (booking,)
    return any(manages_site(actor, place) for place in places)


def acts_for_asker(actor: Actor, booking: Booking | Series) -> bool:
    """Hold for whoever acts as the side that asked: the members of the organisation that books.

    Who manages the place or coordinates the territory and is no member does not, though they asked on its behalf: what
    they do is the place's doing, or the coordination's.
    """
    return actor.belongs_to(booking.organisation_id)


def acts_for_place(actor: Actor, booking: Booking | Series) -> bool:
    """Hold for who manages the place and does not act as the side that asked."""
    return manages_site(actor, booking) and not acts_for_asker(actor, booking)


def asked_it(actor: Actor, booking: Booking | Series | Bundle) -> bool:
    """Hold for the requester, while they may ask for it, and the administrators of the organisation that books."""
    return actor.administers(booking.organisation_id) or _asked_and_may(actor, booking)


def waits_for_it(actor: Actor, waiting: Waiting) -> bool:
    """Hold for whoever joined a waiting list and the administrators of the organisation they joined it for."""
    return actor.person_id == waiting.person_id or actor.administers(waiting.organisation_id)


def coordinates(actor: Actor, subject: Any) -> bool:
    """Hold for coordinators of the subject's territory."""
    return subject.territory_id in actor.coordinated


def sees_booking(actor: Actor, costs: Any) -> bool:
    """Hold for whoever may see the booking that something costs."""
    return can(actor, BookingPermission.SEE, costs.booking)


def bears_some(actor: Actor, costs: Any) -> bool:
    """Hold for who keeps the accounts of an organisation that bears a part, was asked to, or is paid."""
    return any(actor.keeps_accounts_of(each) for each in costs.organisation_ids)


def keeps_askers_accounts(actor: Actor, costs: Any) -> bool:
    """Hold for who promises and moves money for the organisation that books."""
    return actor.keeps_accounts_of(costs.plan.organisation_id)


def used_it(actor: Actor, costs: Any) -> bool:
    """Hold for the requester and the members of the organisation that books."""
    return is_party(actor, costs.booking)


def answers_for_place(actor: Actor, costs: Any) -> bool:
    """Hold for managers of the place and administrators of its owner."""
    return manages_site(actor, costs.booking)


def keeps_payees_accounts(actor: Actor, costs: Any) -> bool:
    """Hold for who keeps the accounts of whoever is paid."""
    return actor.keeps_accounts_of(costs.plan.payee_id)


def is_concerned(actor: Actor, bundle: Bundle) -> bool:
    """Hold for the members of the organisations that a request concerns: where it comes from, whom it is for."""
    return any(actor.belongs_to(each.organisation_id) for each in concerned_by(bundle.id))


def deals_with(actor: Actor, bundle: Bundle) -> bool:
    """Hold for who asked for a request, answers a part of it, or looks after its territory or the platform."""
    rules = (is_party, manages_a_leg, coordinates, platform_admin)
    return any(rule(actor, bundle) for rule in rules)


def seen_among(actor: Actor, bundles: Collection[Bundle]) -> set[int]:
    """Name those of some requests (ids) that somebody may see, as SEE_BUNDLE says: it asks once whom they concern."""
    theirs = {each.id for each in bundles if deals_with(actor, each)}
    concerned = concerned_by_each({each.id for each in bundles} - theirs)
    return theirs | {
        number
        for number, found in concerned.items()
        if any(actor.belongs_to(each.organisation_id) for each in found)
    }


def named_among(actor: Actor, legs: Collection[Booking]) -> set[int]:
    """Name those of some elements of requests (ids) of which somebody may know what they are called.

    Their pages are open to them, or they come to their door: that is asked once for all of them.
    """
    known = {
        leg.id
        for leg in legs
        if can(actor, TimePermission.SEE_RESOURCE, leg.resource) or can(actor, BookingPermission.SEE, leg)
    }
    return known | met_among(actor, [leg for leg in legs if leg.id not in known])


def deals_with_bundle(actor: Actor, subject: Any) -> bool:
    """Hold for who deals with the request that costs something: whom it only concerns does not read what it costs."""
    return deals_with(actor, subject.bundle)


def bears_some_of_all(actor: Actor, subject: Any) -> bool:
    """Hold for who keeps the accounts of an organisation that bears a part of some element, or was asked to."""
    return any(bears_some(actor, costs) for costs in subject.costs)


def keeps_accounts_of_either(actor: Actor, held: Any) -> bool:
    """Hold for who keeps the accounts of the organisation that hands a deposit over, or of the one that has it."""
    return actor.keeps_accounts_of(held.deposit.payer_id) or actor.keeps_accounts_of(held.payee_id)


def keeps_holders_accounts(actor: Actor, held: Any) -> bool:
    """Hold for who keeps the accounts of the organisation that has a deposit."""
    return actor.keeps_accounts_of(held.payee_id)


def belongs_somewhere(actor: Actor, _subject: Any) -> bool:
    """Hold for whoever can act for an organisation."""
    return bool(actor.memberships)


TABLE: Table = {
    BookingPermission.ASK: [[signed_in, belongs_somewhere], [coordinates], [manages_site]],
    BookingPermission.SEE: [[is_party], [manages_site], [stands_in], [coordinates], [platform_admin]],
    BookingPermission.SEE_OWN: [[signed_in]],
    BookingPermission.DECIDE: [[manages_site], [stands_in]],
    BookingPermission.DECIDE_SOME: [[manages_something], [coordinates_something]],
    BookingPermission.PROPOSE: [[manages_site], [coordinates]],
    BookingPermission.ANSWER_PROPOSAL: [[asked_it]],
    BookingPermission.WAIT: [[signed_in]],
    BookingPermission.SEE_WAITING: [[waits_for_it]],
    BookingPermission.CHANGE: [[asked_it], [coordinates]],
    BookingPermission.CANCEL: [[asked_it], [manages_site], [coordinates], [platform_admin]],
    BookingPermission.TALK: [[is_party], [manages_site], [stands_in], [coordinates]],
    BookingPermission.CLOSE: [[manages_site], [coordinates], [platform_admin]],
    BookingPermission.SEE_BUNDLE: [[deals_with], [is_concerned]],
    BookingPermission.CHANGE_BUNDLE: [[asked_it], [coordinates], [platform_admin]],
    BookingPermission.CANCEL_BUNDLE: [[asked_it], [coordinates], [platform_admin]],
    BookingPermission.FORGIVE: [[manages_site], [coordinates]],
    BookingPermission.SEE_COSTS: [[sees_booking], [bears_some]],
    BookingPermission.SEE_GOODS_COSTS: [[deals_with_bundle], [bears_some]],
    BookingPermission.SHARE_COSTS: [[keeps_askers_accounts]],
    BookingPermission.MEASURE: [[used_it], [answers_for_place]],
    BookingPermission.WAIVE_COSTS: [[answers_for_place]],
    BookingPermission.CORRECT_COSTS: [[answers_for_place], [keeps_payees_accounts]],
    BookingPermission.SEE_BUNDLE_COSTS: [[deals_with_bundle], [bears_some_of_all]],
    BookingPermission.SEE_DEPOSIT: [[sees_booking], [keeps_accounts_of_either]],
    BookingPermission.KEEP_DEPOSIT: [[answers_for_place], [keeps_holders_accounts]],
}
