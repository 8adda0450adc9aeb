"""How long people are on their way from one site to another."""

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core.models import Site

# Minutes of a working day: who travels longer treats nobody on that day.
LONGEST = 480


class TravelTime(models.Model):
    """Minutes between two sites, the same both ways. Whoever treats at one needs them before they treat at the other.

    A pair stands once, the site with the smaller id first.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="+")
    other_site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="+")
    minutes = models.PositiveSmallIntegerField(help_text=_("From the door of one to the door of the other."))

    class Meta:
        ordering = ["site", "other_site"]
        constraints = [
            models.UniqueConstraint(name="travel_time_is_told_once", fields=["site", "other_site"]),
            # Else the same way could stand twice, with two lengths.
            models.CheckConstraint(name="travel_time_has_its_sites_in_order", condition=Q(site__lt=F("other_site"))),
            models.CheckConstraint(name="travel_takes_some_minutes", condition=Q(minutes__gte=1, minutes__lte=LONGEST)),
        ]

    def __str__(self) -> str:
        return f"{self.site} – {self.other_site}: {self.minutes} min"
