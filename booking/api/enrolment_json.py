"""How enrolments look over the wire, and what may be sent of them."""

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from booking.models import Enrolment
from core.api import CalendarDate, StrictSerializer
from core.api.problem_responses import ProblemSerializer

ENDS_ON = _("From this day on it counts for nothing, by the clock of the site; none: without an end.")


class EnrolmentSerializer(serializers.ModelSerializer[Enrolment]):
    """Somebody takes part in a program at a site."""

    id = serializers.UUIDField(source="public_id")
    patient = serializers.UUIDField(source="patient.public_id")
    site = serializers.SlugField(source="site.key")
    program = serializers.SlugField(help_text="Key of the program: see `programs/`.")
    ends_on = serializers.DateField(allow_null=True, help_text=ENDS_ON)
    counts = serializers.SerializerMethodField(help_text="Whether it counts at this moment.")

    class Meta:
        model = Enrolment
        fields = ["id", "patient", "site", "program", "ends_on", "counts"]

    def get_counts(self, enrolment: Enrolment) -> bool:
        """Return whether it counts when it is asked for."""
        return enrolment.counts(at=self.context["view"].at)


class EnrolmentCreateSerializer(StrictSerializer):
    """Whom to enrol is in the address: in which program, at which site, until when."""

    program = serializers.SlugField(max_length=50, help_text="Key of the program: see `programs/`.")
    site = serializers.SlugField(help_text="Key of the site.")
    ends_on = CalendarDate(required=False, allow_null=True, default=None, help_text=ENDS_ON)


class EnrolmentUpdateSerializer(StrictSerializer):
    """On which day an enrolment ends."""

    ends_on = CalendarDate(allow_null=True, help_text=ENDS_ON)


class EnrolmentProblemSerializer(ProblemSerializer):
    """Why somebody is not enrolled."""

    enrolment = serializers.UUIDField(required=False, help_text="Id of the enrolment that there is.")
