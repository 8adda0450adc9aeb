"""Somebody who waits, as the desk sees them: what suits them, what they were offered, what is to be said to them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Prefetch, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from booking.access_needs import AskedFor
from booking.actions.waiting import list_entries
from booking.calls.waiting_calls import script, waiting_calls
from booking.models import Patient, WaitingListCall, WaitingListEntry, WaitingListOffer
from booking.models.patients import ContactSystem
from booking.subjects import PROGRAM_FACTS, of_waiting
from booking.waiting.status import WAITS, EntryStatus, OfferStatus
from booking.web.desk.phones import PhoneNumber, numbers_of
from booking.web.labels import therapy_in_words, visit_in_words
from booking.web.waiting.waiting_cards import preferences_in_words
from core.models import Site
from core.principal import Principal
from core.rights import Action, acting, may
from core.roles import Role
from core.text.languages import when_in_words
from core.text.phone_numbers import country_of


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingPersonRow:
    """Somebody who waits. `asked`: the time that they are asked about now; `so_far`: what came of earlier ones.

    `patient`: whose record it is, where whoever looks sees it; `offer`: as its buttons name it; `call`: what to say to
    them on the phone, where no mail does; `asks`: questions are to be read to them.
    """

    id: UUID
    patient: UUID | None
    name: str
    reference: str
    phones: Sequence[PhoneNumber]
    mails: Sequence[str]
    what: str
    since: str
    preferences: str
    draft: bool
    soon: bool
    now: str
    offer: str
    asked: str
    so_far: str
    call: str
    asks: bool


def entries_seen(by: Principal, site: Site) -> QuerySet[WaitingListEntry]:
    """Return who waits at a site, of those whom somebody sees there, each with whether their record is seen as well."""
    rows = WaitingListEntry.objects.filter(site=site, status__in=sorted(WAITS))
    rows = rows.visible_to(acting(by, Action.SEE_WAITING_LIST)).select_related(*list_entries.READ)
    people = Patient.objects.visible_to(acting(by, Action.SEE_PATIENT)).filter(pk=OuterRef("patient"))
    return rows.annotate(known=Exists(people)).order_by("waiting_since", "pk")


def waiting_rows(
    entries: QuerySet[WaitingListEntry], site: Site, *, most: int, by: Principal, at: datetime
) -> list[WaitingPersonRow]:
    """Return what is shown of entries that `entries_seen` returned: whom to call on top, `most` in all."""
    calls = waiting_calls(site, by=by, at=at).select_related("entry__site", "offer__hold__practitioner")
    offers = Prefetch("offers", WaitingListOffer.objects.order_by("-offered_at", "-pk"))
    to_make: dict[int, WaitingListCall] = {one.entry_id: one for one in calls}
    rows = entries.prefetch_related(offers, "patient__contacts", *(PROGRAM_FACTS if by.has(Role.PROGRAM) else ()))
    called = list(rows.filter(pk__in=to_make)[:most])
    found = called + list(rows.exclude(pk__in=to_make)[: most - len(called)])
    return [_row(one, to_make.get(one.pk), by=by, at=at) for one in found]


def _what(entry: WaitingListEntry, by: Principal) -> str:
    """Say for what somebody waits, to whoever may know what appointments are for."""
    visit = visit_in_words(entry.visit)
    if not may(by, Action.SEE_THERAPY, of_waiting(entry, by)):
        return visit
    return f"{therapy_in_words(entry.therapy.name, entry.technique)}, {visit}"


def _row(entry: WaitingListEntry, call: WaitingListCall | None, *, by: Principal, at: datetime) -> WaitingPersonRow:
    made, zone, patient = list(entry.offers.all()), entry.site.tz, entry.patient
    sees_details = may(by, Action.SEE_DETAILS, of_waiting(entry, by))
    asked = ", ".join(AskedFor.of_visit_alone(entry).words) if sees_details else ""
    return WaitingPersonRow(
        id=entry.public_id,
        name=patient.name,
        reference=patient.reference,
        what=_what(entry, by),
        since=when_in_words(entry.waiting_since, zone),
        preferences="; ".join(f"{name}: {words}" for name, words in preferences_in_words(entry, asked_for=asked)),
        draft=entry.status == EntryStatus.DRAFT,
        soon=bool(entry.priority),
        now=when_in_words(entry.later.period.lower, zone) if entry.later else "",
        so_far=_so_far(made, at=at),
        call=script(call) if call else "",
        asks=entry.status == EntryStatus.ACTIVE and entry.answers_asked_at is not None,
        **_reached(entry),
        **_asked(entry, made, at=at),
    )


def _reached(entry: WaitingListEntry) -> dict[str, Any]:
    """Return how somebody is reached, and whose record it is where whoever looks sees it."""
    known, patient = bool(getattr(entry, "known", False)), entry.patient
    # Whoever has typed three facts of somebody shows their numbers to no site that does not know them.
    if entry.status == EntryStatus.DRAFT and not known:
        return {"patient": None, "phones": (), "mails": ()}
    return {
        "patient": patient.public_id if known else None,
        "phones": numbers_of(patient, country_of(entry.site.zone)),
        "mails": [one.value for one in patient.contacts.all() if one.system == ContactSystem.EMAIL],
    }


def _asked(entry: WaitingListEntry, made: Iterable[WaitingListOffer], *, at: datetime) -> dict[str, Any]:
    """Return about which time somebody is asked now, and as what its buttons name it."""
    now, zone = next((one for one in made if one.stands(at=at)), None), entry.site.tz
    if now is None:
        return {"offer": "", "asked": ""}
    facts = {"when": when_in_words(now.starts_at, zone), "until": when_in_words(now.expires_at, zone)}
    return {"offer": str(now.public_id), "asked": _("Asked about %(when)s, until %(until)s") % facts}


def _so_far(made: Iterable[WaitingListOffer], *, at: datetime) -> str:
    """Say how often somebody was offered a time, and what came of the last one."""
    over = [one for one in made if not one.stands(at=at)]
    if not over:
        return ""
    times = ngettext("Offered %(count)d time so far", "Offered %(count)d times so far", len(over))
    last = OfferStatus(over[0].status if over[0].status != OfferStatus.NEEDS_ACTION else OfferStatus.EXPIRED).label
    return _("%(times)s; the last: %(last)s") % {"times": times % {"count": len(over)}, "last": last}
