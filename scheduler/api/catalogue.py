"""The catalogue over the wire: everybody reads what is public, site administrators change it."""

from collections.abc import Callable
from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from core.api.doors import Door, ListDoor
from core.idempotency import Answer
from core.rights import Action, Subject
from scheduler import entries
from scheduler.actions.entries import change
from scheduler.api import shapes
from scheduler.api.filters import DeviceFilter, PractitionerFilter, RoomFilter, TherapyFilter
from scheduler.api.impacts import EditDoor, impact_on


class Entries(ListDoor):
    """A list of the catalogue."""

    rights: ClassVar[dict[str, Action]] = {"GET": Action.SEE_CATALOGUE}


def edited(row: type[BaseSerializer[Any]]) -> Callable[[type[Door]], type[Door]]:
    """Describe the answer to an edit of such an entry."""
    return extend_schema_view(patch=extend_schema(responses=impact_on(row)))


class Entry(EditDoor):
    """An entry of the catalogue: read it, or change some of its fields."""

    rights: ClassVar[dict[str, Action]] = {"GET": Action.SEE_CATALOGUE, "PATCH": Action.EDIT_CATALOGUE}

    def get(self, request: Request, **_: Any) -> Response:
        """Answer with the entry."""
        return Response(self.get_serializer(self.get_object()).data)

    def patch(self, request: Request, **_: Any) -> Response:
        """Change the fields that are sent; the others stay."""
        return self.once(self.changed)

    def changed(self) -> Answer:
        """Change the entry as the body says. Raises Missing."""
        return self.told(change(self.get_object(), **self.acting, **self.sent()))


class SiteReading(Door):
    """Sites."""

    serializer_class = shapes.SiteSerializer

    def get_queryset(self) -> QuerySet[Any]:
        """Return the sites in use."""
        return entries.sites(self.principal)

    def subject_of(self, obj: Any) -> Subject:
        """Return the site itself."""
        return Subject(sites=frozenset({obj.pk}))


class Sites(SiteReading, Entries):
    """The sites."""


@edited(shapes.SiteSerializer)
class OneSite(SiteReading, Entry):
    """A site."""

    form = shapes.SiteForm


class RoomReading(Door):
    """Rooms."""

    serializer_class = shapes.RoomSerializer

    def get_queryset(self) -> QuerySet[Any]:
        """Return the rooms with their places."""
        return entries.rooms(self.principal)

    def subject_of(self, obj: Any) -> Subject:
        """Return the room's site."""
        return Subject(sites=frozenset({obj.site_id}))


class Rooms(RoomReading, Entries):
    """The rooms with their places."""

    filterset_class = RoomFilter


@edited(shapes.RoomSerializer)
class OneRoom(RoomReading, Entry):
    """A room with its places."""

    form = shapes.RoomForm


@edited(shapes.PlaceSerializer)
class OnePlace(Entry):
    """A place in a room."""

    serializer_class = shapes.PlaceSerializer
    form = shapes.PlaceForm

    def get_queryset(self) -> QuerySet[Any]:
        """Return the places."""
        return entries.places(self.principal)

    def subject_of(self, obj: Any) -> Subject:
        """Return the place's site."""
        return Subject(sites=frozenset({obj.room.site_id}))


class DeviceReading(Door):
    """Devices."""

    serializer_class = shapes.DeviceSerializer

    def get_queryset(self) -> QuerySet[Any]:
        """Return the devices."""
        return entries.devices(self.principal)

    def subject_of(self, obj: Any) -> Subject:
        """Return the device's site."""
        return Subject(sites=frozenset({obj.site_id}))


class Devices(DeviceReading, Entries):
    """The devices."""

    filterset_class = DeviceFilter


@edited(shapes.DeviceSerializer)
class OneDevice(DeviceReading, Entry):
    """A device."""

    form = shapes.DeviceForm


class TherapyReading(Door):
    """Therapies."""

    serializer_class = shapes.TherapySerializer

    def get_queryset(self) -> QuerySet[Any]:
        """Return the therapies."""
        return entries.therapies(self.principal)

    def subject_of(self, obj: Any) -> Subject:
        """Return the sites where it is offered: an administrator of one of them may change it for all."""
        return Subject(sites=frozenset(offering.site_id for offering in obj.offerings.all()))


class Therapies(TherapyReading, Entries):
    """The therapies with their visits."""

    filterset_class = TherapyFilter


@edited(shapes.TherapySerializer)
class OneTherapy(TherapyReading, Entry):
    """A therapy with its visits."""

    form = shapes.TherapyForm


class PractitionerReading(Door):
    """Practitioners."""

    serializer_class = shapes.PractitionerSerializer

    def get_queryset(self) -> QuerySet[Any]:
        """Return the practitioners with what they offer."""
        return entries.practitioners(self.principal)

    def subject_of(self, obj: Any) -> Subject:
        """Return the sites where the practitioner offers something."""
        return Subject(sites=frozenset(offering.site_id for offering in obj.offerings.all()))


class Practitioners(PractitionerReading, Entries):
    """The practitioners and what they offer where."""

    filterset_class = PractitionerFilter


@edited(shapes.PractitionerSerializer)
class OnePractitioner(PractitionerReading, Entry):
    """A practitioner."""

    form = shapes.PractitionerForm
