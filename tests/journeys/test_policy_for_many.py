"""A policy is published over 300 visits while the worker is killed, the queue emptied, the mail server away.

Everybody was told of their booking with the link, and said by it that they are well. Whom the policy concerns hears of
it once, by the mails that really arrived; nobody else does, nobody at night, nobody without cover or after the start.
"""

import json
import os
import random
import re
import signal
import subprocess
import sys
import time
from collections import Counter, defaultdict
from contextlib import contextmanager, suppress
from datetime import datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlencode
from urllib.request import urlopen

import pytest
import redis

from core import clock
from local.commands.test import folder
from local.services.data_folder import ROOT, free_port
from tests.factories.post import Post, PostController
from tests.platform.respondents import AT_NIGHT, BY_DAY, SOON
from tests.platform.running import Up, eventually

pytestmark = [pytest.mark.journey, pytest.mark.full, pytest.mark.timeout(900)]

ALL = BY_DAY + AT_NIGHT + SOON
UNCOVERED, CALLED_OFF, QUIET_ONES, WELL_AGAIN = 10, 20, 15, 10
CHAOS = 150.0
"""Seconds: longer than from the publication to the next time that the worker looks who is asked anew."""

LINK = re.compile(r"https?://\S+/screening/(?=\s)")


class Letters:
    """A mail server on one port, with every mail that it has taken; it can be away for a while."""

    def __init__(self):
        self.post, self.port = Post(), free_port()
        self.controller = self.start()

    def start(self):
        controller = PostController(self.post, hostname="127.0.0.1", port=self.port)
        controller.start()
        self.post.listening = controller
        return controller

    def away(self, seconds):
        self.controller.stop()
        time.sleep(seconds)
        self.controller = self.start()

    def by_address(self, subject):
        found = defaultdict(list)
        for mail in list(self.post.mails):
            if mail["Subject"].startswith(subject):
                found[mail["X-To"]].append(mail)
        return found


class Respondents:
    """The process that writes people's visits, and does what it is told."""

    def __init__(self, up):
        lines = (line.removeprefix("export ").split("=", 1) for line in up.run("env").stdout.splitlines())
        self.urls = {name: value.strip("'") for name, value in lines}
        environment = up.environment | {
            "DATABASE_URL": self.urls["DATABASE_OWNER_URL"],
            "REDIS_URL": self.urls["REDIS_URL"],
            "SECRET_KEY": "tests-only-" * 5,  # pragma: allowlist secret
            "DJANGO_SETTINGS_MODULE": "tests.settings",
        }
        command = [sys.executable, "-m", "tests.platform.respondents"]
        self.process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.addresses = self.heard()

    def heard(self):
        return json.loads(self.process.stdout.readline())

    def asked(self, act, *facts):
        self.process.stdin.write(" ".join(map(str, (act, *facts))) + "\n")
        self.process.stdin.flush()
        return self.heard()


@contextmanager
def clinic():
    letters = Letters()
    with folder() as place, Up(place / "data", free_port(), "--no-demo", mail=f"smtp://127.0.0.1:{letters.port}") as up:
        people = Respondents(up)
        try:
            yield up, letters, people
        finally:
            people.process.kill()
            people.process.communicate()
            up.end()
            letters.controller.stop()


def link_of(mail, up):
    """Return where a mail's questions are, at the running service."""
    text = mail.get_body(("plain",)).get_content()
    found = LINK.findall(text)[0]
    return f"http://127.0.0.1:{up.port}" + found[found.index("/m/") :]


def says_well(link):
    """Say behind a link that nothing applies; return the page that follows."""
    return sent(link, none="1")


def sent(address, **facts):
    """Send a form; return the page that follows."""
    with urlopen(address, data=urlencode(facts).encode(), timeout=20) as page:
        return page.read().decode()


def publish(up, people):
    """Draft, approve and publish a policy as an operator does; return its version and what was said before."""
    content = up.run("policies", "export", "screening", "--audience", "patient").stdout
    asked_less = re.sub(r"(?m)^- (vomiting_or_diarrhoea|household_positive_10d)\n", "", content)
    file = up.data.parent / "policy.yaml"
    file.write_text(asked_less)
    made = up.run("policies", "import", "screening", str(file), "--audience", "patient")
    (version,) = re.findall(r"Draft screening v(\d+) is made", made.stdout)
    refused = up.run("policies", "publish", "screening", version, "--yes")
    assert refused.returncode != 0
    assert people.asked("approve", int(version)) == 2
    said = up.run("policies", "publish", "screening", version).stdout
    done = up.run("policies", "publish", "screening", version, "--yes")
    assert "is published" in done.stdout, done.stderr
    return int(version), said


def kill_and_empty(up, people, letters, *, seconds):
    """Kill the worker again and again, empty the queue, let the mail server be away once; return the kills."""
    chance, kills, until = random.Random(12), Counter(), time.monotonic() + seconds
    parts, was_away = ("worker", "worker", "worker", "beat"), False
    while time.monotonic() < until:
        time.sleep(chance.uniform(6, 12))
        part = parts[sum(kills.values()) % len(parts)]
        with suppress(ProcessLookupError):  # it is being started again
            os.kill(up.children()[part], signal.SIGKILL)
            kills[part] += 1
        with redis.Redis.from_url(people.urls["REDIS_URL"]) as line:
            line.flushall()
        if not was_away and letters.by_address("Before"):
            letters.away(12)
            was_away = True
    return kills


def test_each_whom_a_new_policy_concerns_is_told_once_and_can_answer_by_that_mail(capsys):
    with clinic() as (up, letters, people):
        day, night, soon = (people.addresses[how] for how in ("by day", "at night", "soon"))
        confirmed = lambda: letters.by_address("Your appointment")  # noqa: E731
        assert eventually(lambda: len(confirmed()) == ALL), len(confirmed())
        links = {address: link_of(mail, up) for address, (mail,) in confirmed().items()}
        quiet_ones, called_off, again = day[-QUIET_ONES:], day[-35:-QUIET_ONES], day[-45:-35]
        assert len(called_off) == CALLED_OFF
        for address in soon + day + night:
            if address not in quiet_ones:
                assert "You can come" in says_well(links[address])
        uncovered = people.asked("uncover", UNCOVERED)

        version, said = publish(up, people)
        answered = ALL - QUIET_ONES
        assert f"{answered} have answered already and are asked anew" in said, said
        published_at = clock.now()
        for address in again:
            says_well(links[address])
        for address in called_off:
            assert "is cancelled" in sent(f"{links[address].removesuffix('screening/')}cancel/", reason="patient")
        told_by_then = letters.by_address("Before")
        kills = kill_and_empty(up, people, letters, seconds=CHAOS)

        concerned = set(day) - set(quiet_ones) - set(called_off) - set(uncovered) - set(again)
        told = lambda: letters.by_address("Before")  # noqa: E731
        doubtful = lambda: {who for who, how in people.asked("ended").items() if any("unknown" in one for one in how)}  # noqa: E731
        assert eventually(lambda: set(told()) | doubtful() >= concerned, 180), concerned - set(told())
        unknown = doubtful()
        time.sleep(5)

        counted = {address: len(mails) for address, mails in told().items()}
        last = max(parsedate_to_datetime(mail["Date"]) for mails in told().values() for mail in mails)
        with capsys.disabled():
            sys.stdout.write(
                f"\n{len(concerned)} of {ALL} are asked anew; {len(counted)} told, {sum(counted.values())} mails; in "
                f"doubt {len(unknown)}; kills {dict(kills)}; the last after {last - published_at}\n"
            )
        assert set(counted.values()) == {1}
        assert concerned - set(counted) <= unknown
        assert len(unknown) <= kills["worker"]
        assert set(counted) - concerned <= set(again) | set(soon) | set(told_by_then)
        assert not set(counted) & (set(quiet_ones) | set(uncovered) | set(night))
        begins = datetime.fromisoformat(people.addresses["soon is"][0])
        assert all(parsedate_to_datetime(mail["Date"]) < begins for address in soon for mail in told()[address])

        somebody = min(concerned & set(counted))
        (mail,) = told()[somebody]
        assert "You can come" in says_well(link_of(mail, up))
        assert people.asked("answers")[somebody][-1] == version
