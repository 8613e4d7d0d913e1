"""Repeating a request: every date is shown with what stands against it before anything is sent."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

from flask import current_app, request, session
from flask_babel import gettext as _
from flask_babel import ngettext as _n
from werkzeug.wrappers import Response

from app.availability.asking import Slot
from app.availability.errors import Refusal, SeveralRefused
from app.availability.policy import TimePermission
from app.bookings import queries, service
from app.bookings.errors import LicenceNotConfirmed, NothingToRepeat
from app.bookings.forms import AskForm
from app.bookings.licence import FIELD as LICENCE
from app.bookings.licence import most_years, tick_for
from app.bookings.occurrences import Choice as DateChoice
from app.bookings.occurrences import Choices, Elsewhere, Fewer, goes_on, holidays_of, plan
from app.bookings.policy import BookingPermission as P
from app.bookings.previews import Date, look
from app.bookings.views import blueprint
from app.bookings.views.choices import (
    OPENED,
    At,
    choice_value,
    name_of,
    name_of_seen,
    read_choices,
    read_opened,
)
from app.bookings.views.common import onward, page_of_series
from app.bookings.views.dates import Lines
from app.bookings.views.desk import DRAFT, Desk, keep_and_sign_in, read_all, refused_form
from app.bookings.views.estimated import deposits_asked, series_costs
from app.bookings.views.freely import Freely, read_freely, settle
from app.bookings.words import quantity_words, rule_words, sent_words
from app.catalogue.queries import find_resources
from app.core.errors import DomainError
from app.core.policy import can, require
from app.core.recurrence import Hours, Rule, hours_of
from app.web.errors import status_of
from app.web.format import day as day_words
from app.web.guards import public
from app.web.identity import current_actor
from app.web.page import page
from app.web.words import explain, sentence


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
    """Show every date of the series, or send it where a button said so; nothing is called back for a series."""
    if form.recall.data:
        form.refuse(
            "repete",
            _("A quota is called back for one slot alone. Choose “Only once”, or do not call yours back."),
        )
        return desk.show(form, status=422)
    try:
        service.refuse_licence(desk.resource, form.licence_years.data)
    except LicenceNotConfirmed as error:
        return refused_form(desk, form, error)
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
        self.opened = read_opened(request.form.getlist(OPENED))
        self.wrong: dict[date, tuple[Freely, str]] = {}  # what was typed for a day and cannot be, and why
        self.typed: dict[date, Freely] = {}  # what was typed for a day and chosen by that
        self._settle(read_freely(request.form.items()))

    def _settle(self, typed: Mapping[date, Freely]) -> None:
        """Take what was typed for single days as their choice; it goes before what was ticked when it was typed."""
        days = {each.day for each in plan(self.rule, self.hours, self.desk.terms)}
        for day in days & typed.keys():
            found = settle(day, typed[day], self.hours, self.desk.terms)
            if isinstance(found, Refusal):
                self.wrong[day] = typed[day], sentence(found.code, found.facts)
            elif not _is_given_up(day, choice_value(found)):
                self.chosen[day], self.typed[day] = found, typed[day]

    def answer(self, act: str) -> Response:
        """Send all that is chosen ("tout"), what is free of it ("libres"), or only show."""
        if act not in ("tout", "libres"):
            return self.show()
        if self.wrong:
            return self.show(
                (_("What you typed for a date cannot be read: see below. Nothing is sent."),), 422
            )
        try:
            series = service.ask_series(
                self._request(keep_free=act == "libres"), current_actor(), uid_host=_host()
            )
        except SeveralRefused as error:
            return self.show((_not_sent(error),), 409)
        except NothingToRepeat as error:
            return self.show((explain(error),), 409)
        except LicenceNotConfirmed as error:  # for a date elsewhere: of this place it is confirmed already
            return self.show((explain(error),), status_of(error))
        except DomainError as error:
            return refused_form(self.desk, self.form, error)
        session.pop(DRAFT, None)
        return onward(sent_words(series, queries.elsewhere_dates(series.id)), page_of_series(series))

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
            self._choices(),
            keep_free,
            form.licence_years.data,
            self.slot.pack,
        )

    def show(self, sentences: tuple[str, ...] = (), status: int = 200) -> Response:
        """Render the dates, each with what stands against it and what can be done."""
        desk = self.desk
        dates = look(
            self.rule, self.hours, desk.shown, desk.terms, self.slot.qty, self._choices(), current_actor(),
            {*self.opened, *self.wrong, *self.typed},
        )  # fmt: skip
        lost = {each.each.day: self.typed[each.each.day] for each in dates if self._is_lost(each)}
        lines = Lines(desk, self.slot.qty, self.chosen, self.opened, dates, self.wrong, lost)
        kept = [each for each in dates if not each.is_left_out]
        free = sum(1 for each in kept if each.each.is_free)
        each_cost, cost = series_costs(dates, desk.resource.id, self.slot.qty, lines.terms, desk.organisation)
        return page(
            "bookings/repeat.html",
            status=status,
            form=self.form,
            hidden=_hidden(self.form),
            licence=self._tick(most_years(lines.places.values())),
            sentences=sentences,
            resource=desk.resource,
            rule=rule_words(self.rule, self.hours),
            quantity=quantity_words(desk.resource, self.slot.qty),
            notes=self._notes(dates),
            holidays=self._holidays(dates),
            opened=[day.isoformat() for day in self.opened],
            asked="" if sentences else self._asked({*self.wrong, *lost}),
            lines=[lines.line(each) for each in dates],
            to_choose=lines.to_choose(),
            by_day=desk.terms.by_day,
            free=free,
            costs=each_cost,
            cost=cost + deposits_asked([desk.resource], desk.organisation)[desk.resource.id],
            lost=len(kept) - free,
            summary=_n("%(num)s date is free", "%(num)s dates are free", free)
            if free
            else _("No date is free"),
            at_once=desk.is_at_once(self.form),
            goes_on=goes_on(self.rule, desk.terms),
        )

    def _is_lost(self, found: Date) -> bool:
        """Tell whether what was typed for a date can be read, but not be had."""
        return found.each.day in self.typed and not found.each.is_free

    def _asked(self, wrong: Collection[date]) -> str:
        """Give the day whose button was just pressed: it comes after those that the page carries.

        Else the first for which something wrong was typed, if any.
        """
        is_act = "envoyer" in request.form or not self.opened
        day = min(wrong, default=None) if is_act else self.opened[-1]
        return day.isoformat() if day else ""

    def _tick(self, years: int) -> dict[str, Any] | None:
        """Give the tick for the drivers of vehicles elsewhere; None where this place asks as much."""
        own = self.form.licence_years
        return tick_for(years, own.data) if years > own.years else None

    def _choices(self) -> Choices:
        """Give what was chosen by day, with the places that were chosen and may be seen; others count for nothing."""
        slugs = {choice.slug for choice in self.chosen.values() if isinstance(choice, At)}
        actor = current_actor()
        seen = {r.slug: r for r in find_resources(slugs) if can(actor, TimePermission.SEE_RESOURCE, r)}
        found: dict[date, DateChoice] = {}
        for day, choice in self.chosen.items():
            if isinstance(choice, At):
                if choice.slug in seen:
                    found[day] = Elsewhere.at(seen[choice.slug], choice.span)
            elif not isinstance(choice, Fewer) or choice.quantity < self.slot.qty:
                found[day] = choice
        return found

    def _notes(self, dates: Sequence[Date]) -> list[str]:
        """Say what one might not expect of these dates."""
        notes = []
        if dates and dates[0].each.day != self.rule.first:
            days = {"chosen": day_words(self.rule.first), "first": day_words(dates[0].each.day)}
            notes.append(
                _("The day you chose (%(chosen)s) is not one of the dates: they begin on %(first)s.", **days)
            )
        if any(each.each.resource_id for each in dates):
            notes.append(
                _(
                    "Dates at another place are asked for there: that place answers for them, under its own rules. "
                    "All dates are still sent together or not at all."
                )
            )
        return notes

    def _holidays(self, dates: Sequence[Date]) -> list[str]:
        """List the days between the first date and the last that school holidays leave out."""
        if not dates:
            return []
        last = max(each.each.day for each in dates)
        return [day_words(day) for day in self.rule.holidays(last, holidays_of(self.desk.terms))]


def _is_given_up(day: date, typed: str) -> bool:
    """Tell whether what is typed for a day was looked at before, and something else was ticked instead since then."""
    seen, ticked = request.form.get(name_of_seen(day)), request.form.get(name_of(day), typed)
    return seen == typed != ticked


def _not_sent(error: SeveralRefused) -> str:
    return _n(
        "%(num)s date of the series cannot be had, so nothing is sent. "
        "Choose another time or place for it, or leave it out.",
        "%(num)s dates of the series cannot be had, so nothing is sent. "
        "Choose another time or place for them, or leave them out.",
        len(error.refusals),
    )


def _hidden(form: AskForm) -> Sequence[tuple[str, str]]:
    """Carry what was typed to the next step, as it was typed; of a driver, what the place of the series asks."""
    own = {field.name for field in form} - {"csrf_token", "once", LICENCE}
    typed = [(name, value) for name, values in request.form.lists() if name in own for value in values]
    return [*typed, (LICENCE, str(form.licence_years.years))]


def _host() -> str:
    return str(current_app.config["MUTUALIM"].uid_host)
