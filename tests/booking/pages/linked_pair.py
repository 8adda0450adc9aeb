"""Alice and Ben, who are linked, each with an appointment, and what neither may be shown of the other's."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC

from booking.actions import links
from booking.actions.families import family_links
from booking.models import Appointment, LinkedVisits
from core.models import Site
from core.text.languages import time_in_words
from scheduler.models import Practitioner
from tests.factories.booking import Person, chicago, make_enrolled, make_person, make_visit, slot_id
from tests.factories.families import invited
from tests.factories.scheduler import AT
from tests.notifications.rounds import run

FOR_EVERYBODY = (
    " /book/", "/practitioners/", "/offerings/", "/slots/", "/holds/", "POST /api/v1/appointments/", "/move/",
    "/again/", "/instead/", "/earlier/", "/cancel/",
)  # fmt: skip
"""There whatever is free is named with its time and who treats, whoever asks: that tells nothing of anybody's visit."""


@dataclass(frozen=True)
class Linked:
    """One side of the link: who they are, their visit, and what the other must never be shown."""

    who: Person
    visit: Appointment
    token: str

    @property
    def name(self) -> str:
        return self.who.record.name

    @property
    def secrets(self) -> set[str]:
        """What tells of their visit wherever it stands: ids, reference, link, note."""
        visit = self.visit
        person = visit.patient
        return {
            str(visit.public_id), visit.reference, self.token, visit.note, person.reference, str(person.public_id),
            person.contacts.get().value,
        }  # fmt: skip

    @property
    def tells_of_a_visit(self) -> set[str]:
        """What tells of it only where no free times are named."""
        start = self.visit.period.lower
        return {
            self.visit.practitioner.name,
            time_in_words(start, self.visit.site.tz),
            f"{start.astimezone(UTC):%Y-%m-%dT%H:%M}",
            f"{start.astimezone(self.visit.site.tz):%Y-%m-%dT%H:%M}",
        }


def make_pair() -> list[Linked]:
    """Return Alice with a visit at Grace Okoro's, and Ben with one at Boris Ivanov's; all mails are sent.

    Their visits were booked together: that is for staff alone, too.
    """
    site = Site.objects.get()
    alice, ben = make_enrolled(site, "Alice Adams"), make_person(site, "Benedict Benson")
    link = invited(alice.record, mail_to="invited@example.test")
    family_links.claim(link, own=ben.record, by=ben.principal, at=AT)
    run(AT)
    family_links.confirm(link, by=alice.principal, at=AT)
    together = LinkedVisits.objects.create(site=site, relation="same-time", made_by="system:test", made_at=AT)
    sides = []
    for person, treats, hour, note in ((alice, "Grace Okoro", 10, "Kestrel"), (ben, "Boris Ivanov", 14, "Magpie")):
        practitioner = Practitioner.objects.get(name=treats)
        visit = make_visit(person.record, slot_id(practitioner, chicago(12, hour)))
        token = links.issue(visit, at=AT)
        Appointment.objects.filter(pk=visit.pk).update(note=note, linked=together)
        visit.note = note
        sides.append(Linked(person, visit, token))
    run(AT)
    return sides


def leaks(shown: dict[str, str], theirs: Linked, *, also: Iterable[str] = ()) -> list[tuple[str, str]]:
    """Return where something of the other side stands in what one side was shown."""
    everywhere, elsewhere = theirs.secrets | set(also), theirs.tells_of_a_visit
    return [
        (where, one)
        for where, text in shown.items()
        for one in (everywhere if any(part in where for part in FOR_EVERYBODY) else everywhere | elsewhere)
        if one in text
    ]


def names_of(theirs):
    # Long ones alone: a short one stands by chance in the random signs that forms and cookies carry.
    return [theirs.name, *theirs.name.split()]
