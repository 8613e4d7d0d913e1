"""Asking for several resources at once: a list of elements, each with its own answer while one chooses."""

import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qsl, urlencode

from flask import current_app, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.availability.errors import SlotRefused
from app.bookings import service
from app.bookings.errors import LegsRefused
from app.bookings.licence import FIELD as LICENCE
from app.bookings.policy import BookingPermission as P
from app.bookings.views import blueprint
from app.bookings.views.bundle_desk import BundleDesk
from app.bookings.views.common import onward, page_of, page_of_bundle
from app.bookings.views.draft import (
    Draft,
    Part,
    draft_of_form,
    forget,
    keep,
    kept_draft,
    read_part,
)
from app.core.errors import DomainError, Forbidden, NotFound
from app.core.ids import new_secret
from app.core.policy import require
from app.web.errors import status_of
from app.web.guards import public
from app.web.identity import current_actor
from app.web.words import explain

_MOVES = {"monter": -1, "descendre": 1}
_MOVE_FAR = "avancer"  # which element, and to which place
_BUTTON = re.compile(r"(choisir|autre)-(\d)")


@blueprint.get("/demander")
@public
def draft() -> Response:
    """Show the request this browser keeps; a resource named in the address is added to it first."""
    kept = kept_draft()
    if slug := request.args.get("ressource", ""):
        part = read_part(f"{slug}?{urlencode(list(request.args.items()))}")
        if part and request.method == "GET":
            keep(BundleDesk(kept.with_part(part)).draft)
        return redirect(url_for("bookings.draft"), 303)
    return BundleDesk(kept).show(restored="brouillon" in request.args)


@blueprint.post("/demander")
@public
def send_bundle() -> Response:
    """Send the request; change its elements or check one without sending; a visitor signs in first."""
    if "vider" in request.form:
        forget()
        return onward(_("The request is dropped; nothing was sent."), "/ressources")
    desk = BundleDesk(_changed(draft_of_form()))
    keep(desk.draft)
    if "chercher" in request.form:
        return redirect(_search_url(desk), 303)
    if _is_change() or not desk.elements:
        _from, moved = _move(len(desk.elements)) or (None, None)
        return desk.show(moved=moved)
    if not current_actor().is_signed_in:
        return redirect(url_for("accounts.sign_in", next=url_for("bookings.draft", brouillon=1)), 303)
    return _send(desk)


def _is_change() -> bool:
    buttons = ("ajouter", "retirer", *_MOVES, _MOVE_FAR, "verifier")
    return any(name in buttons or _BUTTON.fullmatch(name) for name in request.form)


def _changed(given: Draft) -> Draft:
    """Do what the button that was pressed says: add, take out, move, or change an element."""
    parts = list(given.parts)
    if (out := _number_of("retirer")) is not None:
        del parts[out : out + 1]
    if move := _move(len(parts)):
        old, new = move
        parts.insert(new, parts.pop(old))
    for name, value in request.form.items():
        button = _BUTTON.fullmatch(name)
        if button and int(button[2]) < len(parts):
            parts[int(button[2])] = _chosen(button[1], value, parts[int(button[2])])
    added = read_part(request.form.get("ajouter", ""))
    changed = Draft(parts, given.texts)
    return changed.with_part(added) if added else changed


def _move(count: int) -> tuple[int, int] | None:
    """Read which element of so many is moved, and where to; None where none is, or none can be."""
    for button, by in _MOVES.items():
        number = _number_of(button)
        if number is not None and number < count and 0 <= number + by < count:
            return number, number + by
    far = re.fullmatch(r"(\d)-(\d)", request.form.get(_MOVE_FAR, ""), re.ASCII)
    if far and max(int(far[1]), int(far[2])) < count:
        return int(far[1]), int(far[2])
    return None


def _number_of(button: str) -> int | None:
    typed = request.form.get(button, "")
    return int(typed) if re.fullmatch(r"\d", typed, re.ASCII) else None


def _chosen(what: str, value: str, part: Part) -> Part:
    """Give the element with the time or the place of a button; the quantity stays where it says none.

    What was counted in a smaller unit stays so here, and is asked for anew of another place.
    """
    count = {name: part.typed[name] for name in ("quantite", "unite") if name in part.typed}
    if what == "choisir":
        confirmed = {LICENCE: part.typed.get(LICENCE, "")}  # of the driver of this vehicle, not of another's
        return Part.of(part.slug, confirmed | count | dict(parse_qsl(value[:300])))
    other = read_part(value)
    if "unite" in count:
        count = {}
    return Part.of(other.slug, count | dict(other.typed)) if other else part


def _search_url(desk: BundleDesk) -> str:
    """Lead to the search, at the time of the element that others are looked for beside."""
    beside = desk.beside
    typed = beside.part.typed if beside else {}
    asked: dict[str, Any] = {name: typed[name] for name in ("date", "de", "a", "fin") if typed.get(name)}
    return url_for("availability.find", **asked)


def _send(desk: BundleDesk) -> Response:
    for element in desk.elements:
        require(current_actor(), P.ASK, element.resource)
    if not desk.is_right():
        return desk.show(status=422)
    try:
        url = _ask(desk)
    except SlotRefused as error:
        return desk.show(status=409, refused={0: error.refusals})
    except LegsRefused as error:
        _name_rivals(desk, error.refusals)
        return desk.show(status=409, refused=error.refusals)
    except DomainError as error:
        return _refused(desk, error)
    forget()
    return onward(_("Your request is sent."), url)


def _ask(desk: BundleDesk) -> str:
    """Ask for all elements, one alone as any request; give the address of what came of it."""
    config, actor, form = current_app.config["MUTUALIM"], current_actor(), desk.form
    legs = tuple(element.leg(element.slot) for element in desk.elements if element.slot)
    why: dict[str, Any] = {
        "purpose": form.purpose.data or "",
        "people": form.people.data,
        "message": form.message.data or "",
    }
    if len(legs) == 1:
        why |= {"key": form.key, "licence_years": legs[0].licence_years, "pack": legs[0].pack}
        alone = service.Request(
            legs[0].resource_id, form.organisation.data, legs[0].span, legs[0].quantity, **why
        )
        return page_of(service.ask(alone, actor, uid_host=config.uid_host))
    order: dict[str, Any] = {
        "in_order": bool(form.se_suivent.data),
        "handover_at": form.read_handover(desk.elements[-1].terms.zone),
    }
    wanted = service.BundleRequest(form.organisation.data, legs, key=form.key, **why, **order)
    return page_of_bundle(service.ask_bundle(wanted, actor, uid_host=config.uid_host))


def _name_rivals(desk: BundleDesk, refused: Iterable[int]) -> None:
    """Say of a refused element that another of the same request stands in its way."""
    for number in refused:
        wanted = desk.elements[number]
        for other, rival in enumerate(desk.elements[:number]):
            if rival.is_rival_of(wanted):
                said = _(
                    "Elements %(first)s and %(second)s ask for “%(name)s” at the same time. "
                    "Give one of them another time, or take it out.",
                    first=other + 1,
                    second=number + 1,
                    name=wanted.shown.name,
                )
                desk.form.refuse("", said)


def _refused(desk: BundleDesk, error: DomainError) -> Response:
    """Show the form again with why it was refused; what is no business of a form is raised on."""
    if isinstance(error, NotFound) or (isinstance(error, Forbidden) and not error.facts.get("signed_in")):
        raise error
    field = str(error.facts.get("field") or "")
    if error.code == "key_reused":
        desk.form.once.data, field = new_secret(), ""
    desk.form.refuse("organisation" if isinstance(error, Forbidden) else field, explain(error))
    return desk.show(status=422 if isinstance(error, Forbidden) else status_of(error))
