"""A mail is a letter: whose it is stands at its head, whom to call at its foot; what no longer holds is struck."""

import re
import time

import pytest

from core import sites_on_pages
from core.database.round_trip import in_one_trip
from core.templatetags.clinic import Foot, foot
from notifications.status import MessageKind
from tests.factories.visits import a_patient, a_site, a_visit
from tests.notifications.test_mail import KINDS, mail_of, part, words

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _sites_of_others_are_read_anew():
    """Let no other test read at the foot of its mails what these write there: it is read once a minute."""
    sites_on_pages.read_anew()
    yield
    sites_on_pages.read_anew()


@pytest.fixture
def visit():
    return a_visit(patient=a_patient("Alice Adams"))


def foot_while_the_database_works() -> list[Foot]:
    """Write the foot of a mail, when the sites were read long ago, while the database works on something else."""
    (alias,) = sites_on_pages._read
    sites_on_pages._read[alias] = (time.monotonic() - 3_600, sites_on_pages._read[alias][1])
    said = []
    in_one_trip(("SELECT 1", {}), beside=lambda: said.append(foot()))
    return said


def test_the_next_mail_is_written_while_the_database_works_however_long_ago_the_sites_were_read(visit):
    assert sites_on_pages.sites_on_pages()
    assert foot_while_the_database_works() == [foot()]


def test_twin_without_it_the_foot_would_ask_a_database_that_is_at_work(visit, monkeypatch):
    assert sites_on_pages.sites_on_pages()
    monkeypatch.setattr(sites_on_pages, "is_at_work", lambda: False)
    with pytest.raises(RuntimeError, match="at work on another"):
        foot_while_the_database_works()


@pytest.mark.parametrize("kind", KINDS)
def test_a_mail_is_a_letter_of_the_clinic_and_says_whom_to_call_and_when(kind, visit):
    hours = "Monday to Friday, 8 AM to 6 PM"
    a_site(hospital="Harbor Light Hospital", phone_hours={"en": hours})
    sites_on_pages.read_anew()
    mail = mail_of(kind, visit)
    text, page = part(mail, "text/plain").get_content(), part(mail, "text/html").get_content()
    for said in (text, page):
        for told in ("Lakeside Appointments", "Harbor Light Hospital", hours, "/privacy/", "/accessibility/"):
            assert told in said, told
    assert page.index("Harbor Light Hospital") < page.index("<h1") < page.index('href="tel:+13125550100"')
    assert visit.reference in text
    assert visit.reference in page


def test_the_time_before_a_move_is_struck_and_the_text_says_that_it_is_no_longer_theirs(visit):
    mail = mail_of(MessageKind.MOVED, visit)
    assert re.search(r"<s>Tuesday, December 8[^<]* 10:00 AM</s>", part(mail, "text/html").get_content())
    said = part(mail, "text/plain").get_content()
    assert re.search(r"Before: Tuesday, December 8.* 10:00 AM \(this time is no longer yours\)\s+Now: Tuesday", said)


def test_a_clinic_that_wants_no_map_sends_none(visit, settings):
    settings.MAP_LINK = ""
    assert "map" not in words(mail_of(MessageKind.CONFIRMATION, visit)).lower()
