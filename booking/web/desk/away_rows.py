"""What becomes of each appointment of somebody who is away, and who is told what, in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import prefetch_related_objects
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from booking.actions.away import AwayChoice, Suggested
from booking.models import Appointment
from booking.models.patients import ContactSystem
from booking.references import as_written
from booking.subjects import of_appointment
from booking.web.desk.appointments.facts import when_of
from booking.web.labels import has_phone
from booking.web.slot_ids import sealed
from core.models import Site
from core.principal import Principal
from core.rights import Action, may
from core.text.languages import localized, near_day_in_words, time_in_words
from scheduler import public as scheduler


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceRow:
    """One thing that can be done about an appointment. `told`: what its patient hears by it, and through what."""

    value: str
    words: str
    told: str
    chosen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedRow:
    """An appointment without its practitioner. `unreachable`: no mail reaches its patient."""

    id: str
    person: str
    when: str
    seen: str
    slot: str
    suggested: AwayChoice
    choices: Sequence[ChoiceRow]
    unreachable: bool


def end_in_words(ends_at: datetime, zone: ZoneInfo) -> str:
    """Return until when somebody is away."""
    if ends_at >= scheduler.UNTIL_FURTHER_NOTICE:
        return _("until further notice")
    local = ends_at.astimezone(zone)
    if (local.hour, local.minute) == (0, 0):
        return _("until the end of %s") % near_day_in_words(local.date() - timedelta(days=1))
    return _("until %(day)s, %(time)s") % {"day": near_day_in_words(local.date()), "time": time_in_words(ends_at, zone)}


def planned_rows(
    suggested: Sequence[Suggested], sent: Mapping[str, str], here: Site, *, by: Principal
) -> list[PlannedRow]:
    """Return the appointments, the soonest first, each with what was chosen, or else what fits."""
    prefetch_related_objects([one.visit.patient for one in suggested], "contacts")
    return [_row(one, sent.get(f"choice-{one.visit.public_id}", ""), here, by=by) for one in suggested]


def _row(one: Suggested, chosen: str, here: Site, *, by: Principal) -> PlannedRow:
    visit = one.visit
    # One time is suggested for each: it is moved there, or asked about.
    offered = [choice for choice in one.choices if choice in {one.choice, AwayChoice.KEEP, AwayChoice.CANCEL}]
    wanted = AwayChoice(chosen) if chosen in {choice.value for choice in offered} else one.choice
    mail, name = _has_mail(visit), may(by, Action.SEE_NAMES, of_appointment(visit, by))
    elsewhere = "" if visit.site_id == here.pk else f", {localized(visit.site.name)}"
    return PlannedRow(
        id=str(visit.public_id),
        person=visit.patient.name if name else as_written(visit.reference),
        when=when_of(visit) + elsewhere,
        seen=one.seen,
        slot=sealed(one.slot.id) if one.slot else "",
        suggested=one.choice,
        choices=[
            ChoiceRow(
                value=choice.value,
                words=_choice_in_words(choice, one),
                told=_news_in_words(choice, visit, mail=mail),
                chosen=choice is wanted,
            )
            for choice in offered
        ],
        unreachable=not mail,
    )


def _choice_in_words(choice: AwayChoice, one: Suggested) -> str:
    slot, zone = one.slot, one.visit.site.tz
    if choice is AwayChoice.KEEP:
        return _("Keep it for now, and call them")
    if choice is AwayChoice.CANCEL or slot is None:
        return _("Cancel it")
    facts = {"who": slot.practitioner.name, "time": time_in_words(slot.start, slot.site.tz)}
    if choice is AwayChoice.MOVE and slot.start == one.visit.period.lower:
        return _("Same time, with %(who)s") % facts
    day = slot.start.astimezone(zone).date()
    facts |= {"day": near_day_in_words(day), "site": localized(slot.site.name)}
    same = slot.site.id == one.visit.site_id
    if choice is AwayChoice.MOVE:
        return _("Same day, %(time)s, with %(who)s") % facts
    said = (
        _("Propose %(day)s, %(time)s, with %(who)s") if same else _("Propose %(day)s, %(time)s, with %(who)s, %(site)s")
    )
    return said % facts


def _has_mail(visit: Appointment) -> bool:
    return any(one.system == ContactSystem.EMAIL for one in visit.patient.contacts.all())


def _news_in_words(choice: AwayChoice, visit: Appointment, *, mail: bool) -> str:
    """Return what a patient hears, and through what."""
    if choice is AwayChoice.KEEP:
        return _("Nothing is sent. Their call is on the list of calls.")
    if not mail:
        number = _("with their number") if has_phone(visit.patient) else _("no phone number is on file either")
        return _("No e-mail reaches them: their call is on the list of calls, %s.") % number
    return {
        AwayChoice.MOVE: _("By e-mail in two minutes: when and with whom. They may say that they would rather not."),
        AwayChoice.PROPOSE: _("By e-mail now: we cannot see them then, and keep this time until they answer."),
        AwayChoice.CANCEL: _("By e-mail now: we have to cancel, with a link to book anew."),
    }[choice]


def unreachable_in_words(rows: Sequence[PlannedRow]) -> str:
    """Say how many people no mail reaches; empty where it reaches all."""
    count = sum(row.unreachable for row in rows)
    said = ngettext(
        "%(count)d of %(all)d people cannot be reached by e-mail: their call is put on the list of calls.",
        "%(count)d of %(all)d people cannot be reached by e-mail: their calls are put on the list of calls.",
        count,
    )
    return said % {"count": count, "all": len(rows)} if count else ""
