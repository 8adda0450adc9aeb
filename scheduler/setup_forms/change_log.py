"""Reading who has set up what, and when: each act on an entry in one line, at the desk as in the admin."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db.models import DateField, DateTimeField, Field, Model, QuerySet, TimeField
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.accounts.names import names_of
from core.models import Site
from core.text.languages import date_in_words, wall_time_in_words, when_in_words
from core.text.typed_dates import iso_date
from scheduler.models import OpeningHours, SetupAct, SetupChange, Therapy

NOTHING = "–"
FROM_DAY = "valid_from"
BESIDE: Mapping[str, str | Promise] = {
    "sites": gettext_lazy("Sites"),
    "lengths": gettext_lazy("How long it takes, in minutes"),
    FROM_DAY: gettext_lazy("From"),
}
"""What is noted beside the columns of an entry."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EditLine:
    """One act on an entry: what was done in words, by whom and when."""

    what: str
    who: str
    at: datetime


def edits_of(entry: Model, *, zone: ZoneInfo, most: int | None = None) -> list[EditLine]:
    """Return what was done to an entry, the newest first, `most` at most; days and times by the clock of `zone`."""
    return _lines(SetupChange.objects.filter(kind=entry._meta.model_name, entry=entry.pk), zone, most)


def edits_of_therapy(number: int, *, zone: ZoneInfo, most: int | None = None) -> list[EditLine]:
    """Return what was done to a therapy, by its number, and to how long it takes."""
    return _lines(SetupChange.objects.filter(kind=Therapy._meta.model_name, entry=number), zone, most)


def edits_of_opening(site: Site, *, most: int | None = None) -> list[EditLine]:
    """Return what was done to the opening hours of a site, each with which they are."""
    rows = SetupChange.objects.filter(kind=OpeningHours._meta.model_name, site=site)
    return _lines(rows, site.tz, most, heading=lambda one: f"{one.called}: ")


def _lines(
    rows: QuerySet[SetupChange],
    zone: ZoneInfo,
    most: int | None,
    *,
    heading: Callable[[SetupChange], str] = lambda _one: "",
) -> list[EditLine]:
    found = list(rows.order_by("-pk")[:most])
    names = names_of(one.by for one in found)
    return [
        EditLine(
            what=heading(one) + in_words(one, zone), who=names.get(one.by) or _("a task of the service"), at=one.at
        )
        for one in found
    ]


def in_words(one: SetupChange, zone: ZoneInfo) -> str:
    """Say what was done: of what was changed, from what to what."""
    if one.act != SetupAct.CHANGE:
        return str(SetupAct(one.act).label)
    return "; ".join(_changes(one, zone))


def _changes(one: SetupChange, zone: ZoneInfo) -> Iterable[str]:
    model = apps.get_model("core" if one.kind == Site._meta.model_name else "scheduler", one.kind)
    for name, (before, now) in one.facts.items():
        field = _field(model, name)
        label = BESIDE.get(name) or capfirst(str(field.verbose_name if field else name))
        facts = {
            "what": label,
            "before": _in_time(field, name, before, zone) or _shown(field, before, now),
            "now": _in_time(field, name, now, zone) or _shown(field, now, before),
        }
        yield _("%(what)s: from %(before)s to %(now)s") % facts


def _field(model: type[Model], name: str) -> "Field[Any, Any] | None":
    try:
        found = model._meta.get_field(name)
    except FieldDoesNotExist:
        return None
    return found if isinstance(found, Field) else None


def _in_time(field: "Field[Any, Any] | None", name: str, value: Any, zone: ZoneInfo) -> str:
    """Return a day, a time of the clock or a moment as people read it; empty where a value is none of these."""
    if not isinstance(value, str) or not value:
        return ""
    if isinstance(field, DateTimeField):
        return when_in_words(datetime.fromisoformat(value), zone)
    if isinstance(field, DateField):
        return date_in_words(iso_date(value))
    if isinstance(field, TimeField):
        return wall_time_in_words(time.fromisoformat(value))
    from_day = field is None and name == FROM_DAY  # noted as the moment at which the day begins
    return date_in_words(datetime.fromisoformat(value).astimezone(zone).date()) if from_day else ""


def _shown(field: "Field[Any, Any] | None", value: Any, other: Any) -> str:
    """Return a value as people read it; of a text in several languages those which differ from the `other`."""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, dict):
        against = other if isinstance(other, dict) else {}
        differ = {key: text for key, text in value.items() if against.get(key) != text}
        return ", ".join(str(text) if key == "en" else f"{key}: {text}" for key, text in differ.items()) or NOTHING
    if isinstance(value, list):
        return ", ".join(map(str, value)) or NOTHING
    if value in (None, ""):
        return NOTHING
    choices = dict(field.flatchoices) if field is not None else {}
    return str(choices.get(value, value))
