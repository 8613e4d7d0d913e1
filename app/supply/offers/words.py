"""Words for offers: what there is, how it is packed and kept, where it stands, why something is refused."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext as _n

from app.catalogue.naming import label_of
from app.core import clock
from app.supply.cargo_words import REGIMES, kilos, load_words, packages_words
from app.supply.offers.handed import Handed
from app.supply.offers.models import Goods, SurplusClaim, SurplusOffer
from app.supply.offers.policy import OfferPermission
from app.supply.offers.rules import Category, ClaimState, State
from app.web.format import clock_time, day, money
from app.web.words import Facts, refuses, worded

CATEGORIES: Final[Mapping[str, Any]] = {
    Category.VEGETABLES: _l("Vegetables"),
    Category.FRUIT: _l("Fruit"),
    Category.BREAD: _l("Bread and pastry"),
    Category.DAIRY: _l("Dairy and eggs"),
    Category.MEAT: _l("Meat"),
    Category.FISH: _l("Fish"),
    Category.PREPARED: _l("Prepared dishes"),
    Category.DRY_GOODS: _l("Dry goods and tins"),
    Category.DRINKS: _l("Drinks"),
    Category.OTHER: _l("Something else"),
}
PICTURES: Final[Mapping[str, str]] = {  # where an offer has no photo
    Category.VEGETABLES: "produce",
    Category.FRUIT: "orchard",
    Category.BREAD: "bakery",
    Category.DAIRY: "storage",
    Category.MEAT: "storage",
    Category.FISH: "frozen",
    Category.PREPARED: "cooking",
    Category.DRY_GOODS: "dry-store",
    Category.DRINKS: "cellar",
    Category.OTHER: "containers",
}
CLAIM_STATES: Final[Mapping[str, tuple[str, Any]]] = {  # the badge whose look it has, and its words
    ClaimState.CLAIMED: ("approved", _l("to be picked up")),
    ClaimState.COLLECTED: ("done", _l("picked up")),
    ClaimState.GIVEN_BACK: ("cancelled", _l("given back")),
    ClaimState.CANCELLED: ("refused", _l("cancelled by who offers")),
}


def claim_standing(claim: SurplusClaim, handed: Handed) -> tuple[str, str]:
    """Give the badge and the words of where a part stands: since when, and whether it is on its way."""
    look, words = CLAIM_STATES[claim.state]
    if claim.state == ClaimState.COLLECTED and claim.collected_at:
        tz = claim.offer.territory.timezone
        return look, _("picked up on %(day)s", day=day(claim.collected_at, tz=tz))
    if claim.state == ClaimState.CLAIMED and handed.given:
        return look, _("handed over: %(kilos)s", kilos=kilos(handed.given))
    return look, str(words)


def price_words(cents: int) -> str:
    """Write what a kilo costs, or that it is a gift."""
    return _("%(amount)s for a kilo", amount=money(cents)) if cents else _("Gift")


def standing_words(offer: SurplusOffer, left: int, *, is_open: bool) -> str:
    """Say in a few words where an offer stands."""
    if offer.state == State.WITHDRAWN:
        return _("This offer was withdrawn")
    if not is_open:
        return _("This offer is over")
    return _("%(kilos)s left", kilos=kilos(left)) if left else _("All of it is taken")


def left_words(offer: SurplusOffer, left: int) -> str:
    """Say how much of all of it is left, beside the bar that shows it."""
    if not left:
        return _("All %(all)s are taken", all=kilos(offer.grams))
    return _("%(left)s left of %(all)s", left=kilos(left), all=kilos(offer.grams))


def until_words(offer: SurplusOffer) -> str:
    """Say by when it is collected."""
    return _("Until %(when)s", when=moment_words(offer, offer.until_at))


def from_words(offer: SurplusOffer) -> str:
    """Say from when on it can be collected; nothing where that is now."""
    return moment_words(offer, offer.from_at) if offer.from_at > clock.now() else ""


def moment_words(goods: Goods, at: datetime) -> str:
    """Write an instant by the clock of the territory."""
    tz = goods.territory.timezone
    return _("%(day)s at %(time)s", day=day(at, tz=tz), time=clock_time(at, tz=tz))


def place_words(goods: Goods) -> str:
    """Say where it is collected."""
    return ", ".join(piece for piece in (goods.place, label_of(goods.commune_code)) if piece)


def offer_facts(offer: SurplusOffer, left: int, km: str = "") -> list[tuple[str, str, str]]:
    """List what there is to know of an offer of which some grams are left, with the distance where it is known."""
    packed, load = _packed_words(offer, left)
    rows = [
        (_("Sort of food"), str(CATEGORIES[offer.category]), "list"),
        (_("Temperature"), str(REGIMES[offer.regime]), "thermometer"),
        (_("Packed in"), packed, "archive"),
        (_("To carry"), load, "vehicle"),
        (_("Where"), place_words(offer), "pin"),
        (_("Distance"), km, "map"),
        (_("Can be collected from"), from_words(offer), "clock"),
        (_("To be collected by"), moment_words(offer, offer.until_at), "clock"),
        (_("Use-by date"), day(offer.use_by) if offer.use_by else "", "calendar"),
        (_("Price"), price_words(offer.price_cents), "euro"),
        (_("Offered by"), offer.organisation.name, "building"),
    ]
    return [row for row in rows if row[1]]


def _packed_words(offer: SurplusOffer, left: int) -> tuple[str, str]:
    """Say in how many packages it is and what that is on the road: what is left, and all of it where that is more."""
    cargo = offer.cargo
    packages, load = packages_words(offer.packaging, cargo.packages), load_words(cargo)
    if left == offer.grams:
        return packages, load
    if not left:
        return _("%(all)s in all", all=packages), _("%(all)s in all", all=load)
    rest = cargo.of(left)
    of_rest = packages_words(offer.packaging, rest.packages)
    return (
        _("%(left)s left, %(all)s in all", left=of_rest, all=packages),
        _("%(left)s for what is left, %(all)s in all", left=load_words(rest), all=load),
    )


@refuses(OfferPermission.POST, OfferPermission.TAKE)
def _no_organisation() -> str:
    return _("Offers are made and taken by organisations of the territory. Join yours, then come back.")


@refuses(OfferPermission.KEEP)
def _not_yours() -> str:
    return _("Only the organisation that offers this can change it. Write to it, or call it.")


@refuses(OfferPermission.SEE)
def _elsewhere() -> str:
    return _("Only the organisations of its territory see this offer. Look at what is offered around you.")


@refuses(OfferPermission.SET_ALERTS)
def _not_a_member() -> str:
    return _("Only the members of this organisation say of what it is told. Ask to join it.")


@worded("not_taking_part")
def _not_taking_part(_facts: Facts) -> str:
    return _("You do not act for an organisation that can do this. Choose another one, or join yours first.")


@worded("own_offer")
def _own_offer(_facts: Facts) -> str:
    return _("Your own organisation offers this. To keep a part of it, make the offer smaller.")


@worded("offer_ended")
def _offer_ended(facts: Facts) -> str:
    if facts["state"] == State.WITHDRAWN:
        return _("This was withdrawn by who offered it. Look at what else is offered.")
    return _("This is not offered any more: its time is over. Look at what else is offered.")


@worded("too_little_left")
def _too_little_left(facts: Facts) -> str:
    if not facts["left"]:
        return _("Others were faster: all of it is taken. Look at what else is offered.")
    return _("Only %(left)s are left. Take less, or all that is left.", left=kilos(facts["left"]))


@worded("less_than_taken")
def _less_than_taken(facts: Facts) -> str:
    return _(
        "%(taken)s are taken already: offer at least as much, or cancel a part first.",
        taken=kilos(facts["taken"]),
    )


@worded("price_changed")
def _price_changed(facts: Facts) -> str:
    return _(
        "The price was corrected in the meantime: %(price)s. Take it at that price, or leave it.",
        price=price_words(facts["price_cents"]),
    )


@worded("too_early")
def _too_early(facts: Facts) -> str:
    since, tz = facts["since"], facts["tz"]
    when = _("%(day)s at %(time)s", day=day(since, tz=tz), time=clock_time(since, tz=tz))
    return _(
        "It can be collected from %(when)s on: note it then. Was it earlier? Correct the offer first.",
        when=when,
    )


@worded("part_handed_over")
def _part_handed_over(facts: Facts) -> str:
    gone = kilos(facts["grams"])
    if facts["is_received"]:
        return _(
            "A hand-over note that both sides signed says that %(kilos)s of it were handed over: nobody else can take "
            "them. What is not wanted goes on, or back, with a hand-over note of its own.",
            kilos=gone,
        )
    return _(
        "%(kilos)s of it were handed over with a note that waits for the signature of the receiver. Refuse it there "
        "if you do not want it.",
        kilos=gone,
    )


@worded("part_charged")
def _part_charged(_facts: Facts) -> str:
    return _("It is charged already. Who is paid can take that back on the page of its cost.")


@worded("nothing_taken")
def _nothing_taken(_facts: Facts) -> str:
    return _("Type how many kilos you take, for instance 40.")


@worded("bad_offer")
def _bad_offer(facts: Facts) -> str:
    match facts["reason"]:
        case "amount":
            most = kilos(facts["most"])
            return _("It weighs more than nothing and at most %(most)s. Check the weight.", most=most)
        case "package":
            return _("Type what one package holds, for instance 12.")
        case "price":
            most = money(facts["most"])
            return _("A price for a kilo is between 0 and %(most)s. Check the amount.", most=most)
        case "until":
            return _("That time is over, or before the first one to collect it. Choose a later one.")
        case "too_long":
            return _n(
                "An offer lasts %(num)s day at most. Choose an earlier end; it can be offered again.",
                "An offer lasts %(num)s days at most. Choose an earlier end; it can be offered again.",
                facts["days"],
            )
        case "use_by":
            return _(
                "It would be offered beyond its use-by date. Choose an earlier end, or correct the date."
            )
        case _:
            return _("Say what it is in a few words, for instance “Courgettes”.")
