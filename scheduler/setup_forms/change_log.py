"""Who has set up what, and when: each edit by a form says from what to what, at the desk as in the admin."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from scheduler.setup_forms.edit_form import EditForm

NOTHING = "–"


def changes_in_words(form: EditForm) -> str:
    """Return by field from what to what a form changes a row; once it is valid."""
    return "; ".join(_changes(form))


def _changes(form: EditForm) -> Iterable[str]:
    for name in form.changed_data:
        field = form.fields[name]
        if name == "anyway":
            continue
        facts = {"what": field.label, "before": _shown(field, form.initial.get(name))}
        yield _("%(what)s: from %(before)s to %(now)s") % (facts | {"now": _shown(field, form.cleaned_data.get(name))})


def _shown(field: forms.Field, value: Any) -> str:
    """Return a value as whoever edits reads it."""
    if isinstance(field, forms.ModelChoiceField):
        several = isinstance(field, forms.ModelMultipleChoiceField)
        rows = value if several else [value]
        keys = [getattr(one, "pk", one) for one in rows or () if one is not None]
        return ", ".join(str(one) for one in _chosen(field, keys)) or NOTHING
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list | tuple | set):
        return ", ".join(map(str, value)) or NOTHING
    return str(value) if value not in (None, "") else NOTHING


def _chosen(field: Any, keys: Iterable[Any]) -> Iterable[Any]:
    """Return the rows of a choice, also those that cannot be chosen any more."""
    rows: Iterable[Any] = field.queryset.model._default_manager.filter(pk__in=keys)
    return rows


def edits_of(row: Any) -> QuerySet[LogEntry]:
    """Return what was noted of a row, the newest first."""
    kind = ContentType.objects.get_for_model(row, for_concrete_model=False)
    rows = LogEntry.objects.filter(content_type=kind, object_id=str(row.pk))
    return rows.select_related("user").order_by("-action_time", "-pk")
