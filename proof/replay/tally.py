"""What happened: answers by kind and code, how long they took, and what was acknowledged."""

import threading
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from statistics import quantiles
from typing import Any

from proof.replay.wire import FAULT, HttpAnswer

REFUSED = 400
WHY = {"not-open-yet": "kept for others: clients of the API are shown it, and their patients may not have it"}
"""Why something is refused as it should be, where its code alone looks like a fault."""


@dataclass(slots=True)
class Promise:
    """An appointment as the service last acknowledged it."""

    id: str
    start: datetime
    version: int
    status: str

    @classmethod
    def of(cls, body: dict[str, Any]) -> "Promise":
        """Read an appointment's body."""
        return cls(body["id"], datetime.fromisoformat(body["start"]), body["version"], body["status"])


@dataclass(slots=True)
class Tally:
    """Shared by all clients; guarded by a lock."""

    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    accepted: Counter[str] = field(default_factory=Counter)
    refused: Counter[tuple[str, str]] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    promises: dict[str, Promise] = field(default_factory=dict)
    unsure: list[str] = field(default_factory=list)
    done: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, kind: str, answer: HttpAnswer) -> HttpAnswer:
        """Count an answer."""
        with self._lock:
            self.seconds[kind].append(answer.seconds)
            if answer.status >= FAULT:
                self.faults.append(f"{kind}: {answer.status} {answer.code}")
            elif answer.status >= REFUSED:
                self.refused[kind, answer.code] += 1
            else:
                self.accepted[kind] += 1
        return answer

    def refuse(self, kind: str, code: str) -> None:
        """Count what was not even asked for."""
        with self._lock:
            self.refused[kind, code] += 1

    def promise(self, answer: HttpAnswer) -> None:
        """Remember what an appointment was acknowledged to be."""
        with self._lock:
            self.promises[answer.body["id"]] = Promise.of(answer.body)

    def fault(self, what: str) -> None:
        """Remember something that must not happen."""
        with self._lock:
            self.faults.append(what)

    def doubt(self, appointment: str) -> None:
        """Remember that an answer was lost, so that either outcome is right."""
        with self._lock:
            self.unsure.append(appointment)

    def step(self) -> int:
        """Count an intent that is dealt with."""
        with self._lock:
            self.done += 1
            return self.done

    def lines(self) -> Iterator[str]:
        """Yield the report."""
        yield f"  {'request':<12}{'answers':>8}{'accepted':>10}{'refused':>9}{'p50 ms':>9}{'p99 ms':>9}"
        for kind, seconds in sorted(self.seconds.items()):
            refused = sum(count for (which, _), count in self.refused.items() if which == kind)
            p50, p99 = percentiles(seconds)
            yield f"  {kind:<12}{len(seconds):>8}{self.accepted[kind]:>10}{refused:>9}{p50:>9.1f}{p99:>9.1f}"
        for (kind, code), count in sorted(self.refused.items()):
            why = f" ({WHY[code]})" if code in WHY else ""
            yield f"  refused: {kind}, {code}: {count}{why}"


def percentiles(seconds: list[float]) -> tuple[float, float]:
    """Return p50 and p99 in milliseconds."""
    if len(seconds) == 1:
        return seconds[0] * 1000, seconds[0] * 1000
    cut = quantiles(seconds, n=100, method="inclusive")
    return cut[49] * 1000, cut[98] * 1000
