"""Everything that mail needs is killed every few seconds, and the mail server is bad: each reminder still goes out.

Once the last fault is over, every reminder that is still wanted leaves within two minutes. None leaves twice, none
after the patient was told that the visit is cancelled. One message for each killed worker, and one for each that the
mail server left without an answer, may be in doubt: those are for staff to call.
"""

import itertools
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import defaultdict

import psycopg
import pytest

from core import clock
from local.commands.test import folder
from local.services.data_folder import ROOT, free_port
from tests.factories.bad_post import BadPost, BadPostController
from tests.platform.running import Up, eventually

pytestmark = [pytest.mark.full, pytest.mark.timeout(500)]

REMINDERS, SECONDS = 150, 90
PARTS = ("worker", "postgres", "beat", "worker", "valkey")
PROMISED = 120.0
A_MOMENT = 2.0
"""Seconds between the mark, which a cancel that follows it cannot undo, and the bytes, on a machine that is busy."""


@pytest.fixture(scope="module")
def post():
    office = BadPost(seed=20)
    controller = BadPostController(office, hostname="127.0.0.1", port=free_port())
    controller.start()
    office.url = f"smtp://127.0.0.1:{controller.port}"
    yield office
    controller.stop()


@pytest.fixture(scope="module")
def up(post):
    with folder() as place, Up(place / "data", free_port(), "--no-demo", mail=post.url) as running:
        yield running
        running.end()


def urls(up):
    lines = up.run("env").stdout.splitlines()
    pairs = (line.removeprefix("export ").split("=", 1) for line in lines)
    return {name: value.strip("'") for name, value in pairs}


def patients(up, found):
    """Start the patients; return the process once their visits are written."""
    environment = up.environment | {
        "DATABASE_URL": found["DATABASE_OWNER_URL"],
        "REDIS_URL": found["REDIS_URL"],
        "SECRET_KEY": "tests-only-" * 5,  # pragma: allowlist secret
        "DJANGO_SETTINGS_MODULE": "tests.settings",
    }
    command = [sys.executable, "-m", "tests.platform.patients", str(REMINDERS), str(SECONDS)]
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "written\n"
    return process


def kill_in_turn(up, until):
    """Kill one part after the other; return how often each was killed."""
    chance, kills, parts = random.Random(20), defaultdict(int), itertools.cycle(PARTS)
    while time.monotonic() < until:
        part = next(parts)
        time.sleep(chance.uniform(2, 5))
        pid = up.children().get(part, 0)
        if pid:
            os.kill(pid, signal.SIGKILL)
            kills[part] += 1
    return kills


def rows(found, statement):
    with psycopg.connect(found["DATABASE_OWNER_URL"]) as line:
        return line.execute(statement).fetchall()


def reminders(found):
    """Return status and settling of each reminder, by the visit's public id."""
    asked = """
        SELECT a.public_id::text, m.status, extract(epoch FROM m.settled_at)::float8
        FROM notifications_message m JOIN booking_appointment a ON a.id = m.appointment_id
        WHERE m.kind = 'reminder' AND m.offset_minutes = 1440
    """
    return {visit: tuple(rest) for visit, *rest in rows(found, asked)}


def test_every_reminder_leaves_once_within_two_minutes_of_the_last_fault(up, post, capsys):
    found = urls(up)
    process = patients(up, found)
    kills = kill_in_turn(up, time.monotonic() + SECONDS)
    said = json.loads(process.communicate(timeout=60)[0])
    post.well, last_fault = True, clock.now().timestamp()
    open_ones = lambda: [s for s, *_ in reminders(found).values() if s in {"due", "claimed", "sending"}]  # noqa: E731
    ended = eventually(lambda: not open_ones(), PROMISED + 30)
    told = reminders(found)
    wanted = {visit: told[visit] for visit in said["due"] if visit not in said["called_off"]}
    late = {
        v: row for v, row in wanted.items() if row[0] == "sent" and row[1] > max(last_fault, said["due"][v]) + PROMISED
    }
    unknown = rows(found, "SELECT appointment_id FROM notifications_message WHERE status = 'unknown'")
    lost = [row for row in wanted.values() if row[0] not in {"sent", "unknown"}]
    slowest = max((row[1] - last_fault for row in wanted.values() if row[0] == "sent"), default=0.0)
    with capsys.disabled():
        sys.stdout.write(
            f"\n{len(wanted)} reminders wanted, {len(said['called_off'])} called off; kills {dict(kills)}; the server"
            f" refused {post.refused}, gave no answer {post.unanswered}; in doubt {len(unknown)};"
            f" the last left {slowest:.0f} s after the last fault\n"
        )
    assert ended, open_ones()
    assert not lost
    assert not late
    assert len(unknown) <= kills["worker"] + post.unanswered
    calls = rows(found, "SELECT appointment_id FROM booking_calltask WHERE reason = 'not-reached'")
    assert set(unknown) <= set(calls)
    assert_nothing_twice_and_nothing_after_a_cancel(post, said["called_off"])


def assert_nothing_twice_and_nothing_after_a_cancel(post, called_off):
    ids = [mail.message_id for mail in post.taken]
    assert len(ids) == len(set(ids))
    by_patient = defaultdict(list)
    for mail in post.taken:
        by_patient[mail.to].append(mail.subject)
        visit = mail.message_id.split(".", 1)[1].partition("@")[0]
        if mail.subject == "Reminder" and visit in called_off:
            assert mail.began <= called_off[visit] + A_MOMENT
    for subjects in by_patient.values():
        assert "Reminder" not in subjects[subjects.index("Cancelled") :] if "Cancelled" in subjects else True
