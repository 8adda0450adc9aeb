"""Settings that are no plain text: read as they are meant, or refused."""

import pytest

from config import environment
from local.commands.test import surroundings


@pytest.mark.parametrize(
    ("said", "meant"), [("", True), (" ", True), ("true", True), ("On", True), ("0", False), ("no", False)]
)
def test_whoever_sets_a_switch_or_leaves_it_empty_gets_what_they_mean(monkeypatch, said, meant):
    monkeypatch.setenv("A_SWITCH", said)
    assert environment.yes_or_no("A_SWITCH", default=True) is meant


@pytest.mark.parametrize(("said", "meant"), [("", 2), ("3", 3), (" 0 ", 0)])
def test_whoever_sets_a_number_or_leaves_it_empty_gets_what_they_mean(monkeypatch, said, meant):
    monkeypatch.setenv("A_NUMBER", said)
    assert environment.whole_number("A_NUMBER", default=2, least=0) == meant


@pytest.mark.parametrize("said", ["", "redis://queue:6379/0", "rediss://:p@[::1]:6379/0", "redis://queue"])
def test_whoever_names_a_server_is_understood(monkeypatch, said):
    monkeypatch.setenv("A_SERVER", said)
    assert environment.url("A_SERVER", "redis", "rediss", example="redis://queue:6379/0") == said


@pytest.mark.parametrize(
    "said", ["nonsense", "http://queue:6379", "redis://queue:post", "redis://[broken", "redis://q:0"]
)
def test_whoever_mistypes_a_server_reads_one_sentence(monkeypatch, capsys, said):
    monkeypatch.setenv("A_SERVER", said)
    with pytest.raises(SystemExit):
        environment.url("A_SERVER", "redis", "rediss", example="redis://queue:6379/0")
    assert capsys.readouterr().err == ("A_SERVER is no address of such a server: write it like redis://queue:6379/0.\n")


def test_what_the_tests_compile_is_kept_though_the_machine_keeps_nothing(monkeypatch):
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    monkeypatch.setenv("A_SWITCH", "on")
    kept = surroundings()
    assert ("PYTHONDONTWRITEBYTECODE" in kept, kept["A_SWITCH"]) == (False, "on")
