"""Entries of the waiting list: somebody asks to be told, shows that the address is theirs, leaves, or is taken off."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import QuerySet

from booking.access_needs import NOTHING_ASKED, AskedFor
from booking.actions.guest_flow import Guest, record_of
from booking.actions.patients import person_locks
from booking.actions.suitability import suitability
from booking.actions.waiting import waiting_calls
from booking.models import (
    Appointment,
    ContactPoint,
    Hold,
    Patient,
    WaitingListChange,
    WaitingListEntry,
    WaitingListOffer,
)
from booking.queries import guest_record, mail_of
from booking.suitability.answers import SuitabilityAnswers
from booking.waiting import tokens
from booking.waiting.errors import AddressNeeded, OnTheListAlready, TooManyEntries, WaitingLinkClosed
from booking.waiting.status import WAITS, EntryAct, EntryStatus, OfferStatus, WaitingCallReason
from core.database.transactions import unit
from core.doorbell import ring
from core.models import Site
from core.principal import Principal
from core.rates import Rate
from core.roles import Role
from core.sealing import seal, unseal
from scheduler import public as scheduler

READ = ("patient", "site", "therapy", "practitioner", "instead_of")
"""What of an entry is read with it."""

TASK = "booking.tasks.offer_times"
OFFERS = Principal.system("waiting-list")
LOOKED_AT_AGAIN = timedelta(hours=1)
"""So long after they were found to have answers that count no more it is looked again: they may answer elsewhere."""

FROM_A_NETWORK = Rate("waiting list from a network", burst=30, pause=timedelta(minutes=5))
"""Each mails an address that may be somebody else's; a ward shares one network."""

TO_AN_ADDRESS = Rate("waiting list of an address", burst=6, pause=timedelta(hours=4))
ANSWERS = "suitability answers of somebody who waits"
LINK_LIFE = timedelta(days=30)
"""How long a mail's link still tells how an entry ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preferences:
    """What somebody waits for; what is empty may be anything. `weekdays`, `here_on`: ISO, 1 is Monday."""

    therapy: str
    visit: str
    site: Site
    technique: str = ""
    practitioner: UUID | None = None
    part_of_day: str = ""
    weekdays: tuple[int, ...] = ()
    language: str = ""
    needs: tuple[str, ...] = ()
    earliest_on: date | None = None
    latest_on: date | None = None
    notice_minutes: int = 0
    here_on: tuple[int, ...] = ()
    priority: int = 0
    asked_for: AskedFor = NOTHING_ASKED


@unit
def join_as_guest(
    asked: Preferences, guest: Guest, *, answers: str, network: str, by: Principal, at: datetime
) -> WaitingListEntry:
    """Let a visitor wait, once they have pressed the button behind the mail that they are sent.

    `answers`: what they answered before the times, sealed. Nobody is told whether there is a record. Raises
    TooManyEntries, Invalid.
    """
    for rate, whom in ((FROM_A_NETWORK, network), (TO_AN_ADDRESS, guest.email.casefold())):
        if again_at := rate.take(whom, at=at):
            raise TooManyEntries(retry_after=max(1, round((again_at - at).total_seconds())))
    # An entry is locked before its person, and one that this person just made in another tab is found afterwards.
    had = guest_record(name=guest.name, birth_date=guest.birth_date, email=guest.email)
    waits = _locked_for_the_same(had, asked) if had else None
    patient = person_locks.lock_patient(record_of(guest, asked.site, by=by, at=at))
    if waits := waits or _locked_for_the_same(patient, asked):
        # The newest preferences count until the mail is answered: from then on nobody who knows three facts of somebody
        # changes what they wait for. Where the mail was lost it is sent again.
        if waits.status == EntryStatus.DRAFT:
            _write(waits, asked)
            waits.answers = answers or waits.answers
            waits.save()
        note(waits, EntryAct.JOIN, by=by, at=at)
        return waits
    return _join(patient, asked, status=EntryStatus.DRAFT, answers=answers, by=by, at=at)


@unit
def join(
    asked: Preferences,
    patient: Patient,
    *,
    answers: SuitabilityAnswers | None = None,
    instead_of: Appointment | None = None,
    proven: bool = True,
    by: Principal,
    at: datetime,
) -> WaitingListEntry:
    """Let a patient wait whom we know. `instead_of`: their later appointment, which an accepted time replaces.

    `proven`: whether we know that it is they who ask; else they press the button behind the mail that they are sent
    first. Raises AddressNeeded, OnTheListAlready.
    """
    patient = person_locks.lock_patient(patient)
    if not patient.contacts.exists():
        raise AddressNeeded
    if for_the_same(patient, asked):
        raise OnTheListAlready
    if answers:
        suitability.answer(patient, answers, site_id=asked.site.pk, by=by, at=at)
    status = EntryStatus.ACTIVE if proven else EntryStatus.DRAFT
    return _join(patient, asked, status=status, instead_of=instead_of, by=by, at=at)


def for_the_same(patient: Patient, asked: Preferences) -> WaitingListEntry | None:
    """Return the entry by which somebody waits for the same already, whichever times of it suit them."""
    alike = WaitingListEntry.objects.filter(
        patient=patient,
        site=asked.site,
        therapy__key=asked.therapy,
        visit=asked.visit,
        technique=asked.technique,
    )
    return alike.filter(status__in=sorted(WAITS)).first()


def _locked_for_the_same(patient: Patient, asked: Preferences) -> WaitingListEntry | None:
    """Lock and return the same, unless it has ended until it was locked."""
    found = for_the_same(patient, asked)
    entry = locked(found.pk) if found else None
    return entry if entry and entry.status in WAITS else None


def _join(
    patient: Patient,
    asked: Preferences,
    *,
    status: EntryStatus,
    answers: str = "",
    instead_of: Appointment | None = None,
    by: Principal,
    at: datetime,
) -> WaitingListEntry:
    entry = WaitingListEntry(
        patient=patient,
        site=asked.site,
        therapy_id=scheduler.booking_terms(asked.therapy).therapy_id,
        visit=asked.visit,
        technique=asked.technique,
        instead_of=instead_of,
        status=status,
        answers=answers,
        added_by=by.key,
        waiting_since=at,
    )
    _write(entry, asked)
    entry.save(force_insert=True)
    note(entry, EntryAct.JOIN, by=by, at=at)
    ring(TASK)
    return entry


def _write(entry: WaitingListEntry, asked: Preferences) -> None:
    with_whom = {
        one.practitioner.public_id: one.practitioner.id for one in scheduler.offered(asked.therapy, asked.visit)
    }
    entry.practitioner_id = with_whom.get(asked.practitioner) if asked.practitioner else None
    entry.part_of_day, entry.language = asked.part_of_day, asked.language
    entry.asked_needs, entry.asked_interpreter = asked.asked_for.names, asked.asked_for.interpreter
    entry.weekdays, entry.here_on, entry.needs = (
        list(asked.weekdays),
        list(asked.here_on),
        list(asked.needs),
    )
    entry.earliest_on, entry.latest_on = asked.earliest_on, asked.latest_on
    entry.notice_minutes, entry.priority = asked.notice_minutes, asked.priority


@unit
def confirm(entry: WaitingListEntry, *, by: Principal, at: datetime) -> WaitingListEntry:
    """Note that whoever asked reads the mailbox: from now on they are offered times. Pressed twice, it is once.

    By staff it is noted that they said so on the phone, which shows nothing of their address.
    """
    entry = locked(entry.pk)
    if entry.status != EntryStatus.DRAFT:
        return entry
    patient = person_locks.lock_patient(entry.patient)
    if by.key == principal_of(entry).key:
        ContactPoint.objects.mail(mail_of(patient)).filter(patient=patient).unverified().update(verified_at=at)
    if given := opened_answers(entry):
        suitability.answer(patient, given, site_id=entry.site_id, by=by, at=at)
    entry.status, entry.answers = EntryStatus.ACTIVE, ""
    entry.save(update_fields=["status", "answers"])
    note(entry, EntryAct.CONFIRM, by=by, at=at)
    waiting_calls.end_calls(entry, WaitingCallReason.MAIL, at=at)
    ring(TASK)
    return entry


def lock_waiting(rows: QuerySet[WaitingListEntry]) -> list[int]:
    """Lock those of some entries that still wait, and return their ids: after appointments, before people."""
    waits = rows.filter(status__in=sorted(WAITS)).select_for_update(no_key=True).order_by("pk")
    return list(waits.values_list("pk", flat=True))


def let_confirm_anew(entries: Iterable[int], *, by: Principal, at: datetime) -> None:
    """Mail the button to another address than before; the entries are locked.

    Nobody is offered a time there before its mailbox has answered.
    """
    for entry in WaitingListEntry.objects.select_related(*READ).filter(pk__in=entries).order_by("pk"):
        entry.status = EntryStatus.DRAFT
        entry.save(update_fields=["status"])
        note(entry, EntryAct.JOIN, by=by, at=at)


def ask_again(entry: WaitingListEntry, *, at: datetime) -> None:
    """Tell somebody once that their answers count no more, and what to do. The row is locked."""
    first, entry.rests_until = entry.answers_asked_at is None, at + LOOKED_AT_AGAIN
    entry.answers_asked_at = entry.answers_asked_at or at
    entry.save(update_fields=["answers_asked_at", "rests_until"])
    if first:
        note(entry, EntryAct.ASK, by=OFFERS, at=at)
    if first and not mail_of(entry.patient):
        waiting_calls.call_about(entry, WaitingCallReason.ANSWERS, at=at)


@unit
def answer(entry: WaitingListEntry, answers: SuitabilityAnswers, *, by: Principal, at: datetime) -> WaitingListEntry:
    """Write down what somebody answers anew who waits; from now on they are offered times again."""
    entry = locked(entry.pk)
    if entry.status not in WAITS:
        raise WaitingLinkClosed
    suitability.answer(entry.patient, answers, site_id=entry.site_id, by=by, at=at)
    entry.answers_asked_at = entry.rests_until = None
    entry.save(update_fields=["answers_asked_at", "rests_until"])
    waiting_calls.end_calls(entry, WaitingCallReason.ANSWERS, at=at)
    note(entry, EntryAct.ANSWER, by=by, at=at)
    ring(TASK)
    return entry


def opened_answers(entry: WaitingListEntry) -> SuitabilityAnswers | None:
    """Return what a guest answered before they asked to be told, if that can be read."""
    text = unseal(entry.answers, purpose=ANSWERS) if entry.answers else None
    return SuitabilityAnswers.from_json(json.loads(text)) if text else None


def sealed_answers(answers: SuitabilityAnswers) -> str:
    """Return what a guest answered before they asked to be told, as their entry holds it until they confirm."""
    return seal(json.dumps(answers.whole.to_json()), purpose=ANSWERS) if answers else ""


def locked(pk: int) -> WaitingListEntry:
    """Lock and return an entry: after appointments, holds and offers, before people."""
    WaitingListEntry.objects.select_for_update(no_key=True).get(pk=pk)
    return WaitingListEntry.objects.select_related(*READ).get(pk=pk)


def place_needs_of(entry: WaitingListEntry) -> frozenset[str]:
    """Return what a place must have for whoever waits: by what they said then, and by what stands on record now."""
    said = AskedFor.of_visit_alone(entry).features
    return frozenset(entry.needs) | said | AskedFor.on_record(entry.patient).features


def note(
    entry: WaitingListEntry,
    act: EntryAct,
    *,
    offer: WaitingListOffer | None = None,
    draft: bool = False,
    by: Principal,
    at: datetime,
) -> None:
    """Write an act down, and ring: it may be worth telling."""
    # Whoever has not shown that the address is theirs hears of nothing more.
    told = act in {EntryAct.JOIN, EntryAct.OFFER, EntryAct.ASK} or (act is EntryAct.END and not draft)
    WaitingListChange.objects.create(
        entry=entry, offer=offer, act=act, by=by.key, at=at, relayed_at=None if told else at
    )
    if told:
        ring("notifications.tasks.dispatch")


def end(
    entry: WaitingListEntry, act: EntryAct, *, offer: WaitingListOffer | None = None, by: Principal, at: datetime
) -> None:
    """Note that somebody waits no more; the row is locked."""
    ends = {
        EntryAct.ACCEPT: EntryStatus.COMPLETED,
        EntryAct.LEAVE: EntryStatus.REVOKED,
        EntryAct.END: EntryStatus.ENDED,
    }
    draft = entry.status == EntryStatus.DRAFT
    entry.status, entry.ended_at, entry.answers = ends[act], at, ""
    entry.save(update_fields=["status", "ended_at", "answers"])
    waiting_calls.end_calls(entry, at=at)
    note(entry, act, offer=offer, draft=draft, by=by, at=at)


def principal_of(entry: WaitingListEntry) -> Principal:
    """Return who acts by a mail's link: the link itself, with no role."""
    return Principal(key=f"link:{entry.public_id}", roles=frozenset({(Role.ANONYMOUS, None)}))


def waiting_of(patient: Patient) -> list[WaitingListEntry]:
    """Return what a patient waits for whom mail reaches: each has a page of its own."""
    rows = WaitingListEntry.objects.select_related(*READ).filter(patient=patient, status=EntryStatus.ACTIVE)
    return list(rows.order_by("waiting_since", "pk")) if mail_of(patient) else []


def token_for(entry: WaitingListEntry) -> str:
    """Return the token of an entry's link, for the address that its patient has now; empty where there is none."""
    address = mail_of(entry.patient).casefold()
    if not address:
        return ""
    if known := tokens.token_again(entry.public_id, address, entry.token_digest):
        return known
    token = tokens.token_of(entry.public_id, address)
    entry.token_digest = tokens.digest_of(token)
    entry.save(update_fields=["token_digest"])
    return token


def opened_by(token: str, *, at: datetime) -> WaitingListEntry:
    """Return the entry that a mail's link opens, also some weeks after its end. Raises WaitingLinkClosed."""
    digest = tokens.digest_of(token)
    entry = WaitingListEntry.objects.select_related(*READ).filter(token_digest=digest).first()
    # Good for the address alone to which it was mailed: who has read an old mailbox of theirs finds nothing.
    if entry is None or tokens.token_again(entry.public_id, mail_of(entry.patient).casefold(), digest) != token:
        raise WaitingLinkClosed
    if entry.ended_at is not None and entry.ended_at + LINK_LIFE <= at:
        raise WaitingLinkClosed
    return entry


def open_offer(entry: WaitingListEntry) -> WaitingListOffer | None:
    """Return the offer that an entry has not answered, if there is one, whether or not it still stands."""
    rows = WaitingListOffer.objects.filter(entry=entry, status=OfferStatus.NEEDS_ACTION)
    return rows.select_related("hold__practitioner", "hold__site").first()


def lock_with_offer(entry: WaitingListEntry) -> None:
    """Lock an entry, and before it the appointment that may move and what is kept for it."""
    if entry.instead_of_id is not None:
        Appointment.objects.select_for_update(no_key=True).get(pk=entry.instead_of_id)
    offer = open_offer(entry)
    if offer is not None:
        lock_hold(offer)
    locked(entry.pk)


def lock_hold(offer: WaitingListOffer) -> Hold:
    """Lock what is kept for an offer: before the offer and its entry."""
    return Hold.objects.select_for_update(no_key=True).get(pk=offer.hold_id)
