"""Reports of a clinic with a million appointments of three years, beside the bare driver that counts the same ones.

They are written in bulk, quickly: a picture of the data, not a claim about the product.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import yaml
from django.conf import settings
from django.db import connection
from django.test import Client
from psycopg.types.range import TimestamptzRange

from booking.models import Appointment
from booking.reports.periods import last_weeks
from booking.screening.policies import KEY, ScreeningAudience
from core import clock
from core.models import RoleAssignment, Site, User
from core.policies.actions import policies
from core.principal import Principal
from core.roles import Role
from demo.screening import FILE, timeline
from proof.benchmarks.database import address
from proof.benchmarks.rounds import Result, Timing, ratio, take_turns
from scheduler.models import Practitioner, WeekSheet

EACH = 5000
"""Appointments for each practitioner: a million where there are 200."""

YEARS = 3
LONGEST = 52
"""Weeks of the longest report that somebody can ask for, and of what lies beside the appointments."""

A_SECOND = 1000
PERSON_EVERY = 10
PEOPLE = """
INSERT INTO booking_patient (public_id, reference, site_id, name, folded_name, search_words, birth_date, language,
                             guest, created_at)
SELECT gen_random_uuid(), 'RP' || n, %(site)s, 'Reported ' || n, 'reported ' || n, '{}',
       date '1935-01-01' + (n * 7919 %% 27000)::int, (ARRAY['en', 'en', 'en', 'en', 'es', 'pl', 'ar'])[1 + n %% 7],
       false, %(since)s
FROM generate_series(1, %(people)s) n
"""
# Each person comes every few weeks, at an hour of their own: nobody is in two places at once.
VISITS = """
INSERT INTO booking_appointment (
  public_id, reference, patient_id, practitioner_id, therapy_id, visit, technique, site_id, period, status, version,
  readdressed, slot, allocation, cancel_reason, cancelled_at, late_cancel, started_at, override_reason,
  set_aside_reason, note, created_at, updated_at)
SELECT gen_random_uuid(), 'RP' || n, %(person)s + n %% %(people)s, treats.ids[1 + n %% cardinality(treats.ids)],
       gives.ids[1 + n / 7 %% cardinality(gives.ids)], CASE WHEN n %% 5 = 0 THEN 'first' ELSE 'followup' END, '',
       %(site)s, tstzrange(starts, starts + interval '1 hour'), stands, 0, 0, '', gen_random_uuid(),
       CASE stands WHEN 'cancelled' THEN 'patient' ELSE '' END, CASE stands WHEN 'cancelled' THEN starts - lead / 3 END,
       stands = 'cancelled' AND n %% 3 = 0,
       CASE WHEN stands = 'fulfilled' AND n %% 2 = 0 THEN starts + n %% 16 * interval '1 minute' END, '', '', '',
       starts - lead, starts
FROM generate_series(1, %(visits)s) n,
  (SELECT array_agg(id ORDER BY id) AS ids FROM scheduler_practitioner) treats,
  (SELECT array_agg(id ORDER BY id) AS ids FROM scheduler_therapy) gives,
  LATERAL (SELECT %(since)s::timestamptz + n::bigint * %(days)s / %(visits)s * interval '1 day'
                  + (14 + n %% 9) * interval '1 hour' AS starts,
                  (1 + n::bigint * 7919 %% 60) * interval '1 day' AS lead,
                  CASE WHEN n %% 100 < 78 THEN 'fulfilled' WHEN n %% 100 < 84 THEN 'noshow' ELSE 'cancelled' END
                    AS stands) visit
"""
ANSWERS = """
INSERT INTO booking_screeningresponse (
  public_id, appointment_id, companion, visit_version, policy_version, answered_at, answered_by, outcome, masked,
  reviewed, decision, decided_by, rechecked_by, taken_back_by, asked_by, news, answers_until, answers)
SELECT gen_random_uuid(), id, 0, 0, 1, lower(period) - (id %% 72) * interval '1 hour', 'link:1', 'pass', false, false,
       '', '', '', '', '', '', upper(period), ''
FROM booking_appointment
WHERE site_id = %(site)s AND lower(period) > %(until)s::timestamptz - interval '53 weeks' AND id %% 4 > 0
"""
REMINDERS = """
INSERT INTO notifications_message (
  appointment_id, version, recipient_id, channel, kind, offset_minutes, policy_version, resend, due_at, status, reason,
  facts, address, attempts, begun, created_at)
SELECT id, 0, patient_id, 'mail', 'reminder', 1440, 1, 0, lower(period) - interval '1 day',
       CASE WHEN id %% 50 = 0 THEN 'failed' ELSE 'sent' END, '', '{}', '', 1, 1, lower(period) - interval '1 day'
FROM booking_appointment WHERE site_id = %(site)s AND lower(period) > %(until)s::timestamptz - interval '53 weeks'
"""
PAST_SHEETS = """
INSERT INTO scheduler_weeksheet ({columns}, week)
SELECT {columns}, (week - n * interval '1 week')::date FROM scheduler_weeksheet, generate_series(1, %(weeks)s) n
WHERE week = %(monday)s ON CONFLICT DO NOTHING
"""
# What the driver alone takes to count as many appointments by how they stand.
BARE = """
SELECT status, count(*) FROM booking_appointment
WHERE site_id = %(site)s AND lower(period) >= %(start)s AND lower(period) < %(end)s GROUP BY status
"""
SHOWN = {
    "who comes, week by week, last 4 weeks": {"about": "visits", "by": "week", "weeks": "4"},
    "who comes, week by week, a quarter": {"about": "visits", "by": "week", "weeks": "13"},
    "who comes, week by week, a year": {"about": "visits", "by": "week", "year": "1"},
    "who comes, by practitioner, a year": {"about": "visits", "by": "practitioner", "year": "1"},
    "who comes, by language, a quarter": {"about": "visits", "by": "language", "quarter": "0"},
    "how time is used, week by week, a year": {"about": "time", "by": "week", "year": "1"},
    "questions and reminders, week by week, a year": {"about": "checks", "by": "week", "year": "1"},
    "third next available": {"about": "next"},
}


def run(*, rounds: int) -> list[Result]:
    """Measure whole pages of reports, and the bare driver over the same appointments."""
    at, site = clock.now(), Site.objects.get(key="bench")
    count, browser = fill(site, at=at), _dana(site, at=at)
    year = last_weeks(LONGEST, today=at.astimezone(site.tz).date())
    typed = {"from": f"{year.first_on:%m/%d/%Y}", "until": f"{year.last_on:%m/%d/%Y}"}
    start, end = year.span(site.tz)
    line = psycopg.connect(**address(), autocommit=True)
    with line:
        rivals: dict[str, Callable[[], object]] = {what: _page(browser, asked, typed) for what, asked in SHOWN.items()}
        rivals["bare"] = lambda: line.execute(BARE, {"site": site.pk, "start": start, "end": end}).fetchall()
        return list(report(take_turns(rivals, rounds=rounds, each=1), count))


def report(found: dict[str, Timing], count: int) -> Iterator[Result]:
    """Yield how long each page takes, as a share of a second, and how many times what the bare driver takes."""
    bare = found["bare"].p50
    yield Result(f"bare driver, a year's of {count:,} appointments counted by how they stand", f"{bare:.0f} ms")
    for what in SHOWN:
        took = found[what].p50
        told = f"{took:.0f} ms, {took / bare:.1f} × bare"
        yield ratio(f"{what}: the whole page ÷ a second", took / A_SECOND, most=1, told=told)


def fill(site: Site, *, at: datetime) -> int:
    """Write the appointments with what lies beside those of a year, unless they are there; return how many."""
    visits = Practitioner.objects.count() * EACH
    if (known := Appointment.objects.filter(site=site, reference__startswith="RP").count()) >= visits:
        return known
    ask_health_questions(at=at)
    days, people = 365 * YEARS, max(1, visits // PERSON_EVERY)
    until = at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    monday = (until - timedelta(days=until.weekday())).date()
    given: dict[str, Any] = {
        "site": site.pk,
        "people": people,
        "visits": visits,
        "days": days,
        "until": until,
        "monday": monday,
    }
    given |= {"since": until - timedelta(days=days), "weeks": LONGEST + 1}
    sheet = [one for one in WeekSheet._meta.concrete_fields if not (one.generated or one.name in {"id", "week"})]
    with connection.cursor() as cursor:
        cursor.execute(PEOPLE, given)
        cursor.execute("SELECT min(id) FROM booking_patient WHERE reference LIKE 'RP%'")
        given["person"] = cursor.fetchone()[0]
        for statement in (VISITS, ANSWERS, REMINDERS):
            cursor.execute(statement, given)
        cursor.execute(PAST_SHEETS.format(columns=", ".join(str(one.column) for one in sheet)), given)
        cursor.execute("VACUUM ANALYZE")
    return visits


def ask_health_questions(*, at: datetime) -> None:
    """Let the clinic ask patients how they are, as the demo does by now, and have done so for all of these years."""
    newest = [row for row in timeline(yaml.safe_load(FILE.read_text(encoding="utf-8"))) if row.ends is None]
    since = TimestamptzRange(at - timedelta(days=365 * (YEARS + 1)), None)
    for row in newest:
        if row.audience == ScreeningAudience.PATIENT:
            policies.adopt(
                KEY, row.content, effective=since, by=Principal.system("bench"), at=at, audience=row.audience
            )


def _page(browser: Client, asked: dict[str, str], typed: dict[str, str]) -> Callable[[], object]:
    """Return a call of the whole page, through everything but the socket."""
    query = {name: value for name, value in asked.items() if name != "year"} | (typed if "year" in asked else {})

    def ask() -> None:
        answer = browser.get("/desk/reports/", {"site": "bench", **query})
        if answer.status_code != 200:  # noqa: PLR2004  (HTTP)
            raise RuntimeError(str(answer.status_code))

    return ask


def _dana(site: Site, *, at: datetime) -> Client:
    """Return the browser of somebody who reads reports."""
    settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "testserver"]
    user, _new = User.objects.get_or_create(username="bench-reports")
    RoleAssignment.objects.get_or_create(user=user, role=Role.SCHEDULER, site=site, defaults={"starts_at": at})
    browser = Client()
    browser.force_login(user)
    return browser
