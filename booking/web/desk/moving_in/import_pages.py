"""Importing at the desk: which tables there are, a template of each, what a file would do, and doing it."""

from dataclasses import dataclass, replace
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

from booking.moving_in.actions import importing
from booking.moving_in.actions.importing import ImportReport
from booking.moving_in.cells import DateOrder
from booking.moving_in.kinds import ImportKind
from booking.moving_in.rows import Setting
from booking.moving_in.tables import LARGEST, MOST_ROWS, Table, read_table
from booking.web.desk.moving_in.carried_table import carried, opened_table
from booking.web.desk.moving_in.import_kinds import KINDS
from booking.web.desk.moving_in.import_rows import question_rows, shown_rows, summary
from booking.web.desk.shell import Desk, desk_of, desk_page, staff_page
from booking.web.responses import asked_or_sent
from core import clock
from core.accounts.principals import principal_of
from core.http.csv_download import csv_download
from core.models import Site
from core.refusals import Refusal
from core.rights import Action, sites_for

FILE, PASTED, CARRIED, PART, SEEN, ORDER, TELL, ACT, ANSWER = (
    "file", "pasted", "carried", "part", "seen", "order", "tell", "act", "answer-",
)  # fmt: skip
IMPORT = "import"


@desk_page(Action.EDIT_CATALOGUE)
def kinds(request: HttpRequest, desk: Desk, at: datetime) -> HttpResponse:  # noqa: ARG001  (as all pages)
    """List the tables that can be imported, in the order in which they lean on each other."""
    rows = [{"kind": one, "url": _url(one, desk)} for one in KINDS.values()]
    return render(request, "booking/desk/imports.html", {"desk": desk, "rows": rows})


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
    content = _content(request, found)
    try:
        if content is None:
            return _page(request, desk, found, wrong=_("Choose a file, or paste the rows of one."))
        table = read_table(content, known=_headings(found))
        return _looked_at(request, desk, found, ReadFile(content, table, _part(request)), at=at)
    except Refusal as refusal:
        return _page(request, desk, found, wrong=str(refusal))


@dataclass(frozen=True, slots=True)
class ReadFile:
    """A file that was sent, and which part of its rows is looked at: what one press takes over."""

    content: bytes
    table: Table
    number: int = 0


def _looked_at(request: HttpRequest, desk: Desk, kind: ImportKind, file: ReadFile, *, at: datetime) -> HttpResponse:
    """Import a part of a table where the press says so, and show the next one; else show what it would do."""
    setting = _setting(request, desk, at=at)
    seen = request.POST.get(SEEN, "") if request.POST.get(ACT) == IMPORT else None
    report = _report(kind, file, setting, seen=seen)
    if report.done:
        messages.success(request, _done_in_words(report))
        if (file.number + 1) * kind.most >= len(file.table.rows):
            return redirect(_url(kind, desk))
        file, setting, seen = replace(file, number=file.number + 1), replace(setting, answers={}), None
        report = _report(kind, file, setting, seen=None)
    overtaken = seen is not None and not report.either
    return _page(request, desk, kind, overtaken=overtaken, **_shown(request, kind, report, file, setting))


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


def _headings(kind: ImportKind) -> set[str]:
    return {name for column in kind.columns for name in column.names}


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


def _part(request: HttpRequest) -> int:
    sent = request.POST.get(PART, "")
    return int(sent) if sent.isdecimal() and len(sent) < len(str(MOST_ROWS)) else 0


def _is_answer(name: str) -> bool:
    return name.startswith(ANSWER) and name[len(ANSWER) :].isdecimal() and len(name) < len(ANSWER) + 7


def _report(kind: ImportKind, file: ReadFile, setting: Setting, *, seen: str | None) -> ImportReport:
    part = file.table.part(file.number, most=kind.most)
    if seen is None:
        return importing.preview(kind, part, setting)
    return importing.take_over(kind, part, setting, seen=seen)


def _shown(
    request: HttpRequest, kind: ImportKind, report: ImportReport, file: ReadFile, setting: Setting
) -> dict[str, Any]:
    rows, part = file.table.rows, file.table.part(file.number, most=kind.most).rows
    several = {"first": part[0].number, "last": part[-1].number, "count": len(rows)} if 0 < len(part) < len(rows) else 0
    return {
        "carried": carried(file.content, kind.key, by=principal_of(request)),
        "part": file.number,
        "several": several,
        "read_as": file.table.read_as(),
        "report": report,
        "summary": summary(report),
        "rows": shown_rows(report),
        "question": question_rows(report),
        "order": setting.order or "",
        "tell": setting.tell,
        "asks": any(one.choices for one in report.outcomes),
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
        **shown,
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if wrong else HTTPStatus.OK
    return render(request, "booking/desk/import.html", context, status=status)


def _done_in_words(report: ImportReport) -> str:
    said = ngettext("Imported: %(count)d row.", "Imported: %(count)d rows.", report.writes) % {"count": report.writes}
    out = [str(one.number) for one in report.outcomes if one.result.stays_out]
    if not out:
        return said
    return f"{said} {_('Left out, and to be mended: rows %(rows)s.') % {'rows': ', '.join(out)}}"
