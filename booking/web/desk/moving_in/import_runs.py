"""A long table that is taken over: how far it is, a way to go on by hand, and at the end what was left out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from booking.models import TableImport
from booking.moving_in.actions import long_imports
from booking.moving_in.import_kinds import KINDS
from booking.web.desk.shell import Desk, desk_of, staff_page
from booking.web.responses import asked_or_sent
from core import clock
from core.http.csv_download import csv_download
from core.models import Site
from core.rights import Action
from core.text.languages import when_in_words

MOST_SHOWN = 200
EVERY = 5
"""Seconds after which a page of what is under way comes anew."""

STALLED = timedelta(seconds=75)
"""Without a part done for so long, nobody is at work: a worker looks once a minute, and a part takes a second."""

ACT, GO_ON, STOP, STILL, AGAIN = "act", "go-on", "stop", "still", "again"
PARTS_BY_HAND = 3


def run_or_404(public_id: str | UUID, *, among: Sequence[Site], kind: str = "") -> TableImport:
    """Return an import at one of these sites. Raises Http404."""
    rows = TableImport.objects.filter(site__in=[site.pk for site in among]).select_related("site", "user")
    try:
        found = (rows.filter(kind=kind) if kind else rows).filter(public_id=public_id).first()
    except ValidationError as error:
        raise Http404 from error
    if found is None:
        raise Http404
    return found


def run_url(run: TableImport) -> str:
    """Return where it is shown how far an import is."""
    return f"{reverse('desk-import-run', args=[run.public_id])}?site={run.site.key}"


@dataclass(frozen=True, slots=True)
class RunRow:
    """An import in a list."""

    url: str
    title: str
    words: str


def run_rows(desk: Desk) -> list[RunRow]:
    """Return the imports of a site, the newest first."""
    rows = TableImport.objects.filter(site=desk.site).select_related("site")[:20]
    return [RunRow(run_url(one), _title(one), _how_far(one)) for one in rows]


def _title(run: TableImport) -> str:
    """Return what a table is called; one that this release takes no more goes by its key."""
    return str(KINDS[run.kind].title) if run.kind in KINDS else run.kind.capitalize()


def in_thousands(number: int) -> str:
    """Return a number as people read a long one: 5,000."""
    return number_format(number, force_grouping=True)


def _how_far(run: TableImport) -> str:
    said = _("%(done)s of %(all)s rows are done, begun %(when)s.")
    if run.ended_at:
        said = _("Begun %(when)s: %(done)s of %(all)s rows were looked at.")
    return said % {
        "done": in_thousands(run.rows_done),
        "all": in_thousands(run.rows),
        "when": when_in_words(run.begun_at, run.site.tz),
    }


@asked_or_sent
@staff_page(Action.EDIT_CATALOGUE)
def import_run(request: HttpRequest, run: UUID) -> HttpResponse:
    """Show how far an import is; go on by hand, or stop it."""
    at = clock.now()
    there = run_or_404(run, among=desk_of(request, Action.EDIT_CATALOGUE, at=at).sites)
    desk = desk_of(request, Action.EDIT_CATALOGUE, at=at, site=there.site)
    if request.method == "POST":
        return _acted(request, there, at=at)
    still = STILL in request.GET
    page = render(request, "booking/desk/import_run.html", _context(there, desk, still=still, at=at))
    if there.ended_at is None and not still:
        page.headers["Refresh"] = f"{EVERY}; url={run_url(there)}&{AGAIN}=1"
    if AGAIN in request.GET:
        # It came anew by itself, which is no click: nobody stays signed in by it.
        request.session.modified = False
    return page


def _acted(request: HttpRequest, run: TableImport, *, at: datetime) -> HttpResponse:
    if request.POST.get(ACT) == STOP:
        long_imports.stop(run.pk, at=at)
        messages.success(request, _("Stopped. What was taken over stays."))
    if request.POST.get(ACT) == GO_ON:
        for _part in range(PARTS_BY_HAND):
            if not long_imports.go_on(run.pk, at=at):
                break
    return redirect(run_url(run))


def _context(run: TableImport, desk: Desk, *, still: bool, at: datetime) -> dict[str, Any]:
    here = run_url(run)
    return {
        "desk": desk,
        "run": run,
        "title": _title(run),
        "taken_no_more": run.kind not in KINDS,
        "stalled": run.ended_at is None and at - run.worked_at > STALLED,
        "stopped": run.ended_at is not None and run.rows_done < run.rows,
        "still": still,
        "here": here,
        "other": here if still else f"{here}&{STILL}=1",
        "back": f"{reverse('desk-import')}{desk.where}",
        "table": f"{reverse('desk-import-kind', args=[run.kind])}{desk.where}",
        "csv": reverse("desk-import-left-csv", args=[run.public_id]),
        "has_content": bool(run.content) and run.kind in KINDS,
        **_in_words(run),
    }


def _in_words(run: TableImport) -> dict[str, Any]:
    left = long_imports.left_rows(run)
    return {
        "who": run.user.get_full_name(),
        "begun": when_in_words(run.begun_at, run.site.tz),
        "since": when_in_words(run.worked_at, run.site.tz),
        "done": in_thousands(run.rows_done),
        "all": in_thousands(run.rows),
        "written": in_thousands(run.rows_written),
        "there": in_thousands(run.rows_done - run.rows_written - len(left)),
        "left": left[:MOST_SHOWN],
        "left_count": len(left),
        "left_words": _left_in_words(len(left)),
    }


def _left_in_words(count: int) -> str:
    return ngettext("%(count)d row was left out", "%(count)d rows were left out", count) % {"count": count}


@asked_or_sent
@staff_page(Action.EDIT_CATALOGUE)
def left_out_csv(request: HttpRequest, run: UUID) -> HttpResponse:
    """Give out the rows that were left out, as they came, with why: to be mended, and brought along once more."""
    there = run_or_404(run, among=desk_of(request, Action.EDIT_CATALOGUE, at=clock.now()).sites)
    if not there.content or there.kind not in KINDS:
        raise Http404
    why = {one.number: " ".join(one.lines) for one in long_imports.left_rows(there)}
    table = long_imports.table_of(there)
    rows = [[*_filled(row.cells, len(table.titles)), why[row.number]] for row in table.rows if row.number in why]
    return csv_download(f"left-out-{there.kind}.csv", [*table.titles, _("Why it was left out")], rows)


def _filled(cells: Sequence[str], width: int) -> list[str]:
    return [*cells, *[""] * width][:width]
