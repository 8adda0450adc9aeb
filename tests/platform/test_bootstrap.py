"""The packages are installed once, and again when their lock changes."""

import json
import os
import threading

from local import bootstrap


def stamped(folder, stamp) -> None:
    (folder / "bin").mkdir(exist_ok=True)
    (folder / "bin" / "python").touch()
    (folder / "meridian.json").write_text(json.dumps(stamp))


def test_a_second_start_finds_the_packages_and_installs_nothing(tmp_path):
    stamped(tmp_path, bootstrap.stamp_of("local"))
    assert bootstrap.has(tmp_path, "local")


def test_the_tests_packages_serve_the_service_too_but_not_the_other_way_round(tmp_path):
    stamped(tmp_path, bootstrap.stamp_of("test"))
    assert bootstrap.has(tmp_path, "local")
    stamped(tmp_path, bootstrap.stamp_of("local"))
    assert not bootstrap.has(tmp_path, "test")


def test_a_changed_lock_is_installed_again(tmp_path):
    stamped(tmp_path, {"lock": "local", "sha256": "another day's"})
    assert not bootstrap.has(tmp_path, "local")


def test_a_half_made_environment_is_not_taken_for_a_whole_one(tmp_path):
    (tmp_path / "bin").mkdir()
    assert not bootstrap.has(tmp_path, "local")
    assert not bootstrap.sound(tmp_path)


def test_two_starts_at_once_install_one_after_the_other(tmp_path):
    entered = []

    def second() -> None:
        with bootstrap.alone(tmp_path):
            entered.append("second")

    with bootstrap.alone(tmp_path):
        waiting = threading.Thread(target=second)
        waiting.start()
        waiting.join(timeout=0.2)
        entered.append("first")
    waiting.join(timeout=5)
    assert entered == ["first", "second"]


def test_every_lock_names_hashes_and_no_index():
    for lock in ("production", *bootstrap.LOCKS):
        text = bootstrap.requirements(lock).read_text()
        assert "--hash=sha256:" in text
        assert "://" not in text
        assert os.sep + "home" not in text
