"""A policy's content between YAML, JSON and a key's own dataclass: values in, values out; no database, no clock."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import time
from enum import StrEnum
from typing import Any, TypeVar, get_args, get_origin

from django.utils.translation import gettext as _

from core.policies.meaning import Meaning, meaning_of, parted, parts_of
from core.refusals import Invalid

T = TypeVar("T")
FieldError = dict[str, str]


def read_content(kind: type[T], content: object) -> T:
    """Return a content as its dataclass. Raises Invalid, which names each place that is wrong, missing or unknown.

    A mapping is a dataclass, a list a tuple, "09:00" a time; numbers are whole, within the bounds of
    their `Meaning`. The dataclass's own `__post_init__` raises ValueError for what does not fit together.
    """
    found: list[FieldError] = []
    value = _read(kind, content, "", found)
    if found:
        raise Invalid(_("The policy cannot be read."), errors=found)
    made: T = value
    return made


def _read(kind: Any, value: object, at: str, found: list[FieldError]) -> Any:  # noqa: ANN401  (types are data here)
    kind, meaning = parted(kind)
    if is_dataclass(kind):
        return _mapping(kind, value, at, found)
    if get_origin(kind) is tuple:
        return _list(get_args(kind)[0], value, at, found)
    if kind is int:
        return _number(meaning or Meaning(""), value, at, found)
    return _plain(kind, value, at, found)


def _mapping(kind: Any, value: object, at: str, found: list[FieldError]) -> Any:  # noqa: ANN401
    if not isinstance(value, Mapping):
        return _wrong(at, _("Give names with values."), found)
    types, known = parts_of(kind), {field.name: field for field in fields(kind)}
    for name in value:
        if name not in known:
            _wrong(f"{at}/{name}", _("Nothing reads this."), found)
    before = len(found)
    read = {name: _field(field, types[name], value, at, found) for name, field in known.items()}
    if len(found) > before or any(name not in known for name in value):
        return None
    try:
        return kind(**{name: one for name, one in read.items() if one is not MISSING})
    except ValueError as error:
        return _wrong(at, str(error), found)


def _field(field: "Field[Any]", kind: Any, value: Mapping[str, object], at: str, found: list[FieldError]) -> Any:  # noqa: ANN401
    if field.name in value:
        return _read(kind, value[field.name], f"{at}/{field.name}", found)
    if field.default is not MISSING or field.default_factory is not MISSING:
        return MISSING
    return _wrong(f"{at}/{field.name}", _("This is missing."), found)


def _list(kind: Any, value: object, at: str, found: list[FieldError]) -> Any:  # noqa: ANN401
    if not isinstance(value, list | tuple):
        return _wrong(at, _("Give a list."), found)
    return tuple(_read(kind, one, f"{at}/{number}", found) for number, one in enumerate(value))


def _plain(kind: Any, value: object, at: str, found: list[FieldError]) -> Any:  # noqa: ANN401
    # Before whole numbers: to Python True is one of them.
    if kind is bool:
        return value if isinstance(value, bool) else _wrong(at, _("Say true or false."), found)
    if kind is time:
        return _time(value, at, found)
    if not isinstance(value, str):
        return _wrong(at, _("Give a text."), found)
    if issubclass(kind, StrEnum):
        names = [str(one) for one in kind]
        return kind(value) if value in names else _wrong(at, _("Choose from: %s.") % ", ".join(names), found)
    return value


def _number(meaning: Meaning, value: object, at: str, found: list[FieldError]) -> int | None:
    """Read a whole number within its bounds."""
    if isinstance(value, int) and not isinstance(value, bool) and meaning.least <= value <= meaning.most:
        return value
    _wrong(at, _("Give a whole number, %(range)s.") % {"range": meaning.range}, found)
    return None


def _time(value: object, at: str, found: list[FieldError]) -> time | None:
    """Read a time of the wall clock. Without its quotes YAML makes a number of it: minutes, or seconds."""
    try:
        read = time.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        read = None
    if read is not None and read.tzinfo is None:  # one with an offset compares with no wall clock
        return read
    _wrong(at, _('Give a time of the wall clock in quotes, such as "09:00".'), found)
    return None


def _wrong(at: str, detail: str, found: list[FieldError]) -> Any:  # noqa: ANN401  (nothing, in the place of a value)
    found.append({"pointer": at or "/", "detail": detail})


def hash_of(content: object) -> str:
    """Return the hash by which a content is approved: the same for the same content, however it is written down."""
    return hashlib.sha256(json.dumps(content, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def differences(kind: type[Any], before: object, after: object) -> list[str]:
    """Return what changes between two contents, one line for each value: "booking.max_per_week: 2 → 3 (meaning)"."""
    old, new = dict(_values(before)), dict(_values(after))
    names = [*old, *(name for name in new if name not in old)]
    return [
        f"{name}: {_shown(old, name)} → {_shown(new, name)}{_meant(kind, name)}"
        for name in names
        if (name in old) != (name in new) or old.get(name) != new.get(name)
    ]


def _meant(kind: type[Any], name: str) -> str:
    words = meaning_of(kind, name)
    return f" ({words})" if words else ""


def _shown(values: Mapping[str, object], name: str) -> str:
    return json.dumps(values[name], ensure_ascii=False) if name in values else _("nothing")


def _values(content: object, name: str = "") -> Iterator[tuple[str, object]]:
    """Yield each value of a content with its dotted name; a list counts its entries from 1."""
    parts: Iterable[tuple[object, object]] = ()
    if isinstance(content, Mapping):
        parts = content.items()
    elif isinstance(content, list):
        parts = enumerate(content, 1)
    elif name:
        yield name, content
    for key, value in parts:
        yield from _values(value, f"{name}.{key}" if name else str(key))
