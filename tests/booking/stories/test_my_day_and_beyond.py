"""Dr Li on her phone leaves her day for what is asked of somebody, and is back in it, at their card."""

import html
import re

import pytest
import time_machine
from django.test import Client

from booking.actions import appointments, proposals
from booking.models import Appointment
from booking.status import Move
from core.principal import Principal
from scheduler.actions import calendars
from tests.booking.pages.walk import hidden_on, text_of
from tests.factories.booking import HOUR, MINUTE, SYSTEM, chicago, make_person, make_visit, slot_id
from tests.factories.policies import adopt_screening
from tests.factories.scheduler import AT

START = chicago(6, 10)
PAGE = "/desk/my-day/"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock():
    """Tuesday, ten minutes before Alice comes."""
    with time_machine.travel(START - 10 * MINUTE, tick=False) as traveller:
        yield traveller


@pytest.fixture
def visit(alice, dr_li):
    """Alice's appointment of Tuesday at ten."""
    return make_visit(alice.record, slot_id(dr_li, START), at=AT)


@pytest.fixture
def li(visit, dr_li):
    client = Client()
    client.force_login(dr_li.user)
    return client


def test_the_questions_lead_back_to_the_card_from_which_they_were_asked(li, visit):
    adopt_screening()
    link = re.search(r'href="(/desk/[^"]+questions/[^"]*)"', li.get(PAGE).content.decode())
    asks = html.unescape(link[1])
    page = li.get(asks)
    back = re.search(r'class="back" href="([^"]+)"', page.content.decode())[1].replace("&amp;", "&")
    action = re.search(r'<form method="post" action="([^"]+questions/[^"]*)"', page.content.decode())[1].replace(
        "&amp;", "&"
    )
    done = li.post(action, hidden_on(page) | {"none": "1"})
    for there in (back, done["Location"]):
        assert there.startswith(PAGE), there
        assert there.endswith(f"#c-{visit.public_id}")


def test_who_comes_next_is_one_press_away_once_others_were_there(li, visit, dr_li, lakeside, clock):
    later = make_visit(make_person(lakeside, "Tom Silva").record, slot_id(dr_li, START + 4 * HOUR), at=AT)
    assert ">Now<" not in li.get(PAGE).content.decode()
    for what in (Move.CHECK_IN, Move.FULFIL):
        appointments.move(visit.public_id, what, by=SYSTEM, at=START)
    clock.move_to(START + 3 * HOUR)
    li.force_login(dr_li.user)
    assert f'href="#c-{later.public_id}">Now<' in li.get(PAGE).content.decode()
    assert ">Now<" not in li.get(f"{PAGE}?day=2026-10-07").content.decode()


def test_a_time_that_is_closed_is_no_matter_of_health_and_what_is_proposed_is_not_proposed_again(li, dr_li, dana, ben):
    visit = make_visit(ben.record, slot_id(dr_li, chicago(8, 10)), at=AT)
    calendars.add_absence(dr_li, starts_at=chicago(8, 8), ends_at=chicago(8, 20), by=SYSTEM, at=START - HOUR)
    thursday = f"{PAGE}?day=2026-10-08"
    page = text_of(li.get(thursday))
    assert "Cannot take place at this time: find another time" in page
    assert "Health: Cannot" not in page
    assert "Another time" in page
    proposals.propose(visit.public_id, by=Principal.of(dana.user, at=START - HOUR), at=START - HOUR)
    page = text_of(li.get(thursday))
    assert "another one is proposed to them, and they are to answer" in page
    assert "Another time" not in page
    assert Appointment.objects.get(pk=visit.pk).period == visit.period
