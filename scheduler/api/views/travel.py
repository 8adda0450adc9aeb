"""Travel times between sites over the wire: everybody reads them, administrators of one of the sites set them."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from core.http.idempotency import Answer
from core.rights import Subject
from scheduler.actions import travel
from scheduler.api import create_serializers
from scheduler.api.views.catalogue import CatalogueCreateView, adds, edited
from scheduler.api.views.edits import EditView, impact_on
from scheduler.api.views.offerings import DeletableView
from scheduler.catalogue import visible_rows
from scheduler.models import TravelTime


class TravelTimeView(EditView):
    """Minutes from one site to another: between two visits a practitioner is not shown as free for as long."""

    serializer_class = create_serializers.TravelTimeSerializer
    id_description = "Id of a travel time."

    def get_queryset(self) -> QuerySet[TravelTime]:
        return visible_rows.travel_times(self.principal)

    def subject_of(self, obj: TravelTime) -> Subject:
        return Subject(sites=frozenset({obj.site_id, obj.other_site_id}))


@adds(create_serializers.TravelTimeSerializer)
class TravelTimeListView(TravelTimeView, CatalogueCreateView):
    """The minutes between two sites, the same both ways."""

    summaries: ClassVar[dict[str, str]] = {
        "GET": "List travel times between sites",
        "POST": "Add the travel time between two sites",
    }
    form = create_serializers.TravelTimeCreateSerializer

    def added(self) -> Answer:
        """Say how long it takes from one site to another. Raises Invalid, Forbidden."""
        sent = self.validated_body()
        site, other = self.site(sent["site"]), self.site(sent["other_site"], pointer="/other_site")
        self.allow(Subject(sites=frozenset({site.pk, other.pk})))
        added = travel.add_travel_time(site, other, minutes=sent["minutes"], **self.acting)
        return self.answer_with(added, status=201)


@edited(create_serializers.TravelTimeSerializer)
class TravelTimeDetailView(TravelTimeView, DeletableView):
    """The minutes between two sites."""

    summaries: ClassVar[dict[str, str]] = {
        "GET": "Read a travel time",
        "PATCH": "Change a travel time",
        "DELETE": "Delete a travel time",
    }
    form = create_serializers.TravelTimeUpdateSerializer

    def changed(self) -> Answer:
        """Change the minutes. Raises Missing, Invalid."""
        return self.answer_with(travel.change_travel_time(self.to_change(), **self.validated_body(), **self.acting))

    @extend_schema(responses={200: impact_on(create_serializers.TravelTimeSerializer)})
    def delete(self, request: Request, **_kwargs: Any) -> Response:
        """Let no minutes lie between them any more."""
        return self.once(lambda: self.answer_with(travel.remove_travel_time(self.to_change(), **self.acting)))
