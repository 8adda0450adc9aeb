"""How appointments, holds and records look over the wire, and what may be sent."""

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from booking.actions.offered_moves import undo_until_for
from booking.actions.suitability.suitability_checks import ANSWERS_SET_ASIDE
from booking.api.asked_for_json import AskedForSerializer
from booking.api.length_json import SegmentsField
from booking.api.place_needs import NEEDS_OF_HOLD, NeedsField
from booking.cancel_reasons import CancelReason, DeclineReason
from booking.models import Appointment, Change, Hold, Patient
from booking.subjects import of_appointment
from core.api import Instant, LineField, StrictSerializer
from core.api.problem_responses import ProblemSerializer
from core.api.strict import Either
from core.principal import Principal
from core.rights import Action, may
from core.roles import Role
from core.text.languages import localized
from scheduler import public as scheduler
from scheduler.public import VisitType

if TYPE_CHECKING:
    from datetime import datetime


HIDDEN = {
    Action.SEE_THERAPY: ("therapy", "technique", "segments", "cancel_reason", "late_cancel"),
    Action.SEE_DETAILS: ("note", "override_reason", "asked_for"),
    Action.SEE_NAMES: ("patient",),
    Action.SEE_LINKED: ("linked",),
    Action.SEE_SCREENING: ("cancel_reason",),
}
"""Fields of a visit that are left out for whoever lacks the right."""

HIDDEN_FACTS = {
    Action.SEE_THERAPY: ("reason", "because", "instead", "late", "slot", "therapy", "segments"),
    Action.SEE_DETAILS: ("overrode",),
    Action.SEE_LINKED: ("linked",),
    # Why it was called off, or is looked at, may be what somebody answered about their health.
    Action.SEE_SCREENING: ("reason", "because", "instead", "review", ANSWERS_SET_ASIDE),
}
"""The same for what the ledger says of a change."""


def reason_for(reason: str, hidden: Collection[str]) -> str:
    """Return why a visit was cancelled, as somebody reads it who is not shown some fields.

    Whoever may not know what it was booked together with is not told that somebody else's was cancelled either.
    """
    return str(CancelReason.OTHER if reason == CancelReason.TOGETHER and "linked" in hidden else reason)


class PractitionerCardSerializer(serializers.Serializer[Any]):
    """A practitioner as people see them."""

    id = serializers.UUIDField(source="public_id")
    name = serializers.CharField()
    credentials = serializers.CharField()
    languages = serializers.ListField(child=serializers.CharField())
    gender = serializers.CharField()


class SiteCardSerializer(serializers.Serializer[Any]):
    """A site as people see it."""

    id = serializers.UUIDField(source="public_id")
    key = serializers.SlugField()
    name = serializers.SerializerMethodField()
    zone = serializers.CharField()
    address = serializers.CharField()
    phone = serializers.CharField()

    def get_name(self, site: Any) -> str:
        """Return the name in the reader's language."""
        return localized(dict(site.name))


class SlotSerializer(serializers.Serializer[Any]):
    """A start that can be booked. Times are the site's, with their offset; `end` is when the patient leaves."""

    id = serializers.CharField(help_text="Opaque; the same for the same practitioner, appointment and start.")
    start = serializers.DateTimeField()
    end = serializers.DateTimeField()
    therapy = serializers.SlugField()
    visit = serializers.ChoiceField(VisitType.choices)
    technique = serializers.CharField()
    practitioner = PractitionerCardSerializer()
    site = SiteCardSerializer()
    only_for = serializers.CharField(
        allow_null=True,
        help_text=(
            "To whom alone the time is open now, where you may use it: `families`, `program` for a program's patients "
            "and their families, `known` for whoever has a record here, `staff`; null for everyone's. A search by "
            "staff names the program: `families:` with its key, or its key."
        ),
    )


class OtherTherapySerializer(serializers.Serializer[Any]):
    """What can be booked with somebody's answers."""

    therapy = serializers.SlugField(help_text="Key of a therapy.")
    technique = serializers.CharField(help_text="The one way of it that can be booked; empty for any.")
    looked_at = serializers.BooleanField(help_text="Whether somebody looks at it before it is booked.")
    asks_more = serializers.BooleanField(help_text="Whether more questions are asked for it.")


class BookingProblemSerializer(ProblemSerializer):
    """Why a time cannot be booked, and what can be had instead."""

    alternatives = SlotSerializer(many=True, required=False, help_text="The nearest times that are free.")
    opens_at = serializers.DateTimeField(required=False, help_text="From when on whoever asks may book it.")
    rules = serializers.ListField(
        child=serializers.CharField(),
        required=False,
        help_text="Codes of every booking rule that stands against it.",
    )
    overridable = serializers.BooleanField(
        required=False, help_text="Whether staff may send it again with an `override_reason`."
    )
    slot = serializers.CharField(required=False, help_text="Id of the time that is meant.")
    limit = serializers.IntegerField(required=False, help_text="How many times one person may keep at once.")
    stands = serializers.CharField(required=False, help_text="Status of the appointment as it stands.")
    move = serializers.CharField(required=False, help_text="What was to be done with it.")
    screening = serializers.CharField(
        required=False, help_text="How the patient stands with the health questions, such as `unanswered`."
    )
    earliest_day = serializers.DateField(
        required=False, help_text="The first day on which the patient may come, by the health answers."
    )
    questions = serializers.CharField(
        required=False,
        help_text="The address of the questions; `errors` names those that lack answers before a booking.",
    )
    therapies = OtherTherapySerializer(
        many=True, required=False, help_text="What can be booked instead, with the same answers."
    )
    phone = serializers.CharField(required=False, help_text="The number of the site; may be empty.")
    emergency = serializers.CharField(required=False, help_text="The number to call in an emergency.")


BOOKING_PROBLEMS: Mapping[int, type[ProblemSerializer]] = {
    404: ProblemSerializer,
    409: BookingProblemSerializer,
    410: BookingProblemSerializer,
    422: BookingProblemSerializer,
    429: ProblemSerializer,
}
"""Statuses with which a time is refused: not offered or unknown, not free, kept no longer, too much at once."""


class TherapyCardSerializer(serializers.Serializer[Any]):
    """A therapy in few words."""

    key = serializers.SlugField()
    name = serializers.SerializerMethodField()

    def get_name(self, therapy: Any) -> str:
        """Return the name in the reader's language."""
        return localized(therapy.name)


class PatientCardSerializer(serializers.Serializer[Patient]):
    """Who is treated."""

    id = serializers.UUIDField(source="public_id")
    reference = serializers.CharField()
    name = serializers.CharField()


class LocalTimeField(serializers.DateTimeField):
    """A time by the clock of the row's site, with its offset."""

    def __init__(self, bound: str, **kwargs: Any) -> None:
        super().__init__(source="*", read_only=True, **kwargs)
        self.bound = bound

    def to_representation(self, value: Any) -> str:
        """Return one edge of the row's period."""
        at: datetime = getattr(value.period, self.bound)
        return at.astimezone(value.site.tz).isoformat()


def hidden_fields(table: Mapping[Action, tuple[str, ...]], visit: Appointment, principal: Principal) -> frozenset[str]:
    """Return the names in `table` that `principal` may not see of an appointment."""
    subject = of_appointment(visit, principal)
    return frozenset(name for action, names in table.items() if not may(principal, action, subject) for name in names)


class AppointmentSerializer(serializers.ModelSerializer[Appointment]):
    """An appointment. Fields that the reader's role may not see are left out."""

    id = serializers.UUIDField(source="public_id")
    start = LocalTimeField("lower")
    end = LocalTimeField("upper", help_text="When the patient leaves.")
    practitioner = PractitionerCardSerializer()
    site = SiteCardSerializer()
    place = serializers.SerializerMethodField()
    patient = PatientCardSerializer(required=False)
    therapy = TherapyCardSerializer(required=False)
    segments = SegmentsField(allow_null=True, required=False, help_text="Of its own; null: as its therapy.")
    asked_for = AskedForSerializer(source="*", required=False)
    replaces = serializers.UUIDField(source="replaces.public_id", allow_null=True, default=None)
    linked = serializers.UUIDField(
        source="linked.public_id", allow_null=True, required=False, help_text="What it was booked together with."
    )

    class Meta:
        model = Appointment
        fields = [
            "id", "reference", "status", "version", "start", "end", "visit", "practitioner", "site", "place", "patient",
            "therapy", "technique", "segments", "note", "override_reason", "cancel_reason", "late_cancel", "undo_until",
            "kept_until", "started_at", "asked_for", "replaces", "linked", "created_at", "updated_at",
        ]  # fmt: skip
        extra_kwargs = {
            name: {"required": False}
            for name in ("technique", "cancel_reason", "late_cancel", "note", "override_reason")
        }

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_place(self, visit: Appointment) -> str | None:
        """Return the name of the place in the reader's language."""
        return localized(visit.place.name) if visit.place else None

    def to_representation(self, visit: Appointment) -> dict[str, Any]:
        """Return what the reader may see of an appointment."""
        shown: dict[str, Any] = super().to_representation(visit)
        view = self.context["view"]
        if visit.undo_until is not None and visit.undo_until > view.at and not undo_until_for(visit, view.principal):
            shown["undo_until"] = None
        hidden = hidden_fields(HIDDEN, visit, view.principal)
        shown["cancel_reason"] = reason_for(shown["cancel_reason"], hidden)
        return {name: value for name, value in shown.items() if name not in hidden}


class ChangeSerializer(serializers.ModelSerializer[Change]):
    """One act on an appointment. `by`: user, visitor or system; with their number for those who run or audit a site."""

    by = serializers.SerializerMethodField()
    facts = serializers.SerializerMethodField()

    class Meta:
        model = Change
        fields = ["version", "move", "before", "after", "by", "at", "facts"]

    def get_by(self, change: Change) -> str:
        """Return who acted."""
        # A patient who reads the history of their visit learns that staff moved it, not who.
        full = self.context["view"].principal.has(Role.ADMIN, Role.AUDITOR)
        return change.by if full else change.by.split(":")[0]

    def get_facts(self, change: Change) -> dict[str, Any]:
        """Return what the ledger says; reasons are for those who may see them."""
        hidden = self.context["hidden"]
        facts = {name: fact for name, fact in change.facts.items() if name not in hidden}
        return facts | ({"reason": reason_for(facts["reason"], hidden)} if "reason" in facts else {})


class HoldSerializer(serializers.ModelSerializer[Hold]):
    """Time kept for somebody while they decide."""

    id = serializers.UUIDField(source="public_id")
    start = LocalTimeField("lower")
    end = LocalTimeField("upper")
    patient = serializers.UUIDField(source="patient.public_id", allow_null=True, default=None)
    moving = serializers.UUIDField(source="moving.public_id", allow_null=True, default=None)
    practitioner = PractitionerCardSerializer()
    site = SiteCardSerializer()

    class Meta:
        model = Hold
        fields = [
            "id", "slot", "state", "start", "end", "practitioner", "site", "patient", "moving", "expires_at",
            "extended",
        ]  # fmt: skip

    def to_representation(self, hold: Hold) -> dict[str, Any]:
        """Return the hold; its slot names no therapy to whoever may not see that of the appointment that moves."""
        shown: dict[str, Any] = super().to_representation(hold)
        by: Principal = self.context["view"].principal
        if hold.moving and not may(by, Action.SEE_THERAPY, of_appointment(hold.moving, by)):
            shown["slot"] = scheduler.SlotKey.decode(hold.slot).without_therapy
        return shown


class HoldCreateSerializer(StrictSerializer):
    """A time to keep."""

    slot = serializers.CharField(max_length=200, help_text="Id of a free time, as a search gives it.")
    patient = serializers.UUIDField(required=False, help_text="Whom it is for; oneself when left out.")
    moving = serializers.UUIDField(required=False, help_text="An appointment that is to be moved there.")
    override_reason = LineField(required=False, max_length=200, help_text="Why staff set a soft rule aside.")
    needs = NeedsField(required=False, help_text=NEEDS_OF_HOLD)


HOLD_OR_SLOT = Either("hold", "slot", _("Give either a hold or a slot."))


class WantedBookingSerializer(StrictSerializer):
    """What goes with each time that is booked, for one person or for several at once."""

    note = LineField(required=False, max_length=200, help_text="Administrative and neutral, never clinical.")
    override_reason = LineField(required=False, max_length=200, help_text="Why staff set a soft rule aside.")
    answers = serializers.DictField(
        child=serializers.CharField(max_length=40),
        required=False,
        help_text="To `suitability/questions/`, by id. They are kept while they count, and are not read back.",
    )
    captures = serializers.DictField(
        child=serializers.ListField(child=serializers.CharField(max_length=40), max_length=20),
        required=False,
        help_text="Which places are meant, by the id of a question that is answered with yes.",
    )
    set_aside = LineField(
        required=False, max_length=200, help_text="Why a clinician of the site books it whatever the answers are."
    )
    questions_by_link = serializers.BooleanField(
        required=False,
        default=False,
        help_text="Staff only: where answers are lacking, it is proposed, and its patient is asked by link.",
    )


class AppointmentCreateSerializer(WantedBookingSerializer):
    """An appointment to book: a hold, or a slot that is free."""

    hold = serializers.UUIDField(required=False, help_text="Id of a hold of your own; or give a slot.")
    slot = serializers.CharField(required=False, max_length=200, help_text="Id of a free time; or give a hold.")
    patient = serializers.UUIDField(required=False, help_text="Whom it is for; oneself when left out.")
    replaces = serializers.UUIDField(required=False, help_text="A cancelled appointment that this one stands for.")

    either = HOLD_OR_SLOT


class RescheduleSerializer(StrictSerializer):
    """Where to: a slot that is free, or a hold."""

    hold = serializers.UUIDField(required=False, help_text="Id of a hold of your own; or give a slot.")
    slot = serializers.CharField(required=False, max_length=200, help_text="Id of a free time; or give a hold.")
    override_reason = LineField(required=False, max_length=200, help_text="Why staff set a soft rule aside.")
    other_therapy = serializers.BooleanField(
        required=False,
        default=False,
        help_text="Staff only: the slot may be for another therapy, which is judged anew, and what it is for then.",
    )
    place = serializers.UUIDField(
        required=False, help_text="Staff only, with a slot: the one place of its site that will do."
    )

    either = HOLD_OR_SLOT


class NoteSerializer(StrictSerializer):
    """What staff write for each other."""

    note = LineField(
        required=False, allow_blank=True, max_length=200, help_text="Administrative and neutral, never clinical."
    )


class CheckInSerializer(StrictSerializer):
    """What whoever checks somebody in, or begins, knows."""

    all_the_same = serializers.BooleanField(
        required=False,
        default=False,
        help_text="Their time is not open any more (`without-cover`), or later (`starts-later`): it takes place now.",
    )


class CancelSerializer(StrictSerializer):
    """Why it is called off."""

    reason = serializers.ChoiceField(CancelReason.choices)


class ProposeSerializer(StrictSerializer):
    """Which time suits better."""

    slot = serializers.CharField(
        max_length=200, help_text="Id of a free time for the same kind of appointment, at a site where you decide."
    )


class DeclineSerializer(StrictSerializer):
    """Why it is declined, as the person is told."""

    because = serializers.ChoiceField(DeclineReason.choices, default=DeclineReason.CALL)


class AwaitSerializer(StrictSerializer):
    """Until when the time is kept."""

    until = Instant(required=False, help_text="Before the appointment begins.")
