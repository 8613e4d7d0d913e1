"""Each reason against a slot as a sentence: why, and what instead. Units are named, numbers agree."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext as _n

from app.availability.errors import Refusal
from app.availability.queries import instant
from app.availability.rules import DAY_MINUTES, Terms
from app.availability.words.times import day_words, minute_words, moment, stretch, weekday
from app.catalogue.kinds.units import Unit
from app.catalogue.kinds.words import amount
from app.core.span import to_wall
from app.web.format import clock_time, duration


@dataclass(frozen=True)
class Said:
    """A refusal in words: the sentence, what may be added to it, and the icon beside it."""

    sentence: str
    detail: str = ""
    icon: str = "cross"


@dataclass(frozen=True)
class Scene:
    """What sentences about one resource need to know besides the refusal's own facts."""

    terms: Terms
    unit: str = "whole"
    kind: str = ""
    reason: str = ""  # why it is closed
    holder: str = ""  # who has taken it, where that may be said
    asked: int = 1

    def part(self, facts: Mapping[str, Any]) -> str:
        """Name the part that is at fault; empty where the resource itself is."""
        part_id = facts.get("part")
        return next((part.name for part in self.terms.parts if part.resource_id == part_id), "")

    def count(self, number: int) -> str:
        """Count units: "3 palettes"."""
        return amount(self.unit, number)


Words = Callable[[Mapping[str, Any], Scene], Said]
_WORDS: dict[str, Words] = {}


def _says(code: str) -> Callable[[Words], Words]:
    def register(words: Words) -> Words:
        _WORDS[code] = words
        return words

    return register


def refusal_words(refusal: Refusal, scene: Scene) -> Said:
    """Say a refusal about a resource."""
    return _WORDS[refusal.code](refusal.facts, scene)


def refusal_sentence(refusal: Refusal, terms: Terms, *, unit: str = "whole", asked: int = 1) -> str:
    """Say a refusal in one sentence, for lists and for the API."""
    return refusal_words(refusal, Scene(terms, unit=unit, asked=asked)).sentence


def refusal_codes() -> frozenset[str]:
    """List the codes that have words (a test compares them with those that rules can give)."""
    return frozenset(_WORDS)


# -- the resource and the quantity --------------------------------------------------------------------------


@_says("not_usable")
def _not_usable(facts: Mapping[str, Any], scene: Scene) -> Said:
    if part := scene.part(facts):
        return Said(
            _("“%(part)s”, which comes with it, is out of order for now. Choose a similar place.", part=part),
            icon="warning",
        )
    if facts["status"] == "archived":
        return Said(_("No longer shared. Choose a similar place."), icon="archive")
    return Said(
        _("Out of order for now: it cannot be booked. Choose a similar place, or ask when it is back."),
        icon="warning",
    )


@_says("quantity_too_small")
def _quantity_too_small(_facts: Mapping[str, Any], scene: Scene) -> Said:
    return Said(_("Ask for at least %(least)s.", least=scene.count(1)))


@_says("over_capacity")
def _over_capacity(facts: Mapping[str, Any], scene: Scene) -> Said:
    if scene.unit == Unit.WHOLE:
        return Said(_("This place is lent as a whole: ask for 1."), icon="users")
    return Said(
        _(
            "You ask for %(asked)s, there are %(total)s in all.",
            asked=facts["asked"],
            total=scene.count(facts["total"]),
        ),
        icon="users",
    )


# -- times that do not fit the terms ------------------------------------------------------------------------


@_says("off_step")
def _off_step(facts: Mapping[str, Any], scene: Scene) -> Said:
    if scene.terms.by_day:
        return Said(_("This place is lent by whole days. Choose a first and a last day."), icon="calendar")
    wall: datetime = facts["wall"]
    earlier = (wall.hour * 60 + wall.minute) // facts["step"] * facts["step"]
    return Said(
        _(
            "Times here go by steps of %(step)s: choose %(earlier)s or %(later)s.",
            step=duration(facts["step"]),
            earlier=minute_words(earlier),
            later=minute_words(earlier + facts["step"]),
        ),
        icon="clock",
    )


@_says("too_short")
def _too_short(facts: Mapping[str, Any], _scene: Scene) -> Said:
    return Said(
        _("Too short: at least %(least)s here.", least=duration(facts["min"])),
        _("You ask for %(asked)s.", asked=duration(facts["minutes"])),
        "clock",
    )


@_says("too_long")
def _too_long(facts: Mapping[str, Any], _scene: Scene) -> Said:
    return Said(
        _("Too long: at most %(most)s at a time here.", most=duration(facts["max"])),
        _("You ask for %(asked)s.", asked=duration(facts["minutes"])),
        "clock",
    )


@_says("in_the_past")
def _in_the_past(_facts: Mapping[str, Any], scene: Scene) -> Said:
    if scene.terms.by_day:
        return Said(_("This day is over. Choose a day to come."), icon="clock")
    return Said(_("This time is over. Choose a time to come."), icon="clock")


@_says("notice_too_short")
def _notice_too_short(facts: Mapping[str, Any], scene: Scene) -> Said:
    return Said(
        _(
            "Too soon: this place needs %(notice)s of notice. The earliest start is %(earliest)s.",
            notice=duration(facts["notice"]),
            earliest=moment(facts["earliest"], scene.terms),
        ),
        icon="hourglass",
    )


@_says("beyond_horizon")
def _beyond_horizon(facts: Mapping[str, Any], scene: Scene) -> Said:
    opens = to_wall(facts["opens"], scene.terms.zone).date()
    return Said(
        _n(
            "Too far ahead: requests open %(num)s day before. Come back on %(opens)s.",
            "Too far ahead: requests open %(num)s days before. Come back on %(opens)s.",
            facts["days"],
            opens=day_words(opens),
        ),
        icon="calendar",
    )


# -- hours and closures -------------------------------------------------------------------------------------


@_says("outside_hours")
def _outside_hours(facts: Mapping[str, Any], scene: Scene) -> Said:
    day: date = facts["day"]
    following: datetime | None = facts["next_open"]
    detail = _("Next opening: %(moment)s.", moment=moment(following, scene.terms)) if following else ""
    if facts["ranges"]:
        sentence = _(
            "Closed at that time: open %(hours)s on %(weekday)s.",
            hours=ranges_words(facts["ranges"]),
            weekday=weekday(day),
        )
    elif facts["holiday"]:
        sentence = _(
            "Closed on %(day)s: public holiday (%(holiday)s).", day=day_words(day), holiday=facts["holiday"]
        )
    elif facts["term"]:
        sentence = _("Closed on %(day)s: open in school holidays only.", day=day_words(day))
    else:
        sentence = _("Closed on %(day)s.", day=day_words(day))
    return Said(sentence, detail, "moon")


def ranges_words(ranges: list[list[int]]) -> str:
    """Write the hours of a day inside a sentence: "de 07:00 à 12:00 et de 14:00 à 18:00"."""
    if [list(r) for r in ranges] == [[0, DAY_MINUTES]]:
        return _("all day long")
    pieces = [_("from %(start)s to %(end)s", start=minute_words(s), end=minute_words(e)) for s, e in ranges]
    if len(pieces) == 1:
        return pieces[0]
    return _("%(first)s and %(last)s", first=", ".join(pieces[:-1]), last=pieces[-1])


@_says("closed")
def _closed(facts: Mapping[str, Any], scene: Scene) -> Said:
    until = instant(facts["until"])
    last = to_wall(until, scene.terms.zone) - timedelta(seconds=1)
    whole_days = (last.hour, last.minute) == (23, 59)
    wall, part = to_wall(until, scene.terms.zone), scene.part(facts)
    if part and whole_days:
        sentence = _("“%(part)s” is closed until %(day)s included.", part=part, day=day_words(last.date()))
    elif part:
        day, time = day_words(wall.date()), clock_time(wall)
        sentence = _("“%(part)s” is closed until %(day)s, %(time)s.", part=part, day=day, time=time)
    elif whole_days:
        sentence = _("Closed until %(day)s included.", day=day_words(last.date()))
    else:
        sentence = _("Closed until %(day)s, %(time)s.", day=day_words(wall.date()), time=clock_time(wall))
    return Said(sentence, _("Reason: %(reason)s", reason=scene.reason) if scene.reason else "", "lock")


# -- what others have taken ---------------------------------------------------------------------------------


@_says("taken")
def _taken(facts: Mapping[str, Any], scene: Scene) -> Said:
    when = stretch(instant(facts["from"]), instant(facts["to"]), scene.terms)
    if part := scene.part(facts):
        return Said(_("“%(part)s” is already taken %(when)s.", part=part, when=when), icon="lock")
    if scene.holder:
        return Said(_("Already taken %(when)s by %(holder)s.", when=when, holder=scene.holder), icon="lock")
    return Said(_("Already taken %(when)s.", when=when), icon="lock")


@_says("capacity")
def _capacity(facts: Mapping[str, Any], scene: Scene) -> Said:
    when = stretch(instant(facts["from"]), instant(facts["to"]), scene.terms)
    part = scene.part(facts)
    if part and facts["free"] < 1:
        return Said(_("Nothing free %(when)s: “%(part)s” is taken.", when=when, part=part), icon="lock")
    if facts["free"] < 1:
        return Said(
            _("Nothing free %(when)s (%(total)s in all).", when=when, total=scene.count(facts["total"])),
            _of_all(facts, scene) if facts.get("kept") else "",
            icon="lock",
        )
    units = scene.count(facts["free"])
    if part:
        sentence = _n(
            "%(units)s free %(when)s: there is not enough of “%(part)s” for more.",
            "%(units)s free %(when)s: there is not enough of “%(part)s” for more.",
            facts["free"],
            units=units,
            when=when,
            part=part,
        )
        return Said(sentence, _("You ask for %(asked)s.", asked=scene.count(scene.asked)), "users")
    return Said(
        _n("%(units)s free %(when)s.", "%(units)s free %(when)s.", facts["free"], units=units, when=when),
        _of_all(facts, scene),
        "users",
    )


def _of_all(facts: Mapping[str, Any], scene: Scene) -> str:
    """Say how many there are in all, and how many of these the quotas of others keep."""
    given = {"asked": scene.asked, "total": facts["total"]}
    if kept := facts.get("kept"):
        return _n(
            "You ask for %(asked)s; there are %(total)s in all, of which %(num)s is kept by quotas of others.",
            "You ask for %(asked)s; there are %(total)s in all, of which %(num)s are kept by quotas of others.",
            kept,
            **given,
        )
    return _("You ask for %(asked)s; there are %(total)s in all.", **given)


@_says("buffer")
def _buffer(facts: Mapping[str, Any], scene: Scene) -> Said:
    terms = scene.terms
    if "until" in facts:
        until = to_wall(instant(facts["until"]), terms.zone)
        given = {"until": clock_time(until), "start": clock_time(_on_step(until, terms.step, up=True))}
        if part := scene.part(facts):
            sentence = _(
                "“%(part)s” is being made ready until %(until)s: choose %(start)s or later.",
                part=part,
                **given,
            )
            return Said(sentence, icon="broom")
        if scene.kind in ("", "kitchen"):
            return Said(_("Being cleaned until %(until)s: choose %(start)s or later.", **given), icon="broom")
        return Said(_("Being made ready until %(until)s: choose %(start)s or later.", **given), icon="broom")
    end = _on_step(to_wall(instant(facts["must_end_by"]), terms.zone), terms.step, up=False)
    if part := scene.part(facts):
        sentence = _(
            "“%(part)s” must be made ready for somebody else: finish by %(end)s.",
            part=part,
            end=clock_time(end),
        )
        return Said(sentence, icon="broom")
    return Said(
        _(
            "Somebody comes right after, and the place must be made ready: finish by %(end)s.",
            end=clock_time(end),
        ),
        icon="broom",
    )


@_says("quota")
def _quota(facts: Mapping[str, Any], scene: Scene) -> Said:
    when = stretch(instant(facts["from"]), instant(facts["to"]), scene.terms)
    kept = scene.count(facts["kept"])
    if facts["free"] < 1:
        sentence = _n(
            "Nothing is left for you %(when)s: %(kept)s belongs to quotas of other organisations.",
            "Nothing is left for you %(when)s: %(kept)s belong to quotas of other organisations.",
            facts["kept"],
            when=when,
            kept=kept,
        )
    else:
        sentence = _n(
            "%(free)s left for you %(when)s: %(kept)s belongs to quotas of other organisations.",
            "%(free)s left for you %(when)s: %(kept)s belong to quotas of other organisations.",
            facts["kept"],
            free=scene.count(facts["free"]),
            when=when,
            kept=kept,
        )
    return Said(sentence, _when_lent(facts, scene), "users")


def _when_lent(facts: Mapping[str, Any], scene: Scene) -> str:
    """Say from when on the quotas of others can be borrowed, or that they are not lent for this time."""
    if facts.get("lent_to") and scene.terms.by_day:
        last = to_wall(facts["lent_to"], scene.terms.zone).date() - timedelta(days=1)
        return _(
            "For now, what they do not use is lent only until %(day)s included: choose days up to then.",
            day=day_words(last),
        )
    if facts.get("lent_to"):
        return _(
            "For now, what they do not use is lent only until %(moment)s: choose a time that ends by then.",
            moment=moment(facts["lent_to"], scene.terms),
        )
    if facts["opens"]:
        opens = moment(facts["opens"], scene.terms)
        return _("What they do not use can be borrowed from %(moment)s on.", moment=opens)
    if facts["never"] and facts["free"] < 1:
        return _("Quotas are not lent for this time: choose another time, or write to the place.")
    if facts["never"]:
        return _("Quotas are not lent for this time: ask for less, or write to the place.")
    if facts["free"] < 1:
        return _("Quotas are not lent for this time: choose another time, or wait until others free some.")
    return _("Quotas are not lent for this time: ask for less, or wait until others free some.")


@_says("lent")
def _lent(facts: Mapping[str, Any], scene: Scene) -> Said:
    when = stretch(instant(facts["from"]), instant(facts["to"]), scene.terms)
    if part := scene.part(facts):
        sentence = _("Your quota of “%(part)s” is lent to others %(when)s.", part=part, when=when)
    else:
        share = scene.count(facts["share"])
        sentence = _("Some of your quota (%(share)s) is lent to others %(when)s.", share=share, when=when)
    if facts["may_recall"]:
        return Said(sentence, _("You can call it back with a request for this slot alone."), "repeat")
    soonest = moment(facts["recall_from"], scene.terms)
    return Said(
        sentence,
        _("It is called back with notice: you can have it for times from %(moment)s on.", moment=soonest),
        "repeat",
    )


def _on_step(wall: datetime, step: int, *, up: bool) -> datetime:
    """Move a wall time to the next (or last) one that may begin or end a booking."""
    minutes, step = wall.hour * 60 + wall.minute, min(step, DAY_MINUTES)
    rounded = -(-minutes // step) * step if up else minutes // step * step
    return wall.replace(hour=0, minute=0, second=0) + timedelta(minutes=rounded)
