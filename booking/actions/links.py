"""The links in mails: made again from the row's id and the server's key whenever they are needed."""

import base64
import hashlib
from collections.abc import Iterable, Mapping
from datetime import date, datetime

from django.utils.crypto import constant_time_compare, salted_hmac

from booking.errors import LinkExpired, LinkMoved, LinkUnknown
from booking.models import Appointment, CalendarFeed, FamilyLink, ManageLink, Patient
from booking.policies import booking_policy
from core.database.compiled import Argument, Arguments, CompiledQuery
from core.database.transactions import unit
from core.principal import Principal
from core.roles import Role
from core.sealing import keys

# Ours have 43. What is longer is not hashed at all: nobody makes the server work by a long address.
LONGEST = 64

TOKEN, SEAL = 43, 15
"""How long a token is, in letters; and what a mail adds to it, in octets."""

WRONG_BIRTH_DATES = 5
"""So often a birth date may be mistyped; a stranger who has somebody's link does not guess it."""

WRONG_FOR_A_PATIENT = 10
"""So often behind all live links of a patient: whoever reads their mail has a link of each appointment."""


def issue(appointment: Appointment, *, at: datetime) -> str:
    """Return the token of the appointment's link: the same for as long as its patient has the same address."""
    return issue_all([appointment], at=at)[appointment.pk]


@unit
def issue_all(appointments: Iterable[Appointment], *, at: datetime) -> dict[int, str]:
    """Return the tokens of several appointments' links by the appointments' ids, in at most five statements.

    A live link that no key of the server makes again is ended, and another takes its place: it cannot be mailed.
    """
    wanted = {row.pk: row for row in appointments}
    live = _live(wanted)
    tokens = _tokens(live)
    missing = [row for pk, row in wanted.items() if pk not in tokens]
    if lost := [live[row.pk].pk for row in missing if row.pk in live]:
        ManageLink.objects.filter(pk__in=lost, revoked_at=None).update(revoked_at=at)
    if missing:
        # A visit has one live link; the constraint says so, not this look.
        # When another hand was quicker, its link is taken.
        ManageLink.objects.bulk_create([_fresh(row, at=at) for row in missing], ignore_conflicts=True)
        tokens = {pk: _made_again(link) or _token(link) for pk, link in _live(wanted).items()}
    return tokens


def live_link(appointment: Appointment, *, at: datetime) -> ManageLink:
    """Return the link that an appointment's patient has, made where there is none yet."""
    issue(appointment, at=at)
    return ManageLink.objects.get(appointment=appointment, revoked_at=None)


def live_tokens(ids: Iterable[int]) -> dict[int, str]:
    """Return the tokens of appointments that have a link which can be mailed, by the appointments' ids."""
    return _tokens(_live(ids))


def mailed_token(token: str) -> str:
    """Return the token of the same link that is mailed alone: who has it reads the mailbox on file.

    A visitor who books is shown the link at once. By theirs nobody makes the one that is mailed.
    """
    return token + _seal(token)


def _seal(token: str, key: str | None = None) -> str:
    mac = salted_hmac("booking.link.mailed", token, secret=key, algorithm="sha256").digest()
    return base64.urlsafe_b64encode(mac[:SEAL]).decode()


def _tokens(links: Mapping[int, ManageLink]) -> dict[int, str]:
    """Return the tokens that were given out, where a key of the server still makes them."""
    return {pk: token for pk, link in links.items() if (token := _made_again(link))}


def _live(ids: Iterable[int]) -> dict[int, ManageLink]:
    """Leave out links that were revoked; an appointment without one is not there."""
    return {link.appointment_id: link for link in LIVE_LINKS.rows(ids=list(ids))}


def end_all_of(patient: Patient, *, at: datetime) -> None:
    """End every live link of a patient's visits, and that to their calendar; the next mail makes new ones."""
    ManageLink.objects.filter(appointment__patient=patient, revoked_at=None).update(revoked_at=at)
    CalendarFeed.objects.filter(patient=patient, revoked_at=None).update(revoked_at=at)


def follow(appointment: Appointment, *, at: datetime) -> None:
    """Let the link of a visit that moves live on until some days after its new end."""
    appointment.links.filter(revoked_at=None).update(expires_at=_end(appointment, at=at))


def _end(appointment: Appointment, *, at: datetime) -> datetime:
    # From the end, not from now: the link is as good on the day of a visit that was booked half a year ahead.
    over: datetime = appointment.period.upper
    return over + booking_policy(appointment.site_id, at=at).link_life


def open_link(token: str, *, at: datetime) -> ManageLink:
    """Return the link of a token, with its appointment. Raises LinkUnknown, LinkMoved, LinkExpired."""
    link = link_of(token)
    # Asked before the end: whose address has changed must look into the new mailbox, though the old link ran out as
    # well.
    if link.revoked_at is not None:
        raise LinkMoved
    if link.expires_at <= at:
        raise LinkExpired
    return link


def refuse_ended(link: ManageLink) -> None:
    """Refuse a link that was read before and has ended since: its patient has another address. Raises LinkMoved."""
    if not ManageLink.objects.filter(pk=link.pk, revoked_at=None).exists():
        raise LinkMoved


LINK = CompiledQuery(
    lambda: ManageLink.objects.select_related(
        "appointment__patient__message_preferences",
        "appointment__site",
        "appointment__practitioner",
        "appointment__therapy",
    ).filter(digest=Argument("digest"))
)
LIVE_LINKS = CompiledQuery(lambda: ManageLink.objects.filter(appointment__in=Arguments("ids"), revoked_at=None))


def link_of(token: str) -> ManageLink:
    """Return the link of a token, with its appointment, though it may not open it any more. Raises LinkUnknown."""
    if not token.isascii() or len(token) > LONGEST:
        raise LinkUnknown
    own, seal = (token[:TOKEN], token[TOKEN:]) if len(token) > TOKEN else (token, "")
    if seal and not any(constant_time_compare(seal, _seal(own, key)) for key in keys()):
        raise LinkUnknown
    link = LINK.first(digest=_digest(own))
    if link is None:
        raise LinkUnknown
    link.mailed = bool(seal)
    return link


@unit
def knows_birth_date(link: ManageLink | FamilyLink, birth_date: date, *, at: datetime) -> bool:
    """Whether whoever has a link knows when its patient was born, and may read what it alone does not tell.

    Each wrong day is counted; after some of them the right one is of no use either, nor behind another of their links.
    Needs the link's patient.
    """
    # The patient first: tries behind several links at once are counted one after the other.
    patient = Patient.objects.select_for_update(no_key=True).get(pk=_patient_of(link).pk)
    locked = type(link).objects.select_for_update(no_key=True).get(pk=link.pk)
    if not _may_be_typed(locked, patient, at=at):
        return False
    known = patient.birth_date == birth_date
    if not known:
        locked.wrong_birth_dates += 1
        locked.save(update_fields=["wrong_birth_dates"])
    return known


def asks_birth_date(link: ManageLink | FamilyLink, *, at: datetime) -> bool:
    """Whether a birth date is still asked behind a link, and not only a call helps."""
    return _may_be_typed(type(link).objects.get(pk=link.pk), _patient_of(link), at=at)


def _patient_of(link: ManageLink | FamilyLink) -> Patient:
    return link.patient if isinstance(link, FamilyLink) else link.appointment.patient


def _may_be_typed(link: ManageLink | FamilyLink, patient: Patient, *, at: datetime) -> bool:
    """Whether few enough wrong days were typed, behind this link and behind the patient's others that still open."""
    if link.wrong_birth_dates >= WRONG_BIRTH_DATES:
        return False
    visits = ManageLink.objects.filter(appointment__patient=patient, revoked_at=None, expires_at__gt=at)
    families = FamilyLink.objects.filter(patient=patient, closed_at=None, ends_at__gt=at)
    counted = visits.values_list("wrong_birth_dates").union(families.values_list("wrong_birth_dates"), all=True)
    return sum(wrong for (wrong,) in counted) < WRONG_FOR_A_PATIENT


def principal_of(link: ManageLink | FamilyLink) -> Principal:
    """Return who acts by a link: the link itself, with no role."""
    return Principal(key=f"link:{link.public_id}", roles=frozenset({(Role.ANONYMOUS, None)}))


def _fresh(appointment: Appointment, *, at: datetime) -> ManageLink:
    """Return a new link, not yet written."""
    fresh = ManageLink(appointment=appointment, expires_at=_end(appointment, at=at), created_at=at)
    fresh.digest = _digest(_token(fresh))
    return fresh


def _made_again(link: ManageLink) -> str:
    """Return the token that was given out, by the key of then; nothing when that key is gone."""
    tokens = (_token(link, key) for key in keys())
    return next((token for token in tokens if _digest(token) == link.digest), "")


def _token(link: ManageLink, key: str | None = None) -> str:
    mac = salted_hmac("booking.link", str(link.public_id), secret=key, algorithm="sha256").digest()
    return base64.urlsafe_b64encode(mac).decode().rstrip("=")


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
