"""What the page behind a link shows of an appointment whose time is closed, once its patient was told so."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from booking import closures
from booking.actions import holds
from booking.models import Hold
from booking.screening.queries import away
from booking.status import Move
from booking.web.link_context import LinkAccess
from booking.web.screening.first_times import first_times
from booking.web.slot_ids import sealed
from booking.web.times_list import Button
from core.text.languages import date_in_words, localized, when_in_words
from scheduler import public as scheduler


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosureNote:
    """What is closed, the time that is kept meanwhile (`kept`), and the first free ones."""

    heading: str
    lines: Sequence[str]
    kept: str
    kept_lines: Sequence[str]
    kept_slot: str
    times: Sequence[Button]
    give_back_url: str


CLOSED = gettext_lazy("Your appointment cannot take place at that time")


def patient_knows(access: LinkAccess, *, at: datetime) -> bool:
    """Whether staff has told the patient that the time is closed, and it still is."""
    visit = access.visit
    told = closures.live_notices([visit.pk]).exists() and access.may(Move.RESCHEDULE, at=at)
    return told and scheduler.closed_at(closures.key_of(visit)) is not None


def closure_note(access: LinkAccess, *, at: datetime) -> ClosureNote | None:
    """Return what is said of a closure, None where the time is open or staff has not told the patient."""
    if not patient_knows(access, at=at):
        return None
    visit = access.visit
    held = time_to_take(access, at=at)
    day = max(visit.period.lower, at).astimezone(visit.site.tz).date()
    stays_away, first_day = away(visit, at=at)
    day = max(day, first_day or day)
    return ClosureNote(
        heading=str(CLOSED),
        lines=closure_lines(access),
        kept=when_in_words(held.period.lower, held.site.tz) if held else "",
        kept_lines=_held_lines(held) if held else (),
        kept_slot=sealed(held.slot) if held else "",
        times=() if stays_away and first_day is None else first_times(visit, from_day=day, at=at),
        give_back_url=reverse("manage-closed-give-back", args=[access.token]),
    )


def time_to_take(access: LinkAccess, *, at: datetime) -> Hold | None:
    """Return the time that the clinic proposes and still keeps, where the patient may come then."""
    held = holds.offered_for(access.visit, by=access.principal, at=at)
    stays_away, first_day = away(access.visit, at=at) if held else (False, None)
    if held is None or not stays_away:
        return held
    # Nobody is asked to take a time that they are refused: whoever proposed it must not know that they are ill, or did
    # so before they were.
    may_come = first_day is not None and held.period.lower.astimezone(held.site.tz).date() >= first_day
    return held if may_come else None


def closure_lines(access: LinkAccess) -> list[str]:
    """Return until when the time is closed, where that is known, and what to do."""
    reopens = scheduler.reopens_at(closures.key_of(access.visit))
    zone = access.visit.site.tz
    again = date_in_words(reopens.astimezone(zone).date()) if reopens else ""
    return [
        _("We are sorry. It is possible again from %s on.") % again if again else _("We are sorry."),
        _("Nothing is cancelled. Choose another time, or give yours back. There is no fee."),
    ]


def _held_lines(held: Hold) -> list[str]:
    """Return with whom and where a time is kept, and until when."""
    until = when_in_words(held.expires_at, held.site.tz)
    return [
        _("With %(who)s at %(site)s.") % {"who": held.practitioner.name, "site": localized(held.site.name)},
        _("We keep it for you until %s.") % until,
    ]
