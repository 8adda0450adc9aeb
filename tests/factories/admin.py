"""Addresses and forms of Django's admin, and signing in to it."""

from django.urls import reverse

from core.models import RoleAssignment, User
from tests.factories.scheduler import AT

HOURS, ABSENCES, CLOSURES = "workinghours", "absence", "closure"


def sign_in(client, name, role=None, site=None, **flags):
    user = User.objects.create_user(name, is_staff=True, **flags)
    if role:
        RoleAssignment.objects.create(user=user, role=role, site=site, starts_at=AT)
    client.force_login(user)
    return client


def listing(model):
    return reverse(f"admin:scheduler_{model}_changelist")


def adding(model):
    return reverse(f"admin:scheduler_{model}_add")


def changing(row):
    return reverse(f"admin:scheduler_{row._meta.model_name}_change", args=[row.pk])


def deleting(row):
    return reverse(f"admin:scheduler_{row._meta.model_name}_delete", args=[row.pk])


def hours_form(practitioner, site, **changes):
    form = {
        "practitioner": practitioner.pk, "site": site.pk, "weekday": 3, "starts": "09:00", "ends": "12:00",
        "every_weeks": 1, "valid_from": "2026-01-05", "valid_to": "", "audience": "all",
    }  # fmt: skip
    return form | changes


def absence_form(practitioner, starts, ends, **changes):
    form = {"practitioner": practitioner.pk, "reason": "leave"}
    for name, told in (("starts_at", starts), ("ends_at", ends)):
        form[f"{name}_0"], form[f"{name}_1"] = told.split(" ")
    return form | changes


def said(response):
    return [str(message) for message in response.context["messages"]]


def asked(response):
    """Return what a page asks to confirm in place of saving; it says so as no error."""
    page = response.content.decode()
    assert 'type="checkbox" name="anyway"' in page
    assert "Please correct" not in page
    assert "errorlist" not in page
    assert errors(response) == {}
    return said(response)


def errors(response):
    form = response.context["adminform"].form
    return {field: list(found) for field, found in form.errors.items()}
