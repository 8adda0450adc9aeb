"""What was set up: who changed which entry, when, and from what to what."""

from typing import ClassVar

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.translation import gettext_lazy as _

from core.models import Site


class SetupAct(models.TextChoices):
    """What was done to an entry."""

    ADD = "add", _("Added")
    CHANGE = "change", _("Changed")
    REMOVE = "remove", _("Removed")


class SetupChange(models.Model):
    """One act on an entry of what a clinic sets up. Append-only: nobody alters or deletes a row."""

    append_only_except: ClassVar[frozenset[str]] = frozenset()

    # By number and not by key: what is removed stays known here.
    kind = models.CharField(max_length=30, help_text="Model of the entry, such as place.")
    entry = models.BigIntegerField(help_text="Its id.")
    called = models.CharField(max_length=200, help_text="What it is called, as of then.")
    site = models.ForeignKey(Site, null=True, on_delete=models.DO_NOTHING, db_constraint=False, related_name="+")
    act = models.CharField(max_length=6, choices=SetupAct.choices)
    facts = models.JSONField(
        default=dict, encoder=DjangoJSONEncoder, help_text="Of each column that was changed, what was there and is."
    )
    by = models.CharField(max_length=80, help_text="Principal.key of whoever acted.")
    at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        indexes = [models.Index(name="changes_of_an_entry", fields=["kind", "entry"])]

    def __str__(self) -> str:
        return f"{self.act} of {self.kind} {self.entry}"
