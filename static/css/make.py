"""Join the sources of the stylesheet into the one file browsers get: `python static/css/make.py`.

`--check` writes nothing: it fails when static/app.css is older than its sources, or when they outgrow the budget.
"""

# ruff: noqa: INP001 (a script beside its sources, not a package)

import gzip
import re
import sys
from pathlib import Path

HERE = Path(__file__).parent
TARGET = HERE.parent / "app.css"
SOURCES = ("tokens", "base", "layout", "parts", "find", "bookings", "manage", "time", "util", "print")
BUDGET = 8 * 1024  # bytes, as gzip sends it
HEAD = "/* Made by static/css/make.py: edit the sources beside it. */"


def squeeze(css: str) -> str:
    """Drop comments and the white space that no browser needs (calc() keeps its own)."""
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    css = re.sub(r"\s+", " ", css)
    css = re.sub(r" ?([{};>]) ?", r"\1", css)
    css = re.sub(r"([:,]) ", r"\1", css)
    return css.replace(";}", "}").replace(" !important", "!important").strip()


def stylesheet() -> str:
    """Give the whole stylesheet as it is shipped."""
    order = "@layer tokens,base,layout,parts,time,util,print;"
    return HEAD + order + squeeze("".join((HERE / f"{name}.css").read_text() for name in SOURCES)) + "\n"


def complaint() -> str:
    """Say what is wrong with the stylesheet as it stands, "" when nothing is."""
    weight = len(gzip.compress(stylesheet().encode(), 9, mtime=0))
    if weight > BUDGET:
        return f"The stylesheet weighs {weight} bytes compressed, more than its {BUDGET}."
    if TARGET.read_text() != stylesheet():
        return "static/app.css is not what its sources make: run python static/css/make.py"
    return ""


def main() -> None:
    """Write the stylesheet, or check that it is fresh and light."""
    if "--check" in sys.argv:
        sys.exit(complaint() or 0)
    TARGET.write_text(stylesheet())


if __name__ == "__main__":
    main()
