"""A real clinic's start: its own name, telephone and sender; commands that find it by its folder."""

import io
import os
import sys

import pytest

from local.commands import django as other
from local.commands import up
from local.services import clinic_settings, machine
from local.services.data_folder import DataFolder, Running, free_port
from local.setup_error import SetupError

TOLD = {"CLINIC_NAME": "Harbor Clinic", "CLINIC_PHONE": "(312) 555-0199", "MAIL_FROM": "desk@harbor.example"}


class Terminal(io.StringIO):
    """A terminal in which answers are typed."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def data(tmp_path, monkeypatch):
    for name in (*TOLD, "MERIDIAN_DEMO", "MERIDIAN_DATA", "PUBLIC_URL", "ALLOWED_HOSTS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("EMAIL_URL", "smtp://mail.example.org:25")
    return DataFolder(tmp_path)


def start(data, *options):
    wanted = ["--no-demo", "--data", str(data.path), "--port", str(free_port()), *options]
    clinic_settings.learn(data, up.parse(wanted))


def typed(monkeypatch, *lines):
    monkeypatch.setattr(sys, "stdin", Terminal("".join(f"{line}\n" for line in lines)))
    monkeypatch.setattr(sys, "stdout", Terminal())


def test_without_a_terminal_a_clinic_says_what_it_has_to_be_told(data):
    with pytest.raises(SetupError) as said:
        start(data, "--clinic-phone", TOLD["CLINIC_PHONE"])
    for word in ("--clinic-name", "CLINIC_NAME", "--mail-from", "MAIL_FROM"):
        assert word in str(said.value)
    assert "CLINIC_PHONE" not in str(said.value)
    assert data.recall(clinic_settings.KEPT) == {}


def test_in_a_terminal_it_asks_once_and_again_for_what_cannot_be(data, monkeypatch):
    typed(monkeypatch, "", "Harbor Clinic", "call us", "(312) 555-0199", "desk", "desk@harbor.example")
    start(data)
    assert data.recall(clinic_settings.KEPT) == TOLD
    typed(monkeypatch)
    start(data)


def test_who_leaves_a_question_unanswered_starts_nothing(data, monkeypatch):
    typed(monkeypatch, "Harbor Clinic")
    with pytest.raises(SetupError, match="Nothing was started"):
        start(data)
    assert data.recall(clinic_settings.KEPT) == {}


def test_what_the_environment_or_an_option_says_goes_first_and_is_kept(data, monkeypatch):
    for name, value in TOLD.items():
        monkeypatch.setenv(name, value)
    start(data, "--clinic-name", "Pier Clinic")
    for name in TOLD:
        monkeypatch.delenv(name)
    start(data)
    assert data.recall(clinic_settings.KEPT) == TOLD | {"CLINIC_NAME": "Pier Clinic"}


@pytest.mark.parametrize(
    ("option", "answer"),
    [
        ("--clinic-name", "Harbor\nClinic"),
        ("--clinic-name", "x" * 81),
        ("--clinic-phone", "12"),
        ("--clinic-phone", "call the desk"),
        ("--mail-from", "desk"),
        ("--mail-from", "desk@harbor.example, other@harbor.example"),
        ("--mail-from", "desk@harbor.example\nBcc: x@example.org"),
    ],
)
def test_an_answer_that_cannot_be_is_refused_with_its_option(data, option, answer):
    with pytest.raises(SetupError, match=option):
        start(data, option, answer)


def test_what_the_clinic_is_called_is_handed_on_and_the_demo_keeps_its_own_name(data):
    data.keep(clinic_settings.KEPT, TOLD)
    known = machine.settings(data, {}, port=8180, demo=False)
    assert known["MAIL_FROM"] == "desk@harbor.example"
    assert (known["CLINIC_NAME"], known["CLINIC_PHONE"]) == ("Harbor Clinic", "(312) 555-0199")
    assert known["EMAIL_URL"] == "smtp://mail.example.org:25"
    assert "CLINIC_NAME" not in machine.settings(data, {}, port=8180, demo=True)


def test_a_command_is_shown_as_it_is_to_be_typed(data, tmp_path):
    assert data.command("create_admin") == f"python3 manage.py create_admin --data {tmp_path}"
    assert DataFolder.chosen().command("create_admin") == "python3 manage.py create_admin"
    assert DataFolder(tmp_path / "two words").command("env").endswith("two words'")


@pytest.mark.parametrize(
    ("given", "sender"),
    [
        ("desk@harbor.example", "Harbor Clinic <desk@harbor.example>"),
        ("<desk@harbor.example>", "Harbor Clinic <desk@harbor.example>"),
        ("Front desk <desk@harbor.example>", "Front desk <desk@harbor.example>"),
    ],
)
def test_mails_are_from_the_clinic_by_its_name_however_the_service_is_run(given, sender):
    assert clinic_settings.sender(given, name="Harbor Clinic") == sender


@pytest.mark.parametrize("words", [["--data", "X"], ["--data=X"]])
def test_every_command_takes_the_folder_and_leaves_the_rest_to_django(words):
    told = ["create_admin", *words, "--name", "Ada Moss", "--dat", "y"]
    assert other.without_data(told) == ("X", ["create_admin", "--name", "Ada Moss", "--dat", "y"])
    assert other.without_data(["env"]) == (None, ["env"])


def test_a_folder_that_is_named_goes_before_what_the_environment_says(data, monkeypatch):
    monkeypatch.setattr(os, "environ", {"DATABASE_URL": "elsewhere"})
    with pytest.raises(SetupError, match="not running on"):
        other.fill_environment("demo_token", str(data.path))
    running = {"DATABASE_URL": "here", "DATABASE_OWNER_URL": "owner", "MERIDIAN_DEMO": "false"}
    monkeypatch.setattr(DataFolder, "running", lambda _data: Running(pid=1, environment=running))
    other.fill_environment("demo_token", str(data.path))
    assert os.environ["DATABASE_URL"] == "here"
    other.fill_environment("migrate", str(data.path))
    assert os.environ["DATABASE_URL"] == "owner"


def test_without_a_folder_the_environment_goes_first(monkeypatch):
    monkeypatch.setattr(os, "environ", {"DATABASE_URL": "elsewhere"})
    running = {"DATABASE_URL": "here", "DATABASE_OWNER_URL": "owner", "REDIS_URL": "queue"}
    monkeypatch.setattr(DataFolder, "running", lambda _data: Running(pid=1, environment=running))
    for name in ("demo_token", "migrate"):
        other.fill_environment(name)
        assert (os.environ["DATABASE_URL"], os.environ["REDIS_URL"]) == ("elsewhere", "queue")
