"""Everything that can be taken: one row each, so that one constraint guards all."""

from django.db import models
from django.db.models import Q

from core.models import Site
from scheduler.models.catalogue import Device, Place
from scheduler.models.practitioners import Practitioner


class ResourceKind(models.TextChoices):
    """What is claimed for a visit: hands, a lane of somebody nearby, a place, or a unit of a pool."""

    HANDS = "hands", "hands"
    LANE = "lane", "lane"
    PLACE = "place", "place"
    DEVICE = "device", "device"


# One table for all that can be taken, since an exclusion constraint spans one table alone.
class Resource(models.Model):
    """A practitioner's hands or one lane of theirs, a place, a device.

    Ids are bigint: the claim's constraint compares them as ranges.
    """

    kind = models.CharField(max_length=6, choices=ResourceKind.choices)
    practitioner = models.ForeignKey(
        Practitioner, null=True, blank=True, on_delete=models.CASCADE, related_name="resources"
    )
    lane = models.PositiveSmallIntegerField(null=True, blank=True)
    place = models.OneToOneField(Place, null=True, blank=True, on_delete=models.CASCADE, related_name="resource")
    device = models.OneToOneField(Device, null=True, blank=True, on_delete=models.CASCADE, related_name="resource")
    sites = models.ManyToManyField(Site, related_name="resources")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="resource_is_exactly_one_thing",
                condition=Q(
                    kind=ResourceKind.HANDS,
                    practitioner__isnull=False,
                    lane__isnull=True,
                    place__isnull=True,
                    device__isnull=True,
                )
                | Q(
                    kind=ResourceKind.LANE,
                    practitioner__isnull=False,
                    lane__isnull=False,
                    place__isnull=True,
                    device__isnull=True,
                )
                | Q(
                    kind=ResourceKind.PLACE,
                    practitioner__isnull=True,
                    lane__isnull=True,
                    place__isnull=False,
                    device__isnull=True,
                )
                | Q(
                    kind=ResourceKind.DEVICE,
                    practitioner__isnull=True,
                    lane__isnull=True,
                    place__isnull=True,
                    device__isnull=False,
                ),
            ),
            # `nulls_distinct=False`: hands have no lane, and a practitioner has one pair of them.
            models.UniqueConstraint(
                name="practitioner_has_each_lane_once",
                fields=["practitioner", "kind", "lane"],
                nulls_distinct=False,
                condition=Q(practitioner__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"
