"""How entries of the waiting list look over the wire, and what may be sent of them."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from booking.access_needs import AccessNeed, AskedFor
from booking.actions.access_needs import spoken
from booking.actions.waiting.list_entries import Preferences
from booking.api.asked_for_json import AskedForSerializer
from booking.api.serializers import PatientCardSerializer
from booking.models import WaitingListEntry, WaitingListOffer
from booking.subjects import of_waiting
from booking.waiting.status import EntryStatus, OfferStatus
from core.api import CalendarDate, StrictSerializer
from core.rights import Action, may
from scheduler.public import PARTS_OF_DAY, VisitType

MOST_NOTICE = 28 * 24 * 60
HIDDEN = {
    Action.SEE_THERAPY: ("therapy", "technique"),
    Action.SEE_NAMES: ("patient",),
    Action.SEE_DETAILS: ("asked_for",),
}
"""Fields of an entry that are left out for whoever lacks the right."""


class WaitingOfferSerializer(serializers.Serializer[WaitingListOffer]):
    """A time that is kept for somebody until they answer, or until `until`."""

    id = serializers.UUIDField(source="public_id")
    start = serializers.SerializerMethodField(help_text=_("When it begins, by the clock of the site."))
    practitioner = serializers.UUIDField(source="hold.practitioner.public_id")
    until = serializers.DateTimeField(source="expires_at", help_text=_("From then on it is kept no more."))

    def get_start(self, offer: WaitingListOffer) -> datetime:
        """Return when it begins."""
        return offer.starts_at.astimezone(offer.entry.site.tz)


class WaitingEntrySerializer(serializers.ModelSerializer[WaitingListEntry]):
    """Somebody waits for a time to open. What is empty may be anything; fields that may not be seen are left out."""

    id = serializers.UUIDField(source="public_id")
    patient = PatientCardSerializer()
    site = serializers.SlugField(source="site.key")
    therapy = serializers.SlugField(source="therapy.key")
    visit = serializers.ChoiceField(VisitType.choices)
    practitioner = serializers.UUIDField(source="practitioner.public_id", default=None, allow_null=True)
    asked_for = AskedForSerializer(source="*", required=False)
    soon = serializers.SerializerMethodField(help_text=_("A clinician says that they should come soon."))
    instead_of = serializers.UUIDField(
        source="instead_of.public_id", default=None, allow_null=True,
        help_text=_("The later appointment that moves to an accepted time."),
    )  # fmt: skip
    status = serializers.ChoiceField(EntryStatus.choices)
    answers_needed = serializers.SerializerMethodField(
        help_text=_("Some questions are to be answered before anything is offered: see `suitability/questions/`.")
    )
    offer = serializers.SerializerMethodField(help_text=_("What can be accepted now; null where nothing can."))
    offers_made = serializers.SerializerMethodField(help_text=_("How many times were offered so far."))
    appointment = serializers.SerializerMethodField(help_text=_("Id of what was accepted; null before."))

    class Meta:
        model = WaitingListEntry
        fields = [
            "id", "patient", "site", "therapy", "technique", "visit", "practitioner", "part_of_day", "weekdays",
            "language", "needs", "asked_for", "earliest_on", "latest_on", "notice_minutes", "here_on", "soon",
            "instead_of", "status", "waiting_since", "ended_at", "answers_needed", "offer", "offers_made",
            "appointment",
        ]  # fmt: skip

    def get_soon(self, entry: WaitingListEntry) -> bool:
        """Return whether they come before others."""
        return bool(entry.priority)

    def get_answers_needed(self, entry: WaitingListEntry) -> bool:
        """Return whether answers are lacking."""
        return entry.answers_asked_at is not None

    def get_offer(self, entry: WaitingListEntry) -> dict[str, Any] | None:
        """Return what is kept for them now."""
        at = self.context["view"].at
        found = next((one for one in entry.offers.all() if one.stands(at=at)), None)
        if found is None:
            return None
        found.entry = entry
        return dict(WaitingOfferSerializer(found).data)

    def get_offers_made(self, entry: WaitingListEntry) -> int:
        """Return how often they were asked."""
        return len(entry.offers.all())

    def get_appointment(self, entry: WaitingListEntry) -> str | None:
        """Return which appointment came of it."""
        accepted = (one.appointment for one in entry.offers.all() if one.status == OfferStatus.ACCEPTED)
        found = next(accepted, None)
        return str(found.public_id) if found else None

    def to_representation(self, entry: WaitingListEntry) -> dict[str, Any]:
        """Return what the reader may see of an entry."""
        shown: dict[str, Any] = super().to_representation(entry)
        by = self.context["view"].principal
        subject = of_waiting(entry, by)
        hidden = {name for action, names in HIDDEN.items() if not may(by, action, subject) for name in names}
        return {name: value for name, value in shown.items() if name not in hidden}


class WaitingEntryCreateSerializer(StrictSerializer):
    """Who waits, and for what."""

    patient = serializers.UUIDField(required=False, help_text=_("Id of a patient; left out, it is you."))
    site = serializers.SlugField(help_text=_("Key of the site."))
    therapy = serializers.SlugField(max_length=40)
    technique = serializers.SlugField(max_length=40, required=False)
    visit = serializers.ChoiceField(VisitType.choices)
    practitioner = serializers.UUIDField(required=False, help_text=_("Nobody else will do."))
    part_of_day = serializers.ChoiceField(sorted(PARTS_OF_DAY), required=False)
    weekdays = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=7),
        max_length=7,
        required=False,
        default=list,
        help_text=_("Days that suit them: 1 is Monday."),
    )
    language = serializers.SlugField(max_length=12, required=False, help_text=_("Whoever treats speaks it."))
    access_needs = serializers.ListField(
        child=serializers.ChoiceField(choices=[one.value for one in AccessNeed]),
        required=False,
        default=list,
        help_text=_("What helps them to come, never why; beside what is on their record."),
    )
    interpreter = serializers.CharField(
        max_length=12, required=False, allow_blank=True, help_text=_("The language that somebody is to interpret.")
    )
    needs = serializers.CharField(
        max_length=200, required=False, help_text=_("What the place must have, separated by commas.")
    )
    earliest_on = CalendarDate(required=False, help_text=_("From this day on."))
    latest_on = CalendarDate(required=False, help_text=_("Until this day."))
    notice_minutes = serializers.IntegerField(
        min_value=0, max_value=MOST_NOTICE, required=False, default=0, help_text=_("How long before it they must know.")
    )
    here_on = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=7),
        max_length=7,
        required=False,
        default=list,
        help_text=_("At the hospital anyway: 1 is Monday."),
    )
    soon = serializers.BooleanField(
        required=False, default=False, help_text=_("A clinician says that they should come soon; for staff.")
    )
    instead_of = serializers.UUIDField(
        required=False, help_text=_("Id of a later appointment that moves to an accepted time.")
    )

    def preferences(self, sent: dict[str, Any], **looked_up: Any) -> Preferences:
        """Return what was sent as what somebody waits for."""
        plain = {name: sent.get(name, "") for name in ("therapy", "technique", "visit", "part_of_day", "language")}
        days = {name: tuple(sorted(set(sent[name]))) for name in ("weekdays", "here_on")}
        dates = {name: sent.get(name) for name in ("earliest_on", "latest_on")}
        said: dict[str, Any] = plain | days | dates | looked_up
        return Preferences(
            **said,
            practitioner=sent.get("practitioner"),
            asked_for=AskedFor.of(sent["access_needs"], spoken(sent.get("interpreter", ""))),
            notice_minutes=sent["notice_minutes"],
            priority=int(sent["soon"]),
        )


class OfferAnswerSerializer(StrictSerializer):
    """Which offer is answered: the one that was seen."""

    offer = serializers.UUIDField(help_text=_("Id of the offer."))
