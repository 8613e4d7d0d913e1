"""How a figure is taken: medians of interleaved runs, and a table that says what was aimed at."""

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

Act = Callable[[], Any]


@dataclass(frozen=True)
class Row:
    """One line of the report. `unit` is ms (less is better) or /s (more is better); `baseline` is the raw driver's."""

    name: str
    value: float
    unit: str = "ms"
    baseline: float | None = None
    target: float | None = None

    @property
    def ratio(self) -> float | None:
        """How many times the raw baseline of the same run."""
        return self.value / self.baseline if self.baseline else None

    @property
    def holds(self) -> bool | None:
        """Tell whether the target is met; None where there is none."""
        if self.target is None:
            return None
        return self.value >= self.target if self.unit == "/s" else self.value <= self.target

    def as_json(self) -> dict[str, Any]:
        """Give the row with what follows from it."""
        return asdict(self) | {"ratio": self.ratio, "holds": self.holds}


def median_ms(act: Act, runs: int) -> float:
    """Time one act alone: the median of `runs`, in milliseconds, after two to warm up."""
    return _medians([act], runs)[0]


def compare_ms(act: Act, baseline: Act, runs: int) -> tuple[float, float]:
    """Time an act and its baseline in turns, so that a noisy moment hits both; medians in milliseconds."""
    ours, raw = _medians([act, baseline], runs)
    return ours, raw


def _medians(acts: Sequence[Act], runs: int) -> list[float]:
    for act in acts:
        act()
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
    lines = [title, f"  {'':46} {'figure':>12} {'raw':>10} {'ratio':>7} {'target':>10}"]
    lines += [_line(row) for row in rows]
    return "\n".join(lines)


def _line(row: Row) -> str:
    raw = f"{row.baseline:.3f}" if row.baseline is not None else "–"
    ratio = f"{row.ratio:.1f}×" if row.ratio is not None else "–"
    sign = ("≥ " if row.unit == "/s" else "≤ ") if row.target is not None else ""
    target = f"{sign}{row.target:g}" if row.target is not None else "–"
    mark = {True: "ok", False: "OVER", None: ""}[row.holds]
    return f"  {row.name:46} {row.value:9.3f} {row.unit:2} {raw:>10} {ratio:>7} {target:>10} {mark}"
