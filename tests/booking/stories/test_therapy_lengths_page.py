"""Ada lets a therapy take another while from a day on: she sees what that does, saves it, and takes it back."""

import re

import pytest
import time_machine
from django.urls import reverse

from core.roles import Role
from scheduler.models import VisitPlan
from tests.booking.pages.walk import hidden_on, text_of
from tests.booking.stories.test_appointment_page import at_work
from tests.factories.booking import chicago, make_visit, slot_id
from tests.factories.scheduler import AT

pytestmark = pytest.mark.django_db
TYPED = {f"part-{n}": minutes for n, minutes in enumerate(("25", "10", "15", "5", "10", "10"))}


@pytest.fixture(autouse=True)
def clock():
    """Monday morning."""
    with time_machine.travel(AT, tick=False) as traveller:
        yield traveller


@pytest.fixture
def ada(lakeside, dr_li):
    return at_work("ada", Role.ADMIN, lakeside)


def page_of(plan):
    return reverse("desk-setup-lengths", args=["acu_manual", plan.pk])


def test_what_it_does_is_shown_before_it_is_saved_and_it_is_taken_back(ada, alice, dr_li):
    plan = VisitPlan.objects.get(therapy__key="acu_manual", visit="first", technique="", version=0)
    make_visit(alice.record, slot_id(dr_li, chicago(8, 10)))
    assert "As it is" in text_of(ada.get(page_of(plan)))
    wrong = ada.post(page_of(plan), TYPED | {"since": "someday", "part-1": "0"})
    assert wrong.status_code == 422
    assert "needling: type minutes, from 1 to 240" in text_of(wrong)
    shown = ada.post(page_of(plan), TYPED | {"since": "10/08/2026", "show": "1"})
    said = text_of(shown)
    assert "1 appointment from that day on is booked already: it keeps its time and its length." in said
    assert "The patient is there for 65 minutes" in said
    (before, after), *_others = [(now, then) for _day, now, then in shown.context["starts"]]
    assert after > before
    assert not VisitPlan.objects.filter(version=1).exists()
    assert ada.post(page_of(plan), hidden_on(shown) | {"save": "1"}).status_code == 302
    later = VisitPlan.objects.get(version=1)
    therapy = reverse("desk-setup-therapy", args=["acu_manual"])
    assert "from October 8, 2026 on" in text_of(ada.get(therapy))
    changed = text_of(ada.get(therapy)).partition("How long it takes, in minutes: from ")[2]
    how = r"\d+ \([\d + ]+\) to \d+ \([\d + ]+\)"
    assert re.match(how + "; From: October 8, 2026", changed)
    assert ada.post(page_of(plan), hidden_on(shown) | {"save": "1"}).status_code == 409  # somebody was first
    assert ada.post(page_of(later), {"withdraw": "1"}).status_code == 302
    assert "from October 8, 2026 on" not in text_of(ada.get(therapy))


def test_what_was_saved_for_later_days_is_named_before_an_earlier_day_takes_its_place(ada):
    plan = VisitPlan.objects.get(therapy__key="acu_manual", visit="first", technique="", version=0)

    def shown(since, **parts):
        return ada.post(page_of(plan), TYPED | {"since": since, "show": "1"} | parts)

    first = shown("10/12/2026")
    assert "do not hold any more" not in text_of(first)
    assert ada.post(page_of(plan), hidden_on(first) | {"save": "1"}).status_code == 302
    later = text_of(shown("10/13/2026", **{"part-2": "20"}))
    assert "As it is The patient is there for 65 minutes" in later, "what holds on that day, whichever was opened"
    assert "do not hold any more" not in later
    earlier = shown("10/8/2026", **{"part-2": "20"})
    assert "The 65 minutes that are saved from October 12, 2026 on do not hold any more" in text_of(earlier)
    assert ada.post(page_of(plan), hidden_on(earlier) | {"save": "1"}).status_code == 302
    therapy = text_of(ada.get(reverse("desk-setup-therapy", args=["acu_manual"])))
    assert "From: no longer October 12, 2026" in therapy.partition("What was changed")[2]


def test_what_is_wrong_is_said_beside_its_field_too_and_a_day_that_is_over_as_that(ada):
    plan = VisitPlan.objects.get(therapy__key="acu_manual", visit="first", technique="", version=0)
    wrong = text_of(ada.post(page_of(plan), TYPED | {"since": "10/1/2026", "part-1": "0", "show": "1"}))
    assert wrong.count("This day is over. Type today or a later day.") == 2
    assert wrong.count("needling: type minutes, from 1 to 240") == 2


def test_a_scheduler_has_no_such_page(lakeside, dr_li):
    plan = VisitPlan.objects.get(therapy__key="acu_manual", visit="first", technique="", version=0)
    assert at_work("dana", Role.SCHEDULER, lakeside).get(page_of(plan)).status_code in {403, 404}
