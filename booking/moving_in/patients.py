"""A table of patients: who they are and how they are reached. Nobody is merged in silence."""

from dataclasses import replace
from datetime import date
from functools import partial
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from booking.actions.patients import patients
from booking.models import Patient
from booking.models.patients import ContactSystem
from booking.moving_in.kinds import ImportKind
from booking.moving_in.rows import Column, RowChoice, RowOutcome, RowReader, RowResult
from booking.patients import contacts
from booking.patients.duplicates import Identity
from core.text.language_names import read_languages
from core.text.languages import date_in_words
from core.text.names import is_same_name
from core.text.phone_numbers import country_of

NEW, SAME, FILL = "new", "same-", "fill-"

COLUMNS = (
    Column(key="name", title=gettext_lazy("Name"),
           says=gettext_lazy("the whole name, in any order"), example="Ana Diaz",
           needed=True, also=("patient", "full name")),
    Column(key="birth_date", is_date=True, title=gettext_lazy("Date of birth"),
           also=("born", "dob", "birthday", "date of birth"),
           says=gettext_lazy("a date, best as year-month-day"), example="1961-03-27", needed=True),
    Column(key="email", title=gettext_lazy("E-mail"), also=("email address", "mail"), example="ana@example.org",
           says=gettext_lazy("one address; it or a phone number is needed")),
    Column(key="phone", title=gettext_lazy("Phone"), also=("telephone", "mobile", "phone number"),
           example="(312) 555-0123",
           says=gettext_lazy("as people write it")),
    Column(key="language", title=gettext_lazy("Language"),
           says=gettext_lazy("by name or tag; empty: English"), example="Spanish"),
    Column(key="site", title=gettext_lazy("Site"), also=("location",), says=gettext_lazy("empty: this site")),
)  # fmt: skip


def read(row: RowReader) -> dict[str, Any]:
    """Return what a row says of somebody; what is wrong with its cells is noted."""
    name, born = row.text("name"), row.date("birth_date")
    facts: dict[str, Any] = {
        "name": name,
        "email": row.text("email"),
        "phone": row.text("phone"),
        "site": row.site("site"),
    }
    _check_contacts(row, facts)
    facts["language"] = _language(row)
    if not facts["email"] and not facts["phone"]:
        row.complain("email", _("Give an e-mail address or a phone number: nobody could reach them."))
    return {**facts, "birth_date": born}


def _check_contacts(row: RowReader, facts: dict[str, Any]) -> None:
    """Complain of an address or a number that reaches nobody, as whoever registers somebody is told."""
    country = country_of(facts["site"].zone)
    for column, read_it in (("email", contacts.email), ("phone", partial(contacts.phone, country=country))):
        try:
            read_it(str(facts[column])) if facts[column] else None
        except contacts.Unusable as unusable:
            row.complain(column, str(unusable))


def take(row: RowReader) -> RowOutcome:
    """Make a record, unless there is one of this person, or may be. Raises Refusal."""
    facts = read(row)
    if row.problems or facts["birth_date"] is None:
        return RowOutcome(result=RowResult.WRONG, name=facts["name"])
    return _entered(row, facts)


def _entered(row: RowReader, facts: dict[str, Any]) -> RowOutcome:
    by, at, name = row.setting.by, row.setting.at, str(facts["name"])
    found = patients.possible_duplicates(by=by, **facts)
    if any(_is_the_same(patient, facts) for patient in found):
        return RowOutcome(result=RowResult.SAME, name=name)
    known = next((patient for patient in found if _is_surely(patient, facts) and _new_phone(patient, facts)), None)
    if known:
        return _filled_up(row, known, facts)
    said = row.setting.answers.get(row.row_number, "")
    if not found or said == NEW:
        patients.make_beside(found, by=by, at=at, **facts)
        return RowOutcome(result=RowResult.NEW, name=name, choices=_choices(found, facts, said))
    to_fill = next((patient for patient in found if said == f"{FILL}{patient.public_id}"), None)
    if to_fill and _new_phone(to_fill, facts):
        return replace(_filled_up(row, to_fill, facts), choices=_choices(found, facts, said))
    named = next((patient for patient in found if said == f"{SAME}{patient.public_id}"), None)
    result = RowResult.SAME if named else RowResult.ASKED
    says = _stays(named, facts) if named else (_asked(facts),)
    return RowOutcome(result=result, name=name, says=says, choices=_choices(found, facts, said))


def _filled_up(row: RowReader, patient: Patient, facts: dict[str, Any]) -> RowOutcome:
    """Add the phone number that a record lacks; what it has stays. Raises Refusal."""
    phone = _new_phone(patient, facts)
    patients.change(patient, phone=phone, by=row.setting.by, at=row.setting.at)
    says = (_("The phone number %(phone)s is added to their record.") % {"phone": phone}, *_stays(patient, facts))
    return RowOutcome(result=RowResult.CHANGED, name=patient.name, says=says)


def _is_surely(patient: Patient, facts: dict[str, Any]) -> bool:
    """Whether a record is of whom a row names: name, birth date and a way to reach them are alike."""
    mine, given = Identity.of(patient), patients.identity_of(**facts)
    alike = is_same_name(mine.name, given.name) and mine.birth_date == given.birth_date
    return alike and bool(given.contacts & mine.contacts)


def _new_phone(patient: Patient, facts: dict[str, Any]) -> str:
    """Return the phone number of a row where a record has none: one that it has is never written over."""
    has_one = any(one.system == ContactSystem.PHONE for one in patient.contacts.all())
    return "" if has_one else str(facts["phone"])


def _language(row: RowReader) -> str:
    tags, unknown = read_languages(row.parts("language"))
    if unknown or len(tags) > 1:
        row.complain("language", _("Write one language: its English name, or a tag such as es."))
    elif tags and not _can_be_written(tags[0]):
        row.complain("language", _("No mail can be written in this language. Write another one, or leave it empty."))
    return tags[0] if tags else "en"


def _can_be_written(tag: str) -> bool:
    """Whether a record may have a language: dates must be written in it."""
    try:
        return bool(contacts.language(tag))
    except contacts.Unusable:
        return False


def _is_the_same(patient: Patient, facts: dict[str, Any]) -> bool:
    """Whether a record has all that a row says: then nobody need be asked."""
    mine, given = Identity.of(patient), patients.identity_of(**facts)
    alike = is_same_name(mine.name, given.name) and mine.birth_date == given.birth_date
    return alike and bool(given.contacts) and given.contacts <= mine.contacts


def _stays(patient: Patient, facts: dict[str, Any]) -> tuple[str, ...]:
    """Say what of a record stays as it is, although the row says something else."""
    without_phone = facts if not _new_phone(patient, facts) else {**facts, "phone": ""}
    if patients.identity_of(**without_phone).contacts <= Identity.of(patient).contacts:
        return ()
    return (_("How they are reached stays as it is in the record. Correct it on their page."),)


def _asked(facts: dict[str, Any]) -> str:
    told = [_born(facts["birth_date"]), facts["email"], facts["phone"]]
    said = _("This may be somebody who has a record. The table says: %(told)s.")
    return said % {"told": ", ".join(filter(None, told))}


def _choices(found: list[Patient], facts: dict[str, Any], said: str) -> tuple[RowChoice, ...]:
    """Return the answers to whether it is one of these."""
    if not found:
        return ()
    words = _("The same person as %(name)s, born %(born)s: leave that record as it is")
    told = {f"{SAME}{one.public_id}": words % {"name": one.name, "born": _born(one.birth_date)} for one in found}
    filled = _("The same person as %(name)s, born %(born)s: add the phone number to that record, which has none")
    told |= {
        f"{FILL}{one.public_id}": filled % {"name": one.name, "born": _born(one.birth_date)}
        for one in found
        if _new_phone(one, facts)
    }
    told |= {NEW: _("Somebody else: make a record of their own"), "": _("Leave this row out for now")}
    chosen = said if said in told else ""
    return tuple(RowChoice(value=value, words=text, chosen=value == chosen) for value, text in told.items())


def _born(day: date) -> str:
    return date_in_words(day)


PATIENTS = ImportKind(
    key="patients",
    title=gettext_lazy("Patients"),
    says=gettext_lazy(
        "Whoever is alike in two of three (name, date of birth, how they are reached) may have a record: then you are "
        "asked. Nobody is written to."
    ),
    columns=COLUMNS,
    read=read,
    take=take,
    most=300,
)
