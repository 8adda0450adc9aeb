"""How a program looks over the wire."""

from django.utils.translation import gettext as _
from rest_framework import serializers

from core.api import LocalizedTextField
from core.models import Site
from scheduler.models import Practitioner, Program, Therapy


class ProgramSerializer(serializers.ModelSerializer[Program]):
    """A program of the hospital (FHIR HealthcareService). Lists are whole: nothing is left out that it has."""

    id = serializers.UUIDField(source="public_id")
    key = serializers.SlugField(help_text="By which enrolments, referrals and policies name it.")
    name = LocalizedTextField()
    sites = serializers.SerializerMethodField(help_text="Keys of the sites that have it.")
    therapies = serializers.SerializerMethodField(help_text="Keys of what it gives.")
    practitioners = serializers.SerializerMethodField(help_text="Ids of who treats in it.")
    referral_required = serializers.BooleanField(help_text="Whether an appointment waits until a referral is there.")
    families = serializers.BooleanField(help_text="Whether relatives of its patients may be treated.")
    who_may_join = serializers.SerializerMethodField(help_text="In a sentence.")

    class Meta:
        model = Program
        fields = [
            "id", "key", "name", "sites", "therapies", "practitioners", "referral_required", "families", "who_may_join",
        ]  # fmt: skip

    def get_sites(self, program: Program) -> list[str]:
        """Return its sites; where none are named, all that are in use."""
        named = [one for one in program.sites.all() if one.active] or Site.objects.filter(active=True)
        return sorted(one.key for one in named)

    def get_therapies(self, program: Program) -> list[str]:
        """Return its therapies; where none are named, all that are in use."""
        named = [one for one in program.therapies.all() if one.active] or Therapy.objects.filter(active=True)
        return sorted(one.key for one in named)

    def get_practitioners(self, program: Program) -> list[str]:
        """Return who treats in it; where nobody is named, all who work here."""
        named = [one for one in program.practitioners.all() if one.active] or Practitioner.objects.filter(active=True)
        return sorted(str(one.public_id) for one in named)

    def get_who_may_join(self, program: Program) -> str:
        """Return who may take part."""
        said = [_("Our staff enrol patients in it.")]
        if program.families:
            said.append(_("Members of a patient's family may come as well, with a record of their own."))
        if program.referral_required:
            said.append(_("A referral is needed before the first appointment that is booked online."))
        return " ".join(said)
