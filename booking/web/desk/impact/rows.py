"""What becomes of each appointment whose time is taken away, and who is told what, in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import prefetch_related_objects
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from booking.actions.impact.choices import WITH_A_TIME, OtherTime, SettlingChoice, Suggested, possible
from booking.models import Appointment, CalendarEdit
from booking.models.patients import ContactSystem
from booking.references import as_written
from booking.subjects import of_appointment
from booking.web.desk.appointments.cancelling import others_in_words
from booking.web.desk.appointments.facts import when_of
from booking.web.desk.families.linked_words import NOT_LINKED, LinkedWords, linked_words
from booking.web.desk.shell import Desk
from booking.web.labels import has_phone
from booking.web.slot_ids import opened, sealed
from core.models import Site
from core.principal import Principal
from core.rights import Action, may
from core.text.languages import day_in_words, localized, near_day_in_words, time_in_words
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
    """An appointment without cover. `note`: why nothing, or nothing sooner; `unreachable`: by mail, its patient.

    `sooner`: a nearer time that the desk alone may give, and `move`, where it does; `linked`: who comes
    together with them.
    """

    id: str
    person: str
    when: str
    seen: str
    note: str
    suggested: SettlingChoice
    stays: bool
    choices: Sequence[ChoiceRow]
    unreachable: bool
    sooner: str = ""
    move: str = ""
    linked: LinkedWords = NOT_LINKED


def end_in_words(ends_at: datetime, zone: ZoneInfo) -> str:
    """Return until when somebody is away."""
    if ends_at >= scheduler.UNTIL_FURTHER_NOTICE:
        return _("until further notice")
    local = ends_at.astimezone(zone)
    if (local.hour, local.minute) == (0, 0):
        return _("until the end of %s") % day_in_words(local.date() - timedelta(days=1))
    return _("until %(day)s, %(time)s") % {"day": day_in_words(local.date()), "time": time_in_words(ends_at, zone)}


def planned_rows(
    suggested: Sequence[Suggested], sent: Mapping[str, str], desk: Desk, *, by: Principal, at: datetime
) -> list[PlannedRow]:
    """Return the appointments, the soonest first, each with what was chosen, or else what fits."""
    prefetch_related_objects([one.visit.patient for one in suggested], "contacts")
    linked = linked_words([one.visit for one in suggested], desk, by=by)

    def row(one: Suggested) -> PlannedRow:
        chosen, others = sent.get(f"choice-{one.visit.public_id}", ""), others_in_words(one.visit, by, at=at)
        return _row(one, chosen, desk.site, linked.get(one.visit.pk, NOT_LINKED), others, by=by)

    return [row(one) for one in suggested]


def _row(
    one: Suggested, chosen: str, here: Site, linked: LinkedWords, others: Sequence[str], *, by: Principal
) -> PlannedRow:
    visit, mail = one.visit, _has_mail(one.visit)
    name = may(by, Action.SEE_NAMES, of_appointment(visit, by))
    elsewhere = "" if visit.site_id == here.pk else f", {localized(visit.site.name)}"
    return PlannedRow(
        id=str(visit.public_id),
        person=visit.patient.name if name else as_written(visit.reference),
        when=when_of(visit) + elsewhere,
        seen=one.seen,
        note=_why_so(one),
        suggested=one.choice,
        stays=SettlingChoice.MOVE not in possible(visit),
        choices=_choice_rows(one, chosen, others, mail=mail),
        unreachable=not mail,
        sooner=_sooner_in_words(one),
        move=reverse("desk-appointment-move", args=[visit.public_id]) if one.sooner else "",
        linked=linked,
    )


def _why_so(one: Suggested) -> str:
    """Say why no other time is offered, or none that is sooner; empty where there is nothing to say."""
    if SettlingChoice.MOVE not in possible(one.visit):
        return _("They are here already: speak with them.")
    if one.comes_from:
        return _("By their health answers they may come from %s on.") % near_day_in_words(one.comes_from)
    return "" if one.found else _("No other time is free that they could take.")


def _sooner_in_words(one: Suggested) -> str:
    """Say which nearer time the desk alone may give, and why it is not among the choices; empty where there is none."""
    if one.sooner is None:
        return ""
    slot = one.sooner
    facts = {"who": slot.practitioner.name, "time": time_in_words(slot.start, slot.site.tz)}
    facts["day"] = near_day_in_words(slot.start.astimezone(slot.site.tz).date())
    return (
        _("Nearer: %(day)s, %(time)s, with %(who)s. Patients cannot take it by themselves: call them, then move it.")
        % facts
    )


def _choice_rows(one: Suggested, chosen: str, others: Sequence[str], *, mail: bool) -> list[ChoiceRow]:
    """Return what can be done: a few times, the nearest first, then what else there is.

    `others`: what becomes of those who were booked together with it once it is cancelled.
    """
    offered: list[tuple[SettlingChoice, OtherTime | None]] = [(time.choice, time) for time in one.times]
    offered += [(choice, None) for choice in one.choices if choice not in WITH_A_TIME]
    before, rows = chosen_from(chosen) if chosen else None, list[ChoiceRow]()
    same = [
        before is not None and before.choice is choice and before.slot == _slot_of(time) for choice, time in offered
    ]
    wanted = same.index(True) if any(same) else [choice for choice, _time in offered].index(one.choice)
    for number, (choice, time) in enumerate(offered):
        words, told = _choice_in_words(choice, time, one), _news_in_words(choice, time, one, mail=mail)
        if choice is SettlingChoice.CANCEL:
            told = " ".join((told, *others))
        rows.append(ChoiceRow(value=_sent(choice, time), words=words, told=told, chosen=number == wanted))
    return rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """What a page sent of one appointment. `place`: that of a time which has to have one; else empty."""

    choice: SettlingChoice
    slot: str = ""
    place: str = ""


def chosen_from(sent: str) -> Chosen:
    """Return what stands in what a page sent. Raises ValueError."""
    choice, _colon, rest = sent.partition(":")
    slot, _colon, place = rest.partition(":")
    return Chosen(choice=SettlingChoice(choice), slot=opened(slot) if slot else "", place=place)


def _sent(choice: SettlingChoice, time: OtherTime | None) -> str:
    """Return what a page sends for a choice."""
    if time is None:
        return choice.value
    place = f":{_card(time).public_id}" if time.place else ""
    return f"{choice.value}:{sealed(time.slot.id)}{place}"


def _slot_of(time: OtherTime | None) -> str:
    return time.slot.id if time else ""


def _card(found: OtherTime) -> scheduler.PlaceCard:
    (card,) = scheduler.place_cards([found.place] if found.place else [])
    return card


def _choice_in_words(choice: SettlingChoice, time: OtherTime | None, one: Suggested) -> str:
    if choice is SettlingChoice.KEEP:
        return _("Keep it for now, and call them")
    if choice is SettlingChoice.CANCEL or time is None:
        return _("Cancel it")
    return _moved_in_words(time, one.visit) if choice is SettlingChoice.MOVE else _asked_in_words(time, one)


def _moved_in_words(found: OtherTime, visit: Appointment) -> str:
    slot = found.slot
    if found.place:
        return _("Same time, with %(who)s, in %(place)s") % {"who": slot.practitioner.name, "place": _card(found).name}
    facts = {"who": slot.practitioner.name, "time": time_in_words(slot.start, slot.site.tz)}
    if slot.start == visit.period.lower:
        return _("Same time, with %(who)s") % facts
    return _("Same day, %(time)s, with %(who)s") % facts


def _asked_in_words(found: OtherTime, one: Suggested) -> str:
    slot = found.slot
    facts = {"who": slot.practitioner.name, "time": time_in_words(slot.start, slot.site.tz)}
    day = slot.start.astimezone(one.visit.site.tz).date()
    facts |= {"day": near_day_in_words(day), "site": localized(slot.site.name)}
    if slot.site.id == one.visit.site_id:
        return _("Propose %(day)s, %(time)s, with %(who)s") % facts
    return _("Propose %(day)s, %(time)s, with %(who)s, %(site)s") % facts


def _has_mail(visit: Appointment) -> bool:
    return any(one.system == ContactSystem.EMAIL for one in visit.patient.contacts.all())


def _news_in_words(choice: SettlingChoice, time: OtherTime | None, one: Suggested, *, mail: bool) -> str:
    """Return what a patient hears, and through what."""
    visit = one.visit
    if choice is SettlingChoice.MOVE and time and time.place:
        return _("Nothing is sent: when and with whom stays as it is.")
    if choice is SettlingChoice.KEEP:
        return _("Nothing is sent. Their call is on the list of calls.")
    if not mail:
        number = _("with their number") if has_phone(visit.patient) else _("no phone number is on file either")
        return _("No e-mail reaches them: their call is on the list of calls, %s.") % number
    return {
        SettlingChoice.MOVE: _(
            "By e-mail in two minutes: when and with whom. They may say that they would rather not."
        ),
        SettlingChoice.PROPOSE: _("By e-mail now: we cannot see them then, and keep this time until they answer."),
        SettlingChoice.CANCEL: _("By e-mail now: we have to cancel, with a link to book anew."),
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


def fits_in_words(rows: Sequence[PlannedRow]) -> str:
    """Say for how many another time fits, how many are asked, and for how many nothing is free."""
    moved = sum(row.suggested is SettlingChoice.MOVE for row in rows)
    asked = sum(row.suggested is SettlingChoice.PROPOSE for row in rows)
    here = sum(row.stays for row in rows)
    none = len(rows) - moved - asked - here
    counted = (
        (moved, ngettext("%(count)d fits elsewhere.", "%(count)d fit elsewhere.", moved)),
        (asked, ngettext("%(count)d is asked about another time.", "%(count)d are asked about another time.", asked)),
        (none, _("For %(count)d nothing is free.")),
        (here, ngettext("%(count)d is here already.", "%(count)d are here already.", here)),
    )
    return " ".join(words % {"count": count} for count, words in counted if count)


def elsewhere_in_words(counts: Mapping[int, int]) -> list[str]:
    """Return how many appointments are settled by whom, at sites where whoever looks moves nothing."""
    said, cards = [], scheduler.sites()
    for site, count in sorted(counts.items()):
        words = ngettext(
            "%(count)d appointment at %(site)s: it stands on the list of calls there.",
            "%(count)d appointments at %(site)s: they stand on the list of calls there.",
            count,
        )
        said.append(words % {"count": count, "site": localized(cards[site].name)})
    return said


def done_in_words(edit: CalendarEdit) -> str:
    """Say what was done about the appointments that an edit touched."""
    choices = [one["choice"] for one in edit.done]
    counts = {choice: choices.count(choice.value) for choice in SettlingChoice}
    called = sum(one.get("called", one["choice"] == SettlingChoice.KEEP) for one in edit.done)
    counted = (
        (counts[SettlingChoice.MOVE], _("Moved: %(count)d.")),
        (counts[SettlingChoice.PROPOSE], _("Asked about another time: %(count)d.")),
        (counts[SettlingChoice.CANCEL], _("Cancelled: %(count)d.")),
        (called, _("To be called: %(count)d.")),
    )
    return " ".join(words % {"count": count} for count, words in counted if count) or _("No appointment was touched.")
