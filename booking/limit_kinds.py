"""By what the acts of visitors are counted, and why one is asked to verify an address."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class LimitKind(models.TextChoices):
    """Whose acts count together."""

    CONTACT = "contact", _("one e-mail address")
    SESSION = "session", _("one visitor")
    NETWORK = "network", _("one network")


class VerificationReason(models.TextChoices):
    """Why an address must be verified before a visit is booked."""

    AHEAD = "ahead", _("another appointment is ahead with it")
    NETWORK = "network", _("many book from the same network")
    CONTACT = "contact", _("several were booked with it that nobody verified")
