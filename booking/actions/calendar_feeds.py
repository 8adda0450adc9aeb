"""The link to one's own calendar: made, made anew, and ended by whoever keeps that calendar, or comes by it."""

import hashlib
import secrets
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from booking.actions import links
from booking.models import CalendarFeed, ManageLink, Patient
from booking.patients.known_by_link import refuse_what_is_not_shown
from core.database.transactions import unit
from core.models import User
from core.principal import Principal
from core.refusals import Refusal
from scheduler import public as scheduler

OCTETS = 32
LONGEST = 64
"""Ours have 43 characters. What is longer is not hashed at all."""


class NoCalendar(Refusal):
    """Whoever asks for a link to their calendar keeps none."""

    code = "no-calendar-of-their-own"
    title = _("You keep no calendar of your own, so there is no link to it.")


@unit
def make(*, says_therapy: bool, by: Principal, at: datetime) -> str:
    """Return the token of a new link to the calendar of whoever asks; the one before ends. Raises NoCalendar."""
    practitioner = _own(by)
    end(by=by, at=at)
    return _fresh(at=at, practitioner_id=practitioner, says_therapy=says_therapy)


@unit
def end(*, by: Principal, at: datetime) -> bool:
    """End the link of whoever asks; return whether there was one. Raises NoCalendar."""
    return bool(CalendarFeed.objects.filter(practitioner=_own(by), revoked_at=None).update(revoked_at=at))


@unit
def make_for_patient(link: ManageLink, *, at: datetime) -> str:
    """Return the token of a new link to the calendar of whoever a mail's link is of; the one before ends.

    Raises AskByPhone, NewestLinkNeeded.
    """
    refuse_what_is_not_shown(link)
    end_for_patient(link.appointment.patient, at=at)
    links.refuse_ended(link)  # until the patient was locked: another address ends what the old one has
    return _fresh(at=at, patient=link.appointment.patient)


@unit
def end_for_patient(patient: Patient, *, at: datetime) -> bool:
    """End the link to a patient's calendar; return whether there was one."""
    Patient.objects.select_for_update(no_key=True).get(pk=patient.pk)
    return bool(CalendarFeed.objects.filter(patient=patient, revoked_at=None).update(revoked_at=at))


def _fresh(*, at: datetime, **whose: Any) -> str:  # noqa: ANN401  (columns of the row)
    token = secrets.token_urlsafe(OCTETS)
    CalendarFeed.objects.create(digest=digest_of(token), created_at=at, **whose)
    return token


def _own(by: Principal) -> int:
    """Return whose calendar it is, and let nobody else make or end its link meanwhile. Raises NoCalendar."""
    practitioner = scheduler.practitioner_of(by.user_id)
    if practitioner is None or by.user_id is None:
        raise NoCalendar
    User.objects.select_for_update(no_key=True).get(pk=by.user_id)
    return practitioner.pk


def digest_of(token: str) -> str:
    """Return what is stored of a token. It is drawn by lot and long: no key is needed that nobody guesses it."""
    return hashlib.sha256(token.encode()).hexdigest()
