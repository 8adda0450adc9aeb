"""Who has no e-mail, or whom a mail did not reach, is called by staff, who note what they say."""

import pytest
from django.urls import reverse

from booking.actions.waiting import offers, waiting_calls
from booking.calls.open_tasks import count_open
from booking.models import Appointment, WaitingListCall, WaitingListOffer
from core import clock as clocks
from core.models import User
from core.principal import Principal
from core.roles import Role
from notifications.actions import single_mails
from notifications.status import DeliveryOutcome, Ending
from tests.booking.pages.drafting import staff
from tests.booking.pages.stories.waiting_people import fill_tuesday_morning, free, waits, with_phone_alone
from tests.booking.pages.walk import text_of
from tests.factories.booking import HOUR, MINUTE, make_patient
from tests.notifications.rounds import run
from tests.tables import overlaps, sheet_drift

pytestmark = pytest.mark.django_db


@pytest.fixture
def full(site):
    return fill_tuesday_morning(site)


@pytest.fixture
def dana(site):
    return staff("dana", Role.SCHEDULER, site)


@pytest.fixture
def fay(full, site, clock):
    """Fay has a phone alone, waits, and a time has opened for her."""
    entry = waits(site, patient=with_phone_alone(make_patient(site, "Fay Phone")))
    free(full[1])
    clock.shift(11 * MINUTE)
    assert offers.offer_times(now=clocks.now) == 1
    return entry


def press(dana, entry, act, **sent):
    return dana.post(reverse("desk-waiting-list-act", args=[entry.public_id, act]), sent, follow=True)


def to_do(dana):
    return text_of(dana.get(reverse("desk-to-do")))


def test_who_has_no_mail_is_called_with_words_to_say_and_booked_by_one_press(fay, full, dana):
    shown = to_do(dana)
    assert "Fay Phone" in shown
    assert "(312) 555-0142" in shown
    assert "A time has opened for them: Tuesday" in shown
    assert "Would you like to have it?" in shown
    by = Principal.of(User.objects.get(username="dana"), at=clocks.now())
    assert count_open(fay.site, by=by, at=clocks.now()) == 1
    offer = WaitingListOffer.objects.get()
    assert "Fay Phone has the time" in text_of(press(dana, fay, "accept", offer=offer.public_id))
    visit = Appointment.objects.get(patient=fay.patient)
    assert (visit.period, visit.booked_by.username) == (full[1].period, "dana")
    assert "Fay Phone" not in to_do(dana)
    assert overlaps(at=clocks.now()) == sheet_drift() == []


def test_what_they_do_not_want_or_do_not_pick_up_for_is_somebody_elses_at_once(fay, site, dana, clock):
    next_one = waits(site, "Ann One")
    press(dana, fay, "not-reached", offer=WaitingListOffer.objects.get().public_id)
    assert [one.status for one in fay.offers.all()] == ["expired"]
    assert offers.offer_times(now=clocks.now) == 1
    assert next_one.offers.count() == 1
    assert "Fay Phone" not in to_do(dana)
    late = press(dana, fay, "accept", offer=fay.offers.get().public_id)
    assert "This time is not kept for Fay Phone any more" in text_of(late)


def test_a_call_is_over_with_its_time_and_nobody_is_called_while_the_desk_is_closed(fay, full, site, dana, clock):
    clock.move_to(WaitingListOffer.objects.get().expires_at + MINUTE)
    assert "Fay Phone" not in to_do(dana)
    waits(site, patient=with_phone_alone(make_patient(site, "Gus Phone")))
    clock.move_to(clocks.now().replace(hour=0, minute=30))  # half past seven in the evening of Monday in Chicago
    assert offers.offer_times(now=clocks.now) == 0


def test_twin_without_a_look_at_the_desk_somebody_would_be_called_in_the_evening(full, site, clock, monkeypatch):
    waits(site, patient=with_phone_alone(make_patient(site, "Gus Phone")))
    free(full[1])
    clock.shift(11 * HOUR)
    monkeypatch.setattr("scheduler.business_days.BusinessDays.closed_throughout", lambda *_: False)
    assert offers.offer_times(now=clocks.now) == 1


@pytest.fixture
def refusing(monkeypatch, clock):
    monkeypatch.setattr(single_mails, "spoken", lambda *_: DeliveryOutcome(ending=Ending.REFUSED))
    return clock


def test_whom_the_mail_of_an_offer_does_not_reach_staff_call_once(full, site, dana, clock, refusing):
    entry = waits(site, "Ann One")
    free(full[1])
    clock.shift(11 * MINUTE)
    offers.offer_times(now=clocks.now)
    run(clocks.now())
    run(clocks.now())
    assert sorted(WaitingListCall.objects.values_list("reason", flat=True)) == ["mail", "offer"]
    assert "A time has opened for them: Tuesday" in to_do(dana)
    press(dana, entry, "decline", offer=entry.offers.get().public_id)
    assert "A time has opened" not in to_do(dana)
    press(dana, entry, "called")
    assert "Ann One" not in to_do(dana)


def test_twin_where_nobody_is_told_of_a_mail_that_failed_the_time_runs_out_unheard(
    full, site, dana, refusing, monkeypatch
):
    monkeypatch.setattr(waiting_calls, "call_about", lambda *_, **__: None)
    waits(site, "Ann One")
    free(full[1])
    refusing.shift(11 * MINUTE)
    offers.offer_times(now=clocks.now)
    run(clocks.now())
    assert "A time has opened" not in to_do(dana)
