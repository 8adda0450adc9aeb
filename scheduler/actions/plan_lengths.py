"""How long a therapy takes from a day on: a plan of its own, so that what is booked keeps its own."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db.models import F, Max, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.database.transactions import unit
from core.principal import Principal
from core.refusals import Forbidden, Invalid, Missing, Refusal
from core.rights import Action, sites_for
from scheduler.actions.setup_ledger import note_change
from scheduler.models import Offering, Segment, Therapy, VisitPlan
from scheduler.search.lengths import LONGEST


class LengthsChanged(Refusal):
    """Somebody has changed how long it takes since it was looked at."""

    code = "lengths-changed"
    title = gettext_lazy("How long it takes was changed since you looked. Nothing of yours was saved: look again.")


def plan_named(number: int, *, therapy: str) -> VisitPlan:
    """Return a plan of a therapy (its key) that was not taken back. Raises Missing."""
    found = VisitPlan.objects.filter(pk=number, therapy__key=therapy, withdrawn_at=None).select_related("therapy")
    if (plan := found.first()) is None:
        raise Missing
    return plan


def plan_at(plan: VisitPlan, since: datetime) -> VisitPlan:
    """Return the plan of the same visit that holds for starts from a moment on."""
    begun = _same(plan).filter(withdrawn_at=None).exclude(valid_from__gt=since)
    return begun.order_by(F("valid_from").desc(nulls_last=True)).first() or plan


def may_change(plan: VisitPlan, *, by: Principal) -> bool:
    """Whether somebody sets up every site at which the therapy is given: it takes as long at each."""
    sites = Offering.objects.filter(therapy=plan.therapy_id).values_list("site", flat=True)
    mine = sites_for(by, Action.EDIT_CATALOGUE)
    return bool(mine) and set(sites) <= mine


@unit
def change_lengths(
    plan: VisitPlan, minutes: Sequence[int], *, since: datetime, by: Principal, at: datetime, seen: int | None = None
) -> VisitPlan:
    """Let a visit take other minutes, segment by segment, from a start on; what is booked stays as it is.

    `seen`: the plan that held from then on as somebody looked. What was to hold from a later day on is taken back: the
    newest word holds. Raises Forbidden, Invalid, LengthsChanged.
    """
    _lock(plan, by=by)
    before = plan_at(plan, since)
    if seen is not None and seen != before.pk:
        raise LengthsChanged
    segments = list(before.segments.order_by("position"))
    if len(minutes) != len(segments) or not all(1 <= one <= LONGEST for one in minutes):
        raise Invalid(_("Type minutes from 1 to %d.") % LONGEST, pointer="/minutes")
    if [one.minutes for one in segments] == list(minutes):
        raise Invalid(_("It takes as long as that already."), pointer="/minutes")
    if since <= at - timedelta(days=1):
        raise Invalid(_("Choose today or a later day."), pointer="/since")
    no_more = _end_from(plan, since, at=at)
    last = _same(plan).aggregate(last=Max("version"))["last"] or 0
    made = VisitPlan.objects.create(
        therapy_id=plan.therapy_id,
        visit=plan.visit,
        technique=plan.technique,
        version=last + 1,
        valid_from=since,
        place_features=before.place_features,
        device_pools=before.device_pools,
        fills_room=before.fills_room,
    )
    Segment.objects.bulk_create(
        Segment(plan=made, position=one.position, name=one.name, minutes=length, presence=one.presence)
        for one, length in zip(segments, minutes, strict=True)
    )
    for lengths, days in [([one.minutes for one in segments], (None, since)), *no_more]:
        facts = {"lengths": (lengths, list(minutes)), "valid_from": days}
        note_change(plan.therapy, {**facts, **_which(plan)}, by=by, at=at)
    return made


@unit
def take_back_lengths(plan: VisitPlan, *, by: Principal, at: datetime) -> None:
    """Let a visit take as long as before, where another length does not hold yet. Raises Forbidden, Invalid."""
    _lock(plan, by=by)
    plan = plan_named(plan.pk, therapy=plan.therapy.key)
    if plan.valid_from is None or plan.valid_from <= at:
        raise Invalid(_("It holds already: change it from a day on instead."), pointer="/since")
    plan.withdrawn_at = at
    plan.save(update_fields=["withdrawn_at"])
    now = plan_at(plan, plan.valid_from)
    facts = {"lengths": (_minutes(plan), _minutes(now)), "valid_from": (plan.valid_from, None)}
    note_change(plan.therapy, {**facts, **_which(plan)}, by=by, at=at)


def _end_from(
    plan: VisitPlan, since: datetime, *, at: datetime
) -> list[tuple[list[int], tuple[datetime | None, None]]]:
    """End what was to hold from a moment on; return the lengths of what was to begin later, and the days of each."""
    ended = _same(plan).filter(valid_from__gte=since, withdrawn_at=None)
    later = ended.filter(valid_from__gt=since).order_by("valid_from")
    found = [(_minutes(one), (one.valid_from, None)) for one in later]
    ended.update(withdrawn_at=at)
    return found


def _which(plan: VisitPlan) -> dict[str, tuple[None, str]]:
    """Return of which visit, and in which technique where there are several, a length is noted."""
    named = {"visit": plan.visit, "technique": plan.technique.replace("_", " ")}
    return {name: (None, value) for name, value in named.items() if value}


def _minutes(plan: VisitPlan) -> list[int]:
    return list(plan.segments.order_by("position").values_list("minutes", flat=True))


def _lock(plan: VisitPlan, *, by: Principal) -> None:
    if not may_change(plan, by=by):
        raise Forbidden
    Therapy.objects.select_for_update(no_key=True).get(pk=plan.therapy_id)


def _same(plan: VisitPlan) -> QuerySet[VisitPlan]:
    return VisitPlan.objects.filter(therapy=plan.therapy_id, visit=plan.visit, technique=plan.technique)
