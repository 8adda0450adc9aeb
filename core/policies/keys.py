"""Which policies there are: each key with the dataclass that reads its content, and what a new clinic begins with."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import yaml

from core.models import Policy
from core.policies.content import read_content
from core.refusals import Invalid

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyKey:
    """A kind of policy. `begins_with`: the YAML file that a clinic without one begins with.

    `approvals`: how many people must have approved a draft, beside the one who publishes it.
    """

    key: str
    content: type[Any]
    begins_with: Path | None = None
    approvals: int = 0

    def first_content(self) -> Any:  # noqa: ANN401  (as YAML has it)
        """Return the content that a clinic begins with, None where it begins with none."""
        return yaml.safe_load(self.begins_with.read_text(encoding="utf-8")) if self.begins_with else None


_registered: dict[str, PolicyKey] = {}


def register(key: PolicyKey) -> None:
    """Make a kind of policy known; apps do so when they are ready."""
    _registered[key.key] = key


def registered() -> tuple[PolicyKey, ...]:
    """Return the kinds of policies there are, by name."""
    return tuple(_registered[key] for key in sorted(_registered))


def policy_key(key: str) -> PolicyKey:
    """Return a kind of policy by its name. Raises Invalid."""
    found = _registered.get(key)
    if found is None:
        raise Invalid(f"There is no policy {key!r}; there are: {', '.join(sorted(_registered))}.", pointer="/key")
    return found


def content_of(policy: Policy, kind: type[T]) -> T:
    """Return a policy's content as its dataclass, read once for a row: a published one never changes.

    Raises Invalid for what the dataclass does not know: nothing is replaced by what the code would rather have.
    """
    memory = vars(policy)
    if "read_content" not in memory:
        memory["read_content"] = read_content(kind, policy.content)
    found: T = memory["read_content"]
    return found
