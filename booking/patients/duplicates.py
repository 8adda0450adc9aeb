"""Records that may be of one person: to be named before another is made, and to be looked through."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import combinations, groupby, islice
from operator import itemgetter

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import Coalesce, Upper

from booking.models import ContactPoint, Patient, RecordAct, RecordChange
from core.text.folding import fold
from core.text.names import is_same_name

# More are no help: whoever reads a list of fifty strangers ticks the box unread.
MOST = 10
MOST_GROUPS = 200
"""Groups of alike records that a list takes up at once: whoever merges some sees the next."""

MOST_READ = 1000
"""Records that are compared with those of a few people: about as many as were born on two hundred days."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """What tells people apart: name, birth date and how they are reached."""

    name: str
    birth_date: date
    contacts: frozenset[str]

    @classmethod
    def of(cls, patient: Patient) -> "Identity":
        """Return that of a record; its contacts are best read beforehand."""
        # Small letters: nobody's mailbox differs from another's by capitals alone.
        reached = frozenset(contact.value.casefold() for contact in patient.contacts.all())
        return cls(name=patient.name, birth_date=patient.birth_date, contacts=reached)


def may_be_one(one: Identity, other: Identity) -> bool:
    """Whether two of the three are alike: name, birth date, a contact."""
    # Two of three: a name alone is many people's, and one digit of a birth date or a number is often mistyped.
    born, reached = one.birth_date == other.birth_date, bool(one.contacts & other.contacts)
    return (born and reached) or ((born or reached) and _alike(one.name, other.name))


def _alike(one: str, other: str) -> bool:
    """Whether two names may be one person's: the same, or one with a name more than the other."""
    fewer, more = sorted((set(fold(one).split()), set(fold(other).split())), key=len)
    # "Zoe Brien" and "Zoe Anne Brien", but not "Zoe" and "Zoe Brien": a single word is too little.
    return is_same_name(one, other) or (len(fewer) > 1 and fewer <= more)


def candidates(identity: Identity, *, among: QuerySet[Patient]) -> list[Patient]:
    """Return the records that may be of the same person, a few at most, in a fixed number of queries."""
    reached = ContactPoint.objects.filter(pk__in=_points(identity.contacts))
    # Two readings by what is indexed; what they have in common with the person is judged here.
    born = among.filter(birth_date=identity.birth_date).order_by("pk")[: MOST_GROUPS * 2]
    near = among.filter(pk__in=reached.values("patient")).order_by("pk")[:MOST_GROUPS]
    found = {row.pk: row for rows in (born, near) for row in rows}
    alike = [row for row in found.values() if may_be_one(identity, Identity.of(row))]
    return sorted(alike, key=lambda row: row.pk)[:MOST]


def _points(values: Iterable[str]) -> list[int]:
    wanted = Q(pk__in=[])
    for value in values:
        wanted |= Q(value__iexact=value)
    return list(ContactPoint.objects.filter(wanted).values_list("pk", flat=True)[:MOST_GROUPS])


NAME, BORN, CONTACT = "name", "birth date", "contact"
"""What two records have in common."""


def likely_same(
    patient: Patient, *, among: QuerySet[Patient], apart: Collection[int]
) -> list[tuple[Patient, frozenset[str]]]:
    """Return the records that may be of the same person, with what each has in common with this one.

    Without those (ids) of which staff said that they are not: `apart_from`.
    """
    mine = Identity.of(patient)
    found = candidates(mine, among=among.exclude(pk=patient.pk))
    return [(one, in_common(mine, Identity.of(one))) for one in found if one.pk not in apart]


def _about(patient: Patient) -> Q:
    sides = ("patient", "other", "patient__merged_into", "other__merged_into")
    return Q(*((side, patient) for side in sides), _connector=Q.OR)


def in_common(one: Identity, other: Identity) -> frozenset[str]:
    """Return in what two people are alike."""
    alike = {
        NAME: _alike(one.name, other.name),
        BORN: one.birth_date == other.birth_date,
        CONTACT: bool(one.contacts & other.contacts),
    }
    return frozenset(what for what, is_so in alike.items() if is_so)


def _parted(rows: QuerySet[RecordChange]) -> set[frozenset[int]]:
    """Return the pairs of records of which staff said that they are two people's."""
    # What was said of a record that was merged since holds of the one that took it over: it is the same person.
    two_now = [Coalesce(f"{side}__merged_into", side) for side in ("patient", "other")]
    said = rows.filter(act__in=[RecordAct.APART, RecordAct.NOT_APART]).order_by("pk")
    last = {frozenset(two): act for act, *two in said.values_list("act", *two_now)}
    return {two for two, act in last.items() if act == RecordAct.APART}


def apart_from(patient: Patient) -> set[int]:
    """Return the records (ids) of which staff said that they are somebody else's."""
    parted = _parted(RecordChange.objects.filter(_about(patient)))
    return {other for two in parted if patient.pk in two for other in two - {patient.pk}}


def pairs(among: QuerySet[Patient]) -> list[tuple[Patient, Patient]]:
    """Return pairs of records that may be of one person, without those of which staff said that they are not."""
    # Said once of two records: whoever was told apart must not come back with every look at the list.
    apart = _parted(RecordChange.objects.all())
    found = {frozenset({one.pk, other.pk}): (one, other) for one, other in _alike_pairs(among)}
    return [found[two] for two in sorted(found.keys() - apart, key=sorted)]


def pairs_with(people: Collection[Patient], *, among: QuerySet[Patient]) -> list[tuple[Patient, Patient]]:
    """Return each of these people whose record may have a second one, with it; in a fixed number of queries.

    Needs their contacts. Without pairs of which staff said that they are two people.
    """
    mine = {one.pk: Identity.of(one) for one in people}
    contacts = {value.upper() for one in mine.values() for value in one.contacts}
    points = ContactPoint.objects.annotate(written=Upper("value")).filter(written__in=contacts)
    born = among.filter(birth_date__in={one.birth_date for one in mine.values()}).order_by("pk")[:MOST_READ]
    near = among.filter(pk__in=points.order_by().values("patient")).order_by("pk")[:MOST_READ]
    others = {row.pk: row for rows in (born, near) for row in rows}
    apart = _parted(RecordChange.objects.all()) if others else set()
    found: dict[frozenset[int], tuple[Patient, Patient]] = {}
    theirs = [(row, Identity.of(row)) for row in others.values()]
    for one in people:
        for other, identity in theirs:
            if one.pk != other.pk and may_be_one(mine[one.pk], identity):
                found.setdefault(frozenset({one.pk, other.pk}), (one, other))
    return [two for pair, two in found.items() if pair not in apart]


def _alike_pairs(among: QuerySet[Patient]) -> Iterator[tuple[Patient, Patient]]:
    born_together = list(islice(_born_together(among), MOST_GROUPS))
    rows = among.in_bulk({pk for two in born_together for pk in two})
    yield from ((rows[one], rows[other]) for one, other in born_together)
    for group in _reached_together(among):
        for one, other in combinations(group, 2):
            if may_be_one(Identity.of(one), Identity.of(other)):
                yield (one, other) if one.pk < other.pk else (other, one)


def _born_together(among: QuerySet[Patient]) -> Iterator[tuple[int, int]]:
    """Yield the ids of those who were born on one day and whose names are alike, that of the earlier record first."""
    # By columns, not rows: at a clinic of 100,000 people some four were born on any one day, nearly all of them
    # strangers.
    people = among.order_by("birth_date", "pk").values_list("birth_date", "pk", "name", "folded_name")
    for _born, group in groupby(people, key=itemgetter(0)):
        day = [(pk, name, {*folded.split(), folded.replace(" ", "")}) for _born, pk, name, folded in group]
        for (one, name, words), (other, other_name, other_words) in combinations(day, 2):
            # A word in common first: it is asked at next to no cost, and alike names have one.
            if words & other_words and _alike(name, other_name):
                yield one, other


def _reached_together(among: QuerySet[Patient]) -> Iterator[list[Patient]]:
    """Yield those who share a contact."""
    points = ContactPoint.objects.filter(patient__in=among.order_by().values("pk")).order_by()
    written = points.annotate(written=Upper("value")).values("written")
    shared = written.annotate(count=Count("patient", distinct=True)).filter(count__gt=1)
    for value in shared.order_by("written").values_list("written", flat=True)[:MOST_GROUPS]:
        with_it = ContactPoint.objects.filter(value__iexact=value).values("patient")
        yield list(among.filter(pk__in=with_it)[:MOST])
