"""What whoever checks reads by a link, without an account: one organisation, one period, nothing to change."""

from werkzeug.wrappers import Response

from app.supply.lots import pack_words, queries
from app.supply.lots.queries import Pack, Period
from app.supply.lots.views import blueprint
from app.supply.lots.views.pack import counted, hand_over
from app.supply.lots.words import moment_words
from app.web.guards import public
from app.web.page import page


@blueprint.get("/controle/<token>")
@public
def inspection(token: str) -> Response:
    """Show what there is, and both files."""
    link = queries.read_by(token)
    shown = _pack(token)
    return _sealed(
        page(
            "supply/lots/inspection.html",
            page_mode="bare",
            organisation=link.organisation,
            period=pack_words.period_words(shown.period),
            drawn=pack_words.drawn_words(shown),
            rows=counted(shown),
            cut=pack_words.cut_words(shown),
            until=moment_words(link.organisation.territory, link.expires_at),
            token=token,
        )
    )


@blueprint.get("/controle/<token>/dossier.pdf")
@public
def inspection_pdf(token: str) -> Response:
    """Hand the pack over as a PDF."""
    return _sealed(hand_over(_pack(token), "pdf"))


@blueprint.get("/controle/<token>/dossier.csv")
@public
def inspection_csv(token: str) -> Response:
    """Hand the pack over as a table."""
    return _sealed(hand_over(_pack(token), "csv"))


def _pack(token: str) -> Pack:
    link = queries.read_by(token)
    return queries.pack_of(Period(link.organisation, link.first_day, link.last_day))


def _sealed(response: Response) -> Response:
    """Keep the address of the page from search engines, caches and other sites."""
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    response.headers["Cache-Control"] = "no-store"
    return response
