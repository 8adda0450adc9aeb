"""The first stage: make `.venv` from hash-locked requirements, then go on inside it. Standard library only.

It must be readable by Pythons that are too old for the rest, so that they can say so.
"""

from __future__ import annotations

import fcntl
import hashlib
import importlib
import importlib.util
import json
import os
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import Iterator, Sequence

from local.setup_error import SetupError

ROOT = Path(__file__).resolve().parent.parent
OLDEST = (3, 11)
LOCKS = ("local", "test")  # each holds all of the one before
COMMANDS = ("up", "env", "test", "check_all")  # all others are Django's
NEEDS = {"test": "test", "check_all": "test", "bench": "test"}  # all others need "local"


def main(arguments: Sequence[str]) -> int:
    """Run one command of manage.py and return its exit code; what is missing is said in one sentence."""
    try:
        check_version(sys.version_info[:2])
        return run(list(arguments))
    except SetupError as missing:
        print(missing, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


def run(arguments: list[str]) -> int:
    """Check what can be checked at once, make sure of the packages, then do the command."""
    name = arguments[0] if arguments else "help"
    module = importlib.import_module("local.commands." + (name if name in COMMANDS else "django"))
    module.check(arguments[1:])
    enter(NEEDS.get(name, "local"))
    return int(module.main(arguments[1:] if name in COMMANDS else arguments))


def check_version(version: tuple[int, ...]) -> None:
    """Refuse a Python that is too old."""
    if version < OLDEST:
        raise SetupError(
            "Meridian needs Python {}.{} or newer and this is {}.{}: ".format(*OLDEST, *version[:2])
            + "install a newer Python and run this with it."
        )


def enter(lock: str) -> None:
    """Go on in the environment that has the packages of `lock`; make it first where it is missing."""
    prepared = os.environ.get("MERIDIAN_VENV")  # made by somebody else, as in the container image: used as it is
    folder = Path(prepared) if prepared else ROOT / ".venv"
    if not prepared and not has(folder, lock):
        with alone(ROOT):
            if not has(folder, lock):
                make(folder, lock)
    if Path(sys.prefix).resolve() != folder.resolve():
        python = str(folder / "bin" / "python")
        sys.stdout.flush()
        os.execv(python, [python, str(ROOT / "manage.py"), *sys.argv[1:]])  # noqa: S606  (no shell is the point)


def has(folder: Path, lock: str) -> bool:
    """Tell whether `folder` holds the packages of `lock`, as the lock stands now."""
    try:
        stamp = json.loads((folder / "meridian.json").read_text())
    except (OSError, ValueError):
        return False
    enough = LOCKS[LOCKS.index(lock) :]
    return any(stamp == stamp_of(each) for each in enough) and (folder / "bin" / "python").exists()


def stamp_of(lock: str) -> dict[str, str]:
    """Return what identifies the packages of `lock`."""
    return {"lock": lock, "sha256": hashlib.sha256(requirements(lock).read_bytes()).hexdigest()}


def requirements(lock: str) -> Path:
    """Return the file that lists the packages of `lock` with their hashes."""
    return ROOT / "requirements" / (lock + ".txt")


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Wait until nobody else works on `folder`, and keep others waiting meanwhile."""
    handle = os.open(str(folder), os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def make(folder: Path, lock: str) -> None:
    """Create the environment unless a sound one is there, and install the packages of `lock`."""
    (folder / "meridian.json").unlink() if (folder / "meridian.json").exists() else None
    if not sound(folder):
        check_venv()
        print(f"Making {folder.name} …", flush=True)
        create(folder)
    install(folder, requirements(lock))
    (folder / "meridian.json").write_text(json.dumps(stamp_of(lock)))


def check_venv() -> None:
    """Refuse a Python that was installed without its venv module."""
    if not all(map(importlib.util.find_spec, ("venv", "ensurepip"))):
        raise SetupError(
            "Python's venv module is missing: install it (on Debian and Ubuntu: apt install python3-venv)."
        )


def sound(folder: Path) -> bool:
    """Tell whether a working environment of this Python stands in `folder`."""
    code = f"import pip, sys; sys.exit(sys.version_info[:2] != {sys.version_info[:2]!r})"
    try:
        return (
            subprocess.run([str(folder / "bin" / "python"), "-c", code], capture_output=True, check=False).returncode
            == 0
        )
    except OSError:
        return False


def create(folder: Path) -> None:
    """Make an empty environment, in the place of a half-made one."""
    made = subprocess.run(
        [sys.executable, "-m", "venv", "--clear", str(folder)], capture_output=True, text=True, check=False
    )
    if made.returncode:
        raise SetupError(
            f"{folder} could not be made: see that this folder is writable and has space, then try again.",
            tail=made.stderr or made.stdout,
        )


def install(folder: Path, wanted: Path) -> None:
    """Install exactly what `wanted` lists, showing how far it is."""
    names = sum("==" in line for line in wanted.read_text().splitlines())
    command = [str(folder / "bin" / "python"), "-m", "pip", "install", "--require-hashes", "--no-deps", "--no-input"]
    command += ["--disable-pip-version-check", "--no-color", "--progress-bar", "off", "-r", str(wanted)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as pip:
        lines = show(pip.stdout or iter(()), names)
    if pip.returncode:
        raise SetupError(
            "The packages could not be installed: see that this machine reaches its package index, then try again.",
            tail="\n".join(lines[-12:]),
        )


def show(output: Iterator[str], names: int) -> list[str]:
    """Turn pip's talk into one line that moves on (or, in a log, a few lines); return what was said."""
    lines, fetched, moving = [], 0, sys.stdout.isatty()
    for line in output:
        lines.append(line.rstrip())
        if line.startswith(("Collecting", "Requirement already")):
            fetched += 1
            if moving or fetched % 20 == 1:
                say(f"Fetching packages: {fetched} of {max(names, fetched)}", moving=moving)
        elif line.startswith("Installing collected"):
            say(f"Unpacking {fetched} packages, which takes a little while …", moving=moving)
    say("Packages are ready.", moving=moving)
    return lines


def say(text: str, *, moving: bool) -> None:
    """Print a line of progress, over the last one where the terminal can."""
    print("\r\033[K" + text if moving else text, end="" if moving and "ready" not in text else "\n", flush=True)
