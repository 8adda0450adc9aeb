"""Filters of lists: each value is understood or refused."""

from datetime import datetime
from typing import Any

import django_filters
from django import forms
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import ValidationError

from core.api.strict import TRUE_OR_FALSE, Instant


class InstantFormField(forms.Field):
    """A time with its offset, in a query."""

    def to_python(self, value: Any) -> datetime | None:
        """Return the time in UTC, or None when none is given. Raises ValidationError."""
        if value in self.empty_values:
            return None
        try:
            return Instant().to_internal_value(value)
        except ValidationError as error:
            raise forms.ValidationError([str(detail) for detail in error.detail]) from error


class InstantFilter(django_filters.IsoDateTimeFilter):  # type: ignore[misc]  # comes without types
    """Compares with an RFC 3339 time."""

    field_class = InstantFormField


class TrueOrFalseFormField(forms.Field):
    """Yes or no, in a query."""

    def to_python(self, value: Any) -> bool | None:
        """Return which, or None when neither is given. Raises ValidationError."""
        if value in self.empty_values:
            return None
        # Refused: Django's own field takes what it does not know for nothing given, and would list everything.
        if value not in TRUE_OR_FALSE:
            raise forms.ValidationError(_("Give true or false."), code="invalid")
        return TRUE_OR_FALSE[value]


class TrueOrFalseFilter(django_filters.BooleanFilter):  # type: ignore[misc]
    """Compares with yes or no."""

    field_class = TrueOrFalseFormField


class ChoicesFilter(django_filters.BaseInFilter, django_filters.ChoiceFilter):  # type: ignore[misc]
    """One of several choices, separated by commas."""


class UUIDsFilter(django_filters.BaseInFilter, django_filters.UUIDFilter):  # type: ignore[misc]
    """One of several ids, separated by commas."""
