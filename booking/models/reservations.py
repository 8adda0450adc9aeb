"""Seats that program staff keep for families: several times in one act, each until somebody has it or it is given back.

A block of time narrows who may use it and takes no claim; a reservation takes claims, which end at its name-by date.
"""

import uuid
from datetime import datetime
from typing import ClassVar

from django.contrib.postgres.fields import DateTimeRangeField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from booking.models.appointments import Appointment
from booking.models.families import FamilyLink
from booking.status import OCCUPYING, Status
from core.models import Site
from core.principal import Principal
from core.rights import Action, Scope, reaching
from scheduler.public import VisitType


class Reservation(models.Model):
    """Seats that were kept together: for which program, by whom, why, and until when somebody is to have them.

    The anchor says near what they are: a time and a place, and never what happens there.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    program = models.SlugField(default="cancer-integrative-medicine")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    made_by = models.CharField(max_length=80, help_text="Principal.key of whoever keeps them.")
    reason = models.CharField(max_length=200, blank=True, default="", help_text="For staff; nothing about health.")
    in_a_row = models.BooleanField(default=False, help_text="One after the other; else side by side.")
    name_by = models.DateTimeField(help_text="Seats that nobody has booked by then are free for others.")
    anchor_at = models.DateTimeField(null=True, blank=True)
    anchor_minutes = models.PositiveSmallIntegerField(null=True, blank=True, help_text="How near it they are.")
    anchor_before = models.BooleanField(default=False, help_text="They end before it; else they begin after it.")
    anchor_site = models.ForeignKey(Site, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    reminded_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="anchor_says_when_and_where_and_how_near",
                condition=Q(anchor_at=None, anchor_minutes=None, anchor_site=None)
                | Q(anchor_at__isnull=False, anchor_minutes__isnull=False, anchor_site__isnull=False),
            ),
        ]
        # How many seats somebody keeps is counted with each that they want.
        indexes = [models.Index(name="reservation_by_maker", fields=["made_by", "name_by"])]

    def __str__(self) -> str:
        return f"reservation {self.pk}"


class SeatState(models.TextChoices):
    """How a seat stands. Whether one that nobody has booked is still kept is told by its reservation's name-by date."""

    OPEN = "open", _("to be named")
    NAMED = "named", _("named")
    BOOKED = "booked", _("booked")
    RELEASED = "released", _("given back")


WAITING_FOR_SOMEBODY = (SeatState.OPEN, SeatState.NAMED)

OVER = frozenset({Status.FULFILLED, Status.NOSHOW})
"""Somebody had the time, whether or not they came."""


class SeatQuerySet(models.QuerySet["Seat"]):
    """Seats by who may know of them, and by how they stand."""

    def visible_to(self, principal: Principal) -> "SeatQuerySet":
        """Keep the seats of the sites where `principal` keeps seats for families."""
        if principal.key.startswith("system:"):
            return self
        roles = reaching(Action.RESERVE_SEATS, Scope.SITE, Scope.PROGRAM)
        return self.filter(reservation__site__in=principal.sites(*roles))

    def waiting(self, *, at: datetime) -> "SeatQuerySet":
        """Keep the seats that wait for somebody: nobody has booked them yet, and the name-by date is ahead."""
        return self.filter(state__in=WAITING_FOR_SOMEBODY, reservation__name_by__gt=at)


class Seat(models.Model):
    """One time of a reservation. Until it is booked its claims end at the reservation's name-by date."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    reservation = models.ForeignKey(Reservation, on_delete=models.CASCADE, related_name="seats")
    number = models.PositiveSmallIntegerField()
    slot = models.CharField(max_length=255, help_text="Slot id.")
    allocation = models.UUIDField(unique=True)
    therapy = models.ForeignKey("scheduler.Therapy", on_delete=models.PROTECT, related_name="+")
    visit = models.CharField(max_length=10, choices=VisitType.choices)
    technique = models.SlugField(blank=True, default="")
    practitioner = models.ForeignKey("scheduler.Practitioner", on_delete=models.PROTECT, related_name="+")
    place = models.ForeignKey("scheduler.Place", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    period = DateTimeRangeField(help_text="The time of whoever has it, UTC.")
    only_for = models.CharField(
        max_length=50, blank=True, default="", help_text="The audience to which alone the time is open."
    )
    state = models.CharField(max_length=8, choices=SeatState.choices, default=SeatState.OPEN)
    named_for = models.ForeignKey(
        FamilyLink,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="seats",
        help_text="Who is to have it.",
    )
    appointment = models.ForeignKey(
        Appointment, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", help_text="That came of it."
    )

    objects = SeatQuerySet.as_manager()

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(name="reservation_numbers_its_seats", fields=["reservation", "number"]),
            models.CheckConstraint(name="seat_takes_some_time", condition=Q(period__isempty=False)),
        ]

    def __str__(self) -> str:
        return f"seat {self.pk}"

    def is_had(self, *, at: datetime) -> bool:
        """Whether somebody has it, or had it once it is over. Needs the appointment that came of it.

        One that was called off, has run out, or is at another time since, has left it.
        """
        visit = self.appointment
        if self.state != SeatState.BOOKED or visit is None or visit.status not in OCCUPYING | OVER:
            return False
        there = (visit.period.lower, visit.practitioner_id) == (self.period.lower, self.practitioner_id)
        return there and (visit.kept_until is None or visit.kept_until > at)


class SeatAct(models.TextChoices):
    """What was done to seats."""

    KEPT = "kept", _("kept")
    RELEASED = "released", _("given back")
    KEPT_AGAIN = "kept-again", _("kept again")
    NAMED = "named", _("named")
    UNNAMED = "unnamed", _("name taken off")
    POSTPONED = "postponed", _("name-by date changed")
    CHANGED = "changed", _("changed to another therapy")
    BOOKED = "booked", _("booked")
    REMINDED = "reminded", _("staff reminded")


class SeatChange(models.Model):
    """One act on a seat. Append-only: nobody alters or deletes a row."""

    append_only_except: ClassVar[frozenset[str]] = frozenset()

    seat = models.ForeignKey(Seat, on_delete=models.PROTECT, related_name="changes")
    act = models.CharField(max_length=10, choices=SeatAct.choices)
    by = models.CharField(max_length=80, help_text="Principal.key of whoever acted.")
    at = models.DateTimeField()
    facts = models.JSONField(default=dict, help_text="Ids, times and codes; no names.")

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.act} of seat {self.seat_id}"
