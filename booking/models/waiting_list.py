"""Who waits for a time to open, for what, which times were offered, and what was done about it."""

import uuid
from datetime import datetime
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, OuterRef, Q

from booking.models.appointments import Appointment
from booking.models.holds import Hold
from booking.models.patients import Enrolment, Patient
from booking.status import OCCUPYING
from booking.waiting.status import WAITS, EntryAct, EntryStatus, OfferStatus, WaitingCallReason
from core.models import Site
from core.principal import Principal
from core.rights import OF_PROGRAMS, Action, Scope, reaching
from core.roles import Role

IS_OPEN = Q(status=OfferStatus.NEEDS_ACTION)


def _by(*scopes: Scope) -> frozenset[Role]:
    return reaching(Action.SEE_WAITING_LIST, *scopes)


class WaitingListQuerySet(models.QuerySet["WaitingListEntry"]):
    """Entries by whether somebody still waits."""

    def waiting(self) -> "WaitingListQuerySet":
        """Keep those who may be offered times."""
        return self.filter(status=EntryStatus.ACTIVE)

    def visible_to(self, principal: Principal) -> "WaitingListQuerySet":
        """Keep the entries that `principal` may see: their own, those at their sites, and of people of their programs.

        Whoever asks to be told at a site lets that site know of it, wherever their record was made.
        """
        if principal.key.startswith("system:"):
            return self
        seen = Q(pk__in=[])
        if principal.user_id and principal.has(*_by(Scope.OWN)):
            seen |= Q(patient__user_id=principal.user_id)
        if sites := principal.sites(*_by(Scope.SITE)):
            seen |= Q(site__in=sites)
        if programs := principal.sites(*_by(*OF_PROGRAMS)):
            enrolled, at = Enrolment.objects.filter(site=OuterRef("site")), principal.at
            known = Q(Exists(enrolled.live(at=at).filter(patient=OuterRef("patient"))))
            if principal.families:
                known |= Q(Exists(enrolled.of_relatives(at=at, relative=OuterRef("patient"))))
            seen |= Q(site__in=programs) & known
        return self.filter(seen, patient__merged_into=None)


class WaitingListEntry(models.Model):
    """Somebody waits for a time of a therapy at a site. Empty preferences mean that anything will do.

    An appointment needs a time and somebody who treats; whoever waits has neither, so this is a table of its own.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.CASCADE, related_name="waiting_list_entries")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    therapy = models.ForeignKey("scheduler.Therapy", on_delete=models.PROTECT, related_name="+")
    technique = models.CharField(max_length=40, blank=True, default="")
    visit = models.CharField(max_length=12, help_text="First or follow-up.")
    practitioner = models.ForeignKey(
        "scheduler.Practitioner", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    part_of_day = models.CharField(max_length=9, blank=True, default="")
    weekdays = ArrayField(models.PositiveSmallIntegerField(), default=list, blank=True, help_text="ISO: 1 is Monday.")
    language = models.CharField(max_length=12, blank=True, default="", help_text="Whoever treats speaks it.")
    asked_needs = ArrayField(
        models.CharField(max_length=24), default=list, db_default=[], blank=True,
        help_text="What helps them to come, asked for as they began to wait. Keys of `AccessNeed`.",
    )  # fmt: skip
    asked_interpreter = models.CharField(
        max_length=12, blank=True, default="", db_default="", help_text="The language that somebody is to interpret."
    )
    needs = ArrayField(models.CharField(max_length=40), default=list, blank=True, help_text="What the place must have.")
    earliest_on = models.DateField(null=True, blank=True)
    latest_on = models.DateField(null=True, blank=True)
    notice_minutes = models.PositiveIntegerField(default=0, help_text="How long before it they must know.")
    here_on = ArrayField(
        models.PositiveSmallIntegerField(), default=list, blank=True, help_text="At the hospital anyway; ISO weekdays."
    )
    priority = models.PositiveSmallIntegerField(default=0, help_text="Set by staff where a clinician says so.")
    instead_of = models.ForeignKey(
        Appointment, null=True, blank=True, on_delete=models.SET_NULL, related_name="+",
        help_text="The later appointment that an accepted time takes the place of.",
    )  # fmt: skip
    status = models.CharField(max_length=9, choices=EntryStatus.choices, default=EntryStatus.ACTIVE)
    answers = models.TextField(
        blank=True, default="", help_text="What a guest answered before the times, sealed, until they confirm."
    )
    answers_asked_at = models.DateTimeField(
        null=True, blank=True, help_text="When they were asked to answer the questions again, until they have."
    )
    rests_until = models.DateTimeField(
        null=True,
        blank=True,
        help_text="Until then nobody looks again what they could book: nothing was, a moment ago.",
    )
    tried_through = models.DateField(
        null=True, blank=True, help_text="Up to this day nothing could be booked for them: the days after it are next."
    )
    token_digest = models.CharField(max_length=64, blank=True, default="")
    added_by = models.CharField(max_length=80, help_text="Principal.key of whoever asked.")
    waiting_since = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = WaitingListQuerySet.as_manager()

    class Meta:
        ordering = ["waiting_since", "pk"]
        constraints = [
            models.UniqueConstraint(
                name="waiting_list_link_opens_one_entry", fields=["token_digest"], condition=~Q(token_digest="")
            ),
            models.CheckConstraint(
                name="waiting_list_entry_that_is_over_says_since_when",
                condition=Q(status__in=sorted(WAITS), ended_at=None)
                | (~Q(status__in=sorted(WAITS)) & Q(ended_at__isnull=False)),
            ),
        ]
        indexes = [
            models.Index(
                name="waiting_list_still_waits", fields=["site", "waiting_since"], condition=Q(status="active")
            )
        ]

    def __str__(self) -> str:
        return f"waiting list entry {self.pk}"

    @property
    def later(self) -> Appointment | None:
        """The later appointment that an accepted time takes the place of, as long as they have it."""
        return self.instead_of if self.instead_of and self.instead_of.status in OCCUPYING else None


class WaitingListOffer(models.Model):
    """A time that is kept for somebody who waits, and for others who are asked beside them, until they answer."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    entry = models.ForeignKey(WaitingListEntry, on_delete=models.CASCADE, related_name="offers")
    hold = models.ForeignKey(Hold, on_delete=models.PROTECT, related_name="offers")
    starts_at = models.DateTimeField()
    status = models.CharField(max_length=12, choices=OfferStatus.choices, default=OfferStatus.NEEDS_ACTION)
    offered_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)
    appointment = models.ForeignKey(Appointment, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering = ["-offered_at", "-pk"]
        constraints = [
            models.UniqueConstraint(name="waiting_list_entry_has_one_open_offer", fields=["entry"], condition=IS_OPEN),
            models.UniqueConstraint(
                name="offered_time_is_accepted_once", fields=["hold"], condition=Q(status=OfferStatus.ACCEPTED)
            ),
        ]
        indexes = [models.Index(name="waiting_list_offer_open", fields=["expires_at"], condition=IS_OPEN)]

    def __str__(self) -> str:
        return f"offer {self.pk}"

    def stands(self, *, at: datetime) -> bool:
        """Whether it can still be accepted, noted or not."""
        return self.status == OfferStatus.NEEDS_ACTION and self.expires_at > at


class WaitingListChange(models.Model):
    """One act about an entry. Append-only, but for `relayed_at`."""

    append_only_except: ClassVar[frozenset[str]] = frozenset({"relayed_at"})

    entry = models.ForeignKey(WaitingListEntry, on_delete=models.PROTECT, related_name="changes")
    offer = models.ForeignKey(WaitingListOffer, null=True, on_delete=models.PROTECT, related_name="changes")
    act = models.CharField(max_length=8, choices=EntryAct.choices)
    by = models.CharField(max_length=80, help_text="Principal.key of whoever acted.")
    at = models.DateTimeField()
    relayed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["pk"]
        indexes = [
            models.Index(name="waiting_change_not_yet_relayed", fields=["id"], condition=Q(relayed_at__isnull=True))
        ]

    def __str__(self) -> str:
        return f"{self.act} of waiting list entry {self.entry_id}"


class WaitingListCall(models.Model):
    """Staff call somebody who waits (FHIR Task): no mail tells them. It holds no words about anybody."""

    entry = models.ForeignKey(WaitingListEntry, on_delete=models.CASCADE, related_name="calls")
    offer = models.ForeignKey(WaitingListOffer, null=True, blank=True, on_delete=models.CASCADE, related_name="calls")
    reason = models.CharField(max_length=8, choices=WaitingCallReason.choices)
    raised_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.CharField(max_length=80, blank=True, default="", help_text="Principal.key of whoever ended it.")

    class Meta:
        ordering = ["raised_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                name="waiting_list_entry_has_one_open_call_for_a_reason",
                fields=["entry", "reason"],
                condition=Q(done_at=None),
            ),
            models.CheckConstraint(
                name="ended_waiting_list_call_says_who_ended_it",
                condition=Q(done_at=None, done_by="") | (Q(done_at__isnull=False) & ~Q(done_by="")),
            ),
        ]

    def __str__(self) -> str:
        return f"call about waiting list entry {self.entry_id}"
