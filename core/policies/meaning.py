"""What the values of a policy mean, in words with their unit and bounds; a content as text for people to read."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import Field, dataclass, fields, is_dataclass
from functools import cache
from typing import Annotated, Any, get_args, get_origin, get_type_hints

import yaml
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _

LARGEST = 100_000
"""No count of a clinic's is greater; in weeks it still lies within the calendar, where time can be reckoned with."""

INDENT = "  "


class UnfitValueError(ValueError):
    """A value that does not fit beside the others. `at`: its name, or the way to it, such as "send_at/0"."""

    def __init__(self, at: str, detail: str) -> None:
        super().__init__(detail)
        self.at = at


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


def written_as(field: "Field[Any]") -> str:
    """Return the name of a field in a content: its own, unless Python keeps that word for itself, as it does `else`."""
    name: str = field.metadata.get("written_as", field.name)
    return name


def parts_of(kind: Any) -> Mapping[str, Any]:  # noqa: ANN401
    """Return the fields of a dataclass with their types, as they are written down."""
    return _read_once(kind)


@cache  # Python reads the annotations anew each time it is asked
def _read_once(kind: Any) -> Mapping[str, Any]:  # noqa: ANN401
    hints = get_type_hints(kind, include_extras=True)
    return {written_as(field): hints[field.name] for field in fields(kind)}


def meaning_of(kind: Any, name: str) -> str:  # noqa: ANN401
    """Return what the value of a dotted name means, as `differences` names it; nothing where nobody says so."""
    found: Meaning | None = None
    for part in name.split("."):
        kind, found = parted(_inside(kind, part))
    return str(found.words) if found else ""


def _inside(kind: Any, part: str) -> Any:  # noqa: ANN401  (types are data here)
    """Return the type of a part of a content: of a name, or of an entry of a list by its number."""
    if is_dataclass(kind):
        return parts_of(kind).get(part)
    inner = [one for one in get_args(kind) if one is not Ellipsis]
    return inner[-1] if inner else None


def as_yaml(kind: type[Any], content: object) -> str:
    """Return a content as YAML, each value with what it means behind it; it reads as the same content."""
    return "".join(f"{line}\n" for line in _lines(kind, _arranged(kind, content)))


def _arranged(kind: Any, content: object) -> Any:  # noqa: ANN401
    """Return a content in the order of its dataclasses: one that was stored has forgotten that of its writer."""
    kind, _meaning = parted(kind)
    inner = [one for one in get_args(kind) if one is not Ellipsis]
    if isinstance(content, list):
        return [_arranged(inner[0] if inner else None, one) for one in content]
    if not isinstance(content, Mapping):
        return content
    if not is_dataclass(kind):
        return {name: _arranged(inner[-1] if inner else None, one) for name, one in content.items()}
    types = parts_of(kind)
    names = sorted(content, key=[*types, *content].index)
    return {name: _arranged(types.get(name), content[name]) for name in names}


def _lines(kind: Any, content: object, indent: str = "") -> Iterator[str]:  # noqa: ANN401
    types = parts_of(kind) if is_dataclass(kind) else {}
    if not isinstance(content, Mapping) or not content:
        yield from (f"{indent}{line}" for line in _plain(content))
        return
    for name, value in content.items():
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


ValueWords = Callable[[str, str], str]
"""From the name of a part and a value of it, such as the id of a question, to what that says."""


def as_written(_name: str, value: str) -> str:
    """Return a value as it stands in a content."""
    return value


def in_words(
    kind: Any,  # noqa: ANN401
    content: object,
    of: str = "",
    *,
    said: ValueWords = as_written,
) -> Iterator[tuple[str, str]]:
    """Yield each value with what it means: ("Minutes for which a chosen time is kept", "15").

    `of`: what the group that it stands in means; `said`: what a value that names something says.
    """
    for words, name, value in _meant(kind, content, of):
        yield (
            words,
            "; ".join(_value(one, name, said) for one in value)
            if isinstance(value, list)
            else _value(value, name, said),
        )


def differences_in_words(
    kind: Any,  # noqa: ANN401
    before: object,
    after: object,
    *,
    said: ValueWords = as_written,
) -> Iterator[str]:
    """Yield what changes between two contents, one line for each meaning: "Minutes for …: 15 → 20".

    Of a list, what is new and what goes; where only its order changes, that.
    """
    old, new = (_by_meaning(kind, content) for content in (before, after))
    for meant in dict.fromkeys([*old, *new]):
        if old.get(meant) != new.get(meant):
            words, name = meant
            yield f"{words}: {_difference(old.get(meant), new.get(meant), name, said)}"


def lines_that_differ(old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[str]:
    """Yield which lines become others, come or go: "Rule R16: … → …"."""
    for name in dict.fromkeys([*old, *new]):
        was, will = old.get(name), new.get(name)
        if was != will:
            yield f"{name}: {_('nothing') if was is None else was} → {_('nothing') if will is None else will}"


def _difference(old: list[object] | None, new: list[object] | None, name: str, said: ValueWords) -> str:
    was, will = ([_value(one, name, said) for one in values or ()] for values in (old, new))
    more, gone = ([one for one in these if one not in those] for these, those in ((will, was), (was, will)))
    if len(was) <= 1 and len(will) <= 1:
        return f"{'; '.join(was) or _('nothing')} → {'; '.join(will) or _('nothing')}"
    lines = [
        _("now also: %s.") % "; ".join(more) if more else "",
        _("no longer: %s.") % "; ".join(gone) if gone else "",
    ]
    return " ".join(filter(None, lines)) or _("in another order: %s") % "; ".join(will)


def _by_meaning(kind: Any, content: object) -> dict[tuple[str, str], list[object]]:  # noqa: ANN401
    """Return the values of a content by what they mean: several where its parts are several of a kind."""
    found: dict[tuple[str, str], list[object]] = {}
    for words, name, value in _meant(kind, content, ""):
        found.setdefault((words, name), []).extend(value if isinstance(value, list) else [value])
    return found


def _meant(kind: Any, content: object, of: str) -> Iterator[tuple[str, str, object]]:  # noqa: ANN401
    """Yield each value with what it means and the name of its part."""
    if isinstance(content, list):
        for one in content:
            yield from _meant(next(iter(get_args(kind)), None), one, of)
    if not isinstance(content, Mapping) or not is_dataclass(kind):
        return
    for name, written in parts_of(kind).items():
        inner, meaning = parted(written)
        words = ", ".join(str(said) for said in (of, meaning.words if meaning else "") if said)
        if is_dataclass(inner) or any(is_dataclass(part) for part in get_args(inner)):
            yield from _meant(inner, content.get(name), words)
        elif meaning is not None and name in content:
            yield capfirst(words), name, content[name]


def _value(value: object, name: str, said: ValueWords) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return f"{value:,}" if isinstance(value, int) else said(name, str(value))
