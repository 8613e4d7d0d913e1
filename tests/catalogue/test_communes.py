"""The commune table: what people type finds what they mean, and distances are those of the map."""

import gzip
import json
import time

import pytest

from app.catalogue import communes, outlines
from app.catalogue.communes import (
    bounding_box,
    communes_of_epci,
    distance_km,
    find_commune,
    find_departement_name,
    find_epci_name,
    get_commune,
    search_communes,
)
from app.core.errors import NotFound

NORT = "44110"
ERDRE_ET_GESVRES = "244400503"


def names(text: str, **options) -> list[str]:
    return [commune.name for commune in search_communes(text, **options)]


def test_a_commune_knows_its_facts():
    nort = get_commune(NORT)
    assert (nort.name, nort.postcodes, nort.departement) == ("Nort-sur-Erdre", ("44390",), "44")
    assert nort.epci == ERDRE_ET_GESVRES
    assert nort.population > 8_000
    assert distance_km(*nort.point, 47.4399, -1.4990) < 1
    assert nort.label == "Nort-sur-Erdre (44390)"


def test_an_unknown_code_is_not_found():
    assert find_commune("44999") is None
    with pytest.raises(NotFound) as refused:
        get_commune("44999")
    assert refused.value.facts == {"kind": "commune", "code": "44999"}


@pytest.mark.parametrize(
    "typed,first",
    [
        ("nort", "Nort-sur-Erdre"),
        ("NORT SUR", "Nort-sur-Erdre"),
        ("nort s/ erdre", "Nort-sur-Erdre"),
        ("st herblain", "Saint-Herblain"),
        ("Sucé", "Sucé-sur-Erdre"),
        ("suce", "Sucé-sur-Erdre"),
        ("désert mars", "Saint-Mars-du-Désert"),
        ("oeting", "Œting"),
        ("l’île d’yeu", "L'Île-d'Yeu"),
        ("paris", "Paris"),
        ("75011", "Paris"),
        ("nozay 44", "Nozay"),
        ("44390", "Nort-sur-Erdre"),
        ("y", "Y"),
        ("nouméa", "Nouméa"),
        ("saint-denis 974", "Saint-Denis"),
    ],
)
def test_people_find_what_they_mean(typed, first):
    assert names(typed)[0] == first


@pytest.mark.parametrize(
    "typed", ["", "   ", "-", "zzzz", "\n", "|", "4439099", "'; DROP TABLE", "é" * 5_000]
)
def test_nothing_is_found_for_what_is_no_commune(typed):
    assert names(typed) == []


def test_a_postcode_lists_its_communes_the_most_populous_first():
    found = search_communes("44390", limit=20)
    assert {"Nort-sur-Erdre", "Saffré", "Casson", "Les Touches"} <= {commune.name for commune in found}
    assert all("44390" in commune.postcodes for commune in found)
    assert [c.population for c in found] == sorted((c.population for c in found), reverse=True)


def test_namesakes_are_sorted_by_distance_when_we_know_where_people_are():
    assert [c.departement for c in search_communes("nozay")] == ["91", "44", "10"]
    assert [c.departement for c in search_communes("nozay", near=(47.4, -1.5))] == ["44", "91", "10"]


def test_the_limit_is_kept_and_nobody_comes_twice():
    found = [commune.code for commune in search_communes("saint", limit=50)]
    assert len(found) == len(set(found)) == 50
    assert names("saint", limit=0) == []


def test_searching_is_quick_once_warm():
    names("saint", near=(47.4, -1.5))
    times = []
    for text in ("s", "st herblain", "zzzz", "44", "la"):
        start = time.perf_counter()
        names(text)
        times.append(time.perf_counter() - start)
    assert sorted(times)[2] < 0.02  # twice the target, for a busy machine


def test_an_intercommunality_has_its_communes():
    members = communes_of_epci(ERDRE_ET_GESVRES)
    assert len(members) == 12
    assert NORT in {commune.code for commune in members}
    assert find_epci_name(ERDRE_ET_GESVRES) == "CC d'Erdre et Gesvres"
    assert communes_of_epci("") == []
    assert find_epci_name("000") is None
    assert find_departement_name("44") == "Loire-Atlantique"


@pytest.mark.parametrize(
    "one,other,km",
    [
        ((47.4398, -1.5012), (47.4398, -1.5012), 0.0),
        ((48.8566, 2.3522), (45.7640, 4.8357), 391.5),
        ((0.0, 179.5), (0.0, -179.5), 111.2),
        ((90.0, 0.0), (-90.0, 0.0), 20015.1),
    ],
)
def test_distances(one, other, km):
    assert distance_km(*one, *other) == pytest.approx(km, abs=0.2)
    assert distance_km(*other, *one) == pytest.approx(distance_km(*one, *other))


@pytest.mark.parametrize("lat", [-70.0, -21.1, 0.0, 47.4])
def test_a_box_just_holds_its_circle(lat):
    box = bounding_box(lat, -1.5, 20)
    assert distance_km(lat, -1.5, box.north, -1.5) == pytest.approx(20, rel=1e-6)
    assert box.south < lat < box.north
    assert box.west < -1.5 < box.east
    assert distance_km(lat, -1.5, lat, box.east) == pytest.approx(20, rel=0.01)


def test_a_box_near_a_pole_holds_every_longitude():
    box = bounding_box(89.95, 10, 50)
    assert (box.west, box.east, box.north) == (-180.0, 180.0, 90.0)


def test_the_table_is_whole():
    table = json.loads(gzip.decompress(communes._FILE.read_bytes()))
    columns = [v for v in table.values() if isinstance(v, list)]
    assert {len(column) for column in columns} == {len(table["code"])}
    assert len(set(table["code"])) == len(table["code"]) > 34_900
    assert sum(table["population"]) > 66_000_000
    assert table["population"] == sorted(table["population"], reverse=True)
    assert {"971", "972", "973", "974", "976", "988", "2A"} <= set(table["departement"])
    assert all(-90 <= lat / 10_000 <= 90 for lat in table["lat"])
    assert set(table["epci"]) - {""} <= set(table["epcis"])
    assert table["attribution"].endswith("Licence Ouverte 2.0")


def test_an_outline_goes_around_its_town_hall():
    nort = get_commune(NORT)
    (ring,) = outlines.outline(NORT)
    assert ring[0] == ring[-1]
    lats, lons = zip(*ring, strict=True)
    assert min(lats) < nort.lat < max(lats)
    assert min(lons) < nort.lon < max(lons)


def test_neighbours_share_their_border():
    (nort,), (touches,) = outlines.outline(NORT), outlines.outline("44205")
    assert len(set(nort) & set(touches)) >= 2


def test_a_territory_is_drawn_inside_its_frame():
    codes = [commune.code for commune in communes_of_epci(ERDRE_ET_GESVRES)]
    drawing = outlines.map_of(codes, width=600)
    assert set(drawing.paths) == set(codes)
    assert drawing.width == 600
    assert all(path.startswith("M") and path.endswith("z") for path in drawing.paths.values())
    for code in codes:
        x, y = drawing.place(*get_commune(code).point)
        assert 0 < x < drawing.width
        assert 0 < y < drawing.height


def test_a_commune_without_boundary_is_still_on_the_map():
    drawing = outlines.map_of(["98818"])
    assert drawing.paths == {}
    x, y = drawing.place(*get_commune("98818").point)
    assert abs(x - drawing.width / 2) <= 1
    assert abs(y - drawing.height / 2) <= 1


def test_the_map_of_an_unknown_commune_is_refused():
    with pytest.raises(NotFound):
        outlines.map_of(["44999"])
