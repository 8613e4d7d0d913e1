"""Suggestions while somebody types the name or the postcode of a commune."""

from statistics import fmean

from flask import Response, jsonify, make_response, render_template, request

from app.accounts.queries import territories
from app.catalogue.communes import find_commune, search_communes
from app.catalogue.policy import CataloguePermission
from app.catalogue.views import blueprint
from app.web.guards import allowed

_AT_MOST = 8


@blueprint.get("/communes")
@allowed(CataloguePermission.FIND_COMMUNE)
def communes() -> Response:
    """Suggest communes for `q`: JSON for the combobox (label, value, code, point), options for a datalist."""
    found = search_communes(request.args.get("q", "")[:100], _AT_MOST, _near())
    if request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json":
        response = jsonify(
            [
                {"label": c.label, "value": c.label, "code": c.code, "lat": c.lat, "lon": c.lon}
                for c in found
            ]
        )  # fmt: skip
    else:
        response = make_response(render_template("catalogue/_communes.html", communes=found))
    response.headers["Cache-Control"] = "public, max-age=86400"
    response.vary.add("Accept")
    return response


def _near() -> tuple[float, float] | None:
    """Read the point whose neighbours come first, where the page gives one on Earth; else take the territory."""
    lat, lon = (request.args.get(name, type=float) for name in ("lat", "lon"))
    if lat is None or lon is None or not (abs(lat) <= 90 and abs(lon) <= 180):
        return _middle_of_the_territory()
    return lat, lon


def _middle_of_the_territory() -> tuple[float, float] | None:
    """Tell where the people of this installation live, when it serves one territory: Héric is not Héricourt."""
    served = territories()
    found = [find_commune(code) for code in served[0].communes] if len(served) == 1 else []
    points = [(commune.lat, commune.lon) for commune in found if commune]
    if not points:
        return None
    return fmean(lat for lat, _lon in points), fmean(lon for _lat, lon in points)
