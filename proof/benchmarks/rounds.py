"""Timing that is fair on a noisy machine: the rivals take turns, and medians are compared."""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from statistics import median, quantiles

ROUNDS = 5
WARM_UP = 2


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds of each run."""

    seconds: tuple[float, ...]

    @property
    def p50(self) -> float:
        """Median, in milliseconds."""
        return median(self.seconds) * 1000

    @property
    def p99(self) -> float:
        """99th percentile, in milliseconds."""
        return quantiles(self.seconds, n=100, method="inclusive")[98] * 1000


@dataclass(frozen=True, slots=True)
class Result:
    """One line of the report. `met` is None where there is no goal."""

    what: str
    found: str
    goal: str = ""
    met: bool | None = None


def take_turns(rivals: Mapping[str, Callable[[], object]], *, rounds: int, each: int = 3) -> dict[str, Timing]:
    """Run each rival `each` times a round, in turn; return their timings by name."""
    for _ in range(WARM_UP):
        for run in rivals.values():
            run()
    seconds: dict[str, list[float]] = {name: [] for name in rivals}
    for _ in range(rounds):
        for name, run in rivals.items():
            for _ in range(each):
                begun = time.perf_counter()
                run()
                seconds[name].append(time.perf_counter() - begun)
    return {name: Timing(tuple(found)) for name, found in seconds.items()}


def median_of(figures: Iterable[float]) -> float:
    """Return the one in the middle."""
    return median(figures)


def ratio(what: str, found: float, *, most: float | None = None, least: float | None = None, told: str = "") -> Result:
    """Return a line that compares a ratio with its goal."""
    goal = f"≤ {most:g}" if most is not None else f"≥ {least:g}" if least is not None else ""
    met = found <= most if most is not None else found >= least if least is not None else None
    return Result(what, f"{found:.2f}" + (f"  ({told})" if told else ""), goal, met)


def table(title: str, results: list[Result]) -> str:
    """Return results as text."""
    width = max((len(result.what) for result in results), default=0)
    lines = [title, "-" * len(title)]
    for result in results:
        verdict = {True: "met", False: "NOT MET", None: ""}[result.met]
        goal = f"goal {result.goal}: {verdict}" if result.goal else ""
        lines.append(f"  {result.what.ljust(width)}  {result.found}{'  ' if goal else ''}{goal}")
    return "\n".join([*lines, ""])
