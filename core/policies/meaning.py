"""What the values of a policy mean, in words with their unit and bounds; a content as text for people to read."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import Annotated, Any, get_args, get_origin, get_type_hints

import yaml
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _

LARGEST = 100_000
"""No count of a clinic's is greater; in weeks it still lies within the calendar, where time can be reckoned with."""

INDENT = "  "


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a value says, its unit among the words: "minutes for which…". Of a number, its bounds.

    Written beside a field's type: `minutes: Annotated[int, Meaning(…)]`.
    """

    words: str | Promise
    least: int = 0
    most: int = LARGEST

    @property
    def range(self) -> str:
        """The bounds in words."""
        return _("%(least)s to %(most)s") % {"least": f"{self.least:,}", "most": f"{self.most:,}"}

    @property
    def with_range(self) -> str:
        """What it means, with bounds where it has some of its own."""
        return str(self.words) if (self.least, self.most) == (0, LARGEST) else f"{self.words} ({self.range})"


def parted(kind: Any) -> tuple[Any, Meaning | None]:  # noqa: ANN401  (types are data here)
    """Return a field's type without what it means, and that."""
    if get_origin(kind) is Annotated:
        return kind.__origin__, next((one for one in kind.__metadata__ if isinstance(one, Meaning)), None)
    return kind, None


def parts_of(kind: Any) -> dict[str, Any]:  # noqa: ANN401
    """Return the fields of a dataclass with their types, as they are written down."""
    hints = get_type_hints(kind, include_extras=True)
    return {field.name: hints[field.name] for field in fields(kind)}


def meaning_of(kind: Any, name: str) -> str:  # noqa: ANN401
    """Return what the value of a dotted name means, as `differences` names it; nothing where nobody says so."""
    found: Meaning | None = None
    for part in name.split("."):
        if part.isdecimal():
            kind, found = get_args(kind)[0], None
        else:
            kind, found = parted(parts_of(kind).get(part)) if is_dataclass(kind) else (None, None)
    return str(found.words) if found else ""


def as_yaml(kind: type[Any], content: object) -> str:
    """Return a content as YAML, each value with what it means behind it; it reads as the same content."""
    return "".join(f"{line}\n" for line in _lines(kind, content))


def _lines(kind: Any, content: object, indent: str = "") -> Iterator[str]:  # noqa: ANN401
    types = parts_of(kind) if is_dataclass(kind) else {}
    if not isinstance(content, Mapping) or not content:
        yield from (f"{indent}{line}" for line in _plain(content))
        return
    # In the order of the dataclass: a content that was stored has forgotten the order in which it was written.
    for name in sorted(content, key=[*types, *content].index):
        value = content[name]
        inner, meaning = parted(types.get(name))
        comment = f"  # {meaning.with_range}" if meaning else ""
        if isinstance(value, Mapping) and value:
            yield f"{indent}{name}:{comment}"
            yield from _lines(inner, value, indent + INDENT)
        else:
            first, *more = _plain({name: value})
            yield f"{indent}{first}{comment}"
            yield from (f"{indent}{line}" for line in more)


def _plain(value: object) -> list[str]:
    return yaml.safe_dump(value, sort_keys=False, allow_unicode=True).splitlines()


def in_words(kind: Any, content: object, of: str = "") -> Iterator[tuple[str, str]]:  # noqa: ANN401
    """Yield each value with what it means: ("Minutes for which a chosen time is kept", "15").

    `of`: what the group that it stands in means.
    """
    if isinstance(content, list):
        for one in content:
            yield from in_words(next(iter(get_args(kind)), None), one, of)
    if not isinstance(content, Mapping) or not is_dataclass(kind):
        return
    for name, written in parts_of(kind).items():
        inner, meaning = parted(written)
        words = ", ".join(str(said) for said in (of, meaning.words if meaning else "") if said)
        if is_dataclass(inner) or any(is_dataclass(part) for part in get_args(inner)):
            yield from in_words(inner, content.get(name), words)
        elif meaning is not None and name in content:
            yield capfirst(words), _value(content[name])


def _value(value: object) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return ", ".join(_value(one) for one in value)
    return f"{value:,}" if isinstance(value, int) else str(value)
