"""What a page shows of time that programs keep: how far each day is open, when it opens to more, and what to do."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from booking.web.desk.families.family_rows import left_in_words, moment_in_words
from booking.web.labels import minutes_in_words
from core.accounts.names import names_of
from core.text.languages import localized, time_in_words
from scheduler import public as scheduler

AHEAD = timedelta(days=14)
"""How far ahead the page looks: by then everything that is nearer has begun to open."""

KEPT_DAYS = (5, 3, 2, 1)
"""So many days before it a day that is kept longer can be open to others again."""

STAGES = {
    "": gettext_lazy("Open to nobody yet"),
    "linked_families": gettext_lazy("Open to families"),
    "cancer_program_patients_and_families": gettext_lazy("Open to families and the program’s patients"),
    "all_eligible_patients": gettext_lazy("Open to all our patients"),
    "everyone": gettext_lazy("Open to everybody"),
}
OPENS = {
    "linked_families": gettext_lazy("opens to families"),
    "cancer_program_patients_and_families": gettext_lazy("opens to the program’s patients"),
    "all_eligible_patients": gettext_lazy("opens to all our patients"),
    "everyone": gettext_lazy("opens to everybody"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionRow:
    """What somebody decided about a day, and whether it can be taken back."""

    id: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OccurrenceRow:
    """A block on one day. `keeps`: until when it can be kept, soonest first; `open`: whether it can be opened.

    `sent`: what was decided about it and not done, to be put right.
    """

    block: str
    anchor: str
    starts_at: str
    when: str
    with_whom: str
    program: str
    reason: str
    stage: str
    opens: str
    soon: bool
    booked: str
    keeps: Sequence[tuple[str, str]]
    open: bool
    decisions: Sequence[DecisionRow]
    sent: Mapping[str, str] = field(default_factory=dict)


def occurrence_rows(site: int, *, at: datetime, decided: Mapping[str, str] | None = None) -> list[OccurrenceRow]:
    """Return what is kept at a site in the next days, what opens next on top; who decided is asked in one query.

    `decided`: what was sent about one day, and not done.
    """
    found = scheduler.block_occurrences(site, at, at + AHEAD, at=at)
    names = names_of({decision.made_by for one in found for decision in one.decisions})
    booked = scheduler.booked_as_it_opened(found) if found else {}
    rows = [
        _row(one, names, booked=booked.get((one.block, one.start)), at=at) for one in sorted(found, key=_opens_next)
    ]
    return [_with_sent(row, decided) for row in rows] if decided else rows


def _with_sent(row: OccurrenceRow, decided: Mapping[str, str]) -> OccurrenceRow:
    same = (row.block, row.starts_at) == (decided.get("block"), decided.get("starts_at"))
    return replace(row, sent=decided) if same else row


def _opens_next(one: scheduler.BlockOccurrence) -> tuple[bool, datetime]:
    return one.opens_at is None, one.opens_at or one.start


def _row(one: scheduler.BlockOccurrence, names: dict[str, str], *, booked: int | None, at: datetime) -> OccurrenceRow:
    zone, standing = one.site.tz, [d for d in one.decisions if d.undone_at is None]
    return OccurrenceRow(
        block=str(one.block),
        anchor=day_anchor(one),
        starts_at=one.start.isoformat(),
        when=f"{moment_in_words(one.start, zone)} – {time_in_words(one.end, zone)}",
        with_whom=one.practitioner_name,
        program=localized(one.program_name),
        reason=one.reason,
        stage=_stage(one, booked=booked),
        opens=_opens(one, at=at),
        soon=one.opens_at is not None and one.opens_at <= at + timedelta(days=1),
        booked=_("%(booked)d of %(all)s") % {"booked": one.booked_minutes, "all": minutes_in_words(one.minutes)},
        keeps=[(moment.isoformat(), moment_in_words(moment, zone)) for moment in _keeps(one)],
        open=one.start > at and one.stage != "everyone",
        decisions=list(_decisions(standing, one, names)) if one.start > at else (),
    )


def _stage(one: scheduler.BlockOccurrence, *, booked: int | None) -> str:
    """Say how far a day is open and, where it was opened to more since it was kept, when that was and how full it was.

    `booked`: minutes, as they were noted then; None where nobody has come by to note it.
    """
    words = str(STAGES.get(one.stage, one.stage))
    if not one.stage or one.since <= one.kept_since:
        return words
    words = _("%(open)s since %(when)s") % {"open": words, "when": moment_in_words(one.since, one.site.tz)}
    if booked is None:
        return words
    return _("%(open)s, booked by then: %(booked)s") % {"open": words, "booked": minutes_in_words(booked)}


def _keeps(one: scheduler.BlockOccurrence) -> list[datetime]:
    """Return until when a day can be kept: some whole days before it that are later than it opens, and the latest."""
    if one.keepable_until is None:
        return []
    opens = one.opens_at or one.start
    some = (one.start - timedelta(days=days) for days in KEPT_DAYS)
    return [*(moment for moment in some if opens < moment < one.keepable_until), one.keepable_until]


def day_anchor(one: scheduler.BlockOccurrence) -> str:
    """Return where a day of a block stands on the page: there it is kept or opened."""
    return f"d-{one.block}-{one.start:%Y%m%dT%H%M}"


def turn_in_words(one: scheduler.BlockOccurrence) -> str:
    """Say to whom a day has just been opened, what is left of it, and to whom it opens next."""
    facts = {"free": minutes_in_words(one.free_minutes), "open": STAGES.get(one.stage, one.stage)}
    facts |= {"opens": OPENS.get(one.next_stage, one.next_stage)}
    if one.since > one.kept_since:
        since = moment_in_words(one.since, one.site.tz)
        facts["open"] = _("%(open)s since %(when)s") % (facts | {"when": since})
    return _("%(open)s. Not booked: %(free)s. Then it %(opens)s.") % facts


def _opens(one: scheduler.BlockOccurrence, *, at: datetime) -> str:
    if one.opens_at is None:
        return ""
    return _("%(to_whom)s %(left)s, on %(when)s") % {
        "to_whom": OPENS.get(one.next_stage, one.next_stage),
        "left": left_in_words(one.opens_at - at),
        "when": moment_in_words(one.opens_at, one.site.tz),
    }


def _decisions(
    standing: Iterable[scheduler.DecisionCard], one: scheduler.BlockOccurrence, names: dict[str, str]
) -> Iterable[DecisionRow]:
    for decision in standing:
        facts = {"name": names.get(decision.made_by) or _("Somebody"), "reason": decision.reason}
        if decision.until is None:
            words = _("%(name)s opened it to everybody.") % facts
        else:
            facts["until"] = moment_in_words(decision.until, one.site.tz)
            words = _("%(name)s keeps it until %(until)s: %(reason)s") % facts
        yield DecisionRow(id=str(decision.id), words=words)
