"""When is there time? Free starts, the days that have some, the soonest, and why a start is not free."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from functools import cached_property
from typing import Any, ClassVar
from urllib.parse import urlencode

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from booking import queries
from booking.actions import requested_slots
from booking.actions.booking_checks import too_soon
from booking.api.place_needs import NeedsField, features_needed
from booking.api.serializers import BookingProblemSerializer, SlotSerializer
from booking.api.slot_json import day_as_json, reason_as_json, slot_as_json, slots_as_json
from booking.audiences import as_patient, for_patient
from booking.errors import NotBookableOnline
from booking.models import Appointment
from booking.roles import audience_of, may_override
from booking.screening.rights import first_day_of
from booking.suitability.visits import place_needs_of_visit
from core.api import Instant, StrictSerializer
from core.api.etags import etag_of
from core.api.problem_responses import ProblemSerializer
from core.api.views import ApiView
from core.database.transactions import one_reading
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
    technique = serializers.SlugField(required=False, help_text="For therapies that differ by it.")
    site = serializers.SlugField(required=False, help_text="Key of a site; all sites when left out.")
    practitioner = serializers.UUIDField(required=False, help_text="Id of a practitioner; all when left out.")
    gender = serializers.ChoiceField(GENDERS, required=False, help_text="Of the practitioner.")
    language = serializers.RegexField(r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})?$", required=False, help_text="Spoken there.")
    part_of_day = serializers.ChoiceField(PARTS, required=False, help_text="By the site's clock: from 12:00, 17:00.")
    moving = serializers.UUIDField(required=False, help_text="An appointment whose own time counts as free.")
    needs = NeedsField(required=False)
    override = serializers.BooleanField(
        required=False, default=False, help_text="Staff: also times that are booked with an override_reason only."
    )

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """Return the fields; `from` is a word of Python's, so it cannot be written above."""
        since = Instant(required=False, help_text="Earliest start; now when left out.")
        until = Instant(required=False, help_text="Starts before this; 14 days later when left out, 92 at most.")
        return super().get_fields() | {"from": since, "to": until}


class ListQuery(SlotQuery):
    """What somebody looks for, and how many starts they want to see."""

    limit = serializers.IntegerField(min_value=1, max_value=100, default=50, help_text="How many starts at most.")
    after = serializers.CharField(required=False, help_text="A slot: only what comes after it. `next` names it.")


@dataclass(frozen=True, slots=True)
class SearchScope:
    """Where a search looks: the sites, and for whom."""

    sites: frozenset[int]
    audience: scheduler.Audience


def slot_key(text: str | None) -> scheduler.SlotKey | None:
    """Return what a slot named in a query stands for. Raises Invalid."""
    try:
        return scheduler.SlotKey.decode(text) if text else None
    except scheduler.UnknownSlot as error:
        detail = _("There is no such time.")
        raise Invalid(errors=[{"parameter": "after", "detail": detail, "code": "unknown"}]) from error


class TechniqueProblemSerializer(ProblemSerializer):
    """What is not right about a search."""

    techniques = serializers.ListField(
        child=serializers.CharField(), required=False, help_text="Ways in which the therapy is done, to name one of."
    )


class SlotView(ApiView):
    """What views of free times share."""

    rights: ClassVar[dict[str, Action]] = {"GET": Action.SEE_FREE_TIMES}
    query: ClassVar[type[StrictSerializer]] = SlotQuery
    problems: ClassVar[Mapping[int, type[ProblemSerializer]]] = {
        400: TechniqueProblemSerializer,
        404: ProblemSerializer,
        409: ProblemSerializer,
    }
    shown = SHOWN

    def search_scope(self, key: str | None, *, override: bool) -> SearchScope:
        """Return where to look. Somebody asks as staff where they are staff of all of it. Raises Invalid."""
        found = frozenset(site.id for site in scheduler.sites().values() if key in (None, site.key))
        if key and not found:
            raise Invalid(errors=[{"parameter": "site", "detail": _("There is no such site."), "code": "unknown"}])
        asking = {self.audience(site, override=override) for site in found}
        # Staff of one of two sites: as a patient at both, rather than as staff where they are none.
        return SearchScope(found, asking.pop() if len(asking) == 1 else self.as_patient)

    @cached_property
    def as_patient(self) -> scheduler.Audience:
        """As whom somebody asks where they are no staff: for themselves, if we know them."""
        record = queries.own_record(self.principal) if scheduler.is_narrowed() else None
        return as_patient(record, at=self.at)

    def audience(self, site: int, *, override: bool) -> scheduler.Audience:
        """Return as whom somebody asks for time at a site. Raises Invalid when they may not set a rule aside."""
        if override and not may_override(self.principal, site_id=site):
            detail = _("You cannot set this aside. Leave it out, or ask a colleague who can.")
            raise Invalid(errors=[{"parameter": "override", "detail": detail, "code": "forbidden"}])
        asking = audience_of(self.principal, site_id=site, reason="override" if override else "")
        return asking if asking.is_staff else self.as_patient

    def visit_moving(self, public_id: Any) -> Appointment | None:
        """Return the appointment that moves, if one does that may be seen. Raises Invalid."""
        if public_id is None:
            return None
        try:
            return queries.appointment(public_id, by=self.principal)
        except Missing as error:
            detail = _("There is no such appointment.")
            raise Invalid(errors=[{"parameter": "moving", "detail": detail, "code": "unknown"}]) from error

    def moving(
        self, visit: Appointment | None, *, audience: scheduler.Audience, needs: str, sites: Collection[int]
    ) -> dict[str, Any]:
        """Return what a search must know of an appointment that moves, and for whom. `needs`: as they were sent."""
        features = features_needed(needs, sites, at=self.at)
        if visit is not None:
            features |= place_needs_of_visit(visit, at=self.at)
            audience = replace(
                for_patient(audience, visit.patient, at=self.at, moving=visit), reviews=queries.reviews_of_visit(visit)
            )
        # Staff with a reason may book a place without what is needed: that is among what they set aside.
        audience = replace(audience, needs=frozenset() if audience.sets_rules_aside else features)
        if visit is None:
            return {"moving": None, "reviewed": False, "audience": audience}
        return {"moving": visit.allocation, "reviewed": queries.was_reviewed(visit), "audience": audience}

    def first_moment(self, visit: Appointment | None) -> datetime:
        """Return from when on the patient of a visit that moves may come, as far as whoever asks may know that."""
        first = first_day_of(visit, by=self.principal, at=self.at) if visit else None
        return datetime.combine(first, time(), visit.site.tz) if visit and first else self.at

    def insist_on_online(self, therapy: str, sites: frozenset[int]) -> None:
        """Refuse what patients do not book by themselves at any of these sites. Raises NotBookableOnline."""
        if therapy in scheduler.known_therapies() and not scheduler.self_bookable_anywhere(therapy, sites, at=self.at):
            raise NotBookableOnline

    def search_query(self) -> scheduler.SearchQuery:
        """Return the search that the parameters ask for."""
        asked = self.validated_query()
        scope = self.search_scope(asked.pop("site", None), override=asked.pop("override"))
        start = asked.pop("from", self.at)
        end = asked.pop("to", start + self.shown)
        if end <= start:
            raise Invalid(errors=[{"parameter": "to", "detail": _("The end must be later."), "code": "invalid"}])
        visit = self.visit_moving(asked.pop("moving", None))
        needs = asked.pop("needs", "")
        moving = self.moving(visit, audience=scope.audience, needs=needs, sites=scope.sites)
        if moving["moving"] is None and not scope.audience.is_staff:
            self.insist_on_online(asked["therapy"], scope.sites)
        after = slot_key(asked.pop("after", None))
        return scheduler.SearchQuery(
            starts_at=min(max(start, after.start if after else start, self.first_moment(visit)), end),
            ends_at=end,
            sites=scope.sites,
            after=after,
            segments=requested_slots.lengths_of(visit, asked["therapy"], asked["visit"], asked.get("technique", "")),
            **moving,
            **asked,
        )


class SlotListSerializer(serializers.Serializer[Any]):
    """Starts that can be booked, the soonest first; `next` leads to those that come after."""

    next = serializers.URLField(allow_null=True)
    results = SlotSerializer(many=True)


class SlotListView(SlotView):
    """Free starts."""

    summaries: ClassVar[dict[str, str]] = {"GET": "Search free times"}
    query: ClassVar[type[StrictSerializer]] = ListQuery

    @extend_schema(operation_id="slots_list", responses=SlotListSerializer)
    @one_reading
    def get(self, request: Request) -> Response:
        """Answer with the soonest starts, at most `limit`, and where those after them are."""
        query = self.search_query()
        limit = query.limit or 0
        # One more than is shown tells whether there are more, without counting them.
        found, staff = scheduler.search(replace(query, limit=limit + 1), at=self.at), query.audience.is_staff
        more = self.following(found[limit - 1]) if len(found) > limit else None
        return Response({"next": more, "results": slots_as_json(found[:limit], staff=staff)})

    def following(self, last: scheduler.Slot) -> str:
        """Return where the same search goes on after a slot."""
        asked = {**self.request.query_params.dict(), "after": last.id}
        return f"{self.request.build_absolute_uri(self.request.path)}?{urlencode(sorted(asked.items()))}"


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

    summaries: ClassVar[dict[str, str]] = {"GET": "List the days that have free times"}

    @extend_schema(responses=DaysSerializer)
    @one_reading
    def get(self, request: Request) -> Response:
        """Answer with the days on which something is free, each with how much."""
        return Response({"results": [day_as_json(day) for day in scheduler.days(self.search_query(), at=self.at)]})


class SoonestSerializer(serializers.Serializer[Any]):
    """The soonest start, or null."""

    slot = SlotSerializer(allow_null=True)


class SoonestSlotView(SlotView):
    """One start instead of a list: what a phone line or a kiosk asks for."""

    summaries: ClassVar[dict[str, str]] = {"GET": "Find the soonest free time"}
    shown = LONGEST

    @extend_schema(responses=SoonestSerializer)
    @one_reading
    def get(self, request: Request) -> Response:
        """Answer with the soonest start, looking 92 days ahead unless `to` says otherwise."""
        query = self.search_query()
        slot = scheduler.first(query, at=self.at)
        return Response({"slot": slot and slot_as_json(slot, staff=query.audience.is_staff)})


class SlotDetailQuery(StrictSerializer):
    """For whom a start is judged."""

    moving = serializers.UUIDField(required=False, help_text="An appointment whose own time counts as free.")
    needs = NeedsField(required=False)
    override = serializers.BooleanField(required=False, default=False, help_text="Staff: as with an override_reason.")


class UnavailableReasonSerializer(serializers.Serializer[Any]):
    """Why a start cannot be had."""

    code = serializers.CharField()
    detail = serializers.CharField()
    opens_at = serializers.DateTimeField(
        allow_null=True, help_text="From when on whoever asks may book it, where that is known. By the site's clock."
    )


class ExplanationSerializer(serializers.Serializer[Any]):
    """Whether a start is free, and if not, every reason why."""

    slot = SlotSerializer()
    free = serializers.BooleanField()
    reasons = UnavailableReasonSerializer(many=True)


class SlotDetailView(SlotView):
    """One start."""

    summaries: ClassVar[dict[str, str]] = {"GET": "Check whether a time is free, or why not"}
    query: ClassVar[type[StrictSerializer]] = SlotDetailQuery
    problems: ClassVar[Mapping[int, type[ProblemSerializer]]] = {404: ProblemSerializer, 409: BookingProblemSerializer}
    conditional = True
    id_description = "Id of a free time, as a search gives it."

    @extend_schema(responses=ExplanationSerializer)
    @one_reading
    def get(self, request: Request, id: str) -> Response:  # noqa: A002  (the address names it so)
        """Say whether a start is free, or why not; of one that is offered no more, which others are near (409)."""
        asked = self.validated_query()
        visit = self.visit_moving(asked.get("moving"))
        slot = requested_slots.read_slot(id, by=self.principal, at=self.at, moving=visit)
        audience = self.audience(slot.site.id, override=asked["override"])
        moving = self.moving(visit, audience=audience, needs=asked.get("needs", ""), sites=[slot.site.id])
        explanation = scheduler.explain(slot, at=self.at, **moving)
        why = too_soon(slot, visit, by=self.principal, at=self.at) if visit and slot.start >= self.at else None
        found = (
            *explanation.reasons,
            *([scheduler.UnavailableReason(code=why.code, detail=str(why.title))] if why else ()),
        )
        reasons = [reason_as_json(one, slot.site.zone) for one in found]
        shown = slot_as_json(explanation.slot, staff=audience.is_staff)
        body = {"slot": shown, "free": not reasons, "reasons": reasons}
        return self.conditional_response(body, etag=etag_of(body))
