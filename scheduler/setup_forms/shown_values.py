"""A value of set-up as people read it: names for keys, a clock of twelve hours, days in words."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django.db import models
from django.utils.translation import gettext as _

from core.models import Site
from core.text.languages import date_in_words, language_in_words, localized, wall_time_in_words, when_in_words
from core.text.typed_dates import iso_date
from scheduler.catalogue.checks import professions
from scheduler.catalogue.families import families
from scheduler.models.catalogue import VisitType

NOTHING = "–"
FROM_DAY = "valid_from"


def _visit(value: str) -> str:
    return str(VisitType(value).label) if value in VisitType.values else value


def _profession(value: str) -> str:
    return professions().get(value, value)


def _family(value: str) -> str:
    return next((localized(one.name) for one in families() if one.key == value), value)


def _site(value: str) -> str:
    found = Site.objects.filter(key=value).first()
    return str(found) if found else value


def _feature(value: str) -> str:
    return value.replace("_", " ")


NAMED: Mapping[str, Callable[[str], str]] = {
    "visit": _visit,
    "visits": _visit,
    "nucc": _profession,
    "family": _family,
    "languages": language_in_words,
    "sites": _site,
    "features": _feature,
}
"""What calls the things of a column by their names."""


def shown(name: str, field: "models.Field[Any, Any] | None", value: Any, *, other: Any, zone: ZoneInfo) -> str:
    """Return what a column held, as people read it; of a text in several languages what differs from the `other`."""
    if value in (None, "", []):
        return NOTHING
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, dict):
        against = other if isinstance(other, dict) else {}
        differ = {key: text for key, text in value.items() if against.get(key) != text}
        texts = [str(text) if key == "en" else f"{language_in_words(key)}: {text}" for key, text in differ.items()]
        return ", ".join(texts) or NOTHING
    if name == "lengths":
        return _minutes(value)
    if isinstance(value, list):
        return ", ".join(NAMED[name](str(one)) if name in NAMED else _listed(one) for one in value)
    return NAMED[name](value) if name in NAMED else _in_time(name, field, str(value), zone) or _chosen(field, value)


def _listed(one: object) -> str:
    return " ".join(map(str, one.values())) if isinstance(one, dict) else str(one)


def _minutes(parts: Sequence[int]) -> str:
    facts = {"total": sum(parts), "parts": " + ".join(map(str, parts))}
    return _("%(total)d (%(parts)s)") % facts if len(parts) > 1 else str(sum(parts))


def _in_time(name: str, field: "models.Field[Any, Any] | None", value: str, zone: ZoneInfo) -> str:
    """Return a day, a time of the clock or a moment as people read it; empty where a value is none of these."""
    if isinstance(field, models.DateTimeField):
        return when_in_words(datetime.fromisoformat(value), zone)
    if isinstance(field, models.DateField):
        return date_in_words(iso_date(value))
    if isinstance(field, models.TimeField):
        return wall_time_in_words(time.fromisoformat(value))
    from_day = field is None and name == FROM_DAY  # noted as the moment at which the day begins
    return date_in_words(datetime.fromisoformat(value).astimezone(zone).date()) if from_day else ""


def _chosen(field: "models.Field[Any, Any] | None", value: object) -> str:
    choices = dict(field.flatchoices) if field is not None else {}
    return str(choices.get(value, value))
