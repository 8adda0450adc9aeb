"""One look at a waiting list: who is left to be asked, how often a booking was tried for whom, and what is remembered.

What a look has found in vain is not found again a minute later: else a few people who can book nothing just now would
cost as much each minute as all others together.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from datetime import date, datetime, timedelta

from django.db.models import Q, QuerySet

from booking.actions.waiting.who_waits import AskableEntry
from booking.models import WaitingListEntry

TRIES, RESTS = 3, timedelta(minutes=15)
"""On so many days a booking is tried for somebody in a look; the next look goes on with the days after these. Where
none was left, or nothing can be booked whenever it is, they are left out for a while."""

LASTS = timedelta(seconds=20)
"""A look at a site ends after so long. The next one, a minute later, goes on for those who were not asked on the day
where this one ended; once it has come to the last day, they rest and it begins anew."""


class Look:
    """One look at a site."""

    def __init__(self, waiting: Iterable[AskableEntry], *, at: datetime) -> None:
        self._at = at
        self.left = {one.entry.pk: one for one in waiting}
        self._entries = defaultdict[int, list[int]](list)
        for one in self.left.values():
            self._entries[one.entry.patient_id].append(one.entry.pk)
        self._tried: Counter[int] = Counter()
        self._not_then = set[tuple[int, date]]()

    def may_try(self, entry: int, day: date) -> bool:
        """Whether a booking on a day may still be tried for an entry."""
        return entry in self.left and (entry, day) not in self._not_then

    def note(
        self, asked: Collection[int], gone: Collection[int], refused: Collection[int], *, day: date
    ) -> list[AskableEntry]:
        """Note what came of a time on a day; return who is asked about nothing more in this look.

        Each person is asked about one time, by whichever of their entries.
        """
        self._tried.update(refused)
        self._not_then |= {(pk, day) for pk in refused}
        enough = [pk for pk in refused if self._tried[pk] >= TRIES]
        if enough:
            self._rows(enough).update(tried_through=day)
        self._rest(gone)
        people = {self.left[pk].entry.patient_id for pk in asked}
        over = {*gone, *enough, *(pk for one in people for pk in self._entries[one])}
        return [self.left.pop(pk) for pk in over if pk in self.left]

    def break_off(self, began: date, day: date) -> None:
        """Let the next look begin on this day with those who are left, or after it where this one began on it too."""
        tried = max(began, day - timedelta(days=1))
        self._rows(self.left).filter(Q(tried_through=None) | Q(tried_through__lt=tried)).update(tried_through=tried)

    def finish(self) -> None:
        """Let those rest for whom the days after those that were tried before had nothing; later it begins anew."""
        self._rest([pk for pk, one in self.left.items() if one.entry.tried_through and not self._tried[pk]])

    def _rest(self, entries: Collection[int]) -> None:
        # Whoever rests for longer already, because of their answers, does so.
        rested = Q(rests_until=None) | Q(rests_until__lte=self._at)
        if entries:
            self._rows(entries).filter(rested).update(rests_until=self._at + RESTS, tried_through=None)

    @staticmethod
    def _rows(entries: Collection[int]) -> QuerySet[WaitingListEntry]:
        return WaitingListEntry.objects.filter(pk__in=entries)
