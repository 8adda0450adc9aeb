"""What the demo clinic is, read from its YAML file."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml

FILE = Path(__file__).parent / "data" / "clinic.yaml"
WEEKDAYS = {"mon": 1, "tue": 2, "wed": 3, "thu": 4, "fri": 5, "sat": 6, "sun": 7}


@cache
def definition() -> Any:  # noqa: ANN401  (as YAML has it)
    """Return sites, practitioners and people as written. It is shared: callers do not change it."""
    return yaml.safe_load(FILE.read_text(encoding="utf-8"))
