"""Dana at her desk presses "Now": the calendar holds what the clock on the clinic's wall reads."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from knox.models import AuthToken

from booking.actions import appointments
from core import clock
from core.models import Policy, User
from core.roles import Role
from scheduler.models import Absence, Practitioner
from tests.factories.admin import ABSENCES, CLOSURES, HOURS, adding, listing, sign_in
from tests.factories.booking import SYSTEM, make_patient, read_slot, slot_id
from tests.journeys.people import DESK, PHONE

pytestmark = [pytest.mark.journey, pytest.mark.full]
CHICAGO = ZoneInfo("America/Chicago")
ADD_POLICY = "admin:core_policy_add"
LAST_SUMMER_NIGHT = datetime(2026, 11, 1, 4, 30, tzinfo=UTC)
"""23:30 in Chicago; three hours later it is 1:30 there, for the second time."""


def dana_at(browser, live_server, clinic, size, *, role=Role.SCHEDULER, **how):
    """Let Dana, or somebody of another role, sit before a screen of this size, signed in."""
    dana = sign_in(Client(), "dana", role, clinic)
    viewport = {"width": size[0], "height": size[1]}
    window = browser.new_context(base_url=live_server.url, viewport=viewport, **how)
    session = dana.cookies[settings.SESSION_COOKIE_NAME].value
    window.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}])
    return window.new_page()


def test_dana_reads_her_lists_on_a_phone_from_top_to_bottom(browser, clinic, live_server):
    page = dana_at(browser, live_server, clinic, PHONE)
    for _twice in range(2):
        make_patient(clinic, "Maximiliana Featherstonehaugh-Cholmondeley", at=clock.now())
    token = AuthToken.objects.create(User.objects.get(username="dana"))[0]
    duplicates = reverse("admin:booking_patient_duplicates")
    lists = (listing(HOURS), reverse("admin:booking_patient_changelist"), duplicates)
    for address in (*lists, reverse("admin:knox_authtoken_change", args=[token.pk])):
        page.goto(address)
        for box in ("html", *[".results"] * (address == listing(HOURS))):
            assert page.eval_on_selector(box, "box => box.scrollWidth - box.clientWidth") <= 0
    page.goto(duplicates)
    assert page.locator("td[data-label=Reference]").count() == 2
    page.goto(listing(HOURS))
    assert page.locator("tbody td[data-label=Starts]").first.inner_text() == "7:00 AM"
    page.context.close()


def test_ada_reads_a_policy_on_a_phone_and_drafts_the_next(browser, clinic, live_server):
    page = dana_at(browser, live_server, clinic, PHONE, role=Role.ADMIN)
    policy = Policy.objects.get(key="booking")
    read, drafted = reverse("admin:core_policy_change", args=[policy.pk]), f"{reverse(ADD_POLICY)}?of={policy.pk}"
    for address in (reverse("admin:core_policy_changelist"), read, drafted):
        page.goto(address)
        assert page.eval_on_selector("html", "box => box.scrollWidth - box.clientWidth") <= 0
    assert page.locator("textarea").bounding_box()["height"] > PHONE[1] / 2
    page.goto(read)
    page.get_by_text("The same as YAML").click()
    assert page.eval_on_selector("pre", "box => box.scrollWidth - box.clientWidth") <= 0
    page.context.close()


@pytest.mark.parametrize("computer", ["America/Chicago", "UTC", "Asia/Tokyo"])
def test_dana_presses_now_and_the_visit_at_1330_is_warned_about(browser, clinic, live_server, computer):
    tomorrow = clock.now().astimezone(CHICAGO).date() + timedelta(days=1)
    now = datetime(tomorrow.year, tomorrow.month, tomorrow.day, 12, 53, tzinfo=CHICAGO)
    grace = Practitioner.objects.get(name="Grace Okoro")
    alice = make_patient(clinic, "Alice Adams", at=clock.now())
    appointments.book(
        patient=alice, by=SYSTEM, at=clock.now(), slot=read_slot(slot_id(grace, now.replace(hour=13, minute=30)))
    )
    page = dana_at(browser, live_server, clinic, DESK, timezone_id=computer)
    page.clock.set_fixed_time(now)
    page.goto(adding(ABSENCES))
    page.select_option("select[name=practitioner]", str(grace.pk))
    for row in page.locator("p.datetime").all():
        row.get_by_role("link", name="Today").click()
        row.get_by_role("link", name="Now").click()
    assert page.input_value("[name=starts_at_1]") == "12:53 PM"
    assert page.locator(".timezonewarning").count() == 0
    page.fill("[name=ends_at_1]", "18:00")
    page.locator("[name=_save]").click()
    page.get_by_text("Nothing is saved yet").wait_for()
    assert "1:30" in page.locator(".messagelist").inner_text().replace("\u202f", " ")
    assert not Absence.objects.exists()
    page.get_by_label("Save all the same: I look for other times").check()
    page.locator("[name=_save]").click()
    assert "1:30" in page.locator(".messagelist").inner_text().replace("\u202f", " ")
    assert Absence.objects.get().period.lower == now

    page.goto(adding(CLOSURES))
    page.clock.set_fixed_time(LAST_SUMMER_NIGHT)
    page.get_by_role("link", name="Today").first.click()
    assert page.input_value("[name=first_on]") == "10/31/2026"
    page.goto(adding(HOURS))
    page.clock.set_fixed_time(LAST_SUMMER_NIGHT + timedelta(hours=3))
    page.get_by_role("link", name="Now").first.click()
    assert page.input_value("[name=starts]") == "01:30 AM"
    page.context.close()
