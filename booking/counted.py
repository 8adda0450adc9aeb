"""By what the acts of visitors are counted."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Whose(models.TextChoices):
    """Whose acts count together."""

    CONTACT = "contact", _("one e-mail address")
    SESSION = "session", _("one visitor")
    NETWORK = "network", _("one network")
