"""How a figure is taken: medians of interleaved runs, the pace of the machine beside them, and a table.

Machines differ, and the same one is slower when others use it. So a target is compared with the figure at the pace of
the machine it was set on: the same piece of work is timed before and after each figure, and is the measure of both.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from operator import itemgetter
from typing import Any, TypeVar

from jinja2 import Environment

Act = Callable[[], Any]
Found = TypeVar("Found")
PACE_RUNS = 25
ROUNDS = 3
WARM_UP = 2
_PIECE = """
{% macro row(b, kind="x") %}<article class="{{ kind }}"><h3>{{ b.name|upper }}</h3>
{% if b.n % 3 == 0 %}<p>{{ b.n|string|length }} {{ b.name|replace("a", "b") }}</p>
{% else %}<p>{{ "%05d"|format(b.n) }}</p>{% endif %}</article>{% endmacro %}
{% for b in rows %}{{ row(b, "k" ~ loop.index) }}{% endfor %}
"""
_PIECE_ROWS = [{"name": f"name {n}", "n": n} for n in range(50)]


@dataclass(frozen=True)
class Pace:
    """How slow the machine is: what a piece of work takes now, over what it took where the targets were set (ms)."""

    piece: Act
    reference: float

    def around(self, measure: Callable[[], Found], rounds: int = 1) -> tuple[Found, float]:
        """Take a figure, and the pace around it: 2 means twice as slow as the machine of the targets.

        Of several rounds the one with the best pace is kept: the others tell more about who else uses the machine.
        """
        return min((self._once(measure) for _ in range(rounds)), key=itemgetter(1))

    def _once(self, measure: Callable[[], Found]) -> tuple[Found, float]:
        before = median_ms(self.piece, PACE_RUNS)
        found = measure()
        return found, (before + median_ms(self.piece, PACE_RUNS)) / 2 / self.reference


def piece_of_work() -> str:
    """Compile a template anew and fill it: much code over much memory, as a page does, and none of it ours.

    A single statement in a loop stays in the innermost cache and hardly feels that others use the machine.
    """
    return Environment(autoescape=True).from_string(_PIECE).render(rows=_PIECE_ROWS)


@dataclass(frozen=True)
class Row:
    """One line of the report. `unit` is ms (less is better) or /s (more is better); `baseline` is the raw driver's."""

    name: str
    value: float
    unit: str = "ms"
    baseline: float | None = None
    target: float | None = None
    pace: float = 1.0

    @property
    def ratio(self) -> float | None:
        """How many times the raw baseline of the same run."""
        return self.value / self.baseline if self.baseline else None

    @property
    def at_reference(self) -> float:
        """What the figure would be at the pace of the machine the targets were set on; a count stays as it is."""
        match self.unit:
            case "ms":
                return self.value / self.pace
            case "/s":
                return self.value * self.pace
        return self.value

    @property
    def holds(self) -> bool | None:
        """Tell whether the target is met; None where there is none."""
        if self.target is None:
            return None
        return self.at_reference >= self.target if self.unit == "/s" else self.at_reference <= self.target

    def as_json(self) -> dict[str, Any]:
        """Give the row with what follows from it."""
        return asdict(self) | {"ratio": self.ratio, "at_reference": self.at_reference, "holds": self.holds}


def median_ms(act: Act, runs: int) -> float:
    """Time one act alone: the median of `runs`, in milliseconds, after two to warm up."""
    return _medians([act], runs)[0]


def compare_ms(act: Act, baseline: Act, runs: int) -> tuple[float, float]:
    """Time an act and its baseline in turns, so that a noisy moment hits both; medians in milliseconds."""
    ours, raw = _medians([act, baseline], runs)
    return ours, raw


def _medians(acts: Sequence[Act], runs: int) -> list[float]:
    for act in acts:
        for _ in range(WARM_UP):
            act()
    times: list[list[float]] = [[] for _ in acts]
    for _ in range(runs):
        for act, found in zip(acts, times, strict=True):
            start = time.perf_counter()
            act()
            found.append((time.perf_counter() - start) * 1000)
    return [percentile(found, 50) for found in times]


def percentile(values: Sequence[float], percent: int) -> float:
    """Give the value below which `percent` of the values lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)]


def table(title: str, rows: Sequence[Row]) -> str:
    """Write rows as lines a person can read."""
    heads = f"  {'':46} {'figure':>12} {'raw':>10} {'ratio':>7} {'pace':>7} {'at pace 1':>12} {'target':>10}"
    return "\n".join([title, heads, *map(_line, rows)])


def _line(row: Row) -> str:
    raw = f"{row.baseline:.3f}" if row.baseline is not None else "–"
    ratio = f"{row.ratio:.1f}×" if row.ratio is not None else "–"
    sign = ("≥ " if row.unit == "/s" else "≤ ") if row.target is not None else ""
    target = f"{sign}{row.target:g}" if row.target is not None else "–"
    mark = {True: "ok", False: "OVER", None: ""}[row.holds]
    own = f"{row.value:9.3f} {row.unit:2} {raw:>10} {ratio:>7}"
    return f"  {row.name:46} {own} {row.pace:6.1f}× {row.at_reference:9.3f} {row.unit:2} {target:>10} {mark}"
