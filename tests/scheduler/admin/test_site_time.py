"""What Dana enters by the clock on the clinic's wall is kept so: "now", "today", and on the night the clocks change."""

import json
import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.urls import reverse

from core.models import RoleAssignment, User
from core.roles import Role
from scheduler.actions import calendars
from scheduler.models import Absence
from tests.factories.admin import (
    ABSENCES,
    CLOSURES,
    HOURS,
    absence_form,
    adding,
    changing,
    listing,
    said,
    sign_in,
)
from tests.factories.booking import SYSTEM
from tests.factories.scheduler import AT, chicago, hands, lay_out, make_claim, make_practitioner, make_site

pytestmark = pytest.mark.django_db
OFFSET = re.compile(r'data-admin-utc-offset="(-?\d+)"')
NEW_YORK = "America/New_York"


def offset(page) -> int:
    """Return how far "Now" beside a field is from UTC, in seconds."""
    return int(OFFSET.search(page.content.decode()).group(1))


def zoned(page) -> dict[str, dict[str, str]]:
    fields = page.context["adminform"].form.fields
    attrs = {name: field.widget.widget.attrs for name, field in fields.items() if hasattr(field.widget, "widget")}
    return {name: json.loads(found["data-zones"]) for name, found in attrs.items() if "data-zones" in found}


@pytest.fixture
def york(catalogue):
    return make_site("york", zone=NEW_YORK)


@pytest.mark.parametrize("model", [ABSENCES, CLOSURES, HOURS])
def test_now_and_today_are_the_clinics_on_every_form(dana, li, model):
    page = dana.get(adding(model))
    assert offset(page) == -5 * 3600
    assert "core/site_time.js" in page.content.decode()


def test_an_absence_entered_at_1253_begins_then_and_the_visit_at_1330_is_warned_about(dana, li):
    lay_out()
    make_claim(hands(li), chicago("2026-10-05", "13:30"), 30)
    with time_machine.travel(chicago("2026-10-05", "12:53"), tick=False):
        dana.force_login(User.objects.get(username="dana"))
        form = absence_form(li, "2026-10-05 12:53", "2026-10-05 18:00", anyway="on")
        answer = dana.post(adding(ABSENCES), form, follow=True)
        assert Absence.objects.get().period.lower == datetime(2026, 10, 5, 17, 53, tzinfo=UTC)
        assert "Monday, October 5, 2026, 1:30" in said(answer)[0]


def test_each_person_and_site_brings_its_own_clock(client, site, york, li):
    wu = make_practitioner(york, name="Dr Wu")
    dana = sign_in(client, "dana", Role.SCHEDULER, site)
    RoleAssignment.objects.create(user=User.objects.get(username="dana"), role="scheduler", site=york, starts_at=AT)
    assert zoned(dana.get(adding(ABSENCES))) == {"practitioner": {str(li.pk): "America/Chicago", str(wu.pk): NEW_YORK}}
    both = {str(site.pk): "America/Chicago", str(york.pk): NEW_YORK}
    assert zoned(dana.get(adding(CLOSURES))) == zoned(dana.get(adding(HOURS))) == {"site": both}
    dana.post(adding(ABSENCES), absence_form(wu, "2026-10-06 12:53", "2026-10-06 18:00"))
    away = Absence.objects.get()
    assert away.period.lower == datetime(2026, 10, 6, 16, 53, tzinfo=UTC)
    page = dana.get(changing(away))
    assert offset(page) == -4 * 3600
    assert "New York time" in page.content.decode()
    assert 'value="12:53 PM"' in page.content.decode()


def test_on_the_night_the_clocks_go_back_the_page_reads_what_the_wall_reads(dana, li, site):
    with time_machine.travel(datetime(2026, 11, 1, 7, 30, tzinfo=UTC), tick=False):  # 1:30, for the second time
        dana.force_login(User.objects.get(username="dana"))
        assert 'data-zone="America/Chicago"' in dana.get(adding(ABSENCES)).content.decode()
    dana.force_login(User.objects.get(username="dana"))
    away = {"starts_at": chicago("2026-10-31", "12:00"), "ends_at": chicago("2026-11-01", "12:00"), "reason": "leave"}
    row = calendars.add_absence(li, **away, by=SYSTEM, at=AT).row
    page = dana.get(changing(row)).content.decode()
    assert len(re.findall('name="(?:starts|ends)_at_1" value="12:00 PM"', page)) == 2


def test_a_role_begins_at_the_wall_time_that_was_entered(client, site):
    boss = sign_in(client, "boss", is_superuser=True)
    dana = User.objects.create_user("dana", is_staff=True)
    page = boss.get(reverse("admin:core_user_change", args=[dana.pk]))
    assert offset(page) == -5 * 3600
    assert "Chicago time" in page.content.decode()
    form = {
        "username": "dana", "first_name": "", "last_name": "", "email": "", "is_active": "on", "is_staff": "on",
        "assignments-TOTAL_FORMS": 1, "assignments-INITIAL_FORMS": 0, "assignments-0-user": dana.pk,
        "assignments-0-role": "scheduler", "assignments-0-site": site.pk,
        "assignments-0-starts_at_0": "2026-10-05", "assignments-0-starts_at_1": "12:53",
    }  # fmt: skip
    boss.post(reverse("admin:core_user_change", args=[dana.pk]), form)
    assert RoleAssignment.objects.get(user=dana).starts_at == datetime(2026, 10, 5, 17, 53, tzinfo=UTC)


def test_twin_without_the_sites_time_now_is_that_of_greenwich(dana, li, monkeypatch):
    monkeypatch.setattr("core.staff_pages.site_time.zone_of", lambda _by: ZoneInfo("UTC"))
    assert offset(dana.get(adding(CLOSURES))) == 0


def test_dana_reads_and_types_days_and_times_as_people_here_write_them(dana, li, site):
    dana.post(adding(ABSENCES), absence_form(li, "10/6/2026 12:53", "10/6/2026 6:00") | {"ends_at_1": "6 pm"})
    away = Absence.objects.get()
    assert (away.period.lower, away.period.upper) == (chicago("2026-10-06", "12:53"), chicago("2026-10-06", "18:00"))
    page = dana.get(changing(away)).content.decode()
    for shown in ("10/06/2026", "12:53 PM", "06:00 PM"):
        assert f'value="{shown}"' in page
    listed = dana.get(listing(HOURS)).content.decode()
    assert f"{li.working_hours.get().valid_from:%a, %b} {li.working_hours.get().valid_from.day}, 20" in listed
    assert "9:00 AM" in listed


def test_an_absence_that_began_within_a_minute_stays_as_it_is_where_nothing_is_typed(dana, li):
    away = {"starts_at": chicago("2026-10-06", "12:53") + timedelta(seconds=37), "reason": "leave"}
    row = calendars.add_absence(li, **away, ends_at=chicago("2026-10-06", "18:00"), by=SYSTEM, at=AT).row
    page = dana.get(changing(row)).content.decode()
    shown = dict(re.findall(r'name="((?:initial-)?(?:starts|ends)_at_[01])" value="([^"]*)"', page))
    assert len(shown) == 8
    dana.post(changing(row), shown | {"reason": "illness", "initial-reason": "leave"})
    row.refresh_from_db()
    assert (row.period.lower, row.reason) == (away["starts_at"], "illness")
