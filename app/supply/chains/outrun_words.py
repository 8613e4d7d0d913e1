"""What of a chain does not fit any more what it is for, in words."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

from flask_babel import gettext as _

from app.core.span import Span
from app.supply.cargo_words import REGIMES
from app.supply.chains.outrun import Misfit, Outrun
from app.web.format import clock_time, day, span_words


def misfit_words(outrun: Outrun) -> list[str]:
    """Say in what a chain does not fit any more what it is for, a sentence for each reason."""
    return [_SENTENCES[each](outrun) for each in outrun.misfits]


def _time(outrun: Outrun) -> str:
    draft, zone = outrun.draft, _zone(outrun)
    loading = span_words(Span(draft.from_at, draft.until_at), zone)
    if outrun.fetched is None:
        return _("It can be loaded now: %(loading)s. Nothing fetches it then.", loading=loading)
    fetched = span_words(outrun.fetched, zone)
    return _(
        "It is fetched: %(fetched)s. It can be loaded now: %(loading)s.", fetched=fetched, loading=loading
    )


def _from(outrun: Outrun) -> str:
    return _("It is fetched somewhere else than where it is now: %(place)s.", place=outrun.draft.place)


def _kept(outrun: Outrun) -> str:
    told = {"was": REGIMES[outrun.chain.regime], "now": REGIMES[outrun.draft.regime]}
    return _("It is kept as was asked for (%(was)s); it has to be kept otherwise now (%(now)s).", **told)


def _to(outrun: Outrun) -> str:
    site = outrun.draft.to_site
    return _(
        "It is brought somewhere else than where it goes now: %(place)s.", place=site.name if site else ""
    )


def _nowhere(_outrun: Outrun) -> str:
    return _("The place to which it is brought is not kept for it any more.")


def _late(outrun: Outrun) -> str:
    return _("It is brought too late: %(brought)s. It has to be there by: %(by)s.", **_brought(outrun))


def _early(outrun: Outrun) -> str:
    return _(
        "It is brought long before anybody expects it: %(brought)s. It is expected: %(by)s.",
        **_brought(outrun),
    )


def _brought(outrun: Outrun) -> dict[str, str]:
    zone, moments = _zone(outrun), (outrun.chain.bundle.handover_at, outrun.draft.by_at)
    brought, by = (_instant(each, zone) if each else "–" for each in moments)
    return {"brought": brought, "by": by}


def _instant(at: datetime, zone: str) -> str:
    return _("%(day)s at %(time)s", day=day(at, tz=zone), time=clock_time(at, tz=zone))


def _zone(outrun: Outrun) -> str:
    return outrun.draft.organisation.territory.timezone


_SENTENCES: Final[Mapping[Misfit, Callable[[Outrun], str]]] = {
    Misfit.TIME: _time,
    Misfit.FROM: _from,
    Misfit.KEPT: _kept,
    Misfit.TO: _to,
    Misfit.NOWHERE: _nowhere,
    Misfit.LATE: _late,
    Misfit.EARLY: _early,
}
