"""The history of an entry in Django's admin: what was done to it at any door."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.contrib.admin.views.main import PAGE_VAR
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse

from core.accounts.principals import principal_of
from core.staff_pages.site_time import zone_of
from scheduler.setup_forms.change_log import EditLine, edits_of


def _as_logged(line: EditLine) -> dict[str, Any]:
    """Return an act as the admin's page of a row shows its own."""
    return {"action_time": line.at, "user": {"get_username": line.who}, "get_change_message": line.what}


class ShowsEdits(admin.ModelAdmin):  # type: ignore[type-arg]  # not subscriptable at run time
    """A table whose rows show under "History" who set them up, from what to what."""

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """Show what was done to a row at any door."""
        row = self.get_object(request, unquote(object_id))
        shown = [_as_logged(one) for one in edits_of(row, zone=zone_of(principal_of(request)))] if row else []
        page = Paginator(shown, 100).get_page(request.GET.get(PAGE_VAR))
        return super().history_view(request, object_id, {"action_list": page, **(extra_context or {})})
