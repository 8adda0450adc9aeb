"""Whose health answers count no more is told once what to do, answers behind the mail's link, and is offered times."""

import re

import pytest
from django.core import mail
from django.urls import reverse

from booking.actions.waiting import offers
from booking.models import WaitingListChange, WaitingListOffer
from core import clock as clocks
from core.roles import Role
from tests.booking.pages.drafting import staff
from tests.booking.pages.questioning import BACK_PAIN, asked_on
from tests.booking.pages.stories.waiting_people import fill_tuesday_morning, free, waits, with_phone_alone
from tests.booking.pages.walk import text_of
from tests.factories.booking import HOUR, MINUTE, make_patient
from tests.factories.policies import adopt_suitability
from tests.notifications.rounds import run

pytestmark = pytest.mark.django_db


@pytest.fixture
def full(site):
    taken = fill_tuesday_morning(site)
    adopt_suitability()
    return taken


@pytest.fixture
def opened(full, clock):
    free(full[1])
    clock.shift(11 * MINUTE)


def told():
    run(clocks.now())
    return [one for one in mail.outbox if "Please answer a few questions" in one.subject]


def test_who_is_lacking_answers_is_told_once_answers_and_is_offered_the_time(opened, site, alice, clock):
    entry = waits(site, "Ann One")
    assert offers.offer_times(now=clocks.now) == 0
    assert len(told()) == 1
    assert "acupuncture" not in told()[0].body.casefold()
    clock.shift(2 * HOUR)
    assert offers.offer_times(now=clocks.now) == 0
    assert len(told()) == 1
    assert WaitingListChange.objects.filter(entry=entry, act="ask").count() == 1
    here = re.search(r"https?://[^/]+(/waiting/[^/]+/)", told()[0].body)[1]
    page = alice.get(here)
    assert "Some health questions need an answer" in text_of(page)
    asks = f"{here}questions/"
    shown = alice.get(asks)
    assert alice.post(asks, {"asked": asked_on(shown), "none": "1"}, follow=True).redirect_chain[-1][0] == here
    assert "Some health questions" not in text_of(alice.get(here))
    assert offers.offer_times(now=clocks.now) == 1
    assert WaitingListOffer.objects.get().entry == entry


def test_who_may_need_help_by_what_they_answer_reads_whom_to_call(opened, site, alice, clock):
    waits(site, "Ann One")
    offers.offer_times(now=clocks.now)
    asks = re.search(r"https?://[^/]+(/waiting/[^/]+/)", told()[0].body)[1] + "questions/"
    sent = {"asked": asked_on(alice.get(asks)), BACK_PAIN: "yes"}
    assert "Please call now" in text_of(alice.post(asks, sent, follow=True))


def test_who_has_no_mail_is_read_the_questions_by_staff(opened, site, clock):
    entry, dana = (
        waits(site, patient=with_phone_alone(make_patient(site, "Fay Phone"))),
        staff("dana", Role.SCHEDULER, site),
    )
    offers.offer_times(now=clocks.now)
    assert "Read the questions aloud" in text_of(dana.get(reverse("desk-to-do")))
    asks = reverse("desk-waiting-list-questions", args=[entry.public_id])
    assert "Fay Phone" in text_of(dana.get(asks))
    assert "The answers of Fay Phone are noted" in text_of(dana.post(asks, {"none": "1"}, follow=True))
    assert "Fay Phone" not in text_of(dana.get(reverse("desk-to-do")))
    assert offers.offer_times(now=clocks.now) == 1


def test_nobody_but_who_keeps_the_list_reads_questions_to_somebody_on_it(opened, site, clock):
    entry = waits(site, "Ann One")
    for role in (Role.CLINICIAN, Role.AUDITOR):
        shut = staff(f"some-{role}", role, site).get(reverse("desk-waiting-list-questions", args=[entry.public_id]))
        assert shut.status_code in {403, 404}
