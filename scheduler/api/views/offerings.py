"""Opening hours and offers over the wire: everybody reads them, site administrators add, change and take them away."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from core.http.idempotency import Answer
from core.rights import Action, Subject
from scheduler.actions import practitioners, sites
from scheduler.actions.calendar_edits import lock_with_owner
from scheduler.api import create_serializers
from scheduler.api.filters import OfferingFilter, OpeningHoursFilter
from scheduler.api.views.catalogue import CatalogueCreateView, CatalogueDetailView, adds, edited
from scheduler.api.views.edits import EditView, impact_on
from scheduler.catalogue import visible_rows
from scheduler.models import Offering, OpeningHours


class DeletableView(CatalogueDetailView):
    """An entry that is taken away when it holds no more."""

    rights: ClassVar[dict[str, Action]] = CatalogueDetailView.rights | {"DELETE": Action.EDIT_CATALOGUE}


class OpeningHoursView(EditView):
    """When a site is open: what places and devices can be booked in."""

    serializer_class = create_serializers.OpeningHoursSerializer
    id_description = "Id of opening hours."

    def get_queryset(self) -> QuerySet[OpeningHours]:
        return visible_rows.opening_hours(self.principal)

    def subject_of(self, obj: OpeningHours) -> Subject:
        return Subject(sites=frozenset({obj.site_id}))


@adds(create_serializers.OpeningHoursSerializer)
class OpeningHoursListView(OpeningHoursView, CatalogueCreateView):
    """Added hours open the places of a site at once, as far ahead as sheets are made."""

    summaries: ClassVar[dict[str, str]] = {
        "GET": "List opening hours",
        "POST": "Add opening hours of a site on a weekday",
    }
    form = create_serializers.OpeningHoursCreateSerializer
    filterset_class = OpeningHoursFilter

    def added(self) -> Answer:
        """Open a site on a weekday. Raises Invalid, Forbidden."""
        sent = self.validated_body()
        site, weekday = self.own_site(sent.pop("site")), sent.pop("weekday")
        return self.answer_with(sites.add_opening_hours(site, weekdays=[weekday], **sent, **self.acting), status=201)


@edited(create_serializers.OpeningHoursSerializer)
class OpeningHoursDetailView(OpeningHoursView, DeletableView):
    """Opening hours of a site on a weekday."""

    summaries: ClassVar[dict[str, str]] = {
        "GET": "Read opening hours",
        "PATCH": "Change opening hours",
        "DELETE": "Delete opening hours",
    }
    form = create_serializers.OpeningHoursUpdateSerializer

    def lock(self, obj: OpeningHours) -> None:
        """Lock the hours as their edit does. Raises Missing."""
        lock_with_owner(obj)

    def changed(self) -> Answer:
        """Change the hours as the body says. Raises Missing, Invalid."""
        return self.answer_with(sites.change_opening_hours(self.to_change(), **self.validated_body(), **self.acting))

    @extend_schema(responses={200: impact_on(create_serializers.OpeningHoursSerializer)})
    def delete(self, request: Request, **_kwargs: Any) -> Response:
        """Take the hours away."""
        return self.once(lambda: self.answer_with(sites.remove_opening_hours(self.to_change(), **self.acting)))


class OfferingView(EditView):
    """Which practitioner offers which therapy where, to new patients and known ones."""

    serializer_class = create_serializers.OfferingSerializer
    id_description = "Id of an offering."

    def get_queryset(self) -> QuerySet[Offering]:
        return visible_rows.offerings(self.principal)

    def subject_of(self, obj: Offering) -> Subject:
        return Subject(sites=frozenset({obj.site_id}))


@adds(create_serializers.OfferingSerializer)
class OfferingListView(OfferingView, CatalogueCreateView):
    """Who offers what, where."""

    summaries: ClassVar[dict[str, str]] = {
        "GET": "List which practitioner offers which therapy where",
        "POST": "Let a practitioner offer a therapy at a site",
    }
    form = create_serializers.OfferingCreateSerializer
    filterset_class = OfferingFilter

    def added(self) -> Answer:
        """Let somebody offer a therapy at a site. Raises Invalid, Forbidden."""
        sent = self.validated_body()
        site, who = self.own_site(sent["site"]), self.practitioner(sent["practitioner"])
        what: dict[str, Any] = {"therapies": [self.therapy(sent["therapy"])], "visits": sent["visits"]}
        return self.answer_with(practitioners.add_offerings(who, site=site, **what, **self.acting), status=201)


@edited(create_serializers.OfferingSerializer)
class OfferingDetailView(OfferingView, DeletableView):
    """What somebody offers at a site."""

    summaries: ClassVar[dict[str, str]] = {
        "GET": "Read an offering",
        "PATCH": "Change which appointments an offering is for",
        "DELETE": "Delete an offering",
    }
    form = create_serializers.OfferingUpdateSerializer

    def changed(self) -> Answer:
        """Change the appointments offered. Raises Missing, Invalid."""
        return self.answer_with(practitioners.change_offering(self.to_change(), **self.validated_body(), **self.acting))

    @extend_schema(responses={200: impact_on(create_serializers.OfferingSerializer)})
    def delete(self, request: Request, **_kwargs: Any) -> Response:
        """Let it be offered no more."""
        return self.once(lambda: self.answer_with(practitioners.remove_offering(self.to_change(), **self.acting)))
