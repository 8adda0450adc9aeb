"""Appointments of several people that were booked together: how they lie to each other, and what follows a cancel.

Each stays its person's own: with its own state, answers and messages. That they belong together is known to staff.
"""

import uuid
from dataclasses import replace
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from booking.models.appointments import Appointment
from core.models import Site
from core.principal import Principal
from core.rights import OF_PROGRAMS, Action, Scope, reaching
from scheduler.public import Relation

RELATIONS = [(Relation.SAME_TIME.value, _("at the same time")), (Relation.BACK_TO_BACK.value, _("in a row"))]


class CancelPolicy(models.TextChoices):
    """What becomes of the others when one of them is cancelled."""

    KEEP = "keep", _("the others keep their times")
    CANCEL = "cancel", _("the others are cancelled too")
    ASK = "ask", _("the others are asked")


class LinkedVisitsQuerySet(models.QuerySet["LinkedVisits"]):
    """Links by who may know of them."""

    def visible_to(self, principal: Principal) -> "LinkedVisitsQuerySet":
        """Keep the links of the sites and programs where `principal` may see what was booked together."""
        seen = models.Q(site__in=principal.sites(*reaching(Action.SEE_LINKED, Scope.SITE)))
        # Staff of a program know a link by whichever of its appointments is one of their patients'.
        held = {one for one in principal.roles if one[0] in reaching(Action.SEE_LINKED, *OF_PROGRAMS)}
        if held:
            theirs = Appointment.objects.visible_to(replace(principal, roles=frozenset(held)))
            seen |= models.Q(pk__in=theirs.filter(linked__isnull=False).order_by().values("linked"))
            # Nor do they lose it by taking all of it apart: that can be undone.
            apart = LinkedVisitsChange.objects.filter(
                appointment__in=theirs.filter(linked=None).order_by().values("pk")
            )
            seen |= models.Q(pk__in=apart.order_by().values("linked"))
        return self.filter(seen)


class LinkedVisits(models.Model):
    """Appointments that belong together; none of them need stand any more."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    relation = models.CharField(
        max_length=12,
        choices=RELATIONS,
    )
    within_minutes = models.PositiveSmallIntegerField(
        default=0, help_text="How far apart they may begin, or how long the next may wait."
    )
    cancel_policy = models.CharField(max_length=6, choices=CancelPolicy.choices, default=CancelPolicy.ASK)
    made_by = models.CharField(max_length=80, help_text="Principal.key of whoever booked them.")
    made_at = models.DateTimeField()

    objects = LinkedVisitsQuerySet.as_manager()

    class Meta:
        verbose_name = _("linked appointments")
        verbose_name_plural = _("linked appointments")

    def __str__(self) -> str:
        return f"linked appointments {self.pk}"


class LinkAct(models.TextChoices):
    """What was done to what links appointments."""

    LINKED = "linked", _("linked")
    JOINED = "joined", _("booked beside a time that was offered to the family")
    UNLINKED = "unlinked", _("taken apart")


class LinkedVisitsChange(models.Model):
    """An appointment came to be linked, or was taken out again. Append-only."""

    append_only_except: ClassVar[frozenset[str]] = frozenset()

    linked = models.ForeignKey(LinkedVisits, on_delete=models.PROTECT, related_name="changes")
    appointment = models.ForeignKey(Appointment, on_delete=models.PROTECT, related_name="+")
    act = models.CharField(max_length=8, choices=LinkAct.choices)
    by = models.CharField(max_length=80, help_text="Principal.key of whoever acted.")
    at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.act} of appointment {self.appointment_id}"
