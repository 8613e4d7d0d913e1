"""Repeating a request: every date is shown with what stands against it before anything is sent."""

from collections.abc import Sequence
from typing import Any

from flask import current_app, request, session
from flask_babel import gettext as _
from flask_babel import ngettext as _n
from werkzeug.wrappers import Response

from app.availability.asking import Slot
from app.availability.errors import SeveralRefused
from app.availability.words import refusal_sentence
from app.bookings import service
from app.bookings.errors import NothingToRepeat
from app.bookings.forms import AskForm
from app.bookings.occurrences import Occurrence, checked, goes_on, plan, with_alternatives
from app.bookings.policy import BookingPermission as P
from app.bookings.views import blueprint
from app.bookings.views.choices import LEAVE_OUT, name_of, read_choices, span_value
from app.bookings.views.common import onward, page_of_series
from app.bookings.views.desk import DRAFT, Desk, keep_and_sign_in, read_all, refused_form
from app.bookings.words import rule_words, when_words
from app.core.errors import DomainError
from app.core.policy import require
from app.core.recurrence import Hours, Rule, hours_of
from app.web.format import day as day_words
from app.web.guards import public
from app.web.identity import current_actor
from app.web.page import page
from app.web.words import explain


@blueprint.post("/ressources/<slug>/repeter")
@public
def repeat(slug: str) -> Response:
    """Send the series with what was chosen for each date, or look at it again."""
    desk = Desk(slug)
    form = desk.form()
    if not current_actor().is_signed_in:
        return keep_and_sign_in(slug, form)
    require(current_actor(), P.ASK, desk.resource)
    slot = read_all(desk, form)
    if slot is None or not form.repete.data or request.form.get("envoyer") == "retour":
        return desk.show(form, status=200 if slot else 422)
    return preview(desk, form, slot)


def preview(desk: Desk, form: AskForm, slot: Slot) -> Response:
    """Show every date of the series, or send it where a button said so."""
    day, hours = hours_of(slot.span, desk.terms.timezone)
    rule = form.read_rule(day, desk.terms)
    if rule is None:
        return desk.show(form, status=422)
    return Table(desk, form, slot, rule, hours).answer(request.form.get("envoyer", ""))


class Table:
    """The dates of a series as the page of choices has them."""

    def __init__(self, desk: Desk, form: AskForm, slot: Slot, rule: Rule, hours: Hours) -> None:
        self.desk, self.form, self.slot, self.rule, self.hours = desk, form, slot, rule, hours
        self.chosen = read_choices(request.form.items())

    def answer(self, act: str) -> Response:
        """Send all that is chosen ("tout"), what is free of it ("libres"), or only show."""
        if act not in ("tout", "libres"):
            return self.show()
        try:
            series = service.ask_series(
                self._request(keep_free=act == "libres"), current_actor(), uid_host=_host()
            )
        except SeveralRefused as error:
            return self.show((_not_sent(error),), 409)
        except NothingToRepeat as error:
            return self.show((explain(error),), 409)
        except DomainError as error:
            return refused_form(self.desk, self.form, error)
        session.pop(DRAFT, None)
        return onward(_("Your series is sent. Here are its dates."), page_of_series(series))

    def _request(self, *, keep_free: bool) -> service.SeriesRequest:
        form = self.form
        return service.SeriesRequest(
            self.desk.resource.id,
            form.organisation.data,
            self.rule,
            self.hours,
            self.slot.qty,
            form.purpose.data or "",
            form.people.data,
            form.message.data or "",
            form.key,
            self.chosen,
            keep_free,
        )

    def show(self, sentences: tuple[str, ...] = (), status: int = 200) -> Response:
        """Render the dates, each with what stands against it and what can be done."""
        desk, terms, qty = self.desk, self.desk.terms, self.slot.qty
        kept = {day: span for day, span in self.chosen.items() if span is not None}
        planned = plan(self.rule, self.hours, desk.terms, kept)
        left_out = {day for day, span in self.chosen.items() if span is None}
        wanted = [each for each in planned if each.day not in left_out]
        found = with_alternatives(checked(wanted, terms, qty), terms, qty)
        # Where another time was chosen, the first one and the other others are still offered.
        first = [each for each in plan(self.rule, self.hours, desk.terms) if each.day in kept]
        others = with_alternatives(checked(first, terms, qty), terms, qty, beside=found)
        by_day, instead_of = {each.day: each for each in found}, {each.day: each for each in others}
        free = sum(1 for each in found if each.is_free)
        return page(
            "bookings/repeat.html",
            status=status,
            form=self.form,
            hidden=_hidden(self.form),
            sentences=sentences,
            resource=desk.resource,
            rule=rule_words(self.rule, self.hours),
            notes=self._notes(planned),
            lines=[
                self._line(
                    by_day.get(each.day, each), instead_of.get(each.day), left_out=each.day in left_out
                )
                for each in planned
            ],
            free=free,
            lost=len(found) - free,
            summary=_n("%(num)s date is free", "%(num)s dates are free", free),
            at_once=desk.is_at_once(self.form),
            goes_on=goes_on(self.rule, desk.terms),
        )

    def _notes(self, planned: Sequence[Occurrence]) -> list[str]:
        """Say what one might not expect of these dates."""
        if not planned or planned[0].day == self.rule.first:
            return []
        days = {"chosen": day_words(self.rule.first), "first": day_words(planned[0].day)}
        return [_("The day you chose (%(chosen)s) is not one of the dates: they begin on %(first)s.", **days)]

    def _line(self, each: Occurrence, first: Occurrence | None, *, left_out: bool) -> dict[str, Any]:
        zone, resource = self.desk.terms.timezone, self.desk.resource
        span = self.chosen.get(each.day)
        plain = first or each  # the date as the rule has it
        options = {"": _("Take this date")} if plain.is_free or left_out else {"": _("To choose…")}
        if span is not None:
            options = {span_value(span): when_words(span, zone)}
            if plain.is_free and plain.span:
                options[""] = when_words(plain.span, zone)
        for other in (*each.instead, *(first.instead if first else ())):
            options.setdefault(span_value(other), when_words(other, zone))
        why = [
            refusal_sentence(r, self.desk.terms, unit=resource.unit, asked=self.slot.qty)
            for r in each.refusals
        ]
        return {
            "name": name_of(each.day),
            "when": when_words(each.span, zone) if each.span else each.day.isoformat(),
            "free": each.is_free,
            "left_out": left_out,
            "why": why,
            "options": [*options.items(), (LEAVE_OUT, _("Leave it out"))],
            "value": LEAVE_OUT if left_out else span_value(span) if span else "",
        }


def _not_sent(error: SeveralRefused) -> str:
    return _n(
        "%(num)s date of the series cannot be had, so nothing is sent. Choose another time for it, or leave it out.",
        "%(num)s dates of the series cannot be had, so nothing is sent. "
        "Choose another time for them, or leave them out.",
        len(error.refusals),
    )


def _hidden(form: AskForm) -> Sequence[tuple[str, str]]:
    """Carry what was typed to the next step, as it was typed."""
    own = {field.name for field in form} - {"csrf_token", "once"}
    return [(name, value) for name, values in request.form.lists() if name in own for value in values]


def _host() -> str:
    return str(current_app.config["MUTUALIM"].uid_host)
