"""What payers and payees see of the played Stripe: a page to pay and a page to answer questions, clearly marked."""

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from app.core.errors import Invalid, NotFound
from app.payments.stripe.fake.objects import Thing
from app.payments.stripe.fake.playing import deliver, home
from app.payments.stripe.fake.world import Unable, World
from app.web.guards import public
from app.web.page import page
from app.web.shell import safe_next

blueprint = Blueprint("stripe_simulation", __name__, url_prefix="/stripe-simule")
WAYS = ("card", "debit", "refused_debit")


def _find(world: World, name: str, kind: str) -> Thing:
    found = world.things.get(name)
    if found is None or found["object"] != kind:
        raise NotFound(kind=kind, id=name)
    return found


@blueprint.get("/pages/<name>")
@public
def pay_page(name: str) -> Response:
    """Show what is to be paid, and the ways in which it may go."""
    with home().open() as world:
        found = _find(world, name, "checkout.session")
        world.pass_time(found)
        shown = dict(found)
    return page("payments/simulated_page.html", session=shown, currency=shown["currency"].upper())


@blueprint.post("/pages/<name>")
@public
def pay_now(name: str) -> Response:
    """Pay in the chosen way, tell it by webhook, and lead back."""
    way = request.form.get("way", "")
    if way not in WAYS:
        raise Invalid(field="way")
    with home().open() as world:
        found = _find(world, name, "checkout.session")
        try:
            world.pay(name, "card" if way == "card" else "sepa_debit")
        except Unable:
            return redirect(url_for("stripe_simulation.pay_page", name=name), 303)
        if way == "refused_debit":
            world.doomed.append(name)
        target = found["success_url"]
    deliver()
    return redirect(target, 303)


@blueprint.get("/comptes/<name>")
@public
def account_page(name: str) -> Response:
    """Show what a payee would be asked."""
    with home().open() as world:
        found = dict(_find(world, name, "account"))
    return page("payments/simulated_account.html", account=found, back=safe_next(request.args.get("retour")))


@blueprint.post("/comptes/<name>")
@public
def account_now(name: str) -> Response:
    """Answer everything, tell it by webhook, and lead back."""
    with home().open() as world:
        _find(world, name, "account")
        world.complete_account(name)
    deliver()
    return redirect(safe_next(request.form.get("retour")), 303)
