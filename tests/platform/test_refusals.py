"""A newcomer whose machine lacks something reads one sentence that says what to do."""

import ast
import importlib.util
import os
import socket
import subprocess
import sys

import pytest

from local import bootstrap
from local.commands import check_all, env, up
from local.commands import django as other
from local.services import machine
from local.services.data_folder import ROOT, DataFolder, not_running
from local.services.unprivileged_account import check_reach, named
from local.setup_error import SetupError


def sentence(said: SetupError) -> str:
    text = str(said)
    assert "\n" not in text
    assert text.endswith(".")
    return text


def test_an_old_python_is_told_which_one_is_needed():
    with pytest.raises(SetupError) as said:
        bootstrap.check_version((3, 8))
    assert "needs Python 3.11 or newer and this is 3.8" in sentence(said.value)


@pytest.mark.parametrize("file", ["manage.py", "local/bootstrap.py", "local/setup_error.py", "local/__init__.py"])
def test_an_old_python_can_read_as_far_as_that_sentence(file):
    ast.parse((ROOT / file).read_text(), feature_version=(3, 8))


def test_a_python_without_venv_is_told_what_to_install(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "ensurepip" else name)
    with pytest.raises(SetupError) as said:
        bootstrap.check_venv()
    assert "python3-venv" in sentence(said.value)


def test_a_taken_port_is_said_with_another_to_choose(tmp_path):
    with socket.socket() as other_program:
        other_program.bind(("127.0.0.1", 0))
        other_program.listen()
        port = other_program.getsockname()[1]
        with pytest.raises(SetupError) as said:
            up.check(["--port", str(port), "--data", str(tmp_path)])
    assert f"Port {port} is taken" in sentence(said.value)
    assert f"--port {port + 1}" in str(said.value)


def test_a_data_folder_that_cannot_be_written_is_said_with_the_cure(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(SetupError) as said:
        up.check(["--data", str(tmp_path / "file" / "data")])
    assert "is not writable" in sentence(said.value)
    assert "--data" in str(said.value)


def test_a_folder_the_servers_cannot_reach_is_said_and_left_as_it_is(tmp_path):
    nobody = named("nobody")
    if os.geteuid() != 0 or nobody is None:
        pytest.skip("only root lends the servers another account")
    shut = tmp_path / "shut"
    shut.mkdir(mode=0o700)
    with pytest.raises(SetupError) as said:
        check_reach(nobody, shut)
    assert "cannot reach" in sentence(said.value)
    assert shut.stat().st_mode & 0o777 == 0o700


def test_a_clinic_without_a_mail_server_is_not_started(tmp_path, monkeypatch):
    monkeypatch.delenv("EMAIL_URL", raising=False)
    with pytest.raises(SetupError) as said:
        up.check(["--no-demo", "--data", str(tmp_path), "--port", "8199"])
    assert "EMAIL_URL" in sentence(said.value)


def test_a_key_that_others_could_guess_is_refused_before_anything_starts(tmp_path, monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "abc")
    monkeypatch.delenv("DEBUG", raising=False)
    with pytest.raises(SetupError) as said:
        up.check(["--data", str(tmp_path), "--port", "8199"])
    assert "SECRET_KEY is too short" in sentence(said.value)


def test_commands_that_need_a_running_meridian_say_how_to_start_it(tmp_path, monkeypatch):
    monkeypatch.setenv("MERIDIAN_DATA", str(tmp_path))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    for ask in (lambda: env.check([]), lambda: other.fill_environment("demo_token")):
        with pytest.raises(SetupError) as said:
            ask()
        assert f"not running on {tmp_path}: start it with python3 manage.py up --data {tmp_path}." in str(said.value)
        assert "--data X" not in sentence(said.value)


@pytest.mark.parametrize("page", ["docs/problems.md", "docs/life-cycle.md"])
def test_a_page_that_is_written_from_the_code_is_written_while_nothing_runs(page, tmp_path, monkeypatch):
    writes = {"docs/problems.md": "problems", "docs/life-cycle.md": "life_cycle"}[page]
    monkeypatch.setattr(os, "environ", {"MERIDIAN_DATA": str(tmp_path)})
    other.fill_environment(writes)
    assert os.environ["DATABASE_URL"] == other.PLACEHOLDERS["DATABASE_URL"]


def test_whoever_named_no_folder_is_reminded_that_there_may_be_another():
    said = str(not_running(DataFolder(ROOT / "var")))
    assert "start it with python3 manage.py up. If you started it with --data X" in said


def test_a_check_that_there_is_not_is_refused_with_those_there_are():
    with pytest.raises(SetupError) as said:
        check_all.check(["tpyes"])
    assert "types" in sentence(said.value)


def test_what_is_missing_ends_in_exit_code_2_without_a_traceback(tmp_path):
    (tmp_path / "file").touch()
    command = [sys.executable, "manage.py", "up", "--data", str(tmp_path / "file" / "data")]
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, "MERIDIAN_VENV": sys.prefix}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize("name", ["DATABASE_URL", "REDIS_URL"])
def test_a_named_server_that_does_not_answer_is_said_before_anything_starts(monkeypatch, name):
    for each in ("DATABASE_URL", "REDIS_URL"):
        monkeypatch.delenv(each, raising=False)
    monkeypatch.setenv(name, f"{'postgres' if name == 'DATABASE_URL' else 'redis'}://127.0.0.1:1/nothing")
    with pytest.raises(SetupError) as said:
        machine.check_given()
    assert f"{name} does not answer" in sentence(said.value)
