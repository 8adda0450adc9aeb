"""What dies comes again, on a machine that is short of everything too; the console tells progress alone."""

import errno
import os
import signal
import sys
from pathlib import Path

import pytest

from local import terminal
from local.child import Child, ChildProgram
from local.services.data_folder import DataFolder
from local.setup_error import SetupError
from local.supervised import Supervised
from local.supervisor import Stopped, Supervisor, show


def program(folder: Path, command: tuple[str, ...]) -> ChildProgram:
    return ChildProgram("sleeper", command, folder / "log", lambda _: True, dict(os.environ))


def test_a_start_that_the_machine_refuses_is_tried_again_later(tmp_path, capsys):
    absent = tmp_path / "absent"
    kept, supervisor = Supervised(program(tmp_path, (str(absent),))), Supervisor(DataFolder(tmp_path))
    supervisor.keep(kept)
    for pause in (0.5, 1):
        kept.again_at = 0.0
        supervisor.turn()
        assert f"sleeper: did not start ({os.strerror(errno.ENOENT)}), again in {pause:g} s" in capsys.readouterr().out
    absent.symlink_to("/bin/sleep")
    kept.again_at = 0.0
    supervisor.turn()
    assert kept.child is not None
    kept.child.kill()


@pytest.mark.parametrize("level", ["INFO", "WARNING"])
def test_log_lines_stay_in_the_log(tmp_path, capsys, level):
    code = f"print('Opening …'); print('2026-03-02 09:00:00,123 {level} scheduler.actions.sites moved'); print('Open.')"
    child = Child(program(tmp_path, (sys.executable, "-c", code)))
    while child.ended() is None:
        pass
    show(child, 0)
    assert capsys.readouterr().out == "Opening …\nOpen.\n"
    assert "moved" in child.program.log.read_text()


@pytest.fixture
def hangup():
    """What this process does when its terminal goes away, put back afterwards."""
    before = {each: signal.getsignal(each) for each in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM)}
    yield
    for each, handler in before.items():
        signal.signal(each, handler)


def test_started_by_nohup_it_outlives_its_terminal(tmp_path, hangup):
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    with Supervisor(DataFolder(tmp_path)) as supervisor:
        os.kill(os.getpid(), signal.SIGHUP)
        supervisor.pause()


def test_a_closed_terminal_stops_it_in_peace(tmp_path, hangup):
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    with Supervisor(DataFolder(tmp_path)) as supervisor:
        os.kill(os.getpid(), signal.SIGHUP)
        with pytest.raises(Stopped):
            supervisor.pause()


def test_what_is_said_is_noted_with_its_date(tmp_path, hangup):
    with Supervisor(DataFolder(tmp_path)):
        terminal.say("worker: ended (exit 1), starts again at once")
    assert (tmp_path / "logs" / "up.log").read_text().endswith(" worker: ended (exit 1), starts again at once\n")


def test_what_cannot_be_noted_is_dropped(tmp_path, capsys):
    terminal.note_in(tmp_path / "gone" / "up.log")
    terminal.say("web: starts again")
    assert capsys.readouterr() == ("web: starts again\n", "")


def test_of_a_step_that_takes_too_long_that_is_told_and_what_to_do(tmp_path, hangup):
    sleeps = program(tmp_path, (sys.executable, "-c", "import time; time.sleep(60)"))
    with Supervisor(DataFolder(tmp_path)) as supervisor, pytest.raises(SetupError, match="start it again"):
        supervisor.run(sleeps, patience=0.1)
