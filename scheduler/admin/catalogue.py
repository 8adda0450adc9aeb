"""The catalogue in Django's admin: whoever keeps a calendar looks at it, the site's administrator sets it up."""

from abc import abstractmethod
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import admin
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from core import clock
from core.accounts.principals import principal_of
from core.admin import ReadOnly, ReadOnlyPermissions, may_read
from core.models import Site
from core.rights import Action, sites_for
from core.staff_pages.site_time import UTC
from core.text.language_names import languages_in_words
from core.text.languages import localized
from scheduler import setup_forms as forms
from scheduler.actions import practitioners, sites, travel
from scheduler.actions.calendars import Impact
from scheduler.admin.edit_admin import EditAdmin
from scheduler.admin.fields import end_column
from scheduler.catalogue import visible_rows
from scheduler.catalogue.families import families
from scheduler.device_kinds import kind_in_words
from scheduler.models import (
    Device,
    Offering,
    OpeningHours,
    Place,
    Practitioner,
    Room,
    Segment,
    Therapy,
    TravelTime,
    VisitPlan,
)
from scheduler.setup_forms.edit_scope import EditScope, edit_scope_of

CLOSES = end_column("closes", gettext_lazy("closes"))


@admin.display(description=gettext_lazy("name"), ordering="key")
def name(row: Model) -> str:
    """Return what people call it."""
    return str(row)


class CatalogueAdmin(EditAdmin):
    """Entries of the catalogue; `within(sites)` says which belong to sites. Most go out of use, and stay."""

    removable = False

    @abstractmethod
    def within(self, sites: frozenset[int]) -> Q:
        """Return the entries of these sites."""

    def reach(self, scope: EditScope) -> Q:
        """Return the entries that a desk sets up."""
        return self.within(scope.catalogue)

    def zone(self, row: Any) -> ZoneInfo:
        """Return the zone of an entry's site; nothing but hours is told by a clock."""
        site = row if isinstance(row, Site) else getattr(row, "site", None)
        return site.tz if site is not None else UTC

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Return the entries that somebody may look at."""
        rows: QuerySet[Any] = admin.ModelAdmin.get_queryset(self, request)
        # Superusers run the installation and hold no role at a site: without this they would see an empty catalogue.
        if request.user.is_superuser:
            return rows
        seen = self.within(sites_for(principal_of(request), Action.SEE_CALENDAR))
        return rows.filter(pk__in=rows.filter(seen).values("pk"))

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Whether it can be looked at; which rows, `get_queryset` says."""
        return may_read(request)

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Whether it is listed on the first page."""
        return may_read(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Whether there is a site to set up; the form says which."""
        return bool(edit_scope_of(request).catalogue)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Whether it belongs to a site that they set up."""
        scope = edit_scope_of(request)
        if obj is None or obj.pk is None:
            return bool(scope.catalogue)
        return bool(self.model._default_manager.filter(self.reach(scope), pk=obj.pk).exists())

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Whether it is of the kind that is taken away, and theirs."""
        return self.removable and self.has_change_permission(request, obj)

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        """Return what the form asks of a new row, or of one that is there; whoever only looks sees the row's own."""
        form: Any = self.form
        names = [*form._meta.fields, "anyway"]
        if obj is None:
            return names
        own = {field.name for field in self.opts.get_fields()}
        shown = [name for name in names if name not in form.added_only]
        if not self.has_change_permission(request, obj):
            shown = [name for name in shown if name in own]
        return [*dict.fromkeys([*self.fixed, *shown])]

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Leave it to the forms what can be chosen."""
        return admin.ModelAdmin.formfield_for_foreignkey(self, db_field, request, **kwargs)


class PlanInline(ReadOnlyPermissions, admin.TabularInline):  # type: ignore[type-arg]  # not subscriptable at run time
    """The plans of a therapy."""

    model = VisitPlan
    extra = 0
    show_change_link = True


class SegmentInline(ReadOnlyPermissions, admin.TabularInline):  # type: ignore[type-arg]  # not subscriptable at run time
    """The segments of a plan."""

    model = Segment
    extra = 0


@admin.register(Site)
class SiteAdmin(CatalogueAdmin):
    """Sites. Only whoever runs the whole installation adds one."""

    form = forms.SiteForm
    list_display = [name, "address", "phone", "zone", "active"]

    def within(self, sites: frozenset[int]) -> Q:
        return Q(pk__in=sites)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Whether they run the whole installation."""
        return edit_scope_of(request).adds_sites

    def save_model(self, request: HttpRequest, obj: Site, form: Any, change: bool) -> None:
        """Save the site; a new one comes with public holidays that somebody has to confirm."""
        super().save_model(request, obj, form, change)
        if not change:
            self.remind_of_holidays(request, obj, new=True)


@admin.register(Therapy)
class TherapyAdmin(CatalogueAdmin):
    """What is offered. Therapies come with the service: they are not added here."""

    form = forms.TherapyForm
    list_display = [name, "family_in_words", "active", "self_bookable", "skin_penetrating"]
    inlines = [PlanInline]

    @admin.display(description=gettext_lazy("family"), ordering="family")
    def family_in_words(self, row: Therapy) -> str:
        """Return what people call its family."""
        return next((localized(family.name) for family in families() if family.key == row.family), row.family)

    def within(self, sites: frozenset[int]) -> Q:
        """Return all therapies, for whoever has a site."""
        return Q() if sites else Q(pk__in=[])

    def reach(self, scope: EditScope) -> Q:
        """Return the therapies that a desk changes, for all sites: those offered at one of theirs, or nowhere yet."""
        return visible_rows.offered_at(scope.catalogue)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nobody adds one."""
        return False


@admin.register(VisitPlan)
class VisitPlanAdmin(ReadOnly):
    """How visits run."""

    list_display = ["therapy", "visit", "technique", "place_features", "devices", "fills_room"]
    list_select_related = ["therapy"]
    list_filter = ["visit"]
    inlines = [SegmentInline]

    @admin.display(description=gettext_lazy("devices"))
    def devices(self, row: VisitPlan) -> str:
        """Return what people call the devices that it takes one of."""
        return ", ".join(kind_in_words(pool) for pool in row.device_pools)


@admin.register(Room)
class RoomAdmin(CatalogueAdmin):
    """Rooms."""

    form = forms.RoomForm
    fixed = ("site",)
    list_display = [name, "site", "suite"]
    list_select_related = ["site"]

    def within(self, sites: frozenset[int]) -> Q:
        return Q(site__in=sites)


@admin.register(Place)
class PlaceAdmin(CatalogueAdmin):
    """Bays in rooms."""

    form = forms.PlaceForm
    fixed = ("room",)
    list_display = [name, "room", "features", "active"]
    list_select_related = ["room"]

    def within(self, sites: frozenset[int]) -> Q:
        return Q(room__site__in=sites)


@admin.register(Device)
class DeviceAdmin(CatalogueAdmin):
    """Units that are counted."""

    form = forms.DeviceForm
    fixed = ("site", "pool", "number")
    list_display = ["kind", "number", "site", "reprocess_minutes", "active"]
    list_select_related = ["site"]

    @admin.display(description=gettext_lazy("kind"), ordering="pool")
    def kind(self, row: Device) -> str:
        """Return what people call such a device."""
        return kind_in_words(row.pool)

    def within(self, sites: frozenset[int]) -> Q:
        return Q(site__in=sites)


@admin.register(OpeningHours)
class OpeningHoursAdmin(CatalogueAdmin):
    """When places and devices can be used."""

    form = forms.OpeningHoursForm
    fixed = ("site",)
    removable = True
    list_display = ["site", "weekday", "opens", CLOSES, "valid_from", "valid_to"]
    list_select_related = ["site"]

    def within(self, sites: frozenset[int]) -> Q:
        return Q(site__in=sites)

    def remove(self, row: OpeningHours, *, scope: EditScope) -> Impact[OpeningHours]:
        return sites.remove_opening_hours(row, by=scope.by, at=clock.now())

    def save_model(self, request: HttpRequest, obj: OpeningHours, form: Any, change: bool) -> None:
        """Save the hours, and say which public holidays they leave on sale."""
        super().save_model(request, obj, form, change)
        self.remind_of_holidays(request, obj.site)


@admin.register(TravelTime)
class TravelTimeAdmin(CatalogueAdmin):
    """Minutes between two sites, which whoever treats at both needs on the way."""

    form = forms.TravelTimeForm
    fixed = ("site", "other_site")
    removable = True
    list_display = ["site", "other_site", "minutes"]
    list_select_related = ["site", "other_site"]

    def within(self, sites: frozenset[int]) -> Q:
        """Return the travel times from and to these sites."""
        return Q(site__in=sites) | Q(other_site__in=sites)

    def remove(self, row: TravelTime, *, scope: EditScope) -> Impact[TravelTime]:
        return travel.remove_travel_time(row, by=scope.by, at=clock.now())


@admin.register(Practitioner)
class PractitionerAdmin(CatalogueAdmin):
    """The people who treat."""

    form = forms.PractitionerForm
    list_display = ["name", "credentials", "spoken", "lanes", "active"]

    def within(self, sites: frozenset[int]) -> Q:
        """Return the people who work at these sites."""
        return Q(resources__sites__in=sites)

    @admin.display(description=gettext_lazy("languages"))
    def spoken(self, obj: Practitioner) -> str:
        """Return which languages they speak, by name."""
        return ", ".join(languages_in_words(obj.languages))


@admin.register(Offering)
class OfferingAdmin(CatalogueAdmin):
    """Who offers what, and where."""

    form = forms.OfferingForm
    fixed = ("practitioner", "site", "therapy")
    removable = True
    list_display = ["practitioner", "site", "therapy", "visits"]
    list_select_related = ["practitioner", "site", "therapy"]
    list_filter = [("practitioner", admin.RelatedOnlyFieldListFilter), ("site", admin.RelatedOnlyFieldListFilter)]

    def within(self, sites: frozenset[int]) -> Q:
        return Q(site__in=sites)

    def remove(self, row: Offering, *, scope: EditScope) -> Impact[Offering]:
        return practitioners.remove_offering(row, by=scope.by, at=clock.now())
