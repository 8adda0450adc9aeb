"""Where others come in or mail goes out: no demo, and no key that somebody could guess."""

import json
import os
import random
import string
import subprocess
import sys

import pytest

from local import secret_key
from local.commands import up
from local.commands.django import PLACEHOLDERS, fill_environment
from local.services import demo_flag, machine
from local.services.data_folder import ROOT, DataFolder, free_port
from local.setup_error import SetupError

PORT = 47_813
REAL = [
    {"EMAIL_URL": "smtp://mail.example.org:25"},
    {"PUBLIC_URL": "https://appointments.example.org"},
    {"PUBLIC_URL": "http://192.168.1.20:8000"},
    {"PUBLIC_URL": "http://localhost.example.org"},
    {"PUBLIC_URL": "http://[broken"},
    {"ALLOWED_HOSTS": "localhost,appointments.example.org"},
    {"ALLOWED_HOSTS": "*"},
    {"ALLOWED_HOSTS": "0.0.0.0"},
    {"WEB_BIND": f"0.0.0.0:{PORT}"},
    {"WEB_BIND": f":{PORT}"},
    {"WEB_BIND": f"[::]:{PORT}"},
    {"WEB_BIND": f"192.168.1.20:{PORT}"},
]
HERE = [
    {},
    {"PUBLIC_URL": "http://localhost:8000", "ALLOWED_HOSTS": "127.0.0.1,localhost,[::1]", "EMAIL_URL": ""},
    {"PUBLIC_URL": "http://127.0.0.1:9000/"},
    {"PUBLIC_URL": "http://[::1]:8000", "ALLOWED_HOSTS": ".localhost"},
    {"WEB_BIND": f"127.0.0.1:{PORT}"},
    {"WEB_BIND": f"[::1]:{PORT}"},
]
GUESSABLE = [
    "", "changeme", "x" * 60, "changeme-" * 8, "abc123" * 10, "0123456789" * 6, "a" * 49 + "Zq8",
    "django-insecure-" + secret_key.MAKE_ONE,
    "test-secret-key-do-not-use-in-production-please-change-it", "This_Is_The_Secret_Key_Of_Lakeside_Appointments_26!",
    "correct horse battery staple tomato window purple fence", "Lorem ipsum dolor sit amet, consectetur adipiscing el",
    string.ascii_lowercase + string.ascii_uppercase, "QWERTYUIOP asdfghjkl ZXCVBNM 1234567890 qwertzuiop 09876",
]  # fmt: skip


@pytest.fixture
def data(tmp_path, monkeypatch):
    for name in ("MERIDIAN_DEMO", "EMAIL_URL", "PUBLIC_URL", "ALLOWED_HOSTS", "WEB_BIND"):
        monkeypatch.delenv(name, raising=False)
    return DataFolder(tmp_path)


@pytest.mark.parametrize("said", REAL, ids=str)
@pytest.mark.parametrize("before", [None, True])
def test_what_reaches_beyond_this_machine_starts_no_demo_and_says_what_to_do(data, monkeypatch, said, before):
    if before:
        demo_flag.store(data, demo=True)
    for name, value in said.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SetupError, match=f"^{next(iter(said))} tells of a real clinic.* --no-demo"):
        up.check(["--data", str(data.path), "--port", str(free_port())])
    assert data.recall(demo_flag.KEPT) == ({"demo": True} if before else {})


@pytest.mark.parametrize("said", HERE, ids=str)
def test_what_stays_on_this_machine_is_a_demo(data, monkeypatch, said):
    for name, value in said.items():
        monkeypatch.setenv(name, value)
    assert demo_flag.is_demo(data, no_demo=False)


@pytest.mark.parametrize("key", GUESSABLE)
def test_a_key_that_could_be_guessed_is_told_from_one_made_by_chance(key):
    assert secret_key.weakness(key)
    assert not secret_key.weakness(PLACEHOLDERS["SECRET_KEY"])


def test_keys_made_by_chance_in_any_usual_way_are_taken():
    chance = random.Random(7)
    letters, hexadecimal = string.ascii_letters + string.digits + "-_", "0123456789abcdef"
    for signs in (letters, hexadecimal, "abcdefghijklmnopqrstuvwxyz0123456789!@#$%^&*(-_=+)"):
        assert not any(secret_key.weakness("".join(chance.choices(signs, k=50))) for _ in range(300))


def test_the_key_that_up_makes_is_strong(data):
    assert not secret_key.weakness(data.secret("signing"))


def test_the_key_of_an_older_folder_counts_on_beside_the_new_one(data, monkeypatch):
    for name in ("SECRET_KEY", "SECRET_KEY_FALLBACKS"):
        monkeypatch.delenv(name, raising=False)
    data.keep("secrets.json", {"django": "of then"})
    assert machine.signing(data) == {"SECRET_KEY": data.secret("signing"), "SECRET_KEY_FALLBACKS": "of then"}
    monkeypatch.setenv("SECRET_KEY_FALLBACKS", "a,b")
    assert machine.signing(data)["SECRET_KEY_FALLBACKS"] == "a,b,of then"  # pragma: allowlist secret
    monkeypatch.setenv("SECRET_KEY", "given")
    assert machine.signing(data) == {"SECRET_KEY": "given", "SECRET_KEY_FALLBACKS": "a,b"}  # pragma: allowlist secret


READS_SETTINGS = """
import json, os, sys
import config.settings  # so that each process begins with what others wrote already read
for line in iter(sys.stdin.readline, ""):
    if not os.fork():
        break
    print(os.waitstatus_to_exitcode(os.wait()[1]), flush=True)
else:
    sys.exit()
told, environment = json.loads(line)
os.dup2(os.open(told, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), 2)
os.environ.clear()
os.environ.update(environment)
for name in [name for name in sys.modules if name.partition(".")[0] in {"config", "core", "local"}]:
    del sys.modules[name]
import config.settings
"""


@pytest.fixture(scope="module")
def started_with(tmp_path_factory):
    """Return what any process of the service says that reads these settings: one for each call, from one beginning."""
    told = tmp_path_factory.mktemp("settings") / "told"
    environment = {"PATH": os.environ["PATH"], **PLACEHOLDERS}
    command, pipe = [sys.executable, "-c", READS_SETTINGS], subprocess.PIPE
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdin=pipe, stdout=pipe, text=True) as reader:

        def started(**said):
            reader.stdin.write(json.dumps([str(told), environment | said]) + "\n")
            reader.stdin.flush()
            return int(reader.stdout.readline()), told.read_text().strip()

        yield started


def signing(key):
    return {"SECRET_KEY": key}


CLINIC = {
    "MERIDIAN_DEMO": "false", "EMAIL_URL": "smtp://mail.example.org:25", "CLINIC_NAME": "Harbor Clinic",
    "CLINIC_PHONE": "(312) 555-0199", "MAIL_FROM": "desk@harbor.example",
}  # fmt: skip


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"EMAIL_URL": "smtp://mail.example.org:25"}, "EMAIL_URL tells of a real clinic: set MERIDIAN_DEMO=false"),
        ({"PUBLIC_URL": "https://appointments.example.org"}, "PUBLIC_URL tells of a real clinic"),
        ({"WEB_BIND": "0.0.0.0:8000"}, "WEB_BIND tells of a real clinic"),
        (CLINIC | signing("changeme"), "SECRET_KEY is too short"),
        (CLINIC | {"PUBLIC_URL": "https://a.example.org", "TRUSTED_PROXIES": "0"}, "https needs one at least"),
        (CLINIC | signing("changeme") | {"DEBUG": "true"}, "SECRET_KEY is too short"),
        (CLINIC | {"DEBUG": "true"}, "DEBUG shows what patients typed to whoever meets a fault"),
        (signing("x" * 60), "SECRET_KEY repeats itself"),
        (CLINIC | {"MAIL_FROM": "desk@straße.example"}, "other letters as xn--…). Please mend MAIL_FROM."),
        (CLINIC | {"MAIL_FROM": "Harbor Clinic"}, "A sender is a mail address"),
        (CLINIC | {"CLINIC_NAME": "Harbor\nClinic"}, "A name is one line"),
        (CLINIC | {"MERIDIAN_DEMO": "perhaps"}, "MERIDIAN_DEMO must be true or false."),
        (CLINIC | {"TRUSTED_PROXIES": "one"}, "TRUSTED_PROXIES must be a whole number from 0 on."),
        (CLINIC | {"HSTS_SECONDS": "-1", "PUBLIC_URL": "https://a.example.org"}, "HSTS_SECONDS must be a whole number"),
        (CLINIC | {"EMAIL_URL": "http://mail.example.org"}, "EMAIL_URL is no address of such a server"),
        (CLINIC | {"EMAIL_URL": "smtp://mail.example.org:post"}, "EMAIL_URL is no address of such a server"),
        (CLINIC | {"REDIS_URL": "nonsense"}, "REDIS_URL is no address of such a server: write it like redis://"),
        (CLINIC | {"CLINIC_PHONE": "ask us"}, "A telephone number has 7 to 15 digits"),
        (CLINIC | {"CLINIC_NAME": "", "MAIL_FROM": ""}, "Set CLINIC_NAME, MAIL_FROM: pages and mails of a clinic"),
    ],
    ids=str,
)
def test_no_process_starts_with_settings_that_let_strangers_in(started_with, said, sentence):
    code, told = started_with(**said)
    assert code == 2
    assert sentence in told
    assert "\n" not in told


@pytest.mark.parametrize("said", ["abc", "0", "-2", "1.5", "²", "9" * 5000])
def test_a_number_of_web_processes_that_cannot_be_is_refused_in_one_sentence(said):
    ran = subprocess.run(
        [sys.executable, "-m", "config.serve"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "WEB_CONCURRENCY": said},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (ran.returncode, ran.stderr) == (2, "WEB_CONCURRENCY must be a whole number from 1 on.\n")


@pytest.mark.full
@pytest.mark.parametrize(
    "process",
    [
        "manage.py help",
        "-m django check",
        "-m celery -A config worker",
        "-m config.serve",
    ],
)
def test_whatever_is_started_with_a_weak_key_says_one_sentence(process):
    ran = subprocess.run(
        [sys.executable, *process.split()],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "MERIDIAN_VENV": sys.prefix, "DJANGO_SETTINGS_MODULE": "config.settings"}
        | PLACEHOLDERS
        | CLINIC
        | signing("changeme"),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert ran.returncode == 2, ran.stderr
    assert ran.stderr.strip().startswith("SECRET_KEY is too short")
    assert "\n" not in ran.stderr.strip()


@pytest.mark.parametrize("said", REAL, ids=str)
def test_what_needs_no_service_runs_where_the_shell_tells_of_a_clinic(monkeypatch, said):
    monkeypatch.setattr(os, "environ", {"PATH": "here"} | said)
    fill_environment("makemigrations")
    assert not demo_flag.real_clinic_setting(os.environ)
    assert os.environ["PATH"] == "here"
    clinic = CLINIC | said
    monkeypatch.setattr(os, "environ", dict(clinic))
    fill_environment("check")
    assert clinic.items() <= os.environ.items()


def test_a_real_clinic_with_a_real_key_starts(started_with):
    assert started_with(**CLINIC, PUBLIC_URL="https://appointments.example.org") == (0, "")


def test_a_short_key_is_left_gently_beside_its_successor(started_with):
    assert started_with(**CLINIC, SECRET_KEY_FALLBACKS="short") == (0, "")  # pragma: allowlist secret
    _, told = started_with(**CLINIC | signing("short"))
    assert "SECRET_KEY_FALLBACKS to the key that you have used until now" in told
