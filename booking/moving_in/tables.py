"""Tables as spreadsheets write them: bytes read into rows, with how they were read. No database, no clock."""

import csv
import io
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from core.refusals import Invalid
from core.text.folding import fold

LARGEST = 500_000
"""Bytes: a request holds no more than a megabyte, and the file comes back, sealed, with the press that imports it."""

MOST_COLUMNS, MOST_ROWS = 60, 5000
SEPARATORS = (",", ";", "\t")
NAMED_ITSELF = "sep="
"""A first line by which some spreadsheets say their separator."""

WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
"""How workbooks begin: of today's spreadsheets, and of those before 2007."""

ENCODINGS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
"""The marks with which a file may say how its letters are written."""


@dataclass(frozen=True, slots=True)
class TableRow:
    """A row that has something in it. `number`: as the spreadsheet counts it, the headings being row 1."""

    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """What stands in a file, and how it was read. `headings`: folded, by column; empty where a column has none."""

    headings: tuple[str, ...]
    titles: tuple[str, ...]
    rows: tuple[TableRow, ...]
    encoding: str
    separator: str

    def first(self, most: int) -> "Table":
        """Return it with so many rows at most."""
        return replace(self, rows=self.rows[:most])

    def read_as(self) -> str:
        """Say how the file was read, so that whoever sees odd letters or columns knows why."""
        said = _("Read as %(encoding)s, columns parted by %(separator)s.")
        return said % {"encoding": self.encoding, "separator": _separators()[self.separator]}


def _separators() -> dict[str, str]:
    return {",": _("commas"), ";": _("semicolons"), "\t": _("tabs")}


def read_table(content: bytes, *, known: Collection[str]) -> Table:
    """Return the table in a file; `known`: folded headings, by which its separator is found out. Raises Invalid."""
    _refuse_what_is_no_table(content)
    text, encoding = _decoded(content)
    first, _end, rest = text.partition("\n")
    if first.strip().casefold().startswith(NAMED_ITSELF):
        named = first.strip("\r\n")[len(NAMED_ITSELF) :][:1] or "\t"
        # Spreadsheets read this line and do not show it: the headings are their row 1 all the same.
        lines, separator = rest, named if named in SEPARATORS else ""
    else:
        lines, separator = text, ""
    separator = separator or _separator(lines, known)
    records = _records(lines, separator)
    if not records:
        raise Invalid(_("The file is empty. Download the template to see what it needs."))
    heading, *others = records
    rows = tuple(
        TableRow(number, tuple(cells))
        for number, cells in enumerate(others, start=2)
        if any(cell.strip() for cell in cells)
    )
    if len(rows) > MOST_ROWS:
        said = _("There are %(count)d rows, and at most %(most)d are read. Part the file, and keep the headings.")
        raise Invalid(said % {"count": len(rows), "most": MOST_ROWS})
    titles = tuple(title.strip() for title in heading)
    return Table(
        headings=tuple(fold(title) for title in titles),
        titles=titles,
        rows=rows,
        encoding=encoding,
        separator=separator,
    )


def _refuse_what_is_no_table(content: bytes) -> None:
    if not content.strip():
        raise Invalid(_("The file is empty. Download the template to see what it needs."))
    if len(content) > LARGEST:
        said = _("This file is larger than %(most)d kB. Part it, and keep the headings in each part.")
        raise Invalid(said % {"most": LARGEST // 1000})
    if content.startswith(WORKBOOKS):
        raise Invalid(_("This is a workbook. In the spreadsheet, choose “Save as”, and there “CSV UTF-8”."))


def _decoded(content: bytes) -> tuple[str, str]:
    """Return a file's text, and the name of how its letters are written. Raises Invalid."""
    marked = next((name for mark, name in ENCODINGS.items() if content.startswith(mark)), "")
    for encoding in [marked] if marked else [*_without_mark(content)]:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text.replace("\r\n", "\n").replace("\r", "\n"), NAMES[encoding]
    raise Invalid(_("The letters in this file cannot be read. In the spreadsheet, save it as “CSV UTF-8”."))


NAMES = {
    "utf-8-sig": "UTF-8", "utf-8": "UTF-8", "utf-16": "UTF-16", "utf-16-le": "UTF-16", "utf-16-be": "UTF-16",
    "cp1252": "Windows-1252",
}  # fmt: skip


def _without_mark(content: bytes) -> list[str]:
    """Return how a file may be written that does not say so; UTF-8 is hardly ever met by chance, so it goes first."""
    even, odd = content[:400:2].count(0), content[1:400:2].count(0)
    if max(even, odd) * 4 > len(content[:400]):
        return ["utf-16-be" if even > odd else "utf-16-le"]
    return ["utf-8", "cp1252"]


def _separator(text: str, known: Collection[str]) -> str:
    """Return by what the columns are parted: by whatever parts the most headings that are known."""

    def found(separator: str) -> tuple[int, int]:
        heading = next(csv.reader([text.partition("\n")[0]], delimiter=separator), [])
        return len({fold(title) for title in heading} & set(known)), len(heading)

    return max(SEPARATORS, key=found)


def _is_open(lines: list[str], separator: str, *, last: bool) -> bool:
    """Whether a quote that opens in the lines of a record swallows what stands below it."""
    if last and len(list(csv.reader([*lines[:-1], lines[-1].rstrip("\n") + "\n", "-"], delimiter=separator))) == 1:
        return True
    if len(lines) == 1:
        return False
    try:
        # Closed, as it seems, by the quote at which another cell opens.
        list(csv.reader(lines, delimiter=separator, strict=True))
    except csv.Error:
        return True
    return False


def _records(text: str, separator: str) -> list[list[str]]:
    """Return the records of a text. Raises Invalid."""
    lines = io.StringIO(text, newline="").readlines()
    reader = csv.reader(lines, delimiter=separator)
    records: list[list[str]] = []
    try:
        while True:
            begun = reader.line_num
            if (record := next(reader, None)) is None:
                break
            records.append(record)
            if _is_open(lines[begun : reader.line_num], separator, last=reader.line_num == len(lines)):
                said = _('A quote (") that opens in row %(row)d is not closed there. Close it, or take it out.')
                raise Invalid(said % {"row": len(records)})
    except csv.Error as error:
        raise Invalid(_("This is no table. In the spreadsheet, save it as “CSV UTF-8”.")) from error
    if any(len(record) > MOST_COLUMNS for record in records):
        raise Invalid(_("There are more columns than any of our tables has. Download the template, and start from it."))
    return records


def column_letters(index: int) -> str:
    """Return what a spreadsheet calls a column: A, B, … Z, AA."""
    letters, rest = "", index + 1
    while rest:
        rest, last = divmod(rest - 1, 26)
        letters = chr(ord("A") + last) + letters
    return letters


def missing(needed: Sequence[str], headings: Collection[str]) -> list[str]:
    """Return which folded headings are not there."""
    return [one for one in needed if one not in headings]
