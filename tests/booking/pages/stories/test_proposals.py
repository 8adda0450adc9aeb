"""Other times are proposed to those whose time is closed: Dana presses once, a worker looks, Alice takes one."""

import re
from datetime import date, timedelta

import pytest
import time_machine
from django.test import Client

from booking.actions import appointments, proposals, uncovered_visits
from booking.cancel_reasons import CancelReason
from booking.models import CallReason, CallTask, ClosureNotice, Hold, PractitionerScreening, ProposalRequest
from booking.status import Move
from core import clock as core_clock
from core.roles import Role
from scheduler.actions import calendars
from scheduler.models import Practitioner
from tests.booking.pages.closing import close, page, propose_to_all, say, the_visit
from tests.booking.pages.walk import go_on, hidden_on, slots_on, text_of
from tests.factories.admin import sign_in
from tests.factories.booking import SYSTEM, make_patient, make_visit, slot_id
from tests.factories.policies import adopt_screening, publish_screening
from tests.factories.scheduler import AT, chicago, lay_out, make_places, make_practitioner, make_site

pytestmark = pytest.mark.django_db
HOUR = 3600


@pytest.fixture(scope="module")
def told_once(booked_once, once_a_module):
    """Let Alice have her confirmation."""
    with once_a_module(), time_machine.travel(AT, tick=False):
        say()


@pytest.fixture
def visit(booked_once, told_once, alice):
    """Where Alice's appointment of tomorrow is found."""
    return go_on(alice, booked_once)


@pytest.fixture
def dana(site):
    return sign_in(Client(), "dana", Role.SCHEDULER, site)


def another(site, day: str):
    """Let Ben have an appointment on a closed day, too."""
    free = slot_id(Practitioner.objects.get(name="Boris Ivanov"), chicago(day, "15:00"))
    return make_visit(make_patient(site, "Ben Adams"), free)


def test_a_time_is_proposed_kept_and_taken_with_one_press_and_a_look(visit, alice, ben, dana):
    where = close()
    assert "Another time is proposed to 1 person." in propose_to_all(dana, where)
    held = Hold.objects.get(state="open", moving=the_visit())
    assert held.period.lower.date() == date(2026, 10, 12)
    # within three days, and by half of what is left until the appointment
    assert held.expires_at == AT + (the_visit().period.lower - AT) / 2
    (told,) = say()
    assert "The time that we propose: Monday, October 12, 2026" in told
    assert told.startswith("Another time for your appointment on Tuesday, October 6, 2026")
    assert "We keep it for you until Monday, October 5, 2026, 10:30 PM" in told
    assert slot_id(held.practitioner, held.period.lower) not in [
        held.slot for held in Hold.objects.filter(state="open").exclude(pk=held.pk)
    ]
    there = alice.get(visit)
    moved = alice.post(f"{visit}move/check/", {"slot": hidden_on(there)["slot"]}, follow=True)
    assert "Your appointment has moved" in text_of(moved)
    assert the_visit().period == held.period
    assert "Took the time that we proposed" in page(dana, where)
    assert "Another time is proposed" not in page(dana, where)


def test_a_look_at_another_time_leaves_what_is_proposed_as_it_is(visit, alice, dana):
    where = close()
    propose_to_all(dana, where)
    held = Hold.objects.get(state="open", proposed=True)
    waits = text_of(dana.get("/desk/to-do/"))
    assert "1 person was asked about another time: nothing to do until they answer" in waits
    assert "Proposed: Monday, October 12, 2026" in waits
    assert "Their time is not open any more" not in waits
    alice.post(f"{visit}move/", {"slot": slots_on(alice.get(f"{visit}move/"))[-1]})
    assert Hold.objects.filter(state="open", moving=the_visit()).count() == 2
    there = alice.get(visit)
    assert "Monday, October 12" in text_of(there)
    assert "Did not answer" not in page(dana, where)
    alice.post(f"{visit}move/check/", {"slot": hidden_on(there)["slot"]}, follow=True)
    assert the_visit().period == held.period
    assert not Hold.objects.filter(state="open", moving=the_visit()).exists()


def test_a_time_whose_practitioner_is_away_since_is_proposed_no_more_and_another_can_be(visit, alice, dana):
    where = close()
    propose_to_all(dana, where)
    assert "We keep it for you" in text_of(alice.get(visit))
    held = Hold.objects.get(state="open", proposed=True)
    start, end = held.period.lower, held.period.upper
    calendars.add_absence(held.practitioner, starts_at=start, ends_at=end, by=SYSTEM, at=core_clock.now())
    assert "We keep it for you" not in text_of(alice.get(visit))
    propose_to_all(dana, where)
    kept = Hold.objects.get(state="open", proposed=True)
    assert kept.period != held.period


def test_nobody_else_is_offered_what_is_proposed(visit, dana, site):
    ben = make_patient(site, "Ben Adams")
    second = make_visit(ben, slot_id(the_visit().practitioner, chicago("2026-10-07", "10:00")))
    where = close()
    propose_to_all(dana, where)
    kept = list(Hold.objects.filter(state="open").values_list("practitioner", "period"))
    assert len(kept) == len(set(kept)) == 2
    assert {notice.appointment_id for notice in ClosureNotice.objects.all()} == {the_visit().pk, second.pk}
    propose_to_all(dana, where)
    assert Hold.objects.filter(state="open").count() == 2


def test_whoever_was_proposed_another_time_is_not_told_once_more(visit, dana, site):
    where = close()
    propose_to_all(dana, where)
    assert len(say()) == 1
    dana.post(f"{where}tell/")
    dana.post(f"{where}tell/", {"appointment": str(the_visit().public_id)})
    assert say() == []
    assert [notice.news for notice in ClosureNotice.objects.all()] == ["other-time"]


def test_a_proposal_that_nobody_answers_runs_out_and_ben_is_called(site, dana, clock):
    ben = make_patient(site, "Ben Adams")
    second = make_visit(ben, slot_id(Practitioner.objects.all()[0], chicago("2026-10-14", "10:00")))
    where = close(last_on=date(2026, 10, 14))
    uncovered_visits.review(at=core_clock.now())
    assert CallTask.objects.get(done_at=None).reason == CallReason.WITHOUT_COVER
    propose_to_all(dana, where)
    uncovered_visits.review(at=core_clock.now())
    assert not CallTask.objects.filter(done_at=None).exists()
    clock.shift(73 * HOUR)
    uncovered_visits.review(at=core_clock.now())
    assert CallTask.objects.get(done_at=None).reason == CallReason.WITHOUT_COVER
    shown = page(sign_in(Client(), "later", Role.SCHEDULER, site), where)
    assert "Did not answer: please call" in shown
    assert "To be called" in shown
    assert second.closure_notices.count() == 1


def test_dana_chooses_the_time_that_is_proposed(visit, dana):
    where = close()
    asked = dana.get(where, {"times": str(the_visit().public_id)}).content.decode()
    slots = re.findall(r'<button name="slot" value="([^"]+)"', asked)
    answer = dana.post(f"{where}propose/", {"appointment": str(the_visit().public_id), "slot": slots[2]})
    assert answer.status_code == 302
    assert Hold.objects.filter(state="open", moving=the_visit()).exists()


def test_one_who_cannot_be_proposed_anything_is_named_and_the_others_are(visit, dana, site):
    where = close(last_on=None)
    done = propose_to_all(dana, where)
    assert "Another time is proposed" not in done
    assert "Alice Adams : We found no free time to propose. Please call them." in done


def test_a_press_for_all_answers_at_once_and_the_page_says_how_far_the_worker_is(visit, dana, site, monkeypatch):
    second, where = another(site, "2026-10-07"), close()
    done = dana.post(f"{where}propose/", follow=True)
    assert "We are looking for other times. 0 of 2 are done." in text_of(done)
    assert text_of(done).count("We are looking for a time") == 2
    assert "Propose new times" not in text_of(done)
    assert "Tell" not in text_of(done)  # they hear of it with the time
    assert not Hold.objects.filter(state="open").exists()
    dana.post(f"{where}propose/")  # pressed twice
    assert ProposalRequest.objects.count() == 2
    monkeypatch.setattr(proposals, "AT_ONCE", 1)
    assert proposals.look_for_times(now=core_clock.now) == 1
    assert "1 of 2 are done." in page(dana, where)
    assert proposals.look_for_times(now=core_clock.now) == 1
    assert "Another time is proposed to 2 people." in page(dana, where)
    assert Hold.objects.filter(state="open", moving__in=[the_visit(), second]).count() == 2
    assert proposals.look_for_times(now=core_clock.now) == 0


def test_each_site_that_a_policy_closes_reads_how_far_its_own_press_is_alone(visit, dana, site):
    river = make_site("riverside")
    make_places(river, 2)
    kim = make_practitioner(river, name="Kim Park")
    lay_out(weeks=3)
    make_visit(make_patient(river, "Ben Adams"), slot_id(kim, chicago("2026-10-07", "15:00"), site="riverside"))
    frank = sign_in(Client(), "frank", Role.SCHEDULER, river)
    adopt_screening()
    publish_screening({"therapies_closed": ["*"]}, at=AT + timedelta(minutes=1))
    (where,) = re.findall(r'href="(/desk/closures/policy[^"?]+)', dana.get("/desk/closures/").content.decode())
    dana.post(f"{where}propose/")
    assert "We are looking" not in page(frank, where)
    frank.post(f"{where}propose/")
    assert ProposalRequest.objects.count() == 2
    assert ["0 of 1 is done." in page(somebody, where) for somebody in (dana, frank)] == [True, True]


def test_dana_may_tell_and_propose_again_where_no_worker_comes_to_an_end(visit, site, clock):
    where = close()
    sign_in(Client(), "dana", Role.SCHEDULER, site).post(f"{where}propose/")
    clock.shift(14 * 60)
    dana = sign_in(Client(), "dana later", Role.SCHEDULER, site)
    assert "We are looking for a time" in page(dana, where)
    clock.shift(2 * 60)
    shown = page(dana, where)
    assert "We are looking" not in shown
    assert "Alice Adams : Nobody could look for a time yet. Propose one again, or call them." in shown
    assert "Tell 1 person" in shown
    assert "Another time is proposed to 1 person." in propose_to_all(dana, where)
    assert ProposalRequest.objects.count() == 1


def test_whom_a_worker_left_when_it_died_another_one_takes_up(visit, dana, clock, monkeypatch):
    where = close()
    dana.post(f"{where}propose/")
    with monkeypatch.context() as dying:
        dying.setattr(proposals, "_look_for", lambda pk, at: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            proposals.look_for_times(now=core_clock.now)
    assert proposals.look_for_times(now=core_clock.now) == 0  # it may be at work still
    clock.shift(121)
    assert proposals.look_for_times(now=core_clock.now) == 1
    assert Hold.objects.filter(state="open", proposed=True).count() == 1


def test_what_a_slow_worker_has_in_work_no_other_one_takes_up(visit, dana, site, clock, monkeypatch):
    another(site, "2026-10-07")
    dana.post(f"{close()}propose/")
    propose, others = proposals.propose, []

    def slowly(*args, **how):
        clock.shift(100)
        others.append(proposals.look_for_times(now=core_clock.now) if len(others) == 1 else 0)
        return propose(*args, **how)

    monkeypatch.setattr(proposals, "propose", slowly)
    assert proposals.look_for_times(now=core_clock.now) == 2
    assert others == [0, 0]
    assert set(ProposalRequest.objects.values_list("why", flat=True)) == {""}


def test_whoever_has_just_left_is_said_to_have_and_nobody_hears_of_zero_people(visit, dana):
    where, named = close(), {"appointment": str(the_visit().public_id)}
    appointments.move(the_visit().public_id, Move.CANCEL, by=SYSTEM, at=core_clock.now(), reason=CancelReason.PATIENT)
    for act in ("tell", "propose"):
        said = dana.post(f"{where}{act}/", named)
        assert said.status_code == 409
        assert "It was called off meanwhile." in text_of(said)
        assert "0 people" not in text_of(said)
    assert dana.post(f"{where}propose/", {"appointment": "nobody"}).status_code == 404


def test_to_whom_a_time_is_proposed_already_none_is_proposed_again_and_dana_is_told_so(visit, dana):
    where, named = close(), {"appointment": str(the_visit().public_id)}
    dana.post(f"{where}propose/", named)
    assert "Another time is kept for this appointment already." in text_of(dana.post(f"{where}propose/", named))


def test_whoever_leaves_while_the_worker_looks_is_left_alone_and_the_others_are_not(visit, dana, site):
    second, where = another(site, "2026-10-07"), close()
    dana.post(f"{where}propose/")
    appointments.move(the_visit().public_id, Move.CANCEL, by=SYSTEM, at=core_clock.now(), reason=CancelReason.PATIENT)
    proposals.look_for_times(now=core_clock.now)
    assert "Another time is proposed to 1 person." in page(dana, where)
    assert Hold.objects.get(state="open").moving == second


def test_the_practitioner_whom_they_know_comes_first_unless_that_takes_weeks_longer(visit, dana, site):
    lay_out(weeks=6)
    known = the_visit().practitioner
    close()
    times = lambda: proposals.first_times(the_visit(), most=6, by=SYSTEM, at=core_clock.now())  # noqa: E731
    first_with = lambda: [slot.practitioner for slot in times()]  # noqa: E731
    assert {one.name for one in first_with()} == {known.name}
    friday, weeks_later = chicago("2026-10-23", "09:00"), chicago("2026-11-02", "09:00")
    calendars.add_absence(known, starts_at=core_clock.now(), ends_at=friday, by=SYSTEM, at=AT)
    assert first_with()[0].name == known.name
    calendars.add_absence(known, starts_at=friday, ends_at=weeks_later, by=SYSTEM, at=AT)
    assert known.name not in {one.name for one in first_with()}


def test_who_takes_a_time_at_another_site_is_counted_on_the_page_of_the_closure(visit, alice, dana, site):
    river = make_site("riverside")
    make_places(river, 2)
    make_practitioner(river, name="Kim Park")
    lay_out(weeks=3)
    where = close(last_on=None)
    propose_to_all(dana, where)
    (told,) = say()
    assert f"At another of our sites: {river.name['en']}" in told
    alice.post(f"{visit}move/check/", {"slot": hidden_on(alice.get(visit))["slot"]}, follow=True)
    shown = page(dana, where)
    assert "Alice" not in shown
    assert "1 person goes to another site now." in shown


def test_the_word_stands_beside_a_colleague_of_another_site_as_well(visit, site):
    river = make_site("riverside")
    make_places(river, 2)
    kim = make_practitioner(river, name="Kim Park")
    lay_out(weeks=3)
    PractitionerScreening.objects.create(
        practitioner=kim, site=river, on=date(2026, 10, 5), policy_version=1, answered_at=AT,
        answered_by="user:1", outcome="rebook", away_until=date(2026, 10, 20), answers_until=AT,
    )  # fmt: skip
    ada = sign_in(Client(), "ada", Role.ADMIN, None)
    choice = page(ada, close(last_on=None), times=the_visit().public_id)
    assert "Kim Park (ask first whether they see patients)" in choice


def test_no_time_is_proposed_to_all_with_a_colleague_of_whom_it_is_not_settled_that_they_see_patients(visit, dana):
    where, known = close(), the_visit().practitioner
    assert "not settled" not in page(dana, where)
    PractitionerScreening.objects.create(
        practitioner=known, site=the_visit().site, on=date(2026, 10, 5), policy_version=1, answered_at=AT,
        answered_by="user:1", outcome="rebook", away_until=date(2026, 10, 20), answers_until=AT,
    )  # fmt: skip
    said = f"It is not settled yet whether these colleagues see patients: {known.name}."
    assert said in page(dana, where)
    choice = page(dana, where, times=the_visit().public_id)
    assert f"{known.name} (ask first whether they see patients)" in choice
    propose_to_all(dana, where)
    held = Hold.objects.get(state="open", moving=the_visit())
    assert held.practitioner != known or held.period.lower.date() >= date(2026, 10, 20)
    PractitionerScreening.objects.update(decision="declined", decided_at=AT, decided_by="user:1")
    assert "not settled" not in page(dana, where)
