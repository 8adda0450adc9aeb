"""Dana has the phone in hand: one list of whom to call, in due order, each done once, and undone on its day."""

import html
import re
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from booking.actions import call_requests, calls
from booking.actions.suitability import suitability
from booking.models import CallReason, CallRequest, CallTask, ContactPoint
from booking.suitability.answers import SuitabilityAnswers
from booking.web.desk import call_rows
from core.models import User
from core.roles import Role
from tests.booking.pages.walk import text_of
from tests.factories.admin import sign_in
from tests.factories.booking import DAY, HOUR, SYSTEM, chicago, make_visit, slot_id
from tests.factories.policies import adopt_suitability
from tests.factories.scheduler import AT

PAGE = "/desk/calls/"
CARDS = re.compile(r'<h2 id="h-([a-z-]+-\d+)">(?:<a [^>]*>)?([^<]+)<')
FORM = re.compile(r'action="([^"]+/(?:done|undo)/[^"]*)">.*?name="seen" value="([^"]+)"', re.DOTALL)
CHEST = "chest_pain_severe_breathlessness_heavy_bleeding_new_confusion"
UNREACHED, COVER = CallReason.NOT_REACHED, CallReason.WITHOUT_COVER

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock():
    """Monday morning."""
    with time_machine.travel(AT, tick=False) as traveller:
        yield traveller


@pytest.fixture
def visit(alice, dr_li):
    """Alice's appointment of Thursday; her number is on file."""
    visit = make_visit(alice.record, slot_id(dr_li, chicago(8, 10)))
    ContactPoint.objects.create(patient=visit.patient, system="phone", value="+13125550142", rank=1)
    return visit


def at_the_desk(name, role, site):
    client = sign_in(Client(), name, role, site)
    User.objects.filter(username=name).update(first_name=name.title(), last_name="Diaz")
    return client


@pytest.fixture
def dana(lakeside):
    return at_the_desk("dana", Role.SCHEDULER, lakeside)


def asked(site, name, *, phone="+13125550177", first=False, at=AT):
    return call_requests.ask(site=site.pk, name=name, phone=phone, first=first, by=SYSTEM, at=at)


def raised(visit, reason=UNREACHED, *, at=AT):
    calls.raise_for([visit.pk], reason, at=at)
    return CallTask.objects.get(reason=reason)


def names_on(client):
    return [name for _key, name in CARDS.findall(client.get(PAGE).content.decode())]


def forms_on(client):
    """Return the forms of a page in their order: where each leads, and as what it was looked at."""
    return [(html.unescape(url), seen) for url, seen in FORM.findall(client.get(PAGE).content.decode())]


def press(client, form):
    url, seen = form
    return client.post(url, {"seen": seen})


def test_dana_sees_in_due_order_whom_to_call_how_and_why_and_nothing_of_their_health(dana, visit, lakeside):
    raised(visit)
    asked(lakeside, "Olga Reyes", at=AT + HOUR)
    asked(lakeside, "Ben Brown", phone="+13125550178", first=True, at=AT + HOUR)
    assert names_on(dana) == ["Ben Brown", visit.patient.name, "Olga Reyes"]
    page = text_of(dana.get(PAGE)).replace("\u202f", " ")
    for told in ("Due: at once", "ask how they are", "No message reached them", "Thursday, October 8, 2026, 10:00 AM"):
        assert told in page
    source = dana.get(PAGE).content.decode()
    assert '<a class="tap nowrap" href="tel:+13125550142">(312) 555-0142</a>' in source
    assert "cupuncture" not in source


def test_who_said_that_they_need_help_comes_first_and_what_is_overdue_says_so(dana, visit, lakeside, clock):
    asked(lakeside, "Olga Reyes")
    raised(visit, CallReason.SEEK_CARE, at=AT + HOUR)
    assert names_on(dana) == [visit.patient.name, "Olga Reyes"]
    assert "Was due" not in text_of(dana.get(PAGE))
    clock.move_to(AT + 2 * DAY)
    assert "Was due: Tuesday, October 6" in text_of(at_the_desk("dora", Role.SCHEDULER, lakeside).get(PAGE))


def test_the_pages_of_the_days_work_say_how_many_calls_are_due_by_now(dana, visit, lakeside):
    assert "due)" not in text_of(dana.get("/desk/", follow=True))
    asked(lakeside, "Olga Reyes")  # within a business day
    asked(lakeside, "Ben Brown", phone="+13125550178", first=True)
    for reason in (CallReason.SEEK_CARE, CallReason.ANSWERS_CHANGED):
        raised(visit, reason)
    assert "Calls (2 due)" in text_of(dana.get("/desk/", follow=True))


def test_nobody_is_called_later_than_before_they_would_come(dana, visit):
    raised(visit, COVER, at=visit.period.lower - HOUR)
    assert "Due: Thursday, October 8, 2026, 10:00 AM" in text_of(dana.get(PAGE)).replace("\u202f", " ")


@pytest.mark.parametrize("kind", ["asked for", "task"])
def test_one_press_ends_a_call_and_undo_brings_it_back_on_the_same_day(dana, visit, lakeside, kind):
    call = asked(lakeside, visit.patient.name) if kind == "asked for" else raised(visit)
    (done,) = forms_on(dana)
    for _twice in range(2):
        assert press(dana, done).status_code == 302
    call.refresh_from_db()
    assert (call.done_at, call.done_by[:5]) == (AT, "user:")
    said = text_of(dana.get(PAGE))
    assert "is called. Until tonight you can undo it below." in said
    assert "Nobody is to be called. Whoever no message reaches" in said
    assert "Dana Diaz, Monday, October 5" in said
    (undo,) = forms_on(dana)
    for _twice in range(2):
        assert press(dana, undo).status_code == 302
    call.refresh_from_db()
    assert (call.done_at, call.done_by, names_on(dana)) == (None, "", [visit.patient.name])


def test_the_second_of_two_is_told_who_was_first(dana, lakeside):
    asked(lakeside, "Olga Reyes")
    (done,) = forms_on(dana)
    press(dana, done)
    said = press(at_the_desk("dora", Role.SCHEDULER, lakeside), done)
    assert said.status_code == 409
    assert "Olga Reyes: Dana Diaz has called them already, Monday, October 5" in text_of(said)
    assert CallRequest.objects.get().done_by == f"user:{User.objects.get(username='dana').pk}"


def test_what_came_since_dana_looked_is_not_ended_unsaid(dana, visit):
    call = raised(visit)
    (done,) = forms_on(dana)
    CallTask.objects.update(raised_at=AT + HOUR)  # as a newer message that did not reach her does
    said = press(dana, done)
    assert (said.status_code, "There is more to tell them by now" in text_of(said)) == (409, True)
    call.refresh_from_db()
    assert call.done_at is None


def test_twin_if_what_was_seen_did_not_matter_it_would_be_ended(dana, visit, monkeypatch):
    raised(visit)
    (done,) = forms_on(dana)
    CallTask.objects.update(raised_at=AT + HOUR)
    monkeypatch.setattr("booking.actions.made_calls.since", lambda _call: AT)
    assert press(dana, done).status_code == 302


def test_a_call_is_undone_neither_on_the_next_day_nor_where_they_are_to_be_called_again(dana, visit, lakeside, clock):
    raised(visit)
    press(dana, forms_on(dana)[0])
    (undo,) = forms_on(dana)
    again = CallTask.objects.create(appointment=visit, version=9, reason=UNREACHED, raised_at=AT)
    assert press(dana, undo).status_code == 409
    again.delete()
    clock.move_to(AT + timedelta(days=1))
    dora = at_the_desk("dora", Role.SCHEDULER, lakeside)
    assert forms_on(dora) == []
    assert press(dora, undo).status_code == 409
    assert CallTask.objects.get().done_at == AT


def test_a_stale_undo_takes_no_later_call_back(dana, visit, clock):
    raised(visit)
    press(dana, forms_on(dana)[0])
    (stale,) = forms_on(dana)
    press(dana, stale)
    clock.shift(60)
    press(dana, forms_on(dana)[0])
    assert press(dana, stale).status_code == 409
    assert CallTask.objects.get().done_at == AT + timedelta(minutes=1)


def test_what_a_clinician_looks_at_first_ends_on_their_page_and_tells_the_desk_nothing(dana, visit, lakeside):
    raised(visit, CallReason.ANSWERS_CHANGED)
    page = dana.get(PAGE)
    assert "A clinician looks at this before they come, and calls them if it is needed." in text_of(page)
    assert "answered" not in text_of(page)
    assert forms_on(dana) == []
    carol = at_the_desk("carol", Role.CLINICIAN, lakeside).get(PAGE).content.decode()
    assert f'href="/desk/health/before-booking/?site=lakeside#r-{visit.public_id}"' in carol


def test_who_is_here_and_needs_help_is_one_card_on_top_and_nobody_writes_to_them(dana, visit, lakeside):
    ContactPoint.objects.filter(patient=visit.patient, system="phone").delete()
    asked(lakeside, "Olga Reyes", first=True, at=AT - HOUR)
    raised(visit, CallReason.ANSWERS_CHANGED)
    raised(visit, CallReason.HELP_HERE)
    assert names_on(dana) == [visit.patient.name, "Olga Reyes"]
    page = text_of(dana.get(PAGE))
    assert "They are here and need help now" in page
    for wrong in ("before they come", "Write to them", "Due: M"):
        assert wrong not in page
    carol = at_the_desk("carol", Role.CLINICIAN, lakeside)
    assert "1 person is here and needs help now: go to them." in text_of(carol.get("/desk/health/"))
    press(dana, next(form for form in forms_on(dana) if "/task/" in form[0]))
    assert "before they come" in text_of(dana.get(PAGE))  # a clinician looks at it all the same


def test_what_a_clinician_looks_at_first_is_ended_at_no_list_of_calls(dana, visit):
    task = raised(visit, CallReason.ANSWERS_CHANGED)
    for act in ("done", "undo"):
        assert dana.post(f"{PAGE}task/{task.pk}/{act}/", {"seen": AT.isoformat()}).status_code == 404
    said = dana.post("/admin/booking/calltask/", {"action": "done", "_selected_action": [task.pk]}, follow=True)
    assert "What a clinician looks at first stays" in text_of(said)
    task.refresh_from_db()
    assert task.done_at is None


def test_who_works_in_their_own_calendar_calls_about_that_alone(visit, dr_li, lakeside):
    li = sign_in(Client(), "li", Role.PRACTITIONER, lakeside)
    raised(visit)
    asked(lakeside, "Olga Reyes")
    assert names_on(li) == []
    dr_li.user = User.objects.get(username="li")
    dr_li.save()
    assert names_on(li) == [visit.patient.name]


def test_who_has_no_phone_is_written_to(dana, visit):
    ContactPoint.objects.filter(patient=visit.patient, system="phone").delete()
    raised(visit)
    assert "No phone number is on file. Write to them: " in text_of(dana.get(PAGE))


def test_what_somebody_does_not_see_they_end_not(dana, visit, lakeside):
    call = raised(visit)
    for address in (f"task/{call.pk}/lost", f"asked-for/{call.pk}/done", "other/1/done"):
        assert dana.post(f"{PAGE}{address}/", {"seen": AT.isoformat()}).status_code == 404
    assert dana.post(f"{PAGE}task/{call.pk}/done/", {"seen": "yesterday"}).status_code == 404


def test_a_long_list_shows_what_is_due_first_and_leads_to_all(dana, lakeside, monkeypatch):
    monkeypatch.setattr("booking.web.desk.calls.MOST", 1)
    asked(lakeside, "Olga Reyes")
    asked(lakeside, "Ben Brown", phone="+13125550178", at=AT + HOUR)
    assert names_on(dana) == ["Olga Reyes"]
    assert "Show all 2" in text_of(dana.get(PAGE))
    assert len(CARDS.findall(dana.get(f"{PAGE}?all=yes").content.decode())) == 2


def test_the_list_takes_as_many_queries_for_many_as_for_one(dana, visit):
    raised(visit, COVER)  # the one kind of which the number beside "To do" asks more: whether it stands uncovered still
    dana.get(PAGE)
    with CaptureQueriesContext(connection) as one:
        dana.get(PAGE)
    for reason in (UNREACHED, CallReason.SCREENING, CallReason.SEEK_CARE, CallReason.UNANSWERED):
        raised(visit, reason)
    with CaptureQueriesContext(connection) as many:
        assert len(names_on(dana)) == 5
    assert len(many) == len(one)


@pytest.mark.parametrize("said", [{CHEST: "not_sure"}, {"fever_now": "yes", "on_active_cancer_treatment": "yes"}])
def test_who_may_need_help_by_what_they_answered_is_called_before_others_and_says_so(visit, dana, lakeside, ben, said):
    raised(make_visit(ben.record, slot_id(visit.practitioner, chicago(7, 10))), at=AT - HOUR)
    adopt_suitability(site=lakeside)
    answers = SuitabilityAnswers(answers=said)
    suitability.answer(visit.patient, answers, site_id=lakeside.pk, by=SYSTEM, at=AT + timedelta(minutes=1))
    assert names_on(dana)[0] == visit.patient.name
    page = text_of(dana.get(PAGE))
    assert "They may need help: let a clinician of this site know now." in page
    assert page.index("Due: at once") < page.index("Due:", page.index("Due: at once") + 5)
    suitability.answer(
        visit.patient, SuitabilityAnswers(answers=dict.fromkeys(said, "no")), site_id=lakeside.pk, by=SYSTEM,
        at=AT + HOUR,
    )  # fmt: skip
    assert "Due: at once" not in text_of(dana.get(PAGE))


def test_twin_without_reading_the_answers_who_may_need_help_stands_where_others_do(visit, dana, lakeside, monkeypatch):
    adopt_suitability(site=lakeside)
    answers = SuitabilityAnswers(answers={CHEST: "not_sure"})
    suitability.answer(visit.patient, answers, site_id=lakeside.pk, by=SYSTEM, at=AT + timedelta(minutes=1))
    monkeypatch.setattr(call_rows, "may_need_help", lambda _tasks, *, at: frozenset())
    assert "Due: at once" not in text_of(dana.get(PAGE))


def not_answered(client, key):
    kind, _dash, pk = key.rpartition("-")
    return client.post(f"{PAGE}{kind}/{pk}/not-reached/", follow=True)


def test_who_does_not_answer_stays_below_the_others_for_an_hour_and_colleagues_read_who_tried(dana, visit, clock):
    raised(visit)
    asked(visit.site, "Olga Reyes")
    first, other = names_on(dana)
    keys = [key for key, _name in CARDS.findall(dana.get(PAGE).content.decode())]
    said = text_of(not_answered(dana, keys[0]))
    assert f"{first} did not answer. They stay" in said
    assert "Nobody answered: Monday, October 5, 2026," in said
    assert "Dana Diaz." in said
    assert names_on(dana) == [other, first]
    not_answered(dana, keys[0])  # pressed twice
    assert "Nobody answered 2 times" not in text_of(dana.get(PAGE))
    clock.shift(timedelta(minutes=61))
    dana = at_the_desk("ada", Role.SCHEDULER, visit.site)  # an hour without a click signs out
    assert names_on(dana) == [first, other]
    assert "Nobody answered 2 times, the last one" in text_of(not_answered(dana, keys[0]))
    assert len(names_on(dana)) == 2


def test_a_call_that_is_made_was_answered(dana, visit):
    raised(visit)
    ((url, seen),) = forms_on(dana)
    dana.post(url, {"seen": seen})
    refused = not_answered(dana, f"task-{CallTask.objects.get().pk}")
    assert (refused.status_code, "called them already" in text_of(refused)) == (409, True)
    assert CallTask.objects.get().tries == 0


UNTRY = re.compile(r'action="([^"]+/not-tried/[^"]*)">.*?name="seen" value="([^"]+)"', re.DOTALL)


def undo_try(client):
    where, seen = UNTRY.search(client.get(PAGE).content.decode()).groups()
    return where, seen, client.post(html.unescape(where), {"seen": seen}, follow=True)


@pytest.mark.parametrize("kind", ["task", "asked-for"])
def test_that_nobody_answered_is_taken_back_and_what_was_before_stands_again(dana, visit, clock, kind):
    raised(visit) if kind == "task" else asked(visit.site, "Olga Reyes")
    (key,) = [key for key, _name in CARDS.findall(dana.get(PAGE).content.decode())]
    not_answered(dana, key)
    where, seen, done = undo_try(dana)
    assert "That nobody answered is taken back." in text_of(done)
    assert "Nobody answered:" not in text_of(dana.get(PAGE))
    assert dana.post(html.unescape(where), {"seen": seen}).status_code == 409  # pressed twice
    not_answered(dana, key)
    clock.shift(2 * 60)
    not_answered(dana, key)
    assert "Nobody answered 2 times" in text_of(dana.get(PAGE))
    undo_try(dana)
    said = text_of(dana.get(PAGE))
    assert "Nobody answered: Monday, October 5, 2026," in said


def test_that_nobody_answered_is_taken_back_on_its_day_alone(dana, visit, clock):
    raised(visit)
    (key,) = [key for key, _name in CARDS.findall(dana.get(PAGE).content.decode())]
    not_answered(dana, key)
    assert UNTRY.search(dana.get(PAGE).content.decode())
    clock.shift(DAY)
    page = at_the_desk("eve", Role.SCHEDULER, visit.site).get(PAGE)
    assert "Nobody answered:" in text_of(page)
    assert not UNTRY.search(page.content.decode())


def test_whose_time_is_no_longer_open_is_one_press_from_another(dana, visit):
    raised(visit, COVER)
    move = f'href="/desk/appointments/{visit.public_id}/move/"'
    assert move in dana.get(PAGE).content.decode()
    CallTask.objects.update(reason=CallReason.SCREENING)
    assert move not in dana.get(PAGE).content.decode()
