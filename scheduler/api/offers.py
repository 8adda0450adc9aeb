"""Opening hours and offers over the wire: everybody reads them, site administrators add, change and take them away."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from core.http.idempotency import Answer
from core.rights import Action, Subject
from scheduler.actions import practitioners, sites
from scheduler.api import new_shapes as shapes
from scheduler.api.catalogue import Adding, Entry, adds, edited
from scheduler.api.filters import OfferingFilter, OpeningHoursFilter
from scheduler.api.impacts import EditDoor, impact_on
from scheduler.catalogue import visible_rows
from scheduler.models import Offering, OpeningHours


class Removable(Entry):
    """An entry that is taken away when it holds no more."""

    rights: ClassVar[dict[str, Action]] = Entry.rights | {"DELETE": Action.EDIT_CATALOGUE}


class OpeningHoursReading(EditDoor):
    """Opening hours."""

    serializer_class = shapes.OpeningHoursSerializer

    def get_queryset(self) -> QuerySet[OpeningHours]:
        """Return the opening hours of the sites."""
        return visible_rows.opening_hours(self.principal)

    def subject_of(self, obj: OpeningHours) -> Subject:
        """Return the site."""
        return Subject(sites=frozenset({obj.site_id}))


@adds(shapes.OpeningHoursSerializer)
class OpeningHoursList(OpeningHoursReading, Adding):
    """The opening hours."""

    form = shapes.NewOpeningHours
    filterset_class = OpeningHoursFilter

    def added(self) -> Answer:
        """Open a site on a weekday. Raises Invalid, Forbidden."""
        sent = self.sent()
        site, weekday = self.own_site(sent.pop("site")), sent.pop("weekday")
        return self.told(sites.add_opening_hours(site, weekdays=[weekday], **sent, **self.acting), status=201)


@edited(shapes.OpeningHoursSerializer)
class OneOpeningHours(OpeningHoursReading, Removable):
    """Opening hours of a site on a weekday."""

    form = shapes.OpeningHoursChange

    def changed(self) -> Answer:
        """Change the hours as the body says. Raises Missing, Invalid."""
        return self.told(sites.change_opening_hours(self.get_object(), **self.sent(), **self.acting))

    @extend_schema(responses={200: impact_on(shapes.OpeningHoursSerializer)})
    def delete(self, request: Request, **_kwargs: Any) -> Response:
        """Take the hours away."""
        return self.once(lambda: self.told(sites.remove_opening_hours(self.get_object(), **self.acting)))


class OfferingReading(EditDoor):
    """Offers."""

    serializer_class = shapes.OfferingSerializer

    def get_queryset(self) -> QuerySet[Offering]:
        """Return what is offered."""
        return visible_rows.offerings(self.principal)

    def subject_of(self, obj: Offering) -> Subject:
        """Return the site."""
        return Subject(sites=frozenset({obj.site_id}))


@adds(shapes.OfferingSerializer)
class Offerings(OfferingReading, Adding):
    """Who offers what, where."""

    form = shapes.NewOffering
    filterset_class = OfferingFilter

    def added(self) -> Answer:
        """Let somebody offer a therapy at a site. Raises Invalid, Forbidden."""
        sent = self.sent()
        site, who = self.own_site(sent["site"]), self.practitioner(sent["practitioner"])
        what: dict[str, Any] = {"therapies": [self.therapy(sent["therapy"])], "visits": sent["visits"]}
        return self.told(practitioners.add_offerings(who, site=site, **what, **self.acting), status=201)


@edited(shapes.OfferingSerializer)
class OneOffering(OfferingReading, Removable):
    """What somebody offers at a site."""

    form = shapes.OfferingChange

    def changed(self) -> Answer:
        """Change the visits offered. Raises Missing, Invalid."""
        return self.told(practitioners.change_offering(self.get_object(), **self.sent(), **self.acting))

    @extend_schema(responses={200: impact_on(shapes.OfferingSerializer)})
    def delete(self, request: Request, **_kwargs: Any) -> Response:
        """Let it be offered no more."""
        return self.once(lambda: self.told(practitioners.remove_offering(self.get_object(), **self.acting)))
