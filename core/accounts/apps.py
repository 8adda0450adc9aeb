"""The admin with its own sign-in."""

from django.contrib.admin.apps import AdminConfig


class StaffAdmin(AdminConfig):
    default_site = "core.accounts.staff_site.StaffSite"
