"""As whom web, worker and beat run, and with which Python."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from local.child import ChildProgram
from local.commands.test import folder
from local.services import processes
from local.services.data_folder import DataFolder
from local.services.unprivileged_account import Account, named, service_account
from local.setup_error import SetupError

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root lends other accounts")
SAID = {"DATABASE_URL": "app"} | dict.fromkeys(["DATABASE_OWNER_URL", "PGPASSWORD", "POSTGRES_PASSWORD"], "owner")


@pytest.fixture
def data():
    with folder() as place:
        made = DataFolder(place / "data")
        made.make()
        yield made


def test_the_owner_of_the_database_is_told_to_no_process_of_the_service():
    assert processes.service_environment(SAID | {"PATH": "/bin"}) == {"DATABASE_URL": "app", "PATH": "/bin"}


def test_started_by_anybody_else_the_processes_run_as_that_person_and_are_not_told_the_owner_either(data, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    given = ChildProgram("web", (sys.executable, "-V"), data.logs / "web.log", lambda _: True, environment=SAID)
    program = processes.for_service(given, data)
    assert (program.account, program.command, program.environment) == (None, given.command, {"DATABASE_URL": "app"})
    assert (data.path / "service").is_dir()


@as_root
@pytest.mark.parametrize("servers", ["postgres", "nobody", "www-data"])
def test_the_service_is_never_the_account_that_has_the_database_files(tmp_path, servers):
    owner = named(servers)
    if owner is None:
        pytest.skip(f"this machine has no account {servers}")
    os.chown(tmp_path, owner.uid, owner.gid)
    assert service_account(tmp_path).uid not in {0, owner.uid}


@as_root
def test_code_that_the_account_cannot_read_is_refused_with_the_cure(data, monkeypatch):
    monkeypatch.setattr(processes, "can_read", lambda _who, path: "django" not in str(path))
    with pytest.raises(SetupError, match=r"which cannot read .*django.*: put Meridian where every account may read it"):
        processes.for_service(ChildProgram("web", (sys.executable,), data.logs / "web.log", lambda _: True), data)


@as_root
def test_a_python_in_a_closed_folder_is_copied_and_runs_as_the_account(data, monkeypatch):
    monkeypatch.setattr(processes, "can_run", lambda *_: False)
    monkeypatch.setattr(processes, "LEFT_OUT", (*processes.LEFT_OUT, "__pycache__"))
    program = ChildProgram(
        "web", (sys.executable, "-c", "import django, os; print(os.getuid())"), data.logs, lambda _: True
    )
    given = processes.for_service(program, data)
    who = given.account
    assert isinstance(who, Account)
    assert Path(given.command[0]).is_relative_to(data.path)
    ran = subprocess.run(
        given.command,
        check=False,
        env=given.environment,
        user=who.uid,
        group=who.gid,
        extra_groups=[],
        capture_output=True,
        text=True,
    )
    assert ran.stdout == f"{who.uid}\n", ran.stderr
