"""We police the tail: long files and long functions are where a code base goes wrong."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture import tree

FILE_LINES, FUNCTION_LINES, VIEW_LINES = 400, 40, 25
CONFIG_LINES, LOOSE_MODULES = 1200, 14
VAGUE = {"utils", "helpers", "manager", "service", "base", "misc", "common"}


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in tree.nodes(path):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def lines_of(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def test_no_file_is_longer_than_a_sitting():
    long = {tree.name(p): n for p in tree.python(with_tests=True) if (n := p.read_text().count("\n")) > FILE_LINES}
    assert not long


def test_config_puts_together_and_does_nothing_itself():
    lines = sum(p.read_text().count("\n") for p in tree.python() if p.relative_to(tree.ROOT).parts[0] == "config")
    assert 0 < lines <= CONFIG_LINES


def test_time_lives_in_its_wings():
    loose = [tree.name(p) for p in (tree.ROOT / "scheduler").glob("*.py")]
    assert 0 < len(loose) <= LOOSE_MODULES, loose


def test_no_function_is_longer_than_a_screen():
    long = [f"{tree.name(p)}: {f.name}" for p in tree.python() for f in functions(p) if lines_of(f) > FUNCTION_LINES]
    assert not long


def test_a_view_parses_calls_once_and_answers():
    views = [p for p in tree.python() if {"web", "api"} & set(p.parts)]
    long = [f"{tree.name(p)}: {f.name}" for p in views for f in functions(p) if lines_of(f) > VIEW_LINES]
    assert not long


def test_no_module_has_a_name_that_says_nothing():
    named = [tree.name(p) for p in tree.python(with_tests=True) if p.stem in VAGUE]
    assert named == [f"{engine}/base.py" for engine in ("core/database", "tests/database")]  # Django asks for this name


def test_nobody_catches_everything():
    paths = tree.python(with_tests=True)
    handlers = [(p, n) for p in paths for n in tree.nodes(p) if isinstance(n, ast.ExceptHandler)]
    assert not [f"{tree.name(path)}:{handler.lineno}" for path, handler in handlers if catches_all(handler)]


def catches_all(handler: ast.ExceptHandler) -> bool:
    return handler.type is None or (
        isinstance(handler.type, ast.Name) and handler.type.id in {"Exception", "BaseException"}
    )


@pytest.mark.parametrize("word", ["TO" + "DO", "FIX" + "ME", "X" + "XX", "NotImplemented" + "Error"])
def test_nothing_is_left_for_later(word):
    assert not [tree.name(p) for p in tree.python(with_tests=True) if word in p.read_text().replace("XXXX", "")]
