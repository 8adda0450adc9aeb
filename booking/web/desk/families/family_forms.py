"""What program staff choose when they keep times for a family."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from booking.families.family_programs import family_programs
from booking.seats.seat_rules import MOST_SEATS, ReservationAnchor, name_by_before
from booking.seats.seat_sets import WantedSeats
from booking.web.labels import minutes_in_words, therapy_in_words, wrong_day
from core import clock
from core.form_errors import SaysWhatToDo
from core.forms import TYPE_A_TIME, TimeOfDayField
from core.models import Site
from core.text.languages import localized
from core.text.typed_dates import date_typed
from core.text.typed_times import time_typed
from scheduler import public as scheduler

SIDE_BY_SIDE, IN_A_ROW = "side-by-side", "in-a-row"
AFTER, BEFORE = "after", "before"
USUAL_SEATS, USUAL_MINUTES, USUAL_HOURS = 3, 45, 72
WITHIN = (30, 45, 60, 90, 120, 240)
WHOLE_DAY = 720
LONGEST_AHEAD = timedelta(days=366)
NAME_BY_HOURS = (72, 48, 24, 4)
OTHERS = {f"therapy_{number}": number for number in range(2, MOST_SEATS + 1)}
"""The fields that say what each but the first is for, where that is something else, with its number."""

UNTIL = ("until_day", "until_clock")


def name_by_choices() -> list[tuple[str, str]]:
    """Return how long before the first time somebody is to have each: by hours, in words."""
    return [(str(hours), hours_in_words(hours)) for hours in NAME_BY_HOURS]


def hours_in_words(hours: int) -> str:
    """Return so many hours before something, in days where they are whole days."""
    if hours % 24 == 0:
        return ngettext("%(count)d day before", "%(count)d days before", hours // 24) % {"count": hours // 24}
    return ngettext("%(count)d hour before", "%(count)d hours before", hours) % {"count": hours}


def therapy_choices(site: Site) -> list[tuple[str, str]]:
    """Return what a relative can be booked for at a site: therapy, kind of appointment and technique, in words."""
    found = []
    for card in scheduler.therapies():
        for visit, technique in _ways(card):
            if any(one.site.id == site.pk for one in scheduler.offered(card.key, visit)):
                length = minutes_in_words(card.minutes[visit, technique])
                found.append((f"{card.key}:{visit}:{technique}", f"{therapy_in_words(card.name, technique)}, {length}"))
    return found


def _ways(card: scheduler.TherapyCard) -> list[tuple[str, str]]:
    """Return how a therapy is done the first time, or later where it has no first time; in each of its techniques."""
    techniques = sorted({technique for _visit, technique in card.minutes})
    kinds = (scheduler.VisitType.FIRST, scheduler.VisitType.FOLLOWUP)
    ways = [next((k for k in kinds if (k, one) in card.minutes), None) for one in techniques]
    return [(kind.value, one) for kind, one in zip(ways, techniques, strict=True) if kind] if card.self_bookable else []


def moment_typed(day: str, at_what_time: str, site: Site) -> tuple[datetime | None, dict[str, str]]:
    """Return the moment that a day and a time of day mean at a site, or what is wrong with either, by field."""
    on, when = date_typed(day), time_typed(at_what_time)
    wrong = {} if on else {"until_day": wrong_day(day)}
    wrong |= {} if when else {"until_clock": str(TYPE_A_TIME)}
    return (datetime.combine(on, when, site.tz) if on and when else None), wrong


class SeatsForm(SaysWhatToDo, forms.Form):
    """How many times, of what, near which time of which day, and until when somebody is to have them."""

    program = forms.ChoiceField(label=gettext_lazy("For families of"), required=False)
    seats = forms.TypedChoiceField(
        coerce=int, label=gettext_lazy("How many"), choices=[(str(n), str(n)) for n in range(1, MOST_SEATS + 1)]
    )
    arrangement = forms.ChoiceField(
        label=gettext_lazy("How"),
        choices=[(SIDE_BY_SIDE, gettext_lazy("Side by side")), (IN_A_ROW, gettext_lazy("One after the other"))],
    )
    therapy = forms.ChoiceField(label=gettext_lazy("Of what"))
    day = forms.CharField(
        label=gettext_lazy("Day"),
        help_text=gettext_lazy("Month/day/year"),
        error_messages={"required": gettext_lazy("Type the day on which they come, such as 12/8/2026.")},
    )
    side = forms.ChoiceField(
        label=gettext_lazy("When"),
        choices=[(AFTER, gettext_lazy("They begin after")), (BEFORE, gettext_lazy("They end before"))],
    )
    clock = TimeOfDayField(
        label=gettext_lazy("Time of day"),
        help_text=gettext_lazy("Such as 2 pm"),
        error_messages={"required": gettext_lazy("Type the time of day near which they are, such as 2 pm.")},
    )
    within = forms.TypedChoiceField(coerce=int, label=gettext_lazy("At most so long after or before it"))
    name_by = forms.TypedChoiceField(coerce=int, label=gettext_lazy("Somebody is to have each by"))

    until_day = forms.CharField(
        label=gettext_lazy("Or by another moment: on which day"),
        required=False,
        max_length=40,
        help_text=gettext_lazy("Month/day/year"),
    )
    until_clock = forms.CharField(
        label=gettext_lazy("And at what time"), required=False, max_length=40, help_text=gettext_lazy("Such as 9 am")
    )

    def __init__(self, data: QueryDict | None, site: Site) -> None:
        usual = {
            "seats": str(USUAL_SEATS),
            "arrangement": SIDE_BY_SIDE,
            "side": AFTER,
            "within": str(USUAL_MINUTES),
            "name_by": str(USUAL_HOURS),
        }
        super().__init__(data, initial=usual)
        self.site = site
        self.therapies = therapy_choices(site)
        self._choose("therapy", self.therapies)
        rest = [(str(WHOLE_DAY), _("Any time of that day"))]
        self._choose("within", [(str(n), minutes_in_words(n)) for n in WITHIN] + rest)
        self._choose("name_by", name_by_choices())
        for name, number in OTHERS.items():
            label = _("Number %(number)d is for") % {"number": number}
            choices = [("", _("The same")), *self.therapies]
            self.fields[name] = forms.ChoiceField(label=label, required=False, choices=choices)
        programs = [(one.key, localized(one.name)) for one in family_programs(site.pk)]
        self._choose("program", programs)
        if len(programs) == 1:  # one is no choice
            self.fields["program"].widget = forms.HiddenInput()

    @property
    def special(self) -> list[forms.BoundField]:
        """The fields that few need: something else for some of them, and another moment until when."""
        return [self[name] for name in (*OTHERS, *UNTIL)]

    @property
    def usual(self) -> list[forms.BoundField]:
        """All other fields."""
        return [self[name] for name in self.fields if name not in {*OTHERS, *UNTIL}]

    @property
    def is_special(self) -> bool:
        """Whether any of those that few need was used."""
        return self.is_bound and any(one.data or one.errors for one in self.special)

    def _choose(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  (tells the type checker)
        field.choices = choices

    def clean_day(self) -> date | None:
        """Return the day. Raises ValidationError."""
        found = date_typed(self.cleaned_data["day"])
        if found is None:
            raise forms.ValidationError(wrong_day(self.cleaned_data["day"]))
        today = clock.now().astimezone(self.site.tz).date()
        if found < today:
            raise forms.ValidationError(_("This day is over. Choose one that is still to come."))
        if found - today > LONGEST_AHEAD:
            raise forms.ValidationError(_("This day is too far ahead. Is the year right?"))
        return found

    def clean_program(self) -> str:
        """Return the program, the first where none was chosen. Raises ValidationError."""
        programs = family_programs(self.site.pk)
        if not programs:
            raise forms.ValidationError(_("No program takes families here. Choose another site."))
        return str(self.cleaned_data["program"] or programs[0].key)

    def clean(self) -> dict[str, Any]:
        """Read until when they are kept, where that was typed: a day with its time, not over, and not after them."""
        said: dict[str, Any] = super().clean() or self.cleaned_data
        if any(said.get(name) for name in UNTIL):
            found, wrong = moment_typed(said["until_day"], said["until_clock"], self.site)
            for name, words in wrong.items():
                self.add_error(name, words)
            if found is not None and found <= clock.now():
                self.add_error("until_day", _("Choose a moment that is still to come."))
            said["until"] = found
        return said

    def about(self, day: date) -> str:
        """Return the same question about another day, as an address sends it."""
        sent = {name: self[name].value() or "" for name in self.fields} | {"day": f"{day.month}/{day.day}/{day.year}"}
        return urlencode({"site": self.site.key} | sent)

    def other_therapies(self) -> list[tuple[str, str]]:
        """Return what else could be kept, as it is chosen and in words. The form must be valid."""
        return [one for one in self.therapies if one[0] != self.cleaned_data["therapy"]]

    def words_of(self, slots: Iterable[scheduler.Slot]) -> str:
        """Return what each of some times is for, in words."""
        known = dict(self.therapies)
        return "; ".join(known.get(f"{one.therapy}:{one.visit}:{one.technique}", "") for one in slots)

    def _others(self) -> tuple[tuple[str, str, str], ...]:
        """Return what some of the wanted seats are for instead."""
        chosen = [self.cleaned_data[name] for name, n in OTHERS.items() if n <= self.cleaned_data["seats"]]
        parts = [one.split(":") for one in chosen if one]
        return tuple((therapy, visit, technique) for therapy, visit, technique in parts)

    def wanted(self) -> WantedSeats:
        """Return what is looked for. The form must be valid."""
        chosen: dict[str, Any] = self.cleaned_data
        therapy, visit, technique = chosen["therapy"].split(":")
        return WantedSeats(
            seats=chosen["seats"],
            therapy=therapy,
            visit=visit,
            technique=technique,
            in_a_row=chosen["arrangement"] == IN_A_ROW,
            program=chosen["program"],
            others=self._others(),
            anchor=ReservationAnchor(
                at=datetime.combine(chosen["day"], chosen["clock"], self.site.tz),
                minutes=chosen["within"],
                site=self.site,
                before=chosen["side"] == BEFORE,
            ),
        )

    def name_by_of(self, start: datetime, *, at: datetime) -> datetime:
        """Return until when seats that begin then are kept: as was chosen, or nearer to them where that is past."""
        if until := self.cleaned_data.get("until"):
            moment: datetime = until
            return moment
        return name_by_before(start, timedelta(hours=self.cleaned_data["name_by"]), at=at)
