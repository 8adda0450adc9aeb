"""Times that have opened are offered to those who wait, and kept for them while they decide.

Nobody tells this module that a time was given back: it looks which times are free for whom, so that a cancel, a move
away, a hold that ran out, kept time that is released and new hours are all found alike, also those of a bell that was
lost.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import uuid4

from django.db import transaction
from django.db.models import QuerySet

from booking.actions import booking_checks, holds
from booking.actions.booking_checks import BookingCheck
from booking.actions.suitability import suitability_checks
from booking.actions.waiting import waiting_calls
from booking.actions.waiting.list_entries import OFFERS, ask_again, locked, note, place_needs_of
from booking.actions.waiting.looks import LASTS, Look
from booking.actions.waiting.who_waits import free_times, who_waits
from booking.errors import NotBookableOnline, PatientBusy, TooManyVisits
from booking.models import Hold, WaitingListEntry, WaitingListOffer
from booking.models.holds import HoldState
from booking.patients.record_errors import MergedInto
from booking.queries import mail_of, others_of, was_reviewed
from booking.status import OCCUPYING
from booking.suitability.answers import NO_ANSWERS
from booking.suitability.errors import AnswersNeeded, CallFirst, NotBookableWithAnswers
from booking.waiting import matching
from booking.waiting.matching import OfferRules, OpenTime, WaitingPeople
from booking.waiting.policies import offer_rules
from booking.waiting.status import EntryAct, EntryStatus, OfferStatus, WaitingCallReason
from core.database.locking import wait_for
from core.database.transactions import unit
from core.principal import Principal
from core.refusals import Refusal
from core.roles import Role
from scheduler import public as scheduler

AT_ONCE = 500
AT_ANY_TIME = (TooManyVisits, AnswersNeeded, CallFirst, NotBookableWithAnswers, NotBookableOnline, MergedInto)
"""What a booking is refused for whichever the time is."""

AT_THAT_TIME = (PatientBusy, scheduler.SlotTaken)
"""What stands against one time, and maybe not against the next one of the day."""

NOT_FOR_THEM = (scheduler.NoSuitablePlace, scheduler.NotOpenYet, scheduler.BlockFull)
"""What keeps a time from one person, and not from the next: they need more of a place, or it is kept for others."""

MOST_TRIED = 50
"""So many people are tried for one time in a look."""


def offer_times(*, now: Callable[[], datetime]) -> int:
    """End the offers that nobody answered in time, then offer what is free to those who wait; return how many offers.

    Twice at once is harmless: whoever is asked is locked, and a time is claimed once. `now` reads the clock.
    """
    settle(at=now())
    made = 0
    for site_id in sorted(set(WaitingListEntry.objects.waiting().order_by().values_list("site", flat=True))):
        made += _offer_at(site_id, now=now)
    return made


def settle(*, at: datetime) -> int:
    """Note which offers were not answered in time, and give their times back; return how many there were."""
    late = WaitingListOffer.objects.filter(status=OfferStatus.NEEDS_ACTION, expires_at__lte=at)
    kept = sorted(set(late.values_list("hold", flat=True)[:AT_ONCE]))
    return sum(_expire(pk, at=at) for pk in kept)


@unit
def _expire(hold_id: int, *, at: datetime) -> int:
    hold = Hold.objects.select_for_update(no_key=True, skip_locked=True).filter(pk=hold_id).first()
    if hold is None:
        return 0  # somebody is just answering
    late = open_offers(hold).filter(expires_at__lte=at)
    for offer in late:
        close(offer, OfferStatus.EXPIRED, EntryAct.EXPIRE, at=at)
    if hold.state == HoldState.OPEN and hold.expires_at <= at:
        holds.give_back(hold, at=at, as_state=HoldState.LAPSED)
    return len(late)


def open_offers(hold: Hold) -> QuerySet[WaitingListOffer]:
    """Return the offers of a time, itself locked, that nobody has answered, each locked."""
    rows = WaitingListOffer.objects.filter(hold=hold, status=OfferStatus.NEEDS_ACTION)
    return rows.select_for_update(no_key=True).order_by("pk")


def close(offer: WaitingListOffer, status: OfferStatus, act: EntryAct, *, by: Principal = OFFERS, at: datetime) -> None:
    """Note how an offer ended, which is locked."""
    offer.status, offer.answered_at = status, at
    offer.save(update_fields=["status", "answered_at", "appointment"])
    waiting_calls.end_calls(offer.entry, WaitingCallReason.OFFER, at=at)
    note(offer.entry, act, offer=offer, by=by, at=at)


def _offer_at(site_id: int, *, now: Callable[[], datetime]) -> int:
    """Offer what is free at a site to those who wait there."""
    at = now()
    rules, zone = offer_rules(site_id, at=at), scheduler.sites()[site_id].tz
    if matching.is_quiet(rules, at=at, zone=zone):
        return 0
    waiting = who_waits(site_id, rules, at=at)
    look, made = Look(waiting, at=at), 0
    began: date | None = None
    for slot, groups in free_times(site_id, waiting, rules, at=at):
        opening = _opening(slot)
        day = opening.local.date()
        began = began or day
        if ordered := _in_order(opening, groups, look, rules):
            found = offer(slot, ordered, rules, at=at)
            made += len(found.entries)
            for one in look.note(found.entries, found.gone, found.refused_that_day, day=day):
                for people in groups:
                    people.without(one.preferences)
        if not look.left:
            break
        if now() - at > LASTS:
            look.break_off(began, day)
            return made
    look.finish()
    return made


def _opening(slot: scheduler.Slot) -> OpenTime:
    return OpenTime(
        start=slot.start,
        practitioner=slot.practitioner.public_id,
        languages=frozenset(slot.practitioner.languages),
        zone=slot.site.tz,
    )


def _in_order(opening: OpenTime, groups: Sequence[WaitingPeople], look: Look, rules: OfferRules) -> list[int]:
    """Return whom (entries) a time may be offered, whoever is asked first first."""
    day = opening.local.date()
    able = [one for people in groups for one in people.able(opening, rules) if look.may_try(one.entry, day)]
    return [one.entry for one in matching.in_order(able, opening, rules)] if able else []


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Whom a time was offered (entries), and who could not have had it, with what a booking would say.

    `not_waiting`: who waits no more, or is asked about another time.
    """

    entries: Sequence[int] = ()
    refused: Mapping[int, Refusal] = field(default_factory=dict)
    not_waiting: Sequence[int] = ()

    @property
    def gone(self) -> set[int]:
        """Who would hear the same of each other time: they are not tried again in this look."""
        return {pk for pk, why in self.refused.items() if isinstance(why, AT_ANY_TIME)} | set(self.not_waiting)

    @property
    def refused_that_day(self) -> set[int]:
        """Who would hear the same of each other time of the day, as far as can be told without trying."""
        return {pk for pk, why in self.refused.items() if not isinstance(why, AT_THAT_TIME)} - self.gone


@unit
def offer(slot: scheduler.Slot, ordered: Sequence[int], rules: OfferRules, *, at: datetime) -> Asked:
    """Keep a time and offer it to the first of these (entries) who could book it; return to whom.

    Whoever could not is left out: rules, answers and other appointments of theirs are asked as a booking asks. Whose
    answers count no more is told once what to do.
    """
    # Two sweeps at once make their offers one after the other: each sees whom the other has asked.
    wait_for("offers to those who wait")
    until = matching.answer_by(slot.start, rules, at=at, zone=slot.site.tz)
    hold, asked, refused, not_waiting = None, list[int](), dict[int, Refusal](), list[int]()
    for pk in _locked_all(ordered[: max(MOST_TRIED, rules.at_once)]):
        entry = _still_waiting(pk)
        if entry is None:
            not_waiting.append(pk)
            continue
        try:
            with transaction.atomic():
                _insist_able(entry, slot, hold, at=at)
                hold = hold or _keep(entry, slot, until=until, at=at)
        except Refusal as refusal:
            refused[pk] = refusal
            if isinstance(refusal, AnswersNeeded):
                ask_again(entry, at=at)
            if isinstance(refusal, scheduler.SlotTaken) and not isinstance(refusal, NOT_FOR_THEM):
                break  # nobody can have it any more
            continue
        _note_offer(entry, hold, slot, until=until, at=at)
        asked.append(pk)
        if len(asked) == rules.at_once:
            break
    return Asked(entries=asked, refused=refused, not_waiting=not_waiting)


def _locked_all(entries: Sequence[int]) -> Sequence[int]:
    """Lock all who may be asked, before the first of them locks sheets: these come after entries."""
    rows = WaitingListEntry.objects.select_for_update(no_key=True).filter(pk__in=entries).order_by("pk")
    list(rows.values_list("pk", flat=True))
    return entries


def _note_offer(
    entry: WaitingListEntry, hold: Hold, slot: scheduler.Slot, *, until: datetime, at: datetime
) -> WaitingListOffer:
    """Write an offer down; whom no mail reaches staff call."""
    made = WaitingListOffer.objects.create(
        entry=entry, hold=hold, starts_at=slot.start, offered_at=at, expires_at=until
    )
    if entry.answers_asked_at is not None:  # they have answered elsewhere
        entry.answers_asked_at = None
        entry.save(update_fields=["answers_asked_at"])
        waiting_calls.end_calls(entry, WaitingCallReason.ANSWERS, at=at)
    if not mail_of(entry.patient):
        waiting_calls.call_about(entry, WaitingCallReason.OFFER, offer=made, at=at)
    note(entry, EntryAct.OFFER, offer=made, by=OFFERS, at=at)
    return made


def _still_waiting(pk: int) -> WaitingListEntry | None:
    entry = locked(pk)
    offers = WaitingListOffer.objects.filter(entry__patient=entry.patient, status=OfferStatus.NEEDS_ACTION)
    asked = offers.exists()
    return None if asked or entry.status != EntryStatus.ACTIVE else entry


def _insist_able(entry: WaitingListEntry, slot: scheduler.Slot, hold: Hold | None, *, at: datetime) -> None:
    """Refuse what a booking, or a move there, would be refused for. Raises Refusal."""
    for other in others_of(entry.patient, at=at, but=entry.later):
        if other.status in OCCUPYING and other.start < slot.end and slot.start < other.end:
            raise PatientBusy
    check = BookingCheck(
        slot=slot, patient=entry.patient, by=_asker(), at=at, only_for=hold.only_for if hold else "",
        moving=entry.later,
    )  # fmt: skip
    if entry.later is not None:
        booking_checks.check_move(check, entry.later, reviewed=was_reviewed(entry.later))
    else:
        suitability_checks.check_answers(check, entry.patient, NO_ANSWERS, whole=True)
        booking_checks.check_booking(check)
    if hold is not None and not scheduler.place_has(hold.place_id, place_needs_of(entry)):
        raise scheduler.NoSuitablePlace


def _keep(entry: WaitingListEntry, slot: scheduler.Slot, *, until: datetime, at: datetime) -> Hold:
    """Keep a time as if the first who is asked had chosen it; it is nobody's among those who are asked."""
    by = _asker()
    hold = holds.take(slot, by=by, at=at, patient=entry.patient, needs=place_needs_of(entry))
    hold.patient = None
    hold.save(update_fields=["patient"])
    return holds.keep_until(hold, until, at=at)


def _asker() -> Principal:
    """Return who keeps a time for those who are asked: nobody else's hold, and counted for nobody."""
    return Principal(key=f"waiting-list:{uuid4()}", roles=frozenset({(Role.ANONYMOUS, None)}))
