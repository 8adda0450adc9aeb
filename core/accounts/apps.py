"""The admin with its own sign-in, and the tokens of the API under a name that people know."""

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig
from django.utils.translation import gettext_lazy as _


class StaffAdminConfig(AdminConfig):
    default_site = "core.accounts.staff_site.StaffSite"


class ApiTokensConfig(AppConfig):
    name = "knox"
    verbose_name = _("Access over the API")
