"""The catalogue over the wire: everybody reads what is public, site administrators change it."""

from abc import abstractmethod
from collections.abc import Callable
from typing import Any, ClassVar
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from core.api.doors import Door, ListDoor
from core.http.idempotency import Answer
from core.models import Site
from core.refusals import Invalid
from core.rights import Action, Subject
from scheduler.actions import practitioners, rooms, sites
from scheduler.actions.entries import change
from scheduler.api import new_shapes, shapes
from scheduler.api.filters import DeviceFilter, PractitionerFilter, RoomFilter, TherapyFilter
from scheduler.api.impacts import EditDoor, impact_on
from scheduler.catalogue import visible_rows
from scheduler.models import Room, Therapy


class Entries(ListDoor):
    """A list of the catalogue."""

    rights: ClassVar[dict[str, Action]] = {"GET": Action.SEE_CATALOGUE}


def edited(row: type[BaseSerializer[Any]]) -> Callable[[type[Door]], type[Door]]:
    """Describe the answer to an edit of such an entry."""
    return extend_schema_view(patch=extend_schema(responses=impact_on(row)))


def adds(row: type[BaseSerializer[Any]]) -> Callable[[type[Door]], type[Door]]:
    """Describe the answer to adding such an entry."""
    impact = impact_on(row)
    return extend_schema_view(post=extend_schema(responses={200: impact, 201: impact}))


class Adding(EditDoor, ListDoor):
    """A list of the catalogue to which entries are added, on sale at once."""

    rights: ClassVar[dict[str, Action]] = {"GET": Action.SEE_CATALOGUE, "POST": Action.EDIT_CATALOGUE}

    def post(self, request: Request, **_kwargs: Any) -> Response:
        """Add an entry."""
        return self.once(self.added)

    @abstractmethod
    def added(self) -> Answer:
        """Add what the body names. Raises Invalid, Forbidden."""

    def own_site(self, key: str) -> Site:
        """Return the site named in a body, which is theirs to set up. Raises Invalid, Forbidden."""
        site = self.site(key)
        self.allow(Subject(sites=frozenset({site.pk})))
        return site

    def own_room(self, public_id: UUID) -> Room:
        """Return the room named in a body, which is theirs to set up. Raises Invalid, Forbidden."""
        room = visible_rows.rooms(self.principal).filter(public_id=public_id).first()
        if room is None:
            raise Invalid(_("There is no such room."), pointer="/room")
        self.allow(Subject(sites=frozenset({room.site_id})))
        return room

    def therapy(self, key: str) -> Therapy:
        """Return the therapy named in a body. Raises Invalid."""
        found = visible_rows.therapies(self.principal).filter(key=key).first()
        if found is None:
            raise Invalid(_("There is no such therapy."), pointer="/therapy")
        return found


class Entry(EditDoor):
    """An entry of the catalogue: read it, or change some of its fields."""

    rights: ClassVar[dict[str, Action]] = {"GET": Action.SEE_CATALOGUE, "PATCH": Action.EDIT_CATALOGUE}

    def get(self, request: Request, **_kwargs: Any) -> Response:
        """Answer with the entry."""
        return Response(self.get_serializer(self.get_object()).data)

    def patch(self, request: Request, **_kwargs: Any) -> Response:
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
        return visible_rows.sites(self.principal)

    def subject_of(self, obj: Any) -> Subject:
        """Return the site itself."""
        return Subject(sites=frozenset({obj.pk}))


@adds(shapes.SiteSerializer)
class Sites(SiteReading, Adding):
    """The sites."""

    rights: ClassVar[dict[str, Action]] = {"GET": Action.SEE_CATALOGUE, "POST": Action.ADD_SITE}
    form = new_shapes.NewSite

    def added(self) -> Answer:
        """Add a site. Raises Invalid."""
        return self.told(sites.add_site(**self.sent(), **self.acting), status=201)


@edited(shapes.SiteSerializer)
class OneSite(SiteReading, Entry):
    """A site."""

    form = shapes.SiteForm


class RoomReading(Door):
    """Rooms."""

    serializer_class = shapes.RoomSerializer

    def get_queryset(self) -> QuerySet[Any]:
        """Return the rooms with their places."""
        return visible_rows.rooms(self.principal)

    def subject_of(self, obj: Any) -> Subject:
        """Return the room's site."""
        return Subject(sites=frozenset({obj.site_id}))


@adds(shapes.RoomSerializer)
class Rooms(RoomReading, Adding):
    """The rooms with their places."""

    form = new_shapes.NewRoom
    filterset_class = RoomFilter

    def added(self) -> Answer:
        """Add a room to a site. Raises Invalid, Forbidden."""
        sent = self.sent()
        return self.told(rooms.add_room(self.own_site(sent.pop("site")), **sent, **self.acting), status=201)


@edited(shapes.RoomSerializer)
class OneRoom(RoomReading, Entry):
    """A room with its places."""

    form = shapes.RoomForm


class PlaceReading(Door):
    """Places."""

    serializer_class = shapes.PlaceSerializer

    def get_queryset(self) -> QuerySet[Any]:
        """Return the places."""
        return visible_rows.places(self.principal)

    def subject_of(self, obj: Any) -> Subject:
        """Return the place's site."""
        return Subject(sites=frozenset({obj.room.site_id}))


@adds(shapes.PlaceSerializer)
class Places(PlaceReading, Adding):
    """The places in rooms."""

    form = new_shapes.NewPlace

    def added(self) -> Answer:
        """Add a place to a room. Raises Invalid, Forbidden."""
        sent = self.sent()
        return self.told(rooms.add_place(self.own_room(sent.pop("room")), **sent, **self.acting), status=201)


@edited(shapes.PlaceSerializer)
class OnePlace(PlaceReading, Entry):
    """A place in a room."""

    form = shapes.PlaceForm


class DeviceReading(Door):
    """Devices."""

    serializer_class = shapes.DeviceSerializer

    def get_queryset(self) -> QuerySet[Any]:
        """Return the devices."""
        return visible_rows.devices(self.principal)

    def subject_of(self, obj: Any) -> Subject:
        """Return the device's site."""
        return Subject(sites=frozenset({obj.site_id}))


@adds(shapes.DeviceSerializer)
class Devices(DeviceReading, Adding):
    """The devices."""

    form = new_shapes.NewDevice
    filterset_class = DeviceFilter

    def added(self) -> Answer:
        """Add a unit to a pool of a site. Raises Invalid, Forbidden."""
        sent = self.sent()
        return self.told(rooms.add_device(self.own_site(sent.pop("site")), **sent, **self.acting), status=201)


@edited(shapes.DeviceSerializer)
class OneDevice(DeviceReading, Entry):
    """A device."""

    form = shapes.DeviceForm


class TherapyReading(Door):
    """Therapies."""

    serializer_class = shapes.TherapySerializer

    def get_queryset(self) -> QuerySet[Any]:
        """Return the therapies."""
        return visible_rows.therapies(self.principal)

    def subject_of(self, obj: Any) -> Subject:
        """Return the sites where it is offered: an administrator of one of them may change it for all."""
        offered = frozenset(offering.site_id for offering in obj.offerings.all())
        return Subject(sites=offered or frozenset(Site.objects.values_list("pk", flat=True)))


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
        return visible_rows.practitioners(self.principal)

    def subject_of(self, obj: Any) -> Subject:
        """Return the sites where the practitioner works."""
        return Subject(sites=frozenset(Site.objects.filter(resources__practitioner=obj).values_list("pk", flat=True)))


@adds(shapes.PractitionerSerializer)
class Practitioners(PractitionerReading, Adding):
    """The practitioners and what they offer where."""

    form = new_shapes.NewPractitioner
    filterset_class = PractitionerFilter

    def added(self) -> Answer:
        """Add somebody who treats. Raises Invalid, Forbidden."""
        sent = self.sent()
        where = [self.own_site(key) for key in dict.fromkeys(sent.pop("sites"))]
        return self.told(practitioners.add_practitioner(sites=where, **sent, **self.acting), status=201)


@edited(shapes.PractitionerSerializer)
class OnePractitioner(PractitionerReading, Entry):
    """A practitioner."""

    form = shapes.PractitionerForm

    def changed(self) -> Answer:
        """Change them as the body says. Raises Missing, Invalid."""
        changed = practitioners.change_practitioner(self.get_object(), **self.acting, **self.sent())
        return self.told(changed)
