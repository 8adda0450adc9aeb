"""The circuit breaker before a channel's server, shared by all workers."""

from django.db import models


class Breaker(models.Model):
    """How often in a row the server has failed, and until when nobody sends: then one message tries it."""

    channel = models.CharField(max_length=8, unique=True)
    failures = models.PositiveIntegerField(default=0)
    open_until = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"breaker of {self.channel}"
