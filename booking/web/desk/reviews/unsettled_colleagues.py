"""Colleagues of whom it is not settled whether they see patients: a word beside their name, and none of why."""

from datetime import date, datetime

from django.utils.translation import gettext as _

from booking.actions.screening.suggested_absences import SettledColleagues
from core.models import Site
from core.principal import Principal
from core.rights import Action, Subject, may
from scheduler.public import Slot


class UnsettledColleagues:
    """Says what stands beside a name, at whichever site, to whoever decides about absences there; else nothing.

    `here`: the site where they are, which has been read.
    """

    def __init__(self, *, by: Principal, at: datetime, here: Site) -> None:
        self.by = by
        self.settled = SettledColleagues(at, asks=self._may_know, here=here)

    def _may_know(self, site: int) -> bool:
        return may(self.by, Action.DECIDE_ABSENCE, Subject(sites=frozenset({site}), practitioner=self.by.user_id))

    def word(self, practitioner: int, on: date, *, site: int) -> str:
        """Return what is said beside a name (ids of practitioner and site) for a day, empty where it is settled."""
        return "" if self.settled.on(practitioner, on, site=site) else _("ask first whether they see patients")

    def word_for(self, slot: Slot) -> str:
        """Return what is said beside the name in a time that can be chosen."""
        return self.word(slot.practitioner.id, slot.start.astimezone(slot.site.tz).date(), site=slot.site.id)
