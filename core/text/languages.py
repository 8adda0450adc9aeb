"""Texts in several languages, and dates in the reader's language."""

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_skeleton, format_time, get_timezone_location
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

BASE = "en"
NO_LANGUAGE = _("Nobody knows the language “%(tag)s”. Write a language tag such as es or zh-Hans.")
FORMS = 4096
"""How many dates and times are kept as they are written: pages and mails show the same ones again and again."""


def has_base_language(texts: object) -> None:
    """Refuse texts that are not a map of language tags with at least English, and languages that nobody knows."""
    if not isinstance(texts, dict) or not all(isinstance(t, str) for t in texts.values()):
        raise ValidationError(_("Give a map of language tags to texts."))
    if not texts.get(BASE):
        raise ValidationError(_("The English text is missing."))
    if unknown := unknown_languages(texts):
        raise ValidationError(NO_LANGUAGE, params={"tag": unknown[0]})


def unknown_languages(tags: Iterable[str]) -> list[str]:
    """Return which of some language tags name no language that CLDR has a name for."""
    known = Locale.parse(BASE).languages
    return [tag for tag in tags if base_of(tag) not in known]


def base_of(tag: str) -> str:
    """Return the language of a tag without its script and country: "zh" of "zh-Hans"."""
    return re.split("[-_]", tag, maxsplit=1)[0]


class Texts(models.JSONField):
    """One text in several languages: {"en": "Acupuncture", "es": "Acupuntura"}; English is always there."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401  (what every field takes)
        kwargs.setdefault("validators", [has_base_language])
        super().__init__(*args, **kwargs)


def localized(texts: Mapping[str, str], language: str | None = None) -> str:
    """Return the text in `language` (the reader's when None), falling back to English."""
    tag = language or get_language() or BASE
    return texts.get(tag) or texts.get(tag.split("-")[0]) or texts.get(BASE, "")


def released_language(language: str) -> str:
    """Return the language a whole text is written in: the reader's where it is released, else English."""
    released = {tag for tag, _name in settings.LANGUAGES}
    return next((tag for tag in (language, language.split("-", maxsplit=1)[0]) if tag in released), BASE)


def _locale(language: str | None) -> str:
    """Return whose way of writing dates fits a language; one that nobody knows is read as English."""
    tag = language or get_language() or BASE
    # English is that of the United States here: month before day, and twelve hours.
    known = None if tag == BASE else _known(tag)
    return str(known or "en_US")


def _known(tag: str) -> Locale | None:
    """Return the locale of a language tag, or None where there is none."""
    try:
        return Locale.parse(tag, sep="-")
    except (UnknownLocaleError, ValueError):
        return None


def day_in_words(day: date, language: str | None = None) -> str:
    """Return a date such as "Tuesday, December 8, 2026"."""
    return _date(day, "full", _locale(language))


def time_in_words(at: datetime, zone: ZoneInfo, language: str | None = None) -> str:
    """Return a wall-clock time such as "10:00 AM" in `zone`."""
    return _time(at.astimezone(zone).time(), _locale(language))


def wall_time_in_words(wall: time, language: str | None = None) -> str:
    """Return what a clock on the wall shows, such as "9:00 PM"."""
    return _time(wall, _locale(language))


def when_in_words(at: datetime, zone: ZoneInfo, language: str | None = None) -> str:
    """Return "Tuesday, December 8, 2026, 10:00 AM" in `zone`."""
    return f"{day_in_words(at.astimezone(zone).date(), language)}, {time_in_words(at, zone, language)}"


def date_in_words(day: date, language: str | None = None) -> str:
    """Return a date without its weekday, such as "December 8, 2026"."""
    return _date(day, "long", _locale(language))


def near_day_in_words(day: date, language: str | None = None) -> str:
    """Return a date without its year, such as "Tuesday, December 8"."""
    locale = Locale.parse(_locale(language))
    pattern = str(locale.datetime_skeletons["MMMEd"].pattern)
    return format_date(day, re.sub("M{3}", "MMMM", re.sub("E+", "EEEE", pattern)), locale=locale)


def day_from_in_words(day: date, today: date, language: str | None = None) -> str:
    """Return a date without its year where that is this one."""
    return (near_day_in_words if day.year == today.year else day_in_words)(day, language)


def weekday_in_words(day: date, language: str | None = None) -> str:
    """Return a weekday, such as "Tuesday"."""
    return _date(day, "EEEE", _locale(language))


def month_in_words(day: date, language: str | None = None) -> str:
    """Return a month as it stands alone, such as "December"."""
    return _date(day, "LLLL", _locale(language))


def zone_in_words(zone: ZoneInfo, language: str | None = None) -> str:
    """Return whose clock it is, such as "Chicago time"."""
    return gettext("%(city)s time") % {"city": _city(zone, _locale(language))}


def language_in_words(tag: str, language: str | None = None) -> str:
    """Return the name of a language, such as "Korean"."""
    known = _known(tag)
    return (known.get_language_name(_locale(language)) if known else None) or tag


def short_day_in_words(day: date, language: str | None = None) -> str:
    """Return a date for a narrow place, such as "Tue, Dec 8"."""
    return _short_date(day, "MMMEd", _locale(language))


def short_date_in_words(day: date, language: str | None = None) -> str:
    """Return a date without weekday and year for a narrow place, such as "Dec 8"."""
    return _short_date(day, "MMMd", _locale(language))


@lru_cache(maxsize=FORMS)
def _date(day: date, width: str, locale: str) -> str:
    return format_date(day, width, locale=locale)


@lru_cache(maxsize=FORMS)
def _short_date(day: date, skeleton: str, locale: str) -> str:
    return str(format_skeleton(skeleton, day, locale=locale))


@lru_cache(maxsize=FORMS)
def _time(wall: time, locale: str) -> str:
    # CLDR parts hour and AM by a narrow space that many fonts and mail programs do not have.
    return format_time(wall, "short", locale=locale).replace("\u202f", "\u00a0")


@lru_cache(maxsize=FORMS)
def _city(zone: ZoneInfo, locale: str) -> str:
    return str(get_timezone_location(zone, locale=locale, return_city=True))
