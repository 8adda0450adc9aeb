"""Importing at the desk: which tables there are, a template of each, what a file would do, and doing it."""

from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from booking.models import TableImport
from booking.moving_in.actions import importing, long_imports
from booking.moving_in.actions.importing import ImportReport
from booking.moving_in.cells import DateOrder
from booking.moving_in.import_kinds import KINDS
from booking.moving_in.kinds import ImportKind, headings
from booking.moving_in.rows import Setting
from booking.moving_in.tables import LARGEST, Table, read_table
from booking.web.desk.moving_in.carried_table import carried, opened_table
from booking.web.desk.moving_in.import_rows import (
    MOST_SHOWN,
    left_out_in_words,
    misread_rows,
    question_rows,
    shown_rows,
    summary,
)
from booking.web.desk.moving_in.import_runs import in_thousands, run_or_404, run_rows, run_url
from booking.web.desk.shell import Desk, desk_of, desk_page, staff_page
from booking.web.responses import asked_or_sent
from core import clock
from core.accounts.principals import principal_of
from core.http.csv_download import csv_download
from core.models import Site
from core.refusals import Refusal
from core.rights import Action, sites_for

FILE, PASTED, CARRIED, OF, SEEN, ORDER, TELL, ACT, ANSWER = (
    "file", "pasted", "carried", "of", "seen", "order", "tell", "act", "answer-",
)  # fmt: skip
IMPORT = "import"


@desk_page(Action.EDIT_CATALOGUE)
def kinds(request: HttpRequest, desk: Desk, at: datetime) -> HttpResponse:  # noqa: ARG001  (as all pages)
    """List the tables that can be imported, in the order in which they lean on each other."""
    rows = [{"kind": one, "url": _url(one, desk)} for one in KINDS.values()]
    context = {"desk": desk, "rows": rows, "runs": run_rows(desk)}
    return render(request, "booking/desk/imports.html", context)


@desk_page(Action.EDIT_CATALOGUE)
def template(request: HttpRequest, desk: Desk, at: datetime, kind: str) -> HttpResponse:  # noqa: ARG001  (as all pages)
    """Give out a table with its headings and one example."""
    columns = _kind(kind).columns
    return csv_download(f"{kind}.csv", [str(one.title) for one in columns], [[str(one.example) for one in columns]])


@asked_or_sent
@staff_page(Action.EDIT_CATALOGUE)
def import_kind(request: HttpRequest, kind: str) -> HttpResponse:
    """Ask for a file, show what it would do, and do it with one press."""
    at, found = clock.now(), _kind(kind)
    desk = desk_of(request, Action.EDIT_CATALOGUE, at=at)
    if request.method != "POST":
        return _page(request, desk, found)
    of = _of(request, desk, found)
    content = long_imports.content_of(of) if of else _content(request, found)
    try:
        if content is None:
            return _page(request, desk, found, wrong=_("Choose a file, or paste the rows of one."))
        table = read_table(content, known=headings(found))
        file = ReadFile(content, long_imports.only_left(of, table) if of else table, of)
        return _looked_at(request, desk, found, file, at=at)
    except Refusal as refusal:
        return _page(request, desk, found, wrong=str(refusal))


@dataclass(frozen=True, slots=True)
class ReadFile:
    """A file that was sent. `of`: the import whose rows are looked at that were left out."""

    content: bytes
    table: Table
    of: TableImport | None = None

    def is_long(self, kind: ImportKind) -> bool:
        """Whether a worker takes it over: it has more rows than one press does at once."""
        return self.of is None and len(self.table.rows) > kind.most

    def part(self, kind: ImportKind) -> Table:
        """Return the rows that one press takes over; of a long table, those that are tried out."""
        return self.table.first(kind.most // importing.PARTS * 2 if self.is_long(kind) else kind.most)


def _looked_at(request: HttpRequest, desk: Desk, kind: ImportKind, file: ReadFile, *, at: datetime) -> HttpResponse:
    """Import a table, or let it be, where the press says so; else show what it would do."""
    setting, pressed = _setting(request, desk, at=at), request.POST.get(ACT) == IMPORT
    overtaken = False
    if either := importing.either_date(kind, file.table, setting):
        report = ImportReport(either=either)
    elif pressed and file.is_long(kind):
        return _begun(request, desk, kind, file, setting)
    elif pressed:
        report = importing.take_over(kind, file.part(kind), setting, seen=request.POST.get(SEEN, ""))
        if report.done:
            return _done(request, desk, kind, file, report)
        overtaken = True
        report = importing.preview(kind, file.part(kind), setting)  # as it is once whoever was quicker is done
    else:
        report = importing.preview(kind, file.part(kind), setting)
    return _page(request, desk, kind, overtaken=overtaken, **_shown(request, kind, report, file, setting))


def _done(request: HttpRequest, desk: Desk, kind: ImportKind, file: ReadFile, report: ImportReport) -> HttpResponse:
    messages.success(request, _done_in_words(report))
    if file.of is None:
        return redirect(_url(kind, desk))
    long_imports.settle(file.of.pk, report.outcomes)
    return redirect(run_url(file.of))


def _begun(request: HttpRequest, desk: Desk, kind: ImportKind, file: ReadFile, setting: Setting) -> HttpResponse:
    """Let a worker take over a long table; where one is on its way already, lead to that."""
    try:
        user_id = principal_of(request).user_id or 0
        run = long_imports.begin(kind, file.content, len(file.table.rows), setting, by=user_id)
    except long_imports.ImportUnderWay as refusal:
        messages.warning(request, str(refusal.title))
        run = TableImport.objects.filter(site=desk.site, kind=kind.key).first()  # type: ignore[assignment]  # it is there
    return redirect(run_url(run))


def _kind(key: str) -> ImportKind:
    if key not in KINDS:
        raise Http404
    return KINDS[key]


def _url(kind: ImportKind, desk: Desk) -> str:
    return f"{reverse('desk-import-kind', args=[kind.key])}{desk.where}"


def _content(request: HttpRequest, kind: ImportKind) -> bytes | None:
    """Return what was sent: a file, rows that were pasted, or what goes along with a preview; None for nothing."""
    sent = request.FILES.get(FILE)
    if isinstance(sent, UploadedFile):
        content: bytes = sent.read(LARGEST + 1)
        return content
    if pasted := request.POST.get(PASTED, "").strip():
        return pasted.encode()
    return opened_table(request.POST.get(CARRIED, ""), kind.key, by=principal_of(request))


def _of(request: HttpRequest, desk: Desk, kind: ImportKind) -> TableImport | None:
    """Return the import, at the site at hand, whose rows are looked at that were left out."""
    sent = request.POST.get(OF, "")
    return run_or_404(sent, among=[desk.site], kind=kind.key) if sent else None


def _setting(request: HttpRequest, desk: Desk, *, at: datetime) -> Setting:
    by, sent = principal_of(request), request.POST
    sites = Site.objects.filter(pk__in=sites_for(by, Action.EDIT_CATALOGUE), active=True)
    order = sent.get(ORDER, "")
    answers = {int(name[len(ANSWER) :]): str(value) for name, value in sent.items() if _is_answer(name)}
    return Setting(
        by=by,
        at=at,
        site=desk.site,
        sites=tuple(sites),
        order=DateOrder(order) if order in set(DateOrder) else None,
        answers=answers,
        tell=sent.get(TELL) == "1",
    )


def _is_answer(name: str) -> bool:
    return name.startswith(ANSWER) and name[len(ANSWER) :].isdecimal() and len(name) < len(ANSWER) + 7


def _shown(
    request: HttpRequest, kind: ImportKind, report: ImportReport, file: ReadFile, setting: Setting
) -> dict[str, Any]:
    is_long = file.is_long(kind)
    misread = importing.misread(kind, file.table, setting) if is_long and not report.either else []
    return {
        "misread": misread_rows(misread),
        "beyond": max(len(report.outcomes) - MOST_SHOWN, 0),
        "carried": "" if file.of else carried(file.content, kind.key, by=principal_of(request)),
        "of": file.of,
        "total": in_thousands(len(file.table.rows)),
        "tried": in_thousands(len(report.outcomes)),
        "is_part": len(report.outcomes) < len(file.table.rows),
        "is_long": is_long,
        "read_as": file.table.read_as(),
        "report": report,
        "summary": summary(report),
        "rows": shown_rows(report, asks=not is_long),
        "question": question_rows(report),
        "order": setting.order or "",
        "tell": setting.tell,
        "asks": not is_long and any(one.choices for one in report.outcomes),
    }


def _page(request: HttpRequest, desk: Desk, kind: ImportKind, *, wrong: str = "", **shown: Any) -> HttpResponse:  # noqa: ANN401  (what the page shows)
    context = {
        "desk": desk,
        "kind": kind,
        "note": wrong,
        "here": _url(kind, desk),
        "template": reverse("desk-import-template", args=[kind.key]),
        "back": f"{reverse('desk-import')}{desk.where}",
        "largest": LARGEST // 1000,
        # Whoever is refused mends what they sent, and need not bring all of it again.
        "pasted": request.POST.get(PASTED, "") if wrong else "",
        "tell": request.POST.get(TELL) == "1",
        **shown,
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if wrong else HTTPStatus.OK
    return render(request, "booking/desk/import.html", context, status=status)


def _done_in_words(report: ImportReport) -> str:
    said = ngettext("Imported: %(count)d row.", "Imported: %(count)d rows.", report.writes) % {"count": report.writes}
    out = left_out_in_words(report)
    return f"{said} {_('Left out, and to be mended: %(rows)s.') % {'rows': '; '.join(out)}}" if out else said
