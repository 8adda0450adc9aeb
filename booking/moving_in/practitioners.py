"""A table of practitioners: who treats, what, where, in which languages."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from booking.moving_in.kinds import ImportKind
from booking.moving_in.rows import Column, RowOutcome, RowReader, RowResult
from core.models import Site
from core.text.folding import fold
from core.text.language_names import read_languages
from core.text.languages import language_in_words, localized
from scheduler import public as scheduler

GENDERS = {
    "female": "female",
    "f": "female",
    "male": "male",
    "m": "male",
    "other": "other",
    "": "",
    "unknown": "unknown",
}
VISITS = {"first": "first", "follow up": "followup", "followup": "followup", "both": ""}

COLUMNS = (
    Column(key="name", title=gettext_lazy("Name"), says=gettext_lazy("their name"), example="Dana Wu", needed=True,
           also=("practitioner", "full name")),
    Column(key="credentials", title=gettext_lazy("Credentials"), says=gettext_lazy("such as L.Ac."), example="L.Ac."),
    Column(key="profession", title=gettext_lazy("Profession"), example="Acupuncturist", also=("nucc", "specialty"),
           says=gettext_lazy("Acupuncturist, or another profession of the list; empty: Acupuncturist")),
    Column(key="languages", title=gettext_lazy("Languages"), example="English, Spanish",
           says=gettext_lazy("by name or tag, several parted by commas; empty: English")),
    Column(key="gender", title=gettext_lazy("Gender"), example="female",
           says=gettext_lazy("female, male, other, or empty")),
    Column(key="patients_at_once", title=gettext_lazy("Patients at once"), also=("lanes",), example="3",
           says=gettext_lazy("how many may rest with needles at once, 1 to 6; empty: 3")),
    Column(key="sites", title=gettext_lazy("Sites"), also=("site", "location"),
           says=gettext_lazy("where they treat, several parted by commas; empty: this site")),
    Column(key="therapies", title=gettext_lazy("Therapies"), also=("services",),
           says=gettext_lazy("what they give, by name, several parted by commas"),
           example="Acupuncture (manual), Ear acupuncture"),
    Column(key="appointments", title=gettext_lazy("Appointments"), also=("visits",),
           says=gettext_lazy("first, follow-up or both; empty: both"), example="both"),
)  # fmt: skip

FIELDS = {
    "nucc": "profession", "lanes": "patients_at_once", "therapy": "therapies", "visits": "appointments",
    "site": "sites",
}  # fmt: skip
"""The columns by the fields that an act names."""


@dataclass(frozen=True, slots=True)
class PractitionerRow:
    """What a row says of somebody who treats, where, and what they give."""

    entry: scheduler.PractitionerEntry
    sites: Sequence[Site]
    therapies: Sequence[Any]
    visits: Sequence[str]


def read(row: RowReader) -> PractitionerRow:
    """Return what a row says; what is wrong with its cells is noted."""
    languages, no_languages = read_languages(row.parts("languages"))
    if no_languages:
        said = _("No language is called %(words)s. Write its English name, or a tag such as es.")
        row.complain("languages", said % {"words": ", ".join(no_languages)})
    therapies, unknown = scheduler.therapies_named(row.parts("therapies"))
    if unknown:
        said = _("No therapy in use is called %(words)s. Write the name as patients read it.")
        row.complain("therapies", said % {"words": ", ".join(unknown)})
    entry = scheduler.PractitionerEntry(
        name=row.text("name"),
        credentials=row.text("credentials"),
        nucc=_profession(row),
        languages=languages,
        gender=_one_of(row, "gender", GENDERS),
        lanes=row.whole_number("patients_at_once"),
    )
    sites, visits = row.sites("sites"), _one_of(row, "appointments", VISITS)
    return PractitionerRow(entry, sites, therapies, [visits] if visits else ["first", "followup"])


def take(row: RowReader) -> RowOutcome:
    """Add whoever a row names, or fill up what is known of them. Raises Refusal."""
    said, setting = read(row), row.setting
    if row.problems:
        return RowOutcome(result=RowResult.WRONG, name=said.entry.name)
    entered = scheduler.enter_practitioner(
        said.entry,
        sites=said.sites,
        therapies=said.therapies,
        visits=said.visits,
        reached={site.pk for site in setting.sites},
        by=setting.by,
        at=setting.at,
    )
    return RowOutcome(result=RowResult(entered.how), name=said.entry.name, says=_says(entered, bool(said.therapies)))


def _says(entered: scheduler.Entered, offers: bool) -> tuple[str, ...]:  # noqa: FBT001  (said of the row alone)
    said = []
    if entered.how == RowResult.NEW and not offers:
        said.append(_("No therapy is named: nobody can book with them until one is."))
    if entered.added:
        named = [f"{_title(name)} ({_in_words(name, value)})" for name, value in entered.added.items()]
        said.append(_("Adds: %(what)s.") % {"what": "; ".join(named)})
    if entered.stays:
        words = _("Stays as it is here, not as in the table: %(what)s. Change it under Set-up, if the table is right.")
        said.append(words % {"what": ", ".join(map(_title, entered.stays))})
    if entered.uncovered:
        said.append(_("Leaves appointments without cover: %(count)d.") % {"count": entered.uncovered})
    return tuple(said)


def _title(name: str) -> str:
    """Return the heading of the column that fills a field."""
    return next(str(one.title) for one in COLUMNS if one.key == FIELDS.get(name, name))


def _in_words(name: str, value: Any) -> str:  # noqa: ANN401  (whatever a column adds)
    if name == "languages":
        return ", ".join(map(language_in_words, value))
    if name in {"sites", "therapies"}:
        return ", ".join(localized(one.name) for one in value)
    return str(value)


def _profession(row: RowReader) -> str:
    told = row.text("profession")
    known = {fold(word): code for code, name in scheduler.professions().items() for word in (code, name)}
    if told and fold(told) not in known:
        said = _("“%(told)s” is none of: %(known)s.")
        row.complain("profession", said % {"told": told, "known": ", ".join(scheduler.professions().values())})
    return known.get(fold(told), "") if told else ""


def _one_of(row: RowReader, key: str, words: dict[str, str]) -> str:
    told = row.text(key)
    if told and fold(told) not in words:
        said = _("“%(told)s” is none of: %(known)s.")
        row.complain(key, said % {"told": told, "known": ", ".join(word for word in words if word)})
    return words.get(fold(told), "") if told else ""


PRACTITIONERS = ImportKind(
    key="practitioners",
    title=gettext_lazy("Practitioners"),
    says=gettext_lazy(
        "Sites come first. Who treats is known by their name. Whoever is there is filled up with what is lacking: "
        "nothing is taken away, and nothing that is there is written over."
    ),
    columns=COLUMNS,
    read=read,
    take=take,
    most=100,
    fields=FIELDS,
)
