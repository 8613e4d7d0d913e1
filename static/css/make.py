"""Join the sources of the stylesheet into the one file browsers get: `python static/css/make.py`.

`--check` writes nothing: it fails when static/app.css is older than its sources, or when they outgrow the budget.
"""

# ruff: noqa: INP001 (a script beside its sources, not a package)

import gzip
import re
import sys
from collections import Counter
from pathlib import Path
from string import ascii_letters

HERE = Path(__file__).parent
TARGET = HERE.parent / "app.css"
# In this order, which is also that of the cascade: a layer gets its rank where it is first named.
SOURCES = ("tokens", "base", "layout", "parts", "find", "bookings", "manage", "time", "util", "print")
BUDGET = 8 * 1024  # bytes, as gzip sends it
HEAD = "/* See css/make.py */"


def squeeze(css: str) -> str:
    """Drop comments and the white space that no browser needs (calc() keeps its own)."""
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    css = re.sub(r"\s+", " ", css)
    css = re.sub(r" ?([{};>]) ?", r"\1", css)
    css = re.sub(r"([:,]) ", r"\1", css)
    return css.replace(";}", "}").replace(" !important", "!important").strip()


def shorten(css: str) -> str:
    """Sort what each rule declares, for gzip to meet the same runs again, and call custom properties by one letter."""
    names = Counter(re.findall(r"--[a-z][\w-]*", css)).most_common()
    short = {name: f"--{letter}" for (name, _times), letter in zip(names, ascii_letters, strict=False)}
    css = re.sub(r"--[a-z][\w-]*", lambda name: short[name[0]], css)
    return re.sub(r"\{([^{}]+)\}", _in_order, css)


def _in_order(rule: re.Match[str]) -> str:
    """Sort by name, which keeps a shorthand before the longhands it would undo: `padding`, then `padding-inline`."""
    declarations = sorted(rule[1].split(";"), key=lambda each: each.partition(":")[0])
    return "{" + ";".join(declarations) + "}"


def stylesheet() -> str:
    """Give the whole stylesheet as it is shipped."""
    return HEAD + shorten(squeeze("".join((HERE / f"{name}.css").read_text() for name in SOURCES))) + "\n"


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
