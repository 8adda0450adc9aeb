"""Whatever is killed or hangs on a machine that runs is back in seconds, and mail goes out afterwards."""

import itertools
import os
import random
import signal
import statistics
import subprocess
import sys
import time
from collections import defaultdict

import pytest

from local.commands.test import folder
from local.processes.heartbeat import PATIENCE
from local.services.data_folder import ROOT, free_port
from tests.platform.running import Up, eventually

pytestmark = [pytest.mark.full, pytest.mark.timeout(400)]

SECONDS_OF_KILLS = 75
AT_MOST = 60
PARTS = ("postgres", "valkey", "web", "worker", "beat")
READ = "/api/v1/sites/"
LOADS_ALL = "import django; django.setup(); import config.wsgi, config.urls"
SETTINGS = {"DJANGO_SETTINGS_MODULE": "tests.settings"}


@pytest.fixture(scope="module")
def up():
    with folder() as place, Up(place / "data", free_port()) as running:
        yield running
        running.end()


def answers(up: Up) -> bool:
    return up.page("/healthz") == 200 and up.page(READ) in (200, 401)


def swept(up: Up) -> int:
    """Return how many sweeps the worker has finished."""
    return (up.data / "logs" / "worker.log").read_text().count("Task notifications.tasks.sweep")


ONE_IS_DUE = """
from django.db.models.functions import Now
from notifications.models import Message
one = Message.objects.filter(status="due").order_by("-due_at").first()
at_any_hour = {"kind": "confirmation", "offset_minutes": 0, "resend": 1, "facts": {"firm": True}}
Message.objects.filter(pk=one.pk).update(due_at=Now(), **at_any_hour)
print(one.pk)
"""
WAIT_FOR_IT = """
import time
from notifications.models import Message
until = time.monotonic() + 90
while (status := Message.objects.get(pk={}).status) in ("due", "claimed", "sending") and time.monotonic() < until:
    time.sleep(0.5)
print(status)
"""


def shell(up: Up, code: str) -> str:
    done = up.run("shell", "--no-imports", "-c", code)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()[-1]


def test_a_mail_that_became_due_while_the_worker_hung_goes_out(up):
    assert eventually(lambda: answers(up) and "worker" in up.children())
    os.kill(up.children()["worker"], signal.SIGSTOP)
    due = shell(up, ONE_IS_DUE)
    assert shell(up, WAIT_FOR_IT.format(due)) == "sent"


def bare_start() -> float:
    """Return the seconds that a new process takes to load what a web server loads."""
    began = time.monotonic()
    subprocess.run([sys.executable, "-c", LOADS_ALL], cwd=ROOT, env=os.environ | SETTINGS, check=True)
    return time.monotonic() - began


def test_recovery_under_dense_kills_takes_five_seconds_at_most(up, capsys):
    assert eventually(lambda: answers(up))
    chance, outages, until = random.Random(24), defaultdict(list), time.monotonic() + SECONDS_OF_KILLS
    for part in itertools.islice(itertools.cycle(PARTS), AT_MOST):
        if time.monotonic() > until:
            break
        pid = up.children().get(part, 0)
        if pid:
            os.kill(pid, signal.SIGKILL)
        began = time.monotonic()
        time.sleep(0.1)
        assert eventually(lambda: answers(up), 120), up.said()
        outages[part].append(time.monotonic() - began)
        time.sleep(max(0.0, began + chance.uniform(1, 3) - time.monotonic()))
    every = sorted(itertools.chain(*outages.values()))
    p95, bare = statistics.quantiles(every, n=20)[-1], statistics.median(bare_start() for _ in range(3))
    told = f"{len(every)} kills: median {statistics.median(every):.2f} s, p95 {p95:.2f} s, longest {every[-1]:.2f} s; "
    told += f"ratio of p95 to a bare load of the web server's code ({bare:.2f} s): {p95 / bare:.1f}; "
    told += ", ".join(f"{part} {max(seconds):.2f} s" for part, seconds in outages.items())
    with capsys.disabled():
        sys.stdout.write(f"\n{told}\n")
    before = swept(up)
    assert eventually(lambda: swept(up) > before, 60), "nobody sweeps any more"
    assert p95 <= max(5, 3 * bare)
    if 3 * bare > 5:
        pytest.skip(f"a bare load of the code takes {bare:.1f} s here: 3 of them were asked for, not 5 s")


@pytest.mark.parametrize("part", ["worker", "beat", "web", "valkey", "postgres"])
def test_one_that_hangs_is_replaced(up, part):
    assert eventually(lambda: answers(up) and part in up.children())
    time.sleep(3)
    hung = up.children()[part]
    (os.killpg if part == "web" else os.kill)(hung, signal.SIGSTOP)  # a stopped parent alone keeps nobody waiting
    assert eventually(lambda: up.children().get(part, hung) != hung, PATIENCE + 20), up.said()
    assert eventually(lambda: answers(up), 60)
    before = swept(up)
    assert eventually(lambda: swept(up) > before, 60), "nobody sweeps any more"
