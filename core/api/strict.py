"""What is sent is taken literally: unknown fields, doubled keys, times without an offset, broken text are refused."""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import IO, Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ParseError, ValidationError
from rest_framework.parsers import JSONParser

RFC3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d(:\d\d(\.\d{1,6})?)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
DEEPEST = 16
YEARS = range(1900, 2200)


class StrictParser(JSONParser):
    """JSON whose objects name each key once and whose texts can be stored."""

    def parse(self, stream: IO[Any], media_type: str | None = None, parser_context: Any = None) -> Any:
        """Return the parsed body. Raises ParseError."""
        try:
            parsed = json.loads(stream.read().decode(), object_pairs_hook=_once_each, parse_constant=_refuse)
        except (ValueError, RecursionError) as error:
            raise ParseError(_("The body is not JSON.")) from error
        _refuse_broken(parsed, depth=0)
        return parsed


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ParseError(_("A key is given twice."))
    return found


def _refuse(constant: str) -> None:
    raise ValueError(constant)


def _refuse_broken(value: Any, *, depth: int) -> None:
    if depth > DEEPEST:
        raise ParseError(_("The body is nested too deeply."))
    if isinstance(value, str):
        _refuse_unstorable(value)
    elif isinstance(value, dict):
        for key, inner in value.items():
            _refuse_unstorable(key)
            _refuse_broken(inner, depth=depth + 1)
    elif isinstance(value, list):
        for inner in value:
            _refuse_broken(inner, depth=depth + 1)


def _refuse_unstorable(text: str) -> None:
    if "\0" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
        raise ParseError(_("A text holds a NUL or half a character."))


class StrictSerializer(serializers.Serializer[Any]):
    """A body or query whose every field is known, and whose texts are texts."""

    default_error_messages = {"invalid": _("Send an object with named fields.")}

    def to_internal_value(self, data: Any) -> Any:
        """Return the values. Raises ValidationError naming each field that is unknown or wrong."""
        if isinstance(data, Mapping) and (wrong := self._unknown(data) | self._no_texts(data)):
            raise ValidationError(wrong)
        return super().to_internal_value(data)

    def _unknown(self, data: Mapping[str, Any]) -> dict[str, list[ErrorDetail]]:
        unknown = set(data) - {name for name, field in self.fields.items() if not field.read_only}
        return {name: [ErrorDetail(str(_("Unknown field.")), "unknown")] for name in sorted(unknown)}

    def _no_texts(self, data: Mapping[str, Any]) -> dict[str, list[ErrorDetail]]:
        texts = (name for name, field in self.fields.items() if isinstance(field, serializers.CharField))
        numbers = (name for name in texts if isinstance(data.get(name), int | float))
        return {name: [ErrorDetail(str(_("Not a text.")), "invalid")] for name in numbers}


class Instant(serializers.DateTimeField):
    """An RFC 3339 time with its offset; UTC inside."""

    default_error_messages = {
        "offset": _("Give a time with its offset, such as 2026-12-08T10:00:00-06:00."),
        "far": _("This is too far away."),
    }

    def to_internal_value(self, value: Any) -> datetime:
        """Return the time in UTC. Raises ValidationError for anything but RFC 3339 with an offset."""
        if not isinstance(value, str) or not RFC3339.fullmatch(value):
            self.fail("offset")
        try:
            at = datetime.fromisoformat(value.upper()).astimezone(UTC)
        except OverflowError:
            self.fail("far")
        except ValueError:
            self.fail("offset")
        if at.year not in YEARS:
            self.fail("far")
        return at
