"""The demo clinic's outbox: every mail as it would have gone out, and nothing of it outside a demo."""

from datetime import timedelta

import icalendar
import pytest
from django.test import override_settings

from notifications.actions import dispatch
from notifications.models import Message, OutboxMail
from notifications.status import MessageKind
from tests.factories.policies import adopt_screening
from tests.factories.visits import BOOKED_AT, a_patient, a_visit, visits

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("outbox")]
SOON = BOOKED_AT + timedelta(seconds=1)


@pytest.fixture(scope="module")
def mail_once(what_visits_share, once_a_module):
    """The confirmation of a visit, in the outbox."""
    with once_a_module(), override_settings(EMAIL_BACKEND="notifications.channels.mail.outbox.DemoOutbox", DEMO=True):
        a_visit(patient=a_patient("Alice <i>Adams"))
        dispatch.run(now=lambda: SOON)


@pytest.fixture
def mail(mail_once):
    return OutboxMail.objects.get()


def test_the_outbox_lists_mails_newest_first_and_in_pages(client):
    visits(30)
    dispatch.run(now=lambda: SOON)
    first, second = client.get("/demo/outbox/"), client.get("/demo/outbox/?page=2")
    assert first.content.decode().split("<h2>Sent</h2>")[1].count("<time") == 25
    assert second.content.decode().count("<time") == 5
    assert "alice30@example.test" in first.content.decode()
    assert "alice1@example.test" in second.content.decode()


def test_an_empty_outbox_says_so(client):
    assert "No mail yet" in client.get("/demo/outbox/").content.decode()


def test_a_mail_shows_its_text_with_links_and_its_calendar_part(client, mail):
    page = client.get(f"/demo/outbox/{mail.pk}/").content.decode()
    assert "Your appointment on Tue, Dec 8 at 10:00 AM" in page
    assert '<a href="http://127.0.0.1:8000/m/' in page
    assert "BEGIN:VCALENDAR" in page
    assert "Alice &lt;i&gt;Adams" not in page
    assert "<i>Adams" not in page


def test_the_html_of_a_mail_runs_nothing_and_loads_nothing(client, mail):
    answer = client.get(f"/demo/outbox/{mail.pk}/html/")
    allowed = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in allowed
    assert "sandbox" in allowed
    assert "allow-scripts" not in allowed
    assert "allow-same-origin" not in allowed
    assert answer.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert '<base target="_top">' in answer.content.decode()


def test_the_whole_mail_can_be_saved(client, mail):
    answer = client.get(f"/demo/outbox/{mail.pk}/raw/")
    assert answer.headers["Content-Type"] == "message/rfc822"
    assert answer.content == bytes(mail.raw)
    assert b"\r\n" in answer.content


def test_the_calendar_part_can_be_saved(client, mail):
    answer = client.get(f"/demo/outbox/{mail.pk}/calendar/")
    assert icalendar.Calendar.from_ical(answer.content)["METHOD"] == "REQUEST"
    assert answer.content.count(b"\n") == answer.content.count(b"\r\n")


@pytest.mark.parametrize("page", ["0", "-1", "2", "x", "1.5", "99999999999999999999"])
def test_a_page_that_is_not_there_is_not_found(client, mail, page):
    assert client.get("/demo/outbox/", {"page": page}).status_code == 404


@pytest.mark.parametrize("path", ["", "html/", "raw/", "calendar/"])
def test_a_mail_that_is_not_there_is_not_found(client, path):
    assert client.get(f"/demo/outbox/999999/{path}").status_code == 404
    assert client.get(f"/demo/outbox/99999999999999999999/{path}").status_code == 404


@pytest.mark.parametrize("path", ["", "{}/", "{}/html/", "{}/raw/", "{}/calendar/"])
def test_outside_a_demo_there_is_no_outbox(client, mail, settings, path):
    settings.DEMO = False
    assert client.get(f"/demo/outbox/{path.format(mail.pk)}").status_code == 404


def test_the_outbox_is_only_for_reading(client, mail):
    assert client.post("/demo/outbox/").status_code == 405


def test_reminders_that_are_still_to_come_can_be_read_beforehand(client, mail):
    waiting = Message.objects.filter(kind=MessageKind.REMINDER).latest("pk")
    outbox = client.get("/demo/outbox/").content.decode()
    assert f'/demo/outbox/waiting/{waiting.pk}/">Reminder for Alice &lt;i&gt;Adams</a>' in outbox
    assert "Goes out Mon, Dec 7, 10:00 AM, for the appointment on Tue, Dec 8, 10:00 AM" in outbox.replace("\xa0", " ")
    page = client.get(f"/demo/outbox/waiting/{waiting.pk}/").content.decode().replace("\xa0", " ")
    assert "This goes out on Monday, December 7, 2026, 10:00 AM, Chicago time" in page
    assert client.get(f"/demo/outbox/waiting/{waiting.pk + 100}/").status_code == 404


def test_a_reminder_reads_as_it_will_when_it_goes_out_with_the_questions_of_that_day(client, mail):
    adopt_screening()
    waiting = Message.objects.filter(kind=MessageKind.REMINDER).latest("pk")
    page = client.get(f"/demo/outbox/waiting/{waiting.pk}/").content.decode()
    assert "as things stand now" in page
    assert "/screening/" in page
