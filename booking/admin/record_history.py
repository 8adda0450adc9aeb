"""What was done to a person's record, by whom and when, on whichever page or over the API: read from the ledger."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from booking.admin.patient_forms import reached
from booking.models import ContactChange, Patient, RecordAct, RecordChange
from core.models import User
from core.text.languages import date_in_words
from core.text.typed_dates import iso_date

CONTACTS = frozenset({"asked_for", "email", "phone"})
Values = dict[str, str | None]


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One thing that was done to a record, as people read it."""

    at: datetime
    who: str
    what: list[str]


def acts(patient: Patient, *, contacts: bool) -> list[HistoryEntry]:
    """Return what was done to a record, the last first. Without `contacts` it is not told how somebody is reached."""
    theirs = Q(patient=patient) | Q(other=patient, act__in=[RecordAct.APART, RecordAct.NOT_APART])
    rows = list(RecordChange.objects.filter(theirs).select_related("patient", "other").order_by("-at", "-pk"))
    known = {row.at for row in rows}
    # An address that came with a merging, or was changed before changes were written down: its old value is not kept.
    mails = [row for row in ContactChange.objects.filter(patient=patient).order_by("-at") if row.at not in known]
    names = _names(patient, [*(row.by for row in rows), *(row.by for row in mails)])
    now: Values = {
        "name": patient.name,
        "birth_date": patient.birth_date.isoformat(),
        "language": patient.language,
        **reached(patient),
    }
    found = [HistoryEntry(row.at, names[row.by], _what(row, patient, now, contacts=contacts)) for row in rows]
    found += [HistoryEntry(row.at, names[row.by], [_("E-mail: changed")]) for row in mails]
    return sorted(found, key=lambda act: act.at, reverse=True)


def _what(row: RecordChange, patient: Patient, now: Values, *, contacts: bool) -> list[str]:
    """Return the lines of one row; `now` is what stood after it, and becomes what stood before it."""
    if row.act == RecordAct.CHANGED:
        lines = [_line(name, str(was), now.get(name), contacts=contacts) for name, was in row.was.items()]
        now.update({name: str(was) for name, was in row.was.items()})
        return lines
    if row.act == RecordAct.TOOK_OVER:
        # It brought contacts along: what was the first before it, the ledger does not tell.
        now.update(dict.fromkeys(CONTACTS))
    if row.act in {RecordAct.ENROLLED, RecordAct.END_CHANGED, RecordAct.ENDED}:
        return [_of_enrolment(row)]
    other = row.patient if row.other_id == patient.pk else row.other
    named = f"{row.was.get('name', other.name)}, {other.reference}" if other else ""
    return [f"{row.get_act_display()}: {named}"]


def _of_enrolment(row: RecordChange) -> str:
    until = row.was.get("until")
    said = {"act": row.get_act_display(), "program": row.was["program"], "site": row.was["site"]}
    if until:
        return _("%(act)s: %(program)s, %(site)s, until %(day)s") % (said | {"day": date_in_words(iso_date(until))})
    return _("%(act)s: %(program)s, %(site)s, without an end") % said


def _line(name: str, was: str, became: str | None, *, contacts: bool) -> str:
    label = {
        "name": _("Name"),
        "birth_date": _("Date of birth"),
        "language": _("Language"),
        "email": _("E-mail"),
        "phone": _("Phone"),
        "asked_for": _("What helps them to come"),
    }.get(name, name)
    if name in CONTACTS and not contacts:
        return _("%(field)s: changed") % {"field": label}
    if became is None:
        return _("%(field)s: was %(old)s") % {"field": label, "old": _shown(name, was)}
    return _("%(field)s: %(old)s → %(new)s") % {"field": label, "old": _shown(name, was), "new": _shown(name, became)}


def _shown(name: str, value: str) -> str:
    if name == "birth_date":
        return date_in_words(iso_date(value))
    return value or _("none")


def _names(patient: Patient, keys: Iterable[str]) -> dict[str, str]:
    """Return by key who acted: people by name, the rest by what they are."""
    wanted = set(keys)
    users: Any = User.objects.in_bulk([int(key.split(":")[1]) for key in wanted if key.startswith("user:")])
    return {key: _name(patient, key, users) for key in wanted}


def _name(patient: Patient, key: str, users: dict[int, User]) -> str:
    kind, _colon, which = key.partition(":")
    if kind != "user":
        return _("Meridian itself") if kind == "system" else _("by a link in a mail")
    if int(which) == patient.user_id:
        return _("the patient")
    user = users.get(int(which))
    return f"{user.get_full_name()} ({user.get_username()})".strip() if user else _("somebody whose account is gone")
