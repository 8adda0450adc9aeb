"""What a caller asks for, as it is chosen and typed at the desk: what for, with whom, and when."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from booking import queries
from booking.models import Patient
from booking.roles import may_override
from booking.web.desk.families.program_forms import DayField
from booking.web.desk.families.together_form import LONGEST_AHEAD
from booking.web.desk.shell import Desk
from booking.web.labels import minutes_in_words, therapy_in_words, visit_in_words
from core.form_errors import SaysWhatToDo
from core.forms import TimeOfDayField
from core.models import Site
from core.principal import Principal
from core.text.languages import language_in_words, time_in_words, when_in_words
from scheduler import public as scheduler

PARTED, ANYWHERE = "|", "any"
AFTER = "after"
"""Of an address: until when times were shown already."""

A_MINUTE = timedelta(minutes=1)
PARTS = (
    ("", gettext_lazy("any time of day")),
    ("morning", gettext_lazy("in the morning")),
    ("afternoon", gettext_lazy("from noon to 5 pm")),
    ("evening", gettext_lazy("from 5 pm on")),
)


class AskedTimeForm(SaysWhatToDo, forms.Form):
    """What for, with whom, when: all but the first may be left as it is."""

    way = forms.ChoiceField(label=gettext_lazy("What for"), widget=forms.Select(attrs={"accesskey": "w"}))
    practitioner = forms.ChoiceField(label=gettext_lazy("With"), required=False)
    language = forms.ChoiceField(label=gettext_lazy("Who speaks"), required=False)
    where = forms.ChoiceField(label=gettext_lazy("Where"), required=False)
    part = forms.ChoiceField(label=gettext_lazy("Time of day"), required=False, choices=PARTS)
    since = DayField(
        label=gettext_lazy("From which day on"),
        required=False,
        max_length=40,
        help_text=gettext_lazy("Month/day/year; from now on where it is empty"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "accesskey": "d"}),
    )
    clock = TimeOfDayField(
        label=gettext_lazy("Do they hope for a time of that day?"),
        required=False,
        help_text=gettext_lazy("Such as 2 pm. Where it cannot be had, the page says why not."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "accesskey": "t"}),
    )
    override_reason = forms.CharField(
        label=gettext_lazy("Why rules are set aside, where they are"),
        required=False,
        max_length=200,
        help_text=gettext_lazy("How soon, how far ahead, how many a week. Nothing about health."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, sent: QueryDict, desk: Desk, patient: Patient, *, by: Principal, at: datetime) -> None:
        self.desk = desk
        self.shown_until = _moment(sent.get(AFTER, ""), desk)
        self.sites = desk.sites if sent.get("where") == ANYWHERE else [desk.site]
        self.offered = _offered_at(frozenset(site.pk for site in self.sites))
        ways = _ways(patient, self.offered, self.sites, at=at)
        self.at = at
        people = {one.practitioner.public_id: one.practitioner for those in self.offered.values() for one in those}
        super().__init__(_filled(sent, ways, {str(one) for one in people}, desk))
        fields: Any = self.fields
        fields["way"].choices = [(key, words) for key, words in ways.items()]
        named = sorted((one.name, str(key)) for key, one in people.items())
        fields["practitioner"].choices = [("", _("anyone")), *((key, name) for name, key in named)]
        spoken = {tag: language_in_words(tag) for one in people.values() for tag in one.languages}
        fields["language"].choices = [
            ("", _("any language")),
            *sorted(spoken.items(), key=lambda pair: pair[1]),
        ]
        fields["where"].choices = [("", desk.site_name), (ANYWHERE, _("any of my sites"))]
        if len(desk.sites) == 1:
            del self.fields["where"]
        if not may_override(by, site_id=desk.site.pk):
            del self.fields["override_reason"]

    def clean(self) -> dict[str, Any]:
        """Refuse a day that is over, or that nobody means."""
        said: dict[str, Any] = super().clean() or self.cleaned_data
        day: date | None = said.get("since")
        if day is not None and day < self.desk.today:
            self.add_error("since", _("This day is over. Choose one that is still to come."))
        if day is not None and day > self.desk.today + LONGEST_AHEAD:
            self.add_error("since", _("This day is too far ahead. Is the year right?"))
        return said

    @property
    def wanted(self) -> tuple[str, str, str]:
        """The therapy, the visit and the technique. The form must be valid."""
        therapy, visit, technique = self.cleaned_data["way"].split(PARTED)
        return therapy, visit, technique

    def lacking(self) -> list[str]:
        """Return what is missing at every site that is asked for, without which it is given nowhere; in words."""
        found = _lacking(self.wanted, self.sites, at=self.at)
        return [scheduler.kind_in_words(one).lower() for one in found]

    @property
    def who(self) -> UUID | None:
        """With whom they want it, where that was said."""
        chosen = self.cleaned_data["practitioner"]
        return UUID(chosen) if chosen else None

    def begins(self, *, at: datetime) -> datetime:
        """Return from when on times are looked for: after those that an address says were shown before."""
        day: date | None = self.cleaned_data["since"]
        first = max(datetime.combine(day, time(), self.desk.site.tz), at) if day else at
        if self.shown_until is None or not first < self.shown_until < at + LONGEST_AHEAD:
            return first
        return self.shown_until + A_MINUTE

    def hoped_for(self) -> datetime | None:
        """Return the time that they hope for, where one was typed: of today, where no day was."""
        clock: time | None = self.cleaned_data["clock"]
        day = self.cleaned_data["since"] or self.desk.today
        return datetime.combine(day, clock, self.desk.site.tz) if clock else None

    @property
    def reason(self) -> str:
        """Why soft rules are set aside; empty where they are not."""
        return str(self.cleaned_data.get("override_reason", ""))

    def those_who_do(self) -> Sequence[scheduler.Offered]:
        """Return who gives it at which of the sites, of those that were asked for."""
        therapy, visit, _technique = self.wanted
        who, language = self.who, self.cleaned_data["language"]
        return [
            one
            for one in self.offered.get((therapy, visit), ())
            if (who is None or one.practitioner.public_id == who)
            and (not language or language in one.practitioner.languages)
        ]


def _offered_at(sites: frozenset[int]) -> dict[tuple[str, str], list[scheduler.Offered]]:
    """Return who gives which visit of which therapy at which of some sites (ids)."""
    found = {}
    for card in scheduler.therapies():
        for visit in sorted({visit for visit, _technique in card.minutes}):
            here = [one for one in scheduler.offered(card.key, visit) if one.site.id in sites]
            if here:
                found[card.key, visit] = here
    return found


def _lacking(way: tuple[str, str, str], sites: Sequence[Site], *, at: datetime) -> tuple[str, ...]:
    """Return what each of some sites has none of, without which it is given nowhere: of the first of them."""
    each = [scheduler.lacking(*way, site.pk, at=at) for site in sites]
    return each[0] if each and all(each) else ()


def _ways(
    patient: Patient, offered: Mapping[tuple[str, str], object], sites: Sequence[Site], *, at: datetime
) -> dict[str, str]:
    """Return what they can come for, in words: what they came for last is first, what nobody can give here last."""
    last = {one.therapy: one.start for one in sorted(queries.others_of(patient, at=at), key=lambda one: one.start)}
    found, nowhere = {}, {}
    for card in sorted(scheduler.therapies(), key=lambda one: -last[one.key].timestamp() if one.key in last else 0):
        for visit, technique in sorted(card.minutes, key=lambda one: (one[0] == "first") == (card.key in last)):
            if (card.key, visit) not in offered:
                continue
            way = (card.key, visit, technique)
            words = _("%(therapy)s: %(visit)s, %(minutes)s") % {
                "therapy": therapy_in_words(card.name, technique),
                "visit": visit_in_words(visit),
                "minutes": minutes_in_words(card.minutes[visit, technique]),
            }
            if _lacking(way, sites, at=at):
                nowhere[PARTED.join(way)] = _("%s (no place here has what it needs)") % words
            else:
                found[PARTED.join(way)] = words
    return found | nowhere


def _filled(sent: QueryDict, ways: Mapping[str, str], people: Collection[str], desk: Desk) -> dict[str, str]:
    """Return what is chosen: as an address says it, be it the board's, which names a moment; else what is usual."""
    data = {"way": next(iter(ways), ""), **{name: str(value) for name, value in sent.items()}}
    if data["way"] not in ways:
        data["way"] = next(iter(ways), "")
    if data.get("practitioner") not in people:  # the board by places names one, and people leave
        data["practitioner"] = ""
    moment = moment_named(sent, desk)
    if moment is None:
        return data
    day = f"{moment.month}/{moment.day}/{moment.year}"  # as the field asks for it
    return {"since": day, "clock": time_in_words(moment, desk.site.tz)} | data


def moment_named(sent: QueryDict, desk: Desk) -> datetime | None:
    """Return the moment that an address names, as the board does for a free cell; by the clock of the site."""
    return _moment(sent.get("at", ""), desk)


def _moment(text: str, desk: Desk) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
        return moment.astimezone(desk.site.tz) if moment.tzinfo else moment.replace(tzinfo=desk.site.tz)
    except (ValueError, OverflowError):  # the latter at the ends of what can be counted
        return None


def chosen_in_words(sent: QueryDict, desk: Desk) -> str:
    """Return which time was chosen on the board, and with whom; nothing where none was."""
    moment = moment_named(sent, desk)
    if moment is None:
        return ""
    who = next(
        (one.name for one in scheduler.colleagues([desk.site.pk]) if str(one.public_id) == sent.get("practitioner")), ""
    )
    when = when_in_words(moment, desk.site.tz)
    return _("%(when)s with %(who)s") % {"when": when, "who": who} if who else when


SEARCHED = timedelta(days=92)
"""As far as one search reaches."""
