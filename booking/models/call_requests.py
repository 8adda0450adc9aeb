"""People who ask to be called before they have an appointment: whom, and by when."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core.models import Site


class CallRequest(models.Model):
    """Call somebody who asked for it on a page (FHIR Task). Why they ask they say themselves: it stands nowhere."""

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=120)
    phone = models.CharField(max_length=40, help_text='As "+13125550100".')
    first = models.BooleanField(default=False, help_text="To be called before others: they were told to call at once.")
    made_by = models.CharField(max_length=80, help_text="Principal.key of whoever asked for it.")
    asked_at = models.DateTimeField()
    due_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.CharField(max_length=80, blank=True, default="", help_text="Principal.key of whoever called.")
    tries = models.PositiveSmallIntegerField(default=0, db_default=0, help_text="How often nobody answered.")
    tried_at = models.DateTimeField(null=True, blank=True, help_text="When nobody answered last.")
    tried_by = models.CharField(
        max_length=80, blank=True, default="", db_default="", help_text="Principal.key of whoever tried last."
    )
    tried_before_at = models.DateTimeField(null=True, blank=True, help_text="When nobody answered before that.")
    tried_before_by = models.CharField(
        max_length=80, blank=True, default="", db_default="", help_text="Principal.key of whoever tried before that."
    )

    class Meta:
        verbose_name = _("call that was asked for")
        verbose_name_plural = _("calls that were asked for")
        ordering = [F("done_at").desc(nulls_first=True), "-first", "due_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                name="number_is_called_once_for_whoever_asks",
                fields=["made_by", "site", "phone"],
                condition=Q(done_at__isnull=True),
            ),
            models.CheckConstraint(
                name="made_call_says_who_called",
                condition=Q(done_at__isnull=True, done_by="") | (Q(done_at__isnull=False) & ~Q(done_by="")),
            ),
        ]

    def __str__(self) -> str:
        return f"call request {self.pk}"
