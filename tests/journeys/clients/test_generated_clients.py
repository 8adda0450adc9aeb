"""Makers of clients read the description, and what they make books, moves and cancels."""

import os
import shutil
import sys
from pathlib import Path

import pytest

from tests.journeys.clients.conftest import HERE, ROOT, TOOLS

pytestmark = [pytest.mark.journey, pytest.mark.full, pytest.mark.timeout(600)]

NODE_TOOLS = "npm install -g openapi-typescript openapi-fetch typescript@5 tsx @types/node"
LINTERS = {"redocly": "@redocly/cli", "spectral": "@stoplight/spectral-cli"}


def node_tool(name: str, install: str) -> Path:
    """Return where a program of Node's is, or skip the test in words."""
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed, so this was not tried: {install}")
    return Path(found)


def test_a_developer_makes_a_python_client_and_books_with_it(description, as_dana, run, tmp_path):
    path = {"PATH": f"{TOOLS}{os.pathsep}{os.environ['PATH']}", "PYTHONPATH": str(tmp_path)}
    package = tmp_path / "meridian_client"
    run(
        TOOLS / "openapi-python-client",
        *("generate", "--path", description, "--meta", "none", "--output-path", package),
        env=os.environ | path,
    )
    run(sys.executable, HERE / "walk.py", *as_dana, env=os.environ | path)


def test_a_developer_makes_a_typescript_client_and_books_with_it(description, as_dana, run, tmp_path):
    maker, compiler, runner = (node_tool(name, NODE_TOOLS) for name in ("openapi-typescript", "tsc", "tsx"))
    modules = next(folder for folder in maker.resolve().parents if folder.name == "node_modules")
    if not (modules / "openapi-fetch").exists():
        pytest.skip(f"openapi-fetch is not installed, so this was not tried: {NODE_TOOLS}")
    (tmp_path / "node_modules").symlink_to(modules)
    (tmp_path / "package.json").write_text('{"type": "module"}')
    shutil.copy(HERE / "walk.ts", tmp_path)
    # What has a default may be left out of what is sent.
    run(maker, description, "--default-non-nullable", "false", "-o", "schema.ts", cwd=tmp_path)
    strict = ("--noEmit", "--strict", "--skipLibCheck", "--target", "es2022", "--module", "esnext")
    run(compiler, *strict, "--moduleResolution", "bundler", "--types", "node", "walk.ts", cwd=tmp_path)
    run(runner, "walk.ts", *as_dana, cwd=tmp_path)


@pytest.mark.parametrize("linter", list(LINTERS))
def test_the_readers_that_developers_use_find_no_fault_with_the_description(linter, description, run):
    found = node_tool(linter, f"npm install -g {LINTERS[linter]}")
    options = {"redocly": ("--config", ROOT / "redocly.yaml"), "spectral": ("--ruleset", ROOT / ".spectral.yaml")}
    run(found, "lint", description, *options[linter], cwd=description.parent)
