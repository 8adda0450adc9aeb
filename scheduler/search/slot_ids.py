"""Slots and their ids: the same for the same practitioner, therapy, visit, technique, site and start.

They are spelled, not sealed: whoever decodes one learns what it names. Pages carry them sealed. Where nobody may learn
what a visit is for, ids go out that name no therapy (`without_therapy`), and come back to be read for the visit at
hand.
"""

import base64
import binascii
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from core.models import Site
from scheduler.catalogue import Catalogue, Offer, Plan, PractitionerCard, SiteCard, catalogue
from scheduler.errors import NotGiven, SlotTaken, UnknownSlot
from scheduler.models import Practitioner
from scheduler.slots import Segments, minutes_taken
from scheduler.ticks import TICK

LONGEST = 200
YEARS = range(2000, 2100)
"""Far enough from the ends of the calendar that days can be added to any start."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotKey:
    """What a slot id stands for. `start` is UTC, on a whole minute.

    `segments`: of the appointment that is to have it, where it has its own; no id spells them: nobody sends them.
    """

    practitioner: UUID
    site: str
    therapy: str
    visit: str
    technique: str
    start: datetime
    segments: Segments | None = None

    def encode(self) -> str:
        """Return the id."""
        # By the minute, not the tick: should ticks become finer, an id in a mail of last week still means the same.
        minutes = int(self.start.timestamp()) // 60
        plain = f"{self.practitioner.hex}.{self.site}.{self.therapy}.{self.visit}.{self.technique}.{minutes:x}"
        return base64.urlsafe_b64encode(plain.encode()).decode().rstrip("=")

    def serving(self, therapy: str, visit: str, technique: str) -> "SlotKey":
        """Return the same start with the same practitioner, for another visit."""
        alike = (therapy, visit, technique) == (self.therapy, self.visit, self.technique)
        segments = self.segments if alike else None
        return replace(self, therapy=therapy, visit=visit, technique=technique, segments=segments)

    def starting(self, start: datetime) -> "SlotKey":
        """Return another start with the same practitioner, for the same."""
        return replace(self, start=start)

    @property
    def without_therapy(self) -> str:
        """The id of the same start with the same practitioner that does not tell what the visit is for."""
        return self.serving("", "", "").encode()

    @classmethod
    def decode(cls, text: str) -> "SlotKey":
        """Return what an id stands for. Raises UnknownSlot."""
        try:
            if len(text) > LONGEST:
                raise UnknownSlot
            plain = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True).decode("ascii")
            practitioner, site, therapy, visit, technique, minutes = plain.split(".")
            start = datetime.fromtimestamp(int(minutes, 16) * 60, UTC)
            key = cls(
                practitioner=UUID(hex=practitioner),
                site=site,
                therapy=therapy,
                visit=visit,
                technique=technique,
                start=start,
            )
        except (ValueError, OverflowError, OSError, binascii.Error) as error:
            raise UnknownSlot from error
        # One spelling only: ids are compared as texts, so that another spelling of the same start must not be another
        # time.
        if key.encode() != text or start.year not in YEARS:
            raise UnknownSlot
        return key


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """A start that can be booked; `end` is when the patient leaves, both UTC. `id` spells `key`.

    `only_for`: the audience to which alone it is open, of those that whoever asked may use; empty for everyone.
    """

    key: SlotKey
    id: str
    start: datetime
    end: datetime
    therapy: str
    visit: str
    technique: str
    practitioner: PractitionerCard
    site: SiteCard
    only_for: str = ""

    def lasting(self, segments: Segments | None) -> "Slot":
        """Return it as long as segments of an appointment's own take; itself where those are the therapy's."""
        if segments is None:
            return self
        end = self.start + timedelta(minutes=minutes_taken(segments))
        return replace(self, key=replace(self.key, segments=segments), end=end)


def slot(slot_id: str, *, serving: tuple[str, str, str] | None = None) -> Slot:
    """Return what a slot id stands for, free or not. Raises UnknownSlot.

    Ids are read here alone, once, where they come in: whoever is further inside is handed the slot.
    `serving`: the therapy, visit and technique for which the start is read, whatever the id itself names.
    """
    key, known = SlotKey.decode(slot_id), catalogue()
    key = key.serving(*serving) if serving else key
    offer, plan = resolve(key, known)
    return slot_of(offer, plan, key.start, known, technique=key.technique)


def resolve(key: SlotKey, known: Catalogue) -> tuple[Offer, Plan]:
    """Return who offers a slot and how the visit runs. Raises UnknownSlot."""
    site, plan = known.site_by_key(key.site), known.plan(key.therapy, key.visit, key.technique)
    for offer in known.offers_of(key.therapy, key.visit):
        if plan and offer.site == site.id and offer.practitioner.public_id == key.practitioner:
            return offer, plan.at(key.start).lasting(key.segments)
    raise UnknownSlot


def slot_of(offer: Offer, plan: Plan, start: datetime, known: Catalogue, *, technique: str | None = None) -> Slot:
    """Return it with its id sealed in; `technique` is None where the therapy leaves it open."""
    site = known.sites[offer.site]
    key = SlotKey(
        practitioner=offer.practitioner.public_id,
        site=site.key,
        therapy=plan.therapy,
        visit=plan.visit,
        technique=plan.technique if technique is None else technique,
        start=start,
        segments=plan.own,
    )
    return Slot(
        key=key,
        id=key.encode(),
        start=start,
        end=start + plan.tick_plan.patient * TICK,
        therapy=plan.therapy,
        visit=plan.visit,
        technique=key.technique,
        practitioner=offer.practitioner,
        site=site,
    )


def gone_slot(key: SlotKey, *, staff: bool) -> SlotTaken | None:
    """Return what is said of a start that nobody offers, None where it never was offered.

    To `staff`, who can ask for any time of anybody: who works there and gives other things.
    """
    if not _was_offered(key):
        return None
    who = _who_gives_other_things(key) if staff else ""
    return NotGiven(NotGiven.by_whom(who)) if who else SlotTaken()


def _who_gives_other_things(key: SlotKey) -> str:
    known = catalogue()
    here = {card.id for card in known.sites.values() if card.key == key.site}  # none where it is out of use

    def theirs(offer: Offer) -> bool:
        return offer.site in here and offer.practitioner.public_id == key.practitioner

    if any(theirs(offer) for offer in known.offers_of(key.therapy, key.visit)):
        return ""
    others = (offer for offers in known.offers.values() for offer in offers if theirs(offer))
    return next((offer.practitioner.name for offer in others), "")


def _was_offered(key: SlotKey) -> bool:
    """Whether a start may have been offered, though nobody offers it now: all that it names is there."""
    # Asked of the rows, not of the catalogue, which leaves out what is out of use; and not whether they work together:
    # somebody may have left that site alone.
    known = catalogue().plan(key.therapy, key.visit, key.technique) is not None
    there = Practitioner.objects.filter(public_id=key.practitioner), Site.objects.filter(key=key.site)
    return known and all(rows.exists() for rows in there)
