"""A changed address: the old one is told so, in neutral words; the new one gets the links of all visits ahead."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial

from booking import public as booking
from booking.public import ContactChangeFacts, VisitFacts
from core.database.transactions import unit
from notifications.actions.faults import written_unless_faulty
from notifications.actions.link_mails import plan_links
from notifications.models import Message
from notifications.reminder_plan import reminder_plan
from notifications.status import Delivery, DeliveryReason, MessageKind

AT_ONCE = 100
# While a message is one of these it still needs the old address that it goes to.
IN_HAND = (Delivery.DUE, Delivery.CLAIMED, Delivery.SENDING)


@unit
def relay(*, at: datetime, beside: set[int] | None = None) -> int:
    """Plan what a change of address makes worth saying; return how many changes were looked at.

    A hundred at once, with all the visits that they touch locked together. A change that cannot be planned is left for
    later, `beside` (ids) the others.
    """
    beside = set() if beside is None else beside
    changes = booking.unrelayed_contact_changes(limit=AT_ONCE, beside=beside)
    theirs = {change.patient_id: booking.visits_of(change.patient_id) for change in changes}
    locked = booking.visits({visit_id for ids in theirs.values() for visit_id in ids}, lock=True)
    planned = []
    for change in changes:
        visits = {pk: locked[pk] for pk in theirs[change.patient_id] if pk in locked}
        failing = f"change of address {change.id} cannot be planned"
        if written_unless_faulty(partial(_plan, change, visits, at=at), failing=failing):
            planned.append(change.id)
    booking.mark_contact_changes_relayed(planned, at=at)
    beside.update(change.id for change in changes if change.id not in planned)
    return len(changes)


def forget_old_addresses() -> None:
    """Forget old addresses that have been told, in a transaction of its own: planning locks visits first."""
    Message.objects.exclude(address="").exclude(status__in=IN_HAND).update(address="")


def _plan(change: ContactChangeFacts, visits: Mapping[int, VisitFacts], *, at: datetime) -> bool:
    """Plan the messages to the old address and to the new one. Who has no visit has had no mail, and needs none."""
    if not visits:
        return True
    ahead = [visits[pk] for pk in booking.visits_of(change.patient_id, ahead_at=at) if pk in visits]
    if change.old_email:
        about = ahead[0] if ahead else max(visits.values(), key=lambda v: v.starts_at)
        _plan_notice_to_old_address(change, about, at=at)
    # Whose address is not verified yet is sent a code by `follow`, and must not get a link by which to do without.
    listed = [visit for visit in ahead if visit.emails and not visit.awaits_code]
    if listed:
        _drop_older_links(change.patient_id, at=at)
        plan_links(
            listed,
            # After the quiet time: who mistyped the new address corrects it within a minute, and no stranger gets the
            # links.
            due_at=change.at + reminder_plan(listed[0].site_id, at=at).quiet,
            facts={"because": "contact"} | ({"older_ended": True} if change.old_email else {}),
            at=at,
        )
        _remind_after_all(change.patient_id, at=at)
    return True


def _plan_notice_to_old_address(change: ContactChangeFacts, visit: VisitFacts, *, at: datetime) -> None:
    """Plan the message to an address that was replaced."""
    kind = MessageKind.CONTACT_CHANGED
    Message.objects.create(
        appointment_id=visit.appointment_id,
        version=visit.version,
        recipient_id=visit.patient_id,
        kind=kind,
        policy_version=reminder_plan(visit.site_id, at=at).version,
        resend=Message.objects.next_resend(visit.appointment_id, version=visit.version, kind=kind),
        address=change.old_email,
        facts={"some": True} if change.elsewhere else {},
        # To the old address at once: if it was not its owner who changed it, each minute counts.
        due_at=at,
        created_at=at,
    )


def _drop_older_links(patient_id: int, *, at: datetime) -> None:
    """Drop links that wait for an address which has been changed again meanwhile: they would come twice."""
    links = Message.objects.filter(recipient=patient_id, kind=MessageKind.LINK)
    links.filter(facts__because="contact").drop_superseded(at=at)


def _remind_after_all(patient_id: int, *, at: datetime) -> None:
    """Let reminders that had no address to go to go out when they are due."""
    unreached = Message.objects.filter(recipient=patient_id, kind=MessageKind.REMINDER, due_at__gt=at)
    unreached.filter(status__in=[Delivery.DUE, Delivery.FAILED], reason=DeliveryReason.NO_ADDRESS).update(
        status=Delivery.DUE, reason="", settled_at=None
    )
