"""Colleagues of whom it is not settled whether they see patients: a word beside their name, and none of why."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Self

from django.utils.translation import gettext as _

from booking.actions import suggested_absences
from core.models import Site
from core.principal import Principal
from core.rights import Action, Subject, may
from scheduler.public import Slot


@dataclass(frozen=True, slots=True, kw_only=True)
class UnsettledColleagues:
    """Of whom it is not settled, by their ids, and from which day on it is."""

    until: Mapping[int, date] = field(default_factory=dict)

    @classmethod
    def at_site(cls, site: Site, *, by: Principal, at: datetime) -> Self:
        """Return those of a site, to whoever decides about their absences; to everybody else nobody."""
        known = may(by, Action.DECIDE_ABSENCE, Subject(sites=frozenset({site.pk}), practitioner=by.user_id))
        return cls(until=suggested_absences.unsettled(site, at=at) if known else {})

    def word(self, practitioner: int, on: date) -> str:
        """Return what is said beside a name (of the practitioner with this id) for a day, empty where it is settled."""
        until = self.until.get(practitioner)
        return _("ask first whether they see patients") if until is not None and on < until else ""

    def word_for(self, slot: Slot) -> str:
        """Return what is said beside the name in a time that can be chosen."""
        return self.word(slot.practitioner.id, slot.start.astimezone(slot.site.tz).date())


NO_WORD = UnsettledColleagues()
