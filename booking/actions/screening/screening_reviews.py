"""Health answers are looked at: whoever gave them may come, is called first, or must stay away for now.

Each decision can be taken back on its day.
"""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from booking import closures
from booking.actions import calls, holds, links, requested_slots
from booking.actions.booking_checks import insist_on_staff
from booking.actions.moves import locked
from booking.actions.proposals import TimeHeldAlready
from booking.actions.screening.screening import ScreeningNotAsked
from booking.models import (
    Appointment,
    CallReason,
    ReviewNews,
    ScreeningDecision,
    ScreeningResponse,
    ScreeningReview,
)
from booking.screening.decided import decision_in_words, put_back, state_of, why_it_stands
from booking.screening.first_days import earliest_day_of
from booking.screening.policies import screening_policy
from booking.screening.queries import (
    ASKED,
    PATIENT,
    audience_number,
)
from booking.screening.questionnaire import Outcome
from booking.screening.review_times import LOOKED_AHEAD, CallWindow, call_windows
from booking.screening.reviews import to_review
from core.accounts.names import name_of
from core.database.transactions import unit
from core.doorbell import ring
from core.principal import Principal
from core.refusals import Invalid, Missing, Refusal
from core.text.languages import when_in_words
from scheduler import public as scheduler

WINDOWS = 6
LONGEST_WINDOW = timedelta(days=1)
LONGEST_AWAY = timedelta(days=366)
SOON = timedelta(hours=24)
"""Whoever is told so shortly before to stay away, or to wait, is called as well: a mail may be read too late."""

DECIDED = ("decision", "decided_at", "decided_by")
TAKEN_BACK = ("taken_back_at", "taken_back_by")
TOLD = ("news", "news_at")


class ScreeningDecided(Refusal):
    """Somebody has decided about these answers already, or newer ones were given. Facts: `decision`, `decided_by`."""

    code = "screening-decided"
    title = gettext_lazy("Somebody has looked at these answers already, or they were given anew.")


class ScreeningDecisionStands(Refusal):
    """A decision is taken back on its day, before the check-in, and only while the appointment is as it was."""

    code = "screening-decision-stands"
    title = gettext_lazy("This decision can no longer be taken back.")


@unit
def approve(public_id: UUID, *, masked: bool, talked: bool = False, by: Principal, at: datetime) -> ScreeningResponse:
    """Let somebody come, with or without a mask. Raises Missing, ScreeningDecided, StaffOnly.

    `talked`: whoever decides has talked with them; without that nobody comes who said that they need help (Invalid).
    The caller must be allowed to review at the visit's site; nobody decides about their own. So for all acts here.
    """
    row = _open(public_id, by=by, at=at)
    if row.outcome == Outcome.SEEK_CARE and not talked:
        said = _("They said that they need help now. Talk with them first, and tick that you have.")
        raise Invalid(said, pointer="/talked")
    before = state_of(row)
    row.masked = masked
    return _decided(row, ReviewNews.APPROVED, before=before, talked=talked, by=by, at=at)


@unit
def ask(public_id: UUID, window: CallWindow, *, by: Principal, at: datetime) -> ScreeningResponse:
    """Let somebody be called before it is decided; the answers stay to be looked at. Raises Missing, ScreeningDecided.

    Asked again, the newer time counts. Raises Invalid for a time that is over, or not before the visit.
    """
    row = _open(public_id, by=by, at=at)
    _check_window(window, row.appointment, at=at)
    before = state_of(row)
    row.asked_at, row.asked_by = at, by.key
    row.call_starts_at, row.call_ends_at = window.starts_at, window.ends_at
    row.due_at = window.ends_at
    return _decided(row, ReviewNews.ASKED, before=before, by=by, at=at)


@unit
def decline(
    public_id: UUID, *, earliest_day: date | None = None, slot_id: str = "", by: Principal, at: datetime
) -> ScreeningResponse:
    """Let somebody stay away for now: their time stays theirs until they choose another one, or give it back.

    `earliest_day`: from when on they may come, which has to be said where nobody knows it yet; `slot_id`: a time that
    is kept for them meanwhile, from that day on. Raises Missing, ScreeningDecided, Invalid, and what holding a time
    refuses.
    """
    row = _open(public_id, by=by, at=at)
    visit, before = row.appointment, state_of(row)
    first_day = earliest_day or earliest_day_of(row, at=at)
    if first_day is None:
        raise Invalid(_("Say from which day on they may come: nobody knows it yet."), pointer="/earliest_day")
    row.earliest_day = first_day
    today = at.astimezone(visit.site.tz).date()
    if not today < row.earliest_day <= today + LONGEST_AWAY:
        raise Invalid(_("Choose a day after today, and within a year."), pointer="/earliest_day")
    if slot_id and row.companion != PATIENT:
        raise Invalid(_("A time is kept for the patient alone."), pointer="/slot")
    kept = _keep(visit, slot_id, from_day=row.earliest_day, at=at) if slot_id else None
    return _decided(row, ReviewNews.DECLINED, before=before, kept=kept, by=by, at=at)


@unit
def take_back(public_id: UUID, *, review: UUID | None = None, by: Principal, at: datetime) -> ScreeningResponse:
    """Take a decision back: the answers are as they were before it. Twice is the same as once.

    `review`: which decision, the newest where none is named. Raises Missing, ScreeningDecided, ScreeningDecisionStands.
    """
    visit, row = _locked(public_id)
    insist_on_staff(visit, by)
    made = list(row.reviews.all())  # the newest first
    found = next((one for one in made if review in (None, one.public_id)), None)
    if found is None and review is not None:
        raise Missing
    if found is None and row.decision:
        raise ScreeningDecisionStands
    if found is None or found.taken_back_at:
        return row
    _be_newest(row, visit)
    if found != next(one for one in made if one.taken_back_at is None):
        raise ScreeningDecisionStands(_("Another decision was made since then. Please look at that one first."))
    if why := why_it_stands(found, row, at=at):
        raise ScreeningDecisionStands(why)
    found.taken_back_at, found.taken_back_by = at, by.key
    found.save(update_fields=["taken_back_at", "taken_back_by"])
    _put_back(row, found, by=by, at=at)
    if found.hold_id is not None:
        _keep_no_longer(found, visit, at=at)
    return row


def _keep_no_longer(review: ScreeningReview, visit: Appointment, *, at: datetime) -> None:
    """Let go of the time that was kept; what they had chosen themselves is theirs as long as it was."""
    kept = [held for held in holds.lock_holds_for(visit) if held.pk == review.hold_id]
    theirs = review.hold_was_until
    if theirs is None or theirs <= at:
        holds.let_go(kept, at=at)
        return
    for held in kept:
        holds.keep_until(held, theirs, proposed=False, at=at)


def _put_back(row: ScreeningResponse, review: ScreeningReview, *, by: Principal, at: datetime) -> None:
    """Let answers be as they were before a decision, and tell whoever heard of it."""
    changed = put_back(row, review.before)
    row.decision, row.decided_at, row.decided_by = "", None, ""
    row.taken_back_at, row.taken_back_by = at, by.key
    row.due_at = max(at, row.due_at or at)
    called = row.call_ends_at is not None and row.call_ends_at > at
    _tell(row, ReviewNews.ASKED if called else ReviewNews.AGAIN, at=at)
    row.save(update_fields=[*changed, *DECIDED, *TAKEN_BACK, *TOLD])
    if row.outcome == Outcome.SEEK_CARE and review.talked:
        calls.raise_for([row.appointment_id], CallReason.SEEK_CARE, at=at, again=True)
    _call_or_not(row.appointment, again=_heard_by_phone(row), at=at)


def _decided(
    row: ScreeningResponse,
    decision: ReviewNews,
    *,
    before: dict[str, object],
    talked: bool = False,
    kept: dict[str, Any] | None = None,
    by: Principal,
    at: datetime,
) -> ScreeningResponse:
    """Write a decision, and how the answers stood before. Only what it changes: their answers may be forgotten by now.

    That somebody is called first is none that ends the review.
    """
    if decision is not ReviewNews.ASKED:
        row.decision, row.decided_at, row.decided_by = ScreeningDecision(decision.value), at, by.key
    _tell(row, decision, at=at)
    row.save(update_fields=[*before, *DECIDED, *TOLD])
    ScreeningReview.objects.create(
        response=row, decision=decision, decided_at=at, decided_by=by.key, talked=talked, before=before, **(kept or {})
    )
    if talked:
        _end_call_for_help(row.appointment, at=at)
    _call_or_not(row.appointment, at=at)
    return row


def _end_call_for_help(visit: Appointment, *, at: datetime) -> None:
    """Let nobody be called at once any more with whom a clinician has talked, unless somebody else needs help."""
    newest = visit.screenings.order_by("companion", "-answered_at", "-pk").distinct("companion")
    if all(row.outcome != Outcome.SEEK_CARE or row.decision == ScreeningDecision.APPROVED for row in newest):
        calls.end([visit.pk], CallReason.SEEK_CARE, at=at)


def _call_or_not(visit: Appointment, *, again: bool = False, at: datetime) -> None:
    """Let a visit's patient be called where somebody who comes is to be talked with, and else nobody be called.

    `again`: what they were told in a call does not count any more.
    """
    newest = visit.screenings.order_by("companion", "-answered_at", "-pk").distinct("companion")
    if any(_is_to_be_called(row, at=at) for row in newest):
        calls.raise_for([visit.pk], CallReason.SCREENING, at=at, again=again)
    else:
        calls.end([visit.pk], CallReason.SCREENING, at=at)


def _is_to_be_called(row: ScreeningResponse, *, at: datetime) -> bool:
    """Whether somebody was told that they are called, or to stay away, or otherwise than before, and may read it late.

    Also about whose answers somebody should have decided by now.
    """
    start = row.appointment.period.lower
    if row.decision:
        decided_at = row.decided_at or row.answered_at
        return row.decision == ScreeningDecision.DECLINED and start - decided_at < SOON
    if not row.reviewed:
        return False
    told_otherwise = row.taken_back_at is not None and (start - row.taken_back_at < SOON or _heard_by_phone(row))
    return row.asked_at is not None or told_otherwise or _is_pressing(row, at=at)


def _heard_by_phone(row: ScreeningResponse) -> bool:
    """Whether staff have called since the decision that was taken back last, before it was: a mail may not reach them.

    They may have no address; and whoever was told in a call hears in one that it does not count any more.
    """
    if row.taken_back_at is None:
        return False
    # Of a call first nothing is told but the call.
    last = row.reviews.filter(taken_back_at=row.taken_back_at).exclude(decision=ReviewNews.ASKED).first()
    return last is not None and calls.was_made(
        row.appointment, CallReason.SCREENING, since=last.decided_at, until=row.taken_back_at
    )


def _tell(row: ScreeningResponse, news: ReviewNews, *, at: datetime) -> None:
    """Note what they are to be told, and ring once it is committed."""
    row.news, row.news_at = news, at
    ring("notifications.tasks.dispatch")


def _locked(public_id: UUID) -> tuple[Appointment, ScreeningResponse]:
    """Lock the visit of answers, then read them. Raises Missing."""
    found = ScreeningResponse.objects.filter(public_id=public_id).select_related("appointment").first()
    if found is None:
        raise Missing
    visit = locked(found.appointment.public_id)
    row = ScreeningResponse.objects.defer("answers").get(pk=found.pk)
    row.appointment = visit
    return visit, row


def _open(public_id: UUID, *, by: Principal, at: datetime) -> ScreeningResponse:
    """Return answers that are still to be decided about, their visit locked."""
    visit, row = _locked(public_id)
    insist_on_staff(visit, by)
    if visit.status not in ASKED or visit.period.upper <= at:
        raise ScreeningNotAsked
    _be_newest(row, visit)
    if row.decision or not row.reviewed:
        raise _decided_already(row)
    return row


def _be_newest(row: ScreeningResponse, visit: Appointment) -> None:
    if not _is_newest(row, visit):
        raise ScreeningDecided(_("They have answered anew since then."))


def _is_newest(row: ScreeningResponse, visit: Appointment) -> bool:
    newest = visit.screenings.filter(companion=row.companion).order_by("-answered_at", "-pk").first()
    return newest is not None and newest.pk == row.pk


def _decided_already(row: ScreeningResponse) -> ScreeningDecided:
    if not row.decision:  # nobody needed to look at them
        return ScreeningDecided()
    who = name_of(row.decided_by)
    said = _("%(name)s has decided: %(decision)s.") % {"name": who, "decision": decision_in_words(row)}
    return ScreeningDecided(said, decision=row.decision, decided_by=who)


def _check_window(window: CallWindow, visit: Appointment, *, at: datetime) -> None:
    if window.ends_at <= max(window.starts_at, at):
        raise Invalid(_("Choose a time that is still to come."), pointer="/call_ends_at")
    if window.starts_at >= visit.period.lower or window.ends_at - window.starts_at > LONGEST_WINDOW:
        raise Invalid(_("Choose a time before the appointment begins."), pointer="/call_starts_at")


def windows(visit: Appointment, *, at: datetime) -> list[CallWindow]:
    """Return the next hours in which a clinician can call before a visit; at least one. Needs its site."""
    before = visit.period.lower
    until = min(before, at + LOOKED_AHEAD)
    opening = scheduler.opening_periods(visit.site_id, at=at, until=until) if at < until else []
    return call_windows(opening, visit.site.tz, at=at, before=before, most=WINDOWS)


def _keep(visit: Appointment, slot_id: str, *, from_day: date, at: datetime) -> dict[str, Any]:
    """Keep a time for the visit's patient as if they had chosen it behind their link, as long as the policy says.

    Return what the review notes of it: also until when it was theirs before, where they had chosen it themselves. What
    a closure proposes is theirs already, and they were told until when. Raises TimeHeldAlready.
    """
    if theirs := closures.offered_instead(visit, at=at):
        when = when_in_words(theirs.period.lower, theirs.site.tz)
        said = _("%(when)s, because theirs is closed. Let them stay away without a time: they can choose another one.")
        raise TimeHeldAlready(said % {"when": when})
    link = links.live_link(visit, at=at)
    by = links.principal_of(link)
    slot = requested_slots.slot_for(visit, slot_id, by=by, at=at)
    if slot.start.astimezone(slot.site.tz).date() < from_day:
        raise Invalid(_("Choose a time from %s on.") % from_day.isoformat(), pointer="/slot")
    chosen = holds.open_hold_for(visit, slot, by=by, at=at)
    held = holds.choose_for(visit, slot, by=by, at=at, proposed_by=by)
    if held is None:
        raise scheduler.SlotTaken
    policy = screening_policy(visit.site_id, starts_at=visit.period.lower)
    until = min(at + policy.offer_kept, visit.period.lower, slot.start) if policy else held.expires_at
    kept = holds.keep_until(held, max(until, held.expires_at), at=at)
    return {"hold": kept, "hold_was_until": chosen.expires_at if chosen == kept else None}


@unit
def call_undecided(*, at: datetime) -> int:
    """Let staff call those whose answers nobody has decided about when their visit is near; return how many are new."""
    near = {row.appointment_id for row in to_review(None, at=at) if _is_pressing(row, at=at)}
    return calls.raise_for(near, CallReason.SCREENING, at=at) if near else 0


def _is_pressing(row: ScreeningResponse, *, at: datetime) -> bool:
    """Whether answers were to be decided about by now, and their visit is near."""
    start = row.appointment.period.lower
    policy = screening_policy(row.appointment.site_id, starts_at=start, audience=audience_number(row.companion))
    overdue = row.due_at is None or row.due_at <= at
    return overdue and policy is not None and start - at <= policy.call_before
