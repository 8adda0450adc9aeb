"""What is sent to add an entry to the catalogue, and how opening hours and offers look."""

from rest_framework import serializers

from core.api import LineField, LocalizedTextField, StrictSerializer
from scheduler.api.serializers import SLUG, PractitionerUpdateSerializer
from scheduler.api.wall_times import EndTime, TimeOfDay
from scheduler.models import Offering, OpeningHours, TravelTime
from scheduler.models.calendars import Weekday
from scheduler.models.catalogue import VisitType
from scheduler.models.practitioners import Gender
from scheduler.models.travel import LONGEST


class SiteCreateSerializer(StrictSerializer):
    """A site to add; its opening hours are added to it."""

    key = serializers.RegexField(SLUG)
    name = LocalizedTextField()
    zone = LineField(max_length=64, help_text="IANA time zone; it cannot be changed later.")
    street = LineField(max_length=120)
    floor = LineField(max_length=60, allow_blank=True, default="")
    city = LineField(max_length=60)
    state = LineField(max_length=20)
    postal_code = LineField(max_length=12)
    phone = LineField(max_length=24)
    directions = LocalizedTextField(optional=True, default=dict)
    parking = LocalizedTextField(optional=True, default=dict)
    arrive_early_minutes = serializers.IntegerField(min_value=0, max_value=120, default=10)
    hospital = LineField(max_length=120, allow_blank=True, default="")
    phone_hours = LocalizedTextField(optional=True, default=dict)
    privacy_notice = LocalizedTextField(optional=True, default=dict)
    accessibility_note = LocalizedTextField(optional=True, default=dict)


class RoomCreateSerializer(StrictSerializer):
    """A room to add to a site."""

    site = serializers.SlugField()
    key = serializers.RegexField(SLUG)
    name = LocalizedTextField()
    suite = serializers.RegexField(SLUG, default="main", help_text="Rooms of one suite lie within call of each other.")


class PlaceCreateSerializer(StrictSerializer):
    """A place to add to a room."""

    room = serializers.UUIDField(help_text="Id of a room.")
    key = serializers.RegexField(SLUG)
    name = LocalizedTextField()
    features = serializers.ListField(child=serializers.RegexField(SLUG), max_length=20)
    active = serializers.BooleanField(default=True)


class DeviceCreateSerializer(StrictSerializer):
    """A unit to add to a pool of a site."""

    site = serializers.SlugField()
    pool = serializers.RegexField(SLUG)
    number = serializers.IntegerField(min_value=1, max_value=999)
    reprocess_minutes = serializers.IntegerField(min_value=0, max_value=240, allow_null=True, default=None)
    active = serializers.BooleanField(default=True)


class PractitionerCreateSerializer(PractitionerUpdateSerializer):
    """Somebody who treats, to add; what they offer and their hours are added to them."""

    sites = serializers.ListField(child=serializers.SlugField(), min_length=1, max_length=50, help_text="Keys.")
    credentials = LineField(max_length=40, allow_blank=True, default="")
    gender = serializers.ChoiceField(Gender.choices, default="unknown")
    lanes = serializers.IntegerField(min_value=1, max_value=6, default=3)
    active = serializers.BooleanField(default=True)


class OfferingSerializer(serializers.ModelSerializer[Offering]):
    """A therapy that somebody offers at a site."""

    id = serializers.UUIDField(source="public_id")
    practitioner = serializers.UUIDField(source="practitioner.public_id")
    site = serializers.SlugField(source="site.key")
    therapy = serializers.SlugField(source="therapy.key")

    class Meta:
        model = Offering
        fields = ["id", "practitioner", "site", "therapy", "visits"]


class OfferingUpdateSerializer(StrictSerializer):
    """What may be changed of an offer."""

    visits = serializers.ListField(child=serializers.ChoiceField(VisitType.choices), min_length=1, max_length=2)


class OfferingCreateSerializer(OfferingUpdateSerializer):
    """A therapy to offer at a site."""

    practitioner = serializers.UUIDField(help_text="Id of a practitioner.")
    site = serializers.SlugField()
    therapy = serializers.SlugField()


class OpeningHoursSerializer(serializers.ModelSerializer[OpeningHours]):
    """When a site's places and devices can be used, in its wall time."""

    id = serializers.UUIDField(source="public_id")
    site = serializers.SlugField(source="site.key")
    opens = TimeOfDay()
    closes = EndTime()

    class Meta:
        model = OpeningHours
        fields = ["id", "site", "weekday", "opens", "closes", "valid_from", "valid_to"]


class OpeningHoursUpdateSerializer(StrictSerializer):
    """What may be changed of opening hours."""

    weekday = serializers.ChoiceField(Weekday.choices)
    opens = TimeOfDay()
    closes = EndTime()


class OpeningHoursCreateSerializer(OpeningHoursUpdateSerializer):
    """Opening hours to add to a site."""

    site = serializers.SlugField()


class TravelTimeSerializer(serializers.ModelSerializer[TravelTime]):
    """How many minutes lie between two sites, the same both ways."""

    id = serializers.UUIDField(source="public_id")
    site = serializers.SlugField(source="site.key")
    other_site = serializers.SlugField(source="other_site.key")

    class Meta:
        model = TravelTime
        fields = ["id", "site", "other_site", "minutes"]


class TravelTimeUpdateSerializer(StrictSerializer):
    """What may be changed of a travel time."""

    minutes = serializers.IntegerField(min_value=1, max_value=LONGEST)


class TravelTimeCreateSerializer(TravelTimeUpdateSerializer):
    """A travel time between two sites, named by their keys."""

    site = serializers.SlugField()
    other_site = serializers.SlugField()
