"""Who asked for a lost link. Somebody known and somebody unknown leave the same row; a worker finds out which it is."""

from django.db import models
from django.db.models import Q


class LinkRequest(models.Model):
    """One request for the links of one's visits.

    `asker` is a keyed hash of address and birth date, `network` one of where the request came from: they count how
    often. Address and birth date themselves are kept until the worker has looked, a moment later.
    """

    # Hashed with the server's key: who asked for whom can be counted for a day, and read by nobody.
    asker = models.CharField(max_length=64)
    network = models.CharField(max_length=64, blank=True, default="")
    email = models.CharField(max_length=254, blank=True, default="")
    birth_date = models.DateField(null=True)
    asked_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    mailed = models.BooleanField(default=False)

    class Meta:
        ordering = ["pk"]
        indexes = [
            models.Index(name="link_request_by_asker", fields=["asker", "asked_at"]),
            models.Index(name="link_request_by_network", fields=["network", "asked_at"]),
            models.Index(name="link_request_open", fields=["id"], condition=Q(answered_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return f"link request {self.pk}"
