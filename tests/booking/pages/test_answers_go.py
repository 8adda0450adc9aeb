"""What people answered about their health is gone after thirty days, from every table; what followed from it stays."""

import json
from datetime import date, timedelta

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.core import mail
from django.core.cache import cache
from django.db import connection
from django.test import Client
from knox.models import AuthToken

from booking import tasks as booking_tasks
from booking.actions.screening import screening
from booking.models import Appointment, ScreeningResponse
from booking.screening.queries import answers_of
from core import clock as core_clock
from core import tasks as core_tasks
from core.models import IdempotencyKey, Site, User
from core.roles import Role
from notifications.actions import dispatch
from tests.booking.pages.walk import hidden_on
from tests.factories.admin import sign_in
from tests.factories.scheduler import AT

DAY = 24 * 60 * 60
COUGH, TEST = "new_cough_breathless_sore_throat_runny_nose", "positive_covid_flu_rsv_10d"
TESTED_ON = date(2026, 10, 4)
POSITIVE = {
    TEST: "on",
    f"{COUGH}-usual": "on",
    "days": "1",
    "tested_on": "10/4/2026",
    "severity": "in_hospital",
    "weak_immune_system": "not_sure",
}
TELL = (COUGH, TEST, "usual_for_me", "in_hospital", TESTED_ON.isoformat(), "10/4/2026")
TABLES = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'"
WRITTEN_BY_THE_CLINIC = {"core_policy", "django_migrations"}
"""Tables that name the questions, and know nobody who answers them."""


def everything() -> dict[str, str]:
    """Return all rows of all tables as text, by the table's name; sessions opened."""
    with connection.cursor() as cursor:
        cursor.execute(TABLES)
        tables = [name for (name,) in cursor.fetchall()]
        found = {}
        for table in tables:
            cursor.execute(f"SELECT string_agg(to_jsonb(t)::text, ' ') FROM \"{table}\" AS t")
            found[table] = cursor.fetchone()[0] or ""
    found["sessions, opened"] = json.dumps([one.get_decoded() for one in Session.objects.all()], default=str)
    return found


def tables_with(words, *, beside=WRITTEN_BY_THE_CLINIC) -> set[str]:
    """Return the tables in which one of these stands."""
    return {table for table, text in everything().items() if table not in beside and any(one in text for one in words)}


@pytest.fixture(scope="module")
def answered_once(screened_once, once_a_module):
    """Alice has answered by her link, at the desk and over the API; her companion by her phone. Mails went out."""
    with once_a_module(), time_machine.travel(AT, tick=False):
        mail.outbox.clear()
        answer_at_each_door(*screened_once)
        return [str(one.message()) for one in mail.outbox]


def answer_at_each_door(alice, visit):
    alice.post(f"{visit}screening/", POSITIVE)
    alice.post(f"{visit}screening/?who=1", {COUGH: "on", "days": "1"})
    site = Site.objects.get(key="lakeside")
    dana = sign_in(Client(), "dana", Role.SCHEDULER, site)
    public_id = Appointment.objects.get().public_id
    aloud = f"/desk/arrivals/{public_id}/questions/"
    assert dana.post(aloud, POSITIVE | {"seen": hidden_on(dana.get(aloud))["seen"]}).status_code == 302
    said = dict.fromkeys(answers_of(ScreeningResponse.objects.filter(companion=0).first())["answers"], "no")
    _, token = AuthToken.objects.create(User.objects.get(username="dana"))
    sent = {
        "appointment": str(public_id),
        "answers": said | {TEST: "yes", COUGH: "usual_for_me"},
        "tested_on": TESTED_ON.isoformat(),
        "severity": "in_hospital",
        "weak_immune_system": "not_sure",
    }
    headers = {"Authorization": f"Token {token}", "Idempotency-Key": "once"}
    made = Client().post("/api/v1/screening/answers/", json.dumps(sent), "application/json", headers=headers)
    assert made.status_code == 201, made.content
    dispatch.run(now=core_clock.now)


@pytest.fixture
def answered(answered_once, site):
    """What is written down of their answers, sealed."""
    return [row.answers for row in ScreeningResponse.objects.all()]


def test_thirty_days_later_no_table_holds_an_answer_in_clear_or_sealed_and_the_outcomes_stand(answered, clock):
    assert len(answered) == 4
    assert tables_with(answered) == {"booking_screeningresponse"}
    outcomes = list(ScreeningResponse.objects.order_by("pk").values_list("outcome", "earliest_day", "reviewed"))
    clock.shift(30 * DAY)
    booking_tasks.forget_screening_answers()
    core_tasks.prune()
    assert tables_with(answered) == set()
    assert tables_with(TELL) == set()
    assert not IdempotencyKey.objects.exists()
    assert list(ScreeningResponse.objects.order_by("pk").values_list("outcome", "earliest_day", "reviewed")) == outcomes
    assert [answers_of(row) for row in ScreeningResponse.objects.all()] == [None] * 4


def test_no_table_holds_an_answer_in_clear_while_it_is_kept_nor_does_a_mail_or_the_cache(answered_once, answered):
    assert tables_with(TELL) == set()
    told = "".join(answered_once)
    assert told
    assert not [one for one in TELL if one in told]
    assert not [key for key in getattr(cache, "_cache", {}) if "screening" in str(key)]


def test_without_the_task_the_sealed_answers_would_be_found(answered, clock, monkeypatch):
    monkeypatch.setattr(screening, "forget_answers", lambda **_: 0)
    clock.shift(31 * DAY)
    booking_tasks.forget_screening_answers()
    core_tasks.prune()
    assert tables_with(answered) == {"booking_screeningresponse"}


def test_answers_of_many_days_that_no_worker_was_there_to_forget_go_at_once(answered, clock, monkeypatch):
    monkeypatch.setattr(screening, "FORGOTTEN_AT_ONCE", 1)
    clock.shift(60 * DAY)
    booking_tasks.forget_screening_answers()
    assert not ScreeningResponse.objects.exclude(answers="").exists()


def test_a_shorter_time_of_the_policy_counts_and_a_day_before_it_nothing_is_lost(answered, clock):
    clock.shift(30 * DAY - 1)
    booking_tasks.forget_screening_answers()
    assert ScreeningResponse.objects.exclude(answers="").count() == 4
    assert {row.answers_until - row.answered_at for row in ScreeningResponse.objects.all()} == {timedelta(days=30)}
