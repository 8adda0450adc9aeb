"""How the catalogue looks over the wire, and what may be changed of it."""

from rest_framework import serializers

from core.api import StrictSerializer, Texts, Words
from core.models import Site
from scheduler.models import Device, Offering, Place, Practitioner, Room, Therapy, VisitPlan
from scheduler.models.practitioners import Gender

SLUG = r"^[a-z0-9_-]{1,50}$"


class SiteSerializer(serializers.ModelSerializer[Site]):
    """A site."""

    id = serializers.UUIDField(source="public_id")
    name = Texts()
    directions = Texts()
    parking = Texts()
    address = serializers.CharField()

    class Meta:
        model = Site
        fields = [
            "id", "key", "name", "zone", "address", "street", "floor", "city", "state", "postal_code", "phone",
            "directions", "parking", "arrive_early_minutes", "active",
        ]  # fmt: skip


class SiteForm(StrictSerializer):
    """What may be changed of a site."""

    name = Texts()
    street = Words(max_length=120)
    floor = Words(max_length=60, allow_blank=True)
    phone = Words(max_length=24)
    directions = Texts(optional=True)
    parking = Texts(optional=True)
    arrive_early_minutes = serializers.IntegerField(min_value=0, max_value=120)
    active = serializers.BooleanField()


class PlaceSerializer(serializers.ModelSerializer[Place]):
    """A bay in a room."""

    id = serializers.UUIDField(source="public_id")
    room = serializers.UUIDField(source="room.public_id")
    site = serializers.SlugField(source="room.site.key")
    name = Texts()

    class Meta:
        model = Place
        fields = ["id", "key", "name", "room", "site", "features", "active"]


class BaySerializer(serializers.ModelSerializer[Place]):
    """A bay, shown inside its room."""

    id = serializers.UUIDField(source="public_id")
    name = Texts()

    class Meta:
        model = Place
        fields = ["id", "key", "name", "features", "active"]


class PlaceForm(StrictSerializer):
    """What may be changed of a place."""

    name = Texts()
    features = serializers.ListField(child=serializers.RegexField(SLUG), max_length=20)
    active = serializers.BooleanField()


class RoomSerializer(serializers.ModelSerializer[Room]):
    """A room with its places."""

    id = serializers.UUIDField(source="public_id")
    site = serializers.SlugField(source="site.key")
    name = Texts()
    places = BaySerializer(many=True)

    class Meta:
        model = Room
        fields = ["id", "key", "name", "site", "suite", "places"]


class RoomForm(StrictSerializer):
    """What may be changed of a room."""

    name = Texts()


class DeviceSerializer(serializers.ModelSerializer[Device]):
    """A single unit of a pool."""

    id = serializers.UUIDField(source="public_id")
    site = serializers.SlugField(source="site.key")

    class Meta:
        model = Device
        fields = ["id", "site", "pool", "number", "reprocess_minutes", "active"]


class DeviceForm(StrictSerializer):
    """What may be changed of a device."""

    reprocess_minutes = serializers.IntegerField(min_value=0, max_value=240)
    active = serializers.BooleanField()


class PlanSerializer(serializers.ModelSerializer[VisitPlan]):
    """How long a visit is for the patient."""

    minutes = serializers.SerializerMethodField()

    class Meta:
        model = VisitPlan
        fields = ["visit", "technique", "minutes"]

    def get_minutes(self, plan: VisitPlan) -> int:
        """Return the patient's minutes; turnover is the place's alone."""
        return sum(segment.minutes for segment in plan.segments.all() if segment.presence != "none")


class TherapySerializer(serializers.ModelSerializer[Therapy]):
    """A therapy with its visits."""

    id = serializers.UUIDField(source="public_id")
    name = Texts()
    summary = Texts()
    bring_and_wear = Texts()
    visits = PlanSerializer(many=True, source="plans")

    class Meta:
        model = Therapy
        fields = [
            "id", "key", "name", "summary", "bring_and_wear", "techniques", "self_bookable", "active", "visits",
        ]  # fmt: skip


class TherapyForm(StrictSerializer):
    """What may be changed of a therapy."""

    name = Texts()
    summary = Texts()
    bring_and_wear = Texts(optional=True)
    self_bookable = serializers.BooleanField()
    active = serializers.BooleanField()


class OfferSerializer(serializers.ModelSerializer[Offering]):
    """A therapy offered at a site."""

    therapy = serializers.SlugField(source="therapy.key")
    site = serializers.SlugField(source="site.key")

    class Meta:
        model = Offering
        fields = ["therapy", "site", "visits"]


class PractitionerSerializer(serializers.ModelSerializer[Practitioner]):
    """Somebody who treats, and what they offer where."""

    id = serializers.UUIDField(source="public_id")
    offers = OfferSerializer(many=True, source="offerings")

    class Meta:
        model = Practitioner
        fields = ["id", "name", "credentials", "nucc", "languages", "gender", "lanes", "active", "offers"]


class PractitionerForm(StrictSerializer):
    """What may be changed of a practitioner."""

    name = Words(max_length=120)
    credentials = Words(max_length=40, allow_blank=True)
    nucc = Words(max_length=10)
    lanes = serializers.IntegerField(min_value=1, max_value=6)
    languages = serializers.ListField(child=serializers.RegexField(r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})?$"), max_length=20)
    gender = serializers.ChoiceField(Gender.choices)
    active = serializers.BooleanField()
