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
        wrong = self._unknown(data) | self._no_texts(data) if isinstance(data, Mapping) else {}
        try:
            values = super().to_internal_value(data)
        except ValidationError as error:
            told = error.detail if isinstance(error.detail, dict) else {}
            raise ValidationError({**told, **wrong}) if wrong else error from error
        if wrong:
            raise ValidationError(wrong)
        return values

    def _unknown(self, data: Mapping[str, Any]) -> dict[str, list[ErrorDetail]]:
        unknown = set(data) - {name for name, field in self.fields.items() if not field.read_only}
        return {name: [ErrorDetail(str(_("Unknown field.")), "unknown")] for name in sorted(unknown)}

    def _no_texts(self, data: Mapping[str, Any]) -> dict[str, list[ErrorDetail]]:
        numbers = (name for name, field in self.fields.items() if _holds_numbers(field, data.get(name)))
        return {name: [ErrorDetail(str(_("Not a text.")), "invalid")] for name in numbers}


def _holds_numbers(field: object, given: object) -> bool:
    """Whether a field that takes a text, or several, is given a number: the framework would make a text of it."""
    if isinstance(field, serializers.CharField):
        return isinstance(given, int | float)
    inside = given.values() if isinstance(given, Mapping) else given if isinstance(given, list) else ()
    return any(_holds_numbers(getattr(field, "child", None), one) for one in inside)


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
