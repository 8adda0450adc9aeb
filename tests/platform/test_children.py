"""No process outlives the one that started it."""

import os
import signal
import subprocess
import sys
import textwrap
import time

import pytest

from local.child import LINUX, Child, ChildProgram, started, tail
from local.services.data_folder import ROOT

WITH_A_GRANDCHILD = "import subprocess, time; print(subprocess.Popen(['sleep', '60']).pid, flush=True); time.sleep(60)"


def eventually(true, seconds=5.0) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if true():
            return True
        time.sleep(0.02)
    return False


@pytest.fixture
def program(tmp_path):
    def make(code: str) -> ChildProgram:
        return ChildProgram("sleeper", (sys.executable, "-c", code), tmp_path / "log", lambda _: True, dict(os.environ))

    return make


def said(program: ChildProgram) -> int:
    assert eventually(lambda: program.log.exists() and program.log.read_text().endswith("\n"))
    return int(program.log.read_text())


def test_what_a_child_started_ends_with_it(program):
    child = Child(program(WITH_A_GRANDCHILD))
    grandchild = said(child.program)
    child.kill()
    assert eventually(lambda: started(grandchild) is None)


def test_what_a_dead_child_started_is_ended_before_it_starts_again(program):
    child = Child(program(WITH_A_GRANDCHILD))
    grandchild = said(child.program)
    os.kill(child.pid, signal.SIGKILL)
    assert eventually(lambda: child.ended() is not None)
    assert eventually(lambda: started(grandchild) is None)


@pytest.mark.skipif(not LINUX, reason="only Linux tells a child that its parent has died")
def test_a_killed_supervisor_takes_its_children_along(tmp_path):
    code = f"""
        import os, sys, pathlib
        from local.child import Child, ChildProgram
        child = Child(ChildProgram("sleeper", ("sleep", "60"), pathlib.Path({str(tmp_path / "log")!r}), lambda _: True))
        print(child.pid, flush=True)
        os.kill(os.getpid(), 9)
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert eventually(lambda: started(int(done.stdout)) is None)


def test_the_end_of_a_log_is_of_this_run_alone(tmp_path):
    log = tmp_path / "log"
    log.write_text("yesterday\n")
    begins = log.stat().st_size
    with log.open("a") as file:
        file.write("today\n")
    assert tail(log, begins) == "today"
