"""How records of people look over the wire, what may be sent, and why one is not made or merged."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from booking.access_needs import AccessNeed
from booking.models import Patient
from booking.models.patients import ContactPoint
from booking.patients.search_words import SHORTEST_SEARCH, is_long_enough
from booking.queries import is_own
from booking.subjects import of_record
from core.api import CalendarDate, LineField, StrictSerializer
from core.api.problem_responses import ProblemSerializer
from core.rights import Action, may


class DuplicateSerializer(serializers.Serializer[Any]):
    """A record that may be of the same person."""

    id = serializers.UUIDField()
    reference = serializers.CharField()
    name = serializers.CharField()
    birth_date = serializers.DateField()


class DuplicatesProblemSerializer(ProblemSerializer):
    """Why a record is not made."""

    candidates = DuplicateSerializer(many=True, required=False, help_text="Records that may be of the same person.")


class MergeProblemSerializer(ProblemSerializer):
    """Why two records are not merged."""

    appointments = serializers.ListField(
        child=serializers.CharField(), required=False, help_text="References of appointments at the same time."
    )


class MergedProblemSerializer(ProblemSerializer):
    """The record was merged into another one of the same person."""

    patient = serializers.UUIDField(required=False, help_text="Id of the record that was kept.")


class ContactSerializer(serializers.ModelSerializer[ContactPoint]):
    """How a person is reached."""

    class Meta:
        model = ContactPoint
        fields = ["system", "value", "rank"]
        extra_kwargs = {
            "value": {"help_text": "An e-mail address, or a phone number such as +13125550100 (E.164)."},
            "rank": {"help_text": "1 is tried first."},
        }


ASKED = ("access_needs", "interpreter")
"""What somebody needs so that they can come: for themselves, and for whoever reads the details of appointments."""


class PatientSerializer(serializers.ModelSerializer[Patient]):
    """A patient's record. Nothing clinical is kept here."""

    id = serializers.UUIDField(source="public_id")
    site = serializers.SlugField(source="site.key")
    contacts = ContactSerializer(many=True)

    class Meta:
        model = Patient
        fields = [
            "id", "reference", "name", "birth_date", "language", "guest", "site", "contacts", "access_needs",
            "interpreter",
        ]  # fmt: skip
        extra_kwargs = {name: {"required": False} for name in ASKED}

    def to_representation(self, patient: Patient) -> dict[str, Any]:
        """Return what the reader may see of a record; in a list of several what they need is left out."""
        shown: dict[str, Any] = super().to_representation(patient)
        by = self.context["view"].principal
        if self.parent is None and (is_own(patient, by) or may(by, Action.SEE_DETAILS, of_record(patient, by))):
            return shown
        return {name: value for name, value in shown.items() if name not in ASKED}


class PatientSearchSerializer(StrictSerializer):
    """Whom somebody looks for. It is sent in a body: names do not belong into addresses, which logs keep."""

    search = serializers.CharField(
        max_length=100,
        help_text=_(
            "Words of a name in any order, each written out or begun; a phone number or part of it; an e-mail address; "
            "a birth date; a reference. At least three characters, or one of a script without spaces. Where nobody is "
            "found, those whose names are a slip away or sound alike."
        ),
    )

    def validate_search(self, text: str) -> str:
        """Refuse what is too short to look for. Raises ValidationError."""
        if not is_long_enough(text, shortest=SHORTEST_SEARCH):
            raise serializers.ValidationError(
                _("Please give at least %(count)d letters or digits.") % {"count": SHORTEST_SEARCH}
            )
        return text


PHONE_HELP = "As people write it; without + and the code of a country it is read as one of the site's country."
LANGUAGE_HELP = "The language they read, as a tag such as `en` or `zh-Hans` (BCP 47)."


class PatientCreateSerializer(StrictSerializer):
    """A record to make."""

    name = LineField(max_length=120)
    birth_date = CalendarDate()
    email = serializers.CharField(
        max_length=254, allow_blank=True, default="", help_text="May be left out where there is a phone number."
    )
    phone = serializers.CharField(max_length=40, required=False, allow_blank=True, help_text=PHONE_HELP)
    language = serializers.CharField(max_length=12, default="en", help_text=LANGUAGE_HELP)
    site = serializers.SlugField(help_text="Key of the site where the record is made.")
    program = serializers.SlugField(
        max_length=50,
        required=False,
        help_text="Key of the program in which they are enrolled at once; whom its staff register, are anyhow.",
    )
    ends_on = CalendarDate(required=False, allow_null=True, default=None, help_text="On which day that ends, if any.")
    another_person = serializers.BooleanField(
        default=False,
        help_text="They are none of those that a refusal `possible-duplicates` named: noted, and not asked again.",
    )


class PatientUpdateSerializer(StrictSerializer):
    """What may be changed of a record; name and birth date by staff alone."""

    name = LineField(max_length=120)
    birth_date = CalendarDate()
    email = serializers.CharField(
        max_length=254, allow_blank=True, help_text="Staff may leave it empty where there is a phone number."
    )
    phone = serializers.CharField(
        max_length=40, allow_blank=True, help_text=f"{PHONE_HELP} It stands for the first; empty, that is taken off."
    )
    language = serializers.CharField(max_length=12, help_text=LANGUAGE_HELP)
    access_needs = serializers.ListField(
        child=serializers.ChoiceField(choices=[one.value for one in AccessNeed]),
        help_text="What they need so that they can come, never why. It stands for what was asked for before.",
    )
    interpreter = serializers.CharField(
        max_length=12, allow_blank=True, help_text="The language that somebody is to interpret; empty: nobody is."
    )


class PatientMergeSerializer(StrictSerializer):
    """The other record of the same person."""

    other = serializers.UUIDField(help_text="Its id answers 410 with the id of the kept one from then on.")
