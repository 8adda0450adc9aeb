"""What every page that takes time away shares: what it does to each appointment, what was chosen, taking it back."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from booking.actions.impact import absences, settling, taking_back
from booking.actions.impact.choices import SettlingChoice, Wanted
from booking.actions.impact.planned_edits import PlannedEdit
from booking.actions.impact.setting_up import in_words
from booking.models import Appointment, CalendarEdit, EditKind
from booking.web.desk.impact.looking import FEW, LOOK, LooksForLongError, says_first
from booking.web.desk.impact.rows import (
    chosen_from,
    done_in_words,
    elsewhere_in_words,
    end_in_words,
    fits_in_words,
    planned_rows,
    unreachable_in_words,
)
from booking.web.desk.shell import Desk
from core.accounts.principals import principal_of
from core.principal import Principal
from core.refusals import Refusal
from core.text.languages import when_in_words
from scheduler import public as scheduler

ALL, EDIT_SEEN = "all", "seen-edit"
BY_ONE_CHOICE = {one.value: one for one in (SettlingChoice.KEEP, SettlingChoice.CANCEL)}


def wanted_from(request: HttpRequest, desk: Desk) -> list[Wanted]:
    """Return what was chosen about each appointment, or about all of them at once. Raises Http404."""
    sent, found = request.POST, []
    for named in sent.getlist("appointment"):
        try:
            appointment, chosen = UUID(named), chosen_from(sent.get(f"choice-{named}", ""))
            place = UUID(chosen.place) if chosen.place else None
        except ValueError as error:
            raise Http404 from error
        for_all = BY_ONE_CHOICE.get(sent.get(ALL, ""))
        found.append(
            Wanted(
                appointment=appointment,
                choice=for_all or chosen.choice,
                seen=sent.get(f"seen-{named}", ""),
                slot=chosen.slot,
                place=scheduler.place_id(place, site=desk.site.pk) if place else None,
            )
        )
    return found


def impact_context(
    edit: PlannedEdit, request: HttpRequest, desk: Desk, *, by: Principal, at: datetime
) -> dict[str, Any]:
    """Return what a page shows of the appointments that an edit touches, as it fits now.

    Raises Forbidden, Invalid, and LooksForLongError where a browser is told first that it takes a while.
    """
    if says_first(request) and (count := settling.count(edit, by=by, at=at)) > FEW:
        raise LooksForLongError(count, desk)
    sent: Mapping[str, str] = request.POST
    found = settling.plan(edit, by=by, at=at)
    rows = planned_rows(found.suggested, sent, desk, by=by, at=at)
    return {
        "rows": rows,
        "mark": found.mark,
        "later": found.later,
        "warnings": found.warnings,
        "waiting": found.waiting,
        "elsewhere": elsewhere_in_words(found.elsewhere),
        "unreachable": unreachable_in_words(rows),
        "fits": fits_in_words(rows),
    }


def edit_seen(request: HttpRequest) -> str | None:
    """Return the mark of what the page said that an edit would write; None where it said nothing."""
    return request.POST.get(EDIT_SEEN)


def why_refused(refusal: Refusal) -> str:
    """Return what a refusal says, once."""
    return " ".join(dict.fromkeys(str(one) for one in (refusal.title, refusal.detail) if one))


def edited_rows(desk: Desk, *kinds: EditKind, by: Principal, at: datetime) -> Sequence[dict[str, Any]]:
    """Return what was edited at a site today and can be taken back by whoever looks."""
    found = taking_back.edited_today(desk.site, *kinds, at=at)
    # What was in the calendar already, and touched nobody, is nothing to take back.
    done = [one for one in found if one.made or one.done]
    return [_edited(one) for one in done if taking_back.may_take_back(one, by)]


def _edited(one: CalendarEdit) -> dict[str, Any]:
    calendar = absences.is_busy_elsewhere(one)
    words = _("what their own calendar says, from %(start)s %(end)s") if calendar else _("from %(start)s %(end)s")
    when = words % {
        "start": when_in_words(one.starts_at, one.site.tz),
        "end": end_in_words(one.ends_at, one.site.tz),
    }
    who = one.practitioner.name if one.practitioner else f"{one.name}{_set_up_in_words(one)}"
    facts = {"count": len(one.done), "done": done_in_words(one), "calendar": calendar}
    return {"id": one.public_id, "who": who, "when": when, **facts}


def _set_up_in_words(edit: CalendarEdit) -> str:
    """Say what was changed of an entry of the set-up; empty for another edit."""
    if edit.kind != EditKind.SET_UP:
        return ""
    said = [in_words(one, edit.site.tz) for one in edit.made]
    return f": {'; '.join(one for one in said if one) or _('what was left over')}"


def take_back(request: HttpRequest, edit: UUID, *, at: datetime) -> None:
    """Take back what was edited today, and say so. Raises Missing, NotTakenBack."""
    by = principal_of(request)
    left = taking_back.take_back(edit, by=by, at=at)
    alone = taking_back.without_cover_since(edit, by=by, at=at)
    messages.success(request, taken_back_in_words(left, without_cover=alone))


def taken_back_in_words(left: Sequence[Appointment], *, without_cover: int = 0) -> str:
    """Say what taking an edit back did. `left`: who could not be put back; `without_cover`: how many stand on no hours.

    Somebody may have been booked since into time that is not open any more.
    """
    names = ", ".join(one.patient.name for one in left)
    put_back = _("It is taken back, and everybody is where they were.")
    if without_cover:
        put_back = _("It is taken back.")
    said = _("It is taken back. These stay as they are, since their time is taken or they were changed since: %s.")
    alone = ngettext(
        "%(count)d appointment is without cover now: find another time for it from To do.",
        "%(count)d appointments are without cover now: find another time for them from To do.",
        without_cover,
    )
    rest = [alone % {"count": without_cover}] if without_cover else []
    return " ".join([said % names if left else put_back, *rest])


def settled_in_words(saved: CalendarEdit, edit: PlannedEdit, *, by: Principal, at: datetime) -> str:
    """Say what was done about the appointments that an edit touched, and where the others stand."""
    left = settling.left_by(edit, by=by, at=at)
    count = len(_undecided(saved, left))
    more = ngettext(
        "%(count)d more is still to be settled, and is on the list of calls until then.",
        "%(count)d more are still to be settled, and are on the list of calls until then.",
        count,
    )
    rest = [more % {"count": count}] if count else []
    return " ".join([done_in_words(saved), *rest, *elsewhere_in_words(left.elsewhere)])


def _undecided(saved: CalendarEdit, left: settling.Left) -> list[Appointment]:
    """Return whom one press left over: whoever is to be called as was chosen is settled."""
    decided = {one["appointment"] for one in saved.done}
    return [one for one in left.mine if str(one.public_id) not in decided]


def goes_on_at(
    request: HttpRequest, saved: CalendarEdit, edit: PlannedEdit, done: str, *, by: Principal, at: datetime
) -> str:
    """Return where the next ones are settled, where an edit left some; else where what is `done` is listed."""
    if not _undecided(saved, settling.left_by(edit, by=by, at=at)):
        return done
    asked = request.GET.copy()
    asked.pop(LOOK, None)
    return f"{request.path}?{asked.urlencode()}"
