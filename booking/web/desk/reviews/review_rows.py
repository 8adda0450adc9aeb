"""Health answers to decide about, as their page shows them to a clinician."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from booking.actions.screening import screening_reviews
from booking.closures import offered_instead
from booking.models import Appointment, Hold, ReviewNews, ScreeningResponse, ScreeningReview
from booking.models.holds import HoldState
from booking.models.patients import ContactSystem
from booking.screening.first_days import earliest_day_of
from booking.screening.outcomes import ImmuneSystem, Severity
from booking.screening.queries import PATIENT, answered_elsewhere, answers_of, response_of, rows_before
from booking.screening.questionnaire import QUESTIONNAIRE, AnswerChoice, FollowUp, Outcome
from booking.web.labels import has_phone
from booking.web.screening.first_times import first_times
from booking.web.times_list import Button
from core.accounts.names import names_of
from core.text.languages import localized, near_day_in_words, time_in_words, when_in_words
from core.text.phone_numbers import country_of
from core.text.typed_dates import iso_date

WITH_TIMES = 5
"""For so many rows free times are looked up at once; for the others on request."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallTime:
    """An hour in which somebody can be called; `value` names it in the form."""

    value: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswersBefore:
    """What somebody answered before, and when."""

    when: str
    lines: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewRow:
    """Answers to decide about. `overdue`: somebody was to look at them by now; `urgent`: they need help now.

    `away`: by the policy they stay away; `before`: what they answered the last time, where that was worse; `call`: when
    they are called, once that is said; `offered`: what a closure proposes to them and is kept; `from_day`: from when on
    they may come if they stay away now, empty where nobody knows it yet; `has_phone`: else they call us; `page`: where
    all of the appointment stands.
    """

    id: str
    page: str
    person: str
    whose: str
    starts: str
    with_whom: str
    due: str
    overdue: bool
    urgent: bool
    has_phone: bool
    away: bool
    answers: Sequence[str]
    before: Sequence[AnswersBefore]
    earliest: str
    reach: str
    call: str
    call_times: Sequence[CallTime]
    from_day: str
    from_day_in_words: str
    shows_times: bool
    asked_for: bool
    offered: str
    times: Sequence[Button]


@dataclass(frozen=True, slots=True, kw_only=True)
class DecidedRow:
    """A decision of today that can be taken back. `id`: of the answers; `review`: of the decision."""

    id: str
    review: str
    person: str
    whose: str
    starts: str
    what: str
    decided: str
    offered: str


def review_row(response: ScreeningResponse, *, from_day: date | None, times: bool, at: datetime) -> ReviewRow:
    """Return one row. `from_day`: the day from which on free times are asked for; `times`: look them up now."""
    beside = rows_before(response)
    day = from_day or earliest_day_of(response, at=at, beside=beside)
    shows_times = times and response.companion == PATIENT
    theirs = offered_instead(response.appointment, at=at) if shows_times else None
    return ReviewRow(
        id=str(response.public_id),
        **_who_and_when(response, at=at),
        **_answers(response, beside),
        call=_call(response),
        call_times=_call_times(response, at=at),
        from_day=f"{day:%m/%d/%Y}" if day else "",
        from_day_in_words=near_day_in_words(day) if day else "",
        shows_times=shows_times,
        asked_for=from_day is not None,
        offered=when_in_words(theirs.period.lower, theirs.site.tz) if theirs else "",
        times=first_times(response.appointment, from_day=day, at=at) if day and shows_times and not theirs else (),
    )


def _who_and_when(response: ScreeningResponse, *, at: datetime) -> dict[str, Any]:
    """Return whose answers they are, for which visit, and by when to decide about them."""
    visit, zone = response.appointment, response.appointment.site.tz
    due = response.due_at or response.answered_at
    return {
        "page": reverse("desk-appointment", args=[visit.public_id]),
        "person": visit.patient.name,
        "whose": _("their companion") if response.companion else "",
        **_reach(response),
        "starts": when_in_words(visit.period.lower, zone),
        "with_whom": visit.practitioner.name,
        "due": when_in_words(due, zone),
        "overdue": due <= at,
        "urgent": response.outcome == Outcome.SEEK_CARE,
        "away": response.outcome in (Outcome.REBOOK, Outcome.SEEK_CARE)
        or response_of(response, visit).keeps_away_on(visit.period.lower.astimezone(zone).date()),
    }


def _answers(response: ScreeningResponse, beside: Sequence[ScreeningResponse]) -> dict[str, Any]:
    """Return what was answered, now and before, and the first day that follows from it."""
    return {
        "answers": in_words(response),
        "before": _before(response, beside),
        "earliest": near_day_in_words(response.earliest_day) if response.earliest_day else "",
    }


def decided_rows(reviews: Sequence[ScreeningReview], *, at: datetime) -> list[DecidedRow]:
    """Return decisions of today with who made them, and the time that is kept for whoever stays away."""
    names = names_of(one.decided_by for one in reviews)
    visits = [one.response.appointment_id for one in reviews]
    open_holds = Hold.objects.filter(moving__in=visits, state=HoldState.OPEN, proposed=True, expires_at__gt=at)
    kept = {hold.moving_id: hold for hold in open_holds.select_related("site")}
    return [_decided(one, names, kept.get(one.response.appointment_id)) for one in reviews]


def _decided(review: ScreeningReview, names: Mapping[str, str], kept: Hold | None) -> DecidedRow:
    row = review.response
    visit, zone = row.appointment, row.appointment.site.tz
    facts = {"name": names.get(review.decided_by, ""), "when": when_in_words(review.decided_at, zone)}
    stays_away = review.decision == ReviewNews.DECLINED
    return DecidedRow(
        id=str(row.public_id),
        review=str(review.public_id),
        person=visit.patient.name,
        whose=_("their companion") if row.companion else "",
        starts=when_in_words(visit.period.lower, zone),
        what=decision_words(review),
        decided=_("%(name)s, %(when)s") % facts,
        offered=when_in_words(kept.period.lower, kept.site.tz) if kept and stays_away else "",
    )


def decision_words(review: ScreeningReview) -> str:
    """Return what was decided, as it stands."""
    row = review.response
    if review.decision == ReviewNews.APPROVED:
        return _("May come, with a mask.") if row.masked else _("May come.")
    if review.decision == ReviewNews.DECLINED:
        return _("Stays away for now, may come from %s on.") % (
            near_day_in_words(row.earliest_day) if row.earliest_day else ""
        )
    called = has_phone(row.appointment.patient)
    return (_("Is called first: %s.") if called else _("Calls us first: %s. No phone number is on file.")) % _call(row)


def window_words(starts_at: datetime, ends_at: datetime, response: ScreeningResponse) -> str:
    """Return between when and when somebody is called, by the site's clock."""
    zone = response.appointment.site.tz
    facts = {"from": when_in_words(starts_at, zone), "until": time_in_words(ends_at, zone)}
    return _("%(from)s to %(until)s") % facts


def _before(response: ScreeningResponse, beside: Sequence[ScreeningResponse]) -> list[AnswersBefore]:
    """Return what else the same person answered since they might come last, each once: all of it may keep them away."""
    visit, said = response.appointment, [in_words(response)]
    found = []
    for older in beside:
        if (lines := _answered_before(older, visit)) not in said:
            said.append(lines)
            found.append(AnswersBefore(when=when_in_words(older.answered_at, visit.site.tz), lines=lines))
    return found


def _answered_before(older: ScreeningResponse, visit: Appointment) -> list[str]:
    """Return what was answered before; of answers about another site's appointment only what follows from them."""
    if older.appointment_id == visit.pk:
        return in_words(older)
    answers = in_words(older) if older.appointment.site_id == visit.site_id else []
    until = answered_elsewhere(older).away_until
    if date.min < until < date.max:
        return [*answers, _("About another appointment: they may come from %s on.") % near_day_in_words(until)]
    return [*answers, _("About another appointment: to be settled first, nobody knows from when on they may come.")]


def _reach(response: ScreeningResponse) -> dict[str, Any]:
    """Return how to reach the patient, by phone first, and whether there is a phone."""
    visit = response.appointment
    found = sorted(visit.patient.contacts.all(), key=lambda one: one.system != ContactSystem.PHONE)
    return {
        "reach": ", ".join(contact.readable(country_of(visit.site.zone)) for contact in found),
        "has_phone": any(contact.system == ContactSystem.PHONE for contact in found),
    }


def _call(response: ScreeningResponse) -> str:
    if response.call_starts_at is None or response.call_ends_at is None:
        return ""
    return window_words(response.call_starts_at, response.call_ends_at, response)


def _call_times(response: ScreeningResponse, *, at: datetime) -> list[CallTime]:
    return [
        CallTime(
            value=f"{window.starts_at.isoformat()}/{window.ends_at.isoformat()}",
            words=window_words(window.starts_at, window.ends_at, response),
        )
        for window in screening_reviews.windows(response.appointment, at=at)
    ]


def in_words(response: ScreeningResponse) -> list[str]:
    """Return what was answered, but for what nobody asks about: each "no". The reader must be allowed to read it."""
    said = answers_of(response)
    if said is None:
        return [_("The answers are not kept any more.")]
    given = said.get("answers")
    lines = [localized(QUESTIONNAIRE.emergency.words)] if said.get("emergency") else []
    for key, choice in given.items() if isinstance(given, dict) else ():
        if choice != AnswerChoice.NO and key in QUESTIONNAIRE.questions:
            usual = _(" (usual for them)") if choice == AnswerChoice.USUAL_FOR_ME else ""
            lines.append(localized(QUESTIONNAIRE.questions[key].words) + usual)
            if FollowUp.ISOLATE_UNTIL in QUESTIONNAIRE.questions[key].follow_up and FollowUp.ISOLATE_UNTIL not in said:
                lines.append(_("They do not know until when they are to stay at home."))
    if degrees := said.get("temperature_f"):
        lines.append(_("Their temperature at the door: %s °F") % degrees)
    follow_ups = [
        f"{localized(QUESTIONNAIRE.follow_ups[name])}: {_value(str(said[name]))}" for name in FollowUp if name in said
    ]
    return lines + follow_ups or [_("Nothing that was asked applies to them.")]


def _value(said: str) -> str:
    """Return a day or a choice as people read it."""
    known = {
        Severity.NONE: _("not ill"),
        Severity.MILD: _("ill, at home"),
        Severity.IN_HOSPITAL: _("was in the hospital"),
        ImmuneSystem.WEAK: _("yes"),
        ImmuneSystem.STRONG: _("no"),
        ImmuneSystem.NOT_SURE: _("not sure"),
    }
    found = {key.value: words for key, words in known.items()}.get(said)
    return found or near_day_in_words(iso_date(said))
