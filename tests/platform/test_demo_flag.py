"""A clinic stays a clinic and the demo the demo, whatever flag is forgotten."""

import pytest

from local.commands import up
from local.services import demo_flag
from local.services.data_folder import DataFolder, free_port
from local.setup_error import SetupError


@pytest.fixture
def data(tmp_path, monkeypatch) -> DataFolder:
    monkeypatch.delenv("MERIDIAN_DEMO", raising=False)
    monkeypatch.delenv("WEB_BIND", raising=False)
    return DataFolder(tmp_path)


def test_a_new_folder_is_the_demos_unless_told_otherwise(data):
    assert demo_flag.is_demo(data, no_demo=False)
    assert not demo_flag.is_demo(data, no_demo=True)


def test_a_clinic_that_is_started_without_the_flag_is_still_a_clinic(data, monkeypatch):
    demo_flag.store(data, demo=False)
    assert not demo_flag.is_demo(data, no_demo=False)
    monkeypatch.delenv("EMAIL_URL", raising=False)
    with pytest.raises(SetupError, match="EMAIL_URL"):
        up.check(["--data", str(data.path), "--port", str(free_port())])


def test_a_clinic_is_not_made_a_demo_by_the_environment(data, monkeypatch):
    demo_flag.store(data, demo=False)
    monkeypatch.setenv("MERIDIAN_DEMO", "true")
    with pytest.raises(SetupError, match="unset MERIDIAN_DEMO"):
        demo_flag.is_demo(data, no_demo=False)


def test_the_demos_data_are_not_taken_for_a_clinic(data):
    demo_flag.store(data, demo=True)
    assert demo_flag.is_demo(data, no_demo=False)
    with pytest.raises(SetupError, match="--data"):
        up.check(["--no-demo", "--data", str(data.path), "--port", str(free_port())])


def test_a_word_that_is_neither_yes_nor_no_is_refused(data, monkeypatch):
    monkeypatch.setenv("MERIDIAN_DEMO", "maybe")
    with pytest.raises(SetupError, match="true or false"):
        demo_flag.is_demo(data, no_demo=False)
