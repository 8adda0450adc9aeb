"""How several people's times look over the wire: what is looked for, booked as one act, and shown together."""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from rest_framework import serializers

from booking.actions.families import linked_moves
from booking.actions.families.linked_visits import FEWEST, MOST
from booking.api.place_needs import NeedsField
from booking.api.serializers import (
    AppointmentSerializer,
    BookingProblemSerializer,
    SlotSerializer,
    WantedBookingSerializer,
)
from booking.api.slot_json import slots_as_json
from booking.models import CancelPolicy, LinkedVisits
from booking.models.linked_visits import RELATIONS
from core.api import Instant, LineField, StrictSerializer
from core.http.problems import plain
from core.refusals import Invalid
from scheduler import public as scheduler

MOST_APART = {scheduler.Relation.SAME_TIME: 60, scheduler.Relation.BACK_TO_BACK: 120}
"""Minutes: farther apart nobody comes at the same time, or waits for the next."""

SIDES = [(one.value, one.name) for one in scheduler.Side]


@plain.register
def set_as_json(one: scheduler.SlotSet) -> dict[str, Any]:
    """Return times that can be had together; by the clock of their site, with its offset."""
    zone = ZoneInfo(one.slots[0].site.zone)
    return {
        "start": one.start.astimezone(zone).isoformat(),
        "end": one.end.astimezone(zone).isoformat(),
        "slots": slots_as_json(one.slots, staff=True),
    }


def sets_as_json(found: Collection[scheduler.SlotSet]) -> list[dict[str, Any]]:
    """Return sets, in order."""
    return [set_as_json(one) for one in found]


@contextmanager
def below(pointer: str) -> Iterator[None]:
    """Say of what is wrong in one of several parts of a body in which of them it is."""
    try:
        yield
    except Invalid as refused:
        for error in refused.facts["errors"]:  # type: ignore[attr-defined]
            error["pointer"] = pointer + error.get("pointer", "")
        raise


class SetPersonSerializer(StrictSerializer):
    """What one of several people wants."""

    patient = serializers.UUIDField(required=False, help_text="Who it is, where that is known already.")
    therapy = serializers.SlugField(help_text="Key of a therapy.")
    visit = serializers.ChoiceField(scheduler.VisitType.choices)
    technique = serializers.SlugField(required=False, help_text="For therapies that differ by it.")
    practitioner = serializers.UUIDField(required=False, help_text="Id of a practitioner; anyone when left out.")
    needs = NeedsField(required=False)


class AnchorSerializer(StrictSerializer):
    """Something else that somebody has; it is asked for its time alone."""

    at = Instant(help_text="When it begins, or ends.")
    side = serializers.ChoiceField(SIDES, help_text="They are done `before` it, or begin `after` it.")
    within_minutes = serializers.IntegerField(min_value=0, max_value=480, help_text="How near to it.")


class TogetherSerializer(StrictSerializer):
    """How the times of several people lie to each other."""

    relation = serializers.ChoiceField(RELATIONS, help_text="At the `same-time`, or `back-to-back`.")
    within_minutes = serializers.IntegerField(
        min_value=0, max_value=120, default=0, help_text="How far apart they may begin, or how long the next may wait."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Return the relation and how near as values. Raises Invalid."""
        relation = scheduler.Relation(attrs["relation"])
        if attrs["within_minutes"] > MOST_APART[relation]:
            raise Invalid(pointer="/within_minutes")
        within = timedelta(minutes=attrs.pop("within_minutes"))
        return super().validate({**attrs, "relation": relation, "within": within})


class SetQuerySerializer(TogetherSerializer):
    """What several people look for who come together."""

    people: serializers.ListSerializer[Any] = serializers.ListSerializer(
        child=SetPersonSerializer(), min_length=FEWEST, max_length=MOST
    )
    site = serializers.SlugField(required=False, help_text="Key of a site; all sites when left out.")
    anchor = AnchorSerializer(required=False, help_text="Near which event; its days are looked at alone.")
    limit = serializers.IntegerField(min_value=1, max_value=50, default=10, help_text="How many sets at most.")

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """Return the fields; `from` is a word of Python's, so it cannot be written above."""
        since = Instant(required=False, help_text="Earliest start of the first; now when left out.")
        until = Instant(required=False, help_text="The first starts before this; 14 days later, 31 at most.")
        return super().get_fields() | {"from": since, "to": until}


class SlotSetSerializer(serializers.Serializer[Any]):
    """Times that can be had together, in the order of the people."""

    start = serializers.DateTimeField(help_text="When the first begins, by the clock of the site.")
    end = serializers.DateTimeField(help_text="When the last one leaves.")
    slots = SlotSerializer(many=True)


class SlotSetsSerializer(serializers.Serializer[Any]):
    """The soonest sets."""

    results = SlotSetSerializer(many=True)


class LinkedPersonSerializer(WantedBookingSerializer):
    """One of several people, and their time."""

    patient = serializers.UUIDField(help_text="Whom it is for.")
    slot = serializers.CharField(max_length=200, help_text="Id of a free time.")


class LinkedCreateSerializer(TogetherSerializer):
    """Several people to book as one act."""

    people: serializers.ListSerializer[Any] = serializers.ListSerializer(
        child=LinkedPersonSerializer(), min_length=FEWEST, max_length=MOST
    )
    cancel_policy = serializers.ChoiceField(
        CancelPolicy.choices,
        default=CancelPolicy.ASK.value,
        help_text="What becomes of the others when one is cancelled: they `keep` their times, are cancelled, or asked.",
    )


class LinkedSerializer(serializers.ModelSerializer[LinkedVisits]):
    """Appointments that were booked together; those alone that the reader may see."""

    id = serializers.UUIDField(source="public_id")
    site = serializers.SlugField(source="site.key")
    may_undo = serializers.SerializerMethodField(help_text="Whether there is something that `undo` takes back now.")
    appointments = AppointmentSerializer(source="shown", many=True)

    class Meta:
        model = LinkedVisits
        fields = ["id", "site", "relation", "within_minutes", "cancel_policy", "made_at", "may_undo", "appointments"]

    def get_may_undo(self, link: LinkedVisits) -> bool:
        """Return whether the last act on it can be undone when it is asked for."""
        return linked_moves.may_undo(link, at=self.context["view"].at)


class NewTimeSerializer(StrictSerializer):
    """Where one of the appointments goes."""

    appointment = serializers.UUIDField(help_text="Id of one of the linked appointments.")
    slot = serializers.CharField(max_length=200, help_text="Id of a free time for the same kind of appointment.")


class LinkedMoveSerializer(StrictSerializer):
    """Where linked appointments go, all of them or none; those that are not named stay where they are."""

    appointments: serializers.ListSerializer[Any] = serializers.ListSerializer(
        child=NewTimeSerializer(), min_length=1, max_length=MOST
    )
    override_reason = LineField(required=False, max_length=200, help_text="Why staff set a soft rule aside.")


class UnlinkSerializer(StrictSerializer):
    """Which of them is taken out."""

    appointment = serializers.UUIDField(help_text="Id of one of the linked appointments.")


class LinkedProblemSerializer(BookingProblemSerializer):
    """Why several people cannot be booked together, and which times can be had instead."""

    alternatives = SlotSetSerializer(  # type: ignore[assignment]  # sets, where others show slots
        many=True, required=False, help_text="The nearest sets that are free."
    )
    because = serializers.CharField(required=False, help_text="The code of why a time cannot be had.")
    people = serializers.ListField(
        child=serializers.IntegerField(), required=False, help_text="Whose times cannot be had: numbers from 0."
    )
    person = serializers.IntegerField(required=False, help_text="Which of the people it is about, from 0.")
    within_minutes = serializers.IntegerField(required=False, help_text="How near they should have been.")


LINKED_PROBLEMS: Mapping[int, type[LinkedProblemSerializer]] = dict.fromkeys(
    (404, 409, 410, 422), LinkedProblemSerializer
)
