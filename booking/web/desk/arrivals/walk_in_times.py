"""What a walk-in can have: of every therapy the first free times of a site, by days and families, today's first."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from booking import queries
from booking.audiences import audience_for
from booking.models import Patient
from booking.suitability.visits import PlaceNeeds
from booking.web.desk.reviews.unsettled_colleagues import UnsettledColleagues
from booking.web.labels import minutes_in_words, therapy_in_words, visit_in_words
from booking.web.times_list import Button, nearest, one_a_start
from core.models import Site
from core.principal import Principal
from core.text.languages import localized, near_day_in_words
from scheduler import public as scheduler

EACH = 3
"""Times of a therapy that are offered: whoever stands there takes the first."""

A_DAY = timedelta(days=1)
LOOKED_AHEAD = timedelta(days=14)
MOST_FOUND = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class WalkInFamily:
    """A family of therapies of which something is free on a day. `key`: by which it is found on the page."""

    key: str
    name: str
    therapies: Sequence["WalkInTherapy"]


@dataclass(frozen=True, slots=True, kw_only=True)
class WalkInTherapy:
    """A therapy with its first free times, all of one day: today's, or else the next that has some.

    `again`: they have had it before, or are to.
    """

    family: str
    name: str
    length: str
    day: date
    times: Sequence[Button]
    again: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class WalkInDay:
    """A day with what is free on it first. `key`: by which it is found on the page."""

    key: str
    name: str
    today: bool
    families: Sequence[WalkInFamily]

    @property
    def usual(self) -> WalkInTherapy:
        """What a key chooses: what they come for otherwise, else the first that stands there."""
        those = [one for family in self.families for one in family.therapies]
        return next((one for one in those if one.again), those[0])


def walk_in_days(
    patient: Patient, site: Site, *, by: Principal, at: datetime, since: datetime | None = None
) -> list[WalkInDay]:
    """Return what somebody can have at a site, each therapy on its first day, today before all others.

    `since`: from when on they may come.
    """
    free, today = _therapies(patient, site, by=by, at=at, since=since), at.astimezone(site.tz).date()
    return [
        WalkInDay(
            key=day.isoformat(),
            name=_("Free today") if day == today else near_day_in_words(day),
            today=day == today,
            families=_families(day, [one for one in free if one.day == day]),
        )
        for day in sorted({one.day for one in free})
    ]


def _families(day: date, free: Sequence[WalkInTherapy]) -> list[WalkInFamily]:
    return [
        WalkInFamily(key=f"{day.isoformat()}-{family.key}", name=localized(family.name), therapies=those)
        for family in scheduler.families()
        if (those := [one for one in free if one.family == family.key])
    ]


def _therapies(
    patient: Patient, site: Site, *, by: Principal, at: datetime, since: datetime | None
) -> list[WalkInTherapy]:
    word = UnsettledColleagues(by=by, at=at, here=site).word_for
    begins, others = max(at, since or at), queries.others_of(patient, at=at)
    midnight = datetime.combine(at.astimezone(site.tz).date() + A_DAY, time(), site.tz)
    audience = audience_for(by, site_id=site.pk, at=at, patient=patient)
    needs = PlaceNeeds.on_record(patient, site, at=at)
    found = []
    # What they are to have for the first time on a later day they have not had today.
    for card, visit, technique in offers(queries.therapies_begun(others, before=max(begins, midnight))):
        query = scheduler.SearchQuery(
            therapy=card.key, visit=visit, technique=technique, starts_at=begins, ends_at=midnight,
            sites=frozenset({site.pk}), audience=replace(audience, needs=needs.of(card.key, technique)),
        )  # fmt: skip
        today = _today(query, site, at=at) if begins < midnight else []
        slots = today or _later(replace(query, starts_at=max(begins, midnight)), at=at)
        if slots:
            day = slots[0].start.astimezone(site.tz).date()
            usual = any(one.therapy == card.key for one in others)
            found.append(_therapy(card, (visit, technique), nearest(slots, word=word), day=day, again=usual))
    return found


def _therapy(
    card: scheduler.TherapyCard, way: tuple[str, str], times: Sequence[Button], *, day: date, again: bool
) -> WalkInTherapy:
    visit, technique = way
    length = {"visit": visit_in_words(visit), "minutes": minutes_in_words(card.minutes[way])}
    return WalkInTherapy(
        family=card.family,
        name=therapy_in_words(card.name, technique),
        length=capfirst(_("%(visit)s, %(minutes)s") % length),
        day=day,
        times=times,
        again=again,
    )


def offers(done: set[str]) -> Iterator[tuple[scheduler.TherapyCard, str, str]]:
    """Yield each therapy in each of its ways: the follow-up for whoever will have had it, else the first visit."""
    for card in scheduler.therapies():
        ways = sorted({technique for _visit, technique in card.minutes})
        for technique in ways:
            wanted = [scheduler.VisitType.FOLLOWUP, scheduler.VisitType.FIRST]
            ordered = wanted if card.key in done else wanted[::-1]
            visit = next((one for one in ordered if (one.value, technique) in card.minutes), None)
            if visit is not None:
                yield card, visit.value, technique


def _today(query: scheduler.SearchQuery, site: Site, *, at: datetime) -> list[scheduler.Slot]:
    """Return today's first times, also those that are nearer than people book; not those that are for others alone."""
    theirs = query.audience
    soon = replace(query, audience=replace(scheduler.Audience.STAFF_WITH_REASON, needs=theirs.needs), limit=None)
    free = [s for s in scheduler.search(soon, at=at) if not s.only_for or theirs.may_use(site.pk, s.only_for)]
    return one_a_start(free)[:EACH]


def _later(query: scheduler.SearchQuery, *, at: datetime) -> list[scheduler.Slot]:
    """Return the first times of the next day that has some."""
    ahead = replace(query, ends_at=query.starts_at + LOOKED_AHEAD, limit=MOST_FOUND)
    slots = one_a_start(scheduler.search(ahead, at=at))
    first = slots[0].start.astimezone(slots[0].site.tz).date() if slots else None
    return [slot for slot in slots if slot.start.astimezone(slot.site.tz).date() == first][:EACH]
