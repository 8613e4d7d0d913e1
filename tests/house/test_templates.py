"""Templates: every one is used and can be read, nothing inline, nothing that needs a script, no bare words."""

import re
from pathlib import Path

import pytest
from flask import Flask
from jinja2 import nodes

from config import ROOT

FOLDER = ROOT / "templates"
TEMPLATES = sorted(path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*") if path.is_file())
MAIL = [name for name in TEMPLATES if "/mail/" in name or name.startswith("mail/")]
PAGES = [name for name in TEMPLATES if name.endswith(".html") and name not in MAIL]
DEVELOPER_PAGES = {"styleguide.html"}

_JINJA_COMMENT = re.compile(r"\{#.*?#\}", re.DOTALL)
_JINJA = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
_TAG = re.compile(r"<([a-zA-Z][\w-]*)((?:\"[^\"]*\"|'[^']*'|[^<>\"'])*)>")
_REQUEST = re.compile(r"\bhx-(?:get|post|put|patch|delete)\b")
_CONTROLS = {"button", "input", "select", "textarea"}
_WORDS = re.compile(r"[^\W\d_]{2,}")
_FREE_WORDS = {
    "Mutualim",
    "AGPL",
    "API",
    "iCal",
    "CalDAV",
    "QR",
    "OK",
    "SIRET",
    "RNA",
    "km",
    "min",
    "kg",
    "ko",
    "Mo",
}


def _source(name: str) -> str:
    return _JINJA_COMMENT.sub("", (FOLDER / name).read_text())


def _tags(name: str) -> list[tuple[str, str]]:
    return _TAG.findall(_JINJA.sub("x", _source(name)))


@pytest.mark.parametrize("name", TEMPLATES)
def test_template_can_be_read(app: Flask, name: str):
    assert app.jinja_env.get_template(name).name == name


@pytest.mark.parametrize("name", PAGES)
def test_a_picture_of_an_empty_place_is_a_drawing_of_ours(app: Flask, name: str):
    """Any other name would show the sheet with all of them."""
    calls = app.jinja_env.parse((FOLDER / name).read_text()).find_all(nodes.Call)
    empty = [call for call in calls if isinstance(call.node, nodes.Name) and call.node.name == "empty_state"]
    given = [each for call in empty for each in call.args[2:3]]
    given += [each.value for call in empty for each in call.kwargs if each.key == "picture"]
    names = {each.value for each in given if isinstance(each, nodes.Const)}
    assert names <= {path.stem for path in ROOT.glob("static/illustrations/*.svg")}


def test_every_template_is_used():
    code = "\n".join(path.read_text() for path in [*ROOT.glob("app/**/*.py"), *FOLDER.rglob("*.*")])
    unused = [
        name
        for name in TEMPLATES
        if f'"{name}"' not in code
        and f'"/{name}"' not in code  # as Typst imports one
        and f"'{name}'" not in code
        and f'"{Path(name).parent.as_posix()}/{{' not in code
    ]
    assert unused == []


@pytest.mark.parametrize("name", PAGES)
def test_nothing_inline(name: str):
    found = []
    for tag, attributes in _tags(name):
        names = set(re.findall(r"([\w:@.-]+)(?=\s*=|\s|$)", re.sub(r"\"[^\"]*\"|'[^']*'", '""', attributes)))
        if tag == "style" or "style" in names:
            found.append(f"<{tag}> has inline style")
        if tag == "script" and "src" not in names and "application/json" not in attributes:
            found.append("inline script")
        found += [
            f"<{tag}> has {each}" for each in names if each.startswith(("on", "hx-on")) and each != "once"
        ]
        if "javascript:" in attributes or re.search(r"[\"']js:", attributes):
            found.append(f"<{tag}> holds script in an attribute")
        if re.search(r"hx-trigger=[\"'][^\"']*\[", attributes):
            found.append(f"<{tag}> has a bracketed trigger filter, which fails open")
    assert found == []


@pytest.mark.parametrize("name", PAGES)
def test_htmx_sits_on_what_works_without_it(name: str):
    wrong = [
        f"<{tag}{attributes}>"
        for tag, attributes in _tags(name)
        if _REQUEST.search(attributes)
        and not (tag == "a" and "href" in attributes)
        and not (tag == "form" and "action" in attributes)
        and tag not in _CONTROLS
    ]
    assert wrong == []


@pytest.mark.parametrize("name", [name for name in PAGES if name not in DEVELOPER_PAGES])
def test_no_sentence_without_translation(name: str):
    source = _JINJA.sub(" ", _source(name))
    attributes = re.findall(r"\b(?:alt|title|placeholder|aria-label|aria-description)=\"([^\"]*)\"", source)
    text = re.sub(
        r"&\w+;", " ", _TAG.sub(" ", re.sub(r"<(script|svg)\b.*?</\1>", " ", source, flags=re.DOTALL))
    )
    text = re.sub(r"[\w-]+=\"[^\"]*\"", " ", text)  # attributes that a template adds to a tag on a condition
    text = re.sub(r"</?[a-zA-Z][^<>]*>|<!--.*?-->|<!DOCTYPE[^>]*>", " ", text, flags=re.DOTALL)
    bare = [
        word for piece in [text, *attributes] for word in _WORDS.findall(piece) if word not in _FREE_WORDS
    ]
    assert bare == []
