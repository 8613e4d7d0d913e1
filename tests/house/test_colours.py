"""The colours of a page can be read, by day and by night, whichever of its colours a territory chose."""

import math
import re

import pytest

from app.accounts.rules import HUES
from config import ROOT

TOKENS = (ROOT / "static/css/tokens.css").read_text()
TURN = {name: float(turn) for name, turn in re.findall(r"\[data-hue=(\w+)\] \{ --h: (\d+) \}", TOKENS)}
TURN[HUES[0]] = float(re.findall(r"^    --h: (\d+);$", TOKENS, re.MULTILINE)[0])
# What stands on what: words need 4.5, the edge of a field, a mark or the ring of the focus 3 (WCAG 1.4.3 and 1.4.11).
WORDS = [
    *((over, under) for under in ("paper", "card", "sunk") for over in (
        "ink", "soft", "leaf", "leaf-deep", "plum", "wait", "bad",
    )),
    *((over, "mint") for over in ("ink", "soft", "leaf", "leaf-deep")),
    *((over, "peach") for over in ("ink", "soft", "leaf", "plum", "wait")),
    *((over, "wait-bg") for over in ("ink", "soft", "wait")),
    *((over, "bad-bg") for over in ("ink", "soft", "bad")),
    ("on-leaf", "leaf"), ("on-leaf", "leaf-deep"), ("on-apricot", "apricot"), ("card", "bad"), ("card", "plum"),
]  # fmt: skip
MARKS = [
    *((over, under) for under in ("paper", "card", "sunk") for over in ("edge", "plum", "leaf")),
    ("plum", "mint"),
    ("bad", "card"),
]


def light(name: str, hue: str, *, night: bool) -> float:
    """Give the relative luminance of a token, its colour cut to what every screen shows."""
    written = re.findall(rf"^    --{name}: (.+);$", TOKENS, re.MULTILINE)[0].replace(
        "var(--h)", str(TURN[hue])
    )
    day_and_night = re.findall(r"oklch\(([\d.]+) ([\d.]+) ([\d.]+)\)", written)
    whiteness, strength, turn = map(float, day_and_night[-1 if night else 0])
    a, b = (strength * part(math.radians(turn)) for part in (math.cos, math.sin))
    long = (whiteness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (whiteness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (whiteness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    red = 4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short
    green = -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short
    blue = -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short
    red, green, blue = (min(max(part, 0.0), 1.0) for part in (red, green, blue))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(over: str, under: str, hue: str, *, night: bool) -> float:
    """Give the ratio of two tokens, from 1 (the same) to 21 (black on white)."""
    dark, bright = sorted(light(name, hue, night=night) for name in (over, under))
    return (bright + 0.05) / (dark + 0.05)


def test_every_colour_of_a_territory_is_in_the_stylesheet():
    assert set(TURN) == set(HUES)


@pytest.mark.parametrize("hue", HUES)
@pytest.mark.parametrize("night", [False, True], ids=["day", "night"])
def test_contrasts(hue, night):
    pairs = [(4.5, *pair) for pair in WORDS] + [(3.0, *pair) for pair in MARKS]
    wrong = [
        f"{over} on {under}: {ratio:.2f}, not {least}"
        for least, over, under in pairs
        if (ratio := contrast(over, under, hue, night=night)) < least
    ]
    assert not wrong, "\n".join(wrong)
