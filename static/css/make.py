"""Join the sources of the stylesheet into the one file browsers get: `python static/css/make.py`.

`--check` only tells (exit 1) whether static/app.css is older than its sources.
"""

# ruff: noqa: INP001 (a script beside its sources, not a package)

import re
import sys
from pathlib import Path

HERE = Path(__file__).parent
TARGET = HERE.parent / "app.css"
SOURCES = ("tokens", "base", "layout", "parts", "find", "bookings", "manage", "time", "util", "print")  # layers, weakest first
HEAD = "/* Made by static/css/make.py: edit the sources beside it. */"


def squeeze(css: str) -> str:
    """Drop comments and the white space that no browser needs (calc() keeps its own)."""
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    css = re.sub(r"\s+", " ", css)
    css = re.sub(r" ?([{};]) ?", r"\1", css)
    css = re.sub(r"([:,]) ", r"\1", css)
    return css.replace(";}", "}").strip()


def stylesheet() -> str:
    """Give the whole stylesheet as it is shipped."""
    order = "@layer tokens,base,layout,parts,time,util,print;"
    return HEAD + order + squeeze("".join((HERE / f"{name}.css").read_text() for name in SOURCES)) + "\n"


def main() -> None:
    """Write the stylesheet, or check that it is fresh."""
    if "--check" in sys.argv:
        sys.exit(TARGET.read_text() != stylesheet())
    TARGET.write_text(stylesheet())


if __name__ == "__main__":
    main()
