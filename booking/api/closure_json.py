"""How closed appointments and what is proposed instead look over the wire, and what may be sent."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from booking.closures import ClosedState, ClosedVisit
from core.api import StrictSerializer


class ClosedQuerySerializer(StrictSerializer):
    """At which site, and inside which closure."""

    site = serializers.SlugField(help_text=_("Key of a site."))
    closure = serializers.CharField(
        max_length=80,
        required=False,
        help_text=_("Id of a closure, or key of what a policy closes; without: all of the site."),
    )


class ClosedNoticeSerializer(StrictSerializer):
    """Whose patient is told."""

    appointment = serializers.UUIDField(help_text=_("Id of an appointment."))


class ProposalSerializer(ClosedNoticeSerializer):
    """Whose patient is proposed another time."""

    slot = serializers.CharField(
        max_length=255, required=False, help_text=_("Id of the time; without: the first that their patient can take.")
    )


class ProposedTimeSerializer(serializers.Serializer[Any]):
    """A time that is kept for a patient until they take it, or until it runs out."""

    start = serializers.DateTimeField()
    practitioner = serializers.UUIDField()
    site = serializers.SlugField()
    until = serializers.DateTimeField()


class ClosedAppointmentSerializer(serializers.Serializer[Any]):
    """An appointment that a closure touches, or touched."""

    appointment = serializers.UUIDField()
    closure = serializers.CharField(help_text=_("Id of a closure, or the key of what a policy closes."))
    state = serializers.ChoiceField(list(ClosedState))
    told_at = serializers.DateTimeField(allow_null=True)
    call = serializers.BooleanField(help_text=_("Whether staff are to call them."))
    proposed = ProposedTimeSerializer(allow_null=True)


class ClosedAppointmentsSerializer(serializers.Serializer[Any]):
    """Who is inside, and who was."""

    appointments = ClosedAppointmentSerializer(many=True)


def as_closed(found: Iterable[ClosedVisit], closure: str) -> list[dict[str, Any]]:
    """Return the appointments of a closure as they go over the wire."""
    return [_as_one(one, closure) for one in found]


def _as_one(one: ClosedVisit, closure: str) -> dict[str, Any]:
    hold = one.proposal.hold if one.proposal and one.state is ClosedState.PROPOSED else None
    proposed = hold and {
        "start": hold.period.lower,
        "practitioner": hold.practitioner.public_id,
        "site": hold.site.key,
        "until": hold.expires_at,
    }
    return {
        "appointment": one.visit.public_id,
        "closure": closure,
        "state": one.state,
        "told_at": one.told_at,
        "call": one.call,
        "proposed": proposed,
    }
