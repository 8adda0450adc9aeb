"""Who a person acts as."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """The roles of the rights table; ANONYMOUS is never assigned."""

    ANONYMOUS = "anonymous", _("anonymous visitor")
    PATIENT = "patient", _("patient")
    PROXY = "proxy", _("relative or proxy")
    SCHEDULER = "scheduler", _("scheduler")
    PRACTITIONER = "practitioner", _("practitioner")
    CLINICIAN = "clinician", _("clinician")
    PROGRAM = "program", _("program staff")
    ADMIN = "admin", _("site administrator")
    CLIENT = "client", _("API client")
    AUDITOR = "auditor", _("auditor")


STAFF = (Role.SCHEDULER, Role.PRACTITIONER, Role.CLINICIAN, Role.PROGRAM, Role.ADMIN, Role.AUDITOR)
"""Whoever works at the clinic: they sign in at the desk."""

GIVEN = (
    Role.SCHEDULER, Role.PRACTITIONER, Role.CLINICIAN, Role.PROGRAM, Role.ADMIN, Role.CLIENT, Role.AUDITOR,
)  # fmt: skip
"""What the administrator of a site lets people act as."""
