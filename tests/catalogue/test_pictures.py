"""The drawings: light, safe under our content policy, and there for whoever names them."""

import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

ROOT = Path(__file__).parents[2]
ILLUSTRATIONS = sorted((ROOT / "static/illustrations").glob("*.svg"))
SPRITE = ROOT / "static/icons.svg"
SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize("file", ILLUSTRATIONS, ids=[file.stem for file in ILLUSTRATIONS])
def test_an_illustration_is_light_and_only_draws(file):
    drawing = ET.fromstring(file.read_text("utf-8"))
    assert file.stat().st_size <= 4096
    assert drawing.get("viewBox") == "0 0 480 360"
    names = {element.tag.removeprefix(SVG) for element in drawing.iter()}
    assert names <= {"svg", "g", "defs", "use", "path", "rect", "circle", "ellipse"}
    attributes = {name for element in drawing.iter() for name in element.keys()}  # noqa: SIM118 (an element's attributes)
    assert not {name for name in attributes if name == "style" or name.startswith("on")}


def test_what_a_drawing_repeats_is_drawn_in_it():
    for file in ILLUSTRATIONS:
        text = file.read_text("utf-8")
        assert set(re.findall(r'href="#([^"]+)"', text)) == set(re.findall(r'<g id="([^"]+)"', text)), (
            file.name
        )


def test_the_sprite_has_each_icon_once():
    symbols = ET.fromstring(SPRITE.read_text("utf-8")).findall(f"{SVG}symbol")
    names = [symbol.get("id", "") for symbol in symbols]
    assert len(names) == len(set(names)) >= 50
    assert all(name.startswith("i-") for name in names)
    assert {symbol.get("viewBox") for symbol in symbols} == {"0 0 24 24"}


def test_every_icon_that_a_template_names_is_in_the_sprite():
    sprite = SPRITE.read_text("utf-8")
    wanted = set()
    for template in (ROOT / "templates").rglob("*.html"):
        wanted |= set(re.findall(r"""\bicon\(\s*["']([a-z-]+)["']""", template.read_text("utf-8")))
        wanted |= set(re.findall(r"""\bicon_name=["']([a-z-]+)["']""", template.read_text("utf-8")))
    assert not {name for name in wanted if f'id="i-{name}"' not in sprite}


def test_the_sheet_holds_every_drawing():
    views = ET.fromstring((ROOT / "static/illustrations.svg").read_text("utf-8")).findall(f"{SVG}view")
    tops = {view.get("id"): view.get("viewBox", "").split()[1] for view in views}
    assert set(tops) == {file.stem for file in ILLUSTRATIONS}
    assert len(set(tops.values())) == len(tops)
