"""Which policies there are: each key with the dataclass that reads its content, and what a new clinic begins with."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import yaml
from django.utils.translation import gettext as _

from core.models import Policy
from core.policies.content import Found, read_content
from core.refusals import Invalid

T = TypeVar("T")


def nothing_wrong(_content: object) -> Iterable[Found]:
    """Return that nothing is wrong with a content that can be read."""
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyKey:
    """A kind of policy. `begins_with`: the YAML file that a clinic without one begins with.

    `approvals`: how many people must have approved a draft, beside the one who publishes it. `wrong`: what is refused
    of a content that can be read, each with its place, when it is written.
    """

    key: str
    content: type[Any]
    begins_with: Path | None = None
    approvals: int = 0
    wrong: Callable[[Any], Iterable[Found]] = nothing_wrong

    def read(self, content: object) -> Any:  # noqa: ANN401  (each key's own dataclass)
        """Return a content that somebody writes or publishes. Raises Invalid for what cannot be read, or is `wrong`.

        What is in force is read without that second look: what it asks for may have gone since, and mail that stops
        for it would help nobody.
        """
        value = read_content(self.content, content)
        if found := list(self.wrong(value)):
            raise Invalid(_("The policy cannot be read."), errors=found)
        return value

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
