"""Who waits for a time to open at the demo clinic: somebody in each state that the desk meets."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from booking.actions.patients import patients
from booking.actions.waiting import answering, list_entries, offers
from booking.actions.waiting.list_entries import Preferences
from booking.models import Appointment, Patient, WaitingListChange, WaitingListEntry
from booking.status import Status
from booking.waiting.policies import offer_rules
from booking.waiting.status import EntryAct, EntryStatus
from core.models import Site
from core.principal import Principal
from scheduler import public as scheduler

A_DAY = timedelta(days=1)
SUNDAY = 7
BORN = date(1962, 4, 9)
PHONE = "(312) 555-0188"


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingPerson:
    """Somebody who waits. `offered`: what became of a time that they were offered, "open" while they are asked."""

    name: str
    days: int
    wanted: Mapping[str, Any] = field(default_factory=dict)
    phone: str = ""
    draft: bool = False
    offered: tuple[str, ...] = ()


PEOPLE = (
    WaitingPerson(name="Rosalind Hale", days=19, wanted={"weekdays": (SUNDAY,), "priority": 1}),
    WaitingPerson(name="Otto Brandt", days=12, wanted={"weekdays": (SUNDAY,)}, offered=("decline", "expire")),
    WaitingPerson(name="Mina Sato", days=6, offered=("open",)),
    WaitingPerson(name="Walt Jensen", days=5, phone=PHONE, offered=("open",)),
    WaitingPerson(name="Priya Nair", days=4, offered=("accept",)),
    WaitingPerson(name="Lena Vogel", days=0, draft=True),
)
UNASKED = WaitingPerson(name="Ivo Marek", days=2, wanted={"weekdays": (SUNDAY,)})
"""Who has answered no questions yet joins last, once everybody else has."""


class DemoWaitingList:
    """The waiting list of one site, written as the clinic is opened."""

    def __init__(self, site: Site, *, by: Principal, at: datetime) -> None:
        self.site, self.by, self.at = site, by, at
        self.people: list[tuple[WaitingPerson, Patient]] = []
        self.booked = 0

    def register(self) -> None:
        """Make the records, before everybody there is has answered the questions."""
        self.people = [(one, self._record(one)) for one in PEOPLE]

    def fill(self) -> int:
        """Let them wait, and be offered times; return how many wait."""
        for one, patient in self.people:
            entry = self._join(one, patient)
            for became in one.offered:
                self._offer(entry, became)
        self._earlier()
        entry = self._join(UNASKED, self._record(UNASKED))
        list_entries.ask_again(entry, at=self.at)
        # What was said days ago is not mailed as the clinic opens; what somebody is asked now is.
        told = WaitingListChange.objects.exclude(act__in=[EntryAct.OFFER, EntryAct.ASK])
        told.filter(relayed_at=None).update(relayed_at=self.at)
        return WaitingListEntry.objects.filter(site=self.site).count()

    def _record(self, one: WaitingPerson) -> Patient:
        mail = "" if one.phone else f"{one.name.replace(' ', '.').lower()}@example.org"
        return patients.register(
            name=one.name,
            birth_date=BORN,
            email=mail,
            phone=one.phone,
            site=self.site,
            guest=one.draft,
            by=self.by,
            at=self.at,
        )

    def _join(self, one: WaitingPerson, patient: Patient) -> WaitingListEntry:
        asked = replace(Preferences(therapy="acu_manual", visit="first", site=self.site), **one.wanted)
        entry = list_entries.join(asked, patient, by=self.by, at=self.at - one.days * A_DAY)
        if one.draft:
            WaitingListEntry.objects.filter(pk=entry.pk).update(status=EntryStatus.DRAFT)
        return entry

    def _offer(self, entry: WaitingListEntry, became: str) -> None:
        """Offer the soonest free time from three days ahead on, and let them answer."""
        at = self.at if became in {"open", "accept"} else self.at - A_DAY  # what is booked now is confirmed now
        rules = replace(offer_rules(self.site.pk, at=at), at_once=1)
        for slot in self._free():
            asked = offers.offer(slot, [entry.pk], rules, at=at)
            if asked.entries:
                break
        offer = entry.offers.order_by("-pk").first()
        if offer is not None and became == "accept":
            answering.accept(offer.pk, at=at)
            self.booked += 1
        elif offer is not None and became == "decline":
            answering.decline(offer.pk, at=at)
        elif offer is not None and became == "expire":
            answering.not_reached(offer.pk, by=self.by, at=at)

    def _free(self) -> list[scheduler.Slot]:
        begins = self.at + 3 * A_DAY
        query = scheduler.SearchQuery(
            therapy="acu_manual",
            visit=scheduler.VisitType.FIRST,
            starts_at=begins,
            ends_at=begins + 14 * A_DAY,
            sites=frozenset({self.site.pk}),
            limit=20,
        )
        return scheduler.search(query, at=self.at)

    def _earlier(self) -> None:
        """Let the last who comes, of those who do not sign in, ask for an earlier time than any is free."""
        visits = Appointment.objects.filter(site=self.site, status=Status.BOOKED, patient__user=None)
        later = visits.select_related("patient", "therapy").order_by("-period").first()
        if later is None:
            return
        asked = Preferences(
            therapy=later.therapy.key,
            visit=later.visit,
            technique=later.technique,
            site=self.site,
            weekdays=(SUNDAY,),
        )
        list_entries.join(asked, later.patient, instead_of=later, by=self.by, at=self.at - 3 * A_DAY)
