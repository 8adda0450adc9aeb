"""Mails that hang on no appointment: each is one row, sent by itself."""

from django.db import models

from notifications.status import Delivery


class SingleMail(models.Model):
    """One mail about one act. Whom it goes to is read when it is sent."""

    due_at = models.DateTimeField()
    status = models.CharField(max_length=8, choices=Delivery.choices, default=Delivery.DUE)
    reason = models.CharField(max_length=60, blank=True, default="")
    attempts = models.PositiveSmallIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        abstract = True
