"""Join the illustrations into the one sheet that browsers get: `python static/illustrations/make.py`.

A list of ten resources then costs one request instead of ten. Each picture is a view of the sheet:
`illustrations.svg#kitchen`. `--check` writes nothing and fails when the sheet is older than the pictures.
"""

# ruff: noqa: INP001 (a script beside its sources, not a package)

import re
import sys
from pathlib import Path

HERE = Path(__file__).parent
TARGET = HERE.parent / "illustrations.svg"
WIDTH, HEIGHT = 480, 360
STROKES = 'stroke-linecap="round" stroke-linejoin="round"'


def placed(picture: Path, top: int) -> str:
    """Give a picture as a part of the sheet: its own window, its own names."""
    name = picture.stem
    drawing = picture.read_text().strip()
    inner = re.sub(r"^<svg[^>]*>|</svg>$", "", drawing)
    inner = re.sub(r'(id="|href="#)', rf"\1{name}-", inner)
    view = f'<view id="{name}" viewBox="0 {top} {WIDTH} {HEIGHT}"/>'
    strokes = f" {STROKES}" if STROKES in drawing else ""
    return f'{view}<svg y="{top}" width="{WIDTH}" height="{HEIGHT}"{strokes}>{inner}</svg>'


def sheet() -> str:
    """Give the whole sheet, one picture under another."""
    pictures = sorted(HERE.glob("*.svg"))
    body = "".join(placed(picture, i * HEIGHT) for i, picture in enumerate(pictures))
    size = f'viewBox="0 0 {WIDTH} {HEIGHT * len(pictures)}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size}>{body}</svg>\n'


def main() -> None:
    """Write the sheet, or check that it is fresh."""
    if "--check" in sys.argv:
        stale = TARGET.read_text() != sheet()
        sys.exit("static/illustrations.svg is old: run python static/illustrations/make.py" if stale else 0)
    TARGET.write_text(sheet())


if __name__ == "__main__":
    main()
