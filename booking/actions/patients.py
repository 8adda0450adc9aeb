"""Records of the people who are treated: who they are and how they are reached."""

from collections.abc import Callable
from datetime import date, datetime

from django.db.models import F
from django.utils.translation import gettext as _

from booking import contacts, rules
from booking.actions import address_verification, links
from booking.actions.holds import lock_patient
from booking.models import Appointment, ContactChange, ContactPoint, Patient
from booking.models.patients import ContactSystem
from core.database.transactions import unit
from core.doorbell import ring
from core.models import Site, User
from core.principal import Principal
from core.refusals import Invalid


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
    number = form.read("/phone", contacts.phone, phone) if phone else ""
    tag = form.read("/language", contacts.language, language)
    if not rules.age_is_plausible(birth_date, on=at.astimezone(site.tz).date()):
        form.complain("/birth_date", _("Please check the date of birth."))
    form.settle()
    patient = Patient.objects.create(
        name=called, birth_date=birth_date, site=site, language=tag, guest=guest, user=user, created_at=at
    )
    contact_points = [(ContactSystem.EMAIL, mail), (ContactSystem.PHONE, number)]
    ContactPoint.objects.bulk_create(_contact(patient, system, value) for system, value in contact_points if value)
    return patient


@unit
def change(
    patient: Patient,
    *,
    by: Principal,
    at: datetime,
    name: str | None = None,
    email: str | None = None,
    phone: str | None = None,
    language: str | None = None,
) -> Patient:
    """Change what is given and leave the rest; an empty phone number is taken off. Raises Invalid.

    Another e-mail address ends the links that the old one holds; both addresses are told.
    """
    form = _Form()
    called = None if name is None else form.read("/name", contacts.name, name)
    mail = None if email is None else form.read("/email", contacts.email, email)
    number = form.read("/phone", contacts.phone, phone) if phone else phone
    tag = None if language is None else form.read("/language", contacts.language, language)
    form.settle()
    if mail is not None:
        _lock_visits(patient)
    patient = lock_patient(patient)
    patient.name, patient.language = called or patient.name, tag or patient.language
    patient.save(update_fields=["name", "folded_name", "search_words", "language"])
    if mail is not None:
        _write_to(patient, mail, by=by, at=at)
    if number is not None:
        _reach(patient, ContactSystem.PHONE, number)
    return patient


def _lock_visits(patient: Patient) -> None:
    """Lock a patient's visits, before the patient as everywhere: no mail to them is begun until this is over."""
    rows = Appointment.objects.filter(patient=patient).select_for_update(no_key=True).order_by("pk")
    list(rows.values_list("pk"))


def _readdress(patient: Patient) -> None:
    """Note on a patient's visits, which are locked, that mail about them that was written before goes nowhere."""
    Appointment.objects.filter(patient=patient).update(readdressed=F("readdressed") + 1)


def _write_to(patient: Patient, mail: str, *, by: Principal, at: datetime) -> None:
    """Let `mail` be the one address; when it is another than before, end the links that the old one holds."""
    old = [contact.value for contact in patient.contacts.filter(system=ContactSystem.EMAIL)]
    if old == [mail]:
        return
    _reach(patient, ContactSystem.EMAIL, mail)
    _readdress(patient)
    links.end_all_of(patient, at=at)
    address_verification.follow(patient, at=at)
    told = [value for value in old if value != mail] or [""]
    ContactChange.objects.bulk_create(
        ContactChange(patient=patient, old_email=value, by=by.key, at=at) for value in told
    )
    ring("notifications.tasks.dispatch")


def _reach(patient: Patient, system: ContactSystem, value: str) -> None:
    """Let `value` be the one contact of its kind; an empty one takes the old off."""
    patient.contacts.filter(system=system).exclude(value=value).delete()
    if value:
        new = _contact(patient, system, value)
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

    def complain(self, pointer: str, detail: str) -> None:
        """Note that something is wrong."""
        self.errors.append({"pointer": pointer, "detail": detail})

    def settle(self) -> None:
        """Raise Invalid when anything is wrong."""
        if self.errors:
            raise Invalid(errors=self.errors)
