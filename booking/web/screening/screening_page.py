"""What the pages with the health questions show: what follows, said so that it can be read at the door."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from booking.actions import calls
from booking.models import Appointment, CallReason, Hold, ScreeningResponse
from booking.screening.notices import COME_ALONE, companions_at_most, mask_lines, mask_notice, policy_notices
from booking.screening.policies import screening_policy
from booking.screening.queries import (
    PATIENT,
    Screening,
    companions_allowed,
    is_a_child,
    rows_before,
    screening_of,
    tells_companions,
)
from booking.screening.questionnaire import Outcome
from booking.screening.state import ScreeningState, answers_count_from
from booking.status import Move
from booking.status_display import StatusDisplay
from booking.web.closure_page import CLOSED, closure_lines, patient_knows, time_to_take
from booking.web.labels import has_phone
from booking.web.link_context import STAYS_HOME, LinkAccess
from booking.web.screening.first_times import first_times
from booking.web.slot_ids import sealed
from booking.web.times_list import Button
from core.text.languages import localized, near_day_in_words, time_in_words, when_in_words, zone_in_words

OF_THE_VISIT = frozenset({ScreeningState.CLEAR, ScreeningState.BY_CALL, ScreeningState.IN_REVIEW})
"""Who stands like this hears that the visit stands: where nobody is awaited, its status is said instead."""

IN_VAIN: Mapping[str, Any] = {
    "heading": gettext_lazy("Please do not come for now"),
    "lines": (gettext_lazy("The patient is not to come for now. What happens next is on the patient's own page."),),
    "not_expected": True,
}
"""What whoever would come along reads while the patient is not to come, whatever they answered themselves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreeningNote:
    """What the appointment's page says of the health questions, and where its button leads."""

    line: str
    button: str
    url: str
    warm: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CompanionNote:
    """What a page says of somebody who comes along, and where theirs is."""

    line: str
    url: str
    answered: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreeningPage:
    """What follows from somebody's answers. `lines`: what to do, the first thing first; `good`: they come.

    `not_expected`: the visit cannot take place as it stands, whatever was answered.

    `mask`: what they wear, where that follows from their answers; `kept`: the time that a clinician keeps for them, and
    until when; `times`: the first free ones from the earliest day on, where they stay away, `searched` where that
    day is known; `video`: the room for a call; `companions`: those who have answered, or may; `patient_url`: from a
    companion's page.
    `child`: the patient is one; `can_move`: they choose another time here; `by_phone`: they can only call us;
    `asked_for_call`: we call them to find a time.
    """

    who: int
    state: ScreeningState
    good: bool
    heading: str
    mask: str
    lines: Sequence[str]
    notices: Sequence[str]
    where: str
    when: str
    answered: str
    zone: str
    video: str
    again_url: str
    companions: Sequence[CompanionNote]
    companion_line: str
    patient_url: str
    move_url: str
    child: bool = False
    not_expected: bool = False
    can_move: bool = False
    by_phone: bool = False
    asked_for_call: bool = False
    searched: bool = False
    kept: str = ""
    kept_slot: str = ""
    times: Sequence[Button] = ()


def screening_url(token: str, who: int = PATIENT, step: str = "") -> str:
    """Return the address of the health questions behind a link, for the patient or for whoever comes along.

    `step`: "again" to answer once more, "tick" to say what applies.
    """
    asked = [f"who={who}"] if who else []
    asked += [f"step={step}"] if step else []
    return reverse("manage-screening", args=[token]) + ("?" + "&".join(asked) if asked else "")


def screening_note(state: ScreeningState, token: str) -> ScreeningNote | None:
    """Return what the appointment's page says of the health questions, None where there is nothing to say."""
    url = screening_url(token)
    known = {
        ScreeningState.UNANSWERED: (
            _("Before you come, please answer a few questions about how you are."),
            _("Answer now, it takes a minute"),
        ),
        ScreeningState.CLEAR: (_("You have answered the questions about how you are."), _("Show this at the door")),
        ScreeningState.BY_CALL: (_("This appointment is a call: you do not have to come."), _("See what happens next")),
        ScreeningState.IN_REVIEW: (_("Somebody looks at your answers before you come."), _("See what happens next")),
        ScreeningState.STAY_AWAY: (
            _("Please do not come to this appointment. Are you well after all? Then answer the questions again."),
            _("See from when on you can come"),
        ),
        ScreeningState.SEEK_CARE: (_("Please get help now."), _("See whom to call")),
    }
    found = known.get(state)
    warm = state in STAYS_HOME
    return found and ScreeningNote(line=found[0], button=found[1], url=url, warm=warm)


def screening_page(access: LinkAccess, found: Screening, *, who: int, at: datetime) -> ScreeningPage:
    """Return what follows from the answers that count, where the visit can take place; else how that stands."""
    visit, token, newest = access.visit, access.token, found.newest
    display = access.status_display(at=at)
    in_vain = display.expected and _would_come_in_vain(visit, found, who, at=at)
    good = found.state is ScreeningState.CLEAR and display.expected and not in_vain
    companions = _companions(visit, token, beside=who, at=at) if display.expected and (good or who) else ()
    said = IN_VAIN if in_vain else _heading_and_lines(access, found, display, who=who, at=at)
    return ScreeningPage(
        who=who,
        state=found.state,
        good=good,
        mask=mask_notice() if good and newest and newest.masked else "",
        notices=_notices(visit, found, who=who) if good else (),
        **said,
        **_where_and_when(visit, newest),
        video=_video(found) if display.expected or found.state is ScreeningState.IN_REVIEW else "",
        **_other_times(access, found, at=at) if found.state is ScreeningState.STAY_AWAY and who == PATIENT else {},
        again_url=screening_url(token, who, "again"),
        companions=() if in_vain else companions,
        companion_line=_companion_line(visit) if companions and not in_vain else "",
        patient_url=screening_url(token) if who else "",
        move_url=reverse("manage-move", args=[token]),
        child=is_a_child(visit),
    )


def _would_come_in_vain(visit: Appointment, found: Screening, who: int, *, at: datetime) -> bool:
    """Whether somebody would come along with a patient who is not to come; who needs help now reads of that alone."""
    needs_help = found.state is ScreeningState.SEEK_CARE
    return who != PATIENT and not needs_help and screening_of(visit, at=at).state in STAYS_HOME


def _notices(visit: Appointment, found: Screening, *, who: int) -> list[str]:
    """Return what everybody who comes is told, and first, where fewer may come along than have answered, how many."""
    masked = bool(found.newest and found.newest.masked)
    masks = [] if masked else mask_lines(visit.site_id, starts_at=visit.period.lower)  # as for the patient
    told = list(dict.fromkeys([*policy_notices(found.policy, masked=masked), *masks]))
    asks = found.policy if found.policy and COME_ALONE not in found.policy.notices else None
    tells = who == PATIENT and asks is not None and tells_companions(visit, asks)
    return [*([companions_at_most(companions_allowed(visit))] if tells else []), *told]


def _heading_and_lines(
    access: LinkAccess, found: Screening, display: StatusDisplay, *, who: int, at: datetime
) -> dict[str, Any]:
    """Return the heading and what to do, as the visit's own page has it where nobody is awaited."""
    answered = {"heading": _heading(found.state, who), "lines": _lines(access.visit, found, who=who, at=at)}
    if display.expected or found.state is ScreeningState.SEEK_CARE:
        return answered
    closed = patient_knows(access, at=at)
    heading = str(CLOSED if closed else display.heading)
    lines = closure_lines(access) if closed else [str(display.line)] if display.line else []
    movable = access.may(Move.RESCHEDULE, at=at)
    if found.state in OF_THE_VISIT or who:
        return {
            "heading": heading,
            "lines": [*lines, *_call_lines(access.visit, found)],
            "not_expected": True,
            "can_move": movable,
        }
    ill = [_("We hope you feel better soon. There is no fee, and nobody minds.")]
    return answered | {"lines": [*ill, *_first_day_line(access.visit, found, at=at), *lines]}


def _where_and_when(visit: Appointment, newest: ScreeningResponse | None) -> dict[str, Any]:
    """Return what is shown at the door: where and when they come, and when they answered, by the site's clock."""
    zone = visit.site.tz
    return {
        "where": localized(visit.site.name),
        "when": _when(visit.period.lower, zone),
        "answered": _when(newest.answered_at, zone) if newest else "",
        "zone": zone_in_words(zone),
    }


def _when(at: datetime, zone: ZoneInfo) -> str:
    """Return day and time for large letters: nobody needs the year at a door."""
    return f"{near_day_in_words(at.astimezone(zone).date())}, {time_in_words(at, zone)}"


def _companions(visit: Appointment, token: str, *, beside: int, at: datetime) -> list[CompanionNote]:
    """Return those who have answered as companions, and after them the next who may; not the one of this page."""
    notes = []
    for who in range(PATIENT + 1, companions_allowed(visit) + 1):
        found = screening_of(visit, at=at, companion=who)
        if who != beside:
            line = _heading(found.state, who) or _("Somebody comes with me")
            notes.append(CompanionNote(line=line, url=screening_url(token, who), answered=found.newest is not None))
        if found.newest is None:
            break
    return notes


def _other_times(access: LinkAccess, found: Screening, *, at: datetime) -> dict[str, Any]:
    """Return where somebody can go who stays away: what a clinician keeps for them, and the first free times."""
    visit = access.visit
    if not access.may(Move.RESCHEDULE, at=at):  # it has begun, or is too near for pages: by phone alone
        return {"by_phone": True}
    held = time_to_take(access, at=at)
    earliest = found.newest.earliest_day if found.newest else None
    return {
        "by_phone": not has_phone(visit.patient),
        "asked_for_call": calls.is_open(visit, CallReason.FIND_TIME),
        "can_move": True,
        "kept": _held_words(held) if held else "",
        "kept_slot": sealed(held.slot) if held else "",
        "times": first_times(visit, from_day=earliest, at=at) if earliest else (),
        "searched": earliest is not None,
    }


def _held_words(held: Hold) -> str:
    """Say which time is kept for them, and until when."""
    zone = held.site.tz
    facts = {"when": when_in_words(held.period.lower, zone), "until": when_in_words(held.expires_at, zone)}
    return _("%(when)s, until %(until)s") % facts


def _video(found: Screening) -> str:
    """Return the address of the room for a call that is to be made, where the clinic has one."""
    asked = found.state is ScreeningState.IN_REVIEW and found.newest is not None and found.newest.call_starts_at
    called = asked or found.state is ScreeningState.BY_CALL
    return found.policy.video_room if found.policy and called else ""


def questions_from(visit: Appointment, found: Screening) -> str:
    """Return from when on the questions of a visit are asked, in words."""
    if found.policy is None:
        return ""
    zone = visit.site.tz
    return when_in_words(answers_count_from(found.policy, visit.period.lower, zone), zone)


def _heading(state: ScreeningState, who: int) -> str:
    mine = {
        ScreeningState.CLEAR: _("You can come"),
        ScreeningState.BY_CALL: _("We talk by phone or video"),
        ScreeningState.IN_REVIEW: _("We look at your answers"),
        ScreeningState.STAY_AWAY: _("Please stay home for now"),
        ScreeningState.SEEK_CARE: _("Please get help now"),
    }
    theirs = {
        ScreeningState.CLEAR: _("Your companion can come"),
        ScreeningState.BY_CALL: _("We talk by phone or video"),
        ScreeningState.IN_REVIEW: _("We look at these answers"),
        ScreeningState.STAY_AWAY: _("Your companion cannot come along this time"),
        ScreeningState.SEEK_CARE: _("Please get help now"),
    }
    return (theirs if who else mine).get(state, "")


def _lines(visit: Appointment, found: Screening, *, who: int, at: datetime) -> list[str]:
    if found.state is ScreeningState.SEEK_CARE:
        return [
            *_heard_again(found),
            _("Call 911 now if you are very short of breath, have chest pain, bluish lips, or cannot stay awake."),
            _("Somebody of us calls you as well. Your appointment can wait.")
            if has_phone(visit.patient)
            else _("Please call us as soon as you can: we have no phone number of yours. Your appointment can wait."),
            _("Ticked by mistake, or better by now? Say so on the phone: before we have talked, nothing changes here."),
        ]
    if found.state is ScreeningState.IN_REVIEW:
        theirs = [_("Your own appointment stands. If your companion should not come, we call you.")]
        return theirs if who else _in_review(visit, found, at=at)
    if found.state is ScreeningState.BY_CALL:
        return [_("This appointment is a call, so nobody has to stay away from it. You do not come to us."),
                when_in_words(visit.period.lower, visit.site.tz)]  # fmt: skip
    if found.state is not ScreeningState.STAY_AWAY:
        return [_("Show this page at the door.")] if found.state is ScreeningState.CLEAR else []
    if who:
        return _alone(visit)
    return [_("We hope you feel better soon. There is no fee, and nobody minds."), *_from_when(visit, found, at=at)]


def _heard_again(found: Screening) -> list[str]:
    """Say to whoever has answered anew since they needed help that their answer is there, and that we talk first."""
    newest = found.newest
    if newest is None or not any(one.outcome == Outcome.SEEK_CARE for one in rows_before(newest)):
        return []
    return [_("Your new answer has arrived. Before this page changes, one of us has to talk with you.")]


def _alone(visit: Appointment) -> list[str]:
    """Say what becomes of a visit whose companion stays away: no child comes alone."""
    home = _("If you live with them, please answer your own questions once more: something may be new for you as well.")
    if is_a_child(visit):
        return [
            _("We hope they feel better soon. Another adult can bring your child."),
            _("If nobody can, choose another time, or give this one back: there is no fee."),
            home,
        ]
    return [_("We hope they feel better soon. You can come alone, or with somebody else."), home]


def _in_review(visit: Appointment, found: Screening, *, at: datetime) -> list[str]:
    """Return what happens next: somebody looks at the answers by then, or calls between then and then."""
    row, zone = found.newest, visit.site.tz
    if row is not None and row.until_unknown:  # whoever wants to move is sent here: it says how they can
        return _until_known(visit, found, at=at)
    if call := _call_lines(visit, found):
        return [_("One of our clinicians would like to talk with you before you come."), *call]
    due = row.due_at if row is not None else None
    if due is None or due <= at:
        looks = _("Your appointment stands. One of our clinicians looks at your answers as soon as possible.")
    else:
        by = _("Your appointment stands. One of our clinicians looks at your answers by %s.")
        looks = by % when_in_words(due, zone)
    return [looks, _("We write to you as soon as it is decided. You do not have to do anything.")]


def _call_lines(visit: Appointment, found: Screening) -> list[str]:
    """Return between when and when we call about answers, where somebody asked for that."""
    row, zone = found.newest, visit.site.tz
    undecided = found.state in (ScreeningState.IN_REVIEW, ScreeningState.STAY_AWAY) and row and not row.decision
    if not undecided or row is None or not row.call_starts_at or not row.call_ends_at:
        return []
    facts = {"from": when_in_words(row.call_starts_at, zone), "until": time_in_words(row.call_ends_at, zone)}
    if has_phone(visit.patient):
        return [_("We call you between %(from)s and %(until)s.") % facts]
    return [_("Please call us between %(from)s and %(until)s. We have no phone number of yours.") % facts]


def _from_when(visit: Appointment, found: Screening, *, at: datetime) -> list[str]:
    earliest = found.newest.earliest_day if found.newest else None
    stays = _("Your time stays yours until you choose another one, or give it back.")
    if earliest is None:
        return [*_until_known(visit, found, at=at), stays]
    if earliest <= at.astimezone(visit.site.tz).date():
        return [_("If you are well again, answer again, and you can keep this time."), stays]
    before_it = earliest <= visit.period.lower.astimezone(visit.site.tz).date()
    again = _("That is before your appointment. If you are well by then, answer again, and you can keep this time.")
    return [*_first_day_line(visit, found, at=at), *([again] if before_it else []), stays]


def _until_known(visit: Appointment, found: Screening, *, at: datetime) -> list[str]:
    """Return what happens while nobody knows from when on somebody can come who was told to stay at home."""
    due = found.newest.due_at if found.newest else None
    looks = _("One of our clinicians looks at your answers, and tells you from when on you can come.")
    if due is not None and due > at:
        by = _("One of our clinicians looks at your answers by %s, and tells you from when on you can come.")
        looks = by % when_in_words(due, visit.site.tz)
    known = _("Do you know the last day on which you are to stay at home? Then answer again: we show you free times.")
    return [*(_call_lines(visit, found) or [looks]), known]


def _first_day_line(visit: Appointment, found: Screening, *, at: datetime) -> list[str]:
    """Return from when on somebody can come who stays away, while that day is still ahead."""
    earliest = found.newest.earliest_day if found.newest else None
    if earliest is None or earliest <= at.astimezone(visit.site.tz).date():
        return []
    return [_("You can come from %s on, if you have no fever then.") % near_day_in_words(earliest)]


def _companion_line(visit: Appointment) -> str:
    policy = screening_policy(visit.site_id, starts_at=visit.period.lower)  # of the patient: it says who may come along
    if policy and policy.companion_min_age:
        return _("Whoever comes with you answers, too. They must be %d years old or older.") % policy.companion_min_age
    return _("Whoever comes with you answers, too.")
