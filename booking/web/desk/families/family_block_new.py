"""Keeping time for families, once or week by week: what it touches is shown before it is kept."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.validators import RegexValidator
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from booking.web.desk.closures import by_field
from booking.web.desk.shell import FAMILIES, Desk, desk_of, staff_page
from booking.web.labels import wrong_day
from booking.web.responses import asked_or_sent
from core import clock
from core.accounts.principals import principal_of
from core.form_errors import SaysWhatToDo
from core.forms import CleanText, TimeOfDayField, described, problems
from core.models import Site
from core.refusals import Refusal
from core.rights import Action
from core.text.languages import date_in_words, localized, wall_time_in_words, weekday_in_words
from core.text.typed_dates import date_typed
from scheduler import public as scheduler

ONCE = 0
FAR = timedelta(days=366)
NOTHING_INSIDE = gettext_lazy("No appointment lies in that time.")
SOME = gettext_lazy("Give how many at most as a number from 1 to 600, or leave it empty.")
RHYTHMS = {
    ONCE: gettext_lazy("On that day alone"),
    1: gettext_lazy("Every week"),
    2: gettext_lazy("Every second week"),
    4: gettext_lazy("Every fourth week"),
}
PEOPLE, MINUTES = "people", "minutes"


class BlockForm(SaysWhatToDo, CleanText, forms.Form):
    """Whose time, on which days, from when until when, for what, for how many, and why."""

    program = forms.ChoiceField(label=gettext_lazy("Of which program"))
    practitioner = forms.ChoiceField(label=gettext_lazy("Whose time"))
    first_on = forms.CharField(
        label=gettext_lazy("First day"),
        error_messages={"required": gettext_lazy("Type the first day.")},
        help_text=gettext_lazy("Month/day/year"),
    )
    every_weeks = forms.TypedChoiceField(
        coerce=int,
        label=gettext_lazy("How often"),
        choices=list(RHYTHMS.items()),
    )
    last_on = forms.CharField(
        required=False, label=gettext_lazy("Last day"), help_text=gettext_lazy("Empty: until further notice")
    )
    starts = TimeOfDayField(
        label=gettext_lazy("From"),
        error_messages={"required": gettext_lazy("Type from when on it is kept.")},
        help_text=gettext_lazy("Such as 2 pm"),
    )
    ends = TimeOfDayField(
        label=gettext_lazy("Until"),
        error_messages={"required": gettext_lazy("Type until when it is kept.")},
        help_text=gettext_lazy("Such as 4:30 pm"),
    )
    capacity = forms.IntegerField(
        required=False,
        label=gettext_lazy("At most"),
        validators=[RegexValidator(r"^([1-9]\d?|[1-5]\d\d|600)$", SOME)],
        error_messages={"invalid": SOME},
        help_text=gettext_lazy("Empty: as many as there is time"),
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
    )
    unit = forms.ChoiceField(
        label=gettext_lazy("Counted in"),
        choices=[(PEOPLE, gettext_lazy("people")), (MINUTES, gettext_lazy("minutes of treatment"))],
    )
    reason = forms.CharField(
        max_length=200,
        label=gettext_lazy("Why"),
        error_messages={"required": gettext_lazy("Say why it is kept.")},
        help_text=gettext_lazy("For staff. Nothing about anybody’s health."),
    )
    therapies = forms.MultipleChoiceField(
        required=False,
        label=gettext_lazy("For what"),
        help_text=gettext_lazy("None chosen: all of the program"),
        widget=forms.CheckboxSelectMultiple,
    )

    places = forms.MultipleChoiceField(
        required=False,
        label=gettext_lazy("Places kept with it"),
        help_text=gettext_lazy("None chosen: whichever is free. Nobody else is given these meanwhile."),
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, data: QueryDict | None, site: Site, block: scheduler.BlockFacts | None = None) -> None:
        super().__init__(data, initial=_typed(block) if block else None)
        self.block = block
        here = {card.key: card for card in scheduler.therapies() if people_for(card, site)}
        programs = [one for one in scheduler.programs_at(site.pk) if one.families]
        people = {one.public_id: one.name for card in here.values() for one in people_for(card, site)}
        self._choose("program", [(one.key, localized(one.name)) for one in programs])
        self.people = sorted(((str(key), name) for key, name in people.items()), key=lambda one: one[1])
        self._choose("practitioner", self.people)
        if block:
            self.fields["practitioner"].disabled = True  # somebody else's time is another block
            self._choose("every_weeks", _rhythms(block.every_weeks))
        self.keepable = [(str(place), name) for place, name in scheduler.keepable_places(site)]
        self._choose("places", self.keepable)
        self._choose("therapies", [(key, localized(card.name)) for key, card in here.items() if card.self_bookable])

    def _choose(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  (tells the type checker)
        field.choices = choices

    def clean_first_on(self) -> date:
        """Return the first day. Raises ValidationError."""
        return _day(self.cleaned_data["first_on"], known=self.block.first_on if self.block else None)

    def clean_last_on(self) -> date | None:
        """Return the last day, None where there is none. Raises ValidationError."""
        return _day(self.cleaned_data["last_on"]) if self.cleaned_data["last_on"] else None

    def facts(self) -> scheduler.BlockFacts:
        """Return what was chosen. The form must be valid."""
        sent = self.cleaned_data
        same = ("program", "first_on", "last_on", "starts", "ends", "reason", "every_weeks", "capacity")
        return scheduler.BlockFacts(
            practitioner=UUID(sent["practitioner"]),
            therapies=tuple(sent["therapies"]),
            places=tuple(UUID(place) for place in sent["places"]),
            minutes=sent["unit"] == MINUTES,
            **{name: sent[name] for name in same},
        )


def _typed(block: scheduler.BlockFacts) -> dict[str, Any]:
    """Return how a block would be typed."""
    same = {name: getattr(block, name) for name in ("program", "every_weeks", "capacity", "reason", "therapies")}
    return same | {
        "practitioner": str(block.practitioner),
        "places": [str(place) for place in block.places],
        "first_on": f"{block.first_on:%m/%d/%Y}",
        "last_on": f"{block.last_on:%m/%d/%Y}" if block.last_on and block.every_weeks else "",
        "starts": wall_time_in_words(block.starts),
        "ends": wall_time_in_words(block.ends),
        "unit": MINUTES if block.minutes else PEOPLE,
    }


def _rhythms(weeks: int) -> list[tuple[str, str]]:
    """Return how often a block can take place; the rhythm that one has is among them."""
    own = [] if weeks in RHYTHMS else [(weeks, _("Every %(count)d weeks") % {"count": weeks})]
    return [(str(n), str(words)) for n, words in [*RHYTHMS.items(), *own]]


def people_for(card: scheduler.TherapyCard, site: Site) -> list[scheduler.PractitionerCard]:
    """Return who gives a therapy at a site, whichever appointment of it."""
    kinds = {visit for visit, _technique in card.minutes}
    offers = [one for kind in sorted(kinds) for one in scheduler.offered(card.key, kind)]
    return [one.practitioner for one in offers if one.site.id == site.pk]


def _day(typed: str, *, known: date | None = None) -> date:
    found = date_typed(typed)
    if found is None:
        raise forms.ValidationError(wrong_day(typed))
    if found != known and abs(found - clock.now().date()) > FAR:
        raise forms.ValidationError(_("This day is more than a year away. Is the year right?"))
    return found


@asked_or_sent
@staff_page(Action.KEEP_FAMILY_TIME)
def new(request: HttpRequest) -> HttpResponse:
    """Ask what is to be kept, show what it touches, and keep it once that was seen; `change` leads back to the form."""
    at = clock.now()
    desk = desk_of(request, Action.KEEP_FAMILY_TIME, at=at)
    form = BlockForm(request.POST if request.method == "POST" else None, desk.site)
    if not form.is_valid() or "change" in request.POST:
        return page(request, desk, form)
    sure, by = request.POST.get("sure") == "1", principal_of(request)
    try:
        found = scheduler.keep_time(form.facts(), site=desk.site, by=by, at=at, dry_run=not sure)
    except Refusal as refusal:
        return page(request, desk, form, note=by_field(form, refusal), status=422)
    if not sure:
        touched = [one.detail for one in found.warnings] or [str(NOTHING_INSIDE)]
        return page(request, desk, form, facts=facts(form), touched=touched)
    messages.success(request, _("It is kept for families from now on, and opens to others by itself."))
    return redirect(f"{reverse(FAMILIES)}{desk.where}#opens")


def page(request: HttpRequest, desk: Desk, form: BlockForm, *, status: int = 200, **shown: object) -> HttpResponse:
    """Show the form of a block, or what it would keep and what that touches."""
    wrong = problems(form) if form.is_bound else []
    context = {"desk": desk, "form": described(form), "problems": wrong, **shown}
    return render(request, "booking/desk/family_block.html", context, status=422 if wrong else status)


def facts(form: BlockForm) -> list[tuple[str, str]]:
    """Return what would be kept, as it is read before it is kept. The form must be valid."""
    sent, names, places = form.cleaned_data, dict(form.people), dict(form.keepable)
    kept = "; ".join(places[place] for place in sent["places"])
    return [
        (_("Whose time"), names[sent["practitioner"]]),
        (_("Days"), days_in_words(sent["first_on"], sent["every_weeks"], sent["last_on"])),
        (_("Time"), f"{wall_time_in_words(sent['starts'])} – {wall_time_in_words(sent['ends'])}"),
        *([(_("Places kept with it"), kept)] if kept else []),
        (_("Why"), sent["reason"]),
    ]


def days_in_words(first_on: date, every_weeks: int, last_on: date | None) -> str:
    """Return on which days a block takes place."""
    first, weekday = date_in_words(first_on), weekday_in_words(first_on)
    if every_weeks == ONCE:
        return first
    often = {1: _("Every %(weekday)s"), 2: _("Every second %(weekday)s"), 4: _("Every fourth %(weekday)s")}
    words = often.get(every_weeks, _("%(weekday)s, every %(count)d weeks"))
    words = words % {"weekday": weekday, "count": every_weeks}
    last = date_in_words(last_on) if last_on else _("until further notice")
    return f"{words}, {first} – {last}"
