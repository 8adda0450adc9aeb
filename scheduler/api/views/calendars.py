"""Working hours, absences and closures over the wire. Each edit answers with what it leaves without cover."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.problem_responses import ProblemSerializer
from core.api.views import ApiListView
from core.http.idempotency import Answer
from core.rights import Action, Subject
from scheduler.actions import calendars
from scheduler.actions.calendar_edits import lock_with_owner
from scheduler.api import calendar_serializers
from scheduler.api.filters import AbsenceFilter, ClosureFilter, HoursFilter
from scheduler.api.views.edits import EditView, impact_on
from scheduler.calendars.away import sites_of
from scheduler.catalogue import visible_rows
from scheduler.models import Absence, Closure, WorkingHours


class CalendarListView(EditView, ApiListView):
    """Rows of a calendar in the order of the day, and adding one after a look at what it does to visits."""

    rights: ClassVar[dict[str, Action]] = {"GET": Action.SEE_CALENDAR, "POST": Action.EDIT_CALENDAR}


class CalendarDetailView(EditView):
    """A row of a calendar: read, change, take away."""

    rights: ClassVar[dict[str, Action]] = {
        "GET": Action.SEE_CALENDAR,
        "PATCH": Action.EDIT_CALENDAR,
        "DELETE": Action.EDIT_CALENDAR,
    }
    conditional = True

    def lock(self, obj: WorkingHours | Absence | Closure) -> None:
        """Lock the row as its edit does. Raises Missing."""
        lock_with_owner(obj)

    def get(self, request: Request, **_kwargs: Any) -> Response:
        """Answer with the row."""
        return self.detail(self.get_object())


HoursImpact = impact_on(calendar_serializers.HoursSerializer)
AbsenceImpact = impact_on(calendar_serializers.AbsenceSerializer)
ClosureImpact = impact_on(calendar_serializers.ClosureSerializer)


class HoursView(EditView):
    """When a practitioner works at a site, week by week; their own too, for who treats."""

    serializer_class = calendar_serializers.HoursSerializer
    problems: ClassVar[Mapping[int, type[ProblemSerializer]]] = {409: calendar_serializers.HoursProblemSerializer}
    id_description = "Id of working hours."

    def get_queryset(self) -> QuerySet[WorkingHours]:
        return visible_rows.working_hours(self.principal, to=self.right)

    def subject_of(self, obj: WorkingHours) -> Subject:
        """Return whose hours they are and where."""
        return Subject(sites=frozenset({obj.site_id}), practitioner=obj.practitioner.user_id)


class WorkingHoursListView(HoursView, CalendarListView):
    """Added hours are on sale at once, as far ahead as sheets are made."""

    summaries: ClassVar[dict[str, str]] = {"GET": "List working hours", "POST": "Add working hours of a practitioner"}
    form = calendar_serializers.HoursCreateSerializer
    filterset_class = HoursFilter

    @extend_schema(responses={200: HoursImpact, 201: HoursImpact})
    def post(self, request: Request) -> Response:
        """Give a practitioner working hours."""
        return self.once(self.added)

    def added(self) -> Answer:
        """Add what the body names. Raises Invalid, Forbidden and what the calendar refuses."""
        sent = self.validated_body()
        practitioner, site = self.practitioner(sent.pop("practitioner")), self.site(sent.pop("site"))
        self.allow(Subject(sites=frozenset({site.pk}), practitioner=practitioner.user_id))
        shift = calendars.Shift(site=site, **sent)
        return self.answer_with(calendars.add_hours(practitioner, shift, **self.acting), status=201)


class WorkingHoursDetailView(HoursView, CalendarDetailView):
    """Shortened or taken away, they name the visits that lose their cover."""

    summaries: ClassVar[dict[str, str]] = {
        "GET": "Read working hours",
        "PATCH": "Change working hours",
        "DELETE": "Delete working hours",
    }
    form = calendar_serializers.HoursUpdateSerializer

    @extend_schema(responses=HoursImpact)
    def patch(self, request: Request, **_kwargs: Any) -> Response:
        """Change the fields that are sent; the others stay."""
        return self.once(self.changed)

    def changed(self) -> Answer:
        """Change the row as the body says. Raises Missing, Forbidden and what the calendar refuses."""
        hours, sent = self.to_change(), self.validated_body()
        if "site" in sent:
            sent["site"] = self.site(sent["site"])
            self.allow(Subject(sites=frozenset({sent["site"].pk}), practitioner=hours.practitioner.user_id))
        return self.answer_with(calendars.change_hours(hours, **sent, **self.acting))

    @extend_schema(responses={200: HoursImpact})
    def delete(self, request: Request, **_kwargs: Any) -> Response:
        """Take the hours away."""
        return self.once(lambda: self.answer_with(calendars.remove_hours(self.to_change(), **self.acting)))


class AbsenceView(EditView):
    """When a practitioner is away from every site of theirs."""

    serializer_class = calendar_serializers.AbsenceSerializer
    problems: ClassVar[Mapping[int, type[ProblemSerializer]]] = {409: calendar_serializers.AbsenceProblemSerializer}
    id_description = "Id of an absence."

    def get_queryset(self) -> QuerySet[Absence]:
        return visible_rows.absences(self.principal, to=self.right)

    def subject_of(self, obj: Absence) -> Subject:
        """Return who is away, and the sites that miss them."""
        return Subject(sites=sites_of(obj.practitioner), practitioner=obj.practitioner.user_id)


class AbsenceListView(AbsenceView, CalendarListView):
    """The absences."""

    summaries: ClassVar[dict[str, str]] = {"GET": "List absences", "POST": "Add an absence of a practitioner"}
    form = calendar_serializers.AbsenceCreateSerializer
    filterset_class = AbsenceFilter

    @extend_schema(responses={200: AbsenceImpact, 201: AbsenceImpact})
    def post(self, request: Request) -> Response:
        """Enter that a practitioner is away."""
        return self.once(self.added)

    def added(self) -> Answer:
        """Add what the body names. Raises Invalid, Forbidden and what the calendar refuses."""
        sent = self.validated_body()
        practitioner = self.practitioner(sent.pop("practitioner"))
        self.allow(Subject(sites=sites_of(practitioner), practitioner=practitioner.user_id))
        return self.answer_with(calendars.add_absence(practitioner, **sent, **self.acting), status=201)


class AbsenceDetailView(AbsenceView, CalendarDetailView):
    """Changed or taken back, with the visits that lose or regain their cover."""

    summaries: ClassVar[dict[str, str]] = {
        "GET": "Read an absence",
        "PATCH": "Change an absence",
        "DELETE": "Delete an absence",
    }
    form = calendar_serializers.AbsenceUpdateSerializer

    @extend_schema(responses=AbsenceImpact)
    def patch(self, request: Request, **_kwargs: Any) -> Response:
        """Change the fields that are sent; the others stay."""
        return self.once(self.changed)

    def changed(self) -> Answer:
        """Change the row as the body says. Raises Missing and what the calendar refuses."""
        return self.answer_with(calendars.change_absence(self.to_change(), **self.validated_body(), **self.acting))

    @extend_schema(responses={200: AbsenceImpact})
    def delete(self, request: Request, **_kwargs: Any) -> Response:
        """Take the absence back."""
        return self.once(lambda: self.answer_with(calendars.remove_absence(self.to_change(), **self.acting)))


class ClosureView(EditView):
    """When a site, or one therapy there, takes nobody."""

    serializer_class = calendar_serializers.ClosureSerializer
    problems: ClassVar[Mapping[int, type[ProblemSerializer]]] = {409: calendar_serializers.ClosureProblemSerializer}
    id_description = "Id of a closure."

    def get_queryset(self) -> QuerySet[Closure]:
        return visible_rows.closures(self.principal, to=self.right)

    def subject_of(self, obj: Closure) -> Subject:
        return Subject(sites=frozenset({obj.site_id}))


class ClosureListView(ClosureView, CalendarListView):
    """The closures, suggested ones too."""

    summaries: ClassVar[dict[str, str]] = {
        "GET": "List closures, suggested ones too",
        "POST": "Close a site, or a therapy there",
    }
    form = calendar_serializers.ClosureCreateSerializer
    filterset_class = ClosureFilter

    @extend_schema(responses={200: ClosureImpact, 201: ClosureImpact})
    def post(self, request: Request) -> Response:
        """Shut a site, or one therapy there, for whole days, for part of a day, or until further notice."""
        return self.once(self.added)

    def added(self) -> Answer:
        """Add what the body names. Raises Invalid, Forbidden and what the calendar refuses."""
        sent = self.validated_body()
        site, therapy = self.site(sent.pop("site")), sent["therapy"]
        sent["therapy"] = self.therapy(therapy) if therapy else None
        self.allow(Subject(sites=frozenset({site.pk})))
        return self.answer_with(calendars.add_closure(site, **sent, **self.acting), status=201)


class ClosureDetailView(ClosureView, CalendarDetailView):
    """Made longer, shorter or confirmed, with the visits that lose or regain their cover."""

    summaries: ClassVar[dict[str, str]] = {
        "GET": "Read a closure",
        "PATCH": "Change a closure, or confirm a suggested one",
        "DELETE": "Delete a closure",
    }
    form = calendar_serializers.ClosureUpdateSerializer

    @extend_schema(responses=ClosureImpact)
    def patch(self, request: Request, **_kwargs: Any) -> Response:
        """Change the fields that are sent; `confirmed` lets a suggestion hold."""
        return self.once(self.changed)

    def changed(self) -> Answer:
        """Change the row as the body says. Raises Missing and what the calendar refuses."""
        return self.answer_with(calendars.change_closure(self.to_change(), **self.validated_body(), **self.acting))

    @extend_schema(responses={200: ClosureImpact})
    def delete(self, request: Request, **_kwargs: Any) -> Response:
        """Take the closure away."""
        return self.once(lambda: self.answer_with(calendars.remove_closure(self.to_change(), **self.acting)))
