"""Reading what was said."""

from collections.abc import Collection
from datetime import datetime
from zoneinfo import ZoneInfo

from django.core.paginator import EmptyPage, Page, PageNotAnInteger, Paginator
from django.db.models import Min, Q, QuerySet

from booking import public as booking
from core.models import Site
from core.principal import Principal
from core.rights import Action, acting, sites_for
from notifications.errors import NoSuchMail
from notifications.models import FamilyMail, LinkRequest, Message, OutboxMail, WaitingListMail
from notifications.status import SENT_UNCOVERED, Delivery

MAILS_A_PAGE = 25
SHOWN_WAITING = 6


def outbox(*, page: str) -> Page[OutboxMail]:
    """Return a page of the demo outbox, the newest mail first, without the mails' bodies. Raises NoSuchMail."""
    try:
        return Paginator(OutboxMail.objects.defer("raw"), MAILS_A_PAGE).page(page)
    except (EmptyPage, PageNotAnInteger) as error:
        raise NoSuchMail from error


def visible_messages(principal: Principal) -> QuerySet[Message]:
    """Return the messages about appointments at one's sites that somebody may know of."""
    minds = acting(principal, Action.SEE_MESSAGES)
    told = Message.objects.visible_to(acting(minds, Action.SEE_SCREENING)).values("pk")
    # That answers were looked at, or that days away follow from them, is what followed from them.
    return Message.objects.visible_to(minds).filter(~Q(facts__has_key="answers") | Q(pk__in=told))


def visible_family_messages(principal: Principal) -> QuerySet[FamilyMail]:
    """Return the mails about family links that were made at one's sites."""
    return FamilyMail.objects.filter(link__site__in=sites_for(principal, Action.SEE_MESSAGES))


def still_to_come() -> QuerySet[Message]:
    """Return the messages planned last that are not due yet."""
    rows = Message.objects.filter(status=Delivery.DUE).select_related("recipient", "appointment__site")
    return rows.order_by("-pk")[:SHOWN_WAITING]


def message_to_come(message_id: int) -> Message:
    """Return a message that is not due yet. Raises NoSuchMail."""
    try:
        return Message.objects.select_related("appointment").get(pk=message_id, status=Delivery.DUE)
    except Message.DoesNotExist as error:
        raise NoSuchMail from error


def family_mails_to_come() -> QuerySet[FamilyMail]:
    """Return the mails about family links that have not gone out yet, the last planned first."""
    rows = FamilyMail.objects.filter(status=Delivery.DUE).select_related("link__site")
    return rows.order_by("-pk")[:SHOWN_WAITING]


def oldest_due(*, at: datetime) -> datetime | None:
    """Return since when the message or mail is due that has waited longest, whatever it hangs on."""
    due = (
        Message.objects.waiting(at=at).order_by(),
        FamilyMail.objects.filter(status=Delivery.DUE, due_at__lte=at).order_by(),
        WaitingListMail.objects.filter(status=Delivery.DUE, due_at__lte=at).order_by(),
    )
    return min(filter(None, (rows.aggregate(oldest=Min("due_at"))["oldest"] for rows in due)), default=None)


def held_back(messages: Collection[Message], *, at: datetime) -> frozenset[int]:
    """Return the ids of the messages that would not go out as things are: the time of their visit is not open."""
    uncovered = booking.uncovered_visits(booking.visits({each.appointment_id for each in messages}).values(), at=at)
    return frozenset(
        each.pk for each in messages if each.appointment_id in uncovered and each.kind not in SENT_UNCOVERED
    )


def oldest_link_request() -> tuple[int, datetime] | None:
    """Return number and time of the request for a lost link that has waited longest for a worker."""
    return LinkRequest.objects.filter(answered_at=None).order_by("pk").values_list("pk", "asked_at").first()


def clinic_zone() -> ZoneInfo:
    """Return the zone of the clinic's first site: by its clock the outbox tells when mail goes out."""
    # The outbox is the demo's alone, whose sites share a zone.
    site = Site.objects.order_by("pk").first()
    return site.tz if site else ZoneInfo("UTC")


def outbox_mail(mail_id: int) -> OutboxMail:
    """Return a mail of the demo outbox. Raises NoSuchMail."""
    try:
        return OutboxMail.objects.get(pk=mail_id)
    except OutboxMail.DoesNotExist as error:
        raise NoSuchMail from error
