"""The project's own files, as the tests of its shape read them."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
APPS = ("core", "scheduler", "booking", "notifications", "demo", "proof", "local", "config")


def python(*, with_tests: bool = False) -> Iterator[Path]:
    """Yield every Python file but migrations."""
    yield ROOT / "manage.py"
    for folder in (*APPS, *(("tests",) if with_tests else ())):
        yield from (p for p in sorted((ROOT / folder).rglob("*.py")) if "migrations" not in p.parts)


@cache
def nodes(path: Path) -> tuple[ast.AST, ...]:
    """Return every node of a file's syntax tree, walked once for all tests."""
    return tuple(ast.walk(ast.parse(path.read_text(), filename=str(path))))


def name(path: Path) -> str:
    """Return a file's name within the project."""
    return str(path.relative_to(ROOT))


def module(path: Path) -> str:
    """Return a file's dotted name."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def imports(path: Path) -> Iterator[str]:
    """Yield the dotted names that a file imports, wherever in it."""
    for node in nodes(path):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def texts(path: Path) -> Iterator[str]:
    """Yield every text that a file's code holds."""
    for node in nodes(path):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
