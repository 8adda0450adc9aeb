"""A calendar in Django's admin: what it saves goes through the actions, like every other edit."""

import json
from abc import abstractmethod
from collections.abc import Collection, Iterable
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _

from core import clock
from core.database.transactions import rehearsal
from core.models import Site
from core.staff_pages.edits import EditsAsOne
from core.staff_pages.site_time import SCRIPT, put_zone
from scheduler.actions.calendars import Impact
from scheduler.admin.edit_history import ShowsEdits
from scheduler.calendars.clinic_zones import zones_of
from scheduler.models import Closure
from scheduler.setup_forms.edit_messages import deleting_uncovers_message, holidays_message, uncovered_message
from scheduler.setup_forms.edit_scope import EditScope, edit_scope_of


def unconfirmed(sites: Collection[int]) -> list[Closure]:
    """Return the suggested holidays ahead at these sites, the next one first."""
    rows = Closure.objects.filter(site__in=sites, confirmed=False).select_related("site").order_by("first_on", "pk")
    at = clock.now()
    return [one for one in rows if one.last_on is None or one.last_on >= at.astimezone(one.site.tz).date()]


class EditAdmin(ShowsEdits, EditsAsOne):
    """Rows that are edited by actions. Which rows somebody reaches, `reach` says; everything else follows from it."""

    class Media:
        js = (SCRIPT,)

    fixed: tuple[str, ...] = ()
    """What cannot be changed once it is there."""

    @abstractmethod
    def reach(self, scope: EditScope) -> Q:
        """Return the rows that a desk reaches."""

    @abstractmethod
    def zone(self, row: Any) -> ZoneInfo:
        """Return the zone in which a row's days and times are told."""

    def allowed(self, scope: EditScope) -> bool:
        """Whether a desk edits such calendars at all."""
        return scope.anything

    @abstractmethod
    def remove(self, row: Any, *, scope: EditScope) -> Impact[Any]:
        """Take a row away."""

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Return the rows that whoever asks reaches."""
        rows = super().get_queryset(request)
        return rows.filter(self.reach(edit_scope_of(request)))

    def _may(self, request: HttpRequest, obj: Model | None = None) -> bool:
        reached = obj is None or obj.pk is None or self.get_queryset(request).filter(pk=obj.pk).exists()
        return self.allowed(edit_scope_of(request)) and reached

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Whether it is listed on the first page."""
        return self._may(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Whether a row can be added; the form says for whom."""
        return self._may(request)

    has_view_permission = has_change_permission = has_delete_permission = _may

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[str, ...]:
        """Whose calendar it is cannot be changed."""
        return self.fixed if obj else ()

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Offer the people and sites in reach."""
        if db_field.name not in ("practitioner", "site"):
            return super().formfield_for_foreignkey(db_field, request, **kwargs)
        scope = edit_scope_of(request)
        people, sites = scope.practitioners(), scope.own_and_desk_sites()
        offered: Any = people if db_field.name == "practitioner" else sites
        field = super().formfield_for_foreignkey(db_field, request, queryset=offered, **kwargs)
        zones = zones_of(people) if offered is people else dict(sites.values_list("pk", "zone"))
        if field is not None and (offered is sites or "site" not in (self.form._meta.fields or ())):
            field.widget.attrs["data-zones"] = json.dumps(zones)
        return field

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        """Ask last, just above the button, whether it shall be saved all the same."""
        names = list(super().get_fields(request, obj))
        return sorted(names, key="anyway".__eq__)

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        """Show the form by the row's clock. What is only to be confirmed is no error, and does not look like one."""
        form = context["adminform"].form
        if form.question and list(form.errors) == ["anyway"]:
            self.message_user(request, form.question, messages.WARNING)
            form.errors.clear()
            context["errors"] = []
        if form.close_at:
            way = format_html(
                '<a href="{}">{}</a>', form.close_at, _("Close it from a day on, and settle each of them")
            )
            self.message_user(request, way, messages.WARNING)
        row = kwargs.get("obj")
        if row is not None:
            timezone.activate(self.zone(row))
        zone = ZoneInfo(timezone.get_current_timezone_name())
        for field in form.fields.values():
            put_zone(field.widget, zone)
        return super().render_change_form(request, context, *args, **kwargs)

    def get_form(self, request: HttpRequest, obj: Model | None = None, change: bool = False, **kwargs: Any) -> Any:
        """Give the form the desk of whoever edits."""
        form: Any = super().get_form(request, obj, change, **kwargs)
        form.scope = edit_scope_of(request)
        return form

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Do the edit and tell what it leaves without cover."""
        impact = form.act()
        # The admin goes on with its own object, which it logs and shows: it has to be the row as it was saved.
        vars(obj).update(vars(impact.row))
        self.tell(request, [impact])

    def delete_model(self, request: HttpRequest, obj: Model) -> None:
        """Take the row away and tell what that leaves without cover."""
        self.delete_queryset(request, [obj])

    def delete_queryset(self, request: HttpRequest, queryset: Iterable[Any]) -> None:
        """Take the rows away, each as if alone, and tell what that leaves without cover."""
        # One by one, in one transaction: each removal names its own visits, and all go or none.
        scope = edit_scope_of(request)
        self.tell(request, [self.remove(row, scope=scope) for row in queryset])

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Name the visits that lose cover, when somebody is asked whether one row or several shall go."""
        if "post" not in request.POST:
            scope = edit_scope_of(request)
            with rehearsal(only=True):
                impacts = [
                    self.remove(row, scope=scope) for row in list(objs) if self.has_delete_permission(request, row)
                ]
            left = {one.allocation: one for impact in impacts for one in impact.uncovered}
            if left:
                self.message_user(request, deleting_uncovers_message(left.values()), messages.WARNING)
        return super().get_deleted_objects(objs, request)

    def tell(self, request: HttpRequest, impacts: Iterable[Impact[Any]]) -> None:
        """Show which visits are now without cover, and what else is to be known."""
        all_of = list(impacts)
        left = {one.allocation: one for impact in all_of for one in impact.uncovered}
        for warning in dict.fromkeys(one.detail for impact in all_of for one in impact.warnings):
            self.message_user(request, warning, messages.WARNING)
        if left:
            self.message_user(request, uncovered_message(left.values()), messages.WARNING)

    def remind_of_holidays(self, request: HttpRequest, site: Site, *, new: bool = False) -> None:
        """Say, with a link, which public holidays of a site are still on sale, to somebody who can confirm them.

        Whoever has added a `new` site can: this request began when it was not among theirs.
        """
        if told := holidays_message(unconfirmed({site.pk} if new else edit_scope_of(request).sites & {site.pk})):
            page = f"{reverse('admin:scheduler_closure_changelist')}?confirmed__exact=0&site__id__exact={site.pk}"
            link = format_html('{} <a href="{}">{}</a>', told, page, _("Confirm public holidays"))
            self.message_user(request, link, messages.WARNING)
