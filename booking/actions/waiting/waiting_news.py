"""What is worth telling of the waiting list, for whoever sends it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from booking.actions.waiting import waiting_calls
from booking.actions.waiting.list_entries import token_for
from booking.models import WaitingListChange, WaitingListOffer
from booking.patients.contacts import greeting_name
from booking.patients.deaths import has_died
from booking.queries import mail_of
from booking.waiting.status import EntryAct, EntryStatus, OfferStatus, WaitingCallReason
from core.database.transactions import unit
from core.models import Site


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingListNews:
    """An act that is worth telling. `draft`: whoever asked has not shown yet that the address is theirs."""

    id: int
    act: str
    draft: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingListFacts:
    """An entry as whoever waits is told of it now. `starts_at`, `until`: of the time that is offered, if one is.

    `stands`: the offer can be accepted still; `several`: others are asked as well; `asks`: they are to answer the
    questions again; `missed_at`: when the time began that they were offered before and did not answer about.
    """

    status: str
    silent: bool
    address: str
    greeting_name: str
    language: str
    token: str
    phone: str
    site: Site
    starts_at: datetime | None
    until: datetime | None
    practitioner: str
    stands: bool
    several: bool
    asks: bool
    missed_at: datetime | None


def unrelayed(*, limit: int, beside: Collection[int] = ()) -> list[WaitingListNews]:
    """Lock and return the oldest acts that nobody is relaying, until the caller's transaction ends.

    `beside`: those (ids) that are left for later.
    """
    rows = WaitingListChange.objects.filter(relayed_at=None).exclude(pk__in=beside).order_by("pk")
    ids = list(rows.select_for_update(skip_locked=True).values_list("pk", flat=True)[:limit])
    found = WaitingListChange.objects.filter(pk__in=ids).order_by("pk").values_list("pk", "act", "entry__status")
    return [WaitingListNews(id=pk, act=act, draft=status == EntryStatus.DRAFT) for pk, act, status in found]


def mark_relayed(ids: Collection[int], *, at: datetime) -> None:
    """Note that acts have been taken up."""
    WaitingListChange.objects.filter(pk__in=ids).update(relayed_at=at)


def facts_of(change_id: int, *, at: datetime) -> WaitingListFacts:
    """Return what is told of an act, as things stand now."""
    rows = WaitingListChange.objects.select_related("entry__patient", "entry__site", "offer__hold__practitioner")
    change = rows.get(pk=change_id)
    entry, offer = change.entry, change.offer
    return WaitingListFacts(
        status=entry.status,
        silent=has_died(entry.patient),
        address=mail_of(entry.patient),
        greeting_name=greeting_name(entry.patient.name),
        language=entry.patient.language,
        token=token_for(entry),
        phone=entry.site.phone,
        site=entry.site,
        starts_at=offer.starts_at if offer else None,
        until=offer.expires_at if offer else None,
        practitioner=offer.hold.practitioner.name if offer else "",
        stands=offer.stands(at=at) if offer else False,
        several=offer is not None and offer.hold.offers.count() > 1,
        asks=entry.answers_asked_at is not None,
        missed_at=_missed_at(offer) if offer else None,
    )


def _missed_at(offer: WaitingListOffer) -> datetime | None:
    """Return when the time begins that was offered before this one, where nobody answered about it."""
    before = WaitingListOffer.objects.filter(entry=offer.entry_id, pk__lt=offer.pk).order_by("-pk").first()
    return before.starts_at if before and before.status == OfferStatus.EXPIRED else None


@unit
def call_unreached(change_id: int, *, at: datetime) -> None:
    """Let staff call whoever did not get the mail about an act, as long as it matters to them."""
    change = WaitingListChange.objects.select_related("entry", "offer").get(pk=change_id)
    reason = UNREACHED.get(EntryAct(change.act))
    if reason is not None:
        waiting_calls.call_about(change.entry, reason, offer=change.offer, at=at)


UNREACHED = {
    EntryAct.JOIN: WaitingCallReason.MAIL,
    EntryAct.OFFER: WaitingCallReason.OFFER,
    EntryAct.ASK: WaitingCallReason.ANSWERS,
}
"""Why staff call whom a mail about an act did not reach; whoever was taken off the list loses nothing of theirs."""
