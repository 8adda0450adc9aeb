"""How the catalogue looks over the wire, and what may be changed of it."""

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.api import CalendarDate, LineField, LocalizedTextField, StrictSerializer
from core.api.problem_responses import ProblemSerializer
from core.models import Site
from scheduler.models import Device, Offering, Place, Practitioner, Room, Segment, Therapy, VisitPlan
from scheduler.models.catalogue import VisitType
from scheduler.models.practitioners import Gender
from scheduler.search.lengths import LONGEST
from scheduler.slots import minutes_of, tick_plan

SLUG = r"^[a-z0-9_-]{1,50}$"


class SiteSerializer(serializers.ModelSerializer[Site]):
    """A site: other requests name it by its key, and times of its visits are in its zone."""

    id = serializers.UUIDField(source="public_id")
    name = LocalizedTextField()
    directions = LocalizedTextField()
    parking = LocalizedTextField()
    phone_hours = LocalizedTextField()
    privacy_notice = LocalizedTextField()
    accessibility_note = LocalizedTextField()
    address = serializers.CharField()

    class Meta:
        model = Site
        fields = [
            "id", "key", "name", "zone", "address", "street", "floor", "city", "state", "postal_code", "phone",
            "directions", "parking", "arrive_early_minutes", "hospital", "phone_hours", "privacy_notice",
            "accessibility_note", "active",
        ]  # fmt: skip


class SiteUpdateSerializer(StrictSerializer):
    """What may be changed of a site."""

    name = LocalizedTextField()
    street = LineField(max_length=120)
    floor = LineField(max_length=60, allow_blank=True)
    city = LineField(max_length=60)
    state = LineField(max_length=20)
    postal_code = LineField(max_length=12)
    phone = LineField(max_length=24)
    directions = LocalizedTextField(optional=True)
    parking = LocalizedTextField(optional=True)
    arrive_early_minutes = serializers.IntegerField(min_value=0, max_value=120)
    hospital = LineField(max_length=120, allow_blank=True)
    phone_hours = LocalizedTextField(optional=True)
    privacy_notice = LocalizedTextField(optional=True)
    accessibility_note = LocalizedTextField(optional=True)
    active = serializers.BooleanField()


class PlaceSerializer(serializers.ModelSerializer[Place]):
    """A bay in a room."""

    id = serializers.UUIDField(source="public_id")
    room = serializers.UUIDField(source="room.public_id")
    site = serializers.SlugField(source="room.site.key")
    name = LocalizedTextField()

    class Meta:
        model = Place
        fields = ["id", "key", "name", "room", "site", "features", "active"]


class BaySerializer(serializers.ModelSerializer[Place]):
    """A bay, shown inside its room."""

    id = serializers.UUIDField(source="public_id")
    name = LocalizedTextField()

    class Meta:
        model = Place
        fields = ["id", "key", "name", "features", "active"]


class PlaceUpdateSerializer(StrictSerializer):
    """What may be changed of a place."""

    name = LocalizedTextField()
    features = serializers.ListField(child=serializers.RegexField(SLUG), max_length=20)
    active = serializers.BooleanField()


class RoomSerializer(serializers.ModelSerializer[Room]):
    """A room with its places."""

    id = serializers.UUIDField(source="public_id")
    site = serializers.SlugField(source="site.key")
    name = LocalizedTextField()
    places = BaySerializer(many=True)

    class Meta:
        model = Room
        fields = ["id", "key", "name", "site", "suite", "places"]


class RoomUpdateSerializer(StrictSerializer):
    """What may be changed of a room."""

    name = LocalizedTextField()
    suite = serializers.RegexField(SLUG, help_text="Rooms of one suite lie within call of each other.")


class DeviceSerializer(serializers.ModelSerializer[Device]):
    """A single unit of a pool."""

    id = serializers.UUIDField(source="public_id")
    site = serializers.SlugField(source="site.key")

    class Meta:
        model = Device
        fields = ["id", "site", "pool", "number", "reprocess_minutes", "active"]


class DeviceUpdateSerializer(StrictSerializer):
    """What may be changed of a device."""

    reprocess_minutes = serializers.IntegerField(min_value=0, max_value=240)
    active = serializers.BooleanField()


class PlanSegmentSerializer(serializers.ModelSerializer[Segment]):
    """A part of an appointment: how long, and whether hands are needed, or somebody near."""

    class Meta:
        model = Segment
        fields = ["name", "minutes", "presence"]


class PlanSerializer(serializers.ModelSerializer[VisitPlan]):
    """How long an appointment is for the patient, and of what it consists; `valid_from`: null for ever since."""

    minutes = serializers.SerializerMethodField()
    segments = PlanSegmentSerializer(many=True)

    class Meta:
        model = VisitPlan
        fields = ["visit", "technique", "valid_from", "minutes", "segments"]

    def get_minutes(self, plan: VisitPlan) -> int:
        """Return the minutes until the patient leaves; turnover is the place's alone."""
        return minutes_of(tick_plan((segment.minutes, segment.presence) for segment in plan.segments.all()))


class TherapySerializer(serializers.ModelSerializer[Therapy]):
    """A therapy, with how long its first and follow-up appointments are."""

    id = serializers.UUIDField(source="public_id")
    name = LocalizedTextField()
    summary = LocalizedTextField()
    bring_and_wear = LocalizedTextField()
    visits = PlanSerializer(many=True, source="plans")

    class Meta:
        model = Therapy
        fields = [
            "id", "key", "family", "name", "summary", "bring_and_wear", "techniques", "self_bookable", "active",
            "visits",
        ]  # fmt: skip


class TherapyUpdateSerializer(StrictSerializer):
    """What may be changed of a therapy."""

    name = LocalizedTextField()
    summary = LocalizedTextField()
    bring_and_wear = LocalizedTextField(optional=True)
    family = serializers.RegexField(SLUG, help_text="What people choose first, such as needles.")
    self_bookable = serializers.BooleanField()
    active = serializers.BooleanField()


class PlanNamedSerializer(StrictSerializer):
    """Which kind of appointment of a therapy."""

    visit = serializers.ChoiceField(choices=VisitType.choices)
    technique = serializers.CharField(default="", allow_blank=True, max_length=50)


class LengthsSerializer(PlanNamedSerializer):
    """How long a kind of appointment takes from a day on."""

    minutes = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=LONGEST),
        max_length=20,
        help_text="Of each segment, in their order.",
    )
    since = CalendarDate(help_text="The first day on which it takes so long: today or later.")
    site = serializers.SlugField(help_text="Key of the site by whose clock that day begins.")


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
    sites = serializers.SerializerMethodField()
    offers = OfferSerializer(many=True, source="offerings")

    class Meta:
        model = Practitioner
        fields = ["id", "name", "credentials", "nucc", "languages", "gender", "lanes", "active", "sites", "offers"]

    @extend_schema_field(serializers.ListField(child=serializers.SlugField(), help_text="Where they work."))
    def get_sites(self, practitioner: Practitioner) -> list[str]:
        """Return the keys of the sites where they work."""
        known: list[str] | None = vars(practitioner).get("site_keys")
        return self.context["view"].site_keys_of(practitioner) if known is None else known


class PractitionerUpdateSerializer(StrictSerializer):
    """What may be changed of a practitioner."""

    name = LineField(max_length=120)
    credentials = LineField(max_length=40, allow_blank=True)
    nucc = LineField(max_length=10)
    lanes = serializers.IntegerField(min_value=1, max_value=6)
    languages = serializers.ListField(child=serializers.RegexField(r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})?$"), max_length=20)
    gender = serializers.ChoiceField(Gender.choices)
    sites = serializers.ListField(
        child=serializers.SlugField(),
        min_length=1,
        max_length=50,
        help_text="Keys of the sites where they work. Sites that are not yours to set up stay as they are.",
    )
    active = serializers.BooleanField()


class StillInUseProblemSerializer(ProblemSerializer):
    """Why something cannot be changed as it is, or go out of use."""

    close_at = serializers.CharField(
        required=False, help_text="Page of the desk that settles the appointments ahead; empty where there is none."
    )
