"""The next free times for a caller, and why the one that they hope for cannot be had, with what is near it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

from booking import queries
from booking.actions import booking_checks
from booking.actions.booking_checks import BookingCheck
from booking.actions.requested_slots import nearest_to
from booking.audiences import audience_for
from booking.errors import BY_RULE, PatientBusy
from booking.models import Patient
from booking.roles import may_override
from booking.rules import SOFT, Broken
from booking.status import OCCUPYING
from booking.suitability.visits import PlaceNeeds
from booking.web.desk.caller.asked_time import SEARCHED, AskedTimeForm
from booking.web.desk.reviews.unsettled_colleagues import UnsettledColleagues
from booking.web.desk.shell import Desk
from booking.web.times_list import Button, nearest, one_a_start
from core.models import Site
from core.principal import Principal
from core.refusals import Refusal
from core.text.languages import localized, when_in_words
from scheduler import public as scheduler

READ, SHOWN = 60, 9


@dataclass(frozen=True, slots=True, kw_only=True)
class WhyNot:
    """Why somebody cannot treat them then: all reasons. `soft`: a reason of whoever books sets all of them aside."""

    name: str
    reasons: Sequence[str]
    soft: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class HopedFor:
    """What is said of the time that they hope for: with whom they can have it, or why not and what is near."""

    when: str
    free: Sequence[Button] = ()
    reasons: Sequence[WhyNot] = ()
    near: Sequence[Button] = ()

    @property
    def soft(self) -> bool:
        """Whether it can be had with a reason."""
        return not self.free and any(one.soft for one in self.reasons)


@dataclass(frozen=True)
class FreeTimes:
    """Times for a caller, by what was asked for. The form must be valid."""

    form: AskedTimeForm
    patient: Patient
    desk: Desk
    by: Principal
    at: datetime

    @property
    def _named(self) -> bool:
        """Whether each time says at which site it is."""
        return len(self.form.sites) > 1

    def _audience(self, site: Site) -> scheduler.Audience:
        therapy, _visit, technique = self.form.wanted
        reason = self.form.reason
        asking = audience_for(self.by, site_id=site.pk, at=self.at, patient=self.patient, reason=reason)
        needs = PlaceNeeds.on_record(self.patient, site, at=self.at).of(therapy, technique)
        return replace(asking, needs=needs)

    def soonest(self) -> list[tuple[str, list[Button]]]:
        """Return at most `SHOWN` buttons, one a start, under the words of their days."""
        by_day: dict[str, list[Button]] = {}
        for one in self._buttons(self._found[:SHOWN]):
            by_day.setdefault(one.day, []).append(one)
        return list(by_day.items())

    @cached_property
    def _found(self) -> list[scheduler.Slot]:
        # One search for each site: how soon and how far ahead is each site's own to say.
        slots = (slot for site in self.form.sites for slot in scheduler.search(self._query(site), at=self.at))
        return one_a_start(slots)

    @property
    def shown_until(self) -> datetime | None:
        """When the last of those begins that are shown; None where there are no later ones."""
        return self._found[SHOWN - 1].start if len(self._found) > SHOWN else None

    def _query(self, site: Site) -> scheduler.SearchQuery:
        therapy, visit, technique = self.form.wanted
        begins, said = self.form.begins(at=self.at), self.form.cleaned_data
        return scheduler.SearchQuery(
            therapy=therapy,
            visit=visit,
            technique=technique,
            starts_at=begins,
            ends_at=begins + SEARCHED,
            sites=frozenset({site.pk}),
            practitioner=self.form.who,
            language=said["language"] or None,
            part_of_day=said["part"] or None,
            audience=self._audience(site),
            limit=READ,
        )

    def _buttons(self, slots: Sequence[scheduler.Slot]) -> list[Button]:
        unsettled = UnsettledColleagues(by=self.by, at=self.at, here=self.desk.site)
        return nearest(slots, word=unsettled.word_for, named=self._named)

    def hoped_for(self) -> HopedFor | None:
        """Return what is said of the time that they hope for; None where none was typed."""
        moment = self.form.hoped_for()
        if moment is None:
            return None
        slots = list(self._slots_at(moment))
        found = [(slot, self._why_not(slot)) for slot in slots]
        free = [slot for slot, why in found if not why.reasons]
        near = self._near(slots[0]) if slots and not free else []
        return HopedFor(
            when=when_in_words(moment, self.desk.site.tz),
            free=self._buttons(free),
            reasons=[why for _slot, why in found if why.reasons],
            near=self._buttons(near),
        )

    def _slots_at(self, moment: datetime) -> Iterator[scheduler.Slot]:
        therapy, visit, technique = self.form.wanted
        for one in self.form.those_who_do():
            key = scheduler.SlotKey(
                practitioner=one.practitioner.public_id,
                site=one.site.key,
                therapy=therapy,
                visit=visit,
                technique=technique,
                start=moment,
            )
            yield scheduler.slot(key.encode())

    def _why_not(self, slot: scheduler.Slot) -> WhyNot:
        """Return all reasons: those of the calendar, and what the person has booked besides."""
        site = next(one for one in self.form.sites if one.pk == slot.site.id)
        found = scheduler.explain(slot, at=self.at, audience=self._audience(site))
        theirs = self._of_their_own(slot, but={one.code for one in found.reasons})
        codes = {one.code for one in found.reasons} | set(theirs)
        soft = may_override(self.by, site_id=slot.site.id) and codes <= {one.value for one in SOFT}
        return WhyNot(
            name=f"{slot.practitioner.name}, {localized(slot.site.name)}" if self._named else slot.practitioner.name,
            reasons=[*(str(one.detail) for one in found.reasons), *theirs.values()],
            soft=bool(codes) and soft,
        )

    def _of_their_own(self, slot: scheduler.Slot, *, but: set[str]) -> dict[str, str]:
        """Return what of a person's other visits stands against a time, in words, by its code."""
        others = queries.others_of(self.patient, at=self.at)
        busy = any(one.status in OCCUPYING and slot.start < one.end and one.start < slot.end for one in others)
        found = {PatientBusy.code: str(PatientBusy.title)} if busy else {}
        check = BookingCheck(slot=slot, patient=self.patient, by=self.by, at=self.at, override_reason=self.form.reason)
        try:
            booking_checks.check_booking(check)
        except Refusal as refusal:
            rules = refusal.facts.get("rules")
            broken = [Broken(one) for one in rules] if isinstance(rules, list) else []
            found |= {one.value: str(BY_RULE[one].title) for one in broken if one.value not in but}
        return found

    def _near(self, slot: scheduler.Slot) -> list[scheduler.Slot]:
        site = next(one for one in self.form.sites if one.pk == slot.site.id)
        asked, audience = self.form, self._audience(site)
        return nearest_to(
            slot.key,
            by=self.by,
            at=self.at,
            patient=self.patient,
            override_reason=asked.reason,
            needs=audience.needs,
        )
