"""How a report is asked for over the wire, and how it looks."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from booking.reports.groups import GROUPS, NEXT
from booking.reports.lines import ReportedMeasure
from booking.reports.measures import Better, Figure, MeasureUnit
from booking.reports.report_query import Dimension
from core.api import CalendarDate, StrictSerializer

UNITS = [(one.value, one.value) for one in MeasureUnit]
DIMENSIONS = [(one.value, one.value) for one in Dimension]
WAYS = [(one.value, one.value) for one in Better if one.value]
ABOUT = [(key, key) for key in (*GROUPS, NEXT)]


class ReportQuerySerializer(StrictSerializer):
    """What is measured, of which site and days, told apart by what."""

    site = serializers.SlugField(help_text=_("Key of a site."))
    about = serializers.ChoiceField(
        ABOUT, required=False, default=next(iter(GROUPS)), help_text=_("Which measures; `next` is about now.")
    )
    by = serializers.ChoiceField(
        DIMENSIONS, required=False, default=Dimension.WEEK.value, help_text=_("By what they are told apart.")
    )

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """Return the fields; `from` is a word of Python's, so it cannot be written above."""
        since = CalendarDate(
            required=False,
            help_text=_("The first day; the last four whole weeks when both are left out, or the last whole quarter."),
        )
        until = CalendarDate(
            required=False, help_text=_("The last day: today at the latest, and a year later at most.")
        )
        return super().get_fields() | {"from": since, "until": until}


class FigureSerializer(serializers.Serializer[Any]):
    """What was counted, of how many, and what that comes to; `shown` is false where it is of too few people."""

    shown = serializers.BooleanField()
    counted = serializers.IntegerField(allow_null=True, help_text=_("A part of `of`; of a median there is none."))
    of = serializers.IntegerField(allow_null=True)
    value = serializers.FloatField(
        allow_null=True,
        help_text=_("In the measure's unit: a share from 0 to 1, or a median; null where there is none."),
    )
    nine_of_ten_within = serializers.FloatField(allow_null=True, help_text=_("Beside a median alone."))


class ReportLineSerializer(FigureSerializer):
    """The same of one part."""

    key = serializers.CharField(help_text=_("A Monday, the key of a therapy, program or site, the id of somebody …"))
    name = serializers.CharField()


class ReportedMeasureSerializer(serializers.Serializer[Any]):
    """A measure: what it means, its parts, and what these come to together (null where they do not)."""

    key = serializers.SlugField()
    name = serializers.CharField()
    meaning = serializers.CharField()
    unit = serializers.ChoiceField(UNITS)
    better = serializers.ChoiceField(WAYS, allow_blank=True, help_text=_("Empty: neither way."))
    in_minutes = serializers.BooleanField(help_text=_("Whether `counted` and `of` are minutes."))
    told_apart = serializers.BooleanField(help_text=_("Whether it can be told apart as was asked."))
    lines = ReportLineSerializer(many=True)
    together = FigureSerializer(allow_null=True)


class ReportSerializer(serializers.Serializer[Any]):
    """A report. `from` and `until` are null of what is about now."""

    site = serializers.SlugField()
    about = serializers.ChoiceField(ABOUT)
    by = serializers.ChoiceField(DIMENSIONS)
    measures = ReportedMeasureSerializer(many=True)

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """Return the fields; `from` is a word of Python's, so it cannot be written above."""
        return super().get_fields() | {
            "from": serializers.DateField(allow_null=True, help_text=_("The first day that it is about.")),
            "until": serializers.DateField(allow_null=True, help_text=_("The last day that it is about.")),
        }


def as_measure(one: ReportedMeasure) -> dict[str, Any]:
    """Return a measure as it goes over the wire."""
    measure = one.measure
    return {
        "key": measure.key,
        "name": measure.name,
        "meaning": measure.meaning,
        "unit": measure.unit.value,
        "better": measure.better.value,
        "in_minutes": measure.in_minutes,
        "told_apart": one.apart,
        "lines": [{"key": line.part.key, "name": line.part.name} | _figure(line.figure) for line in one.lines],
        "together": _figure(one.together) if one.together or one.few else None,
    }


def _figure(figure: Figure | None) -> dict[str, Any]:
    shown = figure or Figure(whole=0)
    return {
        "shown": figure is not None,
        "counted": shown.part,
        "of": shown.whole if figure else None,
        "value": shown.value,
        "nine_of_ten_within": shown.high,
    }
