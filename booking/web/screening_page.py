"""What the pages with the health questions show: what follows, said so that it can be read at the door."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta

from django.urls import reverse
from django.utils.translation import gettext as _

from booking.actions import booking_checks
from booking.models import Appointment
from booking.screening.policies import ScreeningPolicy
from booking.screening.queries import PATIENT, Screening, companions_allowed, screening_of
from booking.screening.questionnaire import QUESTIONNAIRE
from booking.screening.state import ScreeningState, answers_count_from
from booking.web.times_list import Button, TimesQuery, nearest, one_a_start, without_therapy_ids
from core.text.languages import localized, near_day_in_words, when_in_words, zone_in_words
from scheduler import public as scheduler

FIRST_TIMES = 6
LOOKED_AHEAD = timedelta(days=14)
BRING_MASK = "bring_mask"


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreeningNote:
    """What the appointment's page says of the health questions, and where its button leads."""

    line: str
    button: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreeningPage:
    """What follows from somebody's answers. `lines`: what to do, the first thing first; `good`: they come.

    `times`: the first free ones from the earliest day on, where they stay away; `companion_url`: where whoever comes
    along answers.
    """

    who: int
    state: ScreeningState
    good: bool
    heading: str
    lines: Sequence[str]
    notices: Sequence[str]
    where: str
    when: str
    answered: str
    times: Sequence[Button]
    again_url: str
    companion_url: str
    companion_line: str
    move_url: str


def screening_url(token: str, who: int = PATIENT, step: str = "") -> str:
    """Return the address of the health questions behind a link, for the patient or for whoever comes along.

    `step`: "again" to answer once more, "tick" to say what applies.
    """
    asked = [f"who={who}"] if who else []
    asked += [f"step={step}"] if step else []
    return reverse("manage-screening", args=[token]) + ("?" + "&".join(asked) if asked else "")


def screening_note(visit: Appointment, token: str, *, at: datetime) -> ScreeningNote | None:
    """Return what the appointment's page says of the health questions, None where there is nothing to say."""
    state, url = screening_of(visit, at=at).state, screening_url(token)
    known = {
        ScreeningState.UNANSWERED: (
            _("Before you come, please answer a few questions about how you are."),
            _("Answer now, it takes a minute"),
        ),
        ScreeningState.CLEAR: (_("You have answered the questions about how you are."), _("Show this at the door")),
        ScreeningState.IN_REVIEW: (_("Somebody looks at your answers before you come."), _("See what happens next")),
        ScreeningState.STAY_AWAY: (_("Please do not come to this appointment."), _("See from when on you can come")),
        ScreeningState.SEEK_CARE: (_("Please get help now."), _("See whom to call")),
    }
    found = known.get(state)
    return found and ScreeningNote(line=found[0], button=found[1], url=url)


def screening_page(visit: Appointment, token: str, found: Screening, *, who: int, at: datetime) -> ScreeningPage:
    """Return what follows from the answers that count."""
    policy, newest = found.policy, found.newest
    away = found.state is ScreeningState.STAY_AWAY and who == PATIENT
    zone = visit.site.tz
    return ScreeningPage(
        who=who,
        state=found.state,
        good=found.state is ScreeningState.CLEAR,
        heading=_heading(found.state, who),
        lines=_lines(visit, found, who=who, at=at),
        notices=_notices(found) if found.state.lets_in else (),
        where=localized(visit.site.name),
        when=when_in_words(visit.period.lower, zone),
        answered=f"{when_in_words(newest.answered_at, zone)}, {zone_in_words(zone)}" if newest else "",
        times=_first_times(visit, found, at=at) if away else (),
        again_url=screening_url(token, who, "again"),
        companion_url=screening_url(token, who + 1) if who < companions_allowed(visit) else "",
        companion_line=_companion_line(policy),
        move_url=reverse("manage-move", args=[token]),
    )


def questions_from(visit: Appointment, found: Screening) -> str:
    """Return from when on the questions of a visit are asked, in words."""
    if found.policy is None:
        return ""
    zone = visit.site.tz
    return when_in_words(answers_count_from(found.policy, visit.period.lower, zone), zone)


def _heading(state: ScreeningState, who: int) -> str:
    mine = {
        ScreeningState.CLEAR: _("You can come"),
        ScreeningState.IN_REVIEW: _("We look at your answers"),
        ScreeningState.STAY_AWAY: _("Please stay home for now"),
        ScreeningState.SEEK_CARE: _("Please get help now"),
    }
    theirs = {
        ScreeningState.CLEAR: _("Your companion can come"),
        ScreeningState.IN_REVIEW: _("We look at your companion's answers"),
        ScreeningState.STAY_AWAY: _("Your companion cannot come along this time"),
        ScreeningState.SEEK_CARE: _("Please get help now"),
    }
    return (theirs if who else mine).get(state, "")


def _lines(visit: Appointment, found: Screening, *, who: int, at: datetime) -> list[str]:
    if found.state is ScreeningState.SEEK_CARE:
        return [
            _("Call 911 now if you are very short of breath, have chest pain, bluish lips, or cannot stay awake."),
            _("Then let us know: we have noted that somebody is to call you. Your appointment can wait."),
        ]
    if found.state is ScreeningState.IN_REVIEW:
        return [
            _("Your appointment stands. One of our clinicians looks at your answers, usually within 4 hours."),
            _("If you should not come, we call you. You do not have to do anything."),
        ]
    if found.state is not ScreeningState.STAY_AWAY:
        return [_("Show this page at the door.")] if found.state is ScreeningState.CLEAR else []
    if who:
        return [_("We hope they feel better soon. You can come alone, or with somebody else.")]
    return [_("We hope you feel better soon. There is no fee, and nobody minds."), *_from_when(visit, found, at=at)]


def _from_when(visit: Appointment, found: Screening, *, at: datetime) -> list[str]:
    earliest = found.newest.earliest_day if found.newest else None
    if earliest is None or earliest <= at.astimezone(visit.site.tz).date():
        return [_("Your time stays yours until you choose another one, or give it back.")]
    return [
        _("You can come from %s on, if you have no fever then.") % near_day_in_words(earliest),
        _("Your time stays yours until you choose another one, or give it back."),
    ]


def _notices(found: Screening) -> list[str]:
    keys = list(found.policy.notices) if found.policy else []
    if found.newest and found.newest.masked and BRING_MASK not in keys:
        keys.insert(0, BRING_MASK)
    return [localized(QUESTIONNAIRE.notices[key]) for key in keys if key in QUESTIONNAIRE.notices]


def _companion_line(policy: ScreeningPolicy | None) -> str:
    if policy is None or not policy.companions_max:
        return ""
    if policy.companion_min_age:
        return _("Whoever comes with you answers, too. They must be %d years old or older.") % policy.companion_min_age
    return _("Whoever comes with you answers, too.")


def _first_times(visit: Appointment, found: Screening, *, at: datetime) -> list[Button]:
    """Return the first free times of the same therapy from the earliest day on."""
    earliest = found.newest.earliest_day if found.newest else None
    if earliest is None:
        return []
    query = TimesQuery.for_moving(visit)
    offered = scheduler.offered(query.therapy, query.visit)
    begins = max(at, datetime.combine(earliest, time(), visit.site.tz))
    search = replace(query.search_query(offered, at=at), starts_at=begins, limit=None, ends_at=begins + LOOKED_AHEAD)
    free = booking_checks.within_limits(visit, scheduler.search(search, at=at), at=at)
    # Whom they know, where they know the way, before others on the same day.
    same = [slot for slot in free if slot.practitioner.id == visit.practitioner_id and slot.site.id == visit.site_id]
    slots = one_a_start([*same[:FIRST_TIMES], *free][: 2 * FIRST_TIMES])
    return nearest(without_therapy_ids(slots[:FIRST_TIMES]))
