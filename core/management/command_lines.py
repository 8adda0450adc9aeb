"""How a command of this installation is typed."""

import shlex
from pathlib import Path

from django.conf import settings


def command_line(*words: str) -> str:
    """Return a command as it is typed where this one runs: with the folder of what runs, unless it is the usual one."""
    folder = settings.DATA_FOLDER
    usual = not folder or Path(folder) == settings.BASE_DIR / "var"
    return shlex.join(["python3", "manage.py", *words, *([] if usual else ["--data", folder])])
