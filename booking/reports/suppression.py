"""Which lines of a table about groups of people are not shown, so that nobody can be made out. Pure.

A cell of one to ten is not shown (the rule for public health figures in the United States); nor are so many others that
what is not shown could be found by taking the lines that are shown from all of them together.
"""

from collections.abc import Sequence

LEAST = 11


def unshown(lines: Sequence[Sequence[int]]) -> tuple[frozenset[int], bool]:
    """Return the places of the lines that are not shown, and whether what they come to together is not either.

    A line: its counts, each of which adds up over the lines, the greatest first.
    """
    hidden = {place for place, counts in enumerate(lines) if any(map(_is_small, counts))}
    # The smallest others first, since they tell least. One that holds nothing hides nothing beside it.
    left = [place for place in range(len(lines)) if place not in hidden and any(lines[place])]
    others = sorted(left, key=lambda place: (lines[place][0], place))
    while hidden and _can_be_reckoned(hidden, lines):
        if not others:
            return frozenset(range(len(lines))), True
        hidden.add(others.pop(0))
    return frozenset(hidden), False


def _is_small(count: int) -> bool:
    return 0 < count < LEAST


def _can_be_reckoned(hidden: set[int], lines: Sequence[Sequence[int]]) -> bool:
    """Whether all together less what is shown leaves one line alone, or a count of few."""
    sums = (sum(column) for column in zip(*(lines[place] for place in hidden), strict=True))
    return len(hidden) == 1 or any(map(_is_small, sums))
