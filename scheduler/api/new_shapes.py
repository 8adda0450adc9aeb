"""What is sent to add an entry to the catalogue, and how opening hours and offers look."""

from rest_framework import serializers

from core.api import StrictSerializer, Texts, Words
from scheduler.api.shapes import SLUG, PractitionerForm
from scheduler.models import Offering, OpeningHours
from scheduler.models.calendars import Weekday
from scheduler.models.catalogue import Visit
from scheduler.models.practitioners import Gender


class NewSite(StrictSerializer):
    """A site to add; its opening hours are added to it."""

    key = serializers.RegexField(SLUG)
    name = Texts()
    zone = Words(max_length=64, help_text="IANA time zone; it cannot be changed later.")
    street = Words(max_length=120)
    floor = Words(max_length=60, allow_blank=True, default="")
    city = Words(max_length=60)
    state = Words(max_length=20)
    postal_code = Words(max_length=12)
    phone = Words(max_length=24)
    directions = Texts(optional=True, default=dict)
    parking = Texts(optional=True, default=dict)
    arrive_early_minutes = serializers.IntegerField(min_value=0, max_value=120, default=10)


class NewRoom(StrictSerializer):
    """A room to add to a site."""

    site = serializers.SlugField()
    key = serializers.RegexField(SLUG)
    name = Texts()
    suite = serializers.RegexField(SLUG, default="main", help_text="Rooms of one suite lie within call of each other.")


class NewPlace(StrictSerializer):
    """A place to add to a room."""

    room = serializers.UUIDField()
    key = serializers.RegexField(SLUG)
    name = Texts()
    features = serializers.ListField(child=serializers.RegexField(SLUG), max_length=20)
    active = serializers.BooleanField(default=True)


class NewDevice(StrictSerializer):
    """A unit to add to a pool of a site."""

    site = serializers.SlugField()
    pool = serializers.RegexField(SLUG)
    number = serializers.IntegerField(min_value=1, max_value=999)
    reprocess_minutes = serializers.IntegerField(min_value=0, max_value=240, allow_null=True, default=None)
    active = serializers.BooleanField(default=True)


class NewPractitioner(PractitionerForm):
    """Somebody who treats, to add; what they offer and their hours are added to them."""

    sites = serializers.ListField(child=serializers.SlugField(), min_length=1, max_length=50, help_text="Keys.")
    credentials = Words(max_length=40, allow_blank=True, default="")
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


class OfferingChange(StrictSerializer):
    """What may be changed of an offer."""

    visits = serializers.ListField(child=serializers.ChoiceField(Visit.choices), min_length=1, max_length=2)


class NewOffering(OfferingChange):
    """A therapy to offer at a site."""

    practitioner = serializers.UUIDField()
    site = serializers.SlugField()
    therapy = serializers.SlugField()


class OpeningHoursSerializer(serializers.ModelSerializer[OpeningHours]):
    """When a site's places and devices can be used, in its wall time."""

    id = serializers.UUIDField(source="public_id")
    site = serializers.SlugField(source="site.key")

    class Meta:
        model = OpeningHours
        fields = ["id", "site", "weekday", "opens", "closes"]


class OpeningHoursChange(StrictSerializer):
    """What may be changed of opening hours."""

    weekday = serializers.ChoiceField(Weekday.choices)
    opens = serializers.TimeField()
    closes = serializers.TimeField()


class NewOpeningHours(OpeningHoursChange):
    """Opening hours to add to a site."""

    site = serializers.SlugField()
