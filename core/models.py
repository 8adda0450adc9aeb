"""Sites, people who sign in, policies in force, kept answers, and how often something was tried."""

import uuid
from zoneinfo import ZoneInfo, available_timezones

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.contrib.postgres.functions import RandomUUID
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from core.roles import Role
from core.text.languages import Texts, localized


def is_zone(name: str) -> None:
    """Refuse a name that is no IANA time zone."""
    if name not in available_timezones():
        raise ValidationError(_("%(name)s is not an IANA time zone."), params={"name": name})


class Site(models.Model):
    """One address where people are treated (FHIR Location). Its name and address must not tell why people come."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    key = models.SlugField(unique=True)
    name = Texts()
    zone = models.CharField(max_length=64, validators=[is_zone])
    street = models.CharField(max_length=120)
    floor = models.CharField(max_length=60, blank=True)
    city = models.CharField(max_length=60)
    state = models.CharField(max_length=20)
    postal_code = models.CharField(max_length=12)
    phone = models.CharField(max_length=24)
    directions = Texts(blank=True, default=dict, validators=[])
    parking = Texts(blank=True, default=dict, validators=[])
    arrive_early_minutes = models.PositiveSmallIntegerField(default=10)
    hospital = models.CharField(
        max_length=120, blank=True, default="", db_default="", help_text=_("At the foot of every page and mail.")
    )
    phone_hours = Texts(
        blank=True, default=dict, db_default={}, validators=[], help_text=_("When somebody answers the phone.")
    )
    privacy_notice = Texts(
        blank=True, default=dict, db_default={}, validators=[], help_text=_("Who answers for privacy, and how to ask.")
    )
    accessibility_note = Texts(
        blank=True, default=dict, db_default={}, validators=[], help_text=_("How to come in, and whom to ask for help.")
    )
    active = models.BooleanField(default=True)

    class Meta:
        ordering = ["key"]

    def __str__(self) -> str:
        return localized(self.name) or self.key

    @property
    def tz(self) -> ZoneInfo:
        """The site's time zone."""
        return ZoneInfo(self.zone)

    @property
    def address(self) -> str:
        """Street, floor and city in one line, telling nothing about what is done there."""
        floor = f", {self.floor}" if self.floor else ""
        return f"{self.street}{floor}, {self.city}, {self.state} {self.postal_code}"


class User(AbstractUser):
    """Somebody, or some program, that signs in."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    is_demo = models.BooleanField(
        default=False, db_default=False, editable=False, help_text="Signs in at the demo clinic alone."
    )

    device_mark = models.CharField(
        max_length=32,
        blank=True,
        default="",
        db_default="",
        editable=False,
        help_text="By which known devices are told; another one, and none is known.",
    )

    def __str__(self) -> str:
        return f"user {self.pk}"

    @property
    def may_sign_in(self) -> bool:
        """Whether the account opens any door: an inactive one never does, the demo's only where the demo is."""
        return self.is_active and (settings.DEMO or not self.is_demo)


def only(number: Combinable) -> Func:
    """Return the range that holds `number` alone: exclusion constraints then need built-in range types only."""
    return Func(number, number, Value("[]"), function="int8range")


ROLE_AS_NUMBER = Func(F("role"), Value(0), function="hashtextextended", output_field=models.BigIntegerField())
AT_WHICH_SITE = Coalesce(F("site"), Value(0), output_field=models.BigIntegerField())
WHILE_HELD = Func(F("starts_at"), F("ends_at"), function="tstzrange", output_field=DateTimeRangeField())


class RoleAssignment(models.Model):
    """What a user may act as, where, and until when (end excluded)."""

    public_id = models.UUIDField(default=uuid.uuid4, db_default=RandomUUID(), unique=True, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="assignments")
    role = models.CharField(max_length=20, choices=Role.choices)
    site = models.ForeignKey(Site, null=True, blank=True, on_delete=models.CASCADE)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="role_ends_after_it_starts", condition=Q(ends_at__isnull=True) | Q(ends_at__gt=F("starts_at"))
            ),
            models.UniqueConstraint(
                # Nulls alike: a role without a site is one for the whole installation, and is given once as well.
                name="role_is_given_once_per_site",
                fields=["user", "role", "site", "starts_at"],
                nulls_distinct=False,
            ),
            ExclusionConstraint(
                # Else one of two could be ended, and somebody would go on acting by the other.
                name="role_is_held_once_at_a_time",
                expressions=[
                    (only(F("user")), RangeOperators.OVERLAPS),
                    (only(ROLE_AS_NUMBER), RangeOperators.OVERLAPS),
                    (only(AT_WHICH_SITE), RangeOperators.OVERLAPS),
                    (WHILE_HELD, RangeOperators.OVERLAPS),
                ],
                violation_error_message=_("They act as this already."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role} of user {self.user_id}"


class PolicyState(models.TextChoices):
    """How far a policy has come. RETIRED: taken back before it began; one that was in force ends by its range."""

    DRAFT = "draft", _("draft")
    IN_REVIEW = "in-review", _("in review")
    PUBLISHED = "published", _("published")
    RETIRED = "retired", _("taken back")


EVERY_AUDIENCE = "all"


class PolicyQuerySet(models.QuerySet["Policy"]):
    """Policies by what they hold for."""

    def published(self) -> "PolicyQuerySet":
        """Keep those that were, are or will be in force."""
        return self.filter(state=PolicyState.PUBLISHED)

    def beside(self, policy: "Policy") -> "PolicyQuerySet":
        """Keep the published ones of the same key, scope and audience: of them, one is in force at a time."""
        return self.published().filter(key=policy.key, site=policy.site_id, audience=policy.audience)


KEY_AS_NUMBER = Func(F("key"), Value(0), function="hashtextextended", output_field=models.BigIntegerField())
SITE_AS_NUMBER = Coalesce(F("site_id"), Value(0), output_field=models.BigIntegerField())
AUDIENCE_AS_NUMBER = Func(F("audience"), Value(0), function="hashtextextended", output_field=models.BigIntegerField())


class Policy(models.Model):
    """A rule in force for a time: key, scope (a site, or all), audience, version, content.

    A published row never changes, but that its range may end sooner (`published_policy_stays`, a trigger).
    """

    key = models.SlugField()
    site = models.ForeignKey(Site, null=True, blank=True, on_delete=models.PROTECT, help_text=_("Empty: all sites."))
    audience = models.SlugField(
        default=EVERY_AUDIENCE, db_default=EVERY_AUDIENCE, help_text=_("Whom it is for, such as patient or companion.")
    )
    version = models.PositiveIntegerField(default=1, help_text=_("Counted through all rows of a key."))
    effective = DateTimeRangeField(help_text=_("From when until when (excluded) it holds."))
    content = models.JSONField()
    state = models.CharField(max_length=10, choices=PolicyState.choices, default=PolicyState.DRAFT)
    approvals = models.JSONField(
        default=list, db_default=Value([], models.JSONField()), help_text="Who approved which content, and when."
    )
    # Keys of principals, not rows of users: who writes at the command line has no account.
    written_by = models.JSONField(
        default=list, db_default=Value([], models.JSONField()), help_text="Principal.key of whoever wrote its content."
    )
    content_hash = models.CharField(max_length=64, default="", db_default="")
    published_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="When it was published; empty where nobody noted it."
    )

    objects = PolicyQuerySet.as_manager()

    class Meta:
        ordering = ["key", "-version"]
        verbose_name_plural = _("policies")
        constraints = [
            models.UniqueConstraint(name="policy_version_is_named_once", fields=["key", "version"]),
            models.CheckConstraint(name="policy_holds_for_a_time", condition=Q(effective__isempty=False)),
            ExclusionConstraint(
                name="policy_is_in_force_alone",
                expressions=[
                    (only(KEY_AS_NUMBER), RangeOperators.OVERLAPS),
                    (only(SITE_AS_NUMBER), RangeOperators.OVERLAPS),
                    (only(AUDIENCE_AS_NUMBER), RangeOperators.OVERLAPS),
                    ("effective", RangeOperators.OVERLAPS),
                ],
                condition=Q(state="published"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key} v{self.version}"


class PolicyEnding(models.Model):
    """Who took a policy back and when, and before that who approved what holds in its place.

    A row of its own: that of a published policy stays as it was published.
    """

    policy = models.OneToOneField(Policy, on_delete=models.CASCADE, related_name="ending")
    approvals = models.JSONField(
        default=list,
        db_default=Value([], models.JSONField()),
        help_text="Who approved it, in favour of what, and when.",
    )
    ended_by = models.CharField(max_length=80, blank=True, default="", help_text="Principal.key; empty: it holds on.")
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="ended_policy_says_who_and_when",
                condition=Q(ended_at__isnull=True, ended_by="") | (Q(ended_at__isnull=False) & ~Q(ended_by="")),
            )
        ]

    def __str__(self) -> str:
        return f"ending of policy {self.policy_id}"


class IdempotencyKey(models.Model):
    """The answer once given to a request, kept so that the same request gets the same answer."""

    principal = models.CharField(max_length=80)
    key = models.CharField(max_length=255)
    body_hash = models.CharField(max_length=64)
    # Null while the first request is being worked on: nobody else sees that row before it is committed.
    status = models.PositiveSmallIntegerField(null=True)
    answer = models.TextField(default="", help_text="The body, byte for byte, sealed.")
    headers = models.JSONField(default=dict)
    created_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(name="idempotency_key_is_used_once", fields=["principal", "key"])]

    def __str__(self) -> str:
        return f"key {self.pk}"


class RateCount(models.Model):
    """How far somebody has used up what they may try. The key does not tell whom it is about."""

    key = models.CharField(primary_key=True, max_length=64)
    paid_at = models.DateTimeField(db_index=True, help_text="When all tries so far will have been waited for.")

    def __str__(self) -> str:
        return f"rate {self.key[:8]}"


class PostedPage(models.Model):
    """A page that answered what a browser sent, to be shown again to that browser for a short while."""

    id = models.UUIDField(primary_key=True)
    place = models.CharField(max_length=64, db_index=True, help_text="Whose it is and where it stands, as a digest.")
    page = models.TextField(help_text="Status, headers and body, sealed; empty once it has gone well at its place.")
    ends_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"page {self.pk}"


class TokenNote(models.Model):
    """What its owner calls an API token, and when it was last used. Of the token itself only its hash is known."""

    token = models.OneToOneField("knox.AuthToken", primary_key=True, on_delete=models.CASCADE, related_name="note")
    name = models.CharField(max_length=60, blank=True, default="")
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"note on a token of user {self.token.user_id}"
