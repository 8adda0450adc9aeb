"""What every answer tells browsers and robots, and that looking leaves no session behind."""

import os
import subprocess
import sys
from datetime import UTC, datetime

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.test import Client

from local.commands.check_all import production
from local.commands.django import PLACEHOLDERS
from local.services.data_folder import ROOT

pytestmark = pytest.mark.django_db
ANSWERS = [
    ("/", 200), ("/book/", 200), ("/m/nonsense/", 404), ("/nothing/", 404), ("/admin/login/", 200), ("/healthz", 200),
    ("/static/core/site_time.js", 200), ("/static/nothing.js", 404), ("/api/v1/sites/", 200), ("/api/v1/me/", 401),
    ("/api/v1/docs/", 200), ("/api/v1/nothing/", 404), ("/robots.txt", 200), ("/%00", 400), ("/book/hold/", 405),
]  # fmt: skip
SAFE = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
}


@pytest.fixture
def browser(settings):
    settings.WHITENOISE_USE_FINDERS = True  # static files have not been collected
    return Client(raise_request_exception=False)


def open_page(browser, address):
    answer = browser.get(address)
    answer.getvalue()  # a file is read to its end, which closes it
    return answer


@pytest.mark.parametrize(("address", "status"), ANSWERS)
def test_no_answer_lets_a_page_use_camera_microphone_or_place(browser, catalogue, address, status):
    answer = open_page(browser, address)
    assert answer.status_code == status
    for feature in ("camera", "microphone", "geolocation"):
        assert f"{feature}=()" in answer.headers["Permissions-Policy"]
    assert {name: answer.headers[name] for name in SAFE} == SAFE
    assert answer.headers["Referrer-Policy"] == ("no-referrer" if address.startswith("/m/") else "same-origin")


def test_a_body_that_is_too_large_is_answered_no_less_safely(browser):
    answer = browser.post("/book/", "x" * 1024 * 1100, content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 413
    assert "camera=()" in answer.headers["Permissions-Policy"]


@time_machine.travel(datetime(2026, 3, 2, 12, 30, tzinfo=UTC), tick=False)
def test_whoever_finds_a_weakness_reads_whom_to_tell(browser, settings):
    settings.SECURITY_CONTACT = "mailto:security@example.org"
    answer = browser.get("/.well-known/security.txt")
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    lines = dict(line.split(": ", 1) for line in answer.text.splitlines())
    assert lines["Contact"] == "mailto:security@example.org"
    assert lines["Expires"] == "2026-05-31T00:00:00Z"
    assert lines["Canonical"].endswith("/.well-known/security.txt")


def test_robots_are_kept_from_links_to_visits_and_from_staff_pages(browser):
    said = browser.get("/robots.txt").text.splitlines()
    assert said[0] == "User-agent: *"
    assert {"Disallow: /m/", "Disallow: /admin/", "Disallow: /desk/", "Disallow: /api/"} <= set(said)
    assert "Disallow: /" not in said
    for address in ("/admin/login/", "/desk/sign-in/"):
        assert browser.get(address).headers["X-Robots-Tag"] == "noindex, nofollow"


def test_whoever_only_looks_leaves_no_session_behind(browser, catalogue):
    for address, _status in [*ANSWERS, ("/book/acu_manual/times/?visit=first", 200), ("/book/check/", 302)]:
        answer = open_page(browser, address)
        assert "session" not in answer.cookies
        assert "sessionid" not in answer.cookies
    assert not Session.objects.exists()


def settings_with(**said):
    """Return what Django says of transport security under these settings."""
    code = "from config import settings as s; print(s.SECURE_HSTS_SECONDS, s.SECURE_HSTS_PRELOAD, s.SECURITY_CONTACT)"
    environment = {"PATH": os.environ["PATH"], **PLACEHOLDERS, **production(), **said}
    command = [sys.executable, "-c", code]
    ran = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    return ran.stdout.split()


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ({"MAIL_FROM": "Us <a@b.example>"}, ["31536000", "False", "mailto:a@b.example"]),
        (
            {"HSTS_PRELOAD": "true", "SECURITY_CONTACT": "https://b.example/x"},
            ["31536000", "True", "https://b.example/x"],
        ),
        ({"HSTS_SECONDS": "0", "SECURITY_CONTACT": "s@b.example"}, ["0", "False", "mailto:s@b.example"]),
    ],
    ids=["as shipped", "preloaded when asked", "taken back"],
)
def test_a_name_is_preloaded_only_when_asked(said, found):
    assert settings_with(**said) == found
