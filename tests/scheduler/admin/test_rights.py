"""Whose calendars and which parts of the catalogue somebody sees and edits in Django's admin."""

from uuid import uuid4

import pytest
from django.urls import reverse

from core.models import RoleAssignment, User
from core.roles import Role
from scheduler.models import Absence, Closure, Therapy, WorkingHours
from tests.factories.admin import (
    ABSENCES,
    CLOSURES,
    HOURS,
    adding,
    changing,
    deleting,
    errors,
    hours_form,
    listing,
    said,
    sign_in,
)
from tests.factories.scheduler import (
    AT,
    SINCE,
    chicago,
    make_device,
    make_places,
    make_practitioner,
)

pytestmark = pytest.mark.django_db


def test_dana_neither_sees_nor_edits_the_calendars_of_another_site(dana, site, riverside):
    wu = make_practitioner(riverside, name="Dr Wu")
    absence = Absence.objects.create(practitioner=wu, period=(AT, chicago("2026-10-06", "09:00")))
    closure = Closure.objects.create(site=riverside, first_on="2026-10-06", last_on="2026-10-06", name="Inventory")
    for row in (wu.working_hours.first(), absence, closure):
        assert dana.get(listing(row._meta.model_name)).context["cl"].result_count == 0
        assert dana.get(changing(row)).status_code == 302
        assert dana.post(deleting(row), {"post": "yes"}).status_code in {302, 403}
        assert type(row).objects.filter(pk=row.pk).exists()
    response = dana.post(adding(HOURS), hours_form(wu, riverside))
    assert set(errors(response)) == {"practitioner", "site"}


def test_dr_li_edits_her_own_calendar_and_nobody_elses(client, li, site):
    li.user = sign_in_user = User.objects.create_user("li", is_staff=True)
    li.save()
    RoleAssignment.objects.create(user=sign_in_user, role=Role.PRACTITIONER, site=site, starts_at=AT)
    client.force_login(sign_in_user)
    wu = make_practitioner(site, name="Dr Wu")

    assert client.post(adding(HOURS), hours_form(li, site)).status_code == 302
    assert "practitioner" in errors(client.post(adding(HOURS), hours_form(wu, site)))
    assert client.get(changing(wu.working_hours.first())).status_code == 302
    assert client.get(listing(HOURS)).context["cl"].result_count == 2
    assert client.get(listing(CLOSURES)).status_code == 403


def test_a_scheduler_of_one_site_who_treats_at_another_edits_only_herself_there(client, site, riverside):
    user = User.objects.create_user("eve", is_staff=True)
    for role, where in ((Role.SCHEDULER, site), (Role.PRACTITIONER, riverside)):
        RoleAssignment.objects.create(user=user, role=role, site=where, starts_at=AT)
    client.force_login(user)
    eve = make_practitioner(riverside, name="Eve")
    eve.user = user
    eve.save()
    both = make_practitioner(site, riverside, name="Dr Both")
    assert client.post(adding(HOURS), hours_form(eve, riverside, weekday=6)).status_code == 302
    assert set(errors(client.post(adding(HOURS), hours_form(both, riverside, weekday=6)))) == {"site"}


@pytest.mark.parametrize("role", [None, Role.PATIENT, Role.PROGRAM, Role.AUDITOR])
def test_whoever_keeps_no_calendar_sees_none(client, site, role):
    sign_in(client, "mallory", role, site)
    for model in (HOURS, ABSENCES, CLOSURES, "therapy", "place"):
        assert client.get(listing(model)).status_code == 403
        assert client.post(adding(model), {}).status_code == 403


def test_a_role_that_has_ended_opens_nothing(client, site):
    user = User.objects.create_user("dana", is_staff=True)
    RoleAssignment.objects.create(
        user=user, role=Role.SCHEDULER, site=site, starts_at=chicago(str(SINCE), "00:00"), ends_at=AT
    )
    client.force_login(user)
    assert client.get(listing(HOURS)).status_code == 403


def test_somebody_who_may_not_sign_in_to_the_admin_is_asked_to(client, site):
    user = User.objects.create_user("alice")
    client.force_login(user)
    assert client.get(listing(HOURS)).status_code == 302


def test_when_somebody_else_was_quicker_dana_is_told_and_nothing_breaks(dana, li, monkeypatch):
    """The row goes between the form and the save: the refusal is a sentence, not a fault."""
    from scheduler.admin import calendar_forms as forms  # noqa: PLC0415  (apps are ready only once a test runs)

    monday = li.working_hours.get()
    rehearse = forms.HoursForm.clean

    def quicker(form):
        cleaned = rehearse(form)
        WorkingHours.objects.filter(pk=monday.pk).delete()
        return cleaned

    monkeypatch.setattr(forms.HoursForm, "clean", quicker)
    form = hours_form(li, li.working_hours.get().site, weekday=2)
    del form["practitioner"]
    response = dana.post(changing(monday), form, follow=True)
    assert said(response) == ["There is nothing here."]


READ = ["therapy", "visitplan", "room", "place", "device", "openinghours", "practitioner", "offering"]


def test_the_catalogue_is_there_to_look_at_and_no_claim_is_shown(dana, li, site, riverside):
    make_places(site, 1)
    make_device(site)
    make_practitioner(riverside, name="Dr Wu")
    index = dana.get(reverse("admin:index")).content.decode()
    for model in READ:
        page = dana.get(listing(model))
        assert page.context["cl"].result_count > 0
        row = page.context["cl"].result_list[0]
        assert dana.get(changing(row)).status_code == 200
        assert dana.post(changing(row), {}).status_code == 403
        assert dana.get(adding(model)).status_code == 403
        assert "Dr Wu" not in page.content.decode()
    assert "/claim/" not in index
    assert "/weeksheet/" not in index
    for name, rows in (
        ("core_site", 1),
        ("core_policy", 4),
    ):  # of policies: how people book, wait for a time, are reminded, and that nobody is asked anything before
        page = dana.get(reverse(f"admin:{name}_changelist"))
        assert page.context["cl"].result_count == rows
        assert dana.get(reverse(f"admin:{name}_add")).status_code == 403
    assert dana.get(reverse("admin:core_user_changelist")).status_code == 403


def test_a_superuser_gives_roles_and_deletes_nobody(client, site):
    sign_in(client, "root", is_superuser=True)
    new = {"username": "frank", "usable_password": "true", "password1": uuid4().hex}
    new["password2"] = new["password1"]
    prefix = {"assignments-TOTAL_FORMS": 1, "assignments-INITIAL_FORMS": 0}
    role = {
        "assignments-0-role": "program", "assignments-0-site": site.pk,
        "assignments-0-starts_at_0": "2026-10-05", "assignments-0-starts_at_1": "08:00",
    }  # fmt: skip
    client.post(reverse("admin:core_user_add"), new | prefix | {"assignments-TOTAL_FORMS": 0})
    frank = User.objects.get(username="frank")
    page = reverse("admin:core_user_change", args=[frank.pk])
    assert client.get(page).status_code == 200
    answer = client.post(page, {"username": "frank", "is_active": "on", "is_staff": "on"} | prefix | role)
    assert answer.status_code == 302
    assert frank.assignments.get().role == Role.PROGRAM
    assert client.get(reverse("admin:core_user_delete", args=[frank.pk])).status_code == 403
    assert client.get(listing("therapy")).context["cl"].result_count == Therapy.objects.count()
