"""Tables to take along as CSV, which opens in a spreadsheet: no cell of which is a formula."""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date

from django.http import HttpResponse

from core.text.formulas import begins_formula

Cell = str | int | float | date | None


def csv_download(name: str, heading: Sequence[str], rows: Iterable[Sequence[Cell]]) -> HttpResponse:
    """Return a table as a file of that name: the one way by which the service gives tables out."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")  # RFC 4180
    writer.writerow([_safe(one) for one in heading])
    writer.writerows([_safe(one) for one in row] for row in rows)
    # With the mark by which spreadsheets know UTF-8.
    answer = HttpResponse(text.getvalue().encode("utf-8-sig"), content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _safe(cell: Cell) -> str | int | float:
    if cell is None:
        return ""
    if isinstance(cell, int | float):
        return cell
    words = cell.isoformat() if isinstance(cell, date) else cell
    return f"'{words}" if begins_formula(words) else words
