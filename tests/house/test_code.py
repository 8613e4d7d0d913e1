"""The shape of the code: arrows only downward, small functions and modules, words only where words belong."""

import ast
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from config import ROOT

LONGEST_FUNCTION, LONGEST_MODULE = 60, 400
MODULES = sorted([*ROOT.glob("app/**/*.py"), ROOT / "config.py", ROOT / "wsgi.py"])


def _functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def test_imports_go_only_downward():
    done = subprocess.run(
        [ROOT / ".venv/bin/lint-imports", "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_functions_fit_on_a_screen():
    long = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name} has {size} lines"
        for path in MODULES
        for node in _functions(path)
        if (size := (node.end_lineno or node.lineno) - node.lineno + 1) > LONGEST_FUNCTION
    ]
    assert long == []


def test_modules_stay_readable():
    long = [
        f"{path.relative_to(ROOT)} has {size} lines"
        for path in MODULES
        if (size := len(path.read_text().splitlines())) > LONGEST_MODULE
    ]
    assert long == []


def test_only_the_clock_asks_the_time():
    askers = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in MODULES
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if any(call in line for call in ("datetime.now(", "date.today(", "datetime.utcnow(", "time.time("))
        and path != ROOT / "app/core/clock.py"
        and "# the database's clock" not in line
    ]
    assert askers == []


@pytest.mark.parametrize("name", ["flash", "Field"])
def test_words_shown_to_people_are_marked_for_translation(name: str):
    """`flash("…")` and the label of a form field are sentences: they go through `_()` or `_l()`."""
    bare = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        and (ast.unparse(node.func).endswith(name))
        and "mapped" not in ast.unparse(node.func)
        and node.args
        and isinstance(node.args[0], ast.Constant)
        and isinstance(node.args[0].value, str)
        and node.args[0].value
    ]
    assert bare == []
