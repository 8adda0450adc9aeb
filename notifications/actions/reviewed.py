"""What came of the review of health answers: one mail for each piece of news, as long as it is still so."""

from collections.abc import Iterator
from datetime import date, datetime
from functools import partial

from booking import public as booking
from booking.public import ReviewedAnswers, ReviewNews, VisitFacts
from core.database.transactions import unit
from notifications.actions import endings
from notifications.actions.faults import unless_faulty
from notifications.actions.relay import message_of
from notifications.models import Message
from notifications.models.messages import RESEND_OF, RESENT_BY
from notifications.plan import Planned, ReminderPlan
from notifications.reminder_plan import reminder_plan
from notifications.status import Delivery, MessageKind

AT_ONCE = 100
BETWEEN = frozenset({"news", "taken_back", RESEND_OF, RESENT_BY})
"""What a message knows of the way to a decision; all else is what was decided."""
HEARD = frozenset({Delivery.SENT, Delivery.SENDING, Delivery.UNKNOWN})


@unit
def relay(*, at: datetime, beside: set[int] | None = None) -> int:
    """Plan a mail for each piece of news; return how many were looked at.

    One that cannot be planned is left for later, `beside` (ids) the others.
    """
    later = set() if beside is None else beside
    wanted = booking.reviewed_answers(limit=AT_ONCE, beside=later)
    visits = booking.visits({one.appointment_id for one in wanted}) if wanted else {}
    planned: dict[ReviewedAnswers, list[Message]] = {}
    for one in wanted:
        said = partial(_messages, one, visits[one.appointment_id], at=at)
        messages = unless_faulty(said, failing=f"news of answers {one.id} cannot be planned")
        if messages is not None:
            planned[one] = messages
    # Another end of the hour in which we call, say: of two that wait, the older would be told as well.
    for one in [one for one, messages in planned.items() if messages]:
        Message.objects.filter(appointment=one.appointment_id, facts__answers=one.id).drop_superseded(at=at)
    made = Message.objects.bulk_create(message for messages in planned.values() for message in messages)
    endings.call_unless_heard([message for message in made if message.status == Delivery.FAILED], at=at)
    booking.mark_reviews_planned([one.id for one in planned])
    later.update(one.id for one in wanted if one not in planned)
    return len(wanted)


def _messages(one: ReviewedAnswers, visit: VisitFacts, *, at: datetime) -> list[Message]:
    return list(_planned(one, visit, at=at))


def _planned(one: ReviewedAnswers, visit: VisitFacts, *, at: datetime) -> Iterator[Message]:
    plan = reminder_plan(visit.site_id, at=at)
    if one.about == ReviewNews.AWAY:
        yield from _links(one, visit, due_at=at, plan=plan, at=at)
        return
    heard = _last_heard(one)
    if heard is None and one.about == ReviewNews.AGAIN:  # taken back before anybody heard of it
        return
    if heard is not None and _is_known(one, heard):  # taken back, and decided as before, before they heard of that
        return
    # As with other acts of staff: what is taken back within minutes is told to nobody.
    due_at = one.at if one.at + plan.quiet >= visit.starts_at else one.at + plan.quiet
    planned = Planned(kind=MessageKind.REVIEWED, offset_minutes=0, due_at=due_at)
    message = message_of(visit, planned, _facts(one), plan=plan, at=at)
    message.resend = _next(visit, MessageKind.REVIEWED)
    yield message
    yield from _links(one, visit, due_at=due_at, plan=plan, at=at)


def _links(
    one: ReviewedAnswers, visit: VisitFacts, *, due_at: datetime, plan: ReminderPlan, at: datetime
) -> Iterator[Message]:
    """Yield a mail with the links to the other visits in the days away, if there are any of which they have not heard.

    As the mail about the visit itself it goes as long as what was decided, or follows from the answers, is still so.
    """
    mine = Message.objects.filter(appointment=one.appointment_id, kind=MessageKind.LINK, facts__answers=one.id)
    if one.others and not mine.filter(status__in=HEARD, facts__visits=list(one.others)).exists():
        planned = Planned(kind=MessageKind.LINK, offset_minutes=0, due_at=due_at)
        facts: dict[str, object] = _facts(one) | {"visits": list(one.others), "because": ReviewNews.AWAY.value}
        message = message_of(visit, planned, facts, plan=plan, at=at)
        message.resend = _next(visit, MessageKind.LINK)
        yield message


def _last_heard(one: ReviewedAnswers) -> Message | None:
    """Return what somebody was told last of the review of these answers, or may have been."""
    told = Message.objects.filter(appointment=one.appointment_id, kind=MessageKind.REVIEWED, facts__answers=one.id)
    return told.filter(status__in=HEARD).order_by("-pk").first()


def _is_known(one: ReviewedAnswers, heard: Message) -> bool:
    """Whether what was told last says the same, and has arrived, and nobody has called since and said otherwise."""
    says, said = ({name: facts[name] for name in facts.keys() - BETWEEN} for facts in (_facts(one), heard.facts))
    same = heard.status == Delivery.SENT and says == said
    return same and not booking.made_since(one.appointment_id, heard.settled_at or heard.due_at)


def _facts(one: ReviewedAnswers) -> dict[str, object]:
    times: dict[str, date | None] = {"from": one.call_starts_at, "until": one.call_ends_at}
    times |= {"taken_back": one.taken_back_at, "earliest_day": one.earliest_day}
    found: dict[str, object] = {"answers": one.id, "news": one.news, "about": one.about, "companion": one.companion}
    found |= {"masked": one.masked} | ({"kept": one.kept} if one.kept else {})
    return found | {name: at.isoformat() for name, at in times.items() if at}


def _next(visit: VisitFacts, kind: MessageKind) -> int:
    return Message.objects.next_resend(visit.appointment_id, version=visit.version, kind=kind)
