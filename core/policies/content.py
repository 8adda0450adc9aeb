"""A policy's content between YAML, JSON and a key's own dataclass: values in, values out; no database, no clock."""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import time
from decimal import Decimal
from enum import StrEnum
from types import UnionType
from typing import Any, TypeVar, get_args, get_origin

from django.utils.translation import gettext as _

from core.policies.meaning import Meaning, UnfitValueError, meaning_of, parted, parts_of, written_as
from core.refusals import Invalid

T = TypeVar("T")
FieldError = dict[str, str]
LANGUAGE_TAG = re.compile(r"[a-z]{2,3}(?:-[A-Za-z]{2,4})?")


def read_content(kind: type[T], content: object) -> T:
    """Return a content as its dataclass. Raises Invalid, which names each place that is wrong, missing or unknown.

    A mapping is a dataclass, or names of the clinic's own where the type is a Mapping; a list is a tuple, "09:00" a
    time; numbers are whole, or decimal where the type is Decimal, within the bounds of their `Meaning`. Where a type
    is a text or a list, the one text stands for itself. A field that holds `languages` takes what stands beside its
    neighbours under a language's tag, behind what it says that comes before the tag. The dataclass's own
    `__post_init__` raises UnfitValueError for a value that does not fit beside the others, and ValueError for what does
    not fit together.
    """
    found: list[FieldError] = []
    value = _read(kind, content, "", found)
    if found:
        raise Invalid(_("The policy cannot be read."), errors=found)
    made: T = value
    return made


def readable_parts(kind: type[Any], content: object) -> dict[str, Any]:
    """Return those parts of a content, by their names in the dataclass, that can be read whatever the others say."""
    if not isinstance(content, Mapping):
        return {}
    types, known = parts_of(kind), {written_as(field): field for field in fields(kind)}
    content, found = _with_languages(known, content), {}
    for name, field in known.items():
        wrong: list[FieldError] = []
        value = _field(field, types[name], content, "", wrong)
        if not wrong and value is not MISSING:
            found[field.name] = value
    return found


def _read(kind: Any, value: object, at: str, found: list[FieldError]) -> Any:  # noqa: ANN401  (types are data here)
    kind, meaning = parted(kind)
    if kind is Any:  # its reader says what is wrong with it
        return value
    if get_origin(kind) is UnionType:
        kind = next(one for one in get_args(kind) if (one is str) is isinstance(value, str))
    if is_dataclass(kind):
        return _mapping(kind, value, at, found)
    if get_origin(kind) is Mapping:
        return _names(get_args(kind)[1], value, at, found)
    if get_origin(kind) is tuple:
        return _list(get_args(kind)[0], value, at, found)
    if kind in (int, Decimal):
        return _number(kind, meaning or Meaning(""), value, at, found)
    return _plain(kind, value, at, found)


def _names(kind: Any, value: object, at: str, found: list[FieldError]) -> Any:  # noqa: ANN401
    """Read names of the clinic's own, each with a value of one type."""
    if not isinstance(value, Mapping):
        return _wrong(at, _("Give names with values."), found)
    return {str(name): _read(kind, one, f"{at}/{name}", found) for name, one in value.items()}


def _mapping(kind: Any, value: object, at: str, found: list[FieldError]) -> Any:  # noqa: ANN401
    if not isinstance(value, Mapping):
        return _wrong(at, _("Give names with values."), found)
    types, known = parts_of(kind), {written_as(field): field for field in fields(kind)}
    value = _with_languages(known, value)
    for name in value:
        if name not in known:
            _wrong(f"{at}/{name}", _("Nothing reads this."), found)
    before = len(found)
    read = {name: _field(field, types[name], value, at, found) for name, field in known.items()}
    if len(found) > before or any(name not in known for name in value):
        return None
    try:
        return kind(**{known[name].name: one for name, one in read.items() if one is not MISSING})
    except UnfitValueError as error:
        return _wrong(f"{at}/{error.at}", str(error), found)
    except ValueError as error:
        return _wrong(at, str(error), found)


def _field(field: "Field[Any]", kind: Any, value: Mapping[str, object], at: str, found: list[FieldError]) -> Any:  # noqa: ANN401
    name = written_as(field)
    if name in value:
        return _read(kind, value[name], f"{at}/{name}", found)
    if field.default is not MISSING or field.default_factory is not MISSING:
        return MISSING
    return _wrong(f"{at}/{name}", _("This is missing."), found)


def _with_languages(known: "Mapping[str, Field[Any]]", value: Mapping[str, object]) -> Mapping[str, object]:
    """Return a mapping whose texts by language, which stand among its other names, are one value."""
    holder, begins = next(
        ((name, field.metadata["languages"]) for name, field in known.items() if "languages" in field.metadata),
        (None, ""),
    )
    if holder is None:
        return value
    tags = {str(name).removeprefix(begins): name for name in value if _is_tag(str(name), begins, known)}
    held = value.get(holder, {})
    if not tags or not isinstance(held, Mapping) or not tags.keys().isdisjoint(held):
        return value
    rest = {name: one for name, one in value.items() if name not in tags.values()}
    return rest | {holder: {**held, **{tag: value[name] for tag, name in tags.items()}}}


def _is_tag(name: str, begins: str, known: "Mapping[str, Field[Any]]") -> bool:
    return name not in known and name.startswith(begins) and bool(LANGUAGE_TAG.fullmatch(name.removeprefix(begins)))


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


def _number(kind: Any, meaning: Meaning, value: object, at: str, found: list[FieldError]) -> Any:  # noqa: ANN401
    """Read a number within its bounds: a whole one, or a decimal one where the type says so."""
    numbers = int | float if kind is Decimal else int
    if isinstance(value, numbers) and not isinstance(value, bool) and meaning.least <= value <= meaning.most:
        return kind(str(value))  # by way of its text 0.1 stays 0.1
    said = _("Give a number, %(range)s.") if kind is Decimal else _("Give a whole number, %(range)s.")
    return _wrong(at, said % {"range": meaning.range}, found)


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
