"""A table of coming appointments: each is booked as any other, on a time that it claims."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from booking.actions import appointments
from booking.actions.patients.patients import identity_of
from booking.audiences import audience_for
from booking.models import Appointment, Patient
from booking.moving_in.kinds import ImportKind
from booking.moving_in.rows import Column, RowOutcome, RowReader, RowResult
from booking.patients.duplicates import candidates
from booking.queries import patients as patients_seen
from booking.suitability.errors import AnswersNeeded, CallFirst, NotBookableWithAnswers
from booking.suitability.visit_words import answers_against
from core.models import Site
from core.refusals import Refusal
from core.text.folding import fold
from core.text.languages import localized, time_in_words, when_in_words
from core.text.names import is_same_name
from scheduler import public as scheduler

VISITS = {"first": "first", "first appointment": "first", "new": "first", "": "followup",
          "follow up": "followup", "followup": "followup", "follow up appointment": "followup"}  # fmt: skip
MOST_NAMED = 3
NO_ROOM = "no-suitable-room"
"""The code of the reason that no place is free that has what is needed."""

REASON = gettext_lazy("Booked before this clinic moved in.")
"""Why soft rules are set aside: how soon, how far ahead, how many a week."""

COLUMNS = (
    Column(key="patient", title=gettext_lazy("Patient"), says=gettext_lazy("their name, as in the table of patients"),
           example="Ana Diaz", needed=True, also=("name", "patient name")),
    Column(key="birth_date", is_date=True, title=gettext_lazy("Date of birth"), also=("born", "dob", "birthday"),
           example="1961-03-27",
           says=gettext_lazy("a date, best as year-month-day"), needed=True),
    Column(key="date", is_date=True, title=gettext_lazy("Date"), also=("day",), example="2026-12-08", needed=True,
           says=gettext_lazy("a date, best as year-month-day")),
    Column(key="time", title=gettext_lazy("Time"), also=("start", "starts", "from"), example="10:00", needed=True,
           says=gettext_lazy("when it begins, by the clock of the site, such as 10:00 or 2:30 PM")),
    Column(key="practitioner", title=gettext_lazy("Practitioner"), says=gettext_lazy("their name"), example="Dana Wu",
           needed=True, also=("provider",)),
    Column(key="therapy", title=gettext_lazy("Therapy"), also=("service",), says=gettext_lazy("by its name"),
           example="Acupuncture (manual)", needed=True),
    Column(key="visit", title=gettext_lazy("Appointment"), also=("kind", "type"), example="follow-up",
           says=gettext_lazy("first or follow-up; empty: follow-up")),
    Column(key="technique", title=gettext_lazy("Technique"),
           says=gettext_lazy("where the therapy has several, its key")),
    Column(key="email", title=gettext_lazy("E-mail"),
           says=gettext_lazy("where two patients have one name and birth date")),
    Column(key="site", title=gettext_lazy("Site"), also=("location",), says=gettext_lazy("empty: this site")),
    Column(key="note", title=gettext_lazy("Note"),
           says=gettext_lazy("a neutral line for colleagues, never about health")),
)  # fmt: skip
FIELDS = {"slot": "time", "name": "practitioner"}


@dataclass(frozen=True, slots=True)
class AppointmentWanted:
    """What a row says of an appointment: whose, where, when and for what."""

    name: str
    born: date
    site: Site
    start: datetime
    visit: str
    therapy: str


def read(row: RowReader) -> AppointmentWanted | None:
    """Return what a row says, None where it lacks something; what is wrong with its cells is noted."""
    name, born, site = row.text("patient"), row.date("birth_date"), row.site("site")
    on, clock, visit, therapy = row.date("date"), row.time("time"), _visit(row), _therapy(row)
    row.text("practitioner")
    if born is None or on is None or clock is None:
        return None
    return AppointmentWanted(name, born, site, _start(row, site, on, clock), visit, therapy)


def take(row: RowReader) -> RowOutcome:
    """Book what a row asks for, unless it is booked. Raises Refusal."""
    asked = _asked(row)
    if row.problems or asked is None:
        return RowOutcome(result=RowResult.WRONG, name=row.text("patient"))
    return _booked(row, *asked)


def _asked(row: RowReader) -> tuple[Patient, scheduler.Slot, str] | None:
    """Return whom a row gives which time, and how that is called; None where something is wrong, which is noted."""
    said = read(row)
    if row.problems or said is None:
        return None
    patient, slot = _patient(row, said.name, said.born), _slot(row, said)
    return (patient, slot, f"{said.name}, {when_in_words(said.start, said.site.tz)}") if patient and slot else None


def _therapy(row: RowReader) -> str:
    told = row.text("therapy")
    found, _unknown = scheduler.therapies_named([told])
    if told and not found:
        said = _("No therapy in use is called %(words)s. Write the name as patients read it.")
        row.complain("therapy", said % {"words": told})
    return found[0].key if found else ""


def _visit(row: RowReader) -> str:
    told = row.text("visit")
    if fold(told) not in VISITS:
        row.complain("visit", _("Write first or follow-up."))
    return VISITS.get(fold(told), "followup")


def _start(row: RowReader, site: Site, on: date, clock: time) -> datetime:
    start = datetime.combine(on, clock, site.tz)
    if start <= row.setting.at:
        row.complain("date", _("This time has passed: only what is to come is imported."))
    return start


def _patient(row: RowReader, name: str, born: date) -> Patient | None:
    """Return whose appointment it is, by the rule for one person; what is not clear is noted."""
    identity = identity_of(name=name, birth_date=born, email=row.text("email"), phone="", site=row.setting.site)
    seen = candidates(identity, among=patients_seen(row.setting.by))
    found = [one for one in seen if one.birth_date == born and is_same_name(one.name, name)]
    if len(found) > 1 and identity.contacts:
        reached = [one for one in found if identity.contacts & {c.value.casefold() for c in one.contacts.all()}]
        found = reached or found
    if not found:
        row.complain("patient", _("There is no record of this name and date of birth. Import the patients first."))
    if len(found) > 1:
        said = _("%(count)d records have this name and date of birth. Give the e-mail address, or merge them first.")
        row.complain("patient", said % {"count": len(found)})
    return found[0] if len(found) == 1 else None


def _slot(row: RowReader, said: AppointmentWanted) -> scheduler.Slot | None:
    who = scheduler.called(row.text("practitioner"), sites=[said.site])
    if who is None:
        row.complain("practitioner", _("Nobody of this name treats at this site. Import the practitioners first."))
        return None
    technique = row.text("technique")
    key = scheduler.SlotKey(
        practitioner=who.public_id,
        site=said.site.key,
        therapy=said.therapy,
        visit=said.visit,
        technique=technique,
        start=said.start,
    )
    slot = _known(key)
    if slot is None:
        row.complain(*_not_given(key))
    return slot


def _known(key: scheduler.SlotKey) -> scheduler.Slot | None:
    try:
        return scheduler.slot(key.encode())
    except scheduler.UnknownSlot:
        return None


def _not_given(key: scheduler.SlotKey) -> tuple[str, str]:
    """Return which column asks for what nobody gives, and why: with another cell there, it would be given."""
    if key.technique and _known(replace(key, technique="")):
        return "technique", _("This therapy has no technique of this key. Leave it empty, or write one that it has.")
    other = "followup" if key.visit == "first" else "first"
    if _known(replace(key, visit=other)):
        return "visit", _("They do not give this as this kind of appointment, but as the other one.")
    return "therapy", _("They do not give this at this site.")


def _booked(row: RowReader, patient: Patient, slot: scheduler.Slot, called: str) -> RowOutcome:
    setting = row.setting
    there = Appointment.objects.taking_time(at=setting.at).filter(patient=patient, period__startswith=slot.start)
    if there.filter(practitioner=slot.practitioner.id).exists():
        return RowOutcome(result=RowResult.SAME, name=called)
    sure: dict[str, Any] = {"by": setting.by, "at": setting.at, "override_reason": str(REASON)}
    tells: dict[str, Any] = {"told_at_desk": not setting.tell, "questions_by_link": setting.tell}
    appointments.book(patient=patient, slot=slot, note=row.joined("note"), **tells, **sure)
    return RowOutcome(result=RowResult.NEW, name=called)


def why(row: RowReader, refusal: Refusal) -> RowOutcome:
    """Return what stands against a time, every reason, and who is there then."""
    asked = _asked(row)
    words = _words_for_staff(refusal)
    if asked is None:
        return RowOutcome(result=RowResult.CLASH, says=(words,))
    patient, slot, called = asked
    by, at = row.setting.by, row.setting.at
    audience = audience_for(by, site_id=slot.site.id, at=at, patient=patient, reason=str(REASON))
    reasons = scheduler.explain(slot, at=at, audience=audience).reasons
    # That it is not free says nothing beside why it is not.
    first = [] if reasons and isinstance(refusal, scheduler.SlotTaken) else [words]
    no_room = any(one.code == NO_ROOM for one in reasons)
    says = dict.fromkeys([*first, *(str(one.detail) for one in reasons), *_in_the_way(row, slot, patient, no_room)])
    return RowOutcome(result=RowResult.CLASH, name=called, says=tuple(says))


def _words_for_staff(refusal: Refusal) -> str:
    """Return what is refused; of answers, what to do at a desk: their own words are for who reads at home."""
    if isinstance(refusal, AnswersNeeded):
        return _(
            "They have not answered what is asked before this is booked. Tick “Write to each of them about it now”:"
            " then they are asked by link. Or book it on the phone."
        )
    if isinstance(refusal, CallFirst | NotBookableWithAnswers):
        return answers_against()
    return " ".join(dict.fromkeys(str(one) for one in (refusal.title, refusal.detail) if one))


def _in_the_way(row: RowReader, slot: scheduler.Slot, patient: Patient, no_room: bool) -> Iterator[str]:  # noqa: FBT001  (said of the time alone)
    """Yield who has that practitioner, what the patient has, and who lies in the rooms, also by other rows."""
    seen = Appointment.objects.visible_to(row.setting.by).taking_time(at=row.setting.at)
    seen = seen.filter(period__overlap=(slot.start, slot.end)).order_by("period", "pk")
    met = seen.select_related("patient", "practitioner", "place", "site")
    with_them = met.filter(practitioner=slot.practitioner.id).exclude(patient=patient)
    yield from (_("There then: %(name)s, %(time)s.") % _facts(one) for one in with_them[:MOST_NAMED])
    own = _("They have another appointment then: %(time)s with %(who)s, %(site)s.")
    yield from (own % _facts(one) for one in met.filter(patient=patient)[:MOST_NAMED])
    if no_room:
        others = met.filter(site=slot.site.id, place__isnull=False).exclude(practitioner=slot.practitioner.id)
        lies = _("In %(place)s then: %(name)s, %(time)s.")
        yield from (lies % _facts(one) for one in others.exclude(patient=patient)[:MOST_NAMED])


def _facts(one: Appointment) -> dict[str, str]:
    return {
        "name": one.patient.name,
        "who": one.practitioner.name,
        "site": str(one.site),
        "place": localized(one.place.name) if one.place else "",
        "time": time_in_words(one.period.lower, one.site.tz),
    }


APPOINTMENTS = ImportKind(
    key="appointments",
    title=gettext_lazy("Coming appointments"),
    says=gettext_lazy(
        "Practitioners, hours and patients come first. Each appointment claims its time, as long as the therapy takes "
        "here; nothing is booked twice. Reminders go out as for any other."
    ),
    columns=COLUMNS,
    read=read,
    take=take,
    why=why,
    most=150,
    fields=FIELDS,
    asks_to_tell=True,
)
