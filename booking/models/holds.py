"""Time kept for somebody while they decide."""

import uuid

from django.contrib.postgres.fields import DateTimeRangeField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from booking.models.appointments import Appointment
from booking.models.patients import Patient
from booking.models.reservations import Seat
from core.database.compiled import Argument
from core.models import Site
from core.principal import Principal


class HoldQuerySet(models.QuerySet["Hold"]):
    """Holds by who made them."""

    def visible_to(self, principal: Principal) -> "HoldQuerySet":
        """Keep the holds that `principal` made."""
        return self.made_by(principal.key)

    def made_by(self, key: str | Argument) -> "HoldQuerySet":
        """Keep the holds of whoever has this `Principal.key`."""
        return self.filter(made_by=key)


class HoldState(models.TextChoices):
    """What became of a hold. Whether an open one still stands is told by `expires_at`."""

    OPEN = "open", _("open")
    CONFIRMED = "confirmed", _("became an appointment")
    RELEASED = "released", _("given back")
    LAPSED = "lapsed", _("ran out")


class Hold(models.Model):
    """Time kept for a while, as the policy says; its claims expire with it."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    allocation = models.UUIDField()
    slot = models.CharField(max_length=255)
    # Whoever keeps a time may be nobody whom we know: a visitor without an account is known by their browser.
    made_by = models.CharField(max_length=80, db_index=True, help_text="Principal.key of whoever holds.")
    address = models.CharField(
        max_length=64, blank=True, default="", help_text="Keyed hash of an anonymous visitor's network, for the quota."
    )
    patient = models.ForeignKey(Patient, null=True, blank=True, on_delete=models.CASCADE, related_name="holds")
    practitioner = models.ForeignKey("scheduler.Practitioner", on_delete=models.PROTECT, related_name="+")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    place = models.ForeignKey("scheduler.Place", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    period = DateTimeRangeField()
    override_reason = models.CharField(max_length=200, blank=True, default="")
    only_for = models.CharField(
        max_length=50, blank=True, default="", db_default="", help_text="The audience to which alone the time is open."
    )
    state = models.CharField(max_length=9, choices=HoldState.choices, default=HoldState.OPEN)
    expires_at = models.DateTimeField()
    extended = models.PositiveSmallIntegerField(default=0)
    moving = models.ForeignKey(Appointment, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    proposed = models.BooleanField(
        default=False, db_default=False, help_text="By the clinic: a look at other times leaves it as it is."
    )
    declined_at = models.DateTimeField(
        null=True, blank=True, help_text="When its patient told staff that they do not want it. Can be taken back."
    )
    seat = models.ForeignKey(
        Seat, null=True, blank=True, on_delete=models.PROTECT, related_name="holds",
        help_text="That is kept for families: its claims are the hold's, and outlive it.",
    )  # fmt: skip
    created_at = models.DateTimeField()

    objects = HoldQuerySet.as_manager()

    class Meta:
        constraints = [
            # One seat may be held again and again, by one after the other, under the claims that it has.
            models.UniqueConstraint(name="hold_has_its_own_claims", fields=["allocation"], condition=Q(seat=None)),
            models.UniqueConstraint(
                name="seat_is_held_by_one_at_a_time", fields=["seat"], condition=Q(state="open", seat__isnull=False)
            ),
        ]
        indexes = [
            # Each limit is counted from an index of its own: a hoarder's thousand holds must not slow down everybody's
            # next.
            models.Index(name="hold_still_open", fields=["made_by", "expires_at"], condition=Q(state="open")),
            models.Index(
                name="hold_still_open_from",
                fields=["address", "expires_at"],
                condition=Q(state="open") & ~Q(address=""),
            ),
            models.Index(
                name="hold_booked_from",
                fields=["address", "created_at"],
                condition=Q(state="confirmed") & ~Q(address=""),
            ),
        ]

    def __str__(self) -> str:
        return f"hold {self.pk}"
