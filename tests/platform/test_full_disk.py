"""A disk that fills up stops nobody for good: it is said in plain words, and all goes on once there is room."""

import errno
import json
import os
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from core.monitoring.disk import FULL, LOW, DiskSpace, space_on
from local.child import ChildProgram
from local.commands import up
from local.commands.test import folder
from local.commands.up import enough_room
from local.services import data_folder as folders
from local.services.data_folder import DataFolder, free_port
from local.setup_error import SetupError
from local.supervised import Supervised
from local.supervisor import Supervisor
from tests.platform.running import Up, eventually

MEGABYTES = 420


def test_room_is_told_in_three_steps(tmp_path):
    assert [DiskSpace(each).code for each in (LOW, LOW - 1, FULL, FULL - 1)] == ["ok", "low", "low", "full"]
    assert DiskSpace(LOW, files=False).code == "full"
    assert space_on(tmp_path).megabytes > 0
    with pytest.raises(FileNotFoundError):
        space_on(tmp_path / "gone")


@pytest.fixture
def disk(monkeypatch):
    """A disk that the test fills and empties."""
    left = [LOW]
    monkeypatch.setattr(folders, "space_on", lambda _path: DiskSpace(left[0]))
    return left


@pytest.fixture
def supervisor(tmp_path):
    data = DataFolder(tmp_path)
    data.make()
    return Supervisor(data)


def test_a_full_disk_is_said_once_and_so_is_its_end(disk, supervisor, capsys):
    for megabytes in (LOW, 0, 0, 0, LOW, LOW):
        disk[0] = megabytes
        supervisor.look_after_the_disk()
    full, free = capsys.readouterr().out.splitlines()
    assert full.endswith("is full: nothing that was saved is lost; free some room and Meridian goes on by itself.")
    assert free.endswith("has room again: Meridian goes on.")


@pytest.fixture
def no_room(monkeypatch):
    """No file takes anything more, until the test says otherwise."""

    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(folders.json, "dump", refuse)
        yield patch


def test_the_supervisor_survives_that_it_cannot_write_and_tells_later(no_room, supervisor):
    supervisor.start()
    assert supervisor.data.last() is None
    assert not list(supervisor.data.path.glob(".running*"))
    no_room.undo()
    supervisor.look_after_the_disk()
    assert supervisor.data.last().run == supervisor.name


def test_twin_the_folder_itself_refuses(no_room, supervisor):
    with pytest.raises(OSError, match="No space left"):
        supervisor.data.keep("any.json", {})


def test_a_start_without_room_is_refused_in_one_sentence(no_room, supervisor):
    with pytest.raises(SetupError, match=r"Nothing can be written .* free some room"), enough_room(supervisor.data):
        supervisor.data.keep("any.json", {})


def test_whoever_starts_on_a_full_disk_is_told_at_once(tmp_path, monkeypatch):
    for name in ("MERIDIAN_DEMO", "EMAIL_URL", "PUBLIC_URL", "ALLOWED_HOSTS", "WEB_BIND"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(folders, "space_on", lambda _: DiskSpace(0))
    with pytest.raises(SetupError, match=r"The disk .* is full: nothing that was saved is lost; free some room"):
        up.check(["--data", str(tmp_path), "--port", str(free_port())])
    monkeypatch.setattr(folders, "space_on", lambda _: DiskSpace(1000))
    up.check(["--data", str(tmp_path), "--port", str(free_port())])


def test_a_log_that_grows_is_cut_while_its_process_goes_on_writing(supervisor, monkeypatch):
    monkeypatch.setattr(folders, "LONG_LOG_BYTES", 100)
    log = supervisor.data.logs / "talker.log"
    code = "while :; do echo a line of the talker; sleep 0.01; done"
    kept = Supervised(ChildProgram("talker", ("sh", "-c", code), log, lambda _: True, dict(os.environ)))
    supervisor.keep(kept)
    child = kept.start()
    child.begins = 50
    try:
        assert eventually(lambda: log.stat().st_size > 100, 5)
        supervisor.look_after_the_disk()
        assert log.stat().st_size < 100
        assert child.begins == 0
        assert eventually(lambda: log.read_text().startswith("a line"), 5)
    finally:
        child.kill()
    assert log.with_suffix(".log.1").read_text().startswith("a line")


@pytest.fixture
def small_disk():
    """A data folder on a disk of its own that is soon full."""
    with folder() as place:
        mounted = place / "disk"
        mounted.mkdir()
        made = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={MEGABYTES}m,mode=0711", "tmpfs", str(mounted)],
            capture_output=True,
            check=False,
        )
        if made.returncode:
            pytest.skip("only root can mount a small disk here")
        try:
            yield mounted
        finally:
            subprocess.run(["umount", "--lazy", str(mounted)], check=False)


def readiness(up: Up) -> dict:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{up.port}/readyz", timeout=5) as answer:
            return json.load(answer) | {"http": answer.status}
    except urllib.error.HTTPError as refused:
        return json.load(refused) | {"http": refused.code}
    except OSError:
        return {"http": 0, "checks": {}}


def fill(disk: Path) -> Path:
    """Write until nothing more goes in."""
    ballast = disk / "ballast"
    with ballast.open("ab", buffering=0) as file:
        for size in (1_000_000, 4096):
            try:
                while True:
                    file.write(b"\1" * size)
            except OSError:
                pass
    return ballast


@pytest.mark.full
@pytest.mark.timeout(400)
def test_all_goes_on_after_the_disk_was_full(small_disk):
    with Up(small_disk / "data", free_port()) as up:
        assert eventually(lambda: readiness(up)["http"] == 200, 60)
        ballast = fill(small_disk)
        for name in ("postgres", "valkey", "worker", "beat"):
            pid = up.children().get(name)
            if pid:
                os.kill(pid, 9)
        assert eventually(lambda: "is full: nothing that was saved is lost" in up.said(), 20), up.said()
        assert eventually(lambda: readiness(up)["checks"].get("disk", {}).get("code") == "full", 30), readiness(up)
        assert readiness(up)["http"] == 503
        assert "free some room" in readiness(up)["checks"]["disk"]["words"]
        until = time.monotonic() + 25
        while time.monotonic() < until:
            fill(small_disk)
            assert up.process.poll() is None, up.said()
            time.sleep(1)
        ballast.unlink()
        assert eventually(lambda: readiness(up).get("status") in ("ready", "degraded"), 40), (readiness(up), up.said())
        worker = small_disk / "data" / "logs" / "worker.log"
        swept = worker.read_text().count("sweep")
        assert eventually(lambda: worker.read_text().count("sweep") > swept, 60), worker.read_text()[-3000:]
        assert eventually(lambda: readiness(up)["checks"]["broker"]["code"] == "ok", 20), readiness(up)
        assert "has room again" in up.said()
        assert up.end() == 0
