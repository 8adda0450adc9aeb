"""What a table brings of people who treat and of their hours: added, filled up, or there already.

Nothing is taken away by it: who offers or speaks more than a table says goes on to, and what is there stays.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from core.database.transactions import once_in_a_unit, unit
from core.models import Site
from core.principal import Principal
from core.refusals import Invalid
from core.text.folding import fold
from scheduler.actions import calendars, catalogue, practitioners
from scheduler.actions.calendars import Shift, shift_of
from scheduler.models import Offering, Practitioner, Therapy, WorkingHours
from scheduler.models.practitioners import Gender

ADDED, FILLED_UP, THERE = "new", "changed", "same"
USUAL: dict[str, Any] = {"nucc": "171100000X", "languages": ["en"], "gender": Gender.UNKNOWN, "lanes": 3}
"""What holds of somebody new where nothing is said: an acupuncturist."""

UNSAID: dict[str, Any] = {"credentials": "", "gender": Gender.UNKNOWN}
"""What a column holds of which nobody has said anything; the others hold something of everybody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PractitionerEntry:
    """What a table says of somebody who treats; what is None or empty, it does not say."""

    name: str
    nucc: str = ""
    credentials: str = ""
    languages: Sequence[str] = ()
    gender: str = ""
    lanes: int | None = None

    @property
    def facts(self) -> dict[str, Any]:
        """What is said, beside the name, by the columns of a practitioner."""
        told = {
            "nucc": self.nucc, "credentials": self.credentials, "languages": list(self.languages),
            "gender": self.gender,
        }  # fmt: skip
        # None at once is said, and refused; an empty cell says nothing.
        lanes = {} if self.lanes is None else {"lanes": self.lanes}
        return {name: value for name, value in told.items() if value} | lanes


@dataclass(frozen=True, slots=True, kw_only=True)
class Entered:
    """What became of a row: `how` it came to be, what came by it, what to know of it.

    `added`: by column, what was not there; `stays`: columns of which the row says something else than what is there;
    `uncovered`: how many visits are without cover now.
    """

    how: str
    added: Mapping[str, Any] = field(default_factory=dict)
    stays: tuple[str, ...] = ()
    uncovered: int = 0
    warnings: tuple[str, ...] = ()


def called(name: str, *, sites: Collection[Site] = ()) -> Practitioner | None:
    """Return who goes by a name, however it is written; at any of `sites`, where some are given. Raises Invalid."""
    rows = Practitioner.objects.order_by("pk")
    if sites:
        rows = rows.filter(resources__sites__in=sites).distinct()
    found = [one for one in rows if fold(one.name) == fold(name)]
    if len(found) > 1:
        said = _("Two practitioners are called %(name)s. Give one of them another name under Set-up first.")
        raise Invalid(said % {"name": name}, pointer="/name")
    return found[0] if found else None


@unit
def enter_practitioner(
    entry: PractitionerEntry,
    *,
    sites: Sequence[Site],
    therapies: Sequence[Therapy],
    visits: Collection[str],
    reached: Collection[int],
    by: Principal,
    at: datetime,
) -> Entered:
    """Add somebody who treats, or fill up what is known of them; `reached`: the sites (ids) that `by` sets up.

    Raises Invalid.
    """
    who = called(entry.name)
    if who is None:
        whole: dict[str, Any] = {**USUAL, **entry.facts, "name": entry.name}
        made = practitioners.add_practitioner(sites=sites, by=by, at=at, **whole).row
        _offer(made, sites, therapies, visits, by=by, at=at)
        return Entered(how=ADDED)
    here = list(Site.objects.filter(resources__practitioner=who).distinct())
    _refuse_out_of_reach(who, here, reached)
    lacking = _lacking(who, entry)
    stays = _stays(who, entry, lacking)
    fields = {name: _with(who, name, value) for name, value in lacking.items()}
    added, left = [site for site in sites if site not in here], 0
    if fields or added:
        wanted = [*here, *added]
        everywhere = {site.pk for site in wanted}
        left = len(
            practitioners.change_practitioner(who, sites=wanted, reached=everywhere, by=by, at=at, **fields).uncovered
        )
    offered = _offer(who, sites, therapies, visits, by=by, at=at)
    came = lacking | ({"sites": added} if added else {}) | ({"therapies": offered} if offered else {})
    return Entered(how=FILLED_UP if came else THERE, added=came, stays=stays, uncovered=left)


def _lacking(who: Practitioner, entry: PractitionerEntry) -> dict[str, Any]:
    """Return what a row says of somebody that nobody has said yet: of languages those that are not there."""
    facts = {name: value for name, value in entry.facts.items() if value != UNSAID.get(name)}
    lacking = {name: value for name, value in facts.items() if getattr(who, name) == UNSAID.get(name)}
    new = [one for one in entry.languages if one not in who.languages]
    return lacking | ({"languages": new} if new else {})


def _with(who: Practitioner, name: str, value: Any) -> Any:  # noqa: ANN401  (whatever a column holds)
    """Return what a column holds once what is new is added to it."""
    return [*who.languages, *value] if name == "languages" else value


def _stays(who: Practitioner, entry: PractitionerEntry, lacking: Collection[str]) -> tuple[str, ...]:
    """Return the columns of which a row says something else than what is there; languages are added to those there."""
    others = {name: value for name, value in entry.facts.items() if name not in {*lacking, "languages"}}
    return tuple(name for name, value in others.items() if value not in {UNSAID.get(name), getattr(who, name)})


def _refuse_out_of_reach(who: Practitioner, here: Collection[Site], reached: Collection[int]) -> None:
    if not who.active:
        raise Invalid(_("They are out of use. Take them into use again under Set-up first."), pointer="/name")
    if not any(site.pk in reached for site in here):
        said = _("They treat at a site that you do not set up. Ask its administrator to let them treat here as well.")
        raise Invalid(said, pointer="/name")


def _offer(
    who: Practitioner,
    sites: Sequence[Site],
    therapies: Sequence[Therapy],
    visits: Collection[str],
    *,
    by: Principal,
    at: datetime,
) -> list[Therapy]:
    """Let somebody offer what they do not yet; return of which therapies that was anything."""
    there = {(one.site_id, one.therapy_id): one for one in Offering.objects.filter(practitioner=who)}
    more: list[Therapy] = []
    for site in sites:
        new = [therapy for therapy in therapies if (site.pk, therapy.pk) not in there]
        if new:
            practitioners.add_offerings(who, site=site, therapies=new, visits=visits, by=by, at=at)
            more += new
        for therapy in therapies:
            old = there.get((site.pk, therapy.pk))
            if old is not None and (wanted := _more(old, visits)):
                practitioners.change_offering(old, visits=wanted, by=by, at=at)
                more.append(therapy)
    return list(dict.fromkeys(more))


def _more(offering: Offering, visits: Collection[str]) -> list[str]:
    """Return what somebody would offer with these visits besides, where that is more than now."""
    wanted = catalogue.planned(offering.therapy, [*offering.visits, *visits])
    return wanted if set(wanted) > set(offering.visits) else []


@unit
def enter_hours(who: Practitioner, shift: Shift, *, by: Principal, at: datetime) -> Entered:
    """Give somebody working hours, unless they have just these. Raises Invalid, HoursClash."""
    there = WorkingHours.objects.filter(practitioner=who, site=shift.site, weekday=shift.weekday).select_related("site")
    if any(_holds(shift_of(one), shift) for one in there):
        return Entered(how=THERE)
    added = calendars.add_hours(who, shift, by=by, at=at)
    return Entered(how=ADDED, warnings=tuple(str(one.detail) for one in added.warnings))


def _holds(there: Shift, wanted: Shift) -> bool:
    """Whether hours that are there hold at all times that are wanted."""
    # Of a rhythm, the first week counts: other hours every second week may be those of the weeks between.
    since = there.valid_from <= wanted.valid_from if wanted.every_weeks == 1 else there.valid_from == wanted.valid_from
    until = there.valid_to is None or (wanted.valid_to is not None and wanted.valid_to <= there.valid_to)
    alike = replace(there, valid_from=wanted.valid_from, valid_to=wanted.valid_to) == wanted
    return alike and since and until


def _therapies_by_name() -> dict[str, Therapy]:
    rows = Therapy.objects.filter(active=True)
    return {fold(name): one for one in rows for name in (one.key.replace("_", " "), one.key, *one.name.values())}


def therapies_named(words: Sequence[str]) -> tuple[list[Therapy], list[str]]:
    """Return the therapies of these names or keys, and the words that name none."""
    named = once_in_a_unit("therapies by name", _therapies_by_name)
    found = [named[fold(word)] for word in words if fold(word) in named]
    return list(dict.fromkeys(found)), [word for word in words if fold(word) not in named]
