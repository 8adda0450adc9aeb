"""Working hours, absences and closures in Django's admin, so that a scheduler can keep a calendar in a browser."""

from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import admin, messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import path, reverse
from django.urls.resolvers import URLPattern
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core import clock
from core.database.transactions import rehearsal
from core.models import Site
from core.text.languages import when_in_words, zone_in_words
from scheduler.actions import calendars, holidays
from scheduler.actions.calendars import Impact
from scheduler.admin.calendar_forms import AbsenceForm, ClosureForm, HoursForm
from scheduler.admin.edit_admin import EditAdmin, unconfirmed
from scheduler.admin.fields import end_column
from scheduler.calendars.clinic_zones import zone_of
from scheduler.calendars.hours_audiences import FOR_ALL_SITES
from scheduler.models import Absence, Closure, WorkingHours
from scheduler.setup_forms.edit_form import merged
from scheduler.setup_forms.edit_messages import confirming_uncovers_message, holidays_message
from scheduler.setup_forms.edit_scope import EditScope, edit_scope_of

ENDS = end_column("ends", gettext_lazy("ends"))


@admin.register(WorkingHours)
class WorkingHoursAdmin(EditAdmin):
    """When people work."""

    form = HoursForm
    fixed = ("practitioner",)
    list_display = [
        "practitioner", "site", "weekday", "starts", ENDS, "every_weeks", "valid_from", "valid_to", "open_to",
    ]  # fmt: skip
    list_filter = [
        ("practitioner", admin.RelatedOnlyFieldListFilter),
        ("site", admin.RelatedOnlyFieldListFilter),
        "weekday",
        "audience",
    ]
    list_select_related = ["practitioner", "site"]

    def reach(self, scope: EditScope) -> Q:
        """Return the hours at the desk's sites, and their own."""
        return scope.calendars(site="site", practitioner="practitioner")

    @admin.display(description=gettext_lazy("who may book"), ordering="audience")
    def open_to(self, row: WorkingHours) -> str:
        """Return to whom they are open, in words."""
        return str(dict(FOR_ALL_SITES).get(row.audience, row.audience))

    def zone(self, row: WorkingHours) -> ZoneInfo:
        return row.site.tz

    def remove(self, row: WorkingHours, *, scope: EditScope) -> Impact[WorkingHours]:
        return calendars.remove_hours(row, by=scope.by, at=clock.now())

    def save_model(self, request: HttpRequest, obj: WorkingHours, form: Any, change: bool) -> None:
        """Save the hours, and say which public holidays they leave on sale."""
        super().save_model(request, obj, form, change)
        self.remind_of_holidays(request, obj.site)


@admin.register(Absence)
class AbsenceAdmin(EditAdmin):
    """When people are away."""

    form = AbsenceForm
    fixed = ("practitioner",)
    list_display = ["practitioner", "from_", "until", "reason"]
    list_filter = [("practitioner", admin.RelatedOnlyFieldListFilter), "reason"]
    list_select_related = ["practitioner"]
    ordering = ["-period"]

    def reach(self, scope: EditScope) -> Q:
        """Return the absences of people in reach."""
        return Q(practitioner__in=scope.practitioners())

    def zone(self, row: Absence) -> ZoneInfo:
        """Return the zone of their clinic."""
        return zone_of(row.practitioner)

    def remove(self, row: Absence, *, scope: EditScope) -> Impact[Absence]:
        return calendars.remove_absence(row, by=scope.by, at=clock.now())

    @admin.display(description=gettext_lazy("away from"))
    def from_(self, row: Absence) -> str:
        """Return when it begins, in the time of their clinic."""
        zone = zone_of(row.practitioner)
        return f"{when_in_words(row.period.lower, zone)} ({zone_in_words(zone)})"

    @admin.display(description=gettext_lazy("away until"))
    def until(self, row: Absence) -> str:
        """Return when it ends, in the time of their clinic."""
        return when_in_words(row.period.upper, zone_of(row.practitioner))


@admin.register(Closure)
class ClosureAdmin(EditAdmin):
    """When sites are shut. Public holidays are suggested, and hold once they are confirmed."""

    form = ClosureForm
    fixed = ("site", "therapy")
    list_display = ["name", "site", "therapy", "first_on", "starts", "last_on", ENDS, "confirmed"]
    list_filter = ["confirmed", ("site", admin.RelatedOnlyFieldListFilter)]
    list_select_related = ["site", "therapy"]
    ordering = ["first_on", "site"]
    actions = ["confirm", "confirm_anyway"]

    def reach(self, scope: EditScope) -> Q:
        return Q(site__in=scope.sites)

    def zone(self, row: Closure) -> ZoneInfo:
        return row.site.tz

    def allowed(self, scope: EditScope) -> bool:
        """Whether there is a site to shut."""
        return bool(scope.sites)

    def remove(self, row: Closure, *, scope: EditScope) -> Impact[Closure]:
        return calendars.remove_closure(row, by=scope.by, at=clock.now())

    @admin.action(description=gettext_lazy("Confirm: the clinic is closed on these days"), permissions=["change"])
    def confirm(self, request: HttpRequest, queryset: QuerySet[Closure]) -> None:
        """Let the chosen suggestions hold, unless that leaves visits without cover: then name these first."""
        # Named together, as they would be confirmed: two closures may take the cover of one visit.
        with rehearsal(only=True):
            left = merged(self._confirmed(request, queryset)).uncovered if queryset.exists() else ()
        if left:
            self.message_user(request, confirming_uncovers_message(left), messages.WARNING)
        else:
            self.tell(request, self._confirmed(request, queryset))

    @admin.action(description=gettext_lazy("Confirm all the same: other times are looked for"), permissions=["change"])
    def confirm_anyway(self, request: HttpRequest, queryset: QuerySet[Closure]) -> None:
        """Let the chosen suggestions hold, and name the visits that are without cover now."""
        self.tell(request, self._confirmed(request, queryset))

    def _confirmed(self, request: HttpRequest, queryset: QuerySet[Closure]) -> list[Impact[Closure]]:
        scope, at = edit_scope_of(request), clock.now()
        return [calendars.confirm_closure(closure, by=scope.by, at=at) for closure in queryset]

    def get_urls(self) -> list[URLPattern]:
        """Add the button that suggests public holidays."""
        suggest = self.admin_site.admin_view(self.suggest)
        return [path("suggest/", suggest, name="scheduler_closure_suggest"), *super().get_urls()]

    def suggest(self, request: HttpRequest) -> HttpResponse:
        """Suggest the public holidays of the next year for the desk's sites."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        at = clock.now()
        new = sum(
            holidays.suggest_year(site, at=at) for site in Site.objects.filter(pk__in=edit_scope_of(request).sites)
        )
        said = ngettext("%(count)d holiday is suggested.", "%(count)d holidays are suggested.", new) % {"count": new}
        self.message_user(request, said if new else _("There is nothing new to suggest."), messages.SUCCESS)
        return HttpResponseRedirect(reverse("admin:scheduler_closure_changelist"))

    def changelist_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """List the closures, with the button and what is still to confirm."""
        kwargs["extra_context"] = {
            **(kwargs.get("extra_context") or {}),
            "to_confirm": holidays_message(unconfirmed(edit_scope_of(request).sites)),
            "suggest": reverse("admin:scheduler_closure_suggest"),
        }
        return super().changelist_view(request, *args, **kwargs)
