"""Join the sources of the stylesheets into the files browsers get: `python static/css/make.py`.

Every page loads app.css; one that needs much of its own has a second, small one. `--check` writes nothing: it fails
when a stylesheet is older than its sources, or when they outgrow the budget.
"""

# ruff: noqa: INP001 (a script beside its sources, not a package)

import gzip
import re
import sys
from collections import Counter
from pathlib import Path
from string import ascii_letters

HERE = Path(__file__).parent
# In this order, which is also that of the cascade: a layer gets its rank where it is first named.
SOURCES = ("tokens", "base", "layout", "parts", "find", "bookings", "manage", "time", "util", "print")
SHEETS = {"app": SOURCES, "planning": ("planning",)}
BUDGETS = {"app": 8 * 1024, "planning": 1536}  # bytes, as gzip sends it
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
    # Those of the common sheet, so that every sheet uses the same letters.
    names = Counter(re.findall(r"--[a-z][\w-]*", joined("app"))).most_common()
    short = {name: f"--{letter}" for (name, _times), letter in zip(names, ascii_letters, strict=False)}
    css = re.sub(r"--[a-z][\w-]*", lambda name: short[name[0]], css)
    return re.sub(r"\{([^{}]+)\}", _in_order, css)


def _in_order(rule: re.Match[str]) -> str:
    """Sort by name, which keeps a shorthand before the longhands it would undo: `padding`, then `padding-inline`."""
    declarations = sorted(rule[1].split(";"), key=lambda each: each.partition(":")[0])
    return "{" + ";".join(declarations) + "}"


def joined(name: str) -> str:
    """Give the sources of a stylesheet, one after the other, squeezed."""
    return squeeze("".join((HERE / f"{source}.css").read_text() for source in SHEETS[name]))


def stylesheet(name: str = "app") -> str:
    """Give a whole stylesheet as it is shipped."""
    return HEAD + shorten(joined(name)) + "\n"


def target(name: str) -> Path:
    """Tell where a stylesheet is written."""
    return HERE.parent / f"{name}.css"


def complaint(name: str) -> str:
    """Say what is wrong with a stylesheet as it stands, "" when nothing is."""
    weight = len(gzip.compress(stylesheet(name).encode(), 9, mtime=0))
    if weight > BUDGETS[name]:
        return f"The stylesheet {name} weighs {weight} bytes compressed, more than its {BUDGETS[name]}."
    if target(name).read_text() != stylesheet(name):
        return f"static/{name}.css is not what its sources make: run python static/css/make.py"
    return ""


def main() -> None:
    """Write the stylesheets, or check that they are fresh and light."""
    if "--check" in sys.argv:
        sys.exit("\n".join(filter(None, map(complaint, SHEETS))) or 0)
    for name in SHEETS:
        target(name).write_text(stylesheet(name))


if __name__ == "__main__":
    main()
