"""The parts that a report tells apart: by which expression the database does, and what each is called."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from django.contrib.postgres.fields import ArrayField
from django.db.models import (
    BooleanField,
    Case,
    CharField,
    DateTimeField,
    Exists,
    F,
    FloatField,
    Func,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Value,
    When,
)  # fmt: skip
from django.db.models.expressions import Combinable
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from booking.families.status import FamilyState
from booking.models import Appointment, Enrolment, FamilyLink
from booking.reports.report_query import Dimension, ReportQuery
from core.text.languages import date_in_words, language_in_words, localized, short_date_in_words
from scheduler import public as scheduler

CountT = TypeVar("CountT")
PartCounts = Mapping[object, Sequence[CountT]]
"""Counts by part: as the database calls it."""

STARTS = F("period__startswith")
AGES = (18, 40, 65, 80)
AGE_BANDS = (
    gettext_lazy("under 18"), gettext_lazy("18 to 39"), gettext_lazy("40 to 64"), gettext_lazy("65 to 79"),
    gettext_lazy("80 and over"),
)  # fmt: skip
ONCE_FAMILY = (FamilyState.ACTIVE, FamilyState.ENDED)
ALL_TOGETHER = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportPart:
    """A part: as the database calls it, as programs do, as people do, and that where there is little room."""

    found_as: object
    key: str
    name: str
    short: str = ""


def counted_by_part(
    query: ReportQuery,
    rows: QuerySet[Appointment],
    read: Callable[[QuerySet[Appointment], Combinable], PartCounts[CountT]],
) -> PartCounts[CountT]:
    """Return what `read` counts of appointments, told apart as a report asks."""
    if query.dimension is not Dimension.PROGRAM:
        return read(rows, _key(query))
    found: dict[object, Sequence[CountT]] = {}
    here = scheduler.programs_at(query.site.pk)
    # Somebody may take part in two: each program counts its own, and who is in none is a part as well.
    for program in here:
        found[program.key] = read(rows.filter(_enrolled(program.key)), Value(ALL_TOGETHER)).get(ALL_TOGETHER, ())
    none = rows.exclude(_enrolled(*(program.key for program in here)))
    return found | {"": read(none, Value(ALL_TOGETHER)).get(ALL_TOGETHER, ())}


def _enrolled(*programs: str) -> Exists:
    """Return whether an appointment's patient took part in one of some programs at its site when it began."""
    theirs = Enrolment.objects.filter(patient=OuterRef("patient"), site=OuterRef("site"), program__in=programs)
    return Exists(theirs.filter(Q(ends_at=None) | Q(ends_at__gt=OuterRef("period__startswith"))))


def _key(query: ReportQuery) -> Combinable:
    keys: Mapping[Dimension | None, Callable[[], Combinable]] = {
        Dimension.WEEK: lambda: _by_week(query),
        Dimension.PRACTITIONER: lambda: F("practitioner_id"),
        Dimension.THERAPY: lambda: F("therapy_id"),
        Dimension.LANGUAGE: lambda: F("patient__language"),
        Dimension.AGE: _by_age,
        Dimension.FAMILY: _by_family,
    }
    return keys.get(query.dimension, lambda: Value(ALL_TOGETHER))()


def _by_week(query: ReportQuery) -> Combinable:
    # The database looks the place up among so many moments: to reckon each one's wall time takes far longer.
    inner = query.days.week_edges(query.site.tz)[1:-1]
    edges = Value(inner, output_field=ArrayField(DateTimeField()))
    return Func(STARTS, edges, function="width_bucket", output_field=IntegerField())


def _by_age() -> Combinable:
    age = Func(STARTS, F("patient__birth_date"), function="age", output_field=CharField())
    years = Func(Value("year"), age, function="date_part", output_field=FloatField())
    bands = Value(list(map(float, AGES)), output_field=ArrayField(FloatField()))
    return Func(years, bands, function="width_bucket", output_field=IntegerField())


def _by_family() -> Combinable:
    links = FamilyLink.objects.filter(relative=OuterRef("patient"), state__in=ONCE_FAMILY)
    began = links.filter(confirmed_at__lte=OuterRef("created_at"))
    return Case(When(Exists(began), then=Value(value=True)), default=Value(value=False), output_field=BooleanField())


def parts_of(query: ReportQuery, found: Collection[object]) -> list[ReportPart]:
    """Return the parts of a report in their order: each week, and of the others those that something is found of."""
    dimension = query.dimension
    if dimension is Dimension.WEEK:
        return [
            ReportPart(
                found_as=number, key=monday.isoformat(), name=date_in_words(monday), short=short_date_in_words(monday)
            )
            for number, monday in enumerate(query.days.mondays)
        ]
    named = {
        Dimension.PRACTITIONER: lambda: _numbered(scheduler.practitioners_by_id, found),
        Dimension.THERAPY: lambda: _numbered(scheduler.therapies_by_id, found),
        Dimension.PROGRAM: lambda: _programs(query),
        Dimension.LANGUAGE: lambda: _languages(found),
        Dimension.AGE: lambda: [
            ReportPart(found_as=number, key=str((0, *AGES)[number]), name=str(words))
            for number, words in enumerate(AGE_BANDS)
        ],
        Dimension.FAMILY: lambda: [
            ReportPart(found_as=True, key="family", name=_("Members of a patient's family")),
            ReportPart(found_as=False, key="patients", name=_("Everybody else")),
        ],
    }
    return [one for one in named[dimension]() if one.found_as in found] if dimension in named else []


def _numbered(
    names: Callable[[Collection[int]], Mapping[int, tuple[str, str]]], found: Collection[object]
) -> list[ReportPart]:
    ids = [one for one in found if isinstance(one, int)]
    return [ReportPart(found_as=number, key=key, name=name) for number, (key, name) in names(ids).items()]


def _programs(query: ReportQuery) -> list[ReportPart]:
    here = [
        ReportPart(found_as=one.key, key=one.key, name=localized(one.name) or one.key)
        for one in scheduler.programs_at(query.site.pk)
    ]
    return [*here, ReportPart(found_as="", key="none", name=_("In no program"))]


def _languages(found: Collection[object]) -> list[ReportPart]:
    named = [ReportPart(found_as=tag, key=str(tag), name=language_in_words(str(tag))) for tag in found]
    return sorted(named, key=lambda part: part.name)
