"""Reading who has set up what, and when: each act on an entry in one line, at the desk as in the admin."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Field, Model, QuerySet
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.accounts.names import names_of
from core.models import Site
from scheduler.catalogue.affected_claims import LOSSES
from scheduler.models import OpeningHours, SetupAct, SetupChange, Therapy
from scheduler.setup_forms.shown_values import FROM_DAY, shown

BESIDE: Mapping[str, str | Promise] = {
    "sites": gettext_lazy("Sites"),
    "lengths": gettext_lazy("How long it takes, in minutes"),
    FROM_DAY: gettext_lazy("From"),
    "visit": gettext_lazy("Appointment"),
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
    return "; ".join(_changes(one.kind, one.facts, zone))


def losses_in_words(kind: str, before: Mapping[str, Any], after: Mapping[str, Any], zone: ZoneInfo) -> str:
    """Say what was changed of what appointments need of an entry of a kind, from what to what; empty for nothing."""
    facts = {name: (was, after[name]) for name, was in before.items() if name in LOSSES}
    return "; ".join(_changes(kind, facts, zone))


def _changes(kind: str, facts: Mapping[str, Sequence[Any]], zone: ZoneInfo) -> Iterable[str]:
    model = apps.get_model("core" if kind == Site._meta.model_name else "scheduler", kind)
    for name, (before, now) in facts.items():
        field = _field(model, name)
        label = BESIDE.get(name) or capfirst(str(field.verbose_name if field else name))
        words = {
            "what": label,
            "before": shown(name, field, before, other=now, zone=zone),
            "now": shown(name, field, now, other=before, zone=zone),
        }
        yield _as_sentence(name, before, now) % words


def _as_sentence(name: str, before: object, now: object) -> str:
    """Return how a change is told: what is noted beside the columns may have nothing before, or nothing after."""
    if name in BESIDE and before is None:
        return "%(what)s: %(now)s"
    if name in BESIDE and now is None:
        return _("%(what)s: no longer %(before)s")
    return _("%(what)s: from %(before)s to %(now)s")


def _field(model: type[Model], name: str) -> "Field[Any, Any] | None":
    try:
        found = model._meta.get_field(name)
    except FieldDoesNotExist:
        return None
    return found if isinstance(found, Field) else None
