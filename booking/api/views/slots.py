"""When is there time? Free starts, the days that have some, the soonest, and why a start is not free."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from booking import queries
from booking.api.serializers import SlotSerializer
from booking.api.slot_json import day_as_json, slot_as_json
from booking.roles import acts_as_staff
from core.api import Instant, StrictSerializer
from core.api.views import ApiView
from core.models import Site
from core.refusals import Invalid, Missing
from core.rights import Action
from scheduler import public as scheduler

SHOWN = timedelta(days=14)
LONGEST = timedelta(days=92)
PARTS = ("morning", "afternoon", "evening")
GENDERS = ("female", "male", "other", "unknown")


class SlotQuery(StrictSerializer):
    """What somebody looks for."""

    therapy = serializers.SlugField(help_text="Key of a therapy.")
    visit = serializers.ChoiceField(scheduler.VisitType.choices)
    technique = serializers.SlugField(required=False, default="", help_text="For therapies that differ by it.")
    site = serializers.SlugField(required=False, help_text="Key of a site; all sites when left out.")
    practitioner = serializers.UUIDField(required=False)
    gender = serializers.ChoiceField(GENDERS, required=False, help_text="Of the practitioner.")
    language = serializers.RegexField(r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})?$", required=False, help_text="Spoken there.")
    part_of_day = serializers.ChoiceField(PARTS, required=False, help_text="By the site's clock: from 12:00, 17:00.")
    moving = serializers.UUIDField(required=False, help_text="An appointment whose own time counts as free.")

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """Return the fields; `from` is a word of Python's, so it cannot be written above."""
        since = Instant(required=False, help_text="Earliest start; now when left out.")
        until = Instant(required=False, help_text="Starts before this; 14 days later when left out, 92 at most.")
        return super().get_fields() | {"from": since, "to": until}


class ListQuery(SlotQuery):
    """What somebody looks for, and how many starts they want to see."""

    limit = serializers.IntegerField(min_value=1, max_value=100, default=50)


@dataclass(frozen=True, slots=True)
class SearchScope:
    """Where a search looks: the sites, and by whose notice and horizon."""

    sites: frozenset[int]
    staff: bool


class SlotView(ApiView):
    """What views of free times share."""

    rights: ClassVar[dict[str, Action]] = {"GET": Action.SEE_FREE_TIMES}
    query: ClassVar[type[StrictSerializer]] = SlotQuery
    shown = SHOWN

    def search_scope(self, key: str | None) -> SearchScope:
        """Return where to look. Staff's notice and horizon hold where whoever asks is staff of all of it."""
        rows = Site.objects.filter(active=True)
        found = frozenset((rows.filter(key=key) if key else rows).values_list("pk", flat=True))
        if key and not found:
            raise Invalid(errors=[{"parameter": "site", "detail": _("There is no such site."), "code": "unknown"}])
        return SearchScope(found, bool(found) and all(acts_as_staff(self.principal, site_id=site) for site in found))

    def moving(self, public_id: Any) -> Any:
        """Return the allocation of an appointment that may be seen. Raises Invalid."""
        if public_id is None:
            return None
        try:
            return queries.appointment(public_id, by=self.principal).allocation
        except Missing as error:
            detail = _("There is no such appointment.")
            raise Invalid(errors=[{"parameter": "moving", "detail": detail, "code": "unknown"}]) from error

    def search_query(self) -> scheduler.SearchQuery:
        """Return the search that the parameters ask for."""
        asked = self.validated_query()
        board = self.search_scope(asked.pop("site", None))
        start = asked.pop("from", self.at)
        end = asked.pop("to", start + self.shown)
        if end <= start:
            raise Invalid(errors=[{"parameter": "to", "detail": _("The end must be later."), "code": "invalid"}])
        moving = self.moving(asked.pop("moving", None))
        return scheduler.SearchQuery(
            starts_at=start, ends_at=end, sites=board.sites, staff=board.staff, moving=moving, **asked
        )


class SlotListSerializer(serializers.Serializer[Any]):
    """Starts that can be booked, the soonest first."""

    results = SlotSerializer(many=True)


class SlotListView(SlotView):
    """Free starts."""

    query: ClassVar[type[StrictSerializer]] = ListQuery

    @extend_schema(operation_id="slots_list", responses=SlotListSerializer)
    def get(self, request: Request) -> Response:
        """Answer with the soonest starts, at most `limit`."""
        return Response({"results": [slot_as_json(slot) for slot in scheduler.search(self.search_query(), at=self.at)]})


class DaySerializer(serializers.Serializer[Any]):
    """A day, by the site's calendar."""

    day = serializers.DateField()
    starts = serializers.IntegerField(help_text="How many starts can be booked.")
    first = serializers.DateTimeField(help_text="By the site's clock, with its offset.")


class DaysSerializer(serializers.Serializer[Any]):
    """Days on which something is free."""

    results = DaySerializer(many=True)


class SlotDaysView(SlotView):
    """Days that have free starts."""

    @extend_schema(responses=DaysSerializer)
    def get(self, request: Request) -> Response:
        """Answer with the days on which something is free, each with how much."""
        return Response({"results": [day_as_json(day) for day in scheduler.days(self.search_query(), at=self.at)]})


class SoonestSerializer(serializers.Serializer[Any]):
    """The soonest start, or null."""

    slot = SlotSerializer(allow_null=True)


class SoonestSlotView(SlotView):
    """The soonest start."""

    shown = LONGEST

    @extend_schema(responses=SoonestSerializer)
    def get(self, request: Request) -> Response:
        """Answer with the soonest start, looking 92 days ahead unless `to` says otherwise."""
        slot = scheduler.first(self.search_query(), at=self.at)
        return Response({"slot": slot and slot_as_json(slot)})


class SlotDetailQuery(StrictSerializer):
    """For whom a start is judged."""

    moving = serializers.UUIDField(required=False, help_text="An appointment whose own time counts as free.")


class UnavailableReasonSerializer(serializers.Serializer[Any]):
    """Why a start cannot be had."""

    code = serializers.CharField()
    detail = serializers.CharField()


class ExplanationSerializer(serializers.Serializer[Any]):
    """Whether a start is free, and if not, every reason why."""

    slot = SlotSerializer()
    free = serializers.BooleanField()
    reasons = UnavailableReasonSerializer(many=True)


class SlotDetailView(SlotView):
    """One start."""

    query: ClassVar[type[StrictSerializer]] = SlotDetailQuery

    @extend_schema(responses=ExplanationSerializer)
    def get(self, request: Request, id: str) -> Response:  # noqa: A002  (the address names it so)
        """Say whether a start is free, or why not."""
        slot, moving = scheduler.slot(id), self.moving(self.validated_query().get("moving"))
        staff = acts_as_staff(self.principal, site_id=slot.site.id)
        told = scheduler.explain(id, at=self.at, staff=staff, moving=moving)
        reasons = [{"code": why.code, "detail": why.detail} for why in told.reasons]
        return Response({"slot": slot_as_json(told.slot), "free": told.free, "reasons": reasons})
