"""Calls to make in Django's admin: whom, about which visit, and why."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from booking.actions import calls
from booking.admin.appointments import stands_for_staff
from booking.admin.filters import NarrowingFilter
from booking.calls import call_news
from booking.calls.calls_to_make import call_tasks, caller
from booking.models import CallTask
from booking.models.patients import ContactSystem
from booking.status_display import Awaited
from booking.suitability.answers_by_link import awaited_of
from core import clock
from core.accounts.principals import principal_of
from core.admin import ReadOnlyPermissions
from core.text.languages import when_in_words
from core.text.phone_numbers import country_of


class OpenCallFilter(NarrowingFilter):
    """Calls that are still to be made, unless all are asked for."""

    title, parameter_name = _("state"), "state"
    narrowed, everything = _("To make"), _("All, also done")

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(done_at=None) if self.narrows else queryset


LOOKUPS = frozenset({"state", "reason__exact", "appointment__site__id__exact"})


@admin.register(CallTask)
class CallTaskAdmin(ReadOnlyPermissions, admin.ModelAdmin):  # type: ignore[type-arg]  # not subscriptable at run time
    """The calls to make for the visits of one's sites or calendar, the open ones first."""

    list_display = fields = ("why", "person", "reach", "visit", "practitioner", "site", "raised", "ended")
    list_filter = [OpenCallFilter, "reason", ("appointment__site", admin.RelatedOnlyFieldListFilter)]
    ordering = (F("done_at").desc(nulls_first=True), "appointment__period")
    list_per_page = 50
    actions = ["done"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[CallTask]:
        """Return the calls for visits that somebody may see with the names of those who come."""
        return call_tasks(principal_of(request)).order_by(*self.ordering)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """List the calls, the soonest visit first."""
        return super().changelist_view(request, {"title": _("Calls to make")} | (extra_context or {}))

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Answer the filters beside the list and no other question: each would tell what the list keeps to itself."""
        return lookup in LOOKUPS

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whether somebody makes calls at all."""
        return bool(caller(principal_of(request)).roles)

    has_module_permission = has_call_permission = has_view_permission

    @admin.action(description=_("Done: they have been called"), permissions=["call"])
    def done(self, request: HttpRequest, queryset: QuerySet[CallTask]) -> None:
        """End the chosen calls."""
        # Read first, of what this person sees: the update asks for ids alone.
        ids = list(queryset.order_by().values_list("pk", flat=True))
        count = calls.done(ids, by=principal_of(request), at=clock.now())
        message = ngettext("%(count)d call is done.", "%(count)d calls are done.", count) % {"count": count}
        self.message_user(request, message, messages.SUCCESS)
        if CallTask.objects.filter(pk__in=ids, done_at=None).exists():
            left = _("What a clinician looks at first stays: they end it where they look at health answers.")
            self.message_user(request, left, messages.WARNING)

    @admin.display(description=_("why"), ordering="reason")
    def why(self, call: Any) -> str:  # with the news that `get_queryset` reads beside it
        """Say why, and which news they have not heard."""
        return call_news.why(call)

    @admin.display(description=_("patient"))
    def person(self, call: CallTask) -> str:
        """Whom to call."""
        return call.appointment.patient.name

    @admin.display(description=_("reached at"))
    def reach(self, call: CallTask) -> str:
        """How to reach them, by phone first."""
        # Whoever opens this list has a phone in hand.
        found = sorted(call.appointment.patient.contacts.all(), key=lambda one: one.system != ContactSystem.PHONE)
        return ", ".join(contact.readable(country_of(call.appointment.site.zone)) for contact in found)

    @admin.display(description=_("appointment"), ordering="appointment__period")
    def visit(self, call: CallTask) -> SafeString:
        """Which visit: when it is by the site's clock, how it stands, and the way to it."""
        visit = call.appointment
        page = reverse("admin:booking_appointment_change", args=[visit.pk])
        when = when_in_words(visit.period.lower, visit.site.tz)
        if awaited_of(visit) is Awaited.ANSWERS:
            questions = reverse("desk-questions-by-phone", args=[visit.public_id])
            stands = format_html('<a href="{}">{}</a>', questions, _("read the questions aloud"))
            return format_html('<a href="{}">{}</a>, {}, {}', page, visit.reference, when, stands)
        return format_html('<a href="{}">{}</a>, {}, {}', page, visit.reference, when, stands_for_staff(visit))

    @admin.display(description=_("practitioner"))
    def practitioner(self, call: CallTask) -> str:
        """With whom the visit is that the call is about."""
        return call.appointment.practitioner.name

    @admin.display(description=_("site"))
    def site(self, call: CallTask) -> str:
        return str(call.appointment.site)

    @admin.display(description=_("since"), ordering="raised_at")
    def raised(self, call: CallTask) -> str:
        """Since when it is to be made, by the site's clock."""
        return when_in_words(call.raised_at, call.appointment.site.tz)

    @admin.display(description=_("done"), ordering="done_at")
    def ended(self, call: CallTask) -> str:
        """When it was done, by the site's clock."""
        return when_in_words(call.done_at, call.appointment.site.tz) if call.done_at else ""
