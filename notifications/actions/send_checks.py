"""Whether a message may go out now, and with what, by its visits as they were read; asked again before the wire."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from booking.public import Awaited, Stage, VisitFacts, visits_with_questions
from notifications.actions.faults import unless_faulty
from notifications.actions.history import History, check_turn, notice_of
from notifications.change_messages import CHANGE_KINDS, SILENT, Notice
from notifications.channels import channel_of
from notifications.models import Message
from notifications.outgoing import ListedVisit, OutgoingMessage
from notifications.personal_plan import plan_for
from notifications.plan import SEND, ReminderPlan, Verdict, judge
from notifications.status import DeliveryReason, MessageKind
from notifications.visit_state import visit_state

PREPARES = frozenset({MessageKind.REMINDER, MessageKind.MOVED, MessageKind.CONFIRMATION})
"""The mails that say what to do before somebody comes."""

ASKS = {"questions": Awaited.ANSWERS, "asked": Awaited.QUESTION, "referral": Awaited.REFERRAL}
"""Why a mail leads to questions, and what its visit waits for as long as that is so."""

UNREADABLE = Verdict(reason=DeliveryReason.UNWRITABLE)

# Longer than a mail server's answer takes: by then the other worker's mail of this visit has left, or not.
BREATH = timedelta(seconds=15)


def listed_visits(message: Message) -> tuple[int, ...]:
    """Return the ids of the visits that a message lists, the soonest first; most messages list none."""
    return tuple(message.facts.get("visits", ()))


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedMessage:
    """A claimed message as it was read, with all that its verdict hangs on.

    `uncovered`: visits on time that is not open, after these `edits` of calendars and catalogue.
    """

    outgoing: OutgoingMessage
    visits: Mapping[int, VisitFacts]
    history: History
    uncovered: frozenset[int]
    edits: tuple[int, ...]


def verdict(reading: ClaimedMessage, *, at: datetime) -> Verdict:
    """Say whether a message may go out now. What the server put off until it was too late has failed.

    News of one visit goes out one after the other, so that what is older never arrives last. One whose visit cannot be
    read is for staff.
    """
    failing = f"message {reading.outgoing.message_id} cannot be judged"
    return unless_faulty(lambda: _verdict(reading, at=at), failing=failing) or UNREADABLE


def _verdict(reading: ClaimedMessage, *, at: datetime) -> Verdict:
    message, visit, plan = reading.outgoing.message, reading.outgoing.visit, reading.outgoing.plan
    if message.kind == MessageKind.CONTACT_CHANGED:
        return _of_a_changed_address(message, visit, plan=plan, at=at)
    if message.kind == MessageKind.LINK:
        found = _of_links(message, reading.visits, plan=plan, at=at)
    else:
        found = _of_one_visit(message, visit, reading.history, plan=plan, uncovered=reading.uncovered, at=at)
    if not found.reason and _is_turned_off(reading.outgoing):
        return Verdict(reason=DeliveryReason.REMINDERS_OFF)
    if found.reason and not found.later_at:  # what nobody needs any more is no reason to call anybody
        return found
    unreachable = _unreachable(message, visit)
    return Verdict(reason=unreachable) if unreachable else found


def _is_turned_off(outgoing: OutgoingMessage) -> bool:
    """Whether it is a reminder to somebody who wishes for none; one that asks something goes all the same."""
    reminds, visit = outgoing.message.kind == MessageKind.REMINDER, outgoing.visit
    return reminds and not visit.preferences.reminders and not (outgoing.asks or visit.screened_from)


def _of_one_visit(
    message: Message,
    visit: VisitFacts,
    history: History,
    *,
    plan: ReminderPlan,
    uncovered: Collection[int],
    at: datetime,
) -> Verdict:
    """Say whether a message about one visit is still true, in time, and in its turn."""
    state = visit_state(visit, covered=visit.appointment_id not in uncovered)
    which = {"version": message.version, "offset_minutes": message.offset_minutes}
    found = judge(MessageKind(message.kind), state, **which, at=at, plan=plan)
    if found == SEND and "until" in message.facts and at >= datetime.fromisoformat(message.facts["until"]):
        found = Verdict(reason=DeliveryReason.TOO_LATE)
    if found.reason is DeliveryReason.TOO_LATE and message.attempts:
        return Verdict(reason=DeliveryReason.GAVE_UP)
    if found == SEND and message.kind == MessageKind.REVIEWED and not is_as_decided(message, visit):
        return Verdict(reason=DeliveryReason.UNCHANGED)
    if found != SEND or message.kind not in CHANGE_KINDS:
        return found
    return Verdict(later_at=at + BREATH) if history.in_hand else check_turn(message, visit, history, plan=plan, at=at)


def is_as_decided(message: Message, visit: VisitFacts) -> bool:
    """Whether what a message tells of a review of health answers is still so, and nobody answered anew."""
    said: bool = visit.review_news.get(message.facts["answers"]) == message.facts["news"]
    return said


def _unreachable(message: Message, visit: VisitFacts) -> DeliveryReason | None:
    """Return why a message's channel does not reach a visit's patient, or None."""
    channel, address = channel_of(message.channel), address_of(message, visit)
    if channel is None or not address:
        return DeliveryReason.NO_ADDRESS
    return None if channel.can_reach(address) else DeliveryReason.BAD_ADDRESS


def reaches(key: str, visit: VisitFacts) -> bool:
    """Say whether a channel is in use and has an address of a visit's patient."""
    channel = channel_of(key)
    return channel is not None and channel.address(visit.contacts) is not None


def address_of(message: Message, visit: VisitFacts) -> str:
    """Return the address that a message goes to: its own old one, or the one on file for its channel, or nothing."""
    channel = channel_of(message.channel)
    return message.address or (channel.address(visit.contacts) if channel else None) or ""


def _of_a_changed_address(message: Message, visit: VisitFacts, *, plan: ReminderPlan, at: datetime) -> Verdict:
    """Say whether an old address may be told now: it is not in use again, and the change is not long ago."""
    if message.address.casefold() in ("", *visit.mailboxes):
        return Verdict(reason=DeliveryReason.UNCHANGED)
    if visit.cancel_reason in SILENT:
        return Verdict(reason=DeliveryReason.NOT_STANDING)
    return Verdict(reason=DeliveryReason.TOO_LATE) if at > message.created_at + plan.old_address else SEND


def _of_links(message: Message, visits: Mapping[int, VisitFacts], *, plan: ReminderPlan, at: datetime) -> Verdict:
    """Say whether links may go out now: as long as one of their visits is ahead.

    Whoever asks for a link gets it, cover or not: it is the way to another time, and nothing else may reach them.
    That a request has come is no news once it was answered, nor are questions; nor are days away, once they are looked
    at otherwise.
    """
    visit, because = visits[message.appointment_id], message.facts.get("because")
    outdated = "answers" in message.facts and not is_as_decided(message, visit)
    answered = because in ASKS and visit.awaited is not ASKS[because]
    if outdated or answered or (because == "request" and visit.stage is not Stage.ASKED_FOR):
        return Verdict(reason=DeliveryReason.UNCHANGED)
    if with_link(message, visits, plan=plan, at=at):
        return SEND
    return Verdict(reason=DeliveryReason.GAVE_UP if message.attempts else DeliveryReason.TOO_LATE)


def outgoing_of(
    message: Message,
    visits: Mapping[int, VisitFacts],
    history: History,
    *,
    tokens: Mapping[int, str],
    uncovered: Collection[int],
    asking: Collection[int],
    at: datetime,
) -> OutgoingMessage:
    """Return a message with what its words need. One that would be no news says what was planned, and does not go.

    `asking`: the visits (ids) before which something is to be asked.
    """
    visit = visits[message.appointment_id]
    plan = plan_for(visit, at=at)
    notice = notice_of(message, visit, history) or Notice(kind=MessageKind(message.kind), facts=message.facts)
    return OutgoingMessage(
        message=message,
        kind=notice.kind,
        facts=notice.facts,
        visit=visit,
        plan=plan,
        address=address_of(message, visit),
        token=tokens[message.appointment_id],
        listed=tuple(
            ListedVisit(visit=each, token=tokens[each.appointment_id], covered=each.appointment_id not in uncovered)
            for each in with_link(message, visits, plan=plan, at=at)
        ),
        asks=message.appointment_id in asking,
    )


def asking_visits(messages: Iterable[Message], visits: Mapping[int, VisitFacts], *, at: datetime) -> frozenset[int]:
    """Return the ids of those visits of mails that say what to do before coming, before which something is to be asked.

    Where that cannot be read of one visit, its mail goes without: it is asked at the door.
    """
    preparing = {one.appointment_id for one in messages if one.kind in PREPARES}
    reminded = [visits[one] for one in sorted(preparing) if one in visits]
    together = unless_faulty(
        lambda: visits_with_questions(reminded, at=at), failing="what is asked before visits cannot be read"
    )
    return frozenset().union(*(_asking(one, at=at) for one in reminded)) if together is None else together


def _asking(visit: VisitFacts, *, at: datetime) -> frozenset[int]:
    failing = f"what is asked before visit {visit.appointment_id} cannot be read"
    return unless_faulty(lambda: visits_with_questions([visit], at=at), failing=failing) or frozenset()


def with_link(
    message: Message, visits: Mapping[int, VisitFacts], *, plan: ReminderPlan, at: datetime
) -> list[VisitFacts]:
    """Return the visits that a message with links lists: those ahead of somebody at its address.

    An address that nobody has shown to be theirs hears of its code alone.
    """
    mailbox = visits[message.appointment_id].mailboxes[:1]
    # One mail may list the visits of several records: of a family, or of somebody whom nobody has matched yet.
    theirs = (visits[pk] for pk in listed_visits(message) if visits[pk].mailboxes[:1] == mailbox)
    return list(_ahead(theirs, plan=plan, at=at))


def _ahead(visits: Iterable[VisitFacts], *, plan: ReminderPlan, at: datetime) -> Iterable[VisitFacts]:
    """Keep the visits that stand or are asked for, and have not begun."""
    for visit in visits:
        found = judge(MessageKind.LINK, visit_state(visit), version=visit.version, offset_minutes=0, at=at, plan=plan)
        if found == SEND and not visit.awaits_code:
            yield visit
