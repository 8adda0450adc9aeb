"""What staff say of somebody who wants to be told when a time opens."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from booking.access_needs import AskedFor
from booking.actions.waiting.list_entries import Preferences
from booking.web.labels import therapy_in_words, visit_in_words
from booking.web.waiting.waiting_forms import WaitingForm
from core.models import Site
from scheduler import public as scheduler

APART = "|"


class DeskWaitingForm(WaitingForm):
    """What a patient is asked, for what, when they are at the hospital anyway, and whether it is to be soon."""

    what = forms.ChoiceField(label=_("For what"), error_messages={"required": _("Choose what it is for")})
    here_on = forms.MultipleChoiceField(
        label=_("At the hospital anyway on"), required=False, widget=forms.CheckboxSelectMultiple
    )
    soon = forms.BooleanField(label=_("A clinician says that they should come soon"), required=False)

    def __init__(self, data: Mapping[str, Any] | None, *, site: Site, at: datetime) -> None:
        found = [
            one
            for card in scheduler.therapies(at=at)
            for visit in sorted({visit for visit, _technique in card.minutes})
            for one in scheduler.offered(card.key, visit)
            if one.site.id == site.pk
        ]
        super().__init__(data, offered=found, on=at.astimezone(site.tz).date())
        self._offer("what", [("", str(_("Choose"))), *sorted(_given_at(site, at=at), key=lambda one: one[1])])
        self._offer("here_on", self.days)
        self.fields["weekdays"].label = _("Days that suit them")
        self.fields["notice"].label = _("How long before must they know?")
        self.order_fields(["what", "weekdays", "part", "practitioner"])

    def clean(self) -> dict[str, Any]:
        """Refuse somebody who does not give it here: they would wait for anyone instead. Raises ValidationError."""
        cleaned = super().clean()
        who, what = cleaned.get("practitioner"), cleaned.get("what")
        if who and what:
            therapy, _technique, visit = what.split(APART)
            given_by = {str(one.practitioner.public_id) for one in scheduler.offered(therapy, visit)}
            if who not in given_by:
                self.add_error("practitioner", _("They do not give this. Choose anyone, or somebody who does."))
        return cleaned

    def asked(self, asked_for: AskedFor) -> Preferences:
        """Return what they wait for, with what helps them to come. The form must be valid."""
        therapy, technique, visit = self.cleaned_data["what"].split(APART)
        return Preferences(
            therapy=therapy,
            technique=technique,
            visit=visit,
            here_on=tuple(sorted(int(day) for day in self.cleaned_data["here_on"])),
            priority=int(self.cleaned_data["soon"]),
            asked_for=asked_for,
            **self.preferred(),
        )


def _given_at(site: Site, *, at: datetime) -> Iterator[tuple[str, str]]:
    """Yield what is given at a site: as it is sent, and in words."""
    for card in scheduler.therapies(at=at):
        for visit, technique in card.minutes:
            if any(one.site.id == site.pk for one in scheduler.offered(card.key, visit)):
                words = f"{therapy_in_words(card.name, technique)}, {visit_in_words(visit)}"
                yield APART.join((card.key, technique, visit)), words
