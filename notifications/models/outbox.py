"""Mail kept instead of sent, where a demo clinic has no mail server."""

from django.db import models


class OutboxMail(models.Model):
    """A whole mail as it would have gone out."""

    to = models.CharField(max_length=254)
    subject = models.CharField(max_length=200)
    # The bytes of the wire: what is shown is what a mail program would have got, headers and all.
    raw = models.BinaryField()
    sent_at = models.DateTimeField()

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"mail {self.pk}"
