"""The catalogue that ships with the project, read from its YAML files."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).parents[1] / "fixtures"


@cache
def fixture(name: str, *, folder: Path = HERE) -> Any:  # noqa: ANN401  (YAML says what it is)
    """Return the content of `name`.yaml. It is shared: callers do not change it."""
    return yaml.safe_load((folder / f"{name}.yaml").read_text(encoding="utf-8"))
