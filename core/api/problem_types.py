"""Every problem's `type` can be opened: it says what happened and what to do."""

import inspect

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_safe

from core.http.problems import every_kind
from core.refusals import Refusal


def problem_context(kind: type[Refusal]) -> dict[str, object]:
    """Return what a page says of a kind of problem."""
    return {"code": kind.code, "status": kind.status, "title": kind.title, "meaning": inspect.getdoc(kind) or ""}


@require_safe
def problem_list(request: HttpRequest) -> HttpResponse:
    """List every kind of problem."""
    return render(request, "core/problems.html", {"kinds": [problem_context(kind) for kind in every_kind()]})


@require_safe
def problem_detail(request: HttpRequest, code: str) -> HttpResponse:
    """Explain one kind of problem."""
    kinds = [problem_context(kind) for kind in every_kind() if kind.code == code]
    if not kinds:
        raise Http404
    return render(request, "core/problems.html", {"kinds": kinds, "only": kinds[0]})


urlpatterns = [
    path("problems/", problem_list, name="problems"),
    path("problems/<slug:code>/", problem_detail, name="problem"),
]
