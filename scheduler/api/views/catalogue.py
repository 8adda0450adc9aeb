"""The catalogue over the wire: everybody reads what is public, site administrators change it."""

from abc import abstractmethod
from collections.abc import Callable, Mapping
from typing import Any, ClassVar
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from core.api.problem_responses import ProblemSerializer
from core.api.views import ApiListView, ApiView
from core.http.idempotency import Answer
from core.models import Site
from core.refusals import Invalid
from core.rights import Action, Subject, sites_for
from scheduler.actions import practitioners, rooms, sites
from scheduler.actions.catalogue_edits import change
from scheduler.api import create_serializers, serializers
from scheduler.api.filters import DeviceFilter, PractitionerFilter, RoomFilter, TherapyFilter
from scheduler.api.views.edits import EditView, impact_on
from scheduler.catalogue import visible_rows
from scheduler.models import Practitioner, Room


class CatalogueListView(ApiListView):
    """What has a list and no adding to it over the API, as therapies come with a release or from a file."""

    rights: ClassVar[dict[str, Action]] = {"GET": Action.SEE_CATALOGUE}


def edited(row: type[BaseSerializer[Any]]) -> Callable[[type[ApiView]], type[ApiView]]:
    """Describe the answer to an edit of such an entry."""
    return extend_schema_view(patch=extend_schema(responses=impact_on(row)))


def adds(row: type[BaseSerializer[Any]]) -> Callable[[type[ApiView]], type[ApiView]]:
    """Describe the answer to adding such an entry."""
    impact = impact_on(row)
    return extend_schema_view(post=extend_schema(responses={200: impact, 201: impact}))


class CatalogueCreateView(EditView, ApiListView):
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


class CatalogueDetailView(EditView):
    """An entry of the catalogue: read it, or change some of its fields."""

    rights: ClassVar[dict[str, Action]] = {"GET": Action.SEE_CATALOGUE, "PATCH": Action.EDIT_CATALOGUE}
    problems: ClassVar[Mapping[int, type[ProblemSerializer]]] = {409: serializers.StillInUseProblemSerializer}
    conditional = True

    def get(self, request: Request, **_kwargs: Any) -> Response:
        """Answer with the entry."""
        return self.detail(self.get_object())

    def patch(self, request: Request, **_kwargs: Any) -> Response:
        """Change the fields that are sent; the others stay."""
        return self.once(self.changed)

    def changed(self) -> Answer:
        """Change the entry as the body says. Raises Missing."""
        return self.answer_with(change(self.to_change(), **self.acting, **self.validated_body()))


class SiteView(ApiView):
    """Sites as whoever asks may see them: each is its own scope."""

    serializer_class = serializers.SiteSerializer
    id_description = "Id of a site."

    def get_queryset(self) -> QuerySet[Any]:
        return visible_rows.sites(self.principal)

    def subject_of(self, obj: Any) -> Subject:
        return Subject(sites=frozenset({obj.pk}))


@adds(serializers.SiteSerializer)
class SiteListView(SiteView, CatalogueCreateView):
    """Adding one is for administrators of the whole installation: a new site has nobody of its own yet."""

    summaries: ClassVar[dict[str, str]] = {"GET": "List sites", "POST": "Add a site"}
    rights: ClassVar[dict[str, Action]] = {"GET": Action.SEE_CATALOGUE, "POST": Action.ADD_SITE}
    form = create_serializers.SiteCreateSerializer

    def added(self) -> Answer:
        """Add a site. Raises Invalid."""
        return self.answer_with(sites.add_site(**self.validated_body(), **self.acting), status=201)


@edited(serializers.SiteSerializer)
class SiteDetailView(SiteView, CatalogueDetailView):
    """Where it is, and how to call it; its key and its zone stay."""

    summaries: ClassVar[dict[str, str]] = {"GET": "Read a site", "PATCH": "Change a site"}
    form = serializers.SiteUpdateSerializer


class RoomView(ApiView):
    """Rooms, each of which belongs to one site."""

    serializer_class = serializers.RoomSerializer
    id_description = "Id of a room."

    def get_queryset(self) -> QuerySet[Any]:
        return visible_rows.rooms(self.principal)

    def subject_of(self, obj: Any) -> Subject:
        return Subject(sites=frozenset({obj.site_id}))


@adds(serializers.RoomSerializer)
class RoomListView(RoomView, CatalogueCreateView):
    """The rooms with their places."""

    summaries: ClassVar[dict[str, str]] = {"GET": "List rooms with their places", "POST": "Add a room to a site"}
    form = create_serializers.RoomCreateSerializer
    filterset_class = RoomFilter

    def added(self) -> Answer:
        """Add a room to a site. Raises Invalid, Forbidden."""
        sent = self.validated_body()
        return self.answer_with(rooms.add_room(self.own_site(sent.pop("site")), **sent, **self.acting), status=201)


@edited(serializers.RoomSerializer)
class RoomDetailView(RoomView, CatalogueDetailView):
    """A room with its places."""

    summaries: ClassVar[dict[str, str]] = {"GET": "Read a room with its places", "PATCH": "Rename a room"}
    form = serializers.RoomUpdateSerializer


class PlaceView(ApiView):
    """Places: what a visit claims of a room."""

    serializer_class = serializers.PlaceSerializer
    id_description = "Id of a place."

    def get_queryset(self) -> QuerySet[Any]:
        return visible_rows.places(self.principal)

    def subject_of(self, obj: Any) -> Subject:
        return Subject(sites=frozenset({obj.room.site_id}))


@adds(serializers.PlaceSerializer)
class PlaceListView(PlaceView, CatalogueCreateView):
    """Places of all rooms that whoever asks may see."""

    summaries: ClassVar[dict[str, str]] = {"GET": "List places", "POST": "Add a place to a room"}
    form = create_serializers.PlaceCreateSerializer

    def added(self) -> Answer:
        """Add a place to a room. Raises Invalid, Forbidden."""
        sent = self.validated_body()
        return self.answer_with(rooms.add_place(self.own_room(sent.pop("room")), **sent, **self.acting), status=201)


@edited(serializers.PlaceSerializer)
class PlaceDetailView(PlaceView, CatalogueDetailView):
    """Taken out of use, it is never deleted: visits of the past name it."""

    summaries: ClassVar[dict[str, str]] = {"GET": "Read a place", "PATCH": "Change a place, or take it out of use"}
    form = serializers.PlaceUpdateSerializer


class DeviceView(ApiView):
    """Units of a pool, such as heat lamps: a visit claims whichever is free."""

    serializer_class = serializers.DeviceSerializer
    id_description = "Id of a device."

    def get_queryset(self) -> QuerySet[Any]:
        return visible_rows.devices(self.principal)

    def subject_of(self, obj: Any) -> Subject:
        return Subject(sites=frozenset({obj.site_id}))


@adds(serializers.DeviceSerializer)
class DeviceListView(DeviceView, CatalogueCreateView):
    """Units of every pool, with the minutes that each takes to be made ready again."""

    summaries: ClassVar[dict[str, str]] = {"GET": "List devices", "POST": "Add a device to a pool of a site"}
    form = create_serializers.DeviceCreateSerializer
    filterset_class = DeviceFilter

    def added(self) -> Answer:
        """Add a unit to a pool of a site. Raises Invalid, Forbidden."""
        sent = self.validated_body()
        return self.answer_with(rooms.add_device(self.own_site(sent.pop("site")), **sent, **self.acting), status=201)


@edited(serializers.DeviceSerializer)
class DeviceDetailView(DeviceView, CatalogueDetailView):
    """Taken out of use, it is never deleted: visits of the past name it."""

    summaries: ClassVar[dict[str, str]] = {"GET": "Read a device", "PATCH": "Change a device, or take it out of use"}
    form = serializers.DeviceUpdateSerializer


class TherapyView(ApiView):
    """Therapies, one row for all sites."""

    serializer_class = serializers.TherapySerializer
    id_description = "Id of a therapy."

    def get_queryset(self) -> QuerySet[Any]:
        return visible_rows.therapies(self.principal)

    def subject_of(self, obj: Any) -> Subject:
        """Return the sites where it is offered: an administrator of one of them may change it for all."""
        # A therapy is one row for all sites. Offered nowhere yet, it is anybody's to set up who sets up a site.
        offered = frozenset(offering.site_id for offering in obj.offerings.all())
        return Subject(sites=offered or frozenset(Site.objects.values_list("pk", flat=True)))


class TherapyListView(TherapyView, CatalogueListView):
    """The therapies, with how long their first and follow-up appointments are."""

    summaries: ClassVar[dict[str, str]] = {"GET": "List therapies with their appointment lengths"}
    filterset_class = TherapyFilter


@edited(serializers.TherapySerializer)
class TherapyDetailView(TherapyView, CatalogueDetailView):
    """A therapy, with how long its first and follow-up appointments are."""

    summaries: ClassVar[dict[str, str]] = {
        "GET": "Read a therapy with its appointment lengths",
        "PATCH": "Change what is said of a therapy and who books it",
    }
    form = serializers.TherapyUpdateSerializer


class PractitionerView(ApiView):
    """Who treats; seen with the sites where whoever asks may see them."""

    serializer_class = serializers.PractitionerSerializer
    id_description = "Id of a practitioner."

    def get_queryset(self) -> QuerySet[Any]:
        return visible_rows.practitioners(self.principal)

    def subject_of(self, obj: Any) -> Subject:
        """Return the sites where the practitioner works."""
        return Subject(sites=frozenset(Site.objects.filter(resources__practitioner=obj).values_list("pk", flat=True)))

    def site_keys_of(self, who: Practitioner) -> list[str]:
        """Return where somebody works, as whoever asks is shown it."""
        # Read when it is shown, not with the row: a colleague may have changed it before the row was locked.
        return list(visible_rows.workplaces(who, self.principal).values_list("key", flat=True))


@adds(serializers.PractitionerSerializer)
class PractitionerListView(PractitionerView, CatalogueCreateView):
    """The practitioners and what they offer where."""

    summaries: ClassVar[dict[str, str]] = {
        "GET": "List practitioners and what they offer",
        "POST": "Add a practitioner",
    }
    form = create_serializers.PractitionerCreateSerializer
    filterset_class = PractitionerFilter

    def get_queryset(self) -> QuerySet[Any]:
        """Return them with the sites where they work, in no query more for each."""
        return visible_rows.with_sites(super().get_queryset(), self.principal)

    def added(self) -> Answer:
        """Add somebody who treats. Raises Invalid, Forbidden."""
        sent = self.validated_body()
        where = [self.own_site(key) for key in dict.fromkeys(sent.pop("sites"))]
        added = practitioners.add_practitioner(sites=where, **sent, **self.acting)
        # As it would be: after a rehearsal the rows say otherwise.
        vars(added.row)["site_keys"] = sorted(site.key for site in where)
        return self.answer_with(added, status=201)


@edited(serializers.PractitionerSerializer)
class PractitionerDetailView(PractitionerView, CatalogueDetailView):
    """Who they are and where they work; made inactive, they keep what is booked with them, and it is named."""

    summaries: ClassVar[dict[str, str]] = {
        "GET": "Read a practitioner and what they offer",
        "PATCH": "Change a practitioner, or where they work",
    }
    form = serializers.PractitionerUpdateSerializer

    def changed(self) -> Answer:
        """Change them as the body says. Raises Missing, Invalid, Forbidden."""
        who, sent = self.to_change(), self.validated_body()
        if "sites" in sent:
            sent["sites"] = [self.workplace(who, key) for key in dict.fromkeys(sent["sites"])]
            sent["reached"] = sites_for(self.principal, Action.EDIT_CATALOGUE)
        changed = practitioners.change_practitioner(who, **self.acting, **sent)
        if "sites" in sent and self.acting["dry_run"]:  # the rows say again what they said before
            here = list(visible_rows.workplaces(who, self.principal))
            after = practitioners.workplaces_after(sent["sites"], here=here, reached=sent["reached"])
            vars(who)["site_keys"] = sorted(site.key for site in after)
        return self.answer_with(changed)

    def workplace(self, who: Practitioner, key: str) -> Site:
        """Return a site where somebody works, or will: one that is theirs to set up. Raises Invalid, Forbidden."""
        site = self.site(key, pointer="/sites")
        if key not in self.site_keys_of(who):
            self.allow(Subject(sites=frozenset({site.pk})))
        return site
