"""How referrals look over the wire, and what may be sent of them."""

from rest_framework import serializers

from booking.models import Referral, ReferralStatus
from booking.models.referrals import MOST_VISITS
from core.api import CalendarDate, LineField, StrictSerializer


class ReferralSerializer(serializers.ModelSerializer[Referral]):
    """Somebody sends a patient to a program (FHIR ServiceRequest). Nothing about health is kept here."""

    id = serializers.UUIDField(source="public_id")
    patient = serializers.UUIDField(source="patient.public_id")
    site = serializers.SlugField(source="site.key")
    program = serializers.SlugField(help_text="Key of the program: see `programs/`.")
    referred_by = serializers.CharField(help_text="Who sends them, as it stands on the paper.")
    visits_allowed = serializers.IntegerField(help_text="For how many appointments.")
    visits_left = serializers.SerializerMethodField(help_text="How many of them nobody has booked.")
    expires_on = serializers.DateField(help_text="From this day on it is of no use, by the clock of the site.")
    status = serializers.ChoiceField(choices=ReferralStatus.choices)

    class Meta:
        model = Referral
        fields = [
            "id", "patient", "site", "program", "referred_by", "visits_allowed", "visits_left", "expires_on", "status",
        ]  # fmt: skip

    def get_visits_left(self, referral: Referral) -> int:
        """Return how many appointments are left."""
        return max(0, referral.visits_allowed - referral.used)


class ReferralCreateSerializer(StrictSerializer):
    """What stands on a referral."""

    program = serializers.SlugField(max_length=50, help_text="Key of the program: see `programs/`.")
    site = serializers.SlugField(help_text="Key of the site.")
    referred_by = LineField(max_length=120, help_text="Who sends them, as it stands on the paper.")
    visits_allowed = serializers.IntegerField(min_value=1, max_value=MOST_VISITS)
    expires_on = CalendarDate(help_text="From this day on it is of no use, by the clock of the site.")
