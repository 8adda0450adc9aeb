"""What is sent is taken literally: unknown fields, doubled keys, times without an offset, broken text are refused."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import IO, Any, ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ParseError, ValidationError
from rest_framework.parsers import JSONParser

from core.text.typed_dates import is_far, iso_date

RFC3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d(:\d\d(\.\d{1,6})?)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
# Deeper than any body of ours: what reads it calls itself, and would run out of stack.
DEEPEST = 16
TRUE_OR_FALSE = {"true": True, "false": False}
WRITTEN_OUT = "written_out"
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


@dataclass(frozen=True, slots=True)
class Either:
    """Two fields of which exactly one is given; `refusal` says so where both or neither are."""

    one: str
    other: str
    refusal: str | Promise

    @property
    def rule(self) -> dict[str, Any]:
        """The rule in the words of JSON Schema, such that makers of clients pass over it."""
        one, other = {"required": [self.one]}, {"required": [self.other]}
        return {"if": one, "then": {"not": other}, "else": other}


class StrictSerializer(serializers.Serializer[Any]):
    """A body or query whose every field is known, and whose texts are texts."""

    default_error_messages = {"invalid": _("Send an object with named fields.")}
    either: ClassVar[Either | None] = None

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse both of two fields, or neither, where it is to be either. Raises ValidationError."""
        rule = self.either
        if rule and (rule.one in attrs) == (rule.other in attrs):
            raise ValidationError({rule.one: [str(rule.refusal)]})
        return attrs

    def to_internal_value(self, data: Any) -> Any:
        """Return the values. Raises ValidationError naming each field that is unknown or wrong."""
        wrong = self._unknown(data) | self._wrong_kinds(data) if isinstance(data, Mapping) else {}
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

    def _wrong_kinds(self, data: Mapping[str, Any]) -> dict[str, list[ErrorDetail]]:
        named = ((name, field, data[name]) for name, field in self.fields.items() if name in data)
        wrong = {name: self._wrong_kind(field, given) for name, field, given in named}
        return {name: [ErrorDetail(str(text), "invalid")] for name, text in wrong.items() if text}

    def _wrong_kind(self, field: object, given: object) -> object:
        """Return what is wrong with the kind of a value that the framework would make into the right one."""
        # The framework makes texts of numbers, numbers of texts and true of 1: what was not meant so would be written
        # without a word.
        if isinstance(field, serializers.CharField):
            return _("Not a text.") if isinstance(given, int | float) else None
        if isinstance(field, serializers.BooleanField):
            right = given in TRUE_OR_FALSE if self._written_out else isinstance(given, bool)
            return None if right or given is None else _("Give true or false.")
        if _takes_numbers(field):
            return _("Not a number.") if isinstance(given, str) and not self._written_out else None
        inside = given.values() if isinstance(given, Mapping) else given if isinstance(given, list) else ()
        child = getattr(field, "child", None)
        return next(filter(None, (self._wrong_kind(child, one) for one in inside)), None)

    @property
    def _written_out(self) -> bool:
        """Whether values are those of a query, where a number is a text, too."""
        return bool(self.context.get(WRITTEN_OUT))


def _takes_numbers(field: object) -> bool:
    choices = isinstance(field, serializers.ChoiceField) and all(isinstance(one, int) for one in field.choices)
    return choices or isinstance(field, serializers.IntegerField)


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


class CalendarDate(serializers.DateField):
    """A day of the calendar, as RFC 3339 writes it."""

    default_error_messages = {"far": Instant.default_error_messages["far"]}

    def to_internal_value(self, value: Any) -> date:
        """Return the day. Raises ValidationError for anything but year, month and day with hyphens."""
        if not isinstance(value, str):
            self.fail("invalid", format="YYYY-MM-DD")
        try:
            return iso_date(value)
        except ValueError:
            self.fail("far" if is_far(value) else "invalid", format="YYYY-MM-DD")
