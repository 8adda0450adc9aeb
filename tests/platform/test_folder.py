"""What a data folder keeps is there after a power cut, and is never made up anew over what cannot be read."""

import os
from pathlib import Path

import pytest

from local.services import clinic_settings, data_folder, demo_flag
from local.services.data_folder import SECRETS, DataFolder
from local.setup_error import SetupError

BROKEN = [b"", b'{"postgres": "a', b"[1]", b"\xff\xfe{}", b"null"]


@pytest.fixture
def data(tmp_path):
    return DataFolder(tmp_path)


@pytest.mark.parametrize("content", BROKEN, ids=repr)
@pytest.mark.parametrize("name", [SECRETS, demo_flag.KEPT, clinic_settings.KEPT])
def test_what_cannot_be_read_stops_the_start_and_stays_as_it_is(data, name, content):
    (data.path / name).write_bytes(content)
    ask = (lambda: data.secret("postgres")) if name == SECRETS else (lambda: data.recall(name))
    with pytest.raises(SetupError, match=f"{name} cannot be read .* put it back from a copy"):
        ask()
    assert (data.path / name).read_bytes() == content


@pytest.mark.parametrize("content", BROKEN, ids=repr)
def test_what_only_the_last_run_wrote_is_made_anew(data, content):
    for name in data_folder.OF_THE_LAST_RUN:
        (data.path / name).write_bytes(content)
    assert data.last() is None
    assert data.port("web") == data.known_port("web")


def test_a_database_whose_passwords_are_gone_gets_no_new_ones(data):
    (data.path / "postgres").mkdir()
    with pytest.raises(SetupError, match=f"{SECRETS} is gone.* put it back from a copy"):
        data.secret("valkey")
    assert not (data.path / SECRETS).exists()


def test_a_secret_is_on_the_disk_before_it_takes_its_place_and_its_name_after(data, monkeypatch):
    done = []
    rename = type(data.path).rename
    monkeypatch.setattr(os, "fsync", lambda handle: done.append(str(Path(f"/proc/self/fd/{handle}").readlink())))
    monkeypatch.setattr(type(data.path), "rename", lambda draft, to: done.append("rename") or rename(draft, to))
    kept = data.secret("signing")
    assert done == [str(data.path / f".{SECRETS}.{os.getpid()}"), "rename", str(data.path)]
    assert data.secret("signing") == kept
