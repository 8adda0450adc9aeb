"""Calls that people asked for before they have an appointment, in Django's admin: whom to call, and by when."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from booking.actions import call_requests
from booking.admin.calls import OpenCallFilter
from booking.calls.calls_to_make import call_requests as to_be_called
from booking.calls.calls_to_make import may_call_at
from booking.models import CallRequest
from core import clock
from core.accounts.principals import principal_of
from core.admin import ReadOnlyPermissions
from core.text import phone_numbers
from core.text.languages import when_in_words


@admin.register(CallRequest)
class CallRequestAdmin(ReadOnlyPermissions, admin.ModelAdmin):  # type: ignore[type-arg]  # not subscriptable at run time
    """The calls that were asked for at one's sites, those that come first on top."""

    list_display = fields = ("person", "reach", "why", "by_when", "site", "asked", "ended")
    list_filter = [OpenCallFilter, ("site", admin.RelatedOnlyFieldListFilter)]
    ordering = (F("done_at").desc(nulls_first=True), "-first", "due_at")
    list_per_page = 50
    actions = ["done"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[CallRequest]:
        """Return the calls that were asked for where somebody calls."""
        return to_be_called(principal_of(request)).order_by(*self.ordering)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """List the calls, the most pressing first."""
        return super().changelist_view(request, {"title": _("Calls that were asked for")} | (extra_context or {}))

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whether somebody makes calls at all."""
        return bool(may_call_at(principal_of(request)))

    has_module_permission = has_call_permission = has_view_permission

    @admin.action(description=_("Done: they have been called"), permissions=["call"])
    def done(self, request: HttpRequest, queryset: QuerySet[CallRequest]) -> None:
        """End the chosen calls."""
        ids = list(queryset.order_by().values_list("pk", flat=True))
        count = call_requests.done(ids, by=principal_of(request), at=clock.now())
        message = ngettext("%(count)d call is done.", "%(count)d calls are done.", count) % {"count": count}
        self.message_user(request, message, messages.SUCCESS)

    @admin.display(description=_("person"), ordering="name")
    def person(self, call: CallRequest) -> str:
        """Whom to call."""
        return call.name

    @admin.display(description=_("phone"))
    def reach(self, call: CallRequest) -> str:
        """Their number, as people read it where the site is."""
        return phone_numbers.readable(call.phone, phone_numbers.country_of(call.site.zone))

    @admin.display(description=_("why"), ordering="-first")
    def why(self, call: CallRequest) -> str:
        """Say what they want, and whether others wait."""
        if call.first:
            return str(_("Call them before others, and ask how they are"))
        return str(_("They would like to book, and asked for a call"))

    @admin.display(description=_("due"), ordering="due_at")
    def by_when(self, call: CallRequest) -> str:
        """By when they are to be called, by the site's clock."""
        return str(_("At once")) if call.first else when_in_words(call.due_at, call.site.tz)

    @admin.display(description=_("since"), ordering="asked_at")
    def asked(self, call: CallRequest) -> str:
        """When they asked, by the site's clock."""
        return when_in_words(call.asked_at, call.site.tz)

    @admin.display(description=_("done"), ordering="done_at")
    def ended(self, call: CallRequest) -> str:
        """When it was done, by the site's clock."""
        return when_in_words(call.done_at, call.site.tz) if call.done_at else ""
