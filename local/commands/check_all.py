"""`manage.py check_all`: every reader of the code that is no test, each told in one line."""

import argparse
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from local.commands.django import without_services
from local.services.data_folder import ROOT
from local.setup_error import SetupError

APPS = ("config", "local", "proof", "demo", "notifications", "booking", "scheduler", "core")
SKIPPED = {".git", ".venv", "var", "__pycache__", "requirements", "htmlcov", ".hypothesis"}
SIDE_BY_SIDE = 2  # a small machine's cores
QUIET = ("-W", "ignore::RuntimeWarning")  # Django warns that it cannot look at a database: there is none to look at


@dataclass(frozen=True)
class Check:
    """One reader: its name, its command, and what its environment must say."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)


def check(arguments: Sequence[str]) -> None:
    """Refuse names of checks that there are not."""
    parse(arguments)


def parse(arguments: Sequence[str]) -> list[Check]:
    """Return the checks that are asked for; all when none is named."""
    parser = argparse.ArgumentParser(prog="manage.py check_all", description="Run every check of the code.")
    known = {each.name: each for each in checks()}
    parser.add_argument("names", nargs="*", metavar="name", help=f"only these: {', '.join(known)}")
    names = parser.parse_args(arguments).names
    for name in names:
        if name not in known:
            raise SetupError(f"There is no check called {name}: choose from {', '.join(known)}.")
    return [known[name] for name in names or known]


def main(arguments: Sequence[str]) -> int:
    """Run the checks, two at a time; return 1 when one of them found something."""
    wanted = parse(arguments)
    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        passed = list(pool.map(run, wanted))
    if not all(passed):
        print(f"{passed.count(False)} of {len(passed)} checks failed.", file=sys.stderr)
    return 0 if all(passed) else 1


def run(wanted: Check) -> bool:
    """Run one check and print its line, with what it found under it; return whether it passed."""
    began = time.monotonic()
    environment = without_services({**os.environ, **wanted.environment}) | {"DJANGO_SETTINGS_MODULE": "config.settings"}
    done = subprocess.run(wanted.command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    line = f"{wanted.name:<12} {'failed' if done.returncode else 'ok':<6} {time.monotonic() - began:5.1f} s"
    found = f"\n{done.stdout}{done.stderr}".rstrip() if done.returncode else ""
    print(line + found, flush=True)
    return done.returncode == 0


def checks() -> list[Check]:
    """Return every check, the slowest first."""
    return [
        Check("types", tool("mypy")),
        Check("deploy", django("check", "--deploy", "--fail-level", "WARNING"), production()),
        Check("migrations", django("makemigrations", "--check", "--dry-run")),
        Check("django", django("check", "--fail-level", "WARNING")),
        Check("imports", (*tool("importlinter.cli", "lint-imports"), "--no-cache")),
        Check("templates", (*tool("djlint"), *APPS, "--lint", "--quiet")),
        Check("secrets", secrets_hook()),
        Check("texts", tool("local.commands.translatable_templates")),
        Check("lint", (*tool("ruff"), "check", "--quiet", ".")),
        Check("format", (*tool("ruff"), "format", "--check", "--quiet", ".")),
    ]


def tool(module: str, script: str = "") -> tuple[str, ...]:
    """Return how to run a tool of this environment."""
    return (str(Path(sys.executable).with_name(script)),) if script else (sys.executable, "-m", module)


def django(*words: str) -> tuple[str, ...]:
    """Return how to run one of Django's commands."""
    return (sys.executable, *QUIET, "-m", "django", *words)


def production() -> dict[str, str]:
    """Return an environment like that of a real clinic, for the checks that ask for one."""
    return {
        "DEBUG": "false",
        "MERIDIAN_DEMO": "false",
        "SECRET_KEY": secrets.token_urlsafe(48),
        "PUBLIC_URL": "https://appointments.example.org",
        "ALLOWED_HOSTS": "appointments.example.org",
        "EMAIL_URL": "smtp://mail.example.org:25",
        "MAIL_FROM": "Appointments <appointments@example.org>",
        "CLINIC_NAME": "Appointments",
        "CLINIC_PHONE": "(312) 555-0100",
    }


def secrets_hook() -> tuple[str, ...]:
    """Return how to look for secrets in every file that could be committed."""
    return (*tool("", "detect-secrets-hook"), "--baseline", ".secrets.baseline", *own_files())


def own_files() -> Iterator[str]:
    """Yield the project's own files, without what tools keep and without the lists of hashes."""
    for folder, inner, files in os.walk(ROOT):
        inner[:] = [name for name in inner if name not in SKIPPED and not name.endswith("_cache")]
        yield from (os.path.relpath(Path(folder, name), ROOT) for name in files)
