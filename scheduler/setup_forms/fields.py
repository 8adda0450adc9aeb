"""Fields of the admin's forms: texts, keys made from names, days and things to tick."""

import re
from collections.abc import Callable, Iterable
from datetime import time
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from core.forms import TYPE_A_TIME
from core.text.language_names import languages_in_words, read_languages
from core.text.languages import localized, wall_time_in_words
from core.text.typed_times import time_typed
from scheduler.models.calendars import Weekday
from scheduler.wall_time import MIDNIGHT, end_text

LONGEST_KEY = 40
LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})?")


def key_for(name: str, taken: Callable[[str], bool], *, otherwise: str) -> str:
    """Return a free key that is made from a name: "Blue room" gives "blue-room"."""
    stem = slugify(name)[:LONGEST_KEY].strip("-") or otherwise
    # A key is part of slot ids and addresses, and never changes: it is made once, from the first name.
    key, number = stem, 1
    while taken(key):
        number += 1
        key = f"{stem}-{number}"
    return key


class WeekdaysField(forms.TypedMultipleChoiceField):
    """Days of the week to tick."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(choices=Weekday.choices, coerce=int, widget=forms.CheckboxSelectMultiple, **kwargs)


class TypedTimeField(forms.TimeField):
    """A time of day, read as everywhere at the desk: 9, 9 am, 14:30, noon."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**({"error_messages": {"invalid": TYPE_A_TIME}} | options))

    def to_python(self, value: Any) -> time | None:
        """Return the time. Raises ValidationError."""
        found = time_typed(value) if isinstance(value, str) else None
        return found or super().to_python(value)

    def prepare_value(self, value: Any) -> Any:
        """Show a time as people read it."""
        return wall_time_in_words(value) if isinstance(value, time) else value


class EndTimeField(TypedTimeField):
    """When an interval of a day ends: "24:00" or "midnight" is the end of the day."""

    def to_python(self, value: Any) -> time | None:
        """Return the time. Raises ValidationError."""
        # Read here, since Python's `time` ends at 23:59:59.
        ends = {"24", "24:00", "24:00:00", "midnight", _("midnight").lower()}
        if isinstance(value, str) and value.strip().lower() in ends:
            return MIDNIGHT
        return super().to_python(value)

    def prepare_value(self, value: Any) -> Any:
        """Show the end of the day as what it is."""
        return end_text(value) if value == MIDNIGHT else super().prepare_value(value)


class LocalizedMultipleChoiceField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]  # not subscriptable at run time
    """Rows to tick, called by their English names."""

    widget = forms.CheckboxSelectMultiple

    def label_from_instance(self, obj: Any) -> str:
        """Return the row's name."""
        return localized(obj.name) if isinstance(obj.name, dict) else str(obj)


class LocalizedChoiceField(forms.ModelChoiceField):  # type: ignore[type-arg]  # not subscriptable at run time
    """A row to choose, called by its English name."""

    def label_from_instance(self, obj: Any) -> str:
        """Return the row's name; a room with its site's."""
        name = localized(obj.name) if isinstance(getattr(obj, "name", None), dict) else str(obj)
        site = getattr(obj, "site", None)
        return f"{name} ({localized(site.name)})" if site is not None else name


class LanguageTagsField(forms.CharField):
    """Languages on a line, by their names: "English, Spanish"."""

    def prepare_value(self, value: Any) -> Any:
        """Show a list of tags as a line of names."""
        return ", ".join(languages_in_words(value)) if isinstance(value, list) else value

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Whether other languages are named than those there; how they are written is no change."""
        before = initial if isinstance(initial, str) else ", ".join(initial or ())
        try:
            return bool(self.clean(before) != self.clean(data))
        except ValidationError:
            return True

    def clean(self, value: Any) -> list[str]:
        """Return the tags. Raises ValidationError."""
        typed = [one.strip() for one in re.split(r"[,;]+", str(super().clean(value))) if one.strip()]
        tags = [tag for one in typed for tag in (read_languages([one])[0] or one.split())]
        if wrong := [tag for tag in tags if not LANGUAGE.fullmatch(tag)]:
            told = _("No language is called %(wrong)s. Type names, such as English, or tags, such as en or zh-Hans.")
            raise ValidationError(told, params={"wrong": ", ".join(wrong)})
        return tags


def tick_boxes(choices: Iterable[tuple[str, Any]], **kwargs: Any) -> forms.MultipleChoiceField:
    """Return a field of (value, words) boxes; at least one must be ticked unless `required=False`."""
    return forms.MultipleChoiceField(choices=list(choices), widget=forms.CheckboxSelectMultiple, **kwargs)
