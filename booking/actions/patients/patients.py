"""Records of the people who are treated: who they are and how they are reached."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial
from typing import Any, Required, TypedDict, Unpack

from django.db.models import F, Max
from django.utils.translation import gettext as _

from booking import rules
from booking.actions import links
from booking.actions.patients import address_verification, enrolments, merging
from booking.actions.patients.person_locks import lock_patient, wait_for_person
from booking.actions.suitability import suitability_changes
from booking.models import Appointment, ContactChange, ContactPoint, Patient, RecordAct, RecordChange
from booking.models.patients import ContactSystem
from booking.patients import contacts
from booking.patients.duplicates import Identity, candidates
from booking.patients.record_errors import PossibleDuplicates
from booking.queries import is_own
from booking.queries import patients as patients_seen
from core.database.transactions import unit
from core.doorbell import ring
from core.models import Site, User
from core.principal import Principal
from core.refusals import Invalid
from core.rights import Action, Scope, reaching
from core.roles import Role
from core.text import phone_numbers
from scheduler import public as scheduler

SEES_SITES = reaching(Action.SEE_PATIENT, Scope.SITE)
"""Who sees a record because of the site where it was made."""


@unit
def register(
    *,
    name: str,
    birth_date: date,
    email: str,
    site: Site,
    by: Principal,  # noqa: ARG001  (the audit log will name them)
    at: datetime,
    language: str = "en",
    guest: bool = False,
    user: User | None = None,
    phone: str = "",
) -> Patient:
    """Make a record. A guest always gets a new one, and is never told whether there is another. Raises Invalid."""
    form = _Form()
    called = form.read("/name", contacts.name, name)
    mail = form.read("/email", contacts.email, email) if email or not phone else ""
    number = form.read("/phone", _phone_at(site), phone) if phone else ""
    tag = form.read("/language", contacts.language, language)
    form.check_birth_date(birth_date, site=site, at=at)
    form.settle()
    patient = Patient.objects.create(
        name=called, birth_date=birth_date, site=site, language=tag, guest=guest, user=user, created_at=at
    )
    contact_points = [(ContactSystem.EMAIL, mail), (ContactSystem.PHONE, number)]
    ContactPoint.objects.bulk_create(_contact(patient, system, value) for system, value in contact_points if value)
    return patient


class Facts(TypedDict, total=False):
    """What staff enter of somebody new."""

    name: Required[str]
    birth_date: Required[date]
    email: Required[str]
    site: Required[Site]
    phone: str
    language: str


class Given(TypedDict, total=False):
    """What somebody may give to be changed of a record."""

    name: str
    birth_date: date
    email: str
    phone: str
    language: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NewValues:
    """What is to be changed of a record; None stays as it is, an empty contact is taken off."""

    name: str | None = None
    birth_date: date | None = None
    email: str | None = None
    phone: str | None = None
    language: str | None = None


@unit
def enter(
    *,
    another_person: bool = False,
    program: str = "",
    ends_on: date | None = None,
    by: Principal,
    at: datetime,
    **facts: Unpack[Facts],
) -> Patient:
    """Make a record by staff, as `make` does, and enrol whose it is, in one act.

    `program`: in which they are enrolled at once, until `ends_on`; whom staff of a program enter is theirs anyhow.
    Raises PossibleDuplicates, Invalid.
    """
    made = make(another_person=another_person, by=by, at=at, **facts)
    if program := program or _program_of(by, facts["site"]):
        enrolments.enrol(made, program=program, site=facts["site"], by=by, at=at, ends_on=ends_on)
    return made


@unit
def make(*, another_person: bool = False, by: Principal, at: datetime, **facts: Unpack[Facts]) -> Patient:
    """Make a record by staff, unless there may be one of this person among those that they see.

    `another_person`: they have looked at those, and it is none of them, which is noted so that nobody is asked again.
    Raises PossibleDuplicates, Invalid.
    """
    found = possible_duplicates(by=by, **facts)
    if found and not another_person:
        raise PossibleDuplicates(candidates=[_candidate_facts(one) for one in found])
    return make_beside(found, by=by, at=at, **facts)


@unit
def make_beside(found: Sequence[Patient], *, by: Principal, at: datetime, **facts: Unpack[Facts]) -> Patient:
    """Make a record of somebody who is none of these, which `possible_duplicates` found. Raises Invalid."""
    made = register(by=by, at=at, **facts)
    for one in found:
        merging.keep_apart(one, made, by=by, at=at)
    return made


def _program_of(by: Principal, site: Site) -> str:
    """Return the program of a site in which whoever its staff enter takes part at once; else nobody of them sees it.

    Empty where whoever enters it sees the records of the site by another role.
    """
    if site.pk not in by.sites(Role.PROGRAM) or site.pk in by.sites(*SEES_SITES):
        return ""
    keys = [one.key for one in scheduler.programs_at(site.pk)]
    # Their own is the cancer program wherever a site has it; of several others nobody guesses.
    if scheduler.CANCER_PROGRAM in keys:
        return scheduler.CANCER_PROGRAM
    if len(keys) != 1:
        raise Invalid(_("Say in which program they take part."), pointer="/program")
    return keys[0]


def possible_duplicates(*, by: Principal, **facts: Unpack[Facts]) -> list[Patient]:
    """Return the records that `by` may see and that may be of this person. What cannot be read is left out.

    Waits for whoever is just entering the same person, until the transaction ends.
    """
    wait_for_person(name=facts["name"], birth_date=facts["birth_date"])
    return candidates(identity_of(**facts), among=patients_seen(by))


def identity_of(**facts: Unpack[Facts]) -> Identity:
    """Return what tells somebody new apart, as it would be kept. What cannot be read is left out."""
    contact_values = set()
    readers = {"email": contacts.email, "phone": _phone_at(facts["site"])}
    for name, reader in readers.items():
        with suppress(contacts.Unusable):
            contact_values.add(reader(str(facts.get(name, ""))).casefold())
    return Identity(name=facts["name"], birth_date=facts["birth_date"], contacts=frozenset(contact_values))


def _candidate_facts(patient: Patient) -> dict[str, object]:
    return {
        "id": str(patient.public_id),
        "reference": patient.reference,
        "name": patient.name,
        "birth_date": patient.birth_date.isoformat(),
    }


@unit
def change(patient: Patient, *, by: Principal, at: datetime, **given: Unpack[Given]) -> Patient:
    """Change what is given and leave the rest, as others may just have changed it. Raises Invalid, MergedInto.

    Another e-mail address ends the links that the old one holds; both addresses are told. Another phone number stands
    for the first: a record that took over another may have a second, which stays. What was there before is written
    down. Somebody who books for themselves keeps an address; staff may leave one way to reach a person.
    """
    new = _read(NewValues(**given), patient, at=at)
    patient = lock_to_change(patient, name=new.name, birth_date=new.birth_date, readdressed=new.email is not None)
    was, born_before = _was(patient, new), patient.birth_date
    _stay_reachable(patient, new, by=by)
    columns = [name for name in ("name", "birth_date", "language") if getattr(new, name) is not None]
    for name in columns:
        setattr(patient, name, getattr(new, name))
    if columns:
        patient.save(update_fields=[*columns, *(["folded_name", "search_words"] if new.name is not None else [])])
    if new.email is not None:
        _write_to(patient, new.email, by=by, at=at)
    if new.phone is not None:
        _call_at(patient, new.phone)
    if patient.birth_date != born_before:
        suitability_changes.look_again(patient, at=at, born_before=born_before)
    if was:
        RecordChange.objects.create(patient=patient, act=RecordAct.CHANGED, was=was, by=by.key, at=at)
    return patient


def lock_to_change(
    patient: Patient, *, name: str | None = None, birth_date: date | None = None, readdressed: bool = False
) -> Patient:
    """Lock and return a record that is about to have another name, birth date or e-mail address. Raises MergedInto.

    `readdressed`: its visits before it, as everywhere: no mail to their old address is begun until this is over.
    """
    if readdressed:
        lock_visits(patient)
    return lock_patient(patient, (name or patient.name, birth_date or patient.birth_date))


def lock_visits(patient: Patient) -> None:
    """Lock all appointments of a record, in the one order: before their patient."""
    list(Appointment.objects.filter(patient=patient).select_for_update(no_key=True).order_by("pk").values_list("pk"))


def _read(given: NewValues, patient: Patient, *, at: datetime) -> NewValues:
    """Return what was given in its one form. Raises Invalid."""
    form = _Form()
    readers: dict[str, Callable[[str], str]] = {
        "name": contacts.name,
        "email": contacts.email,
        "phone": _phone_at(patient.site),
        "language": contacts.language,
    }
    read: dict[str, Any] = {}
    for name, reader in readers.items():
        text: str | None = getattr(given, name)
        if text is not None:
            taken_off = name in {"email", "phone"} and not text.strip()
            read[name] = "" if taken_off else form.read(f"/{name}", reader, text)
    if given.birth_date is not None:
        form.check_birth_date(given.birth_date, site=patient.site, at=at)
    form.settle()
    return replace(given, **read)


def _was(patient: Patient, new: NewValues) -> dict[str, object]:
    """Return what is about to change, as it is: of addresses all, of phone numbers the first, since that alone goes."""
    reached = list(patient.contacts.order_by("rank", "pk").values_list("system", "value"))
    now = {
        "name": patient.name,
        "birth_date": patient.birth_date,
        "language": patient.language,
        "email": ", ".join(value for system, value in reached if system == ContactSystem.EMAIL),
        "phone": next((value for system, value in reached if system == ContactSystem.PHONE), ""),
    }
    changed = {name for name in now if getattr(new, name) not in {None, now[name]}}
    return {name: str(now[name]) for name in sorted(changed)}


def _stay_reachable(patient: Patient, new: NewValues, *, by: Principal) -> None:
    """Refuse to take off what a person is reached by. Raises Invalid."""
    systems = list(patient.contacts.values_list("system", flat=True))
    mailed = bool(new.email) if new.email is not None else ContactSystem.EMAIL in systems
    phones = systems.count(ContactSystem.PHONE)
    called = bool(new.phone) or phones > (new.phone is not None)
    if new.email == "" and not mailed and (not called or is_own(patient, by)):
        raise Invalid(_("Please give an e-mail address: we write to it."), pointer="/email")
    if new.phone == "" and not mailed and not called:
        raise Invalid(_("Please give a phone number or an e-mail address: nobody could reach them."), pointer="/phone")


def _phone_at(site: Site) -> Callable[[str], str]:
    """Return how phone numbers are read at a site: by its country, where that is known."""
    return partial(contacts.phone, country=phone_numbers.country_of(site.zone))


def _readdress(patient: Patient) -> None:
    """Note on a patient's visits, which are locked, that mail about them that was written before goes nowhere."""
    Appointment.objects.filter(patient=patient).update(readdressed=F("readdressed") + 1)


def _write_to(patient: Patient, mail: str, *, by: Principal, at: datetime) -> None:
    """Let `mail` be the one address; when it is another than before, end the links that the old one holds."""
    points = list(patient.contacts.filter(system=ContactSystem.EMAIL))
    old = [contact.value for contact in points]
    if old == [mail] or not (old or mail):
        return
    if [value.casefold() for value in old] == [mail.casefold()]:
        # The same mailbox, written in other letters: who reads it need not be told that nobody writes to it any more.
        points[0].value = mail
        points[0].save(update_fields=["value", "search_words"])
        return
    patient.contacts.filter(system=ContactSystem.EMAIL).exclude(value=mail).delete()
    if mail:
        ContactPoint.objects.bulk_create([_contact(patient, ContactSystem.EMAIL, mail)], ignore_conflicts=True)
    # Visits, links, codes, then the change itself: whatever is sent from here on, by whichever worker, finds the visits
    # changed under their lock and reads the new address.
    _readdress(patient)
    links.end_all_of(patient, at=at)
    address_verification.follow(patient, at=at)
    # One row for each address that goes, and one without any where there was none: the new one is told by it.
    addresses = [value for value in old if value != mail] or [""]
    ContactChange.objects.bulk_create(
        ContactChange(patient=patient, old_email=value, by=by.key, at=at) for value in addresses
    )
    ring("notifications.tasks.dispatch")


def _call_at(patient: Patient, number: str) -> None:
    """Let `number` stand for the first phone number; an empty one takes that off."""
    first = patient.contacts.filter(system=ContactSystem.PHONE).order_by("rank", "pk").first()
    if first is not None and first.value == number:
        return
    if first is not None:
        first.delete()
    if number:
        new = _contact(patient, ContactSystem.PHONE, number)
        # In its place: the number that staff correct is the one that they see, and call, first.
        new.rank = first.rank if first is not None else new.rank
        ContactPoint.objects.bulk_create([new], ignore_conflicts=True)


def add_typed_phone(patient: Patient, number: str, *, at: datetime) -> None:
    """Add a number, read already, that a visitor typed who says that they are this person: after those on record.

    It stands for the one that was typed before, and staff see that nobody has shown whose it is.
    """
    phones = patient.contacts.filter(system=ContactSystem.PHONE)
    if phones.filter(value=number).exists():
        return
    phones.exclude(typed_at=None).delete()
    last = patient.contacts.aggregate(last=Max("rank"))["last"] or 0
    new = _contact(patient, ContactSystem.PHONE, number)
    new.rank, new.typed_at = last + 1, at
    ContactPoint.objects.bulk_create([new], ignore_conflicts=True)


def _contact(patient: Patient, system: ContactSystem, value: str) -> ContactPoint:
    rank = 1 if system == ContactSystem.EMAIL else 2
    return ContactPoint(patient=patient, system=system, value=value, rank=rank)


class _Form:
    """Reads what was given, and collects everything that is wrong with it."""

    def __init__(self) -> None:
        self.errors: list[dict[str, str]] = []

    def read(self, pointer: str, reader: Callable[[str], str], given: str) -> str:
        """Return what was given in its one form, or note what is wrong with it."""
        try:
            return reader(given)
        except contacts.Unusable as error:
            self.complain(pointer, str(error))
            return ""

    def check_birth_date(self, born: date, *, site: Site, at: datetime) -> None:
        """Note when nobody can have been born that day."""
        if not rules.age_is_plausible(born, on=at.astimezone(site.tz).date()):
            self.complain("/birth_date", _("Please check the date of birth."))

    def complain(self, pointer: str, detail: str) -> None:
        """Note that something is wrong."""
        self.errors.append({"pointer": pointer, "detail": detail})

    def settle(self) -> None:
        """Raise Invalid when anything is wrong."""
        if self.errors:
            raise Invalid(errors=self.errors)
