"""What becomes of reminders, for the reports of a clinic: how many went out, and who came after one."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, QuerySet
from django.db.models.expressions import Combinable
from django.utils.translation import gettext_lazy as _

from booking.public import reports
from notifications.models import Message
from notifications.status import FOR_STAFF, Delivery, MessageKind

CAME = {"fulfilled": True, "noshow": False}


@dataclass(frozen=True, slots=True, kw_only=True)
class RemindedCount:
    """So many appointments that are alike: whether a reminder went out, and whether somebody came (None: not known)."""

    sent: bool
    came: bool | None = None
    number: int = 1


def reminders_sent(counts: Sequence[RemindedCount]) -> reports.Figure:
    """Return of how many a reminder went out, of those that were to have one."""
    return reports.share(sum(one.number for one in counts if one.sent), sum(one.number for one in counts))


def came_when_reminded(counts: Sequence[RemindedCount]) -> reports.Figure:
    """Return how many came, of those who had a reminder."""
    known = [one for one in counts if one.sent and one.came is not None]
    return reports.share(sum(one.number for one in known if one.came), sum(one.number for one in known))


OF_REMINDERS: Sequence[tuple[reports.Measure, Callable[[Sequence[RemindedCount]], reports.Figure]]] = (
    (
        reports.Measure(
            key="reminders-sent",
            name=_("Reminders that went out"),
            meaning=_(
                "Appointments of which at least one reminder was sent ÷ those of which one was sent, has failed, or "
                "has an unknown end. What was no longer needed counts for nothing."
            ),
            part=_("Reminded"),
            whole=_("To be reminded"),
            unit=reports.MeasureUnit.SHARE,
            better=reports.Better.HIGHER,
        ),
        reminders_sent,
    ),
    (
        reports.Measure(
            key="came-when-reminded",
            name=_("Came after a reminder"),
            meaning=_("Appointments that took place after a reminder was sent ÷ those and the ones missed after one."),
            part=_("Came"),
            whole=_("Reminded, came or did not"),
            unit=reports.MeasureUnit.SHARE,
            better=reports.Better.HIGHER,
        ),
        came_when_reminded,
    ),
)


def reminded_counts(query: reports.ReportQuery) -> reports.PartCounts[RemindedCount]:
    """Return counts of the appointments of which a reminder went out, or was to."""
    return reports.counted_by_part(query, reports.reported_visits(query), _reminded)


def _reminded(rows: QuerySet, key: Combinable) -> reports.PartCounts[RemindedCount]:  # type: ignore[type-arg]
    sent, lost = Exists(_reminders(Delivery.SENT)), Exists(_reminders(*sorted(FOR_STAFF)))
    found: dict[object, list[RemindedCount]] = defaultdict(list)
    # One after the other: as a column, the database would look the mails up for each appointment alone.
    for was_sent, some in ((True, rows.filter(sent)), (False, rows.filter(lost).exclude(sent))):
        alike = some.annotate(report_key=key).values_list("report_key", "status")
        for name, status, number in alike.annotate(Count("pk")):
            found[name].append(RemindedCount(sent=was_sent, came=CAME.get(status), number=number))
    return found


def _reminders(*ended: str) -> QuerySet[Message]:
    return Message.objects.filter(appointment=OuterRef("pk"), kind=MessageKind.REMINDER, status__in=ended)


SOURCE = reports.MeasureSource(measures=OF_REMINDERS, read=reminded_counts, dimensions=reports.OF_VISITS)
