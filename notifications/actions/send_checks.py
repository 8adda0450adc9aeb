"""Whether a message may go out now, and with what, by its visits as they were read; asked again before the wire."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta

from booking.public import VisitFacts
from notifications.actions.history import History, check_turn
from notifications.change_messages import CHANGE_KINDS, SILENT
from notifications.channels import channel_of
from notifications.models import Message
from notifications.plan import SEND, TOLD_WITHIN, ReminderPlan, Verdict, judge
from notifications.status import DeliveryReason, MessageKind
from notifications.visit_state import visit_state

BREATH = timedelta(seconds=15)


def listed_visits(message: Message) -> tuple[int, ...]:
    """Return the ids of the visits that a message lists, the soonest first; most messages list none."""
    return tuple(message.facts.get("visits", ()))


def verdict(
    message: Message,
    visits: Mapping[int, VisitFacts],
    history: History,
    *,
    plan: ReminderPlan,
    uncovered: Collection[int],
    at: datetime,
) -> Verdict:
    """Say whether a message may go out now. What the server put off until it was too late has failed.

    News of one visit goes out one after the other, so that what is older never arrives last. `uncovered`: visits
    on time that is not open any more.
    """
    visit = visits[message.appointment_id]
    if message.kind == MessageKind.CONTACT_CHANGED:
        return _of_a_changed_address(message, visit, at=at)
    if unreachable := _unreachable(message, visit):
        return Verdict(reason=unreachable)
    if message.kind == MessageKind.LINK:
        return _of_links(message, visits, plan=plan, at=at)
    state = visit_state(visit, covered=visit.appointment_id not in uncovered)
    which = {"version": message.version, "offset_minutes": message.offset_minutes}
    found = judge(MessageKind(message.kind), state, **which, at=at, plan=plan)
    if found.reason is DeliveryReason.TOO_LATE and message.attempts:
        return Verdict(reason=DeliveryReason.GAVE_UP)
    if found != SEND or message.kind not in CHANGE_KINDS:
        return found
    return Verdict(later_at=at + BREATH) if history.in_hand else check_turn(message, visit, history, plan=plan, at=at)


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


def _of_a_changed_address(message: Message, visit: VisitFacts, *, at: datetime) -> Verdict:
    """Say whether an old address may be told now: it is not in use again, and the change is not long ago."""
    if message.address in ("", *visit.emails):
        return Verdict(reason=DeliveryReason.UNCHANGED)
    if visit.cancel_reason in SILENT:
        return Verdict(reason=DeliveryReason.NOT_STANDING)
    return Verdict(reason=DeliveryReason.TOO_LATE) if at > message.created_at + TOLD_WITHIN else SEND


def _of_links(message: Message, visits: Mapping[int, VisitFacts], *, plan: ReminderPlan, at: datetime) -> Verdict:
    """Say whether links may go out now: as long as one of their visits is ahead.

    Whoever asks for a link gets it, cover or not: it is the way to another time, and nothing else may reach them.
    """
    if with_link(message, visits, plan=plan, at=at):
        return SEND
    return Verdict(reason=DeliveryReason.GAVE_UP if message.attempts else DeliveryReason.TOO_LATE)


def with_link(
    message: Message, visits: Mapping[int, VisitFacts], *, plan: ReminderPlan, at: datetime
) -> list[VisitFacts]:
    """Return the visits that a message with links lists: those ahead of somebody at its address.

    An address that nobody has shown to be theirs hears of its code alone.
    """
    address = visits[message.appointment_id].emails[:1]
    theirs = (visits[pk] for pk in listed_visits(message) if visits[pk].emails[:1] == address)
    return list(_ahead(theirs, plan=plan, at=at))


def _ahead(visits: Iterable[VisitFacts], *, plan: ReminderPlan, at: datetime) -> Iterable[VisitFacts]:
    """Keep the visits that stand or are asked for, and have not begun."""
    for visit in visits:
        found = judge(MessageKind.LINK, visit_state(visit), version=visit.version, offset_minutes=0, at=at, plan=plan)
        if found == SEND and not visit.awaits_code:
            yield visit
