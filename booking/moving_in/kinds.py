"""The tables that a clinic brings along: their columns, and what becomes of a row of each."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from booking.moving_in.rows import Column, RowOutcome, RowReader, Words
from core.refusals import Refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportKind:
    """A table. `take`: does what a row asks for, in the transaction at hand; `most`: rows with one press.

    `read`: reads the cells of a row and notes what is wrong with them, as `take` does first; nothing is written by it.

    `why`: what is said of a row that was refused; `says`: what is to be there before it; `fields`: the columns by the
    fields that an act names; `asks_to_tell`: whether people may be written to because of it.
    """

    key: str
    title: Words
    says: Words
    columns: tuple[Column, ...]
    read: Callable[[RowReader], object]
    take: Callable[[RowReader], RowOutcome]
    most: int
    why: Callable[[RowReader, Refusal], RowOutcome] | None = None
    fields: Mapping[str, str] = field(default_factory=dict)
    asks_to_tell: bool = False


def headings(kind: ImportKind) -> set[str]:
    """Return the folded headings that a table knows."""
    return {name for column in kind.columns for name in column.names}
