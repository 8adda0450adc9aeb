"""Boards that this process has drawn a moment ago: where many have one board open, a change is drawn once for all."""

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock

MOST = 8
"""Kept in the memory of the process alone, and few: they name patients."""


class RecentBoards:
    """The last boards by their stamp, which says all that a board depends on: what stands there, and for whom."""

    def __init__(self) -> None:
        self._drawn: OrderedDict[str, str] = OrderedDict()
        self._drawing = Lock()

    def drawn(self, stamp: str, draw: Callable[[], str]) -> str:
        """Return the board with this stamp; drawn now, where it was not a moment ago."""
        # One draws, and the others wait for it: each by itself would take as long, all at once, for the same board.
        with self._drawing:
            found = self._drawn.get(stamp)
            if found is None:
                found = self._drawn[stamp] = draw()
                while len(self._drawn) > MOST:
                    self._drawn.popitem(last=False)
        return found
