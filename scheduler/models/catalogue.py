"""What is offered and where it can be done: therapies with their segments, rooms, places, devices."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.models import Site
from core.text.languages import Texts, localized
from scheduler.device_kinds import kind_in_words

OTHER = "other"
"""The family of what belongs to no other family."""


class Therapy(models.Model):
    """A therapy that people book (FHIR HealthcareService)."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    key = models.SlugField(unique=True)
    name = Texts()
    summary = Texts(help_text=_("One plain line for people who choose."))
    bring_and_wear = Texts(blank=True, default=dict, validators=[])
    family = models.SlugField(default=OTHER, help_text=_("What people choose first, such as needles."))
    techniques = ArrayField(models.SlugField(), default=list, blank=True)
    skin_penetrating = models.BooleanField()
    warms_skin = models.BooleanField(default=False, db_default=False)
    self_bookable = models.BooleanField()
    active = models.BooleanField(default=True)
    codes = models.JSONField(default=dict, blank=True, help_text=_("Bare codes by system: snomed, fhir, cpt."))
    course = models.JSONField(default=dict, blank=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name_plural = "therapies"
        ordering = ["position", "key"]

    def __str__(self) -> str:
        return localized(self.name) or self.key


class VisitType(models.TextChoices):
    """Which visit of a course."""

    FIRST = "first", _("first appointment")
    FOLLOWUP = "followup", _("follow-up appointment")


class VisitPlan(models.Model):
    """How one kind of visit runs: its segments and what its place must have. `technique` is set for variants only."""

    therapy = models.ForeignKey(Therapy, on_delete=models.CASCADE, related_name="plans")
    visit = models.CharField(max_length=10, choices=VisitType.choices)
    # Empty and not null: of nulls a unique constraint takes any number.
    technique = models.SlugField(blank=True, default="")
    # Lengths that hold from a start on are a plan of their own: claims name theirs, and stay what they were.
    version = models.PositiveSmallIntegerField(default=0, db_default=0, editable=False)
    valid_from = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="For appointments that begin then or later; null: since ever."
    )
    withdrawn_at = models.DateTimeField(null=True, blank=True, editable=False, help_text="When it was taken back.")
    place_features = ArrayField(
        models.SlugField(), default=list, blank=True, help_text=_("The place has one of these.")
    )
    device_pools = ArrayField(
        models.SlugField(), default=list, blank=True, help_text=_("A unit of each of these is claimed.")
    )
    # Moxibustion: air cleaners hardly help against its smoke, so nobody else lies in the room meanwhile.
    fills_room = models.BooleanField(default=False, help_text=_("Smoke: every place of the room is taken."))

    class Meta:
        ordering = ["therapy", "visit", "technique"]
        constraints = [
            models.UniqueConstraint(name="visit_is_planned_once", fields=["therapy", "visit", "technique", "version"]),
            models.CheckConstraint(
                name="later_plan_says_from_when_on",
                condition=Q(version=0, valid_from=None, withdrawn_at=None) | Q(version__gt=0, valid_from__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.therapy_id} {self.visit} {self.technique}".strip()


class Presence(models.TextChoices):
    """What a segment asks of the practitioner."""

    HANDS = "hands", _("hands on")
    NEARBY = "nearby", _("nearby")
    FREE = "free", _("free")
    NONE = "none", _("nobody there")


class Segment(models.Model):
    """A stretch of a visit. NONE means the patient has left: turnover and airing, charged to the place."""

    plan = models.ForeignKey(VisitPlan, on_delete=models.CASCADE, related_name="segments")
    position = models.PositiveSmallIntegerField()
    name = models.SlugField()
    # True minutes, not ticks: what is billed is the time face to face, to the minute. Claims round up.
    minutes = models.PositiveSmallIntegerField()
    presence = models.CharField(max_length=6, choices=Presence.choices)

    class Meta:
        ordering = ["plan", "position"]
        constraints = [
            models.UniqueConstraint(name="segment_has_its_own_position", fields=["plan", "position"]),
            models.CheckConstraint(name="segment_takes_time", condition=Q(minutes__gt=0)),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.minutes}"


class Room(models.Model):
    """A room of a site; rooms of one suite lie within call of each other."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="rooms")
    key = models.SlugField()
    name = Texts()
    # Needles rest for half an hour; whoever set them has to be there at once when a bell rings.
    suite = models.SlugField(help_text=_("A practitioner's overlapping patients are in one suite."))

    class Meta:
        ordering = ["site", "key"]
        constraints = [models.UniqueConstraint(name="room_key_is_used_once_per_site", fields=["site", "key"])]

    def __str__(self) -> str:
        return localized(self.name) or self.key


class Place(models.Model):
    """A bay in a room: where one patient lies or sits (FHIR Location, bd)."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="places")
    key = models.SlugField()
    name = Texts()
    features = ArrayField(models.SlugField(), default=list, blank=True)
    active = models.BooleanField(default=True)

    class Meta:
        ordering = ["room", "key"]
        constraints = [models.UniqueConstraint(name="place_key_is_used_once_per_room", fields=["room", "key"])]

    def __str__(self) -> str:
        return localized(self.name) or self.key


class Device(models.Model):
    """A single unit of a pool, such as one e-stim unit."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="devices")
    pool = models.SlugField()
    number = models.PositiveSmallIntegerField()
    reprocess_minutes = models.PositiveSmallIntegerField(default=0)
    active = models.BooleanField(default=True)

    class Meta:
        ordering = ["site", "pool", "number"]
        constraints = [models.UniqueConstraint(name="device_number_is_used_once", fields=["site", "pool", "number"])]

    def __str__(self) -> str:
        return f"{kind_in_words(self.pool)} {self.number}"
